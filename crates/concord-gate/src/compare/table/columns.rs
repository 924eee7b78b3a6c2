//! The columns of two tables: which is which, what came, what went, what moved.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::BuiltinRule;
use concord_standards::layout::{
    Field, HeaderUse, Layout, Mandation, TableLayout, normalised_header,
};

use super::{Tables, is_fixed_width};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::compare::facts::same_name;
use crate::compare::matching::{Likeness, Match, pair_off};
use crate::compare::usage::Usage;
use crate::subject::Aspect;

/// How a file of a table is read, where both sides read it so.
#[derive(Clone, Copy)]
pub(super) struct Modes {
    /// By the names of its first row.
    pub(super) by_name: bool,
    /// By the place of its cells.
    pub(super) by_place: bool,
    /// By the characters of its lines.
    pub(super) fixed: bool,
}

/// Which column of the one table is which of the other.
pub(super) struct Columns<'c> {
    pub(super) old: &'c TableLayout,
    pub(super) new: &'c TableLayout,
    /// Columns of both, as positions, in the order of the new table.
    pub(super) both: Vec<(usize, usize)>,
    pub(super) renamed: Vec<Match>,
    pub(super) gone: Vec<usize>,
    pub(super) come: Vec<usize>,
    pub(super) modes: Modes,
}

impl Tables<'_, '_> {
    pub(super) fn columns(&mut self, old: &TableLayout, new: &TableLayout, usage: &mut Usage) {
        let columns = self.matched(old, new);
        for (before, now) in &columns.both {
            let renamed = columns.renamed.iter().find(|found| found.new == *now);
            if let Some(found) = renamed {
                self.renamed(&columns, found);
            }
            self.column(&columns, &old.fields[*before], &new.fields[*now], usage);
        }
        for now in &columns.come {
            self.added(&columns, &new.fields[*now]);
        }
        for before in &columns.gone {
            self.removed(&columns, &old.fields[*before]);
        }
        if columns.modes.by_place {
            self.moved(&columns);
        }
        self.header_lost(&columns);
    }

