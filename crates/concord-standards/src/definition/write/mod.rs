//! A [`Schema`] in our own written form.
//!
//! What is written reads back as the same structure ([`difference`](super::difference) finds nothing). The text is laid out for
//! people: root elements first, groups in the order in which data meet them, one line for each element, values by name.

mod group;
mod names;
mod standard;
mod text;
mod value;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::codes::{self, CodeList};
use super::elements::{self, DictionaryElement, Elements};
use super::standard::StandardInfo;
use crate::schema::{ElementId, Facts, Schema, SimpleTypeId, Status, ValueConstraint};
use names::Names;
use text::key;

pub(crate) use text::{cell, folded, list, quoted};
pub(super) use value::notation;

/// What need not be written because it stands elsewhere.
#[derive(Debug, Default, Clone)]
pub struct Known {
    /// What `elements.csv` says.
    pub elements: Arc<Elements>,
    /// The code lists that exist.
    pub code_lists: BTreeMap<Arc<str>, Arc<CodeList>>,
}

/// The definition files of a structure by path: `ID/VERSION/standard.toml`, `ID/VERSION/structure.toml`, and
/// `codes/NAME.csv` for every code list that a value names and `known` does not hold.
pub fn write(schema: &Schema, info: &StandardInfo, known: &Known) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let folder = format!("{}/{}", info.id, info.version);
    let lists = code_lists(schema, known);
    for (id, list) in &lists {
        if !known.code_lists.contains_key(id) {
            files.insert(format!("codes/{id}.csv"), code_list(list));
        }
    }
    let mut writer = Writer {
        schema,
        names: Names::new(schema),
        elements: &known.elements,
        code_lists: lists,
        text: String::new(),
    };
    writer.structure(info);
    files.insert(format!("{folder}/standard.toml"), standard::write(info));
    files.insert(format!("{folder}/structure.toml"), writer.text);
    files
}

