//! Our own interchanges: what they are in FHIR, and that writing, reading and writing again changes nothing.

#![allow(clippy::format_push_string)] // what is written is short

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use concord_interchange::{Envelope, Json, Moment, Translation, TranslationError};
use concord_read::edifact::{Service, released};
use proptest::prelude::*;
use support::translation;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/edifact");
    fs::read_to_string(folder.join(name)).expect("the fixture is there")
}

fn envelope(facts: &[(&str, &str)]) -> Envelope {
    let facts = facts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Envelope {
        facts: facts.collect(),
        moment: Moment::by_the_clock("202603311015"),
    }
}

fn documents(translation: &Translation, text: &str) -> Vec<Json> {
    let made = translation.to_fhir(text.as_bytes(), &Envelope::default(), &|_| None);
    assert!(made.refused.is_empty(), "{:?}", made.refused);
    made.documents
        .into_iter()
        .map(|document| document.json)
        .collect()
}

fn at<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.')
        .try_fold(json, |json, key| match key.parse::<usize>() {
            Ok(number) => json.items().get(number),
            Err(_) => json.get(key),
        })
}

fn text<'j>(json: &'j Json, path: &str) -> Option<&'j str> {
    at(json, path).and_then(Json::text)
}

/// The lines of an interchange without its separators' advice.
fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.starts_with("UNA"))
        .collect()
}

#[test]
fn an_acceptance_goes_there_and_back() {
    let translation = translation("gp-links/1-4");
    let written = fixture("acceptance.edi");
    let made = documents(&translation, &written);
    let [document] = &made[..] else {
        panic!("one transaction is one document");
    };
    let patient = "parameter.9.resource";
    let note = document
        .get("parameter")
        .expect("parameters")
        .items()
        .iter();
    let note = note
        .clone()
        .find(|one| text(one, "name") == Some("freeText"));
    assert_eq!(
        note.and_then(|note| text(note, "valueString")),
        Some("O'TEST + NOTES: ASK ?")
    );
    assert_eq!(
        text(document, &format!("{patient}.address.1.line.1")),
        Some("2 FORMER ROAD")
    );
    assert_eq!(
        at(document, &format!("{patient}.address.1.line.0")),
        Some(&Json::Null)
    );
    assert_eq!(
        text(document, &format!("{patient}.name.0.given.1")),
        Some("JOY")
    );
    let facts = [
        ("control-reference", "00000007"),
        ("message-reference", "00000012"),
        ("transaction-number", "5"),
    ];
    let again = translation
        .to_edifact(document, &envelope(&facts))
        .expect("it can be written");
    assert!(again.lost.is_empty(), "{:?}", again.lost);
    assert_eq!(lines(&again.text), lines(&written));
}