    fn matched<'c>(&self, old: &'c TableLayout, new: &'c TableLayout) -> Columns<'c> {
        let by_name: BTreeMap<String, usize> = old
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| (normalised_header(&field.column), index))
            .collect();
        let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
        let mut come = Vec::new();
        for (now, field) in new.fields.iter().enumerate() {
            match by_name.get(&normalised_header(&field.column)) {
                Some(before) => {
                    matched.insert(now, *before);
                }
                None => come.push(now),
            }
        }
        let taken: std::collections::BTreeSet<usize> = matched.values().copied().collect();
        let mut gone: Vec<usize> = (0..old.fields.len())
            .filter(|before| !taken.contains(before))
            .collect();
        let pairs: BTreeMap<usize, usize> = matched
            .iter()
            .map(|(now, before)| (*before, *now))
            .collect();
        let renamed: Vec<Match> = pair_off(gone.len(), come.len(), self.least, |before, now| {
            self.likeness((old, gone[before]), (new, come[now]), &pairs)
        })
        .into_iter()
        .map(|found| Match {
            old: gone[found.old],
            new: come[found.new],
            likeness: found.likeness,
        })
        .collect();
        for found in &renamed {
            matched.insert(found.new, found.old);
            gone.retain(|before| *before != found.old);
            come.retain(|now| *now != found.new);
        }
        let fixed = is_fixed_width(old) || is_fixed_width(new);
        let reads = |wanted: bool| {
            let reads = |table: &TableLayout| super::modes(table.header).contains(&wanted);
            reads(old) && reads(new)
        };
        Columns {
            old,
            new,
            both: matched
                .into_iter()
                .map(|(now, before)| (before, now))
                .collect(),
            renamed,
            gone,
            come,
            modes: Modes {
                by_name: !fixed && reads(true),
                by_place: !fixed && reads(false) && self.pair.says(Aspect::Order),
                fixed,
            },
        }
    }

    fn likeness(
        &self,
        (old, gone): (&TableLayout, usize),
        (new, come): (&TableLayout, usize),
        pairs: &BTreeMap<usize, usize>,
    ) -> Likeness {
        let (mine, theirs) = (&old.fields[gone], &new.fields[come]);
        let spelt =
            understood(self.layouts.1, mine, theirs) || understood(self.layouts.0, theirs, mine);
        let named = !mine.element.is_empty() && !theirs.element.is_empty();
        let same = named && same_name(&mine.element, &theirs.element);
        let above = match (gone.checked_sub(1), come.checked_sub(1)) {
            (Some(before), Some(now)) => pairs.get(&before) == Some(&now),
            (before, now) => before == now,
        };
        let below = match pairs.get(&(gone + 1)) {
            Some(now) => *now == come + 1,
            None => gone + 1 == old.fields.len() && come + 1 == new.fields.len(),
        };
        let same_format = mine.format == theirs.format && mine.code_list == theirs.code_list;
        Likeness::default()
            .when(spelt, 70, "kept as a further spelling")
            .when(same, 45, "same dictionary name")
            .when(same_format, 20, "same format")
            .when(mine.mandation == theirs.mandation, 5, "same mandation")
            .when(above && below, 25, "same place")
            .when(above != below, 12, "beside the same column")
            .names(&mine.column, &theirs.column)
    }

    pub(super) fn place(table: &TableLayout, field: &Field) -> ChangePlace {
        ChangePlace::Column(Arc::clone(&table.name), Arc::clone(&field.column))
    }

    /// Whether a file by name without the column is refused, which follows from the mandation alone.
    fn refuses_without(field: &Field) -> bool {
        field.mandation == Mandation::Mandatory
    }

    pub(super) fn refuses_blank(&self, side: Side, field: &Field) -> bool {
        let presence = self.enforcement(side).of_field(field).presence;
        field.mandation == Mandation::Mandatory && presence.refuses()
    }

    /// Whether a row with another number of cells is refused.
    fn refuses_ragged(&self, side: Side) -> bool {
        self.enforcement(side)
            .of(BuiltinRule::TableRagged)
            .is_reject()
    }

    /// How sure it is that rows with too many cells are refused: where as many columns went as came, or what is too many is
    /// always blank, it depends on what stands in the cells.
    fn too_many(
        &self,
        sender: Side,
        (sent, read): (&TableLayout, &TableLayout),
        why: &'static str,
    ) -> (Certainty, &'static str) {
        let beyond = sent.fields.get(read.fields.len()..).unwrap_or_default();
        if beyond
            .iter()
            .any(|field| !self.must_be_blank(sender, field))
        {
            (Certainty::Decided, why)
        } else {
            (
                Certainty::Unknown,
                "cells are read as those of other columns",
            )
        }
    }

    /// The same of rows with too few cells.
    fn too_few(
        (sent, read): (&TableLayout, &TableLayout),
        why: &'static str,
    ) -> (Certainty, &'static str) {
        if sent.fields.len() < read.fields.len() {
            (Certainty::Decided, why)
        } else {
            (
                Certainty::Unknown,
                "cells are read as those of other columns",
            )
        }
    }

    fn added(&mut self, columns: &Columns<'_>, field: &Field) {
        let says = self.pair.says(Aspect::Mandation);
        let mandatory = says && field.mandation == Mandation::Mandatory;
        let kind = if mandatory {
            Kind::ColumnAddedMandatory
        } else {
            Kind::ColumnAdded
        };
        let modes = columns.modes;
        let mut change = Change::draft(kind, Self::place(columns.new, field))
            .is(described(field))
            .with("mandation", field.mandation.meaning())
            .with("element", &*field.element)
            .with("type", &*field.format)
            .at(None, Some(&field.origin));
        if mandatory && modes.by_name && Self::refuses_without(field) {
            let why = "a file without the column is refused, and none had it";
            change = change
                .breaking(Whom::Submitter, Certainty::Decided, why)
                .led(
                    Side::Old,
                    LeadKind::Columns {
                        table: Arc::clone(&columns.old.name),
                        without: None,
                    },
                );
        }
        if modes.by_place && self.refuses_ragged(Side::New) {
            let sides = (columns.old, columns.new);
            let (certainty, why) = Self::too_few(sides, "every row has one cell too few");
            change.break_for(Whom::Submitter, certainty, why);
        }
        if modes.by_place && self.refuses_ragged(Side::Old) {
            let sides = (columns.new, columns.old);
            let why = "every row had one cell too many";
            let (certainty, why) = self.too_many(Side::New, sides, why);
            change.break_for(Whom::Receiver, certainty, why);
        }
        if modes.fixed {
            let blank = mandatory && self.refuses_blank(Side::New, field);
            let why = if blank {
                "what stands at its characters must be filled, and nobody fills it yet"
            } else {
                "what stands at its characters was not looked at"
            };
            change.break_for(Whom::Submitter, Certainty::Unknown, why);
        }
        self.changes.push(change);
    }

    fn removed(&mut self, columns: &Columns<'_>, field: &Field) {
        let modes = columns.modes;
        let mut change = Change::draft(Kind::ColumnRemoved, Self::place(columns.old, field))
            .was(described(field))
            .with("mandation", field.mandation.meaning())
            .with("element", &*field.element)
            .with("type", &*field.format)
            .at(Some(&field.origin), None);
        let unknown = BuiltinRule::TableColumnUnknown;
        if modes.by_name && self.enforcement(Side::New).of(unknown).is_reject() {
            let why = "a column that is not known is refused";
            change.break_for(Whom::Submitter, Certainty::Decided, why);
        }
        if modes.by_place && self.refuses_ragged(Side::New) {
            let sides = (columns.old, columns.new);
            let why = "every row has one cell too many";
            let (certainty, why) = self.too_many(Side::Old, sides, why);
            change.break_for(Whom::Submitter, certainty, why);
        }
        let mandatory = self.pair.says(Aspect::Mandation) && Self::refuses_without(field);
        if mandatory && modes.by_name {
            let why = "files without it arrive";
            change = change
                .breaking(Whom::Receiver, Certainty::Decided, why)
                .led(
                    Side::New,
                    LeadKind::Columns {
                        table: Arc::clone(&columns.new.name),
                        without: None,
                    },
                );
        }
        if modes.by_place && self.refuses_ragged(Side::Old) {
            let sides = (columns.new, columns.old);
            let (certainty, why) = Self::too_few(sides, "every row has one cell too few");
            change.break_for(Whom::Receiver, certainty, why);
        }
        self.changes.push(change);
    }

    fn renamed(&mut self, columns: &Columns<'_>, found: &Match) {
        let (mine, theirs) = (
            &columns.old.fields[found.old],
            &columns.new.fields[found.new],
        );
        let (forwards, backwards) = (
            understood(self.layouts.1, mine, theirs),
            understood(self.layouts.0, theirs, mine),
        );
        let mut change = Change::draft(Kind::ColumnRenamed, Self::place(columns.new, theirs))
            .was(&*mine.column)
            .is(&*theirs.column)
            .sure(found.likeness.percent(), found.likeness.reasons())
            .at(Some(&mine.origin), Some(&theirs.origin))
            .with(
                "spelling",
                if forwards {
                    "the old name is understood"
                } else {
                    "the old name is not understood"
                },
            );
        let says = self.pair.says(Aspect::Mandation) && columns.modes.by_name;
        if says && !forwards && Self::refuses_without(theirs) {
            let why = "the column is missing for who reads the old name as unknown";
            change = change
                .breaking(Whom::Submitter, Certainty::Decided, why)
                .led(
                    Side::Old,
                    LeadKind::Columns {
                        table: Arc::clone(&columns.old.name),
                        without: None,
                    },
                );
        }
        if says && !backwards && Self::refuses_without(mine) {
            let why = "the column was missing for who knew the old name only";
            change = change
                .breaking(Whom::Receiver, Certainty::Decided, why)
                .led(
                    Side::New,
                    LeadKind::Columns {
                        table: Arc::clone(&columns.new.name),
                        without: None,
                    },
                );
        }
        self.changes.push(change);
    }
}

/// Whether the name of one column is a further spelling of another.
fn understood(layout: &Layout, written: &Field, meant: &Field) -> bool {
    let known = layout.aliases.get(&normalised_header(&written.column));
    known.is_some_and(|column| *column == meant.column)
}

/// `M, max an10`
pub(super) fn described(field: &Field) -> String {
    let mut text = field.mandation.letter().to_owned();
    if !field.format.is_empty() {
        text.push_str(", ");
        text.push_str(&field.format);
    }
    text
}

/// Whether the first row of a table is told by the columns that it names.
pub(super) fn needs_names(table: &TableLayout) -> bool {
    table.header != HeaderUse::None
}
