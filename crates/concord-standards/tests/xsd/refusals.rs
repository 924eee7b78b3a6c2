//! What is not supported or wrong is refused with file, line, and what to do.

use crate::files::{import_all, import_text, schema_text};

/// The content of a schema from line 2, the line of the error, and words of its message.
const REFUSALS: &[(&str, u32, &str)] = &[
    (
        "<xs:element name=\"a\"/>\n<xs:redefine schemaLocation=\"u.xsd\"/>",
        3,
        "<xs:redefine> is not supported",
    ),
    (
        "<xs:redefine schemaLocation=\"u.xsd\"/>",
        2,
        "<xs:redefine> is not supported",
    ),
    (
        "<xs:notation name=\"n\" public=\"p\"/>",
        2,
        "<xs:notation> is not supported",
    ),
    (
        "<xs:element name=\"a\">\n <xs:key name=\"k\"><xs:selector xpath=\"b\"/><xs:field xpath=\"c\"/></xs:key>\n</xs:element>",
        3,
        "<xs:key> is not supported",
    ),
    (
        "<xs:element name=\"a\">\n <xs:keyref name=\"k\" refer=\"l\"/>\n</xs:element>",
        3,
        "<xs:keyref> is not supported",
    ),
    (
        "<xs:element name=\"a\">\n\n <xs:unique name=\"k\"/>\n</xs:element>",
        4,
        "<xs:unique> is not supported",
    ),
    (
        "<xs:element name=\"a\"\n  type=\"xs:ID\"/>",
        2,
        "xs:ID is not supported",
    ),
    (
        "\n<xs:attribute name=\"a\" type=\"xs:IDREF\"/>",
        3,
        "xs:IDREF is not supported",
    ),
    (
        "<xs:element name=\"a\" type=\"xs:IDREFS\"/>",
        2,
        "xs:IDREFS is not supported",
    ),
    (
        "<xs:simpleType name=\"S\">\n<xs:list itemType=\"xs:ENTITY\"/></xs:simpleType>",
        3,
        "xs:ENTITY is not supported",
    ),
    (
        "<xs:simpleType name=\"S\">\n<xs:union memberTypes=\"xs:int xs:ENTITIES\"/></xs:simpleType>",
        3,
        "xs:ENTITIES is not supported",
    ),
    (
        "<xs:simpleType name=\"S\"><xs:restriction base=\"xs:NOTATION\"/></xs:simpleType>",
        2,
        "xs:NOTATION is not supported",
    ),
    (
        "<xs:simpleType name=\"S\"><xs:restriction base=\"xs:QName\">\n<xs:enumeration value=\"t:a\"/></xs:restriction></xs:simpleType>",
        3,
        "enumeration of xs:QName is not supported",
    ),
    // XML Schema 1.1.
    (
        "<xs:complexType name=\"T\"><xs:sequence/>\n<xs:assert test=\"a\"/></xs:complexType>",
        3,
        "<xs:assert> is not an element of XML Schema 1.0",
    ),
    (
        "<xs:override schemaLocation=\"u.xsd\"/>",
        2,
        "<xs:override> is not an element of XML Schema 1.0",
    ),
    (
        "<xs:defaultOpenContent/>",
        2,
        "not an element of XML Schema 1.0",
    ),
    (
        "<xs:element name=\"a\">\n<xs:alternative type=\"xs:int\"/></xs:element>",
        3,
        "<xs:alternative> is not an element of XML Schema 1.0",
    ),
    (
        "<xs:element name=\"a\" type=\"xs:dateTimeStamp\"/>",
        2,
        "`xs:dateTimeStamp` is not a type of XML Schema 1.0",
    ),
    (
        "<xs:complexType name=\"T\"><xs:all>\n<xs:element name=\"a\" maxOccurs=\"2\"/></xs:all></xs:complexType>",
        3,
        "expected 0 or 1",
    ),
    // Wrong, with what to do.
    (
        "<xs:element name=\"a\" type=\"Typo\"/>",
        2,
        "the type `Typo` is not defined: check the spelling",
    ),
    (
        "<xs:element name=\"a\" type=\"q:T\" xmlns:q=\"urn:q\"/>",
        2,
        "add <xs:import namespace=\"urn:q\"/>",
    ),
    (
        "<xs:import namespace=\"urn:q\"/>\n<xs:element name=\"a\" type=\"q:T\" xmlns:q=\"urn:q\"/>",
        3,
        "the xs:import in line 2 of t.xsd has no schemaLocation",
    ),
    (
        "<xs:import namespace=\"urn:q\" schemaLocation=\"http://example.org/q.xsd\"/>\n<xs:element name=\"a\" type=\"q:T\" xmlns:q=\"urn:q\"/>",
        3,
        "cannot read http://example.org/q.xsd",
    ),
    (
        "<xs:include schemaLocation=\"gone.xsd\"/>",
        2,
        "cannot read gone.xsd",
    ),
    (
        "<xs:complexType name=\"T\"><xs:attribute ref=\"xml:id\"/></xs:complexType>",
        2,
        "does not import",
    ),
    (
        "<xs:import namespace=\"http://www.w3.org/XML/1998/namespace\"/>\n<xs:complexType name=\"T\"><xs:attribute ref=\"xml:id\"/></xs:complexType>",
        3,
        "xml:id is not supported",
    ),
    ("<xs:element name=\"a\">", 3, "not well-formed"),
    ("<xs:element name=\"a\" name=\"b\"/>", 2, "not well-formed"),
    (
        "<xs:annotation><xs:documentation>&x;</xs:documentation></xs:annotation>",
        2,
        "the entity `&x;` is not defined",
    ),
    (
        "<xs:element name=\"a\" xs:type=\"xs:int\"/>",
        2,
        "must not stand on",
    ),
    (
        "<xs:complexType name=\"T\"><xs:sequence><xs:element name=\"a\" type=\"xs:int\"/>\n<xs:element name=\"a\" type=\"xs:date\"/></xs:sequence></xs:complexType>",
        3,
        "stands twice in one content model with different types",
    ),
    (
        "<xs:complexType name=\"B\"><xs:sequence><xs:element name=\"a\"/></xs:sequence></xs:complexType>\n<xs:complexType name=\"T\"><xs:complexContent><xs:restriction base=\"B\"><xs:sequence><xs:element name=\"b\"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>",
        3,
        "the restriction holds `b`, which the base type does not",
    ),
    (
        "<xs:complexType name=\"B\"><xs:sequence><xs:element name=\"a\"/></xs:sequence></xs:complexType>\n<xs:complexType name=\"T\"><xs:complexContent><xs:restriction base=\"B\"><xs:sequence><xs:element name=\"a\" minOccurs=\"0\"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>",
        3,
        "allows `a` 0 to 1 times, the base type 1 to 1 times",
    ),
    (
        "<xs:complexType name=\"B\"><xs:sequence><xs:element name=\"a\"/></xs:sequence></xs:complexType>\n<xs:complexType name=\"T\"><xs:complexContent><xs:restriction base=\"B\"/></xs:complexContent></xs:complexType>",
        3,
        "must not be empty",
    ),
    (
        "<xs:complexType name=\"B\"><xs:sequence><xs:element name=\"a\" type=\"xs:int\"/></xs:sequence></xs:complexType>\n<xs:complexType name=\"T\"><xs:complexContent><xs:restriction base=\"B\"><xs:sequence><xs:element name=\"a\" type=\"xs:string\"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>",
        3,
        "the type of `a` does not derive",
    ),
    (
        "<xs:simpleType name=\"S\"><xs:restriction base=\"xs:date\">\n<xs:minInclusive value=\"2020-02-30\"/></xs:restriction></xs:simpleType>",
        2,
        "2020-02-30",
    ),
    (
        "<xs:element name=\"a\" type=\"xs:int\" fixed=\"one\"/>",
        2,
        "`one` is not a value of the type",
    ),
];

