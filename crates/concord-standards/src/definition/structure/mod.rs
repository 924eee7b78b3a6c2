//! `structure.toml`: groups and elements in order, with occurrence and choices, and the values they hold.
//!
//! ```toml
//! namespace = "http://www.nhsia.nhs.uk/DataStandards/XMLschema/CDS/ns"
//!
//! [element.CDS-XMLInterchange]            # an element that may stand at the root
//! group = "Interchange"
//!
//! [group.PatientPathwayIdentity]          # what stands between an element's tags, in order
//! content = [
//!   { choice = [
//!     { element = "UniqueBookingReferenceNumber_Converted", value = "UBRN", status = "M" },
//!     { element = "PatientPathwayIdentifier", value = "PathwayIdentifier" },
//!   ] },
//!   { element = "RTTPeriod", group = "RTTPeriod", occurs = "0..1" },
//! ]
//! attributes = [{ attribute = "CDSTypeCode", value = "CDSTypeCode", use = "required", fixed = "010" }]
//!
//! [value.UBRN]                            # what a text may be
//! format = "n12"
//!
//! [value.CDSUpdateType]
//! format = "an1"
//! codes = "cds-update-type"
//! ```
//!
//! **Names.** A bare name is in the structure's `namespace` (a local element's in `local_namespace`, when that is said; an
//! attribute's in none). `:name` is in no namespace, `xs:name` is a built-in type, and `[namespaces]` gives further prefixes.
//!
//! **Groups.** `content` (in this order), `choice` (one of) or `all` (in any order); `text = "Value"` for text under attributes;
//! none of them: empty. `extends = "Group"` adds to another group; `restricts = "Group"` says all of it again, narrower
//! (`whole = true` makes `extends` say all of it again too, for what cannot be said as an addition).
//! `anonymous = true` marks a group that data cannot ask for by name (`xsi:type`).
//!
//! **Particles.** `element` declares one with its `value` or `group`; `ref` is an element of `[element.…]`; `sequence`, `choice` and
//! `all` nest; `any` lets other elements through. `occurs = "0..1"`, `"1..*"`; once when it is not said.
//!
//! **Values.** `format` in dictionary notation stands for the facets that it implies; facets beside it are added.
//! `published_format` is what the dictionary says where the facets, which are what is enforced, say otherwise.
//! `codes` names a code list, narrowed by `only` or `except`, or lists codes itself.

mod content;
pub(super) mod group;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::elements::Elements;
use super::load::Loading;
use super::problem::{Problem, Text};
use super::table::{Reading, Spot, Table};
use crate::schema::{
    Builtin, ComplexTypeId, Content, DerivationSet, Element, ElementId, Facts, QName, Schema,
    SimpleTypeId, Status, TypeId, ValueConstraint,
};

/// Namespace of the built-in types.
pub(crate) const XML_SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// Types that are derived from one another, at most.
const DEEPEST_DERIVATION: usize = 100;

const KEYS: &[&str] = &[
    "namespace",
    "local_namespace",
    "namespaces",
    "element",
    "attribute",
    "group",
    "value",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Pending,
    Building,
    Built,
}

/// A named group or value.
struct Named<'a, Id> {
    id: Id,
    name: Spot<'a>,
    table: Table<'a>,
    progress: Progress,
}

/// A structure that is being put together.
struct Builder<'a, 'l, 's> {
    reading: &'a Reading<'a>,
    loading: &'l mut Loading<'s>,
    dictionary: &'l Elements,
    local_namespace: Arc<str>,
    prefixes: BTreeMap<&'a str, Arc<str>>,
    schema: Schema,
    values: BTreeMap<&'a str, Named<'a, SimpleTypeId>>,
    groups: BTreeMap<&'a str, Named<'a, ComplexTypeId>>,
    elements: BTreeMap<&'a str, ElementId>,
    /// Elements that are declared elsewhere.
    outside: Option<&'l mut (dyn Outside + 'l)>,
    messages: Vec<SaidMessages>,
    builtins: BTreeMap<Builtin, SimpleTypeId>,
}

