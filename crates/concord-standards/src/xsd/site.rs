//! A node together with the file in which it stands.

use std::sync::Arc;

use super::documents::Document;
use super::names::XSD_NAMESPACE;
use super::tree::Node;
use crate::schema::{Origin, QName};

/// A node and its file, which says what names without a prefix and local names without a form mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) document: &'a Document,
    pub(super) node: &'a Node,
}

impl<'a> Site<'a> {
    /// Another node of the same file.
    pub(super) fn with(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    /// The node's element name.
    pub(super) fn kind(self) -> &'a str {
        &self.node.name
    }

    /// Where the node stands.
    pub(super) fn origin(self) -> Origin {
        self.node.origin.clone()
    }

    /// The children other than annotations.
    pub(super) fn parts(self) -> impl Iterator<Item = Site<'a>> {
        self.node.parts().map(move |node| self.with(node))
    }

    /// The first child with one of these names.
    pub(super) fn child(self, names: &[&str]) -> Option<Site<'a>> {
        self.node.child(names).map(|node| self.with(node))
    }

    /// The name that this global component defines.
    pub(super) fn defines(self, attribute: &str) -> Option<QName> {
        self.node
            .get(attribute)
            .map(|local| QName::new(Arc::clone(&self.document.namespace), local))
    }

    /// The name of a local element or attribute, by its form.
    pub(super) fn local_name(self, local: &str, qualified_by_default: bool) -> QName {
        let qualified = match self.node.get("form") {
            Some(form) => form == "qualified",
            None => qualified_by_default,
        };
        if qualified {
            QName::new(Arc::clone(&self.document.namespace), local)
        } else {
            QName::new("", local)
        }
    }

    /// The component that a name written in this file refers to (part 1, 3.15.3, `src-resolve`).
    ///
    /// # Errors
    /// A message when the prefix is not declared or the namespace is not imported.
    pub(super) fn refers(self, written: &str) -> Result<QName, String> {
        let mut name = self.node.resolve(written)?;
        if name.namespace.is_empty() && self.document.chameleon {
            name.namespace = Arc::clone(&self.document.namespace);
        }
        let visible = name.namespace == self.document.namespace
            || &*name.namespace == XSD_NAMESPACE
            || self.document.imports.contains(&name.namespace);
        if visible {
            Ok(name)
        } else if name.namespace.is_empty() {
            Err(format!(
                "`{written}` is in no namespace, which this file does not import: give it the prefix of {}, or add <xs:import/>",
                self.document.namespace
            ))
        } else {
            Err(format!(
                "`{written}` is in the namespace {}, which this file does not import: add <xs:import namespace=\"{}\"/>",
                name.namespace, name.namespace
            ))
        }
    }
}
