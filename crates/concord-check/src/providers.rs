//! Where in a record it is said who provided what the record is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::schema::{ComplexTypeId, TypeId};

use crate::capture::CapturePath;
use crate::plan::children_of;

/// Most paths that are followed: a guard against structures that unfold without end.
const MOST_PATHS: usize = 1000;

/// The paths from a root through a record to every element of one of these names. A structure that contains itself is
/// followed once round.
pub(crate) fn paths(
    compiled: &CompiledSchema,
    records: &[Arc<str>],
    names: &[String],
) -> Vec<CapturePath> {
    let mut search = Search {
        compiled,
        names,
        leads: BTreeMap::new(),
        within: Vec::new(),
        path: Vec::new(),
        found: Vec::new(),
    };
    for root in &compiled.schema.roots {
        let root = compiled.schema.element(*root);
        let TypeId::Complex(content) = root.content else {
            continue;
        };
        search.path.push(Arc::clone(&root.name.local));
        for child in children_of(compiled, Some(content)) {
            let record = compiled.schema.element(*child);
            if let TypeId::Complex(content) = record.content
                && records.contains(&record.name.local)
            {
                search.path.push(Arc::clone(&record.name.local));
                search.below(content);
                search.path.pop();
            }
        }
        search.path.pop();
    }
    search.found
}

struct Search<'s> {
    compiled: &'s CompiledSchema,
    names: &'s [String],
    /// Whether any path through a type leads to what is looked for.
    leads: BTreeMap<u32, bool>,
    /// The types that are being followed.
    within: Vec<ComplexTypeId>,
    path: Vec<Arc<str>>,
    found: Vec<CapturePath>,
}

impl Search<'_> {
    fn below(&mut self, content: ComplexTypeId) {
        if self.within.contains(&content) || self.leads.get(&content.0) == Some(&false) {
            return;
        }
        let before = self.found.len();
        self.within.push(content);
        for child in children_of(self.compiled, Some(content)) {
            let element = self.compiled.schema.element(*child);
            if self.found.len() >= MOST_PATHS {
                break;
            }
            self.path.push(Arc::clone(&element.name.local));
            if self.names.iter().any(|name| **name == *element.name.local) {
                self.found.push(self.path.clone());
            } else if let TypeId::Complex(content) = element.content {
                self.below(content);
            }
            self.path.pop();
        }
        self.within.pop();
        self.leads.insert(content.0, self.found.len() > before);
    }
}
