//! The tracker written and read back, so that a feed resumes where it was.

use std::io::{BufRead, BufReader, Read, Write};

use crate::settings::Settings;
use crate::tracker::Tracker;

/// The first line of a state: what it is, and the version of its form.
const MARK: &str = "concord-stays 1";

/// Why a state cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Writing or reading failed.
    #[error("the state of stays cannot be written or read")]
    Io(#[from] std::io::Error),
    /// It is not a state, or one of another version.
    #[error("this is no state of stays of version 1")]
    Version,
    /// It is damaged.
    #[error("the state of stays is damaged")]
    Damaged(#[source] serde_json::Error),
}

impl Tracker {
    /// Writes what is known. It holds identifiers of patients and messages that wait.
    ///
    /// Whoever writes it to a file writes another file and renames it, so that there is always a whole one.
    ///
    /// # Errors
    /// [`StateError::Io`] when writing fails.
    pub fn write(&self, to: impl Write) -> Result<(), StateError> {
        let mut to = to;
        writeln!(to, "{MARK}")?;
        serde_json::to_writer(&mut to, self).map_err(|error| StateError::Io(error.into()))?;
        to.flush()?;
        Ok(())
    }

    /// Reads what [`Tracker::write`] wrote. The settings may be others; what is beyond them is put away with the next message.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be read, is damaged, or was written in another form.
    pub fn restore(from: impl Read, settings: Settings) -> Result<Self, StateError> {
        let mut from = BufReader::new(from);
        let mut mark = Vec::new();
        let longest = MARK.len() as u64 + 1;
        from.by_ref().take(longest).read_until(b'\n', &mut mark)?;
        if mark.strip_suffix(b"\n") != Some(MARK.as_bytes()) {
            return Err(StateError::Version);
        }
        let tracker: Self = serde_json::from_reader(from).map_err(StateError::Damaged)?;
        if !tracker.is_sound() {
            let problem = "it counts other messages than it holds";
            return Err(StateError::Damaged(serde::de::Error::custom(problem)));
        }
        Ok(tracker.with(settings))
    }
}
