//! Schemas that must all hold: what `$ref` and `allOf` put together.

use std::collections::BTreeSet;

use super::build::Builder;
use super::resolve::Target;
use super::tree::{Json, Node};

/// More schemas than this are not put together: no published schema comes near.
const MOST_PARTS: usize = 2_000;

/// A sort of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
    Null,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Boolean,
        Self::Integer,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
        Self::Null,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
            Self::Null => "null",
        }
    }

    /// What a literal is. A number is a number whether or not it is whole.
    pub(super) fn of(value: &Node<'_>) -> Self {
        match value.value {
            Json::Null => Self::Null,
            Json::Bool(_) => Self::Boolean,
            Json::Number(_) => Self::Number,
            Json::Text(_) => Self::String,
            Json::List(_) => Self::Array,
            Json::Object(_) => Self::Object,
        }
    }

    pub(super) fn is_scalar(self) -> bool {
        !matches!(self, Self::Array | Self::Object | Self::Null)
    }
}

/// Schemas of which all must hold for a value.
#[derive(Debug, Clone)]
pub(super) struct Conjunction<'t> {
    pub(super) parts: Vec<&'t Node<'t>>,
    /// Lists of alternatives that have been dealt with, by where they begin.
    pub(super) settled: Vec<usize>,
    /// The one sort of value that is looked at.
    pub(super) only: Option<Kind>,
    /// The name by which the schema was referred to, when all of it was.
    pub(super) name: Option<String>,
    /// Whether no value fits.
    pub(super) never: bool,
}

/// What tells one conjunction from another.
pub(super) type Key = (Vec<usize>, Vec<usize>, Option<Kind>, bool);

impl<'t> Conjunction<'t> {
    pub(super) fn key(&self) -> Key {
        let parts = self.parts.iter().map(|part| part.start).collect();
        (parts, self.settled.clone(), self.only, self.never)
    }

    /// Every value of a keyword.
    pub(super) fn all(&self, keyword: &str) -> Vec<&'t Node<'t>> {
        self.parts
            .iter()
            .filter_map(|part| part.get(keyword))
            .collect()
    }

    pub(super) fn has_any(&self, keywords: &[&str]) -> bool {
        keywords
            .iter()
            .any(|keyword| self.parts.iter().any(|part| part.get(keyword).is_some()))
    }

    /// Where it begins in the text.
    pub(super) fn start(&self) -> usize {
        self.parts.first().map_or(0, |part| part.start)
    }

    /// The sorts of value that its keywords let through; `None` when they let every sort through.
    pub(super) fn kinds(&self) -> Option<BTreeSet<Kind>> {
        let mut kinds: Option<BTreeSet<Kind>> = None;
        for part in &self.parts {
            let types = part.get("type").map(|said| match said.text() {
                Some(name) => BTreeSet::from_iter(named(name)),
                None => said
                    .items()
                    .iter()
                    .filter_map(|name| named(name.text()?))
                    .collect(),
            });
            let values = part
                .get("enum")
                .map(|values| values.items().iter().map(Kind::of).collect());
            let value = part.get("const").map(|value| [Kind::of(value)].into());
            for said in [types, values, value].into_iter().flatten() {
                kinds = Some(match kinds {
                    Some(known) => both(&known, &said),
                    None => said,
                });
            }
        }
        match (kinds, self.only) {
            (Some(kinds), Some(only)) => Some(both(&kinds, &[only].into())),
            (None, Some(only)) => Some([only].into()),
            (kinds, None) => kinds,
        }
    }
}

fn named(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// What is of both; an integer is a number.
fn both(left: &BTreeSet<Kind>, right: &BTreeSet<Kind>) -> BTreeSet<Kind> {
    let holds = |kinds: &BTreeSet<Kind>, kind: Kind| {
        kinds.contains(&kind) || kind == Kind::Integer && kinds.contains(&Kind::Number)
    };
    let all = Kind::ALL.into_iter();
    let mut both: BTreeSet<Kind> = all
        .filter(|kind| holds(left, *kind) && holds(right, *kind))
        .collect();
    if both.contains(&Kind::Number) {
        both.remove(&Kind::Integer);
    }
    both
}

impl<'t> Builder<'t> {
    /// Puts together what `$ref` and `allOf` of some schemas say.
    pub(super) fn conjunction(&mut self, schemas: &[&'t Node<'t>]) -> Conjunction<'t> {
        let mut together = Conjunction {
            parts: Vec::new(),
            settled: Vec::new(),
            only: None,
            name: self.name_of(schemas),
            never: false,
        };
        let mut seen = BTreeSet::new();
        let mut left: Vec<&'t Node<'t>> = schemas.iter().rev().copied().collect();
        while let Some(schema) = left.pop() {
            if !seen.insert(schema.start) {
                continue;
            }
            if seen.len() > MOST_PARTS {
                let message =
                    format!("more than {MOST_PARTS} schemas would have to hold together here");
                self.reading
                    .error(together.start()..together.start(), message);
                break;
            }
            if matches!(schema.value, Json::Bool(false)) {
                together.never = true;
            }
            let reference = schema.get("$ref");
            let target = reference.and_then(|reference| self.follow(reference));
            if reference.is_none() || self.siblings_count {
                if says_something(schema) {
                    together.parts.push(schema);
                }
                if let Some(all) = schema.get("allOf") {
                    left.extend(all.items().iter().rev());
                }
            }
            left.extend(target);
        }
        together
    }

    /// Where a `$ref` leads. One that leads nowhere is an error, one that leads elsewhere is told.
    fn follow(&mut self, reference: &'t Node<'t>) -> Option<&'t Node<'t>> {
        let name = reference.text()?;
        match self.places.find(name) {
            Target::Here(node, _) => {
                if !matches!(node.value, Json::Object(_) | Json::Bool(_)) {
                    let message = format!("`{name}` leads to {}, not to a schema", node.kind());
                    self.reading.error(reference.start..reference.end, message);
                }
                Some(node)
            }
            Target::Elsewhere => {
                let what = format!("what another file says (`$ref` to {name})");
                self.reading.not_represented(reference.start, what);
                None
            }
            Target::Nowhere => {
                let message = format!("`{name}` leads to nothing in this file");
                self.reading.error(reference.start..reference.end, message);
                None
            }
        }
    }

    /// The name of what one schema refers to and says nothing more of.
    fn name_of(&self, schemas: &[&Node<'t>]) -> Option<String> {
        let [schema] = schemas else {
            return None;
        };
        if self.siblings_count && says_something(schema) {
            return None;
        }
        match self.places.find(schema.get("$ref")?.text()?) {
            Target::Here(_, name) => name,
            _ => None,
        }
    }
}

/// Keywords that say what values may be, beside those that put schemas together.
pub(super) const STRING: &[&str] = &["pattern", "format", "minLength", "maxLength"];
pub(super) const NUMBER: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];
pub(super) const OBJECT: &[&str] = &[
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
];
pub(super) const ARRAY: &[&str] = &[
    "items",
    "prefixItems",
    "contains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
];
const OTHER: &[&str] = &[
    "type",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "$dynamicRef",
    "$recursiveRef",
];

/// Whether a keyword says what values may be, other than by `$ref` and `allOf`.
pub(super) fn is_assertion(keyword: &str) -> bool {
    [STRING, NUMBER, OBJECT, ARRAY, OTHER]
        .iter()
        .any(|keywords| keywords.contains(&keyword))
}

/// Whether a schema has such a keyword.
fn says_something(schema: &Node<'_>) -> bool {
    let mut members = schema.members().iter();
    members.any(|member| is_assertion(&member.name))
}
