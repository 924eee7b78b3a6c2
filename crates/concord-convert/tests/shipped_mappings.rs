//! The mappings that this repository ships: they load, lint finds nothing wrong, and every shared reference leads somewhere in
//! one of the versions that share it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use concord_convert::mapped;
use concord_convert::mapping::lint::{leading, lint};
use concord_standards::definition::{Definition, Mapping, StandardInfo};
use concord_standards::registry::Registry;
use concord_standards::{Source, SourceError};

/// The shipped definitions as files, with some of them changed.
struct Shipped {
    root: PathBuf,
    changed: BTreeMap<String, String>,
}

impl Shipped {
    fn new() -> Self {
        Self {
            root: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas"),
            changed: BTreeMap::new(),
        }
    }

    /// The same with every occurrence of a text in a file replaced.
    fn with(path: &str, old: &str, new: &str) -> Self {
        let mut shipped = Self::new();
        let text = shipped.read(path).expect("a shipped file").into_owned();
        assert!(text.contains(old), "{path} does not say {old}");
        shipped
            .changed
            .insert(path.to_owned(), text.replace(old, new));
        shipped
    }

    fn collect(&self, path: &str, found: &mut Vec<String>) {
        let Ok(folder) = std::fs::read_dir(self.root.join(path)) else {
            return;
        };
        for entry in folder.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let below = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            if entry.path().is_dir() {
                self.collect(&below, found);
            } else {
                found.push(below);
            }
        }
    }
}

impl Source for Shipped {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        if let Some(text) = self.changed.get(path) {
            return Ok(Cow::Borrowed(text));
        }
        std::fs::read_to_string(self.root.join(path))
            .map(Cow::Owned)
            .map_err(|_| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(path, &mut found);
        found.sort();
        found
    }
}

/// The standards that are mapped: of those of messages the profile alone, and none of resources, of submissions of many tables or of what is
/// published about organisations.
fn names() -> Vec<String> {
    let registry = Registry::new(vec![Box::new(Shipped::new())]).expect("the definitions load");
    let mapped = registry
        .list()
        .iter()
        .filter(|info| !info.is_resources() && !info.is_submission() && !info.record.published)
        .filter(|info| !info.is_messages() || &*info.id == "itk-adt");
    mapped.map(StandardInfo::name).collect()
}

fn load(source: &Shipped, name: &str) -> (Definition, Mapping) {
    let folder = name.replace('@', "/").replace('.', "-");
    let definition = Definition::load(source, &folder).unwrap_or_else(|errors| panic!("{errors}"));
    let mapping = Mapping::load(source, &folder).unwrap_or_else(|errors| panic!("{errors}"));
    (
        definition,
        mapping.unwrap_or_else(|| panic!("{name} has no mapping")),
    )
}

