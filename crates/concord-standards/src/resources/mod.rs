//! The resources of a standard whose carrier is FHIR: types, their elements, and the codes that these may have.
//!
//! A type is a resource, a data type, a primitive type or a group of elements inside one of them (what FHIR calls a backbone
//! element). It has the elements of its base first. Names are those of the published definitions: `Encounter`,
//! `Encounter.location`, `HumanName`, `dateTime`.
//!
//! Types may hold themselves (an extension holds extensions, a questionnaire's item items), which is why this is a table
//! of its own and no [`Schema`](crate::schema::Schema).
//!
//! Profiles are a second table over this one: [`Resources::narrowed`] is the seam. None is written yet.

mod primitive;
mod system;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use primitive::{Primitive, PrimitiveFault, Written};
pub use system::{Form, Systems};

/// The number of a type: its place in [`Resources::types`].
pub type TypeNumber = usize;

/// What a standard says of resources.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    /// Every type, in the order of `types.csv`.
    pub types: Vec<Type>,
    /// The codes that elements may have, by the name of the list.
    pub codes: BTreeMap<Arc<str>, Arc<Codes>>,
    /// What identifiers and codes of certain systems must be.
    pub systems: Systems,
    names: BTreeMap<Arc<str>, TypeNumber>,
}

/// A type.
#[derive(Debug, Clone)]
pub struct Type {
    /// Its name: `Encounter`, `Encounter.location`, `Period`, `code`.
    pub name: Arc<str>,
    /// What kind of type it is.
    pub kind: Kind,
    /// What it builds on.
    pub base: Option<TypeNumber>,
    /// Its elements, those of its base first.
    pub elements: Vec<Element>,
}

/// Kinds of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A single value.
    Primitive(Primitive),
    /// Elements that belong together, wherever they are used.
    DataType,
    /// Elements that belong together inside one type.
    Group,
    /// What is exchanged.
    Resource,
    /// Any resource: a type that others build on, used as a type itself.
    AnyResource,
    /// A type that only others build on.
    Abstract,
}

/// An element of a type.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a fact that is independent of the others
pub struct Element {
    /// Its name, without the `[x]` of a choice.
    pub name: Arc<str>,
    /// Its name where it is stated: `Encounter.status`, `DomainResource.text`, `Observation.value[x]`.
    pub path: Arc<str>,
    /// Whether its name is followed by that of one of its types: `valueQuantity`.
    pub choice: bool,
    /// Whether it must be there.
    pub required: bool,
    /// Whether there may be several, so that it is an array.
    pub repeats: bool,
    /// Its types: one, unless it is a choice.
    pub types: Vec<TypeNumber>,
    /// What a reference may refer to; empty for anything.
    pub targets: Vec<TypeNumber>,
    /// The codes that it may have.
    pub codes: Option<Arc<Codes>>,
    /// Whether what stands in it says who somebody is.
    pub personal: bool,
}

/// A list of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// Its name, as that of the published value set.
    pub name: Arc<str>,
    /// What its codes mean.
    pub meanings: BTreeMap<Arc<str>, Arc<str>>,
}

impl Resources {
    /// Types and codes; names of types are looked up in them.
    pub(crate) fn new(types: Vec<Type>, codes: BTreeMap<Arc<str>, Arc<Codes>>) -> Self {
        let names = types
            .iter()
            .enumerate()
            .map(|(number, known)| (Arc::clone(&known.name), number))
            .collect();
        Self {
            types,
            codes,
            systems: Systems::default(),
            names,
        }
    }

    /// The type of a name.
    pub fn find(&self, name: &str) -> Option<TypeNumber> {
        self.names.get(name).copied()
    }

    /// The resources among the types.
    pub fn resources(&self) -> impl Iterator<Item = TypeNumber> {
        let types = self.types.iter().enumerate();
        types
            .filter(|(_, known)| known.kind == Kind::Resource)
            .map(|(number, _)| number)
    }

    /// These resources with elements of theirs narrowed: what `narrow` does to an element, which may become required, have
    /// fewer types, targets or codes, or be as it is. The order and number of elements stays, so that whatever is compiled of
    /// both agrees. This is where the table of a profile is laid over that of the base.
    #[must_use]
    pub fn narrowed(&self, mut narrow: impl FnMut(&Type, &mut Element)) -> Self {
        let mut types = self.types.clone();
        for (own, known) in types.iter_mut().zip(&self.types) {
            for element in &mut own.elements {
                narrow(known, element);
            }
        }
        Self {
            types,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_laid_over_the_base() {
        let status = Element {
            name: "status".into(),
            path: "Thing.status".into(),
            choice: false,
            required: false,
            repeats: false,
            types: Vec::new(),
            targets: Vec::new(),
            codes: None,
            personal: false,
        };
        let thing = Type {
            name: "Thing".into(),
            kind: Kind::Resource,
            base: None,
            elements: vec![status],
        };
        let base = Resources::new(vec![thing], BTreeMap::new());
        let profile = base.narrowed(|of, element| {
            element.required |= &*of.name == "Thing" && &*element.name == "status";
        });
        assert!(!base.types[0].elements[0].required && profile.types[0].elements[0].required);
        assert_eq!(profile.find("Thing"), Some(0));
    }
}
