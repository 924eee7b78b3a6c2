//! Ways through a structure.

use concord_standards::schema::{Content, ElementId, Particle, Schema, SimpleTypeId, Term, TypeId};

/// Deepest nesting that is walked.
const DEEPEST: usize = 40;

/// The elements directly below a type, in order.
pub(super) fn children(schema: &Schema, content: TypeId) -> Vec<ElementId> {
    let mut found = Vec::new();
    if let TypeId::Complex(id) = content
        && let Content::Children { particle, .. } = &schema.complex_type(id).content
    {
        collect(particle, &mut found);
    }
    found
}

fn collect(particle: &Particle, found: &mut Vec<ElementId>) {
    match &particle.term {
        Term::Element(id) => found.push(*id),
        Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
            for part in parts {
                collect(part, found);
            }
        }
        Term::Any(_) => {}
    }
}

/// The child of an element with this local name.
pub(super) fn child(schema: &Schema, parent: ElementId, name: &str) -> Option<ElementId> {
    children(schema, schema.element(parent).content)
        .into_iter()
        .find(|id| &*schema.element(*id).name.local == name)
}

/// Every element at or below one, in document order, as often as it can be met on different paths.
pub(super) fn below(schema: &Schema, id: ElementId) -> Vec<ElementId> {
    let mut found = Vec::new();
    descend(schema, id, 0, &mut found);
    found
}

fn descend(schema: &Schema, id: ElementId, depth: usize, found: &mut Vec<ElementId>) {
    found.push(id);
    if depth < DEEPEST {
        for child in children(schema, schema.element(id).content) {
            descend(schema, child, depth + 1, found);
        }
    }
}

/// The value of an element that holds text.
pub(super) fn value(schema: &Schema, id: ElementId) -> Option<SimpleTypeId> {
    schema.text_type(schema.element(id).content)
}
