//! Identifiers: their forms, check digits and ranges. Nothing here allocates or looks anything up.
//!
//! | module | identifier |
//! |---|---|
//! | [`nhs_number`] | NHS NUMBER |
//! | [`ods`] | ORGANISATION CODE and ORGANISATION SITE CODE |
//! | [`postcode`] | POSTCODE |
//! | [`practitioner`] | CONSULTANT CODE, GENERAL MEDICAL PRACTITIONER PPD CODE, default codes |
//! | [`snomed`] | SNOMED CT IDENTIFIER |
//! | [`icd10`] | ICD-10 CODE |
//! | [`opcs4`] | OPCS-4 CODE |
//! | [`hrg`] | HEALTHCARE RESOURCE GROUP CODE |
//! | [`booking`] | UNIQUE BOOKING REFERENCE NUMBER, PATIENT PATHWAY IDENTIFIER |
//! | [`agreement`] | COMMISSIONING SERIAL NUMBER |
//! | [`area`] | LOWER LAYER SUPER OUTPUT AREA |

pub mod agreement;
pub mod area;
pub mod booking;
pub mod hrg;
pub mod icd10;
pub mod nhs_number;
pub mod ods;
mod ods_frames;
pub mod opcs4;
pub mod postcode;
mod postcode_areas;
pub mod practitioner;
pub mod snomed;

#[cfg(test)]
mod reference;
