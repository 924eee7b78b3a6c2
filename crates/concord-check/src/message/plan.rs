//! The messages of a standard made ready to check with.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Rule, RuleClass};
use concord_standards::compile::{Automaton, CompiledSchema, Label, Model};
use concord_standards::messages::{MessageKind, Messages};
use concord_standards::schema::{ComplexTypeId, Schema, TypeId};

use super::parts::{OverlayPlan, Parts, SegmentPlan};
use crate::catalogue::BuiltinRule;
use crate::plan::{NOTHING, Plan};

/// What the checker needs to know about a standard of messages.
#[derive(Debug)]
pub struct MessagePlan {
    /// Structure, values to capture, limits and effects.
    pub document: Plan,
    /// Which messages and segments there are.
    pub messages: Arc<Messages>,
    /// Fields and components, those that overlays use otherwise included.
    pub(crate) parts: Parts,
    /// The segments, as in [`Messages::segments`].
    pub(crate) segments: Vec<SegmentPlan>,
    /// What may stand in messages and in groups of segments.
    pub(crate) models: Vec<ModelPlan>,
    /// The messages, as in [`Messages::kinds`].
    pub(crate) kinds: Vec<KindPlan>,
    /// What is agreed with senders, as in [`Messages::overlays`].
    pub(crate) overlays: Vec<OverlayPlan>,
    /// The node of the submission, for rules that look at it.
    pub(crate) root: u32,
}

/// A kind of message.
#[derive(Debug)]
pub(crate) struct KindPlan {
    /// What stands in it.
    pub(crate) model: usize,
    /// Where it is captured.
    pub(crate) node: u32,
}

/// The content of a message, or of a group of segments in it.
#[derive(Debug)]
pub(crate) struct ModelPlan {
    /// Its type.
    pub(crate) content: ComplexTypeId,
    /// Its name: `ADT_A01`, `ADT_A01.PROCEDURE`.
    pub(crate) name: Arc<str>,
    /// For each segment the labels that it can be, or that it can begin.
    pub(crate) candidates: Vec<Vec<Label>>,
    /// For each label the model of the group that it stands for.
    pub(crate) groups: Vec<Option<usize>>,
    /// For each segment whether it stands anywhere in it.
    pub(crate) holds: Vec<bool>,
}

impl MessagePlan {
    /// Puts the messages of a standard and the plan of their structure together.
    pub fn new(document: Plan, messages: Arc<Messages>) -> Self {
        let schema = Arc::clone(&document.compiled.schema);
        let mut parts = Parts::new(&schema, &messages);
        let segments: Vec<SegmentPlan> = messages
            .segments
            .iter()
            .map(|segment| parts.segment(&schema, segment))
            .collect();
        let overlays = messages
            .overlays
            .iter()
            .map(|overlay| parts.overlay(overlay, &messages, &segments))
            .collect();
        let mut models = Models {
            compiled: &document.compiled,
            messages: &messages,
            known: BTreeMap::new(),
            made: Vec::new(),
        };
        let (root, children) = root(&document);
        let kinds = messages
            .kinds
            .iter()
            .map(|kind| models.kind(kind, &document, root, children))
            .collect();
        let models = models.made;
        Self {
            document,
            messages,
            parts,
            segments,
            models,
            kinds,
            overlays,
            root,
        }
    }

    /// The number of the segment of a name.
    pub(crate) fn segment(&self, name: &[u8]) -> Option<usize> {
        let found = self
            .messages
            .segments
            .binary_search_by(|segment| segment.name.as_bytes().cmp(name));
        found.ok()
    }

    /// The effect of a rule under this standard.
    pub(crate) fn effect(&self, rule: &Rule) -> Effect {
        match rule.class {
            RuleClass::Structure => self.document.effects.structure,
            RuleClass::Value => self.document.effects.value,
            RuleClass::Carrier | RuleClass::Business => None,
        }
        .filter(|_| rule.effect == Effect::RejectRecord)
        .or_else(|| self.of_envelope(rule))
        .unwrap_or(rule.effect)
    }

    /// The effect of a rule about what EDIFACT says of its own messages and interchanges, where a standard takes another one.
    fn of_envelope(&self, rule: &Rule) -> Option<Effect> {
        let own = [
            BuiltinRule::InterchangeCount,
            BuiltinRule::InterchangeReference,
            BuiltinRule::MessageSegments,
            BuiltinRule::MessageReference,
        ];
        let about = own.iter().any(|known| known.rule().id == rule.id);
        self.document
            .effects
            .envelope
            .filter(|effect| about && *effect != Effect::RejectFile)
    }

