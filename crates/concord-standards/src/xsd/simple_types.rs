//! Simple types: restrictions, lists and unions (part 1, 3.14; part 2, 4.1).

use std::collections::BTreeMap;

use super::budget::Budget;
use super::builder::{Builder, Progress};
use super::derivation_set::{Finals, finals};
use super::names::{XSD_NAMESPACE, is_white};
use super::site::Site;
use crate::schema::{Builtin, Facets, Origin, QName, SimpleType, SimpleTypeId, Variety};

/// What is known of a simple type beyond its definition in the schema.
#[derive(Debug, Default)]
pub(super) struct SimpleNotes {
    /// Derivations that it does not allow.
    pub(super) finals: Finals,
    /// Facets that types derived from it must not change, with their values.
    pub(super) fixed: BTreeMap<&'static str, String>,
    /// The built-in type that it is.
    pub(super) builtin: Option<Builtin>,
}

impl<'a> Builder<'a> {
    /// A built-in type, which enters the schema when it is first used.
    pub(super) fn builtin(&mut self, builtin: Builtin, site: Site<'_>) -> Option<SimpleTypeId> {
        if let Some(id) = self.builtins.get(&builtin) {
            return Some(*id);
        }
        if matches!(
            builtin,
            Builtin::Id
                | Builtin::IdRef
                | Builtin::IdRefs
                | Builtin::Entity
                | Builtin::Entities
                | Builtin::Notation
        ) {
            let name = builtin.name();
            return self.fail(
                site,
                format!(
                    "xs:{name} is not supported, because it needs checks across the document: use xs:NCName if those are not wanted"
                ),
            );
        }
        let id = self.add_simple(
            SimpleType {
                name: Some(QName::new(XSD_NAMESPACE, builtin.name())),
                variety: Variety::Atomic(builtin),
                steps: Vec::new(),
                base: None,
                code_list: None,
                format: None,
                origin: Origin::default(),
            },
            SimpleNotes {
                builtin: Some(builtin),
                ..SimpleNotes::default()
            },
        );
        self.builtins.insert(builtin, id);
        Some(id)
    }

    /// The global simple type defined at `definition`, needed at `site`.
    pub(super) fn named_simple_type(
        &mut self,
        name: &QName,
        definition: Site<'a>,
        site: Site<'_>,
    ) -> Option<SimpleTypeId> {
        match self.named_simple.get(name) {
            Some(Progress::Done(id)) => return Some(*id),
            Some(Progress::Failed) => return None,
            Some(Progress::Busy) => {
                return self.fail(site, format!("the simple type `{name}` is made of itself"));
            }
            None => {}
        }
        self.named_simple.insert(name.clone(), Progress::Busy);
        let made = self.simple_type(definition, Some(name.clone()));
        let progress = made.map_or(Progress::Failed, Progress::Done);
        self.named_simple.insert(name.clone(), progress);
        made
    }

    /// The simple type that an `xs:simpleType` defines.
    pub(super) fn simple_type(
        &mut self,
        definition: Site<'a>,
        name: Option<QName>,
    ) -> Option<SimpleTypeId> {
        self.descend(definition, |builder| {
            let part = definition.child(&["restriction", "list", "union"])?;
            match part.kind() {
                "restriction" => builder.simple_restriction(definition, part, name),
                "list" => builder.list(definition, part, name),
                _ => builder.union(definition, part, name),
            }
        })
    }

    fn simple_restriction(
        &mut self,
        definition: Site<'a>,
        part: Site<'a>,
        name: Option<QName>,
    ) -> Option<SimpleTypeId> {
        let base = self.one_type(part, "base")?;
        if self.simple[base.0 as usize].finals.restriction {
            return self.fail(part, "the base type is final: it must not be restricted");
        }
        let notes = SimpleNotes {
            finals: own_finals(definition),
            ..SimpleNotes::default()
        };
        self.restrict(base, part, name, notes, definition.origin())
    }

