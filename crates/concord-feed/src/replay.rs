//! Judging again what is stored: after a change of rules, or to deliver it once more.

use std::path::Path;

use crate::judge::{Judge, Verdict};
use crate::store::{Entry, Reader, StoreError};

/// What came of a replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Messages judged again.
    pub messages: u64,
    /// Those whose outcome is another one now.
    pub changed: u64,
    /// Places at which messages are damaged and were left out.
    pub damaged: u64,
}

/// Judges the messages of a store from one number to another again and hands each, as it is stored, to `each` with its new
/// verdict. The store is only read, and may be written meanwhile.
///
/// # Errors
/// [`StoreError`] when the store cannot be read, and whatever `each` returns.
pub fn replay<E: From<StoreError>>(
    store: &Path,
    numbers: std::ops::RangeInclusive<u64>,
    judge: &dyn Judge,
    mut each: impl FnMut(&Entry, &Verdict) -> Result<(), E>,
) -> Result<Replayed, E> {
    let mut replayed = Replayed::default();
    let mut cursor = Reader::open(store)?.from(*numbers.start());
    while let Some(entry) = cursor.next(None)? {
        if entry.number > *numbers.end() {
            break;
        }
        let verdict = judge.judge(&entry.message);
        replayed.messages += 1;
        replayed.changed += u64::from(verdict.outcome != entry.verdict.outcome);
        each(&entry, &verdict)?;
    }
    replayed.damaged = cursor.damaged;
    Ok(replayed)
}
