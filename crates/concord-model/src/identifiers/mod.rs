//! Identifiers: their forms, check digits and ranges. Nothing here allocates or looks anything up.
//!
//! | module | identifier |
//! |---|---|
//! | [`nhs_number`] | NHS NUMBER |
//! | [`ods`] | ORGANISATION CODE and ORGANISATION SITE CODE |
//! | [`postcode`] | POSTCODE |
//! | [`practitioner`] | CONSULTANT CODE, GENERAL MEDICAL PRACTITIONER PPD CODE, default codes |
//! | [`snomed`] | SNOMED CT IDENTIFIER |
//! | [`booking`] | UNIQUE BOOKING REFERENCE NUMBER, PATIENT PATHWAY IDENTIFIER |

pub mod booking;
pub mod nhs_number;
pub mod ods;
mod ods_frames;
pub mod postcode;
pub mod practitioner;
pub mod snomed;

#[cfg(test)]
mod reference;
