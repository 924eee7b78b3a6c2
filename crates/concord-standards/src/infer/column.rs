//! What is known of the values of one column, value by value.

use concord_model::identifiers::{nhs_number, ods, postcode};
use concord_model::repair::Kind;
use concord_model::{dates, lexical};

use super::distinct::Distinct;

/// Forms that values can have. A column has a form as long as every value has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits alone.
    Digits,
    /// Digits, with or without a minus sign.
    Whole,
    /// Digits, a point and digits if need be, with or without a minus sign.
    Decimal,
    /// `CCYY-MM-DD`.
    Date,
    /// `CCYY-MM-DDThh:mm:ss`.
    DateTime,
    /// `hh:mm:ss`.
    Time,
    /// `CCYYMMDD`, of the years 1850 to 2149.
    CompactDate,
    /// `HHMMSS`.
    CompactTime,
    /// No blank and no line end stands in it.
    Word,
}

impl Form {
    const ALL: [Self; 9] = [
        Self::Digits,
        Self::Whole,
        Self::Decimal,
        Self::Date,
        Self::DateTime,
        Self::Time,
        Self::CompactDate,
        Self::CompactTime,
        Self::Word,
    ];

    fn is_of(self, text: &str, number: Option<Number>) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Digits => number.is_some_and(|number| !number.negative && number.is_whole()),
            Self::Whole => number.is_some_and(Number::is_whole),
            Self::Decimal => number.is_some(),
            Self::Date => dates::date(bytes).is_some(),
            Self::DateTime => dates::date_time(bytes).is_some(),
            Self::Time => dates::time(bytes).is_some(),
            Self::CompactDate => {
                bytes.len() == 8
                    && ("1850".."2150").contains(&text.get(..4).unwrap_or_default())
                    && lexical::spread_date(bytes).is_some()
            }
            Self::CompactTime => bytes.len() == 6 && lexical::spread_time(bytes).is_some(),
            Self::Word => !text.chars().any(char::is_whitespace),
        }
    }
}

/// A text of digits, taken apart.
#[derive(Debug, Clone, Copy)]
struct Number {
    negative: bool,
    /// Digits before the point.
    whole: u32,
    /// Digits behind it; `None` without a point.
    fraction: Option<u32>,
    leading_zero: bool,
}

impl Number {
    fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (all(whole) && fraction.is_none_or(all)).then(|| Self {
            negative: digits.len() < text.len(),
            whole: whole.len() as u32,
            fraction: fraction.map(|fraction| fraction.len() as u32),
            leading_zero: whole.len() > 1 && whole.starts_with('0'),
        })
    }

    fn is_whole(self) -> bool {
        self.fraction.is_none()
    }
}

/// How many values look like an identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Identifiers {
    /// Ten digits of which the last is the check digit, placeholders left out.
    pub(super) nhs_number: u64,
    /// Another text with an NHS number inside.
    pub(super) holds_nhs_number: u64,
    /// Postcodes of areas that exist, however they are spaced.
    pub(super) postcode: u64,
    /// Codes of the Organisation Data Service, by their form.
    pub(super) organisation: u64,
    /// Addresses of electronic mail.
    pub(super) mail: u64,
}

/// What is known of the values of one column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Values that are not empty.
    pub(super) filled: u64,
    /// Values that are empty, or blanks alone.
    pub(super) empty: u64,
    /// Values with blanks around them, or with characters that nobody sees.
    pub(super) unclean: u64,
    /// Characters of the shortest and the longest value.
    pub(super) shortest: u64,
    pub(super) longest: u64,
    /// Most digits before the point, and behind it.
    pub(super) whole: u32,
    pub(super) fraction: u32,
    /// Whether a number begins with a zero that says nothing, or is below zero.
    pub(super) leading_zero: bool,
    pub(super) negative: bool,
    /// Whether no value sorts before the year 1900, as days do.
    pub(super) since_1900: bool,
    pub(super) identifiers: Identifiers,
    pub(super) distinct: Distinct,
    /// The forms that every value so far has, by their numbers.
    forms: u16,
}

impl Default for Column {
    fn default() -> Self {
        Self {
            filled: 0,
            empty: 0,
            unclean: 0,
            shortest: u64::MAX,
            longest: 0,
            whole: 0,
            fraction: 0,
            leading_zero: false,
            negative: false,
            since_1900: true,
            identifiers: Identifiers::default(),
            distinct: Distinct::default(),
            forms: u16::MAX,
        }
    }
}