/// Elements that a structure refers to and that are declared in another file.
pub(super) trait Outside {
    /// The element of a name, added to the schema when it is asked for first.
    fn element(&mut self, name: &str, schema: &mut Schema) -> Option<ElementId>;
    /// The names that there are.
    fn names(&self) -> Vec<&str>;
}

/// The messages that an element at the root says it stands for.
pub(super) struct SaidMessages {
    pub(super) element: ElementId,
    /// `ADT^A01`, and the bytes where it is written.
    pub(super) messages: Vec<(String, std::ops::Range<usize>)>,
    /// The message structure, where it is not the element's name.
    pub(super) structure: Option<Arc<str>>,
}

/// Reads `structure.toml`.
pub(super) fn read(
    text: &Text,
    dictionary: &Elements,
    loading: &mut Loading<'_>,
) -> (Schema, Vec<Problem>) {
    let (schema, _, problems) = read_with(text, dictionary, loading, None);
    (schema, problems)
}

/// Reads a `structure.toml` whose elements are messages, if there is an `outside` that has their segments.
pub(super) fn read_with<'l>(
    text: &Text,
    dictionary: &'l Elements,
    loading: &'l mut Loading<'_>,
    outside: Option<&'l mut (dyn Outside + 'l)>,
) -> (Schema, Vec<SaidMessages>, Vec<Problem>) {
    let reading = Reading::new(text);
    let (document, _) = reading.parse();
    let (schema, messages) = {
        let table = Table::new(&reading, &document);
        table.only("structure.toml", KEYS);
        build(&table, dictionary, loading, outside)
    };
    drop(document);
    (schema, messages, reading.into_problems())
}

fn build<'l>(
    table: &Table<'_>,
    dictionary: &'l Elements,
    loading: &'l mut Loading<'_>,
    outside: Option<&'l mut (dyn Outside + 'l)>,
) -> (Schema, Vec<SaidMessages>) {
    let namespace: Arc<str> = table.text("namespace").map_or("", |spot| spot.text).into();
    let local_namespace = table
        .text("local_namespace")
        .map_or_else(|| Arc::clone(&namespace), |spot| spot.text.into());
    let mut builder = Builder {
        reading: table.reading,
        loading,
        dictionary,
        local_namespace,
        prefixes: prefixes(table),
        schema: Schema {
            namespace,
            ..Schema::default()
        },
        values: BTreeMap::new(),
        groups: BTreeMap::new(),
        elements: BTreeMap::new(),
        outside,
        messages: Vec::new(),
        builtins: BTreeMap::new(),
    };
    builder.declare(table);
    builder.build_values();
    builder.build_groups();
    builder.build_elements(table);
    builder.build_attributes(table);
    builder.complete_formats();
    (builder.schema, builder.messages)
}

fn prefixes<'a>(table: &Table<'a>) -> BTreeMap<&'a str, Arc<str>> {
    let mut prefixes = BTreeMap::new();
    if let Some(said) = table.table("namespaces") {
        for key in said.entries.keys() {
            let name = key.get_ref().as_ref();
            if name == "xs" {
                let message = "the prefix `xs` is taken: it is that of the built-in types";
                said.reading.error(key.span(), message.to_owned());
            } else if let Some(namespace) = said.text(name) {
                prefixes.insert(name, namespace.text.into());
            }
        }
    }
    prefixes
}

impl<'a> Builder<'a, '_, '_> {
    /// Gives every named value, group and element its id, so that they can refer to one another.
    fn declare(&mut self, table: &Table<'a>) {
        for (name, value) in table.named("value") {
            let id = self.new_simple_type(&value);
            self.values.insert(
                name.text,
                Named {
                    id,
                    name,
                    table: value,
                    progress: Progress::Pending,
                },
            );
        }
        for (name, group) in table.named("group") {
            let id = self.new_complex_type(&group);
            self.groups.insert(
                name.text,
                Named {
                    id,
                    name,
                    table: group,
                    progress: Progress::Pending,
                },
            );
        }
        for (name, element) in table.named("element") {
            let qname = self.global_name(&name);
            let id = self.new_element(qname, &element);
            self.elements.insert(name.text, id);
        }
    }

