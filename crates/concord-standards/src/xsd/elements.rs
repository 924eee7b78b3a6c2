//! Element declarations, global and local (part 1, 3.3).

use std::collections::BTreeSet;

use super::builder::{Builder, ElementNotes};
use super::derivation_set::{Finals, blocks, finals};
use super::error::Told;
use super::site::Site;
use crate::schema::{Content, DerivationSet, Element, ElementId, Facts, QName, Term, TypeId};

use super::particles::is_emptiable;

impl<'a> Builder<'a> {
    /// Gives a global element its id; [`Builder::fill_global_elements`] does the rest.
    pub(super) fn announce_element(&mut self, name: &QName, site: Site<'a>) {
        let id = self.add_element(name.clone(), site);
        self.global_elements.insert(name.clone(), id);
    }

    fn add_element(&mut self, name: QName, site: Site<'a>) -> ElementId {
        let id = ElementId(self.schema.elements.len() as u32);
        self.schema.elements.push(Element {
            name,
            content: TypeId::Any,
            nillable: site.node.flag("nillable"),
            constraint: None,
            is_abstract: site.node.flag("abstract"),
            substitutes: Vec::new(),
            block: element_block(site),
            facts: Facts::default(),
            origin: site.origin(),
        });
        self.elements.push(ElementNotes {
            site,
            finals: Finals::default(),
        });
        id
    }

    /// Works out the global elements: type, value constraint, substitution group.
    pub(super) fn fill_global_elements(&mut self) {
        let global: Vec<(QName, ElementId)> = self
            .global_elements
            .iter()
            .map(|(name, id)| (name.clone(), *id))
            .collect();
        let mut by_order = global;
        by_order.sort_by_key(|(_, id)| *id);
        let mut untyped = Vec::new();
        for (_, id) in &by_order {
            let site = self.elements[id.0 as usize].site;
            self.elements[id.0 as usize].finals =
                finals(site.node.get("final")).unwrap_or(site.document.finals);
            match self.own_type(site) {
                Ok(Some(content)) => self.schema.elements[id.0 as usize].content = content,
                Ok(None) => untyped.push(*id),
                Err(Told) => {}
            }
            let constraint = self.value_constraint(site).ok().flatten();
            self.schema.elements[id.0 as usize].constraint = constraint;
            if let Some(written) = site.node.get("substitutionGroup")
                && let Some(head) = self.element_reference(site, written)
            {
                self.schema.elements[id.0 as usize].substitutes.push(head);
            }
            if !self.schema.element(*id).is_abstract {
                self.schema.roots.push(*id);
            }
        }
        // A member without a type has its head's (part 1, 3.3.2), which may have its own head's.
        for id in untyped {
            let mut seen = BTreeSet::from([id]);
            let mut at = id;
            while let Some(head) = self.schema.element(at).substitutes.first().copied() {
                if !seen.insert(head) {
                    break; // circular: told by the check of substitution groups
                }
                at = head;
                if self.schema.element(at).content != TypeId::Any {
                    break;
                }
            }
            self.schema.elements[id.0 as usize].content = self.schema.element(at).content;
        }
    }

    /// What an `xs:element` inside a content model repeats.
    pub(super) fn element_particle(&mut self, site: Site<'a>) -> Option<Term> {
        match (site.node.get("ref"), site.node.get("name")) {
            (Some(written), None) => {
                let clash = ["type", "default", "fixed", "nillable", "block", "form"]
                    .iter()
                    .find(|name| site.node.raw(name).is_some());
                if let Some(clash) = clash {
                    return self.fail(site, format!("`{clash}` must not stand beside `ref`"));
                }
                if let Some(child) = site.child(&["simpleType", "complexType"]) {
                    let kind = child.kind();
                    return self.fail(site, format!("<xs:{kind}> must not stand in a reference"));
                }
                self.element_reference(site, written).map(Term::Element)
            }
            (None, Some(local)) => {
                let name = site.local_name(local, site.document.elements_qualified);
                let content = self.own_type(site).ok()?.unwrap_or(TypeId::Any);
                let constraint = self.value_constraint(site).ok()?;
                let id = self.add_element(name, site);
                let element = &mut self.schema.elements[id.0 as usize];
                element.content = content;
                element.constraint = constraint;
                Some(Term::Element(id))
            }
            (Some(_), Some(_)) => self.fail(site, "either `name` or `ref`, not both"),
            (None, None) => self.fail(site, "`name` or `ref` is missing"),
        }
    }

    fn element_reference(&mut self, site: Site<'a>, written: &str) -> Option<ElementId> {
        let name = match site.refers(written) {
            Ok(name) => name,
            Err(message) => return self.fail(site, message),
        };
        match self.global_elements.get(&name) {
            Some(id) => Some(*id),
            None => self.unresolved(site, "element", written, &name),
        }
    }

    /// The type that a declaration names or defines; nothing when it does neither.
    fn own_type(&mut self, site: Site<'a>) -> Result<Option<TypeId>, Told> {
        let child = site.child(&["simpleType", "complexType"]);
        match (site.node.get("type"), child) {
            (Some(written), None) => self.type_reference(site, written).map(Some).ok_or(Told),
            (None, Some(child)) if child.kind() == "simpleType" => {
                let simple = self.simple_type(child, None).ok_or(Told)?;
                Ok(Some(TypeId::Simple(simple)))
            }
            (None, Some(child)) => {
                let complex = self.announce_complex(None, child);
                Ok(Some(TypeId::Complex(complex)))
            }
            (None, None) => Ok(None),
            (Some(_), Some(child)) => {
                let message = format!("either `type` or <xs:{}>, not both", child.kind());
                self.errors.at(&site.node.origin, message);
                Err(Told)
            }
        }
    }

    /// A default or fixed value needs a place where text may stand (part 1, 3.3.6, `cos-valid-default`).
    pub(super) fn check_value_constraints(&mut self) {
        for index in 0..self.schema.elements.len() {
            let element = &self.schema.elements[index];
            if element.constraint.is_none() {
                continue;
            }
            let site = self.elements[index].site;
            if let TypeId::Complex(id) = element.content {
                let fits = match &self.schema.complex_type(id).content {
                    Content::Simple(_) => true,
                    Content::Empty => false,
                    Content::Children { particle, mixed } => *mixed && is_emptiable(particle),
                };
                if !fits {
                    self.errors.at(
                        &site.node.origin,
                        "a default or fixed value needs simple content, or mixed content that may be empty",
                    );
                }
            }
        }
    }
}

fn element_block(site: Site<'_>) -> DerivationSet {
    blocks(site.node.get("block")).unwrap_or(site.document.block)
}
