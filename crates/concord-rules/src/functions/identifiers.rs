//! Functions of identifiers: the forms and check digits of the Data Dictionary, from `concord-model`.
//!
//! | function | true for |
//! |---|---|
//! | `nhs_number_is_valid(text)` | ten digits with their check digit that are no placeholder |
//! | `nhs_number_is_placeholder(text)` | `0000000000` and the other numbers of one digit, which pass the check digit |
//! | `nhs_number_is_test(text)` | a valid number of the ranges for tests, which begin with 9 |
//! | `holds_nhs_number(text)` | a text in which ten digits with their check digit stand by themselves |
//! | `ods_code_is_well_formed(text)` | three to nine capital letters and digits, as the Organisation Data Service issues codes |
//! | `ods_code_has_known_frame(text)` | an organisation or site code of a published coding frame, or a default code |
//! | `ods_code_is_default(text)` | a default code, such as `V81999` |
//! | `ods_code_is_padded(text)` | a code of three characters filled up with `00` |
//! | `ods_site_code_is_well_formed(text)` | the shape of a site code |
//! | `practice_code_is_well_formed(text)` | the shape of a general practice code |
//! | `consultant_code_is_well_formed(text)` | the shape of a consultant code |
//! | `practitioner_code_is_well_formed(text)` | the shape of a general practitioner code |
//! | `practitioner_code_is_valid(text)` | such a code with its check digit, where it has one |
//! | `dental_practitioner_code_is_well_formed(text)` | the shape of a general dental practitioner code |
//! | `postcode_is_well_formed(text)` | the form of a postcode, pseudo postcodes included |
//! | `postcode_is_valid(text)` | that form with a postcode area that exists |
//! | `postcode_is_pseudo(text)` | a pseudo postcode (`ZZ99 …`) |
//! | `postcode_is_forces(text)` | a postcode of British Forces (`BF1`, `BF2`) |
//! | `snomed_is_valid(text)` | a SNOMED CT identifier with its check digit and a known partition |
//! | `snomed_is_concept(text)` | such an identifier of a concept |
//! | `icd10_is_well_formed(text)` | an ICD-10 code of four to six characters |
//! | `opcs4_is_well_formed(text)` | an OPCS-4 code |
//! | `hrg_is_well_formed(text)` | a healthcare resource group |
//! | `booking_reference_is_well_formed(text)` | a unique booking reference number |
//! | `pathway_identifier_is_well_formed(text)` | a patient pathway identifier |
//! | `commissioning_serial_number_is_well_formed(text)` | a commissioning serial number |
//! | `lsoa_is_well_formed(text)` | a lower layer super output area |
//!
//! | function | gives |
//! |---|---|
//! | `ods_code_without_padding(text)` | the code, without the `00` that fills it up |
//! | `postcode_area(text)` | the letters with which a postcode begins |
//! | `hrg_at_start_of(text)` | the healthcare resource group with which a tariff code begins |
//! | `opcs4_without_local_character(text)` | an OPCS-4 code without the fifth character of its hospital |
//! | `booking_reference_of_pathway(text)` | the booking reference in a patient pathway identifier |
//! | `text_damage`, `digits_damage`, `whole_number_damage`, `number_damage`, `money_damage`, `date_damage`, `date_time_damage`, `financial_year_damage`, `financial_month_damage` `(text)` | in words, what was done to a value that is wanted to be this |
//!
//! and those of [`financial`]. What gives a text or date gives NULL where there is none.

mod financial;

use std::sync::Arc;

use concord_model::identifiers::{
    agreement, area, booking, hrg, icd10, nhs_number, ods, opcs4, postcode, practitioner, snomed,
};
use concord_model::repair::{Kind, repair};
use datafusion_expr::ScalarUDF;

use super::on_text::{Compute, OnText};

