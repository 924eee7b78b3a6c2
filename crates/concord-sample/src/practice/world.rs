//! What happens in a practice, month by month.

use std::collections::{BTreeMap, BTreeSet};

use concord_standards::layout::{Layout, TableLayout};
use concord_standards::schema::Schema;

use super::kinds::{Kind, Role, System};
use super::{Request, State, cells};
use crate::Dice;

/// A row: the number of its kind, and its own.
pub(super) type Id = (usize, u64);

/// A row as it is now.
#[derive(Debug, Clone)]
pub(super) struct Row {
    person: Option<u64>,
    /// One for each column of the table.
    pub(super) cells: Vec<String>,
}

/// What a batch says.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Its month; batches are numbered by it.
    pub(super) month: u32,
    /// Kinds of which every row is in it, in the place of all that was there.
    pub(super) whole: BTreeSet<usize>,
    /// Rows that are new or changed.
    pub(super) changed: BTreeSet<Id>,
    /// Rows that are withdrawn, as they were.
    pub(super) withdrawn: BTreeMap<Id, Row>,
    /// Whether files that withdraw nothing lack the column that says so.
    pub(super) without_removal: bool,
    /// Rows that are sent of a practice whose agreement is disabled, and whether they are withdrawn. Nothing of them is to be taken.
    pub(super) refused: Vec<(Id, Row, bool)>,
}

/// The practice.
pub(super) struct World<'d> {
    system: System,
    layout: &'d Layout,
    schema: &'d Schema,
    rows: BTreeMap<Id, Row>,
    /// The rows that were ever made for a person, so that who falls out is not looked for among those of all others.
    theirs: BTreeMap<u64, Vec<Id>>,
    next: u64,
    people: u64,
    months: u32,
    dice: Dice,
    /// People who fell out, who may come back.
    gone: Vec<u64>,
    /// Rows of the delta before, which may be sent again.
    before: BTreeSet<Id>,
    /// Practices that share under the agreement, and where people are registered, the first one left out.
    practices: u64,
    registered: BTreeMap<u64, u64>,
    /// The practice of which nothing is to be taken this month.
    frozen: Option<u64>,
}

impl<'d> World<'d> {
    pub(super) fn new(
        system: System,
        layout: &'d Layout,
        schema: &'d Schema,
        request: &Request<'_>,
    ) -> Self {
        Self {
            system,
            layout,
            schema,
            rows: BTreeMap::new(),
            theirs: BTreeMap::new(),
            next: 1,
            people: request.people,
            months: request.months,
            dice: Dice::new(request.seed),
            gone: Vec::new(),
            before: BTreeSet::new(),
            practices: request.practices.max(1),
            registered: BTreeMap::new(),
            frozen: None,
        }
    }

    /// The practice whose agreement is disabled in a month: the second one, from before the second bulk until after it.
    fn frozen_in(&self, month: u32) -> Option<u64> {
        let is = self.practices > 1
            && self.system == System::Emis
            && month > self.months / 4
            && month <= self.months * 3 / 4;
        is.then_some(1)
    }

    /// The practice that a row is of.
    fn practice(&self, (kind, number): Id, person: Option<u64>) -> u64 {
        if let Some(person) = person {
            return self.registered.get(&person).copied().unwrap_or(0);
        }
        match self.system.kinds()[kind].role {
            Role::Person => self.registered.get(&number).copied().unwrap_or(0),
            _ => match self.system.kinds()[kind].table {
                "agreements_sharing_organisation" => self.place(kind, number),
                "admin_organisation" => Some(self.place(kind, number))
                    .filter(|place| *place < self.practices)
                    .unwrap_or(0),
                _ => 0,
            },
        }
    }

    fn is_frozen(&self, id: Id, row: &Row) -> bool {
        // The agreement itself is always told of.
        let told = self.system.kinds()[id.0].table == "agreements_sharing_organisation";
        self.frozen
            .is_some_and(|frozen| !told && self.practice(id, row.person) == frozen)
    }

