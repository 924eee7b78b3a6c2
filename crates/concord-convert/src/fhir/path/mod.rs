//! Places in a resource: a small notation that serves for writing and for reading.
//!
//! ```text
//! period.start                               an element of an element
//! address[].line[]                           the item of a list: made once for each row, and found in any
//! identifier[system=https://…].value         the item of a list of which this is said
//! identifier{system=https://…}.value         an element that is no list, of which this is said
//! name[!use].family                          the item of which there is no `use`
//! identifier[type.coding[].code=VN].value    what is said may lie deeper
//! .                                          the thing itself
//! ```
//!
//! Written, what is said of an item is written with it; read, it chooses the item.

mod draft;
mod find;

pub use draft::Draft;
pub use find::{Found, Used, find, fits, items};

/// Deepest nesting of brackets.
const DEEPEST: usize = 6;

/// A place in a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: Box<str>,
    holds: Holds,
    filters: Vec<Filter>,
    /// The place up to here as it is written, which tells items of a list apart.
    key: Box<str>,
}

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// A value or an element.
    One,
    /// An element of which something is said.
    Said,
    /// A list.
    Items,
}

/// Something that is said of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    path: Path,
    wants: Wants,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wants {
    Is(Box<str>),
    Present,
    Absent,
}

/// Why a text names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PathError {
    /// Byte of the text that it is about.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

impl Path {
    /// Reads a place.
    ///
    /// # Errors
    /// [`PathError`] with the byte at which the text is not of the notation.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text == "." {
            return Ok(Self { steps: Vec::new() });
        }
        let mut parser = Parser { text, at: 0 };
        let path = parser.path(0)?;
        match parser.peek() {
            None => Ok(path),
            Some(byte) => Err(parser.wrong(format!("`{}` cannot stand here", byte as char))),
        }
    }

    /// Whether it is the thing itself.
    pub fn is_itself(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether it ends with an item of a list.
    pub fn ends_with_item(&self) -> bool {
        self.steps
            .last()
            .is_some_and(|step| step.holds == Holds::Items)
    }

    /// The last element's name.
    pub fn last(&self) -> &str {
        self.steps.last().map_or("", |step| &step.name)
    }

    /// The place as it was written.
    pub fn written(&self) -> &str {
        self.steps.last().map_or(".", |step| &step.key)
    }
}

impl Filter {
    /// Reads what is said: `path=value`, `path` for something that must be there, `!path` for something that must not.
    ///
    /// # Errors
    /// [`PathError`] with the byte at which the text is not of the notation.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut parser = Parser { text, at: 0 };
        let filter = parser.filter(0, None)?;
        if parser.at < text.len() {
            return Err(parser.wrong("something stands behind the value".to_owned()));
        }
        Ok(filter)
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, message: String) -> PathError {
        PathError {
            at: self.at,
            message,
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn path(&mut self, depth: usize) -> Result<Path, PathError> {
        if depth > DEEPEST {
            return Err(self.wrong("brackets lie too deep in one another".to_owned()));
        }
        let start = self.at;
        let mut steps = Vec::new();
        loop {
            let name = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                self.at += 1;
            }
            if self.at == name {
                return Err(self.wrong("the name of an element is expected here".to_owned()));
            }
            let name = self.text[name..self.at].into();
            let (holds, filters) = if self.takes(b'[') {
                (Holds::Items, self.filters(b']', depth)?)
            } else if self.takes(b'{') {
                (Holds::Said, self.filters(b'}', depth)?)
            } else {
                (Holds::One, Vec::new())
            };
            let key = self.text[start..self.at].into();
            steps.push(Step {
                name,
                holds,
                filters,
                key,
            });
            if !self.takes(b'.') {
                return Ok(Path { steps });
            }
        }
    }

    fn filters(&mut self, close: u8, depth: usize) -> Result<Vec<Filter>, PathError> {
        let mut filters = Vec::new();
        if self.takes(close) {
            return Ok(filters);
        }
        loop {
            filters.push(self.filter(depth, Some(close))?);
            if self.takes(close) {
                return Ok(filters);
            }
            if !self.takes(b',') {
                return Err(self.wrong(format!("`{}` is missing", close as char)));
            }
        }
    }

    fn filter(&mut self, depth: usize, close: Option<u8>) -> Result<Filter, PathError> {
        let absent = self.takes(b'!');
        let path = self.path(depth + 1)?;
        let wants = if absent {
            Wants::Absent
        } else if self.takes(b'=') {
            let start = self.at;
            let ends = |byte: u8| close.is_some_and(|close| byte == close || byte == b',');
            while self.peek().is_some_and(|byte| !ends(byte)) {
                self.at += 1;
            }
            if self.at == start {
                return Err(self.wrong("a value is expected here".to_owned()));
            }
            Wants::Is(self.text[start..self.at].into())
        } else {
            Wants::Present
        };
        Ok(Filter { path, wants })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Path {
        Path::parse(text).expect(text)
    }

    #[test]
    fn what_is_written_is_found_again() {
        let mut draft = Draft::default();
        let places = [
            (
                "identifier[system=https://a.b/c,type.coding[].code=MR].value",
                "1",
            ),
            ("identifier[].value", "2"),
            ("name[!use].family", "x"),
            ("name[!use].given[]", "y"),
            ("class{system=urn:s}.code", "IMP"),
        ];
        for (place, value) in places {
            *draft.seat(&path(place)).expect(place) = json!(value);
        }
        assert_eq!(
            draft.value,
            json!({
                "identifier": [
                    {"system": "https://a.b/c", "type": {"coding": [{"code": "MR"}]}, "value": "1"},
                    {"value": "2"}
                ],
                "name": [{"family": "x", "given": ["y"]}],
                "class": {"system": "urn:s", "code": "IMP"},
            })
        );
        for (place, value) in places {
            let found = find(&draft.value, &path(place), &mut |leaf| {
                leaf.as_str() == Some(value)
            });
            assert!(found.is_some(), "{place}");
        }
        assert!(find(&draft.value, &path("name[use=old].family"), &mut |_| true).is_none());
    }

    #[test]
    fn items_are_pushed_and_counted() {
        let mut draft = Draft::default();
        draft.push(&path("address[].line[]"), json!("a"));
        draft.push(&path("address[].line[]"), json!("b"));
        assert_eq!(draft.value, json!({"address": [{"line": ["a", "b"]}]}));
        assert_eq!(items(&draft.value, &path("address[].line[]")).len(), 2);
    }

    #[test]
    fn errors_point_at_their_byte() {
        for (text, at) in [
            ("", 0),
            ("a..b", 2),
            ("a[", 2),
            ("a[b=]", 4),
            ("a[b=c", 5),
            ("a b", 1),
            ("a[b=c]]", 6),
        ] {
            assert_eq!(Path::parse(text).expect_err(text).at, at, "{text}");
        }
        let deep = format!("{}b{}", "a[".repeat(9), "]".repeat(9));
        assert!(Path::parse(&deep).is_err());
    }
}
