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
//!
//! and those of [`identifiers`].

mod dates;
mod identifiers;
mod on_text;

use std::sync::Arc;

use datafusion_expr::ScalarUDF;

/// All of them.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let mut all = dates::functions();
    all.extend(identifiers::functions());
    all
}
