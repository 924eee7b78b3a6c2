//! An earlier output, by key: what a record was when it was last written.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read, Seek, SeekFrom, Write};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::merge::apply;
use super::writer::JsonLinesWriter;
use crate::records::{RecordSource, RecordWriter as _};

/// Gives what a record was.
pub trait Previous {
    /// The record of a key as it was last written; `None` when there was none, or it was deleted.
    ///
    /// # Errors
    /// [`PreviousError`] when it cannot be read.
    fn get(&mut self, key: &str) -> Result<Option<Value>, PreviousError>;

    /// The key of the spell that an episode was last in, by the episode's CDS UNIQUE IDENTIFIER.
    fn spell_of(&self, identifier: &str) -> Option<String>;
}

/// Why an earlier output cannot be used. Never shows what stands in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviousError {
    /// It cannot be read.
    #[error("the earlier output cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// A line that is none of ours.
    #[error(
        "line {0} of the earlier output is no record of JSON Lines as this program writes them"
    )]
    Line(u64),
    /// A change of a record that is not there: the output was itself made with `--since`.
    #[error(
        "line {0} of the earlier output changes a record that it does not have, for it holds only what had changed since the \
         one before: put both into a folder, with names in their order, and name the folder"
    )]
    Changes(u64),
    /// It could not be made.
    #[error("the earlier output cannot be made ready: {0}")]
    Make(String),
}

/// Longest line.
const LONGEST: u64 = 64 << 20;

/// An earlier output as JSON Lines. Only keys are kept in memory, with where their lines stand.
#[derive(Debug)]
pub struct PreviousLines<R> {
    input: R,
    /// The last line that inserts a record, and the patches behind it: number, offset and length.
    places: HashMap<String, Vec<(u64, u64, usize)>>,
    /// The keys of the spells that episodes are in, by the episodes' identifiers.
    spells: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Head {
    operation: String,
    key: Option<String>,
    #[serde(alias = "patch")]
    record: Option<Spell>,
}

/// What of a line tells which episodes a spell has; of a patch, none stands for one that it has no more.
#[derive(Deserialize)]
struct Spell {
    #[serde(default)]
    episodes: Option<BTreeMap<String, Option<IgnoredAny>>>,
}

#[derive(Deserialize)]
struct Line {
    record: Option<Value>,
    patch: Option<Value>,
}

impl<R: Read + Seek> PreviousLines<R> {
    /// Reads where the lines of each key stand.
    ///
    /// # Errors
    /// [`PreviousError`] when it cannot be read, or a line is none of ours.
    pub fn new(mut input: R) -> Result<Self, PreviousError> {
        let mut places: HashMap<String, Vec<(u64, u64, usize)>> = HashMap::new();
        let mut spells: HashMap<String, String> = HashMap::new();
        input.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::new(&mut input);
        let (mut line, mut number, mut offset) = (Vec::new(), 0, 0);
        loop {
            line.clear();
            let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            number += 1;
            let place = (number, offset, read);
            offset += read as u64;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let head: Head =
                serde_json::from_slice(&line).map_err(|_| PreviousError::Line(number))?;
            let Some(key) = head.key else {
                continue;
            };
            let episodes = head.record.and_then(|spell| spell.episodes);
            for (episode, there) in episodes.into_iter().flatten() {
                if there.is_some() && head.operation != "delete" {
                    spells.insert(episode, key.clone());
                } else if spells.get(&episode) == Some(&key) {
                    spells.remove(&episode);
                }
            }
            match &*head.operation {
                "insert" => {
                    places.insert(key, vec![place]);
                }
                "delete" => {
                    places.remove(&key);
                }
                // A patch of what is not there.
                "patch" => {
                    let known = places.get_mut(&key).ok_or(PreviousError::Changes(number))?;
                    known.push(place);
                }
                _ => return Err(PreviousError::Line(number)),
            }
        }
        Ok(Self {
            input,
            places,
            spells,
        })
    }
}

impl<F: Read + Write + Seek + Send> PreviousLines<F> {
    /// Makes an earlier output ready that comes as records, such as those of a lake: they are written to `file`, which
    /// should be a temporary one.
    ///
    /// # Errors
    /// [`PreviousError`] when they cannot be read or written.
    pub fn of_records(source: &mut dyn RecordSource, mut file: F) -> Result<Self, PreviousError> {
        let mut writer = JsonLinesWriter::new(&mut file);
        while let Some(records) = source.next().map_err(PreviousError::Make)? {
            writer.write(&records).map_err(PreviousError::Make)?;
        }
        writer
            .finish()
            .map_err(|error| PreviousError::Make(error.to_string()))?;
        Self::new(file)
    }
}

impl<R: Read + Seek> Previous for PreviousLines<R> {
    fn get(&mut self, key: &str) -> Result<Option<Value>, PreviousError> {
        let Some(places) = self.places.get(key) else {
            return Ok(None);
        };
        let mut record: Option<Value> = None;
        let mut bytes = Vec::new();
        for (number, offset, length) in places {
            self.input.seek(SeekFrom::Start(*offset))?;
            bytes.resize(*length, 0);
            self.input.read_exact(&mut bytes)?;
            let line: Line =
                serde_json::from_slice(&bytes).map_err(|_| PreviousError::Line(*number))?;
            match (line.record, line.patch, &mut record) {
                (Some(inserted), None, _) => record = Some(inserted),
                (None, Some(patch), Some(record)) => apply(record, patch),
                _ => return Err(PreviousError::Line(*number)),
            }
        }
        Ok(record)
    }

    fn spell_of(&self, identifier: &str) -> Option<String> {
        let spell = self.spells.get(identifier)?;
        self.places.contains_key(spell).then(|| spell.clone())
    }
}
