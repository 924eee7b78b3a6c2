//! `concord standards import CONTRACT.json`: the definition of a Data Validation Engine contract.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use concord_rules::Compiler;
use concord_standards::definition::{Definition, Elements};
use concord_standards::exchange::{Imported, from_dischema};
use concord_standards::registry::Registry;

use crate::arguments::ImportArguments;
use crate::failure::Failure;
use crate::reference::KnownTables;
use crate::standards::import::{file_name, new_name, write_files};
use crate::{output, source};

/// The longest contract that is read.
const MOST_BYTES: u64 = 64 << 20;

/// Exit code when a part of the contract was not carried over.
const LOST: u8 = 1;

/// Whether a file to import is a contract, by its name.
pub(super) fn is_contract(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Writes the definition, and says what of the contract it does not hold.
pub(super) fn import(
    registry: &Registry,
    arguments: &ImportArguments,
) -> Result<ExitCode, Failure> {
    let file = &arguments.file;
    let unreadable = |error: std::io::Error| {
        Failure::unreadable(format!("{} cannot be read: {error}", file.display()))
    };
    if std::fs::metadata(file).map_err(unreadable)?.len() > MOST_BYTES {
        return Err(Failure::unreadable(format!(
            "{} is too long for a contract",
            file.display()
        )));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let (id, version) = new_name(arguments)?;
    // A folder that holds definitions already has its own elements.csv, which is written anew.
    let beside = arguments.output.join("elements.csv").exists();
    let beside = beside
        .then(|| source::registry(Some(&arguments.output)))
        .transpose()?;
    let registry = beside.as_ref().unwrap_or(registry);
    let known = registry
        .list()
        .first()
        .map(|info| registry.load(&info.name()))
        .transpose()?;
    let none = Elements::default();
    let elements = known.as_ref().map_or(&none, |known| &known.elements);
    let folder = format!("{id}/{version}");
    let refused = |files: &BTreeMap<String, String>| refused(files, &folder);
    let imported = from_dischema(
        &text,
        &file_name(file),
        (&id, &version),
        elements,
        &refused,
    )
    .map_err(|error| {
        Failure::usage(
            error.to_string(),
            "give the contract of a data set that is read from delimited text (*.dischema.json)",
        )
    })?;
    let mut text = write_files(&arguments.output, &imported.files)?;
    summary(&imported, &mut text);
    let _ = writeln!(
        text,
        "\nNow `concord standards lint --schemas {folder} {id}@{version}` says what is still to be written, and\n\
         `concord check --schemas {folder} --standard {id}@{version} FILE` checks against it.",
        folder = arguments.output.display(),
    );
    output::print(&text)?;
    Ok(if imported.lost.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(LOST)
    })
}

/// The rules of a definition that cannot be compiled, by their ids, and why. Of one that cannot be read at all lint says what is
/// wrong.
fn refused(files: &BTreeMap<String, String>, folder: &str) -> BTreeMap<String, String> {
    let Ok(definition) = Definition::load(files, folder) else {
        return BTreeMap::new();
    };
    let compiler = Compiler::new(&definition).with_reference(Arc::new(KnownTables));
    let errors = compiler.compile(&definition.rules).err();
    let errors = errors.into_iter().flatten();
    errors
        .map(|error| (error.rule.to_string(), error.message.clone()))
        .collect()
}

fn summary(imported: &Imported, text: &mut String) {
    // Writing to a `String` does not fail.
    let _ = writeln!(
        text,
        "\ncarried over: {} tables, {} columns, {} rules (which need examples: see `concord standards lint`)",
        imported.tables, imported.columns, imported.rules
    );
    if imported.lost.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "not carried over as it stood there: {}",
        imported.lost.len()
    );
    for lost in &imported.lost {
        let _ = writeln!(text, "  {}: {}", lost.place, lost.reason);
    }
}
