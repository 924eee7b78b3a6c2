//! EDIFACT: what is found in interchanges and their messages, and in the published samples.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use concord_check::message::{MessagePlan, interchange_head};
use concord_sample::interchanges;

use crate::support::{check, plan, reference, told};

static GP_LINKS: LazyLock<MessagePlan> = LazyLock::new(|| plan("gp-links@1.4", &[]));
static REPORTS: LazyLock<MessagePlan> = LazyLock::new(|| plan("medrpt@1", &[]));
static RADIOLOGY: LazyLock<MessagePlan> = LazyLock::new(|| plan("nhsrsr@1", &[]));

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/edifact");
    fs::read(folder.join(name)).unwrap()
}

/// The plan of the standard that an input is recognised as.
fn plan_of(bytes: &[u8]) -> &'static MessagePlan {
    let kind = interchange_head(bytes).unwrap();
    let message = |kind: &str| kind.split(':').next().unwrap_or_default().to_owned();
    [&GP_LINKS, &REPORTS, &RADIOLOGY]
        .into_iter()
        .find(|plan| {
            let mut known = plan.messages.versions.iter();
            known.any(|known| message(known) == message(&kind))
        })
        .unwrap_or_else(|| panic!("{kind}"))
}

fn found(bytes: &[u8]) -> Vec<String> {
    let (checked, findings) = check(plan_of(bytes), bytes, 1);
    let counts = checked.summary.records;
    assert_eq!(counts.records, counts.accepted + counts.rejected);
    told(&findings)
}

/// The findings after one part of a fixture was replaced.
#[track_caller]
fn one(name: &str, from: &str, to: &str, expected: &[&str]) {
    let text = String::from_utf8(fixture(name)).unwrap();
    assert!(text.contains(from), "{from}");
    let found = found(text.replacen(from, to, 1).as_bytes());
    assert_eq!(found, expected, "{from} → {to}");
}

#[test]
fn interchanges_that_break_nothing() {
    for name in ["registration.edi", "acceptance.edi", "report.edi"] {
        assert_eq!(found(&fixture(name)), [""; 0], "{name}");
    }
    // On one line, and with separators of its own, it is the same.
    let text = String::from_utf8(fixture("report.edi")).unwrap();
    assert_eq!(found(text.replace('\n', "").as_bytes()), [""; 0]);
    let other = text
        .replace("?'", "\u{1}")
        .replace("?:", "\u{2}")
        .replace('\'', "~")
        .replace('+', "*")
        .replace(':', "#")
        .replace('\u{1}', "'")
        .replace('\u{2}', ":")
        .replace("UNA#*.? ~", "UNA#*.! ~");
    assert_eq!(found(other.as_bytes()), [""; 0]);
}

#[test]
fn what_is_wrong_has_its_place() {
    let name = "report.edi";
    one(
        name,
        "UNT+71+1",
        "UNT+70+1",
        &[
            "MESSAGE-SEGMENTS reject-record 73:5 UNT-1 UNT counts 70 segment(s); there are 71, UNH and UNT among them",
        ],
    );
    one(
        name,
        "UNT+71+1",
        "UNT+71+2",
        &["MESSAGE-REFERENCE reject-record 73:8 UNT-2 UNT ends message 2; UNH began 1"],
    );
    one(
        name,
        "UNZ+1+1015",
        "UNZ+2+1015",
        &["INTERCHANGE-COUNT reject-file 74:1 UNZ-1 UNZ counts 2; there are 1"],
    );
    one(
        name,
        "UNZ+1+1015",
        "UNZ+1+1016",
        &["INTERCHANGE-REFERENCE reject-file 74:1 UNZ-2 UNZ ends 1016; UNB began 1015"],
    );
    one(
        name,
        "UNZ+1+1015'\n",
        "",
        &["INTERCHANGE-OPEN reject-file UNZ the input ends inside an interchange: UNZ is missing"],
    );
    one(
        name,
        "NHS003'",
        "NHS009'",
        &[
            "MESSAGE-TYPE reject-record 3:7 UNH-2 MEDRPT:0:1:RT:NHS009 is not a message of this standard",
        ],
    );
    one(
        name,
        "RFF+SRI:TEST/1'\nSTS",
        "LIN+1'\nSTS",
        &[
            "SEGMENT-UNKNOWN reject-record 20:1 LIN `LIN` has no place in `MEDRPT`",
            "SEGMENT-MISSING reject-record 21:1 RFF+SRI `RFF+SRI` is missing from `MEDRPT.REPORT`",
        ],
    );
    one(
        name,
        "INV+MQ+44I5.:911::Serum sodium",
        "INV+MQ+44I5.:911",
        &[
            "COMPONENT-MISSING reject-record 49:17 INV+MQ[2]-2.4 Investigation is empty; it must be filled",
        ],
    );
    one(
        name,
        "SPR+DPT'",
        "SPR+LAB'",
        &["VALUE-CODE reject-record 14:5 SPR[3]-1 LAB is not a code of Kind of party"],
    );
    one(
        "registration.edi",
        "RFF+950:F4",
        "RFF+950:F7",
        &["MESSAGE-TYPE reject-record 6:9 RFF+950-1.2 F7 is not a message of this standard"],
    );
    one(
        "registration.edi",
        "UNT+11+00000101'\n",
        "",
        &["SEGMENT-MISSING reject-record 11:23 UNT `UNT` is missing from `APPROVAL`"],
    );
}

