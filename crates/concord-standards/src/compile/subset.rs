//! From positions to a deterministic automaton: each state is the set of positions that may have been matched last.
//!
//! Under Unique Particle Attribution such a set holds copies of one particle at most, so the construction stays small
//! unless a particle was unrolled to thousands of copies; what would take too long is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{Automaton, Counter, Label, State, Transition};
use super::glushkov::{Position, Positions};
use super::positions::PositionSet;
use super::{CompileError, wildcard_allows};
use crate::schema::{NamespaceSet, Origin, QName, Schema, Wildcard};

/// Positions looked at in all states together. The largest model of CDS takes some thousands; thousands of copies inside
/// each other (a choice at least 500 times in a sequence up to 7 times) take more than this, and then seconds.
const MOST_WORK: usize = 4_000_000;

/// What came of it.
pub(super) enum Outcome {
    /// The automaton.
    Automaton(Automaton),
    /// Sites that cannot keep their counters, because after the counted element the same element may begin anew.
    CountersClash(BTreeSet<usize>),
}

pub(super) fn determine(
    schema: &Schema,
    positions: &Positions,
    origin: &Origin,
) -> Result<Outcome, CompileError> {
    let overlaps = Overlaps::new(schema, positions);
    let mut numbers: BTreeMap<PositionSet, u32> = BTreeMap::new();
    let mut queue: Vec<PositionSet> = vec![PositionSet::default()];
    numbers.insert(PositionSet::default(), 0);
    let mut clash = BTreeSet::new();
    let mut states = Vec::new();
    let mut transitions = Vec::new();
    let mut next = 0;
    let mut work = 0;
    while next < queue.len() {
        let matched = queue[next].clone();
        let start = next == 0;
        let follow = if start {
            positions.first.clone()
        } else {
            let each = matched
                .iter()
                .map(|position| &positions.positions[position].follow);
            PositionSet::union(each)
        };
        work += matched.len() + follow.len();
        if work > MOST_WORK {
            return Err(CompileError::TooLarge {
                limit: MOST_WORK,
                origin: origin.clone(),
            });
        }
        let counter = counter_of(positions, &matched, &mut clash);
        let mut targets: BTreeMap<Label, PositionSet> = BTreeMap::new();
        let mut order: Vec<Label> = Vec::new();
        for position in follow.iter() {
            for label in &positions.positions[position].labels {
                let set = targets.entry(*label).or_default();
                if set.is_empty() {
                    order.push(*label);
                }
                set.insert(position);
            }
        }
        if let Some(counter) = counter
            && order
                .iter()
                .any(|label| overlaps.between(*label, counter.label))
        {
            clash.extend(
                matched
                    .iter()
                    .map(|position| positions.positions[position].site),
            );
        }
        overlaps.check(positions, &order, &targets, origin)?;
        let first = transitions.len() as u32;
        for label in &order {
            let target = targets.remove(label).unwrap_or_default();
            let number = if let Some(number) = numbers.get(&target) {
                *number
            } else {
                let number = queue.len() as u32;
                numbers.insert(target.clone(), number);
                queue.push(target);
                number
            };
            transitions.push(Transition {
                label: *label,
                target: number,
            });
        }
        states.push(State {
            first,
            count: transitions.len() as u32 - first,
            accepting: if start {
                positions.nullable
            } else {
                matched
                    .iter()
                    .any(|position| positions.last.contains(position))
            },
            counter,
        });
        next += 1;
    }
    if !clash.is_empty() {
        return Ok(Outcome::CountersClash(clash));
    }
    Ok(Outcome::Automaton(Automaton {
        children: positions.children.clone(),
        wildcards: positions.wildcards.clone(),
        states,
        transitions,
    }))
}

fn counter_of(
    positions: &Positions,
    matched: &PositionSet,
    clash: &mut BTreeSet<usize>,
) -> Option<Counter> {
    let counted: Vec<&Position> = matched
        .iter()
        .map(|position| &positions.positions[position])
        .filter(|position| position.counted.is_some())
        .collect();
    let position = counted.first()?;
    if matched.len() > 1 || position.labels.len() != 1 {
        clash.extend(counted.iter().map(|position| position.site));
        return None;
    }
    position.counted.map(|(min, max)| Counter {
        label: position.labels[0],
        min,
        max,
    })
}

/// Which labels may mean the same element.
struct Overlaps<'p> {
    positions: &'p Positions,
    children: Vec<&'p QName>,
    /// Whether different labels never mean the same element.
    apart: bool,
}

impl<'p> Overlaps<'p> {
    fn new(schema: &'p Schema, positions: &'p Positions) -> Self {
        let names = positions.children.iter();
        let children: Vec<&QName> = names.map(|child| &schema.element(*child).name).collect();
        let different: BTreeSet<&QName> = children.iter().copied().collect();
        Self {
            positions,
            apart: positions.wildcards.is_empty() && different.len() == children.len(),
            children,
        }
    }

    fn name(&self, label: Label) -> String {
        self.children
            .get(label as usize)
            .map_or_else(|| "any element".to_owned(), ToString::to_string)
    }

    fn between(&self, left: Label, right: Label) -> bool {
        if left == right {
            return true;
        }
        let children = self.children.len();
        match (
            (left as usize).checked_sub(children),
            (right as usize).checked_sub(children),
        ) {
            (None, None) => self.children[left as usize] == self.children[right as usize],
            (Some(wildcard), None) => wildcard_allows(
                &self.positions.wildcards[wildcard],
                &self.children[right as usize].namespace,
            ),
            (None, Some(wildcard)) => wildcard_allows(
                &self.positions.wildcards[wildcard],
                &self.children[left as usize].namespace,
            ),
            (Some(left), Some(right)) => wildcards_meet(
                &self.positions.wildcards[left],
                &self.positions.wildcards[right],
            ),
        }
    }

    fn check(
        &self,
        positions: &Positions,
        order: &[Label],
        targets: &BTreeMap<Label, PositionSet>,
        origin: &Origin,
    ) -> Result<(), CompileError> {
        let ambiguous = |label: Label| CompileError::Ambiguous {
            name: self.name(label),
            origin: origin.clone(),
        };
        for (index, label) in order.iter().enumerate() {
            let site = |position: usize| positions.positions[position].site;
            let mut sites = targets[label].iter().map(site);
            let first = sites.next();
            if sites.any(|site| Some(site) != first) {
                return Err(ambiguous(*label));
            }
            if self.apart {
                continue;
            }
            if let Some(other) = order[..index].iter().find(|other| {
                **other != *label
                    && self.between(**other, *label)
                    && targets[other]
                        .iter()
                        .any(|position| Some(site(position)) != first)
            }) {
                return Err(ambiguous(*other));
            }
        }
        Ok(())
    }
}

fn wildcards_meet(left: &Wildcard, right: &Wildcard) -> bool {
    match (&left.namespaces, &right.namespaces) {
        (NamespaceSet::These(names), _) => names.iter().any(|name| wildcard_allows(right, name)),
        (_, NamespaceSet::These(names)) => names.iter().any(|name| wildcard_allows(left, name)),
        _ => true,
    }
}
