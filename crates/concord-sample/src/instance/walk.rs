//! One walk through the content models, which makes one instance.

use concord_standards::schema::{
    AttributeUse, ComplexTypeId, Content, ElementId, NamespaceSet, ProcessContents, QName, Schema,
    SimpleTypeId, TypeId, Use, ValueConstraint, Wildcard,
};

use super::coverage::{Coverage, Site, counts};
use super::plan::{ENDLESS, PartTerm, Plan};
use super::{InstanceError, Limits, Wanted};
use crate::Dice;
use crate::tree::{Child, Node, XSI};
use crate::value::{Extent, Values};

/// The state of a walk.
pub(super) struct Walk<'w, 's> {
    pub(super) schema: &'s Schema,
    pub(super) plan: &'w Plan,
    pub(super) values: &'w mut Values<'s>,
    pub(super) coverage: &'w mut Coverage,
    pub(super) limits: Limits,
    pub(super) wanted: Wanted,
    /// Elements that may still be added beyond what must be there.
    pub(super) left: usize,
    pub(super) dice: &'w mut Dice,
}

impl Walk<'_, '_> {
    /// What is wanted here: only what must be there, once the limits are reached.
    fn wanted_at(&self, depth: usize) -> Wanted {
        if self.left == 0 || depth >= self.limits.depth {
            Wanted::Extent(Extent::Smallest)
        } else {
            self.wanted
        }
    }

    /// An element, or a member of its substitution group.
    pub(super) fn element(
        &mut self,
        head: ElementId,
        at_most: Option<u32>,
        depth: usize,
    ) -> Result<Node, InstanceError> {
        let id = self.member(head, depth)?;
        let element = self.schema.element(id);
        self.left = self.left.saturating_sub(1);
        let mut node = Node::new(element.name.clone());
        node.made_from = Some(element.content);
        node.at_most = at_most;
        let nil = self.is_nil(id, depth);
        match element.content {
            TypeId::Simple(simple) if !nil => {
                let text =
                    self.constrained(&element.name, element.constraint.as_ref(), simple, depth)?;
                push_text(&mut node, text);
            }
            TypeId::Complex(declared) => self.complex(&mut node, id, declared, nil, depth)?,
            TypeId::Simple(_) | TypeId::Any => {}
        }
        if nil {
            node.attributes
                .push((QName::new(XSI, "nil"), "true".to_owned()));
        }
        Ok(node)
    }

    fn member(&mut self, head: ElementId, depth: usize) -> Result<ElementId, InstanceError> {
        let plan = self.plan;
        let members = &plan.members[head.0 as usize];
        let endless = || InstanceError::Endless(self.schema.element(head).name.to_string());
        let smallest = members
            .iter()
            .copied()
            .min_by_key(|id| plan.own_size(*id))
            .ok_or_else(endless)?;
        if plan.own_size(smallest) == ENDLESS {
            return Err(endless());
        }
        if members.len() == 1 {
            return Ok(smallest);
        }
        let left = self.left;
        let possible = |option: usize| plan.own_size(members[option]) <= left;
        Ok(match self.wanted_at(depth) {
            Wanted::Extent(Extent::Smallest) => smallest,
            Wanted::Covering => {
                match self
                    .coverage
                    .take_open(Site::Member(head), possible, self.dice)
                {
                    Some(option) => members[option],
                    None => self
                        .any_of(members, |id| plan.own_size(*id))
                        .unwrap_or(smallest),
                }
            }
            Wanted::Extent(_) => self
                .any_of(members, |id| plan.own_size(*id))
                .unwrap_or(smallest),
        })
    }

    /// Any of the items that fit into what is left.
    fn any_of<T: Copy>(&mut self, items: &[T], size: impl Fn(&T) -> usize) -> Option<T> {
        let fitting: Vec<T> = items
            .iter()
            .copied()
            .filter(|item| size(item) <= self.left)
            .collect();
        self.dice.pick(&fitting).copied()
    }

