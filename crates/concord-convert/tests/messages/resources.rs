//! Stays as resources of FHIR.

use concord_convert::fhir::FhirForm;

use crate::given::together;
use crate::oracle::Oracle;
use crate::order::stream;
use crate::trip::{Files, dangling, mapping};

#[test]
fn stays_are_resources_that_the_schema_and_the_profiles_take() {
    let together = together(&[&stream(500, 5).concat()]);
    let records: Vec<_> = together
        .records
        .iter()
        .map(|(_, records)| records.clone())
        .collect();
    let said = together.said();
    for form in [FhirForm::Ndjson, FhirForm::Bundles] {
        let files = Files::write(&records, &mapping(), form);
        let resources = files.resources();
        let of = |kind: &str| {
            resources
                .iter()
                .filter(|one| one["resourceType"] == kind)
                .count()
        };
        let with = |entity: &str| said.iter().filter(|said| said.contains_key(entity)).count();
        assert_eq!(of("Patient"), with("person"));
        assert!(
            of("Encounter") >= with("hospital_spell"),
            "{}",
            of("Encounter")
        );
        assert_eq!(dangling(&files), Vec::<String>::new());
        let Some(oracle) = Oracle::open() else {
            continue;
        };
        for resource in &resources {
            let problems = oracle.problems(resource);
            assert!(problems.is_empty(), "{problems:#?}\n{resource:#}");
        }
    }
}
