//! What happens to values on their way through spreadsheets and exports.

use std::fmt;

/// A kind of damage, the general before the particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Damage {
    /// Blanks, tabs or line ends around the value.
    SurroundingBlanks,
    /// A no-break space (U+00A0 and kin), which looks like a blank.
    NoBreakSpace,
    /// A character that shows nothing: byte order mark, zero-width space or joiner, soft hyphen.
    InvisibleCharacter,
    /// What keeps a spreadsheet from changing the value: `="00123"`, `'00123`, or quotation marks.
    TextGuard,
    /// Digits of another script, such as Arabic-Indic or full-width ones.
    ForeignDigits,
    /// A dash or minus sign of typography for a hyphen.
    TypographicMinus,
    /// `.0` or `.00` behind a whole number.
    TrailingZeroFraction,
    /// Digits in groups, such as `943 476 5919`.
    DigitGroups,
    /// Commas or blanks between thousands.
    ThousandsSeparators,
    /// The sign or code of the pound.
    CurrencySign,
    /// The sign or code of another currency: what the amount is in pounds nobody knows.
    ForeignCurrency,
    /// A negative amount in brackets: `(1.23)`.
    AccountingNegative,
    /// A minus sign behind the number: `1.23-`.
    TrailingMinus,
    /// A dash for nothing, as the accounting format of spreadsheets shows it.
    AccountingDash,
    /// A number in scientific notation, with all its digits.
    ScientificNotation,
    /// A long number in scientific notation, its last digits lost: `9.43477E+09`.
    DigitsLost,
    /// A date with other separators, or none: `20250401`, `2025/04/01`.
    DateSeparators,
    /// A time behind a date.
    TimeBehindDate,
    /// A time written otherwise: a blank for the `T`, no seconds, a fraction of a second, morning and afternoon.
    TimeSpelling,
    /// A date that begins with the day: `23/04/2025`.
    DayFirstDate,
    /// A date that begins with the month, as in the United States: `4/23/2025 12:00:00 AM`.
    AmericanDate,
    /// The name of a month in a date: `1-Apr-2025`.
    NamedMonth,
    /// A date of which day and month, or the century, cannot be told.
    AmbiguousDate,
    /// A date as a spreadsheet counts it, in days since 1900: `45748`.
    SpreadsheetDate,
    /// A financial year written otherwise: `2025/26`, `2025-26`, `2025-2026`.
    FinancialYearSpelling,
    /// A financial month written otherwise: `M1`, `Month 1`, `April`.
    FinancialMonthSpelling,
    /// A month with a year that is not the row's financial year.
    OtherFinancialYear,
    /// A word that says there is no value yet, or none: `TBC`, `N/A`.
    PlaceholderWord,
    /// A spreadsheet's error, or a column too narrow to show the value: `#REF!`, `#####`.
    SpreadsheetError,
}

impl Damage {
    /// Every kind, in order.
    pub const ALL: [Self; 29] = [
        Self::SurroundingBlanks,
        Self::NoBreakSpace,
        Self::InvisibleCharacter,
        Self::TextGuard,
        Self::ForeignDigits,
        Self::TypographicMinus,
        Self::TrailingZeroFraction,
        Self::DigitGroups,
        Self::ThousandsSeparators,
        Self::CurrencySign,
        Self::ForeignCurrency,
        Self::AccountingNegative,
        Self::TrailingMinus,
        Self::AccountingDash,
        Self::ScientificNotation,
        Self::DigitsLost,
        Self::DateSeparators,
        Self::TimeBehindDate,
        Self::TimeSpelling,
        Self::DayFirstDate,
        Self::AmericanDate,
        Self::NamedMonth,
        Self::AmbiguousDate,
        Self::SpreadsheetDate,
        Self::FinancialYearSpelling,
        Self::FinancialMonthSpelling,
        Self::OtherFinancialYear,
        Self::PlaceholderWord,
        Self::SpreadsheetError,
    ];

