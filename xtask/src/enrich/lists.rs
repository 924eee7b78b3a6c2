//! Which value has which code list.

use concord_standards::schema::Schema;

/// Values whose code list has another name than theirs, or is shared.
const NAMED: &[(&str, &str)] = &[
    ("AN_2_EC_Type", "emergency-care-department-type"),
    ("AttendCat_EC_Type", "emergency-care-attendance-category"),
    (
        "CareProfessionalTier_EC_Type",
        "care-professional-tier-emergency-care",
    ),
    ("CDSTypes-Finished_Type", "cds-type"),
    ("CDSTypes-UnFinished_Type", "cds-type"),
    ("CDSTypeCode_Type", "cds-type"),
    ("CriticalCareLevel_type", "critical-care-level"),
    (
        "CriticalCareUnitFunction_Adult_Type",
        "critical-care-unit-function",
    ),
    (
        "CriticalCareUnitFunction_Neonatal_Type",
        "critical-care-unit-function",
    ),
    (
        "CriticalCareUnitFunction_Paediatric_Type",
        "critical-care-unit-function",
    ),
    ("DeliveryPlaceTypeCode_Actual_Type", "delivery-place-type"),
    ("DeliveryPlaceTypeCode_Intended_Type", "delivery-place-type"),
    ("GestationLengthAssessment_Type", "gestation-length"),
    ("GestationLengthLabourOnset_Type", "gestation-length"),
    (
        "MH_Status_EC_Type",
        "mental-health-act-legal-status-classification",
    ),
    (
        "MultiProfOrDiscIndCode_Type",
        "multi-professional-or-multi-disciplinary-indication",
    ),
    (
        "NHSNumberStatusIndicatorCode_Unverified_Type",
        "nhs-number-status-indicator",
    ),
    (
        "NHSNumberStatusIndicatorCode_Verified_Type",
        "nhs-number-status-indicator",
    ),
    (
        "NHSNumberStatusIndicatorCode_Withheld_Type",
        "nhs-number-status-indicator",
    ),
    ("OrganSystemSupport_type", "organ-system-supported"),
    (
        "OverseasVisitorClassification_Type",
        "overseas-visitor-charging-category",
    ),
    (
        "OverseasVisitorStatusClassificationAtCDSActivityDate_Type",
        "overseas-visitor-charging-category",
    ),
    ("Overseas_EC_Type", "overseas-visitor-charging-category"),
    ("PersonGenderCodeCurrent_Baby_Type", "person-phenotypic-sex"),
    ("PersonGenderCode_Type", "person-stated-gender"),
    ("PersonGenderCodeCurrent_Type", "person-stated-gender"),
    ("PersonStatedGenderCode_EC_Type", "person-stated-gender"),
    (
        "ProfessionalRegistrationIssuerCode_EC_Type",
        "professional-registration-issuer",
    ),
    (
        "SourceOfReferralForOut_Patients_Type",
        "source-of-referral-for-outpatients",
    ),
    ("Yes_No_EC_Type", "yes-no"),
];

/// Gives every value with codes of its own its code list.
pub(super) fn assign(schema: &mut Schema, notes: &mut Vec<String>) {
    for simple in &mut schema.simple_types {
        let coded = simple
            .steps
            .last()
            .is_some_and(|facets| !facets.enumeration.is_empty());
        if !coded {
            continue;
        }
        let Some(name) = &simple.name else {
            notes.push("an anonymous value has codes".to_owned());
            continue;
        };
        let named = NAMED.iter().find(|(value, _)| *value == &*name.local);
        let list = named.map_or_else(|| derived(&name.local), |(_, list)| (*list).to_owned());
        simple.code_list = Some(list.into());
    }
    // A value without codes of its own is on its base's list. Chains of bases are shorter than this.
    for _ in 0..8 {
        for index in 0..schema.simple_types.len() {
            let simple = &schema.simple_types[index];
            if let (None, Some(base)) = (&simple.code_list, simple.base) {
                let inherited = schema.simple_type(base).code_list.clone();
                schema.simple_types[index].code_list = inherited;
            }
        }
    }
}

/// `AdmissionMethodCode_HospitalProviderSpell_Type` as `admission-method`.
fn derived(name: &str) -> String {
    let stem = name
        .trim_end_matches("_Type")
        .trim_end_matches("_type")
        .trim_end_matches("_HospitalProviderSpell")
        .trim_end_matches("Code");
    let mut id = String::new();
    let characters: Vec<char> = stem.chars().collect();
    for (index, character) in characters.iter().enumerate() {
        if *character == '_' {
            id.push('-');
            continue;
        }
        let before = index
            .checked_sub(1)
            .and_then(|before| characters.get(before));
        let after = characters.get(index + 1);
        let starts = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if starts && !id.ends_with('-') {
            id.push('-');
        }
        id.extend(character.to_lowercase());
    }
    id
}
