//! Nothing panics, chunks and threads change nothing, limits hold.

use concord_finding::Effect;
use concord_read::json::Form;
use proptest::prelude::*;

use crate::support::{check, check_file, edited, edits, is_filled, told};

const SEED: &str = r##"{"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": "urn:uuid:a", "request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Patient", "id": "p", "contained": [{"resourceType": "Organization", "id": "o"}], "name": [{"given": ["A", null], "_given": [null, {"extension": [{"url": "u", "valueString": "v"}]}]}], "managingOrganization": {"reference": "#o"}, "birthDate": "1990-01-01", "multipleBirthInteger": 2}}]}"##;

proptest! {
    /// Bytes that are nearly a resource: pieces of one cut out, doubled and moved.
    #[test]
    fn nearly_a_resource_is_judged(edits in edits(SEED.len(), 40)) {
        let bytes = edited(SEED, edits);
        for finding in check(&bytes) {
            prop_assert!(finding.path.is_some() && finding.place.is_some());
            prop_assert!(is_filled(&finding), "{}", told(&finding));
        }
        let _ = check_file(&bytes, Form::Document, 1);
        let _ = check_file(&bytes, Form::Lines, 1);
    }

    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = check(&bytes);
        let _ = check_file(&bytes, Form::Lines, 1);
    }
}

#[test]
fn threads_change_nothing() {
    let line = |n: u32| {
        let status = if n.is_multiple_of(7) {
            "over"
        } else {
            "finished"
        };
        format!(
            r#"{{"resourceType": "Encounter", "id": "e{n}", "status": "{status}", "class": {{"code": "IMP"}}, "period": {{"start": "2024-01-{:02}"}}}}"#,
            n % 40
        )
    };
    let lines: String = (0..12_000).map(|n| line(n) + "\n").collect();
    let tell = |threads| {
        let (checked, found) = check_file(lines.as_bytes(), Form::Lines, threads);
        let told: Vec<String> = found
            .iter()
            .map(|finding| format!("{:?} {:?} {}", finding.place, finding.record, told(finding)))
            .collect();
        (checked.summary, told)
    };
    let one = tell(1);
    assert!(one.0.records.records == 12_000 && one.1.len() > 3_000);
    assert_eq!(one, tell(4));
}

#[test]
fn nesting_has_a_limit() {
    let deep = |inside: &str, times: usize| {
        let open = r#"{"url": "u", "extension": ["#.repeat(times);
        format!(
            r#"{{"resourceType": "Patient", "extension": [{open}{inside}{}]}}"#,
            "]}".repeat(times)
        )
    };
    let extension = r#"{"url": "u", "valueCode": "c"}"#;
    assert!(check(deep(extension, 200).as_bytes()).is_empty());
    for times in [300, 50_000] {
        let found = check(deep(extension, times).as_bytes());
        assert_eq!(&*found[0].rule.id, "LIMIT-DEPTH");
        assert_eq!((found.len(), found[0].effect), (1, Effect::RejectRecord));
    }
    let unknown = format!(
        r#"{{"resourceType": "Patient", "x": {}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(
        check(unknown.as_bytes())
            .iter()
            .any(|finding| &*finding.rule.id == "LIMIT-DEPTH")
    );
}

#[test]
fn resources_in_resources_have_a_limit_too() {
    let deep = |type_first: bool, times: usize| {
        let (first, last) = if type_first {
            (r#""resourceType": "Bundle", "#, "")
        } else {
            ("", r#", "resourceType": "Bundle""#)
        };
        let open = format!(r#"{{{first}"type": "collection", "entry": [{{"resource": "#);
        let close = format!("}}]{last}}}");
        format!(
            "{}{}{}",
            open.repeat(times),
            r#"{"resourceType": "Patient"}"#,
            close.repeat(times)
        )
    };
    assert!(check(deep(true, 100).as_bytes()).is_empty());
    assert!(check(deep(false, 5).as_bytes()).is_empty());
    for text in [deep(true, 200), deep(true, 20_000), deep(false, 100)] {
        let found = check(text.as_bytes());
        assert_eq!((&*found[0].rule.id, found.len()), ("LIMIT-DEPTH", 1));
    }
}

#[test]
fn a_record_full_of_mistakes_is_told_of_once_too_often() {
    let members: Vec<String> = (0..50_000).map(|n| format!(r#", "x": {n}"#)).collect();
    let members = members.concat();
    let text = format!(r#"{{"resourceType": "Encounter"{members}, "class": {{"code": "IMP"}}}}"#);
    let found = check(text.as_bytes());
    assert_eq!(found.len(), 1001);
    let more: Vec<String> = found
        .iter()
        .filter(|finding| &*finding.rule.id == "RESOURCE-MORE")
        .map(told)
        .collect();
    assert_eq!(
        more,
        [
            "RESOURCE-MORE Encounter.x: 50,001 mistakes stand in one record; the first 1,000 of them are told"
        ]
    );
    assert!(
        found
            .iter()
            .all(|finding| finding.place.is_some() && finding.path.is_some())
    );
}

#[test]
fn a_line_that_is_too_large_is_told_of_and_passed_over() {
    let large = format!(
        r#"{{"resourceType": "Binary", "contentType": "a", "data": "{}"}}"#,
        "A".repeat(17_000_000)
    );
    let small = r#"{"resourceType": "Patient"}"#;
    let lines = format!("{small}\n{large}\n{small}\n");
    let (checked, found) = check_file(lines.as_bytes(), Form::Lines, 2);
    let rules: Vec<&str> = found.iter().map(|finding| &*finding.rule.id).collect();
    assert_eq!(rules, ["LIMIT-RECORD"]);
    assert_eq!(checked.summary.records.records, 3);
}
