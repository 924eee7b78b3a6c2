//! Formats in dictionary notation for values whose facets say as much.

use std::sync::Arc;

use super::format;
use super::write::notation;
use crate::schema::{Facets, Schema, SimpleTypeId, Variety};

/// Gives every atomic value that has no format one that its facets imply, where the notation can say them.
///
/// A value that narrows nothing has its base's. People know `max an20`; an XSD only has a `maxLength`. Nothing about validity changes.
pub fn add_formats(schema: &mut Schema) {
    for index in bases_first(schema) {
        let simple = &schema.simple_types[index];
        if simple.format.is_some() || !matches!(simple.variety, Variety::Atomic(_)) {
            continue;
        }
        let inherited = simple
            .base
            .map_or(0, |base| schema.simple_type(base).steps.len());
        let Some(base) = simple.base else {
            continue;
        };
        let own = notation(simple, inherited).map(Arc::from);
        let narrows = simple.steps[inherited..]
            .iter()
            .any(|step| *step != Facets::default());
        let format = own.or_else(|| schema.simple_type(base).format.clone().filter(|_| !narrows));
        schema.simple_types[index].format = format;
    }
}

/// Numbers of simple types, each after that of its base.
fn bases_first(schema: &Schema) -> Vec<usize> {
    let mut order: Vec<usize> = (0..schema.simple_types.len()).collect();
    let depth = |index: &usize| {
        let mut depth = 0;
        let mut at = schema.simple_types[*index].base;
        while let Some(base) = at.filter(|_| depth < schema.simple_types.len()) {
            depth += 1;
            at = schema.simple_type(base).base;
        }
        depth
    };
    order.sort_by_key(depth);
    order
}

/// Whether a format says nothing that the facets of a value do not say: whether it can be shown to people as its format.
pub fn format_fits(schema: &Schema, id: SimpleTypeId, format: &str) -> bool {
    let simple = schema.simple_type(id);
    let inherited = simple
        .base
        .map_or(0, |base| schema.simple_type(base).steps.len());
    let (before, own) = simple.steps.split_at(inherited.min(simple.steps.len()));
    let own = own.last().cloned().unwrap_or_default();
    format::implied_by(format, &simple.variety, before, &own)
        .is_some_and(|implied| format::remainder(&own, &implied).is_some())
}