fn said(source: &Shipped, name: &str) -> Vec<String> {
    let (definition, mapping) = load(source, name);
    lint(&definition, &mapping)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn every_standard_is_mapped_whole() {
    let shipped = Shipped::new();
    let names = names();
    assert!(names.iter().any(|name| name == "cds@6-3-1"));
    for name in names {
        let said = said(&shipped, &name);
        assert!(said.is_empty(), "{name}:\n{}", said.join("\n"));
        let (definition, mapping) = load(&shipped, &name);
        mapped(&definition, &mapping).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn every_reference_leads_somewhere_in_one_of_the_versions() {
    let shipped = Shipped::new();
    let mut leads: BTreeMap<(String, String), bool> = BTreeMap::new();
    for name in names() {
        let (definition, mapping) = load(&shipped, &name);
        for (reference, found) in leading(&definition, &mapping) {
            *leads.entry(reference).or_default() |= found;
        }
    }
    let nowhere: Vec<_> = leads.iter().filter(|(_, found)| !**found).collect();
    assert!(nowhere.is_empty(), "{nowhere:#?}");
}

#[track_caller]
fn refused(path: &str, old: &str, new: &str, name: &str, expected: &[&str]) {
    let said = said(&Shipped::with(path, old, new), name);
    let messages: Vec<&str> = said
        .iter()
        .map(|text| {
            text.split_once(" error: ")
                .map_or(&**text, |(_, message)| message)
        })
        .collect();
    assert_eq!(messages, expected, "{said:#?}");
}

#[test]
fn what_is_not_mapped_is_told() {
    refused(
        "contract/mapping.toml",
        "total_cost = \"TOTAL_COST\"\n",
        "",
        "plcm@2",
        &[
            "`TOTAL_COST` is not mapped at /submission/plcm/TOTAL_COST\n  help: map it, or say under [[unmapped]] why the model has no place for it",
        ],
    );
}

#[test]
fn what_does_not_fit_the_field_is_told() {
    refused(
        "contract/mapping.toml",
        "total_cost = \"TOTAL_COST\"\n",
        "total_cost = [\"TOTAL_COST\", \"ACTIVITY_START_DATE_CONTRACT_MONITORING\"]\n",
        "plcm@2",
        &[
            "`total_cost` is a decimal, and /submission/plcm/ACTIVITY_START_DATE_CONTRACT_MONITORING is date",
            "a row can hold both /submission/plcm/TOTAL_COST and /submission/plcm/ACTIVITY_START_DATE_CONTRACT_MONITORING, and the field has room for one",
        ],
    );
    refused(
        "contract/mapping.toml",
        "tariff_code = \"TARIFF_CODE\"\n",
        "tariff_code = [\"TARIFF_CODE\", \"NHS_NUMBER\"]\n",
        "plcm@2",
        &[
            "/submission/plcm/NHS_NUMBER identifies a person, and the field `tariff_code` is not marked so",
            "a row can hold both /submission/plcm/TARIFF_CODE and /submission/plcm/NHS_NUMBER, and the field has room for one",
        ],
    );
}

#[test]
fn references_that_lead_nowhere_or_to_several_places_are_told() {
    refused(
        "cds/6-3-1/mapping.toml",
        "live_or_still_birth_code = \"LiveOrStillBirthCode\"",
        "live_or_still_birth_code = \"LiveOrStilBirthCode\"",
        "cds@6-3-1",
        &[
            "`LiveOrStillBirthCode` is not mapped at /CDS-XMLInterchange/CDSNetChange-All-MessageTypes/AdmittedPatientCare_Finished_BirthEpisode/PersonGroupPatient_Birth/PatientCharacteristics_Birth_Structure/LiveOrStillBirthCode and 11 other places\n  help: map it, or say under [[unmapped]] why the model has no place for it",
            "the structure has no element `LiveOrStilBirthCode`\n  help: did you mean `LiveOrStillBirthCode`?",
            "the structure has no element `LiveOrStilBirthCode`\n  help: did you mean `LiveOrStillBirthCode`?",
        ],
    );
    refused(
        "cds/mapping.toml",
        "\"@SchemaDate\",",
        "\"@SchemaDate\", \"CDSUniqueIdentifier\",",
        "cds@6-2-3",
        &[
            "/CDS-XMLInterchange/CDSNetChange-All-MessageTypes/CDSTransactionHeader_NetChange/CDSUniqueIdentifier is mapped all the same",
        ],
    );
    refused(
        "cds/mapping.toml",
        "\"CDSMessageHeader/CDSMessageReferenceNumber\", also",
        "\"CDSMessageReferenceNumber\", also",
        "cds@6-2-3",
        &[
            "`CDSMessageReferenceNumber` is not mapped at /CDS-XMLInterchange/CDSNetChange-All-MessageTypes/CDSMessageHeader/CDSMessageReferenceNumber and one other place\n  help: map it, or say under [[unmapped]] why the model has no place for it",
            "`CDSMessageReferenceNumber` is ambiguous: a row can hold both /CDS-XMLInterchange/CDSNetChange-All-MessageTypes/CDSMessageHeader/CDSMessageReferenceNumber and /CDS-XMLInterchange/CDSNetChange-All-MessageTypes/CDSMessageTrailer/CDSMessageReferenceNumber\n  help: write more of the path in double quotes, such as \"Group/Element\"",
        ],
    );
}