#[test]
fn many_faults_are_told_one_by_one() {
    let told = found(&fixture("refused.edi"));
    let rules: Vec<&str> = told
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let expected = [
        "VALUE-FORMAT",
        "VALUE-CODE",
        "SEGMENT-MISSING",
        "VALUE-CODE",
        "COMPONENT-MISSING",
        "VALUE-FORMAT",
        "MESSAGE-SEGMENTS",
        "MESSAGE-REFERENCE",
        "INTERCHANGE-COUNT",
        "INTERCHANGE-REFERENCE",
    ];
    assert_eq!(rules, expected, "{told:#?}");
    // Nobody can be recognised.
    assert!(
        told.iter()
            .all(|line| !line.contains("9990000018") && !line.contains("TESTCASE"))
    );
}

fn shipped() -> [(&'static str, &'static MessagePlan); 3] {
    [
        ("gp-links@1.4", &*GP_LINKS),
        ("medrpt@1", &*REPORTS),
        ("nhsrsr@1", &*RADIOLOGY),
    ]
}

/// What is labelled or found: the message (0: none), the rule, the line (0: the whole).
type Told = (u64, String, u64);

fn labelled(
    plan: &MessagePlan,
    bytes: &[u8],
    labels: &[u8],
    threads: usize,
) -> (Vec<Told>, Vec<Told>) {
    let (checked, findings) = check(plan, bytes, threads);
    let counts = checked.summary.records;
    assert_eq!(counts.records, counts.accepted + counts.rejected);
    let mut told: Vec<Told> = findings
        .iter()
        .map(|one| {
            let line = one.place.map_or(0, |place| place.line);
            (one.record.unwrap_or(0), one.rule.id.to_string(), line)
        })
        .collect();
    told.sort();
    let labels = std::str::from_utf8(labels).unwrap();
    let mut labelled: Vec<Told> = labels
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |cell: usize| cells[cell].parse::<u64>().unwrap();
            (number(1), cells[0].to_owned(), number(2))
        })
        .collect();
    labelled.sort();
    (told, labelled)
}

#[track_caller]
fn agrees(told: &[Told], labelled: &[Told], what: &str) {
    let missed: Vec<&Told> = labelled.iter().filter(|one| !told.contains(one)).collect();
    let beyond: Vec<&Told> = told.iter().filter(|one| !labelled.contains(one)).collect();
    assert!(
        told == labelled,
        "{what}: missed {missed:?}, beyond {beyond:?}"
    );
}

/// Every rule is broken, each fault is found as it is labelled, and nothing else is.
#[test]
fn samples_are_right_and_their_faults_are_found() {
    for (name, plan) in shipped() {
        let standard = crate::support::definition(name, &[]);
        assert!(interchanges::is_known(&standard));
        let request = |faults: Option<f64>, seed| interchanges::Request {
            definition: &standard,
            messages: 400,
            seed,
            faults,
            fault_rules: Vec::new(),
        };
        let mut clean = Vec::new();
        interchanges::write(&request(None, 7), &mut clean, None).unwrap();
        assert_eq!(found(&clean), [""; 0], "{name}");
        for seed in 1..=7 {
            let (mut bytes, mut labels) = (Vec::new(), Vec::new());
            let asked = request(Some(0.5), seed);
            let written = interchanges::write(&asked, &mut bytes, Some(&mut labels)).unwrap();
            assert!(written.faults > 150, "{}", written.faults);
            let (told, labelled) = labelled(plan, &bytes, &labels, 2);
            agrees(&told, &labelled, name);
            let made: BTreeSet<&str> = labelled.iter().map(|(_, rule, _)| rule.as_str()).collect();
            let mut all: BTreeSet<&str> = interchanges::rules().into_iter().collect();
            all.retain(|rule| !interchanges::ALONE.contains(rule));
            assert_eq!(made, all, "{name}");
        }
    }
}

/// Each rule by itself, and what keeps all else from being checked.
#[test]
fn each_rule_is_broken_alone() {
    for (name, plan) in shipped() {
        let standard = crate::support::definition(name, &[]);
        for rule in interchanges::rules() {
            let request = interchanges::Request {
                definition: &standard,
                messages: 90,
                seed: 3,
                faults: Some(0.6),
                fault_rules: vec![rule.to_owned()],
            };
            let (mut bytes, mut labels) = (Vec::new(), Vec::new());
            interchanges::write(&request, &mut bytes, Some(&mut labels)).unwrap();
            let (told, labelled) = labelled(plan, &bytes, &labels, 1);
            agrees(&told, &labelled, &format!("{name} {rule}"));
            assert!(
                labelled.iter().any(|(_, made, _)| made == rule),
                "{name} {rule}"
            );
            let followed = rule == interchanges::TRUNCATED;
            let alone = labelled.iter().all(|(_, made, _)| made == rule);
            assert_eq!(alone, !followed, "{name} {rule}: {labelled:?}");
        }
    }
}

