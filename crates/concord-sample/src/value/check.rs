//! Whether a made value is kept.

use std::collections::BTreeMap;

use concord_standards::schema::{Schema, SimpleTypeId};
use concord_standards::value::ValueChecker;

use super::{ValueError, name_of};

/// Checks candidates against all facets with the checker that submissions are checked with.
#[derive(Debug)]
pub(crate) struct Accepts<'s> {
    schema: &'s Schema,
    known: BTreeMap<SimpleTypeId, ValueChecker>,
}

impl<'s> Accepts<'s> {
    pub(crate) fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            known: BTreeMap::new(),
        }
    }

    pub(crate) fn accepts(&mut self, id: SimpleTypeId, text: &str) -> Result<bool, ValueError> {
        let checker = match self.known.entry(id) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                let compiled =
                    ValueChecker::compile(self.schema, id).map_err(|error| ValueError::Type {
                        name: name_of(self.schema.simple_type(id)),
                        reason: error.to_string(),
                    })?;
                free.insert(compiled)
            }
        };
        Ok(checker.check(text).is_ok())
    }
}
