//! One mistake, one finding: each rule where it is broken and where it is not.

use concord_finding::{Effect, Verdict};
use concord_read::json::Form;

use crate::support::{check, check_file, told};

/// Mistakes by the rule that they break: the text, and what is told.
const FOUND: &[(&str, &str)] = &[
    (
        r#"{"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"}, "classs": {}}"#,
        "RESOURCE-UNKNOWN Encounter.classs: `classs` is no element of Encounter",
    ),
    (
        r#"{"resourceType": "Encounter", "status": "finished", "clas": {"code": "IMP"}}"#,
        "RESOURCE-UNKNOWN Encounter.clas: `clas` is no element of Encounter",
    ),
    (
        r#"{"resourceType": "Encounter", "class": {"code": "IMP"}}"#,
        "RESOURCE-MISSING Encounter.status: Encounter.status is missing",
    ),
    (
        r#"{"resourceType": "Encounter", "status": "finishd", "class": {"code": "IMP"}}"#,
        "VALUE-CODE Encounter.status: finishd is not a code of encounter-status",
    ),
    (
        r#"{"resourceType": "Encounter", "status": "finished", "class": [{"code": "IMP"}]}"#,
        "RESOURCE-KIND Encounter.class: Encounter.class must be an object; this is an array",
    ),
    (
        r#"{"resourceType": "Patient", "name": {"family": "Smith"}}"#,
        "RESOURCE-KIND Patient.name: Patient.name must be an array; this is an object",
    ),
    (
        r#"{"resourceType": "Patient", "active": "true"}"#,
        "RESOURCE-KIND Patient.active: Patient.active must be true or false; this is a string",
    ),
    (
        r#"{"resourceType": "Patient", "active": null}"#,
        "RESOURCE-KIND Patient.active: Patient.active must be true or false; this is null",
    ),
    (
        r#"{"resourceType": "Patient", "name": []}"#,
        "RESOURCE-EMPTY Patient.name: Patient.name is empty: an array of nothing",
    ),
    (
        r#"{"resourceType": "Patient", "name": [{}]}"#,
        "RESOURCE-EMPTY Patient.name[0]: Patient.name is empty: an object of no members",
    ),
    (
        r#"{"resourceType": "Patient", "name": [{"id": "a"}]}"#,
        "RESOURCE-EMPTY Patient.name[0]: HumanName is empty: nothing but an id stands in it",
    ),
    (
        r#"{"resourceType": "Patient", "name": [{"family": ""}]}"#,
        "RESOURCE-EMPTY Patient.name[0].family: HumanName.family is empty: a string of no characters",
    ),
    (
        r#"{"resourceType": "Patient", "birthDate": "1990-02-30"}"#,
        "VALUE-RANGE Patient.birthDate: 1••••••••• is out of range: date: a day or time that there is",
    ),
    (
        r#"{"resourceType": "Patient", "birthDate": "30/01/1990"}"#,
        "VALUE-FORMAT Patient.birthDate: 3••••••••• does not have the format date: a day (YYYY-MM-DD), month (YYYY-MM) or year (YYYY)",
    ),
    (
        r#"{"resourceType": "Patient", "deceasedBoolean": false, "deceasedDateTime": "2024"}"#,
        "RESOURCE-CHOICE Patient.deceasedDateTime: `deceasedDateTime` stands beside `deceasedBoolean`: Patient.deceased[x] has one type only",
    ),
    (
        r#"{"resourceType": "Patient", "active": true, "active": false}"#,
        "JSON-DUPLICATE Patient.active: `active` stands twice in one object",
    ),
    (
        r#"{"resourceType": "Patient", "name": [{"given": ["A", null]}]}"#,
        "RESOURCE-ALIGNED Patient.name[0].given: `given` has null where nothing is said about the value",
    ),
    (
        r#"{"resourceType": "Patient", "name": [{"given": ["A"], "_given": [null, {"id": "a"}]}]}"#,
        "RESOURCE-ALIGNED Patient.name[0].given: `given` has 1 items and `_given` has 2",
    ),
    (
        r#"{"resourceType": "Patient", "extension": [{"url": "http://a"}]}"#,
        "RESOURCE-EXTENSION Patient.extension[0]: an extension has neither a value nor further extensions",
    ),
    (
        r#"{"resourceType": "Patient", "extension": [{"url": "http://a", "valueCode": "b", "extension": [{"url": "c", "valueCode": "d"}]}]}"#,
        "RESOURCE-EXTENSION Patient.extension[0]: an extension has a value and further extensions",
    ),
    (
        r#"{"resourceType": "Pateint"}"#,
        "RESOURCE-TYPE Pateint.resourceType: there is no resource of this type",
    ),
    (
        r#"{"id": "a"}"#,
        "RESOURCE-TYPE resource: nothing says which resource this is: `resourceType` is missing",
    ),
    (
        "[]",
        "RESOURCE-TYPE resource: this is an array and no resource",
    ),
    (
        r##"{"resourceType": "Patient", "managingOrganization": {"reference": "#a"}}"##,
        "REFERENCE-UNRESOLVED Patient.managingOrganization.reference: no contained resource has the id that this reference names",
    ),
    (
        r#"{"resourceType": "Patient", "contained": [{"resourceType": "Organization", "id": "a"}]}"#,
        "RESOURCE-CONTAINED Patient.contained[0]: nothing refers to this contained resource",
    ),
    (
        r#"{"resourceType": "Patient", "managingOrganization": {"reference": "Patient/1"}}"#,
        "REFERENCE-TARGET Patient.managingOrganization.reference: Patient.managingOrganization refers to Patient; it may refer to Organization",
    ),
    (
        r#"{"resourceType": "Patient", "text": {"status": "generated", "div": "<p>a</p>"}}"#,
        "RESOURCE-NARRATIVE Patient.text.div: the narrative must be one div of XHTML (xmlns=\"http://www.w3.org/1999/xhtml\")",
    ),
    (
        r#"{"resourceType": "Observation", "status": "final", "code": {"text": "a"}, "valueQuantity": {"value": "1.0"}}"#,
        "RESOURCE-KIND Observation.valueQuantity.value: Quantity.value must be a number; this is a string",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": {"resourceType": "Patient"}}]}"#,
        "BUNDLE-ENTRY Bundle.entry[0]: an entry of a bundle of type transaction must have request",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "collection", "total": 1}"#,
        "BUNDLE-ENTRY Bundle: a bundle of type collection must not have total",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}]}"#,
        "BUNDLE-ENTRY Bundle.entry[0]: an entry has neither a resource nor a request or response",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "message", "entry": [{"resource": {"resourceType": "Patient"}}]}"#,
        "BUNDLE-ENTRY Bundle.entry[0]: a bundle of type message must begin with a MessageHeader",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "http://a/Patient/1", "resource": {"resourceType": "Patient", "id": "2"}}]}"#,
        "BUNDLE-ADDRESS Bundle.entry[0].fullUrl: a full URL and the resource say two things: type and id differ",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:a", "resource": {"resourceType": "Patient"}}, {"fullUrl": "urn:a", "resource": {"resourceType": "Patient"}}]}"#,
        "BUNDLE-ADDRESS Bundle.entry[1].fullUrl: two entries have the same full URL",
    ),
    (
        r#"{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:a", "resource": {"resourceType": "Patient", "managingOrganization": {"reference": "urn:uuid:b"}}}]}"#,
        "REFERENCE-UNRESOLVED Bundle.entry[0].resource.managingOrganization.reference: no entry of the bundle has the full URL that this reference names",
    ),
    (
        r#"{"resourceType": "Patient", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000019"}]}"#,
        "RESOURCE-IDENTIFIER Patient.identifier[0].value: Identifier.value: 999•••••19 is not an NHS number: its last digit is not its check digit",
    ),
    (
        r#"{"resourceType": "Patient", "identifier": [{"value": "0000000000", "system": "https:\/\/fhir.nhs.uk/Id/nhs-number"}]}"#,
        "RESOURCE-IDENTIFIER Patient.identifier[0].value: Identifier.value: 000•••••00 is not an NHS number: ten zeros say that tracing found nobody",
    ),
    (
        r#"{"resourceType": "Basic", "code": {"coding": [{"system": "https://fhir.nhs.uk/STU3/CodeSystem/eRS-Priority-1", "code": "ROUTIN"}]}}"#,
        "RESOURCE-SYSTEM Basic.code.coding[0].code: Coding.code: ROUTIN is not a code of https://fhir.nhs.uk/STU3/CodeSystem/eRS-Priority-1",
    ),
    (
        r#"{"resourceType": "Slot", "status": "free", "schedule": {"reference": "Schedule/1"}, "end": "2024-05-01T10:00:00+01:00", "start": "2024-05-01T09:30:00Z"}"#,
        "RESOURCE-ORDER Slot.end: Slot.end: 2024-05-01T10:00:00+01:00 lies before the start, 2024-05-01T09:30:00Z",
    ),
    (
        r#"{"resourceType": "Patient" "active": true}"#,
        "JSON-NOT-WELL-FORMED Patient: a comma, or the end of the object is wanted here",
    ),
    (
        r#"{"resourceType": "Patient", "act"#,
        "JSON-TRUNCATED Patient: the text ends inside a value",
    ),
];

