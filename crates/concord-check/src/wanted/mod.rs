//! What rules and conversions want to see of a record, worked out from references to its values.
//!
//! Table 0 is the submission (one row), table 1 holds the records, every further table the occurrences of a group or of
//! an element that repeats. A table's columns are captured by the checker; its inputs are what its SQL sees: own columns,
//! columns of the tables above, and aggregates over the tables below.

mod problem;
mod records;

pub use problem::Problem;

use std::sync::Arc;

use crate::capture::{CaptureColumn, CaptureGroup, CapturePath, CapturePlan};

use crate::places::{Kind, PlaceId, Reference, Shape};

/// Table of the submission.
pub const SUBMISSION: usize = 0;
/// Table of the records.
pub const RECORD: usize = 1;
/// How the SQL of a rule on single elements names the element's text.
pub const VALUE: &str = "value";

/// A captured column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The table's number.
    pub table: usize,
    /// The column's number in it.
    pub column: usize,
}

/// A captured column.
#[derive(Debug)]
pub struct Column {
    /// The reference by which it was asked for.
    pub name: String,
    /// The places whose text it takes.
    pub places: Vec<PlaceId>,
    /// What the text is.
    pub kind: Kind,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// The places whose occurrences are its rows, sorted.
    pub places: Vec<PlaceId>,
    /// The table in whose rows its rows lie.
    pub parent: Option<usize>,
    /// Whether its rows are single elements, whose text is called `value`.
    pub single: bool,
    /// What is captured of each row.
    pub columns: Vec<Column>,
}

/// The tables needed so far.
pub struct Tables<'s> {
    /// The structure.
    pub shape: &'s Shape<'s>,
    /// The tables, each behind the one above it.
    pub tables: Vec<Table>,
}

impl<'s> Tables<'s> {
    /// The tables of the submission and of its records.
    pub fn new(shape: &'s Shape<'s>) -> Self {
        let mut tables = Self {
            shape,
            tables: Vec::new(),
        };
        tables.add(shape.roots.clone(), None, false);
        tables.add(shape.records.clone(), None, false);
        tables
    }

    fn add(&mut self, places: Vec<PlaceId>, parent: Option<usize>, single: bool) -> usize {
        let known = self.tables.iter().position(|table| {
            table.places == places && table.parent == parent && table.single == single
        });
        known.unwrap_or_else(|| {
            self.tables.push(Table {
                places,
                parent,
                single,
                columns: Vec::new(),
            });
            self.tables.len() - 1
        })
    }

    /// The table above, the submission above records included.
    pub fn above(&self, table: usize) -> Option<usize> {
        match self.tables[table].parent {
            Some(parent) => Some(parent),
            None => (table != SUBMISSION).then_some(SUBMISSION),
        }
    }

    /// The table of the occurrences of all the places that a reference names.
    pub fn group(&mut self, text: &str) -> Result<usize, Problem> {
        let places = self.in_records(text, |shape, place| {
            !shape.place(place).name.starts_with('@')
        })?;
        if places
            .iter()
            .all(|&place| self.shape.records.contains(&place))
        {
            return Ok(self.records(places));
        }
        Ok(self.below(places, RECORD))
    }

