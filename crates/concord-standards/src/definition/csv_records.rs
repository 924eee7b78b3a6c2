//! A CSV text taken apart into records (RFC 4180).
//!
//! The definitions are read anew in every run, some eighty small files of them, so nothing is set up for a file and cells
//! are pieces of its text. What is not well formed is read as the `csv` crate reads it.

use std::borrow::Cow;

/// The records of a text, from where reading stands.
pub(super) struct Records<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at }
    }

    /// Puts the cells of the next record into `cells`, and says at which byte it begins. Blank lines are passed over.
    pub(super) fn next(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Option<usize> {
        cells.clear();
        let rest = &self.text.as_bytes()[self.at..];
        let blank = rest.iter().take_while(|byte| is_line_end(**byte)).count();
        let start = self.at + blank;
        if start == self.text.len() {
            return None;
        }
        self.at = start;
        loop {
            let cell = self.cell();
            cells.push(cell);
            let end = self.text.as_bytes().get(self.at);
            self.at += usize::from(end.is_some());
            if end != Some(&b',') {
                return Some(start);
            }
        }
    }

    /// A cell. Reading then stands at the comma or line end behind it.
    fn cell(&mut self) -> Cow<'t, str> {
        let Some(quoted) = self.text[self.at..].strip_prefix('"') else {
            return Cow::Borrowed(self.plain());
        };
        let (mut rest, mut cell) = (quoted, Cow::Borrowed(""));
        loop {
            let Some((before, behind)) = rest.split_once('"') else {
                // The quote is not closed.
                self.at = self.text.len();
                return cell + rest;
            };
            cell += before;
            self.at = self.text.len() - behind.len();
            let Some(more) = behind.strip_prefix('"') else {
                return cell + self.plain();
            };
            cell += "\"";
            rest = more;
        }
    }

    /// What stands before the next comma or line end.
    fn plain(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let ends = |byte: &u8| *byte == b',' || is_line_end(*byte);
        let length = rest.as_bytes().iter().position(ends);
        let length = length.unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(text in "\u{feff}?[ab,\"\r\né]{0,40}") {
            let mut theirs = Vec::new();
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            for record in reader.records() {
                let record = record.expect("UTF-8 text");
                theirs.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
            }
            let mut ours = Vec::new();
            let mut records = Records::new(&text);
            let mut cells = Vec::new();
            while records.next(&mut cells).is_some() {
                ours.push(cells.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            prop_assert_eq!(ours, theirs);
        }
    }
}
