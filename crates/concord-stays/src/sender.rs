//! What is known of a sender: the messages of it that wait, its clock, its numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::anomaly::{Anomaly, Reference};
use crate::moment::Moment;
use crate::recent::Recent;
use crate::sequence::{Sequence, pairs};
use crate::told::{EventKey, Told};

/// Ways from a sender that are counted apart.
const RECEIVERS: usize = 32;

/// What is known of a sender.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sender {
    /// Messages that wait for others that happened before them.
    #[serde(with = "pairs")]
    pub(crate) held: BTreeMap<EventKey, Told>,
    /// The latest moment that a message told of.
    pub(crate) newest: Option<Moment>,
    /// The latest moment of those that wait no more.
    released: Option<Moment>,
    late_in_a_row: u32,
    arrivals: u64,
    /// The first moment that was told of.
    began: Option<Moment>,
    /// The last change of any stay that was put away.
    forgotten: Option<Moment>,
    /// Sequence numbers by receiver.
    ways: Recent<String, Sequence>,
}

impl Sender {
    /// What the next message is put in order by. A message without a time is put where it came.
    pub(crate) fn key(&mut self, told: &Told, ahead: u32) -> EventKey {
        let arrival = self.arrivals;
        self.arrivals += 1;
        told.key(ahead, self.newest.unwrap_or(Moment::START), arrival)
    }

    /// What a message that comes is later than, when its turn is over. So many of them in a row show that it was the clock
    /// before them that was wrong: from then on the order is counted from theirs.
    pub(crate) fn behind(&mut self, key: EventKey, late_in_a_row: u32) -> Option<Moment> {
        let behind = self.released.filter(|released| key.moment < *released);
        if behind.is_none() {
            self.late_in_a_row = 0;
            return None;
        }
        self.late_in_a_row += 1;
        if self.late_in_a_row >= late_in_a_row {
            self.late_in_a_row = 0;
            self.newest = Some(key.moment);
            self.released = Some(key.moment);
        }
        behind
    }

    /// Takes note of a message whose turn it is.
    pub(crate) fn release(&mut self, told: &Told, key: EventKey) {
        self.released = self.released.max(Some(key.moment));
        if told.sent.or(told.occurred).is_some() {
            let began = self.began.unwrap_or(key.moment);
            self.began = Some(began.min(key.moment));
        }
    }

    /// Counts the number of a message, and tells of those that were left out.
    pub(crate) fn count(
        &mut self,
        told: &Told,
        by: &Reference,
        gap_after: usize,
        out: &mut Vec<Anomaly>,
    ) {
        if told.sequence.is_none() {
            return;
        }
        let way = self.ways.change(&told.receiver, Sequence::default);
        way.take(told, by, gap_after, out);
        if let Some((_, mut way)) = self.ways.put_away(RECEIVERS) {
            way.finish(out);
        }
    }

    /// Whether a stay that was not heard of, with this admission, can have been told of before anything that is remembered.
    pub(crate) fn is_before(&self, admitted: Option<Moment>) -> bool {
        match (admitted, self.began.max(self.forgotten)) {
            (Some(admitted), Some(horizon)) => admitted < horizon,
            (None, _) => self.forgotten.is_some(),
            (Some(_), None) => false,
        }
    }

    /// Takes note that a stay which changed last at this moment was put away.
    pub(crate) fn forget(&mut self, last: Moment) {
        self.forgotten = self.forgotten.max(Some(last));
    }

    /// Tells which numbers never came.
    pub(crate) fn finish(&mut self, out: &mut Vec<Anomaly>) {
        for (_, way) in self.ways.values_mut() {
            way.finish(out);
        }
    }
}
