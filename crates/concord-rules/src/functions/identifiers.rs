//! Functions of identifiers: the forms and check digits of the Data Dictionary, from `concord-model`.
//!
//! | function | true for |
//! |---|---|
//! | `nhs_number_is_valid(text)` | ten digits with their check digit that are no placeholder |
//! | `nhs_number_is_placeholder(text)` | `0000000000` and the other numbers of one digit, which pass the check digit |
//! | `holds_nhs_number(text)` | a text in which ten digits with their check digit stand by themselves |
//! | `ods_code_is_well_formed(text)` | three to nine capital letters and digits, as the Organisation Data Service issues codes |
//! | `ods_code_has_known_frame(text)` | an organisation or site code of a published coding frame, or a default code |
//! | `ods_site_code_is_well_formed(text)` | the shape of a site code |
//! | `practice_code_is_well_formed(text)` | the shape of a general practice code |
//! | `consultant_code_is_well_formed(text)` | the shape of a consultant code |
//! | `practitioner_code_is_well_formed(text)` | the shape of a general practitioner code |
//! | `postcode_is_well_formed(text)` | the form of a postcode, pseudo postcodes included |
//! | `postcode_is_pseudo(text)` | a pseudo postcode (`ZZ99 …`) |
//! | `snomed_is_valid(text)` | a SNOMED CT identifier with its check digit and a known partition |
//! | `snomed_is_concept(text)` | such an identifier of a concept |
//! | `booking_reference_is_well_formed(text)` | a unique booking reference number |

use std::sync::Arc;

use concord_model::identifiers::{booking, nhs_number, ods, postcode, practitioner, snomed};
use datafusion_expr::ScalarUDF;

use super::on_text::{Compute, OnText};

type Test = (&'static str, fn(&str) -> bool);

const TESTS: [Test; 14] = [
    ("nhs_number_is_valid", |text| {
        matches!(nhs_number::classify(text), nhs_number::Class::Number(_))
    }),
    ("nhs_number_is_placeholder", |text| {
        matches!(
            nhs_number::classify(text),
            nhs_number::Class::Placeholder(_)
        )
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
    ("postcode_is_well_formed", postcode::is_well_formed),
    ("postcode_is_pseudo", postcode::is_pseudo),
    ("snomed_is_valid", snomed::is_valid),
    ("snomed_is_concept", snomed::is_concept),
    (
        "booking_reference_is_well_formed",
        booking::is_booking_reference_shape,
    ),
];

pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    TESTS
        .into_iter()
        .map(|(name, test)| {
            Arc::new(ScalarUDF::new_from_impl(OnText::new(
                name,
                Compute::Test(test),
            )))
        })
        .collect()
}
