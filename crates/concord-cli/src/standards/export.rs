//! `concord standards export`.

use std::path::Path;

use concord_standards::exchange::to_odcs;
use concord_standards::registry::Registry;

use crate::failure::Failure;
use crate::output::write_file;

/// A tabular standard as an Open Data Contract Standard file, to a file or to standard output.
pub(super) fn odcs(
    registry: &Registry,
    name: &str,
    output: Option<&Path>,
) -> Result<String, Failure> {
    let definition = registry.load(name)?;
    let text = to_odcs(&definition).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "`concord standards list` shows the carrier of every standard: delimited and fixed-width ones are tabular",
        )
    })?;
    match output {
        None => Ok(text),
        Some(file) => {
            write_file(file, &text)?;
            Ok(format!("{}\n", file.display()))
        }
    }
}
