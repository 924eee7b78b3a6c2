//! `[group.…]`: complex types.

use std::sync::Arc;

use super::super::table::{Spot, Table};
use super::{Builder, DEEPEST_DERIVATION, Progress, derivations, nothing};
use crate::schema::{
    AttributeUse, ComplexType, ComplexTypeId, Content, Derivation, DerivationSet, Particle, Term,
    TypeId, Use,
};

const KEYS: &[&str] = &[
    "content",
    "choice",
    "all",
    "occurs",
    "text",
    "mixed",
    "attributes",
    "any_attribute",
    "extends",
    "restricts",
    "whole",
    "abstract",
    "anonymous",
    "block",
];

const ATTRIBUTE_KEYS: &[&str] = &[
    "attribute",
    "value",
    "use",
    "default",
    "fixed",
    "name",
    "format",
    "status",
    "personal",
];

impl<'a> Builder<'a, '_, '_> {
    pub(super) fn new_complex_type(&mut self, table: &Table<'a>) -> ComplexTypeId {
        let id = ComplexTypeId(self.schema.complex_types.len() as u32);
        self.schema.complex_types.push(ComplexType {
            name: None,
            base: None,
            is_abstract: false,
            block: DerivationSet::default(),
            content: nothing(),
            attributes: Vec::new(),
            any_attribute: None,
            origin: table.origin(),
        });
        id
    }

    pub(super) fn build_groups(&mut self) {
        let mut names: Vec<Spot<'a>> = self
            .groups
            .values()
            .map(|group| group.name.clone())
            .collect();
        names.sort_by_key(|name| name.span.start);
        for name in names {
            self.build_group(&name, 0);
        }
    }

    /// Builds a group by name, unless it is built already.
    fn build_group(&mut self, name: &Spot<'a>, depth: usize) {
        let Some(group) = self.groups.get_mut(name.text) else {
            return;
        };
        match group.progress {
            Progress::Built => {}
            Progress::Building => {
                let message = format!("the group `{}` is derived from itself", name.text);
                self.reading.error(name.span.clone(), message);
            }
            Progress::Pending if depth > DEEPEST_DERIVATION => {
                let message = format!("groups are derived more than {DEEPEST_DERIVATION} times");
                self.reading.error(name.span.clone(), message);
            }
            Progress::Pending => {
                group.progress = Progress::Building;
                let (id, table, own) = (group.id, group.table.clone(), group.name.clone());
                self.fill_group(id, &own, &table, depth);
                if let Some(group) = self.groups.get_mut(name.text) {
                    group.progress = Progress::Built;
                }
            }
        }
    }

    fn fill_group(&mut self, id: ComplexTypeId, name: &Spot<'a>, said: &Table<'a>, depth: usize) {
        said.only("a group", KEYS);
        let base = self.base_group(said, depth);
        let own = self.own_content(said);
        let attributes = self.attributes(said);
        let any_attribute = said
            .value("any_attribute")
            .and_then(|value| said.as_table(value))
            .map(|table| self.wildcard(&table, "namespaces"));
        let mut built = ComplexType {
            name: (!said.flag("anonymous").unwrap_or(false)).then(|| self.global_name(name)),
            base,
            is_abstract: said.flag("abstract").unwrap_or(false),
            block: derivations(said, "block"),
            content: own,
            attributes,
            any_attribute,
            origin: said.origin(),
        };
        self.derive(&mut built, said);
        self.schema.complex_types[id.0 as usize] = built;
    }

    /// The group that `extends` or `restricts` names, built.
    fn base_group(&mut self, said: &Table<'a>, depth: usize) -> Option<(TypeId, Derivation)> {
        if said.has("extends") && said.has("restricts") {
            let message = "a group extends or restricts another, not both";
            said.error("restricts", message.to_owned());
        }
        let (spot, derivation) = match said.text("extends") {
            Some(spot) => (spot, Derivation::Extension),
            None => (said.text("restricts")?, Derivation::Restriction),
        };
        let base = self.group_named(&spot);
        if base != TypeId::Any || spot.text == "xs:anyType" {
            self.build_group(&spot, depth + 1);
        }
        Some((base, derivation))
    }

