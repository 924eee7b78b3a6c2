//! Standards that are shipped, compared with one another.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use concord_gate::change::{Certainty, Change, ChangePlace, Comparison, Whom};
use support::{compared, lines, load, shipped};

fn pair(old: &str, new: &str) -> Comparison {
    let files = shipped();
    compared(&load(&files, old), &load(&files, new))
}

fn of<'c>(comparison: &'c Comparison, rule: &str) -> Vec<&'c Change> {
    let changes = comparison.changes.iter();
    changes.filter(|change| &*change.rule.id == rule).collect()
}

/// Columns that changes of some sorts are about.
fn columns(comparison: &Comparison, rules: &[&str]) -> BTreeSet<String> {
    let all = rules.iter().flat_map(|rule| of(comparison, rule));
    let columns = all.filter_map(|change| match &change.place {
        ChangePlace::Column(_, column) => Some(column.to_string()),
        _ => None,
    });
    columns.collect()
}

fn renames(comparison: &Comparison) -> BTreeMap<String, String> {
    let renamed = of(comparison, "COLUMN-RENAMED");
    let pairs = renamed.iter().map(|change| {
        let side = |side: &Option<String>| side.clone().unwrap_or_default();
        (side(&change.old), side(&change.new))
    });
    pairs.collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(old, new)| ((*old).to_owned(), (*new).to_owned()));
    owned.collect()
}

/// The five pairs of additional detail and description that versions before 2025 have.
fn five_pairs() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for which in ["FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH"] {
        names.insert(format!("CONTRACT_MONITORING_ADDITIONAL_DETAIL_{which}"));
        names.insert(format!(
            "CONTRACT_MONITORING_ADDITIONAL_DESCRIPTION_{which}"
        ));
    }
    names
}

#[test]
fn every_standard_is_itself() {
    let files = shipped();
    for path in files
        .keys()
        .filter_map(|path| path.strip_suffix("/standard.toml"))
    {
        let one = load(&files, path);
        let comparison = compared(&one, &load(&files, path));
        assert!(comparison.is_empty(), "{path}: {:#?}", lines(&comparison));
        assert!(comparison.not_compared.is_empty(), "{path}");
    }
}

/// Every pair of versions, both ways: what breaks submitters one way is what receivers see the other way, when it is structure
/// or values and decided.
#[test]
fn every_pair_gives_the_same_twice_and_turns_round() {
    let files = shipped();
    for (old, new) in [
        ("acm/2", "acm/2025"),
        ("drplcm/2", "drplcm/3"),
        ("plcm/2", "plcm/2025"),
        ("cds/6-2-2", "cds/6-2-3"),
        ("cds/6-2-3", "cds/6-3-1"),
    ] {
        let (old, new) = (load(&files, old), load(&files, new));
        let there = compared(&old, &new);
        assert_eq!(lines(&there), lines(&compared(&old, &new)));
        let back = compared(&new, &old);
        // What has another name now has another place the other way round, and so has what stands in it.
        let renamed: BTreeSet<String> = ["ELEMENT-RENAMED", "COLUMN-RENAMED"]
            .iter()
            .flat_map(|rule| of(&there, rule).into_iter().chain(of(&back, rule)))
            .map(|change| change.place.to_string())
            .collect();
        let places = |comparison: &Comparison, rules: &[&str]| -> BTreeSet<String> {
            let all = rules.iter().flat_map(|rule| of(comparison, rule));
            let places = all.map(|change| change.place.to_string());
            places
                .filter(|place| !renamed.iter().any(|name| place.starts_with(name)))
                .collect()
        };
        for (forth, turned) in [
            (
                &["ELEMENT-ADDED", "ELEMENT-ADDED-MANDATORY"][..],
                &["ELEMENT-REMOVED"][..],
            ),
            (
                &["COLUMN-ADDED", "COLUMN-ADDED-MANDATORY"],
                &["COLUMN-REMOVED"],
            ),
            (&["VALUES-ADDED"], &["VALUES-WITHDRAWN"]),
            (&["FORMAT-WIDENED"], &["FORMAT-NARROWED"]),
            (&["CODE-ADDED"], &["CODE-WITHDRAWN"]),
            (&["ELEMENT-MADE-OPTIONAL"], &["ELEMENT-MADE-MANDATORY"]),
        ] {
            assert_eq!(places(&there, forth), places(&back, turned), "{forth:?}");
            assert_eq!(places(&there, turned), places(&back, forth), "{turned:?}");
        }
        let prints: BTreeSet<String> = there.changes.iter().map(Change::fingerprint).collect();
        assert_eq!(
            prints.len(),
            there.changes.len(),
            "fingerprints tell changes apart"
        );
        // Structure and values are decided; only rules and repairs are not worked out.
        for change in &there.changes {
            for breaks in &change.breaks {
                let unsure = breaks.certainty == Certainty::Unknown;
                let rule = matches!(
                    change.place,
                    ChangePlace::Rule(_) | ChangePlace::Standard(_)
                );
                let repaired = breaks.why.contains("repaired");
                assert!(
                    !unsure || rule || repaired,
                    "{}: {breaks:?}",
                    change.message()
                );
            }
        }
    }
}

