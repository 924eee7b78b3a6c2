//! Further spellings of the names of columns.

use std::sync::Arc;

use concord_standards::layout::{Layout, Mandation, TableLayout, normalised_header};

use super::{Tables, modes};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Whom};
use crate::subject::Aspect;

impl Tables<'_, '_> {
    pub(super) fn aliases(&mut self) {
        if !self.pair.says(Aspect::Mandation) {
            return;
        }
        let (old, new) = self.layouts;
        for (header, column) in &old.aliases {
            let still = new.aliases.get(header);
            let Some((table, mandation)) = home(new, column) else {
                // The column itself is gone, or has another name, which is told of it.
                continue;
            };
            if still == Some(column) || is_column(new, header) {
                continue;
            }
            let mut change = Change::draft(
                Kind::AliasRemoved,
                ChangePlace::Column(Arc::clone(&table.name), Arc::clone(column)),
            )
            .was(header.as_str())
            .is(&**column);
            let by_name = modes(table.header).contains(&true);
            if by_name && mandation == Mandation::Mandatory {
                let why = "for a file that spells it so the column is missing";
                change.break_for(Whom::Submitter, Certainty::Decided, why);
            }
            if still.is_some() {
                let why = "the spelling is understood as another column";
                change.break_for(Whom::Meaning, Certainty::Decided, why);
            }
            self.changes.push(change);
        }
        for (header, column) in &new.aliases {
            let Some((table, _)) = home(new, column) else {
                continue;
            };
            let known = old.aliases.get(header) == Some(column) || is_column(old, header);
            if known || home(old, column).is_none() {
                continue;
            }
            let change = Change::draft(
                Kind::AliasAdded,
                ChangePlace::Column(Arc::clone(&table.name), Arc::clone(column)),
            )
            .was(header.as_str())
            .is(&**column);
            self.changes.push(change);
        }
    }
}

/// The first table that has a column, and whether it must be filled.
fn home<'l>(layout: &'l Layout, column: &str) -> Option<(&'l TableLayout, Mandation)> {
    layout
        .tables
        .iter()
        .find_map(|table| Some((table, table.field(column)?.1.mandation)))
}

/// Whether a spelling is the name of a column.
fn is_column(layout: &Layout, header: &str) -> bool {
    let mut columns = layout.tables.iter().flat_map(|table| &table.fields);
    columns.any(|field| normalised_header(&field.column) == header)
}
