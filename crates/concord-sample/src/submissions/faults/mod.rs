//! Faults: one rule of a consistent submission broken at a time, with all that follows.
//!
//! | module | does |
//! |---|---|
//! | `change` | what is changed in the rows of a patient, the header, or everywhere |
//! | `makers` | changes that may break a rule, by the kind of its check |
//! | `texts` | values that a column takes, and values that it does not |
//! | `coverage` | how each rule of a standard can be broken |
//!
//! Makers only propose. Each proposal is judged by the slow judge, and the one that breaks its rule and fewest others is taken;
//! what the judge says of it are the labels.

mod change;
pub mod coverage;
mod makers;
mod texts;

use std::collections::BTreeSet;

use concord_standards::submission::{Check, Operand, Profile, Submission};

use super::judge::{Found, Judge};
use super::plan::{Extent, Plan};
use super::value::Values;
use super::{Portal, Request, Tables, period_day};
use crate::Dice;
pub(super) use change::{Change, World};
use makers::{Makers, noon};

/// What a label is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The rule that was to be broken.
    Fault,
    /// A rule that says the same, or cannot but be broken as well.
    Also,
    /// A row that lost what it needs, or the submission that lost its rows.
    Consequence,
}

impl Role {
    /// The word in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Also => "also",
            Self::Consequence => "consequence",
        }
    }
}

/// A change that breaks a rule, and what is found then.
pub(super) struct Broken {
    pub(super) change: Change,
    /// The rows of the patient and the header, changed.
    pub(super) tables: Tables,
    pub(super) found: Vec<Found>,
    /// How many findings are neither of the rule nor follow from it.
    pub(super) also: usize,
}

/// What is there when a rule is broken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    /// All that a patient can have.
    Full,
    /// No more than the rule needs, for what else is there may be broken too; so many days after the first of the reporting
    /// period: what is compared with the period alone is to be beyond it, not what is compared with other days.
    Narrow(i64),
    /// All that a patient can have, with examples of the rule laid over it.
    Examples,
}

impl Round {
    const ALL: [Self; 5] = [
        Self::Full,
        Self::Narrow(MIDDLE),
        Self::Narrow(-40),
        Self::Narrow(50),
        Self::Examples,
    ];
}

/// What makes the dice of faults other ones than those of sound rows.
pub(super) const FAULTS: u64 = 0x000f_a017;

/// The day of the reporting period on which all happens to whom faults are made for: there is room on both sides.
const MIDDLE: i64 = 14;

/// What breaks rules of a standard.
pub(super) struct Breaker<'d> {
    pub(super) submission: &'d Submission,
    pub(super) judge: Judge<'d>,
    pub(super) plan: &'d Plan<'d>,
    request: &'d Request<'d>,
    /// Values by which rows that were changed for earlier faults are told apart or belong together.
    taken: BTreeSet<Taken>,
}

/// Values, and what they tell apart.
type Taken = (Of, Vec<String>);

/// What values tell apart: rows for a rule, or rows of a table for whatever belongs to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Unique(usize),
    Rows(usize),
}

impl<'d> Breaker<'d> {
    pub(super) fn new(
        request: &'d Request<'d>,
        plan: &'d Plan<'d>,
        portal: &'d Portal,
        profile: Profile,
    ) -> Self {
        Self {
            submission: request.submission,
            judge: Judge::new(request.submission, profile, portal),
            plan,
            request,
            taken: BTreeSet::new(),
        }
    }

    /// What a finding is beside the fault of a rule.
    pub(super) fn role(&self, rule: usize, found: &Found) -> Role {
        if found.rule == rule {
            return Role::Fault;
        }
        match self.submission.rules[found.rule].check {
            Check::Needs { .. }
            | Check::Consecutive { .. }
            | Check::Rows
            | Check::SoundHeader
            | Check::InPeriod { .. } => Role::Consequence,
            _ => Role::Also,
        }
    }

    /// The rows of a patient and the header, as samples with faults begin.
    pub(super) fn before(
        &self,
        patient: u64,
        world: &World,
        values: &mut Values<'d>,
        dice: &mut Dice,
    ) -> Tables {
        values.begin(patient, dice);
        values.be(world.provider.clone());
        let day = world.day.unwrap_or(MIDDLE);
        values.on(period_day(self.request, day));
        let extent = world.extent.unwrap_or(Extent::Full);
        let mut tables = self.plan.family(extent, values, dice);
        tables[self.submission.header] = vec![values.header(self.submission)];
        tables
    }

