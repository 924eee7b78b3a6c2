//! What messages tell, put in order: sorted runs in temporary files, merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};

use concord_stays::{Moment, Origin, Told};

/// Messages that are kept in memory, about forty megabytes.
const MOST: usize = 1 << 16;
/// Runs that are merged at once.
const MOST_RUNS: usize = 64;

/// What messages are put in order by: what happened when, and what stands where. Without a time of events only the latter.
type Key = (Option<Moment>, Option<u64>, Option<Moment>, Origin);

/// Collects what messages tell.
pub(super) struct Spool {
    /// By how many minutes clocks may differ, where events are put in order; `None` where arrivals are.
    ahead: Option<u32>,
    most: usize,
    buffer: Vec<Told>,
    runs: Vec<Run>,
}

/// A sorted run in a file without a name, which goes when it is closed: a line of JSON for each message.
struct Run(BufReader<File>);

impl Spool {
    pub(super) fn new(ahead: Option<u32>) -> Self {
        Self {
            ahead,
            most: MOST,
            buffer: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Adds what a message tells.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub(super) fn add(&mut self, told: Told) -> io::Result<()> {
        if self.buffer.len() >= self.most {
            self.spill()?;
        }
        self.buffer.push(told);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let ahead = self.ahead;
        self.buffer.sort_by_cached_key(|told| key(told, ahead));
        let run = Run::of(self.buffer.drain(..).map(Ok))?;
        self.runs.push(run);
        if self.runs.len() >= MOST_RUNS {
            let merged = Merged::new(std::mem::take(&mut self.runs), Vec::new(), ahead)?;
            self.runs.push(Run::of(merged)?);
        }
        Ok(())
    }

    /// All of it in order.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn finish(mut self) -> io::Result<Merged> {
        let ahead = self.ahead;
        self.buffer.sort_by_cached_key(|told| key(told, ahead));
        Merged::new(self.runs, self.buffer, ahead)
    }
}

fn key(told: &Told, ahead: Option<u32>) -> Key {
    match ahead {
        Some(ahead) => (told.moment(ahead), told.sequence, told.sent, told.origin),
        None => (None, None, None, told.origin),
    }
}

impl Run {
    fn of(told: impl Iterator<Item = io::Result<Told>>) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
        for told in told {
            serde_json::to_writer(&mut file, &told?)?;
            file.write_all(b"\n")?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Self(BufReader::with_capacity(1 << 16, file)))
    }

    fn next(&mut self) -> io::Result<Option<Told>> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&line)?))
    }
}

/// What messages of several runs tell, in order.
pub(super) struct Merged {
    ahead: Option<u32>,
    runs: Vec<Run>,
    buffer: std::vec::IntoIter<Told>,
    /// The next one of each run; the run behind the last is the buffer.
    heads: BinaryHeap<Reverse<(Key, usize)>>,
    waiting: Vec<Option<Told>>,
}

impl Merged {
    fn new(runs: Vec<Run>, buffer: Vec<Told>, ahead: Option<u32>) -> io::Result<Self> {
        let count = runs.len() + 1;
        let mut merged = Self {
            ahead,
            runs,
            buffer: buffer.into_iter(),
            heads: BinaryHeap::new(),
            waiting: vec![None; count],
        };
        for run in 0..count {
            merged.refill(run)?;
        }
        Ok(merged)
    }

    fn refill(&mut self, number: usize) -> io::Result<()> {
        let told = match self.runs.get_mut(number) {
            Some(run) => run.next()?,
            None => self.buffer.next(),
        };
        if let (Some(told), Some(place)) = (told, self.waiting.get_mut(number)) {
            self.heads.push(Reverse((key(&told, self.ahead), number)));
            *place = Some(told);
        }
        Ok(())
    }
}

impl Iterator for Merged {
    type Item = io::Result<Told>;

    fn next(&mut self) -> Option<io::Result<Told>> {
        let Reverse((_, number)) = self.heads.pop()?;
        let told = self.waiting.get_mut(number)?.take()?;
        match self.refill(number) {
            Ok(()) => Some(Ok(told)),
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(record: u64, minute: u64) -> Told {
        let text = format!("MSH|^~\\&|A|B|||2026030108{minute:02}||ADT^A08|{record}\r");
        let origin = Origin {
            record,
            ..Origin::default()
        };
        concord_stays::read(text.as_bytes(), origin).expect("a message")
    }

    fn order(ahead: Option<u32>, most: usize) -> Vec<u64> {
        let mut spool = Spool::new(ahead);
        spool.most = most;
        for record in 0..500 {
            let told = told(record, record * 37 % 60);
            spool.add(told).expect("room");
        }
        let merged = spool.finish().expect("it can be read");
        merged
            .map(|told| told.expect("it can be read").origin.record)
            .collect()
    }

    #[test]
    fn runs_and_memory_give_the_same_order() {
        let arrival: Vec<u64> = (0..500).collect();
        let mut event = arrival.clone();
        event.sort_by_key(|record| (record * 37 % 60, *record));
        for most in [3, 64, 1000] {
            assert_eq!(order(None, most), arrival);
            assert_eq!(order(Some(5), most), event);
        }
    }
}
