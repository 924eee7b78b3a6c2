//! The checkpoint of a sink into a broker: how far it has got in the store, and how far the broker's logs had got then.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Checkpoint;
use crate::store::replace;

/// What is kept between runs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ends {
    #[serde(flatten)]
    pub(super) reached: Checkpoint,
    /// For each log its end at the last commit, before which nothing is ours and uncommitted.
    pub(super) ends: BTreeMap<String, u64>,
}

impl Ends {
    /// What the file says; nothing where there is none.
    pub(super) fn load(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Puts it into the file, durably.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        replace(path, &serde_json::to_vec(self)?)
    }

    /// Puts in what the logs' ends are now where they were not known, and saves it: before anything is published to them.
    pub(super) fn begin(
        mut self,
        now: &BTreeMap<String, u64>,
        path: &Path,
    ) -> io::Result<Checkpoint> {
        self.ends = now
            .iter()
            .map(|(name, end)| (name.clone(), *self.ends.get(name).unwrap_or(end)))
            .collect();
        self.save(path)?;
        Ok(self.reached)
    }
}
