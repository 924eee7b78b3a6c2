//! A tree made to fit a structure, and to have what is wished for.
//!
//! The content models are walked like those of a new instance, but what the tree has already is taken where it may stand.
//! What the structure asks for and the tree does not have is made; what it has no place for is left out.

mod content;

use concord_standards::schema::{
    ComplexTypeId, Content, ElementId, QName, SimpleTypeId, TypeId, Use, ValueConstraint,
};

use super::plan::{ENDLESS, is_below};
use super::walk::{Walk, push_text};
use super::wish::{self, Ask, Asked};
use super::{InstanceError, Wanted};
use crate::tree::{Child, Node, XSI};
use crate::value::Extent;

/// Elements nested deeper than this are not made.
const DEPTH: usize = 256;
/// What must have more elements than this is not made.
const LARGEST: usize = 50_000;

/// A walk through a tree and a structure side by side.
pub(super) struct Refit<'w, 's> {
    pub(super) walk: Walk<'w, 's>,
    /// Whether what is wished for stands in the tree already and stays as it is, though the structure may not take it.
    pub(super) as_it_stands: bool,
}

/// What an element is made of.
#[derive(Clone, Copy)]
pub(super) struct From<'f> {
    /// The element that there is already.
    pub(super) node: Option<&'f Node>,
    /// What is asked for.
    pub(super) ask: Ask<'f>,
    /// Its local name, where several may stand.
    pub(super) name: Option<&'f str>,
}

impl Refit<'_, '_> {
    /// An element where `head` is referred to.
    pub(super) fn element(
        &mut self,
        head: ElementId,
        from: From<'_>,
        depth: usize,
    ) -> Result<Node, InstanceError> {
        let id = self.member(head, from)?;
        let element = self.walk.schema.element(id);
        let size = self.walk.plan.own_size(id);
        if depth > DEPTH || (size > LARGEST && size != ENDLESS) {
            return Err(InstanceError::TooLarge(element.name.to_string()));
        }
        let only_present = matches!(wish::itself(from.ask), Some(Asked::Present));
        if from.node.is_none() && (from.ask.is_none() || only_present) {
            let alone = self.walk.plan.members[id.0 as usize].len() == 1;
            if from.name.is_none() || alone {
                let wanted = if from.name.is_none() { head } else { id };
                return self.walk.element(wanted, None, depth);
            }
        }
        let mut node = Node::new(element.name.clone());
        node.made_from = Some(element.content);
        match element.content {
            TypeId::Simple(simple) => {
                if self.copies(from, |node| node.elements().next().is_none()) {
                    return Ok(from.node.cloned().unwrap_or(node));
                }
                if let Some((name, asked)) = wish::attribute(from.ask) {
                    self.unknown_attribute(&mut node, name, asked, from.node)?;
                } else if let Some((child, _)) = wish::child(from.ask) {
                    return Err(InstanceError::NoPlace(child.to_owned()));
                }
                if from.node.is_some_and(is_nil) && element.nillable && from.ask.is_none() {
                    node.attributes.push(nil());
                    return Ok(node);
                }
                let text = self.text(&element.name, element.constraint.as_ref(), simple, from)?;
                push_text(&mut node, text);
            }
            TypeId::Complex(declared) => self.complex(&mut node, id, declared, from, depth)?,
            TypeId::Any => {
                if let Some(given) = from.node {
                    node.attributes.clone_from(&given.attributes);
                    node.children.clone_from(&given.children);
                }
            }
        }
        Ok(node)
    }

    /// Whether what was asked for is kept with the whole element, because the structure has something else there.
    fn copies(&self, from: From<'_>, alike: impl Fn(&Node) -> bool) -> bool {
        let other = |node| !alike(node);
        self.as_it_stands && from.ask.is_some() && from.node.is_some_and(other)
    }

    fn member(&self, head: ElementId, from: From<'_>) -> Result<ElementId, InstanceError> {
        let (schema, plan) = (self.walk.schema, self.walk.plan);
        let members = &plan.members[head.0 as usize];
        let given = from.node.map(|node| &*node.name.local);
        let called = |name: &str| {
            let is = |id: &&ElementId| *schema.element(**id).name.local == *name;
            members.iter().find(is).copied()
        };
        let found = from
            .name
            .and_then(called)
            .or_else(|| given.and_then(called));
        found
            .or_else(|| members.iter().copied().min_by_key(|id| plan.own_size(*id)))
            .ok_or_else(|| InstanceError::Endless(schema.element(head).name.to_string()))
    }