#[test]
fn transactions_are_documents_each() {
    let translation = translation("gp-links/1-4");
    let made = translation.to_fhir(
        fixture("registration.edi").as_bytes(),
        &Envelope::default(),
        &|_| None,
    );
    // The end of a quarter has nothing to say.
    assert_eq!(
        (made.documents.len(), made.messages, made.silent),
        (4, 4, 1)
    );
    let references: Vec<&str> = made
        .documents
        .iter()
        .map(|document| document.reference.as_str())
        .collect();
    assert_eq!(
        references[1..3],
        ["00000042-00000102-1", "00000042-00000102-2"]
    );
    let patches = made.documents[3]
        .json
        .get("patches")
        .expect("patches")
        .items();
    let told: Vec<(&str, &str)> = patches
        .iter()
        .map(|patch| {
            (
                text(patch, "op").unwrap_or_default(),
                text(patch, "path").unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("replace", "/address/0/line/0"),
        ("replace", "/address/0/line/1"),
        ("remove", "/address/0/line/2"),
        ("replace", "/address/0/line/3"),
        ("replace", "/address/0/line/4"),
        ("replace", "/address/0/postalCode"),
        ("replace", "/birthDate"),
        ("replace", "/extension/0"),
        ("replace", "/gender"),
        ("replace", "/identifier/0/value"),
        ("replace", "/name/0/family"),
        ("remove", "/name/0/given"),
        ("replace", "/name/0/prefix/0"),
        ("remove", "/name/1/family"),
    ];
    assert_eq!(told, expected);
    let facts = [
        ("transaction", "F1"),
        ("control-reference", "00000042"),
        ("message-reference", "00000103"),
        ("transaction-number", "74"),
    ];
    let again = translation
        .to_edifact(&made.documents[3].json, &envelope(&facts))
        .expect("it can be written");
    let all = fixture("registration.edi");
    let start = all.find("UNH+00000103").expect("it is there");
    let end = all.find("UNH+00000104").expect("it is there");
    let own: Vec<&str> = again
        .text
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("UNZ"))
        .collect();
    // An empty county at the end of an address says nothing, and is not written.
    assert_eq!(
        own,
        all[start..end]
            .replace("EXAMPLETON:+", "EXAMPLETON+")
            .lines()
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_report_goes_there_and_back() {
    let translation = translation("medrpt/1");
    let written = fixture("report.edi");
    let made = documents(&translation, &written);
    let document = &made[0];
    let entries = document.get("entry").expect("entries").items();
    let of = |kind: &str| -> Vec<&Json> {
        let resources = entries.iter().filter_map(|entry| entry.get("resource"));
        resources
            .filter(|resource| text(resource, "resourceType") == Some(kind))
            .collect()
    };
    let (results, specimens) = (of("Observation"), of("Specimen"));
    assert_eq!((results.len(), specimens.len()), (5, 2));
    let url = |resource: &Json| format!("urn:uuid:{}", text(resource, "id").unwrap_or_default());
    // A group has its members, which have the specimen of the group.
    let members = at(results[0], "related").expect("members").items();
    let members: Vec<Option<&str>> = members
        .iter()
        .map(|member| text(member, "target.reference"))
        .collect();
    assert_eq!(members, [Some(&*url(results[1])), Some(&*url(results[2]))]);
    assert_eq!(
        text(results[2], "specimen.reference"),
        Some(&*url(specimens[0]))
    );
    assert_eq!(
        text(results[3], "specimen.reference"),
        Some(&*url(specimens[1]))
    );
    assert_eq!(
        text(results[2], "related.0.target.reference"),
        Some(&*url(results[0]))
    );
    // Numbers are as they were written.
    assert_eq!(
        at(results[2], "valueQuantity.value"),
        Some(&Json::Number("20.0".to_owned()))
    );
    assert_eq!(text(results[2], "valueQuantity.comparator"), Some("<"));
    assert_eq!(
        text(results[2], "interpretation.coding.0.display"),
        Some("Low")
    );
    assert_eq!(
        at(results[2], "referenceRange.0.high.value"),
        Some(&Json::Number("100.50".to_owned()))
    );
    assert_eq!(at(results[2], "referenceRange.1.low"), None);
    assert_eq!(
        text(results[2], "comment"),
        Some("Repeated\nand lower than before")
    );
    let report = of("DiagnosticReport")[0];
    assert_eq!(at(report, "result").map(|list| list.items().len()), Some(3));
    assert_eq!(
        (text(report, "status"), text(report, "issued")),
        (Some("final"), Some("2026-03-30T13:20:00.000+01:00"))
    );
    assert_eq!(
        at(of("ProcedureRequest")[0], "note").map(|list| list.items().len()),
        Some(2)
    );
    // The same message has the same identifiers, another one others.
    assert_eq!(documents(&translation, &written), made);
    let other = documents(&translation, &written.replace("+1015+", "+1016+"));
    assert_ne!(text(&other[0], "id"), text(document, "id"));
    let facts = [
        ("sender", "999900000000001"),
        ("recipient", "999900000000002"),
        ("control-reference", "1015"),
        ("acknowledge", "1"),
        ("prepared", "202603311741"),
    ];
    let again = translation
        .to_edifact(document, &envelope(&facts))
        .expect("it can be written");
    // Who sends it on is said by the interchange.
    assert_eq!(again.lost, BTreeMap::new());
    assert_eq!(lines(&again.text), lines(&written));
    let missing = translation.to_edifact(document, &envelope(&[]));
    assert_eq!(
        missing.err(),
        Some(TranslationError::Missing("sender".to_owned()))
    );
}

#[test]
fn what_is_none_is_refused() {
    let translation = translation("medrpt/1");
    let json = Json::read(br#"{"resourceType": "Patient"}"#).expect("it is JSON");
    assert!(!translation.knows(&json));
    assert!(matches!(
        translation.to_edifact(&json, &envelope(&[])),
        Err(TranslationError::Unknown(_))
    ));
    let made = translation.to_fhir(
        b"UNH+1+FHSREG:0:1:FH:FHS001'UNT+2+1'",
        &Envelope::default(),
        &|_| None,
    );
    assert_eq!((made.documents.len(), made.refused.len()), (0, 1));
    let refused = translation.to_fhir(
        fixture("report.edi").as_bytes(),
        &Envelope::default(),
        &|_| Some("wrong".to_owned()),
    );
    assert_eq!(refused.refused, [("1015-1".to_owned(), "wrong".to_owned())]);
}

/// An amendment with operations, as it is written by others.
fn amendment(operations: &str) -> Json {
    let text = format!(
        r#"{{"nhsNumber": "9990000001", "gpCode": "99,9", "gpTradingPartnerCode": "PRA1", "healthcarePartyCode": "ZZ1",
        "patches": [{operations}]}}"#
    );
    Json::read(text.as_bytes()).expect("it is JSON")
}

#[test]
fn operations_of_a_patch_are_read_in_every_form() {
    let translation = translation("gp-links/1-4");
    let institute = r#"{"op": "replace", "path": "/extension/1", "value": {"url": "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NHAIS-ResidentialInstituteCode", "valueString": "RT"}}"#;
    let cases = [
        (
            r#"{"op": "add", "path": "/name/0/prefix/0", "value": "DR"}"#,
            "TI:DR",
        ),
        (
            r#"{"op": "replace", "path": "/name/0/prefix/0", "value": null}"#,
            "TI:%",
        ),
        (
            r#"{"op": "replace", "path": "/name/1/family", "value": ""}"#,
            "PNA+PER++++SU:%",
        ),
        (r#"{"op": "remove", "path": "/name/0/given"}"#, "FO:%"),
        (r#"{"op": "remove", "path": "/name/0/given/1"}"#, "MI:%"),
        (
            r#"{"op": "replace", "path": "/name/0/given", "value": ["ANN", "BO"]}"#,
            "FO:ANN+MI:BO",
        ),
        (
            r#"{"op": "remove", "path": "/address/0/line"}"#,
            "NAD+PAT++%:%:%:%:%",
        ),
        (
            r#"{"op": "replace", "path": "/address/0", "value": {"line": [null, "1 ROAD"], "postalCode": "ZZ99 3VZ"}}"#,
            "NAD+PAT++??:1 ROAD+++++ZZ99 3VZ",
        ),
        (
            r#"{"op": "replace", "path": "/address/0/line/0", "value": null}, {"op": "replace", "path": "/address/0/line/1", "value": null}"#,
            "NAD+PAT++%:%",
        ),
        (institute, "NAD+RIC+RT:956"),
    ];
    for (operations, expected) in cases {
        let written = translation
            .to_edifact(&amendment(operations), &envelope(&[("transaction", "G2")]))
            .expect("it can be written");
        assert!(
            written.text.contains(expected),
            "{operations}\n{}",
            written.text
        );
    }
    // What moves or tests something replaces nothing.
    let moved = r#"{"op": "move", "path": "/name/0/family", "from": "/name/1/family"}, {"op": "test", "path": "/gender", "value": "male"}"#;
    let written = translation
        .to_edifact(&amendment(moved), &envelope(&[("transaction", "G2")]))
        .expect("it can be written");
    assert!(
        !written.text.contains("PDI") && !written.text.contains("SU:"),
        "{}",
        written.text
    );
    assert_eq!(written.lost.get("patches.op"), Some(&2));
}

/// A document of a report says when its interchange was sent: a message that was prepared at another time loses that, and one that
/// is made of the document is not said to be prepared later than it was sent.
#[test]
fn when_a_report_was_prepared_is_told() {
    let translation = translation("medrpt/1");
    let made = translation.to_fhir(
        fixture("report.edi").as_bytes(),
        &Envelope::default(),
        &|_| None,
    );
    assert_eq!(made.lost, BTreeMap::from([("DTM+137-1.2".to_owned(), 1)]));
    let facts = [("sender", "1"), ("recipient", "2")];
    let later = Envelope {
        moment: Moment::by_the_clock("202611231200"),
        ..envelope(&facts)
    };
    let again = translation
        .to_edifact(&made.documents[0].json, &later)
        .expect("it can be written");
    assert!(again.text.contains("+260331:1751+"), "{}", again.text);
    assert!(
        again.text.contains("DTM+137:202603311751:203'"),
        "{}",
        again.text
    );
}

#[test]
fn what_does_not_come_back_is_named() {
    let reports = translation("medrpt/1");
    // It was prepared when its interchange was: what documents of reports do not say otherwise.
    let written = fixture("report.edi").replacen("137:202603311741", "137:202603311751", 1);
    // A result that is amended, and another list of requesters.
    let changed = written.replacen("GIS+N'\nINV", "GIS+A'\nINV", 1);
    let made = reports.to_fhir(changed.as_bytes(), &Envelope::default(), &|_| None);
    assert_eq!(made.lost, BTreeMap::from([("GIS-1".to_owned(), 1)]));
    let list = written.replacen(":900+", ":999+", 1);
    let made = reports.to_fhir(list.as_bytes(), &Envelope::default(), &|_| None);
    assert_eq!(made.lost, BTreeMap::from([("NAD+PO-2.2".to_owned(), 1)]));
    // Seconds have no place in a message.
    let mut document = documents(&reports, &written).remove(0).pretty();
    document = document.replacen(":00.000", ":42.000", 1);
    let json = Json::read(document.as_bytes()).expect("it is JSON");
    let facts = [("sender", "1"), ("recipient", "2")];
    let again = reports
        .to_edifact(&json, &envelope(&facts))
        .expect("it can be written");
    assert_eq!(
        again.lost,
        BTreeMap::from([("entry.resource.timestamp".to_owned(), 1)])
    );
    // A reference that leads nowhere becomes nothing.
    let specimen = document
        .find("\"resourceType\": \"Specimen\"")
        .expect("a specimen");
    let start = document[..specimen].rfind("\"fullUrl\"").expect("its URL");
    let url = document[start..]
        .split('"')
        .nth(3)
        .expect("its URL")
        .to_owned();
    let dangling = document.replace(
        &format!("\"fullUrl\": \"{url}\""),
        "\"fullUrl\": \"urn:uuid:x\"",
    );
    let json = Json::read(dangling.as_bytes()).expect("it is JSON");
    let again = reports
        .to_edifact(&json, &envelope(&facts))
        .expect("it can be written");
    assert!(
        again.lost.keys().any(|place| place.ends_with("reference")),
        "{:?}",
        again.lost
    );
    // The end of a quarter has no document.
    let quarter = translation("gp-links/1-4").to_fhir(
        fixture("registration.edi").as_bytes(),
        &Envelope::default(),
        &|_| None,
    );
    let told: Vec<&str> = quarter.lost.keys().map(String::as_str).collect();
    assert!(
        told.contains(&"DTM+206-1.2") && told.contains(&"GIS-1.1"),
        "{told:?}"
    );
}

#[test]
fn texts_of_several_lines_are_written_as_such() {
    let translation = translation("gp-links/1-4");
    let long = "A LINE OF SIXTY CHARACTERS THAT IS REPEATED SEVERAL TIMES 12 ".repeat(3);
    let mut document = documents(&translation, &fixture("acceptance.edi"))
        .remove(0)
        .pretty();
    document = document.replace("O'TEST + NOTES: ASK ?", &format!("FIRST\\n{}", long.trim()));
    let json = Json::read(document.as_bytes()).expect("it is JSON");
    let written = translation
        .to_edifact(&json, &envelope(&[]))
        .expect("it can be written");
    let note = written
        .text
        .lines()
        .find(|line| line.starts_with("FTX"))
        .expect("a note");
    assert!(note.starts_with("FTX+RGI+++FIRST:A LINE"), "{note}");
    assert_eq!(note.matches(':').count(), 3, "{note}");
    assert_eq!(
        written.lost,
        BTreeMap::from([("parameter.valueString".to_owned(), 1)])
    );
    // Lines that authorities write stay lines, with their release characters.
    let lines = fixture("registration.edi").replacen("FTX+RGI+++", "FTX+RGI+++ONE?:1:TWO:", 1);
    let made = translation.to_fhir(lines.as_bytes(), &Envelope::default(), &|_| None);
    assert!(
        !made.lost.keys().any(|place| place.starts_with("FTX")),
        "{:?}",
        made.lost
    );
}

proptest! {
    #[test]
    fn written_read_and_written_again(
        surname in "[!-~é]{1,20}",
        forename in prop::option::of("[!-$&-~]{1,12}"),
        title in prop::option::of("[A-Z]{1,5}"),
        lines in prop::collection::vec(prop::option::of("[!->@-~][ -~]{0,12}[!-~]"), 4),
        note in prop::option::of("[!-~][ -~]{0,60}[!-~]"),
    ) {
        let translation = translation("gp-links/1-4");
        let service = Service::default();
        let safe = |text: &str| released(text, &service).into_owned();
        let mut written = String::from("UNB+UNOA:2+PRA1+ZZ01+260331:1015+00000001'UNH+00000001+FHSREG:0:1:FH:FHS001'BGM+++507'NAD+FHS+ZZ:954'DTM+137:202603311015:203'RFF+950:G1'S01+1'RFF+TN:1'NAD+GP+99,9:900'HEA+ACD+A:ZZZ'");
        if let Some(note) = &note {
            written.push_str(&format!("FTX+RGI+++{}'", safe(note)));
        }
        written.push_str(&format!("S02+2'PNA+PAT++++SU:{}", safe(&surname)));
        for (qualifier, part) in [("FO", &forename), ("TI", &title)] {
            if let Some(part) = part {
                written.push_str(&format!("+{qualifier}:{}", safe(part)));
            }
        }
        let address: Vec<String> = lines.iter().map(|line| line.as_deref().map(&safe).unwrap_or_default()).collect();
        if lines.iter().any(Option::is_some) {
            written.push_str(&format!("'NAD+PAT++:{}", address.join(":")));
        }
        written.push_str("'UNT+9+00000001'UNZ+1+00000001'");
        let first = documents(&translation, &written);
        let once = translation.to_edifact(&first[0], &envelope(&[])).expect("it can be written");
        let second = documents(&translation, &once.text);
        prop_assert_eq!(&first, &second);
        let twice = translation.to_edifact(&second[0], &envelope(&[])).expect("it can be written");
        prop_assert_eq!(once.text, twice.text);
        prop_assert!(once.lost.is_empty());
    }

    #[test]
    fn anything_is_taken(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..2000, json in "[\\[\\]{}\",:a-z0-9 ]{0,60}") {
        let mut text = fixture("report.edi").into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, bytes);
        let reports = translation("medrpt/1");
        let made = reports.to_fhir(&text, &Envelope::default(), &|_| None);
        for document in made.documents {
            let _ = reports.to_edifact(&document.json, &envelope(&[("sender", "a"), ("recipient", "b")]));
        }
        if let Ok(json) = Json::read(json.as_bytes()) {
            let _ = reports.to_edifact(&json, &envelope(&[]));
        }
    }
}
