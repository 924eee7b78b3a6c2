//! Which encoding the bytes of an input are in.
//!
//! The order of evidence is that of XML 1.0, appendix F (<https://www.w3.org/TR/xml/#sec-guessing>): a byte order mark,
//! then the pattern of the first bytes, then the XML declaration. Evidence that contradicts itself is an error.

use std::fmt;

use crate::error::ReadErrorKind;

/// An XML declaration must end within this many bytes.
pub(crate) const LOOK_AHEAD: usize = 4096;

/// An encoding that bytes can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, handed on as it is. That it is well-formed is for the reader of the carrier to check.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252. Its five unassigned bytes are malformed.
    Windows1252,
    /// ISO-8859-1 proper: 80 to 9F are control characters, not those of Windows-1252.
    Iso8859_1,
    /// ISO-8859-15.
    Iso8859_15,
    /// US-ASCII: bytes from 80 on are malformed.
    UsAscii,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
            Self::Iso8859_1 => "ISO-8859-1",
            Self::Iso8859_15 => "ISO-8859-15",
            Self::UsAscii => "US-ASCII",
        })
    }
}

/// How the encoding is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detection {
    /// A byte order mark stands at the beginning.
    ByteOrderMark,
    /// The XML declaration names it.
    Declaration,
    /// The zero bytes around the first `<`, or the lack of them.
    Pattern,
    /// Nothing says otherwise.
    Assumed,
}

impl fmt::Display for Detection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "by the byte order mark",
            Self::Declaration => "by the XML declaration",
            Self::Pattern => "by the pattern of the first bytes",
            Self::Assumed => "assumed, because nothing says otherwise",
        })
    }
}

/// The encoding of an input that begins with some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) encoding: Encoding,
    pub(crate) how: Detection,
    /// Length of the byte order mark.
    pub(crate) mark: usize,
}

/// What a name in an XML declaration stands for.
enum Named {
    Encoding(Encoding),
    /// UTF-16 without saying which.
    Utf16,
    /// Known, with more than one byte to every character or not like ASCII at all.
    Foreign,
    Unknown,
}

fn named(name: &str) -> Named {
    let upper = name.to_ascii_uppercase();
    Named::Encoding(match upper.as_str() {
        "UTF-8" | "UTF8" => Encoding::Utf8,
        "UTF-16" | "UTF16" => return Named::Utf16,
        "UTF-16LE" => Encoding::Utf16Le,
        "UTF-16BE" => Encoding::Utf16Be,
        "WINDOWS-1252" | "CP1252" | "CP-1252" => Encoding::Windows1252,
        "ISO-8859-1" | "ISO8859-1" | "ISO_8859-1" | "LATIN1" | "L1" => Encoding::Iso8859_1,
        "ISO-8859-15" | "ISO8859-15" | "ISO_8859-15" | "LATIN-9" => Encoding::Iso8859_15,
        "US-ASCII" | "ASCII" => Encoding::UsAscii,
        other => {
            let foreign = [
                "UTF-32",
                "UTF32",
                "UCS-4",
                "UCS-2",
                "ISO-10646-UCS",
                "EBCDIC",
                "IBM037",
                "CP037",
            ];
            return if foreign.iter().any(|start| other.starts_with(start)) {
                Named::Foreign
            } else {
                Named::Unknown
            };
        }
    })
}

/// Tells the encoding from the first bytes, at least [`LOOK_AHEAD`] of them unless the input is shorter.
pub(crate) fn detect(start: &[u8]) -> Result<Detected, ReadErrorKind> {
    use Detection::{Assumed, ByteOrderMark, Declaration, Pattern};
    let unsupported = |name: &str, how| {
        Err(ReadErrorKind::UnsupportedEncoding {
            name: name.to_owned(),
            how,
        })
    };
    let (encoding, how, mark) = match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return unsupported("UTF-32", ByteOrderMark);
        }
        [0x3c, 0, 0, 0, ..] | [0, 0, 0, 0x3c, ..] => return unsupported("UTF-32", Pattern),
        [0x4c, 0x6f, 0xa7, 0x94, ..] => return unsupported("EBCDIC", Pattern),
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, ByteOrderMark, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, ByteOrderMark, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, ByteOrderMark, 2),
        [0x3c, 0, ..] => (Encoding::Utf16Le, Pattern, 0),
        [0, 0x3c, ..] => (Encoding::Utf16Be, Pattern, 0),
        _ => match wide_text(start) {
            Some(encoding) => (encoding, Pattern, 0),
            None => (Encoding::Utf8, Assumed, 0),
        },
    };
    let text = ascii(&start[mark..], encoding);
    let Some(declared) = declared(&text)? else {
        return Ok(Detected {
            encoding,
            how,
            mark,
        });
    };
    let contradiction = |how| {
        Err(ReadErrorKind::Contradiction {
            declared: declared.clone(),
            found: encoding,
            how,
        })
    };
    let wide = matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
    match (named(&declared), how) {
        (Named::Encoding(named), _) if named == encoding => Ok(Detected {
            encoding,
            how: if how == Assumed { Declaration } else { how },
            mark,
        }),
        (Named::Utf16, _) if wide => Ok(Detected {
            encoding,
            how,
            mark,
        }),
        (
            Named::Encoding(Encoding::Utf16Le | Encoding::Utf16Be) | Named::Utf16 | Named::Foreign,
            Assumed,
        ) => contradiction(Pattern),
        (Named::Encoding(encoding), Assumed) => Ok(Detected {
            encoding,
            how: Declaration,
            mark,
        }),
        (Named::Unknown, _) => unsupported(&declared, Declaration),
        (_, how) => contradiction(how),
    }
}

