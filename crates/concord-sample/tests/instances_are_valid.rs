//! Instances made from a schema are valid to xmllint.

#![allow(clippy::print_stderr)] // what is skipped is said aloud

#[allow(dead_code)]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_sample::Dice;
use concord_sample::instance::Generator;
use concord_sample::mutate::{MutantKind, mutate};
use concord_sample::tree::{Layout, Node};
use concord_sample::value::Extent;
use concord_standards::schema::Schema;

/// Instances of every extent, then covering ones until every choice was taken.
fn instances(schema: &Schema, random: usize) -> Vec<Node> {
    let mut generator = Generator::new(schema);
    let mut dice = Dice::new(11);
    let mut made = Vec::new();
    for &root in &schema.roots {
        made.push(
            generator
                .instance(root, Extent::Smallest, &mut dice)
                .expect("an instance"),
        );
        for _ in 0..6 {
            made.push(
                generator
                    .instance(root, Extent::Largest, &mut dice)
                    .expect("an instance"),
            );
        }
        for _ in 0..random {
            made.push(
                generator
                    .instance(root, Extent::Random, &mut dice)
                    .expect("an instance"),
            );
        }
    }
    for _ in 0..6000 {
        if generator.uncovered() == 0 {
            break;
        }
        made.push(generator.covering(&mut dice).expect("an instance"));
    }
    eprintln!(
        "{} instances; {} of {} choices not taken",
        made.len(),
        generator.uncovered(),
        generator.choices()
    );
    assert_eq!(generator.uncovered_names(), Vec::<String>::new());
    made
}

fn all_valid(schema: &Schema, xsd: &Path, random: usize, name: &str) {
    let layouts = [
        Layout::default(),
        Layout::compact(),
        Layout {
            prefix: Some("c".to_owned()),
            self_closing: false,
            ..Layout::default()
        },
    ];
    let trees = instances(schema, random);
    let documents: Vec<Vec<u8>> = trees
        .iter()
        .enumerate()
        .map(|(index, tree)| layouts[index % 3].write(tree).into_bytes())
        .collect();
    for (document, verdict) in documents
        .iter()
        .zip(common::verdicts(xsd, &documents, name))
    {
        if let Err(reason) = verdict {
            panic!(
                "{reason}\n{}",
                String::from_utf8_lossy(&document[..document.len().min(6000)])
            );
        }
    }
}

#[test]
fn of_the_official_structures() {
    if !common::has_xmllint() {
        return;
    }
    for (folder, _) in common::VERSIONS {
        let Some((schema, xsd)) = common::official(folder) else {
            return;
        };
        // More of them when somebody asks, as before a release.
        let random = std::env::var("CONCORD_INSTANCES")
            .ok()
            .and_then(|count| count.parse().ok())
            .unwrap_or(100);
        all_valid(&schema, &xsd, random, folder);
    }
}

/// Everything that the official structures of CDS do not use.
const RICH: &str = r###"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:rich" targetNamespace="urn:rich" elementFormDefault="qualified">
  <xs:element name="Rich" type="Rich"/>
  <xs:complexType name="Rich"><xs:sequence>
    <xs:element ref="Animal" maxOccurs="3"/>
    <xs:element name="Either" minOccurs="0"><xs:complexType><xs:choice maxOccurs="4">
      <xs:element name="A" type="xs:decimal"/><xs:sequence><xs:element name="B" type="Small"/><xs:element name="C" type="Codes" minOccurs="0"/></xs:sequence>
    </xs:choice></xs:complexType></xs:element>
    <xs:element name="Free"><xs:complexType><xs:all>
      <xs:element name="One" type="xs:boolean" nillable="true"/><xs:element name="Two" type="xs:dateTime" minOccurs="0"/><xs:element name="Three" type="Mixed" minOccurs="0"/>
    </xs:all><xs:attribute name="on" type="xs:date"/></xs:complexType></xs:element>
    <xs:element name="Shape" type="Shape"/>
    <xs:element name="Amount" type="Amount" default="1"/>
    <xs:element name="Fix" type="xs:string" fixed="so &amp; so" minOccurs="0"/>
    <xs:element name="Tree" type="Tree" minOccurs="0"/>
    <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="2"/>
  </xs:sequence><xs:attribute name="kind" type="Codes" use="required"/></xs:complexType>
  <xs:element name="Animal" type="xs:string" abstract="true"/>
  <xs:element name="Cat" type="xs:token" substitutionGroup="Animal"/>
  <xs:element name="Dog" substitutionGroup="Animal"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[a-z-[aeiou]]{2,5}|\i\c*"/><xs:maxLength value="5"/></xs:restriction></xs:simpleType></xs:element>
  <xs:complexType name="Mixed" mixed="true"><xs:sequence><xs:element name="b" type="xs:string" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
  <xs:complexType name="Shape" abstract="true"><xs:sequence><xs:element name="Name" type="xs:NCName"/></xs:sequence></xs:complexType>
  <xs:complexType name="Round"><xs:complexContent><xs:extension base="Shape"><xs:sequence><xs:element name="Radius" type="xs:float"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="Square"><xs:complexContent><xs:extension base="Shape"><xs:attribute name="side" type="xs:unsignedByte" use="required"/></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="Amount"><xs:simpleContent><xs:extension base="Small"><xs:attribute name="unit" type="xs:NMTOKEN"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="Tree"><xs:sequence><xs:element name="Leaf" type="Either"/><xs:element name="Branch" type="Tree" minOccurs="0" maxOccurs="2"/></xs:sequence></xs:complexType>
  <xs:simpleType name="Small"><xs:restriction base="xs:decimal"><xs:minExclusive value="-1.5"/><xs:maxInclusive value="20"/><xs:fractionDigits value="2"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Codes"><xs:restriction base="xs:string"><xs:enumeration value="A"/><xs:enumeration value="B b"/><xs:enumeration value=""/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Numbers"><xs:restriction><xs:simpleType><xs:list itemType="xs:short"/></xs:simpleType><xs:minLength value="1"/><xs:maxLength value="4"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Either"><xs:union memberTypes="Numbers xs:time xs:hexBinary"/></xs:simpleType>
