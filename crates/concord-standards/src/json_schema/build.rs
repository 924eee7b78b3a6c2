//! From a tree of JSON to the components of a [`Schema`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::definition::{DefinitionErrors, Files, Problem, Severity, Text};
use crate::schema::{
    ComplexType, ComplexTypeId, Content, DerivationSet, Element, ElementId, Facts, Origin,
    Particle, QName, Schema, SimpleType, SimpleTypeId, Term, TypeId,
};

use super::conjunction::{Conjunction, Key, is_assertion};
use super::resolve::Places;
use super::tree::{self, Json, Node};
use super::{DOCUMENT, JsonSchema, NotRepresented, keywords};

/// More elements than any published schema has.
const MOST_ELEMENTS: usize = 500_000;

/// Reads a text.
pub(super) fn build(file: &str, text: &str) -> Result<JsonSchema, DefinitionErrors> {
    let mut reading = Reading::new(file, text);
    let tree = match tree::parse(text) {
        Ok(tree) => tree,
        Err(malformed) => {
            reading.error(malformed.at..malformed.at, malformed.message);
            return Err(reading.failed());
        }
    };
    if !matches!(tree.value, Json::Bool(_)) && !keywords::is_schema(&tree) {
        reading.error(
            tree.start..tree.start,
            "this is no JSON Schema: it has none of its keywords".to_owned(),
        );
        return Err(reading.failed());
    }
    if !keywords::check(&tree, &mut reading) {
        return Err(reading.failed());
    }
    let mut builder = Builder {
        places: Places::new(&tree),
        siblings_count: siblings_count(&tree),
        reading,
        schema: Schema::default(),
        types: BTreeMap::new(),
        made_so_far: 0,
        pending: Vec::new(),
        told: BTreeSet::new(),
        open: Tally::default(),
        no_type: Tally::default(),
    };
    builder.roots(&tree);
    builder.complete();
    builder.finish()
}

/// Whether keywords beside a `$ref` say anything: since draft 2019-09.
fn siblings_count(tree: &Node<'_>) -> bool {
    let draft = tree.get("$schema").and_then(Node::text).unwrap_or_default();
    !["draft-03", "draft-04", "draft-05", "draft-06", "draft-07"]
        .iter()
        .any(|old| draft.contains(old))
}

/// The text that is read, what is wrong with it, and what in it is not represented.
pub(super) struct Reading {
    text: Text,
    problems: Vec<Problem>,
    not_represented: BTreeSet<(usize, String)>,
}

impl Reading {
    fn new(file: &str, text: &str) -> Self {
        Self {
            text: Text::new(file, text),
            problems: Vec::new(),
            not_represented: BTreeSet::new(),
        }
    }

    pub(super) fn error(&mut self, span: Range<usize>, message: String) {
        let problem = self.text.problem(Severity::Error, span, message, None);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub(super) fn not_represented(&mut self, at: usize, what: String) {
        self.not_represented.insert((at, what));
    }

    pub(super) fn origin(&self, at: usize) -> Origin {
        Origin {
            file: self.text.name.clone(),
            line: self.text.line(at),
        }
    }

    fn failed(mut self) -> DefinitionErrors {
        self.problems
            .sort_by_key(|problem| (problem.span.start, problem.message.clone()));
        DefinitionErrors {
            problems: self.problems,
            files: Files::from([(self.text.name.clone(), self.text.content.clone())]),
        }
    }
}

/// Something that is told once, with how often it occurs.
#[derive(Debug, Default)]
pub(super) struct Tally {
    first: Option<usize>,
    times: usize,
}

impl Tally {
    pub(super) fn add(&mut self, at: usize) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.times += 1;
    }
}

/// What stands in an element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    pub(super) content: TypeId,
    pub(super) nillable: bool,
}

