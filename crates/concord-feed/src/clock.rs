//! The time, which whoever runs a feed hands in: a feed has no clock of its own.

use std::time::Duration;

use jiff::Timestamp;

/// Says what the time is.
pub trait Clock: Send + Sync {
    /// The time of day, as messages and reports show it.
    fn now(&self) -> Timestamp;

    /// Time since any fixed moment, never going back: for what is measured.
    fn elapsed(&self) -> Duration;
}

/// A time as HL7 v2 writes it (2.4, chapter 2, data type TS): seconds, in universal time.
pub(crate) fn hl7_time(time: Timestamp) -> String {
    time.strftime("%Y%m%d%H%M%S+0000").to_string()
}