/// The notes of the reference folder list what changed; which columns were renamed is there too.
#[test]
fn aggregate_contract_monitoring_2_to_2025() {
    let found = pair("acm/2", "acm/2025");
    assert_eq!(
        renames(&found),
        map(&[
            (
                "GENERAL_MEDICAL_PRACTICE_CODE_PATIENT_REGISTRATION",
                "GENERAL_MEDICAL_PRACTICE_PATIENT_REGISTRATION"
            ),
            ("SPECIALISED_SERVICE_CODE", "SERVICE_CODE"),
        ])
    );
    assert_eq!(
        columns(&found, &["COLUMN-ADDED", "COLUMN-ADDED-MANDATORY"]),
        set(&[
            "ORGANISATION_SITE_IDENTIFIER_OF_TREATMENT",
            "ORGANISATION_IDENTIFIER_RESIDENCE_RESPONSIBILITY",
            "LOCAL_CONTRACT_CODE",
            "LOCAL_CONTRACT_CODE_DESCRIPTION",
            "LOCAL_CONTRACT_MONITORING_CODE",
            "LOCAL_CONTRACT_MONITORING_DESCRIPTION",
            "CONTRACT_MONITORING_ADDITIONAL_DETAIL",
            "CONTRACT_MONITORING_ADDITIONAL_DESCRIPTION",
        ])
    );
    assert_eq!(columns(&found, &["COLUMN-REMOVED"]), five_pairs());
    // Old names are kept as further spellings and new columns are not mandatory: nothing of these breaks who sends.
    for rule in ["COLUMN-ADDED", "COLUMN-REMOVED", "COLUMN-RENAMED"] {
        for change in of(&found, rule) {
            assert!(!change.breaks(Whom::Submitter), "{}", change.message());
        }
    }
    // Codes that are on none of the lists of 2026 only warned in version 2.
    assert_eq!(
        columns(&found, &["COLUMN-CHECK-RAISED"]),
        set(&[
            "COMMISSIONED_SERVICE_CATEGORY_CODE",
            "SERVICE_CODE",
            "POINT_OF_DELIVERY_CODE"
        ])
    );
    let days: Vec<String> = of(&found, "EFFECTIVE-MOVED")
        .iter()
        .map(|change| change.message())
        .collect();
    assert_eq!(
        days,
        [
            "effective_from is 2025-04-01 now, 2020-04-01 before",
            "effective_to is open now, 2021-08-31 before"
        ]
    );
}

