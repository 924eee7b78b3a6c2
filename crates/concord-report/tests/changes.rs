//! What people and programs see of changes.

#![allow(missing_docs)]
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::{Arc, Mutex};

use concord_finding::{Notice, NoticeKind};
use concord_gate::catalogue::find;
use concord_gate::change::{Breaks, Certainty, Change, ChangePlace, Side, Whom, Witness};
use concord_gate::subject::NotCompared;
use concord_report::changes::{
    ChangesReport, Impact, JudgedChange, JudgedComparison, ProviderImpact, SideName, Standing,
    findings, human, json, markdown,
};
use concord_report::{Format, Options, reporter};
use concord_standards::schema::Origin;

fn change(rule: &str, place: ChangePlace, (old, new): (Option<&str>, Option<&str>)) -> Change {
    Change {
        rule: Arc::clone(find(rule).unwrap()),
        place,
        also: 0,
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        facts: Vec::new(),
        breaks: Vec::new(),
        confidence: None,
        old_origin: None,
        new_origin: None,
        effective: None,
        lead: None,
        witness: None,
    }
}

fn breaking(whom: Whom, certainty: Certainty, why: &str) -> Vec<Breaks> {
    vec![Breaks {
        whom,
        certainty,
        why: why.to_owned(),
    }]
}

fn judged(change: Change, standing: Standing) -> JudgedChange {
    JudgedChange {
        change,
        standing,
        when: None,
        notice: None,
    }
}

fn origin(file: &str, line: u32) -> Origin {
    Origin {
        file: file.into(),
        line,
    }
}

fn report() -> ChangesReport {
    let mut mandatory = change(
        "ELEMENT-MADE-MANDATORY",
        ChangePlace::Element("Interchange/Message/Patient/NHSNumber".into()),
        (Some("optional"), Some("mandatory")),
    );
    mandatory.facts = vec![("beside", String::new())];
    mandatory.also = 3;
    mandatory.breaks = breaking(
        Whom::Submitter,
        Certainty::Proved,
        "a record without it is rejected",
    );
    mandatory.old_origin = Some(origin("cds/1/structure.toml", 40));
    mandatory.new_origin = Some(origin("cds/2/structure.toml", 42));
    mandatory.witness = Some(Witness {
        taken_by: Side::Old,
        submission: (1..=12).fold(String::new(), |all, line| {
            all + &format!("<line number=\"{line}\"/>\n")
        }),
        line: Some(6),
        refused_with: vec![(
            "STRUCTURE-MISSING".into(),
            "`NHSNumber` is missing".to_owned(),
        )],
    });

    let mut withdrawn = change(
        "CODE-WITHDRAWN",
        ChangePlace::Code("ethnic_category".into(), Some("Z|1".into())),
        (Some("Not stated <script>"), None),
    );
    withdrawn.facts = vec![("how", " from 2027-04-01".to_owned())];
    withdrawn.breaks = breaking(Whom::Submitter, Certainty::Decided, "the code is refused");
    withdrawn.breaks.extend(breaking(
        Whom::Meaning,
        Certainty::Unknown,
        "what takes its place is not said",
    ));
    withdrawn.old_origin = Some(origin("codes/ethnic_category.csv", 9));
    withdrawn.effective = Some("2027-04-01".to_owned());

    let mut wider = change(
        "FORMAT-WIDENED",
        ChangePlace::Column("acm".into(), "POINT_OF_DELIVERY".into()),
        (Some("max an5"), Some("max an10")),
    );
    wider.facts = vec![("what", "up to 10 characters, 5 before".to_owned())];
    wider.breaks = breaking(Whom::Receiver, Certainty::Decided, "longer values arrive");
    wider.new_origin = Some(origin("acm/2/fields.csv", 7));

    let safe = change(
        "CODE-RESPELT",
        ChangePlace::Code("sex".into(), Some("1".into())),
        (Some("male"), Some("Male")),
    );

    let exception = Standing::Excepted {
        owner: "data standards".to_owned(),
        reason: "agreed with all suppliers".to_owned(),
        expires: "2027-03-31".to_owned(),
    };
    let mut late = judged(withdrawn, exception);
    late.when = Some("from 2027-04-01".to_owned());
    ChangesReport {
        comparisons: vec![JudgedComparison {
            old: SideName {
                name: "cds@1".to_owned(),
                root: "schemas/".to_owned(),
            },
            new: SideName {
                name: "schemas/cds/2".to_owned(),
                root: "schemas/".to_owned(),
            },
            changes: vec![
                judged(mandatory, Standing::Fails),
                late,
                judged(wider, Standing::Told),
                judged(safe, Standing::Safe),
            ],
            off: 2,
            not_asked_for: 0,
            not_compared: vec![NotCompared {
                what: "a pattern that XML Schema cannot say".to_owned(),
                origin: Origin {
                    file: "a.json".into(),
                    line: 4,
                },
            }],
            without_proof: None,
            impact: Some(Impact {
                files: 2,
                records: 1_200,
                providers: vec![ProviderImpact {
                    provider: "RXX".to_owned(),
                    newly_rejected: 14,
                    newly_accepted: 1,
                    rules: vec![("STRUCTURE-MISSING".to_owned(), 14)],
                }],
                not_read: vec![("cut.xml".to_owned(), "it is cut off".to_owned())],
            }),
        }],
        fail: [Whom::Submitter, Whom::Storage].into(),
        notices: vec![Notice {
            kind: NoticeKind::WaiverExpired,
            message: "the exception of CODE-ADDED expired on 2026-03-31: somebody must renew it or take it out".to_owned(),
            file: Some("concord.toml".to_owned()),
            line: Some(12),
        }],
    }
}

