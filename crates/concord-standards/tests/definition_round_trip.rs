//! A structure that is written and read again says the same.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use concord_standards::definition::{
    Definition, Known, Recognise, RecordShape, StandardInfo, StandardStatus, difference, write,
};
use concord_standards::schema::Schema;
use concord_standards::xsd;
use support::{Folder, reference};

fn info(schema: &Schema) -> StandardInfo {
    StandardInfo {
        id: "written".into(),
        version: "1".into(),
        title: "Written".to_owned(),
        number: None,
        publisher: "nobody".to_owned(),
        status: StandardStatus::Draft,
        effective_from: None,
        effective_to: None,
        carrier: "xml".to_owned(),
        namespace: schema.namespace.clone(),
        recognise: Recognise {
            root: "root".into(),
            namespace: schema.namespace.clone(),
            ..Recognise::default()
        },
        record: RecordShape::default(),
        tables: Vec::new(),
        messages: None,
        aliases: Vec::new(),
        reconcile: None,
        effects: concord_standards::definition::Effects::default(),
        covers: None,
        source: "a test".to_owned(),
        provenance: None,
        folder: "written/1".to_owned(),
    }
}

fn holds(name: &str, schema: &Schema) -> BTreeMap<String, String> {
    let info = info(schema);
    let files = write(schema, &info, &Known::default());
    let read = match Definition::load(&files, "written/1") {
        Ok(read) => read,
        Err(errors) => panic!("{name}: {errors}\n{}", files["written/1/structure.toml"]),
    };
    assert_eq!(read.standard, info, "{name}");
    let text = &files["written/1/structure.toml"];
    if let Some(difference) = difference(schema, &read.schema) {
        panic!("{name}: {difference}\n{text}");
    }
    let again = write(&read.schema, &info, &Known::default());
    assert_eq!(
        &again["written/1/structure.toml"], text,
        "{name}: written twice"
    );
    files
}

#[test]
fn published_structures_read_back() {
    let Some(reference) = reference() else {
        return;
    };
    for version in ["6-2-2", "6-2-3", "6-3-1"] {
        let folder = Folder(reference.join(format!("cds/xsd/V{version}")));
        let root = format!("CDS-XML_Message_Root-V{version}.xsd");
        let schema =
            xsd::import(&folder, &root).unwrap_or_else(|errors| panic!("{version}: {errors}"));
        holds(version, &schema);
        let files = holds(
            version,
            &concord_standards::definition::without_unused(&schema),
        );
        if let Some(out) = std::env::var_os("CONCORD_ROUND_TRIP_OUT") {
            let path = Path::new(&out).join(format!("{version}.toml"));
            std::fs::write(path, &files["written/1/structure.toml"]).expect("folder exists");
        }
    }
}

/// An XSD with these components, and a structure that says them.
fn round_trip(attributes: &str, components: &str) -> String {
    let text = format!(
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" {attributes}>{components}</xs:schema>"#
    );
    let files = BTreeMap::from([("a.xsd".to_owned(), text)]);
    let schema =
        xsd::import(&files, "a.xsd").unwrap_or_else(|errors| panic!("{errors}\n{components}"));
    holds(components, &schema)
        .remove("written/1/structure.toml")
        .expect("written")
}

