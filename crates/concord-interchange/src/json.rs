//! JSON as a tree. Numbers are kept as they are written, because a result of 20.0 is not a result of 20, and members in their
//! order.

use std::fmt::Write as _;

use concord_read::json::{Fault, FaultKind, Kind, Reader};

/// Objects and arrays inside one another.
const DEEPEST: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Json>),
    /// Members in their order.
    Object(Vec<(String, Json)>),
}

/// A text that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct JsonError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in bytes.
    pub column: usize,
    kind: FaultKind,
}

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// [`JsonError`] when it is not JSON, is cut off, or is nested too deeply.
    pub fn read(bytes: &[u8]) -> Result<Self, JsonError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = Reader::new(bytes, 0);
        let read = value(&mut reader, 0).and_then(|value| reader.end().map(|()| value));
        read.map_err(|fault| {
            let before = &bytes[..fault.at.min(bytes.len())];
            let start = before.iter().rposition(|byte| *byte == b'\n');
            JsonError {
                line: before.split(|byte| *byte == b'\n').count(),
                column: before.len() - start.map_or(0, |at| at + 1) + 1,
                kind: fault.kind,
            }
        })
    }

    /// The member of a name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, when it is a list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The members, when it is an object.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The text of a value, two blanks for each level, with a line end behind it.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        };
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => quoted(out, text),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    item.write(out, depth + 1);
                }
                line(out, depth);
                out.push(']');
            }
            Self::Object(members) if members.is_empty() => out.push_str("{}"),
            Self::Object(members) => {
                out.push('{');
                for (number, (name, value)) in members.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    quoted(out, name);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                }
                line(out, depth);
                out.push('}');
            }
        }
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if character < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character)); // a String takes everything
            }
            character => out.push(character),
        }
    }
    out.push('"');
}

fn value(reader: &mut Reader<'_>, depth: usize) -> Result<Json, Fault> {
    let kind = reader.kind()?;
    if depth > DEEPEST {
        return Err(Fault {
            at: reader.at(),
            kind: FaultKind::Depth,
        });
    }
    let bytes = reader.bytes();
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(match kind {
        Kind::Object => {
            reader.open_object()?;
            let mut members = Vec::new();
            while let Some(name) = reader.member(members.is_empty())? {
                let name = name.says(bytes).into_owned();
                members.push((name, value(reader, depth + 1)?));
            }
            Json::Object(members)
        }
        Kind::Array => {
            reader.open_array()?;
            let mut items = Vec::new();
            while reader.item(items.is_empty())? {
                items.push(value(reader, depth + 1)?);
            }
            Json::List(items)
        }
        Kind::String => Json::Text(reader.string()?.says(bytes).into_owned()),
        Kind::Number => Json::Number(lossy(reader.number()?.of(bytes))),
        Kind::Boolean => Json::Boolean(reader.word()?.of(bytes) == b"true"),
        Kind::Null => {
            reader.word()?;
            Json::Null
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written() {
        let text = r#"{"a": [1.50, null, true, "x\n\"\u00e9"], "b": {}, "c": [], "a": 0.370}"#;
        let read = Json::read(text.as_bytes()).expect("it is JSON");
        assert_eq!(read.get("a").map(Json::items).map(<[Json]>::len), Some(4));
        let written = read.pretty();
        assert!(
            written.contains("1.50") && written.contains("0.370") && written.contains("x\\n\\\"é")
        );
        assert_eq!(Json::read(written.as_bytes()), Ok(read));
        let error = Json::read(b"{\n \"a\": }").expect_err("it is cut");
        assert_eq!((error.line, error.column), (2, 7));
        let deep = "[".repeat(100_000);
        assert!(Json::read(deep.as_bytes()).is_err());
    }
}