    /// How many rows of a kind were made before one.
    fn place(&self, kind: usize, number: u64) -> u64 {
        self.rows.range((kind, 0)..(kind, number)).count() as u64
    }

    /// Tells of the agreement of the practice that is frozen, or not any more.
    fn agreements(&mut self, month: u32, batch: &mut Batch) {
        let before = self.frozen;
        self.frozen = self.frozen_in(month);
        if before == self.frozen {
            return;
        }
        let kinds = self.system.kinds();
        let Some(kind) = kinds
            .iter()
            .position(|kind| kind.table == "agreements_sharing_organisation")
        else {
            return;
        };
        let practice = before.or(self.frozen).unwrap_or(0) as usize;
        let rows = self.rows.range((kind, 0)..(kind + 1, 0));
        let Some(id) = rows.map(|(id, _)| *id).nth(practice) else {
            return;
        };
        let says = if self.frozen.is_some() {
            "true"
        } else {
            "false"
        };
        let table = self.layout.table(kinds[kind].table);
        let column = table.and_then(|table| {
            let mut fields = table.fields.iter();
            fields.position(|field| &*field.column == "DISABLED")
        });
        if let (Some(column), Some(row)) = (column, self.rows.get_mut(&id)) {
            says.clone_into(&mut row.cells[column]);
        }
        batch.changed.insert(id);
    }

