//! The canonical data model: identifiers, dates and the formats of the NHS Data Dictionary.
//!
//! ```
//! use concord_model::identifiers::nhs_number::{self, Class, Placeholder, Range};
//!
//! assert!(nhs_number::has_valid_check_digit("9434765919"));
//! assert_eq!(nhs_number::classify("9434765919"), Class::Number(Range::Test));
//! assert_eq!(nhs_number::classify("0000000000"), Class::Placeholder(Placeholder::NoMatch));
//! ```

pub mod identifiers;
