//! `standard.toml`: what the standard is, how it is recognised, what its records are.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Effect;

use super::load::join;
use super::problem::{Problem, Severity, Text};
use super::submission::code_of;
use super::table::{Reading, Table};
use super::{messages, resources, tables};
use crate::layout::{DocumentForm, HeaderUse, Letters, LinesForm};
use crate::messages::Syntax;
use crate::reconcile::{Role, RoleColumns};
use crate::schema::Origin;

/// Where a standard is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardStatus {
    /// Not yet in force.
    Draft,
    /// In force.
    Current,
    /// No longer in force.
    Retired,
    /// Put together from what could be found, not from the whole published specification.
    Provisional,
}

impl StandardStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Current, Self::Retired, Self::Provisional];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Current => "current",
            Self::Retired => "retired",
            Self::Provisional => "provisional",
        }
    }
}

/// What the receiver does about mistakes that are not rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effects {
    /// A group or element of a record that is missing, misplaced or unknown.
    pub structure: Effect,
    /// A value of a record that has not its format or is not on its code list.
    pub value: Effect,
    /// Anything wrong in the header or trailer around the records.
    pub envelope: Effect,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            structure: Effect::RejectRecord,
            value: Effect::RejectRecord,
            envelope: Effect::RejectFile,
        }
    }
}

/// What a standard of HL7 v2 or EDIFACT messages builds on, and how its messages are told from those of others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageInfo {
    /// How its messages are written.
    pub syntax: Syntax,
    /// The segment of an EDIFACT message that says which transaction it is, by tag and qualifier.
    pub transaction: Option<String>,
    /// The folder of the standard whose segments and data types it narrows.
    pub inherits: Option<String>,
    /// Versions (MSH-12) that it takes. What it says of values is said of the first; of the others the structure is checked.
    /// Of EDIFACT, what UNH-2 says in its messages.
    pub versions: Vec<String>,
    /// What MSH-21 says in messages of this standard, in either case; `*` stands for anything at the end. Empty: messages
    /// that name no profile.
    pub profiles: Vec<String>,
}

/// What the content of a standard begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recognise {
    /// Local name of the root element. That of a tabular standard is made with its structure: [`SUBMISSION`].
    pub root: Arc<str>,
    /// Namespace of the root element, empty for none.
    pub namespace: Arc<str>,
    /// Attributes of the root element and the values they must have.
    pub attributes: BTreeMap<String, String>,
    /// Tables: by the columns that a header row names, in any order.
    pub header: bool,
    /// Tables: by this number of columns, where no header row names them.
    pub columns: Option<u32>,
    /// Tables: by the element of a record, where they come as an XML document.
    pub element: Option<Arc<str>>,
    /// Submissions of many tables: by the names of their tables, long and short.
    pub tables: Vec<Arc<str>>,
    /// FHIR: what tells resources of one release from those of others.
    pub marks: ResourceMarks,
}

/// What tells FHIR resources of one release from those of others: none says itself which release it is of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceMarks {
    /// Resources that only this release has.
    pub resources: Vec<Arc<str>>,
    /// How the addresses of profiles and extensions of this release begin.
    pub addresses: Vec<Arc<str>>,
    /// Whether resources that bear no marks are of this release.
    pub general: bool,
}

/// The name of the root element of the structure that is made for a tabular standard.
pub const SUBMISSION: &str = "submission";

/// A table of a tabular standard, as `standard.toml` states it. Its columns are in `fields.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// Name in rules, and of the record element.
    pub name: Arc<str>,
    /// Title for people.
    pub title: String,
    /// Whether its first row names the columns.
    pub header: HeaderUse,
    /// Characters (ASCII) that may stand between cells. Empty for fixed width.
    pub delimiters: Vec<u8>,
    /// Characters in a line of a fixed-width table.
    pub record_length: Option<u32>,
    /// How the lines of a record of fixed width belong together, where it has several.
    pub lines: Option<LinesForm>,
    /// How its letters beyond ASCII are written.
    pub encoding: Letters,
    /// Its form as an XML document, where it has one.
    pub document: Option<DocumentForm>,
    /// Whether values are judged as they are written.
    pub as_written: bool,
    /// Where it is written.
    pub origin: Origin,
}

