//! The structure of a tabular standard, made from its columns.
//!
//! The root element `submission` holds the records of all tables in any order and number; a record is an element named like
//! its table; below it stands one element for each column, in the published order. A cell that is empty is an absent element,
//! so that each of them may be absent: whether it must be filled is said by [`Mandation`](crate::layout::Mandation).

use std::sync::Arc;

use super::field_value::Values;
use super::standard::SUBMISSION;
use crate::layout::TableLayout;
use crate::schema::{
    ComplexType, ComplexTypeId, Content, DerivationSet, Element, ElementId, Facts, Origin,
    Particle, QName, Schema, Term, TypeId,
};

/// Makes the structure and tells each table which element its records are.
pub(super) fn schema(tables: &mut [TableLayout], values: Values) -> Schema {
    let mut schema = Schema::default();
    values.into_schema(&mut schema);
    let origin = tables
        .first()
        .and_then(|table| table.fields.first())
        .map_or_else(Origin::default, |field| field.origin.clone());
    let root = declare(&mut schema, SUBMISSION, &origin);
    let mut records = Vec::with_capacity(tables.len());
    for table in tables {
        table.record = record(&mut schema, table);
        records.push(once(Term::Element(table.record), &origin));
    }
    let content = Particle {
        min: 0,
        max: None,
        term: Term::Choice(records),
        origin: origin.clone(),
    };
    group(&mut schema, root, content, &origin);
    schema.roots.push(root);
    schema
}

fn record(schema: &mut Schema, table: &TableLayout) -> ElementId {
    let origin = table
        .fields
        .first()
        .map_or_else(Origin::default, |field| field.origin.clone());
    let record = declare(schema, &table.name, &origin);
    let mut columns = Vec::with_capacity(table.fields.len());
    for field in &table.fields {
        let id = declare(schema, &field.column, &field.origin);
        let element = &mut schema.elements[id.0 as usize];
        element.content = TypeId::Simple(field.value);
        element.facts = Facts {
            dictionary_name: text(&field.element),
            format: text(&field.format),
            status: Some(field.mandation.status()),
            personal: field.personal,
        };
        columns.push(Particle {
            min: 0,
            ..once(Term::Element(id), &field.origin)
        });
    }
    let content = once(Term::Sequence(columns), &origin);
    group(schema, record, content, &origin);
    record
}

fn text(text: &Arc<str>) -> Option<Arc<str>> {
    Some(Arc::clone(text)).filter(|text| !text.is_empty())
}

fn once(term: Term, origin: &Origin) -> Particle {
    Particle {
        min: 1,
        max: Some(1),
        term,
        origin: origin.clone(),
    }
}

pub(super) fn declare(schema: &mut Schema, name: &str, origin: &Origin) -> ElementId {
    let id = ElementId(schema.elements.len() as u32);
    schema.elements.push(Element {
        name: QName::new("", name),
        content: TypeId::Any,
        nillable: false,
        constraint: None,
        is_abstract: false,
        substitutes: Vec::new(),
        block: DerivationSet::default(),
        facts: Facts::default(),
        origin: origin.clone(),
    });
    id
}

/// Gives an element children.
pub(super) fn group(schema: &mut Schema, element: ElementId, particle: Particle, origin: &Origin) {
    let content = children(schema, particle, origin);
    schema.elements[element.0 as usize].content = content;
}

/// A type with children.
pub(super) fn children(schema: &mut Schema, particle: Particle, origin: &Origin) -> TypeId {
    let id = ComplexTypeId(schema.complex_types.len() as u32);
    schema.complex_types.push(ComplexType {
        name: None,
        base: None,
        is_abstract: false,
        block: DerivationSet::default(),
        content: Content::Children {
            particle,
            mixed: false,
        },
        attributes: Vec::new(),
        any_attribute: None,
        origin: origin.clone(),
    });
    TypeId::Complex(id)
}
