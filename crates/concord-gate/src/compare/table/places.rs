//! Columns that are found by their place, at another place.

use std::sync::Arc;

use concord_sample::Dice;
use concord_sample::value::{Extent, Values};
use concord_standards::layout::{Field, Mandation};
use concord_standards::schema::Schema;

use super::Tables;
use super::columns::Columns;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, Lead, LeadKind, Side, Whom};
use crate::compare::matching::in_order;
use crate::language::Inclusion;

impl Tables<'_, '_> {
    /// Columns at another place, where their place is all there is.
    pub(super) fn moved(&mut self, columns: &Columns<'_>) {
        let order: Vec<usize> = columns.both.iter().map(|(before, _)| *before).collect();
        let kept = in_order(&order);
        let moved: Vec<(usize, usize)> = columns
            .both
            .iter()
            .zip(kept)
            .filter(|(_, kept)| !kept)
            .map(|(pair, _)| *pair)
            .collect();
        if moved.is_empty() {
            return;
        }
        let misfits = [
            (
                Side::New,
                Whom::Submitter,
                "values that stand at the old place are refused there now",
            ),
            (
                Side::Old,
                Whom::Receiver,
                "values arrive at a place where they were refused",
            ),
        ]
        .map(|(side, whom, why)| (self.misfit(columns, side), whom, why));
        for (before, now) in moved {
            let (mine, theirs) = (&columns.old.fields[before], &columns.new.fields[now]);
            let mut change = Change::draft(Kind::ColumnMoved, Self::place(columns.new, theirs))
                .was((before + 1).to_string())
                .is((now + 1).to_string())
                .at(Some(&mine.origin), Some(&theirs.origin))
                .breaking(
                    Whom::Meaning,
                    Certainty::Decided,
                    "without names of columns its values are read as those of another",
                );
            for (misfit, whom, why) in &misfits {
                match misfit {
                    Misfit::None => {}
                    Misfit::Certain(lead) => {
                        change.break_for(*whom, Certainty::Decided, *why);
                        change.lead = change.lead.or_else(|| lead.clone());
                    }
                    Misfit::Unknown(why) => {
                        change.break_for(*whom, Certainty::Unknown, why.clone());
                    }
                }
            }
            self.changes.push(change);
        }
    }

    /// Whether a value that a column of one side takes at some place is refused there by the column of the side that reads it.
    fn misfit(&self, columns: &Columns<'_>, reader: Side) -> Misfit {
        let mut unknown = None;
        let places = columns.old.fields.iter().zip(&columns.new.fields);
        for (mine, theirs) in places.filter(|(mine, theirs)| mine.column != theirs.column) {
            let (half, sender, table, sent, read) = match reader {
                Side::New => (&self.pair.new, Side::Old, columns.old, mine, theirs),
                Side::Old => (&self.pair.old, Side::New, columns.new, theirs, mine),
            };
            let lead = |text: &str| {
                Some(Lead {
                    taken_by: sender,
                    what: LeadKind::Cell {
                        table: Arc::clone(&table.name),
                        column: Arc::clone(&sent.column),
                        text: text.to_owned(),
                    },
                })
            };
            if self.refuses_blank(reader, read) && sent.mandation != Mandation::Mandatory {
                return Misfit::Certain(lead(""));
            }
            let closed =
                read.mandation == Mandation::NotUsed && sent.mandation != Mandation::NotUsed;
            if closed && self.enforcement(reader).of_field(read).presence.refuses() {
                let sender = match reader {
                    Side::New => self.pair.old.schema(),
                    Side::Old => self.pair.new.schema(),
                };
                return Misfit::Certain(any_text(sender, sent).and_then(|text| lead(&text)));
            }
            let Some((old, new)) = self.refused_types(reader, mine, theirs) else {
                continue;
            };
            let values = match reader {
                Side::New => self.pair.values_of_old(old, new),
                Side::Old => self.pair.values_of_new(old, new),
            };
            match values {
                Inclusion::Included => {}
                Inclusion::Not(text) => {
                    let damaged = self.enforcement(reader).damaged.is_reject();
                    let kind = read.kind(half.schema());
                    if half.refuses_cell(read.value, kind, damaged, &text) {
                        return Misfit::Certain(lead(&text));
                    }
                    unknown = Some(crate::compare::value::REPAIRED.to_owned());
                }
                Inclusion::Unknown(why) => unknown = Some(why),
            }
        }
        unknown.map_or(Misfit::None, Misfit::Unknown)
    }
}

/// Some text that a column takes, other than none.
fn any_text(schema: &Schema, field: &Field) -> Option<String> {
    let mut values = Values::new(schema);
    let mut texts = [Extent::Smallest, Extent::Largest]
        .into_iter()
        .filter_map(|extent| values.make(field.value, extent, &mut Dice::new(1)).ok());
    texts.find(|text| !text.is_empty())
}

/// Whether columns that changed places take each other's values.
enum Misfit {
    None,
    Certain(Option<Lead>),
    Unknown(String),
}