/// What a record is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordShape {
    /// Local names of the children of the root that are records. Empty: the whole submission is one record.
    pub elements: Vec<Arc<str>>,
    /// Paths below the record (local names with `/` between them, `@name` for an attribute) of what identifies it to its
    /// owner. The first that is present is taken.
    pub key: Vec<String>,
    /// Names of the elements of a record, or the column of a row, that say who provided it. The first that is present is
    /// taken.
    pub provider: Vec<String>,
    /// Whether it is published by its publisher for all to read, and submitted by nobody: no samples are made of it.
    pub published: bool,
    /// Whether a file without rows is as it should be, because every file is sent whether there is anything to say or not.
    pub may_be_empty: bool,
}

/// What `standard.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardInfo {
    /// Short id, such as `cds`.
    pub id: Arc<str>,
    /// Version, such as `6-3-1`.
    pub version: Arc<str>,
    /// Title as published.
    pub title: String,
    /// Number of the information standard, such as `DCB0092`.
    pub number: Option<String>,
    /// Who publishes it.
    pub publisher: String,
    /// Where it is in its life.
    pub status: StandardStatus,
    /// First day in force (`CCYY-MM-DD`).
    pub effective_from: Option<String>,
    /// Last day in force (`CCYY-MM-DD`).
    pub effective_to: Option<String>,
    /// The physical form: `xml`, `delimited`, `fixed-width`, `hl7`, `edifact` or `fhir`.
    pub carrier: String,
    /// Namespace that the structure defines, empty for none.
    pub namespace: Arc<str>,
    /// How content is recognised.
    pub recognise: Recognise,
    /// What a record is. The records of a tabular standard are the rows of its tables.
    pub record: RecordShape,
    /// The tables of a tabular standard.
    pub tables: Vec<TableInfo>,
    /// What a standard of messages is beyond other standards.
    pub messages: Option<MessageInfo>,
    /// What the columns of a tabular standard are in totals that are compared with those of other data sets.
    pub reconcile: Option<RoleColumns>,
    /// Files of further spellings of column headers, in the [`Source`](crate::Source).
    pub aliases: Vec<String>,
    /// What the receiver does about mistakes in structure and values.
    pub effects: Effects,
    /// What this standard covers, in a sentence of our own.
    pub covers: Option<String>,
    /// The published material that the definition states.
    pub source: String,
    /// How the definition was made and what is doubtful in it.
    pub provenance: Option<String>,
    /// The folder that holds it, in its [`Source`](crate::Source).
    pub folder: String,
}

impl StandardInfo {
    /// Whether a day (`CCYY-MM-DD`) is within the days in force, as far as they are known.
    pub fn is_in_force(&self, day: &str) -> bool {
        // Days in this form compare as texts.
        let from = self.effective_from.as_deref();
        let to = self.effective_to.as_deref();
        from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
    }

    /// `id@version`, as users name it.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// Whether its records are messages, of HL7 v2 or of EDIFACT.
    pub fn is_messages(&self) -> bool {
        self.syntax().is_some()
    }

    /// How its records are written, where they are messages.
    pub fn syntax(&self) -> Option<Syntax> {
        syntax_of(&self.carrier)
    }

    /// Whether its records are FHIR resources.
    pub fn is_resources(&self) -> bool {
        self.carrier == FHIR
    }

    /// Whether a submission is many tables that must fit together.
    pub fn is_submission(&self) -> bool {
        self.carrier == TABLES
    }

    /// Whether its records are rows of tables.
    pub fn is_tabular(&self) -> bool {
        is_tabular(&self.carrier)
    }
}

const KEYS: &[&str] = &[
    "id",
    "version",
    "title",
    "number",
    "publisher",
    "status",
    "effective_from",
    "effective_to",
    "carrier",
    "namespace",
    "covers",
    "source",
    "provenance",
    "recognise",
    "record",
    "effects",
    "table",
    "aliases",
    "reconcile",
    "inherits",
    "submission",
];

const CARRIERS: [&str; 7] = [XML, DELIMITED, FIXED_WIDTH, HL7, EDIFACT, FHIR, TABLES];
const TABLES: &str = "tables";
const FHIR: &str = "fhir";
const HL7: &str = "hl7";
const EDIFACT: &str = "edifact";
const XML: &str = "xml";
const DELIMITED: &str = "delimited";
pub(super) const FIXED_WIDTH: &str = "fixed-width";

