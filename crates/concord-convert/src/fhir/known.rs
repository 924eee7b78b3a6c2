//! What a check found of the resources of a file, before they are converted.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Finding};

use crate::converting::OnReject;
use crate::rejects::Reject;

/// That something was found of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// The resource, as a check counts it.
    pub(super) record: u64,
    /// The gravest effect.
    pub(super) effect: Effect,
}

/// What a check found of the resources of a file, by their numbers as it counts them: each line, each entry of a document that
/// is a bundle, else the document.
#[derive(Debug, Default)]
pub struct KnownRecords {
    on_reject: OnReject,
    /// The gravest effect on each resource of which anything was found, and the rules that reject it, each once.
    found: BTreeMap<u64, (Effect, Vec<Arc<str>>)>,
}

impl KnownRecords {
    /// Nothing is known yet; this is to become of those that are rejected.
    pub fn new(on_reject: OnReject) -> Self {
        Self {
            on_reject,
            found: BTreeMap::new(),
        }
    }

    /// Takes a finding. One that is about no resource says nothing here.
    pub fn take(&mut self, finding: &Finding) {
        let Some(record) = finding.record else {
            return;
        };
        let (effect, rules) = self
            .found
            .entry(record)
            .or_insert_with(|| (finding.effect, Vec::new()));
        *effect = (*effect).max(finding.effect);
        if finding.effect.rejects_record() && !rules.contains(&finding.rule.id) {
            rules.push(Arc::clone(&finding.rule.id));
        }
    }

    /// What is told of a resource, if anything was found of it.
    pub(super) fn told(&self, record: u64) -> Option<Told> {
        let (effect, _) = self.found.get(&record)?;
        Some(Told {
            record,
            effect: *effect,
        })
    }

    /// Whether a resource is left out because it is rejected.
    pub(super) fn leaves_out(&self, record: u64) -> bool {
        let told = self.told(record);
        self.on_reject.leaves_out() && told.is_some_and(|told| told.effect.rejects_record())
    }

    /// A rejected resource, where these are split off.
    pub(super) fn reject(&self, record: u64, raw: impl FnOnce() -> String) -> Option<Reject> {
        let (effect, rules) = self.found.get(&record)?;
        (self.on_reject == OnReject::Split).then(|| Reject {
            record,
            effect: *effect,
            rules: rules.clone(),
            raw: Some(raw()),
        })
    }
}
