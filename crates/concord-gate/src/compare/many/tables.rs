//! What differs in tables: which there are, how their rows are known and where they lead.

use std::sync::Arc;

use concord_standards::submission::Table;

use super::Many;
use super::numbering::Both;
use super::words::Words;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::compare::draft::whom;

impl Many<'_> {
    pub(super) fn tables(&mut self) {
        for (number, both) in self.numbering.tables.iter().enumerate() {
            match (both.old, both.new) {
                (Some(old), Some(new)) => {
                    let (mine, theirs) = (
                        &self.numbering.old.tables[old],
                        &self.numbering.new.tables[new],
                    );
                    self.renamed(number, both, mine, theirs);
                    self.known_by(number, (old, mine), (new, theirs));
                    self.columns(number, mine, theirs);
                }
                (None, Some(new)) => self.added(number, new),
                (Some(old), None) => self.removed(number, old),
                (None, None) => {}
            }
        }
    }

    /// Files of a side as they are, with rows of a table.
    pub(super) fn files(&self, side: Side, table: usize) -> Option<LeadKind> {
        let table = self.numbering.table_on(side, table)?;
        Some(LeadKind::Columns {
            table,
            without: None,
        })
    }

    /// Adds that files of a side are refused by the other, where that refuses what is not as published.
    pub(super) fn misfit(
        &self,
        change: Change,
        sender: Side,
        table: usize,
        why: &'static str,
    ) -> Change {
        if !self.refuses_misfits(sender.other()) {
            return change;
        }
        let change = change.breaking(whom(sender), Certainty::Decided, why);
        match self.files(sender, table) {
            Some(lead) => change.led(sender, lead),
            None => change,
        }
    }

    fn renamed(&mut self, number: usize, both: &Both, old: &Table, new: &Table) {
        let Some(likeness) = &both.renamed else {
            return;
        };
        let mut change = Change::draft(Kind::TableRenamed, self.table_place(number))
            .was(&*old.name)
            .is(&*new.name)
            .sure(likeness.percent(), likeness.reasons())
            .at(Some(&old.origin), Some(&new.origin))
            .breaking(
                Whom::Meaning,
                Certainty::Decided,
                "rules and stored data sets know it by its name",
            );
        if old.code != new.code {
            let why = "a file by the other name is no table";
            change = self.misfit(change, Side::Old, number, why);
            change = self.misfit(change, Side::New, number, why);
        }
        self.changes.push(change);
    }

    fn added(&mut self, number: usize, table: usize) {
        let table = &self.numbering.new.tables[table];
        let change = Change::draft(Kind::TableAdded, self.table_place(number))
            .with("columns", table.columns.len().to_string())
            .at(None, Some(&table.origin))
            .breaking(
                Whom::Receiver,
                Certainty::Decided,
                "no file of it was known",
            );
        let change = self.misfit(change, Side::New, number, "no file of it was known");
        self.changes.push(change);
    }

    fn removed(&mut self, number: usize, table: usize) {
        let table = &self.numbering.old.tables[table];
        let change = Change::draft(Kind::TableRemoved, self.table_place(number))
            .with("columns", table.columns.len().to_string())
            .at(Some(&table.origin), None);
        let change = if self.refuses_misfits(Side::New) {
            self.misfit(change, Side::Old, number, "no file of it is known")
        } else {
            change.breaking(
                Whom::Meaning,
                Certainty::Decided,
                "what is sent of it is not read",
            )
        };
        self.changes.push(change);
    }

    /// The name that rows have in XML, their key, and where they lead.
    fn known_by(
        &mut self,
        number: usize,
        (old, mine): (usize, &Table),
        (new, theirs): (usize, &Table),
    ) {
        let place = self.table_place(number);
        if mine.code != theirs.code {
            let names = (Arc::clone(&mine.code), Arc::clone(&theirs.code));
            let origins = (&mine.origin, &theirs.origin);
            self.in_xml(place.clone(), names, origins);
        }
        let words = |side| Words {
            numbering: self.numbering,
            side,
        };
        let known = |side, at: usize, table: &Table| {
            let words = words(side);
            let keys = (0..table.columns.len()).filter(|column| table.columns[*column].key);
            let keys: Vec<usize> = keys.collect();
            let keys = match keys.as_slice() {
                [] => "nothing".to_owned(),
                keys => words.names(at, keys),
            };
            let mut told: Vec<String> = table
                .tell
                .iter()
                .map(|column| words.column(at, *column).to_string())
                .collect();
            let beyond = table.tell_beyond.iter();
            told.extend(beyond.map(|operand| words.operand(at, operand)));
            (keys, told.join(", "))
        };
        let (before, now) = (known(Side::Old, old, mine), known(Side::New, new, theirs));
        if before != now {
            let text = |(keys, told): &(String, String)| {
                if before.0 == now.0 {
                    format!("{keys} (findings name {told})")
                } else {
                    keys.clone()
                }
            };
            let change = Change::draft(Kind::RecordKeyChanged, place.clone())
                .was(text(&before))
                .is(text(&now))
                .at(Some(&mine.origin), Some(&theirs.origin))
                .breaking(
                    Whom::Meaning,
                    Certainty::Decided,
                    "records match other records",
                );
            self.changes.push(change);
        }
        let leads = |side, at: usize, table: &Table| {
            let words = words(side);
            let mut links: Vec<String> = table
                .links
                .iter()
                .map(|link| {
                    let on = words.on(at, link.table, &link.columns);
                    format!("{} by {on}", words.table(link.table))
                })
                .collect();
            links.sort_unstable();
            if links.is_empty() {
                "nowhere".to_owned()
            } else {
                links.join("; ")
            }
        };
        let (before, now) = (leads(Side::Old, old, mine), leads(Side::New, new, theirs));
        if before != now {
            let change = Change::draft(Kind::TableLinksChanged, place)
                .was(before)
                .is(now)
                .at(Some(&mine.origin), Some(&theirs.origin))
                .breaking(
                    Whom::Meaning,
                    Certainty::Decided,
                    "rows belong to other rows",
                );
            self.changes.push(change);
        }
    }

    /// Another name in XML.
    pub(super) fn in_xml(
        &mut self,
        place: ChangePlace,
        (before, now): (Arc<str>, Arc<str>),
        (old, new): (
            &concord_standards::schema::Origin,
            &concord_standards::schema::Origin,
        ),
    ) {
        let word = |name: &str| {
            if name.is_empty() {
                "without a name of its own".to_owned()
            } else {
                name.to_owned()
            }
        };
        let mut change = Change::draft(Kind::XmlNameChanged, place)
            .was(word(&before))
            .is(word(&now))
            .at(Some(old), Some(new));
        for sender in [Side::Old, Side::New] {
            let why = "a document with the other name is refused, or is read without what has it";
            change.break_for(whom(sender), Certainty::Unknown, why);
        }
        self.changes.push(change);
    }
}
