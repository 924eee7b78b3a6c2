//! Classes of characters.

pub(super) const DIGITS: &[(char, char)] = &[('0', '9')];
pub(super) const WORDS: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
/// `WhiteSpace` and `LineTerminator` of ECMA-262.
pub(super) const BLANKS: &[(char, char)] = &[
    ('\t', '\r'),
    (' ', ' '),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{205f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{feff}', '\u{feff}'),
];
pub(super) const LINE_ENDS: &[(char, char)] =
    &[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')];

pub(super) enum Item {
    One(char),
    Ranges(Vec<(char, char)>),
    /// `\p{Lu}`, which both write alike.
    Property(String),
}

/// The characters outside sorted ranges.
pub(super) fn others(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut others = Vec::new();
    let mut next = Some('\0');
    for (first, last) in ranges {
        if let (Some(from), Some(to)) = (next, before(*first))
            && from <= to
        {
            others.push((from, to));
        }
        next = after(*last);
    }
    others.extend(next.map(|from| (from, char::MAX)));
    others
}

fn before(character: char) -> Option<char> {
    match character {
        '\0' => None,
        '\u{e000}' => Some('\u{d7ff}'),
        character => char::from_u32(u32::from(character) - 1),
    }
}

fn after(character: char) -> Option<char> {
    match character {
        '\u{d7ff}' => Some('\u{e000}'),
        character => char::from_u32(u32::from(character) + 1),
    }
}

/// A class as XML Schema writes it.
pub(super) fn written(negated: bool, ranges: &[(char, char)], properties: &[String]) -> String {
    if let (false, [(first, last)], []) = (negated, ranges, properties)
        && first == last
    {
        return escaped(*first);
    }
    let mut text = String::from(if negated { "[^" } else { "[" });
    for (first, last) in ranges {
        text.push_str(&escaped(*first));
        if first != last {
            text.push('-');
            text.push_str(&escaped(*last));
        }
    }
    text.extend(properties.iter().map(String::as_str));
    text.push(']');
    text
}

/// A character that stands for itself.
fn escaped(character: char) -> String {
    match character {
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        '\t' => r"\t".to_owned(),
        '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^' => {
            format!(r"\{character}")
        }
        character => character.to_string(),
    }
}