/// Whether a text without a byte order mark begins with characters of two bytes: at least four, all of them ASCII, up to
/// the end of the first line.
fn wide_text(start: &[u8]) -> Option<Encoding> {
    [Encoding::Utf16Le, Encoding::Utf16Be]
        .into_iter()
        .find(|encoding| {
            let text = ascii(start, *encoding);
            let line = text.split(|byte| *byte == b'\n').next().unwrap_or(&text);
            let characters = start.len() / 2;
            line.len() >= 4.min(characters.max(1))
                && (line.len() < text.len() || text.len() == characters)
                && !line.contains(&0)
        })
}

/// The first bytes as ASCII, as far as they are ASCII.
fn ascii(start: &[u8], encoding: Encoding) -> Vec<u8> {
    let units: &mut dyn Iterator<Item = (u8, u8)> = match encoding {
        Encoding::Utf16Le => &mut start.chunks_exact(2).map(|pair| (pair[1], pair[0])),
        Encoding::Utf16Be => &mut start.chunks_exact(2).map(|pair| (pair[0], pair[1])),
        _ => &mut start.iter().map(|byte| (0, *byte)),
    };
    units
        .take_while(|(high, low)| *high == 0 && low.is_ascii())
        .map(|(_, low)| low)
        .collect()
}

