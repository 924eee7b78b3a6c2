//! `standard.toml`: what the standard is, how it is recognised, what its records are.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Effect;

use super::problem::{Problem, Severity, Text};
use super::table::{Reading, Table};

/// Where a standard is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardStatus {
    /// Not yet in force.
    Draft,
    /// In force.
    Current,
    /// No longer in force.
    Retired,
}

impl StandardStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Current, Self::Retired];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Current => "current",
            Self::Retired => "retired",
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
    /// Content that cannot be read to its end (XML that is not well-formed).
    pub carrier: Effect,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            structure: Effect::RejectRecord,
            value: Effect::RejectRecord,
            envelope: Effect::RejectFile,
            carrier: Effect::RejectFile,
        }
    }
}

/// What the content of a standard begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recognise {
    /// Local name of the root element.
    pub root: Arc<str>,
    /// Namespace of the root element, empty for none.
    pub namespace: Arc<str>,
    /// Attributes of the root element and the values they must have.
    pub attributes: BTreeMap<String, String>,
}

/// What a record is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordShape {
    /// Local names of the children of the root that are records. Empty: the whole submission is one record.
    pub elements: Vec<Arc<str>>,
    /// Paths below the record (local names with `/` between them, `@name` for an attribute) of what identifies it to its
    /// owner. The first that is present is taken.
    pub key: Vec<String>,
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
    /// The physical form: `xml`.
    pub carrier: String,
    /// Namespace that the structure defines, empty for none.
    pub namespace: Arc<str>,
    /// How content is recognised.
    pub recognise: Recognise,
    /// What a record is.
    pub record: RecordShape,
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
    /// `id@version`, as users name it.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
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
];

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
        && carrier.text != "xml"
    {
        table.reading.error_with_help(
            carrier.span.clone(),
            format!("`{}` is not a carrier of a structure", carrier.text),
            "write carrier = \"xml\"".to_owned(),
        );
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
        recognise: recognise(table, &namespace)?,
        namespace,
        record: record(table),
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
    })
}

fn record(table: &Table<'_>) -> RecordShape {
    let Some(record) = table.table("record") else {
        return RecordShape::default();
    };
    record.only("[record]", &["elements", "key"]);
    let list = |key: &str| record.texts(key).unwrap_or_default();
    RecordShape {
        elements: list("elements")
            .iter()
            .map(|spot| spot.text.into())
            .collect(),
        key: list("key")
            .iter()
            .map(|spot| spot.text.to_owned())
            .collect(),
    }
}

fn effects(table: &Table<'_>) -> Effects {
    let mut effects = Effects::default();
    if let Some(said) = table.table("effects") {
        said.only("[effects]", &["structure", "value", "envelope", "carrier"]);
        for (key, effect) in [
            ("structure", &mut effects.structure),
            ("value", &mut effects.value),
            ("envelope", &mut effects.envelope),
            ("carrier", &mut effects.carrier),
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
