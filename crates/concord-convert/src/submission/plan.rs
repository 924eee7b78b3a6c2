//! What becomes of each table of a submission.

use std::sync::Arc;

use concord_standards::definition::{Definition, Mapping};
use concord_standards::layout::TableLayout;

use super::feed::Feed;
use crate::conversion::{Conversion, ConversionError};
use crate::mapped::mapped;
use crate::native::native;

/// What becomes of each table of a submission.
#[derive(Debug)]
pub struct SubmissionConversion {
    tables: Vec<OfTable>,
}

/// What becomes of a table.
#[derive(Debug)]
pub(super) struct OfTable {
    pub(super) conversion: Arc<Conversion>,
    pub(super) feed: Feed,
}

impl SubmissionConversion {
    /// Each table with its own columns, typed. `None` when the standard has no tables.
    pub fn native(definition: &Definition) -> Option<Self> {
        Self::own(definition, |conversion| conversion)
    }

    /// Each table with its own columns, their texts as they came. `None` when the standard has no tables.
    pub fn texts(definition: &Definition) -> Option<Self> {
        Self::own(definition, Conversion::as_texts)
    }

    fn own(definition: &Definition, of_table: impl Fn(Conversion) -> Conversion) -> Option<Self> {
        let definition = definition.as_tables()?;
        let whole = native(&definition);
        let tables = layouts(&definition).iter().zip(&whole.tables);
        let tables = tables.map(|(layout, out)| {
            let one = Conversion {
                capture: whole.capture.clone(),
                tables: vec![out.clone()],
                ..Conversion::default()
            };
            OfTable {
                feed: Feed::new(&one.capture, layout),
                conversion: Arc::new(of_table(one)),
            }
        });
        Some(Self {
            tables: tables.collect(),
        })
    }

    /// Rows of the canonical model, by the mapping of the standard.
    ///
    /// # Errors
    /// [`ConversionError`] when the mapping names what the tables do not have, or when the standard has no tables.
    pub fn mapped(definition: &Definition, mapping: &Mapping) -> Result<Self, ConversionError> {
        let definition = definition.as_tables().ok_or_else(|| ConversionError {
            message: format!("{} has no tables", definition.standard.name()),
        })?;
        let conversion = Arc::new(mapped(&definition, mapping)?);
        let tables = layouts(&definition).iter().map(|layout| OfTable {
            feed: Feed::new(&conversion.capture, layout),
            conversion: Arc::clone(&conversion),
        });
        Ok(Self {
            tables: tables.collect(),
        })
    }

    /// The conversion of a table; `None` when there is no such table.
    pub fn of_table(&self, table: usize) -> Option<&Conversion> {
        self.tables.get(table).map(|of| &*of.conversion)
    }

    /// How many tables there are.
    pub fn len(&self) -> usize {
        self.tables.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    pub(super) fn tables(&self) -> &[OfTable] {
        &self.tables
    }
}

fn layouts(definition: &Definition) -> &[TableLayout] {
    definition
        .layout
        .as_ref()
        .map_or(&[], |layout| &layout.tables)
}
