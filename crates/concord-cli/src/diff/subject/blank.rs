//! Definitions that say nothing yet, for sources that are none.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::definition::{
    Definition, Effects, Elements, Files, Recognise, RecordShape, StandardInfo, StandardStatus,
};
use concord_standards::schema::Schema;

use crate::standards;

/// A definition without content.
pub(super) fn definition(name: &str) -> Definition {
    of_schema(name, Schema::default())
}

/// The definition of a structure alone.
pub(super) fn of_schema(name: &str, schema: Schema) -> Definition {
    Definition {
        standard: StandardInfo {
            id: name.into(),
            version: "1".into(),
            title: name.to_owned(),
            number: None,
            publisher: String::new(),
            status: StandardStatus::Draft,
            effective_from: None,
            effective_to: None,
            carrier: "xml".to_owned(),
            namespace: Arc::clone(&schema.namespace),
            recognise: recognise(&schema),
            record: RecordShape::default(),
            tables: Vec::new(),
            messages: None,
            reconcile: None,
            aliases: Vec::new(),
            effects: Effects::default(),
            covers: None,
            source: name.to_owned(),
            provenance: None,
            folder: String::new(),
        },
        schema,
        layout: None,
        submission: None,
        messages: None,
        resources: None,
        rules: Vec::new(),
        code_lists: BTreeMap::new(),
        elements: Arc::new(Elements::default()),
        warnings: Vec::new(),
        files: Files::new(),
    }
}

fn recognise(schema: &Schema) -> Recognise {
    let root = schema.roots.first().map(|root| schema.element(*root));
    root.map(|root| standards::recognise(schema, root))
        .unwrap_or_default()
}
