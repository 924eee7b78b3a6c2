//! What `concord convert` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::DateTime;

use super::shared::{
    AccountFormat, ConfigArguments, ReferenceArguments, RuleProfile, SchemasArguments, is_json,
    param,
};

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // they are switches of the command
#[allow(clippy::doc_markdown)] // what stands here is printed as help
pub(crate) struct ConvertArguments {
    /// Files, folders, patterns, archives (.gz, .zst, .zip), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What to convert to: parquet, fhir (a file for each type of resource), fhir-bundles, jsonl, a standard such as
    /// cds@6-3-1 or plcm@2025, or an extract: sus-apc, sus-op, sus-ae; of a submission of many tables provider-pre-deadline,
    /// provider-post-deadline, commissioning
    #[arg(long, value_name = "FORM|ID@VERSION")]
    pub(crate) to: ConvertTo,
    /// The folder to write; it appears, or takes the place of an earlier output, when all of it is written
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Keep the standard's own tables and columns: one dataset for each table, or each group that repeats
    #[arg(long)]
    pub(crate) native: bool,
    /// Of a document, what its envelope says and the records do not: sender, receiver, control-reference,
    /// date-of-preparation, time-of-preparation, application-reference, protocol; of a submission of many tables, what the portal
    /// knows, as `concord check` takes it
    #[arg(long, value_name = "KEY=VALUE", value_parser = param)]
    pub(crate) param: Vec<(String, String)>,
    /// Of a submission of many tables, whether rules are those that the national system runs or those that are published
    #[arg(long, value_enum, default_value_t = RuleProfile::Implemented, hide_default_value = true)]
    pub(crate) profile: RuleProfile,
    /// Of a document, write records that lack what must be there all the same; a table beside it lists what each of them lacks
    #[arg(long)]
    pub(crate) draft: bool,
    /// JSON Lines: write what has changed since an earlier output, and nothing of what has not
    #[arg(long, value_name = "DIR|FILE.jsonl")]
    pub(crate) since: Option<PathBuf>,
    /// Columns whose values divide the datasets into folders, such as provider,financial_month
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub(crate) partition_by: Vec<String>,
    /// What becomes of rejected records
    #[arg(long, value_enum, default_value_t = OnRejectName::Split)]
    pub(crate) on_reject: OnRejectName,
    /// Write pseudonyms made with the key in this file instead of identifiers, years and districts instead of birth dates and
    /// postcodes, and no names
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) pseudonymise: Option<PathBuf>,
    /// Fail when anything could not be carried
    #[arg(long)]
    pub(crate) strict: bool,
    /// Convert the other inputs when some cannot be read to their end or follow no standard that is known
    #[arg(long)]
    pub(crate) skip_unreadable: bool,
    /// The standard that the inputs follow; recognised from the content when not given
    #[arg(long, value_name = "ID@VERSION", conflicts_with = "schema")]
    pub(crate) standard: Option<String>,
    /// FHIR resources: check them on the way against a JSON Schema of your own
    #[arg(long, value_name = "FILE.json", value_parser = json_schema)]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    /// How the account is written: for people, or as JSON
    #[arg(long, value_enum, default_value_t = AccountFormat::Human)]
    pub(crate) format: AccountFormat,
    /// How many threads to use; as many as there are processors when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Show values that identify people in findings instead of masking them
    #[arg(long)]
    pub(crate) show_values: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
    #[command(flatten)]
    pub(crate) pricing: PricingArguments,
}

/// The path of a JSON Schema.
fn json_schema(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if is_json(&path) {
        Ok(path)
    } else {
        Err("expected a JSON Schema, in a file whose name ends with .json".to_owned())
    }
}

/// What submissions are converted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConvertTo {
    /// Parquet datasets.
    Parquet,
    /// Resources of FHIR, a file for each type.
    Fhir,
    /// Resources of FHIR, a bundle for each record.
    FhirBundles,
    /// A line of JSON for each hospital spell or other record.
    JsonLines,
    /// Submissions that follow a standard.
    Standard(String),
    /// An extract that no standard describes, by its name.
    Extract(String),
}

impl ConvertTo {
    /// As the user names it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Parquet => "parquet",
            Self::Fhir => "fhir",
            Self::FhirBundles => "fhir-bundles",
            Self::JsonLines => "jsonl",
            Self::Standard(name) | Self::Extract(name) => name,
        }
    }
}

impl From<&str> for ConvertTo {
    fn from(text: &str) -> Self {
        match text {
            "parquet" => Self::Parquet,
            "fhir" => Self::Fhir,
            "fhir-bundles" => Self::FhirBundles,
            "jsonl" => Self::JsonLines,
            name if name.contains('@') => Self::Standard(name.to_owned()),
            name => Self::Extract(name.to_owned()),
        }
    }
}

/// What becomes of rejected records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnRejectName {
    /// They are converted like the others; the column `source_effect` tells them apart
    Keep,
    /// They are left out, and counted
    Drop,
    /// They stand as they came, with the rules that they break, in the dataset `rejects`
    Split,
}

/// What lines of priced activity are made by.
#[derive(Debug, Args)]
#[allow(clippy::doc_markdown)] // what stands here is printed as help
#[command(next_help_heading = "Patient level and aggregate tables of activity with its prices")]
pub(crate) struct PricingArguments {
    /// Prices: a CSV with the column price and columns that say what each is for
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) prices: Option<PathBuf>,
    /// Healthcare resource groups: a CSV with the columns cds_unique_identifier, healthcare_resource_group
    #[arg(long, value_name = "FILE.csv", requires = "prices")]
    pub(crate) groups: Option<PathBuf>,
    /// Rules that say which point of delivery an activity is of; one integrated care board's when not given
    #[arg(long, value_name = "FILE.toml", requires = "prices")]
    pub(crate) points: Option<PathBuf>,
    /// A list that those rules name, such as reduced-short-stay=groups.csv: the first cell of each line
    #[arg(long, value_name = "NAME=FILE", requires = "prices", value_parser = param)]
    pub(crate) point_list: Vec<(String, String)>,
    /// Who is responsible for the patients of a practice: a CSV with the columns practice, commissioner
    #[arg(long, value_name = "FILE.csv", requires = "prices")]
    pub(crate) responsible: Option<PathBuf>,
    /// When the data set is made; now when not given
    #[arg(long, value_name = "CCYY-MM-DDThh:mm:ss", requires = "prices", value_parser = moment)]
    pub(crate) created: Option<String>,
}

/// A moment as `CCYY-MM-DDThh:mm:ss`.
fn moment(text: &str) -> Result<String, String> {
    match text.parse::<DateTime>() {
        Ok(moment) if moment.to_string() == text => Ok(text.to_owned()),
        _ => Err("expected a moment such as 2026-05-20T09:30:00".to_owned()),
    }
}
