//! JSON that is being written, and where in the XML each part of it came from.

use std::fmt::Write as _;

/// Some JSON.
#[derive(Debug, Default)]
pub(super) struct Piece {
    text: String,
    /// Offsets in the text in ascending order, and the offsets in the XML that they came from.
    origins: Vec<(u32, u32)>,
}

impl Piece {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Adds something that came from an offset of the XML.
    pub(super) fn push(&mut self, origin: usize, text: &str) {
        self.origins.push((self.text.len() as u32, origin as u32));
        self.text.push_str(text);
    }

    /// Adds punctuation, or what else has no place of its own.
    pub(super) fn punctuate(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a string whose first character came from an offset of the XML.
    pub(super) fn string(&mut self, origin: usize, says: &str) {
        self.push(origin.saturating_sub(1), "\"");
        for character in says.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                control if control < ' ' => {
                    // Writing to a `String` does not fail.
                    let _ = write!(self.text, "\\u{:04x}", control as u32);
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    /// Adds another piece.
    pub(super) fn append(&mut self, other: Self) {
        let before = self.text.len() as u32;
        let origins = other.origins.into_iter();
        self.origins
            .extend(origins.map(|(offset, origin)| (before + offset, origin)));
        self.text.push_str(&other.text);
    }

    /// Where in the XML the part at an offset came from.
    pub(super) fn origin(&self, offset: usize) -> usize {
        let offset = offset as u32;
        let behind = self.origins.partition_point(|(known, _)| *known <= offset);
        let Some((known, origin)) = behind.checked_sub(1).and_then(|at| self.origins.get(at))
        else {
            return 0;
        };
        (origin + (offset - known)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_know_where_they_came_from() {
        let mut inner = Piece::default();
        inner.string(50, "a\"b\n\u{1}");
        let mut outer = Piece::default();
        outer.push(7, "{");
        outer.string(20, "name");
        outer.punctuate(":");
        outer.append(inner);
        assert_eq!(outer.text(), r#"{"name":"a\"b\n\u0001""#);
        let value: serde_json::Value = serde_json::from_str(&outer.text()[8..]).expect("a string");
        assert_eq!(value, "a\"b\n\u{1}");
        assert_eq!(
            [outer.origin(0), outer.origin(2), outer.origin(9)],
            [7, 20, 50]
        );
        assert_eq!(Piece::default().origin(3), 0);
    }
}
