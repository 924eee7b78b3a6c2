//! Things put in order by key, with files where memory does not do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::lake::LakeError;

/// A key, and what stands under it.
pub(super) type Entry = (Vec<u8>, Vec<u8>);

/// Most runs that are read at a time; more are first made fewer.
const MOST_RUNS: usize = 128;

/// Takes entries in any order.
#[derive(Debug)]
pub(super) struct Sorting {
    folder: PathBuf,
    kept: usize,
    entries: Vec<Entry>,
    bytes: usize,
    runs: Vec<PathBuf>,
    made: usize,
}

impl Sorting {
    /// Keeps about `kept` bytes in memory, the rest in files in a folder, which is made when it is needed.
    pub(super) fn new(folder: &Path, kept: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            kept,
            entries: Vec::new(),
            bytes: 0,
            runs: Vec::new(),
            made: 0,
        }
    }

    /// Keeps about so many bytes in memory from now on.
    pub(super) fn keep(&mut self, bytes: usize) {
        self.kept = bytes;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.runs.is_empty()
    }

    pub(super) fn add(&mut self, key: Vec<u8>, body: Vec<u8>) -> Result<(), LakeError> {
        self.bytes += key.len() + body.len() + size_of::<Entry>();
        self.entries.push((key, body));
        if self.bytes >= self.kept {
            self.put_away()?;
        }
        Ok(())
    }

    /// Writes what is in memory into a file.
    fn put_away(&mut self) -> Result<(), LakeError> {
        self.entries.sort_unstable();
        self.bytes = 0;
        let entries = std::mem::take(&mut self.entries);
        let run = self.run(entries.into_iter().map(Ok))?;
        self.runs.push(run);
        if self.runs.len() >= MOST_RUNS {
            let runs = std::mem::take(&mut self.runs);
            let mut merging = Merging::of(&runs)?;
            let run = self.run(std::iter::from_fn(|| merging.next().transpose()))?;
            drop(merging);
            for old in runs {
                fs::remove_file(&old).map_err(|error| LakeError::io(&old, error))?;
            }
            self.runs.push(run);
        }
        Ok(())
    }

    fn run(
        &mut self,
        entries: impl Iterator<Item = Result<Entry, LakeError>>,
    ) -> Result<PathBuf, LakeError> {
        fs::create_dir_all(&self.folder).map_err(|error| LakeError::io(&self.folder, error))?;
        let path = self.folder.join(format!("{:08}", self.made));
        self.made += 1;
        let io = |error| LakeError::io(&path, error);
        let mut file = BufWriter::new(File::create(&path).map_err(io)?);
        for entry in entries {
            let (key, body) = entry?;
            for part in [&key, &body] {
                let length = part.len() as u64;
                file.write_all(&length.to_le_bytes()).map_err(io)?;
                file.write_all(part).map_err(io)?;
            }
        }
        file.flush().map_err(io)?;
        Ok(path)
    }

    /// Everything in the order of the keys.
    pub(super) fn finish(mut self) -> Result<Sorted, LakeError> {
        self.entries.sort_unstable();
        let entries = std::mem::take(&mut self.entries);
        Ok(Sorted {
            folder: self.folder,
            memory: entries.into_iter().peekable(),
            files: Merging::of(&self.runs)?,
        })
    }
}

/// Entries in the order of their keys.
#[derive(Debug)]
pub(super) struct Sorted {
    folder: PathBuf,
    memory: std::iter::Peekable<std::vec::IntoIter<Entry>>,
    files: Merging,
}

impl Sorted {
    /// The next entry.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, LakeError> {
        let memory = self.memory.peek().map(|entry| &entry.0);
        let first = match (memory, self.files.peek()) {
            (Some(memory), Some(file)) => memory <= file,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if first {
            Ok(self.memory.next())
        } else {
            self.files.next()
        }
    }

    /// Where the entries are kept, for what has to be said of them.
    pub(super) fn path(&self) -> &Path {
        &self.folder
    }
}

/// The next entry of a run: its key, the number of the run, and the body.
type Head = (Vec<u8>, usize, Vec<u8>);

/// Runs read side by side.
#[derive(Debug)]
struct Merging {
    runs: Vec<Run>,
    heads: BinaryHeap<Reverse<Head>>,
}

#[derive(Debug)]
struct Run {
    path: PathBuf,
    file: BufReader<File>,
}

impl Merging {
    fn of(paths: &[PathBuf]) -> Result<Self, LakeError> {
        let mut merging = Self {
            runs: Vec::with_capacity(paths.len()),
            heads: BinaryHeap::new(),
        };
        for path in paths {
            let file = File::open(path).map_err(|error| LakeError::io(path, error))?;
            merging.runs.push(Run {
                path: path.clone(),
                file: BufReader::new(file),
            });
            merging.fill(merging.runs.len() - 1)?;
        }
        Ok(merging)
    }

    fn peek(&self) -> Option<&Vec<u8>> {
        self.heads.peek().map(|Reverse((key, ..))| key)
    }

    fn next(&mut self) -> Result<Option<Entry>, LakeError> {
        let Some(Reverse((key, run, body))) = self.heads.pop() else {
            return Ok(None);
        };
        self.fill(run)?;
        Ok(Some((key, body)))
    }

    fn fill(&mut self, number: usize) -> Result<(), LakeError> {
        let run = &mut self.runs[number];
        if let Some((key, body)) = run
            .next()
            .map_err(|error| LakeError::io(&run.path, error))?
        {
            self.heads.push(Reverse((key, number, body)));
        }
        Ok(())
    }
}

impl Run {
    fn next(&mut self) -> io::Result<Option<Entry>> {
        let Some(key) = self.part()? else {
            return Ok(None);
        };
        let body = self.part()?;
        Ok(Some((key, body.ok_or(ErrorKind::UnexpectedEof)?)))
    }

    fn part(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 8];
        match self.file.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let mut part = Vec::new();
        let length = u64::from_le_bytes(length);
        let read = (&mut self.file).take(length).read_to_end(&mut part)?;
        if read as u64 == length {
            Ok(Some(part))
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_out_in_order_whatever_is_kept_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut expected: Vec<Entry> = (0..3_000_u32)
            .map(|number| {
                let key = number.wrapping_mul(2_654_435_761).to_be_bytes().to_vec();
                (key, format!("number {number}").into_bytes())
            })
            .collect();
        for (name, kept) in [("all", 1 << 20), ("some", 9_000), ("hardly-any", 400)] {
            let mut sorting = Sorting::new(&folder.path().join(name), kept);
            assert!(sorting.is_empty());
            for (key, body) in expected.clone() {
                sorting.add(key, body).expect("taken");
            }
            assert!(!sorting.is_empty());
            assert!(sorting.runs.len() < MOST_RUNS, "{}", sorting.runs.len());
            let mut sorted = sorting.finish().expect("in order");
            let mut found = Vec::new();
            while let Some(entry) = sorted.next().expect("read") {
                found.push(entry);
            }
            let mut wanted = expected.clone();
            wanted.sort();
            assert!(found == wanted, "{name}");
        }
        expected.clear();
    }

    #[test]
    fn a_run_that_was_cut_off_is_no_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sorting = Sorting::new(folder.path(), 1);
        sorting
            .add(b"key".to_vec(), b"body".to_vec())
            .expect("taken");
        let path = sorting.runs[0].clone();
        let whole = fs::read(&path).expect("a run");
        fs::write(&path, &whole[..whole.len() - 1]).expect("written");
        assert!(sorting.finish().is_err());
    }
}
