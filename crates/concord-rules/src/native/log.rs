//! What findings would say of rows that have gone by, kept in the order of the rows until it is known which are needed.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, Write};

/// Bytes kept in memory before a file is made.
const IN_MEMORY: usize = 1 << 20;
const BUFFER: usize = 64 * 1024;
const ABSENT: u32 = u32::MAX;
/// Bytes before the texts of a row: its number, where it stands, and how many bytes follow.
const HEAD: usize = 20;

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
        texts: impl Iterator<Item = Option<&'t [u8]>>,
    ) -> io::Result<()> {
        self.memory.extend_from_slice(&row.to_le_bytes());
        self.memory.extend_from_slice(&offset.to_le_bytes());
        // How many bytes follow is known behind them.
        let length = self.memory.len();
        self.memory.extend_from_slice(&[0; 4]);
        for text in texts {
            let length = text.map_or(ABSENT, |text| text.len() as u32);
            self.memory.extend_from_slice(&length.to_le_bytes());
            self.memory.extend_from_slice(text.unwrap_or_default());
        }
        let follows = (self.memory.len() - length - 4) as u32;
        self.memory[length..length + 4].copy_from_slice(&follows.to_le_bytes());
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

    /// The rows that are wanted, in the order in which they were noted.
    ///
    /// # Errors
    /// When the temporary file cannot be read again.
    pub(super) fn read<W: Fn(u64) -> bool>(self, wanted: W) -> io::Result<Notes<W>> {
        let file: Box<dyn Read> = match self.file {
            Some(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                Box::new(BufReader::with_capacity(BUFFER, file).chain(Cursor::new(self.memory)))
            }
            None => Box::new(Cursor::new(self.memory)),
        };
        Ok(Notes {
            file,
            wanted,
            texts: Vec::new(),
        })
    }
}

/// Reads what was noted.
pub(super) struct Notes<W> {
    file: Box<dyn Read>,
    wanted: W,
    /// Memory that is used again.
    texts: Vec<u8>,
}

impl<W: Fn(u64) -> bool> Notes<W> {
    /// Reads what follows the head of a row; gives it when the row is wanted.
    fn noted(&mut self, head: [u8; HEAD]) -> io::Result<Option<Noted>> {
        let number = |at: usize| {
            let bytes = head[at..].first_chunk();
            bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let (row, offset) = (number(0), number(8));
        let length = head
            .last_chunk()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes));
        self.texts.resize(length as usize, 0);
        self.file.read_exact(&mut self.texts)?;
        if !(self.wanted)(row) {
            return Ok(None);
        }
        let mut rest = self.texts.as_slice();
        let mut texts = Vec::new();
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = u32::from_le_bytes(*length);
            let of_text = if length == ABSENT { 0 } else { length as usize };
            let (text, behind) = behind.split_at_checked(of_text).unwrap_or_default();
            let text = std::str::from_utf8(text).ok();
            texts.push(text.filter(|_| length != ABSENT).map(str::to_owned));
            rest = behind;
        }
        Ok(Some(Noted { row, offset, texts }))
    }
}

impl<W: Fn(u64) -> bool> Iterator for Notes<W> {
    type Item = io::Result<Noted>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut head = [0; HEAD];
            match self.file.read_exact(&mut head) {
                Ok(()) => {
                    if let Some(noted) = self.noted(head).transpose() {
                        return Some(noted);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return None,
                Err(error) => return Some(Err(error)),
            }
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
            let texts = [Some("é".as_bytes()), None, Some(long.as_bytes()), Some(b"")];
            log.note(row, row * 7, texts.into_iter()).expect("a log");
        }
        assert!(log.file.is_some() && !log.memory.is_empty());
        let mut rows = 0;
        for (row, noted) in log.read(|row| row % 2 == 0).expect("a log").enumerate() {
            let noted = noted.expect("a row");
            let row = row as u64 * 2;
            assert_eq!((noted.row, noted.offset), (row, row * 7));
            assert_eq!(noted.texts[0].as_deref(), Some("é"));
            assert_eq!(noted.texts[1], None);
            assert_eq!(noted.texts[3].as_deref(), Some(""));
            rows += 1;
        }
        assert_eq!(rows, 2_500);
    }
}