#[test]
fn one_mistake_is_one_finding() {
    for (text, expected) in FOUND {
        let found: Vec<String> = check(text.as_bytes()).iter().map(told).collect();
        assert_eq!(found, [*expected], "{text}");
    }
}

/// Rules that need nothing at all, bytes that are no text, or more than fits a line: other tests break them.
const ELSEWHERE: &[&str] = &[
    "JSON-EMPTY",
    "JSON-ENCODING",
    "JSON-SCHEMA",
    "RESOURCE-MORE",
];

#[test]
fn every_rule_of_resources_is_broken_here() {
    let of_resources = |id: &str| {
        let prefixes = ["JSON-", "RESOURCE-", "BUNDLE-", "REFERENCE-"];
        prefixes.iter().any(|prefix| id.starts_with(prefix))
    };
    for rule in concord_check::BuiltinRule::ALL {
        let id = &*rule.rule().id;
        let begins = format!("{id} ");
        let broken = FOUND.iter().any(|(_, told)| told.starts_with(&begins));
        assert!(
            !of_resources(id) || broken || ELSEWHERE.contains(&id),
            "{id}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_told_of() {
    let found = check(b"{\"resourceType\": \"Patient\", \"name\": [{\"family\": \"Si\xe2n\"}]}");
    assert_eq!(
        told(&found[0]),
        "JSON-ENCODING Patient.name[0].family: bytes stand here that are not UTF-8"
    );
    assert_eq!((found.len(), found[0].place.unwrap().column), (1, 52));
}

/// What looks like a mistake and is none.
const RIGHT: &[&str] = &[
    r#"{"id": "a", "resourceType": "Patient"}"#,
    r#"{"resourceType": "Patient", "_birthDate": {"extension": [{"url": "http://a", "valueCode": "unknown"}]}}"#,
    r#"{"resourceType": "Encounter", "_status": {"extension": [{"url": "http://a", "valueCode": "unknown"}]}, "class": {"code": "IMP"}}"#,
    r#"{"resourceType": "Patient", "name": [{"given": [null, "B"], "_given": [{"extension": [{"url": "http://a", "_valueCode": {"id": "b"}}]}, null]}]}"#,
    r##"{"resourceType": "Patient", "contained": [{"resourceType": "Organization", "id": "a"}], "managingOrganization": {"reference": "#a"}}"##,
    r##"{"resourceType": "Patient", "contained": [{"resourceType": "Provenance", "id": "a", "target": [{"reference": "#"}], "recorded": "2024-01-01T00:00:00Z", "agent": [{"who": {"display": "a"}}]}]}"##,
    r#"{"resourceType": "Observation", "status": "final", "code": {"text": "a"}, "valueQuantity": {"value": 1.00e-10, "unit": "a\u00e9\ud83d\ude00"}}"#,
    r#"{"resourceType": "Patient", "managingOrganization": {"reference": "http://a/Organization/1/_history/2"}}"#,
    "{\"resourceTyp\\u0065\" : \"P\\u0061tient\", \"active\" :\ttrue }\r\n",
];

#[test]
fn what_is_right_has_no_finding() {
    for text in RIGHT {
        let found: Vec<String> = check(text.as_bytes()).iter().map(told).collect();
        assert!(found.is_empty(), "{text}\n{found:?}");
    }
}

#[test]
fn places_are_exact() {
    let text = "{\n  \"resourceType\": \"Patient\",\n  \"name\": [\n    {\"family\": \"Sían\", \"given\": [\"A\", 5]}\n  ]\n}\n";
    let found = check(text.as_bytes());
    let place = found[0].place.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path.as_deref(), Some("Patient.name[0].given[1]"));
    assert_eq!((place.line, place.column), (4, 39));
    assert_eq!(&text[place.offset as usize..=place.offset as usize], "5");
    let excerpt = found[0].excerpt.as_ref().unwrap();
    assert!(!excerpt.text.contains('S') && excerpt.text.contains("\"family\""));
}

#[test]
fn every_line_is_a_record_and_every_entry_of_a_document() {
    let good = r#"{"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"}}"#;
    let bad = good.replace("finished", "over").replace("e1", "e2");
    let lines = format!("{good}\n\n{bad}\r\n{{\"resourceType\": \"Patient\",,}}\n{good}");
    let (checked, found) = check_file(lines.as_bytes(), Form::Lines, 2);
    let records = checked.summary.records;
    assert_eq!(
        (records.records, records.accepted, records.rejected),
        (4, 2, 2)
    );
    assert_eq!(checked.summary.verdict, Verdict::PartlyAccepted);
    let told: Vec<(String, u64, u64)> = found
        .iter()
        .map(|finding| {
            (
                finding.rule.id.to_string(),
                finding.record.unwrap(),
                finding.place.unwrap().line,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("VALUE-CODE".into(), 2, 3),
            ("JSON-NOT-WELL-FORMED".into(), 3, 4)
        ]
    );
    assert!(
        matches!(&found[0].record_key, Some(concord_finding::Fact::Plain(key)) if key == "Encounter/e2")
    );

    let bundle = format!(
        r#"{{"resourceType": "Bundle", "type": "collection", "identifier": 1, "entry": [{{"resource": {good}}}, {{"resource": {bad}}}]}}"#
    );
    let (checked, found) = check_file(bundle.as_bytes(), Form::Document, 1);
    let records = checked.summary.records;
    assert_eq!((records.records, records.rejected), (2, 1));
    assert_eq!(
        (found[0].record, found[0].effect),
        (None, Effect::RejectFile)
    );
    assert_eq!(
        (found[1].record, found[1].effect),
        (Some(2), Effect::RejectRecord)
    );
    assert_eq!(checked.summary.verdict, Verdict::Rejected);
}

#[test]
fn what_ends_too_early_is_never_accepted() {
    let whole = r#"{"resourceType": "Patient", "name": [{"family": "A"}]}"#;
    for end in 1..whole.len() {
        for form in [Form::Document, Form::Lines] {
            let (checked, _) = check_file(&whole.as_bytes()[..end], form, 1);
            assert_eq!(checked.summary.verdict, Verdict::Unreadable, "{end}");
        }
        let lines = format!("{whole}\n{}", &whole[..end]);
        let (checked, _) = check_file(lines.as_bytes(), Form::Lines, 1);
        assert_eq!(checked.summary.verdict, Verdict::Unreadable, "{end}");
        assert_eq!(checked.summary.records.rejected, 1);
    }
    for nothing in ["", "\n \n"] {
        for form in [Form::Document, Form::Lines] {
            let (checked, found) = check_file(nothing.as_bytes(), form, 1);
            assert_eq!(checked.summary.verdict, Verdict::Rejected);
            assert_eq!(&*found[0].rule.id, "JSON-EMPTY");
        }
    }
}

#[test]
fn nobody_can_be_recognised() {
    let text = r#"{"resourceType": "Patient", "id": "9990000019", "identifier": [{"value": ["9990000019"]}],
        "name": [{"family": 9990000019, "Ann Smith": 1, "given": "Ann"}], "birthDate": "199o-01-01", "gender": "9990000019",
        "telecom": [{"system": "phone", "value": "0\u0001"}], "managingOrganization": {"reference": "Patient/9990000019"},
        "deceasedDateTime": "31.12.2024", "contact": "Ann Smith", "text": {"status": "generated", "div": "Ann Smith"}}"#;
    let found = check(text.as_bytes());
    assert!(found.len() >= 10);
    for finding in &found {
        let shown = format!(
            "{} {:?} {:?} {:?}",
            finding.message(concord_finding::Masking::Masked),
            finding.help(concord_finding::Masking::Masked),
            finding.label(concord_finding::Masking::Masked),
            finding.path,
        );
        let excerpt = finding.excerpt.as_ref().map_or("", |excerpt| &excerpt.text);
        for secret in ["9990000019", "Ann", "Smith", "199o", "31.12"] {
            assert!(!shown.contains(secret), "{shown}");
            assert!(!excerpt.contains(secret), "{excerpt}");
        }
    }
}
