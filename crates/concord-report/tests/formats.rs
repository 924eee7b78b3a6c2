//! What people and programs see, format by format.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::unnecessary_wraps)] // `Option` is what the fields of a finding hold
#![allow(clippy::print_stderr)] // measurements

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use concord_finding::{
    Effect, Excerpt, Fact, FileSummary, Finding, Masking, NotRun, Place, Provenance, RecordCounts,
    Rule, RuleClass, RuleStatus, Summary, Verdict,
};
use concord_report::{Format, Options, RecordVerdict, reporter};

/// Values that must be seen nowhere unless they are asked for.
const PERSONAL: [&str; 3] = ["9990000019", "Bláthnaid", "LS1 4AB"];

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn rule(id: &str, effect: Effect, title: &str, message: &str, help: Option<&str>) -> Arc<Rule> {
    Arc::new(Rule {
        id: id.into(),
        title: title.into(),
        effect,
        message: message.into(),
        label: None,
        help: help.map(Into::into),
        source: "DCB0092 CDS version 6.3, interchange trailer".into(),
        provenance: Provenance::Published,
        class: RuleClass::Business,
        status: RuleStatus::Stable,
        since: "0.1.0".into(),
    })
}

fn place(offset: u64, line: u64, column: u64) -> Option<Place> {
    Some(Place {
        offset,
        line,
        column,
    })
}

fn excerpt(first_line: u64, text: &str, marked: &str) -> Option<Excerpt> {
    Some(Excerpt {
        first_line,
        text: text.into(),
        start: text.find(marked).unwrap(),
        length: marked.len(),
    })
}

fn count_finding() -> Finding {
    let rule = rule(
        "CDS-E2",
        Effect::RejectFile,
        "control count is the number of messages",
        "the trailer counts {value} messages; the file holds {expected}",
        Some("count the messages again when the interchange is complete"),
    );
    Finding {
        standard: Some("cds@6-3-1".into()),
        place: place(41_882_011, 88_213, 36),
        path: Some("/CDS-XMLInterchange/CDSInterchangeTrailer/CDSInterchangeControlCount".into()),
        element: Some("CDS INTERCHANGE CONTROL COUNT".into()),
        value: Some(Fact::Number(1200)),
        expected: Some(Fact::Number(1199)),
        excerpt: excerpt(
            88_212,
            "    <CDSInterchangeTrailer>\n        <CDSInterchangeControlCount>1200</CDSInterchangeControlCount>\n    </CDSInterchangeTrailer>",
            "1200",
        ),
        ..Finding::new(rule, "may.xml".into())
    }
}

fn number_finding(record: u64) -> Finding {
    let rule = rule(
        "NHS-NUMBER-CHECK",
        Effect::RejectRecord,
        "NHS number has the right check digit",
        "{value} is no NHS number: its check digit should be {expected}",
        None,
    );
    Finding {
        standard: Some("cds@6-3-1".into()),
        place: place(1_000 * record, 40 * record, 12),
        path: Some("/CDS-XMLInterchange/Message[NHSNumber='9990000019']/NHSNumber".into()),
        record: Some(record),
        record_key: Some(Fact::Plain(format!("BRXX1{record:06}"))),
        element: Some("NHS NUMBER".into()),
        value: Some(Fact::Personal("9990000019".into())),
        expected: Some(Fact::Number(7)),
        facts: vec![
            ("name".into(), Fact::Personal("Bláthnaid".into())),
            ("postcode".into(), Fact::Personal("LS1 4AB".into())),
            ("seen_in".into(), Fact::Plain("LS1 4AB, again".into())),
        ],
        excerpt: excerpt(
            40 * record - 1,
            "<Name>•••••••••</Name>\n<NHSNumber>9990000019</NHSNumber><Postcode>•••••••</Postcode>\n<Also>9990000019</Also>",
            "9990000019",
        ),
        ..Finding::new(rule, "may.xml".into())
    }
}

/// A value that tries to steer the terminal, in a line that is far too long.
fn hostile_finding() -> Finding {
    let rule = rule(
        "VALUE-CODE",
        Effect::Warn,
        "value is on its code list, of which there are many and whose title is long enough to be wrapped",
        "`{value}` is not on the code list SEX",
        Some("permitted are {expected}"),
    );
    let value = "\u{1b}[2J\u{9b}31mM\u{202e}";
    let line = format!(
        "<Long>{}</Long><Sex>{value}</Sex>{}",
        "x".repeat(300),
        "<y/>".repeat(80)
    );
    Finding {
        place: place(77, 3, 320),
        element: Some("PERSON STATED GENDER CODE".into()),
        value: Some(Fact::Plain(value.into())),
        expected: Some(Fact::List(vec![
            "1".into(),
            "2".into(),
            "9".into(),
            "X".into(),
        ])),
        excerpt: excerpt(3, &line, value),
        ..Finding::new(rule, "odd\u{1b}name.xml".into())
    }
}

