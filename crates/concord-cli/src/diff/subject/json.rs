//! JSON Schemas.

use concord_gate::subject::{NotCompared, Subject, SubjectKind};
use concord_standards::json_schema;

use super::{Side, blank};
use crate::failure::Failure;

pub(super) fn read(name: String, text: &str) -> Result<Side, Failure> {
    let read = json_schema::import(&name, text)?;
    let not_compared = read.not_represented.into_iter().map(|not| NotCompared {
        what: not.what,
        origin: not.origin,
    });
    Ok(Side {
        subject: Subject {
            kind: SubjectKind::JsonSchema,
            definition: blank::of_schema(&name, read.schema),
            storage: Vec::new(),
            not_compared: not_compared.collect(),
            name,
        },
        root: String::new(),
    })
}
