//! Functions that rules may call beside `DataFusion`'s own.
//!
//! | function | gives |
//! |---|---|
//! | `date_of(text)` | the day of a date with time |
//! | `zone_of(text)` | the time zone of a date with time as written: `Z`, `+01:00`, or `''` when there is none |
//! | `moment(text)` | a date with time as a moment; without a zone it is taken as it stands |
//! | `moment(date, text)` | a date and a time of day as a moment |
//! | `years_between(date, date)` | whole years from the first to the second, as an age is counted |
//! | `days_between(date, date)` | days from the first to the second |
//! | `months_between(date, date)` | whole months from the first to the second; the last days of two months are whole months apart |
//! | `month_end(date)` | the last day of the month |
//! | `param('name')` | what `--param` says of the submission; a rule that asks for what is not said is not run |
//! | `on_code_list(text, 'list')` | whether a code is on a code list |
//! | `on_code_list(text, 'list', date)` | and in use on that day |
//! | `in_reference(text, 'table'[, date])` | whether a code is in force in a table of reference data (on that day) |
//! | `near_reference(text, 'table', date, months)` | whether it is, or comes into force, or went out of it, within so many months |
//!
//! and those of [`identifiers`].

mod contains;
mod dates;
mod identifiers;
mod like;
mod lookups;
mod matches;
mod near;
mod on_text;
mod parameters;
mod written;

use std::sync::Arc;

use datafusion_expr::{Expr, ScalarUDF};

use crate::given::Given;
pub(crate) use dates::{add_months, civil};
pub(crate) use lookups::{IN_REFERENCE, ON_CODE_LIST};
pub(crate) use near::NEAR_REFERENCE;
pub(crate) use parameters::PARAM;

/// An expression as a function that gives the same and is quicker; `None` where there is none.
pub(crate) fn compiled(expression: &Expr) -> Option<Expr> {
    matches::compiled(expression)
        .or_else(|| contains::searched(expression))
        .or_else(|| like::taken_apart(expression))
}

/// All of them.
pub(crate) fn all(given: &Given) -> Vec<Arc<ScalarUDF>> {
    let mut all = dates::functions();
    all.extend(lookups::functions(given));
    all.extend(identifiers::functions());
    all.push(near::function(given));
    all.push(parameters::function(given));
    all
}
