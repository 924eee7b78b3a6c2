//! The files of one table, one for each who gets rows of it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::lake::LakeError;
use crate::submission::line::push_cells;

/// Bytes that are kept of all files together, before they are written.
const MOST: usize = 8 << 20;

/// Files that grow; none stays open, so that there may be many.
pub(super) struct Files<'f> {
    folder: &'f Path,
    name: String,
    header: String,
    waiting: BTreeMap<String, Text>,
    bytes: usize,
    rows: u64,
}

#[derive(Default)]
struct Text {
    text: String,
    /// Whether a part of it is written already.
    begun: bool,
}

impl<'f> Files<'f> {
    /// Files of a name, whose first line names these columns.
    pub(super) fn new<'c>(
        folder: &'f Path,
        name: String,
        columns: impl Iterator<Item = &'c str>,
    ) -> Self {
        let mut header = String::new();
        push_cells(&mut header, columns);
        header.push_str("\r\n");
        Self {
            folder,
            name,
            header,
            waiting: BTreeMap::new(),
            bytes: 0,
            rows: 0,
        }
    }

    /// Adds a line to the file of a folder; an empty name is the folder itself.
    pub(super) fn add(&mut self, of: &str, line: &str) -> Result<(), LakeError> {
        self.rows += 1;
        self.bytes += line.len() + 2;
        let known = self.waiting.get_mut(of);
        let text = match known {
            Some(text) => text,
            None => self.waiting.entry(of.to_owned()).or_default(),
        };
        text.text.push_str(line);
        text.text.push_str("\r\n");
        if self.bytes >= MOST {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), LakeError> {
        for (of, text) in &mut self.waiting {
            let path: PathBuf = self.folder.join(of).join(&self.name);
            let io = |error| LakeError::io(&path, error);
            if !text.begun {
                let folder = path.parent().unwrap_or(Path::new(""));
                fs::create_dir_all(folder).map_err(io)?;
                text.text.insert_str(0, &self.header);
                text.begun = true;
            }
            let mut file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&path)
                .map_err(io)?;
            file.write_all(text.text.as_bytes()).map_err(io)?;
            text.text.clear();
        }
        self.bytes = 0;
        Ok(())
    }

    /// Writes what is left; how many lines there are in all files.
    pub(super) fn finish(mut self) -> Result<u64, LakeError> {
        self.write()?;
        Ok(self.rows)
    }
}
