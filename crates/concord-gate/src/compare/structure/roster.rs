//! What a content model says of its elements: how often each may and must stand, which stands before which, and which may
//! stand without which.
//!
//! All of it is said of the sequences of children that the model takes, not of how the model is written, so that two ways to
//! write one model say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::schema::{ElementId, Origin, Particle, Term};

use crate::compare::side::Half;

/// Elements of which pairs are looked at. A model of more is compared as a whole only.
const MOST_PAIRED: usize = 400;

/// How deep groups may nest in one model.
const DEEPEST: usize = 128;

/// A name without the namespace that the structure defines.
pub(super) type Name = (Arc<str>, Arc<str>);

/// The elements of a content model, in the order in which they are first mentioned.
pub(super) struct Roster {
    pub(super) items: Vec<Item>,
    pub(super) by_name: BTreeMap<Name, usize>,
    /// Whether a wildcard lets elements through that the model does not name.
    pub(super) wildcard: bool,
    pairs: Option<(Table, Table)>,
}

/// An element of a content model.
pub(super) struct Item {
    pub(super) name: Name,
    pub(super) element: ElementId,
    /// Fewest times that it stands among the children.
    pub(super) min: u32,
    /// Most times.
    pub(super) max: Option<u32>,
    /// How often the particle that mentions it first repeats it.
    pub(super) own: (u32, Option<u32>),
    /// How many particles mention it.
    pub(super) mentions: u32,
    pub(super) origin: Origin,
}

/// A square of bits.
#[derive(Clone)]
struct Table {
    width: usize,
    bits: Vec<u64>,
}

impl Table {
    fn new(size: usize) -> Self {
        let width = size.div_ceil(64);
        Self {
            width,
            bits: vec![0; size * width],
        }
    }

    fn has(&self, row: usize, column: usize) -> bool {
        self.bits[row * self.width + column / 64] >> (column % 64) & 1 == 1
    }

    fn set(&mut self, row: usize, column: usize) {
        self.bits[row * self.width + column / 64] |= 1 << (column % 64);
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine |= theirs;
        }
    }
}

/// The names of the elements of a content model.
pub(super) fn names(half: &Half<'_>, particle: &Particle) -> BTreeSet<Name> {
    let mut roster = Roster::empty();
    roster.collect(half, particle, 0);
    roster.by_name.into_keys().collect()
}

/// What a part of a model says.
struct Part {
    /// Fewest and most times of each element.
    counts: Vec<(u32, Option<u32>)>,
    /// Elements that occur in it.
    members: Vec<usize>,
    /// A stands before B in some sequence.
    before: Table,
    /// A stands in some sequence in which B does not.
    without: Table,
}

impl Roster {
    /// Of a particle; of nothing where there are no children.
    pub(super) fn of(half: &Half<'_>, particle: Option<&Particle>) -> Self {
        let mut roster = Self::empty();
        let Some(particle) = particle else {
            return roster;
        };
        roster.collect(half, particle, 0);
        let size = roster.items.len();
        let paired = size <= MOST_PAIRED;
        let part = roster.part(half, particle, if paired { size } else { 0 }, 0);
        for (item, (min, max)) in roster.items.iter_mut().zip(part.counts) {
            (item.min, item.max) = (min, max);
        }
        roster.pairs = paired.then_some((part.before, part.without));
        roster
    }

    fn empty() -> Self {
        Self {
            items: Vec::new(),
            by_name: BTreeMap::new(),
            wildcard: false,
            pairs: None,
        }
    }

    /// Whether some sequence of children has `first` somewhere before `second`.
    pub(super) fn before(&self, first: usize, second: usize) -> bool {
        self.pairs
            .as_ref()
            .is_some_and(|(before, _)| before.has(first, second))
    }

    /// Whether some sequence of children has `one` and not `other`.
    pub(super) fn without(&self, one: usize, other: usize) -> bool {
        self.pairs
            .as_ref()
            .is_some_and(|(_, without)| without.has(one, other))
    }

    /// Whether pairs of elements were looked at.
    pub(super) fn is_paired(&self) -> bool {
        self.pairs.is_some()
    }

