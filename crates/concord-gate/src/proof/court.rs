//! Asks the checker, and keeps within what may be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Checker, Outcome, Told};
use crate::change::Side;

/// The checker, and how often it may still be asked.
pub(super) struct Court<'c> {
    checker: &'c dyn Checker,
    left: u32,
}

/// What is said of a submission that is to show a change.
pub(super) enum Ruling {
    /// It shows it: what the other side says.
    Refused(Vec<Told>),
    /// The other side takes it as well.
    Taken,
    /// The side that should take it refuses it.
    OwnRefuses(String),
    /// The other side refuses it, but perhaps not for what it shows.
    Unclear(String),
    /// No more may be asked.
    Spent,
}

/// A submission that is to show a change.
pub(super) struct Exhibit<'e> {
    pub(super) taken_by: Side,
    /// As the side sends it that takes it.
    pub(super) own: &'e [u8],
    /// Whether the other side takes what it was made from.
    pub(super) start_taken: bool,
    /// The rule that it is to break, when it is about one.
    pub(super) rule: Option<&'e str>,
    /// As the other side has it, in all but what it shows (`true`) or altogether.
    pub(super) carried: &'e mut dyn FnMut(bool) -> Option<Vec<u8>>,
}

/// The other side.
pub(super) fn other(side: Side) -> Side {
    match side {
        Side::Old => Side::New,
        Side::New => Side::Old,
    }
}

/// How a side is called in reasons.
pub(super) fn name(side: Side) -> &'static str {
    match side {
        Side::Old => "the old side",
        Side::New => "the new side",
    }
}

impl<'c> Court<'c> {
    pub(super) fn new(checker: &'c dyn Checker, checks: u32) -> Self {
        Self {
            checker,
            left: checks,
        }
    }

    /// What a side says of a submission; `None` when no more may be asked.
    pub(super) fn hear(&mut self, side: Side, submission: &[u8]) -> Option<Outcome> {
        self.left = self.left.checked_sub(1)?;
        Some(self.checker.check(side, submission))
    }

    /// What a side says of a submission of many tables; `None` when no more may be asked.
    pub(super) fn hear_files(&mut self, side: Side, files: &[(String, String)]) -> Option<Outcome> {
        self.left = self.left.checked_sub(1)?;
        Some(self.checker.check_files(side, files))
    }

    /// What a side says of a submission that was carried over, in which things stand on other lines.
    fn hear_carried(&mut self, side: Side, submission: &[u8]) -> Option<Outcome> {
        let mut said = self.hear(side, submission)?;
        for told in &mut said.findings {
            told.line = None;
        }
        Some(said)
    }

    /// Whether there is anything left to ask.
    pub(super) fn may_go_on(&self) -> bool {
        self.left > 0 && self.checker.may_go_on()
    }

    /// Whether a submission shows what it is to show.
    pub(super) fn rule(&mut self, exhibit: Exhibit<'_>) -> Ruling {
        self.try_to_rule(exhibit).unwrap_or(Ruling::Spent)
    }

    fn try_to_rule(&mut self, exhibit: Exhibit<'_>) -> Option<Ruling> {
        let Exhibit {
            taken_by,
            own,
            start_taken,
            rule,
            carried,
        } = exhibit;
        let against = other(taken_by);
        let said = self.hear(taken_by, own)?;
        if !said.accepted {
            return Some(Ruling::OwnRefuses(first_of(&said)));
        }
        let said = self.hear(against, own)?;
        if said.accepted {
            return Some(Ruling::Taken);
        }
        let about = |outcome: &Outcome| -> Vec<Told> {
            let is = |told: &Told| rule.is_none_or(|rule| *told.rule == *rule);
            rejecting(outcome)
                .filter(|told| is(told))
                .cloned()
                .collect()
        };
        if start_taken || rule.is_some() {
            let told = about(&said);
            if !told.is_empty() {
                return Some(Ruling::Refused(told));
            }
        }
        if start_taken {
            return Some(Ruling::Unclear(first_of(&said)));
        }
        let Some(kept) = carried(true) else {
            return Some(Ruling::Unclear(first_of(&said)));
        };
        let kept = self.hear_carried(against, &kept)?;
        if kept.accepted {
            return Some(Ruling::Taken);
        }
        if rule.is_some() {
            let told = about(&kept);
            return Some(if told.is_empty() {
                Ruling::Unclear(first_of(&kept))
            } else {
                Ruling::Refused(told)
            });
        }
        let Some(fitted) = carried(false) else {
            return Some(Ruling::Unclear(first_of(&kept)));
        };
        let fitted = self.hear_carried(against, &fitted)?;
        let more = beyond(&kept, &fitted);
        Some(if more.is_empty() {
            Ruling::Unclear(first_of(&kept))
        } else {
            Ruling::Refused(more)
        })
    }
}

/// The findings that reject.
pub(super) fn rejecting(outcome: &Outcome) -> impl Iterator<Item = &Told> {
    outcome
        .findings
        .iter()
        .filter(|told| told.effect.is_reject())
}

/// What is said of one submission and not of another.
fn beyond(said: &Outcome, of_the_other: &Outcome) -> Vec<Told> {
    let mut known: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for told in rejecting(of_the_other) {
        *known.entry((&told.rule, &told.message)).or_default() += 1;
    }
    let mut more = Vec::new();
    for told in rejecting(said) {
        match known.get_mut(&(&*told.rule, &*told.message)) {
            Some(count) if *count > 0 => *count -= 1,
            _ => more.push(told.clone()),
        }
    }
    more
}

/// The first finding that rejects, in words.
fn first_of(outcome: &Outcome) -> String {
    let first = rejecting(outcome).next();
    first.map_or_else(
        || "no reason was given".to_owned(),
        |told| format!("{}: {}", told.rule, told.message),
    )
}

/// What is said, without where: rule and message.
pub(super) fn sayings(told: &[Told]) -> Vec<(Arc<str>, String)> {
    let mut said: Vec<(Arc<str>, String)> = Vec::new();
    for one in told {
        let saying = (Arc::clone(&one.rule), one.message.clone());
        if !said.contains(&saying) {
            said.push(saying);
        }
    }
    said
}
