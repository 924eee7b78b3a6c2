//! Pairs of numbers in order, however many: what does not fit into memory lies sorted in files without a name.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _};
use std::path::{Path, PathBuf};

/// Pairs that are kept in memory: 16 bytes each.
const MOST: usize = 1 << 20;

/// A number, and another that it brings along.
pub(super) type Pair = (u64, u64);

/// Pairs that are still being added.
pub(super) struct Sorting {
    folder: PathBuf,
    most: usize,
    memory: Vec<Pair>,
    runs: Vec<File>,
}

impl Sorting {
    /// What does not fit into memory goes to files in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self::keeping(MOST, folder)
    }

    fn keeping(most: usize, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            most,
            memory: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Adds a pair.
    pub(super) fn push(&mut self, pair: Pair) -> io::Result<()> {
        self.memory.push(pair);
        if self.memory.len() < self.most {
            return Ok(());
        }
        self.memory.sort_unstable();
        let mut file = BufWriter::new(tempfile::tempfile_in(&self.folder)?);
        for pair in self.memory.drain(..) {
            write(&mut file, pair)?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    /// The pairs, to be read in order as often as is needed.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        self.memory.sort_unstable();
        if self.runs.is_empty() {
            return Ok(Sorted::Memory(self.memory));
        }
        let mut runs: Vec<Box<dyn Iterator<Item = io::Result<Pair>>>> =
            vec![Box::new(self.memory.into_iter().map(Ok))];
        for run in self.runs {
            runs.push(Box::new(Stored(BufReader::new(run))));
        }
        let mut next = BinaryHeap::new();
        for (run, pairs) in runs.iter_mut().enumerate() {
            next.extend(pairs.next().transpose()?.map(|pair| Reverse((pair, run))));
        }
        let mut file = BufWriter::new(tempfile::tempfile_in(&self.folder)?);
        while let Some(Reverse((pair, run))) = next.pop() {
            write(&mut file, pair)?;
            next.extend(
                runs[run]
                    .next()
                    .transpose()?
                    .map(|pair| Reverse((pair, run))),
            );
        }
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Sorted::Disk(file))
    }
}

fn write(file: &mut impl io::Write, (first, second): Pair) -> io::Result<()> {
    file.write_all(&first.to_le_bytes())?;
    file.write_all(&second.to_le_bytes())
}

/// Pairs in a file.
struct Stored<R>(R);

impl<R: Read> Iterator for Stored<R> {
    type Item = io::Result<Pair>;

    fn next(&mut self) -> Option<io::Result<Pair>> {
        let (mut first, mut second) = ([0; 8], [0; 8]);
        match self
            .0
            .read_exact(&mut first)
            .and_then(|()| self.0.read_exact(&mut second))
        {
            Ok(()) => Some(Ok((u64::from_le_bytes(first), u64::from_le_bytes(second)))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Pairs in order, the smallest first, each as often as it was added.
pub(super) enum Sorted {
    Memory(Vec<Pair>),
    Disk(File),
}

impl Sorted {
    /// From the smallest on.
    pub(super) fn read(&mut self) -> io::Result<Box<dyn Iterator<Item = io::Result<Pair>> + '_>> {
        Ok(match self {
            Self::Memory(pairs) => Box::new(pairs.iter().copied().map(Ok)),
            Self::Disk(file) => {
                file.rewind()?;
                Box::new(Stored(BufReader::new(file)))
            }
        })
    }
}

/// The second numbers of those pairs in `after` whose first number stands there more often than in `before`.
pub(super) fn beyond(
    after: &mut Sorted,
    before: &mut Sorted,
    mut found: impl FnMut(u64),
) -> io::Result<()> {
    let mut before = before.read()?;
    let mut old = before.next().transpose()?;
    for pair in after.read()? {
        let (key, brought) = pair?;
        while old.is_some_and(|(known, _)| known < key) {
            old = before.next().transpose()?;
        }
        if old.is_some_and(|(known, _)| known == key) {
            old = before.next().transpose()?;
        } else {
            found(brought);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(most: usize, pairs: &[Pair]) -> Sorted {
        let mut sorting = Sorting::keeping(most, &std::env::temp_dir());
        for pair in pairs {
            sorting.push(*pair).expect("it can be written");
        }
        sorting.finish().expect("it can be read")
    }

    #[test]
    fn what_lies_on_disk_comes_in_order_with_the_rest() {
        let pairs: Vec<Pair> = (0..100).map(|number| (number * 37 % 101, number)).collect();
        let mut expected = pairs.clone();
        expected.sort_unstable();
        for most in [1, 7, 1000] {
            let mut sorted = sorted(most, &pairs);
            for _ in 0..2 {
                let found: io::Result<Vec<Pair>> = sorted.read().expect("it can be read").collect();
                assert_eq!(found.expect("it can be read"), expected, "{most}");
            }
        }
    }

    #[test]
    fn what_is_new_is_found_as_often_as_it_is_new() {
        let before = [(5, 0), (5, 0), (7, 0), (u64::MAX, 0)];
        let after = [(5, 1), (5, 2), (5, 3), (6, 4), (7, 5), (u64::MAX, 6)];
        for most in [2, 100] {
            let mut found = Vec::new();
            let (mut after, mut before) = (sorted(most, &after), sorted(most, &before));
            beyond(&mut after, &mut before, |record| found.push(record)).expect("they can be read");
            assert_eq!(found, [3, 4], "{most}");
        }
    }
}
