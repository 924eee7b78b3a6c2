//! The rows of a file being taken: what each column is, what is wrong with a row, and what has been counted.

use concord_read::Input;
use concord_standards::layout::TableLayout;

use crate::bulk::Watch;
use crate::error::{Error, RowProblem};
use crate::extract::System;
use crate::key::KeyHash;
use crate::rows::Row;

/// The rows of a file being read: what each column is, and what has been counted.
pub(crate) struct Reading<'s> {
    file: &'s str,
    /// Its columns, by their ids.
    pub(crate) columns: Vec<String>,
    /// Those that the standard does not know.
    pub(crate) unknown: Vec<String>,
    /// Places of the columns that identify a row.
    key: Vec<usize>,
    removal: Option<usize>,
    system: &'s System,
    /// The column of the person, where rows tell whether a batch is a bulk.
    watched: Option<(usize, bool)>,
    pub(crate) rows: u64,
    /// Rows that are withdrawn.
    pub(crate) removed: u64,
}

impl<'s> Reading<'s> {
    pub(crate) fn new(
        system: &'s System,
        table: &'s TableLayout,
        input: &'s Input,
        first: &Row<'_>,
    ) -> Result<Self, Error> {
        let header: Vec<String> = (0..first.len())
            .map(|cell| first.text(cell).trim().to_owned())
            .collect();
        let columns = system.columns(table, &header);
        let wrong = |reason: String| {
            Err(Error::row(
                input.name(),
                first.line,
                RowProblem::Header,
                reason,
            ))
        };
        let mut sorted: Vec<&String> = columns.iter().collect();
        sorted.sort_unstable();
        if let Some([twice, ..]) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return wrong(format!("the column {twice} stands twice"));
        }
        if columns.iter().any(String::is_empty) {
            return wrong("a column has no name".to_owned());
        }
        let place = |column: &str| columns.iter().position(|known| known == column);
        let mut key = Vec::new();
        for column in system.key(table) {
            match place(column) {
                Some(place) => key.push(place),
                None => {
                    return wrong(format!(
                        "the column {column}, which identifies rows, is missing"
                    ));
                }
            }
        }
        if key.is_empty() {
            return wrong(format!("nothing identifies rows of {}", table.title));
        }
        let known = |column: &&String| table.field(column).is_some();
        let inferred = system
            .description
            .bulk
            .as_ref()
            .and_then(|bulk| bulk.inferred.as_ref());
        let person = system.description.person.as_ref();
        let watched = inferred.zip(person).and_then(|(inferred, person)| {
            let people = *table.name == *person.table;
            let place = place(&person.column)?;
            (people || *table.name == *inferred.events).then_some((place, people))
        });
        Ok(Self {
            file: input.name(),
            unknown: columns
                .iter()
                .filter(|column| !known(column))
                .cloned()
                .collect(),
            removal: place(&system.description.removal.column),
            key,
            watched,
            columns,
            system,
            rows: 0,
            removed: 0,
        })
    }

    /// Takes a row back that was looked at last.
    pub(crate) fn forget(&mut self, removed: bool) {
        self.rows -= 1;
        self.removed -= u64::from(removed);
    }

    /// Looks at a row; whether it is withdrawn.
    pub(crate) fn row(&mut self, row: &Row<'_>, watch: &mut Watch) -> Result<bool, Error> {
        let wrong = |problem: RowProblem, reason: String| {
            Err(Error::row(self.file, row.line, problem, reason))
        };
        if row.len() != self.columns.len() {
            let (has, wanted) = (row.len(), self.columns.len());
            return wrong(
                RowProblem::Cells,
                format!("the row has {has} cells, and there are {wanted} columns"),
            );
        }
        if let Some(empty) = self
            .key
            .iter()
            .find(|place| row.text(**place).trim().is_empty())
        {
            let column = &self.columns[*empty];
            return wrong(
                RowProblem::Key,
                format!("{column} is empty, which identifies the row"),
            );
        }
        let removed = match self.removal {
            None => false,
            Some(place) => {
                let said = row.text(place);
                let among = |words: &[String]| {
                    words
                        .iter()
                        .any(|word| word.eq_ignore_ascii_case(said.trim()))
                };
                let removal = &self.system.description.removal;
                match (among(&removal.removed), among(&removal.kept)) {
                    (true, _) => true,
                    (_, true) => false,
                    _ => {
                        let words = [removal.removed.as_slice(), removal.kept.as_slice()].concat();
                        let column = &removal.column;
                        let words = words.join(", ");
                        let words = words.trim_end_matches(", ");
                        return wrong(
                            RowProblem::Withdrawal,
                            format!("{column} is none of {words}"),
                        );
                    }
                }
            }
        };
        if let Some((place, people)) = self.watched {
            let person = KeyHash::default().with(&row.text(place)).finish();
            if people {
                watch.person(person, removed);
            } else {
                watch.event(person, removed);
            }
        }
        self.rows += 1;
        self.removed += u64::from(removed);
        Ok(removed)
    }
}
