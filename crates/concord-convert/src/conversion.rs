//! Which tables come out of a submission, and where their values stand in it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use concord_check::capture::CapturePlan;
use concord_check::wanted::Cell;
use concord_model::entities::{
    CODE_LIST, ELEMENT, Entity, Field, Kind, MEANING, PERSONAL, PROVENANCE,
};
use concord_standards::definition::{ANYTHING, CodeMap, Compact, Concluded};

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
    /// Values that are carried in some circumstances only; they are counted where nothing takes them.
    pub depending: Vec<Depending>,
    /// Whether all columns are texts, of which [`EMPTIED`] says that what was said before holds no more.
    pub staged: bool,
    /// What losses call the values that rows of messages can take, where it is told of each whether one did.
    pub names: Vec<(Cell, Arc<str>)>,
    /// What is concluded of records that are made of several messages.
    pub concluded: Vec<Concluded>,
}

/// What a message says of a value that is to be emptied (HL7 v2.4, 2.10).
pub const EMPTIED: &str = "\"\"";

impl Conversion {
    /// The same with all columns as texts, for rows that say only what changed: what is emptied can be told from what is not
    /// said, and becomes typed when all that is said of a record is known.
    #[must_use]
    pub fn staged(self) -> Self {
        Self {
            staged: true,
            ..self.as_texts()
        }
    }

    /// The same with all columns as texts, as they came.
    #[must_use]
    pub fn as_texts(mut self) -> Self {
        for table in &mut self.tables {
            for column in &mut table.columns {
                column.kind = Kind::Text;
            }
            let provenance = PROVENANCE.iter().flat_map(Field::arrow_fields);
            let own = table.columns.iter().map(|column| {
                arrow_schema::Field::new(&*column.name, arrow_schema::DataType::Utf8, true)
            });
            table.schema = Arc::new(Schema::new(provenance.chain(own).collect::<Vec<_>>()));
        }
        self
    }
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
    /// When an occurrence makes a row.
    pub tests: Tests,
    /// Columns of the captured table of which one must be there, so that a row is made.
    pub own: Vec<usize>,
    /// Numbers of values that are [`Value::Where`], of which one may be there instead.
    pub own_where: Vec<usize>,
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

/// Values of which it depends on what else a record says whether they go somewhere.
#[derive(Debug, Clone)]
pub struct Depending {
    /// The captured table in which they stand.
    pub table: usize,
    /// Their columns in it, with what losses call them.
    pub columns: Vec<(usize, Arc<str>)>,
    /// What can take them.
    pub takers: Vec<Taker>,
    /// Why nothing did, for people.
    pub why: Arc<str>,
}

/// A source of rows that takes values of its captured table where it makes a row.
#[derive(Debug, Clone)]
pub struct Taker {
    /// The table that comes out.
    pub table: usize,
    /// The source, among those of the table.
    pub source: usize,
    /// What must hold besides.
    pub tests: Option<Tests>,
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
    /// A captured point in time, in the first of several places, for a field of this kind. `alone` is one whose time of day
    /// goes nowhere else.
    Point {
        /// The places.
        cells: Vec<Cell>,
        /// What the field takes of it.
        to: Kind,
        /// Whether nothing else of the row takes the time of day.
        alone: bool,
    },
    /// A day that is written whole, of which the year alone is known when some tests hold, and the month when others do.
    KnownTo {
        /// When only the year is known.
        year: Option<Tests>,
        /// When only the year and the month are known.
        month: Option<Tests>,
        /// The day.
        value: Box<Value>,
    },
    /// A value that is there when some tests hold: in the first row of a captured table for which they do, or in the row
    /// itself.
    Where {
        /// The captured table whose rows lie in the row.
        group: Option<usize>,
        /// The tests, seen from there.
        tests: Tests,
        /// The value, seen from there.
        value: Box<Value>,
    },
    /// The same in every row.
    Constant(Arc<str>),
}

/// What must hold, and what must not, as a mapping's [`Conditions`](concord_standards::definition::Conditions) say.
#[derive(Debug, Clone, Default)]
pub struct Tests {
    /// Alternatives, one of which must hold, if there are any.
    pub when: Vec<Vec<Test>>,
    /// Alternatives, none of which must.
    pub unless: Vec<Vec<Test>>,
    /// Whether they cannot hold: the structure lacks what they ask for.
    pub never: bool,
}

impl Value {
    /// The places in which it can stand.
    pub(crate) fn cells(&self) -> &[Cell] {
        match self {
            Self::Text(cell) => std::slice::from_ref(cell),
            Self::FirstOf(cells, _) | Self::Spread(cells, _) | Self::Point { cells, .. } => cells,
            Self::Where { value, .. } | Self::KnownTo { value, .. } => value.cells(),
            Self::Constant(_) => &[],
        }
    }
}

impl Tests {
    /// Whether there are none.
    pub(crate) fn are_none(&self) -> bool {
        self.when.is_empty() && self.unless.is_empty() && !self.never
    }

    /// Whether they hold, by a function that gives the text of a cell.
    pub fn hold<'t>(&self, text: impl Fn(Cell) -> Option<&'t [u8]>) -> bool {
        let holds = |tests: &Vec<Test>| tests.iter().all(|test| test.holds(text(test.cell)));
        !self.never
            && (self.when.is_empty() || self.when.iter().any(holds))
            && !self.unless.iter().any(holds)
    }
}

/// A captured text that must be one of some values.
#[derive(Debug, Clone)]
pub struct Test {
    /// Where it stands.
    pub cell: Cell,
    /// The values.
    pub values: Vec<Arc<str>>,
}

impl Test {
    fn holds(&self, text: Option<&[u8]>) -> bool {
        let Some(text) = text.map(<[u8]>::trim_ascii) else {
            return false;
        };
        let said = !text.is_empty() && text != EMPTIED.as_bytes();
        let mut values = self.values.iter();
        values.any(|value| value.as_bytes() == text || (said && **value == *ANYTHING))
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
