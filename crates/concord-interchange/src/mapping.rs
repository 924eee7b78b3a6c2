//! `fhir.json`: what messages of a standard are in FHIR.
//!
//! ```text
//! interchange   UNB with holes
//! beside        holes of documents that no message has: they are said beside it
//! maps          tables of codes, each code of EDIFACT with that of FHIR
//! links         holes of one group that name another group: the specimen of a result
//! parts         segments with holes that several forms have, by name
//! forms         for each kind of message: its type and transactions, its segments with holes, its template in FHIR
//! ```
//!
//! A form's `segments` are patterns, and groups of them (`group`, which segment begins one; `name`, where it can stand several
//! times). Its `each` names the group that a document of FHIR is made of, where a message holds several.

use std::collections::BTreeMap;

use concord_standards::{Source, SourceError};

use crate::json::{Json, JsonError};
use crate::pattern::Pattern;

/// Groups in groups.
const DEEPEST: usize = 16;

/// What messages of a standard are in FHIR.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) interchange: Pattern,
    /// Holes of documents that no message has.
    pub(crate) beside: Vec<String>,
    pub(crate) maps: BTreeMap<String, Vec<(String, Json)>>,
    pub(crate) links: BTreeMap<String, Link>,
    pub(crate) forms: Vec<Form>,
}

/// A hole of one group that names another one by its own hole.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// The group that is named.
    pub(crate) to: String,
    /// Its hole.
    pub(crate) key: String,
    /// The group that names it.
    pub(crate) of: String,
    /// The hole that does.
    pub(crate) from: String,
    /// The link whose target is asked where this one is not filled.
    pub(crate) through: Option<String>,
}

/// A kind of message.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) name: String,
    /// What UNH-2 says.
    pub(crate) types: Vec<String>,
    /// The transactions, where there are several of a type.
    pub(crate) transactions: Vec<String>,
    /// UNB, where it is another than that of all.
    pub(crate) interchange: Option<Pattern>,
    pub(crate) parts: Vec<Part>,
    /// The group that a document is made of.
    pub(crate) each: Option<String>,
    /// Holes that are filled before a message is written, unless they are filled already.
    pub(crate) defaults: Vec<Default>,
    pub(crate) template: Json,
}

/// What fills a hole that nothing else does.
#[derive(Debug)]
pub(crate) struct Default {
    pub(crate) hole: String,
    /// A text, or with a hole in it: `{ha|link-code}`.
    pub(crate) value: String,
    /// The group of it.
    pub(crate) group: Option<String>,
    /// Only where one of these holes is filled.
    pub(crate) given: Vec<String>,
    /// Only where none of these holes is filled.
    pub(crate) unless: Vec<String>,
}

/// A part of a message.
#[derive(Debug)]
pub(crate) enum Part {
    Segment(Pattern),
    Group(Group),
}

/// A group of segments.
#[derive(Debug)]
pub(crate) struct Group {
    /// The segment that begins it.
    pub(crate) trigger: String,
    /// Its name, when it can stand several times.
    pub(crate) name: Option<String>,
    pub(crate) parts: Vec<Part>,
}

impl Part {
    pub(crate) fn segment(&self) -> Option<&Pattern> {
        match self {
            Self::Segment(pattern) => Some(pattern),
            Self::Group(_) => None,
        }
    }

    pub(crate) fn group(&self) -> Option<&Group> {
        match self {
            Self::Group(group) => Some(group),
            Self::Segment(_) => None,
        }
    }
}

