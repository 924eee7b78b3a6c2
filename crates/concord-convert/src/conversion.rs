//! Which tables come out of a submission, and where their values stand in it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use concord_check::capture::CapturePlan;
use concord_check::wanted::Cell;
use concord_model::entities::{
    CODE_LIST, ELEMENT, Entity, Field, Kind, MEANING, PERSONAL, PROVENANCE,
};
use concord_standards::definition::{CodeMap, Compact};

/// Key of the standard in a column's metadata, in tables that keep a standard's own columns.
pub(crate) const STANDARD: &str = "concord.standard";

/// What a conversion makes of a submission.
#[derive(Debug, Clone, Default)]
pub struct Conversion {
    /// What the checker is asked to capture.
    pub capture: CapturePlan,
    /// The tables that come out.
    pub tables: Vec<OutTable>,
    /// Where the sender's reference of the file stands.
    pub interchange: Option<Cell>,
    /// Values that have no place in the tables; they are counted where they occur.
    pub without_place: Vec<(Cell, Arc<str>)>,
}

/// Why a conversion cannot be made of a standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConversionError {
    /// What is wrong.
    pub message: String,
}

/// A table that comes out.
#[derive(Debug, Clone)]
pub struct OutTable {
    /// Its name, which is that of the dataset.
    pub name: Arc<str>,
    /// The table in whose rows its rows lie.
    pub parent: Option<usize>,
    /// Its columns behind those of provenance.
    pub columns: Vec<OutColumn>,
    /// What makes rows of it.
    pub sources: Vec<RowSource>,
    /// Everything as Arrow sees it, provenance first.
    pub schema: SchemaRef,
}

/// A column that comes out.
#[derive(Debug, Clone)]
pub struct OutColumn {
    /// Its name.
    pub name: Arc<str>,
    /// What stands in it.
    pub kind: Kind,
    /// The element that it holds, by the standard's own name, as losses tell of it.
    pub element: Arc<str>,
    /// Whether it identifies a person.
    pub personal: bool,
}

/// Something whose occurrences make rows of a table.
#[derive(Debug, Clone)]
pub struct RowSource {
    /// The captured table whose rows they are.
    pub table: usize,
    /// What stands in each column.
    pub values: Vec<Option<Value>>,
    /// In which rows of the parent these rows lie.
    pub parent: Option<Above>,
    /// Columns of the captured table of which one must be there, so that a row is made.
    pub own: Vec<usize>,
    /// The numbers of what it is made of, where that stands several times in a record under numbered names.
    pub numbers: Vec<u32>,
    /// Whether a row is made of an occurrence that has none of the values.
    pub keep_empty: bool,
}

/// The rows of a parent in which rows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// Rows of this source, which makes rows of a captured table above.
    Rows(usize),
    /// The one row that this source makes of a record: its group occurs once.
    OneOfRecord(usize),
}

/// What stands in a column.
#[derive(Debug, Clone)]
pub enum Value {
    /// A captured text.
    Text(Cell),
    /// A captured text that stands in one of several places: the first that is there. A code may be that of another list.
    FirstOf(Vec<Cell>, Option<Arc<CodeMap>>),
    /// A captured day or time of day that is written without signs between its parts, in the first of several places.
    Spread(Vec<Cell>, Compact),
    /// The same in every row.
    Constant(Arc<str>),
}

impl Value {
    /// The captured columns that it needs.
    pub fn cells(&self) -> &[Cell] {
        match self {
            Self::Text(cell) => std::slice::from_ref(cell),
            Self::FirstOf(cells, _) | Self::Spread(cells, _) => cells,
            Self::Constant(_) => &[],
        }
    }
}

impl OutTable {
    /// A table of the canonical model, without sources.
    pub fn of_entity(entity: &'static Entity) -> Self {
        Self {
            name: entity.name.into(),
            parent: None,
            columns: entity.fields.iter().map(OutColumn::of_field).collect(),
            sources: Vec::new(),
            schema: Arc::new(entity.arrow_schema()),
        }
    }

    /// A table of a standard's own columns.
    pub(crate) fn native(name: Arc<str>, standard: &str, columns: Vec<NativeColumn>) -> Self {
        let mut fields: Vec<arrow_schema::Field> =
            PROVENANCE.iter().flat_map(Field::arrow_fields).collect();
        for column in &columns {
            fields.extend(column.arrow_fields(standard));
        }
        Self {
            name,
            parent: None,
            columns: columns.into_iter().map(|column| column.out).collect(),
            sources: Vec::new(),
            schema: Arc::new(Schema::new(fields)),
        }
    }
}

impl OutColumn {
    fn of_field(field: &'static Field) -> Self {
        Self {
            name: field.name.into(),
            kind: field.kind,
            element: if field.title.is_empty() {
                field.name.into()
            } else {
                field.title.into()
            },
            personal: field.personal,
        }
    }
}

/// A column as its standard has it.
#[derive(Debug, Clone)]
pub(crate) struct NativeColumn {
    pub(crate) out: OutColumn,
    pub(crate) dictionary_name: Option<Arc<str>>,
    pub(crate) code_list: Option<Arc<str>>,
    pub(crate) format: Option<Arc<str>>,
}

impl NativeColumn {
    /// The column, and the one that stands beside it if its kind has one.
    fn arrow_fields(&self, standard: &str) -> Vec<arrow_schema::Field> {
        let mut metadata = HashMap::from([
            (STANDARD.to_owned(), standard.to_owned()),
            (PERSONAL.to_owned(), self.out.personal.to_string()),
        ]);
        let facts = [
            (ELEMENT, &self.dictionary_name),
            (CODE_LIST, &self.code_list),
            ("concord.format", &self.format),
        ];
        for (key, fact) in facts {
            if let Some(fact) = fact {
                metadata.insert(key.to_owned(), fact.to_string());
            }
        }
        let name = self.out.name.to_string();
        let companion = self.out.kind.companion().map(|end| {
            let metadata = HashMap::from([(MEANING.to_owned(), format!("stands beside {name}"))]);
            arrow_schema::Field::new(format!("{name}{end}"), arrow_schema::DataType::Utf8, true)
                .with_metadata(metadata)
        });
        let column = arrow_schema::Field::new(&name, self.out.kind.data_type(), true)
            .with_metadata(metadata);
        std::iter::once(column).chain(companion).collect()
    }
}