</xs:schema>"###;

fn rich() -> (Schema, common::Scratch) {
    let schema = concord_standards::xsd::import(
        &BTreeMap::from([("rich.xsd".to_owned(), RICH.to_owned())]),
        "rich.xsd",
    )
    .expect("the schema is read");
    let scratch = common::Scratch::new(&format!("rich-{:?}", std::thread::current().id()));
    std::fs::write(scratch.0.join("rich.xsd"), RICH).expect("written");
    (schema, scratch)
}

#[test]
fn of_a_structure_that_uses_everything_else() {
    if !common::has_xmllint() {
        return;
    }
    let (schema, scratch) = rich();
    all_valid(&schema, &scratch.0.join("rich.xsd"), 200, "rich");
}

#[test]
fn mutants_of_every_kind_are_made_and_judged() {
    if !common::has_xmllint() {
        return;
    }
    let (schema, scratch) = rich();
    let mut generator = Generator::new(&schema);
    let mut dice = Dice::new(5);
    let layout = Layout::default();
    let mut mutants = Vec::new();
    for _ in 0..40 {
        let tree = generator
            .instance(schema.roots[0], Extent::Random, &mut dice)
            .expect("an instance");
        let original = layout.write(&tree).into_bytes();
        for &kind in MutantKind::ALL {
            let mutant = mutate(kind, &schema, &tree, &layout, &mut dice);
            mutants.extend(mutant.filter(|mutant| mutant.bytes != original));
        }
    }
    let kinds: BTreeSet<MutantKind> = mutants.iter().map(|mutant| mutant.kind).collect();
    let never: Vec<&str> = MutantKind::ALL
        .iter()
        .filter(|kind| !kinds.contains(kind))
        .map(|kind| kind.name())
        .collect();
    assert_eq!(never, Vec::<&str>::new(), "kinds that change nothing");
    let documents: Vec<Vec<u8>> = mutants.iter().map(|mutant| mutant.bytes.clone()).collect();
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (mutant, verdict) in mutants.iter().zip(common::verdicts(
        &scratch.0.join("rich.xsd"),
        &documents,
        "mutants",
    )) {
        let (valid, invalid) = counts.entry(mutant.kind.name()).or_default();
        *(if verdict.is_ok() { valid } else { invalid }) += 1;
    }
    for (kind, (valid, invalid)) in &counts {
        eprintln!("{kind:40} valid {valid:3} invalid {invalid:3}");
    }
    // What breaks the markup is never valid; what only writes it otherwise always is.
    for broken in [
        "truncated",
        "wrong end tag",
        "unclosed tag",
        "duplicated attribute",
        "undeclared prefix",
    ] {
        assert_eq!(counts[broken].0, 0, "{broken}");
    }
    for harmless in [
        "attributes in another order",
        "CRLF line ends",
        "another layout",
    ] {
        assert_eq!(counts[harmless].1, 0, "{harmless}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (schema, _scratch) = rich();
    let make = || {
        let mut generator = Generator::new(&schema);
        let mut dice = Dice::new(9);
        (0..20)
            .map(|_| Layout::default().write(&generator.covering(&mut dice).expect("an instance")))
            .collect::<String>()
    };
    assert_eq!(make(), make());
}
