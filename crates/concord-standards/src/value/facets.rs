//! The facets of all restriction steps of a type, taken together.

use std::cmp::Ordering;
use std::sync::Arc;

use super::fault::ValueFault;
use super::parsed::Parsed;
use super::pattern::Pattern;

/// A bound facet: which side, and whether the bound itself is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BoundKind {
    MinInclusive,
    MinExclusive,
    MaxInclusive,
    MaxExclusive,
}

impl BoundKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::MinInclusive => "minInclusive",
            Self::MinExclusive => "minExclusive",
            Self::MaxInclusive => "maxInclusive",
            Self::MaxExclusive => "maxExclusive",
        }
    }

    pub(super) fn is_lower(self) -> bool {
        matches!(self, Self::MinInclusive | Self::MinExclusive)
    }

    pub(super) fn is_exclusive(self) -> bool {
        matches!(self, Self::MinExclusive | Self::MaxExclusive)
    }
}

/// A bound of an ordered type.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) kind: BoundKind,
    pub(super) literal: Arc<str>,
    pub(super) value: Parsed<'static>,
}

impl Bound {
    /// Whether the value is on the right side. A value that is not comparable with the bound is not.
    pub(super) fn admits(&self, value: &Parsed<'_>) -> bool {
        let order = value.compare(&self.value);
        match self.kind {
            BoundKind::MinInclusive => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            BoundKind::MinExclusive => order == Some(Ordering::Greater),
            BoundKind::MaxInclusive => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            BoundKind::MaxExclusive => order == Some(Ordering::Less),
        }
    }

    fn fault(&self) -> ValueFault {
        let literal = Arc::clone(&self.literal);
        match self.kind {
            BoundKind::MinInclusive | BoundKind::MinExclusive => ValueFault::BelowMinimum {
                minimum: literal,
                exclusive: self.kind.is_exclusive(),
            },
            BoundKind::MaxInclusive | BoundKind::MaxExclusive => ValueFault::AboveMaximum {
                maximum: literal,
                exclusive: self.kind.is_exclusive(),
            },
        }
    }
}

/// Permitted values, in a form that fits the type.
#[derive(Debug, Clone)]
pub(super) enum Enumeration {
    /// Values of string types, sorted.
    Texts(Vec<Box<str>>),
    /// Values of other types.
    Values(Vec<Parsed<'static>>),
}

/// The facets of a type.
#[derive(Debug, Clone, Default)]
pub(super) struct CompiledFacets {
    pub(super) length: Option<u64>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) total_digits: Option<u32>,
    pub(super) fraction_digits: Option<u32>,
    pub(super) bounds: Vec<Bound>,
    /// Those of the last step that has any: it is a subset of the others.
    pub(super) enumeration: Option<Enumeration>,
    /// By restriction step: one pattern of each step must match.
    pub(super) patterns: Vec<(usize, Pattern)>,
}

impl CompiledFacets {
    /// Whether a length has to be counted.
    pub(super) fn needs_length(&self) -> bool {
        self.length.is_some() || self.min_length.is_some() || self.max_length.is_some()
    }

    pub(super) fn check_length(&self, actual: u64) -> Result<(), ValueFault> {
        if let Some(expected) = self.length
            && actual != expected
        {
            return Err(ValueFault::Length { expected, actual });
        }
        if let Some(minimum) = self.min_length
            && actual < minimum
        {
            return Err(ValueFault::TooShort { minimum, actual });
        }
        if let Some(maximum) = self.max_length
            && actual > maximum
        {
            return Err(ValueFault::TooLong { maximum, actual });
        }
        Ok(())
    }

    pub(super) fn check_patterns(&self, text: &str) -> Result<(), ValueFault> {
        for (step, pattern) in &self.patterns {
            if !pattern.matches(text) {
                return Err(ValueFault::Pattern { step: *step });
            }
        }
        Ok(())
    }

    pub(super) fn check_digits(&self, value: &Parsed<'_>) -> Result<(), ValueFault> {
        let Parsed::Decimal(number) = value else {
            return Ok(());
        };
        if let Some(maximum) = self.fraction_digits
            && number.fraction_digits() > u64::from(maximum)
        {
            let actual = number.fraction_digits();
            return Err(ValueFault::FractionDigits { maximum, actual });
        }
        if let Some(maximum) = self.total_digits
            && number.total_digits() > u64::from(maximum)
        {
            let actual = number.total_digits();
            return Err(ValueFault::TotalDigits { maximum, actual });
        }
        Ok(())
    }

    pub(super) fn check_bounds(&self, value: &Parsed<'_>) -> Result<(), ValueFault> {
        match self.bounds.iter().find(|bound| !bound.admits(value)) {
            Some(bound) => Err(bound.fault()),
            None => Ok(()),
        }
    }

    pub(super) fn check_enumeration(&self, value: &Parsed<'_>) -> Result<(), ValueFault> {
        let permitted = match (&self.enumeration, value) {
            (None, _) => true,
            (Some(Enumeration::Texts(texts)), Parsed::Text(_, text)) => contains_text(texts, text),
            (Some(Enumeration::Texts(_)), _) => false,
            (Some(Enumeration::Values(values)), value) => {
                values.iter().any(|permitted| permitted.equals(value))
            }
        };
        if permitted {
            Ok(())
        } else {
            Err(ValueFault::Enumeration)
        }
    }
}

fn contains_text(sorted: &[Box<str>], text: &str) -> bool {
    sorted
        .binary_search_by(|permitted| (**permitted).cmp(text))
        .is_ok()
}