#[test]
fn refusals_name_file_line_and_reason() {
    for (content, line, words) in REFUSALS {
        let Err(errors) = import_text(content) else {
            panic!("taken: {content}");
        };
        let found = errors.iter().any(|error| {
            error.file == "t.xsd" && error.line == *line && error.message.contains(words)
        });
        assert!(found, "{content}\nexpected line {line}: {words}\n{errors}");
    }
}

#[test]
fn all_errors_are_told_in_order() {
    let content = "<xs:element name=\"a\" type=\"X\"/>\n<xs:element name=\"b\" type=\"xs:ID\"/>\n<xs:element name=\"c\" type=\"Y\"/>";
    let errors = import_text(content).unwrap_err();
    let lines: Vec<u32> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert_eq!(errors.count(), 3);
    assert!(
        errors
            .to_string()
            .starts_with("t.xsd:2: the type `X` is not defined")
    );
}

#[test]
fn an_error_in_an_included_file_names_that_file() {
    let root = schema_text("<xs:include schemaLocation=\"parts/u.xsd\"/>");
    let part = schema_text("\n<xs:element name=\"a\" type=\"X\"/>");
    let errors = import_all(&[("t.xsd", &root), ("parts/u.xsd", &part)]).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!((error.file.as_str(), error.line), ("parts/u.xsd", 3));
}

#[test]
fn files_of_the_wrong_namespace_are_refused() {
    let root = schema_text("<xs:include schemaLocation=\"u.xsd\"/>");
    let other = root.replace("targetNamespace=\"urn:t\"", "targetNamespace=\"urn:u\"");
    let errors = import_all(&[("t.xsd", &root), ("u.xsd", &other)]).unwrap_err();
    assert!(
        errors
            .to_string()
            .contains("u.xsd defines the namespace urn:u, not the namespace urn:t"),
        "{errors}"
    );
}

#[test]
fn what_is_no_schema_is_refused() {
    for (text, words) in [
        ("", "holds no <xs:schema>"),
        ("{}", "text must not stand outside"),
        ("<a/>", "<a> is not an element of XML Schema"),
        (
            "<xs:element xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"/>",
            "not <xs:schema>",
        ),
        (
            "<schema xmlns=\"http://www.w3.org/2001/XMLSchema\"/><schema xmlns=\"http://www.w3.org/2001/XMLSchema\"/>",
            "a second root",
        ),
        (
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a/>",
            "document type declarations",
        ),
        (
            "<schema xmlns=\"http://www.w3.org/2001/XMLSchema\"><element name=\"a\">",
            "ends before",
        ),
        ("<xs:schema/>", "prefix `xs`"),
    ] {
        let errors = import_all(&[("t.xsd", text)]).unwrap_err();
        assert!(errors.to_string().contains(words), "{text}: {errors}");
    }
    let missing = import_all(&[("t.xsd", "")]).map(|_| ()).unwrap_err();
    assert_eq!(missing.count(), 1);
}