    /// The table whose rows are all the occurrences of some elements.
    pub fn elements(&mut self, texts: &[String]) -> Result<usize, (usize, Problem)> {
        let mut places = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let found = self
                .in_records(text, |shape, place| shape.place(place).text.is_some())
                .map_err(|problem| (index, problem))?;
            places.extend(found);
        }
        places.sort_unstable();
        places.dedup();
        Ok(self.singles(places))
    }

    /// The table of elements in which values of the table `sought` could hide: those named, and of those that a
    /// reference with `*` matches the free texts that can hold at least `least` characters.
    pub fn free_texts(
        &mut self,
        texts: &[String],
        sought: usize,
        least: u64,
    ) -> Result<usize, (usize, Problem)> {
        let shape = self.shape;
        let own = self.tables[sought].places.clone();
        let mut places = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let found = self
                .in_records(text, |shape, place| shape.place(place).text.is_some())
                .map_err(|problem| (index, problem))?;
            let any = text.contains('*');
            places.extend(found.into_iter().filter(|&place| {
                !own.contains(&place) && (!any || shape.is_free_text(place, least))
            }));
        }
        places.sort_unstable();
        places.dedup();
        Ok(self.singles(places))
    }

    /// The table whose rows are all the occurrences of these places.
    pub fn singles(&mut self, places: Vec<PlaceId>) -> usize {
        let table = self.add(places.clone(), Some(RECORD), true);
        self.column(table, VALUE, places);
        table
    }

    fn in_records(
        &self,
        text: &str,
        fits: impl Fn(&Shape<'_>, PlaceId) -> bool,
    ) -> Result<Vec<PlaceId>, Problem> {
        let reference = read(text)?;
        let candidates = self.shape.candidates(&reference);
        if candidates.is_empty() {
            return Err(self.unknown(text));
        }
        let places: Vec<PlaceId> = candidates
            .into_iter()
            .filter(|&place| self.shape.place(place).record.is_some() && fits(self.shape, place))
            .collect();
        if places.is_empty() {
            return Err(Problem::new(format!(
                "`{text}` names nothing inside records that a rule could sit at"
            )));
        }
        Ok(places)
    }

    /// The table of the occurrences of some places below a table, with the tables of repeating groups in between.
    pub fn below(&mut self, places: Vec<PlaceId>, under: usize) -> usize {
        let chains: Vec<Vec<PlaceId>> = places
            .iter()
            .map(|&place| self.repeating_between(place, under))
            .collect();
        let depth = chains.first().map_or(0, Vec::len);
        let mut parent = under;
        if chains.iter().all(|chain| chain.len() == depth) {
            for level in 0..depth {
                let mut set: Vec<PlaceId> = chains.iter().map(|chain| chain[level]).collect();
                set.sort_unstable();
                set.dedup();
                parent = self.add(set, Some(parent), false);
            }
        }
        self.add(places, Some(parent), false)
    }

    /// The table of the occurrences of some places that lie in rows of a table with nothing repeating in between.
    pub fn rows_in(&mut self, places: Vec<PlaceId>, above: usize) -> usize {
        self.add(places, Some(above), false)
    }

    /// The repeating places strictly between a place and the table's own place above it, from the outside in.
    fn repeating_between(&self, place: PlaceId, under: usize) -> Vec<PlaceId> {
        let own = &self.tables[under].places;
        let mut chain: Vec<PlaceId> = self
            .shape
            .upwards(place)
            .skip(1)
            .take_while(|above| !own.contains(above))
            .filter(|&above| self.shape.place(above).repeats)
            .collect();
        chain.reverse();
        chain
    }

    /// Whether the structure has anything that a reference names, wherever it stands.
    pub fn is_known(&self, text: &str) -> bool {
        let reference = Reference::read(text);
        reference.is_some_and(|reference| !self.shape.candidates(&reference).is_empty())
    }

    /// The column that a reference names for rows of `table`: at or below the row, else in the nearest table above.
    pub fn resolve(&mut self, text: &str, table: usize) -> Result<Cell, Problem> {
        if text == VALUE && self.tables[table].single {
            return Ok(Cell { table, column: 0 });
        }
        let reference = read(text)?;
        let candidates: Vec<PlaceId> = self.shape.candidates(&reference);
        let with_text: Vec<PlaceId> = candidates
            .iter()
            .copied()
            .filter(|&place| self.shape.place(place).text.is_some())
            .collect();
        let mut seat = Some(table);
        while let Some(current) = seat {
            let direct: Vec<PlaceId> = with_text
                .iter()
                .copied()
                .filter(|&place| self.is_direct(place, current))
                .collect();
            if !direct.is_empty() {
                self.must_be_exclusive(text, &direct)?;
                if current == SUBMISSION && table != SUBMISSION {
                    self.must_precede_records(text, &direct)?;
                }
                return Ok(self.column(current, text, direct));
            }
            seat = self.above(current);
        }
        Err(self.unresolved(text, table, &candidates, &with_text))
    }

    /// Whether a place stands at or below a row of the table with nothing repeating in between.
    fn is_direct(&self, place: PlaceId, table: usize) -> bool {
        let own = &self.tables[table].places;
        if table == SUBMISSION && self.shape.place(place).record.is_some() {
            return false;
        }
        for above in self.shape.upwards(place) {
            if own.contains(&above) {
                return true;
            }
            if self.shape.place(above).repeats {
                return false;
            }
        }
        false
    }

    fn must_be_exclusive(&self, text: &str, places: &[PlaceId]) -> Result<(), Problem> {
        for (index, &one) in places.iter().enumerate() {
            for &other in &places[index + 1..] {
                if !self.shape.exclusive(one, other) {
                    return Err(Problem::new(format!(
                        "`{text}` is ambiguous: a row can hold both {} and {}",
                        self.shape.shown(one),
                        self.shape.shown(other)
                    ))
                    .help("write more of the path in double quotes, such as \"Group/Element\""));
                }
            }
        }
        Ok(())
    }

    fn must_precede_records(&self, text: &str, places: &[PlaceId]) -> Result<(), Problem> {
        let first = self.shape.records.first().copied().unwrap_or(PlaceId::MAX);
        match places.iter().find(|&&place| place > first) {
            Some(&place) => Err(Problem::new(format!(
                "`{text}` stands behind the records ({}), so it is not known when they are checked",
                self.shape.shown(place)
            ))
            .help("let the rule sit at the submission")),
            None => Ok(()),
        }
    }

    /// The captured column of a table for some places.
    pub fn column(&mut self, table: usize, name: &str, places: Vec<PlaceId>) -> Cell {
        let mut kinds = places.iter().map(|&place| self.shape.kind(place));
        let first = kinds.next().unwrap_or(Kind::Text);
        let kind = if kinds.all(|kind| kind == first) {
            first
        } else {
            Kind::Text
        };
        self.column_of(table, name, places, kind)
    }

    fn column_of(&mut self, table: usize, name: &str, places: Vec<PlaceId>, kind: Kind) -> Cell {
        let columns = &mut self.tables[table].columns;
        let column = columns
            .iter()
            .position(|column| column.kind == kind && column.places == places)
            .unwrap_or_else(|| {
                columns.push(Column {
                    name: name.to_owned(),
                    places,
                    kind,
                });
                columns.len() - 1
            });
        Cell { table, column }
    }

    /// The same column as a text, whatever its kind.
    pub fn as_text(&mut self, cell: Cell) -> Cell {
        let column = &self.tables[cell.table].columns[cell.column];
        let (name, places) = (column.name.clone(), column.places.clone());
        self.column_of(cell.table, &name, places, Kind::Text)
    }

    /// The places that repeat below a table and hold (or are) what a reference names, sorted: the innermost such place
    /// for each, or the outermost.
    pub fn inside(
        &self,
        text: &str,
        table: usize,
        innermost: bool,
    ) -> Result<Vec<PlaceId>, Problem> {
        let reference = read(text)?;
        let own = &self.tables[table].places;
        let mut found = Vec::new();
        for place in self.shape.candidates(&reference) {
            if table == SUBMISSION && self.shape.place(place).record.is_some() {
                continue;
            }
            let mut repeating = None;
            for above in self.shape.upwards(place) {
                if own.contains(&above) {
                    found.extend(repeating);
                    break;
                }
                if self.shape.place(above).repeats && !(innermost && repeating.is_some()) {
                    repeating = Some(above);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Whether a reference names a value for rows of a table without an aggregate.
    pub fn can_resolve(&self, text: &str, table: usize) -> bool {
        let Ok(reference) = read(text) else {
            return false;
        };
        let candidates = self.shape.candidates(&reference);
        std::iter::successors(Some(table), |&table| self.above(table)).any(|table| {
            candidates.iter().any(|&place| {
                self.shape.place(place).text.is_some() && self.is_direct(place, table)
            })
        })
    }

    /// The complex places at or below a table that a reference names, repeating or not.
    pub fn groups_below(&self, text: &str, table: usize) -> Result<Vec<PlaceId>, Problem> {
        let reference = read(text)?;
        let own = &self.tables[table].places;
        Ok(self
            .shape
            .candidates(&reference)
            .into_iter()
            .filter(|&place| {
                !own.contains(&place)
                    && self.shape.upwards(place).any(|above| own.contains(&above))
                    && (table != SUBMISSION || self.shape.place(place).record.is_none())
            })
            .collect())
    }

    /// Checks that the rows of several groups are never rows of one seat's row together.
    pub fn one_group(&self, text: &str, groups: &[PlaceId]) -> Result<(), Problem> {
        self.must_be_exclusive(text, groups)
    }

    fn unresolved(
        &self,
        text: &str,
        table: usize,
        candidates: &[PlaceId],
        with_text: &[PlaceId],
    ) -> Problem {
        if candidates.is_empty() {
            return self.unknown(text);
        }
        let Some(&place) = with_text.first() else {
            return Problem::new(format!("`{text}` is a group and has no value of its own"))
                .help(format!("`count({text})` says how often it occurs"));
        };
        let problem = Problem::new(format!(
            "`{text}` stands at {}, which repeats below this rule's seat or stands beside it",
            self.shape.shown(place)
        ));
        let name = &self.shape.place(place).name;
        if self
            .inside(text, table, true)
            .is_ok_and(|inside| !inside.is_empty())
        {
            return problem.help(format!(
                "use an aggregate over the group: any(… {name} …), all(…), count(…), min({name}) or max({name})"
            ));
        }
        problem.help("let the rule sit at the group that holds it")
    }

    fn unknown(&self, text: &str) -> Problem {
        let wanted = text.rsplit('/').next().unwrap_or(text);
        let problem = Problem::new(format!("the structure has no element `{text}`"));
        if self.shape.cut {
            return problem.help(
                "the structure contains itself or is too large, and only a part of it was unfolded",
            );
        }
        let names = self.shape.names();
        let near = nearest(wanted, names.iter().map(|name| &**name));
        match near {
            Some(name) if name != wanted => problem.help(format!("did you mean `{name}`?")),
            Some(_) => problem.help("the name is known; the path before it does not lead to it"),
            None => problem,
        }
    }

    /// What the checker is asked to capture.
    pub fn plan(&self) -> CapturePlan {
        let paths = |places: &[PlaceId]| -> Vec<CapturePath> {
            places.iter().map(|&place| self.shape.path(place)).collect()
        };
        CapturePlan {
            groups: self
                .tables
                .iter()
                .map(|table| CaptureGroup {
                    parent: table.parent,
                    paths: paths(&table.places),
                    columns: table
                        .columns
                        .iter()
                        .map(|column| CaptureColumn {
                            name: column.name.clone(),
                            paths: paths(&column.places),
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// Whether a column's values identify a person, and its dictionary name when all its places agree on one.
    pub fn facts_of(&self, column: &Column) -> (bool, Option<Arc<str>>) {
        let personal = column
            .places
            .iter()
            .any(|&place| self.shape.place(place).personal);
        let mut names = column
            .places
            .iter()
            .map(|&place| &self.shape.place(place).dictionary_name);
        let first = names.next().cloned().flatten();
        let same = names.all(|name| *name == first);
        (personal, first.filter(|_| same))
    }
}

fn read(text: &str) -> Result<Reference, Problem> {
    Reference::read(text).ok_or_else(|| {
        Problem::new(format!("`{text}` is not a reference to an element"))
            .help("a reference is a name, @name for an attribute, or names with `/` between them")
    })
}

/// The nearest of some names, when one is near enough to be meant.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let least = wanted.chars().count().div_ceil(3).max(2);
    names
        .map(|name| {
            (
                strsim::osa_distance(&wanted.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|&(distance, _)| distance <= least)
        .min()
        .map(|(_, name)| name)
}
