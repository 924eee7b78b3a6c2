//! The global components of all files by name.

use std::collections::BTreeMap;

use super::documents::Documents;
use super::error::Errors;
use super::site::Site;
use crate::schema::QName;

/// A symbol space: names, and where they are defined.
pub(super) type Space<'a> = BTreeMap<QName, Site<'a>>;

/// The symbol spaces of XML Schema (part 1, 2.5).
#[derive(Debug, Default)]
pub(super) struct Symbols<'a> {
    pub(super) types: Space<'a>,
    pub(super) elements: Space<'a>,
    pub(super) attributes: Space<'a>,
    pub(super) groups: Space<'a>,
    pub(super) attribute_groups: Space<'a>,
    /// Global elements, complex types, simple types and attributes in the order of files and lines.
    pub(super) in_order: Vec<(QName, Site<'a>)>,
}

impl<'a> Symbols<'a> {
    /// Gathers the global components; a name defined twice in one space is an error.
    pub(super) fn gather(documents: &'a Documents, errors: &mut Errors) -> Self {
        let mut symbols = Self::default();
        for document in &documents.all {
            for node in document.root.parts() {
                let site = Site { document, node };
                let space = match site.kind() {
                    "simpleType" | "complexType" => &mut symbols.types,
                    "element" => &mut symbols.elements,
                    "attribute" => &mut symbols.attributes,
                    "group" => &mut symbols.groups,
                    "attributeGroup" => &mut symbols.attribute_groups,
                    _ => continue,
                };
                let Some(name) = site.defines("name") else {
                    continue; // told by the grammar
                };
                if let Some(first) = space.get(&name) {
                    errors.at(
                        &site.origin(),
                        format!(
                            "`{name}` is defined twice: first in line {} of {}",
                            first.node.origin.line, first.node.origin.file
                        ),
                    );
                    continue;
                }
                space.insert(name.clone(), site);
                symbols.in_order.push((name, site));
            }
        }
        symbols
    }
}
