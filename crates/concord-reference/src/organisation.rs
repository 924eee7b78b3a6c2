//! One organisation, as it stands in the tables.

use arrow_array::RecordBatch;
use jiff::civil::Date;

use crate::rows;
use crate::tables::{ORGANISATION, RELATIONSHIP, ROLE};

/// An organisation or site.
#[derive(Debug, Clone, Copy)]
pub struct Organisation<'d> {
    batch: &'d RecordBatch,
    row: usize,
}

impl<'d> Organisation<'d> {
    pub(crate) fn new(batch: &'d RecordBatch, row: usize) -> Self {
        Self { batch, row }
    }

    fn text(&self, column: &str) -> &'d str {
        rows::text(self.batch.column(ORGANISATION.position(column)), self.row)
    }

    fn date(&self, column: &str) -> Option<Date> {
        rows::date(self.batch.column(ORGANISATION.position(column)), self.row)
    }

    /// ORGANISATION IDENTIFIER.
    pub fn code(&self) -> &'d str {
        self.text("code")
    }

    /// Its name.
    pub fn name(&self) -> &'d str {
        self.text("name")
    }

    /// Every role that it has or had, such as `RO177`; the primary one first.
    pub fn roles(&self) -> impl Iterator<Item = &'d str> + use<'d> {
        self.text("roles").split_ascii_whitespace()
    }

    /// `organisation` or `site`; empty when not known.
    pub fn record_class(&self) -> &'d str {
        self.text("record_class")
    }

    /// `active`, `inactive`, `dormant` or `proposed`; empty when not known.
    pub fn status(&self) -> &'d str {
        self.text("status")
    }

    /// First day of operation.
    pub fn open_date(&self) -> Option<Date> {
        self.date("open_date")
    }

    /// Last day of operation; none while it is open.
    pub fn close_date(&self) -> Option<Date> {
        self.date("close_date")
    }

    /// First and last day of legal existence.
    pub fn legal_dates(&self) -> (Option<Date>, Option<Date>) {
        (self.date("legal_open_date"), self.date("legal_close_date"))
    }

    /// POSTCODE of its address; empty when not known.
    pub fn postcode(&self) -> &'d str {
        self.text("postcode")
    }

    /// Code of the national grouping; empty when not known.
    pub fn region(&self) -> &'d str {
        self.text("region")
    }

    /// Code of the high level health geography; empty when not known.
    pub fn icb(&self) -> &'d str {
        self.text("icb")
    }

    /// PRESCRIBING SETTING; empty when not known.
    pub fn setting(&self) -> &'d str {
        self.text("setting")
    }

    /// The source that its dates come from.
    pub fn source(&self) -> &'d str {
        self.text("source")
    }

    /// Whether it was in operation on that day by itself, whoever succeeded it. First and last day count.
    pub fn is_open(&self, date: Date) -> bool {
        within(self.open_date(), self.close_date(), date)
    }

    /// Whether it had closed before that day.
    pub fn is_closed(&self, date: Date) -> bool {
        self.close_date().is_some_and(|close| close < date)
    }
}

/// A role in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role<'d> {
    /// The role, such as `RO76`.
    pub id: &'d str,
    /// Whether it is the primary one.
    pub primary: bool,
    /// First day.
    pub start: Option<Date>,
    /// Last day; none while it lasts.
    pub end: Option<Date>,
}

impl<'d> Role<'d> {
    pub(crate) fn new(batch: &'d RecordBatch, row: usize) -> Self {
        let column = |name| batch.column(ROLE.position(name));
        Self {
            id: rows::text(column("role"), row),
            primary: rows::text(column("primary"), row) == "yes",
            start: rows::date(column("start_date"), row),
            end: rows::date(column("end_date"), row),
        }
    }

    /// Whether it was in force on that day.
    pub fn is_in_force(&self, date: Date) -> bool {
        within(self.start, self.end, date)
    }
}

/// A relationship in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relationship<'d> {
    /// What it is, such as `RE4`; empty when not known.
    pub id: &'d str,
    /// The other organisation's code.
    pub target: &'d str,
    /// First day.
    pub start: Option<Date>,
    /// Last day; none while it lasts.
    pub end: Option<Date>,
}

impl<'d> Relationship<'d> {
    pub(crate) fn new(batch: &'d RecordBatch, row: usize) -> Self {
        let column = |name| batch.column(RELATIONSHIP.position(name));
        Self {
            id: rows::text(column("relationship"), row),
            target: rows::text(column("target"), row),
            start: rows::date(column("start_date"), row),
            end: rows::date(column("end_date"), row),
        }
    }

    /// Whether it was in force on that day.
    pub fn is_in_force(&self, date: Date) -> bool {
        within(self.start, self.end, date)
    }
}

/// Whether a day lies in a period whose ends count, where an end that is not known is open.
fn within(start: Option<Date>, end: Option<Date>, date: Date) -> bool {
    start.is_none_or(|start| start <= date) && end.is_none_or(|end| date <= end)
}
