//! Whether the row of names of an old file is still taken for one.

use std::sync::Arc;

use concord_standards::layout::{HeaderUse, Layout, Mandation, TableLayout, normalised_header};

use super::Tables;
use super::columns::{Columns, needs_names};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Whom};

/// A row that names so many columns is a row of names, however many cells name none.
const ENOUGH: usize = 3;

impl Tables<'_, '_> {
    /// A row is taken for names when it names three columns, or half of its cells do. An old file may leave out what is not
    /// mandatory; the worst one keeps all columns that are unknown now, and of the others those that it must.
    pub(super) fn header_lost(&mut self, columns: &Columns<'_>) {
        if !columns.modes.by_name {
            return;
        }
        let forwards = names_lost(columns.old, columns.new, self.layouts.1);
        let backwards = names_lost(columns.new, columns.old, self.layouts.0);
        let mut change = Change::draft(
            Kind::HeaderLost,
            ChangePlace::Table(Arc::clone(&columns.new.name)),
        );
        let Some(any) = forwards.as_ref().or(backwards.as_ref()) else {
            return;
        };
        change = change.with("what", crate::compare::value::some_of(&any.columns));
        let sides = [(&forwards, Whom::Submitter), (&backwards, Whom::Receiver)];
        for (lost, whom) in sides {
            if let Some(lost) = lost {
                change.break_for(whom, lost.certainty, lost.why);
            }
        }
        self.changes.push(change);
    }
}

/// What becomes of the row of names of one table, read as another.
struct Lost {
    columns: Vec<String>,
    certainty: Certainty,
    why: &'static str,
}

/// Whether the names that a file of one table has are not taken for names by the other.
fn names_lost(from: &TableLayout, to: &TableLayout, layout: &Layout) -> Option<Lost> {
    if !needs_names(to) {
        return None;
    }
    let names: std::collections::BTreeSet<String> = to
        .fields
        .iter()
        .map(|field| normalised_header(&field.column))
        .collect();
    let is_known = |column: &str| {
        let name = normalised_header(column);
        let alias = layout.aliases.get(&name);
        names.contains(&name)
            || alias.is_some_and(|column| names.contains(&normalised_header(column)))
    };
    let (known, unknown): (Vec<_>, Vec<_>) = from
        .fields
        .iter()
        .partition(|field| is_known(&field.column));
    let mandatory = known
        .iter()
        .filter(|field| field.mandation == Mandation::Mandatory);
    let least = mandatory.count();
    let cells = least + unknown.len();
    let taken_for_row =
        |least: usize, cells: usize| least * 2 < cells.min(to.fields.len()) && least < ENOUGH;
    if unknown.is_empty() || !taken_for_row(least, cells) {
        return None;
    }
    // With all its columns, as most files have them.
    let usual = taken_for_row(known.len(), from.fields.len());
    Some(Lost {
        columns: unknown
            .iter()
            .map(|field| field.column.to_string())
            .collect(),
        certainty: if usual {
            Certainty::Decided
        } else {
            Certainty::Unknown
        },
        why: match to.header {
            HeaderUse::Required => "the first row is not taken for the names of columns",
            _ => "the names of columns are taken for a row",
        },
    })
}
