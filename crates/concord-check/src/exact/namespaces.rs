//! Prefixes in scope. *Namespaces in XML 1.0* (third edition).

use std::sync::Arc;

/// The namespace that the prefix `xml` always means.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of `xsi:type`, `xsi:nil` and the schema locations.
pub(crate) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The namespace of the built-in types.
pub(crate) const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// The prefixes in scope, innermost last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Namespaces {
    bindings: Vec<(Arc<str>, Arc<str>)>,
    empty: Arc<str>,
}

impl Namespaces {
    /// How many bindings there are; give it to [`Namespaces::leave`].
    pub(crate) fn mark(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets the bindings made since a mark.
    pub(crate) fn leave(&mut self, mark: usize) {
        self.bindings.truncate(mark);
    }

    /// Binds a prefix (empty for the default namespace).
    pub(crate) fn bind(&mut self, prefix: &str, namespace: &str) {
        self.bindings.push((prefix.into(), namespace.into()));
    }

    /// The namespace of a prefix; `None` when it is not bound. The empty prefix is always bound.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<Arc<str>> {
        if prefix == "xml" {
            return Some(XML.into());
        }
        match self
            .bindings
            .iter()
            .rev()
            .find(|(known, _)| &**known == prefix)
        {
            Some((_, namespace)) if namespace.is_empty() && !prefix.is_empty() => None,
            Some((_, namespace)) => Some(namespace.clone()),
            None if prefix.is_empty() => Some(self.empty.clone()),
            None => None,
        }
    }
}
