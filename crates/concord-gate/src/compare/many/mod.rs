//! Submissions of many tables compared: tables and columns by their names, rules by what they refuse of what was taken.
//!
//! Of these standards nothing is refused but by their rules, each of a known kind. So whom a change breaks is decided rule by
//! rule: one side's rule breaks whoever keeps to the other side, unless the other side's rules let nothing through that it refuses.
//! What a rule beside a column refuses is told with the change of the column that it follows from.
//!
//! | module | does |
//! |---|---|
//! | `numbering` | which table and column is which |
//! | `tables`, `columns`, `facts`, `scales` | what differs in them |
//! | `words` | what rules ask, in words that are the same where they ask the same |
//! | `asked` | the rules of a side in the common numbering |
//! | `takes` | what rules let stand in a column, and whether it is more or less than on the other side |
//! | `implied` | whether a rule refuses anything that the other side takes |
//! | `rules` | what differs in rules, and whom it breaks |

mod asked;
mod columns;
mod facts;
mod implied;
mod numbering;
mod rules;
mod scales;
mod tables;
mod takes;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::submission::{Check, Codes, Submission};

use self::asked::Asked;
use self::numbering::Numbering;
use self::takes::Takes;
use super::side::Pair;
use super::usage::{Listed, Usage};
use super::value::At;
use crate::change::{Change, ChangePlace, LeadKind, Side, Whom};

/// What of a column a rule beside it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Aspect {
    Presence,
    Format,
    Codes,
}

/// Two submissions being compared.
struct Many<'m> {
    pair: &'m Pair<'m>,
    numbering: &'m Numbering<'m>,
    old: &'m [Asked<'m>],
    new: &'m [Asked<'m>],
    changes: Vec<Change>,
    /// The changes of columns that rules beside them belong to: by table, column, what they are about and whom they can break.
    of_columns: BTreeMap<(usize, usize, Aspect, Whom), usize>,
}

/// Compares two submissions of many tables.
pub(super) fn compare(
    pair: &Pair<'_>,
    (old, new): (&Submission, &Submission),
    least: u8,
    usage: &mut Usage,
) -> Vec<Change> {
    let numbering = Numbering::new(old, new, least);
    let rules = (
        Asked::all(&numbering, Side::Old),
        Asked::all(&numbering, Side::New),
    );
    let mut many = Many {
        pair,
        numbering: &numbering,
        old: &rules.0,
        new: &rules.1,
        changes: Vec::new(),
        of_columns: BTreeMap::new(),
    };
    many.tables();
    many.rules();
    many.asked_otherwise();
    many.scales();
    many.facts();
    many.usage(usage);
    many.changes
}

impl Many<'_> {
    fn rules_of(&self, side: Side) -> &[Asked<'_>] {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }

    /// Whether a side refuses files whose tables and columns are not as published.
    fn refuses_misfits(&self, side: Side) -> bool {
        self.rules_of(side)
            .iter()
            .any(|asked| asked.rejects() && matches!(asked.check, Check::Structure))
    }

    /// The place of a table, by the name of the new side where it has it.
    fn table_place(&self, table: usize) -> ChangePlace {
        ChangePlace::Table(self.numbering.table_name(table))
    }

    fn column_place(&self, table: usize, column: usize) -> ChangePlace {
        ChangePlace::Column(
            self.numbering.table_name(table),
            self.numbering.column_name(table, column),
        )
    }

    /// A submission of a side with a row of a table in which these texts stand.
    fn row(&self, side: Side, table: usize, cells: &[(usize, String)]) -> Option<LeadKind> {
        let named = cells.iter().map(|(column, text)| {
            let name = self.numbering.name_on(side, table, *column)?;
            Some((name, text.clone()))
        });
        Some(LeadKind::Row {
            table: self.numbering.table_on(side, table)?,
            cells: named.collect::<Option<_>>()?,
        })
    }

    /// Remembers where code lists that differ decide what is taken, for the comparison of the lists.
    fn usage(&self, usage: &mut Usage) {
        let (old, new) = (
            &self.pair.old.definition().code_lists,
            &self.pair.new.definition().code_lists,
        );
        let differs = |list: &str| old.get(list) != new.get(list);
        if !old.keys().any(|list| differs(list)) {
            return;
        }
        for (table, columns) in self.numbering.columns.iter().enumerate() {
            for column in 0..columns.len() {
                let (before, now) = (
                    self.lists_of(Side::Old, table, column),
                    self.lists_of(Side::New, table, column),
                );
                for (list, refuses) in before {
                    let Some(refused) = now.get(&list).filter(|_| differs(&list)) else {
                        continue;
                    };
                    let Some(at) = self.at(table, column) else {
                        continue;
                    };
                    let forms = |side| Takes::of(self.rules_of(side), table, column).into_forms();
                    usage.add_listed(
                        &list,
                        Listed {
                            at,
                            refuses: (refuses, *refused),
                            forms: (forms(Side::Old), forms(Side::New)),
                        },
                    );
                }
            }
        }
    }

    /// A column where a text stands.
    fn at(&self, table: usize, column: usize) -> Option<At> {
        let cell = |side| {
            let name = self.numbering.name_on(side, table, column)?;
            Some((self.numbering.table_on(side, table)?, name))
        };
        Some(At::Cell {
            old: cell(Side::Old)?,
            new: cell(Side::New)?,
        })
    }

    /// The lists that a column is on by a side's rules about every row, and whether codes that are not on them are refused.
    fn lists_of(&self, side: Side, table: usize, of: usize) -> BTreeMap<Arc<str>, bool> {
        let mut lists = BTreeMap::new();
        for asked in self.rules_of(side) {
            let Check::Code {
                column,
                codes,
                not: false,
                when,
                ..
            } = &asked.check
            else {
                continue;
            };
            if let Codes::List(list, _) = &**codes
                && (asked.table, *column) == (table, of)
                && when.is_empty()
            {
                *lists.entry(Arc::clone(&list.id)).or_insert(false) |= asked.rejects();
            }
        }
        lists
    }
}