    fn complex(
        &mut self,
        node: &mut Node,
        element: ElementId,
        declared: ComplexTypeId,
        from: From<'_>,
        depth: usize,
    ) -> Result<(), InstanceError> {
        let (schema, plan) = (self.walk.schema, self.walk.plan);
        let declaration = schema.element(element);
        let least =
            |id: &ComplexTypeId| plan.content[id.0 as usize].map_or(0, |top| plan.least(top));
        let chosen = from
            .node
            .and_then(|given| self.named_type(given, declared))
            .or_else(|| {
                plan.concrete[declared.0 as usize]
                    .iter()
                    .copied()
                    .min_by_key(least)
            })
            .ok_or_else(|| InstanceError::Endless(declaration.name.to_string()))?;
        node.made_from = Some(TypeId::Complex(chosen));
        if chosen != declared {
            self.walk.name_type(node, chosen);
        }
        self.attributes(node, chosen, from)?;
        let asks_inside = match from.ask {
            Some((path, _)) => wish::attribute(from.ask).is_none() || path.is_empty(),
            None => false,
        };
        if from.node.is_some_and(is_nil) && declaration.nillable && !asks_inside {
            node.attributes.push(nil());
            return Ok(());
        }
        match &schema.complex_type(chosen).content {
            Content::Empty => self.nothing(node, from),
            Content::Simple(simple) => {
                if asks_inside && self.copies(from, |given| given.elements().next().is_none()) {
                    node.children = from
                        .node
                        .map_or_else(Vec::new, |given| given.children.clone());
                    return Ok(());
                }
                if let Some((child, _)) = wish::child(from.ask) {
                    return Err(InstanceError::NoPlace(child.to_owned()));
                }
                let text = self.text(
                    &declaration.name,
                    declaration.constraint.as_ref(),
                    *simple,
                    from,
                )?;
                push_text(node, text);
                Ok(())
            }
            Content::Children { mixed, .. } => {
                if let Some(Asked::Text(text)) = wish::itself(from.ask) {
                    if !mixed && !self.as_it_stands {
                        return Err(InstanceError::NoPlace("text".to_owned()));
                    }
                    if !mixed {
                        node.children.push(Child::Text(text.clone()));
                        return Ok(());
                    }
                    node.children.push(Child::Text(text.clone()));
                }
                self.children(node, chosen, from, depth)
            }
        }
    }

    /// An element that must be empty.
    fn nothing(&self, node: &mut Node, from: From<'_>) -> Result<(), InstanceError> {
        let asked = wish::child(from.ask).map(|(child, _)| child);
        let inside = match wish::itself(from.ask) {
            Some(Asked::Text(_)) => Some("text"),
            Some(Asked::Children(children)) if !children.is_empty() => Some("element"),
            _ => asked,
        };
        let Some(inside) = inside else { return Ok(()) };
        if !self.as_it_stands {
            return Err(InstanceError::NoPlace(inside.to_owned()));
        }
        if let Some(given) = from.node {
            node.children.clone_from(&given.children);
        }
        Ok(())
    }

    /// The type that `xsi:type` names, where it may stand.
    fn named_type(&self, given: &Node, declared: ComplexTypeId) -> Option<ComplexTypeId> {
        let schema = self.walk.schema;
        let written = given
            .attributes
            .iter()
            .find(|(name, _)| &*name.namespace == XSI && &*name.local == "type")
            .map(|(_, value)| value.as_str())?;
        let local = written.split_once(':').map_or(written, |(_, local)| local);
        (0..schema.complex_types.len() as u32)
            .map(ComplexTypeId)
            .find(|&id| {
                let complex = schema.complex_type(id);
                complex
                    .name
                    .as_ref()
                    .is_some_and(|name| *name.local == *local)
                    && !complex.is_abstract
                    && (id == declared || is_below(schema, id, declared))
            })
    }

