//! Work done side by side and put together in the order of the input.
//!
//! Pieces are read one after the other, worked on by any number of threads, and merged in the order in which they were
//! read, so that the outcome is the same for every number of threads. Pieces read ahead of the next one to be merged are
//! bounded, and the memory of merged pieces goes back to the reader.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What is done with the pieces of an input.
pub(crate) trait Line: Sync {
    /// A piece as it is read.
    type Piece: Send;
    /// A piece that has been worked on.
    type Done: Send;
    /// Memory of a merged piece, to be used again.
    type Spare: Send;
    /// Where pieces come from.
    type Source: Send;
    /// What has been put together so far.
    type Merge: Send;
    /// What one thread keeps.
    type Local;

    /// What a thread begins with.
    fn local(&self) -> Self::Local;
    /// Reads the next piece and its number, counted from 0; `None` at the end, or where reading fails.
    fn read(
        &self,
        source: &mut Self::Source,
        spare: Option<Self::Spare>,
    ) -> Option<(u64, Self::Piece)>;
    /// Works on a piece, beside others.
    fn work(&self, piece: Self::Piece, local: &mut Self::Local) -> Self::Done;
    /// Merges the next piece in order and gives its memory back, if it is to be used again.
    fn merge(
        &self,
        merge: &mut Self::Merge,
        done: Self::Done,
        local: &mut Self::Local,
    ) -> Option<Self::Spare>;
    /// What a thread does before it takes the next piece.
    fn between(&self) {}
    /// Whether nothing more is wanted.
    fn stopped(&self, merge: &Self::Merge) -> bool;
}

/// Runs the whole input through a line, on `threads` threads; 0 and 1 both mean this one.
pub(crate) fn run<L: Line>(
    line: &L,
    threads: usize,
    source: L::Source,
    merge: L::Merge,
) -> (L::Source, L::Merge) {
    let shared = Shared {
        line,
        window: threads.max(1) as u64,
        reading: Mutex::new(Reading {
            source,
            finished: false,
        }),
        merging: Mutex::new(Merging {
            next: 0,
            pending: BTreeMap::new(),
            spare: Vec::new(),
            merge,
        }),
        moved: Condvar::new(),
    };
    if threads <= 1 {
        shared.work();
    } else {
        rayon::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|_| shared.work());
            }
        });
    }
    (
        into_inner(shared.reading).source,
        into_inner(shared.merging).merge,
    )
}

struct Reading<S> {
    source: S,
    /// Whether there is nothing more to read, or nothing more is wanted.
    finished: bool,
}

struct Merging<L: Line> {
    next: u64,
    pending: BTreeMap<u64, L::Done>,
    spare: Vec<L::Spare>,
    merge: L::Merge,
}

struct Shared<'l, L: Line> {
    line: &'l L,
    /// Pieces that may be ahead of the next one to be merged.
    window: u64,
    reading: Mutex<Reading<L::Source>>,
    merging: Mutex<Merging<L>>,
    /// Signalled when a piece has been merged.
    moved: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl<L: Line> Shared<'_, L> {
    /// Takes pieces until there are no more.
    fn work(&self) {
        let mut local = self.line.local();
        loop {
            self.line.between();
            let spare = lock(&self.merging).spare.pop();
            let Some((number, piece)) = self.read(spare) else {
                return;
            };
            let done = self.line.work(piece, &mut local);
            if !self.put(number, done, &mut local) {
                return;
            }
        }
    }

    fn read(&self, spare: Option<L::Spare>) -> Option<(u64, L::Piece)> {
        let mut reading = lock(&self.reading);
        if reading.finished {
            return None;
        }
        let read = self.line.read(&mut reading.source, spare);
        reading.finished = read.is_none();
        read
    }

    /// Hands a piece in, and merges whatever is next; `false` when nothing more is wanted.
    fn put(&self, number: u64, done: L::Done, local: &mut L::Local) -> bool {
        let mut merging = lock(&self.merging);
        merging.pending.insert(number, done);
        loop {
            let next = merging.next;
            let Some(done) = merging.pending.remove(&next) else {
                break;
            };
            merging.next += 1;
            let spare = self.line.merge(&mut merging.merge, done, local);
            merging.spare.extend(spare);
            self.moved.notify_all();
        }
        while number >= merging.next + self.window && !self.line.stopped(&merging.merge) {
            merging = self
                .moved
                .wait(merging)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if self.line.stopped(&merging.merge) {
            drop(merging);
            lock(&self.reading).finished = true;
            self.moved.notify_all();
            return false;
        }
        true
    }
}
