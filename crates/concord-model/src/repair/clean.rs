//! What nobody sees: blanks around a value, no-break spaces, invisible characters, and the guards of spreadsheets.

use std::borrow::Cow;

use super::damage::{Damage, Damages};

/// `text` without blanks around it and without invisible characters; no-break spaces become blanks.
///
/// Borrowed when nothing had to be done. Bytes that are not UTF-8 stay as they are.
pub fn clean(text: &[u8]) -> Cow<'_, [u8]> {
    match cleaned(text, &mut Damages::default()) {
        Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
        None => Cow::Borrowed(text),
    }
}

/// Whether [`clean`] has nothing to do.
pub(super) fn is_clean(text: &[u8]) -> bool {
    if text.is_ascii() {
        // Nothing of it is invisible, and only at the ends may it not be blank. `is_ascii_whitespace` knows no vertical tab.
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        return !text.first().is_some_and(blank) && !text.last().is_some_and(blank);
    }
    std::str::from_utf8(text).is_ok_and(|text| {
        text.trim() == text && !text.contains(|c| is_invisible(c) || is_no_break(c))
    })
}

/// As [`clean`], noting what was there; `None` when the bytes are not UTF-8, except for a no-break space or a currency
/// sign of a one-byte encoding, which are read as such.
pub(super) fn cleaned<'a>(text: &'a [u8], damages: &mut Damages) -> Option<Cow<'a, str>> {
    let mut text = match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(of_one_byte_encoding(text)?),
    };
    // Nothing of ASCII is invisible but for blanks.
    let ascii = text.is_ascii();
    if !ascii && text.contains(is_invisible) {
        damages.insert(Damage::InvisibleCharacter);
        text = Cow::Owned(text.replace(is_invisible, ""));
    }
    if !ascii && text.contains(is_no_break) {
        damages.insert(Damage::NoBreakSpace);
        text = Cow::Owned(text.replace(is_no_break, " "));
    }
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        // A no-break space at the end is the only damage there.
        if !damages.contains(Damage::NoBreakSpace) {
            damages.insert(Damage::SurroundingBlanks);
        }
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    Some(text)
}

/// What a spreadsheet's guard holds: `="…"`, `"…"` or `'…`.
pub(super) fn unguarded<'a>(text: &'a str, damages: &mut Damages) -> &'a str {
    let quoted = |text: &'a str| text.strip_prefix('"')?.strip_suffix('"');
    let inner = text
        .strip_prefix('=')
        .and_then(quoted)
        .or_else(|| quoted(text))
        .or_else(|| {
            text.strip_prefix('\'')
                .map(|text| text.strip_suffix('\'').unwrap_or(text))
        });
    match inner {
        Some(inner) => {
            damages.insert(Damage::TextGuard);
            inner.trim()
        }
        None => text,
    }
}

/// Bytes of ASCII but for the no-break space, the pound and the euro of Windows-1252.
fn of_one_byte_encoding(text: &[u8]) -> Option<String> {
    text.iter()
        .map(|&byte| match byte {
            0xA0 => Some('\u{A0}'),
            0xA3 => Some('£'),
            0x80 => Some('€'),
            byte if byte.is_ascii() => Some(char::from(byte)),
            _ => None,
        })
        .collect()
}

pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{AD}' | '\u{202A}'..='\u{202E}'
    )
}

fn is_no_break(character: char) -> bool {
    matches!(character, '\u{A0}' | '\u{202F}' | '\u{2007}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_sees_goes() {
        for (text, expected) in [
            ("\u{feff}RXX", "RXX"),
            ("R\u{200b}X\u{200d}X", "RXX"),
            ("\u{a0}RXX \t", "RXX"),
            ("North\u{a0}Wing", "North Wing"),
            ("two  words", "two  words"),
            ("Zoë", "Zoë"),
        ] {
            assert_eq!(clean(text.as_bytes()), expected.as_bytes(), "{text}");
            assert_eq!(is_clean(text.as_bytes()), text == expected, "{text}");
        }
        assert!(matches!(clean(b"plain"), Cow::Borrowed(_)));
        assert_eq!(clean(b"\xff "), &b"\xff "[..]);
        assert_eq!(clean(b"RXX\xa0"), &b"RXX"[..]);
    }

    #[test]
    fn guards_are_taken_off() {
        for (text, expected) in [
            ("=\"0123\"", "0123"),
            ("'0123", "0123"),
            ("\"0123\"", "0123"),
            ("0123", "0123"),
            ("\"", "\""),
            ("=0123", "=0123"),
        ] {
            assert_eq!(unguarded(text, &mut Damages::default()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(bytes in prop::collection::vec(prop_oneof![Just(0xA0), Just(b' '), Just(0xE2), Just(0x80), Just(0x8B), any::<u8>()], 0..20)) {
            let once = clean(&bytes).into_owned();
            prop_assert_eq!(&*clean(&once), &*once);
        }

        #[test]
        fn clean_texts_stay(text in "\\PC{0,20}") {
            prop_assert_eq!(is_clean(text.as_bytes()), clean(text.as_bytes()) == text.as_bytes());
        }
    }
}