    /// Rows of the practice that is frozen, which are sent all the same.
    fn refused(&mut self, month: u32, batch: &mut Batch) {
        // A bulk with rows that are withdrawn could not be told for one.
        let Some(frozen) = self.frozen.filter(|_| batch.whole.is_empty()) else {
            return;
        };
        let ids: Vec<(Id, Option<u64>)> = self
            .rows
            .iter()
            .filter(|(id, row)| {
                matches!(self.system.kinds()[id.0].role, Role::Person | Role::Of(_))
                    && self.practice(**id, row.person) == frozen
            })
            .map(|(id, row)| (*id, row.person))
            .collect();
        for _ in 0..8 {
            let Some((id, person)) = self.dice.pick(&ids).copied() else {
                return;
            };
            let withdrawn = self.dice.percent(50);
            let row = self.row(id.0, id.1, person, month);
            if !batch.refused.iter().any(|(known, ..)| *known == id) {
                batch.refused.push((id, row, withdrawn));
            }
        }
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = (usize, &'static Kind, &'d TableLayout)> {
        let layout = self.layout;
        let kinds = self.system.kinds().iter().enumerate();
        kinds.filter_map(move |(number, kind)| Some((number, kind, layout.table(kind.table)?)))
    }

    /// Lives through a month, and says what its batch holds.
    pub(super) fn month(&mut self, month: u32) -> Batch {
        let again = month > 1 && month == self.months / 2 + 1;
        let mut batch = Batch {
            month,
            without_removal: month % 4 == 3,
            ..Batch::default()
        };
        self.agreements(month, &mut batch);
        if month == 0 {
            self.begin();
        } else {
            // What a bulk that is not known for one does not say would stay for ever.
            self.change(month, !again || self.bulk_is_known(), &mut batch);
        }
        if again && self.bulk_is_known() {
            self.lose_unseen();
        }
        if month == 0 || again {
            batch.whole = self.kinds().map(|(kind, ..)| kind).collect();
            batch.withdrawn.clear();
        } else if self.system.has_manifest() && month % 5 == 4 {
            // Codes alone are sent as a whole, among changes of all else.
            batch.whole = self
                .kinds()
                .filter(|(_, kind, _)| kind.table == "sr_code")
                .map(|(kind, ..)| kind)
                .collect();
        }
        let whole: Vec<Id> = self
            .rows
            .iter()
            .filter(|(id, row)| batch.whole.contains(&id.0) && !self.is_frozen(**id, row))
            .map(|(id, _)| *id)
            .collect();
        batch.changed.extend(whole);
        self.refused(month, &mut batch);
        batch
            .withdrawn
            .retain(|(kind, _), _| !batch.whole.contains(kind));
        // Periods overlap where a manifest says what they are, so that rows come again.
        let overlap: Vec<Id> = if self.system.has_manifest() {
            self.before
                .iter()
                .filter(|id| self.rows.contains_key(id))
                .take(20)
                .copied()
                .collect()
        } else {
            Vec::new()
        };
        batch.changed.extend(overlap);
        self.before.clone_from(&batch.changed);
        batch
    }

    fn begin(&mut self) {
        for (number, kind, _) in self.kinds().collect::<Vec<_>>() {
            if let Role::Practice(rows) = kind.role {
                let each = ["agreements_sharing_organisation", "admin_organisation"];
                let more = if each.contains(&kind.table) {
                    self.practices - 1
                } else {
                    0
                };
                for _ in 0..rows + more {
                    self.add(number, None, 0);
                }
            }
        }
        for _ in 0..self.people {
            self.register(0, None);
        }
    }

    /// A person, new or come back, with everything that is known.
    fn register(&mut self, month: u32, back: Option<u64>) -> Vec<Id> {
        let mut added = Vec::new();
        let kinds: Vec<_> = self.kinds().collect();
        let mut person = back;
        for (number, kind, _) in &kinds {
            if kind.role == Role::Person {
                if back.is_none() && self.practices > 1 {
                    let new = self.next + 1;
                    let practice = self.registered.len() as u64 % self.practices;
                    let open = self.frozen.is_none_or(|frozen| frozen != practice);
                    self.registered.insert(new, if open { practice } else { 0 });
                }
                let id = self.add_as(*number, None, month, back);
                person = Some(id.1);
                added.push(id);
            }
        }
        for (number, kind, _) in &kinds {
            if let (Role::Of(rows), Some(person)) = (kind.role, person) {
                for _ in 0..rows {
                    added.extend(self.event(*number, person, month));
                }
            }
        }
        added
    }

    /// Something of a person, and now and then what extends it.
    fn event(&mut self, kind: usize, person: u64, month: u32) -> Vec<Id> {
        let id = self.add(kind, Some(person), month);
        let mut added = vec![id];
        let extended = self.system.kinds()[kind].table;
        for (number, kind, _) in self.kinds().collect::<Vec<_>>() {
            if kind.role == Role::Extends(extended) && self.dice.percent(15) {
                added.push(self.add_as(number, Some(person), month, Some(id.1)));
            }
        }
        added
    }

    fn add(&mut self, kind: usize, person: Option<u64>, month: u32) -> Id {
        self.add_as(kind, person, month, None)
    }

    fn add_as(&mut self, kind: usize, person: Option<u64>, month: u32, number: Option<u64>) -> Id {
        let number = number.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        let row = self.row(kind, number, person, month);
        self.rows.insert((kind, number), row);
        if let Some(person) = person {
            self.theirs.entry(person).or_default().push((kind, number));
        }
        (kind, number)
    }

    /// A row with keys, references and whatever else its columns take.
    fn row(&mut self, kind: usize, number: u64, person: Option<u64>, month: u32) -> Row {
        let (system, about) = (self.system, &self.system.kinds()[kind]);
        let (_, stands, _) = system.removal();
        let mut cells = Vec::new();
        let fields = self
            .layout
            .table(about.table)
            .map_or(&[][..], |table| &table.fields);
        for field in fields {
            let column = &*field.column;
            let is_key = about.key.contains(&column);
            cells.push(if column == system.removal().0 {
                stands.to_owned()
            } else if column == "ID_ORGANISATION_VISIBLE_TO" {
                cells::PRACTICE.to_owned()
            } else if is_key {
                self.name_of(kind, number)
            } else if column == system.person() {
                person.map_or_else(String::new, |person| self.name_of_person(person))
            } else if column == "ORGANISATION_GUID" {
                cells::practice_guid(self.practice((kind, number), person))
            } else if (about.table, column) == ("admin_organisation", "ODS_CODE") {
                match self.place(kind, number) {
                    place if place < self.practices => cells::practice_code(place),
                    _ => format!("RZ{}01", number % 10),
                }
            } else if column == "REFERRAL_TARGET_ORGANISATION_GUID" {
                self.other_organisation()
            } else if let Some(code) = self.code(about.table, column) {
                code
            } else if column == "PROCESSING_ID" {
                (100 * month + 1).to_string()
            } else {
                cells::cell(
                    system,
                    about.table,
                    field,
                    self.schema,
                    month,
                    &mut self.dice,
                )
            });
        }
        Row { person, cells }
    }

    /// One of the codes that a column names.
    fn code(&mut self, table: &str, column: &str) -> Option<String> {
        let mut codes = self.system.codes().iter();
        let (.., target) =
            codes.find(|(within, of, _)| *of == column && within.contains(&table))?;
        let kind = self
            .system
            .kinds()
            .iter()
            .position(|kind| kind.table == *target)?;
        let rows = self.rows.range((kind, 0)..(kind + 1, 0));
        let numbers: Vec<u64> = rows.map(|(id, _)| id.1).collect();
        let number = self.dice.pick(&numbers).copied()?;
        Some(self.name_of(kind, number))
    }

    /// One of the organisations that are not the practice.
    fn other_organisation(&mut self) -> String {
        let mut kinds = self.system.kinds().iter();
        let Some(kind) = kinds.position(|kind| kind.table == "admin_organisation") else {
            return String::new();
        };
        let rows = self
            .rows
            .range((kind, 0)..(kind + 1, 0))
            .skip(self.practices as usize);
        let numbers: Vec<u64> = rows.map(|(id, _)| id.1).collect();
        let number = self.dice.pick(&numbers).copied();
        number.map_or_else(String::new, |number| cells::guid(kind, number))
    }

    fn name_of_person(&self, person: u64) -> String {
        let kinds = self.system.kinds();
        let of_people = kinds.iter().position(|kind| kind.role == Role::Person);
        self.name_of(of_people.unwrap_or_default(), person)
    }

    /// How the key of a row is written. What extends something has its key.
    fn name_of(&self, kind: usize, number: u64) -> String {
        let kinds = self.system.kinds();
        let kind = match kinds[kind].role {
            Role::Extends(table) => kinds
                .iter()
                .position(|other| other.table == table)
                .unwrap_or(kind),
            _ => kind,
        };
        match (self.system, kinds[kind].table) {
            // The first organisations are the practices.
            (System::Emis, "agreements_sharing_organisation" | "admin_organisation")
                if self.place(kind, number) < self.practices =>
            {
                cells::practice_guid(self.place(kind, number))
            }
            (System::Emis, table) if !table.starts_with("coding") => cells::guid(kind, number),
            _ => number.to_string(),
        }
    }

    /// A month of change.
    fn change(&mut self, month: u32, withdraws: bool, batch: &mut Batch) {
        let some = (self.people / 40).max(2);
        let gone = if withdraws { some } else { 0 };
        for _ in 0..some {
            let mut back = self.dice.once_in(3).then(|| self.gone.pop()).flatten();
            if let (Some(person), Some(frozen)) = (back, self.frozen)
                && self.registered.get(&person) == Some(&frozen)
            {
                self.gone.insert(0, person);
                back = None;
            }
            batch.changed.extend(self.register(month, back));
        }
        for _ in 0..gone / 2 {
            self.fall_out(batch);
        }
        let events: Vec<usize> = self
            .kinds()
            .filter(|(_, kind, _)| matches!(kind.role, Role::Of(_)))
            .map(|(number, ..)| number)
            .collect();
        for _ in 0..some * 4 {
            let kind = self.dice.pick(&events).copied();
            if let (Some(kind), Some(person)) = (kind, self.somebody()) {
                let added = self.event(kind, person, month);
                batch.changed.extend(added);
            }
        }
        // Late corrections: rows of any age, of people and of the practice too.
        for _ in 0..some * 2 {
            if let Some(id) = self.some_row() {
                let person = self.rows[&id].person;
                // What an agreement says is told of when it changes.
                if self.practices > 1 && self.system.kinds()[id.0].table.starts_with("agreements") {
                    continue;
                }
                let row = self.row(id.0, id.1, person, month);
                self.rows.insert(id, row);
                batch.changed.insert(id);
            }
        }
        for _ in 0..gone {
            let kinds = self.system.kinds();
            let events = |id: &Id| matches!(kinds[id.0].role, Role::Of(_) | Role::Extends(_));
            let Some(id) = self.some_row().filter(events) else {
                continue;
            };
            // Where nothing can say that a row is withdrawn, none is.
            let table = self.layout.table(self.system.kinds()[id.0].table);
            let removal = self.system.removal().0;
            if table.is_some_and(|table| table.field(removal).is_some())
                && let Some(row) = self.rows.remove(&id)
            {
                batch.changed.remove(&id);
                batch.withdrawn.insert(id, row);
            }
        }
    }

    fn fall_out(&mut self, batch: &mut Batch) {
        let Some(person) = self.somebody() else {
            return;
        };
        let kinds = self.system.kinds();
        let is_person = |id: &Id| kinds[id.0].role == Role::Person && id.1 == person;
        let mut ids = self.theirs.remove(&person).unwrap_or_default();
        let of_people = kinds.iter().position(|kind| kind.role == Role::Person);
        ids.extend(of_people.map(|kind| (kind, person)));
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| self.rows.contains_key(id));
        for id in ids {
            batch.changed.remove(&id);
            let row = self.rows.remove(&id);
            if let Some(row) = row.filter(|_| is_person(&id) || !self.system.takes_along()) {
                batch.withdrawn.insert(id, row);
            }
        }
        self.gone.push(person);
    }

