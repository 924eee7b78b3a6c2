//! What findings would say of rows that have gone by, kept in the order of the rows until it is known which are needed.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, Write};

/// Bytes kept in memory before a file is made.
const IN_MEMORY: usize = 1 << 20;
const BUFFER: usize = 64 * 1024;
const ABSENT: u32 = u32::MAX;

/// Where a row stands, and texts of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) row: u64,
    pub(super) offset: u64,
    pub(super) texts: Vec<Option<String>>,
}

/// Rows noted so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
}

impl Log {
    /// Notes a row.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn note<'t>(
        &mut self,
        row: u64,
        offset: u64,
        texts: impl ExactSizeIterator<Item = Option<&'t str>>,
    ) -> io::Result<()> {
        self.memory.extend_from_slice(&row.to_le_bytes());
        self.memory.extend_from_slice(&offset.to_le_bytes());
        self.memory
            .extend_from_slice(&(texts.len() as u32).to_le_bytes());
        for text in texts {
            let length = text.map_or(ABSENT, |text| text.len() as u32);
            self.memory.extend_from_slice(&length.to_le_bytes());
            self.memory
                .extend_from_slice(text.unwrap_or_default().as_bytes());
        }
        if self.memory.len() >= IN_MEMORY {
            let file = match &mut self.file {
                Some(file) => file,
                None => self
                    .file
                    .insert(BufWriter::with_capacity(BUFFER, tempfile::tempfile()?)),
            };
            file.write_all(&self.memory)?;
            self.memory.clear();
        }
        Ok(())
    }

    /// All rows in the order in which they were noted.
    ///
    /// # Errors
    /// When the temporary file cannot be read again.
    pub(super) fn read(self) -> io::Result<Notes> {
        let file: Box<dyn Read> = match self.file {
            Some(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                Box::new(BufReader::with_capacity(BUFFER, file).chain(Cursor::new(self.memory)))
            }
            None => Box::new(Cursor::new(self.memory)),
        };
        Ok(Notes(file))
    }
}

/// Reads what was noted.
pub(super) struct Notes(Box<dyn Read>);

impl Notes {
    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.0.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn noted(&mut self, row: u64) -> io::Result<Noted> {
        let mut offset = [0; 8];
        self.0.read_exact(&mut offset)?;
        let count = self.number()?;
        let mut texts = Vec::new();
        for _ in 0..count {
            let length = self.number()?;
            texts.push(if length == ABSENT {
                None
            } else {
                let mut text = vec![0; length as usize];
                self.0.read_exact(&mut text)?;
                Some(String::from_utf8_lossy(&text).into_owned())
            });
        }
        Ok(Noted {
            row,
            offset: u64::from_le_bytes(offset),
            texts,
        })
    }
}

impl Iterator for Notes {
    type Item = io::Result<Noted>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = [0; 8];
        match self.0.read_exact(&mut row) {
            Ok(()) => Some(self.noted(u64::from_le_bytes(row))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_read_again() {
        let mut log = Log::default();
        let long = "x".repeat(1_000);
        for row in 0..5_000 {
            let texts = [Some("é"), None, Some(&*long), Some("")];
            log.note(row, row * 7, texts.into_iter()).expect("a log");
        }
        assert!(log.file.is_some() && !log.memory.is_empty());
        let mut rows = 0;
        for (row, noted) in log.read().expect("a log").enumerate() {
            let noted = noted.expect("a row");
            assert_eq!((noted.row, noted.offset), (row as u64, row as u64 * 7));
            assert_eq!(noted.texts[0].as_deref(), Some("é"));
            assert_eq!(noted.texts[1], None);
            assert_eq!(noted.texts[3].as_deref(), Some(""));
            rows += 1;
        }
        assert_eq!(rows, 5_000);
    }
}
