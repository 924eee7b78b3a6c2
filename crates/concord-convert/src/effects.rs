//! The gravest effect that was found on each record of a chunk.

use concord_check::Draft;
use concord_finding::Effect;

/// Effects by record; `None` where nothing was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    by_record: Vec<Option<Effect>>,
}

impl Effects {
    /// The effects of findings on records of a chunk.
    pub(crate) fn of(records: usize, drafts: &[Draft]) -> Self {
        let mut effects = Self {
            by_record: vec![None; records],
        };
        effects.add(drafts);
        effects
    }

    /// Effects that are known.
    pub(crate) fn known(by_record: Vec<Option<Effect>>) -> Self {
        Self { by_record }
    }

    /// Adds the effects of further findings; says whether that changed anything.
    pub(crate) fn add(&mut self, drafts: &[Draft]) -> bool {
        let mut changed = false;
        for draft in drafts {
            let Some(known) = draft
                .record
                .and_then(|record| self.by_record.get_mut(record as usize))
            else {
                continue;
            };
            let effect = draft.finding.effect;
            if known.is_none_or(|known| effect > known) {
                *known = Some(effect);
                changed = true;
            }
        }
        changed
    }

    /// The gravest effect on a record.
    pub(crate) fn of_record(&self, record: u32) -> Option<Effect> {
        self.by_record.get(record as usize).copied().flatten()
    }

    /// Whether a record is rejected.
    pub(crate) fn rejects(&self, record: u32) -> bool {
        self.of_record(record).is_some_and(Effect::rejects_record)
    }

    /// Whether any record is rejected.
    pub(crate) fn rejects_any(&self) -> bool {
        self.by_record
            .iter()
            .flatten()
            .any(|effect| effect.rejects_record())
    }
}