fn note_finding() -> Finding {
    let rule = rule(
        "XML-NOTE",
        Effect::Note,
        "worth knowing",
        "nothing to see",
        None,
    );
    Finding::new(rule, "-".into())
}

fn findings() -> Vec<Finding> {
    let mut findings = vec![hostile_finding()];
    findings.extend((1..=5).map(number_finding));
    findings.extend([count_finding(), note_finding()]);
    findings
}

fn summary(findings: &[Finding]) -> Summary {
    let mut by_effect: BTreeMap<&'static str, u64> = Effect::ALL
        .iter()
        .map(|effect| (effect.as_str(), 0))
        .collect();
    let mut summary = Summary {
        not_run: vec![
            NotRun {
                rule: "CDS-E1".into(),
                reason: "it compares interchanges of one sender, and one was given".into(),
            },
            NotRun {
                rule: "CDS-E5".into(),
                reason: "no reference data were given".into(),
            },
        ],
        seconds: 0.5,
        ..Summary::default()
    };
    for finding in findings {
        *by_effect.get_mut(finding.effect.as_str()).unwrap() += 1;
        summary.count(finding);
    }
    summary.files = vec![
        FileSummary {
            file: "may.xml".into(),
            standard: Some("cds@6-3-1".into()),
            verdict: Verdict::Rejected,
            size: Some(41_882_300),
            bytes: 41_882_300,
            records: RecordCounts {
                records: 1_199,
                accepted: 1_194,
                rejected: 5,
            },
            findings: by_effect,
            unreadable: None,
        },
        FileSummary {
            file: "june.xml.gz".into(),
            standard: None,
            verdict: Verdict::Unreadable,
            size: Some(1_000),
            bytes: 8_000,
            records: RecordCounts {
                records: 1,
                accepted: 1,
                rejected: 0,
            },
            findings: BTreeMap::new(),
            unreadable: Some("the gzip stream is cut off after 8000 decompressed bytes".into()),
        },
    ];
    summary
}

fn report(format: Format, options: Options, findings: &[Finding]) -> String {
    let page = Page::default();
    let mut reporter = reporter(format, options, Box::new(page.clone()));
    for finding in findings {
        reporter.finding(finding).unwrap();
    }
    if format == Format::Ndjson {
        reporter
            .record(&RecordVerdict {
                file: &"may.xml".into(),
                record: 5,
                record_key: Some(&Fact::Personal("9990000019".into())),
                effect: Effect::RejectRecord,
                findings: 1,
            })
            .unwrap();
    }
    reporter.finish(&summary(findings)).unwrap();
    String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn snapshots() {
    for format in Format::ALL {
        insta::assert_snapshot!(
            format.as_str(),
            report(format, Options::default(), &findings())
        );
    }
}

#[test]
fn human_at_eighty_columns_with_values() {
    let options = Options {
        masking: Masking::Revealed,
        width: 80,
        ..Options::default()
    };
    let text = report(Format::Human, options, &findings());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!("human-80-revealed", text);
}

#[test]
fn human_in_colour() {
    let options = Options {
        colour: true,
        ..Options::default()
    };
    let text = report(Format::Human, options, &[count_finding()]);
    assert!(text.contains("\u{1b}[31"), "colours are used");
    insta::assert_snapshot!("human-colour", text.replace('\u{1b}', "␛"));
}

#[test]
fn nothing_found() {
    for format in Format::ALL {
        let page = Page::default();
        let mut reporter = reporter(format, Options::default(), Box::new(page.clone()));
        let mut all = summary(&[]);
        all.not_run.clear();
        all.files.truncate(1);
        all.files[0].verdict = Verdict::Accepted;
        reporter.finish(&all).unwrap();
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        insta::assert_snapshot!(format!("{format}-nothing"), text);
    }
}

#[test]
fn no_personal_value_appears_unless_asked_for() {
    for format in Format::ALL {
        let masked = report(format, Options::default(), &findings());
        for value in PERSONAL {
            assert!(!masked.contains(value), "{format} shows {value}:\n{masked}");
        }
        let revealed = Options {
            masking: Masking::Revealed,
            ..Options::default()
        };
        assert!(
            report(format, revealed, &findings()).contains(PERSONAL[0]),
            "{format}"
        );
    }
}

#[test]
fn nothing_steers_the_terminal() {
    for format in Format::ALL {
        let text = report(format, Options::default(), &findings());
        let steering = |found: &char| {
            found.is_control() && *found != '\n' || ('\u{202a}'..='\u{202e}').contains(found)
        };
        assert_eq!(text.chars().find(steering), None, "{format}:\n{text}");
    }
}

#[test]
fn json_means_what_was_found() {
    let text = report(Format::Json, Options::default(), &findings());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), findings().len());
    let hostile = &json["findings"][0];
    assert_eq!(
        hostile["value"], "\u{1b}[2J\u{9b}31mM\u{202e}",
        "escaped, not changed"
    );
    let count = &json["findings"][6];
    assert_eq!(count["value"], "1200");
    assert_eq!(count["line"], 88_213);
    assert_eq!(count["fingerprint"], count_finding().fingerprint());
    let lines = report(Format::Ndjson, Options::default(), &findings());
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), findings().len() + 2);
    assert_eq!(&lines[6], count);
    assert_eq!(lines[8]["record_verdict"]["record_key"], "999•••••19");
    assert_eq!(lines[9]["summary"]["not_shown"], 0);
}

