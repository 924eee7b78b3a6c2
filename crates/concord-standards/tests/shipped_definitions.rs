//! The definitions that this repository ships: they load, lint finds nothing wrong, and they say what the official schemas say.

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{
    Definition, Severity, StandardInfo, difference, lint, without_unused,
};
use concord_standards::layout::TableLayout;
use concord_standards::registry::{HeaderRecognition, Recognition, Registry};
use concord_standards::schema::{Facts, Schema};
use concord_standards::xsd;
use concord_standards::{Source, SourceError};
use support::{Folder, reference, shipped};

const NAMESPACE: &str = "http://www.nhsia.nhs.uk/DataStandards/XMLschema/CDS/ns";

fn registry() -> Registry {
    Registry::new(vec![Box::new(shipped())]).unwrap_or_else(|errors| panic!("{errors}"))
}

fn definitions() -> Vec<Definition> {
    let registry = registry();
    let names: Vec<String> = registry.list().iter().map(StandardInfo::name).collect();
    assert!(!names.is_empty());
    let load = |name: &String| {
        registry
            .load(name)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    names.iter().map(load).collect()
}

#[test]
fn lint_finds_no_error() {
    for definition in definitions() {
        let name = definition.standard.name();
        let problems = lint(&definition);
        let errors: Vec<String> = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "{name}:\n{}", errors.join("\n"));
        for problem in &problems {
            // What the specification says otherwise than the schema is told, and known.
            let known = problem.message.contains("and its occurrence is")
                || problem.message.starts_with("no data can use");
            assert!(known, "{name}: {problem}");
        }
    }
}

#[test]
fn every_standard_compiles_as_at_any_day() {
    let mut narrowed = 0;
    for mut definition in definitions() {
        let values = |schema: &Schema| -> usize {
            let steps = schema.simple_types.iter().flat_map(|simple| &simple.steps);
            steps.map(|step| step.enumeration.len()).sum()
        };
        let before = values(&definition.schema);
        definition.narrow_to("2026-11-22");
        narrowed += before - values(&definition.schema);
        let name = definition.standard.name();
        let compiled = CompiledSchema::compile(Arc::new(definition.schema));
        assert!(compiled.is_ok(), "{name}: {:?}", compiled.err());
    }
    assert!(narrowed > 0, "some codes are withdrawn");
}

#[test]
fn versions_are_recognised_from_their_root() {
    let registry = registry();
    for version in ["6-2-2", "6-2-3", "6-3-1"] {
        let seen = registry.recognise(
            "CDS-XMLInterchange",
            NAMESPACE,
            &[("SchemaVersion", version)],
        );
        assert!(
            matches!(seen, Recognition::Recognised(info) if *info.version == *version),
            "{version}: {seen:?}"
        );
    }
    let seen = registry.recognise("CDS-XMLInterchange", NAMESPACE, &[("SchemaVersion", "6-1")]);
    assert!(matches!(seen, Recognition::Unknown { nearest } if nearest.len() == 3));
}

/// A structure without what its XSD cannot say.
fn bare(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    for element in &mut schema.elements {
        element.facts = Facts::default();
    }
    for group in &mut schema.complex_types {
        for usage in &mut group.attributes {
            usage.attribute.facts = Facts::default();
        }
    }
    for simple in &mut schema.simple_types {
        simple.code_list = None;
        simple.format = None;
    }
    schema
}

#[test]
fn structures_are_those_of_the_official_schemas() {
    let Some(reference) = reference() else {
        return;
    };
    for definition in definitions()
        .iter()
        .filter(|definition| &*definition.standard.id == "cds")
    {
        let version = &definition.standard.version;
        let folder = Folder(reference.join(format!("cds/xsd/V{version}")));
        let root = format!("CDS-XML_Message_Root-V{version}.xsd");
        let official =
            xsd::import(&folder, &root).unwrap_or_else(|errors| panic!("{version}: {errors}"));
        let found = difference(&without_unused(&official), &bare(&definition.schema));
        assert_eq!(found, None, "{version}");
    }
}

#[test]
fn personal_elements_are_marked() {
    for definition in definitions()
        .iter()
        .filter(|definition| &*definition.standard.id == "cds")
    {
        let name = definition.standard.name();
        let of = |local: &str| {
            let found: Vec<_> = definition
                .schema
                .elements
                .iter()
                .filter(|element| &*element.name.local == local)
                .collect();
            assert!(!found.is_empty(), "{name} has {local}");
            found.iter().all(|element| element.facts.personal)
        };
        for local in [
            "NHSNumber",
            "PersonBirthDate",
            "PostcodeOfUsualAddress",
            "LocalPatientIdentifier_Extended",
        ] {
            assert!(of(local), "{name}: {local}");
        }
        for local in [
            "NHSNumberStatusIndicatorCode",
            "CDSUniqueIdentifier",
            "WithheldIdentityReason",
        ] {
            assert!(!of(local), "{name}: {local}");
        }
    }
}

