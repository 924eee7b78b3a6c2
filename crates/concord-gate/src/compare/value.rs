//! Two simple types compared: formats, permitted values, code lists.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use concord_model::repair::Kind as RepairKind;
use concord_standards::schema::{Facets, Schema, SimpleType, SimpleTypeId, Variety};

use super::facets::{self, Difference};
use super::side::{Both, Pair};
use super::usage::Usage;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::language::Inclusion;
use crate::subject::Aspect;

/// Values that a message lists before it counts the rest.
const LISTED: usize = 12;

/// A place where a value stands, on both sides.
#[derive(Debug, Clone)]
pub(super) enum At {
    /// An element or, with `@name` at the end, an attribute.
    Path {
        old: Vec<Arc<str>>,
        new: Vec<Arc<str>>,
        place: ChangePlace,
    },
    /// A column: table and name.
    Cell {
        old: (Arc<str>, Arc<str>),
        new: (Arc<str>, Arc<str>),
    },
}

/// Two types that are compared, and what comes of a value that only one of them takes.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) at: At,
    pub(super) old: SimpleTypeId,
    pub(super) new: SimpleTypeId,
    /// The types that say what NEW refuses; `None` when it refuses nothing.
    pub(super) submitter: Option<(SimpleTypeId, SimpleTypeId)>,
    /// The types that say what OLD refuses; `None` when it refuses nothing.
    pub(super) receiver: Option<(SimpleTypeId, SimpleTypeId)>,
    /// Whether codes that are not on a list are refused, by OLD and by NEW.
    pub(super) codes: (bool, bool),
    /// What cells of tables are repaired to before they are looked at; `None` elsewhere.
    pub(super) cells: Option<Cells>,
}

/// What the values of a column are wanted to be, and whether one that was damaged is refused though it can be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    pub(super) old: (RepairKind, bool),
    pub(super) new: (RepairKind, bool),
}

/// Why it is not known whether a cell is refused.
pub(super) const REPAIRED: &str =
    "damaged values are repaired before they are looked at, in another way on each side";

impl At {
    pub(super) fn place(&self) -> ChangePlace {
        match self {
            Self::Path { place, .. } => place.clone(),
            Self::Cell {
                new: (table, column),
                ..
            } => ChangePlace::Column(Arc::clone(table), Arc::clone(column)),
        }
    }

    /// A record of a side in which this text stands here.
    pub(super) fn lead(&self, side: Side, text: &str) -> LeadKind {
        let text = text.to_owned();
        match (self, side) {
            (Self::Path { old: path, .. }, Side::Old)
            | (Self::Path { new: path, .. }, Side::New) => LeadKind::Value {
                path: path.clone(),
                text,
            },
            (Self::Cell { old: cell, .. }, Side::Old)
            | (Self::Cell { new: cell, .. }, Side::New) => LeadKind::Cell {
                table: Arc::clone(&cell.0),
                column: Arc::clone(&cell.1),
                text,
            },
        }
    }
}

