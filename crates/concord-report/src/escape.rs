//! Characters that would steer a terminal or reorder a line, made visible.

use std::borrow::Cow;
use std::fmt::Write as _;

use memchr::memchr3_iter;

/// Whether a character must not reach a terminal as it is: C0 and C1 controls, line separators, and the marks that change
/// the direction of text (<https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>).
pub(crate) fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Whether a text has a steering character, by the bytes that begin them: mostly there is none of these either.
pub(crate) fn steers(text: &str) -> bool {
    let bytes = text.as_bytes();
    // All of them are looked at together, which takes a fraction of the time of one by one.
    let control = |found, byte: &u8| found | u8::from(*byte < b' ') | u8::from(*byte == 0x7f);
    bytes.iter().fold(0, control) != 0
        || memchr3_iter(0xc2, 0xe2, 0xef, bytes)
            .any(|at| text[at..].chars().next().is_some_and(is_steering))
}

/// `text` on one line that no terminal obeys, with steering characters as `\u{1b}`, line ends as `\n` and tabs as `\t`.
pub fn line(text: &str) -> Cow<'_, str> {
    if !steers(text) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            character if is_steering(character) => {
                // Writing to a `String` does not fail.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            character => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// `text` as XML and HTML take it between tags and in attributes. Two characters that XML forbids are replaced.
pub(crate) fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

/// A visible stand-in of one column for a steering character, where columns must stay what they are.
pub(crate) fn stand_in(character: char) -> char {
    match u32::from(character) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers() {
        assert_eq!(line("Siân £9"), "Siân £9");
        assert_eq!(
            line("a\u{1b}[2J\u{9b}1m\r\n\tb"),
            "a\\u{1b}[2J\\u{9b}1m\\r\\n\\tb"
        );
        assert_eq!(line("\u{202e}gnp.exe"), "\\u{202e}gnp.exe");
        assert!(!line("\u{7f}\u{85}\u{2028}").chars().any(is_steering));
        assert_eq!(stand_in('\u{1b}'), '␛');
    }

    #[test]
    fn bytes_tell_as_characters_do() {
        for character in '\0'..=char::MAX {
            let text = format!("a{character}é");
            assert_eq!(steers(&text), is_steering(character), "{character:?}");
        }
    }
}
