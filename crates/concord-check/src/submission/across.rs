//! Rules about several rows and tables.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use concord_standards::submission::{Check, Offset, Operand, Precision};

use super::beyond::ends;
use super::late::{Detail, Late};
use super::moments::{self, Moment};
use super::plan::{FlagUse, SubmissionPlan};
use super::row::{Known, is_out_of_order};
use super::store::{ByKey, Keys, NO_KEY, Rows, VALID};

/// Everything that is known of a submission whose rows have been read once.
pub(crate) struct Across<'a, 'p> {
    pub(crate) plan: &'a SubmissionPlan<'p>,
    pub(crate) known: &'a Known,
    pub(crate) tables: &'a mut [Rows],
    /// What rows broke.
    pub(crate) late: Vec<Late>,
    /// Rules about the submission that it breaks, and why.
    pub(crate) of_file: Vec<(u16, Option<String>)>,
}

impl Across<'_, '_> {
    /// Runs every rule about several rows, in the order of national validation: comparisons with other rows and uniqueness,
    /// in which all rows count; then the referential rules, one after the other; then the rules of the end.
    pub(crate) fn run(&mut self) {
        for rule in &self.plan.far {
            self.compare(*rule);
        }
        for rule in &self.plan.window {
            self.window(*rule);
        }
        let late = self.late.len();
        for at in 0..late {
            let found = self.late[at];
            self.reject(found);
        }
        self.needs();
        for rule in &self.plan.end {
            self.end(*rule);
        }
    }

    fn find(&mut self, table: usize, row: u32, rule: u16, detail: Detail) {
        self.late.push(Late {
            table: table as u32,
            row,
            rule,
            detail,
        });
    }

    fn reject(&mut self, found: Late) {
        if self.plan.rejects(found.rule) {
            self.tables[found.table as usize].reject(found.row, found.rule);
        }
    }

    fn key_of(&self, table: usize, columns: &[usize], blanks_same: bool) -> Option<usize> {
        self.plan.kept[table].key_of(columns, blanks_same)
    }

    /// A row compared with the one that it leads to.
    fn compare(&mut self, rule: u16) {
        let definition = self.plan.rule(rule);
        let table = definition.table;
        let Check::Order {
            column,
            limit:
                Operand::Ancestor {
                    path,
                    column: theirs,
                },
            after,
            offset,
            precision,
        } = &definition.check
        else {
            return;
        };
        let Some(way) = self.plan.way(table, path) else {
            return;
        };
        let way = &self.plan.ways[way];
        let (end, ends) = (way.end, ends(self.plan, self.tables, way));
        let own = self.plan.kept[table].moment_of(Moment::own(*column, *precision));
        let other = self.plan.kept[end].moment_of(Moment::limit(*theirs, *precision));
        let Some((own, other)) = own.zip(other) else {
            return;
        };
        let mut found = Vec::new();
        for (row, parent) in (0u32..).zip(&ends) {
            let own = self.tables[table].moments[own][row as usize];
            let others = &self.tables[end].moments[other];
            let limit = others
                .get(*parent as usize)
                .copied()
                .unwrap_or(moments::NONE);
            if is_out_of_order(own, moments::plus(limit, *offset, *precision), *after) {
                found.push((row, limit));
            }
        }
        for (row, limit) in found {
            self.find(table, row, rule, Detail::Limit(limit));
        }
    }

    /// A rule about all rows of a table.
    fn window(&mut self, rule: u16) {
        let definition = self.plan.rule(rule);
        let table = definition.table;
        let count = self.tables[table].count;
        let Check::Unique {
            columns,
            blanks_same,
            ..
        } = &definition.check
        else {
            // Otherwise it is a rule that there is one row.
            if count > 1 {
                for row in 0..count {
                    self.find(table, row, rule, Detail::Count(count));
                }
            }
            return;
        };
        let Some(key) = self.key_of(table, columns, *blanks_same) else {
            return;
        };
        let when = self.plan.flag_of(rule, FlagUse::When);
        let counted = self.plan.flag_of(rule, FlagUse::Counted);
        let rows = &self.tables[table];
        let mut counts: ByKey<u32> = ByKey::default();
        counts.reserve(rows.keys[key].len());
        for (row, hash) in (0u32..).zip(&rows.keys[key]) {
            if *hash != NO_KEY && counted.is_none_or(|flag| rows.flag(flag, row)) {
                *counts.entry(*hash).or_default() += 1;
            }
        }
        let mut found = Vec::new();
        for (row, hash) in (0u32..).zip(&rows.keys[key]) {
            let count = counts.get(hash).copied().unwrap_or(0);
            if count > 1 && *hash != NO_KEY && when.is_none_or(|flag| rows.flag(flag, row)) {
                found.push((row, count));
            }
        }
        for (row, count) in found {
            self.find(table, row, rule, Detail::Count(count));
        }
    }

