//! Records of the Commissioning Data Sets as FHIR.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};

use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::fhir::FhirForm;
use concord_convert::records::{ByRecord, RecordWriter, Records};
use concord_convert::{Converting, OnReject, mapped};
use concord_read::xml::Chunks;
use concord_sample::cds::{CdsType, Protocol, Request, SampleError, write};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, Mapping};

use crate::oracle::Oracle;
use crate::support::shipped;
use crate::trip::{Files, dangling, lost_again, mapping, unaccounted};

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
        let capture = conversion.capture.clone();
        let records = self.definition.standard.record.elements.clone();
        let mut plan = Plan::new(compiled, records, capture, Vec::new());
        plan.standard = Some(self.definition.standard.name().into());
        let name: Arc<str> = name.into();
        let chunks = Chunks::new(Cursor::new(document), Arc::clone(&name), CHUNK, 1 << 24);
        let names = conversion
            .tables
            .iter()
            .map(|table| Arc::clone(&table.name))
            .collect();
        let target = ByRecord::new(names, Keep::default());
        let converting = Converting::new(&NoRules, &conversion, OnReject::Keep, &target);
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
                records: 10,
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
                let problems = unaccounted(&records, &back, &written);
                assert!(
                    problems.is_empty(),
                    "{told} {form:?}: {}",
                    problems.join("\n")
                );
                let lost = lost_again(&losses);
                assert!(lost.is_empty(), "{told} {form:?}: {lost:?}");
                let problems = dangling(&written);
                assert!(
                    problems.is_empty(),
                    "{told} {form:?}: {}",
                    problems.join("\n")
                );
                for resource in written
                    .resources()
                    .iter()
                    .filter(|_| form == FhirForm::Ndjson)
                {
                    let problems = oracle.map(|oracle| oracle.problems(resource));
                    let problems = problems.unwrap_or_default();
                    assert!(
                        problems.is_empty(),
                        "{told}: {resource:#}\n{}",
                        problems.join("\n")
                    );
                }
            }
        }
    }
}

/// The first record of a fixture, as people see it.
fn shown(folder: &str, fixture: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/cds")
        .join(fixture);
    let document = std::fs::read(path).unwrap();
    told(&Version::load(&shipped(), folder).records(&document, fixture))
}

fn told(records: &[Records]) -> String {
    let mapping = mapping();
    let written = Files::write(records, &mapping, FhirForm::Bundles);
    let bundle = written.lines().remove(0);
    if let Some(oracle) = Oracle::open() {
        let problems = oracle.problems(&bundle);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
    let losses = written.written.losses.list();
    let losses = losses.iter().map(|loss| {
        let detail = loss
            .detail
            .as_ref()
            .map_or(String::new(), |detail| format!(" ({detail})"));
        format!(
            "{} {}: {}{detail}",
            loss.count,
            loss.element,
            loss.reason.meaning()
        )
    });
    let losses: Vec<String> = losses.collect();
    format!(
        "{bundle:#}\n\nlost in the whole file:\n{}\n",
        losses.join("\n")
    )
}

#[test]
fn an_outpatient_attendance() {
    insta::assert_snapshot!("outpatient", shown("cds/6-3-1", "outpatients/clean.xml"));
}

#[test]
fn an_emergency_attendance() {
    insta::assert_snapshot!("emergency", shown("cds/6-2-3", "emergency/clean.xml"));
}

/// A spell with an episode, two wards, diagnoses, an operation, and the referral that led to it.
#[test]
fn an_inpatient_episode() {
    let mut builder = RecordsBuilder::new(Origin {
        standard: Some("cds@6-3-1".into()),
        file: "inpatients.xml".into(),
        interchange: None,
    });
    let patient = builder.add(
        "person",
        1,
        None,
        &[
            ("role", "patient"),
            ("nhs_number", "9990000018"),
            ("nhs_number_status_indicator_code", "01"),
            ("patient_family_name", "Testcase"),
            ("patient_given_name", "Ada"),
            ("person_birth_date", "1961-02-03"),
            ("person_death_date", "2025-04"),
            ("person_stated_gender_code", "2"),
            ("person_phenotypic_sex", "X"),
            ("person_marital_status", "S"),
            ("postcode_of_usual_address", "ZZ99 3VZ"),
        ],
    );
    for line in ["1 Example Street", "Sampleton"] {
        let values = [
            ("role", "patient"),
            ("patient_usual_address_structured", line),
        ];
        builder.add("address_line", 1, Some(patient), &values);
    }
    builder.add(
        "person",
        1,
        None,
        &[("role", "mother"), ("nhs_number", "9990000026")],
    );
    builder.add(
        "referral",
        1,
        None,
        &[
            ("direction", "incoming"),
            ("unique_booking_reference_number", "000000000018"),
            ("priority_type_code", "2"),
            ("referrer_code", "G9999981"),
            ("organisation_identifier_referring_organisation", "A81633"),
            ("referral_request_received_date", "2025-03-01"),
        ],
    );
    builder.add(
        "hospital_spell",
        1,
        None,
        &[
            ("hospital_provider_spell_identifier", "S-18"),
            ("method_of_admission_hospital_provider_spell", "11"),
            ("admission_source_hospital_provider_spell", "19"),
            ("start_date_hospital_provider_spell", "2025-03-29"),
            ("start_time_hospital_provider_spell", "07:15:00"),
            ("discharge_date_hospital_provider_spell", "2025-03-30"),
            ("discharge_time_hospital_provider_spell", "16:00:00"),
            ("method_of_discharge_hospital_provider_spell", "1"),
            ("destination_of_discharge_hospital_provider_spell", "ZZ"),
            (
                "mental_health_act_legal_status_classification_code_on_admission",
                "01",
            ),
        ],
    );
    let episode = builder.add(
        "episode",
        1,
        None,
        &[
            ("episode_number", "1"),
            ("organisation_identifier_code_of_provider", "RXX"),
            ("start_date_episode", "2025-03-29"),
            ("start_time_episode", "07:15:00"),
            ("last_episode_in_spell_indicator_code", "1"),
        ],
    );
    let stays = [
        ("START", "WARD1", "2025-03-29"),
        ("END", "WARD2", "2025-03-30"),
    ];
    for (role, ward, day) in stays {
        builder.add(
            "location_stay",
            1,
            Some(episode),
            &[
                ("role", role),
                ("ward_code", ward),
                ("organisation_site_identifier_of_treatment", "RXX01"),
                ("start_date", day),
            ],
        );
    }
    let professional = [
        ("professional_registration_issuer_code", "03"),
        ("professional_registration_entry_identifier", "9999991"),
        ("activity_treatment_function_code", "100"),
        ("care_professional_main_specialty_code", "100"),
    ];
    builder.add("care_professional", 1, None, &professional);
    for (role, code) in [("primary", "K409"), ("secondary", "E119")] {
        let values = [("role", role), ("code", code), ("code_system", "icd-10")];
        builder.add("diagnosis", 1, None, &values);
    }
    builder.add(
        "procedure",
        1,
        None,
        &[
            ("role", "primary"),
            ("code", "T202"),
            ("code_system", "opcs-4"),
            ("procedure_date", "2025-03-29"),
            ("main_operating_professional_registration_issuer_code", "03"),
            (
                "main_operating_professional_registration_entry_identifier",
                "9999991",
            ),
        ],
    );
    let (records, _) = builder.finish().unwrap();
    insta::assert_snapshot!("inpatient", told(&[records]));
}