fn syntax_of(carrier: &str) -> Option<Syntax> {
    match carrier {
        HL7 => Some(Syntax::Hl7),
        EDIFACT => Some(Syntax::Edifact),
        _ => None,
    }
}

fn is_tabular(carrier: &str) -> bool {
    matches!(carrier, DELIMITED | FIXED_WIDTH)
}

/// Reads `standard.toml`. The information is `None` when an error stands in the way.
pub(super) fn read(text: &Text, folder: &str) -> (Option<StandardInfo>, Vec<Problem>) {
    let reading = Reading::new(text);
    let (document, whole) = reading.parse();
    let info = if whole {
        let table = Table::new(&reading, &document);
        table.only("standard.toml", KEYS);
        read_table(&table, folder)
    } else {
        None
    };
    let problems = reading.into_problems();
    let broken = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    (info.filter(|_| !broken), problems)
}

fn read_table(table: &Table<'_>, folder: &str) -> Option<StandardInfo> {
    let what = "a standard";
    let id = table.required(what, "id");
    let version = table.required(what, "version");
    let title = table.required(what, "title");
    let publisher = table.required(what, "publisher");
    let source = table.required(what, "source");
    let carrier = table.required(what, "carrier");
    if let Some(carrier) = &carrier
        && !CARRIERS.contains(&carrier.text)
    {
        table.reading.unknown(carrier, "carrier", CARRIERS);
    }
    let tabular = carrier.as_ref().is_some_and(|spot| is_tabular(spot.text));
    let tables = if tabular {
        tables::read(
            table,
            carrier
                .as_ref()
                .is_some_and(|spot| spot.text == FIXED_WIDTH),
        )
    } else {
        // Those of a submission of many tables are read with their columns.
        if carrier.as_ref().is_none_or(|spot| spot.text != TABLES) {
            tables::none(table);
        }
        Vec::new()
    };
    let many = carrier.as_ref().is_some_and(|spot| spot.text == TABLES);
    let syntax = carrier.as_ref().and_then(|spot| syntax_of(spot.text));
    let messages = messages::read(table, folder, syntax);
    let fhir = carrier.as_ref().is_some_and(|spot| spot.text == FHIR);
    if fhir {
        resources::only(table);
    }
    let text = |key: &str| table.text(key).map(|spot| spot.text.to_owned());
    let namespace: Arc<str> = text("namespace").unwrap_or_default().into();
    Some(StandardInfo {
        id: id?.text.into(),
        version: version?.text.into(),
        title: title?.text.to_owned(),
        number: text("number"),
        publisher: publisher?.text.to_owned(),
        status: status(table),
        effective_from: date(table, "effective_from"),
        effective_to: date(table, "effective_to"),
        carrier: carrier?.text.to_owned(),
        recognise: if tabular {
            tables::recognise(table)
        } else if syntax.is_some() || fhir || many {
            Recognise {
                root: SUBMISSION.into(),
                marks: if fhir {
                    resources::marks(table)
                } else {
                    ResourceMarks::default()
                },
                tables: if many {
                    names_of_tables(table)
                } else {
                    Vec::new()
                },
                ..Recognise::default()
            }
        } else {
            recognise(table, &namespace)?
        },
        namespace,
        record: record(table, &tables, tabular || syntax.is_some() || fhir || many),
        tables,
        messages,
        reconcile: reconcile(table, tabular),
        aliases: table
            .texts("aliases")
            .unwrap_or_default()
            .iter()
            .map(|spot| join(folder, spot.text))
            .collect(),
        effects: effects(table),
        covers: text("covers"),
        source: source?.text.to_owned(),
        provenance: text("provenance"),
        folder: folder.to_owned(),
    })
}

fn status(table: &Table<'_>) -> StandardStatus {
    let Some(said) = table.text("status") else {
        return StandardStatus::Current;
    };
    let known = StandardStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == said.text);
    if known.is_none() {
        let words = StandardStatus::ALL.map(StandardStatus::as_str);
        table.reading.unknown(&said, "status", words);
    }
    known.unwrap_or(StandardStatus::Current)
}

/// A day, written as text so that it stays what it is.
fn date(table: &Table<'_>, key: &str) -> Option<String> {
    let said = table.text(key)?;
    if said.text.parse::<jiff::civil::Date>().is_err() || said.text.len() != 10 {
        let message = format!("`{}` is not a day (CCYY-MM-DD)", said.text);
        table.reading.error(said.span, message);
    }
    Some(said.text.to_owned())
}