/// A mapping that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// There is no such file.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It is not JSON.
    #[error("{path}, {error}")]
    Json {
        /// The file.
        path: String,
        /// What is wrong.
        error: JsonError,
    },
    /// It does not say what it must.
    #[error("{path}: {reason}")]
    Wrong {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

impl Mapping {
    /// Whether a standard's folder has a mapping.
    pub fn is_there(source: &dyn Source, folder: &str) -> bool {
        source.read(&path_of(folder)).is_ok()
    }

    /// Reads the mapping of a standard's folder.
    ///
    /// # Errors
    /// [`MappingError`] when it is not there, is no JSON, or says something that is not understood.
    pub fn load(source: &dyn Source, folder: &str) -> Result<Self, MappingError> {
        let path = path_of(folder);
        let text = source.read(&path)?;
        let json = Json::read(text.as_bytes()).map_err(|error| MappingError::Json {
            path: path.clone(),
            error,
        })?;
        Self::of(&json).map_err(|reason| MappingError::Wrong { path, reason })
    }

    fn of(json: &Json) -> Result<Self, String> {
        only(
            json,
            "fhir.json",
            &[
                "title",
                "source",
                "interchange",
                "beside",
                "maps",
                "links",
                "parts",
                "forms",
            ],
        )?;
        let maps = members(json, "maps").iter().map(|(name, map)| {
            let pairs = map.members().to_vec();
            (name.clone(), pairs)
        });
        let mut links = BTreeMap::new();
        for (name, said) in members(json, "links") {
            only(said, name, &["of", "from", "to", "key", "through"])?;
            let link = Link {
                to: text(said, "to")?,
                key: text(said, "key")?,
                of: text(said, "of")?,
                from: text(said, "from")?,
                through: said.get("through").and_then(Json::text).map(str::to_owned),
            };
            links.insert(name.clone(), link);
        }
        let shared = json.get("parts");
        let forms = json.get("forms").map_or(&[][..], Json::items);
        let forms = forms
            .iter()
            .map(|said| form(said, shared))
            .collect::<Result<Vec<_>, String>>()?;
        if forms.is_empty() {
            return Err("it has no forms".to_owned());
        }
        Ok(Self {
            interchange: pattern(&text(json, "interchange")?)?,
            beside: texts(json, "beside"),
            maps: maps.collect(),
            links,
            forms,
        })
    }
}

fn path_of(folder: &str) -> String {
    format!("{folder}/fhir.json")
}

fn only(said: &Json, what: &str, keys: &[&str]) -> Result<(), String> {
    match said
        .members()
        .iter()
        .find(|(name, _)| !keys.contains(&name.as_str()))
    {
        Some((name, _)) => Err(format!(
            "{what} has no `{name}`; it has {}",
            keys.join(", ")
        )),
        None => Ok(()),
    }
}

fn members<'j>(json: &'j Json, name: &str) -> &'j [(String, Json)] {
    json.get(name).map_or(&[], Json::members)
}

fn text(said: &Json, name: &str) -> Result<String, String> {
    let found = said.get(name).and_then(Json::text);
    found
        .map(str::to_owned)
        .ok_or_else(|| format!("`{name}` must be a text"))
}

fn texts(said: &Json, name: &str) -> Vec<String> {
    match said.get(name) {
        Some(Json::Text(text)) => vec![text.clone()],
        Some(list) => list
            .items()
            .iter()
            .filter_map(Json::text)
            .map(str::to_owned)
            .collect(),
        None => Vec::new(),
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::read(text).ok_or_else(|| format!("`{text}` is no segment with holes"))
}

fn form(said: &Json, shared: Option<&Json>) -> Result<Form, String> {
    let name = text(said, "name")?;
    only(
        said,
        &name,
        &[
            "name",
            "types",
            "transactions",
            "interchange",
            "each",
            "defaults",
            "segments",
            "fhir",
        ],
    )?;
    let mut defaults = Vec::new();
    for default in said.get("defaults").map_or(&[][..], Json::items) {
        only(
            default,
            &name,
            &["hole", "value", "group", "given", "unless"],
        )?;
        defaults.push(Default {
            hole: text(default, "hole")?,
            value: text(default, "value")?,
            group: default.get("group").and_then(Json::text).map(str::to_owned),
            given: texts(default, "given"),
            unless: texts(default, "unless"),
        });
    }
    let segments = match said.get("segments") {
        Some(Json::Text(name)) => shared.and_then(|shared| shared.get(name)),
        own => own,
    };
    let segments = segments.ok_or_else(|| format!("{name} has no segments"))?;
    let interchange = said.get("interchange").and_then(Json::text);
    Ok(Form {
        types: texts(said, "types"),
        transactions: texts(said, "transactions"),
        interchange: interchange.map(pattern).transpose()?,
        parts: parts(segments, 0)?,
        each: said.get("each").and_then(Json::text).map(str::to_owned),
        defaults,
        template: said
            .get("fhir")
            .cloned()
            .ok_or_else(|| format!("{name} has no `fhir`"))?,
        name,
    })
}

fn parts(said: &Json, depth: usize) -> Result<Vec<Part>, String> {
    if depth > DEEPEST {
        return Err("groups are nested too deeply".to_owned());
    }
    let items = said.items().iter();
    items
        .map(|item| match item {
            Json::Text(text) => pattern(text).map(Part::Segment),
            group => {
                only(group, "a group", &["group", "name", "segments"])?;
                let inner = group.get("segments").ok_or("a group has no segments")?;
                Ok(Part::Group(Group {
                    trigger: text(group, "group")?,
                    name: group.get("name").and_then(Json::text).map(str::to_owned),
                    parts: parts(inner, depth + 1)?,
                }))
            }
        })
        .collect()
}
