//! What national validation says of a few rows, worked out slowly and plainly: every rule is asked of every row, and every row is
//! compared with every other.
//!
//! Labels of faults are made of it, so that it must not share anything with the engine that is held against them. It
//! follows the published order: rules about rows, comparisons and doubles look at all rows; referential rules are asked once
//! each and see which rows are still valid; then come those about the submission.

pub(crate) mod moments;
mod row;

use concord_finding::Effect;
use concord_standards::submission::{
    Check, Condition, Offset, Operand, Precision, Profile, Submission,
};

pub(crate) use row::{Seen, out_of_order};

use super::{Portal, Tables, is_live};

/// A rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Its number in the submission.
    pub(crate) rule: usize,
    pub(crate) table: usize,
    /// The row, from 0; `None` where it is about the submission.
    pub(crate) row: Option<usize>,
    pub(crate) column: Option<usize>,
    /// The row that should have been valid, and the rule that rejected it first.
    pub(crate) through: Option<Through>,
}

/// A parent that was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Through {
    pub(crate) table: usize,
    pub(crate) row: usize,
    pub(crate) by: usize,
}

/// What judges rows.
pub(crate) struct Judge<'d> {
    pub(crate) submission: &'d Submission,
    profile: Profile,
    pub(crate) portal: &'d Portal,
    /// Rules about single rows, by table.
    near: Vec<Vec<usize>>,
    /// Rules that compare with another row, about doubles, referential, of the end.
    far: Vec<usize>,
    doubles: Vec<usize>,
    needs: Vec<usize>,
    end: Vec<usize>,
}

/// Rows, and what became of them so far.
struct State<'t> {
    tables: &'t Tables,
    found: Vec<Found>,
    rejected: Vec<Vec<Option<usize>>>,
}

impl<'d> Judge<'d> {
    pub(crate) fn new(submission: &'d Submission, profile: Profile, portal: &'d Portal) -> Self {
        let mut judge = Self {
            submission,
            profile,
            portal,
            near: vec![Vec::new(); submission.tables.len()],
            far: Vec::new(),
            doubles: Vec::new(),
            needs: Vec::new(),
            end: Vec::new(),
        };
        for (number, rule) in submission.rules.iter().enumerate() {
            if rule.grade(profile).is_none() {
                continue;
            }
            match &rule.check {
                Check::Order {
                    limit: Operand::Ancestor { .. },
                    ..
                } => judge.far.push(number),
                Check::Unique { .. } | Check::Singleton => judge.doubles.push(number),
                Check::Needs { .. } => judge.needs.push(number),
                Check::Rows
                | Check::SoundHeader
                | Check::InPeriod { .. }
                | Check::Consecutive { .. } => judge.end.push(number),
                // Of tables and columns only who writes them knows.
                Check::Structure => {}
                _ => judge.near[rule.table].push(number),
            }
        }
        judge
    }

    /// The rules that rows break, in the order of national validation.
    pub(crate) fn judge(&self, tables: &Tables) -> Vec<Found> {
        let mut state = State {
            tables,
            found: Vec::new(),
            rejected: tables.iter().map(|rows| vec![None; rows.len()]).collect(),
        };
        self.rows(&mut state);
        let before = state.found.len();
        for rule in &self.far {
            self.compare(*rule, &mut state);
        }
        for rule in &self.doubles {
            self.double(*rule, &mut state);
        }
        self.reject(before, &mut state);
        for rule in &self.needs {
            let before = state.found.len();
            self.need(*rule, &mut state);
            self.reject(before, &mut state);
        }
        for rule in &self.end {
            let before = state.found.len();
            self.last(*rule, &mut state);
            self.reject(before, &mut state);
        }
        state.found
    }

    /// Whether a rule makes the rows invalid that break it.
    pub(crate) fn rejects(&self, rule: usize) -> bool {
        let grade = self.submission.rules[rule].grade(self.profile);
        grade.is_some_and(|grade| grade.effect >= Effect::RejectGroup)
    }

    /// Rejects the rows of what was found last.
    fn reject(&self, from: usize, state: &mut State<'_>) {
        for found in &state.found[from..] {
            if let Some(row) = found.row
                && self.rejects(found.rule)
            {
                state.rejected[found.table][row].get_or_insert(found.rule);
            }
        }
    }

    fn rows(&self, state: &mut State<'_>) {
        let header = state.tables[self.submission.header].first();
        let beside = Seen::new(self.submission, header, &[]);
        for (table, rows) in state.tables.iter().enumerate() {
            for (number, row) in rows.iter().enumerate() {
                let before = state.found.len();
                for rule in &self.near[table] {
                    for column in self.broken(*rule, &beside.of(row)) {
                        state.found.push(Found {
                            column,
                            ..self.of_row(*rule, number)
                        });
                    }
                }
                self.reject(before, state);
            }
        }
    }

    fn of_row(&self, rule: usize, row: usize) -> Found {
        let of = &self.submission.rules[rule];
        Found {
            rule,
            table: of.table,
            row: Some(row),
            column: of.place,
            through: None,
        }
    }

