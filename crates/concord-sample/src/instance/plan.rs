//! A schema's content models, numbered, with the size of the smallest instance of each part.

use std::collections::BTreeSet;

use concord_standards::schema::{
    ComplexTypeId, Content, Derivation, ElementId, Particle, Schema, Term, TypeId, Wildcard,
};

/// No finite instance.
pub(super) const ENDLESS: usize = usize::MAX;

/// A particle, numbered.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) min: u32,
    pub(super) max: Option<u32>,
    pub(super) term: PartTerm,
    /// Elements in the smallest instance of one occurrence.
    pub(super) size: usize,
    /// The complex type whose content it belongs to.
    pub(super) owner: ComplexTypeId,
}

/// What a part repeats.
#[derive(Debug)]
pub(super) enum PartTerm {
    Element(ElementId),
    Sequence(Vec<usize>),
    Choice(Vec<usize>),
    All(Vec<usize>),
    Any(Wildcard),
}

/// The numbered content models.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parts: Vec<Part>,
    /// The top part of each complex type with children.
    pub(super) content: Vec<Option<usize>>,
    /// Elements that may stand where the element is referred to.
    pub(super) members: Vec<Vec<ElementId>>,
    /// Types that an element of this type may have: itself, or what is derived from it when it is abstract.
    pub(super) concrete: Vec<Vec<ComplexTypeId>>,
    type_size: Vec<usize>,
    element_size: Vec<usize>,
}

impl Plan {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut plan = Self {
            parts: Vec::new(),
            content: Vec::new(),
            members: members(schema),
            concrete: concrete(schema),
            type_size: vec![ENDLESS; schema.complex_types.len()],
            element_size: vec![ENDLESS; schema.elements.len()],
        };
        for (index, complex) in schema.complex_types.iter().enumerate() {
            let top = match &complex.content {
                Content::Children { particle, .. } => {
                    Some(plan.add(particle, ComplexTypeId(index as u32)))
                }
                Content::Empty | Content::Simple(_) => None,
            };
            plan.content.push(top);
        }
        plan.measure(schema);
        plan
    }

    /// Elements in the smallest instance of an element that stands where this one is referred to.
    pub(super) fn element_size(&self, id: ElementId) -> usize {
        self.members[id.0 as usize]
            .iter()
            .map(|member| self.element_size[member.0 as usize])
            .min()
            .unwrap_or(ENDLESS)
    }

    /// Elements in the smallest instance with exactly this element.
    pub(super) fn own_size(&self, id: ElementId) -> usize {
        self.element_size[id.0 as usize]
    }

    fn add(&mut self, particle: &Particle, owner: ComplexTypeId) -> usize {
        let all = |plan: &mut Self, particles: &[Particle]| {
            particles.iter().map(|part| plan.add(part, owner)).collect()
        };
        let term = match &particle.term {
            Term::Element(id) => PartTerm::Element(*id),
            Term::Sequence(particles) => PartTerm::Sequence(all(self, particles)),
            Term::Choice(particles) => PartTerm::Choice(all(self, particles)),
            Term::All(particles) => PartTerm::All(all(self, particles)),
            Term::Any(wildcard) => PartTerm::Any(wildcard.clone()),
        };
        self.parts.push(Part {
            min: particle.min,
            max: particle.max,
            term,
            size: ENDLESS,
            owner,
        });
        self.parts.len() - 1
    }

    /// Sizes, by going round until nothing becomes smaller. Each round settles at least one type.
    fn measure(&mut self, schema: &Schema) {
        loop {
            let mut changed = false;
            for index in 0..self.parts.len() {
                let size = match &self.parts[index].term {
                    PartTerm::Element(id) => self.element_size(*id),
                    PartTerm::Sequence(parts) | PartTerm::All(parts) => parts
                        .iter()
                        .map(|&part| self.least(part))
                        .fold(0, usize::saturating_add),
                    PartTerm::Choice(parts) => parts
                        .iter()
                        .map(|&part| self.least(part))
                        .min()
                        .unwrap_or(0),
                    PartTerm::Any(_) => 1,
                };
                changed |= replace(&mut self.parts[index].size, size);
            }
            for index in 0..schema.complex_types.len() {
                let size = self.concrete[index]
                    .iter()
                    .map(|concrete| {
                        self.content[concrete.0 as usize].map_or(0, |top| self.least(top))
                    })
                    .min()
                    .unwrap_or(ENDLESS);
                changed |= replace(&mut self.type_size[index], size);
            }
            for (index, element) in schema.elements.iter().enumerate() {
                let size = match element.content {
                    _ if element.is_abstract => ENDLESS,
                    TypeId::Complex(id) => self.type_size[id.0 as usize].saturating_add(1),
                    TypeId::Simple(_) | TypeId::Any => 1,
                };
                changed |= replace(&mut self.element_size[index], size);
            }
            if !changed {
                return;
            }
        }
    }

    /// Elements in the fewest occurrences of a part.
    pub(super) fn least(&self, part: usize) -> usize {
        let part = &self.parts[part];
        if part.min == 0 {
            0
        } else {
            part.size.saturating_mul(part.min as usize)
        }
    }
}

