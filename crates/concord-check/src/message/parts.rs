//! Fields, components and subcomponents made ready to check, and what single senders use otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, RuleId};
use concord_standards::messages::{Messages, Overlay, OverlayField, Segment, Usage};
use concord_standards::schema::{
    ComplexTypeId, Content, ElementId, Facts, Schema, SimpleTypeId, Status, Term, TypeId,
};

use crate::quick::Quick;

/// A segment.
#[derive(Debug, Clone)]
pub(crate) struct SegmentPlan {
    /// Its fields, the first one first.
    pub(crate) fields: Vec<PartPlan>,
    /// The fields that must be filled, by their places in `fields`.
    pub(crate) required: Vec<usize>,
}

/// A field, component or subcomponent.
#[derive(Debug, Clone)]
pub(crate) struct PartPlan {
    /// Its name, and whether it says who somebody is.
    pub(crate) facts: Facts,
    pub(crate) required: bool,
    pub(crate) not_used: bool,
    /// The part, from 0, beside which it need not be filled.
    pub(crate) unless: Option<usize>,
    /// Most repetitions, of a field.
    pub(crate) max: Option<u32>,
    /// Most characters of a repetition as written, of a field.
    pub(crate) length: Option<u32>,
    pub(crate) content: PartContent,
    /// What a sender uses otherwise.
    pub(crate) agreed: Option<Arc<Agreed>>,
}

/// What stands in a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartContent {
    /// A value, by its number.
    Value(usize),
    /// Further parts, by the number of their list.
    Parts(usize),
    /// Whatever another field says.
    Anything,
}

/// A value.
#[derive(Debug)]
pub(crate) struct ValuePlan {
    pub(crate) quick: Quick,
    pub(crate) value: SimpleTypeId,
}

/// What a sender and the receiver have agreed about a part.
#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// Any format and any code will do.
    pub(crate) any: bool,
    /// Further codes.
    pub(crate) codes: Vec<Arc<str>>,
    /// The standard's code for each of the sender's.
    pub(crate) map: BTreeMap<Arc<str>, Arc<str>>,
}

/// What is agreed with a sender.
#[derive(Debug)]
pub(crate) struct OverlayPlan {
    /// Segments with fields that are used otherwise, by their numbers.
    pub(crate) segments: BTreeMap<usize, SegmentPlan>,
    pub(crate) effects: BTreeMap<RuleId, Effect>,
}

/// Values and lists of parts, each held once.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) values: Vec<ValuePlan>,
    pub(crate) lists: Vec<Vec<PartPlan>>,
    known_values: BTreeMap<SimpleTypeId, usize>,
    known_lists: BTreeMap<ComplexTypeId, usize>,
    unless: BTreeMap<ElementId, u32>,
}

impl Parts {
    pub(crate) fn new(schema: &Schema, messages: &Messages) -> Self {
        let mut parts = Self {
            values: Vec::new(),
            lists: Vec::new(),
            known_values: BTreeMap::new(),
            known_lists: BTreeMap::new(),
            unless: messages.unless.clone(),
        };
        // There is always one, for what is no list of parts.
        parts.lists.push(Vec::new());
        debug_assert!(schema.roots.len() <= 1);
        parts
    }

    pub(crate) fn segment(&mut self, schema: &Schema, segment: &Segment) -> SegmentPlan {
        let fields = segment.fields.iter().map(|field| {
            let mut part = self.part(schema, field.element, field.min);
            part.max = field.max;
            part.length = field.length;
            if field.varies {
                part.content = PartContent::Anything;
            }
            part
        });
        SegmentPlan::of(fields.collect())
    }

    fn part(&mut self, schema: &Schema, id: ElementId, min: u32) -> PartPlan {
        let element = schema.element(id);
        let content = match element.content {
            TypeId::Simple(value) => PartContent::Value(self.value(schema, value)),
            TypeId::Complex(content) => PartContent::Parts(self.list(schema, content)),
            TypeId::Any => PartContent::Anything,
        };
        let not_used = element.facts.status == Some(Status::NotUsed);
        PartPlan {
            facts: element.facts.clone(),
            required: min > 0 && !not_used,
            not_used,
            unless: self
                .unless
                .get(&id)
                .and_then(|position| position.checked_sub(1))
                .map(|position| position as usize),
            max: Some(1),
            length: None,
            content,
            agreed: None,
        }
    }

