//! Findings on their way out: counted, their excerpts numbered and limited, handed to who wants them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError, RwLock};

use concord_finding::{Effect, Fact, FileSummary, Finding, RecordCounts, Verdict};

use crate::excerpt::{self, Show};

/// Findings of one rule that carry the lines around them.
const EXCERPTS: usize = 3;

/// Who is given the findings.
pub(crate) type Sink<'s> = dyn FnMut(Finding) -> ControlFlow<()> + Send + 's;

/// Rules whose findings have had all the excerpts that they get. Excerpts of theirs in later chunks would be thrown away, so
/// those who make findings side by side need not make them.
#[derive(Debug, Default)]
pub(crate) struct Sated(RwLock<BTreeSet<Arc<str>>>);

impl Sated {
    /// Whether a rule has had all its excerpts.
    pub(crate) fn has(&self, rule: &str) -> bool {
        let rules = self.0.read().unwrap_or_else(PoisonError::into_inner);
        rules.contains(rule)
    }

    fn add(&self, rule: &Arc<str>) {
        let mut rules = self.0.write().unwrap_or_else(PoisonError::into_inner);
        rules.insert(Arc::clone(rule));
    }
}

/// Which findings of a chunk get an excerpt, and what it shows.
pub(crate) struct Excerpts<'s> {
    sated: &'s Sated,
    /// Whether excerpts show every value.
    reveal: bool,
    /// How many a rule has had, by the rule's address: it stays the rule's, for the findings of a chunk are kept until its end.
    made: BTreeMap<usize, usize>,
}

impl<'s> Excerpts<'s> {
    pub(crate) fn new(sated: &'s Sated, reveal: bool) -> Self {
        Self {
            sated,
            reveal,
            made: BTreeMap::new(),
        }
    }

    /// What the excerpt of the next finding shows; `None` when it gets none.
    pub(crate) fn show(&mut self, finding: &Finding) -> Option<Show> {
        let sated = self.sated;
        let none_or_all = || {
            if sated.has(&finding.rule.id) {
                EXCERPTS
            } else {
                0
            }
        };
        let made = self.made.entry(Arc::as_ptr(&finding.rule).addr());
        let made = made.or_insert_with(none_or_all);
        if *made >= EXCERPTS {
            return None;
        }
        *made += 1;
        Some(match finding.value {
            _ if self.reveal => Show::Everything,
            Some(Fact::Plain(_) | Fact::Number(_)) => Show::Marked,
            _ => Show::Nothing,
        })
    }
}

/// The findings of one input.
pub(crate) struct Delivery<'d> {
    sink: &'d mut Sink<'d>,
    sated: &'d Sated,
    /// How many findings there are of each effect, in the order of [`Effect::ALL`].
    effects: [u64; Effect::ALL.len()],
    gravest: Option<Effect>,
    excerpts: BTreeMap<Arc<str>, usize>,
    /// Whether who is given them wants no more.
    pub(crate) stopped: bool,
}

impl<'d> Delivery<'d> {
    pub(crate) fn new(sink: &'d mut Sink<'d>, sated: &'d Sated) -> Self {
        Self {
            sink,
            sated,
            effects: [0; Effect::ALL.len()],
            gravest: None,
            excerpts: BTreeMap::new(),
            stopped: false,
        }
    }

    /// Counts a finding and hands it on.
    pub(crate) fn deliver(&mut self, mut finding: Finding) {
        let all = Effect::ALL.iter().zip(&mut self.effects);
        for (_, count) in all.filter(|(effect, _)| **effect == finding.effect) {
            *count += 1;
        }
        self.gravest = self.gravest.max(Some(finding.effect));
        if finding.excerpt.is_some() {
            let told = self.excerpts.entry(finding.rule.id.clone()).or_default();
            if *told >= EXCERPTS {
                finding.excerpt = None;
            } else {
                *told += 1;
                if *told == EXCERPTS {
                    self.sated.add(&finding.rule.id);
                }
            }
        }
        if let (Some(excerpt), Some(place)) = (&mut finding.excerpt, finding.place) {
            excerpt::number(excerpt, place.line);
        }
        if !self.stopped && (self.sink)(finding).is_break() {
            self.stopped = true;
        }
    }

    /// The account of an input that holds these findings.
    pub(crate) fn account(
        self,
        file: &str,
        standard: Option<&str>,
        records: RecordCounts,
        read: Read,
    ) -> FileSummary {
        let all_rejected = records.records > 0 && records.accepted == 0;
        let verdict = if read.unreadable.is_some() {
            Verdict::Unreadable
        } else if self.gravest == Some(Effect::RejectFile) || all_rejected {
            Verdict::Rejected
        } else if records.rejected > 0 {
            Verdict::PartlyAccepted
        } else {
            Verdict::Accepted
        };
        let effects = Effect::ALL.iter().zip(self.effects);
        let effects = effects.map(|(effect, count)| (effect.as_str(), count));
        let effects = effects.collect();
        FileSummary {
            file: file.to_owned(),
            standard: standard.map(str::to_owned),
            verdict,
            size: read.size,
            bytes: read.bytes,
            records,
            findings: effects,
            unreadable: read.unreadable,
        }
    }
}

/// What was read of an input.
pub(crate) struct Read {
    /// Its size as stored, when known.
    pub(crate) size: Option<u64>,
    /// Bytes read.
    pub(crate) bytes: u64,
    /// Why it could not be read to its end, if so.
    pub(crate) unreadable: Option<String>,
}

/// No finding of any effect.
pub(crate) fn no_findings() -> BTreeMap<&'static str, u64> {
    Effect::ALL
        .iter()
        .map(|effect| (effect.as_str(), 0))
        .collect()
}
