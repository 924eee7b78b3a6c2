//! What several commands take: where definitions, settings and reference data are, and words and values that mean the same
//! everywhere.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::Date;

/// Options about the settings of a folder or repository.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct ConfigArguments {
    /// The settings; concord.toml beside the inputs, or above them in their repository, when not given
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Use no concord.toml
    #[arg(long)]
    pub(crate) no_config: bool,
}

/// Options about where definitions come from.
#[derive(Debug, Clone, Args)]
pub(crate) struct SchemasArguments {
    /// A folder of definitions that add to the shipped ones or take their place
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) schemas: Option<PathBuf>,
}

/// Options about where reference data are.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReferenceArguments {
    /// The folder of reference data; the user's own when not given
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) reference: Option<PathBuf>,
}

/// Whose word counts where the published text and the national system say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RuleProfile {
    /// What the national system does
    Implemented,
    /// What the published text says
    Published,
}

/// Which findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FailOn {
    /// Those that reject something
    #[default]
    Reject,
    /// Warnings too
    Warn,
    /// None
    Never,
}

/// How an account is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccountFormat {
    /// For people
    Human,
    /// JSON, as in the file concord.json of the output
    Json,
}

/// A day as `CCYY-MM-DD`.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    match text.parse::<Date>() {
        Ok(date) if date.to_string() == text => Ok(date),
        _ => Err("expected a day such as 2026-04-01".to_owned()),
    }
}

/// `KEY=VALUE`.
pub(super) fn param(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected a name, `=` and a value".to_owned()),
    }
}

/// A number from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1, such as 0.2 for a fifth".to_owned()),
    }
}

/// Whether a file's name says that it holds JSON.
pub(crate) fn is_json(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}
