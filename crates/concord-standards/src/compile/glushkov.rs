//! From a particle to positions and the edges between them.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{AllGroup, Label, Model};
use super::positions::PositionSet;
use super::substitution::Substitution;
use super::{CompileError, subset};
use crate::schema::{ElementId, Origin, Particle, Schema, Term, TypeId, Wildcard};

/// More positions than any published structure needs; above it the automaton would take too much memory.
const MOST_POSITIONS: usize = 20_000;

/// One element or wildcard of the model, or a copy of one when a group around it was unrolled.
#[derive(Debug, Clone)]
pub(super) struct Position {
    /// What stands here; several for a substitution group.
    pub(super) labels: Vec<Label>,
    /// Which particle of the model it came from. Copies share it.
    pub(super) site: usize,
    /// Least and greatest repetition, when it is counted.
    pub(super) counted: Option<(u32, Option<u32>)>,
    /// Positions that may come next.
    pub(super) follow: PositionSet,
}

/// The positions of a model.
#[derive(Debug, Default)]
#[allow(clippy::struct_field_names)] // Glushkov's positions are what it is about
pub(super) struct Positions {
    pub(super) children: Vec<ElementId>,
    pub(super) wildcards: Vec<Wildcard>,
    pub(super) positions: Vec<Position>,
    pub(super) first: PositionSet,
    pub(super) last: PositionSet,
    pub(super) nullable: bool,
}

/// Compiles one content model.
pub(super) fn compile(
    substitution: &Substitution<'_>,
    particle: &Particle,
    mixed: bool,
    origin: &Origin,
) -> Result<Model, CompileError> {
    let schema = substitution.schema;
    if let Term::All(members) = &particle.term {
        let group = all_group(substitution, particle, members, origin)?;
        return Ok(Model::All { group, mixed });
    }
    let mut unrolled = BTreeSet::new();
    loop {
        let mut builder = Builder {
            substitution,
            schema,
            origin,
            unrolled: &unrolled,
            sites: BTreeMap::new(),
            result: Positions::default(),
            child_numbers: BTreeMap::new(),
        };
        builder.collect(particle);
        let fragment = builder.particle(particle)?;
        let mut positions = builder.result;
        positions.first = fragment.first;
        positions.last = fragment.last;
        positions.nullable = fragment.nullable;
        check_consistency(schema, &positions, origin)?;
        match subset::determine(schema, &positions, origin)? {
            subset::Outcome::Automaton(automaton) => {
                return Ok(Model::Ordered { automaton, mixed });
            }
            subset::Outcome::CountersClash(sites) => unrolled.extend(sites),
        }
    }
}

fn all_group(
    substitution: &Substitution<'_>,
    particle: &Particle,
    members: &[Particle],
    origin: &Origin,
) -> Result<AllGroup, CompileError> {
    let mut group = AllGroup {
        children: Vec::new(),
        slots: Vec::new(),
        required: 0,
        optional: particle.min == 0,
    };
    if members.len() > 64 {
        return Err(CompileError::AllTooLarge {
            origin: origin.clone(),
        });
    }
    for (slot, member) in members.iter().enumerate() {
        let Term::Element(element) = member.term else {
            continue;
        };
        if member.max == Some(0) {
            continue;
        }
        if member.min > 0 {
            group.required |= 1 << slot;
        }
        for id in substitution.of(element) {
            group.children.push(id);
            group.slots.push(slot as u8);
        }
    }
    Ok(group)
}

fn check_consistency(
    schema: &Schema,
    positions: &Positions,
    origin: &Origin,
) -> Result<(), CompileError> {
    let mut types: BTreeMap<_, TypeId> = BTreeMap::new();
    for id in &positions.children {
        let element = schema.element(*id);
        let known = *types.entry(&element.name).or_insert(element.content);
        if known != element.content {
            return Err(CompileError::Inconsistent {
                name: element.name.to_string(),
                origin: origin.clone(),
            });
        }
    }
    Ok(())
}

/// Whether two declarations of one name demand the same of an element, so that they count as one child. That their types
/// are the same is checked apart.
fn demand_alike(schema: &Schema, left: ElementId, right: ElementId) -> bool {
    let (left, right) = (schema.element(left), schema.element(right));
    left.name == right.name
        && left.content == right.content
        && left.constraint == right.constraint
        && left.nillable == right.nillable
        && left.block == right.block
}

#[derive(Debug, Clone, Default)]
struct Fragment {
    nullable: bool,
    first: PositionSet,
    last: PositionSet,
}

impl Fragment {
    fn empty() -> Self {
        Self {
            nullable: true,
            ..Self::default()
        }
    }
}

struct Builder<'s> {
    substitution: &'s Substitution<'s>,
    schema: &'s Schema,
    origin: &'s Origin,
    unrolled: &'s BTreeSet<usize>,
    sites: BTreeMap<*const Particle, usize>,
    result: Positions,
    child_numbers: BTreeMap<ElementId, Label>,
}