    fn collect(&mut self, half: &Half<'_>, particle: &Particle, depth: usize) {
        if particle.max == Some(0) || depth > DEEPEST {
            return;
        }
        match &particle.term {
            Term::Element(head) => {
                for element in half.standing(*head) {
                    let name = half.name(element);
                    if let Some(known) = self.by_name.get(&name) {
                        self.items[*known].mentions += 1;
                        continue;
                    }
                    self.by_name.insert(name.clone(), self.items.len());
                    self.items.push(Item {
                        name,
                        element,
                        min: 0,
                        max: Some(0),
                        own: (particle.min, particle.max),
                        mentions: 1,
                        origin: particle.origin.clone(),
                    });
                }
            }
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    self.collect(half, part, depth + 1);
                }
            }
            Term::Any(_) => self.wildcard = true,
        }
    }

    fn part(&self, half: &Half<'_>, particle: &Particle, paired: usize, depth: usize) -> Part {
        let size = self.items.len();
        let nothing = || Part {
            counts: vec![(0, Some(0)); size],
            members: Vec::new(),
            before: Table::new(paired),
            without: Table::new(paired),
        };
        if particle.max == Some(0) || depth > DEEPEST {
            return nothing();
        }
        let mut part = match &particle.term {
            Term::Any(_) => nothing(),
            Term::Element(head) => {
                let choices = half.standing(*head).into_iter().map(|element| {
                    let index = self.by_name[&half.name(element)];
                    let mut part = nothing();
                    part.counts[index] = (1, Some(1));
                    part.members.push(index);
                    for other in (0..paired).filter(|other| *other != index) {
                        part.without.set(index, other);
                    }
                    part
                });
                any_of(choices.collect(), nothing)
            }
            Term::Choice(parts) => {
                let parts = parts.iter().filter(|part| part.max != Some(0));
                let parts = parts.map(|part| self.part(half, part, paired, depth + 1));
                any_of(parts.collect(), nothing)
            }
            Term::Sequence(parts) | Term::All(parts) => {
                let any_order = matches!(particle.term, Term::All(_));
                let mut all = nothing();
                for part in parts {
                    let part = self.part(half, part, paired, depth + 1);
                    all = all.followed_by(part, paired > 0, any_order);
                }
                all
            }
        };
        part.repeat(particle.min, particle.max, paired > 0);
        part
    }
}

fn any_of(parts: Vec<Part>, nothing: impl Fn() -> Part) -> Part {
    let mut parts = parts.into_iter();
    let Some(mut all) = parts.next() else {
        return nothing();
    };
    for part in parts {
        for (mine, theirs) in all.counts.iter_mut().zip(&part.counts) {
            mine.0 = mine.0.min(theirs.0);
            mine.1 = greater(mine.1, theirs.1);
        }
        all.add_members(&part.members);
        all.before.add(&part.before);
        all.without.add(&part.without);
    }
    all
}

/// The greater of two greatest numbers.
fn greater(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    Some(one?.max(other?))
}

impl Part {
    fn add_members(&mut self, others: &[usize]) {
        self.members.extend_from_slice(others);
        self.members.sort_unstable();
        self.members.dedup();
    }

    fn followed_by(mut self, mut next: Self, paired: bool, any_order: bool) -> Self {
        if paired {
            for first in &self.members {
                for second in &next.members {
                    self.before.set(*first, *second);
                    if any_order {
                        self.before.set(*second, *first);
                    }
                }
            }
            self.before.add(&next.before);
            // A of one part stands without B when B can be left out of the other part too.
            self.keep_without(&next.counts);
            next.keep_without(&self.counts);
            self.without.add(&next.without);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&next.counts) {
            mine.0 = mine.0.saturating_add(theirs.0);
            mine.1 = mine
                .1
                .zip(theirs.1)
                .map(|(one, other)| one.saturating_add(other));
        }
        self.add_members(&next.members);
        self
    }

    /// Takes away what cannot be left out of another part that must stand beside this one.
    fn keep_without(&mut self, others: &[(u32, Option<u32>)]) {
        for (other, (min, _)) in others.iter().enumerate() {
            if *min > 0 {
                for row in &self.members {
                    self.without.bits[row * self.without.width + other / 64] &=
                        !(1 << (other % 64));
                }
            }
        }
    }

    fn repeat(&mut self, min: u32, max: Option<u32>, paired: bool) {
        if paired && max.is_none_or(|max| max > 1) {
            for first in &self.members {
                for second in &self.members {
                    self.before.set(*first, *second);
                }
            }
        }
        for count in &mut self.counts {
            count.0 = count.0.saturating_mul(min);
            count.1 = match (count.1, max) {
                (Some(0), _) => Some(0),
                (Some(most), Some(max)) => Some(most.saturating_mul(max)),
                _ => None,
            };
        }
    }
}

/// How often something stands, in words.
pub(super) fn occurs(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (1, Some(1)) => "once".to_owned(),
        (0, Some(0)) => "never".to_owned(),
        (0, Some(1)) => "at most once".to_owned(),
        (0, Some(max)) => format!("up to {max} times"),
        (0, None) => "any number of times".to_owned(),
        (1, None) => "once or more".to_owned(),
        (min, Some(max)) if min == max => format!("{min} times"),
        (min, Some(max)) => format!("{min} to {max} times"),
        (min, None) => format!("{min} or more times"),
    }
}