/// A code list as CSV.
pub fn code_list(list: &CodeList) -> String {
    let mut text = codes::COLUMNS.join(",");
    text.push('\n');
    for code in &list.codes {
        let cells = [
            &code.code,
            &code.meaning,
            &code.valid_from,
            &code.valid_to,
            &code.source,
        ];
        let cells: Vec<String> = cells.iter().map(|cell| text::cell(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// `elements.csv`.
pub fn elements(list: &[DictionaryElement]) -> String {
    let mut text = elements::COLUMNS.join(",");
    text.push('\n');
    for element in list {
        let xml_names = element.xml_names.join(" ");
        let personal = if element.personal { "yes" } else { "no" };
        let cells = [
            &*element.name,
            &xml_names,
            &element.format,
            &element.code_list,
            personal,
            &element.source,
        ];
        let cells: Vec<String> = cells.iter().map(|cell| text::cell(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// The known lists, and for every other list that a value names one of the codes found.
fn code_lists(schema: &Schema, known: &Known) -> BTreeMap<Arc<str>, Arc<CodeList>> {
    let mut lists = known.code_lists.clone();
    let mut made: BTreeMap<Arc<str>, CodeList> = BTreeMap::new();
    for simple in &schema.simple_types {
        let (Some(id), Some(facets)) = (&simple.code_list, simple.steps.last()) else {
            continue;
        };
        if lists.contains_key(id) {
            continue;
        }
        let list = made.entry(Arc::clone(id)).or_insert_with(|| CodeList {
            id: Arc::clone(id),
            codes: Vec::new(),
        });
        for code in &facets.enumeration {
            if list.get(code).is_none() {
                list.codes.push(codes::Code {
                    code: code.as_str().into(),
                    meaning: "".into(),
                    valid_from: "".into(),
                    valid_to: "".into(),
                    source: "".into(),
                    line: 0,
                });
            }
        }
    }
    lists.extend(made.into_iter().map(|(id, list)| (id, Arc::new(list))));
    lists
}

struct Writer<'s> {
    schema: &'s Schema,
    names: Names,
    elements: &'s Elements,
    code_lists: BTreeMap<Arc<str>, Arc<CodeList>>,
    text: String,
}

impl Writer<'_> {
    fn structure(&mut self, info: &StandardInfo) {
        self.heading(info);
        self.line(&format!("namespace = {}", quoted(&self.schema.namespace)));
        if let Some(local) = &self.names.local_namespace {
            let line = format!("local_namespace = {}", quoted(local));
            self.line(&line);
        }
        if !self.names.prefixes.is_empty() {
            self.line("\n[namespaces]");
            let lines: Vec<String> = self
                .names
                .prefixes
                .iter()
                .map(|(namespace, prefix)| format!("{prefix} = {}", quoted(namespace)))
                .collect();
            for line in &lines {
                self.line(line);
            }
        }
        for id in self.names.globals.clone() {
            self.global_element(id);
        }
        let schema = self.schema;
        for attribute in &schema.attributes {
            let name = self.names.global(&attribute.name);
            self.line(&format!("\n[attribute.{}]", key(&name)));
            let mut fields = vec![format!("value = {}", self.value_ref(attribute.content))];
            fields.extend(self.facts(
                &attribute.facts,
                &attribute.name.local,
                Some(attribute.content),
            ));
            fields.extend(constraint(attribute.constraint.as_ref()));
            for field in &fields {
                self.line(field);
            }
        }
        for (id, name) in self.names.groups_in_order() {
            self.group(id, &name);
        }
        for id in self.names.values_in_order(self.schema) {
            self.value(id);
        }
    }

    fn heading(&mut self, info: &StandardInfo) {
        let lines = [
            format!("# {} {}: groups and elements in order.", info.title, info.version),
            "# A particle occurs once unless `occurs` says otherwise. Status: M mandatory, R required,".to_owned(),
            "# O optional, X not to be sent. A value's `format` stands for the facets it implies.".to_owned(),
            String::new(),
        ];
        for line in &lines {
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn global_element(&mut self, id: ElementId) {
        let schema = self.schema;
        let element = schema.element(id);
        let name = self.names.global(&element.name);
        self.line(&format!("\n[element.{}]", key(&name)));
        let mut fields = self.element_fields(id);
        if element.is_abstract {
            fields.push("abstract = true".to_owned());
        }
        if !element.substitutes.is_empty() {
            let heads: Vec<String> = element
                .substitutes
                .iter()
                .map(|head| quoted(&self.names.global(&schema.element(*head).name)))
                .collect();
            fields.push(format!("substitutes = [{}]", heads.join(", ")));
        }
        for field in &fields {
            self.line(field);
        }
    }

    /// What the specification says of an element or attribute, as far as `elements.csv` does not say it.
    fn facts(&self, facts: &Facts, local: &str, content: Option<SimpleTypeId>) -> Vec<String> {
        let known = self.elements.by_xml_name(local);
        let mut fields = Vec::new();
        if let Some(status) = facts.status {
            let letter = match status {
                Status::Mandatory => "M",
                Status::Required => "R",
                Status::Optional => "O",
                Status::NotUsed => "X",
            };
            fields.push(format!("status = {}", quoted(letter)));
        }
        if let Some(name) = &facts.dictionary_name
            && known.is_none_or(|known| known.name != *name)
        {
            fields.push(format!("name = {}", quoted(name)));
        }
        let of_type = content.and_then(|id| self.schema.simple_type(id).format.as_ref());
        if let Some(format) = &facts.format
            && of_type != Some(format)
        {
            fields.push(format!("format = {}", quoted(format)));
        }
        // What `elements.csv` marks stays marked: a structure that does not say must not unmask a value.
        if facts.personal && known.is_none_or(|known| !known.personal) {
            fields.push("personal = true".to_owned());
        }
        fields
    }
}

fn constraint(constraint: Option<&ValueConstraint>) -> Option<String> {
    constraint.map(|constraint| match constraint {
        ValueConstraint::Default(value) => format!("default = {}", quoted(value)),
        ValueConstraint::Fixed(value) => format!("fixed = {}", quoted(value)),
    })
}

/// Fewest and most, as `occurs` writes them; `None` for exactly once.
fn occurs(min: u32, max: Option<u32>) -> Option<String> {
    if (min, max) == (1, Some(1)) {
        return None;
    }
    let mut text = format!("occurs = \"{min}..");
    match max {
        Some(max) => {
            let _ = write!(text, "{max}\"");
        }
        None => text.push_str("*\""),
    }
    Some(text)
}