/// A group whose content is still to be made, so that a schema that holds itself comes to an end.
pub(super) enum Pending<'t> {
    Object(Conjunction<'t>),
    Array(Conjunction<'t>),
}

/// A schema on its way.
pub(super) struct Builder<'t> {
    pub(super) reading: Reading,
    pub(super) places: Places<'t>,
    pub(super) siblings_count: bool,
    pub(super) schema: Schema,
    pub(super) types: BTreeMap<Key, Typed>,
    pub(super) made_so_far: usize,
    pub(super) pending: Vec<(ComplexTypeId, Pending<'t>)>,
    /// Schemas whose keywords have been looked at for what is not represented.
    pub(super) told: BTreeSet<usize>,
    /// Objects that let further properties through.
    pub(super) open: Tally,
    /// Schemas that say no type of value.
    pub(super) no_type: Tally,
}

impl<'t> Builder<'t> {
    /// The root elements: one for each of several kinds of document, else `document`; of a text that is a store of
    /// definitions, one for each definition.
    fn roots(&mut self, tree: &'t Node<'t>) {
        let mut kinds: Vec<(String, &'t Node<'t>)> = Vec::new();
        let assertions = tree.members().iter().filter(|member| {
            matches!(&*member.name, "$ref" | "allOf") || is_assertion(&member.name)
        });
        let assertions: Vec<_> = assertions.collect();
        if let [member] = &assertions[..]
            && matches!(&*member.name, "anyOf" | "oneOf")
        {
            let named = member.value.items().iter().map(|alternative| {
                let name = self.conjunction(&[alternative]).name?;
                Some((name, alternative))
            });
            kinds = named.collect::<Option<_>>().unwrap_or_default();
        } else if assertions.is_empty() {
            let stores = ["$defs", "definitions"];
            let definitions = stores.iter().filter_map(|name| tree.get(name));
            kinds = definitions
                .flat_map(Node::members)
                .map(|member| (member.name.to_string(), &member.value))
                .collect();
        }
        if kinds.is_empty() {
            kinds.push((DOCUMENT.to_owned(), tree));
        }
        for (name, schema) in kinds {
            let typed = self.type_of(&[schema]);
            let at = if name == DOCUMENT {
                tree.start
            } else {
                schema.start
            };
            let root = self.element(&name, typed, at);
            self.schema.roots.push(root);
        }
    }

    /// Makes the groups that are left.
    fn complete(&mut self) {
        while let Some((id, pending)) = self.pending.pop() {
            if self.schema.elements.len() > MOST_ELEMENTS {
                let message =
                    format!("this describes more than {MOST_ELEMENTS} different elements");
                self.reading.error(0..0, message);
                return;
            }
            let content = match pending {
                Pending::Object(conjunction) => self.object(&conjunction),
                Pending::Array(conjunction) => self.array(&conjunction),
            };
            self.schema.complex_types[id.0 as usize].content = content;
        }
    }

    fn finish(mut self) -> Result<JsonSchema, DefinitionErrors> {
        if !self.reading.problems.is_empty() {
            return Err(self.reading.failed());
        }
        if let Some(first) = self.open.first {
            let what = format!(
                "further properties of {} that {} them through: a property that is described anew is taken to be new",
                counted(self.open.times, "object"),
                if self.open.times == 1 { "lets" } else { "let" }
            );
            self.reading.not_represented(first, what);
        }
        if let Some(first) = self.no_type.first {
            let what = format!(
                "other types of value, where no `type` is said ({}): each is taken to be of the type that its keywords are about",
                counted(self.no_type.times, "schema")
            );
            self.reading.not_represented(first, what);
        }
        let not_represented = self.reading.not_represented.iter();
        Ok(JsonSchema {
            not_represented: not_represented
                .map(|(at, what)| NotRepresented {
                    what: what.clone(),
                    origin: self.reading.origin(*at),
                })
                .collect(),
            schema: self.schema,
        })
    }

    pub(super) fn element(&mut self, name: &str, typed: Typed, at: usize) -> ElementId {
        let id = ElementId(self.schema.elements.len() as u32);
        self.schema.elements.push(Element {
            name: QName::new("", name),
            content: typed.content,
            nillable: typed.nillable,
            constraint: None,
            is_abstract: false,
            substitutes: Vec::new(),
            block: DerivationSet::default(),
            facts: Facts::default(),
            origin: self.reading.origin(at),
        });
        id
    }

    pub(super) fn complex(
        &mut self,
        name: Option<&str>,
        content: Content,
        at: usize,
    ) -> ComplexTypeId {
        let id = ComplexTypeId(self.schema.complex_types.len() as u32);
        self.schema.complex_types.push(ComplexType {
            name: name.map(|name| QName::new("", name)),
            base: None,
            is_abstract: false,
            block: DerivationSet::default(),
            content,
            attributes: Vec::new(),
            any_attribute: None,
            origin: self.reading.origin(at),
        });
        id
    }

    pub(super) fn simple(&mut self, simple: SimpleType) -> SimpleTypeId {
        let id = SimpleTypeId(self.schema.simple_types.len() as u32);
        self.schema.simple_types.push(simple);
        id
    }

    pub(super) fn particle(
        &self,
        (min, max): (u32, Option<u32>),
        term: Term,
        at: usize,
    ) -> Particle {
        Particle {
            min,
            max,
            term,
            origin: self.reading.origin(at),
        }
    }
}

fn counted(times: usize, what: &str) -> String {
    match times {
        1 => format!("1 {what}"),
        times => format!("{times} {what}s"),
    }
}
