//! An input copied, with its fixes in it.

use std::io::{self, Read, Write};

use concord_read::{Encoding, Opened};

use super::spool::Change;

/// A byte order mark in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Bytes in which the declaration of an XML document ends.
const DECLARATION: usize = 4096;

/// Bytes that are copied at a time.
const BLOCK: usize = 1 << 18;

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum CopyError {
    /// The input cannot be read, or is not what it was when its fixes were found.
    #[error("it cannot be read again: {0}")]
    Read(io::Error),
    /// It ends before its last fix does.
    #[error("it is shorter than it was when it was checked")]
    Changed,
    /// The copy cannot be written.
    #[error("{0}")]
    Write(io::Error),
}

/// Copies `opened`, which has not been read from yet, to `out`, with the fixes that `changes` gives in their order.
///
/// What was UTF-8, or ASCII, stays as it is but for the fixes, a byte order mark included. Anything else becomes UTF-8, and an
/// XML declaration says so then. Gives the bytes that were read.
pub(super) fn copy(
    mut opened: Opened,
    changes: impl Iterator<Item = io::Result<Change>>,
    out: &mut impl Write,
) -> Result<u64, CopyError> {
    let same = matches!(opened.encoding(), Encoding::Utf8 | Encoding::UsAscii);
    if same && opened.mark_bytes() > 0 {
        out.write_all(MARK).map_err(CopyError::Write)?;
    }
    let mut copy = Copying {
        from: &mut opened,
        out,
        at: 0,
        block: vec![0; BLOCK],
        held: Vec::new(),
    };
    let declared = if same { None } else { copy.declared()? };
    if let Some((start, end)) = declared {
        copy.through(start)?;
        copy.instead(end - start, b"UTF-8")?;
    }
    for change in changes {
        let change = change.map_err(CopyError::Write)?;
        if change.offset < copy.at {
            continue;
        }
        copy.through(change.offset)?;
        copy.instead(change.length, change.replacement.as_bytes())?;
    }
    copy.rest()?;
    Ok(copy.at)
}

struct Copying<'c, R, W> {
    from: &'c mut R,
    out: &'c mut W,
    /// Bytes taken so far.
    at: u64,
    block: Vec<u8>,
    /// Bytes that were looked at and not taken yet.
    held: Vec<u8>,
}

impl<R: Read, W: Write> Copying<'_, R, W> {
    /// Where the name of the encoding stands in the XML declaration, if there is one and it names one.
    fn declared(&mut self) -> Result<Option<(u64, u64)>, CopyError> {
        let mut beginning = self.from.by_ref().take(DECLARATION as u64);
        beginning
            .read_to_end(&mut self.held)
            .map_err(CopyError::Read)?;
        let text = String::from_utf8_lossy(&self.held);
        Ok(encoding_name(&text).map(|(start, end)| (start as u64, end as u64)))
    }

    /// Reads up to so many bytes into the block.
    fn take(&mut self, most: u64) -> Result<usize, CopyError> {
        let most = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .min(self.block.len());
        if !self.held.is_empty() {
            let count = most.min(self.held.len());
            self.block[..count].copy_from_slice(&self.held[..count]);
            self.held.drain(..count);
            self.at += count as u64;
            return Ok(count);
        }
        loop {
            match self.from.read(&mut self.block[..most]) {
                Ok(count) => {
                    self.at += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(CopyError::Read(error)),
            }
        }
    }

    /// Copies up to an offset.
    fn through(&mut self, offset: u64) -> Result<(), CopyError> {
        while self.at < offset {
            let count = self.take(offset - self.at)?;
            if count == 0 {
                return Err(CopyError::Changed);
            }
            self.out
                .write_all(&self.block[..count])
                .map_err(CopyError::Write)?;
        }
        Ok(())
    }

    /// Passes over so many bytes and writes others.
    fn instead(&mut self, length: u64, text: &[u8]) -> Result<(), CopyError> {
        let end = self.at + length;
        while self.at < end {
            if self.take(end - self.at)? == 0 {
                return Err(CopyError::Changed);
            }
        }
        self.out.write_all(text).map_err(CopyError::Write)
    }

    fn rest(&mut self) -> Result<(), CopyError> {
        loop {
            let count = self.take(u64::MAX)?;
            if count == 0 {
                return Ok(());
            }
            self.out
                .write_all(&self.block[..count])
                .map_err(CopyError::Write)?;
        }
    }
}

/// The bytes of the name of the encoding in the XML declaration that a text begins with.
fn encoding_name(text: &str) -> Option<(usize, usize)> {
    let declaration = text.strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let offset = "<?xml".len();
    let mut at = 0;
    loop {
        let rest = &declaration[at..];
        let equals = rest.find('=')?;
        let name = rest[..equals].trim();
        let open = rest[equals + 1..].find(['"', '\''])? + equals + 1;
        let quote = rest[open..].chars().next()?;
        let close = rest[open + 1..].find(quote)? + open + 1;
        if name == "encoding" {
            return Some((offset + at + open + 1, offset + at + close));
        }
        at += close + 1;
    }
}

#[cfg(test)]
mod tests {
    use concord_read::{Input, Limits, open};

    use super::*;

    fn change(offset: u64, length: u64, replacement: &str) -> Change {
        Change {
            offset,
            length,
            replacement: replacement.to_owned(),
            personal: false,
            old: String::new(),
            action: String::new(),
            line: 1,
            column: 1,
            record: 0,
            rule: String::new(),
            element: None,
            path: None,
        }
    }

    #[track_caller]
    fn check(input: &[u8], changes: Vec<Change>, expected: &str) {
        let input = Input::bytes("a", input.to_vec());
        let opened = open(&input, &Limits::default()).expect("it opens");
        let mut out = Vec::new();
        copy(opened, changes.into_iter().map(Ok), &mut out).expect("it is copied");
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn fixes_take_the_place_of_bytes_and_the_rest_stays() {
        check(b"a,b,c\r\n", vec![], "a,b,c\r\n");
        check(
            b"a, bb ,c\r\n",
            vec![change(0, 1, ""), change(2, 4, "x"), change(7, 1, "longer")],
            ",x,longer\r\n",
        );
        check(
            "\u{feff}é,b".as_bytes(),
            vec![change(3, 1, "c")],
            "\u{feff}é,c",
        );
    }

    #[test]
    fn another_encoding_becomes_utf_8_and_is_declared_so() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?><a>\xe9</a>";
        check(
            latin,
            vec![change(63, 2, "e")],
            "<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a>e</a>",
        );
        let wide: Vec<u8> = "\u{feff}<a>é</a>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        check(&wide, vec![], "<a>é</a>");
    }

    #[test]
    fn an_input_that_has_become_shorter_is_told() {
        let input = Input::bytes("a", *b"abc");
        let opened = open(&input, &Limits::default()).expect("it opens");
        let copied = copy(opened, [Ok(change(5, 1, "x"))].into_iter(), &mut Vec::new());
        assert!(matches!(copied, Err(CopyError::Changed)), "{copied:?}");
    }
}
