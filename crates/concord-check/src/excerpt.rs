//! The lines around a finding, with every value in them masked but the one that it is about.

mod tags;

use concord_finding::Excerpt;

/// Longest line that is shown, in bytes.
const WIDTH: usize = 160;

/// Which values an excerpt shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// None.
    Nothing,
    /// The one that is marked.
    Marked,
    /// All.
    Everything,
}

/// What tells values from what is around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Tags: text and attribute values lie between them.
    Tags,
    /// Cells, with this between them, if anything is.
    Cells(Option<u8>),
    /// A segment of a message: a name, then values with punctuation between them.
    Segment,
    /// JSON: names, then values with punctuation between them.
    Json,
}

/// The line of a finding and one before and behind it. Its number is known once its chunk's is: see [`number`].
pub(crate) fn excerpt(
    bytes: &[u8],
    offset: usize,
    length: usize,
    show: Show,
    markup: Markup,
) -> Excerpt {
    let offset = offset.min(bytes.len());
    let start_of = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1);
    let end_of =
        |at: usize| memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
    let (start, end) = (start_of(offset), end_of(offset));
    let mut text = String::new();
    // Rows beside a row say nothing about it; tags beside a tag do.
    let beside = markup == Markup::Tags;
    if beside && start > 0 {
        let before = start_of(start - 1);
        push_line(&mut text, &bytes[before..start - 1], None, show, markup);
        text.push('\n');
    }
    let marked = (offset - start, length.min(end - offset));
    let (at, shown) = push_line(&mut text, &bytes[start..end], Some(marked), show, markup);
    if beside && end < bytes.len() {
        text.push('\n');
        push_line(
            &mut text,
            &bytes[end + 1..end_of(end + 1)],
            None,
            show,
            markup,
        );
    }
    Excerpt {
        first_line: 1,
        text,
        start: at,
        length: shown,
    }
}

/// Numbers the lines of an excerpt whose finding stands on `line` of the input.
pub(crate) fn number(excerpt: &mut Excerpt, line: u64) {
    let before = excerpt.text[..excerpt.start].matches('\n').count() as u64;
    excerpt.first_line = line.saturating_sub(before).max(1);
}

/// Adds a line and returns where the marked part stands in the whole text, and its length.
fn push_line(
    text: &mut String,
    line: &[u8],
    marked: Option<(usize, usize)>,
    show: Show,
    markup: Markup,
) -> (usize, usize) {
    let (mark, length) = marked.unwrap_or((0, 0));
    // Of a long line, the part around the mark.
    let from = if line.len() <= WIDTH {
        0
    } else {
        mark.saturating_sub(WIDTH / 3)
    };
    let to = line.len().min(from + WIDTH);
    let hidden = match markup {
        Markup::Tags => tags::values(line),
        // Punctuation inside a value says nothing of whose it is.
        Markup::Segment => {
            let bytes = line.iter().enumerate();
            bytes
                .map(|(at, byte)| at >= 3 && !b"|^~\\&#*!%+$".contains(byte))
                .collect()
        }
        Markup::Json => values_of_json(line),
        Markup::Cells(delimiter) => {
            let between = |byte: &u8| Some(*byte) == delimiter || matches!(byte, b'"' | b'\r');
            line.iter().map(|byte| !between(byte)).collect()
        }
    };
    let mut start = text.len();
    let mut end = start;
    if from > 0 {
        text.push('…');
    }
    let piece = String::from_utf8_lossy(&line[from..to]);
    let mut at = from;
    for character in piece.chars() {
        if at == mark {
            start = text.len();
        }
        let inside = (mark..mark + length).contains(&at);
        let may_show = show == Show::Everything || inside && show == Show::Marked;
        let hide = !may_show && hidden.get(at).copied().unwrap_or(false);
        text.push(match character {
            _ if hide && !character.is_whitespace() => '•',
            '\t' => ' ',
            character if character.is_control() => '\u{FFFD}',
            character => character,
        });
        if inside {
            end = text.len();
        }
        at += if character == '\u{FFFD}' {
            1
        } else {
            character.len_utf8()
        };
    }
    if at <= mark {
        start = text.len();
    }
    if to < line.len() {
        text.push('…');
    }
    (start, end.saturating_sub(start))
}

