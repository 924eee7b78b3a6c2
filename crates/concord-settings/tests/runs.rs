//! Reports of earlier runs, read back.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use concord_settings::run::{Known, RunError, read};

fn finding(fingerprint: u64, rule: &str, provider: &str) -> String {
    format!(
        r#"{{"rule":"{rule}","effect":"reject-record","standard":null,"message":"m","file":"a.csv","line":3,"column":1,"offset":0,"path":null,"record":1,"record_key":null,"element":null,"value":"{{}}\"","expected":null,"facts":{{"provider":"{provider}","n":"1"}},"help":null,"source":"s","fingerprint":"{fingerprint:016x}"}}"#
    )
}

const END: &str = r#"{"files":[],"rules":[],"not_run":[],"not_shown":0,"seconds":0.1}"#;

fn json(findings: &[String]) -> String {
    format!(
        "{{\"findings\":[{}],\n\"summary\":{END}}}\n",
        findings.join(",\n")
    )
}

fn ndjson(findings: &[String]) -> String {
    let verdict = r#"{"record_verdict":{"file":"a.csv","record":1,"record_key":null,"accepted":false,"effect":"reject-record","findings":1}}"#;
    format!(
        "{}\n{verdict}\n{{\"summary\":{END}}}\n",
        findings.join("\n")
    )
}

#[test]
fn both_forms_say_the_same() {
    let findings = [
        finding(1, "A", "RXX"),
        finding(2, "B", "RYY"),
        finding(1, "A", "RXX"),
    ];
    let entries = |text: String| {
        let mut entries = Vec::new();
        read(text.as_bytes(), |entry| entries.push(entry)).unwrap();
        entries
    };
    let from_json = entries(json(&findings));
    assert_eq!(from_json, entries(ndjson(&findings)));
    assert_eq!(from_json.len(), 3);
    assert_eq!(from_json[1].provider.as_deref(), Some("RYY"));
    assert_eq!((from_json[0].fingerprint, from_json[0].line), (1, Some(3)));
}

#[test]
fn equal_fingerprints_are_counted() {
    let findings = [
        finding(7, "A", "RXX"),
        finding(7, "A", "RXX"),
        finding(8, "B", "RYY"),
    ];
    let mut known = Known::read(json(&findings).as_bytes()).unwrap();
    assert_eq!((known.total(), known.left()), (3, 3));
    assert!(known.meet(7) && known.meet(7) && !known.meet(7) && !known.meet(9));
    assert_eq!(known.left(), 1);
    let left: Vec<_> = known.left_by_class().into_iter().collect();
    assert_eq!((&*left[0].0.rule, left[0].1), ("B", 1));
}

#[test]
fn what_is_no_whole_report_is_refused() {
    let whole = json(&[finding(1, "A", "RXX")]);
    for cut in 1..whole.len() - 2 {
        assert!(
            Known::read(&whole.as_bytes()[..cut]).is_err(),
            "cut at {cut}: {}",
            &whole[..cut]
        );
    }
    let lines = ndjson(&[finding(1, "A", "RXX")]);
    for (at, _) in lines.match_indices('\n').take(2) {
        let error = Known::read(&lines.as_bytes()[..at]).unwrap_err();
        assert!(matches!(error, RunError::CutShort), "{error}");
    }
    for (text, line, words) in [
        ("hello", 1, "expected value"),
        ("[]", 1, "a report of `concord check`"),
        ("{\"a\":1}", 1, "no report of `concord check`"),
        (
            "{\"version\":\"2.1.0\",\"runs\":[]}",
            1,
            "no report of `concord check`",
        ),
        (
            "{\"findings\":[\n{\"rule\":\"A\"}]}",
            2,
            "missing field `effect`",
        ),
        (
            "{\"findings\":[\n{\"rule\":\"A\",\"effect\":\"odd\"}]}",
            2,
            "unknown variant",
        ),
        (
            "{\"rule\":\"A\",\"effect\":\"warn\",\"fingerprint\":\"xyz\"}",
            1,
            "sixteen",
        ),
    ] {
        match Known::read(text.as_bytes()) {
            Err(RunError::NotAReport {
                line: at, reason, ..
            }) => {
                assert_eq!(at, line, "{text}");
                assert!(reason.contains(words), "{text}: {reason}");
                assert!(!reason.contains(" at line "), "{reason}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(Known::read(&b""[..]), Err(RunError::CutShort)));
}

#[test]
fn a_report_that_leaves_findings_out_stands_for_nothing() {
    let left_out = json(&[]).replace("\"not_shown\":0", "\"not_shown\":4");
    assert!(matches!(
        Known::read(left_out.as_bytes()),
        Err(RunError::LeftOut(4))
    ));
    let baseline = r#""not_shown":0,"baseline":{"file":"x","new":1,"persisting":9,"fixed":0}"#;
    let left_out = json(&[]).replace("\"not_shown\":0", baseline);
    assert!(matches!(
        Known::read(left_out.as_bytes()),
        Err(RunError::LeftOut(9))
    ));
}

#[test]
fn deep_nesting_ends_in_an_error() {
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(Known::read(deep.as_bytes()).is_err());
}
