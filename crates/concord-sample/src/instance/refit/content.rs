//! The children of one element, fitted to its content model.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use concord_standards::schema::{ComplexTypeId, ElementId};

use super::super::InstanceError;
use super::super::plan::{PartTerm, Plan};
use super::super::wish::{self, Ask, Asked};
use super::{From, Refit};
use crate::tree::{Child, Node};

/// Children that wait for a place, and what is asked for among them.
struct Waiting<'n> {
    children: Vec<&'n Node>,
    /// Those of a local name that have no place yet, in order.
    by_name: BTreeMap<&'n str, VecDeque<usize>>,
    /// Those of names that the content model does not know.
    strangers: VecDeque<usize>,
    /// The child that is asked for and has no place yet.
    wanted: Option<(&'n str, Ask<'n>)>,
    /// The child that is not to stand there.
    without: Option<&'n str>,
    depth: usize,
}

impl Waiting<'_> {
    /// How much is still to be done.
    fn left(&self) -> usize {
        let known: usize = self.by_name.values().map(VecDeque::len).sum();
        known + self.strangers.len() + usize::from(self.wanted.is_some())
    }

    /// The first of these names, and when it stood.
    fn next_of(&self, names: &[&str]) -> Option<(usize, usize)> {
        let first = |(at, name): (usize, &&str)| Some((*self.by_name.get(name)?.front()?, at));
        names.iter().enumerate().filter_map(first).min()
    }

    fn wants(&self, names: &[&str]) -> bool {
        self.wanted.is_some_and(|(name, _)| names.contains(&name))
    }
}