    /// Whether who reads a second bulk can tell that it is one: that of a small practice on EMIS cannot be told from changes, so that
    /// nothing that it lacks is taken for gone.
    pub(super) fn bulk_is_known(&self) -> bool {
        self.system != System::Emis || self.people >= 1000
    }

    /// Rows go without a word; a bulk then lacks them.
    fn lose_unseen(&mut self) {
        for _ in 0..(self.people / 20).max(2) {
            if let Some(id) = self.some_row()
                && !matches!(
                    self.system.kinds()[id.0].role,
                    Role::Person | Role::Practice(_)
                )
            {
                self.rows.remove(&id);
            }
        }
    }

    fn somebody(&mut self) -> Option<u64> {
        let kinds = self.system.kinds();
        let kind = kinds.iter().position(|kind| kind.role == Role::Person)?;
        self.near(kind).map(|(_, number)| number)
    }

    fn some_row(&mut self) -> Option<Id> {
        let kind = self.dice.index(self.system.kinds().len());
        self.near(kind)
    }

    /// A row of a kind: the first from some number on.
    fn near(&mut self, kind: usize) -> Option<Id> {
        let from = self.dice.below(self.next + 1);
        let is_open = |(id, row): &(&Id, &Row)| !self.is_frozen(**id, row);
        let mut later = self.rows.range((kind, from)..(kind + 1, 0));
        let found = later
            .find(is_open)
            .or_else(|| self.rows.range((kind, 0)..(kind + 1, 0)).find(is_open));
        found.map(|(id, _)| *id)
    }

    /// A row that is there, to be written.
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Row> {
        self.rows.get_mut(&id)
    }

    /// Every row, as it was sent last.
    pub(super) fn state(&self) -> State {
        let mut state = State::new();
        for (number, kind, table) in self.kinds() {
            let rows = self
                .rows
                .range((number, 0)..(number + 1, 0))
                .map(|(_, row)| {
                    let cells = table.fields.iter().zip(&row.cells);
                    cells
                        .filter(|(_, text)| !text.is_empty())
                        .map(|(field, text)| (field.column.to_string(), text.clone()))
                        .collect::<BTreeMap<_, _>>()
                });
            let rows: Vec<_> = rows.collect();
            if !rows.is_empty() {
                state.insert(kind.table.to_owned(), rows);
            }
        }
        state
    }
}
