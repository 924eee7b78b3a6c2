//! Periods that are sent whole, and replace what was sent for them before.
//!
//! Records of CDS PROTOCOL IDENTIFIER CODE 020 are all that a sender has for a bulk replacement group and a report period:
//! they take the place of what it sent for that group before and that counts for a day of the period. Source: NHS Data
//! Dictionary, CDS PROTOCOL IDENTIFIER CODE and CDS BULK REPLACEMENT GROUP. The recipient, which the group's page of 2011 has
//! too, is left out: version 6-3-1 has no prime recipient.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ACTIVITY, EXTRACTED, Moment, day, moment, text};
use crate::records::Record;

/// CDS PROTOCOL IDENTIFIER CODE of records that replace a period.
const BULK: &str = "020";

/// Who replaces what: sender and group.
type Replacing = (String, String);

/// First and last day.
type Period = (Date, Date);

/// What was sent whole.
#[derive(Debug, Default)]
pub(super) struct Bulk {
    sent: BTreeMap<Replacing, BTreeMap<Sending, Sent>>,
}

/// What records are sent together with.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sending {
    part: usize,
    file: Option<String>,
    interchange: Option<String>,
    extracted: Option<Moment>,
    period: Period,
}

/// The records of a sending.
#[derive(Debug)]
struct Sent {
    /// How many sendings of the group came before.
    number: usize,
    /// Each with the days that it counts for: that of its activity, or where it does not say that, its period.
    records: Vec<(usize, Period)>,
}

impl Bulk {
    /// Takes a record of a part, if it says what it replaces.
    pub(super) fn take(&mut self, part: usize, number: usize, record: &Record<'_>) {
        let say = |field| text(record, ACTIVITY, field);
        if say("cds_protocol_identifier_code").as_deref() != Some(BULK) {
            return;
        }
        let on = |field| day(record, ACTIVITY, field);
        let period = on("cds_report_period_start_date").zip(on("cds_report_period_end_date"));
        let group = say("cds_bulk_replacement_group_code");
        let sender = say("organisation_identifier_cds_sender");
        let (Some(period), Some(group), Some(sender)) = (period, group, sender) else {
            return;
        };
        let sending = Sending {
            part,
            file: say("source_file"),
            interchange: say("source_interchange"),
            extracted: moment(record, ACTIVITY, EXTRACTED),
            period,
        };
        let group = self.sent.entry((sender, group)).or_default();
        let before = group.len();
        let sent = group.entry(sending).or_insert_with(|| Sent {
            number: before,
            records: Vec::new(),
        });
        let counts_for = on("cds_activity_date").map_or(period, |day| (day, day));
        sent.records.push((number, counts_for));
    }

    /// The records whose period was sent again.
    pub(super) fn replaced(self) -> Vec<usize> {
        self.sent.into_values().flat_map(replaced).collect()
    }
}

/// The records of a group whose days a later sending has. Which is later, CDS EXTRACT DATE and CDS EXTRACT TIME say, if all
/// sendings have them; else the order in which they came.
fn replaced(group: BTreeMap<Sending, Sent>) -> Vec<usize> {
    let all_say = group.keys().all(|sending| sending.extracted.is_some());
    let mut latest_first: Vec<(Sending, Sent)> = group.into_iter().collect();
    latest_first.sort_by_key(|(sending, sent)| {
        let extracted = sending.extracted.filter(|_| all_say);
        std::cmp::Reverse((extracted, sent.number))
    });
    let mut later = Days::default();
    let mut replaced = Vec::new();
    for (sending, sent) in latest_first {
        let gone = sent.records.iter().filter(|(_, days)| later.hold(*days));
        replaced.extend(gone.map(|(record, _)| *record));
        later.add(sending.period);
    }
    replaced
}

/// Days, as the periods without a gap that they make: the last day of each by its first.
#[derive(Debug, Default)]
struct Days(BTreeMap<Date, Date>);

impl Days {
    fn hold(&self, (first, last): Period) -> bool {
        let before = self.0.range(..=first).next_back();
        before.is_some_and(|(_, end)| last <= *end)
    }

    fn add(&mut self, (mut first, mut last): Period) {
        if last < first {
            return;
        }
        let behind = last.tomorrow().unwrap_or(last);
        while let Some((&begin, &end)) = self.0.range(..=behind).next_back()
            && end.tomorrow().unwrap_or(end) >= first
        {
            (first, last) = (first.min(begin), last.max(end));
            self.0.remove(&begin);
        }
        self.0.insert(first, last);
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_put_together() {
        let may = |day| date(2026, 5, day);
        let mut days = Days::default();
        for (first, last) in [(10, 12), (20, 22), (13, 15), (8, 8), (30, 29)] {
            days.add((may(first), may(last)));
        }
        assert!(days.hold((may(10), may(15))));
        assert!(!days.hold((may(9), may(15))));
        assert!(!days.hold((may(15), may(20))));
        assert!(days.hold((may(8), may(8))));
        assert!(!days.hold((may(30), may(30))));
        days.add((may(9), may(25)));
        assert_eq!(days.0, BTreeMap::from([(may(8), may(25))]));
    }
}
