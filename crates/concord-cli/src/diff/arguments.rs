//! The command lines of `concord diff` and `concord gate`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use concord_report::{Format, ParseFormatError};
use concord_settings::{Category, Day};

use crate::arguments::{ConfigArguments, ReferenceArguments, SchemasArguments};

const SIDES: &str = "\
A side is a shipped standard (cds@6-3-1), a definition folder (schemas/cds/6-3-1), an official XSD (.xsd), a JSON Schema (.json), \
a Parquet file or folder, an Arrow file (.arrow, .feather), a CSV with a header and rows, or any of these as it was at a \
revision (git:origin/main:schemas/cds/6-3-1). Sides of different kinds are compared in what both can say.

Exit codes: 0 nothing that fails; 1 something does; 2 wrong usage or a malformed side; 3 a side could not be read.";

const USAGE: &str = "concord diff [OPTIONS] <OLD> <NEW>
       concord diff [OPTIONS] <NEW> --against <git:REV>";

#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = SIDES)]
pub(crate) struct DiffArguments {
    /// The old side and the new one; with --against, the new one alone
    #[arg(required = true, num_args = 1..=2, value_name = "SIDE")]
    pub(crate) sides: Vec<String>,
    /// The revision of which the same path is the old side, such as git:origin/main
    #[arg(long, value_name = "git:REV")]
    pub(crate) against: Option<String>,
    /// Show only changes that break these
    #[arg(long = "for", value_enum, value_name = "WHOM", value_delimiter = ',')]
    pub(crate) for_whom: Vec<CategoryName>,
    /// Which changes make the exit code 1: those that break these, or never; those that are shown when not given
    #[arg(long, value_enum, value_name = "WHOM|never", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOnName>,
    /// Check the submissions in a folder with both sides, and count the records that only one of them takes
    #[arg(long, value_name = "DIR")]
    pub(crate) impact: Option<PathBuf>,
    /// Say how far away from this day a change takes effect, where its day is known
    #[arg(long, value_name = "CCYY-MM-DD", value_parser = day)]
    pub(crate) as_at: Option<Day>,
    #[command(flatten)]
    pub(crate) shown: ShownArguments,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
}

const GATE: &str = "\
What is guarded, what fails and what is excepted stands in concord.toml ([gate], [[gate.subject]], [[gate.exception]]). \
Without it, changes that break submitters or storage fail. A change of which it is not known whether it breaks somebody fails \
like one that does.

Exit codes: 0 nothing that fails; 1 something does, or an exception is expired; 2 wrong usage, settings or a malformed side; \
3 a side could not be read.";

#[derive(Debug, Args)]
#[command(after_help = GATE)]
pub(crate) struct GateArguments {
    /// What is guarded: definition folders, folders that hold some, files of them, or other sides; those of concord.toml when
    /// not given
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What it is compared with: a revision (git:origin/main) for the same path, or another side
    #[arg(long, value_name = "git:REV|OLD")]
    pub(crate) against: Option<String>,
    /// The day that is today for notice periods and exceptions; today when not given
    #[arg(long, value_name = "CCYY-MM-DD", value_parser = day)]
    pub(crate) as_at: Option<Day>,
    #[command(flatten)]
    pub(crate) shown: ShownArguments,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// How changes are shown.
#[derive(Debug, Args)]
pub(crate) struct ShownArguments {
    /// human; markdown for a changelog; json; sarif, junit, github, gitlab for pipelines; concise, csv, ndjson, html
    #[arg(long, value_name = "FORMAT", default_value_t = ChangesFormat::Human, hide_default_value = true)]
    pub(crate) format: ChangesFormat,
    /// Write to a file, which appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Make no records that show what a change breaks
    #[arg(long)]
    pub(crate) no_proof: bool,
}

/// A day as `CCYY-MM-DD`.
fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "expected a day such as 2026-04-01".to_owned())
}

/// A format of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangesFormat {
    /// For people.
    Human,
    /// A changelog.
    Markdown,
    /// Everything.
    Json,
    /// As the findings of a check are shown.
    Findings(Format),
}

impl fmt::Display for ChangesFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Human => "human",
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Findings(format) => format.as_str(),
        })
    }
}

impl FromStr for ChangesFormat {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse()? {
            Format::Human => Self::Human,
            Format::Markdown => Self::Markdown,
            Format::Json => Self::Json,
            other => Self::Findings(other),
        })
    }
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CategoryName {
    /// A submission that was valid before is rejected now
    Submitter,
    /// A value arrives that the receiver could not take before
    Receiver,
    /// Stored tables change incompatibly
    Storage,
    /// The same bytes mean something else
    Meaning,
}

/// Whom a change must break to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnName {
    /// A submission that was valid before is rejected now
    Submitter,
    /// A value arrives that the receiver could not take before
    Receiver,
    /// Stored tables change incompatibly
    Storage,
    /// The same bytes mean something else
    Meaning,
    /// Nothing fails
    Never,
}

impl From<CategoryName> for Category {
    fn from(name: CategoryName) -> Self {
        match name {
            CategoryName::Submitter => Self::Submitter,
            CategoryName::Receiver => Self::Receiver,
            CategoryName::Storage => Self::Storage,
            CategoryName::Meaning => Self::Meaning,
        }
    }
}

impl FailOnName {
    /// The category; none for never.
    pub(crate) fn category(self) -> Option<Category> {
        Some(match self {
            Self::Submitter => Category::Submitter,
            Self::Receiver => Category::Receiver,
            Self::Storage => Category::Storage,
            Self::Meaning => Category::Meaning,
            Self::Never => return None,
        })
    }
}
