//! What a conversion could not carry.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::pseudonym::inside::without_numbers;

/// Why something was not carried as it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossReason {
    /// The target has no place for it.
    NoPlace,
    /// A code has no equivalent in the target's code list.
    NoEquivalentCode,
    /// The value has not the form of its element, so that it has no type; it is left empty.
    NotOfItsForm,
    /// The element was there and empty, which a typed column cannot tell from an element that was not there.
    Empty,
    /// A date had a time zone, which a date does not keep.
    Zone,
    /// Digits or a fraction beyond what the target keeps.
    Precision,
    /// The record was rejected and left out.
    Rejected,
    /// The record lacks what the target must have.
    Incomplete,
    /// Several values stood where the target holds one.
    Several,
    /// A draft lacks what the target must have.
    Missing,
    /// The target has it, and it cannot be worked out of what is there.
    NotDerived,
    /// It says that something was not done, does not hold or was a mistake, which the target cannot say; it is left out.
    Negated,
    /// A record that came later replaces the record or takes it out, or it takes another out.
    Replaced,
    /// The record has another number than it came with, because records before it are left out.
    Renumbered,
    /// It held what identifies somebody, and a pseudonym stands in its place.
    Identifying,
}

impl LossReason {
    /// What it means, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NoPlace => "the target has no place for it",
            Self::NoEquivalentCode => "the code has no equivalent",
            Self::NotOfItsForm => "the value has not its form and was left empty",
            Self::Empty => "it was there and empty",
            Self::Zone => "the time zone of a date was left out",
            Self::Precision => "digits beyond what the target keeps were left out",
            Self::Rejected => "the record was rejected and left out",
            Self::Incomplete => "the record lacks what the target must have",
            Self::Several => "the target holds one value where there were several",
            Self::Missing => "the draft lacks it, and the target must have it",
            Self::NotDerived => "it was left empty: it cannot be worked out of the submission",
            Self::Negated => {
                "it says that it was not done, does not hold or was a mistake, and was left out"
            }
            Self::Replaced => "records were sent again or taken out, and count once or not at all",
            Self::Renumbered => {
                "the record was numbered anew, because records before it were left out"
            }
            Self::Identifying => {
                "it held what identifies somebody, and a pseudonym stands in its place"
            }
        }
    }
}

/// Something that was not carried, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// The element or column, by the name that its standard gives it; or what is lost of a whole record.
    pub element: String,
    /// Why.
    pub reason: LossReason,
    /// What exactly, when the reason leaves it open, such as the code without an equivalent. Never a personal value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How many values, or records.
    pub count: u64,
}

type Key = (Arc<str>, LossReason, Option<Arc<str>>);

/// Losses, counted by element, reason and detail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    counts: BTreeMap<Key, u64>,
}

/// Most different details of one conversion that are told apart.
const MOST_DETAILS: usize = 10_000;

impl Losses {
    /// Counts a loss.
    pub fn add(&mut self, element: &Arc<str>, reason: LossReason, count: u64) {
        self.add_detail(element, reason, None, count);
    }

    /// Counts a loss of something in particular.
    pub fn add_detail(
        &mut self,
        element: &Arc<str>,
        reason: LossReason,
        detail: Option<&str>,
        count: u64,
    ) {
        if count == 0 {
            return;
        }
        let detail = detail.filter(|_| self.counts.len() < MOST_DETAILS);
        let key = (Arc::clone(element), reason, detail.map(Arc::from));
        *self.counts.entry(key).or_default() += count;
    }

    /// Adds other losses.
    pub fn merge(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
    }

    /// Whether everything was carried.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The losses, by element. Of a detail that holds an NHS number, as a wrong code may, the number is hidden.
    pub fn list(&self) -> Vec<Loss> {
        let mut shown: BTreeMap<(&str, LossReason, Option<String>), u64> = BTreeMap::new();
        for ((element, reason, detail), count) in &self.counts {
            let detail = detail.as_deref().map(without_numbers);
            *shown.entry((element, *reason, detail)).or_default() += count;
        }
        let shown = shown.into_iter();
        shown
            .map(|((element, reason, detail), count)| Loss {
                element: element.to_owned(),
                reason,
                detail,
                count,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_number_is_told() {
        let mut losses = Losses::default();
        let element = "ETHNIC CATEGORY".into();
        for code in ["9990000018", "9990000026", "Q"] {
            losses.add_detail(&element, LossReason::NoEquivalentCode, Some(code), 1);
        }
        let list = losses.list();
        let told: Vec<_> = list
            .iter()
            .map(|loss| (loss.detail.as_deref(), loss.count))
            .collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.contains(&(Some("Q"), 1)), "{told:?}");
        assert!(
            told.iter()
                .all(|(detail, _)| !detail.unwrap_or_default().contains("999")),
            "{told:?}"
        );
    }
}
