//! Canonical rows made one by one, where they do not come from captured values.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use concord_model::entities::{Entity, Field, PROVENANCE, entity};

use crate::columns::ColumnBuilder;
use crate::loss::Losses;
use crate::records::Records;

/// Where rows come from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The standard and version.
    pub standard: Option<Arc<str>>,
    /// The file.
    pub file: Arc<str>,
    /// The sender's reference of the file.
    pub interchange: Option<Arc<str>>,
}

/// Rows of records, in the order of the records.
#[derive(Debug)]
pub struct RecordsBuilder {
    origin: Origin,
    /// The gravest effect found on the records whose rows are added.
    effect: Option<Arc<str>>,
    tables: BTreeMap<&'static str, Table>,
    losses: Losses,
}

#[derive(Debug)]
struct Table {
    entity: &'static Entity,
    columns: Vec<ColumnBuilder>,
    last: Option<(i64, i64)>,
}

impl RecordsBuilder {
    /// No rows yet.
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            effect: None,
            tables: BTreeMap::new(),
            losses: Losses::default(),
        }
    }

    /// Says where the rows come from that are added from now on, and what the gravest effect is that was found on their records.
    pub fn comes_from(&mut self, origin: Origin, effect: Option<&str>) {
        self.origin = origin;
        self.effect = effect.map(Arc::from);
    }

    /// Adds a row of an entity to a record and gives its sequence; records come in their order, numbered from 1. Values are
    /// texts by field, as [`Row::text`](crate::records::Row::text) gives them. A field that the entity does not have, and an
    /// entity that the model does not have, add nothing.
    pub fn add(
        &mut self,
        name: &str,
        record: i64,
        parent: Option<i64>,
        values: &[(&str, &str)],
    ) -> i64 {
        let Some(entity) = entity(name) else {
            return 0;
        };
        let table = self.tables.entry(entity.name).or_insert_with(|| Table {
            entity,
            columns: entity
                .columns()
                .map(|field| ColumnBuilder::new(field.kind, 16))
                .collect(),
            last: None,
        });
        let sequence = match table.last {
            Some((last, sequence)) if last == record => sequence + 1,
            _ => 1,
        };
        table.last = Some((record, sequence));
        let (record, sequence_text) = (record.to_string(), sequence.to_string());
        let parent = parent.map(|parent| parent.to_string());
        let provenance: [Option<&str>; 7] = [
            self.origin.standard.as_deref(),
            Some(&self.origin.file),
            self.origin.interchange.as_deref(),
            Some(&record),
            self.effect.as_deref(),
            Some(&sequence_text),
            parent.as_deref(),
        ];
        let value = |field: &Field| {
            let named = values.iter().find(|(name, _)| *name == field.name);
            named.map(|(_, value)| *value)
        };
        let own = table.entity.fields.iter().map(value);
        let columns = table
            .columns
            .iter_mut()
            .zip(provenance.into_iter().chain(own));
        for (number, (builder, text)) in columns.enumerate() {
            if let Err(reason) = builder.append(text.map(str::as_bytes))
                && let Some(field) = number
                    .checked_sub(PROVENANCE.len())
                    .and_then(|number| table.entity.fields.get(number))
            {
                self.losses.add(&field.name.into(), reason, 1);
            }
        }
        sequence
    }

    /// The rows so far, and what of their values could not be carried.
    ///
    /// # Errors
    /// That the columns do not make tables, which they always do.
    pub fn finish(self) -> Result<(Records, Losses), ArrowError> {
        let mut records = Records::default();
        for (name, table) in self.tables {
            let mut arrays = Vec::new();
            for column in table.columns {
                column.finish(&mut arrays);
            }
            let schema = Arc::new(table.entity.arrow_schema());
            records.insert(name.into(), RecordBatch::try_new(schema, arrays)?);
        }
        Ok((records, self.losses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_given() {
        let mut builder = RecordsBuilder::new(Origin::default());
        builder.add("person", 1, None, &[("person_birth_date", "1980-05-01")]);
        let first = builder.add("diagnosis", 1, None, &[("code", "I10X")]);
        let second = builder.add("diagnosis", 1, None, &[("code", "E119")]);
        builder.add("diagnosis", 2, None, &[("code", "J459")]);
        assert_eq!((first, second), (1, 2));
        let (records, losses) = builder.finish().expect("tables");
        assert!(losses.is_empty(), "{losses:?}");
        let codes: Vec<Vec<String>> = records
            .records()
            .map(|record| {
                let rows = record.rows("diagnosis");
                rows.filter_map(|row| row.text("code").map(Into::into))
                    .collect()
            })
            .collect();
        assert_eq!(codes, [vec!["I10X", "E119"], vec!["J459"]]);
    }
}
