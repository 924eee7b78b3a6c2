//! The compiled structure laid out for the fast path: every tag that may come next as the bytes it must be.

use std::collections::BTreeMap;

use concord_standards::compile::{Automaton, Label, Model};
use concord_standards::schema::{ComplexTypeId, Content, ElementId, TypeId};

use crate::cursor::depends_on_place;
use crate::plan::Plan;
use crate::quick::Quick;

/// What a transition's element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A value of a simple type (by index), and no attributes.
    Value(u32),
    /// Children of a type (by index), without or with attributes.
    Group(u32),
    /// Nothing at all, no attributes.
    Nothing,
    /// Something that only the exact path reads.
    Exact,
}

/// A child that may come next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    /// First eight bytes of `<name`, and which of them count.
    pub(super) head: u64,
    pub(super) mask: u64,
    /// `</name>` in [`Tables::names`]; `name` begins at the third byte.
    pub(super) name: u32,
    /// Length of the name.
    pub(super) length: u32,
    /// Its label in the parent's model.
    pub(super) label: Label,
    /// Its declaration.
    pub(super) element: ElementId,
    /// The state that it leads to, as an index into [`Tables::states`].
    pub(super) target: u32,
    /// What it holds.
    pub(super) holds: Holds,
    /// Whether its type has attributes.
    pub(super) attributes: bool,
}

/// A state of some content model.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// First entry in [`Tables::next`]; a counted element's own repetition comes first.
    pub(super) first: u32,
    /// Number of entries.
    pub(super) count: u32,
    /// Whether the element may end here.
    pub(super) accepting: bool,
    /// Least and most repetitions, when the first entry repeats the element that led here.
    pub(super) least: u32,
    pub(super) most: u32,
    /// The label that leads here.
    pub(super) by: Option<Label>,
}

/// Everything the fast path looks at.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(super) names: Vec<u8>,
    pub(super) states: Vec<State>,
    pub(super) next: Vec<Next>,
    /// First state of each complex type; `None` for those that only the exact path reads.
    pub(super) types: Vec<Option<u32>>,
    pub(super) values: Vec<Quick>,
    /// The root's records.
    pub(super) records: Vec<Next>,
    /// By type and by element, one of the entries in [`next`](Self::next) that are children with children of their own.
    groups: BTreeMap<(u32, ElementId), u32>,
}

impl Tables {
    /// The tables for documents that write the standard's elements with `prefix` (empty for none).
    ///
    /// `namespace` is what the prefix means; elements of other namespaces are left to the exact path.
    pub(crate) fn new(plan: &Plan, prefix: &str, namespace: &str, root: TypeId) -> Self {
        let schema = &plan.compiled.schema;
        let mut builder = Builder {
            plan,
            prefix,
            namespace,
            names: Vec::new(),
            name_of: vec![None; schema.elements.len()],
        };
        let mut tables = Self {
            names: Vec::new(),
            states: Vec::new(),
            next: Vec::new(),
            types: vec![None; schema.complex_types.len()],
            values: (0..schema.simple_types.len())
                .map(|index| {
                    Quick::new(
                        schema,
                        concord_standards::schema::SimpleTypeId(index as u32),
                    )
                })
                .collect(),
            records: Vec::new(),
            groups: BTreeMap::new(),
        };
        // Where each type's states begin, before any of them is laid out.
        let mut begin = 0_u32;
        for (index, complex) in schema.complex_types.iter().enumerate() {
            let id = ComplexTypeId(index as u32);
            if let Model::Ordered {
                automaton,
                mixed: false,
            } = plan.compiled.model(id)
                && automaton.wildcards.is_empty()
                && !complex.is_abstract
                && entered_by(automaton).is_some()
            {
                tables.types[index] = Some(begin);
                begin += automaton.states.len() as u32;
            }
        }
        for index in 0..schema.complex_types.len() {
            let Some(begin) = tables.types[index] else {
                continue;
            };
            let Model::Ordered { automaton, .. } = plan.compiled.model(ComplexTypeId(index as u32))
            else {
                continue;
            };
            let by = entered_by(automaton).unwrap_or_default();
            for (number, state) in automaton.states.iter().enumerate() {
                let first = tables.next.len() as u32;
                let (mut least, mut most) = (0, 0);
                if let Some(counter) = state.counter {
                    (least, most) = (counter.min, counter.max.unwrap_or(u32::MAX));
                    let element = automaton.children[counter.label as usize];
                    let own = begin + number as u32;
                    tables
                        .next
                        .push(builder.next(element, counter.label, own, &tables.types));
                }
                for step in automaton.transitions(number as u32) {
                    let element = automaton.children[step.label as usize];
                    let target = begin + step.target;
                    tables
                        .next
                        .push(builder.next(element, step.label, target, &tables.types));
                }
                for number in first..tables.next.len() as u32 {
                    let next = &tables.next[number as usize];
                    if let Holds::Group(_) = next.holds {
                        tables.groups.insert((index as u32, next.element), number);
                    }
                }
                tables.states.push(State {
                    first,
                    count: tables.next.len() as u32 - first,
                    accepting: state.accepting,
                    least,
                    most,
                    by: by[number],
                });
            }
        }
        if let TypeId::Complex(id) = root
            && let model @ Model::Ordered { automaton, .. } = plan.compiled.model(id)
            && !depends_on_place(schema, model)
        {
            for (label, child) in automaton.children.iter().enumerate() {
                if plan.is_record(&schema.element(*child).name.local) {
                    let next = builder.next(*child, label as Label, 0, &tables.types);
                    tables.records.push(next);
                }
            }
        }
        tables.names = builder.names;
        tables.names.extend([0; 16]);
        tables
    }

