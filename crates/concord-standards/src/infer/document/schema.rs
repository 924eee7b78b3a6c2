//! A structure out of what was seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::children::{Factor, Model};
use super::{InferredDocument, Name, Seen};
use crate::definition::{CodeList, DictionaryElement, Known, XML_SCHEMA, value_of};
use crate::infer::column::Column;
use crate::infer::{Naming, codes, format, meaning};
use crate::schema::{
    Attribute, AttributeUse, Builtin, ComplexType, ComplexTypeId, Content, DerivationSet, Element,
    ElementId, Facts, Origin, Particle, QName, Schema, SimpleType, SimpleTypeId, Term, TypeId, Use,
    Variety,
};

/// A structure, and the code lists that were made for it.
pub(super) struct Built {
    pub(super) schema: Schema,
    pub(super) lists: BTreeMap<Arc<str>, Arc<CodeList>>,
    /// Elements that are taken to identify people, and why.
    pub(super) personal: BTreeMap<Name, &'static str>,
}

/// Makes the structure.
pub(super) fn build(document: &InferredDocument, naming: &Naming, known: &Known) -> Built {
    let mut building = Building {
        document,
        naming,
        known,
        built: Built {
            schema: Schema {
                namespace: document.name(document.root).namespace.clone(),
                roots: vec![ElementId(document.root)],
                ..Schema::default()
            },
            lists: BTreeMap::new(),
            personal: BTreeMap::new(),
        },
        builtins: BTreeMap::new(),
        taken: BTreeMap::new(),
    };
    for number in 0..document.seen.names.len() as Name {
        let element = building.element(number);
        building.built.schema.elements.push(element);
    }
    building.built
}

struct Building<'b> {
    document: &'b InferredDocument,
    naming: &'b Naming,
    known: &'b Known,
    built: Built,
    builtins: BTreeMap<Builtin, SimpleTypeId>,
    /// Names of groups that are taken.
    taken: BTreeMap<String, u32>,
}

