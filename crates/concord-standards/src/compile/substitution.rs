//! Substitution groups: which elements may stand for which.

use std::collections::BTreeMap;

use crate::schema::{Derivation, Element, ElementId, Schema, TypeId};

/// The substitution groups of a schema.
pub(super) struct Substitution<'s> {
    pub(super) schema: &'s Schema,
    /// For each head the elements that name it as theirs.
    members: BTreeMap<ElementId, Vec<ElementId>>,
}

impl<'s> Substitution<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        let mut members: BTreeMap<ElementId, Vec<ElementId>> = BTreeMap::new();
        for (index, element) in schema.elements.iter().enumerate() {
            for head in &element.substitutes {
                members
                    .entry(*head)
                    .or_default()
                    .push(ElementId(index as u32));
            }
        }
        Self { schema, members }
    }

    /// Elements that may stand where `head` is asked for: itself unless abstract, and its substitution group.
    ///
    /// See XML Schema part 1, 3.3.6 *Substitution Group OK (Transitive)*.
    pub(super) fn of(&self, head: ElementId) -> Vec<ElementId> {
        let declaration = self.schema.element(head);
        let mut found = vec![head];
        let mut next = 0;
        while !declaration.block.substitution
            && let Some(current) = found.get(next)
        {
            next += 1;
            for id in self.members.get(current).into_iter().flatten() {
                let content = self.schema.element(*id).content;
                if !found.contains(id) && derivation_allowed(self.schema, content, declaration) {
                    found.push(*id);
                }
            }
        }
        found.retain(|id| !self.schema.element(*id).is_abstract);
        found
    }
}

fn derivation_allowed(schema: &Schema, member: TypeId, head: &Element) -> bool {
    let mut current = member;
    while current != head.content {
        let TypeId::Complex(id) = current else {
            return true;
        };
        let Some((base, how)) = schema.complex_type(id).base else {
            return true;
        };
        let blocked = match how {
            Derivation::Extension => head.block.extension,
            Derivation::Restriction => head.block.restriction,
        };
        if blocked {
            return false;
        }
        current = base;
    }
    true
}