/// The encoding's name in the XML declaration that the text begins with, if there is one and it names one.
fn declared(text: &[u8]) -> Result<Option<String>, ReadErrorKind> {
    let Some(rest) = text.strip_prefix(b"<?xml") else {
        return Ok(None);
    };
    if !rest.first().is_some_and(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let Some(end) = memchr::memmem::find(rest, b"?>") else {
        // Cut off or broken: the reader of the carrier says so, unless there is more than could be looked at.
        return if text.len() * 2 >= LOOK_AHEAD {
            Err(ReadErrorKind::LongDeclaration { limit: LOOK_AHEAD })
        } else {
            Ok(None)
        };
    };
    Ok(pseudo_attribute(&rest[..end], b"encoding")
        .map(|name| String::from_utf8_lossy(name).into_owned()))
}

/// The value of `wanted` among `name="value"` pairs.
fn pseudo_attribute<'a>(mut text: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    loop {
        text = text.trim_ascii_start();
        let equals = memchr::memchr(b'=', text)?;
        let name = text[..equals].trim_ascii_end();
        let value = text[equals + 1..].trim_ascii_start();
        let (quote, value) = value.split_first()?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let end = memchr::memchr(*quote, value)?;
        if name == wanted {
            return Some(&value[..end]);
        }
        text = &value[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let start = if mark { "\u{feff}" } else { "" };
        format!("{start}{text}")
            .encode_utf16()
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    }

    fn xml(encoding: &str) -> String {
        format!("<?xml version='1.0' encoding=\"{encoding}\"?><a/>")
    }

    fn found(bytes: &[u8]) -> String {
        match detect(bytes) {
            Ok(Detected {
                encoding,
                how,
                mark,
            }) => format!("{encoding} {how:?} {mark}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn table() {
        let marked = |text: &str| format!("\u{feff}{text}").into_bytes();
        let cases: Vec<(Vec<u8>, &str)> = vec![
            (b"".to_vec(), "UTF-8 Assumed 0"),
            (b"<".to_vec(), "UTF-8 Assumed 0"),
            (b"<a/>".to_vec(), "UTF-8 Assumed 0"),
            (b"id,name\n".to_vec(), "UTF-8 Assumed 0"),
            (b"i\0d\0\n\0".to_vec(), "UTF-8 Assumed 0"),
            (b"i\0,\0d\0,\0".to_vec(), "UTF-16LE Pattern 0"),
            (
                wide("id,name\nSi\u{e2}n", true, false),
                "UTF-16LE Pattern 0",
            ),
            (
                wide("id,name\n\u{4e2d}", false, false),
                "UTF-16BE Pattern 0",
            ),
            (b"id\0na\0\0\0\0".to_vec(), "UTF-8 Assumed 0"),
            (vec![0; 64], "UTF-8 Assumed 0"),
            (b"<?xml version='1.0'?><a/>".to_vec(), "UTF-8 Assumed 0"),
            (
                b"<?xml version='1.0' encoding='UTF-8".to_vec(),
                "UTF-8 Assumed 0",
            ),
            (xml("utf-8").into(), "UTF-8 Declaration 0"),
            (xml("Windows-1252").into(), "Windows-1252 Declaration 0"),
            (xml("iso-8859-1").into(), "ISO-8859-1 Declaration 0"),
            (xml("ISO-8859-15").into(), "ISO-8859-15 Declaration 0"),
            (xml("us-ascii").into(), "US-ASCII Declaration 0"),
            (
                b"<?xml encoding = 'latin1' standalone='no'?>".to_vec(),
                "ISO-8859-1 Declaration 0",
            ),
            (b"<?xmlish encoding='UTF-16'?>".to_vec(), "UTF-8 Assumed 0"),
            (marked("<a/>"), "UTF-8 ByteOrderMark 3"),
            (marked(&xml("UTF-8")), "UTF-8 ByteOrderMark 3"),
            (wide("<a/>", true, true), "UTF-16LE ByteOrderMark 2"),
            (wide("<a/>", false, true), "UTF-16BE ByteOrderMark 2"),
            (wide(&xml("UTF-16"), true, true), "UTF-16LE ByteOrderMark 2"),
            (wide(&xml("UTF-16"), false, false), "UTF-16BE Pattern 0"),
            (wide(&xml("UTF-16LE"), true, false), "UTF-16LE Pattern 0"),
            (
                marked(&xml("windows-1252")),
                "the XML declaration says windows-1252, but the bytes are UTF-8 (by the byte order mark)",
            ),
            (
                wide(&xml("UTF-8"), true, true),
                "the XML declaration says UTF-8, but the bytes are UTF-16LE (by the byte order mark)",
            ),
            (
                wide(&xml("UTF-16BE"), true, true),
                "the XML declaration says UTF-16BE, but the bytes are UTF-16LE (by the byte order mark)",
            ),
            (
                wide(&xml("utf-8"), false, false),
                "the XML declaration says utf-8, but the bytes are UTF-16BE (by the pattern of the first bytes)",
            ),
            (
                xml("UTF-16").into(),
                "the XML declaration says UTF-16, but the bytes are UTF-8 (by the pattern of the first bytes)",
            ),
            (
                xml("ebcdic-cp-us").into(),
                "the XML declaration says ebcdic-cp-us, but the bytes are UTF-8 (by the pattern of the first bytes)",
            ),
            (
                xml("KOI8-R").into(),
                "the encoding `KOI8-R` is not supported (by the XML declaration)",
            ),
            (
                xml("").into(),
                "the encoding `` is not supported (by the XML declaration)",
            ),
            (
                wide(&xml("KOI8-R"), true, true),
                "the encoding `KOI8-R` is not supported (by the XML declaration)",
            ),
            (
                vec![0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0],
                "the encoding `UTF-32` is not supported (by the byte order mark)",
            ),
            (
                vec![0, 0, 0, 0x3c, 0, 0, 0, 0x61],
                "the encoding `UTF-32` is not supported (by the pattern of the first bytes)",
            ),
            (
                vec![0x4c, 0x6f, 0xa7, 0x94, 0x93],
                "the encoding `EBCDIC` is not supported (by the pattern of the first bytes)",
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(
                found(&bytes),
                expected,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn declaration_without_end() {
        let long = format!(
            "<?xml version='1.0'{}encoding='UTF-16'?>",
            " ".repeat(LOOK_AHEAD)
        );
        assert_eq!(
            found(&long.as_bytes()[..LOOK_AHEAD]),
            "the XML declaration is longer than 4096 bytes"
        );
    }
}
