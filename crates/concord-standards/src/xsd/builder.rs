//! Turns the global components of all files into a [`Schema`].
//!
//! Identifiers are given out before definitions are worked out, so that recursive types come to an end; a complex type
//! waits in line until its turn comes or another type derives from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attributes::AttributeSet;
use super::budget::Budget;
use super::complex_types::ComplexWork;
use super::derivation_set::Finals;
use super::documents::{Documents, shown};
use super::error::Errors;
use super::names::{XML_NAMESPACE, XSD_NAMESPACE};
use super::simple_types::SimpleNotes;
use super::site::Site;
use super::symbols::Symbols;
use crate::schema::{
    Attribute, Builtin, ComplexTypeId, ElementId, Particle, QName, Schema, SimpleTypeId, TypeId,
};

/// Definitions that lead to one another deeper than this are refused.
const MAX_DEPTH: usize = 150;

/// How far a named definition has come.
#[derive(Debug, Clone)]
pub(super) enum Progress<T> {
    /// Being worked out: needed again meanwhile, it is circular.
    Busy,
    /// Worked out.
    Done(T),
    /// Wrong, and told so.
    Failed,
}

/// What is known of an element beyond its declaration in the schema.
#[derive(Debug)]
pub(super) struct ElementNotes<'a> {
    pub(super) site: Site<'a>,
    pub(super) finals: Finals,
}

pub(super) struct Builder<'a> {
    pub(super) symbols: &'a Symbols<'a>,
    pub(super) missing: &'a BTreeMap<Arc<str>, String>,
    pub(super) schema: Schema,
    pub(super) errors: Errors,
    pub(super) budget: Budget,
    /// Beside [`Schema::elements`].
    pub(super) elements: Vec<ElementNotes<'a>>,
    pub(super) global_elements: BTreeMap<QName, ElementId>,
    /// Beside [`Schema::complex_types`].
    pub(super) complex: Vec<ComplexWork<'a>>,
    pub(super) named_complex: BTreeMap<QName, ComplexTypeId>,
    /// Beside [`Schema::simple_types`].
    pub(super) simple: Vec<SimpleNotes>,
    pub(super) named_simple: BTreeMap<QName, Progress<SimpleTypeId>>,
    pub(super) builtins: BTreeMap<Builtin, SimpleTypeId>,
    pub(super) groups: BTreeMap<QName, Progress<Particle>>,
    pub(super) attribute_groups: BTreeMap<QName, Progress<AttributeSet>>,
    pub(super) attributes: BTreeMap<QName, Progress<Attribute>>,
    depth: usize,
}

/// Builds the schema of all files; the root file is the first.
pub(super) fn build(documents: &Documents, mut errors: Errors) -> (Schema, Errors) {
    let symbols = Symbols::gather(documents, &mut errors);
    let mut builder = Builder {
        symbols: &symbols,
        missing: &documents.missing,
        schema: Schema::default(),
        errors,
        budget: Budget::default(),
        elements: Vec::new(),
        global_elements: BTreeMap::new(),
        complex: Vec::new(),
        named_complex: BTreeMap::new(),
        simple: Vec::new(),
        named_simple: BTreeMap::new(),
        builtins: BTreeMap::new(),
        groups: BTreeMap::new(),
        attribute_groups: BTreeMap::new(),
        attributes: BTreeMap::new(),
        depth: 0,
    };
    if let Some(root) = documents.all.first() {
        builder.schema.namespace = Arc::clone(&root.namespace);
    }
    builder.run(documents);
    (builder.schema, builder.errors)
}

impl<'a> Builder<'a> {
    fn run(&mut self, documents: &Documents) {
        let symbols = self.symbols;
        for (name, site) in &symbols.in_order {
            match site.kind() {
                "element" => self.announce_element(name, *site),
                "complexType" => {
                    let id = self.announce_complex(Some(name.clone()), *site);
                    self.named_complex.insert(name.clone(), id);
                }
                _ => {}
            }
        }
        for (name, site) in &symbols.in_order {
            match site.kind() {
                "simpleType" => {
                    self.named_simple_type(name, *site, *site);
                }
                "attribute" => {
                    if let Some(attribute) = self.global_attribute(name, *site) {
                        self.schema.attributes.push(attribute);
                    }
                }
                _ => {}
            }
        }
        if documents
            .all
            .iter()
            .any(|document| document.imports.contains(XML_NAMESPACE))
        {
            self.declare_xml_attributes();
        }
        self.fill_global_elements();
        for (name, site) in &symbols.in_order {
            match site.kind() {
                "group" => {
                    self.named_group(name, *site, *site);
                }
                "attributeGroup" => {
                    self.named_attribute_group(name, *site, *site);
                }
                _ => {}
            }
        }
        // Working one out may announce others, which then stand at the end of the line.
        let mut next = 0;
        while next < self.complex.len() {
            self.complex_type(ComplexTypeId(next as u32));
            next += 1;
        }
        if self.errors.is_empty() {
            self.check();
        }
    }

    /// Notes an error and gives nothing.
    pub(super) fn fail<T>(&mut self, site: Site<'_>, message: impl Into<String>) -> Option<T> {
        self.errors.at(&site.node.origin, message);
        None
    }

    /// Goes one step deeper into definitions that lead to one another, as far as that is allowed.
    pub(super) fn descend<T>(
        &mut self,
        site: Site<'_>,
        step: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return self.fail(
                site,
                format!("definitions lead to one another deeper than {MAX_DEPTH}: flatten them"),
            );
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    /// The type that a name written at `site` refers to.
    pub(super) fn type_reference(&mut self, site: Site<'a>, written: &str) -> Option<TypeId> {
        let name = match site.refers(written) {
            Ok(name) => name,
            Err(message) => return self.fail(site, message),
        };
        if &*name.namespace == XSD_NAMESPACE {
            if &*name.local == "anyType" {
                return Some(TypeId::Any);
            }
            return match Builtin::from_name(&name.local) {
                Some(builtin) => self.builtin(builtin, site).map(TypeId::Simple),
                None => self.fail(site, format!("`{written}` is not a type of XML Schema 1.0")),
            };
        }
        let symbols = self.symbols;
        match symbols.types.get(&name) {
            Some(definition) if definition.kind() == "simpleType" => self
                .named_simple_type(&name, *definition, site)
                .map(TypeId::Simple),
            Some(_) => match self.named_complex.get(&name) {
                Some(id) => Some(TypeId::Complex(*id)),
                None => self.fail(site, format!("the type `{written}` is not defined")),
            },
            None => self.unresolved(site, "type", written, &name),
        }
    }

    /// The simple type that a name written at `site` refers to.
    pub(super) fn simple_reference(
        &mut self,
        site: Site<'a>,
        written: &str,
    ) -> Option<SimpleTypeId> {
        match self.type_reference(site, written)? {
            TypeId::Simple(id) => Some(id),
            TypeId::Complex(_) | TypeId::Any => self.fail(
                site,
                format!("`{written}` is a complex type, and a simple type is needed here"),
            ),
        }
    }

    /// Says that a reference leads nowhere, and why that may be.
    pub(super) fn unresolved<T>(
        &mut self,
        site: Site<'_>,
        what: &str,
        written: &str,
        name: &QName,
    ) -> Option<T> {
        let why = match self.missing.get(&name.namespace) {
            Some(why) => format!(": {} was not read, because {why}", shown(&name.namespace)),
            None => format!(
                ": check the spelling, or include the file that defines it (looked in {})",
                shown(&name.namespace)
            ),
        };
        self.fail(site, format!("the {what} `{written}` is not defined{why}"))
    }
}