    /// In plain words, to stand after "the value has" or "the value is": what was done to it. Never any of the value.
    pub fn description(self) -> &'static str {
        match self {
            Self::SurroundingBlanks => "blanks around it",
            Self::NoBreakSpace => "a no-break space, which looks like a blank",
            Self::InvisibleCharacter => {
                "an invisible character (a byte order mark, a zero-width space or the like)"
            }
            Self::TextGuard => {
                "quotation marks or =\"…\" around it, which a spreadsheet adds to keep a text"
            }
            Self::ForeignDigits => "digits of another script in place of 0 to 9",
            Self::TypographicMinus => "a typographic dash in place of a minus sign",
            Self::TrailingZeroFraction => ".0 behind a whole number",
            Self::DigitGroups => "digits set apart in groups",
            Self::ThousandsSeparators => "separators between the thousands",
            Self::CurrencySign => "a currency sign",
            Self::ForeignCurrency => "the sign of a currency other than the pound",
            Self::AccountingNegative => "a negative number in brackets, as accounts write it",
            Self::TrailingMinus => "the minus sign behind the number",
            Self::AccountingDash => {
                "a dash for nothing, as a spreadsheet's accounting format shows it"
            }
            Self::ScientificNotation => "a number in scientific notation",
            Self::DigitsLost => {
                "a number that a spreadsheet wrote in scientific notation, its last digits lost: take it again from the source"
            }
            Self::DateSeparators => "a date with other separators than hyphens, or none",
            Self::TimeBehindDate => "a time behind the date",
            Self::TimeSpelling => "a time that is not written hh:mm:ss after a T",
            Self::DayFirstDate => "a date that begins with the day",
            Self::AmericanDate => "a date as in the United States, the month first",
            Self::NamedMonth => "a date with the name of the month",
            Self::AmbiguousDate => {
                "a date of which day and month, or the century, cannot be told: take it again from the source"
            }
            Self::SpreadsheetDate => "a date as a spreadsheet counts it, in days since 1900",
            Self::FinancialYearSpelling => "a financial year in another spelling",
            Self::FinancialMonthSpelling => "a financial month in another spelling",
            Self::OtherFinancialYear => "the month of another year than the row's financial year",
            Self::PlaceholderWord => {
                "a word where a value belongs: give the value, or leave the cell empty if it may be"
            }
            Self::SpreadsheetError => {
                "a spreadsheet's error in place of the value: correct it in the spreadsheet"
            }
        }
    }

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description())
    }
}

/// A set of kinds of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Damages(u32);

impl Damages {
    /// Adds a kind.
    pub fn insert(&mut self, damage: Damage) {
        self.0 |= damage.bit();
    }

    /// Whether the kind is one of them.
    pub fn contains(self, damage: Damage) -> bool {
        self.0 & damage.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in order.
    pub fn iter(self) -> impl Iterator<Item = Damage> {
        Damage::ALL
            .into_iter()
            .filter(move |&damage| self.contains(damage))
    }

    /// The most particular kind, the one to tell people when only one is told.
    pub fn main(self) -> Option<Damage> {
        self.iter().last()
    }
}

impl fmt::Display for Damages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, damage) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{damage}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_one_and_has_its_own_words() {
        assert!(Damage::ALL.is_sorted());
        for (index, damage) in Damage::ALL.into_iter().enumerate() {
            assert_eq!(damage as usize, index);
            let same = |other: &Damage| other.description() == damage.description();
            assert_eq!(Damage::ALL.iter().filter(|other| same(other)).count(), 1);
        }
        let mut all = Damages::default();
        assert!(all.is_empty() && all.main().is_none());
        for damage in Damage::ALL {
            all.insert(damage);
        }
        assert!(all.iter().eq(Damage::ALL));
        assert_eq!(all.main(), Some(Damage::SpreadsheetError));
    }
}
