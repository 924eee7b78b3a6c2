//! Records of the Commissioning Data Sets as FHIR.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};

use concord_check::capture::CapturePlan;
use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_convert::fhir::FhirForm;
use concord_convert::records::{ByRecord, RecordWriter, Records};
use concord_convert::{Converting, OnReject, both, mapped};
use concord_read::xml::Chunks;
use concord_sample::cds::{CdsType, Protocol, Request, SampleError, write};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, Mapping};

use crate::oracle::Oracle;
use crate::support::shipped;
use crate::trip::{Files, dangling, mapping, unaccounted};

/// A version of the data sets.
struct Version {
    definition: Definition,
    mapping: Mapping,
}

#[derive(Default)]
struct Keep(Mutex<Vec<Records>>);

impl RecordWriter for Keep {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        self.0.lock().unwrap().push(records.clone());
        Ok(())
    }
}

impl Version {
    fn load(files: &BTreeMap<String, String>, folder: &str) -> Self {
        let definition = Definition::load(files, folder);
        let mapping = Mapping::load(files, folder);
        Self {
            definition: definition.unwrap_or_else(|errors| panic!("{errors}")),
            mapping: mapping.unwrap_or_else(|errors| panic!("{errors}")).unwrap(),
        }
    }

    fn records(&self, document: &[u8], name: &str) -> Vec<Records> {
        let conversion = mapped(&self.definition, &self.mapping).unwrap();
        let schema = Arc::new(self.definition.schema.clone());
        let compiled = Arc::new(CompiledSchema::compile(schema).unwrap());
        let capture = both(&CapturePlan::default(), &conversion);
        let records = self.definition.standard.record.elements.clone();
        let mut plan = Plan::new(compiled, records, capture, Vec::new());
        plan.standard = Some(self.definition.standard.name().into());
        let name: Arc<str> = name.into();
        let chunks = Chunks::new(Cursor::new(document), Arc::clone(&name), CHUNK, 1 << 24);
        let names = conversion.tables.iter().map(|table| Arc::clone(&table.name)).collect();
        let target = ByRecord::new(names, Keep::default());
        let converting = Converting::new(&NoRules, 0, &conversion, OnReject::Keep, &target);
        let mut sink = |_| ControlFlow::Continue(());
        let options = Options::default();
        let checked = check(chunks, &name, None, &plan, &converting, options, &mut sink);
        assert!(checked.error.is_none(), "{:?}", checked.error);
        target.into_writer().unwrap().0.into_inner().unwrap()
    }
}

/// Each type of record of each version, as a sample writes it.
#[test]
fn realistic_records_are_valid_and_come_back() {
    let files = shipped();
    let mapping = mapping();
    let oracle = Oracle::open();
    for folder in ["cds/6-2-2", "cds/6-2-3", "cds/6-3-1"] {
        let version = Version::load(&files, folder);
        for kind in CdsType::ALL {
            let request = Request {
                schema: &version.definition.schema,
                records: 25,
                seed: 4,
                types: vec![kind.code.to_owned()],
                protocol: Protocol::Net,
                faults: None,
                fault_rules: Vec::new(),
            };
            let mut document = Vec::new();
            match write(&request, &mut document, None) {
                Err(SampleError::Type { .. }) => continue,
                other => other.unwrap(),
            };
            let told = format!("{folder} {}", kind.code);
            let records = version.records(&document, "sample.xml");
            for form in [FhirForm::Bundles, FhirForm::Ndjson] {
                let written = Files::write(&records, &mapping, form);
                let (back, losses) = written.read(&mapping);
                let problems = unaccounted(&records, &back, &written.written.losses.list());
                assert!(problems.is_empty(), "{told} {form:?}: {}", problems.join("\n"));
                assert!(losses.is_empty(), "{told} {form:?}: {:?}", losses.list());
                let problems = dangling(&written);
                assert!(problems.is_empty(), "{told} {form:?}: {}", problems.join("\n"));
                for resource in written.resources().iter().filter(|_| form == FhirForm::Ndjson) {
                    let problems = oracle.as_ref().map(|oracle| oracle.problems(resource));
                    let problems = problems.unwrap_or_default();
                    assert!(problems.is_empty(), "{told}: {resource:#}\n{}", problems.join("\n"));
                }
            }
        }
    }
}

/// The first record of a fixture, as people see it.
fn shown(folder: &str, fixture: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cds").join(fixture);
    let document = std::fs::read(path).unwrap();
    let records = Version::load(&shipped(), folder).records(&document, fixture);
    let mapping = mapping();
    let written = Files::write(&records, &mapping, FhirForm::Bundles);
    let bundle = written.lines().remove(0);
    if let Some(oracle) = Oracle::open() {
        let problems = oracle.problems(&bundle);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
    let losses = written.written.losses.list();
    let losses = losses.iter().map(|loss| {
        let detail = loss.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
        format!("{} {}: {}{detail}", loss.count, loss.element, loss.reason.meaning())
    });
    let losses: Vec<String> = losses.collect();
    format!("{bundle:#}\n\nlost in the whole file:\n{}\n", losses.join("\n"))
}

#[test]
fn an_outpatient_attendance() {
    insta::assert_snapshot!("outpatient", shown("cds/6-3-1", "outpatients/clean.xml"));
}

#[test]
fn an_emergency_attendance() {
    insta::assert_snapshot!("emergency", shown("cds/6-3-1", "emergency/clean.xml"));
}
