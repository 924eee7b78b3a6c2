//! Tables whose rows are records: those of a tabular standard.

use std::sync::Arc;

use super::{Cell, RECORD, SUBMISSION, Tables, read};
use crate::places::{Kind, PlaceId};
use crate::wanted::Problem;

impl Tables<'_> {
    /// The table of some of the records: of all of them [`RECORD`], else one whose rows stand one to one below theirs.
    pub fn records(&mut self, mut places: Vec<PlaceId>) -> usize {
        places.sort_unstable();
        if places.len() == self.shape.records.len() {
            return RECORD;
        }
        self.add(places, Some(RECORD), false)
    }

    /// Whether every row of a table is a record.
    pub fn holds_records(&self, table: usize) -> bool {
        let mut places = self.tables[table].places.iter();
        table != SUBMISSION && places.all(|place| self.shape.records.contains(place))
    }

    /// The table of those records that have all of some elements.
    pub fn records_with(&mut self, names: &[String]) -> Result<usize, (usize, Problem)> {
        let mut places = self.shape.records.clone();
        for (index, name) in names.iter().enumerate() {
            let fitting = self
                .records_having(std::slice::from_ref(name))
                .map_err(|problem| (index, problem))?;
            places.retain(|record| fitting.contains(record));
            if places.is_empty() {
                let problem = Problem::new(format!("no table has both `{name}` and the others"))
                    .help("rows of several tables are put together by a query");
                return Err((index, problem));
            }
        }
        Ok(self.records(places))
    }

    /// The records that have all of some elements.
    pub fn records_having(&self, names: &[String]) -> Result<Vec<PlaceId>, Problem> {
        let mut records = self.shape.records.clone();
        for name in names {
            let candidates = self.shape.candidates(&read(name)?);
            if candidates.is_empty() {
                return Err(self.unknown(name));
            }
            records.retain(|&record| {
                candidates
                    .iter()
                    .any(|&place| self.shape.place(place).record == Some(record))
            });
        }
        Ok(records)
    }

    /// The columns of the records of a name: what stands in them at most once and has text.
    pub fn columns_of(&self, record: &str) -> Vec<(String, Kind)> {
        let shape = self.shape;
        let records: Vec<PlaceId> = shape
            .records
            .iter()
            .copied()
            .filter(|&place| &*shape.place(place).name == record)
            .collect();
        let mut columns = Vec::new();
        for (index, place) in shape.places.iter().enumerate() {
            let inside = place.parent.is_some_and(|parent| records.contains(&parent));
            if inside && place.text.is_some() && !place.repeats {
                let name = place.name.to_string();
                if !columns.iter().any(|(known, _)| *known == name) {
                    columns.push((name, shape.kind(index as PlaceId)));
                }
            }
        }
        columns
    }

    /// The column of that name that stands directly in the records of a table.
    pub fn own_column(&mut self, name: &str, table: usize) -> Result<Cell, Problem> {
        let shape = self.shape;
        let places: Vec<PlaceId> = shape
            .candidates(&read(name)?)
            .into_iter()
            .filter(|&place| {
                let parent = shape.place(place).parent;
                parent.is_some_and(|parent| self.tables[table].places.contains(&parent))
            })
            .collect();
        if places.is_empty() {
            return Err(self.unknown(name));
        }
        Ok(self.column(table, name, places))
    }

    /// What records are called.
    pub fn record_names(&self) -> Vec<Arc<str>> {
        let records = self.shape.records.iter();
        records
            .map(|&record| Arc::clone(&self.shape.place(record).name))
            .collect()
    }

    /// Whether records are called so.
    pub fn is_record(&self, name: &str) -> bool {
        let mut records = self.shape.records.iter();
        records.any(|&record| &*self.shape.place(record).name == name)
    }
}
