//! What a record says, as far as it decides who pays.

use jiff::civil::Date;
use serde::Deserialize;

/// What kind of care an activity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Urgent and emergency care: CDS type 011, point of delivery `AE`.
    Emergency,
    /// Admitted patient care: CDS types 120 to 200, points of delivery of spells.
    Admitted,
    /// Outpatient care: CDS type 020, points of delivery of attendances and procedures.
    Outpatient,
    /// A high cost drug.
    Drug,
    /// A high cost device.
    Device,
    /// Anything else: the boxes are not written for it.
    Other,
}

/// Whose list of codes a SOURCE OF ADMISSION is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodesOf {
    /// CDS 6.2 and before.
    Before63,
    /// CDS 6.3 and after.
    From63,
}

/// The facts of one record. What it does not say is none; an empty text counts as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case<'c> {
    /// What kind of care it is.
    pub activity: Option<Activity>,
    /// The day that decides: arrival of emergency care, the appointment of outpatients, discharge from a spell.
    pub assignment_date: Option<Date>,
    /// The day as at which practice and postcode are recorded: that of admission; the assignment date when none is given.
    pub registration_date: Option<Date>,
    /// ORGANISATION IDENTIFIER (CODE OF PROVIDER).
    pub provider: Option<&'c str>,
    /// ORGANISATION SITE IDENTIFIER (OF TREATMENT). The boxes ask for the provider's main site, not for this one.
    pub provider_site: Option<&'c str>,
    /// GENERAL MEDICAL PRACTICE CODE (PATIENT REGISTRATION).
    pub practice: Option<&'c str>,
    /// POSTCODE OF USUAL ADDRESS.
    pub postcode: Option<&'c str>,
    /// OVERSEAS VISITOR CHARGING CATEGORY.
    pub overseas_visitor_charging_category: Option<&'c str>,
    /// ADMINISTRATIVE CATEGORY CODE.
    pub administrative_category: Option<&'c str>,
    /// SOURCE OF ADMISSION.
    pub source_of_admission: Option<&'c str>,
    /// Whose list that code is from.
    pub source_of_admission_codes: Option<CodesOf>,
    /// SERVICE CODE, or the NHS SERVICE AGREEMENT LINE NUMBER that holds it in CDS 6.2.
    pub service: Option<&'c str>,
    /// COMMISSIONED SERVICE CATEGORY CODE as submitted.
    pub service_category: Option<&'c str>,
    /// ACTIVITY TREATMENT FUNCTION CODE.
    pub treatment_function: Option<&'c str>,
    /// ICD-10 codes, with or without the dot.
    pub diagnoses: Vec<&'c str>,
    /// OPCS-4 codes, with or without the dot.
    pub procedures: Vec<&'c str>,
    /// ORGANISATION IDENTIFIER (CODE OF COMMISSIONER) as submitted.
    pub submitted: Option<&'c str>,
}

/// A fact without blanks around it; none when nothing is left.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
