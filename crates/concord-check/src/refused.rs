//! Values that the check of values has refused.

use std::collections::BTreeMap;

use concord_finding::{Effect, RuleClass};

use crate::output::Relative;

/// Values that findings refuse, by where they stand: rules have nothing to add to what was said of them.
#[derive(Debug, Default)]
pub(crate) struct Refused(BTreeMap<u64, Effect>);

impl Refused {
    /// The values of a chunk that its findings refuse.
    pub(crate) fn by(findings: &[Relative]) -> Self {
        let mut refused = BTreeMap::new();
        for Relative { finding, .. } in findings {
            if let Some(place) = finding.place
                && finding.rule.class == RuleClass::Value
                && finding.effect >= Effect::RejectGroup
            {
                let effect = refused.entry(place.offset).or_insert(finding.effect);
                *effect = finding.effect.max(*effect);
            }
        }
        Self(refused)
    }

    /// Whether the value at an offset was refused with consequences no milder than `effect`, those of a rule that it breaks.
    pub(crate) fn covers(&self, offset: u64, effect: Effect) -> bool {
        let refused = self.0.get(&offset);
        refused.is_some_and(|refused| *refused >= effect)
    }
}