    /// The automaton of a model.
    pub(crate) fn automaton(&self, model: usize) -> Option<&Automaton> {
        match self.document.compiled.model(self.models[model].content) {
            Model::Ordered { automaton, .. } => Some(automaton),
            Model::Empty | Model::Simple(_) | Model::All { .. } => None,
        }
    }

    /// The node of a child of a node.
    #[inline]
    pub(crate) fn child(&self, node: u32, label: usize) -> u32 {
        if node == NOTHING {
            return NOTHING;
        }
        let children = &self.document.nodes[node as usize].children;
        children.get(label).copied().unwrap_or(NOTHING)
    }
}

/// The node of the submission, and the type that its messages stand in.
fn root(document: &Plan) -> (u32, Option<ComplexTypeId>) {
    let schema = &document.compiled.schema;
    let Some(root) = schema.roots.first() else {
        return (NOTHING, None);
    };
    let node = document.roots.get(root).copied().unwrap_or(NOTHING);
    match schema.element(*root).content {
        TypeId::Complex(content) => (node, Some(content)),
        TypeId::Simple(_) | TypeId::Any => (node, None),
    }
}

/// Models that are being made.
struct Models<'m> {
    compiled: &'m CompiledSchema,
    messages: &'m Messages,
    known: BTreeMap<ComplexTypeId, usize>,
    made: Vec<ModelPlan>,
}

impl Models<'_> {
    fn kind(
        &mut self,
        kind: &MessageKind,
        document: &Plan,
        root: u32,
        children: Option<ComplexTypeId>,
    ) -> KindPlan {
        let schema: &Schema = &self.compiled.schema;
        let element = schema.element(kind.record);
        let content = match element.content {
            TypeId::Complex(content) => content,
            TypeId::Simple(_) | TypeId::Any => ComplexTypeId(0),
        };
        let label = children.and_then(|content| match self.compiled.model(content) {
            Model::Ordered { automaton, .. } => automaton
                .children
                .iter()
                .position(|child| *child == kind.record),
            _ => None,
        });
        let node = match (root, label) {
            (NOTHING, _) | (_, None) => NOTHING,
            (root, Some(label)) => {
                let nodes = &document.nodes[root as usize].children;
                nodes.get(label).copied().unwrap_or(NOTHING)
            }
        };
        let name = Arc::clone(&element.name.local);
        KindPlan {
            model: self.model(content, &name),
            node,
        }
    }

    fn model(&mut self, content: ComplexTypeId, name: &Arc<str>) -> usize {
        if let Some(known) = self.known.get(&content) {
            return *known;
        }
        let number = self.made.len();
        self.known.insert(content, number);
        let segments = self.messages.segments.len();
        self.made.push(ModelPlan {
            content,
            name: Arc::clone(name),
            candidates: vec![Vec::new(); segments],
            groups: Vec::new(),
            holds: vec![false; segments],
        });
        let compiled = self.compiled;
        let Model::Ordered { automaton, .. } = compiled.model(content) else {
            return number;
        };
        let schema: &Schema = &compiled.schema;
        for (label, child) in automaton.children.iter().enumerate() {
            let element = schema.element(*child);
            let segment = self
                .messages
                .segments
                .iter()
                .position(|segment| segment.element == *child);
            let group = match (segment, element.content) {
                (Some(segment), _) => {
                    self.made[number].candidates[segment].push(label as Label);
                    self.made[number].holds[segment] = true;
                    None
                }
                (None, TypeId::Complex(content)) => {
                    let group = self.model(content, &element.name.local);
                    for segment in self.first(group) {
                        self.made[number].candidates[segment].push(label as Label);
                    }
                    let inside = self.made[group].holds.clone();
                    let own = self.made[number].holds.iter_mut();
                    own.zip(inside).for_each(|(own, inside)| *own |= inside);
                    Some(group)
                }
                (None, _) => None,
            };
            self.made[number].groups.push(group);
        }
        number
    }

    /// The segments that can begin a group.
    fn first(&self, group: usize) -> Vec<usize> {
        let model = &self.made[group];
        let Model::Ordered { automaton, .. } = self.compiled.model(model.content) else {
            return Vec::new();
        };
        let begins: Vec<Label> = automaton
            .transitions(0)
            .iter()
            .map(|step| step.label)
            .collect();
        let candidates = model.candidates.iter().enumerate();
        candidates
            .filter(|(_, labels)| labels.iter().any(|label| begins.contains(label)))
            .map(|(segment, _)| segment)
            .collect()
    }
}
