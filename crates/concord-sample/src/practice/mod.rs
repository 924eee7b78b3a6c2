//! A practice that lives through months of change, and the extracts that it sends meanwhile.
//!
//! A bulk comes first, then a delta each month: people register, change and fall out, events are recorded, corrected late and
//! withdrawn; half-way comes another bulk, in which something is missing that nobody said was withdrawn. What a store must hold in the
//! end is known, and is written beside the batches.
//!
//! Which tables are filled, and how batches are named, is of a system (`kinds`); what stands in a cell follows from the
//! format of its column, so that every file is valid under its standard.

mod cells;
mod faults;
mod kinds;
mod world;
mod written;

use std::collections::BTreeMap;
use std::io::{self, Write};

use concord_standards::definition::Definition;

pub use faults::{FaultRequest, LABEL_HEADER, reason, rules, write_faulty};
use kinds::System;
use world::World;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Request<'d> {
    /// The standard of the extract.
    pub definition: &'d Definition,
    /// People who are registered to begin with. An EMIS bulk is known by at least a thousand.
    pub people: u64,
    /// Deltas that follow the first bulk, one a month.
    pub months: u32,
    /// Practices that share under one agreement, where a system has such; the second one disables it for some months.
    pub practices: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
}

/// Why a practice could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PracticeSampleError {
    /// It is not known how extracts of this standard follow one another.
    #[error("{standard} is no extract of a practice system of which samples can be made")]
    OtherStandard {
        /// The standard.
        standard: String,
    },
    /// The values of the standard make no sense.
    #[error(transparent)]
    Values(#[from] crate::tables::TableSampleError),
    /// A file cannot be written.
    #[error("the sample cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Rows of a table by name: each a map from the ids of columns to what they say, empty cells left out.
pub type State = BTreeMap<String, Vec<BTreeMap<String, String>>>;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The folders of the batches, in their order.
    pub batches: Vec<String>,
    /// What a store must hold when all of them have been applied.
    pub state: State,
}

/// Whether practices can be made for a standard.
pub fn is_known(definition: &Definition) -> bool {
    kinds::of(&definition.standard.id).is_some()
}

/// Writes the batches of a practice. `create` makes the file of a path with `/` between its parts.
///
/// # Errors
/// [`PracticeSampleError`].
pub fn write(
    request: &Request<'_>,
    create: &mut dyn FnMut(&str) -> io::Result<Box<dyn Write>>,
) -> Result<Written, PracticeSampleError> {
    let id = &request.definition.standard.id;
    let (Some(system), Some(layout)) = (kinds::of(id), &request.definition.layout) else {
        return Err(PracticeSampleError::OtherStandard {
            standard: request.definition.standard.name(),
        });
    };
    let mut world = World::new(system, layout, &request.definition.schema, request);
    let mut batches = Vec::new();
    for month in 0..=request.months {
        let batch = world.month(month);
        batches.push(written::batch(system, layout, &mut world, &batch, create)?);
    }
    Ok(Written {
        batches,
        state: world.state(),
    })
}

/// Writes a state, a file of CSV for each table that has rows.
///
/// # Errors
/// Those of writing.
pub fn write_state(
    state: &State,
    create: &mut dyn FnMut(&str) -> io::Result<Box<dyn Write>>,
) -> io::Result<()> {
    for (table, rows) in state {
        let columns: std::collections::BTreeSet<&String> =
            rows.iter().flat_map(BTreeMap::keys).collect();
        let mut out = create(&format!("{table}.csv"))?;
        written::line(
            &mut out,
            columns.iter().map(|column| column.as_str()),
            false,
        )?;
        for row in rows {
            let cells = columns
                .iter()
                .map(|column| row.get(*column).map_or("", String::as_str));
            written::line(&mut out, cells, false)?;
        }
        out.flush()?;
    }
    Ok(())
}

/// How batches of a system are named and written.
impl System {
    /// Whether all tables of a bulk, or only some, take the place of what was there.
    fn has_manifest(self) -> bool {
        self == Self::Tpp
    }
}
