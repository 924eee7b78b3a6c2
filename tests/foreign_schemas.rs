//! `concord check --schema FILE.xsd` with schemas as publishers leave them on a disk.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::fs;

use ran::{concord, folder};

fn schema(declared: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"{declared}\"?>\n<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">{content}</xs:schema>"
    )
}

#[test]
fn files_that_include_one_another_across_folders_are_read_once() {
    let at = folder("foreign_schemas", "rings");
    fs::create_dir_all(at.join("one")).unwrap();
    fs::create_dir_all(at.join("two")).unwrap();
    let first = r#"<xs:include schemaLocation="../two/second.xsd"/><xs:element name="first" type="Second"/>"#;
    let second = r#"<xs:include schemaLocation="../one/first.xsd"/><xs:simpleType name="Second"><xs:restriction base="xs:int"/></xs:simpleType>"#;
    fs::write(at.join("one/first.xsd"), schema("UTF-8", first)).unwrap();
    fs::write(at.join("two/second.xsd"), schema("UTF-8", second)).unwrap();
    fs::write(at.join("right.xml"), "<first>7</first>").unwrap();
    fs::write(at.join("wrong.xml"), "<first>seven</first>").unwrap();
    for (file, code) in [("right.xml", 0), ("wrong.xml", 1)] {
        concord(&at, &["check", "--schema", "one/first.xsd", file]).exits(code);
    }
}

#[test]
fn a_schema_is_decoded_as_it_declares() {
    let at = folder("foreign_schemas", "encodings");
    let text = schema(
        "windows-1252",
        "<xs:element name=\"Si\u{e2}n\" type=\"xs:int\"/>",
    );
    // The letter is the same byte there as its number here.
    let bytes: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(letter).unwrap())
        .collect();
    fs::write(at.join("own.xsd"), bytes).unwrap();
    let wide = schema("UTF-16", "<xs:element name=\"Si\u{e2}n\" type=\"xs:int\"/>");
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain(wide.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(at.join("wide.xsd"), wide).unwrap();
    fs::write(at.join("right.xml"), "<Si\u{e2}n>7</Si\u{e2}n>").unwrap();
    fs::write(at.join("wrong.xml"), "<Sian>7</Sian>").unwrap();
    for schema in ["own.xsd", "wide.xsd"] {
        for (file, code) in [("right.xml", 0), ("wrong.xml", 1)] {
            concord(&at, &["check", "--schema", schema, file]).exits(code);
        }
    }
    let damaged = [
        schema("UTF-8", "<xs:element name=\"a").as_bytes(),
        b"\xff\"/>",
    ]
    .concat();
    fs::write(at.join("damaged.xsd"), damaged).unwrap();
    let ran = concord(&at, &["check", "--schema", "damaged.xsd", "right.xml"]).exits(2);
    assert!(ran.err.contains("damaged.xsd"), "{}", ran.err);
}
