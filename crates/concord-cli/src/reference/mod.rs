//! `concord reference`: organisations and postcodes, imported once and looked up as at a date.

mod import;
mod rules;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use concord_read::ReadError;
use concord_reference::{Error, ErrorKind, ReferenceData};

use crate::arguments::{ReferenceCommand, ReferenceCommandArguments};
use crate::failure::Failure;
use crate::output;

pub(crate) use rules::{ForRules, KnownTables, for_rules};

pub(crate) fn run(arguments: &ReferenceCommandArguments) -> Result<ExitCode, Failure> {
    let folder = folder(arguments.reference.reference.as_deref())?;
    let text = match &arguments.command {
        Some(ReferenceCommand::Import { paths }) => import::import(paths, &folder)?,
        Some(ReferenceCommand::Show {
            code: Some(code),
            as_at,
        }) => show::show(&ReferenceData::open(&folder)?, code, *as_at)?,
        Some(ReferenceCommand::Show { code: None, .. }) | None => {
            show::manifest(&ReferenceData::open(&folder)?, &folder)
        }
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The folder that the user named, else `concord/reference` where the user's data are kept: `XDG_DATA_HOME`
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>), on Windows `LOCALAPPDATA`, else `.local/share` in the home folder.
pub(crate) fn folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let absolute = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("LOCALAPPDATA").filter(|_| cfg!(windows)))
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("concord").join("reference"))
        .ok_or_else(|| {
            Failure::usage(
                "there is no folder for reference data: neither XDG_DATA_HOME nor HOME is set",
                "name one with --reference",
            )
        })
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (message, help) = (error.to_string(), error.help().unwrap_or_default());
        if error.is_usage() {
            return Self::usage(message, help);
        }
        match error.into_kind() {
            ErrorKind::Reading { file, error } => ReadError::from_io(error, &file.into()).into(),
            _ => Self::unreadable(format!("{message}\n{help}").trim_end()),
        }
    }
}
