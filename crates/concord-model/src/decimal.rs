//! Decimal numbers and money, exactly: digits and a scale, never a binary fraction.
//!
//! Source: NHS Data Dictionary, formats such as `max n18.max n8` (18 digits before the point, 8 after it). The form is that
//! of XML Schema's `decimal`: an optional sign, digits, at most one point, at least one digit; no exponent, no separators.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Digits after the point that a [`Decimal`] keeps at most.
pub const MAX_SCALE: u8 = 18;

/// A decimal number: `units` of the last digit, which stands `scale` places after the point.
///
/// Numbers are equal when they mean the same (`1.5` and `1.50`); the scale says how the number was written.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    scale: u8,
}

/// Why a text is no [`Decimal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// It has not the form of a decimal number.
    #[error("not a decimal number")]
    Form,
    /// It has more digits than are kept: 38 in all, [`MAX_SCALE`] after the point.
    #[error("a decimal number of more digits than are kept")]
    Digits,
}

/// Whether `text` has the form of a decimal number, however many digits it has.
pub fn is_form(text: &[u8]) -> bool {
    let digits = match text {
        [b'-' | b'+', rest @ ..] => rest,
        _ => text,
    };
    let mut points = digits.split(|&byte| byte == b'.');
    let (whole, fraction) = (points.next().unwrap_or_default(), points.next());
    let all = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    points.next().is_none()
        && all(whole)
        && all(fraction.unwrap_or_default())
        && !(whole.is_empty() && fraction.unwrap_or_default().is_empty())
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// `units` of the last digit, which stands `scale` places after the point; `None` when the scale is above [`MAX_SCALE`].
    pub fn new(units: i128, scale: u8) -> Option<Self> {
        (scale <= MAX_SCALE).then_some(Self { units, scale })
    }

    /// Reads the written form.
    pub fn parse(text: &[u8]) -> Result<Self, DecimalError> {
        if !is_form(text) {
            return Err(DecimalError::Form);
        }
        let (mut units, mut scale, mut point) = (0_i128, 0_u8, false);
        for &byte in text {
            match byte {
                b'0'..=b'9' => {
                    units = units
                        .checked_mul(10)
                        .and_then(|units| units.checked_add(i128::from(byte - b'0')))
                        .ok_or(DecimalError::Digits)?;
                    if point {
                        scale += 1;
                        if scale > MAX_SCALE {
                            return Err(DecimalError::Digits);
                        }
                    }
                }
                b'.' => point = true,
                _ => {}
            }
        }
        if text.first() == Some(&b'-') {
            units = -units;
        }
        Ok(Self { units, scale })
    }

    /// How many of the last digit.
    pub fn units(self) -> i128 {
        self.units
    }

    /// Digits after the point.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The same number with `scale` digits after the point; `None` when it is not the same, or does not fit.
    pub fn rescale(self, scale: u8) -> Option<Self> {
        if scale > MAX_SCALE {
            return None;
        }
        let units = if scale >= self.scale {
            self.units.checked_mul(power(scale - self.scale))?
        } else {
            let power = power(self.scale - scale);
            (self.units % power == 0).then_some(self.units / power)?
        };
        Some(Self { units, scale })
    }

    /// The nearest number with `scale` digits after the point, halves away from zero (as money is rounded).
    #[must_use]
    pub fn rounded(self, scale: u8) -> Self {
        if scale >= self.scale {
            return self;
        }
        let power = power(self.scale - scale);
        let rest = self.units % power;
        let up = i128::from(rest.abs() >= power - rest.abs()) * rest.signum();
        Self {
            units: self.units / power + up,
            scale,
        }
    }

    /// The sum; `None` when it has too many digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let units = self
            .rescale(scale)?
            .units
            .checked_add(other.rescale(scale)?.units)?;
        Some(Self { units, scale })
    }

    /// The difference; `None` when it has too many digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let units = other.units.checked_neg()?;
        self.checked_add(Self { units, ..other })
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The greatest whole number that is not greater, and what is above it in units of [`MAX_SCALE`] digits.
    fn split(self) -> (i128, i128) {
        let one = power(self.scale);
        let above = self.units.rem_euclid(one) * power(MAX_SCALE - self.scale);
        (self.units.div_euclid(one), above)
    }
}

