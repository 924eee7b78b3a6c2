//! `concord standards new`: the folder of a definition, inferred from samples or to be filled in.

mod arguments;
mod document;
mod proof;
mod schema;
mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use concord_read::{Input, Limits, expand};
use concord_standards::infer::{Carrier, Naming, empty_definition};
use concord_standards::registry::Registry;

use crate::failure::Failure;
use crate::standards::import::{file_name, known, standard_name, write_files};
use crate::{output, source};

use self::arguments::CarrierName;
pub(crate) use self::arguments::NewArguments;

/// What a definition was made of.
struct Made {
    files: BTreeMap<String, String>,
    /// What was found, for people.
    found: String,
    /// Samples that the definition is to hold against.
    samples: Vec<Input>,
}

/// Writes the definition, and says what was inferred and whether the samples follow it.
pub(super) fn new(registry: &Registry, arguments: &NewArguments) -> Result<ExitCode, Failure> {
    let (id, version) = standard_name(&arguments.name)?;
    let naming = Naming::new(id, version, from(&arguments.from));
    let output = &arguments.output;
    let place = output.join(naming.folder());
    if place.join("standard.toml").exists() {
        return Err(Failure::usage(
            format!("{} is there already", place.join("standard.toml").display()),
            "name another version, or take the folder away",
        ));
    }
    // A folder that holds definitions has its own elements.csv and code lists, to which what is inferred is added.
    let beside = output
        .is_dir()
        .then(|| source::registry(Some(output)))
        .transpose()?;
    let known = known(beside.as_ref().unwrap_or(registry))?;
    let limits = Limits::default();
    let made = match &arguments.from[..] {
        [] => {
            let carrier = match arguments.carrier {
                CarrierName::Delimited => Carrier::Delimited,
                CarrierName::Xml => Carrier::Xml,
            };
            Made {
                files: empty_definition(carrier, &naming, &known),
                found: String::new(),
                samples: Vec::new(),
            }
        }
        [file] if is_xsd(file) => schema::made(file, &naming, &known)?,
        paths => {
            let inputs = expand(paths, &limits)?;
            if document::is_document(&inputs, &limits)? {
                document::made(inputs, &naming, &known, &limits)?
            } else {
                table::made(inputs, &naming, &known, &limits, arguments.no_header)?
            }
        }
    };
    let mut text = made.found;
    text.push_str(&write_files(output, &made.files)?);
    let name = format!("{}@{}", naming.id, naming.version);
    let left = proof::held(&made.samples, output, &name, &limits)?;
    let folder = output.display();
    // Writing to a `String` does not fail.
    if let Some(left) = &left {
        let _ = write!(text, "\n{}", left.told);
    }
    let _ = writeln!(
        text,
        "\nWhat is inferred says so. Hold it against the specification, then\n\
         `concord standards lint --schemas {folder} {name}` and `concord standards test --schemas {folder} {name}`, and\n\
         `concord check --schemas {folder} --standard {name} FILE` checks against it.",
    );
    output::print(&text)?;
    Ok(left.map_or(ExitCode::SUCCESS, |left| left.exit))
}

/// What a definition is made from, as people are to read it.
fn from(paths: &[PathBuf]) -> String {
    match paths {
        [] => String::new(),
        [only] => file_name(only).into_owned(),
        [first, rest @ ..] => format!("{} and {} more", file_name(first), rest.len()),
    }
}

fn is_xsd(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xsd"))
}
