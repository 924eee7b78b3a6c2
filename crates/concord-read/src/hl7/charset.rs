//! Letters beyond ASCII: the character set of a message, as MSH-18 says.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

/// The character set of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, or ASCII.
    Utf8,
    /// One byte for each character.
    Other(&'static Encoding),
}

impl Charset {
    /// What MSH-18 says (table 0211); `None` when it says nothing that is known.
    ///
    /// `UNICODE` alone does not say how characters are written: by the time that bytes are looked at they are UTF-8.
    pub fn named(name: &[u8]) -> Option<Self> {
        let name = name.trim_ascii().to_ascii_uppercase();
        if let Some(part) = name.strip_prefix(b"8859/") {
            let label = [b"iso-8859-".as_slice(), part].concat();
            // By that label the web means Windows-1252, which only adds characters where ISO 8859-1 has controls.
            return Encoding::for_label(&label).map(Self::Other);
        }
        match name.as_slice() {
            b"ASCII" | b"UTF-8" | b"UNICODE UTF-8" | b"UNICODE" | b"UNICODE UTF-16" => {
                Some(Self::Utf8)
            }
            _ => None,
        }
    }

    /// Text in this character set. What is not UTF-8 though it should be is read as Windows-1252, which takes any byte.
    pub fn decode(self, text: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Other(encoding) if !text.is_ascii() => {
                encoding.decode_without_bom_handling(text).0
            }
            _ => match std::str::from_utf8(text) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => WINDOWS_1252.decode_without_bom_handling(text).0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_table_0211() {
        let decoded = |name: &str, bytes: &[u8]| {
            Charset::named(name.as_bytes()).map(|charset| charset.decode(bytes).into_owned())
        };
        assert_eq!(decoded("8859/1", b"Si\xe2n").as_deref(), Some("Siân"));
        assert_eq!(decoded("8859/15", b"\xa4").as_deref(), Some("€"));
        assert_eq!(decoded("8859/2", b"\xb3").as_deref(), Some("ł"));
        assert_eq!(
            decoded("UNICODE UTF-8", "Siân".as_bytes()).as_deref(),
            Some("Siân")
        );
        // Says UTF-8 and is not: read all the same.
        assert_eq!(decoded("UNICODE", b"Si\xe2n").as_deref(), Some("Siân"));
        assert_eq!(decoded("ISO IR87", b"a"), None);
    }
}
