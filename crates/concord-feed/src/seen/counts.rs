//! The counts at a moment, for whoever draws them.

use std::collections::BTreeMap;

use super::{OTHER, Outcome, Reason, Rule, Seen, Sender, SenderOutcome, lock};

/// The counts of a feed at a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// By sender: the sending application and facility, as in `PAS/RXX`.
    pub senders: BTreeMap<String, SenderCounts>,
    /// How often each rule was broken.
    pub rules: BTreeMap<String, u64>,
    /// Frames and connections refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Messages that could not be stored.
    pub failed: u64,
    /// Connections open.
    pub connections: i64,
    /// Messages that wait for the disk.
    pub waiting: i64,
    /// Bytes of the store.
    pub store_bytes: u64,
    /// Stored messages that the slowest sink has not got.
    pub undelivered: u64,
}

/// The counts of a sender.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SenderCounts {
    /// Messages received, those that came again among them.
    pub received: u64,
    /// Messages accepted.
    pub accepted: u64,
    /// Messages not accepted, which are held.
    pub held: u64,
    /// Messages that came again.
    pub duplicates: u64,
    /// Seconds from when the last message says that it was made until it was received.
    pub delay: Option<f64>,
    /// When the last message was received, in seconds since 1970.
    pub last: Option<f64>,
}

impl Seen {
    /// The counts at this moment.
    pub fn counts(&self) -> Counts {
        let mut senders: Vec<String> = lock(&self.senders).iter().cloned().collect();
        senders.push(OTHER.to_owned());
        let senders = senders
            .into_iter()
            .filter_map(|sender| Some((sender.clone(), self.of(sender)?)));
        let rules: Vec<String> = lock(&self.rules).iter().cloned().collect();
        let rules = rules.into_iter().map(|rule| {
            let counted = self.broken.get(&Rule { rule: rule.clone() });
            (rule, counted.map_or(0, |counted| counted.get()))
        });
        let reasons: Vec<&'static str> = lock(&self.reasons).iter().copied().collect();
        let refused = reasons.into_iter().map(|reason| {
            let counted = self.refused.get(&Reason { reason });
            (reason, counted.map_or(0, |counted| counted.get()))
        });
        Counts {
            senders: senders.collect(),
            rules: rules.collect(),
            refused: refused.collect(),
            failed: self.failed.get(),
            connections: self.connections.get(),
            waiting: self.waiting.get(),
            store_bytes: self.store_bytes.get(),
            undelivered: self.undelivered.get(),
        }
    }

    /// The counts of a sender; `None` when nothing was received from it.
    fn of(&self, sender: String) -> Option<SenderCounts> {
        let key = Sender { sender };
        let received = self.received.get(&key)?.get();
        let outcome = |outcome: Outcome| {
            let sender = key.sender.clone();
            let outcome = outcome.name();
            let stored = self.stored.get(&SenderOutcome { sender, outcome });
            stored.map_or(0, |stored| stored.get())
        };
        Some(SenderCounts {
            received,
            accepted: outcome(Outcome::Accept),
            held: outcome(Outcome::Error) + outcome(Outcome::Reject),
            duplicates: self.duplicates.get(&key).map_or(0, |counted| counted.get()),
            delay: self.delay.get(&key).map(|delay| delay.get()),
            last: self.last.get(&key).map(|last| last.get()),
        })
    }
}
