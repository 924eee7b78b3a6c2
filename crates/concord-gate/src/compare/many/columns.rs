//! What differs in columns. What is refused of them is worked out with the rules beside them.

use std::sync::Arc;

use concord_standards::layout::Mandation;
use concord_standards::schema::Facts;
use concord_standards::submission::{Codes, Column, Table};

use super::numbering::Both;
use super::takes::{Takes, same_codes};
use super::{Aspect, Many};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Side, Whom};
use crate::compare::draft::whom;
use crate::compare::facts;
use crate::compare::value::some_of;
use crate::language::Inclusion;

impl Many<'_> {
    /// The columns of a table that both sides have.
    pub(super) fn columns(&mut self, table: usize, old: &Table, new: &Table) {
        for (number, both) in self.numbering.columns[table].iter().enumerate() {
            match (both.old, both.new) {
                (Some(before), Some(now)) => {
                    let (mine, theirs) = (&old.columns[before], &new.columns[now]);
                    self.column_renamed(table, number, both, mine, theirs);
                    self.column(table, number, both, mine, theirs);
                }
                (None, Some(now)) => self.column_added(table, number, &new.columns[now]),
                (Some(before), None) => self.column_removed(table, number, &old.columns[before]),
                (None, None) => {}
            }
        }
    }

    /// Adds a change of a column, and remembers what rules beside it may say that it breaks.
    fn tell(&mut self, change: Change, at: (usize, usize), aspect: Aspect, whom: &[Whom]) {
        for whom in whom {
            let key = (at.0, at.1, aspect, *whom);
            self.of_columns.entry(key).or_insert(self.changes.len());
        }
        self.changes.push(change);
    }

    fn column_renamed(
        &mut self,
        table: usize,
        number: usize,
        both: &Both,
        old: &Column,
        new: &Column,
    ) {
        let Some(likeness) = &both.renamed else {
            return;
        };
        let change = Change::draft(Kind::ColumnRenamed, self.column_place(table, number))
            .was(&*old.name)
            .is(&*new.name)
            .sure(likeness.percent(), likeness.reasons())
            .at(Some(&old.origin), Some(&new.origin))
            .with("spelling", "the old name is not understood");
        let why = "a file by the other name has a column too many and lacks one";
        let mut change = self.misfit(change, Side::Old, table, why);
        change = self.misfit(change, Side::New, table, why);
        for side in [Side::Old, Side::New] {
            // Where misfits are let pass, what stands under the other name is not read.
            let must = self.is_asked_for(side.other(), table, number);
            if must && !self.refuses_misfits(side.other()) {
                let why = "the column must be filled, and is not read under its other name";
                change.break_for(whom(side), Certainty::Decided, why);
                if let Some(lead) = self.files(side, table) {
                    change = change.led(side, lead);
                }
            }
        }
        self.changes.push(change);
    }

    /// Whether a side refuses every row in which a column is blank.
    fn is_asked_for(&self, side: Side, table: usize, column: usize) -> bool {
        use concord_standards::submission::Check;
        self.rules_of(side).iter().any(|asked| {
            asked.table == table
                && asked.rejects()
                && matches!(&asked.check, Check::Required { columns, when }
                    if when.is_empty() && columns.contains(&column))
        })
    }

    fn column_added(&mut self, table: usize, number: usize, column: &Column) {
        let kind = if column.mandation == Mandation::Mandatory {
            Kind::ColumnAddedMandatory
        } else {
            Kind::ColumnAdded
        };
        let change = described(
            Change::draft(kind, self.column_place(table, number)),
            column,
        )
        .is(short(column))
        .at(None, Some(&column.origin));
        let why = "a file without the column is refused, and none had it";
        let change = self.misfit(change, Side::Old, table, why);
        let why = "a column that is not known was refused";
        let change = self.misfit(change, Side::New, table, why);
        self.tell(
            change,
            (table, number),
            Aspect::Presence,
            &[Whom::Submitter],
        );
    }

    fn column_removed(&mut self, table: usize, number: usize, column: &Column) {
        let change = Change::draft(Kind::ColumnRemoved, self.column_place(table, number));
        let change = described(change, column)
            .was(short(column))
            .at(Some(&column.origin), None);
        let why = "a column that is not known is refused";
        let change = self.misfit(change, Side::Old, table, why);
        let why = "files without it arrive";
        let change = self.misfit(change, Side::New, table, why);
        self.tell(change, (table, number), Aspect::Presence, &[Whom::Receiver]);
    }

    /// A column that both sides have.
    fn column(&mut self, table: usize, number: usize, both: &Both, old: &Column, new: &Column) {
        let place = self.column_place(table, number);
        let facts = |column: &Column| Facts {
            dictionary_name: Some(Arc::clone(&column.element)).filter(|name| !name.is_empty()),
            format: None,
            status: None,
            personal: column.personal,
        };
        let told = facts::compare(
            self.pair,
            (&facts(old), &old.origin),
            (&facts(new), &new.origin),
            &place,
        );
        // Under another name it may well be called otherwise in the dictionary too.
        let renamed = both.renamed.is_some();
        let told = told
            .into_iter()
            .filter(|change| !(renamed && change.is_of(Kind::IdentityChanged)));
        self.changes.extend(told);
        let at = (table, number);
        self.mandation(&place, at, old, new);
        self.format(&place, at, old, new);
        self.codes(&place, at, old, new);
        if old.uid != new.uid {
            let names = (Arc::clone(&old.uid), Arc::clone(&new.uid));
            self.in_xml(place, names, (&old.origin, &new.origin));
        }
    }

    fn mandation(&mut self, place: &ChangePlace, at: (usize, usize), old: &Column, new: &Column) {
        use Mandation::{Mandatory, NotUsed};
        if old.mandation == new.mandation {
            return;
        }
        let words = |column: &Column| {
            let mandation = column.mandation;
            format!("{} ({})", mandation.letter(), mandation.meaning())
        };
        let (kind, whom) = match (old.mandation, new.mandation) {
            (_, NotUsed) => (Kind::ColumnClosed, Some(Whom::Submitter)),
            (NotUsed, _) => (Kind::ColumnOpened, Some(Whom::Receiver)),
            (_, Mandatory) => (Kind::ColumnMadeMandatory, Some(Whom::Submitter)),
            (Mandatory, _) => (Kind::ColumnMadeOptional, Some(Whom::Receiver)),
            _ => (Kind::StatusChanged, None),
        };
        let change = Change::draft(kind, place.clone())
            .was(words(old))
            .is(words(new))
            .at(Some(&old.origin), Some(&new.origin));
        self.tell(change, at, Aspect::Presence, whom.as_slice());
    }

    /// Adds to changes of mandation that break nobody that it is asked for in another way.
    pub(super) fn asked_otherwise(&mut self) {
        let kinds = [
            Kind::ColumnMadeMandatory,
            Kind::ColumnMadeOptional,
            Kind::ColumnClosed,
            Kind::ColumnOpened,
            Kind::StatusChanged,
        ];
        for change in &mut self.changes {
            if change.is_safe() && kinds.iter().any(|kind| change.is_of(*kind)) {
                let why = "the specification asks for it in another way";
                change.break_for(Whom::Meaning, Certainty::Decided, why);
            }
        }
    }

    /// Another format. It is named by what the two take; whom it breaks is a matter of the rules.
    fn format(&mut self, place: &ChangePlace, at: (usize, usize), old: &Column, new: &Column) {
        if old.format == new.format {
            return;
        }
        let (before, now) = (Takes::as_said(old), Takes::as_said(new));
        let yes = Inclusion::Included;
        let (kind, whom): (_, &[Whom]) = match (before.within(&now), now.within(&before)) {
            (one, other) if one == yes && other == yes => (Kind::FormatRestated, &[]),
            (one, _) if one == yes => (Kind::FormatWidened, &[Whom::Receiver]),
            (_, other) if other == yes => (Kind::FormatNarrowed, &[Whom::Submitter]),
            _ => (Kind::FormatChanged, &[Whom::Submitter, Whom::Receiver]),
        };
        let word = |format: &str| {
            if format.is_empty() {
                "any text".to_owned()
            } else {
                format.to_owned()
            }
        };
        let (was, is) = (word(&old.format), word(&new.format));
        let what = format!("{is} now, {was} before");
        let change = Change::draft(kind, place.clone())
            .was(was)
            .is(is)
            .with("what", what)
            .with("type", &*new.format)
            .at(Some(&old.origin), Some(&new.origin));
        self.tell(change, at, Aspect::Format, whom);
    }

    /// Another code list, or other codes of the column's own.
    fn codes(&mut self, place: &ChangePlace, at: (usize, usize), old: &Column, new: &Column) {
        let (before, now) = (old.codes.as_deref(), new.codes.as_deref());
        match (before, now) {
            (None, None) => return,
            (Some(before), Some(now)) if same_codes(before, now) => return,
            _ => {}
        }
        let draft = |kind| {
            Change::draft(kind, place.clone())
                .with("type", &*new.format)
                .at(Some(&old.origin), Some(&new.origin))
        };
        if let (Some(Codes::These(before)), Some(Codes::These(now))) = (before, now) {
            let texts = |codes: Vec<&Arc<str>>| -> Vec<String> {
                codes.into_iter().map(ToString::to_string).collect()
            };
            let withdrawn = texts(before.difference(now).collect());
            let added = texts(now.difference(before).collect());
            if !withdrawn.is_empty() {
                let change = draft(Kind::ValuesWithdrawn).was(some_of(&withdrawn));
                self.tell(change, at, Aspect::Codes, &[Whom::Submitter]);
            }
            if !added.is_empty() {
                let change = draft(Kind::ValuesAdded).is(some_of(&added));
                self.tell(change, at, Aspect::Codes, &[Whom::Receiver]);
            }
            return;
        }
        let word = |codes: Option<&Codes>| match codes {
            Some(Codes::List(list, _)) => list.id.to_string(),
            Some(codes) => codes.shown(),
            None => "none".to_owned(),
        };
        let change = draft(Kind::CodeListChanged).was(word(before)).is(word(now));
        let change = change.breaking_if(
            before.is_some() && now.is_some(),
            Whom::Meaning,
            "a code means what another list says",
        );
        self.tell(
            change,
            at,
            Aspect::Codes,
            &[Whom::Submitter, Whom::Receiver],
        );
    }
}

fn described(change: Change, column: &Column) -> Change {
    change
        .with("mandation", column.mandation.meaning())
        .with("element", &*column.element)
        .with("type", &*column.format)
}

/// `M, max an10`
fn short(column: &Column) -> String {
    match &*column.format {
        "" => column.mandation.letter().to_owned(),
        format => format!("{}, {format}", column.mandation.letter()),
    }
}
