//! The facts of a finding, and how personal ones are masked.

use std::borrow::Cow;

/// What stands for a value of which nothing is shown.
pub const HIDDEN: &str = "•••••";

/// Whether personal values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Masking {
    /// Personal values are masked: the default everywhere.
    #[default]
    Masked,
    /// Nothing of personal values is shown: pseudonyms stand in their place elsewhere, which no character may undo.
    Hidden,
    /// Personal values are shown, because the user asked for it (`--show-values`).
    Revealed,
}

/// One fact of a finding: a value that stood in the data, a limit, a count, a list of choices.
///
/// `Fact` has no `Display` on purpose: whoever shows it must say how personal values are treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Text that identifies nobody.
    Plain(String),
    /// Text of an element that the dictionary marks as personal, or text that may hold such a value.
    Personal(String),
    /// A count, length or limit.
    Number(u64),
    /// Names or codes, in the order in which they are to be shown.
    List(Vec<String>),
}

impl Fact {
    /// The fact as text for people, with personal values masked unless they are to be revealed.
    pub fn shown(&self, masking: Masking) -> String {
        self.words(masking).into_owned()
    }

    /// As [`Fact::shown`], borrowed where it can be.
    pub(crate) fn words(&self, masking: Masking) -> Cow<'_, str> {
        match self {
            Self::Number(number) => Cow::Owned(thousands(*number)),
            other => other.text(masking),
        }
    }

    /// The fact as text for programs: as [`Fact::shown`], but numbers without separators.
    pub fn text(&self, masking: Masking) -> Cow<'_, str> {
        match self {
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Personal(text) => match masking {
                Masking::Masked => Cow::Owned(mask(text)),
                Masking::Hidden => Cow::Borrowed(HIDDEN),
                Masking::Revealed => Cow::Borrowed(text),
            },
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::List(items) => Cow::Owned(items.join(", ")),
        }
    }

    /// As [`Fact::text`], for those who keep it.
    pub fn raw(&self, masking: Masking) -> String {
        self.text(masking).into_owned()
    }
}

/// Masks a personal value so that its owner recognises it and nobody else does.
///
/// A ten-digit number keeps its first three and last two digits (`943•••••19`), any other text of four
/// characters or more its first character, shorter text nothing. The number of characters stays.
pub fn mask(text: &str) -> String {
    const DOT: &str = "•";
    let count = text.chars().count();
    let digits = count == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, behind) = match count {
        _ if digits => (3, 2),
        4.. => (1, 0),
        _ => (0, 0),
    };
    let mut masked = String::with_capacity(text.len().max(count * DOT.len()) + 4);
    masked.extend(text.chars().take(before));
    for _ in before + behind..count {
        masked.push_str(DOT);
    }
    masked.extend(text.chars().skip(count - behind));
    masked
}

/// `1200` as `1,200`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_length_and_little_else() {
        assert_eq!(mask("9434765919"), "943•••••19");
        assert_eq!(mask("1988-02-29"), "1•••••••••");
        assert_eq!(mask("LS1 4AB"), "L••••••");
        assert_eq!(mask("Ng"), "••");
        assert_eq!(mask("Siân"), "S•••");
        assert_eq!(mask(""), "");
    }

    #[test]
    fn numbers_are_grouped_for_people_only() {
        assert_eq!(Fact::Number(1_200).shown(Masking::Masked), "1,200");
        assert_eq!(Fact::Number(1_200).raw(Masking::Masked), "1200");
        assert_eq!(Fact::Number(999).shown(Masking::Masked), "999");
    }
}
