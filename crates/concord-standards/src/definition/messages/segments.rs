//! Segments as elements of a schema, each made when a message structure refers to it first.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::data_types::{DataTypes, Narrowed};
use super::rows::{FieldRow, Rows};
use crate::definition::load::Loading;
use crate::definition::problem::Problem;
use crate::definition::structure::Outside;
use crate::definition::tabular;
use crate::messages::{Segment, SegmentField, Usage};
use crate::schema::{ElementId, Facts, Particle, Schema, Term};

/// The data type that another field of the segment names.
const VARIES: &str = "varies";

/// The segments that were asked for.
pub(super) struct Segments<'r> {
    rows: &'r Rows,
    types: DataTypes<'r>,
    made: BTreeMap<Arc<str>, Segment>,
}

impl<'r> Segments<'r> {
    pub(super) fn new(rows: &'r Rows, loading: &Loading<'_>) -> Self {
        Self {
            rows,
            types: DataTypes::new(rows, loading.lists()),
            made: BTreeMap::new(),
        }
    }

    /// The segments, by name, the components that need not be filled beside others, and what was wrong.
    pub(super) fn finish(self) -> (Vec<Segment>, BTreeMap<ElementId, u32>, Vec<Problem>) {
        let segments = self.made.into_values().collect();
        (segments, self.types.unless, self.types.problems)
    }

    fn make(
        &mut self,
        name: &Arc<str>,
        rows: &BTreeMap<u32, FieldRow>,
        schema: &mut Schema,
    ) -> ElementId {
        let origin = rows
            .values()
            .next()
            .map(|row| row.origin.clone())
            .unwrap_or_default();
        let mut fields = Vec::with_capacity(rows.len());
        let mut parts = Vec::with_capacity(rows.len());
        for (position, row) in rows {
            let field = self.field(name, *position, row, schema);
            parts.push(Particle {
                min: field.min,
                max: field.max,
                term: Term::Element(field.element),
                origin: row.origin.clone(),
            });
            fields.push(field);
        }
        let element = tabular::declare(schema, name, &origin);
        let content = Particle {
            min: 1,
            max: Some(1),
            term: Term::Sequence(parts),
            origin: origin.clone(),
        };
        tabular::group(schema, element, content, &origin);
        self.made.insert(
            Arc::clone(name),
            Segment {
                name: Arc::clone(name),
                element,
                fields,
            },
        );
        element
    }

    fn field(
        &mut self,
        segment: &str,
        position: u32,
        row: &FieldRow,
        schema: &mut Schema,
    ) -> SegmentField {
        let usage = row.usage.unwrap_or(Usage::Optional);
        let (min, max) = row.occurs.unwrap_or((0, Some(1)));
        let min = if usage == Usage::Required {
            min.max(1)
        } else {
            0
        };
        // What is agreed on the code of a coded field is said of its first component.
        let varies = &*row.data_type == VARIES;
        let coded = row.codes.list.is_some() || !varies && !self.types.is_composite(&row.data_type);
        let narrowed = Narrowed {
            length: row.length.filter(|_| coded),
            codes: row.codes.clone(),
        };
        let content = self
            .types
            .field(schema, &row.data_type, row.personal, narrowed, &row.origin);
        let element = tabular::declare(schema, &format!("{segment}.{position}"), &row.origin);
        let declared = &mut schema.elements[element.0 as usize];
        declared.content = content;
        declared.facts = Facts {
            dictionary_name: Some(Arc::clone(&row.name)).filter(|name| !name.is_empty()),
            format: None,
            status: Some(usage.status()),
            personal: row.personal,
        };
        SegmentField {
            name: Arc::clone(&row.name),
            usage,
            min,
            max,
            length: row.length.filter(|_| !coded),
            data_type: row.data_type.split(' ').next().unwrap_or_default().into(),
            varies,
            code_list: row.codes.list.clone(),
            element,
            source: Arc::clone(&row.source),
            origin: row.origin.clone(),
        }
    }
}

impl Outside for Segments<'_> {
    fn element(&mut self, name: &str, schema: &mut Schema) -> Option<ElementId> {
        if let Some(segment) = self.made.get(name) {
            return Some(segment.element);
        }
        let rows = self.rows;
        let (name, fields) = rows.fields.get_key_value(name)?;
        Some(self.make(name, fields, schema))
    }

    fn names(&self) -> Vec<&str> {
        self.rows.fields.keys().map(AsRef::as_ref).collect()
    }
}