#[test]
fn every_code_is_on_its_list() {
    for definition in definitions() {
        for simple in &definition.schema.simple_types {
            let enumerated = simple.steps.iter().any(|step| !step.enumeration.is_empty());
            // A table of HL7 that is open is named and not enforced.
            let open = definition.messages.is_some() && !enumerated;
            assert_eq!(
                enumerated,
                simple.code_list.is_some() && !open,
                "{}: {:?}",
                definition.standard.name(),
                simple.name
            );
        }
    }
}

/// A table is recognised by the names of its elements as the dictionary writes them, in any order, and by its column ids. Where several
/// versions of a standard have it, the newest is.
#[test]
fn tables_are_recognised_from_their_header() {
    let registry = registry();
    let mut seen = 0;
    let definitions = definitions();
    let columns = |table: &TableLayout| -> Vec<Arc<str>> {
        let columns = table.fields.iter().map(|field| Arc::clone(&field.column));
        columns.collect()
    };
    let mut newest = BTreeMap::new();
    for definition in &definitions {
        for table in definition.layout.iter().flat_map(|layout| &layout.tables) {
            let info = &definition.standard;
            newest.insert((Arc::clone(&info.id), columns(table)), info.name());
        }
    }
    for definition in &definitions {
        let info = &definition.standard;
        let Some(layout) = definition.layout.as_ref().filter(|_| info.recognise.header) else {
            continue;
        };
        for table in &layout.tables {
            seen += 1;
            let expected = &newest[&(Arc::clone(&info.id), columns(table))];
            let mut names: Vec<&str> = table.fields.iter().map(|field| &*field.element).collect();
            let ids: Vec<&str> = table.fields.iter().map(|field| &*field.column).collect();
            for header in [&names, &ids] {
                let found = registry.recognise_header(header);
                assert!(
                    matches!(&found, HeaderRecognition::Recognised(found, columns)
                        if found.name() == *expected && columns.missing.is_empty()),
                    "{}: {found:?}",
                    info.name()
                );
            }
            names.reverse();
            let found = layout.match_header(&names);
            assert!(
                found.unknown.is_empty()
                    && found.duplicated.is_empty()
                    && found.by_alias.is_empty()
            );
            let back: Vec<usize> = found.columns.into_iter().flatten().collect();
            let expected: Vec<usize> = (0..table.fields.len()).rev().collect();
            assert_eq!(back, expected, "{}", info.name());
        }
    }
    assert!(seen > 0, "no table is shipped");
}

/// Without one of its mandatory columns a table is told to be nearly itself, and which column it is that is missing.
#[test]
fn a_header_without_a_mandatory_column_is_a_near_miss() {
    let registry = registry();
    let definition = registry.load("acm@2").expect("a shipped standard");
    let layout = definition.layout.expect("tabular");
    let header: Vec<&str> = layout.tables[0]
        .fields
        .iter()
        .map(|field| &*field.column)
        .filter(|column| *column != "FINANCIAL_YEAR")
        .chain(["OUR_OWN_COLUMN"])
        .collect();
    match registry.recognise_header(&header) {
        HeaderRecognition::Nearest {
            info,
            missing,
            unknown,
        } => {
            assert_eq!(info.name(), "acm@2");
            assert_eq!(missing, ["FINANCIAL_YEAR".into()]);
            assert_eq!(unknown, [header.len() - 1]);
        }
        other => panic!("{other:?}"),
    }
}

/// The shipped files, which say that they are right.
struct Right(Folder);

impl Source for Right {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        self.0.read(path)
    }

    fn list(&self, path: &str) -> Vec<String> {
        self.0.list(path)
    }

    fn is_right(&self) -> bool {
        true
    }
}

#[test]
fn standards_that_are_read_when_they_are_asked_for_are_the_same() {
    let at_once = registry();
    let later = Registry::new(vec![Box::new(Right(shipped()))]).expect("the same files");
    for info in at_once.list() {
        assert_eq!(later.find(&info.name()), Ok(info));
    }
    assert_eq!(later.list(), at_once.list());
}
