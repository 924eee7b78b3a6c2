//! What the receiver will do about a broken rule.

use serde::{Deserialize, Serialize};

/// What the receiver will do about a finding, from the mildest to the gravest.
///
/// The order is the order of gravity, so `effect >= Effect::RejectGroup` asks "is anything rejected?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing: worth knowing.
    Note,
    /// The data is taken, with a warning.
    Warn,
    /// The group (a repeating part of the record) is dropped and the rest of the record is taken.
    RejectGroup,
    /// The record (a CDS message, a row) is not taken.
    RejectRecord,
    /// The whole submission is not taken.
    RejectFile,
}

/// A text that names no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an effect: expected reject-file, reject-record, reject-group, warn or note")]
pub struct ParseEffectError(String);

impl Effect {
    /// Every effect, from the gravest to the mildest.
    pub const ALL: [Self; 5] = [
        Self::RejectFile,
        Self::RejectRecord,
        Self::RejectGroup,
        Self::Warn,
        Self::Note,
    ];

    /// The word used in definitions, reports and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::RejectGroup => "reject-group",
            Self::RejectRecord => "reject-record",
            Self::RejectFile => "reject-file",
        }
    }

    /// Whether the receiver refuses something.
    pub fn is_reject(self) -> bool {
        self >= Self::RejectGroup
    }

    /// Whether the record that holds the finding is not taken.
    pub fn rejects_record(self) -> bool {
        self >= Self::RejectRecord
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Effect {
    type Err = ParseEffectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|effect| effect.as_str() == text)
            .ok_or_else(|| ParseEffectError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for effect in Effect::ALL {
            assert_eq!(effect.as_str().parse(), Ok(effect));
        }
        assert!("reject".parse::<Effect>().is_err());
    }

    #[test]
    fn order_is_gravity() {
        assert!(Effect::RejectFile > Effect::RejectRecord);
        assert!(!Effect::Warn.is_reject());
        assert!(Effect::RejectGroup.is_reject() && !Effect::RejectGroup.rejects_record());
    }
}