fn recognise(table: &Table<'_>, namespace: &Arc<str>) -> Option<Recognise> {
    let Some(recognise) = table.table("recognise") else {
        let message = "a standard must say how it is recognised: [recognise] root = …";
        table.reading.error(table.head(), message.to_owned());
        return None;
    };
    recognise.only("[recognise]", &["root", "namespace", "attributes"]);
    let mut attributes = BTreeMap::new();
    if let Some(wanted) = recognise.table("attributes") {
        for name in wanted.entries.keys() {
            let name = name.get_ref().as_ref();
            if let Some(value) = wanted.text(name) {
                attributes.insert(name.to_owned(), value.text.to_owned());
            }
        }
    }
    Some(Recognise {
        root: recognise.required("[recognise]", "root")?.text.into(),
        namespace: recognise
            .text("namespace")
            .map_or_else(|| Arc::clone(namespace), |spot| spot.text.into()),
        attributes,
        header: false,
        columns: None,
        element: None,
        tables: Vec::new(),
        marks: ResourceMarks::default(),
    })
}

/// The names of the tables of a submission, long and short. What is wrong with them is told when they are read.
fn names_of_tables(standard: &Table<'_>) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    for table in standard.tables("table") {
        if let Some(name) = table.text("name") {
            let code = table.text("code").map(|code| code.text.to_owned());
            let code = code.unwrap_or_else(|| code_of(name.text));
            names.extend([Arc::from(name.text), Arc::from(code)]);
        }
    }
    names
}

/// Which columns are what in totals. Without a provider, a year and a month there is nothing that files could replace.
fn reconcile(table: &Table<'_>, tabular: bool) -> Option<RoleColumns> {
    let said = table.table("reconcile")?;
    if !tabular {
        let message = "only a tabular standard has `reconcile`";
        table.error("reconcile", message.to_owned());
        return None;
    }
    let what = "[reconcile]";
    said.only(what, &Role::ALL.map(Role::as_str));
    let columns = Role::ALL.into_iter().filter_map(|role| {
        let column = if Role::PERIOD.contains(&role) || role == Role::Amount {
            said.required(what, role.as_str())
        } else {
            said.text(role.as_str())
        };
        Some((role, column?.text.into()))
    });
    Some(RoleColumns {
        columns: columns.collect(),
    })
}

/// What the records are. The rows of every table are; their names need not be said again.
fn record(table: &Table<'_>, tables: &[TableInfo], tabular: bool) -> RecordShape {
    let rows = || tables.iter().map(|table| Arc::clone(&table.name)).collect();
    let Some(record) = table.table("record") else {
        return RecordShape {
            elements: rows(),
            ..RecordShape::default()
        };
    };
    let known: &[&str] = if tabular {
        &["key", "may_be_empty", "provider", "published"]
    } else {
        &["elements", "key", "provider"]
    };
    record.only("[record]", known);
    let list = |key: &str| record.texts(key).unwrap_or_default();
    let texts = |key: &str| {
        let texts = list(key).into_iter();
        texts.map(|spot| spot.text.to_owned()).collect()
    };
    RecordShape {
        elements: if tabular {
            rows()
        } else {
            list("elements")
                .iter()
                .map(|spot| spot.text.into())
                .collect()
        },
        key: texts("key"),
        provider: texts("provider"),
        published: record.flag("published").unwrap_or(false),
        may_be_empty: record.flag("may_be_empty").unwrap_or(false),
    }
}

fn effects(table: &Table<'_>) -> Effects {
    let mut effects = Effects::default();
    if let Some(said) = table.table("effects") {
        said.only("[effects]", &["structure", "value", "envelope"]);
        for (key, effect) in [
            ("structure", &mut effects.structure),
            ("value", &mut effects.value),
            ("envelope", &mut effects.envelope),
        ] {
            *effect = effect_of(&said, key).unwrap_or(*effect);
        }
    }
    effects
}

/// The effect that a key names.
pub(super) fn effect_of(table: &Table<'_>, key: &str) -> Option<Effect> {
    let said = table.text(key)?;
    let effect = said.text.parse().ok();
    if effect.is_none() {
        let words = Effect::ALL.map(Effect::as_str);
        table.reading.unknown(&said, "effect", words);
    }
    effect
}