    /// A new type that restricts `base` with the facets that stand in `part`.
    pub(super) fn restrict(
        &mut self,
        base: SimpleTypeId,
        part: Site<'a>,
        name: Option<QName>,
        mut notes: SimpleNotes,
        origin: Origin,
    ) -> Option<SimpleTypeId> {
        if self.simple[base.0 as usize].builtin == Some(Builtin::AnySimpleType) {
            return self.fail(
                part,
                "xs:anySimpleType must not be restricted: name a type such as xs:string",
            );
        }
        let (facets, fixed) = self.facets(part, base)?;
        let base_type = self.schema.simple_type(base);
        let copies = base_type.steps.iter().map(size).sum();
        let variety = base_type.variety.clone();
        if !self.budget.spend(copies) {
            return self.fail(part, Budget::MESSAGE);
        }
        let mut steps = self.schema.simple_type(base).steps.clone();
        steps.push(facets);
        notes.fixed = fixed;
        Some(self.add_simple(
            SimpleType {
                name,
                variety,
                steps,
                base: Some(base),
                code_list: None,
                format: None,
                origin,
            },
            notes,
        ))
    }

    fn list(
        &mut self,
        definition: Site<'a>,
        part: Site<'a>,
        name: Option<QName>,
    ) -> Option<SimpleTypeId> {
        let item = self.one_type(part, "itemType")?;
        if self.simple[item.0 as usize].finals.list {
            return self.fail(part, "the item type is final: it must not be listed");
        }
        if self.holds_list(item) {
            return self.fail(part, "the items of a list must not be lists themselves");
        }
        self.compose(definition, part, name, Variety::List(item))
    }

    fn union(
        &mut self,
        definition: Site<'a>,
        part: Site<'a>,
        name: Option<QName>,
    ) -> Option<SimpleTypeId> {
        let mut members = Vec::new();
        let written = part.node.get("memberTypes").unwrap_or("");
        for member in written.split(is_white).filter(|member| !member.is_empty()) {
            members.push(self.simple_reference(part, member)?);
        }
        for member in part.parts() {
            members.push(self.simple_type(member, None)?);
        }
        if members.is_empty() {
            return self.fail(
                part,
                "xs:union needs memberTypes or <xs:simpleType> children",
            );
        }
        for member in &members {
            if self.simple[member.0 as usize].finals.union {
                return self.fail(part, "a member type is final: it must not stand in a union");
            }
        }
        self.compose(definition, part, name, Variety::Union(members))
    }

    fn compose(
        &mut self,
        definition: Site<'a>,
        part: Site<'a>,
        name: Option<QName>,
        variety: Variety,
    ) -> Option<SimpleTypeId> {
        let parts = match &variety {
            Variety::Atomic(_) => &[],
            Variety::List(item) => std::slice::from_ref(item),
            Variety::Union(members) => members.as_slice(),
        };
        let vague = parts
            .iter()
            .any(|id| self.simple[id.0 as usize].builtin == Some(Builtin::AnySimpleType));
        if vague {
            return self.fail(part, "xs:anySimpleType must not stand in a list or union");
        }
        let notes = SimpleNotes {
            finals: own_finals(definition),
            ..SimpleNotes::default()
        };
        Some(self.add_simple(
            SimpleType {
                name,
                variety,
                steps: Vec::new(),
                base: None,
                code_list: None,
                format: None,
                origin: definition.origin(),
            },
            notes,
        ))
    }

    /// The type that either an attribute names or a child defines.
    fn one_type(&mut self, part: Site<'a>, attribute: &str) -> Option<SimpleTypeId> {
        match (part.node.get(attribute), part.child(&["simpleType"])) {
            (Some(written), None) => self.simple_reference(part, written),
            (None, Some(child)) => self.simple_type(child, None),
            (Some(_), Some(_)) => self.fail(
                part,
                format!("either `{attribute}` or <xs:simpleType>, not both"),
            ),
            (None, None) => self.fail(part, format!("`{attribute}` or <xs:simpleType> is missing")),
        }
    }

    /// Whether a type is a list or may be one. Unions in unions are looked into one after the other.
    fn holds_list(&self, id: SimpleTypeId) -> bool {
        let mut waiting = vec![id];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            match &self.schema.simple_type(id).variety {
                Variety::List(_) | Variety::Atomic(Builtin::NmTokens) => return true,
                Variety::Atomic(_) => {}
                Variety::Union(members) => waiting.extend(members),
            }
        }
        false
    }

    pub(super) fn add_simple(&mut self, simple: SimpleType, notes: SimpleNotes) -> SimpleTypeId {
        let id = SimpleTypeId(self.schema.simple_types.len() as u32);
        self.schema.simple_types.push(simple);
        self.simple.push(notes);
        id
    }
}

fn own_finals(definition: Site<'_>) -> Finals {
    finals(definition.node.get("final")).unwrap_or(definition.document.finals)
}

fn size(facets: &Facets) -> usize {
    1 + facets.patterns.len() + facets.enumeration.len()
}
