//! The names under which components are written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::definition::compare::same_group;
use crate::definition::structure::XML_SCHEMA;
use crate::schema::{
    ComplexTypeId, Content, ElementId, Particle, QName, Schema, SimpleTypeId, Term, TypeId,
};

/// The name of every component that is written with one.
pub(super) struct Names {
    /// Prefix by namespace, for namespaces other than the structure's own.
    pub(super) prefixes: BTreeMap<Arc<str>, String>,
    /// Namespace of bare local element names, when it is not the structure's own.
    pub(super) local_namespace: Option<Arc<str>>,
    /// Elements that other elements and the outside refer to by name, roots first.
    pub(super) globals: Vec<ElementId>,
    groups: BTreeMap<ComplexTypeId, String>,
    taken: BTreeMap<String, ComplexTypeId>,
    order: Vec<ComplexTypeId>,
    own: Arc<str>,
}

impl Names {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut names = Self {
            prefixes: BTreeMap::new(),
            local_namespace: None,
            globals: globals(schema),
            groups: BTreeMap::new(),
            taken: BTreeMap::new(),
            order: Vec::new(),
            own: Arc::clone(&schema.namespace),
        };
        names.name_namespaces(schema);
        for (id, group) in schema.complex_types.iter().enumerate() {
            if let Some(name) = &group.name {
                let id = ComplexTypeId(id as u32);
                let name = names.global(name);
                names.taken.insert(name.clone(), id);
                names.groups.insert(id, name);
            }
        }
        let mut visited = BTreeSet::new();
        for id in names.globals.clone() {
            names.walk_element(schema, id, "", &mut visited);
        }
        for id in 0..schema.complex_types.len() {
            if schema.complex_types[id].name.is_some() {
                names.walk_group(schema, ComplexTypeId(id as u32), &mut visited);
            }
        }
        names
    }

    /// Gives every namespace a prefix, and finds the one that local elements are in.
    fn name_namespaces(&mut self, schema: &Schema) {
        let global: BTreeSet<ElementId> = self.globals.iter().copied().collect();
        let mut locals: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
        let mut namespaces: BTreeSet<Arc<str>> = BTreeSet::new();
        for (id, element) in schema.elements.iter().enumerate() {
            if !global.contains(&ElementId(id as u32)) {
                *locals.entry(&element.name.namespace).or_default() += 1;
            }
            namespaces.insert(Arc::clone(&element.name.namespace));
        }
        let commonest = locals.iter().max_by_key(|(_, count)| **count);
        if let Some((namespace, _)) = commonest
            && **namespace != schema.namespace
        {
            self.local_namespace = Some(Arc::clone(namespace));
        }
        let groups = schema
            .complex_types
            .iter()
            .map(|group| (&group.name, &group.attributes));
        for (name, attributes) in groups {
            namespaces.extend(name.iter().map(|name| Arc::clone(&name.namespace)));
            namespaces.extend(
                attributes
                    .iter()
                    .map(|usage| Arc::clone(&usage.attribute.name.namespace)),
            );
        }
        let values = schema
            .simple_types
            .iter()
            .filter_map(|value| value.name.as_ref());
        namespaces.extend(values.map(|name| Arc::clone(&name.namespace)));
        let attributes = schema.attributes.iter();
        namespaces.extend(attributes.map(|attribute| Arc::clone(&attribute.name.namespace)));
        // The structure's own namespace needs a prefix only where a bare name means another.
        let own_needs_prefix = self.local_namespace.is_some()
            || schema.complex_types.iter().any(|group| {
                let mut names = group.attributes.iter().map(|usage| &usage.attribute.name);
                names.any(|name| name.namespace == schema.namespace)
            });
        for namespace in namespaces {
            let own = namespace == schema.namespace;
            if namespace.is_empty() || &*namespace == XML_SCHEMA || (own && !own_needs_prefix) {
                continue;
            }
            let prefix = match &*namespace {
                _ if own => "own".to_owned(),
                "http://www.w3.org/XML/1998/namespace" => "xml".to_owned(),
                _ => format!("n{}", self.prefixes.len() + 1),
            };
            self.prefixes.insert(namespace, prefix);
        }
    }

    /// A name whose bare form is in the structure's own namespace.
    pub(super) fn global(&self, name: &QName) -> String {
        self.name(name, &self.own)
    }

    /// The name of a local element.
    pub(super) fn local(&self, name: &QName) -> String {
        self.name(name, self.local_namespace.as_ref().unwrap_or(&self.own))
    }

    /// The name of an attribute on a group.
    pub(super) fn attribute(&self, name: &QName) -> String {
        self.name(name, "")
    }

    fn name(&self, name: &QName, bare: &str) -> String {
        if *name.namespace == *bare {
            return name.local.to_string();
        }
        let prefix = self
            .prefixes
            .get(&name.namespace)
            .map_or("", String::as_str);
        format!("{prefix}:{}", name.local)
    }

    /// The name of a group, named or anonymous.
    pub(super) fn group(&self, id: ComplexTypeId) -> &str {
        self.groups.get(&id).map_or("", String::as_str)
    }

    /// The groups to write: each name once, in the order in which data meet them.
    pub(super) fn groups_in_order(&self) -> Vec<(ComplexTypeId, String)> {
        self.order
            .iter()
            .map(|id| (*id, self.group(*id).to_owned()))
            .collect()
    }

    /// The named values, by name.
    pub(super) fn values_in_order(&self, schema: &Schema) -> Vec<SimpleTypeId> {
        let mut values: Vec<(String, SimpleTypeId)> = schema
            .simple_types
            .iter()
            .enumerate()
            .filter_map(|(id, value)| Some((value.name.as_ref()?, SimpleTypeId(id as u32))))
            .filter(|(name, _)| &*name.namespace != XML_SCHEMA)
            .map(|(name, id)| (self.global(name), id))
            .collect();
        values.sort();
        values.into_iter().map(|(_, id)| id).collect()
    }

    fn walk_element(
        &mut self,
        schema: &Schema,
        id: ElementId,
        parent: &str,
        visited: &mut BTreeSet<ComplexTypeId>,
    ) {
        let element = schema.element(id);
        let TypeId::Complex(group) = element.content else {
            return;
        };
        if !self.groups.contains_key(&group) {
            self.name_anonymous(schema, group, &element.name.local, parent);
        }
        self.walk_group(schema, group, visited);
    }

    /// An anonymous group has the name of its element; with the parent's before it when another group has that.
    fn name_anonymous(&mut self, schema: &Schema, id: ComplexTypeId, local: &str, parent: &str) {
        let mut name = local.to_owned();
        let mut attempt = 1;
        while let Some(other) = self.taken.get(&name) {
            let anonymous = schema.complex_type(*other).name.is_none();
            if anonymous && same_group(schema, *other, id) {
                break;
            }
            name = match attempt {
                1 if !parent.is_empty() => format!("{parent}_{local}"),
                _ => format!("{local}_{attempt}"),
            };
            attempt += 1;
        }
        self.taken.entry(name.clone()).or_insert(id);
        self.groups.insert(id, name);
    }

    fn walk_group(
        &mut self,
        schema: &Schema,
        id: ComplexTypeId,
        visited: &mut BTreeSet<ComplexTypeId>,
    ) {
        if !visited.insert(id) {
            return;
        }
        let name = self.group(id).to_owned();
        if self.taken.get(&name) == Some(&id) {
            self.order.push(id);
        }
        let group = schema.complex_type(id);
        if let Some((TypeId::Complex(base), _)) = group.base {
            self.walk_group(schema, base, visited);
        }
        if let Content::Children { particle, .. } = &group.content {
            self.walk_particle(schema, particle, &name, visited);
        }
    }

    fn walk_particle(
        &mut self,
        schema: &Schema,
        particle: &Particle,
        parent: &str,
        visited: &mut BTreeSet<ComplexTypeId>,
    ) {
        match &particle.term {
            Term::Element(id) => self.walk_element(schema, *id, parent, visited),
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    self.walk_particle(schema, part, parent, visited);
                }
            }
            Term::Any(_) => {}
        }
    }
}

/// Roots, and whatever else only a global element can be: abstract, in a substitution group, or its head.
fn globals(schema: &Schema) -> Vec<ElementId> {
    let mut globals = schema.roots.clone();
    let mut seen: BTreeSet<ElementId> = globals.iter().copied().collect();
    for (id, element) in schema.elements.iter().enumerate() {
        let mut found = element.substitutes.clone();
        if element.is_abstract || !element.substitutes.is_empty() {
            found.push(ElementId(id as u32));
        }
        for id in found {
            if seen.insert(id) {
                globals.push(id);
            }
        }
    }
    globals
}