    fn new_element(&mut self, name: QName, table: &Table<'a>) -> ElementId {
        let id = ElementId(self.schema.elements.len() as u32);
        self.schema.elements.push(Element {
            name,
            content: TypeId::Any,
            nillable: false,
            constraint: None,
            is_abstract: false,
            substitutes: Vec::new(),
            block: DerivationSet::default(),
            facts: Facts::default(),
            origin: table.origin(),
        });
        id
    }

    /// A name in the structure's own namespace unless it has a prefix.
    fn global_name(&self, spot: &Spot<'_>) -> QName {
        self.name(spot, &self.schema.namespace)
    }

    /// A name in `bare` unless it has a prefix.
    fn name(&self, spot: &Spot<'_>, bare: &Arc<str>) -> QName {
        let Some((prefix, local)) = spot.text.split_once(':') else {
            return QName::new(Arc::clone(bare), spot.text);
        };
        let namespace = match prefix {
            "" => Arc::from(""),
            prefix => self.prefixes.get(prefix).cloned().unwrap_or_else(|| {
                let message = format!("the prefix `{prefix}` is not in [namespaces]");
                self.reading.error(spot.span.clone(), message);
                Arc::from("")
            }),
        };
        QName::new(namespace, local)
    }

    /// The global elements: those that may stand at the root, and heads of substitution groups.
    fn build_elements(&mut self, table: &Table<'a>) {
        const KEYS: &[&str] = &[
            "group",
            "value",
            "nillable",
            "default",
            "fixed",
            "abstract",
            "substitutes",
            "block",
            "name",
            "format",
            "status",
            "personal",
        ];
        const OF_MESSAGES: &[&str] = &["group", "messages", "structure"];
        for (name, said) in table.named("element") {
            if self.outside.is_some() {
                said.only("a message", OF_MESSAGES);
                self.said_messages(self.elements[name.text], &said);
            } else {
                said.only("an element", KEYS);
            }
            let id = self.elements[name.text];
            self.fill_element(id, &said);
            let heads = said.texts("substitutes").unwrap_or_default();
            let substitutes = heads
                .iter()
                .filter_map(|head| self.element_named(head))
                .collect();
            let element = &mut self.schema.elements[id.0 as usize];
            element.substitutes = substitutes;
            element.is_abstract = said.flag("abstract").unwrap_or(false);
            if !element.is_abstract {
                self.schema.roots.push(id);
            }
        }
    }

    /// The messages that an element says it stands for.
    fn said_messages(&mut self, element: ElementId, said: &Table<'a>) {
        let messages = said.texts("messages").unwrap_or_default();
        if messages.is_empty() {
            let message = "a message structure must say its `messages`, such as [\"ADT^A01\"]";
            self.reading.error(said.head(), message.to_owned());
        }
        let messages = messages.into_iter();
        self.messages.push(SaidMessages {
            element,
            messages: messages
                .map(|spot| (spot.text.to_owned(), spot.span))
                .collect(),
            structure: said.text("structure").map(|spot| spot.text.into()),
        });
    }

    fn element_named(&mut self, spot: &Spot<'_>) -> Option<ElementId> {
        if let Some(id) = self.elements.get(spot.text) {
            return Some(*id);
        }
        if let Some(outside) = self.outside.as_deref_mut() {
            let id = outside.element(spot.text, &mut self.schema);
            if id.is_none() {
                self.reading.unknown(spot, "segment", outside.names());
            }
            return id;
        }
        let known = self.elements.keys().copied();
        self.reading.unknown(spot, "[element.…]", known);
        None
    }

    /// What every element says, global or local, other than its name and occurrence.
    fn fill_element(&mut self, id: ElementId, said: &Table<'a>) {
        let content = self.content_type(said);
        let constraint = constraint(said);
        let facts = self.facts(said, &self.schema.element(id).name.local.clone());
        let block = derivations(said, "block");
        let element = &mut self.schema.elements[id.0 as usize];
        element.content = content;
        element.constraint = constraint;
        element.facts = facts;
        element.block = block;
        element.nillable = said.flag("nillable").unwrap_or(false);
    }

