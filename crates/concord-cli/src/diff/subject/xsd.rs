//! XSDs.

use std::path::Path;

use concord_gate::subject::{Subject, SubjectKind};
use concord_standards::schema::Schema;
use concord_standards::xsd;

use super::git::{Below, Revision};
use super::{Side, blank, slashed, xsd_failure};
use crate::failure::Failure;
use crate::source::SchemaFolder;

pub(super) fn on_disk(path: &Path, name: String) -> Result<Side, Failure> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let root = parent.map_or_else(String::new, |parent| format!("{}/", slashed(parent)));
    let (folder, file) = SchemaFolder::of(path);
    let schema = xsd::import(&folder, &file).map_err(|errors| xsd_failure(&errors, &root))?;
    Ok(side(name, schema, root))
}

/// An XSD may include files from folders above its own, so all of the revision is at hand.
pub(super) fn of_revision(revision: &Revision, path: &str, name: String) -> Result<Side, Failure> {
    let source = Below::new(revision.clone(), "");
    let schema = xsd::import(&source, path).map_err(|errors| xsd_failure(&errors, ""))?;
    Ok(side(name, schema, String::new()))
}

fn side(name: String, schema: Schema, root: String) -> Side {
    Side {
        subject: Subject {
            kind: SubjectKind::Xsd,
            definition: blank::of_schema(&name, schema),
            storage: Vec::new(),
            not_compared: Vec::new(),
            name,
        },
        root,
    }
}
