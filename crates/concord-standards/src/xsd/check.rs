//! Checks on the finished schema: substitution groups, restrictions, and that a name has one type in a content model.

use std::collections::{BTreeMap, BTreeSet};

use super::builder::Builder;
use super::particles::children;
use crate::schema::{Content, ElementId, Particle, QName, Schema, Term, TypeId};

impl Builder<'_> {
    /// Everything that can be looked at only when all components are there.
    pub(super) fn check(&mut self) {
        self.check_substitution_groups();
        if !self.errors.is_empty() {
            return; // what follows walks along substitution groups
        }
        self.check_restrictions();
        self.check_consistency();
        self.check_value_constraints();
        self.check_values();
    }

    /// Members must derive from their heads, as far as these allow it, and no element may head itself
    /// (part 1, 3.3.6, `e-props-correct`).
    fn check_substitution_groups(&mut self) {
        for index in 0..self.schema.elements.len() {
            let member = ElementId(index as u32);
            let Some(head) = self.schema.element(member).substitutes.first().copied() else {
                continue;
            };
            let site = self.elements[index].site;
            let mut seen = BTreeSet::from([member]);
            let mut at = Some(head);
            while let Some(id) = at {
                if !seen.insert(id) {
                    break;
                }
                at = self.schema.element(id).substitutes.first().copied();
            }
            if at.is_some() {
                self.errors.at(
                    &site.node.origin,
                    "this element is in its own substitution group",
                );
                continue;
            }
            let name = self.schema.element(head).name.clone();
            let own = self.schema.element(member).content;
            let finals = self.elements[head.0 as usize].finals;
            match self.derivation(own, self.schema.element(head).content) {
                None => self.errors.at(
                    &site.node.origin,
                    format!("the type does not derive from that of `{name}`, whose substitution group the element joins"),
                ),
                Some(steps) if (steps.extension && finals.extension) || (steps.restriction && finals.restriction) => {
                    self.errors.at(
                        &site.node.origin,
                        format!("`{name}` is final: no element of this type may join its substitution group"),
                    );
                }
                Some(_) => {}
            }
        }
    }

    /// Whether an element is in the substitution group of another, over any number of steps.
    pub(super) fn substitutes(&self, member: ElementId, head: ElementId) -> bool {
        let mut at = member;
        while let Some(next) = self.schema.element(at).substitutes.first().copied() {
            if next == head {
                return true;
            }
            at = next;
        }
        false
    }

    /// Elements of one name in one content model must have one type (part 1, 3.8.6, `cos-element-consistent`).
    fn check_consistency(&mut self) {
        let mut clashes = Vec::new();
        for complex in &self.schema.complex_types {
            if let Content::Children { particle, .. } = &complex.content {
                find_clashes(&self.schema, particle, &mut clashes);
            }
        }
        for (name, id) in clashes {
            let origin = self.schema.element(id).origin.clone();
            self.errors.at(
                &origin,
                format!("`{name}` stands twice in one content model with different types: give both the same type"),
            );
        }
    }
}

fn find_clashes(schema: &Schema, particle: &Particle, clashes: &mut Vec<(QName, ElementId)>) {
    let mut types: BTreeMap<&QName, TypeId> = BTreeMap::new();
    let mut waiting = vec![particle];
    while let Some(particle) = waiting.pop() {
        if let Term::Element(id) = particle.term {
            let element = schema.element(id);
            let first = *types.entry(&element.name).or_insert(element.content);
            if first != element.content {
                clashes.push((element.name.clone(), id));
            }
        }
        waiting.extend(children(particle).unwrap_or_default().iter().rev());
    }
}
