//! Examples of what columns say of themselves, tried with the checker of the column's values.

use concord_standards::rules::{Example, FieldCheck};
use concord_standards::schema::{Schema, Status};
use concord_standards::value::{ValueChecker, ValueFault};

use crate::error::Problem;
use crate::shape::{Reference, Shape};

/// The values that columns may hold.
#[derive(Debug)]
pub(super) struct FieldValues<'s> {
    schema: &'s Schema,
}

impl<'s> FieldValues<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        Self { schema }
    }

    /// Whether an element of an example breaks what its column says.
    pub(super) fn is_broken(
        &self,
        shape: &Shape<'_>,
        check: FieldCheck,
        example: &Example,
    ) -> Result<bool, Problem> {
        if example.elements.is_empty() {
            return Err(Problem::new("the example names no column"));
        }
        for (name, text) in &example.elements {
            let places = Reference::read(name)
                .map(|reference| shape.candidates(&reference))
                .unwrap_or_default();
            let mut known = places.iter().map(|&place| shape.place(place));
            let Some((place, id)) = known.find_map(|place| Some((place, place.text?))) else {
                return Err(Problem::new(format!("no table has a column `{name}`")));
            };
            let broken = match check {
                FieldCheck::Presence => match place.status {
                    Some(Status::Mandatory) => text.is_empty(),
                    Some(Status::NotUsed) => !text.is_empty(),
                    _ => {
                        let problem = format!("`{name}` may be filled or not");
                        return Err(Problem::new(problem));
                    }
                },
                // An empty cell has no value.
                FieldCheck::Format | FieldCheck::Code if text.is_empty() => false,
                FieldCheck::Format | FieldCheck::Code => {
                    let checker = ValueChecker::compile(self.schema, id)
                        .map_err(|error| Problem::new(error.to_string()))?;
                    match checker.check(text) {
                        Ok(()) => false,
                        Err(ValueFault::Enumeration) => check == FieldCheck::Code,
                        // What has not the form of the codes is no code either.
                        Err(_) => true,
                    }
                }
            };
            if broken {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