/// Which bytes of a line of JSON are values: all but punctuation, and names with their quotes. What is no name of an element,
/// or no whole string on this line, counts as a value.
fn values_of_json(line: &[u8]) -> Vec<bool> {
    let punctuation = |byte: u8| byte.is_ascii_whitespace() || b"{}[]:,\"".contains(&byte);
    let mut hidden: Vec<bool> = line.iter().map(|byte| !punctuation(*byte)).collect();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', &line[at..]).map(|found| at + found) {
        let rest = &line[open + 1..];
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        match length {
            Some(length) if rest[length] == b'"' => {
                let name = &rest[..length];
                let behind = rest[length + 1..].trim_ascii_start();
                let letters = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
                if behind.first() == Some(&b':') && name.iter().all(letters) {
                    hidden[open + 1..=open + length].fill(false);
                } else {
                    hidden[open + 1..=open + length].fill(true);
                }
                at = open + length + 2;
            }
            _ => {
                // A string with an escape is no name: on to its end.
                let mut end = open + 1;
                while end < line.len() && line[end] != b'"' {
                    end += if line[end] == b'\\' { 2 } else { 1 };
                }
                let end = end.min(line.len());
                hidden[open + 1..end].fill(true);
                at = (end + 1).min(line.len());
            }
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"<A>\n <NHSNumber>9990000019</NHSNumber>\n <Code x=\"secret\">99</Code>\n <Name>Si\xc3\xa2n</Name>\n</A>";

    #[test]
    fn only_the_marked_value_is_shown() {
        let at = TEXT
            .windows(2)
            .position(|two| two == b"99")
            .expect("it is there");
        let code = TEXT
            .windows(4)
            .position(|four| four == b">99<")
            .expect("it is there")
            + 1;
        let mut shown = excerpt(TEXT, code, 2, Show::Marked, Markup::Tags);
        number(&mut shown, 703);
        assert_eq!(shown.first_line, 702);
        assert_eq!(&shown.text[shown.start..shown.start + shown.length], "99");
        assert!(shown.text.contains("••••••••••</NHSNumber>") && shown.text.contains("\"••••••\""));
        assert!(shown.text.contains("<Name>••••</Name>") && !shown.text.contains("Si"));
        let hidden = excerpt(TEXT, at, 10, Show::Nothing, Markup::Tags);
        assert!(!hidden.text.contains("999"));
    }

    #[test]
    fn values_of_json_are_hidden_and_names_shown() {
        let line = br#" {"family": "Sm\"ith: {}", "9990000019": 12, "given": ["A:b"], "x"#;
        let at = memchr::memmem::find(line, b"12").expect("it is there");
        let shown = excerpt(line, at, 2, Show::Marked, Markup::Json);
        assert!(
            shown.text.starts_with(" {\"family\": \"••"),
            "{}",
            shown.text
        );
        assert!(
            shown
                .text
                .ends_with("\"••••••••••\": 12, \"given\": [\"•••\"], \"•"),
            "{}",
            shown.text
        );
        assert_eq!(&shown.text[shown.start..shown.start + shown.length], "12");
        for broken in ["Smith\", \"given\": [\"John", "\"\\", "\"a\\\"", "\""] {
            let shown = excerpt(broken.as_bytes(), 0, 0, Show::Nothing, Markup::Json);
            assert!(!shown.text.contains("Smith") && !shown.text.contains("John"));
        }
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let line = [b"<a>".repeat(200), b"<b>X</b>".to_vec(), b"<c>".repeat(200)].concat();
        let at = line
            .windows(3)
            .position(|three| three == b">X<")
            .expect("it is there")
            + 1;
        let shown = excerpt(&line, at, 1, Show::Marked, Markup::Tags);
        assert_eq!(&shown.text[shown.start..shown.start + shown.length], "X");
        assert!(shown.text.chars().count() <= WIDTH + 2);
    }

    #[test]
    fn any_offset_and_any_bytes_are_taken() {
        let bytes = b"\xff<a\n\n'\">\xc3";
        for offset in 0..=bytes.len() + 2 {
            for length in 0..4 {
                let shown = excerpt(bytes, offset, length, Show::Marked, Markup::Tags);
                assert!(shown.text.is_char_boundary(shown.start));
                assert!(shown.text.is_char_boundary(shown.start + shown.length));
            }
        }
    }
}
