//! What is seen of a feed from outside: counts, in the text format of Prometheus.

mod counts;
mod http;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use jiff::Timestamp;

pub use counts::{Counts, SenderCounts};
pub(crate) use http::serve;

use crate::judge::{Identity, Outcome, Verdict};

/// Senders that are counted by name; what they are called is theirs to choose, so that there must be a limit.
const SENDERS: usize = 500;
/// What the others are called together.
const OTHER: &str = "other";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sender {
    sender: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SenderOutcome {
    sender: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Rule {
    rule: String,
}

/// Seconds.
type Seconds = Gauge<f64, AtomicU64>;

/// Counts of a feed. It knows no message, only numbers and the names of senders.
#[derive(Debug)]
pub struct Seen {
    registry: Registry,
    senders: Mutex<BTreeSet<String>>,
    /// Rules and reasons that are counted.
    rules: Mutex<BTreeSet<String>>,
    reasons: Mutex<BTreeSet<&'static str>>,
    received: Family<Sender, Counter>,
    last: Family<Sender, Seconds>,
    delay: Family<Sender, Seconds>,
    broken: Family<Rule, Counter>,
    bytes: Family<Sender, Counter>,
    stored: Family<SenderOutcome, Counter>,
    duplicates: Family<Sender, Counter>,
    anomalies: Family<Sender, Counter>,
    refused: Family<Reason, Counter>,
    failed: Counter,
    connections: Gauge<i64, AtomicI64>,
    waiting: Gauge<i64, AtomicI64>,
    store_bytes: Gauge<u64, AtomicU64>,
    undelivered: Gauge<u64, AtomicU64>,
    answered: Histogram,
    ready: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Seen {
    fn default() -> Self {
        Self::new()
    }
}

impl Seen {
    /// Counts that begin at nothing.
    pub fn new() -> Self {
        let mut seen = Self {
            registry: Registry::with_prefix("concord_feed"),
            senders: Mutex::default(),
            rules: Mutex::default(),
            reasons: Mutex::default(),
            received: Family::default(),
            last: Family::default(),
            delay: Family::default(),
            broken: Family::default(),
            bytes: Family::default(),
            stored: Family::default(),
            duplicates: Family::default(),
            anomalies: Family::default(),
            refused: Family::default(),
            failed: Counter::default(),
            connections: Gauge::default(),
            waiting: Gauge::default(),
            store_bytes: Gauge::default(),
            undelivered: Gauge::default(),
            answered: Histogram::new(exponential_buckets(0.000_5, 2.0, 15)),
            ready: AtomicBool::new(false),
        };
        let registry = &mut seen.registry;
        registry.register("received", "Messages received", seen.received.clone());
        registry.register(
            "last_received_seconds",
            "When the last message was received, in seconds since 1970",
            seen.last.clone(),
        );
        registry.register(
            "delay_seconds",
            "From the time at which the last message says that it was made (MSH-7, meta.lastUpdated) until it was received",
            seen.delay.clone(),
        );
        registry.register(
            "broken",
            "Rules broken by messages stored",
            seen.broken.clone(),
        );
        registry.register("bytes", "Bytes of messages received", seen.bytes.clone());
        registry.register("stored", "Messages stored, by outcome", seen.stored.clone());
        registry.register(
            "duplicates",
            "Messages that came again",
            seen.duplicates.clone(),
        );
        registry.register(
            "anomalies",
            "Messages with the control id, or id and version, of another one and other content",
            seen.anomalies.clone(),
        );
        registry.register(
            "refused",
            "Frames and connections refused, by reason",
            seen.refused.clone(),
        );
        registry.register(
            "failed",
            "Messages that could not be stored",
            seen.failed.clone(),
        );
        registry.register("connections", "Connections open", seen.connections.clone());
        registry.register(
            "waiting",
            "Messages that wait for the disk",
            seen.waiting.clone(),
        );
        registry.register(
            "store_bytes",
            "Bytes of the store",
            seen.store_bytes.clone(),
        );
        registry.register(
            "undelivered",
            "Stored messages that the sinks have not got",
            seen.undelivered.clone(),
        );
        registry.register(
            "answer_seconds",
            "From the end of a frame to its answer",
            seen.answered.clone(),
        );
        seen
    }

    /// The counts as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if text::encode(&mut out, &self.registry).is_err() {
            // Memory takes all text; an empty answer shows that something is wrong.
            out.clear();
        }
        out
    }

    /// Whether messages are taken: sources are open and the last message could be stored.
    pub fn ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        lock(&self.reasons).insert(reason);
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    pub(crate) fn received(
        &self,
        identity: &Identity,
        bytes: usize,
        now: Timestamp,
        made: Option<Timestamp>,
    ) {
        let sender = self.sender(identity);
        self.received.get_or_create(&sender).inc();
        self.bytes.get_or_create(&sender).inc_by(bytes as u64);
        let last = self.last.get_or_create(&sender);
        last.set(now.as_duration().as_secs_f64());
        if let Some(made) = made {
            let delay = self.delay.get_or_create(&sender);
            delay.set(now.duration_since(made).as_secs_f64());
        }
    }

    pub(crate) fn stored(&self, verdict: &Verdict) {
        let Sender { sender } = self.sender(&verdict.identity);
        let outcome = verdict.outcome.name();
        self.stored
            .get_or_create(&SenderOutcome { sender, outcome })
            .inc();
        for broken in &verdict.findings {
            let rule = broken.rule.clone();
            if !lock(&self.rules).contains(&rule) {
                lock(&self.rules).insert(rule.clone());
            }
            self.broken.get_or_create(&Rule { rule }).inc();
        }
    }

    pub(crate) fn duplicate(&self, identity: &Identity) {
        self.duplicates.get_or_create(&self.sender(identity)).inc();
    }

    pub(crate) fn anomaly(&self, identity: &Identity) {
        self.anomalies.get_or_create(&self.sender(identity)).inc();
    }

    pub(crate) fn failed(&self) {
        self.failed.inc();
    }

    pub(crate) fn connections(&self, change: i64) {
        self.connections.inc_by(change);
    }

    pub(crate) fn answered(&self, after: Duration) {
        self.answered.observe(after.as_secs_f64());
    }

    pub(crate) fn depth(&self, waiting: usize, store_bytes: u64, undelivered: u64) {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.store_bytes.set(store_bytes);
        self.undelivered.set(undelivered);
    }

    fn sender(&self, identity: &Identity) -> Sender {
        let sender = identity.sender();
        let mut senders = lock(&self.senders);
        if senders.contains(&sender) || senders.len() < SENDERS {
            senders.insert(sender.clone());
            return Sender { sender };
        }
        Sender {
            sender: OTHER.to_owned(),
        }
    }
}
