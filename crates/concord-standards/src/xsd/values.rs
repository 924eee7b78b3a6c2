//! Facets and value constraints that need the value space of their type: bounds, codes, patterns, defaults.

use std::collections::BTreeMap;

use super::builder::Builder;
use crate::schema::{Origin, SimpleTypeId, ValueConstraint};
use crate::value::ValueChecker;

impl Builder<'_> {
    /// Compiles every simple type, and checks that defaults and fixed values are values of their type.
    pub(super) fn check_values(&mut self) {
        let mut checkers = BTreeMap::new();
        for index in 0..self.schema.simple_types.len() {
            let id = SimpleTypeId(index as u32);
            match ValueChecker::compile(&self.schema, id) {
                Ok(checker) => {
                    checkers.insert(id, checker);
                }
                Err(error) => self.errors.at(&error.origin, error.to_string()),
            }
        }
        for (origin, id, constraint) in self.constraints() {
            let (ValueConstraint::Default(text) | ValueConstraint::Fixed(text)) = &constraint;
            if let Some(checker) = checkers.get(&id)
                && let Err(fault) = checker.check(text)
            {
                self.errors.at(
                    &origin,
                    format!(
                        "the default or fixed value `{text}` is not a value of the type: {fault}"
                    ),
                );
            }
        }
    }

    fn constraints(&self) -> Vec<(Origin, SimpleTypeId, ValueConstraint)> {
        let elements = self.schema.elements.iter().filter_map(|element| {
            let id = self.schema.text_type(element.content)?;
            Some((element.origin.clone(), id, element.constraint.clone()?))
        });
        let local = self
            .schema
            .complex_types
            .iter()
            .flat_map(|complex| complex.attributes.iter().map(|usage| &usage.attribute));
        let attributes = self
            .schema
            .attributes
            .iter()
            .chain(local)
            .filter_map(|attribute| {
                Some((
                    attribute.origin.clone(),
                    attribute.content,
                    attribute.constraint.clone()?,
                ))
            });
        elements.chain(attributes).collect()
    }
}
