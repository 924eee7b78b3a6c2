//! What every source hands its messages to: judged, stored, counted.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::header::Header;
use crate::judge::{Broken, Judge, Verdict};
use crate::resource::Resource;
use crate::seen::Seen;
use crate::sent;
use crate::store::{NewEntry, Receipt, Store, StoreError};

/// Messages larger than this are judged where they hold up nobody else.
const LARGE: usize = 256 << 10;
/// So many findings of one message are kept; the number of the others is.
const FINDINGS: usize = 1_000;

/// Judges and stores the messages of all sources.
pub struct Intake {
    judge: Arc<dyn Judge>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    seen: Arc<Seen>,
}

/// A message that has been judged and waits for the disk.
#[derive(Debug)]
pub struct Pending {
    verdict: Verdict,
    answer: oneshot::Receiver<Result<Receipt, StoreError>>,
    began: Duration,
}

/// A message that is safely stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What was said of it: when it came again, what was said the first time.
    pub verdict: Verdict,
    /// Where it is.
    pub receipt: Receipt,
    /// When it was taken, by the clock's elapsed time.
    pub began: Duration,
}

/// When a message says that it was made.
fn made(message: &[u8]) -> Option<Timestamp> {
    match Resource::read(message) {
        Some(resource) => resource.made,
        None => Header::read(message).and_then(|header| sent::time(&header.made)),
    }
}

impl Intake {
    /// Judges with `judge`, stores in `store`.
    pub fn new(
        judge: Arc<dyn Judge>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        seen: Arc<Seen>,
    ) -> Self {
        Self {
            judge,
            store,
            clock,
            seen,
        }
    }

    /// The clock of the feed.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The clock of the feed, for what keeps it.
    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The counts of the feed.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Judges a message and hands it to the store, waiting while the store is busy. It runs on a runtime of several threads,
    /// because judging a large message takes one for itself.
    ///
    /// # Errors
    /// [`StoreError`] when the store takes none.
    pub async fn take(&self, origin: &str, message: Vec<u8>) -> Result<Pending, StoreError> {
        let began = self.clock.elapsed();
        let mut verdict = if message.len() > LARGE {
            tokio::task::block_in_place(|| self.judge.judge(&message))
        } else {
            self.judge.judge(&message)
        };
        if verdict.findings.len() > FINDINGS {
            let more = verdict.findings.len() - FINDINGS;
            verdict.findings.truncate(FINDINGS);
            verdict.findings.push(Broken {
                rule: "FEED-MORE".into(),
                text: format!("{more} further findings are not kept"),
                place: None,
                warning: true,
            });
        }
        let now = self.clock.now();
        let made = made(&message);
        self.seen
            .received(&verdict.identity, message.len(), now, made);
        let entry = NewEntry {
            received: now,
            origin: origin.to_owned(),
            verdict: verdict.clone(),
            message,
        };
        let answer = self.store.submit(entry).await?;
        Ok(Pending {
            verdict,
            answer,
            began,
        })
    }

    /// Waits until a message is durable.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    pub async fn finish(&self, pending: Pending) -> Result<Kept, StoreError> {
        let Pending {
            mut verdict,
            answer,
            began,
        } = pending;
        let receipt = answer.await.unwrap_or(Err(StoreError::Closed));
        self.seen.set_ready(receipt.is_ok());
        let receipt = receipt.inspect_err(|_| self.seen.failed())?;
        match &receipt {
            Receipt::Stored(_) => self.seen.stored(&verdict),
            Receipt::OtherContent(number, other) => {
                self.seen.stored(&verdict);
                self.seen.anomaly(&verdict.identity);
                tracing::warn!(
                    number,
                    other,
                    "a message has the sender and control id of another one, and other content"
                );
            }
            Receipt::Again(_, first) => {
                self.seen.duplicate(&verdict.identity);
                verdict = first.clone();
            }
        }
        Ok(Kept {
            verdict,
            receipt,
            began,
        })
    }

    /// Waits until a stored message has reached every sink; not at all where there are none.
    pub async fn delivered(&self, number: u64) {
        // Without a store there is nothing to wait for.
        let _ = self
            .store
            .delivered()
            .wait_for(|below| *below > number)
            .await;
    }
}