    /// Breaks a rule in the rows of a patient, or of every patient where it is about the whole; `None` where nothing breaks it.
    pub(super) fn break_rule(
        &mut self,
        rule: usize,
        patient: u64,
        values: &mut Values<'d>,
    ) -> Option<Broken> {
        /// Proposals that are judged before the best is taken.
        const PATIENCE: usize = 400;
        let dice = &mut Dice::part(self.request.seed ^ FAULTS, patient);
        let full = self.before(patient, &World::default(), values, dice);
        let mut best: Option<Broken> = None;
        for round in Round::ALL {
            let wanted = match (round, &best) {
                (_, None) => true,
                (Round::Examples, Some(_)) => false,
                (_, Some(best)) => best.also > 0,
            };
            if !wanted || (self.is_whole(rule) && matches!(round, Round::Narrow(_))) {
                continue;
            }
            let clean = match round {
                Round::Full | Round::Examples => full.clone(),
                Round::Narrow(day) => {
                    let world = World {
                        extent: Some(Extent::Bare),
                        day: Some(day),
                        ..World::default()
                    };
                    let family = self.before(patient, &world, values, dice);
                    self.narrow(rule, family)
                }
            };
            let mut makers = Makers {
                judge: &self.judge,
                plan: self.plan,
                values,
                dice,
                tables: &clean,
                day: noon(period_day(self.request, MIDDLE)),
            };
            let changes = if round == Round::Examples {
                makers.examples(rule)
            } else {
                makers.changes(rule)
            };
            for change in changes.into_iter().take(PATIENCE) {
                let broken = self.try_change(rule, patient, change, &clean, values, dice);
                let Some(broken) = broken else { continue };
                if best.as_ref().is_none_or(|best| broken.also < best.also) {
                    best = Some(broken);
                }
                if best.as_ref().is_some_and(|best| best.also == 0) {
                    break;
                }
            }
        }
        if let Some(best) = &best {
            let taken = self.keys(&full, &best.tables);
            self.taken.extend(taken);
        }
        best
    }

    /// No more of the rows of a patient than a rule needs.
    fn narrow(&self, rule: usize, mut tables: Tables) -> Tables {
        let around = self.plan.around(self.submission.rules[rule].table);
        for (table, rows) in tables.iter_mut().enumerate() {
            if table != self.submission.header && !around.contains(&table) {
                rows.clear();
            }
        }
        tables
    }

    /// What is found after a change; `None` where the rule is not broken.
    fn try_change(
        &self,
        rule: usize,
        patient: u64,
        change: Change,
        clean: &Tables,
        values: &mut Values<'d>,
        dice: &mut Dice,
    ) -> Option<Broken> {
        if !self.is_whole(rule) && self.touches_all(&change) {
            return None;
        }
        let before = if change.world == World::default() {
            clean.clone()
        } else {
            self.before(patient, &change.world, values, dice)
        };
        let mut tables = before.clone();
        if !change.apply(self.submission, &mut tables) {
            return None;
        }
        let found = self.find(rule, &change, &tables);
        if !found.iter().any(|found| found.rule == rule) || !self.is_free(&before, &tables) {
            return None;
        }
        let also = found
            .iter()
            .filter(|found| self.role(rule, found) == Role::Also);
        Some(Broken {
            also: also.count(),
            change,
            tables,
            found,
        })
    }

    /// What is found in rows after a change.
    pub(super) fn find(&self, rule: usize, change: &Change, tables: &Tables) -> Vec<Found> {
        let mut found = self.judge.judge(tables);
        if change.world.unpublished {
            found.push(Found {
                rule,
                table: self.submission.header,
                row: None,
                column: None,
                through: None,
            });
        }
        found
    }

    /// Whether a rule is about the whole submission, so that it is broken for every patient.
    pub(super) fn is_whole(&self, rule: usize) -> bool {
        let of = &self.submission.rules[rule];
        of.table == self.submission.header || of.check.is_of_file()
    }

    /// Whether a change is about more than a patient.
    fn touches_all(&self, change: &Change) -> bool {
        let header = |step: &change::Step| step.table() == self.submission.header;
        change.world != World::default() || change.steps.iter().any(header)
    }

    /// Values by which rows are told apart or belong together, of rows that are not as they were.
    fn keys(&self, before: &Tables, after: &Tables) -> Vec<Taken> {
        let mut keys = Vec::new();
        let mut keep = |of: Of, table: usize, blanks: bool, columns: Vec<usize>| {
            let new = after[table].iter();
            for row in new.filter(|row| !before[table].contains(row)) {
                let cells = columns.iter().map(|column| row[*column].clone());
                let cells: Vec<String> = cells.collect();
                if blanks || cells.iter().all(|cell| !cell.is_empty()) {
                    keys.push((of, cells));
                }
            }
        };
        for (number, rule) in self.submission.rules.iter().enumerate() {
            match &rule.check {
                Check::Unique {
                    columns,
                    blanks_same,
                    ..
                } => keep(
                    Of::Unique(number),
                    rule.table,
                    *blanks_same,
                    columns.clone(),
                ),
                Check::Needs { table, on } => {
                    let of = Of::Rows(*table);
                    let (own, theirs) = on.iter().copied().unzip();
                    keep(of, rule.table, false, own);
                    keep(of, *table, false, theirs);
                }
                _ => {}
            }
        }
        keys
    }

    /// Whether no earlier fault has values that must not stand twice.
    fn is_free(&self, before: &Tables, after: &Tables) -> bool {
        let keys = self.keys(before, after);
        keys.iter().all(|key| !self.taken.contains(key))
    }

    /// What a rule must be told before it is run; `None` where nothing.
    pub(super) fn asks(&self, rule: usize) -> Option<String> {
        let check = &self.submission.rules[rule].check;
        for operand in check.operands() {
            if let Operand::Parameter(parameter) = operand {
                return Some(format!("--param {}", parameter.as_str()));
            }
        }
        match check {
            Check::Live { registered, .. } => {
                Some(format!("reference data of {}", registered.table))
            }
            _ => None,
        }
    }
}
