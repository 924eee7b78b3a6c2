//! Formats in dictionary notation for values whose facets say as much.

use super::format;
use super::write::notation;
use crate::schema::{Schema, SimpleTypeId, Variety};

/// Gives every atomic value that has no format one that its facets imply, where the notation can say them.
///
/// People know `max an20`; an XSD only has a `maxLength`. Nothing about validity changes.
pub fn add_formats(schema: &mut Schema) {
    for index in 0..schema.simple_types.len() {
        let simple = &schema.simple_types[index];
        if simple.format.is_some() || !matches!(simple.variety, Variety::Atomic(_)) {
            continue;
        }
        let inherited = simple.base.map_or(0, |base| schema.simple_type(base).steps.len());
        let builtin = simple.base.is_none() && simple.steps.is_empty();
        if let Some(format) = notation(simple, inherited).filter(|_| !builtin) {
            schema.simple_types[index].format = Some(format.into());
        }
    }
}

/// Whether a format says nothing that the facets of a value do not say: whether it can be shown to people as its format.
pub fn format_fits(schema: &Schema, id: SimpleTypeId, format: &str) -> bool {
    let simple = schema.simple_type(id);
    let inherited = simple.base.map_or(0, |base| schema.simple_type(base).steps.len());
    let own = simple.steps.get(inherited).cloned().unwrap_or_default();
    let (Some(format), Variety::Atomic(builtin)) = (format::parse(format), &simple.variety) else {
        return false;
    };
    format::implied(format, *builtin, !own.enumeration.is_empty())
        .is_some_and(|implied| format::remainder(&own, &implied).is_some())
}
