//! Resources in XML: the JSON that they become, what only XML has, hostile bytes.

use concord_check::resource::json_of_xml;
use concord_read::json::Form;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{R4, STU3, check_by, edited, edits, files, is_filled, told};

fn json(xml: &str) -> Value {
    let json = json_of_xml(&STU3, xml.as_bytes()).expect(xml);
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// A resource in the namespace of FHIR.
fn resource(name: &str, inside: &str) -> String {
    format!("<{name} xmlns=\"http://hl7.org/fhir\">{inside}</{name}>")
}

fn found(xml: &str) -> Vec<String> {
    let (_, findings) = check_by(&STU3, xml.as_bytes(), Form::Document, 1);
    findings.iter().map(told).collect()
}

#[test]
fn elements_become_members() {
    let patient = |inside: &str| json(&resource("Patient", inside));
    for (inside, expected) in [
        (
            "<id value=\"p\"/><active value=\"true\"/><multipleBirthInteger value=\"2\"/>",
            json!({"resourceType": "Patient", "id": "p", "active": true, "multipleBirthInteger": 2}),
        ),
        // What may repeat is an array, even where it stands once; nulls keep values and what is said of them together.
        (
            "<name id=\"n\"><given value=\"A &amp; &#66; &lt;\"/><given id=\"g\"/></name>",
            json!({"resourceType": "Patient", "name": [{"id": "n", "given": ["A & B <", null], "_given": [null, {"id": "g"}]}]}),
        ),
        (
            "<gender value=\"male\"><extension url=\"u\"><valueCode value=\"x\"/></extension></gender>",
            json!({"resourceType": "Patient", "gender": "male", "_gender": {"extension": [{"url": "u", "valueCode": "x"}]}}),
        ),
        (
            "<contained><Organization><id value=\"o\"/></Organization></contained><managingOrganization><reference value=\"#o\"/></managingOrganization>",
            json!({"resourceType": "Patient", "contained": [{"resourceType": "Organization", "id": "o"}], "managingOrganization": {"reference": "#o"}}),
        ),
        (
            "<text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\"><p a=\"b\">x &lt; y<br/></p></div></text>",
            json!({"resourceType": "Patient", "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p a=\"b\">x &lt; y<br/></p></div>"}}),
        ),
    ] {
        assert_eq!(patient(inside), expected, "{inside}");
        assert_eq!(
            found(&resource("Patient", inside)),
            Vec::<String>::new(),
            "{inside}"
        );
    }
    // XHTML stands by itself in JSON, wherever its namespace was said.
    let prefixed = "<f:Patient xmlns:f=\"http://hl7.org/fhir\" xmlns:h=\"http://www.w3.org/1999/xhtml\"><f:text><f:status value=\"generated\"/><h:div>a<h:br/></h:div></f:text></f:Patient>";
    assert_eq!(
        json(prefixed)["text"]["div"],
        "<div xmlns=\"http://www.w3.org/1999/xhtml\">a<br/></div>"
    );
    assert_eq!(found(prefixed), Vec::<String>::new());
    // Numbers stay as they are written, prefixes and declarations are no matter.
    let text = json_of_xml(
        &STU3,
        b"<?xml version=\"1.0\"?><!-- a --><f:Quantities xmlns:f=\"http://hl7.org/fhir\"/>",
    );
    assert_eq!(text.unwrap(), r#"{"resourceType":"Quantities"}"#);
    let observation = json_of_xml(
        &STU3,
        resource(
            "Observation",
            "<valueQuantity><value value=\"1.50\"/></valueQuantity>",
        )
        .as_bytes(),
    );
    assert!(observation.unwrap().contains(r#""value":1.50}"#));
}

#[test]
fn what_only_xml_has_is_told_where_it_stands() {
    for (inside, expected) in [
        (
            "<gender value=\"male\"/><active value=\"true\"/>",
            "STRUCTURE-ORDER Patient: `active` is out of order in `Patient`",
        ),
        (
            "Ann",
            "STRUCTURE-TEXT Patient: text stands between the elements of `Patient`",
        ),
        (
            "<active valu=\"true\"/>",
            "ATTRIBUTE-UNKNOWN Patient.active: `valu` is not an attribute of `active`",
        ),
        (
            "<active xmlns=\"\" value=\"true\"/>",
            "STRUCTURE-NAMESPACE Patient: `active` is in the namespace `none`; here it must be in `http://hl7.org/fhir`",
        ),
        (
            "<birthDate value=\"1990\"/><birthDate value=\"1991\"/>",
            "JSON-DUPLICATE Patient.birthDate: `birthDate` stands twice in one object",
        ),
        (
            "<name><family value=\"A\"/></name><gender value=\"male\"/><name><family value=\"B\"/></name>",
            "JSON-DUPLICATE Patient.name: `name` stands twice in one object",
        ),
        (
            "<nickname value=\"A\"/>",
            "RESOURCE-UNKNOWN Patient.nickname: `nickname` is no element of Patient",
        ),
        (
            "<gender/>",
            "RESOURCE-EMPTY Patient.gender: Patient.gender is empty: a string of no characters",
        ),
        (
            "<active value=\"yes\"/>",
            "RESOURCE-KIND Patient.active: Patient.active must be true or false; this is a string",
        ),
        (
            "<contained><Organization><id value=\"o\"/></Organization><Organization/></contained><managingOrganization><reference value=\"#o\"/></managingOrganization>",
            "STRUCTURE-REPEATED Patient.contained[0]: `Organization` stands more than 1 time(s) in `contained`",
        ),
        (
            "<extension><url value=\"u\"/><valueCode value=\"x\"/></extension>",
            "ATTRIBUTE-MISSING Patient.extension[0]: the attribute `url` is missing from `extension`",
        ),
    ] {
        let all = found(&resource("Patient", inside));
        assert!(
            all.iter().any(|told| told == expected),
            "{expected}\n{}",
            all.join("\n")
        );
    }
}

#[test]
fn what_cannot_be_read_to_its_end_is_refused() {
    for (xml, rule) in [
        (resource("Patient", "<active"), "XML-NOT-WELL-FORMED"),
        (
            "<Patient xmlns=\"http://hl7.org/fhir\"><name>".to_owned(),
            "XML-TRUNCATED",
        ),
        (
            "<Patient xmlns=\"http://hl7.org/fhir\"><na".to_owned(),
            "XML-TRUNCATED",
        ),
        (
            "<Patient xmlns=\"http://hl7.org/fhir\"><name></Patient>".to_owned(),
            "XML-NOT-WELL-FORMED",
        ),
        (
            format!("{0}{0}", resource("Patient", "<active value=\"true\"/>")),
            "XML-NOT-WELL-FORMED",
        ),
        (
            format!("<!DOCTYPE a>{}", resource("Patient", "")),
            "XML-DTD",
        ),
        (
            resource("Patient", "<active value=\"true\" value=\"true\"/>"),
            "XML-NOT-WELL-FORMED",
        ),
        (
            resource("Patient", "<active value=\"&a;\"/>"),
            "XML-NOT-WELL-FORMED",
        ),
        ("<?a?>".to_owned(), "XML-EMPTY"),
        (
            resource("Patient", &"<extension url=\"a\">".repeat(400)),
            "LIMIT-DEPTH",
        ),
    ] {
        let (checked, findings) = check_by(&STU3, xml.as_bytes(), Form::Document, 1);
        let rules: Vec<&str> = findings.iter().map(|finding| &*finding.rule.id).collect();
        assert_eq!(rules, [rule], "{xml:.80}");
        assert!(findings[0].effect.rejects_record(), "{xml:.80}");
        assert_eq!(
            checked.summary.unreadable.is_some(),
            rule == "XML-TRUNCATED",
            "{xml:.80}"
        );
        assert_eq!(json_of_xml(&STU3, xml.as_bytes()), None, "{xml:.80}");
    }
}

/// XML and its JSON break the same rules at the same places.
#[test]
fn xml_and_json_have_one_verdict() {
    let mut all = files("practice/samples");
    all.retain(|(_, bytes)| bytes.starts_with(b"<"));
    let fixtures =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fhir/practice");
    for name in ["send-document.xml", "send-document-broken.xml"] {
        all.push((name.to_owned(), std::fs::read(fixtures.join(name)).unwrap()));
    }
    assert!(all.len() >= 2);
    for (name, xml) in all {
        for plan in [&*STU3, &*R4] {
            let Some(json) = json_of_xml(plan, &xml) else {
                panic!("{name} can be read");
            };
            let of_json = check_by(plan, json.as_bytes(), Form::Document, 1).1;
            let of_xml = check_by(plan, &xml, Form::Document, 1).1;
            let only_xml =
                |told: &String| told.starts_with("STRUCTURE-") || told.starts_with("ATTRIBUTE-");
            let mut json: Vec<String> = of_json.iter().map(told).collect();
            let mut xml: Vec<String> = of_xml
                .iter()
                .map(told)
                .filter(|told| !only_xml(told))
                .collect();
            json.sort();
            xml.sort();
            assert_eq!(json, xml, "{name}");
        }
    }
}

const SEED: &str = r##"<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><type value="message"/><entry><fullUrl value="urn:uuid:a"/><resource><Patient id="x"><id value="p"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">a</div></text><contained><Organization><id value="o"/></Organization></contained><identifier><system value="https://fhir.nhs.uk/Id/nhs-number"/><value value="999&#48;000018"/></identifier><name><given value="A"/><given id="b"><extension url="u"><valueString value="v"/></extension></given></name><birthDate value="1990-01-01"/><multipleBirthInteger value="2"/><managingOrganization><reference value="#o"/></managingOrganization></Patient></resource></entry></Bundle>"##;

proptest! {
    /// Text that is nearly a resource: pieces of one cut out, doubled and moved.
    #[test]
    fn nearly_a_resource_is_judged(edits in edits(SEED.len(), 60)) {
        let bytes = edited(SEED, edits);
        let (checked, findings) = check_by(&STU3, &bytes, Form::Document, 1);
        for finding in &findings {
            let place = finding.place.unwrap();
            prop_assert!(place.offset <= bytes.len() as u64, "{}", told(finding));
            prop_assert!(is_filled(finding), "{}", told(finding));
        }
        if let Some(json) = json_of_xml(&STU3, &bytes) {
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{}", json);
        }
        let records = &checked.summary.records;
        prop_assert_eq!(records.records, records.accepted + records.rejected);
    }
}
