//! Values, as the text of one atomic type or of a list writes them.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::schema::Builtin;

use super::decimal::Decimal;
use super::duration::Duration;
use super::time_line::Instant;
use super::{binary, lexical, moment};

/// A value. Two values of different primitive types are never equal (part 2, section 4.2.1).
#[derive(Debug, Clone)]
pub(super) enum Parsed<'a> {
    /// The string types, references, names: equal when their characters are. The built-in type is the primitive one.
    Text(Builtin, Cow<'a, str>),
    Boolean(bool),
    Decimal(Decimal<'a>),
    Float(f32),
    Double(f64),
    Duration(Duration),
    /// A date or time; the built-in type says which.
    Instant(Builtin, Instant),
    /// Hexadecimal digits in upper case, or base 64 digits without blanks.
    Octets(Builtin, Cow<'a, str>, u64),
    List(Vec<Parsed<'a>>),
}

impl<'a> Parsed<'a> {
    /// The value of an atomic built-in type that the text, its white space treated, writes.
    ///
    /// Lists (`NMTOKENS`) and unsupported types are none of its business and give `None`.
    pub(super) fn parse(builtin: Builtin, text: &'a str) -> Option<Self> {
        let text_if = |primitive: Builtin, valid: bool| {
            valid.then_some(Self::Text(primitive, Cow::Borrowed(text)))
        };
        match builtin {
            Builtin::AnySimpleType
            | Builtin::String
            | Builtin::NormalizedString
            | Builtin::Token => text_if(Builtin::String, true),
            Builtin::Language => text_if(Builtin::String, lexical::is_language(text)),
            Builtin::Name => text_if(Builtin::String, lexical::is_name(text)),
            Builtin::NcName => text_if(Builtin::String, lexical::is_ncname(text)),
            Builtin::NmToken => text_if(Builtin::String, lexical::is_nmtoken(text)),
            Builtin::AnyUri => text_if(builtin, lexical::is_any_uri(text)),
            Builtin::QName => text_if(builtin, lexical::is_qname(text)),
            Builtin::Boolean => match text {
                "true" | "1" => Some(Self::Boolean(true)),
                "false" | "0" => Some(Self::Boolean(false)),
                _ => None,
            },
            Builtin::Decimal => Decimal::parse(text).map(Self::Decimal),
            Builtin::Float => floating(text).map(Self::Float),
            Builtin::Double => floating(text).map(Self::Double),
            Builtin::Duration => Duration::parse(text).map(Self::Duration),
            Builtin::DateTime
            | Builtin::Time
            | Builtin::Date
            | Builtin::GYearMonth
            | Builtin::GYear
            | Builtin::GMonthDay
            | Builtin::GDay
            | Builtin::GMonth => {
                moment::parse(builtin, text).map(|instant| Self::Instant(builtin, instant))
            }
            Builtin::HexBinary => binary::hex_octets(text).map(|octets| {
                let digits = if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
                    Cow::Owned(text.to_ascii_uppercase())
                } else {
                    Cow::Borrowed(text)
                };
                Self::Octets(builtin, digits, octets)
            }),
            Builtin::Base64Binary => binary::base64_octets(text).map(|octets| {
                let digits = if text.contains(' ') {
                    Cow::Owned(binary::base64_digits(text))
                } else {
                    Cow::Borrowed(text)
                };
                Self::Octets(builtin, digits, octets)
            }),
            Builtin::NmTokens
            | Builtin::Id
            | Builtin::IdRef
            | Builtin::IdRefs
            | Builtin::Entity
            | Builtin::Entities
            | Builtin::Notation => None,
            // Their lexical spaces have no sign, not even in `+1` and `-0` (part 2, sections 3.3.21 to 3.3.24).
            Builtin::UnsignedLong
            | Builtin::UnsignedInt
            | Builtin::UnsignedShort
            | Builtin::UnsignedByte
                if text.starts_with(['+', '-']) =>
            {
                None
            }
            _ => Decimal::parse_integer(text)
                .filter(|number| number.fits(builtin))
                .map(Self::Decimal),
        }
    }

    /// The same value with text of its own.
    pub(super) fn into_owned(self) -> Parsed<'static> {
        match self {
            Self::Text(builtin, text) => Parsed::Text(builtin, Cow::Owned(text.into_owned())),
            Self::Boolean(value) => Parsed::Boolean(value),
            Self::Decimal(value) => Parsed::Decimal(value.into_owned()),
            Self::Float(value) => Parsed::Float(value),
            Self::Double(value) => Parsed::Double(value),
            Self::Duration(value) => Parsed::Duration(value),
            Self::Instant(builtin, value) => Parsed::Instant(builtin, value),
            Self::Octets(builtin, digits, octets) => {
                Parsed::Octets(builtin, Cow::Owned(digits.into_owned()), octets)
            }
            Self::List(items) => Parsed::List(items.into_iter().map(Parsed::into_owned).collect()),
        }
    }

    /// The order relation of the primitive type; `None` when the two are not comparable.
    pub(super) fn compare(&self, other: &Parsed<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Decimal(left), Parsed::Decimal(right)) => Some(left.compare(right)),
            (Self::Float(left), Parsed::Float(right)) => {
                compare_floating(f64::from(*left), f64::from(*right))
            }
            (Self::Double(left), Parsed::Double(right)) => compare_floating(*left, *right),
            (Self::Duration(left), Parsed::Duration(right)) => left.compare(right),
            (Self::Instant(left_type, left), Parsed::Instant(right_type, right))
                if left_type == right_type =>
            {
                left.compare(*right)
            }
            _ => None,
        }
    }

    /// Equality in the value space.
    pub(super) fn equals(&self, other: &Parsed<'_>) -> bool {
        match (self, other) {
            (Self::Text(left_type, left), Parsed::Text(right_type, right))
            | (Self::Octets(left_type, left, _), Parsed::Octets(right_type, right, _)) => {
                left_type == right_type && left == right
            }
            (Self::Boolean(left), Parsed::Boolean(right)) => left == right,
            (Self::List(left), Parsed::List(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .zip(right)
                        .all(|(left, right)| left.equals(right))
            }
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }
}

/// NaN equals itself and is not comparable with anything else (part 2, sections 3.2.4 and 3.2.5).
fn compare_floating(left: f64, right: f64) -> Option<Ordering> {
    if left.is_nan() && right.is_nan() {
        Some(Ordering::Equal)
    } else {
        left.partial_cmp(&right)
    }
}

/// The number that `text` writes in the lexical space of `float` and `double`, rounded by the standard library.
fn floating<T: std::str::FromStr>(text: &str) -> Option<T> {
    let valid = match text {
        "INF" | "-INF" | "NaN" => true,
        _ => {
            let (mantissa, exponent) = match text.split_once(['e', 'E']) {
                Some((mantissa, exponent)) => (mantissa, Some(exponent)),
                None => (text, None),
            };
            Decimal::parse(mantissa).is_some()
                && exponent.is_none_or(|exponent| Decimal::parse_integer(exponent).is_some())
        }
    };
    valid.then(|| text.parse().ok()).flatten()
}
