//! Totals of data sets, gathered while they are checked, and compared when all of them have been.
//!
//! A standard says which of its columns are provider, year, month, commissioner, point of delivery, service and amount
//! ([`RoleColumns`](concord_standards::reconcile::RoleColumns)). The amounts of a file are added up by the others, exactly
//! ([`Decimal`](concord_model::decimal::Decimal)); what is remembered is one total for each combination, not the rows.
//!
//! Files hold the year to date: what a later file says of a provider's month takes the place of what earlier ones of the same
//! data set said of it, whatever the moment of creation that they state. Only what is left is compared.

mod compare;
mod examples;
mod gather;
mod sets;
mod totals;

pub use compare::{Comparison, Difference, Incomparable, Side, money};
pub(crate) use examples::{breaks, is_of_the_reader};
pub use gather::Totalling;
pub(crate) use gather::{ChunkTotals, FileTotals, LineFeeds, TotalsPlan};
pub use sets::{DataSets, Replaced, has_csv_name};
pub use totals::Totals;

#[cfg(test)]
mod tests;
