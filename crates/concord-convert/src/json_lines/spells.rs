//! Records of episodes until all of them have come, by spell. Only keys are kept in memory beyond a bound.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use serde_json::{Map, Value};
use tempfile::SpooledTempFile;

use super::keys;

type Record = Map<String, Value>;

/// Bytes of records that are kept in memory.
const IN_MEMORY: usize = 32 << 20;

/// An episode's record, and where it came from.
pub(super) struct Episode {
    pub(super) source: Record,
    pub(super) record: Record,
}

#[derive(Debug)]
struct Place {
    /// The name of the episode.
    name: String,
    offset: u64,
    length: usize,
}

/// Episodes by spell.
#[derive(Debug)]
pub(super) struct Spells {
    file: SpooledTempFile,
    end: u64,
    /// Spells in the order in which they came first.
    order: Vec<String>,
    of: HashMap<String, Vec<Place>>,
    /// In which spell an episode is, by its name.
    within: HashMap<String, String>,
    /// Spells of an earlier output that episodes have left, and where the records came from that say so.
    left: BTreeMap<String, Vec<Record>>,
}

impl Spells {
    pub(super) fn new() -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            end: 0,
            order: Vec::new(),
            of: HashMap::new(),
            within: HashMap::new(),
            left: BTreeMap::new(),
        }
    }

    /// Takes an episode. One of the same name that came before is no longer so; whether there was one.
    pub(super) fn take(
        &mut self,
        spell: String,
        source: &Record,
        record: &Record,
    ) -> io::Result<bool> {
        let name = keys::of_episode(record);
        // What has a name of its own has it in all spells; others in theirs.
        let replaced = if keys::identifier(record).is_some() {
            self.remove(&name)
        } else {
            self.remove_from(&spell, &name)
        };
        let bytes = serde_json::to_vec(&(source, record))?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&bytes)?;
        let place = Place {
            name: name.clone(),
            offset: self.end,
            length: bytes.len(),
        };
        self.end += bytes.len() as u64;
        if !self.of.contains_key(&spell) {
            self.order.push(spell.clone());
        }
        self.of.entry(spell.clone()).or_default().push(place);
        self.within.insert(name, spell);
        Ok(replaced)
    }

    /// Takes an episode out again; whether it was there.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        match self.within.remove(name) {
            Some(spell) => self.remove_from(&spell, name),
            None => false,
        }
    }

    fn remove_from(&mut self, spell: &str, name: &str) -> bool {
        let Some(places) = self.of.get_mut(spell) else {
            return false;
        };
        let before = places.len();
        places.retain(|place| place.name != name);
        places.len() < before
    }

    /// Notes that a spell of an earlier output has lost an episode.
    pub(super) fn leave(&mut self, spell: String, source: &Record) {
        self.left.entry(spell).or_default().push(source.clone());
    }

    /// Where the records came from that took episodes out of a spell.
    pub(super) fn leavers(&self, spell: &str) -> &[Record] {
        self.left.get(spell).map(Vec::as_slice).unwrap_or_default()
    }

    /// The spells that are to be written.
    pub(super) fn all(&self) -> Vec<String> {
        let new = self
            .left
            .keys()
            .filter(|spell| !self.of.contains_key(*spell));
        self.order.iter().chain(new).cloned().collect()
    }

    /// Whether an episode is in another spell than this.
    pub(super) fn is_elsewhere(&self, name: &str, spell: &str) -> bool {
        self.within.get(name).is_some_and(|within| within != spell)
    }

    /// The episodes of a spell, in the order in which they came.
    pub(super) fn get(&mut self, spell: &str) -> io::Result<Vec<Episode>> {
        let places = self.of.get(spell).map(Vec::as_slice).unwrap_or_default();
        let mut bytes = Vec::new();
        let mut episodes = Vec::with_capacity(places.len());
        for place in places {
            self.file.seek(SeekFrom::Start(place.offset))?;
            bytes.resize(place.length, 0);
            self.file.read_exact(&mut bytes)?;
            let (source, record) = serde_json::from_slice(&bytes)?;
            episodes.push(Episode { source, record });
        }
        Ok(episodes)
    }
}
