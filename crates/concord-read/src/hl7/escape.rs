//! Escape sequences (HL7 v2.4, 2.10), looked at only where there are some.

use std::borrow::Cow;

use super::Delimiters;

/// What is wrong with an escape sequence, and its offset in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscapeProblem {
    /// Nothing ends it.
    Unclosed(usize),
    /// It is none that the standard knows.
    Unknown(usize),
}

impl EscapeProblem {
    /// Where it begins.
    pub fn offset(self) -> usize {
        match self {
            Self::Unclosed(at) | Self::Unknown(at) => at,
        }
    }
}

/// Longest escape sequence, of hexadecimal digits or of a foreign character set.
const LONGEST: usize = 1024;

/// What a sequence stands for.
enum Meaning {
    /// These bytes.
    Bytes(Vec<u8>),
    /// How text is shown (`\H\`, `\.br\`), or a change of character set: left as it is written.
    Kept,
    Unknown,
}

/// The text that stands for itself: delimiters and hexadecimal bytes put in the place of their sequences. What only says
/// how text is shown stays as it is written, and so does what is wrong.
pub fn unescape<'t>(text: &'t [u8], delimiters: &Delimiters) -> Cow<'t, [u8]> {
    if let Some(release) = delimiters.release {
        return crate::edifact::unreleased(text, release);
    }
    let Some(escape) = delimiters.escape else {
        return Cow::Borrowed(text);
    };
    if memchr::memchr(escape, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    walk(text, delimiters, escape, |piece, meaning| match meaning {
        Some(Ok(Meaning::Bytes(bytes))) => out.extend_from_slice(&bytes),
        _ => out.extend_from_slice(piece),
    });
    Cow::Owned(out)
}

/// The first sequence that is wrong.
pub fn problem(text: &[u8], delimiters: &Delimiters) -> Option<EscapeProblem> {
    let escape = delimiters.escape?;
    memchr::memchr(escape, text)?;
    let mut found = None;
    let mut at = 0;
    walk(text, delimiters, escape, |piece, meaning| {
        let problem = match meaning {
            Some(Err(())) => Some(EscapeProblem::Unclosed(at)),
            Some(Ok(Meaning::Unknown)) => Some(EscapeProblem::Unknown(at)),
            _ => None,
        };
        found = found.or(problem);
        at += piece.len();
    });
    found
}

/// Text with its delimiters escaped, so that it can stand in a field.
pub fn escaped<'t>(text: &'t str, delimiters: &Delimiters) -> Cow<'t, str> {
    let Some(escape) = delimiters.escape else {
        return Cow::Borrowed(text);
    };
    let letter = |character: char| {
        let byte = u8::try_from(character).ok()?;
        Some(match byte {
            _ if byte == escape => "E",
            _ if byte == delimiters.field => "F",
            _ if byte == delimiters.component => "S",
            _ if byte == delimiters.repetition => "R",
            _ if Some(byte) == delimiters.subcomponent => "T",
            b'\r' => "X0D",
            b'\n' => "X0A",
            _ => return None,
        })
    };
    if !text.chars().any(|character| letter(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match letter(character) {
            Some(letter) => {
                out.push(char::from(escape));
                out.push_str(letter);
                out.push(char::from(escape));
            }
            None => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// Gives a text piece by piece: stretches without a sequence, and sequences with what they stand for (`Err` where nothing
/// ends one).
fn walk(
    text: &[u8],
    delimiters: &Delimiters,
    escape: u8,
    mut give: impl FnMut(&[u8], Option<Result<Meaning, ()>>),
) {
    let mut rest = text;
    while let Some(open) = memchr::memchr(escape, rest) {
        if open > 0 {
            give(&rest[..open], None);
        }
        let inside = &rest[open + 1..];
        let within = &inside[..inside.len().min(LONGEST)];
        let Some(close) = memchr::memchr(escape, within) else {
            give(&rest[open..], Some(Err(())));
            return;
        };
        let sequence = &inside[..close];
        let end = open + close + 2;
        give(
            &rest[open..end],
            Some(Ok(meaning(sequence, delimiters, escape))),
        );
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        give(rest, None);
    }
}

fn meaning(sequence: &[u8], delimiters: &Delimiters, escape: u8) -> Meaning {
    let one = |byte: u8| Meaning::Bytes(vec![byte]);
    match sequence {
        b"F" => one(delimiters.field),
        b"S" => one(delimiters.component),
        b"R" => one(delimiters.repetition),
        b"T" => delimiters.subcomponent.map_or(Meaning::Unknown, one),
        b"P" => delimiters.truncation.map_or(Meaning::Unknown, one),
        b"E" => one(escape),
        b"H" | b"N" => Meaning::Kept,
        [b'.', rest @ ..] if !rest.is_empty() => Meaning::Kept,
        [b'C' | b'M' | b'Z', rest @ ..] if !rest.is_empty() => Meaning::Kept,
        [b'X', digits @ ..] if !digits.is_empty() && digits.len() % 2 == 0 => {
            let bytes = digits.chunks_exact(2).map(|pair| {
                let high = char::from(pair[0]).to_digit(16)?;
                let low = char::from(pair[1]).to_digit(16)?;
                u8::try_from(16 * high + low).ok()
            });
            bytes
                .collect::<Option<Vec<u8>>>()
                .map_or(Meaning::Unknown, Meaning::Bytes)
        }
        _ => Meaning::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> String {
        let bytes = unescape(text.as_bytes(), &Delimiters::default()).into_owned();
        String::from_utf8(bytes).expect("the examples are UTF-8")
    }

    #[test]
    fn sequences_stand_for_characters() {
        assert_eq!(of(r"R \T\ D"), "R & D");
        assert_eq!(of(r"\F\\S\\R\\E\"), r"|^~\");
        assert_eq!(of(r"\X0D0A\x"), "\r\nx");
        assert_eq!(of(r"\H\bold\N\ a\.br\b"), r"\H\bold\N\ a\.br\b");
        assert_eq!(of(r"C:\temp"), r"C:\temp");
        assert_eq!(of("plain"), "plain");
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let problem = |text: &str| problem(text.as_bytes(), &Delimiters::default());
        assert_eq!(problem(r"a\F\b"), None);
        assert_eq!(problem(r"C:\temp"), Some(EscapeProblem::Unclosed(2)));
        assert_eq!(problem(r"a\foo\b"), Some(EscapeProblem::Unknown(1)));
        assert_eq!(problem(r"a\X1\b"), Some(EscapeProblem::Unknown(1)));
        assert_eq!(problem(r"a\P\b"), Some(EscapeProblem::Unknown(1)));
    }

    proptest! {
        #[test]
        fn what_was_escaped_is_given_back(text in ".*") {
            let delimiters = Delimiters::default();
            let written = escaped(&text, &delimiters).into_owned();
            prop_assert!(!written.contains(['|', '^', '~', '&', '\r', '\n']));
            let back = unescape(written.as_bytes(), &delimiters);
            prop_assert_eq!(&*back, text.as_bytes());
        }
    }
}
