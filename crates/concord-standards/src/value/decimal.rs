//! Decimal numbers of any precision, as digit strings: part 2, sections 3.2.3 and 3.3.13 to 3.3.25.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::schema::Builtin;

/// A decimal number: sign, digits before and after the point without superfluous zeros.
///
/// Two values are equal exactly when their fields are; zero is never negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal<'a> {
    negative: bool,
    /// No leading zero; empty for numbers between -1 and 1.
    whole: Cow<'a, [u8]>,
    /// No trailing zero; empty for whole numbers.
    fraction: Cow<'a, [u8]>,
}

impl<'a> Decimal<'a> {
    /// The number that `text` writes in the lexical space of `xs:decimal`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = split_sign(text.as_bytes());
        let (whole, fraction) = match memchr::memchr(b'.', digits) {
            Some(point) => (&digits[..point], &digits[point + 1..]),
            None => (digits, &[][..]),
        };
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        Some(Self::from_parts(negative, whole, fraction))
    }

    /// The number that `text` writes in the lexical space of `xs:integer`: no point.
    pub(super) fn parse_integer(text: &'a str) -> Option<Self> {
        let (negative, digits) = split_sign(text.as_bytes());
        (!digits.is_empty() && all_digits(digits)).then(|| Self::from_parts(negative, digits, &[]))
    }

    fn from_parts(negative: bool, whole: &'a [u8], fraction: &'a [u8]) -> Self {
        let zeros = whole.iter().take_while(|&&digit| digit == b'0').count();
        let whole = &whole[zeros..];
        let zeros = fraction
            .iter()
            .rev()
            .take_while(|&&digit| digit == b'0')
            .count();
        let fraction = &fraction[..fraction.len() - zeros];
        Self {
            negative: negative && !(whole.is_empty() && fraction.is_empty()),
            whole: Cow::Borrowed(whole),
            fraction: Cow::Borrowed(fraction),
        }
    }

    /// Whether an integer lies within the bounds of the built-in integer type.
    pub(super) fn fits(&self, builtin: Builtin) -> bool {
        let zero = self.whole.is_empty() && self.fraction.is_empty();
        let magnitude = |negative: &[u8], positive: &[u8]| {
            let limit = if self.negative { negative } else { positive };
            compare_whole(&self.whole, limit) != Ordering::Greater
        };
        match builtin {
            Builtin::NonPositiveInteger => self.negative || zero,
            Builtin::NegativeInteger => self.negative,
            Builtin::NonNegativeInteger => !self.negative,
            Builtin::PositiveInteger => !self.negative && !zero,
            Builtin::Long => magnitude(b"9223372036854775808", b"9223372036854775807"),
            Builtin::Int => magnitude(b"2147483648", b"2147483647"),
            Builtin::Short => magnitude(b"32768", b"32767"),
            Builtin::Byte => magnitude(b"128", b"127"),
            Builtin::UnsignedLong => magnitude(b"", b"18446744073709551615"),
            Builtin::UnsignedInt => magnitude(b"", b"4294967295"),
            Builtin::UnsignedShort => magnitude(b"", b"65535"),
            Builtin::UnsignedByte => magnitude(b"", b"255"),
            _ => true,
        }
    }

    /// Digits that `totalDigits` counts: the least `n` such that the number is `i × 10^-k` with `|i| < 10^n` and `k ≤ n`
    /// (part 2, section 4.3.11).
    pub(super) fn total_digits(&self) -> u64 {
        (self.whole.len() + self.fraction.len()) as u64
    }

    /// Digits that `fractionDigits` counts (part 2, section 4.3.12).
    pub(super) fn fraction_digits(&self) -> u64 {
        self.fraction.len() as u64
    }

    /// The same number with digits of its own.
    pub(super) fn into_owned(self) -> Decimal<'static> {
        Decimal {
            negative: self.negative,
            whole: Cow::Owned(self.whole.into_owned()),
            fraction: Cow::Owned(self.fraction.into_owned()),
        }
    }

    /// Which of two numbers is greater.
    pub(super) fn compare(&self, other: &Decimal<'_>) -> Ordering {
        let magnitudes = || {
            compare_whole(&self.whole, &other.whole)
                .then_with(|| self.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitudes(),
            (true, true) => magnitudes().reverse(),
        }
    }
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn all_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

/// Digit strings without leading zeros, as whole numbers.
fn compare_whole(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal<'_> {
        Decimal::parse(text).expect("a decimal number")
    }

    #[test]
    fn lexical_space() {
        for text in ["0", "-0", "+1.", ".5", "-.50", "00012.3400"] {
            assert!(Decimal::parse(text).is_some(), "{text}");
        }
        for text in [
            "", ".", "+", "-.", "1e3", "1,5", " 1", "1.2.3", "--1", "٣", "INF",
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
        assert!(Decimal::parse_integer("1.").is_none() && Decimal::parse_integer("-01").is_some());
    }

    #[test]
    fn order_is_by_value() {
        let ascending = [
            "-10", "-9.5", "-0.11", "-0.1", "0", "0.09", "0.1", "0.11", "1", "9.99", "10",
        ];
        for (left_index, left) in ascending.iter().enumerate() {
            for (right_index, right) in ascending.iter().enumerate() {
                let expected = left_index.cmp(&right_index);
                assert_eq!(
                    decimal(left).compare(&decimal(right)),
                    expected,
                    "{left} {right}"
                );
            }
        }
        assert_eq!(decimal("-0.0"), decimal("0"));
        assert_eq!(decimal("+001.50"), decimal("1.5"));
    }

    #[test]
    fn digits_count_by_value() {
        assert_eq!(
            (
                decimal("0.00").total_digits(),
                decimal("0.00").fraction_digits()
            ),
            (0, 0)
        );
        assert_eq!(
            (
                decimal("0.001").total_digits(),
                decimal("0.001").fraction_digits()
            ),
            (3, 3)
        );
        assert_eq!(
            (
                decimal("-0120.50").total_digits(),
                decimal("-0120.50").fraction_digits()
            ),
            (4, 1)
        );
    }

    #[test]
    fn integer_bounds() {
        let fits = |text: &str, builtin| decimal(text).fits(builtin);
        assert!(fits("-128", Builtin::Byte) && !fits("-129", Builtin::Byte));
        assert!(fits("127", Builtin::Byte) && !fits("128", Builtin::Byte));
        assert!(fits("-0", Builtin::UnsignedByte) && !fits("-1", Builtin::UnsignedByte));
        assert!(fits("18446744073709551615", Builtin::UnsignedLong));
        assert!(!fits("18446744073709551616", Builtin::UnsignedLong));
        assert!(!fits("0", Builtin::PositiveInteger) && fits("0", Builtin::NonPositiveInteger));
        assert!(!fits("0", Builtin::NegativeInteger) && fits("-7", Builtin::NegativeInteger));
    }
}
