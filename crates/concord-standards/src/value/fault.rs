//! What is wrong with a value.

use std::fmt;
use std::sync::Arc;

use crate::schema::Builtin;

/// The first thing that is wrong with a value. It holds limits from the definition, never the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueFault {
    /// Not in the lexical space of the built-in type (`2023-02-30` as a date), or outside its own bounds (300 as a byte).
    NotOfType {
        /// The built-in type.
        builtin: Builtin,
    },
    /// None of the patterns of one restriction step matches.
    Pattern {
        /// Index of the step in [`SimpleType::steps`](crate::schema::SimpleType::steps).
        step: usize,
    },
    /// Not one of the permitted values.
    Enumeration,
    /// Not of the exact length (characters, octets of binary types, items of lists).
    Length {
        /// The length that is asked for.
        expected: u64,
        /// The length that stands there.
        actual: u64,
    },
    /// Shorter than permitted.
    TooShort {
        /// The least length.
        minimum: u64,
        /// The length that stands there.
        actual: u64,
    },
    /// Longer than permitted.
    TooLong {
        /// The greatest length.
        maximum: u64,
        /// The length that stands there.
        actual: u64,
    },
    /// Below the lower bound, or not comparable with it.
    BelowMinimum {
        /// The bound as the definition writes it.
        minimum: Arc<str>,
        /// Whether the bound itself is excluded.
        exclusive: bool,
    },
    /// Above the upper bound, or not comparable with it.
    AboveMaximum {
        /// The bound as the definition writes it.
        maximum: Arc<str>,
        /// Whether the bound itself is excluded.
        exclusive: bool,
    },
    /// More significant digits than permitted.
    TotalDigits {
        /// The most digits.
        maximum: u32,
        /// The digits that stand there.
        actual: u64,
    },
    /// More digits after the point than permitted.
    FractionDigits {
        /// The most digits.
        maximum: u32,
        /// The digits that stand there.
        actual: u64,
    },
    /// A value of none of the members of a union.
    NoUnionMember,
    /// An item of a list is wrong.
    ListItem {
        /// Index of the first wrong item, from 0.
        index: usize,
        /// What is wrong with it.
        fault: Box<ValueFault>,
    },
}

/// In words, without the value.
impl fmt::Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOfType { builtin } => write!(f, "not a value of xs:{}", builtin.name()),
            Self::Pattern { .. } => f.write_str("does not match the pattern"),
            Self::Enumeration => f.write_str("not one of the permitted values"),
            Self::Length { expected, actual } => {
                write!(f, "length {actual}, expected exactly {expected}")
            }
            Self::TooShort { minimum, actual } => {
                write!(f, "length {actual}, expected at least {minimum}")
            }
            Self::TooLong { maximum, actual } => {
                write!(f, "length {actual}, expected at most {maximum}")
            }
            Self::BelowMinimum { minimum, exclusive } => {
                let relation = if *exclusive {
                    "greater than"
                } else {
                    "at least"
                };
                write!(f, "expected {relation} {minimum}")
            }
            Self::AboveMaximum { maximum, exclusive } => {
                let relation = if *exclusive { "less than" } else { "at most" };
                write!(f, "expected {relation} {maximum}")
            }
            Self::TotalDigits { maximum, actual } => {
                write!(f, "{actual} digits, expected at most {maximum}")
            }
            Self::FractionDigits { maximum, actual } => {
                write!(
                    f,
                    "{actual} digits after the point, expected at most {maximum}"
                )
            }
            Self::NoUnionMember => f.write_str("not a value of any member of the union"),
            Self::ListItem { index, fault } => write!(f, "item {}: {fault}", index + 1),
        }
    }
}