impl Builder<'_> {
    /// Numbers the elements in the order of the model, and every particle, before anything is unrolled.
    fn collect(&mut self, particle: &Particle) {
        let number = self.sites.len();
        self.sites.insert(std::ptr::from_ref(particle), number);
        match &particle.term {
            Term::Element(element) => {
                for id in self.substitution.of(*element) {
                    let children = &mut self.result.children;
                    let known = children
                        .iter()
                        .position(|child| demand_alike(self.schema, *child, id));
                    let label = known.unwrap_or(children.len());
                    if known.is_none() {
                        children.push(id);
                    }
                    self.child_numbers.insert(id, label as Label);
                }
            }
            Term::Any(wildcard) => {
                if !self.result.wildcards.contains(wildcard) {
                    self.result.wildcards.push(wildcard.clone());
                }
            }
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    self.collect(part);
                }
            }
        }
    }

    fn particle(&mut self, particle: &Particle) -> Result<Fragment, CompileError> {
        if particle.max == Some(0) {
            return Ok(Fragment::empty());
        }
        let single = matches!(particle.term, Term::Element(_) | Term::Any(_));
        let site = self.sites[&std::ptr::from_ref(particle)];
        let simple_bounds = particle.min <= 1 && particle.max.is_none_or(|max| max == 1);
        if single && !simple_bounds && !self.unrolled.contains(&site) {
            let mut fragment = self.term(particle, Some((particle.min.max(1), particle.max)))?;
            fragment.nullable |= particle.min == 0;
            return Ok(fragment);
        }
        self.repeat(particle)
    }

    /// Copies in a row up to `max`, or up to `min` and a loop on the last. Each is reached through the copy before it only:
    /// a word that uses some of them uses the first ones.
    fn repeat(&mut self, particle: &Particle) -> Result<Fragment, CompileError> {
        let copies = match particle.max {
            Some(max) => max,
            None => particle.min.max(1),
        };
        let mut whole = Fragment::empty();
        let mut before = PositionSet::default();
        for copy in 1..=copies {
            let fragment = self.term(particle, None)?;
            if fragment.first.is_empty() {
                return Ok(Fragment {
                    nullable: fragment.nullable || particle.min == 0,
                    ..fragment
                });
            }
            self.connect(&before, &fragment.first);
            if particle.max.is_none() && copy == copies {
                self.connect(&fragment.last, &fragment.first);
            }
            if copy == 1 {
                whole.first = fragment.first;
            }
            if copy >= particle.min || fragment.nullable {
                whole.last.extend(&fragment.last);
            }
            whole.nullable = particle.min == 0 || fragment.nullable;
            before = fragment.last;
        }
        Ok(whole)
    }

    fn term(
        &mut self,
        particle: &Particle,
        counted: Option<(u32, Option<u32>)>,
    ) -> Result<Fragment, CompileError> {
        match &particle.term {
            Term::Element(element) => {
                let labels = self
                    .substitution
                    .of(*element)
                    .iter()
                    .map(|id| self.child_numbers[id])
                    .collect();
                self.position(labels, particle, counted)
            }
            Term::Any(wildcard) => {
                let index = self
                    .result
                    .wildcards
                    .iter()
                    .position(|known| known == wildcard)
                    .expect("collect saw every wildcard");
                let label = (self.result.children.len() + index) as Label;
                self.position(vec![label], particle, counted)
            }
            Term::Sequence(parts) | Term::All(parts) => {
                let mut whole = Fragment::empty();
                for part in parts {
                    let fragment = self.particle(part)?;
                    whole = self.append(whole, fragment);
                }
                Ok(whole)
            }
            Term::Choice(parts) => {
                let mut whole = Fragment::default();
                for part in parts {
                    let fragment = self.particle(part)?;
                    whole.nullable |= fragment.nullable;
                    whole.first.extend(&fragment.first);
                    whole.last.extend(&fragment.last);
                }
                Ok(whole)
            }
        }
    }

    fn position(
        &mut self,
        labels: Vec<Label>,
        particle: &Particle,
        counted: Option<(u32, Option<u32>)>,
    ) -> Result<Fragment, CompileError> {
        let number = self.result.positions.len();
        if number >= MOST_POSITIONS {
            return Err(CompileError::TooLarge {
                limit: MOST_POSITIONS,
                origin: self.origin.clone(),
            });
        }
        self.result.positions.push(Position {
            labels,
            site: self.sites[&std::ptr::from_ref(particle)],
            counted,
            follow: PositionSet::default(),
        });
        Ok(Fragment {
            nullable: false,
            first: PositionSet::of(number),
            last: PositionSet::of(number),
        })
    }

    /// `left` then `right`.
    fn append(&mut self, left: Fragment, right: Fragment) -> Fragment {
        self.connect(&left.last, &right.first);
        let mut first = left.first;
        if left.nullable {
            first.extend(&right.first);
        }
        let mut last = right.last;
        if right.nullable {
            last.extend(&left.last);
        }
        Fragment {
            nullable: left.nullable && right.nullable,
            first,
            last,
        }
    }

    fn connect(&mut self, from: &PositionSet, to: &PositionSet) {
        for position in from.iter() {
            self.result.positions[position].follow.extend(to);
        }
    }
}
