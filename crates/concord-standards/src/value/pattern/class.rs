//! Character classes.

use super::super::name_characters::{continues_name, starts_name};

/// A class: its members, or all other characters, less those of another class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Class {
    pub(super) negated: bool,
    pub(super) items: Vec<Item>,
    pub(super) minus: Option<Box<Class>>,
}

/// Members of a class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) negated: bool,
    pub(super) set: Set,
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Set {
    /// From one to another.
    Range(char, char),
    /// A general category of Unicode, such as `L` or `Lu`.
    Category(&'static str),
    /// `\s`: tab, line feed, carriage return, blank.
    Space,
    /// `\i`: may begin a name.
    NameStart,
    /// `\c`: may stand in a name.
    NameCharacter,
    /// `\d`: decimal digits of all scripts.
    Digit,
    /// `\w`: all but punctuation, separators and others.
    Word,
}

/// The categories that XML Schema names (appendix F.1.1).
pub(super) const CATEGORIES: [&str; 36] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc",
    "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C",
    "Cc", "Cf", "Co", "Cn",
];

impl Class {
    /// A class of one set.
    pub(super) fn of(set: Set, negated: bool) -> Self {
        Self {
            negated: false,
            items: vec![Item { negated, set }],
            minus: None,
        }
    }

    /// A class of one character.
    pub(super) fn character(character: char) -> Self {
        Self::of(Set::Range(character, character), false)
    }

    /// `.`: all but line feed and carriage return.
    pub(super) fn dot() -> Self {
        let items = ['\n', '\r'].map(|character| Item {
            negated: false,
            set: Set::Range(character, character),
        });
        Self {
            negated: true,
            items: items.into(),
            minus: None,
        }
    }

    /// Whether an ASCII character is a member.
    pub(super) fn contains_ascii(&self, byte: u8) -> bool {
        self.items.iter().any(|item| item.contains_ascii(byte)) != self.negated
            && !self
                .minus
                .as_ref()
                .is_some_and(|minus| minus.contains_ascii(byte))
    }
}

impl Item {
    fn contains_ascii(&self, byte: u8) -> bool {
        let character = char::from(byte);
        let member = match &self.set {
            Set::Range(first, last) => (*first..=*last).contains(&character),
            Set::Category(name) => ascii_category(byte).starts_with(name),
            Set::Space => matches!(byte, b'\t' | b'\n' | b'\r' | b' '),
            Set::NameStart => starts_name(character),
            Set::NameCharacter => continues_name(character),
            Set::Digit => byte.is_ascii_digit(),
            Set::Word => !ascii_category(byte).starts_with(['P', 'Z', 'C']),
        };
        member != self.negated
    }
}

/// The general category of an ASCII character.
fn ascii_category(byte: u8) -> &'static str {
    match byte {
        b' ' => "Zs",
        b'0'..=b'9' => "Nd",
        b'A'..=b'Z' => "Lu",
        b'a'..=b'z' => "Ll",
        b'_' => "Pc",
        b'-' => "Pd",
        b'(' | b'[' | b'{' => "Ps",
        b')' | b']' | b'}' => "Pe",
        b'+' | b'<' | b'=' | b'>' | b'|' | b'~' => "Sm",
        b'$' => "Sc",
        b'^' | b'`' => "Sk",
        b'!'..=b'/' | b':' | b';' | b'?' | b'@' | b'\\' => "Po",
        _ => "Cc",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_categories_are_those_of_the_regex_crate() {
        for name in CATEGORIES {
            let regex = regex::Regex::new(&format!(r"^\p{{{name}}}$")).expect("a known category");
            let set = Item {
                negated: false,
                set: Set::Category(name),
            };
            for byte in 0..128_u8 {
                let text = char::from(byte).to_string();
                assert_eq!(
                    set.contains_ascii(byte),
                    regex.is_match(&text),
                    "{name} {byte:#x}"
                );
            }
        }
    }
}