#[test]
fn drugs_patient_level_contract_monitoring_2_to_3() {
    let found = pair("drplcm/2", "drplcm/3");
    assert_eq!(
        renames(&found),
        map(&[
            (
                "HOSPITAL_PROVIDER_SPELL_NUMBER",
                "HOSPITAL_PROVIDER_SPELL_IDENTIFIER"
            ),
            ("ATTENDANCE_IDENTIFIER", "OUT_PATIENT_ATTENDANCE_IDENTIFIER"),
            (
                "CLINICAL_INTERVENTION_DATE_DRUG_ADMINISTERED",
                "CLINICAL_INTERVENTION_DATE_DRUG_DISPENSED"
            ),
            ("SPECIALISED_SERVICE_CODE", "SERVICE_CODE"),
            (
                "HOME_DELIVERY_CHARGE_HIGH_COST_TARIFF_EXCLUDED_DRUG",
                "COMMISSIONER_SUPPORT_CHARGE"
            ),
        ])
    );
    assert_eq!(
        columns(&found, &["COLUMN-ADDED-MANDATORY"]),
        set(&["REPORTING_TYPE_INDICATOR"])
    );
    assert_eq!(
        columns(&found, &["COLUMN-ADDED"]),
        set(&[
            "ORGANISATION_SITE_IDENTIFIER_OF_TREATMENT",
            "ORGANISATION_IDENTIFIER_RESIDENCE_RESPONSIBILITY",
            "ETHNIC_CATEGORY",
            "LOCAL_POINT_OF_DELIVERY_CODE",
            "LOCAL_POINT_OF_DELIVERY_DESCRIPTION",
            "LOCAL_CONTRACT_CODE",
            "LOCAL_CONTRACT_MONITORING_CODE",
            "LOCAL_CONTRACT_MONITORING_DESCRIPTION",
        ])
    );
    assert_eq!(columns(&found, &["COLUMN-REMOVED"]), five_pairs());
    // From an12 to max an20.
    assert_eq!(
        columns(&found, &["FORMAT-WIDENED"]),
        set(&[
            "HOSPITAL_PROVIDER_SPELL_IDENTIFIER",
            "OUT_PATIENT_ATTENDANCE_IDENTIFIER"
        ])
    );
    for change in of(&found, "COLUMN-ADDED-MANDATORY") {
        assert!(change.breaks(Whom::Submitter), "{}", change.message());
    }
    // A rule that asks the same of a renamed column has not changed.
    assert!(
        of(&found, "RULE-CONDITION-CHANGED").is_empty(),
        "{:#?}",
        lines(&found)
    );
}

#[test]
fn drugs_patient_level_contract_monitoring_3_to_2025() {
    let found = pair("drplcm/3", "drplcm/2025");
    assert_eq!(
        renames(&found),
        map(&[
            (
                "GENERAL_MEDICAL_PRACTICE_CODE_PATIENT_REGISTRATION",
                "GENERAL_MEDICAL_PRACTICE_PATIENT_REGISTRATION"
            ),
            (
                "HIGH_COST_TARIFF_EXCLUDED_DRUG_CODE_SNOMED_CT_DM_D",
                "HIGH_COST_TARIFF_EXCLUDED_DRUG_CODE_DM_D"
            ),
            (
                "ROUTE_OF_ADMINISTRATION_SNOMED_CT_DM_D",
                "ROUTE_OF_ADMINISTRATION_SNOMED_CT"
            ),
            (
                "UNIT_OF_MEASUREMENT_SNOMED_CT_DM_D",
                "UNIT_OF_MEASUREMENT_DM_D"
            ),
            ("PROVIDER_REFERENCE_NUMBER", "PROVIDER_REFERENCE_IDENTIFIER"),
        ])
    );
    assert_eq!(
        columns(&found, &["COLUMN-ADDED"]),
        set(&[
            "NON_CDS_UNIQUE_IDENTIFIER",
            "LOCAL_CONTRACT_CODE_DESCRIPTION",
            "CONTRACT_MONITORING_ADDITIONAL_DETAIL",
            "CONTRACT_MONITORING_ADDITIONAL_DESCRIPTION",
            "RECORD_IDENTIFIER",
        ])
    );
    assert_eq!(
        columns(&found, &["COLUMN-REMOVED"]),
        set(&["REPORTING_TYPE_INDICATOR"])
    );
    assert_eq!(
        columns(&found, &["FORMAT-WIDENED"]),
        set(&["PROVIDER_REFERENCE_IDENTIFIER"])
    );
    assert_eq!(of(&found, "RECORD-KEY-CHANGED").len(), 1);
}
