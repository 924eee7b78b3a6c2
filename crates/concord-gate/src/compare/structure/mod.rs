//! Structures compared: pairs of types, walked from the roots.
//!
//! Types are shared: a pair is compared once, under the first path that leads to it, and how many further ways lead there
//! is counted when the walk has ended.

mod attributes;
mod element;
mod group;
mod items;
mod rest;
mod roster;
mod skeleton;
mod types;

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::schema::{ElementId, Origin};

use super::draft::shown;
use super::side::Pair;
use super::usage::Usage;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::subject::NotCompared;

/// How deep elements may nest. Deeper ones are not compared, which is told.
const DEEPEST: usize = 256;

/// Compares the structures of two documents.
pub(super) fn compare(
    pair: &Pair<'_>,
    least: u8,
    usage: &mut Usage,
    not_compared: &mut Vec<NotCompared>,
) -> Vec<Change> {
    let mut walk = Walk::new(pair, least, usage);
    walk.namespace();
    walk.roots();
    if let Some(path) = walk.too_deep.take() {
        not_compared.push(NotCompared {
            what: format!("what stands below {path}: it is nested more than {DEEPEST} deep"),
            origin: Origin::default(),
        });
    }
    walk.finish()
}

/// A pair of parts that is compared once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Element(u32, u32, bool),
    Group(u32, u32, bool, bool),
    Value(u32, u32, bool),
}

/// A pair of parts, in the graph of what leads to what.
#[derive(Default)]
struct Node {
    leads_to: Vec<usize>,
}

struct Walk<'w, 's> {
    pair: &'w Pair<'s>,
    least: u8,
    usage: &'w mut Usage,
    nodes: Vec<Node>,
    known: BTreeMap<Key, usize>,
    /// The changes found, with the pair of parts that each belongs to.
    found: Vec<(usize, Change)>,
    /// The names from the root to where the walk is, on the old side and on the new.
    old_path: Vec<Arc<str>>,
    new_path: Vec<Arc<str>>,
    /// The pair of parts that the walk is in.
    node: usize,
    /// Whether the walk is inside a record; always false where that makes no difference.
    inside: bool,
    /// Whether what a mistake inside a record brings is another thing than what one outside brings.
    split: bool,
    /// Whether the text of the present element is fixed, so that what else its type takes does not count.
    fixed: bool,
    too_deep: Option<Arc<str>>,
}