#[test]
fn every_kind_of_component_reads_back() {
    let qualified = r#"elementFormDefault="qualified""#;
    for components in [
        // Simple types.
        r#"<xs:element name="r" type="xs:date"/>"#,
        r#"<xs:element name="r"><xs:simpleType><xs:restriction base="xs:string"><xs:length value="3"/></xs:restriction></xs:simpleType></xs:element>"#,
        r#"<xs:simpleType name="A"><xs:restriction base="xs:string"/></xs:simpleType>
           <xs:simpleType name="B"><xs:restriction base="t:A"><xs:pattern value="\d{3}'"/><xs:pattern value="[&quot;A-Z]"/><xs:enumeration value="1"/><xs:enumeration value=""/></xs:restriction></xs:simpleType>
           <xs:element name="r" type="t:B"/>"#,
        r#"<xs:simpleType name="L"><xs:list itemType="xs:int"/></xs:simpleType>
           <xs:simpleType name="L3"><xs:restriction base="t:L"><xs:maxLength value="3"/></xs:restriction></xs:simpleType>
           <xs:simpleType name="U"><xs:union memberTypes="xs:date t:L3"><xs:simpleType><xs:restriction base="xs:token"><xs:enumeration value="none"/></xs:restriction></xs:simpleType></xs:union></xs:simpleType>
           <xs:element name="r" type="t:U"/>"#,
        r#"<xs:simpleType name="N"><xs:restriction base="xs:decimal"><xs:minExclusive value="0"/><xs:maxInclusive value="99.9"/><xs:totalDigits value="3"/><xs:fractionDigits value="1"/></xs:restriction></xs:simpleType>
           <xs:simpleType name="W"><xs:restriction base="xs:string"><xs:whiteSpace value="collapse"/><xs:minLength value="1"/></xs:restriction></xs:simpleType>
           <xs:element name="r" type="t:N"/>"#,
        // Content models.
        r#"<xs:element name="r"><xs:complexType/></xs:element>"#,
        r#"<xs:element name="r"><xs:complexType mixed="true"/></xs:element>"#,
        r#"<xs:element name="r"><xs:complexType mixed="true"><xs:sequence><xs:element name="a" type="xs:string" minOccurs="0" maxOccurs="7"/></xs:sequence></xs:complexType></xs:element>"#,
        r#"<xs:element name="r"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="a" type="xs:string" minOccurs="0"/>
           <xs:sequence minOccurs="0"><xs:element name="b" type="xs:int"/><xs:choice><xs:element name="c" type="xs:int" minOccurs="0" maxOccurs="0"/><xs:element name="d" type="xs:int" nillable="true" default="7"/></xs:choice></xs:sequence></xs:choice></xs:complexType></xs:element>"#,
        r#"<xs:element name="r"><xs:complexType><xs:all minOccurs="0"><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/></xs:all></xs:complexType></xs:element>"#,
        r###"<xs:element name="r"><xs:complexType><xs:sequence><xs:any namespace="##other" processContents="lax" minOccurs="0"/><xs:any namespace="urn:a ##local" processContents="skip"/></xs:sequence><xs:anyAttribute namespace="##any"/></xs:complexType></xs:element>"###,
        r#"<xs:element name="r"/>"#,
        // Attributes.
        r#"<xs:attribute name="g" type="xs:int" default="1"/>
           <xs:element name="r"><xs:complexType><xs:attribute name="a" type="xs:date" use="required" fixed="2021-07-05"/><xs:attribute name="b" use="prohibited" type="xs:string"/><xs:attribute ref="t:g"/></xs:complexType></xs:element>"#,
        r#"<xs:complexType name="M"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="unit" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType>
           <xs:complexType name="M2"><xs:simpleContent><xs:extension base="t:M"><xs:attribute name="more"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="x"/></xs:restriction></xs:simpleType></xs:attribute></xs:extension></xs:simpleContent></xs:complexType>
           <xs:complexType name="M3"><xs:simpleContent><xs:restriction base="t:M"><xs:maxInclusive value="5"/><xs:attribute name="unit" type="xs:string" use="required"/></xs:restriction></xs:simpleContent></xs:complexType>
           <xs:element name="r" type="t:M2"/>"#,
        // Derivation.
        r#"<xs:complexType name="B" abstract="true" block="restriction"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence><xs:attribute name="x" type="xs:string"/></xs:complexType>
           <xs:complexType name="E"><xs:complexContent><xs:extension base="t:B"><xs:choice><xs:element name="b" type="xs:string"/></xs:choice><xs:attribute name="y" type="xs:string"/></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name="F"><xs:complexContent><xs:extension base="t:B"/></xs:complexContent></xs:complexType>
           <xs:complexType name="R"><xs:complexContent><xs:restriction base="t:B"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence><xs:attribute name="x" type="xs:string" use="prohibited"/></xs:restriction></xs:complexContent></xs:complexType>
           <xs:complexType name="P"><xs:complexContent><xs:extension base="t:R"><xs:anyAttribute/></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name="Z"><xs:complexContent><xs:restriction base="xs:anyType"><xs:sequence/></xs:restriction></xs:complexContent></xs:complexType>
           <xs:element name="r" type="t:B" block="extension substitution"/>"#,
        // Substitution groups, references, recursion, shared anonymous types.
        r#"<xs:element name="head" abstract="true" type="xs:anyType"/>
           <xs:element name="one" substitutionGroup="t:head" type="xs:int"/>
           <xs:element name="two" substitutionGroup="t:head"><xs:complexType><xs:sequence><xs:element ref="t:head" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>"#,
        r#"<xs:group name="G"><xs:sequence><xs:element name="again" minOccurs="0"><xs:complexType><xs:group ref="t:G"/></xs:complexType></xs:element></xs:sequence></xs:group>
           <xs:element name="r"><xs:complexType><xs:group ref="t:G"/></xs:complexType></xs:element>"#,
        r#"<xs:complexType name="T"><xs:sequence><xs:element name="s"><xs:complexType><xs:sequence><xs:element name="x" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType>
           <xs:complexType name="s"><xs:sequence><xs:element name="s"><xs:complexType><xs:sequence><xs:element name="x" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType>
           <xs:element name="r"><xs:complexType><xs:sequence><xs:element name="one" type="t:T"/><xs:element name="two" type="t:s"/><xs:element name="s"><xs:complexType><xs:sequence><xs:element name="x" type="xs:date"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>"#,
    ] {
        round_trip(qualified, components);
        round_trip("", components);
        round_trip(
            r#"elementFormDefault="qualified" attributeFormDefault="qualified" blockDefault="extension""#,
            components,
        );
    }
}

#[test]
fn several_namespaces_read_back() {
    let other = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:o" elementFormDefault="qualified" xmlns="urn:o">
        <xs:complexType name="Same"><xs:sequence><xs:element name="inner" type="V"/></xs:sequence><xs:attribute ref="flag"/></xs:complexType>
        <xs:simpleType name="V"><xs:restriction base="xs:string"><xs:maxLength value="4"/></xs:restriction></xs:simpleType>
        <xs:attribute name="flag" type="xs:boolean"/><xs:element name="outer" type="Same"/></xs:schema>"#;
    let root = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" xmlns:t="urn:t" xmlns:o="urn:o">
        <xs:import namespace="urn:o" schemaLocation="o.xsd"/>
        <xs:complexType name="Same"><xs:sequence><xs:element ref="o:outer"/><xs:element name="local" type="o:Same"/></xs:sequence></xs:complexType>
        <xs:element name="root" type="t:Same"/></xs:schema>"#;
    let files = BTreeMap::from([
        ("o.xsd".to_owned(), other.to_owned()),
        ("t.xsd".to_owned(), root.to_owned()),
    ]);
    let schema = xsd::import(&files, "t.xsd").expect("two namespaces");
    holds("several namespaces", &schema);
}
