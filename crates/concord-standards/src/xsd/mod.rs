//! An official XSD 1.0 to a [`Schema`].
//!
//! The recommendation is XML Schema part 1 (<https://www.w3.org/TR/xmlschema-1/>) and part 2
//! (<https://www.w3.org/TR/xmlschema-2/>), second editions. Names in messages and comments such as `src-resolve` are
//! those of its constraints.
//!
//! An XSD that is half understood must not say "valid", so whatever is not supported is an error with file and line:
//! `redefine`, `key`, `keyref`, `unique`, `notation`, the types `ID`, `IDREF`, `IDREFS`, `ENTITY`, `ENTITIES` and
//! `NOTATION`, `enumeration` of `QName`, and everything of XSD 1.1. Annotations and attributes of other namespaces say
//! nothing about validity and are skipped.
//!
//! Not checked here: that content models are deterministic (the compiler of content models does it), and, for
//! restrictions of complex types, the order of the elements (names, types and numbers of occurrences are).
//!
//! How it goes: each file becomes a small tree, which is held against the grammar of XSD; names
//! are gathered over all files; then the components are made, identifiers first so that recursion comes to an end.
//! Depth of nesting, number of files and growth by copying are bounded.

mod attributes;
mod budget;
mod builder;
mod check;
mod complex_types;
mod derivation;
mod derivation_set;
mod documents;
mod elements;
mod error;
mod facets;
mod grammar;
mod grammar_check;
mod inheritance;
mod location;
mod names;
mod particles;
mod restriction;
mod simple_types;
mod site;
mod symbols;
mod tree;
mod values;
mod wildcards;

pub use error::{XsdError, XsdErrors};

use crate::Source;
use crate::schema::Schema;

/// Reads the XSD at `path` and all that it includes and imports.
///
/// # Errors
/// Everything that is wrong or not supported, each with file and line, in their order.
///
/// ```
/// use std::collections::BTreeMap;
///
/// let text = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
///   <xs:element name="count" type="xs:positiveInteger"/>
/// </xs:schema>"#;
/// let files = BTreeMap::from([("count.xsd".to_owned(), text.to_owned())]);
/// let schema = concord_standards::xsd::import(&files, "count.xsd")?;
/// assert_eq!(&*schema.element(schema.roots[0]).name.local, "count");
/// # Ok::<(), concord_standards::xsd::XsdErrors>(())
/// ```
pub fn import(source: &dyn Source, path: &str) -> Result<Schema, XsdErrors> {
    let mut errors = error::Errors::default();
    let documents = documents::load(source, &location::normalise(path), &mut errors);
    if let Some(errors) = error_if_any(&mut errors) {
        return Err(errors);
    }
    let (schema, errors) = builder::build(&documents, errors);
    match errors.finish() {
        Some(errors) => Err(errors),
        None => Ok(schema),
    }
}

/// Files that are not grammatical are not looked into further: what follows relies on the grammar.
fn error_if_any(errors: &mut error::Errors) -> Option<XsdErrors> {
    std::mem::take(errors).finish()
}