impl<'w, 's> Walk<'w, 's> {
    fn new(pair: &'w Pair<'s>, least: u8, usage: &'w mut Usage) -> Self {
        let differs = |half: &super::side::Half<'_>| {
            let effects = half.effects();
            let envelope = effects.envelope.is_reject();
            effects.structure.is_reject() != envelope || effects.value.is_reject() != envelope
        };
        Self {
            pair,
            least,
            usage,
            nodes: vec![Node::default()],
            known: BTreeMap::new(),
            found: Vec::new(),
            old_path: Vec::new(),
            new_path: Vec::new(),
            node: 0,
            inside: false,
            split: differs(&pair.old) || differs(&pair.new),
            fixed: false,
            too_deep: None,
        }
    }

    /// Compares a pair unless it was compared before, and notes that the present one leads to it.
    fn enter(&mut self, key: Key, compare: impl FnOnce(&mut Self)) {
        if let Some(known) = self.known.get(&key) {
            self.nodes[self.node].leads_to.push(*known);
            return;
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        self.known.insert(key, node);
        self.nodes[self.node].leads_to.push(node);
        let parent = std::mem::replace(&mut self.node, node);
        compare(self);
        self.node = parent;
    }

    /// Walks on under names of both sides.
    fn under(&mut self, old: &Arc<str>, new: &Arc<str>, walk: impl FnOnce(&mut Self)) {
        if self.old_path.len() >= DEEPEST {
            let path = shown(&self.new_path);
            self.too_deep.get_or_insert(path);
            return;
        }
        self.old_path.push(Arc::clone(old));
        self.new_path.push(Arc::clone(new));
        walk(self);
        self.old_path.pop();
        self.new_path.pop();
    }

    fn tell(&mut self, change: Change) {
        self.found.push((self.node, change));
    }

    /// The place where the walk is, as the new side names it.
    fn here(&self) -> ChangePlace {
        ChangePlace::Element(shown(&self.new_path))
    }

    /// The place of a child of where the walk is.
    fn child(&self, side: Side, name: &Arc<str>) -> ChangePlace {
        let mut path = self.path(side).to_vec();
        path.push(Arc::clone(name));
        ChangePlace::Element(shown(&path))
    }

    fn path(&self, side: Side) -> &[Arc<str>] {
        match side {
            Side::Old => &self.old_path,
            Side::New => &self.new_path,
        }
    }

    /// The path of a child, for a proof.
    fn lead_to(&self, side: Side, name: &str) -> Vec<Arc<str>> {
        let mut path = self.path(side).to_vec();
        path.push(name.into());
        path
    }

    /// Whether a side refuses a record for a mistake of structure here.
    fn refuses_structure(&self, side: Side) -> bool {
        let effects = self.half(side).effects();
        if self.inside || !self.split {
            effects.structure.is_reject()
        } else {
            effects.envelope.is_reject()
        }
    }

    /// Whether a side refuses a record for a wrong value here.
    fn refuses_values(&self, side: Side) -> bool {
        let effects = self.half(side).effects();
        if self.inside || !self.split {
            effects.value.is_reject()
        } else {
            effects.envelope.is_reject()
        }
    }

    fn half(&self, side: Side) -> &super::side::Half<'s> {
        match side {
            Side::Old => &self.pair.old,
            Side::New => &self.pair.new,
        }
    }

    /// A change of structure that leaves submitters with something that NEW refuses.
    fn hits_submitter(&self, change: Change, holds: bool, why: &str) -> Change {
        let holds = holds && self.refuses_structure(Side::New);
        change.breaking_if(holds, Whom::Submitter, why)
    }

    /// A change of structure that lets through what OLD refused.
    fn hits_receiver(&self, change: Change, holds: bool, why: &str) -> Change {
        let holds = holds && self.refuses_structure(Side::Old);
        change.breaking_if(holds, Whom::Receiver, why)
    }

    fn namespace(&mut self) {
        let (old, new) = (self.pair.old.schema(), self.pair.new.schema());
        let says = |half: &super::side::Half<'_>| {
            half.subject.kind != crate::subject::SubjectKind::JsonSchema
        };
        if old.namespace == new.namespace || !says(&self.pair.old) || !says(&self.pair.new) {
            return;
        }
        let word = |namespace: &Arc<str>| match &**namespace {
            "" => "none".to_owned(),
            name => name.to_owned(),
        };
        let change = Change::draft(
            Kind::NamespaceChanged,
            ChangePlace::Standard("namespace".into()),
        )
        .was(word(&old.namespace))
        .is(word(&new.namespace))
        .breaking(
            Whom::Submitter,
            Certainty::Decided,
            "no element of the old namespace is known",
        )
        .breaking(
            Whom::Receiver,
            Certainty::Decided,
            "no element of the new namespace was known",
        );
        self.tell(change);
    }

    /// Pairs off what may stand at the root.
    fn roots(&mut self) {
        let names = |half: &super::side::Half<'_>| -> BTreeMap<roster::Name, ElementId> {
            let roots = half.schema().roots.iter();
            roots.map(|id| (half.name(*id), *id)).collect()
        };
        let (old, new) = (names(&self.pair.old), names(&self.pair.new));
        // In the order of the new side.
        let order: Vec<ElementId> = self.pair.new.schema().roots.clone();
        for id in order {
            let name = self.pair.new.name(id);
            match old.get(&name) {
                Some(before) => self.element_under(*before, id),
                None => self.root_alone(id, Side::New),
            }
        }
        let gone: Vec<ElementId> = self.pair.old.schema().roots.clone();
        for id in gone {
            if !new.contains_key(&self.pair.old.name(id)) {
                self.root_alone(id, Side::Old);
            }
        }
    }

    fn root_alone(&mut self, id: ElementId, side: Side) {
        let element = self.half(side).schema().element(id);
        let name = Arc::clone(&element.name.local);
        let lead = LeadKind::Present(vec![Arc::clone(&name)]);
        let origin = Some(element.origin.clone());
        let kind = match side {
            Side::Old => Kind::ElementRemoved,
            Side::New => Kind::ElementAdded,
        };
        let mut change =
            Change::draft(kind, ChangePlace::Element(name)).with("occurs", "at the root");
        // A root that is not known refuses the whole submission, whatever the effects of the standard.
        change = match side {
            Side::Old => {
                change.old_origin = origin;
                change.breaking(
                    Whom::Submitter,
                    Certainty::Decided,
                    "no submission may begin with it any more",
                )
            }
            Side::New => {
                change.new_origin = origin;
                change.breaking(
                    Whom::Receiver,
                    Certainty::Decided,
                    "no submission could begin with it before",
                )
            }
        };
        self.tell(change.led(side, lead));
    }

    /// The changes, with how many further ways lead to what each is about.
    fn finish(self) -> Vec<Change> {
        let ways = ways(&self.nodes);
        let found = self.found.into_iter();
        found
            .map(|(node, mut change)| {
                change.also = ways[node].saturating_sub(1);
                change
            })
            .collect()
    }
}

/// How many ways lead to each node from the first. Ways that go in a circle count once.
fn ways(nodes: &[Node]) -> Vec<u32> {
    // Children before parents; an edge to a node that is still open closes a circle and is left out.
    let mut order = Vec::with_capacity(nodes.len());
    let mut state = vec![0_u8; nodes.len()];
    let mut circles: Vec<(usize, usize)> = Vec::new();
    let mut stack = vec![(0_usize, 0_usize)];
    state[0] = 1;
    while let Some((node, next)) = stack.pop() {
        let Some(child) = nodes[node].leads_to.get(next) else {
            state[node] = 2;
            order.push(node);
            continue;
        };
        stack.push((node, next + 1));
        match state[*child] {
            0 => {
                state[*child] = 1;
                stack.push((*child, 0));
            }
            1 => circles.push((node, next)),
            _ => {}
        }
    }
    circles.sort_unstable();
    let mut ways = vec![0_u32; nodes.len()];
    ways[0] = 1;
    for node in order.into_iter().rev() {
        for (index, child) in nodes[node].leads_to.iter().enumerate() {
            if circles.binary_search(&(node, index)).is_err() {
                ways[*child] = ways[*child].saturating_add(ways[node]);
            }
        }
    }
    ways
}
