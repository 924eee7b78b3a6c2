//! Tabular standards compared: tables, columns, and how files of them are read.

mod aliases;
mod column;
mod columns;
mod enforced;
mod header;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::layout::{HeaderUse, Layout, TableLayout, normalised_header};
use concord_standards::schema::{Builtin, Facets, Schema, SimpleTypeId, Variety};

use self::enforced::Enforcement;
use super::matching::{Likeness, pair_off};
use super::side::{Half, Pair};
use super::usage::Usage;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Side, Whom};
use crate::subject::Aspect;

/// Two layouts being compared.
struct Tables<'t, 's> {
    pair: &'t Pair<'s>,
    least: u8,
    layouts: (&'t Layout, &'t Layout),
    enforcement: (Enforcement, Enforcement),
    cell_types: (CellTypes, CellTypes),
    changes: Vec<Change>,
}

/// Compares two layouts.
pub(super) fn compare(
    pair: &Pair<'_>,
    layouts: (&Layout, &Layout),
    least: u8,
    usage: &mut Usage,
) -> Vec<Change> {
    let enforcement = |half: &Half<'_>| {
        let definition = half.definition();
        Enforcement::new(definition.standard.effects, &definition.rules)
    };
    let mut tables = Tables {
        pair,
        least,
        layouts,
        enforcement: (enforcement(&pair.old), enforcement(&pair.new)),
        cell_types: (
            with_types(pair.old.schema()).1,
            with_types(pair.new.schema()).1,
        ),
        changes: Vec::new(),
    };
    tables.tables(usage);
    tables.changes
}

/// Where the types stand that say what is refused in a cell. A cell that is empty is blank, whatever its type takes, so none of
/// them takes the empty text.
struct CellTypes {
    /// The types themselves.
    filled: BTreeMap<SimpleTypeId, SimpleTypeId>,
    /// The types without their codes, for columns whose codes are not refused.
    bare: BTreeMap<SimpleTypeId, SimpleTypeId>,
}

/// The structure with, behind its own types, those of cells.
pub(super) fn with_cell_types(schema: &Schema) -> Schema {
    with_types(schema).0
}

fn with_types(schema: &Schema) -> (Schema, CellTypes) {
    let mut all = schema.clone();
    let mut types = CellTypes {
        filled: BTreeMap::new(),
        bare: BTreeMap::new(),
    };
    let number = |index: usize| SimpleTypeId(u32::try_from(index).unwrap_or(u32::MAX));
    for (index, simple) in schema.simple_types.iter().enumerate() {
        // Texts of no other sort may be empty.
        if simple.variety != Variety::Atomic(Builtin::String) {
            continue;
        }
        let mut filled = simple.clone();
        filled.name = None;
        filled.steps.push(Facets {
            patterns: vec![r"[\s\S]+".to_owned()],
            ..Facets::default()
        });
        let mut bare = filled.clone();
        for step in &mut bare.steps {
            step.enumeration.clear();
        }
        types
            .filled
            .insert(number(index), number(all.simple_types.len()));
        all.simple_types.push(filled);
        types
            .bare
            .insert(number(index), number(all.simple_types.len()));
        all.simple_types.push(bare);
    }
    (all, types)
}

impl CellTypes {
    fn get(&self, id: SimpleTypeId, with_codes: bool) -> SimpleTypeId {
        let types = if with_codes { &self.filled } else { &self.bare };
        types.get(&id).copied().unwrap_or(id)
    }
}

impl Tables<'_, '_> {
    fn enforcement(&self, side: Side) -> &Enforcement {
        match side {
            Side::Old => &self.enforcement.0,
            Side::New => &self.enforcement.1,
        }
    }

    fn tables(&mut self, usage: &mut Usage) {
        let (old, new) = self.layouts;
        let mut gone: Vec<&TableLayout> = old
            .tables
            .iter()
            .filter(|table| new.table(&table.name).is_none())
            .collect();
        let mut come: Vec<&TableLayout> = new
            .tables
            .iter()
            .filter(|table| old.table(&table.name).is_none())
            .collect();
        let names: Vec<BTreeSet<String>> = come.iter().map(|table| columns_of(table)).collect();
        let found = pair_off(gone.len(), come.len(), self.least, |before, now| {
            let mine = columns_of(gone[before]);
            let shared = mine.intersection(&names[now]).count();
            let all = mine.union(&names[now]).count().max(1);
            let score = i32::try_from(shared * 80 / all).unwrap_or(0);
            Likeness::default()
                .when(shared > 0, score, "columns in common")
                .names(&gone[before].name, &come[now].name)
        });
        let mut renamed: BTreeMap<Arc<str>, &TableLayout> = BTreeMap::new();
        for matched in &found {
            let (before, now) = (gone[matched.old], come[matched.new]);
            renamed.insert(Arc::clone(&now.name), before);
            let change = Change::draft(
                Kind::TableRenamed,
                ChangePlace::Table(Arc::clone(&now.name)),
            )
            .was(&*before.name)
            .is(&*now.name)
            .sure(matched.likeness.percent(), matched.likeness.reasons())
            .breaking(
                Whom::Meaning,
                Certainty::Decided,
                "rules and stored data sets know it by its name",
            );
            self.changes.push(change);
        }
        gone.retain(|table| !renamed.values().any(|known| known.name == table.name));
        come.retain(|table| !renamed.contains_key(&table.name));
        for now in &new.tables {
            let before = old
                .table(&now.name)
                .or_else(|| renamed.get(&now.name).copied());
            if let Some(before) = before {
                self.reading(before, now);
                self.columns(before, now, usage);
            }
        }
        for table in come {
            let origin = table.fields.first().map(|field| &field.origin);
            let change = Change::draft(
                Kind::TableAdded,
                ChangePlace::Table(Arc::clone(&table.name)),
            )
            .with("columns", table.fields.len().to_string())
            .at(None, origin)
            .breaking(
                Whom::Receiver,
                Certainty::Decided,
                "no file of it was known",
            );
            self.changes.push(change);
        }
        for table in gone {
            let origin = table.fields.first().map(|field| &field.origin);
            let change = Change::draft(
                Kind::TableRemoved,
                ChangePlace::Table(Arc::clone(&table.name)),
            )
            .with("columns", table.fields.len().to_string())
            .at(origin, None)
            .breaking(
                Whom::Submitter,
                Certainty::Decided,
                "no file of it is known",
            );
            self.changes.push(change);
        }
        self.aliases();
    }

