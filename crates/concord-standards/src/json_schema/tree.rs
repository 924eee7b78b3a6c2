//! A JSON text as a tree that knows where everything stands.
//!
//! The text is first read by `serde_json`, which refuses what is no JSON; what is walked here is therefore well formed.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// Values nested more deeply than this are refused.
const GREATEST_DEPTH: u32 = 128;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// First byte.
    pub(super) start: usize,
    /// Byte behind the last.
    pub(super) end: usize,
    pub(super) value: Json<'a>,
}

/// A value.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A name in an object and its value.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// First byte of the name.
    pub(super) start: usize,
    pub(super) name: Cow<'a, str>,
    pub(super) value: Node<'a>,
}

/// Why a text is not read.
#[derive(Debug)]
pub(super) struct Malformed {
    /// The byte at which it goes wrong.
    pub(super) at: usize,
    pub(super) message: String,
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Malformed> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| {
        let message = error.to_string();
        let message = message
            .rsplit_once(" at line ")
            .map_or(&*message, |(message, _)| message);
        Malformed {
            at: offset(text, error.line(), error.column()),
            message: format!("this is no JSON: {message}"),
        }
    })?;
    let mut walk = Walk {
        text,
        at: 0,
        depth: 0,
    };
    walk.value()
}

/// The byte at a line and column as `serde_json` counts them: from 1, columns in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A walk over a text that is known to be well formed.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Walk<'a> {
    fn blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
            .count();
    }

    fn peek(&mut self) -> u8 {
        self.blanks();
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Passes a sign when it stands next.
    fn take(&mut self, sign: u8) -> bool {
        let found = self.peek() == sign;
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Node<'a>, Malformed> {
        let first = self.peek();
        let start = self.at;
        self.depth += 1;
        if self.depth > GREATEST_DEPTH {
            return Err(Malformed {
                at: start,
                message: format!("values are nested more than {GREATEST_DEPTH} levels deep"),
            });
        }
        let value = match first {
            b'{' => self.object()?,
            b'[' => self.list()?,
            b'"' => Json::Text(self.string()?),
            b't' => self.word(4, Json::Bool(true)),
            b'f' => self.word(5, Json::Bool(false)),
            b'n' => self.word(4, Json::Null),
            _ => {
                let rest = &self.text[self.at..];
                let length = rest
                    .bytes()
                    .take_while(|byte| {
                        byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
                    })
                    .count();
                self.at += length;
                Json::Number(&rest[..length])
            }
        };
        self.depth -= 1;
        Ok(Node {
            start,
            end: self.at,
            value,
        })
    }

    fn word(&mut self, length: usize, value: Json<'a>) -> Json<'a> {
        self.at += length;
        value
    }

    fn list(&mut self) -> Result<Json<'a>, Malformed> {
        self.take(b'[');
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            if !self.take(b',') {
                self.take(b']');
                return Ok(Json::List(items));
            }
        }
    }

    fn object(&mut self) -> Result<Json<'a>, Malformed> {
        self.take(b'{');
        let mut members: Vec<Member<'a>> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            let start = self.at;
            let name = self.string()?;
            if !names.insert(name.clone()) {
                return Err(Malformed {
                    at: start,
                    message: format!("`{name}` stands twice in one object"),
                });
            }
            self.take(b':');
            let value = self.value()?;
            members.push(Member { start, name, value });
            if !self.take(b',') {
                self.take(b'}');
                return Ok(Json::Object(members));
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.blanks();
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        let mut end = start + 1;
        while end < bytes.len() && bytes[end] != b'"' {
            if bytes[end] == b'\\' {
                escaped = true;
                end += 1;
            }
            end += 1;
        }
        self.at = (end + 1).min(bytes.len());
        if !escaped {
            return Ok(Cow::Borrowed(&self.text[start + 1..end]));
        }
        // A pair of escapes that is half a character passes a reader that does not look at it.
        serde_json::from_str(&self.text[start..self.at])
            .map(Cow::Owned)
            .map_err(|error| Malformed {
                at: start,
                message: format!("this text cannot be read: {error}"),
            })
    }
}

impl<'a> Node<'a> {
    /// The value of a member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.members()
            .iter()
            .find(|member| member.name == name)
            .map(|member| &member.value)
    }

    /// The members of an object; none of anything else.
    pub(super) fn members(&self) -> &[Member<'a>] {
        match &self.value {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node<'a>] {
        match &self.value {
            Json::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What sort of value it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_knows_where_it_stands() {
        let text = "{ \"a\\u0062\": [1.5e3, true, null],\n  \"é\": {} }";
        let tree = parse(text).expect("JSON");
        let list = tree.get("ab").expect("escapes are undone");
        assert_eq!(&text[list.start..list.end], "[1.5e3, true, null]");
        assert!(matches!(list.items()[0].value, Json::Number("1.5e3")));
        assert!(matches!(list.items()[1].value, Json::Bool(true)));
        let member = &tree.members()[1];
        assert_eq!(&text[member.start..member.start + 4], "\"é\"");
        assert_eq!((member.value.end, tree.end), (text.len() - 2, text.len()));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, at) in [
            ("{\"a\": 1,}", 8),
            ("[1\n 2]", 4),
            ("", 0),
            ("{\"a\": 1, \"a\": 2}", 9),
            ("{\"é\": nul}", 10),
        ] {
            let malformed = parse(text).expect_err(text);
            assert_eq!(malformed.at, at, "{text}: {}", malformed.message);
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
        assert!(parse("\"\\ud800\"").is_err());
    }
}