    /// The type that an element names with `group` or `value`.
    fn content_type(&mut self, said: &Table<'a>) -> TypeId {
        if said.has("group") == said.has("value") {
            let message = if said.has("group") {
                "an element holds a `group` or a `value`, not both"
            } else {
                "an element must say its `group` or its `value`"
            };
            self.reading.error(said.head(), message.to_owned());
            return TypeId::Any;
        }
        if let Some(value) = said.value("value") {
            return TypeId::Simple(self.value_at(value, 0));
        }
        said.text("group")
            .map_or(TypeId::Any, |group| self.group_named(&group))
    }

    fn group_named(&self, spot: &Spot<'_>) -> TypeId {
        if spot.text == "xs:anyType" {
            return TypeId::Any;
        }
        if let Some(group) = self.groups.get(spot.text) {
            return TypeId::Complex(group.id);
        }
        if self.values.contains_key(spot.text) {
            let help = format!("write value = \"{0}\": `{0}` is a value", spot.text);
            let message = format!("there is no group `{}`", spot.text);
            self.reading
                .error_with_help(spot.span.clone(), message, help);
        } else {
            let known = self.groups.keys().copied();
            self.reading.unknown(spot, "group", known);
        }
        TypeId::Any
    }

    /// What is said of an element or attribute beyond its type, completed from the Data Dictionary.
    fn facts(&self, said: &Table<'_>, local: &str) -> Facts {
        let known = self.dictionary.by_xml_name(local);
        let own = |key: &str| said.text(key).map(|spot| Arc::from(spot.text));
        Facts {
            dictionary_name: own("name").or_else(|| known.map(|known| Arc::clone(&known.name))),
            format: own("format"),
            status: self.status(said),
            personal: said
                .flag("personal")
                .unwrap_or_else(|| known.is_some_and(|known| known.personal)),
        }
    }

    fn status(&self, said: &Table<'_>) -> Option<Status> {
        let status = said.text("status")?;
        match status.text {
            "M" => Some(Status::Mandatory),
            "R" => Some(Status::Required),
            "O" => Some(Status::Optional),
            "X" => Some(Status::NotUsed),
            _ => {
                let help = "M mandatory, R required, O optional, X not to be sent";
                let message = format!("`{}` is not a status", status.text);
                self.reading
                    .error_with_help(status.span, message, help.to_owned());
                None
            }
        }
    }

    /// An element or attribute without a format of its own has that of its value.
    fn complete_formats(&mut self) {
        let formats: Vec<Option<Arc<str>>> = self
            .schema
            .simple_types
            .iter()
            .map(|simple| simple.format.clone())
            .collect();
        let of = |id: SimpleTypeId| formats[id.0 as usize].clone();
        for index in 0..self.schema.elements.len() {
            let text = self.schema.text_type(self.schema.elements[index].content);
            let facts = &mut self.schema.elements[index].facts;
            if facts.format.is_none() {
                facts.format = text.and_then(of);
            }
        }
        let uses = self.schema.complex_types.iter_mut().flat_map(|group| {
            group
                .attributes
                .iter_mut()
                .map(|usage| &mut usage.attribute)
        });
        for attribute in uses.chain(self.schema.attributes.iter_mut()) {
            if attribute.facts.format.is_none() {
                attribute.facts.format = of(attribute.content);
            }
        }
    }
}

/// `default` or `fixed`.
fn constraint(said: &Table<'_>) -> Option<ValueConstraint> {
    if said.has("default") && said.has("fixed") {
        let message = "a value is `default` or `fixed`, not both";
        said.error("fixed", message.to_owned());
    }
    said.text("fixed")
        .map(|text| ValueConstraint::Fixed(text.text.to_owned()))
        .or_else(|| {
            said.text("default")
                .map(|text| ValueConstraint::Default(text.text.to_owned()))
        })
}

/// A list of `extension`, `restriction`, `substitution`.
fn derivations(said: &Table<'_>, key: &str) -> DerivationSet {
    let mut set = DerivationSet::default();
    for word in said.texts(key).unwrap_or_default() {
        match word.text {
            "extension" => set.extension = true,
            "restriction" => set.restriction = true,
            "substitution" => set.substitution = true,
            _ => {
                let words = ["extension", "restriction", "substitution"];
                said.reading.unknown(&word, "derivation", words);
            }
        }
    }
    set
}

/// Content that a group has before it is built.
fn nothing() -> Content {
    Content::Empty
}
