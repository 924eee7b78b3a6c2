//! Values that were damaged on their way, usually in a spreadsheet: what happened to them and what they were.
//!
//! [`repair`] is for suggestions. It never judges a value that has its form, never makes up what was lost (the last digits of
//! `9.43477E+09`, the century of `1/4/25`), and what it suggests always has the form that was wanted.
//!
//! [`lossless`] is for values that are written anew: it takes nothing that leaves a doubt.
//!
//! Sources: the damage seen in contract-monitoring submissions (byte order marks, no-break and zero-width spaces, `.0` behind
//! numbers, currency signs, thousands commas, accounting negatives, `TBC`, spellings of financial years, spreadsheet dates and
//! dates of the United States); ECMA-376 part 1, 18.17.4, for the dates of spreadsheets.

mod clean;
mod damage;
mod date;
pub mod lossless;
mod number;
mod period;

pub use clean::clean;
pub use damage::{Damage, Damages};
pub use period::year_of_month;

use crate::financial::{FinancialMonth, FinancialYear};
use crate::{dates, decimal};

/// Longer values are not repaired, except texts.
const LONGEST: usize = 128;

/// What a value is wanted to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A text: only what nobody sees is damage.
    Text,
    /// Digits that are no quantity, such as an NHS number or a code; leading zeros count.
    Digits,
    /// A whole number.
    WholeNumber,
    /// A decimal number.
    Number,
    /// An amount of money.
    Money,
    /// A date, `CCYY-MM-DD`.
    Date,
    /// A date with a time, `CCYY-MM-DDThh:mm:ss`.
    DateTime,
    /// A financial year, `202526`.
    FinancialYear,
    /// A financial month, `1` to `12`.
    FinancialMonth,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Digits,
        Self::WholeNumber,
        Self::Number,
        Self::Money,
        Self::Date,
        Self::DateTime,
        Self::FinancialYear,
        Self::FinancialMonth,
    ];

    /// Whether `text` has the form of the kind. Does not allocate.
    pub fn is_sound(self, text: &[u8]) -> bool {
        let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        match self {
            Self::Text => clean::is_clean(text),
            Self::Digits => digits(text),
            Self::WholeNumber => digits(text.strip_prefix(b"-").unwrap_or(text)),
            Self::Number | Self::Money => decimal::is_form(text),
            Self::Date => dates::date(text).is_some(),
            Self::DateTime => dates::date_time(text).is_some(),
            Self::FinancialYear => FinancialYear::parse(text).is_some(),
            Self::FinancialMonth => FinancialMonth::parse(text).is_some(),
        }
    }
}

/// What happened to a value, and what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The value in its form (empty when only blanks and invisible characters were there); `None` when it cannot be told.
    pub text: Option<String>,
    /// What happened to it; never empty.
    pub damages: Damages,
}

impl Repair {
    /// Whether the value is known and has no other damage than what nobody sees or needs: blanks around it, invisible
    /// characters, `.0` behind it.
    pub fn is_cleaning_only(&self) -> bool {
        self.text.is_some()
            && self.damages.iter().all(|damage| {
                matches!(
                    damage,
                    Damage::SurroundingBlanks
                        | Damage::NoBreakSpace
                        | Damage::InvisibleCharacter
                        | Damage::TrailingZeroFraction
                )
            })
    }
}

/// What a particular repair came to.
enum Outcome {
    /// The value in its form.
    Repaired(String),
    /// The damage is known and the value cannot be told.
    Lost,
    /// No damage that is known.
    Unknown,
}

/// What happened to a value that is wanted to be of a kind. `None` for an empty value, one that has its form, and one that
/// is wrong in no way known here.
pub fn repair(text: &[u8], kind: Kind) -> Option<Repair> {
    if text.is_empty() || kind.is_sound(text) || (kind != Kind::Text && text.len() > LONGEST) {
        return None;
    }
    let mut damages = Damages::default();
    let cleaned = clean::cleaned(text, &mut damages)?;
    if kind == Kind::Text || cleaned.is_empty() {
        let text = Some(cleaned.into_owned());
        return (!damages.is_empty()).then_some(Repair { text, damages });
    }
    let cleaned = clean::unguarded(&cleaned, &mut damages);
    if let Some(damage) = no_value(cleaned, kind) {
        damages.insert(damage);
        return Some(Repair {
            text: None,
            damages,
        });
    }
    let outcome = if kind.is_sound(cleaned.as_bytes()) {
        Outcome::Repaired(cleaned.to_owned())
    } else {
        match kind {
            Kind::Text => Outcome::Unknown,
            Kind::Digits | Kind::WholeNumber | Kind::Number | Kind::Money => {
                number::number(cleaned, kind, &mut damages)
            }
            Kind::Date | Kind::DateTime => date::date(cleaned, kind, &mut damages),
            Kind::FinancialYear => period::year(cleaned, &mut damages),
            Kind::FinancialMonth => period::month(cleaned, &mut damages),
        }
    };
    let text = match outcome {
        Outcome::Repaired(text) if kind.is_sound(text.as_bytes()) => Some(text),
        Outcome::Lost => None,
        Outcome::Repaired(_) | Outcome::Unknown => return None,
    };
    (!damages.is_empty()).then_some(Repair { text, damages })
}

/// A word for nothing, or a spreadsheet's error, that stands where a value belongs, whatever it is wanted to be; `None` for
/// anything else.
pub fn nothing(text: &[u8]) -> Option<Repair> {
    if text.len() > LONGEST {
        return None;
    }
    let mut damages = Damages::default();
    let cleaned = clean::cleaned(text, &mut damages)?;
    let damage = no_value(clean::unguarded(&cleaned, &mut damages), Kind::Digits)?;
    damages.insert(damage);
    Some(Repair {
        text: None,
        damages,
    })
}

/// A word or an error that stands where a value belongs.
fn no_value(text: &str, kind: Kind) -> Option<Damage> {
    const WORDS: [&str; 18] = [
        "TBC",
        "TBA",
        "TBD",
        "N/A",
        "NA",
        "N\\A",
        "NULL",
        "(NULL)",
        "NONE",
        "NAN",
        "NIL",
        "NOT KNOWN",
        "UNKNOWN",
        "NOT APPLICABLE",
        "PENDING",
        "?",
        "--",
        "NAT",
    ];
    if text.starts_with('#') {
        let error = [
            "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!",
        ];
        let known = error.contains(&text) || text.bytes().all(|byte| byte == b'#');
        return known.then_some(Damage::SpreadsheetError);
    }
    let amount = matches!(kind, Kind::Money | Kind::Number);
    let word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || text == "-" && !amount;
    word.then_some(Damage::PlaceholderWord)
}

#[cfg(test)]
mod tests;
