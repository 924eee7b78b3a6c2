//! A JSON Schema as a [`Schema`], as far as a [`Schema`] can say it.
//!
//! Drafts 4 to 2020-12 (<https://json-schema.org/specification>): objects become groups whose children stand in the order
//! of their names, because JSON has none; properties become elements, required ones mandatory; an array becomes a group that
//! repeats its one child `item`; `allOf` and `$ref` are put together; `anyOf` and `oneOf` become a union of texts, or a choice
//! of groups. `null` becomes an element that may be nil.
//!
//! What cannot be said so is listed with its line ([`NotRepresented`]) and is otherwise left out, so that what remains takes
//! more than the JSON Schema does, never less. Files that a `$ref` names elsewhere are not looked for.

mod alternatives;
mod build;
mod conjunction;
mod keywords;
mod number;
mod objects;
mod pattern;
mod resolve;
mod simple;
mod tree;

#[cfg(test)]
mod tests;

use crate::definition::DefinitionErrors;
use crate::schema::{Origin, Schema};

/// A JSON Schema that was read.
#[derive(Debug, Clone)]
pub struct JsonSchema {
    /// What it says.
    pub schema: Schema,
    /// What it says beyond that, by line.
    pub not_represented: Vec<NotRepresented>,
}

/// Something that a JSON Schema says and a [`Schema`] cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRepresented {
    /// What, in a few words.
    pub what: String,
    /// Where it is said.
    pub origin: Origin,
}

/// The name of the root element of a schema that describes one value.
pub const DOCUMENT: &str = "document";

/// The name of the elements of an array.
pub const ITEM: &str = "item";

/// Reads the JSON Schema in `text`; messages call it `file`.
///
/// # Errors
/// [`DefinitionErrors`] with line and column when the text is no JSON, is no JSON Schema, or says something that makes no
/// sense: a keyword of the wrong type, a `$ref` to nothing in the same file.
///
/// ```
/// let text = r#"{ "type": "object", "properties": { "name": { "type": "string", "maxLength": 35 } } }"#;
/// let read = concord_standards::json_schema::import("person.json", text)?;
/// assert_eq!(&*read.schema.element(read.schema.roots[0]).name.local, "document");
/// # Ok::<(), concord_standards::definition::DefinitionErrors>(())
/// ```
pub fn import(file: &str, text: &str) -> Result<JsonSchema, DefinitionErrors> {
    build::build(file, text)
}