    fn value(&mut self, schema: &Schema, value: SimpleTypeId) -> usize {
        *self.known_values.entry(value).or_insert_with(|| {
            self.values.push(ValuePlan {
                quick: Quick::new(schema, value),
                value,
            });
            self.values.len() - 1
        })
    }

    fn list(&mut self, schema: &Schema, content: ComplexTypeId) -> usize {
        if let Some(known) = self.known_lists.get(&content) {
            return *known;
        }
        // Known before it is made, so that a type that contains itself ends.
        let number = self.lists.len();
        self.known_lists.insert(content, number);
        self.lists.push(Vec::new());
        let mut list = Vec::new();
        if let Content::Children { particle, .. } = &schema.complex_type(content).content
            && let Term::Sequence(parts) = &particle.term
        {
            for part in parts {
                if let Term::Element(id) = part.term {
                    list.push(self.part(schema, id, part.min));
                }
            }
        }
        self.lists[number] = list;
        number
    }

    /// Makes an overlay ready.
    pub(crate) fn overlay(
        &mut self,
        overlay: &Overlay,
        messages: &Messages,
        segments: &[SegmentPlan],
    ) -> OverlayPlan {
        let mut changed: BTreeMap<usize, SegmentPlan> = BTreeMap::new();
        for said in &overlay.fields {
            let Some(number) = messages
                .segments
                .iter()
                .position(|segment| segment.name == said.segment)
            else {
                continue;
            };
            let Some(plan) = segments.get(number) else {
                continue;
            };
            let segment = changed.entry(number).or_insert_with(|| plan.clone());
            let index = (said.field as usize).wrapping_sub(1);
            if let Some(field) = segment.fields.get_mut(index) {
                match said.component {
                    None => self.agree(field, said),
                    Some(component) => self.agree_inside(field, component, said),
                }
            }
            *segment = SegmentPlan::of(std::mem::take(&mut segment.fields));
        }
        OverlayPlan {
            segments: changed,
            effects: overlay.effects.clone(),
        }
    }

    /// Changes one component: its field gets a list of parts of its own.
    fn agree_inside(&mut self, field: &mut PartPlan, component: u32, said: &OverlayField) {
        let PartContent::Parts(list) = field.content else {
            return;
        };
        let mut own = self.lists[list].clone();
        if let Some(part) = own.get_mut((component as usize).wrapping_sub(1)) {
            self.agree(part, said);
        }
        field.content = PartContent::Parts(self.lists.len());
        self.lists.push(own);
    }

    fn agree(&mut self, part: &mut PartPlan, said: &OverlayField) {
        if let Some(usage) = said.usage {
            part.required = usage == Usage::Required;
            part.not_used = usage == Usage::NotSupported;
            part.unless = None;
        }
        if let Some(max) = said.max {
            part.max = max;
        }
        if said.length.is_some() {
            part.length = said.length;
        }
        if !said.any && said.codes.is_empty() && said.map.is_empty() {
            return;
        }
        let agreed = Arc::new(Agreed {
            any: said.any,
            codes: said.codes.clone(),
            map: said.map.clone(),
        });
        match part.content {
            // What is said of a coded field is said of its code.
            PartContent::Parts(list) => {
                let mut own = self.lists[list].clone();
                if let Some(first) = own.first_mut() {
                    first.agreed = Some(agreed);
                }
                part.content = PartContent::Parts(self.lists.len());
                self.lists.push(own);
            }
            PartContent::Value(_) | PartContent::Anything => part.agreed = Some(agreed),
        }
    }
}

impl SegmentPlan {
    fn of(fields: Vec<PartPlan>) -> Self {
        let required = fields.iter().enumerate();
        let required = required.filter(|(_, field)| field.required);
        Self {
            required: required.map(|(index, _)| index).collect(),
            fields,
        }
    }
}
