//! White space treatment: part 2, section 4.3.6.

use std::borrow::Cow;

use crate::schema::{Builtin, WhiteSpace};

/// `text` after the white space treatment `treatment`; borrowed when it changes nothing or only trims the ends.
///
/// Only tab, line feed, carriage return and blank are white space.
pub fn normalize(text: &str, treatment: WhiteSpace) -> Cow<'_, str> {
    match treatment {
        WhiteSpace::Preserve => Cow::Borrowed(text),
        WhiteSpace::Replace => {
            if text.bytes().any(is_line_or_tab) {
                Cow::Owned(text.replace(['\t', '\n', '\r'], " "))
            } else {
                Cow::Borrowed(text)
            }
        }
        WhiteSpace::Collapse => {
            let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
            if is_collapsed(trimmed) {
                Cow::Borrowed(trimmed)
            } else {
                let mut collapsed = String::with_capacity(trimmed.len());
                for item in items(trimmed) {
                    if !collapsed.is_empty() {
                        collapsed.push(' ');
                    }
                    collapsed.push_str(item);
                }
                Cow::Owned(collapsed)
            }
        }
    }
}

/// The items of a list: what stands between white space.
pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\n', '\r'])
        .filter(|item| !item.is_empty())
}

/// The white space treatment of a built-in type.
pub fn of_builtin(builtin: Builtin) -> WhiteSpace {
    match builtin {
        Builtin::AnySimpleType | Builtin::String => WhiteSpace::Preserve,
        Builtin::NormalizedString => WhiteSpace::Replace,
        _ => WhiteSpace::Collapse,
    }
}

fn is_line_or_tab(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r')
}

fn is_collapsed(trimmed: &str) -> bool {
    let mut after_blank = false;
    for byte in trimmed.bytes() {
        if is_line_or_tab(byte) || (byte == b' ' && after_blank) {
            return false;
        }
        after_blank = byte == b' ';
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_treatment_does_what_it_says() {
        let text = "\t a\r\n  b\u{a0}c \n";
        assert_eq!(normalize(text, WhiteSpace::Preserve), text);
        assert_eq!(normalize(text, WhiteSpace::Replace), "  a    b\u{a0}c  ");
        assert_eq!(normalize(text, WhiteSpace::Collapse), "a b\u{a0}c");
        assert_eq!(normalize(" \n", WhiteSpace::Collapse), "");
    }

    #[test]
    fn what_changes_nothing_is_borrowed() {
        for treatment in [
            WhiteSpace::Preserve,
            WhiteSpace::Replace,
            WhiteSpace::Collapse,
        ] {
            assert!(matches!(normalize("a b", treatment), Cow::Borrowed("a b")));
        }
        assert!(matches!(
            normalize(" a\n", WhiteSpace::Collapse),
            Cow::Borrowed("a")
        ));
    }
}
