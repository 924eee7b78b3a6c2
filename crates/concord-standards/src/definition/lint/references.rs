//! Names by which rules refer to elements.

use std::collections::BTreeSet;

use crate::definition::problem::nearest;
use crate::schema::Schema;

/// Names that stand for something other than an element, in references and in examples.
const RESERVED: &[&str] = &["value", "record", "submission"];

/// All names that a reference may be made of.
pub(super) struct Names<'s> {
    elements: BTreeSet<&'s str>,
    attributes: BTreeSet<&'s str>,
}

impl<'s> Names<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        let uses = schema
            .complex_types
            .iter()
            .flat_map(|group| &group.attributes);
        Self {
            elements: schema
                .elements
                .iter()
                .map(|element| &*element.name.local)
                .collect(),
            attributes: uses.map(|usage| &*usage.attribute.name.local).collect(),
        }
    }

    /// The first part of a reference (`Group/Element`, `@Attribute`) that names nothing.
    pub(super) fn unknown<'r>(&self, reference: &'r str) -> Option<&'r str> {
        if RESERVED.contains(&reference) {
            return None;
        }
        reference
            .split('/')
            .find(|part| match part.strip_prefix('@') {
                Some(attribute) => !names_any(&self.attributes, attribute),
                None => !names_any(&self.elements, part),
            })
    }

    /// The name most like one that names nothing.
    pub(super) fn nearest(&self, part: &str) -> Option<String> {
        let near = match part.strip_prefix('@') {
            Some(attribute) => nearest(attribute, self.attributes.iter().copied()),
            None => nearest(part, self.elements.iter().copied()),
        };
        near.map(|name| format!("did you mean `{name}`?"))
    }
}

/// Whether a name, in which `*` stands for any letters, is that of one of these.
fn names_any(known: &BTreeSet<&str>, name: &str) -> bool {
    let Some((start, rest)) = name.split_once('*') else {
        return known.contains(name);
    };
    known.iter().any(|known| {
        let Some(mut left) = known.strip_prefix(start) else {
            return false;
        };
        let mut parts = rest.split('*').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return left.ends_with(part);
            }
            match left.find(part) {
                Some(at) => left = &left[at + part.len()..],
                None => return false,
            }
        }
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_letters() {
        let known = BTreeSet::from(["PostcodeOfUsualAddress", "NHSNumber"]);
        for name in [
            "*",
            "Post*",
            "*Number",
            "P*Of*Address",
            "NHSNumber",
            "NHSNumber*",
        ] {
            assert!(names_any(&known, name), "{name}");
        }
        for name in ["NHS", "X*", "*X", "NHS*Address"] {
            assert!(!names_any(&known, name), "{name}");
        }
    }
}
