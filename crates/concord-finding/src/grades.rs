//! Rules graded otherwise than their standard does.

use std::collections::BTreeMap;

use crate::{Effect, Finding, RuleId};

/// What becomes of the findings of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// They have this effect.
    Effect(Effect),
    /// There are none.
    Off,
}

/// Rules that the user's settings grade otherwise than their standard does.
///
/// The verdict on records and submissions follows the grade, so it is applied where effects decide, not where they are
/// shown. Applying it twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grades(BTreeMap<RuleId, Grade>);

impl Grades {
    /// The grade of a rule, when it has one of its own.
    pub fn of(&self, rule: &str) -> Option<Grade> {
        self.0.get(rule).copied()
    }

    /// Whether every rule is graded as its standard does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules and their grades, by rule.
    pub fn iter(&self) -> impl Iterator<Item = (&RuleId, Grade)> {
        self.0.iter().map(|(rule, grade)| (rule, *grade))
    }

    /// Gives a finding the effect that its rule is graded with; whether it is a finding at all.
    #[must_use]
    pub fn apply(&self, finding: &mut Finding) -> bool {
        match self.of(&finding.rule.id) {
            Some(Grade::Off) => return false,
            Some(Grade::Effect(effect)) => finding.effect = effect,
            None => {}
        }
        true
    }
}

impl FromIterator<(RuleId, Grade)> for Grades {
    fn from_iter<I: IntoIterator<Item = (RuleId, Grade)>>(grades: I) -> Self {
        Self(grades.into_iter().collect())
    }
}