    /// The referential rules, each of which sees what those before it rejected. None is run twice.
    fn needs(&mut self) {
        // The keys of the valid rows of a table, as long as no further row of it is rejected.
        let mut valid: Vec<((usize, usize), u64, Keys)> = Vec::new();
        for rule in &self.plan.needs {
            let definition = self.plan.rule(*rule);
            let table = definition.table;
            let Check::Needs { table: other, on } = &definition.check else {
                continue;
            };
            let (own, theirs): (Vec<usize>, Vec<usize>) = on.iter().copied().unzip();
            let keys = self
                .key_of(table, &own, false)
                .zip(self.key_of(*other, &theirs, false));
            let Some((own, theirs)) = keys else { continue };
            let now = self.tables[*other].invalid;
            let at = valid
                .iter()
                .position(|(of, when, _)| *of == (*other, theirs) && *when == now);
            let at = at.unwrap_or_else(|| {
                valid.retain(|(of, ..)| *of != (*other, theirs));
                let keys = valid_keys(&self.tables[*other], theirs);
                valid.push(((*other, theirs), now, keys));
                valid.len() - 1
            });
            let permitted = &valid[at].2;
            let rows = &self.tables[table];
            let mut orphans = Vec::new();
            for (row, hash) in (0u32..).zip(&rows.keys[own]) {
                if *hash != NO_KEY && !permitted.contains(hash) {
                    orphans.push((row, *hash));
                }
            }
            if orphans.is_empty() {
                continue;
            }
            let first = self.tables[*other].first_of(theirs);
            for (row, hash) in orphans {
                let detail = match first.get(&hash) {
                    Some(parent) => Detail::Rejected {
                        row: *parent,
                        by: self.tables[*other].reasons[*parent as usize],
                    },
                    None => Detail::NoParent,
                };
                self.find(table, row, *rule, detail);
            }
            // A table can need itself, so that rows are rejected when all have been looked at.
            let rejected: Vec<Late> = self
                .late
                .iter()
                .rev()
                .take_while(|late| late.rule == *rule)
                .copied()
                .collect();
            for found in rejected {
                self.reject(found);
            }
        }
    }

    fn end(&mut self, rule: u16) {
        let definition = self.plan.rule(rule);
        match &definition.check {
            Check::Rows => {
                if self.tables[definition.table].count == 0 {
                    self.of_file.push((rule, None));
                }
            }
            Check::SoundHeader => {
                let header = &self.tables[self.plan.submission.header];
                let why = match header.count {
                    0 => "there is none".to_owned(),
                    1 if header.is_valid(0) => return,
                    1 => {
                        let by = self.plan.rejecter(header.reasons[0]);
                        format!("it was rejected by {by}")
                    }
                    many => format!("there are {many}"),
                };
                self.of_file.push((rule, Some(why)));
            }
            Check::InPeriod { columns, valid } => {
                let Some((from, to)) = self.known.period else {
                    return;
                };
                let inside = columns.iter().any(|(table, column)| {
                    let rows = &self.tables[*table];
                    let day = Moment::own(*column, Precision::Day);
                    let kept = self.plan.kept[*table].moment_of(day);
                    kept.is_some_and(|kept| {
                        let numbers = (0u32..).zip(&rows.moments[kept]);
                        let mut numbers = numbers.filter(|(row, _)| !valid || rows.is_valid(*row));
                        numbers.any(|(_, number)| (from..=to).contains(number))
                    })
                });
                if !inside {
                    self.of_file.push((rule, None));
                }
            }
            _ => self.consecutive(rule),
        }
    }

    /// Registrations that ended, and are not followed by a valid one with another code.
    fn consecutive(&mut self, rule: u16) {
        let definition = self.plan.rule(rule);
        let table = definition.table;
        let Check::Consecutive {
            per,
            code,
            start,
            end,
            same_day,
        } = &definition.check
        else {
            return;
        };
        let kept = &self.plan.kept[table];
        let keys = kept.key_of(&[*per], true).zip(kept.key_of(&[*code], true));
        let days = kept
            .moment_of(Moment::own(*start, Precision::Day))
            .zip(kept.moment_of(Moment::own(*end, Precision::Day)));
        let Some(((per, code), (start, end))) = keys.zip(days) else {
            return;
        };
        let rows = &self.tables[table];
        // Whose registrations begin on which day, and with which code.
        let (mut begins, mut with_code) = (HashSet::new(), HashSet::new());
        for row in 0..rows.count {
            let at = row as usize;
            if rows.is_valid(row) && rows.moments[start][at] != moments::NONE {
                let begun = (rows.keys[per][at], rows.moments[start][at]);
                begins.insert(mixed(begun));
                with_code.insert(mixed((begun, rows.keys[code][at])));
            }
        }
        let mut found = Vec::new();
        for row in 0..rows.count {
            let at = row as usize;
            let ended = rows.moments[end][at];
            if ended == moments::NONE {
                continue;
            }
            let one = Offset { months: 0, days: 1 };
            let next = moments::plus(ended, one, Precision::Day);
            let days = [Some(next), same_day.then_some(ended)];
            let mut days = days
                .into_iter()
                .flatten()
                .map(|day| (rows.keys[per][at], day));
            let follows = days.clone().any(|begun| begins.contains(&mixed(begun)));
            let same_code =
                days.any(|begun| with_code.contains(&mixed((begun, rows.keys[code][at]))));
            if !follows || same_code {
                found.push(row);
            }
        }
        for row in found {
            self.find(table, row, rule, Detail::None);
        }
        let rejected: Vec<Late> = self
            .late
            .iter()
            .rev()
            .take_while(|late| late.rule == rule)
            .copied()
            .collect();
        for found in rejected {
            self.reject(found);
        }
    }
}

fn valid_keys(rows: &Rows, key: usize) -> Keys {
    let mut keys = Keys::default();
    keys.extend(
        rows.keys[key]
            .iter()
            .zip(&rows.reasons)
            .filter(|(hash, reason)| **reason == VALID && **hash != NO_KEY)
            .map(|(hash, _)| *hash),
    );
    keys
}

fn mixed(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
