//! The decision table, and the settings with the user's own tables.

use std::path::Path;

use concord_derive::commissioner::{DecisionTable, Error, Settings};
use concord_standards::registry::Registry;

use crate::failure::Failure;
use crate::source;

/// Where the method of the year stands among the definitions.
const FOLDER: &str = "commissioner-assignment/2025-26";

/// The shipped method, or what the user's own definitions put in its place.
pub(super) fn table(schemas: Option<&Path>) -> Result<DecisionTable, Failure> {
    let registry: Registry = source::registry(schemas)?;
    let read = |file: &str| {
        registry
            .source()
            .read(&format!("{FOLDER}/{file}"))
            .map(std::borrow::Cow::into_owned)
            .map_err(|error| error.to_string())
    };
    DecisionTable::load(&read).map_err(|error| wrong(&error))
}

/// The user's settings for a method; those that it has by itself when there are none.
pub(super) fn settings(path: Option<&Path>, method: &DecisionTable) -> Result<Settings, Failure> {
    let Some(path) = path else {
        return Ok(Settings::default());
    };
    let file = path.display().to_string();
    let mut settings = Settings::read(&file, &text(path)?).map_err(|error| wrong(&error))?;
    method
        .takes(&file, &settings)
        .map_err(|error| wrong(&error))?;
    let beside = path.parent().unwrap_or(Path::new(""));
    for (table, name) in settings.files.clone() {
        let file = beside.join(name);
        settings
            .add(table, &file.display().to_string(), &text(&file)?)
            .map_err(|error| wrong(&error))?;
    }
    Ok(settings)
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("{} cannot be read: {error}", path.display()),
            "settings are TOML, and the tables that they name are CSV in UTF-8 beside them",
        )
    })
}

pub(super) fn wrong(error: &Error) -> Failure {
    match error {
        Error::Reference(_) => Failure::unreadable(error.to_string()),
        _ => Failure::usage(
            error.to_string(),
            "the handbook's page on commissioners says what settings and tables hold",
        ),
    }
}