/// Whether two types are written the same, whatever their names.
pub(super) fn same(old: (&Schema, SimpleTypeId), new: (&Schema, SimpleTypeId), depth: u8) -> bool {
    let (mine, theirs) = (old.0.simple_type(old.1), new.0.simple_type(new.1));
    let nothing = Facets::default();
    if depth == 0 || !said_by(mine, &nothing).eq(said_by(theirs, &nothing)) {
        return false;
    }
    let same = |left: &SimpleTypeId, right: &SimpleTypeId| {
        same((old.0, *left), (new.0, *right), depth - 1)
    };
    match (&mine.variety, &theirs.variety) {
        (Variety::Atomic(left), Variety::Atomic(right)) => left == right,
        (Variety::List(left), Variety::List(right)) => same(left, right),
        (Variety::Union(left), Variety::Union(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        _ => false,
    }
}

/// The restriction steps of a type that say anything.
fn said_by<'t>(simple: &'t SimpleType, nothing: &'t Facets) -> impl Iterator<Item = &'t Facets> {
    simple.steps.iter().filter(move |facets| *facets != nothing)
}

/// Compares two types.
pub(super) fn compare(pair: &Pair<'_>, values: Values, usage: &mut Usage) -> Vec<Change> {
    let (old, new) = (pair.old.schema(), pair.new.schema());
    let (mine, theirs) = (old.simple_type(values.old), new.simple_type(values.new));
    let lists = pair.says(Aspect::CodeMeanings);
    let shared_list = mine
        .code_list
        .as_ref()
        .filter(|list| lists && theirs.code_list.as_ref() == Some(*list))
        .cloned();
    if let Some(list) = &shared_list {
        usage.add(list, values.clone());
    }
    let mut found = Compared {
        pair,
        values,
        shared_list,
        changes: Vec::new(),
    };
    if lists {
        found.code_list(mine, theirs);
    }
    let alike = same((old, found.values.old), (new, found.values.new), 8);
    if alike {
        found.restated(mine, theirs);
    } else if pair.says(Aspect::Format) {
        found.types(mine, theirs);
    }
    found.changes
}

struct Compared<'c, 's> {
    pair: &'c Pair<'s>,
    values: Values,
    /// The code list that both types are on.
    shared_list: Option<Arc<str>>,
    changes: Vec<Change>,
}

impl Compared<'_, '_> {
    fn draft(&self, kind: Kind, mine: &SimpleType, theirs: &SimpleType) -> Change {
        Change::draft(kind, self.values.at.place())
            .with("type", facets::named(theirs))
            .at(Some(&mine.origin), Some(&theirs.origin))
    }

    /// Another code list for the same place. Codes that are on one of them only are told by themselves.
    fn code_list(&mut self, mine: &SimpleType, theirs: &SimpleType) {
        if let (Some(before), Some(now)) = (&mine.code_list, &theirs.code_list)
            && before != now
        {
            let change = self
                .draft(Kind::CodeListChanged, mine, theirs)
                .was(&**before)
                .is(&**now)
                .breaking(
                    Whom::Meaning,
                    Certainty::Decided,
                    "a code means what another list says",
                );
            self.changes.push(change);
        }
    }

    fn restated(&mut self, mine: &SimpleType, theirs: &SimpleType) {
        if let (Some(before), Some(now)) = (&mine.format, &theirs.format)
            && before != now
        {
            let change = self
                .draft(Kind::FormatRestated, mine, theirs)
                .was(&**before)
                .is(&**now);
            self.changes.push(change);
        }
    }

    fn types(&mut self, mine: &SimpleType, theirs: &SimpleType) {
        let (before, now) = (facets::codes(mine), facets::codes(theirs));
        let both_listed = !before.is_empty() && !now.is_empty();
        let (mut withdrawn, mut added) = (BTreeSet::new(), BTreeSet::new());
        if both_listed {
            let (old, new) = (&self.pair.old, &self.pair.new);
            let only =
                |values: &[String], takes: &dyn Fn(&str) -> (bool, bool)| -> BTreeSet<String> {
                    let alone = values.iter().filter(|value| takes(value) == (true, false));
                    alone.cloned().collect()
                };
            withdrawn = only(&before, &|text| {
                (
                    old.takes(self.values.old, text),
                    new.takes(self.values.new, text),
                )
            });
            added = only(&now, &|text| {
                (
                    new.takes(self.values.new, text),
                    old.takes(self.values.old, text),
                )
            });
            self.listed(mine, theirs, (&before, &withdrawn), (&now, &added));
        }
        let mut told = facets::difference(
            (self.pair.old.schema(), mine),
            (self.pair.new.schema(), theirs),
        );
        if both_listed {
            told.retain(|difference| difference.name != facets::CODES);
        }
        let mut decided = self.decide();
        // What codes explain is told by the codes.
        let explains = |verdict: &mut Inclusion<String>, codes: &BTreeSet<String>| {
            if let Inclusion::Not(text) = verdict
                && codes.contains(text)
            {
                *verdict = Inclusion::Included;
            }
        };
        explains(&mut decided.submitter, &withdrawn);
        explains(&mut decided.receiver, &added);
        self.format(mine, theirs, &told, decided);
    }

    /// Values that are on the one enumeration only, unless the code list that both are on tells it.
    fn listed(
        &mut self,
        mine: &SimpleType,
        theirs: &SimpleType,
        (before, withdrawn): (&[String], &BTreeSet<String>),
        (now, added): (&[String], &BTreeSet<String>),
    ) {
        let on = |half: &super::side::Half<'_>, code: &str| {
            self.shared_list
                .as_ref()
                .and_then(|list| half.definition().code_lists.get(list))
                .is_some_and(|list| list.get(code).is_some())
        };
        let (old, new) = (&self.pair.old, &self.pair.new);
        // On the old list, not on the new one: the code itself is withdrawn.
        let of_list = |code: &str| on(old, code) != on(new, code);
        let own = |values: &[String], alone: &BTreeSet<String>| -> Vec<String> {
            let own = values
                .iter()
                .filter(|value| alone.contains(*value) && !of_list(value));
            own.cloned().collect()
        };
        let (withdrawn, added) = (own(before, withdrawn), own(now, added));
        if let Some(first) = withdrawn.first() {
            let change = self
                .draft(Kind::ValuesWithdrawn, mine, theirs)
                .was(some_of(&withdrawn))
                .breaking_if(
                    self.values.codes.1,
                    Whom::Submitter,
                    "a value that was permitted is refused",
                )
                .led_if_breaking(Side::Old, self.values.at.lead(Side::Old, first));
            self.changes.push(change);
        }
        if let Some(first) = added.first() {
            let change = self
                .draft(Kind::ValuesAdded, mine, theirs)
                .is(some_of(&added))
                .breaking_if(
                    self.values.codes.0,
                    Whom::Receiver,
                    "a value arrives that was refused",
                )
                .led_if_breaking(Side::New, self.values.at.lead(Side::New, first));
            self.changes.push(change);
        }
    }

    /// Whether all values are taken by the other side, as far as it refuses any.
    fn decide(&self) -> Both<String> {
        let included = || Inclusion::Included;
        match (self.values.submitter, self.values.receiver) {
            (Some(types), Some(others)) if types == others => self.pair.values(types.0, types.1),
            (submitter, receiver) => Both {
                submitter: submitter
                    .map_or_else(included, |(old, new)| self.pair.values_of_old(old, new)),
                receiver: receiver
                    .map_or_else(included, |(old, new)| self.pair.values_of_new(old, new)),
            },
        }
    }

    fn format(
        &mut self,
        mine: &SimpleType,
        theirs: &SimpleType,
        told: &[Difference],
        decided: Both<String>,
    ) {
        let unsafe_for = |verdict: &Inclusion<String>| !matches!(verdict, Inclusion::Included);
        let kind = match (
            unsafe_for(&decided.submitter),
            unsafe_for(&decided.receiver),
        ) {
            (true, true) => Kind::FormatChanged,
            (true, false) => Kind::FormatNarrowed,
            (false, true) => Kind::FormatWidened,
            (false, false) => return self.unrefused(mine, theirs, told),
        };
        let mut change = self.told(kind, mine, theirs, told);
        for (taken_by, verdict) in [
            (Side::Old, decided.submitter),
            (Side::New, decided.receiver),
        ] {
            let (whom, why) = match taken_by {
                Side::Old => (Whom::Submitter, "a value that was right is refused"),
                Side::New => (Whom::Receiver, "a value arrives that was refused"),
            };
            match verdict {
                Inclusion::Included => {}
                Inclusion::Not(text) if self.refuses(taken_by.other(), &text) => {
                    change = change
                        .breaking(whom, Certainty::Decided, why)
                        .led(taken_by, self.values.at.lead(taken_by, &text));
                }
                Inclusion::Not(_) => change.break_for(whom, Certainty::Unknown, REPAIRED),
                Inclusion::Unknown(why) => change.break_for(whom, Certainty::Unknown, why),
            }
        }
        self.repaired(&mut change);
        self.changes.push(change);
    }

    /// Whether a text that a side's type does not take is refused by it, which for cells is not quite the same.
    fn refuses(&self, side: Side, text: &str) -> bool {
        let (half, id, cells) = match side {
            Side::Old => (
                &self.pair.old,
                self.values.old,
                self.values.cells.map(|cells| cells.old),
            ),
            Side::New => (
                &self.pair.new,
                self.values.new,
                self.values.cells.map(|cells| cells.new),
            ),
        };
        cells.is_none_or(|(kind, damaged)| half.refuses_cell(id, kind, damaged, text))
    }

    /// Values that OLD repaired may be none that NEW can repair, where it wants them to be something else.
    fn repaired(&self, change: &mut Change) {
        if self.is_repaired_otherwise() {
            change.break_for(Whom::Submitter, Certainty::Unknown, REPAIRED);
        }
    }

    fn is_repaired_otherwise(&self) -> bool {
        self.values.submitter.is_some()
            && self
                .values
                .cells
                .is_some_and(|cells| cells.old.0 != cells.new.0)
    }

    /// Formats that differ where no value is refused that was taken.
    fn unrefused(&mut self, mine: &SimpleType, theirs: &SimpleType, told: &[Difference]) {
        let notation =
            mine.format != theirs.format && mine.format.is_some() && theirs.format.is_some();
        let enforced = self.values.submitter.is_some() && self.values.receiver.is_some();
        if told.is_empty() || (enforced && !notation && !self.is_repaired_otherwise()) {
            return;
        }
        let mut change = if enforced {
            self.draft(Kind::FormatRestated, mine, theirs)
                .was(facets::notation(mine))
                .is(facets::notation(theirs))
        } else {
            self.told(Kind::FormatChanged, mine, theirs, told)
        };
        self.repaired(&mut change);
        self.changes.push(change);
    }

    fn told(
        &self,
        kind: Kind,
        mine: &SimpleType,
        theirs: &SimpleType,
        told: &[Difference],
    ) -> Change {
        let what: Vec<String> = told.iter().map(Difference::in_words).collect();
        let mut change = self
            .draft(kind, mine, theirs)
            .was(facets::notation(mine))
            .is(facets::notation(theirs))
            .with(
                "what",
                if what.is_empty() {
                    "its parts".to_owned()
                } else {
                    what.join("; ")
                },
            );
        for difference in told {
            change = change.with(difference.name, difference.change());
        }
        change
    }
}

/// A list of values, cut short.
pub(super) fn some_of(values: &[String]) -> String {
    let mut text = values
        .iter()
        .take(LISTED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if values.len() > LISTED {
        // Writing to a `String` does not fail.
        let _ = write!(text, " and {} more", values.len() - LISTED);
    }
    text
}