#[test]
fn people_see_whom_it_breaks() {
    insta::assert_snapshot!("changes-human", human(&report(), &Options::default()));
    let narrow = Options {
        width: 60,
        colour: true,
        ..Options::default()
    };
    let text = human(&report(), &narrow);
    assert!(text.contains("\u{1b}[31;1m"));
    let plain = Options {
        width: 60,
        ..Options::default()
    };
    for line in human(&report(), &plain).lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
}

#[test]
fn a_changelog_can_be_published() {
    let page = markdown(&report());
    assert!(!page.contains("<script>"));
    insta::assert_snapshot!("changes-markdown", page);
}

#[test]
fn programs_get_everything_as_the_schema_says() {
    let text = json(&report());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schema = include_str!("../../../schemas/meta/comparison.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    insta::assert_snapshot!("changes-json", text);
    let empty = json(&ChangesReport::default());
    assert!(validator.is_valid(&serde_json::from_str(&empty).unwrap()));
    // It is a schema that says something.
    let mut wrong = value;
    wrong["comparisons"][0]["changes"][0]["standing"] = "perhaps".into();
    assert!(!validator.is_valid(&wrong));
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_other_format_shows_changes_as_findings() {
    let (found, summary) = findings(&report());
    assert_eq!(found.len(), 4);
    assert_eq!(summary.findings(), 4);
    assert!(found[1].waived.is_some());
    // A finding says the same as its change.
    let comparison = &report().comparisons[0];
    for (finding, change) in found.iter().zip(&comparison.changes) {
        let masking = concord_finding::Masking::Masked;
        assert_eq!(finding.message(masking), change.change.message());
    }
    assert_eq!(&*found[0].file, "schemas/cds/2/structure.toml");
    assert_eq!(found[0].place.unwrap().line, 42);
    for format in Format::ALL {
        let page = Page::default();
        let mut reporter = reporter(format, Options::default(), Box::new(page.clone()));
        for finding in &found {
            reporter.finding(finding).unwrap();
        }
        reporter.finish(&summary).unwrap();
        drop(reporter);
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let names = ["ELEMENT-MADE-MANDATORY", "CODE-WITHDRAWN"];
        assert!(
            names.iter().all(|name| text.contains(name)),
            "{format}: {text}"
        );
    }
    let page = Page::default();
    let mut concise = reporter(Format::Concise, Options::default(), Box::new(page.clone()));
    for finding in &found {
        concise.finding(finding).unwrap();
    }
    concise.finish(&summary).unwrap();
    drop(concise);
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    insta::assert_snapshot!("changes-concise", text);
}