    /// The content that the group itself states.
    fn own_content(&mut self, said: &Table<'a>) -> Content {
        let ways = ["content", "choice", "all", "text"];
        let mut used = ways.into_iter().filter(|key| said.has(key));
        let Some(key) = used.next() else {
            if said.has("occurs") {
                said.error("occurs", "there is nothing that occurs".to_owned());
            }
            return Content::Empty;
        };
        if let Some(second) = used.next() {
            said.error(
                second,
                format!("a group has `{key}` or `{second}`, not both"),
            );
        }
        if key == "text" {
            return said.value("text").map_or(Content::Empty, |value| {
                Content::Simple(self.value_at(value, 0))
            });
        }
        let (min, max) = self.occurs(said);
        let origin = said.reading.origin(said.span_of(key).start);
        let particle = match said.value(key).map(|value| (value, said.as_table(value))) {
            Some((_, Some(single))) if key == "content" => self.particle(&single),
            _ => {
                let particles = self.particles(said, key);
                let term = match key {
                    "content" => Term::Sequence(particles),
                    "choice" => Term::Choice(particles),
                    _ => Term::All(particles),
                };
                Some(Particle {
                    min,
                    max,
                    term,
                    origin,
                })
            }
        };
        particle.map_or(Content::Empty, |particle| Content::Children {
            particle,
            mixed: said.flag("mixed").unwrap_or(false),
        })
    }

    fn attributes(&mut self, said: &Table<'a>) -> Vec<AttributeUse> {
        let mut uses = Vec::new();
        for table in said.tables("attributes") {
            table.only("an attribute", ATTRIBUTE_KEYS);
            let Some(name) = table.required("an attribute", "attribute") else {
                continue;
            };
            let name = self.name(&name, &Arc::from(""));
            let attribute = self.attribute(name, &table);
            uses.push(AttributeUse {
                attribute,
                usage: self.usage(&table),
            });
        }
        uses
    }

    fn usage(&self, said: &Table<'_>) -> Use {
        let Some(word) = said.text("use") else {
            return Use::Optional;
        };
        match word.text {
            "optional" => Use::Optional,
            "required" => Use::Required,
            "prohibited" => Use::Prohibited,
            _ => {
                let words = ["optional", "required", "prohibited"];
                self.reading.unknown(&word, "use", words);
                Use::Optional
            }
        }
    }

    /// Works a derivation out: `content` and `attributes` become the effective ones.
    fn derive(&mut self, built: &mut ComplexType, said: &Table<'_>) {
        let mixed = said.flag("mixed").unwrap_or(false);
        match built.base {
            None => {
                // Text under attributes extends the value that it is a text of.
                if let Content::Simple(simple) = built.content {
                    built.base = Some((TypeId::Simple(simple), Derivation::Extension));
                }
                if matches!(built.content, Content::Empty) && mixed {
                    said.error("mixed", "there are no elements to mix text with".to_owned());
                }
            }
            Some((TypeId::Complex(base), Derivation::Extension))
                if !said.flag("whole").unwrap_or(false) =>
            {
                let base = self.schema.complex_type(base).clone();
                let own = std::mem::replace(&mut built.content, Content::Empty);
                built.content = extended(base.content, own);
                let own = std::mem::take(&mut built.attributes);
                built.attributes = merged(base.attributes, own);
                built.any_attribute = built.any_attribute.take().or(base.any_attribute);
            }
            Some(_) => {}
        }
    }
}

/// The base's attributes, each replaced by the group's own of the same name, and the group's further ones.
pub(in crate::definition) fn merged(
    base: Vec<AttributeUse>,
    own: Vec<AttributeUse>,
) -> Vec<AttributeUse> {
    let mut merged = base;
    for usage in own {
        let name = &usage.attribute.name;
        match merged
            .iter_mut()
            .find(|known| known.attribute.name == *name)
        {
            Some(known) => *known = usage,
            None => merged.push(usage),
        }
    }
    merged
}

/// The base's content followed by more.
fn extended(base: Content, own: Content) -> Content {
    match (base, own) {
        (base, Content::Empty) => base,
        (
            Content::Children {
                particle: first,
                mixed,
            },
            Content::Children {
                particle: second,
                mixed: also,
            },
        ) => {
            let origin = second.origin.clone();
            Content::Children {
                particle: Particle {
                    min: 1,
                    max: Some(1),
                    term: Term::Sequence(vec![first, second]),
                    origin,
                },
                mixed: mixed || also,
            }
        }
        (_, own) => own,
    }
}
