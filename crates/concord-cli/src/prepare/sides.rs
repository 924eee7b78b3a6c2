//! Standards that are compared, made ready to check with, whatever they were read from.

use std::sync::Arc;

use concord_check::submission::Parameters;
use concord_finding::Grades;
use concord_read::Limits;
use concord_rules::reconcile::Totalling;
use concord_standards::definition::Definition;
use concord_standards::schema::Schema;

use super::Prepared;
use super::ready::{prepare, structure_only};
use crate::failure::Failure;
use crate::reference::ForRules;

/// A definition with its rules, graded as it grades them itself.
pub(crate) fn of_definition(
    definition: Definition,
    limits: &Limits,
    reference: Option<&Arc<ForRules>>,
) -> Result<Prepared, Failure> {
    let grades = Grades::default();
    prepare(
        definition,
        limits,
        (reference, None),
        &Parameters::default(),
        Totalling::Periods,
        None,
        &grades,
    )
}

/// A structure alone.
pub(crate) fn of_structure(schema: Schema, limits: &Limits) -> Result<Prepared, Failure> {
    structure_only(schema, limits)
}