    fn is_nil(&mut self, id: ElementId, depth: usize) -> bool {
        let element = self.schema.element(id);
        if !element.nillable || matches!(element.constraint, Some(ValueConstraint::Fixed(_))) {
            return false;
        }
        match self.wanted_at(depth) {
            Wanted::Extent(Extent::Random) => self.dice.percent(15),
            Wanted::Extent(_) => false,
            Wanted::Covering => match self.coverage.take_open(Site::Nil(id), |_| true, self.dice) {
                Some(option) => option == 1,
                None => self.dice.percent(10),
            },
        }
    }

    fn complex(
        &mut self,
        node: &mut Node,
        element: ElementId,
        declared: ComplexTypeId,
        nil: bool,
        depth: usize,
    ) -> Result<(), InstanceError> {
        let plan = self.plan;
        let types = &plan.concrete[declared.0 as usize];
        let size =
            |id: &ComplexTypeId| plan.content[id.0 as usize].map_or(0, |top| plan.least(top));
        let smallest = types.iter().copied().min_by_key(size);
        let chosen = match self.wanted_at(depth) {
            _ if types.len() < 2 => smallest,
            Wanted::Extent(Extent::Smallest) => smallest,
            Wanted::Covering => {
                let left = self.left;
                match self.coverage.take_open(
                    Site::Concrete(declared),
                    |option| size(&types[option]) <= left,
                    self.dice,
                ) {
                    Some(option) => types.get(option).copied(),
                    None => self.any_of(types, size).or(smallest),
                }
            }
            Wanted::Extent(_) => self.any_of(types, size).or(smallest),
        };
        let declaration = self.schema.element(element);
        let chosen = chosen.ok_or_else(|| InstanceError::Endless(declaration.name.to_string()))?;
        let complex = self.schema.complex_type(chosen);
        node.made_from = Some(TypeId::Complex(chosen));
        if chosen != declared {
            self.name_type(node, chosen);
        }
        for (position, attribute) in complex.attributes.iter().enumerate() {
            if self.has_attribute(chosen, position, attribute, depth) {
                let declared = &attribute.attribute;
                let text = self.constrained(
                    &declared.name,
                    declared.constraint.as_ref(),
                    declared.content,
                    depth,
                )?;
                node.attributes.push((declared.name.clone(), text));
            }
        }
        if nil {
            return Ok(());
        }
        match &complex.content {
            Content::Empty => {}
            Content::Simple(simple) => {
                let text = self.constrained(
                    &declaration.name,
                    declaration.constraint.as_ref(),
                    *simple,
                    depth,
                )?;
                push_text(node, text);
            }
            Content::Children { mixed, .. } => {
                if let Some(top) = plan.content[chosen.0 as usize] {
                    self.part(top, &mut node.children, depth)?;
                }
                if *mixed && !matches!(self.wanted_at(depth), Wanted::Extent(Extent::Smallest)) {
                    let place = self.dice.index(node.children.len() + 1);
                    node.children
                        .insert(place, Child::Text(" text ".to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Says in an element which type it has.
    pub(super) fn name_type(&self, node: &mut Node, chosen: ComplexTypeId) {
        if let Some(name) = &self.schema.complex_type(chosen).name {
            node.raw_attributes
                .push(format!("xmlns:t=\"{}\"", name.namespace));
            let prefixed = if name.namespace.is_empty() {
                name.local.to_string()
            } else {
                format!("t:{}", name.local)
            };
            node.attributes.push((QName::new(XSI, "type"), prefixed));
        }
    }

    fn has_attribute(
        &mut self,
        owner: ComplexTypeId,
        position: usize,
        attribute: &AttributeUse,
        depth: usize,
    ) -> bool {
        match attribute.usage {
            Use::Required => true,
            Use::Prohibited => false,
            Use::Optional => match self.wanted_at(depth) {
                Wanted::Extent(Extent::Smallest) => false,
                Wanted::Extent(Extent::Largest) => true,
                Wanted::Extent(Extent::Random) => self.dice.percent(50),
                Wanted::Covering => match self.coverage.take_open(
                    Site::Attribute(owner, position),
                    |_| true,
                    self.dice,
                ) {
                    Some(option) => option == 1,
                    None => self.dice.percent(50),
                },
            },
        }
    }

    fn constrained(
        &mut self,
        name: &QName,
        constraint: Option<&ValueConstraint>,
        simple: SimpleTypeId,
        depth: usize,
    ) -> Result<String, InstanceError> {
        if let Some(ValueConstraint::Fixed(text)) = constraint {
            return Ok(text.clone());
        }
        let failed = |source| InstanceError::Value {
            name: name.to_string(),
            source,
        };
        let codes = self.values.codes(simple);
        let extent = match self.wanted_at(depth) {
            Wanted::Extent(extent) => extent,
            Wanted::Covering => {
                match self
                    .coverage
                    .take_open(Site::Value(simple), |_| true, self.dice)
                {
                    Some(option) if !codes.is_empty() => {
                        let code = &codes[option];
                        if self.values.accepts(simple, code).map_err(failed)? {
                            return Ok(code.clone());
                        }
                        Extent::Random
                    }
                    Some(0) => Extent::Smallest,
                    Some(1) => Extent::Largest,
                    _ => Extent::Random,
                }
            }
        };
        self.values.make(simple, extent, self.dice).map_err(failed)
    }

    fn part(
        &mut self,
        index: usize,
        out: &mut Vec<Child>,
        depth: usize,
    ) -> Result<(), InstanceError> {
        let count = self.count(index, depth);
        for _ in 0..count {
            self.term(index, out, depth)?;
        }
        Ok(())
    }

    fn count(&mut self, index: usize, depth: usize) -> u32 {
        let plan = self.plan;
        let part = &plan.parts[index];
        let wanted = self.wanted_at(depth);
        if part.max == Some(part.min)
            || matches!(wanted, Wanted::Extent(Extent::Smallest))
            || part.size == ENDLESS
        {
            return part.min;
        }
        let options = counts(part, self.limits);
        let left = self.left;
        let fits = |count: u32| part.size.saturating_mul((count - part.min) as usize) <= left;
        let most = options.iter().copied().max().unwrap_or(part.min);
        let chosen = match wanted {
            Wanted::Covering => {
                if let Some(option) = self.coverage.take_open(
                    Site::Count(index),
                    |option| fits(options[option]),
                    self.dice,
                ) {
                    options[option]
                } else {
                    // Rather there than not when something below is still to be taken.
                    let present = if self.is_open(index) { 85 } else { 30 };
                    if self.dice.percent(present) {
                        part.min.max(1)
                    } else {
                        part.min
                    }
                }
            }
            Wanted::Extent(Extent::Largest) => {
                let affordable = left.checked_div(part.size).unwrap_or(left);
                most.min(
                    part.min
                        .saturating_add(u32::try_from(affordable).unwrap_or(u32::MAX)),
                )
            }
            Wanted::Extent(_) if part.min == 0 && self.dice.percent(50) => 0,
            Wanted::Extent(_) => {
                let few = most.min(part.min.max(1).saturating_add(3));
                let low = part.min.max(1);
                low + self.dice.below(u64::from(few.saturating_sub(low)) + 1) as u32
            }
        };
        if fits(chosen.max(part.min)) {
            chosen
        } else {
            part.min
        }
    }

    fn is_open(&self, index: usize) -> bool {
        match &self.plan.parts[index].term {
            PartTerm::Element(id) => self.coverage.element_open(*id),
            PartTerm::Sequence(parts) | PartTerm::Choice(parts) | PartTerm::All(parts) => {
                parts.iter().any(|&part| {
                    !self.coverage.open(Site::Count(part), |_| true).is_empty()
                        || !self.coverage.open(Site::Branch(part), |_| true).is_empty()
                        || self.is_open(part)
                })
            }
            PartTerm::Any(_) => false,
        }
    }

    fn term(
        &mut self,
        index: usize,
        out: &mut Vec<Child>,
        depth: usize,
    ) -> Result<(), InstanceError> {
        let plan = self.plan;
        let part = &plan.parts[index];
        match &part.term {
            PartTerm::Element(id) => {
                let node = self.element(*id, part.max, depth + 1)?;
                out.push(Child::Element(node));
            }
            PartTerm::Sequence(parts) => {
                for &part in parts {
                    self.part(part, out, depth)?;
                }
            }
            PartTerm::All(parts) => {
                let mut order = parts.clone();
                if self.wanted_at(depth) != Wanted::Extent(Extent::Smallest) {
                    for end in (1..order.len()).rev() {
                        order.swap(end, self.dice.index(end + 1));
                    }
                }
                for part in order {
                    self.part(part, out, depth)?;
                }
            }
            PartTerm::Choice(branches) => {
                if let Some(branch) = self.branch(index, branches, depth) {
                    self.part(branch, out, depth)?;
                }
            }
            PartTerm::Any(wildcard) => {
                let node = self.any(wildcard, part.owner, depth)?;
                out.push(Child::Element(node));
            }
        }
        Ok(())
    }

    fn branch(&mut self, index: usize, branches: &[usize], depth: usize) -> Option<usize> {
        let plan = self.plan;
        let smallest = branches
            .iter()
            .copied()
            .min_by_key(|&branch| plan.least(branch))?;
        let left = self.left;
        match self.wanted_at(depth) {
            Wanted::Extent(Extent::Smallest) => Some(smallest),
            Wanted::Covering => {
                let fits = |option: usize| plan.least(branches[option]) <= left;
                if let Some(option) = self
                    .coverage
                    .take_open(Site::Branch(index), fits, self.dice)
                {
                    return Some(branches[option]);
                }
                let open: Vec<usize> = branches
                    .iter()
                    .copied()
                    .filter(|&branch| self.is_open(branch))
                    .collect();
                let from = if open.is_empty() { branches } else { &open };
                self.any_of(from, |&branch| plan.least(branch))
                    .or(Some(smallest))
            }
            Wanted::Extent(_) => self
                .any_of(branches, |&branch| plan.least(branch))
                .or(Some(smallest)),
        }
    }

    /// An element that the wildcard of a part lets through.
    pub(super) fn any_element(
        &mut self,
        index: usize,
        depth: usize,
    ) -> Result<Node, InstanceError> {
        let plan = self.plan;
        let part = &plan.parts[index];
        match &part.term {
            PartTerm::Any(wildcard) => self.any(wildcard, part.owner, depth),
            _ => Err(InstanceError::NoPlace("an undeclared element".to_owned())),
        }
    }

    fn any(
        &mut self,
        wildcard: &Wildcard,
        owner: ComplexTypeId,
        depth: usize,
    ) -> Result<Node, InstanceError> {
        if wildcard.process == ProcessContents::Strict {
            let schema = self.schema;
            let root = schema
                .roots
                .iter()
                .copied()
                .filter(|&id| {
                    lets_through(&wildcard.namespaces, &schema.element(id).name.namespace)
                })
                .min_by_key(|&id| self.plan.element_size(id));
            let Some(root) = root else {
                let name = schema.complex_type(owner).name.as_ref();
                return Err(InstanceError::Wildcard(name.map_or_else(
                    || "an anonymous type".to_owned(),
                    ToString::to_string,
                )));
            };
            // The smallest, so that a wildcard which lets its own element through comes to an end.
            let left = std::mem::replace(&mut self.left, 0);
            let node = self.element(root, None, depth + 1);
            self.left = left.saturating_sub(1);
            return node;
        }
        let namespace = match &wildcard.namespaces {
            NamespaceSet::Any | NamespaceSet::Other(_) => "urn:example:elsewhere",
            NamespaceSet::These(names) => names
                .iter()
                .find(|name| **name != self.schema.namespace)
                .or(names.first())
                .map_or("", |name| name),
        };
        self.left = self.left.saturating_sub(1);
        let mut node = Node::new(QName::new(namespace, "Undeclared"));
        node.children.push(Child::Text("anything".to_owned()));
        Ok(node)
    }
}

/// Whether a wildcard lets a namespace through.
fn lets_through(set: &NamespaceSet, namespace: &str) -> bool {
    match set {
        NamespaceSet::Any => true,
        NamespaceSet::Other(own) => !namespace.is_empty() && *namespace != **own,
        NamespaceSet::These(names) => names.iter().any(|name| **name == *namespace),
    }
}

pub(super) fn push_text(node: &mut Node, text: String) {
    if !text.is_empty() {
        node.children.push(Child::Text(text));
    }
}
