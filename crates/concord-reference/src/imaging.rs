//! Imaging codes as at a date.

use jiff::Span;
use jiff::civil::Date;

use crate::data::ReferenceData;
use crate::error::Error;
use crate::rows;
use crate::tables;

impl ReferenceData {
    /// Whether an imaging code was in use on a day, or up to so many months before its use or behind it: its first day is moved months
    /// back and its last day months on, to the last day of a month that has no such day. That is the grace that the national system
    /// gives. Without a day, whether it was ever in use. Both days of a period are within; one that is not known does not limit.
    ///
    /// `table` is `nicip`, `imaging_snomed`, or `nicip_to_snomed`, in which `code` is a pair with a blank between. `None` for any
    /// other table, or where nothing was imported for it.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn is_imaging_code(
        &self,
        table: &str,
        code: &str,
        date: Option<Date>,
        months: u32,
    ) -> Result<Option<bool>, Error> {
        let known = [
            &tables::NICIP,
            &tables::IMAGING_SNOMED,
            &tables::NICIP_TO_SNOMED,
        ];
        let Some(known) = known.into_iter().find(|known| known.name == table) else {
            return Ok(None);
        };
        let Some(batch) = self.table(table)?.filter(|_| self.has(table)) else {
            return Ok(None);
        };
        let (code, other) = match code.split_once(' ') {
            Some((code, other)) if table == tables::NICIP_TO_SNOMED.name => (code, Some(other)),
            _ => (code, None),
        };
        let day = |row, column| rows::date(batch.column(known.position(column)), row);
        let grace = Span::new().try_months(months).unwrap_or_default();
        let of_pair = |row: &usize| {
            other.is_none_or(|other| {
                rows::text(batch.column(known.position("snomed")), *row) == other
            })
        };
        let in_use = |row| {
            date.is_none_or(|date| {
                let from = day(row, "valid_from").map(|from| from.saturating_sub(grace));
                let to = day(row, "valid_to").map(|to| to.saturating_add(grace));
                from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to)
            })
        };
        Ok(Some(rows::range(batch, code).filter(of_pair).any(in_use)))
    }
}