    fn attributes(
        &mut self,
        node: &mut Node,
        chosen: ComplexTypeId,
        from: From<'_>,
    ) -> Result<(), InstanceError> {
        let complex = self.walk.schema.complex_type(chosen);
        let mut asked = wish::attribute(from.ask);
        for used in &complex.attributes {
            if used.usage == Use::Prohibited {
                continue;
            }
            let declared = &used.attribute;
            let given = from.node.and_then(|given| value_of(given, &declared.name));
            let here = asked.filter(|(name, _)| **name == *declared.name.local);
            if here.is_some() {
                asked = None;
            }
            let text = match here.map(|(_, what)| what) {
                Some(Asked::Absent) if used.usage == Use::Required && !self.as_it_stands => {
                    return Err(InstanceError::Required(declared.name.to_string()));
                }
                Some(Asked::Absent) => continue,
                Some(Asked::Text(text)) => text.clone(),
                None if given.is_none() && used.usage == Use::Optional => continue,
                Some(Asked::Present | Asked::Children(_)) | None => self.value(
                    &declared.name,
                    declared.constraint.as_ref(),
                    declared.content,
                    given,
                )?,
            };
            node.attributes.push((declared.name.clone(), text));
        }
        if complex.any_attribute.is_some()
            && let Some(given) = from.node
        {
            let known = |name: &QName| {
                let has = |(other, _): &(QName, String)| other == name;
                let declared =
                    |used: &concord_standards::schema::AttributeUse| used.attribute.name == *name;
                &*name.namespace == XSI
                    || node.attributes.iter().any(has)
                    || complex.attributes.iter().any(declared)
            };
            let strange: Vec<_> = given
                .attributes
                .iter()
                .filter(|(name, _)| !known(name))
                .cloned()
                .collect();
            node.attributes.extend(strange);
        }
        match asked {
            Some((name, what)) => self.unknown_attribute(node, name, what, from.node),
            None => Ok(()),
        }
    }

    /// What was asked of an attribute that the structure does not have here.
    fn unknown_attribute(
        &self,
        node: &mut Node,
        name: &str,
        asked: &Asked,
        given: Option<&Node>,
    ) -> Result<(), InstanceError> {
        if *asked == Asked::Absent
            || node
                .attributes
                .iter()
                .any(|(known, _)| *known.local == *name)
        {
            return Ok(());
        }
        if !self.as_it_stands {
            return Err(InstanceError::NoPlace(format!("@{name}")));
        }
        let kept = given.into_iter().flat_map(|given| &given.attributes);
        node.attributes
            .extend(kept.filter(|(known, _)| *known.local == *name).cloned());
        Ok(())
    }

    /// The text of an element.
    fn text(
        &mut self,
        name: &QName,
        constraint: Option<&ValueConstraint>,
        simple: SimpleTypeId,
        from: From<'_>,
    ) -> Result<String, InstanceError> {
        if let Some(Asked::Text(text)) = wish::itself(from.ask) {
            return Ok(text.clone());
        }
        let given = from.node.and_then(Node::text);
        self.value(name, constraint, simple, given.as_deref())
    }

    /// A value that the type takes: the one that there is, when it does.
    fn value(
        &mut self,
        name: &QName,
        constraint: Option<&ValueConstraint>,
        simple: SimpleTypeId,
        given: Option<&str>,
    ) -> Result<String, InstanceError> {
        match (constraint, given) {
            (Some(ValueConstraint::Fixed(text)), _) => return Ok(text.clone()),
            (Some(ValueConstraint::Default(_)), Some("")) => return Ok(String::new()),
            _ => {}
        }
        let failed = |source| InstanceError::Value {
            name: name.to_string(),
            source,
        };
        if let Some(given) = given
            && self.walk.values.accepts(simple, given).map_err(failed)?
        {
            return Ok(given.to_owned());
        }
        let extent = match self.walk.wanted {
            Wanted::Extent(extent) => extent,
            Wanted::Covering => Extent::Smallest,
        };
        self.walk
            .values
            .make(simple, extent, self.walk.dice)
            .map_err(failed)
    }
}

fn nil() -> (QName, String) {
    (QName::new(XSI, "nil"), "true".to_owned())
}

fn is_nil(node: &Node) -> bool {
    let says = |(name, value): &(QName, String)| {
        &*name.namespace == XSI && &*name.local == "nil" && matches!(value.as_str(), "true" | "1")
    };
    node.attributes.iter().any(says)
}

fn value_of<'n>(node: &'n Node, name: &QName) -> Option<&'n str> {
    node.attributes
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}
