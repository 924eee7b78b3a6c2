//! Texts: strings, names, binary data and references.

use concord_standards::schema::Builtin;

use super::{Extent, count_in};
use crate::Dice;

/// Whether the type's values are text rather than numbers or dates.
pub(super) fn is_text(builtin: Builtin) -> bool {
    use Builtin::{
        AnySimpleType, AnyUri, Base64Binary, Entities, Entity, HexBinary, Id, IdRef, IdRefs,
        Language, Name, NcName, NmToken, NmTokens, NormalizedString, Notation, QName, String,
        Token,
    };
    matches!(
        builtin,
        AnySimpleType
            | AnyUri
            | Base64Binary
            | Entities
            | Entity
            | HexBinary
            | Id
            | IdRef
            | IdRefs
            | Language
            | Name
            | NcName
            | NmToken
            | NmTokens
            | NormalizedString
            | Notation
            | QName
            | String
            | Token
    )
}

/// Whether a character may stand in an XML 1.0 document.
pub(super) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const NAME: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
const PLAIN: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789ABCDEFabcdef";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const UNUSUAL: &[char] = &[
    '&', '<', '>', '"', '\'', 'é', 'ß', '€', '語', '😀', ';', ']',
];

/// A text of the built-in type. `number` makes identifiers unique.
pub(super) fn make(
    builtin: Builtin,
    (least, most): (u64, Option<u64>),
    extent: Extent,
    number: u64,
    dice: &mut Dice,
) -> String {
    let usual = most.unwrap_or(least.max(1) + 15);
    let length = count_in(least, usual, extent, dice);
    match builtin {
        Builtin::HexBinary => from(HEX, length * 2, dice),
        Builtin::Base64Binary => base64(length, dice),
        Builtin::Language => dice
            .pick(&["en", "en-GB", "cy", "pa-Arab", "zh"])
            .copied()
            .unwrap_or("en")
            .to_owned(),
        Builtin::NmToken => from(NAME, length.max(1), dice),
        Builtin::NmTokens => {
            let count = length.clamp(1, 20);
            (0..count)
                .map(|_| from(NAME, 3, dice))
                .collect::<Vec<_>>()
                .join(" ")
        }
        Builtin::Id => format!("id-{number}"),
        Builtin::Name
        | Builtin::NcName
        | Builtin::QName
        | Builtin::IdRef
        | Builtin::IdRefs
        | Builtin::Entity
        | Builtin::Entities
        | Builtin::Notation => {
            let length = length.max(1);
            format!("{}{}", from(LETTERS, 1, dice), from(NAME, length - 1, dice))
        }
        Builtin::AnyUri => {
            let length = length.max(5);
            format!("urn:{}", from(PLAIN, length - 4, dice))
        }
        _ => phrase(length, extent, dice),
    }
}

fn from(alphabet: &[u8], length: u64, dice: &mut Dice) -> String {
    (0..length)
        .filter_map(|_| dice.pick(alphabet).copied().map(char::from))
        .collect()
}

/// Letters, digits, single blanks inside, now and then a character that needs care.
fn phrase(length: u64, extent: Extent, dice: &mut Dice) -> String {
    let unusual = extent == Extent::Random && dice.once_in(10);
    let mut text = String::new();
    for index in 0..length {
        let inside = index > 0 && index + 1 < length && !text.ends_with(' ');
        if inside && dice.once_in(9) {
            text.push(' ');
        } else if unusual && dice.once_in(4) {
            text.push(dice.pick(UNUSUAL).copied().unwrap_or('é'));
        } else {
            text.push(dice.pick(PLAIN).copied().map_or('x', char::from));
        }
    }
    text
}

fn base64(bytes: u64, dice: &mut Dice) -> String {
    let mut text = from(BASE64, bytes / 3 * 4, dice);
    match bytes % 3 {
        1 => {
            text.push_str(&from(BASE64, 1, dice));
            text.push_str(&from(b"AQgw", 1, dice));
            text.push_str("==");
        }
        2 => {
            text.push_str(&from(BASE64, 2, dice));
            text.push_str(&from(b"AEIMQUYcgkosw048", 1, dice));
            text.push('=');
        }
        _ => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_kept() {
        let mut dice = Dice::new(5);
        for length in 0..40 {
            let text = make(
                Builtin::String,
                (length, Some(length)),
                Extent::Random,
                1,
                &mut dice,
            );
            assert_eq!(text.chars().count() as u64, length);
            assert_eq!(text.trim(), text);
            assert!(!text.contains("  "));
        }
        assert_eq!(base64(4, &mut dice).len(), 8);
    }
}
