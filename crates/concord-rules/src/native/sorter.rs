//! Entries sorted outside of memory: sorted runs in temporary files, merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Most runs that are merged at once.
const MOST_RUNS: usize = 64;
const BUFFER: usize = 64 * 1024;
const BYTES: usize = 33;

/// What is sorted: by key, then by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: u128,
    pub(super) row: u64,
    pub(super) value: u64,
    /// Whether a finding has been made of it already, or is not to be made.
    pub(super) settled: bool,
}

impl Entry {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(&self.key.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.row.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.value.to_le_bytes());
        bytes[32] = u8::from(self.settled);
        to.write_all(&bytes)
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let (mut key, mut row, mut value, mut settled) = ([0; 16], [0; 8], [0; 8], [0; 1]);
        from.read_exact(&mut key)?;
        from.read_exact(&mut row)?;
        from.read_exact(&mut value)?;
        from.read_exact(&mut settled)?;
        Ok(Self {
            key: u128::from_le_bytes(key),
            row: u64::from_le_bytes(row),
            value: u64::from_le_bytes(value),
            settled: settled[0] != 0,
        })
    }
}

/// Collects entries.
#[derive(Debug)]
pub(super) struct Sorter {
    buffer: Vec<Entry>,
    most: usize,
    runs: Vec<Run>,
}

/// A sorted run in a file without a name, which goes when it is closed.
#[derive(Debug)]
struct Run {
    file: File,
    entries: u64,
}

impl Sorter {
    /// A sorter that keeps at most about `bytes` bytes in memory.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            most: (bytes / size_of::<Entry>()).max(16),
            runs: Vec::new(),
        }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        if self.buffer.len() >= self.most {
            self.spill()?;
        }
        self.buffer.push(entry);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable();
        let run = Run::of(self.buffer.iter().map(|entry| Ok(*entry)))?;
        self.buffer.clear();
        self.runs.push(run);
        if self.runs.len() >= MOST_RUNS {
            let merged = Merge::new(std::mem::take(&mut self.runs), Vec::new())?;
            self.runs.push(Run::of(merged)?);
        }
        Ok(())
    }

    /// All entries in order.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn finish(mut self) -> io::Result<Merge> {
        self.buffer.sort_unstable();
        Merge::new(self.runs, self.buffer)
    }
}

impl Run {
    fn of(entries: impl Iterator<Item = io::Result<Entry>>) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(BUFFER, tempfile::tempfile()?);
        let mut count = 0;
        for entry in entries {
            entry?.write(&mut file)?;
            count += 1;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Self {
            file,
            entries: count,
        })
    }
}

/// Entries of several runs in order.
#[derive(Debug)]
pub(super) struct Merge {
    runs: Vec<(BufReader<File>, u64)>,
    buffer: std::vec::IntoIter<Entry>,
    heap: BinaryHeap<Reverse<(Entry, usize)>>,
}

impl Merge {
    fn new(runs: Vec<Run>, buffer: Vec<Entry>) -> io::Result<Self> {
        let mut merge = Self {
            runs: runs
                .into_iter()
                .map(|run| (BufReader::with_capacity(BUFFER, run.file), run.entries))
                .collect(),
            buffer: buffer.into_iter(),
            heap: BinaryHeap::new(),
        };
        for run in 0..=merge.runs.len() {
            merge.refill(run)?;
        }
        Ok(merge)
    }

    /// Puts the next entry of a run on the heap; the buffer is the last run.
    fn refill(&mut self, run: usize) -> io::Result<()> {
        let next = match self.runs.get_mut(run) {
            Some((_, 0)) => None,
            Some((file, left)) => {
                *left -= 1;
                Some(Entry::read(file)?)
            }
            None => self.buffer.next(),
        };
        self.heap.extend(next.map(|entry| Reverse((entry, run))));
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((entry, run)) = self.heap.pop()?;
        Some(self.refill(run).map(|()| entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_memory_come_out_in_order() {
        let mut sorter = Sorter::new(0);
        let mut expected = Vec::new();
        let mut number: u64 = 1;
        for row in 0..5_000 {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let entry = Entry {
                key: u128::from(number >> 50) << 70,
                row,
                value: number,
                settled: row % 2 == 0,
            };
            expected.push(entry);
            sorter.push(entry).expect("a temporary file");
        }
        expected.sort_unstable();
        assert!(sorter.runs.len() > 1 && sorter.runs.len() < MOST_RUNS);
        let sorted: Result<Vec<Entry>, _> = sorter.finish().expect("runs").collect();
        assert_eq!(sorted.expect("entries"), expected);
    }
}
