//! Data Dictionary names of XML elements, and which elements are personal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::definition::{DictionaryElement, Elements};
use concord_standards::schema::{ElementId, Schema, TypeId};

use super::dictionary::{Dictionary, printed};

/// Names that the specifications give, by XML name.
#[derive(Default)]
pub(super) struct NameTable {
    /// How often each name is given.
    given: BTreeMap<String, BTreeMap<String, usize>>,
    /// The names given at one element of one structure, by namespace of the version.
    places: BTreeMap<(String, ElementId), BTreeSet<String>>,
}

/// Slips of the published workbook.
const SLIPS: &[(&str, &str)] = &[
    ("INDENTIFIER", "IDENTIFIER"),
    ("IDENTIFER", "IDENTIFIER"),
    ("COMMISSIONING DATASET", "COMMISSIONING DATA SET"),
    ("(EXTENDED MOTHER))", "(EXTENDED (MOTHER))"),
    ("(EXTENDED BABY))", "(EXTENDED (BABY))"),
    ("((UNSTRUCTURED MOTHER)", "(UNSTRUCTURED (MOTHER))"),
];

/// XML elements whose values identify a person: what the Secondary Uses Service counts as confidential, and the parts of
/// names and addresses. By the beginning of the XML name.
const PERSONAL: &[&str] = &[
    "NHSNumber",
    "LocalPatientIdentifier",
    "PersonBirthDate",
    "PersonDateOfBirth",
    "Postcode",
    "PatientFullName",
    "PatientTitle",
    "PatientGivenName",
    "PatientFamilyName",
    "PatientNameSuffix",
    "PatientInitials",
    "PersonFullName",
    "PersonTitle",
    "PersonGivenName",
    "PersonFamilyName",
    "PersonNameSuffix",
    "PersonInitials",
    "PatientName",
    "StructuredName",
    "UnstructuredName",
    "StructuredAddress",
    "UnstructuredAddress",
    "HospitalProviderSpellNumber",
    "HospitalProviderSpellIdentifier",
    "PatientPathwayIdentifier",
    "UniqueBookingReferenceNumber",
    "UniqueBookingReferenceNumber_Converted",
];

/// Whether the value of an XML element identifies a person.
pub(super) fn is_personal(local: &str) -> bool {
    let organisation = local.starts_with("Organisation");
    let status = local.contains("StatusIndicator");
    !organisation && !status && PERSONAL.iter().any(|start| local.starts_with(start))
}

impl NameTable {
    /// Notes the name that a specification gives an element.
    pub(super) fn give(&mut self, version: &str, id: ElementId, local: &str, name: &str) {
        let mut name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        for (slip, right) in SLIPS {
            name = name.replace(slip, right);
        }
        let names = self.given.entry(local.to_owned()).or_default();
        *names.entry(name.clone()).or_default() += 1;
        self.places
            .entry((version.to_owned(), id))
            .or_default()
            .insert(name);
    }

    /// The name most often given to an XML name; of equals the shortest.
    pub(super) fn name(&self, local: &str) -> Option<&str> {
        let names = self.given.get(local)?;
        names
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse(name.len())))
            .map(|(name, _)| name.as_str())
    }

    /// `elements.csv`: every element with text that has a name or is personal.
    pub(super) fn elements(
        &self,
        schemas: &[&Schema],
        dictionary: &Dictionary,
    ) -> Vec<DictionaryElement> {
        let mut locals: BTreeMap<String, Option<Arc<str>>> = BTreeMap::new();
        for schema in schemas {
            for element in &schema.elements {
                let Some(value) = schema.text_type(element.content) else {
                    continue;
                };
                let list = schema.simple_type(value).code_list.clone();
                let known = locals.entry(element.name.local.to_string()).or_default();
                *known = list.or(known.take());
            }
        }
        let mut by_name: BTreeMap<String, DictionaryElement> = BTreeMap::new();
        for (local, list) in locals {
            let entry = dictionary.element(self.name(&local).unwrap_or(&local));
            let name = match (self.name(&local), entry) {
                (Some(name), _) => name.to_owned(),
                (None, Some(entry)) => printed(&entry.key),
                (None, None) if is_personal(&local) => spaced(&local),
                (None, None) => continue,
            };
            let source = match entry {
                Some(_) => "NHS Data Dictionary",
                None => "CDS specification",
            };
            let element = by_name
                .entry(name.clone())
                .or_insert_with(|| DictionaryElement {
                    name: name.as_str().into(),
                    xml_names: Vec::new(),
                    format: entry.map_or("", |entry| &entry.format).into(),
                    code_list: "".into(),
                    personal: false,
                    source: source.into(),
                });
            element.personal |= is_personal(&local);
            if let Some(list) = list {
                element.code_list = list;
            }
            element.xml_names.push(local.into());
        }
        by_name.into_values().collect()
    }

    /// Gives every element its name and mark, its own name where the specification gives it another than usual.
    pub(super) fn apply(&self, schema: &mut Schema, known: &Elements) {
        let version = version_of(schema);
        for index in 0..schema.elements.len() {
            let id = ElementId(index as u32);
            let element = &mut schema.elements[index];
            let usual = known.by_xml_name(&element.name.local);
            let given = self.places.get(&(version.clone(), id));
            let own = given
                .filter(|names| names.len() == 1)
                .and_then(|names| names.first());
            element.facts.dictionary_name = match (own, usual) {
                (Some(own), _) => Some(own.as_str().into()),
                (None, usual) => usual.map(|usual| Arc::clone(&usual.name)),
            };
            element.facts.personal = usual.is_some_and(|usual| usual.personal);
            if let TypeId::Simple(value) = element.content {
                let format = &schema.simple_types[value.0 as usize].format;
                element.facts.format.clone_from(format);
            }
        }
        let uses = schema
            .complex_types
            .iter_mut()
            .flat_map(|group| group.attributes.iter_mut());
        for usage in uses {
            let usual = known.by_xml_name(&usage.attribute.name.local);
            usage.attribute.facts.dictionary_name = usual.map(|usual| Arc::clone(&usual.name));
            usage.attribute.facts.personal = usual.is_some_and(|usual| usual.personal);
        }
    }
}

/// What tells one structure from another here: the fixed value of `SchemaVersion`.
pub(super) fn version_of(schema: &Schema) -> String {
    use concord_standards::schema::ValueConstraint;
    schema
        .complex_types
        .iter()
        .flat_map(|group| &group.attributes)
        .find(|usage| &*usage.attribute.name.local == "SchemaVersion")
        .and_then(|usage| match &usage.attribute.constraint {
            Some(ValueConstraint::Fixed(version)) => Some(version.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// `PatientName` as `PATIENT NAME`.
fn spaced(local: &str) -> String {
    let mut text = String::new();
    let mut before = 'A';
    for character in local.chars() {
        if character == '_' {
            text.push(' ');
        } else {
            if character.is_uppercase() && before.is_lowercase() {
                text.push(' ');
            }
            text.extend(character.to_uppercase());
        }
        before = character;
    }
    text
}