type Test = (&'static str, fn(&str) -> bool);
type Part = (&'static str, fn(&str) -> Option<&str>);

const TESTS: [Test; 27] = [
    ("nhs_number_is_valid", |text| {
        matches!(nhs_number::classify(text), nhs_number::Class::Number(_))
    }),
    ("nhs_number_is_placeholder", |text| {
        matches!(
            nhs_number::classify(text),
            nhs_number::Class::Placeholder(_)
        )
    }),
    ("nhs_number_is_test", |text| {
        nhs_number::classify(text) == nhs_number::Class::Number(nhs_number::Range::Test)
    }),
    ("holds_nhs_number", |text| {
        nhs_number::contained_in(text).is_some()
    }),
    ("ods_code_is_well_formed", |text| {
        let code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        (3..=9).contains(&text.len()) && text.bytes().all(code)
    }),
    ("ods_code_has_known_frame", |text| {
        ods::is_organisation_code_shape(text)
            || ods::is_site_code_shape(text)
            || ods::default_code(text).is_some()
    }),
    ("ods_code_is_default", |text| {
        ods::default_code(text).is_some()
    }),
    ("ods_code_is_padded", ods::is_padded),
    ("ods_site_code_is_well_formed", ods::is_site_code_shape),
    ("practice_code_is_well_formed", ods::is_practice_code_shape),
    (
        "consultant_code_is_well_formed",
        practitioner::is_consultant_code_shape,
    ),
    (
        "practitioner_code_is_well_formed",
        practitioner::is_general_practitioner_code_shape,
    ),
    ("practitioner_code_is_valid", |text| {
        practitioner::is_general_practitioner_code_shape(text)
            && practitioner::has_valid_check_digit(text) != Some(false)
    }),
    (
        "dental_practitioner_code_is_well_formed",
        practitioner::is_dental_practitioner_code_shape,
    ),
    ("postcode_is_well_formed", postcode::is_well_formed),
    ("postcode_is_valid", postcode::is_valid),
    ("postcode_is_pseudo", postcode::is_pseudo),
    ("postcode_is_forces", postcode::is_forces),
    ("snomed_is_valid", snomed::is_valid),
    ("snomed_is_concept", snomed::is_concept),
    ("icd10_is_well_formed", icd10::is_well_formed),
    ("opcs4_is_well_formed", opcs4::is_well_formed),
    ("hrg_is_well_formed", hrg::is_well_formed),
    (
        "booking_reference_is_well_formed",
        booking::is_booking_reference_shape,
    ),
    (
        "pathway_identifier_is_well_formed",
        booking::is_pathway_identifier_shape,
    ),
    (
        "commissioning_serial_number_is_well_formed",
        agreement::is_well_formed,
    ),
    ("lsoa_is_well_formed", area::is_well_formed),
];

const PARTS: [Part; 14] = [
    ("ods_code_without_padding", |text| {
        Some(ods::without_padding(text))
    }),
    ("postcode_area", postcode::area),
    ("hrg_at_start_of", hrg::at_start_of),
    (
        "opcs4_without_local_character",
        opcs4::without_local_character,
    ),
    (
        "booking_reference_of_pathway",
        booking::booking_reference_of_pathway,
    ),
    ("text_damage", |text| damage(text, Kind::Text)),
    ("digits_damage", |text| damage(text, Kind::Digits)),
    ("whole_number_damage", |text| {
        damage(text, Kind::WholeNumber)
    }),
    ("number_damage", |text| damage(text, Kind::Number)),
    ("money_damage", |text| damage(text, Kind::Money)),
    ("date_damage", |text| damage(text, Kind::Date)),
    ("date_time_damage", |text| damage(text, Kind::DateTime)),
    ("financial_year_damage", |text| {
        damage(text, Kind::FinancialYear)
    }),
    ("financial_month_damage", |text| {
        damage(text, Kind::FinancialMonth)
    }),
];

/// What was done to a value that is wanted to be of a kind, in words.
fn damage(text: &str, kind: Kind) -> Option<&'static str> {
    let damage = repair(text.as_bytes(), kind)?.damages.main()?;
    Some(damage.description())
}

pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let tests = TESTS.map(|(name, test)| (name, Compute::Test(test)));
    let parts = PARTS.map(|(name, part)| (name, Compute::Text(part)));
    let mut functions: Vec<_> = tests
        .into_iter()
        .chain(parts)
        .map(|(name, compute)| Arc::new(ScalarUDF::new_from_impl(OnText::new(name, compute))))
        .collect();
    functions.extend(financial::functions());
    functions
}

#[cfg(test)]
mod tests;
