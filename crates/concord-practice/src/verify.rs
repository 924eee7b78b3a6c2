//! Everything in a store, counted again.

use std::path::Path;

use crate::error::Error;
use crate::extract::System;
use crate::kept;
use crate::segment::Stored;
use crate::store::Store;

/// What counting again found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many batches were applied.
    pub batches: u64,
    /// What was missing before batches that were applied all the same: the batch, and what.
    pub gaps: Vec<(String, String)>,
    /// Organisations that are behind, because their agreement was disabled and no bulk has come since.
    pub held: Vec<Behind>,
    /// Every table.
    pub tables: Vec<TableCount>,
    /// What is not as it must be.
    pub differences: Vec<Difference>,
}

/// An organisation whose agreement was disabled, and which no bulk has brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The organisation.
    pub organisation: String,
    /// The first batch of which nothing was taken of it.
    pub since: String,
    /// Rows that were not taken; of several such organisations, those of all.
    pub rows: u64,
}

/// The rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Rows of its latest state.
    pub latest: u64,
    /// Rows that were ever sent.
    pub history: u64,
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// What is wrong.
    pub reason: String,
}

impl Store {
    /// Reads every stored file again, and puts the latest state of each table together from everything that was ever sent and from the
    /// state that is kept: both must say the same.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`](crate::ErrorKind::Stored) when a file that is as it was written cannot be read.
    pub fn verify(&self, system: &System) -> Result<Verified, Error> {
        let mut verified = Verified {
            batches: 0,
            gaps: Vec::new(),
            held: Vec::new(),
            tables: Vec::new(),
            differences: Vec::new(),
        };
        let Some(ledger) = &self.ledger else {
            return Ok(verified);
        };
        verified.batches = ledger.batches.len() as u64;
        for table in ledger.tables() {
            let mut history = 0;
            let mut wrong: Vec<String> = Vec::new();
            for entry in &ledger.batches {
                let Some(file) = entry.files.get(table) else {
                    continue;
                };
                history += file.rows;
                if let Some(sum) = file.stored {
                    let path = self.history(table, entry.number);
                    wrong.extend(unsound(&path, sum, file.rows));
                }
            }
            if let Some(state) = ledger.latest.get(table) {
                let path = self.snapshot(table, state.after);
                wrong.extend(unsound(&path, state.stored, state.rows));
            }
            // What is damaged is told, and need not be read.
            if wrong.is_empty() {
                let again = self.digest(system, table, false)?;
                let kept = self.digest(system, table, true)?;
                if again != kept {
                    wrong.push(format!(
                        "the state that is kept has {} rows, and everything that was sent makes {}, or the same number of others",
                        kept.rows, again.rows
                    ));
                }
                verified.tables.push(TableCount {
                    table: table.to_owned(),
                    latest: again.rows,
                    history,
                });
            }
            let differences = wrong.into_iter().map(|reason| Difference {
                table: table.to_owned(),
                reason,
            });
            verified.differences.extend(differences);
        }
        let held = ledger.held().into_iter();
        verified.held = held
            .map(|(organisation, since, rows)| Behind {
                organisation,
                since,
                rows,
            })
            .collect();
        let gaps = ledger
            .batches
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), entry.gap.clone()?)));
        verified.gaps = gaps.collect();
        Ok(verified)
    }
}

/// Why a stored file is not what was written.
fn unsound(path: &Path, sum: u32, rows: u64) -> Option<String> {
    let name = path.display();
    match kept::sum(path) {
        Err(error) => Some(error.to_string()),
        Ok(found) if found != sum => Some(format!("{name} is not as it was written")),
        Ok(_) => match Stored::open(path).map(|stored| stored.rows()) {
            Err(error) => Some(error.to_string()),
            Ok(found) if found != rows => {
                Some(format!("{name} has {found} rows, and {rows} were written"))
            }
            Ok(_) => None,
        },
    }
}
