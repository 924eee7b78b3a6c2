//! Messages made from a definition: the least that is valid, with single fields filled as wanted.

use std::collections::BTreeMap;

use concord_standards::compile::{CompiledSchema, Model};
use concord_standards::definition::Definition;
use concord_standards::messages::{Messages, Segment};
use concord_standards::schema::{
    Builtin, Content, ElementId, Schema, SimpleTypeId, Term, TypeId, Variety,
};

pub(crate) struct Maker<'d> {
    pub(crate) schema: &'d Schema,
    pub(crate) messages: &'d Messages,
}

impl<'d> Maker<'d> {
    pub(crate) fn new(definition: &'d Definition) -> Self {
        Self {
            schema: &definition.schema,
            messages: definition.messages.as_ref().unwrap(),
        }
    }

    /// A value of a type that is right.
    fn simple(&self, id: SimpleTypeId) -> String {
        let simple = self.schema.simple_type(id);
        let codes = simple
            .steps
            .iter()
            .rev()
            .find(|step| !step.enumeration.is_empty());
        if let Some(step) = codes {
            return step.enumeration[0].clone();
        }
        let format = simple.format.as_deref().unwrap_or("");
        let most = simple.steps.iter().filter_map(|step| step.max_length).min();
        match (&simple.variety, format) {
            (Variety::Atomic(Builtin::Decimal | Builtin::NonNegativeInteger), _) => "1".to_owned(),
            (_, "CCYYMMDD" | "CCYY[MM[DD]]") => "20260331".to_owned(),
            (_, format) if format.starts_with("CCYY") => "202603311200".to_owned(),
            (_, format) if format.starts_with("HH") => "1200".to_owned(),
            _ => "ABC"[..most.unwrap_or(3).min(3) as usize].to_owned(),
        }
    }

    /// The parts of a composite type.
    pub(crate) fn parts(&self, content: TypeId) -> Vec<(ElementId, u32)> {
        let TypeId::Complex(id) = content else {
            return Vec::new();
        };
        match &self.schema.complex_type(id).content {
            Content::Children { particle, .. } => match &particle.term {
                Term::Sequence(parts) => parts
                    .iter()
                    .map(|part| match part.term {
                        Term::Element(id) => (id, part.min),
                        _ => panic!("a data type is a sequence of components"),
                    })
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The least of an element that is right.
    pub(crate) fn value(&self, element: ElementId, between: char) -> String {
        let content = self.schema.element(element).content;
        if let TypeId::Simple(id) = content {
            return self.simple(id);
        }
        let parts = self.parts(content);
        let texts: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(number, (id, min))| {
                let unless = self.messages.unless.get(id);
                let first = unless.is_some_and(|other| *other as usize > number + 1);
                let none = number == 0
                    && parts
                        .iter()
                        .all(|(id, min)| *min == 0 && !self.messages.unless.contains_key(id));
                if *min > 0 || first || none {
                    self.value(*id, '&')
                } else {
                    String::new()
                }
            })
            .collect();
        texts
            .join(&between.to_string())
            .trim_end_matches(between)
            .to_owned()
    }

    /// A segment with its required fields, others as wanted.
    fn segment(&self, segment: &Segment, wanted: &BTreeMap<usize, String>) -> String {
        let mut fields: Vec<String> = segment
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| match wanted.get(&(index + 1)) {
                Some(text) => text.clone(),
                None if field.min > 0 => self.value(field.element, '^'),
                None => String::new(),
            })
            .collect();
        // A field beyond the last one.
        let beyond = wanted
            .iter()
            .filter(|(field, _)| **field > segment.fields.len());
        fields.extend(beyond.map(|(_, text)| text.clone()));
        let text = format!("{}|{}", segment.name, fields.join("|"));
        text.trim_end_matches('|').to_owned()
    }

    /// The shortest message that holds a segment, with fields of it as wanted.
    pub(crate) fn message(
        &self,
        compiled: &CompiledSchema,
        name: &str,
        wanted: &BTreeMap<usize, String>,
    ) -> String {
        let (kind, names) = self
            .messages
            .kinds
            .iter()
            .filter_map(|kind| {
                let TypeId::Complex(content) = self.schema.element(kind.record).content else {
                    return None;
                };
                Some((
                    kind,
                    with(compiled, Model::clone(compiled.model(content)), self, name)?,
                ))
            })
            .min_by_key(|(_, names)| names.len())
            .unwrap_or_else(|| panic!("no message holds {name}"));
        let mut text = String::new();
        for segment in names {
            let segment = self.messages.segment(&segment).unwrap();
            let own = *segment.name == *name;
            let mut fields = if own { wanted.clone() } else { BTreeMap::new() };
            if &*segment.name == "MSH" {
                // The first field of a header is the separator itself.
                fields.insert(1, String::new());
                fields.insert(2, "^~\\&".to_owned());
                let kind = format!("{}^{}^{}", kind.code, kind.event, kind.structure);
                for (field, text) in [(9, kind.as_str()), (12, "2.4"), (21, "ITKv1.0")] {
                    fields.entry(field).or_insert_with(|| text.to_owned());
                }
                text += &self.segment(segment, &fields).replacen("||", "|", 1);
            } else {
                text += &self.segment(segment, &fields);
            }
            text.push('\r');
        }
        text
    }
}

/// The segments of the shortest message of a flat model that holds one of a name.
fn with(
    compiled: &CompiledSchema,
    model: Model,
    maker: &Maker<'_>,
    name: &str,
) -> Option<Vec<String>> {
    let Model::Ordered { automaton, .. } = model else {
        return None;
    };
    let schema = &compiled.schema;
    let wanted = automaton
        .children
        .iter()
        .position(|child| &*schema.element(*child).name.local == name)?;
    let mut names = Vec::new();
    let (mut state, mut count) = (0, 0);
    let mut had = false;
    for (label, child) in automaton.children.iter().enumerate() {
        let label = label as u16;
        let wants = label as usize == wanted;
        // What may be left out is; what comes next must be reachable without it.
        let next = automaton.step(state, count, label)?;
        let others = automaton
            .transitions(state)
            .iter()
            .any(|step| step.label > label);
        let optional = others || automaton.accepts(state, count);
        if wants || !optional {
            names.push(schema.element(*child).name.local.to_string());
            (state, count) = next;
            had |= wants;
        }
    }
    assert!(maker.messages.kinds.len() > 1);
    had.then_some(names)
}