#[test]
fn a_reference_counts_within_its_interchange() {
    let text = String::from_utf8(fixture("report.edi")).unwrap();
    let twice = format!("{text}{}", text.replacen("UNA:+.? '\n", "", 1));
    assert_eq!(found(twice.as_bytes()), [""; 0]);
    let start = text.find("UNH+").unwrap();
    let end = text.find("UNZ+").unwrap();
    let doubled = format!("{}{}{}", &text[..end], &text[start..end], &text[end..]);
    let doubled = doubled.replacen("UNZ+1+", "UNZ+2+", 1);
    let told = found(doubled.as_bytes());
    assert_eq!(
        told,
        [
            "INTERCHANGE-DUPLICATE warn 74:5 UNH-1 message 1 has the reference of an earlier message of its interchange"
        ]
    );
}

#[test]
fn threads_and_cuts_change_nothing() {
    let mut bytes = Vec::new();
    for _ in 0..200 {
        bytes.extend(fixture("refused.edi"));
        bytes.extend(fixture("report.edi"));
    }
    let (_, one) = check(&REPORTS, &bytes, 1);
    let (checked, four) = check(&REPORTS, &bytes, 4);
    assert_eq!(told(&one), told(&four));
    assert_eq!(checked.summary.records.records, 400);
}

/// What is found in samples that were published as good, and why the sample is so.
const KNOWN: [(&str, &[&str]); 8] = [
    // Its trailer counts one segment less than there are.
    ("amendment_amend-all", &["MESSAGE-SEGMENTS"]),
    // Its trailers are those of other messages, and nothing ends the last one.
    (
        "close-quarter-notification-other",
        &[
            "MESSAGE-SEGMENTS",
            "MESSAGE-REFERENCE",
            "INTERCHANGE-REFERENCE",
            "INTERCHANGE-CUT",
        ],
    ),
    ("close-quarter-notification.", &["INTERCHANGE-CUT"]),
    // Messages without an interchange.
    ("BasicPath", &["INTERCHANGE-CUT", "INTERCHANGE-NONE"]),
    ("BasicRad", &["INTERCHANGE-CUT", "INTERCHANGE-NONE"]),
    ("codedTestResult", &["INTERCHANGE-CUT", "INTERCHANGE-NONE"]),
    ("mutliSpecimen", &["INTERCHANGE-CUT", "INTERCHANGE-NONE"]),
    // The count was not put right when the fault was made.
    ("invalid_coded_value", &["MESSAGE-SEGMENTS"]),
];
/// What the samples of failures fail by.
const FAILURES: [(&str, &str); 7] = [
    ("interchange_parsing_failure", "INTERCHANGE-REFERENCE"),
    ("message_parsing_failure", "MESSAGE-REFERENCE"),
    ("invalid_coded_value", "FIELD-MISSING"),
    ("invalid_coding", "VALUE-CODE"),
    ("invalid_investigation_report", "FIELD-MISSING"),
    ("missing_investigation_text", "COMPONENT-MISSING"),
    ("missing_result_text", "COMPONENT-MISSING"),
];

#[test]
fn published_samples() {
    let Some(reference) = reference() else {
        return;
    };
    let mut seen = 0;
    for folder in ["nhais", "lab"] {
        let folder = reference.join("practice/samples").join(folder);
        if !folder.is_dir() {
            eprintln!("SKIPPED: no {}", folder.display());
            continue;
        }
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "dat") {
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let told = found(&fs::read(&path).unwrap());
            let mut rules: Vec<&str> = told
                .iter()
                .filter_map(|line| line.split(' ').next())
                .collect();
            if let Some((_, rule)) = FAILURES.iter().find(|(part, _)| name.contains(part)) {
                let rejected = told
                    .iter()
                    .any(|line| line.starts_with(rule) && line.contains(" reject-"));
                assert!(rejected, "{name}: {told:#?}");
                let counted = "INTERCHANGE-COUNT";
                rules.retain(|found| {
                    found != rule && (*found != counted || *rule != "INTERCHANGE-REFERENCE")
                });
            }
            let receipt = name.contains(".recep.");
            let known = KNOWN
                .iter()
                .find(|(part, _)| !receipt && name.contains(part));
            let known = known.map_or(&[][..], |(_, rules)| rules);
            assert_eq!(rules, known, "{name}: {told:#?}");
            seen += 1;
        }
    }
    assert!(seen == 0 || seen > 35, "{seen}");
}