impl<'w> Refit<'w, '_> {
    /// The children of an element of this type.
    pub(super) fn children(
        &mut self,
        node: &mut Node,
        chosen: ComplexTypeId,
        from: From<'_>,
        depth: usize,
    ) -> Result<(), InstanceError> {
        let Some(top) = self.walk.plan.content[chosen.0 as usize] else {
            return Ok(());
        };
        let given: Vec<&Node> = from
            .node
            .map_or_else(Vec::new, |node| node.elements().collect());
        if let Some(Asked::Children(names)) = wish::itself(from.ask) {
            return self.exactly(node, top, names, &given, depth);
        }
        let asked = wish::child(from.ask);
        let absent = asked.filter(|(_, rest)| *rest == (&[][..], &Asked::Absent));
        let mut waiting = Waiting {
            by_name: BTreeMap::new(),
            strangers: VecDeque::new(),
            wanted: asked
                .filter(|_| absent.is_none())
                .map(|(name, rest)| (name, Some(rest))),
            without: absent.map(|(name, _)| name),
            children: given,
            depth,
        };
        let mut kept = None;
        for (index, child) in waiting.children.iter().enumerate() {
            let name = &*child.name.local;
            if self.head_of(top, name).is_some() {
                if waiting.without != Some(name) {
                    waiting.by_name.entry(name).or_default().push_back(index);
                }
            } else if self.as_it_stands && waiting.wanted.is_some_and(|(wanted, _)| wanted == name)
            {
                // The structure does not know what is to be shown.
                kept = Some(index);
                waiting.wanted = None;
            } else {
                waiting.strangers.push_back(index);
            }
        }
        let mut made = Vec::new();
        self.part(top, &mut waiting, &mut made)?;
        if let Some((name, _)) = waiting.wanted {
            return Err(InstanceError::NoPlace(name.to_owned()));
        }
        if let Some(index) = kept {
            let before = |at: &usize| *at < index;
            let place = made
                .iter()
                .rposition(|(at, _)| at.as_ref().is_some_and(before));
            made.insert(
                place.map_or(0, |place| place + 1),
                (Some(index), waiting.children[index].clone()),
            );
        }
        let made = made.into_iter().map(|(_, child)| Child::Element(child));
        node.children.extend(made);
        Ok(())
    }

    /// Exactly these children.
    fn exactly(
        &mut self,
        node: &mut Node,
        top: usize,
        names: &[Arc<str>],
        given: &[&Node],
        depth: usize,
    ) -> Result<(), InstanceError> {
        let mut taken = vec![false; given.len()];
        for name in names {
            let there = given
                .iter()
                .enumerate()
                .position(|(index, child)| !taken[index] && child.name.local == *name);
            let given = there.map(|index| {
                taken[index] = true;
                given[index]
            });
            let made = match (self.head_of(top, name), given) {
                (Some(head), node) => {
                    let from = From {
                        node,
                        ask: None,
                        name: Some(name),
                    };
                    self.element(head, from, depth + 1)?
                }
                (None, Some(given)) => given.clone(),
                (None, None) => match self.wildcard_in(top) {
                    Some(part) => self.walk.any_element(part, depth)?,
                    None => return Err(InstanceError::NoPlace(name.to_string())),
                },
            };
            node.children.push(Child::Element(made));
        }
        Ok(())
    }

    /// Fills a part as often as there is something for it, and as it must be.
    fn part(
        &mut self,
        index: usize,
        waiting: &mut Waiting<'_>,
        out: &mut Vec<(Option<usize>, Node)>,
    ) -> Result<(), InstanceError> {
        let plan = self.walk.plan;
        let part = &plan.parts[index];
        let full = |count: u32| part.max.is_some_and(|max| count >= max);
        match &part.term {
            PartTerm::Element(head) => self.elements(index, *head, waiting, out),
            PartTerm::Any(_) => {
                let mut count = 0;
                while !full(count) && (count < part.min || !waiting.strangers.is_empty()) {
                    let made = match waiting.strangers.pop_front() {
                        Some(at) => (Some(at), waiting.children[at].clone()),
                        None => (None, self.walk.any_element(index, waiting.depth)?),
                    };
                    out.push(made);
                    count += 1;
                }
                Ok(())
            }
            _ => {
                let mut count = 0;
                while !full(count) {
                    let before = waiting.left();
                    if count >= part.min && self.next_in(index, waiting).is_none() {
                        break;
                    }
                    self.term(index, waiting, out)?;
                    count += 1;
                    if count >= part.min && waiting.left() == before {
                        break;
                    }
                }
                Ok(())
            }
        }
    }

    fn term(
        &mut self,
        index: usize,
        waiting: &mut Waiting<'_>,
        out: &mut Vec<(Option<usize>, Node)>,
    ) -> Result<(), InstanceError> {
        match &self.walk.plan.parts[index].term {
            PartTerm::Sequence(parts) => {
                for &part in parts {
                    self.part(part, waiting, out)?;
                }
            }
            PartTerm::All(parts) => {
                let mut order = parts.clone();
                order.sort_by_key(|&part| self.next_in(part, waiting).unwrap_or(usize::MAX));
                for part in order {
                    self.part(part, waiting, out)?;
                }
            }
            PartTerm::Choice(branches) => {
                let branch = self.branch(branches, waiting)?;
                if let Some(branch) = branch {
                    self.part(branch, waiting, out)?;
                }
            }
            PartTerm::Element(_) | PartTerm::Any(_) => {}
        }
        Ok(())
    }

    fn elements(
        &mut self,
        index: usize,
        head: ElementId,
        waiting: &mut Waiting<'_>,
        out: &mut Vec<(Option<usize>, Node)>,
    ) -> Result<(), InstanceError> {
        let part = &self.walk.plan.parts[index];
        let mut names = self.names(head);
        names.retain(|name| waiting.without != Some(name));
        if names.is_empty() {
            return if part.min == 0 || part.max == Some(0) || self.as_it_stands {
                Ok(())
            } else {
                Err(InstanceError::Required(
                    waiting.without.unwrap_or_default().to_owned(),
                ))
            };
        }
        let mut count = 0;
        while part.max.is_none_or(|max| count < max) {
            let next = waiting.next_of(&names);
            let wanted = waiting.wants(&names);
            if count >= part.min && next.is_none() && !wanted {
                break;
            }
            count += 1;
            let last = part.max == Some(count);
            let mut from = From {
                node: None,
                ask: None,
                name: None,
            };
            let mut place = None;
            if let Some((at, name)) = next {
                let name = names[name];
                // The one place that is left is for what is asked for.
                let other =
                    wanted && last && waiting.wanted.is_some_and(|(wanted, _)| wanted != name);
                if let Some(queue) = waiting.by_name.get_mut(name).filter(|_| !other) {
                    queue.pop_front();
                    place = Some(at);
                    from.node = Some(waiting.children[at]);
                }
            }
            let is_it = |(wanted, _): &(&str, Ask<'_>)| {
                from.node.is_none_or(|node| *node.name.local == **wanted)
            };
            if wanted && let Some((name, ask)) = waiting.wanted.filter(is_it) {
                from.ask = ask;
                from.name = Some(name);
                waiting.wanted = None;
            } else if from.node.is_none() && waiting.without.is_some() {
                from.name = names.first().copied();
            }
            out.push((place, self.element(head, from, waiting.depth + 1)?));
        }
        Ok(())
    }

    /// The branch of a choice: the one that holds what is asked for, else what comes next, else the smallest.
    fn branch(
        &self,
        branches: &[usize],
        waiting: &Waiting<'_>,
    ) -> Result<Option<usize>, InstanceError> {
        let plan = self.walk.plan;
        let wanted = branches
            .iter()
            .copied()
            .find(|&branch| self.wants(branch, waiting));
        if wanted.is_some() || branches.is_empty() {
            return Ok(wanted);
        }
        let possible: Vec<usize> = match waiting.without {
            Some(name) => branches
                .iter()
                .copied()
                .filter(|&branch| !self.requires(branch, name))
                .collect(),
            None => branches.to_vec(),
        };
        let next = |branch: &usize| Some((self.next_in(*branch, waiting)?, *branch));
        if let Some((_, branch)) = possible.iter().filter_map(next).min() {
            return Ok(Some(branch));
        }
        let smallest = possible
            .iter()
            .copied()
            .min_by_key(|&branch| plan.least(branch));
        match smallest {
            None if !self.as_it_stands => Err(InstanceError::Required(
                waiting.without.unwrap_or_default().to_owned(),
            )),
            smallest => Ok(smallest),
        }
    }

    /// When the first child stood that has a place in this part; 0 when what is asked for has one.
    fn next_in(&self, index: usize, waiting: &Waiting<'_>) -> Option<usize> {
        let part = &self.walk.plan.parts[index];
        if part.max == Some(0) {
            return None;
        }
        match &part.term {
            PartTerm::Element(head) => {
                let names = self.names(*head);
                if waiting.wants(&names) {
                    return Some(0);
                }
                waiting.next_of(&names).map(|(at, _)| at)
            }
            PartTerm::Sequence(parts) | PartTerm::Choice(parts) | PartTerm::All(parts) => parts
                .iter()
                .filter_map(|&part| self.next_in(part, waiting))
                .min(),
            PartTerm::Any(_) => waiting.strangers.front().copied(),
        }
    }

    fn wants(&self, index: usize, waiting: &Waiting<'_>) -> bool {
        let called = |(name, _): (&str, Ask<'_>)| self.head_of(index, name).is_some();
        waiting.wanted.is_some_and(called)
    }

    /// Whether a part cannot be filled without an element of this name.
    fn requires(&self, index: usize, name: &str) -> bool {
        let part = &self.walk.plan.parts[index];
        part.min > 0
            && match &part.term {
                PartTerm::Element(head) => self.names(*head).iter().all(|other| *other == name),
                PartTerm::Sequence(parts) | PartTerm::All(parts) => {
                    parts.iter().any(|&part| self.requires(part, name))
                }
                PartTerm::Choice(parts) => parts.iter().all(|&part| self.requires(part, name)),
                PartTerm::Any(_) => false,
            }
    }

    /// Local names of what may stand where an element is referred to.
    fn names(&self, head: ElementId) -> Vec<&'w str> {
        let schema = self.walk.schema;
        let name = |id: &ElementId| &*schema.element(*id).name.local;
        self.walk.plan.members[head.0 as usize]
            .iter()
            .map(name)
            .collect()
    }

    /// The element of this name, or that it may stand for, in a part.
    fn head_of(&self, index: usize, name: &str) -> Option<ElementId> {
        let part = &self.walk.plan.parts[index];
        if part.max == Some(0) {
            return None;
        }
        match &part.term {
            PartTerm::Element(head) => self.names(*head).contains(&name).then_some(*head),
            PartTerm::Sequence(parts) | PartTerm::Choice(parts) | PartTerm::All(parts) => {
                parts.iter().find_map(|&part| self.head_of(part, name))
            }
            PartTerm::Any(_) => None,
        }
    }

    fn wildcard_in(&self, index: usize) -> Option<usize> {
        let plan: &Plan = self.walk.plan;
        match &plan.parts[index].term {
            PartTerm::Any(_) => Some(index),
            PartTerm::Sequence(parts) | PartTerm::Choice(parts) | PartTerm::All(parts) => {
                parts.iter().find_map(|&part| self.wildcard_in(part))
            }
            PartTerm::Element(_) => None,
        }
    }
}
