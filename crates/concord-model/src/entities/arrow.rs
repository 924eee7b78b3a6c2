//! The entities as Arrow schemas.
//!
//! Types are those that every reader of Parquet has: no unsigned numbers, no time of day (which Spark does not read).

use std::collections::HashMap;

use arrow_schema::{DataType, Schema, TimeUnit};

use super::{Entity, Field, Kind};

/// Key of the Data Dictionary name in a column's metadata.
pub const ELEMENT: &str = "concord.element";
/// Key of the code list.
pub const CODE_LIST: &str = "concord.code_list";
/// Key of whether a column identifies a person, `true` or `false`.
pub const PERSONAL: &str = "concord.personal";
/// Key of what a column means.
pub const MEANING: &str = "concord.meaning";

impl Kind {
    /// The Arrow type of a column of this kind.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Code { .. } | Self::Time => DataType::Utf8,
            Self::Date | Self::PartialDate => DataType::Date32,
            Self::Moment => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Integer => DataType::Int64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::Boolean => DataType::Boolean,
        }
    }
}

impl Field {
    /// The column, and the one that stands beside it if its kind has one (see [`Kind::companion`]).
    pub fn arrow_fields(&self) -> impl Iterator<Item = arrow_schema::Field> {
        let mut metadata = HashMap::from([
            (PERSONAL.to_owned(), self.personal.to_string()),
            (MEANING.to_owned(), self.meaning.to_owned()),
        ]);
        if !self.title.is_empty() {
            metadata.insert(ELEMENT.to_owned(), self.title.to_owned());
        }
        if let Kind::Code { list } = self.kind
            && !list.is_empty()
        {
            metadata.insert(CODE_LIST.to_owned(), list.to_owned());
        }
        let column = arrow_schema::Field::new(self.name, self.kind.data_type(), self.nullable())
            .with_metadata(metadata);
        let companion = self.kind.companion().map(|end| {
            let meaning = match self.kind {
                Kind::Moment => "distance of the clock from universal time, as it was written",
                _ => "how precise the date is: year, month or day",
            };
            let metadata = HashMap::from([
                (PERSONAL.to_owned(), "false".to_owned()),
                (MEANING.to_owned(), meaning.to_owned()),
            ]);
            arrow_schema::Field::new(format!("{}{end}", self.name), DataType::Utf8, true)
                .with_metadata(metadata)
        });
        std::iter::once(column).chain(companion)
    }

    fn nullable(&self) -> bool {
        !super::ALWAYS_PRESENT.contains(&self.name)
    }
}

impl Entity {
    /// The columns of the entity's table: provenance, then its own fields.
    pub fn arrow_schema(&self) -> Schema {
        let fields: Vec<_> = self.columns().flat_map(Field::arrow_fields).collect();
        Schema::new(fields)
    }
}