impl Building<'_> {
    fn element(&mut self, number: Name) -> Element {
        let document = self.document;
        let (name, seen) = (document.name(number), document.element(number));
        let why = self.personal(&name.local, &seen.text);
        if let Some(why) = why
            && !seen.has_children
        {
            self.built.personal.insert(number, why);
        }
        Element {
            name: name.clone(),
            content: self.content(number, seen, why.is_some()),
            nillable: seen.nil > 0,
            constraint: None,
            is_abstract: false,
            substitutes: Vec::new(),
            block: DerivationSet::default(),
            facts: Facts {
                personal: why.is_some() && !seen.has_children,
                ..Facts::default()
            },
            origin: Origin::default(),
        }
    }

    /// Why values under a name are taken to identify people.
    fn personal(&self, local: &str, values: &Column) -> Option<&'static str> {
        match self.known.elements.by_xml_name(local) {
            Some(DictionaryElement { personal: true, .. }) => {
                Some("the Data Dictionary's element does")
            }
            _ => meaning::personal_by_name(&meaning::words(local))
                .or_else(|| meaning::personal_by_values(values)),
        }
    }

    fn content(&mut self, number: Name, seen: &Seen, personal: bool) -> TypeId {
        let local = Arc::clone(&self.document.name(number).local);
        let attributes = self.attributes(seen);
        let plain = seen.long || seen.blank;
        let empty = seen.text.filled == 0 && !plain;
        let content = if seen.has_children {
            let particle = whole(&seen.children.model());
            Content::Children {
                particle,
                mixed: seen.mixed || seen.text.filled > 0 || seen.long,
            }
        } else if empty && !attributes.is_empty() {
            Content::Empty
        } else {
            let value = self.value(&local, &seen.text, plain, personal);
            if attributes.is_empty() {
                return TypeId::Simple(value);
            }
            Content::Simple(value)
        };
        let id = ComplexTypeId(self.built.schema.complex_types.len() as u32);
        let name = self.group_name(&local);
        self.built.schema.complex_types.push(ComplexType {
            name: Some(name),
            base: None,
            is_abstract: false,
            block: DerivationSet::default(),
            content,
            attributes,
            any_attribute: None,
            origin: Origin::default(),
        });
        TypeId::Complex(id)
    }

    /// The name of an element's group. Elements of one local name can be in several namespaces.
    fn group_name(&mut self, local: &str) -> QName {
        let count = self.taken.entry(local.to_owned()).or_default();
        *count += 1;
        let local = match *count {
            1 => format!("{local}_Structure"),
            number => format!("{local}_Structure_{number}"),
        };
        QName::new(Arc::clone(&self.built.schema.namespace), local)
    }

    fn attributes(&mut self, seen: &Seen) -> Vec<AttributeUse> {
        let mut uses = Vec::with_capacity(seen.attributes.len());
        for (name, attribute) in &seen.attributes {
            let personal = self.personal(&name.local, &attribute.values).is_some();
            let content = self.value(&name.local, &attribute.values, attribute.odd, personal);
            uses.push(AttributeUse {
                attribute: Attribute {
                    name: name.clone(),
                    content,
                    constraint: None,
                    facts: Facts {
                        personal,
                        ..Facts::default()
                    },
                    origin: Origin::default(),
                },
                usage: if attribute.count == seen.count {
                    Use::Required
                } else {
                    Use::Optional
                },
            });
        }
        uses
    }

    /// The type of values; `plain` when they are texts of any length.
    fn value(&mut self, local: &str, values: &Column, plain: bool, personal: bool) -> SimpleTypeId {
        if plain || values.filled == 0 {
            return self.builtin(Builtin::String);
        }
        let words = meaning::words(local);
        let list = if values.empty > 0 || personal {
            None
        } else {
            self.code_list(local, values, &words)
        };
        let own = list
            .as_ref()
            .map(|list| self.built.lists.contains_key(&list.id));
        let format = match (&list, own) {
            (Some(list), Some(false)) => format::of_codes(list),
            // Nothing is a value too.
            _ if values.empty > 0 => format!("max an{}", values.longest),
            _ => format::format(values, meaning::is_quantity(&words)),
        };
        let (builtin, mut facets) = value_of(&format, list.is_some());
        if let Some(list) = &list {
            let codes = list.codes.iter().map(|code| code.code.to_string());
            facets.enumeration = codes.collect();
        }
        let base = self.builtin(builtin);
        self.push(SimpleType {
            name: None,
            variety: Variety::Atomic(builtin),
            steps: vec![facets],
            base: Some(base),
            code_list: list.map(|list| Arc::clone(&list.id)),
            format: Some(format.into()),
            origin: Origin::default(),
        })
    }

    /// The code list of values: the one that the element is known to have, or one of the values seen.
    fn code_list(
        &mut self,
        local: &str,
        values: &Column,
        words: &[String],
    ) -> Option<Arc<CodeList>> {
        let element = self.known.elements.by_xml_name(local);
        let of = codes::Of {
            words,
            listed: element.map_or("", |element| &element.code_list),
            naming: self.naming,
            known: self.known,
        };
        let taken = |id: &str| self.built.lists.contains_key(id);
        let (list, own) = of.code_list(values, &taken)?;
        if own {
            let id = Arc::clone(&list.id);
            self.built.lists.insert(id, Arc::clone(&list));
        }
        Some(list)
    }

    fn builtin(&mut self, builtin: Builtin) -> SimpleTypeId {
        if let Some(id) = self.builtins.get(&builtin) {
            return *id;
        }
        let id = self.push(SimpleType {
            name: Some(QName::new(XML_SCHEMA, builtin.name())),
            variety: Variety::Atomic(builtin),
            steps: Vec::new(),
            base: None,
            code_list: None,
            format: None,
            origin: Origin::default(),
        });
        self.builtins.insert(builtin, id);
        id
    }

    fn push(&mut self, simple: SimpleType) -> SimpleTypeId {
        let types = &mut self.built.schema.simple_types;
        let id = SimpleTypeId(types.len() as u32);
        types.push(simple);
        id
    }
}

fn whole(model: &Model) -> Particle {
    let term = match model {
        Model::Chain(factors) => Term::Sequence(factors.iter().map(factor).collect()),
        Model::All(factors) => Term::All(factors.iter().map(factor).collect()),
    };
    particle(1, Some(1), term)
}

fn factor(factor: &Factor) -> Particle {
    let element = |name: &Name| Term::Element(ElementId(*name));
    let term = match &factor.names[..] {
        [only] => element(only),
        several => Term::Choice(
            several
                .iter()
                .map(|name| particle(1, Some(1), element(name)))
                .collect(),
        ),
    };
    particle(factor.min, factor.max, term)
}

fn particle(min: u32, max: Option<u32>, term: Term) -> Particle {
    Particle {
        min,
        max,
        term,
        origin: Origin::default(),
    }
}