#[test]
fn json_is_as_its_schema_says() {
    let schema = include_str!("../../../schemas/meta/finding.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    let lines = report(Format::Ndjson, Options::default(), &findings());
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let errors: Vec<String> = valid
            .iter_errors(&line)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
    }
    let mut wrong: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    wrong["effect"] = "ignore".into();
    assert!(!valid.is_valid(&wrong), "the schema says something");
}

#[test]
fn a_cap_changes_what_is_shown_and_not_what_is_counted() {
    for (max_findings, shown) in [(0, 0), (3, 3), (100, 8)] {
        let options = Options {
            max_findings: Some(max_findings),
            ..Options::default()
        };
        let text = report(Format::Json, options, &findings());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["findings"].as_array().unwrap().len(), shown);
        assert_eq!(json["summary"]["not_shown"], 8 - shown);
        let counted: u64 = json["summary"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["findings"].as_u64().unwrap())
            .sum();
        assert_eq!(counted, 8);
        let concise = report(Format::Concise, options, &findings());
        assert_eq!(
            concise.contains("not shown: 5 more findings"),
            max_findings == 3,
            "{concise}"
        );
        let human = report(Format::Human, options, &findings());
        assert_eq!(
            human.contains("3 of 8 findings shown in full"),
            max_findings == 3,
            "{human}"
        );
    }
}

#[test]
fn a_broken_pipe_is_quiet_and_other_failures_are_not() {
    struct Broken(io::ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }
    for format in Format::ALL {
        for (kind, quiet) in [
            (io::ErrorKind::BrokenPipe, true),
            (io::ErrorKind::StorageFull, false),
        ] {
            let mut reporter = reporter(format, Options::default(), Box::new(Broken(kind)));
            let result = (0..2_000)
                .try_for_each(|record| reporter.finding(&number_finding(record + 1)))
                .and_then(|()| reporter.finish(&Summary::default()));
            assert_eq!(result.is_ok(), quiet, "{format} {kind}");
        }
    }
}

#[test]
fn excerpts_that_do_not_hold_together_are_left_out() {
    for (text, start, length) in [
        ("abc", 2, 5),
        ("é", 1, 1),
        ("", 3, 0),
        ("", 0, 0),
        ("a", usize::MAX, 2),
    ] {
        let mut finding = count_finding();
        finding.excerpt = Some(Excerpt {
            first_line: 0,
            text: text.into(),
            start,
            length,
        });
        let text = report(Format::Human, Options::default(), &[finding]);
        assert!(text.contains("at: may.xml:88213:36"), "{text}");
    }
    for (text, start, length) in [
        ("", 0, 0),
        ("a\nb", 1, 2),
        ("a\n", 2, 0),
        ("\r\n\t<a>", 3, 3),
    ] {
        let mut finding = count_finding();
        finding.excerpt = Some(Excerpt {
            first_line: 7,
            text: text.into(),
            start,
            length,
        });
        let text = report(Format::Human, Options::default(), &[finding]);
        assert!(text.contains("may.xml:88213:36"), "{text}");
        assert!(!text.contains("Failed to read"), "{text}");
    }
}

/// Run with `cargo test -p concord-report --release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let findings: Vec<Finding> = (1..=200_000).map(number_finding).collect();
    for format in Format::ALL {
        let start = std::time::Instant::now();
        let text = report(format, Options::default(), &findings);
        eprintln!(
            "{format}: {:.3} s for {} MB",
            start.elapsed().as_secs_f64(),
            text.len() / 1_000_000
        );
    }
}