    /// How files of a table are read: the row of names, what separates cells, the length of lines.
    fn reading(&mut self, old: &TableLayout, new: &TableLayout) {
        let place = || ChangePlace::Table(Arc::clone(&new.name));
        if self.pair.says(Aspect::Mandation) && old.header != new.header {
            let change = Change::draft(Kind::HeaderUseChanged, place())
                .was(old.header.as_str())
                .is(new.header.as_str());
            let (before, now) = (modes(old.header), modes(new.header));
            let mut change = change;
            let sides = [
                (
                    before,
                    now,
                    Side::New,
                    Whom::Submitter,
                    "files are read as if their first row were something else",
                ),
                (
                    now,
                    before,
                    Side::Old,
                    Whom::Receiver,
                    "files arrive that were read as something else",
                ),
            ];
            for (sent, read, side, whom, why) in sides {
                if sent.iter().any(|mode| !read.contains(mode)) {
                    let certainty = if self.refuses_first_row(side) {
                        Certainty::Decided
                    } else {
                        Certainty::Unknown
                    };
                    change.break_for(whom, certainty, why);
                }
            }
            self.changes.push(change);
        }
        self.delimiters(old, new);
        if old.record_length != new.record_length {
            let words = |length: Option<u32>| {
                length.map_or_else(|| "any number of".to_owned(), |length| length.to_string())
            };
            let refuses = |side| {
                let effect = self
                    .enforcement(side)
                    .of(concord_check::BuiltinRule::TableLineLength);
                effect.is_reject()
            };
            let change = Change::draft(Kind::LineLengthChanged, place())
                .was(words(old.record_length))
                .is(words(new.record_length))
                .breaking_if(
                    new.record_length.is_some() && refuses(Side::New),
                    Whom::Submitter,
                    "lines of another length are refused",
                )
                .breaking_if(
                    old.record_length.is_some() && refuses(Side::Old),
                    Whom::Receiver,
                    "lines arrive that were refused",
                );
            self.changes.push(change);
        }
    }

    /// Whether a side refuses a row of names where none may stand, and another row where names must.
    fn refuses_first_row(&self, side: Side) -> bool {
        use concord_check::BuiltinRule::{TableHeaderMissing, TableHeaderRepeated};
        [TableHeaderMissing, TableHeaderRepeated]
            .into_iter()
            .all(|rule| self.enforcement(side).of(rule).is_reject())
    }

    fn delimiters(&mut self, old: &TableLayout, new: &TableLayout) {
        // Where none is named any will do.
        let open = (old.delimiters.is_empty(), new.delimiters.is_empty());
        if open.0 && open.1 || !self.pair.says(Aspect::Mandation) {
            return;
        }
        let place = || ChangePlace::Table(Arc::clone(&new.name));
        let words = |delimiters: &[u8]| {
            let names: Vec<String> = delimiters.iter().map(|byte| delimiter(*byte)).collect();
            names.join(", ")
        };
        let only = |mine: &[u8], theirs: &[u8]| -> Vec<u8> {
            mine.iter()
                .copied()
                .filter(|byte| !theirs.contains(byte))
                .collect()
        };
        let (removed, added) = (
            only(&old.delimiters, &new.delimiters),
            only(&new.delimiters, &old.delimiters),
        );
        if !open.1 && (open.0 || !removed.is_empty()) {
            let was = if open.0 {
                "anything".to_owned()
            } else {
                words(&removed)
            };
            let change = Change::draft(Kind::DelimiterRemoved, place())
                .was(was)
                .breaking(
                    Whom::Submitter,
                    Certainty::Decided,
                    "a file that is written so is refused",
                );
            self.changes.push(change);
        }
        if !open.0 && (open.1 || !added.is_empty()) {
            let is = if open.1 {
                "anything".to_owned()
            } else {
                words(&added)
            };
            let change = Change::draft(Kind::DelimiterAdded, place())
                .is(is)
                .breaking(
                    Whom::Receiver,
                    Certainty::Decided,
                    "a file arrives that was refused",
                );
            self.changes.push(change);
        }
    }
}

/// The ways in which files may begin: with a row of names, and without.
fn modes(header: HeaderUse) -> &'static [bool] {
    match header {
        HeaderUse::Required => &[true],
        HeaderUse::Optional => &[true, false],
        HeaderUse::None => &[false],
    }
}

/// The names of the columns of a table, as headers are compared.
fn columns_of(table: &TableLayout) -> BTreeSet<String> {
    let columns = table.fields.iter();
    columns
        .map(|field| normalised_header(&field.column))
        .collect()
}

/// Whether columns are found by the characters that they stand at.
fn is_fixed_width(table: &TableLayout) -> bool {
    !table.fields.is_empty() && table.fields.iter().all(|field| field.span.is_some())
}

fn delimiter(byte: u8) -> String {
    match byte {
        b'\t' => "a tab".to_owned(),
        b' ' => "a blank".to_owned(),
        byte => format!("`{}`", char::from(byte)),
    }
}
