//! The canonical data model: the [`entities`] that every format is read into and written from; identifiers, dates, amounts and
//! financial periods; and the repair of values that were damaged on the way.
//!
//! ```
//! use concord_model::identifiers::nhs_number::{self, Class, Placeholder, Range};
//!
//! assert!(nhs_number::has_valid_check_digit("9434765919"));
//! assert_eq!(nhs_number::classify("9434765919"), Class::Number(Range::Test));
//! assert_eq!(nhs_number::classify("0000000000"), Class::Placeholder(Placeholder::NoMatch));
//! ```
//!
//! ```
//! use concord_model::repair::{Damage, Kind, repair};
//!
//! let repair = repair("(£1,234.50)".as_bytes(), Kind::Money).expect("no amount as it stands");
//! assert_eq!(repair.text.as_deref(), Some("-1234.50"));
//! assert!(repair.damages.contains(Damage::AccountingNegative));
//! ```

pub mod dates;
pub mod decimal;
pub mod entities;
pub mod financial;
pub mod identifiers;
pub mod lexical;
pub mod repair;
pub mod stored;