    /// The number in [`records`](Self::records) of an element with children of a type, as it is written.
    pub(crate) fn record(
        &self,
        element: ElementId,
        content: ComplexTypeId,
        written: &str,
    ) -> Option<u32> {
        let mut records = self.records.iter();
        let found = records.position(|next| next.element == element)?;
        self.holds(&self.records[found], content, written)
            .then_some(found as u32)
    }

    /// The number in [`next`](Self::next) of an element with children of a type, as it is written, among the children of
    /// another type.
    pub(crate) fn child(
        &self,
        within: ComplexTypeId,
        element: ElementId,
        content: ComplexTypeId,
        written: &str,
    ) -> Option<u32> {
        let found = *self.groups.get(&(within.0, element))?;
        self.holds(&self.next[found as usize], content, written)
            .then_some(found)
    }

    fn holds(&self, next: &Next, content: ComplexTypeId, written: &str) -> bool {
        let (start, length) = (next.name as usize + 2, next.length as usize);
        next.holds == Holds::Group(content.0)
            && self.names[start..start + length] == *written.as_bytes()
    }
}

/// For each state the label of the element that leads to it: what was read last, when the exact path has to know.
///
/// `None` when several lead to one state, as members of a substitution group do; such types are left to the exact path.
fn entered_by(automaton: &Automaton) -> Option<Vec<Option<Label>>> {
    let mut by = vec![None; automaton.states.len()];
    for step in &automaton.transitions {
        let known = by[step.target as usize].replace(step.label);
        if step.target == 0 || known.is_some_and(|known| known != step.label) {
            return None;
        }
    }
    Some(by)
}

struct Builder<'p> {
    plan: &'p Plan,
    prefix: &'p str,
    namespace: &'p str,
    names: Vec<u8>,
    name_of: Vec<Option<(u32, u32)>>,
}

impl Builder<'_> {
    fn next(
        &mut self,
        element: ElementId,
        label: Label,
        target: u32,
        types: &[Option<u32>],
    ) -> Next {
        let schema = &self.plan.compiled.schema;
        let declaration = schema.element(element);
        let (name, length) = self.name(element);
        let plain = declaration.constraint.is_none()
            && !declaration.is_abstract
            && *declaration.name.namespace == *self.namespace;
        let (holds, attributes) = match declaration.content {
            _ if !plain => (Holds::Exact, false),
            TypeId::Simple(id) if self.plan.compiled.value(id).holds_names() => {
                (Holds::Exact, false)
            }
            TypeId::Simple(id) => (Holds::Value(id.0), false),
            TypeId::Any => (Holds::Exact, false),
            TypeId::Complex(id) => {
                let complex = schema.complex_type(id);
                let attributes = !complex.attributes.is_empty();
                let holds = match complex.content {
                    _ if complex.any_attribute.is_some() => Holds::Exact,
                    Content::Empty if !attributes && !complex.is_abstract => Holds::Nothing,
                    Content::Children { .. } if types[id.0 as usize].is_some() => {
                        Holds::Group(id.0)
                    }
                    _ => Holds::Exact,
                };
                (holds, attributes)
            }
        };
        let bytes = &self.names[name as usize..];
        let mut head = [0; 8];
        let counted = (length as usize + 1).min(8);
        head[0] = b'<';
        head[1..counted].copy_from_slice(&bytes[2..=counted]);
        Next {
            head: u64::from_le_bytes(head),
            mask: u64::MAX >> (64 - 8 * counted),
            name,
            length,
            label,
            element,
            target,
            holds,
            attributes,
        }
    }

    fn name(&mut self, element: ElementId) -> (u32, u32) {
        if let Some(known) = self.name_of[element.0 as usize] {
            return known;
        }
        let local = &self.plan.compiled.schema.element(element).name.local;
        let start = self.names.len() as u32;
        self.names.extend(b"</");
        if !self.prefix.is_empty() {
            self.names.extend(self.prefix.as_bytes());
            self.names.push(b':');
        }
        self.names.extend(local.as_bytes());
        let length = self.names.len() as u32 - start - 2;
        self.names.push(b'>');
        self.name_of[element.0 as usize] = Some((start, length));
        (start, length)
    }
}
