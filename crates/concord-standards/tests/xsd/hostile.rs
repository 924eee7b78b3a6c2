//! Schemas made to hurt: the importer must end, with an error, in little time and memory.

use std::fmt::Write;
use std::sync::Arc;

use concord_standards::compile::{CompiledSchema, Model};
use concord_standards::schema::ComplexTypeId;

use crate::files::import_text;

fn told(content: &str) -> String {
    import_text(content).unwrap_err().to_string()
}

#[test]
fn deep_nesting_is_refused() {
    let deep = "<xs:sequence>".repeat(100_000);
    assert!(told(&format!("<xs:complexType name=\"T\">{deep}")).contains("nested deeper"));
}

#[test]
fn long_chains_of_types_are_refused_or_taken_but_never_overflow() {
    let mut chain = String::new();
    for index in 0..20_000 {
        let next = index + 1;
        writeln!(chain, "<xs:complexType name=\"T{index}\"><xs:complexContent><xs:extension base=\"T{next}\"/></xs:complexContent></xs:complexType>").unwrap();
    }
    chain.push_str("<xs:complexType name=\"T20000\"/>");
    assert!(told(&chain).contains("lead to one another deeper"));

    let mut simple = String::new();
    for index in 0..20_000 {
        let next = index + 1;
        writeln!(
            simple,
            "<xs:simpleType name=\"S{index}\"><xs:restriction base=\"S{next}\"/></xs:simpleType>"
        )
        .unwrap();
    }
    simple.push_str(
        "<xs:simpleType name=\"S20000\"><xs:restriction base=\"xs:string\"/></xs:simpleType>",
    );
    assert!(told(&simple).contains("lead to one another deeper"));

    // Types that contain each other through elements may be as many as they like.
    let mut elements = String::new();
    for index in 0..20_000 {
        let next = (index + 1) % 20_000;
        writeln!(elements, "<xs:complexType name=\"T{index}\"><xs:sequence><xs:element name=\"e\" type=\"T{next}\" minOccurs=\"0\"/></xs:sequence></xs:complexType>").unwrap();
    }
    assert_eq!(import_text(&elements).unwrap().complex_types.len(), 20_000);
}

#[test]
fn groups_that_multiply_are_refused() {
    let mut groups = String::new();
    for index in 0..60 {
        let next = index + 1;
        writeln!(groups, "<xs:group name=\"G{index}\"><xs:sequence><xs:group ref=\"G{next}\"/><xs:group ref=\"G{next}\"/></xs:sequence></xs:group>").unwrap();
    }
    groups.push_str(
        "<xs:group name=\"G60\"><xs:sequence><xs:element name=\"a\"/></xs:sequence></xs:group>",
    );
    assert!(told(&groups).contains("grows too large"));
}

/// Found by fuzzing: each of thousands of copies may begin the next repetition, which took seconds to work out.
#[test]
fn repetitions_inside_repetitions_are_refused() {
    let model = |least: u32| {
        let text = format!(
            "<xs:complexType name=\"T\"><xs:sequence maxOccurs=\"7\"><xs:element name=\"b\" minOccurs=\"0\" maxOccurs=\"5\"/><xs:choice minOccurs=\"{least}\" maxOccurs=\"unbounded\"><xs:element name=\"c\"/><xs:element name=\"a\"/></xs:choice></xs:sequence></xs:complexType>"
        );
        CompiledSchema::compile(Arc::new(import_text(&text).unwrap()))
    };
    let refused = model(500).unwrap_err().to_string();
    assert!(refused.contains("repeats groups too often"), "{refused}");
    assert!(model(20).is_ok());
}

/// What repeats inside of what may be left out keeps its counter, however often either may stand.
#[test]
fn repetitions_in_optional_copies_stay_small() {
    for (least, group) in [(0, 9), (1, 40), (3, 7)] {
        let text = format!(
            "<xs:complexType name=\"T\"><xs:sequence minOccurs=\"{least}\" maxOccurs=\"{group}\"><xs:element name=\"a\"/><xs:element name=\"b\" minOccurs=\"2\" maxOccurs=\"999\"/></xs:sequence></xs:complexType>"
        );
        let compiled = CompiledSchema::compile(Arc::new(import_text(&text).unwrap())).unwrap();
        let Model::Ordered { automaton, .. } = compiled.model(ComplexTypeId(0)) else {
            panic!("a sequence is ordered");
        };
        assert!(automaton.states.len() <= 2 * group + 1);
    }
}

#[test]
fn groups_nested_in_good_order_are_refused_when_too_deep() {
    let mut groups =
        "<xs:group name=\"G0\"><xs:sequence><xs:element name=\"a\"/></xs:sequence></xs:group>"
            .to_owned();
    for index in 1..5_000 {
        let before = index - 1;
        writeln!(groups, "<xs:group name=\"G{index}\"><xs:sequence><xs:group ref=\"G{before}\"/></xs:sequence></xs:group>").unwrap();
    }
    assert!(told(&groups).contains("grows too large"));
}

#[test]
fn codes_inherited_without_end_are_refused() {
    let mut types = "<xs:simpleType name=\"S0\"><xs:restriction base=\"xs:string\">".to_owned();
    for index in 0..10_000 {
        write!(types, "<xs:enumeration value=\"{index}\"/>").unwrap();
    }
    types.push_str("</xs:restriction></xs:simpleType>\n");
    for index in 1..1_000 {
        writeln!(
            types,
            "<xs:simpleType name=\"S{index}\"><xs:restriction base=\"S0\"/></xs:simpleType>"
        )
        .unwrap();
    }
    assert!(told(&types).contains("grows too large"));
}

#[test]
fn attributes_inherited_without_end_are_refused() {
    let mut types = "<xs:complexType name=\"T0\">".to_owned();
    for index in 0..5_000 {
        write!(types, "<xs:attribute name=\"a{index}\"/>").unwrap();
    }
    types.push_str("</xs:complexType>\n");
    for index in 1..1_000 {
        writeln!(types, "<xs:complexType name=\"T{index}\"><xs:complexContent><xs:extension base=\"T0\"/></xs:complexContent></xs:complexType>").unwrap();
    }
    assert!(told(&types).contains("grows too large"));
}

#[test]
fn any_cut_of_a_schema_is_an_error_and_never_a_panic() {
    let content = "<xs:element name=\"a\"><xs:complexType><xs:sequence><xs:element name=\"é\" type=\"xs:int\" minOccurs=\"0\"/></xs:sequence><xs:attribute name=\"x\"/></xs:complexType></xs:element>";
    let text = crate::files::schema_text(content);
    for end in 0..text.len() {
        if text.is_char_boundary(end) {
            assert!(
                crate::files::import_all(&[("t.xsd", &text[..end])]).is_err(),
                "{end}"
            );
        }
    }
    // One byte replaced by another: taken or refused, but told.
    for at in 0..text.len() {
        for byte in [b'<', b'>', b'"', b'&', b' ', b'0', b'z', b':', b'/'] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            if let Ok(changed) = String::from_utf8(bytes) {
                let _ = crate::files::import_all(&[("t.xsd", &changed)]);
            }
        }
    }
}