impl Column {
    /// Takes note of a value.
    pub(super) fn add(&mut self, text: &str) {
        if text.trim().is_empty() {
            self.empty += 1;
            self.unclean += u64::from(!text.is_empty());
            return;
        }
        self.filled += 1;
        self.unclean += u64::from(!Kind::Text.is_sound(text.as_bytes()));
        let length = text.chars().count() as u64;
        self.shortest = self.shortest.min(length);
        self.longest = self.longest.max(length);
        self.since_1900 &= text >= "1900";
        let number = Number::of(text);
        if let Some(number) = number {
            self.whole = self.whole.max(number.whole);
            self.fraction = self.fraction.max(number.fraction.unwrap_or(0));
            self.leading_zero |= number.leading_zero;
            self.negative |= number.negative;
        }
        for form in Form::ALL {
            if self.has(form) && !form.is_of(text, number) {
                self.forms &= !(1 << form as u16);
            }
        }
        self.identify(text.trim());
        self.distinct.add(text);
    }

    fn identify(&mut self, text: &str) {
        let found = &mut self.identifiers;
        match nhs_number::classify(text) {
            nhs_number::Class::Number(_) => found.nhs_number += 1,
            nhs_number::Class::Malformed if nhs_number::contained_in(text).is_some() => {
                found.holds_nhs_number += 1;
            }
            _ => {}
        }
        let place = postcode::parse(text);
        found.postcode +=
            u64::from(place.is_some_and(|place| {
                place.kind == postcode::Kind::Pseudo || place.has_known_area()
            }));
        let organisation = ods::is_organisation_code_shape(text)
            || ods::is_site_code_shape(text)
            || ods::is_practice_code_shape(text);
        found.organisation += u64::from(organisation);
        found.mail += u64::from(is_mail(text));
    }

    /// Whether there are values and all of them have a form.
    pub(super) fn is(&self, form: Form) -> bool {
        self.filled > 0 && self.has(form)
    }

    fn has(&self, form: Form) -> bool {
        self.forms & (1 << form as u16) != 0
    }

    /// Whether at least `share` percent of the values are counted by `found`.
    pub(super) fn mostly(&self, found: u64, share: u64) -> bool {
        found > 0 && found * 100 >= self.filled * share
    }
}

/// `a@b.c`
fn is_mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[&str]) -> Column {
        let mut column = Column::default();
        for value in values {
            column.add(value);
        }
        column
    }

    #[test]
    fn a_form_is_that_of_every_value() {
        for (values, form, is) in [
            (&["1", "22"][..], Form::Digits, true),
            (&["1", "-22"], Form::Digits, false),
            (&["1", "-22"], Form::Whole, true),
            (&["1", "-22.50"], Form::Decimal, true),
            (&["1", ".5"], Form::Decimal, false),
            (&["1", "5."], Form::Decimal, false),
            (&["2025-02-28"], Form::Date, true),
            (&["2025-02-28", "2025-02-29"], Form::Date, false),
            (&["2025-02-28T23:59:59"], Form::DateTime, true),
            (&["23:59:59"], Form::Time, true),
            (&["20250228"], Form::CompactDate, true),
            (&["12340228"], Form::CompactDate, false),
            (&["a b"], Form::Word, false),
            (&["ab", "", " "], Form::Word, true),
            (&["", ""], Form::Word, false),
        ] {
            assert_eq!(column(values).is(form), is, "{values:?} {form:?}");
        }
    }

    #[test]
    fn values_are_measured() {
        let found = column(&["007", "-12.5", "", " ", "é"]);
        assert_eq!((found.filled, found.empty, found.unclean), (3, 2, 1));
        assert_eq!((found.shortest, found.longest), (1, 5));
        assert_eq!((found.whole, found.fraction), (3, 1));
        assert!(found.leading_zero && found.negative);
    }

    #[test]
    fn identifiers_are_counted() {
        let found = column(&["9990000018", "9999999999", "9990000019"]).identifiers;
        assert_eq!(found.nhs_number, 1);
        let found = column(&["seen with 9990000018", "LS14AP", "LS1 4AP", "XX1 4AP"]).identifiers;
        assert_eq!((found.holds_nhs_number, found.postcode), (1, 2));
        let found = column(&["RXX", "RXX01", "A81001", "not a code", "a@b.nhs.uk"]).identifiers;
        assert_eq!((found.organisation, found.mail), (3, 1));
    }
}