fn replace(old: &mut usize, new: usize) -> bool {
    let smaller = new < *old;
    if smaller {
        *old = new;
    }
    smaller
}

/// Substitution groups turned round: for each element what may stand for it, itself included unless it is abstract.
fn members(schema: &Schema) -> Vec<Vec<ElementId>> {
    (0..schema.elements.len() as u32)
        .map(|head| {
            let head = ElementId(head);
            let declared = schema.element(head);
            let mut reached = BTreeSet::from([head]);
            if !declared.block.substitution {
                loop {
                    let before = reached.len();
                    for (index, element) in schema.elements.iter().enumerate() {
                        if element
                            .substitutes
                            .iter()
                            .any(|other| reached.contains(other))
                        {
                            reached.insert(ElementId(index as u32));
                        }
                    }
                    if reached.len() == before {
                        break;
                    }
                }
            }
            reached
                .into_iter()
                .filter(|&id| {
                    let member = schema.element(id);
                    !member.is_abstract
                        && (id == head || derives(schema, member.content, declared.content, head))
                })
                .collect()
        })
        .collect()
}

/// Whether a member's type may replace the head's, given what the head blocks.
fn derives(schema: &Schema, member: TypeId, head_type: TypeId, head: ElementId) -> bool {
    let block = schema.element(head).block;
    let mut at = member;
    for _ in 0..=schema.complex_types.len() {
        if at == head_type {
            return true;
        }
        let TypeId::Complex(id) = at else { break };
        let Some((base, how)) = schema.complex_type(id).base else {
            break;
        };
        let blocked = match how {
            Derivation::Extension => block.extension,
            Derivation::Restriction => block.restriction,
        };
        if blocked {
            return false;
        }
        at = base;
    }
    // Simple types, and `anyType` at the head, are only ever restricted.
    !block.restriction
}

fn concrete(schema: &Schema) -> Vec<Vec<ComplexTypeId>> {
    (0..schema.complex_types.len() as u32)
        .map(|index| {
            let own = ComplexTypeId(index);
            if !schema.complex_type(own).is_abstract {
                return vec![own];
            }
            (0..schema.complex_types.len() as u32)
                .map(ComplexTypeId)
                .filter(|&other| {
                    let complex = schema.complex_type(other);
                    !complex.is_abstract && complex.name.is_some() && is_below(schema, other, own)
                })
                .collect()
        })
        .collect()
}

pub(super) fn is_below(schema: &Schema, mut id: ComplexTypeId, ancestor: ComplexTypeId) -> bool {
    let block = schema.complex_type(ancestor).block;
    for _ in 0..schema.complex_types.len() {
        match schema.complex_type(id).base {
            Some((TypeId::Complex(base), how)) => {
                let blocked = match how {
                    Derivation::Extension => block.extension,
                    Derivation::Restriction => block.restriction,
                };
                if blocked {
                    return false;
                }
                if base == ancestor {
                    return true;
                }
                id = base;
            }
            _ => return false,
        }
    }
    false
}