    /// The row that another one leads to along links, valid or not: the first of several.
    pub(crate) fn end_of(
        &self,
        tables: &Tables,
        mut at: (usize, usize),
        path: &[usize],
    ) -> Option<(usize, usize)> {
        for link in path {
            let link = &self.submission.tables[at.0].links[*link];
            let own = &tables[at.0][at.1];
            let same = |theirs: &Vec<String>| {
                link.columns
                    .iter()
                    .all(|(mine, other)| !own[*mine].is_empty() && own[*mine] == theirs[*other])
            };
            at = (link.table, tables[link.table].iter().position(same)?);
        }
        Some(at)
    }

    fn compare(&self, rule: usize, state: &mut State<'_>) {
        let of = &self.submission.rules[rule];
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
        } = &of.check
        else {
            return;
        };
        for (number, row) in state.tables[of.table].iter().enumerate() {
            let end = self.end_of(state.tables, (of.table, number), path);
            let limit = end
                .and_then(|(table, other)| {
                    moments::of(&state.tables[table][other][*theirs], *precision)
                })
                .and_then(|limit| moments::plus(limit, *offset, *precision));
            if out_of_order(&row[*column], limit, *after, *precision) {
                state.found.push(self.of_row(rule, number));
            }
        }
    }

    fn double(&self, rule: usize, state: &mut State<'_>) {
        let of = &self.submission.rules[rule];
        let rows = &state.tables[of.table];
        let mut wrong = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let broken = match &of.check {
                Check::Unique {
                    columns,
                    when,
                    blanks_same,
                    counted,
                } => {
                    let same = |other: &&Vec<String>| {
                        hold(counted, other)
                            && columns.iter().all(|column| {
                                row[*column] == other[*column]
                                    && (*blanks_same || !row[*column].is_empty())
                            })
                    };
                    hold(when, row) && rows.iter().filter(same).count() > 1
                }
                _ => rows.len() > 1,
            };
            if broken {
                wrong.push(self.of_row(rule, number));
            }
        }
        state.found.append(&mut wrong);
    }

    /// A referential rule: it sees which rows are still valid when it begins.
    fn need(&self, rule: usize, state: &mut State<'_>) {
        let of = &self.submission.rules[rule];
        let Check::Needs { table: other, on } = &of.check else {
            return;
        };
        let others = &state.tables[*other];
        let mut orphans = Vec::new();
        for (number, row) in state.tables[of.table].iter().enumerate() {
            if on.iter().any(|(own, _)| row[*own].is_empty()) {
                continue;
            }
            let same = |parent: &usize| {
                let parent = &others[*parent];
                on.iter().all(|(own, theirs)| row[*own] == parent[*theirs])
            };
            let parents: Vec<usize> = (0..others.len()).filter(same).collect();
            let valid = |parent: &&usize| state.rejected[*other][**parent].is_none();
            if parents.iter().any(|parent| valid(&parent)) {
                continue;
            }
            let through = parents.first().and_then(|parent| {
                let by = state.rejected[*other][*parent]?;
                Some(Through {
                    table: *other,
                    row: *parent,
                    by,
                })
            });
            orphans.push(Found {
                through,
                ..self.of_row(rule, number)
            });
        }
        state.found.append(&mut orphans);
    }

    fn last(&self, rule: usize, state: &mut State<'_>) {
        let of = &self.submission.rules[rule];
        let header = self.submission.header;
        let broken = match &of.check {
            Check::Rows => state.tables[of.table].is_empty(),
            Check::SoundHeader => {
                state.tables[header].len() != 1 || state.rejected[header][0].is_some()
            }
            Check::InPeriod { columns, valid } => {
                let day = |column: usize| moments::day(state.tables[header].first()?.get(column)?);
                let period = self.submission.period;
                let Some((from, to)) = period.and_then(|(from, to)| day(from).zip(day(to))) else {
                    return;
                };
                let inside = |(table, column): &(usize, usize)| {
                    state.tables[*table].iter().enumerate().any(|(row, cells)| {
                        (!valid || state.rejected[*table][row].is_none())
                            && moments::day(&cells[*column])
                                .is_some_and(|day| from <= day && day <= to)
                    })
                };
                !columns.iter().any(inside)
            }
            _ => return self.consecutive(rule, state),
        };
        if broken {
            state.found.push(Found {
                row: None,
                column: None,
                ..self.of_row(rule, 0)
            });
        }
    }

    fn consecutive(&self, rule: usize, state: &mut State<'_>) {
        let of = &self.submission.rules[rule];
        let Check::Consecutive {
            per,
            code,
            start,
            end,
            same_day,
        } = &of.check
        else {
            return;
        };
        let rows = &state.tables[of.table];
        let mut wrong = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let Some(ended) = moments::of(&row[*end], Precision::Day) else {
                continue;
            };
            let next = moments::plus(ended, Offset { months: 0, days: 1 }, Precision::Day);
            let followers: Vec<&Vec<String>> = (0..rows.len())
                .filter(|other| state.rejected[of.table][*other].is_none())
                .map(|other| &rows[other])
                .filter(|other| {
                    let begun = moments::of(&other[*start], Precision::Day);
                    other[*per] == row[*per]
                        && begun.is_some()
                        && (begun == next || *same_day && begun == Some(ended))
                })
                .collect();
            let again = followers.iter().any(|other| other[*code] == row[*code]);
            if followers.is_empty() || again {
                wrong.push(self.of_row(rule, number));
            }
        }
        state.found.append(&mut wrong);
    }
}

fn hold(when: &[Condition], row: &[String]) -> bool {
    when.iter()
        .all(|condition| condition.holds(&row[condition.column]))
}