/// A power of ten; the exponent is at most [`MAX_SCALE`].
fn power(exponent: u8) -> i128 {
    10_i128.pow(u32::from(exponent))
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.split() == other.split()
    }
}

impl Eq for Decimal {}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.split().cmp(&other.split())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.split().hash(state);
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = power(self.scale).unsigned_abs();
        let (whole, fraction) = (
            self.units.unsigned_abs() / one,
            self.units.unsigned_abs() % one,
        );
        let sign = if self.units < 0 { "-" } else { "" };
        if self.scale == 0 {
            write!(f, "{sign}{whole}")
        } else {
            let width = usize::from(self.scale);
            write!(f, "{sign}{whole}.{fraction:0width$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Decimal {
        text.parse().expect("a decimal number")
    }

    #[test]
    fn forms() {
        for text in [
            "0",
            "-1.50",
            "+3",
            ".5",
            "5.",
            "007",
            "123456789012345678.12345678",
        ] {
            assert!(
                is_form(text.as_bytes()) && text.parse::<Decimal>().is_ok(),
                "{text}"
            );
        }
        for text in [
            "", ".", "-", "+.", "1e3", "1,000", " 1", "1 ", "--1", "1.2.3", "٣", "0x1", "NaN",
        ] {
            assert!(!is_form(text.as_bytes()), "{text}");
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::Form), "{text}");
        }
        assert_eq!(Decimal::parse(&[b'9'; 60]), Err(DecimalError::Digits));
        assert_eq!(
            "0.1234567890123456789".parse::<Decimal>(),
            Err(DecimalError::Digits)
        );
    }

    #[test]
    fn sums_are_exact() {
        let sum = (0..10).try_fold(Decimal::ZERO, |sum, _| sum.checked_add(of("0.1")));
        assert_eq!(sum, Some(of("1")));
        assert_eq!(of("1.10").checked_sub(of("2")), Some(of("-0.9")));
        let greatest = Decimal::new(i128::MAX, 0).expect("a scale of nothing");
        assert_eq!(greatest.checked_add(of("1")), None);
        assert_eq!(greatest.rescale(1), None);
        assert!(greatest > of("1.5"));
        assert_eq!(Decimal::new(1, 19), None);
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        for (text, expected) in [
            ("1.005", "1.01"),
            ("-1.005", "-1.01"),
            ("1.0049", "1.00"),
            ("2", "2"),
            ("-0.004", "0.00"),
        ] {
            assert_eq!(of(text).rounded(2), of(expected), "{text}");
        }
        assert_eq!(
            of("1.50").rescale(1).map(|number| number.to_string()),
            Some("1.5".to_owned())
        );
        assert_eq!(of("1.55").rescale(1), None);
    }

    proptest! {
        /// As schoolchildren do it: the written digits, filled up to one length, compare and add as texts.
        #[test]
        fn agrees_with_written_arithmetic(a in "[0-9]{1,15}\\.[0-9]{1,8}", b in "[0-9]{1,15}\\.[0-9]{1,8}") {
            let filled = |text: &str| {
                let (whole, fraction) = text.split_once('.').expect("a point");
                format!("{whole:0>16}{fraction:0<8}")
            };
            let (long, other) = (filled(&a), filled(&b));
            prop_assert_eq!(of(&a).cmp(&of(&b)), long.cmp(&other));
            let (mut sum, mut carry) = (Vec::new(), 0);
            for (one, two) in long.bytes().rev().zip(other.bytes().rev()) {
                let column = one - b'0' + two - b'0' + carry;
                sum.push(column % 10 + b'0');
                carry = column / 10;
            }
            sum.insert(8, b'.');
            sum.reverse();
            prop_assert_eq!(Some(Decimal::parse(&sum).expect("digits")), of(&a).checked_add(of(&b)));
        }

        #[test]
        fn is_written_as_it_was_read(text in "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,8})?") {
            prop_assume!(!(text.starts_with('-') && of(&text).is_zero()));
            prop_assert_eq!(of(&text).to_string(), text);
        }

        #[test]
        fn form_agrees_with_the_expression(text in prop_oneof!["[-+.0-9]{0,8}", ".{0,6}"]) {
            let expression = regex::Regex::new("^[-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)$").expect("a regular expression");
            prop_assert_eq!(is_form(text.as_bytes()), expression.is_match(&text));
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Decimal::parse(&bytes);
        }
    }
}
