//! What `concord check` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use concord_report::Format;
use concord_settings::Rate;
use jiff::civil::Date;

use super::shared::{
    ConfigArguments, FailOn, ReferenceArguments, RuleProfile, SchemasArguments, day, param,
};

#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools)] // they are switches of the command
#[command(after_help = CHECK_SETTINGS)]
pub(crate) struct CheckArguments {
    /// Files, folders, patterns, archives (.gz, .zst, .zip), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The standard to check against; recognised from the content when not given
    #[arg(long, value_name = "ID@VERSION", conflicts_with = "schema")]
    pub(crate) standard: Option<String>,
    /// Check structure and values against an XSD of your own instead; or FHIR resources against a JSON Schema of your own
    #[arg(long, value_name = "FILE.xsd|FILE.json")]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    /// Judge by this day: codes and organisations as they were then, where a rule or record says no day of its own; and tell of
    /// standards that were not in force
    #[arg(long, value_name = "CCYY-MM-DD", value_parser = day)]
    pub(crate) as_at: Option<Date>,
    /// Compare the totals of the data sets that are given together, such as acm.csv plcm.csv drplcm.csv deplcm.csv
    #[arg(long)]
    pub(crate) reconcile: bool,
    /// What was invoiced, to compare the aggregate with: a CSV with the columns provider, commissioner, year, month, amount
    #[arg(long, value_name = "FILE.csv", requires = "reconcile")]
    pub(crate) invoice: Option<PathBuf>,
    /// HL7 messages: hold them against one another, over all inputs, in the order of their events: admissions, transfers,
    /// discharges, merges, repetitions, numbers left out. =arrival takes them as they come, and tells of those that are late
    #[arg(
        long,
        value_enum,
        value_name = "ORDER",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "event"
    )]
    pub(crate) stays: Option<StaysOrder>,
    /// With --stays=arrival: for how many minutes a message waits for others that happened before it
    #[arg(long, value_name = "MINUTES", requires = "stays", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=525_600))]
    pub(crate) stays_window: u32,
    /// Write each input again with what is wrong beyond doubt put right, to the file or folder given with -o, a list of the
    /// changes beside it; then check what was written
    #[arg(long, requires = "output")]
    pub(crate) fix: bool,
    /// What the portal knows of a submission: provider, submitter, period-start, period-end, submitted
    #[arg(long, value_name = "KEY=VALUE", value_parser = param)]
    pub(crate) param: Vec<(String, String)>,
    /// Of a submission of many tables, whether rules are those that the national system runs or those that are published
    #[arg(long, value_enum, default_value_t = RuleProfile::Implemented, hide_default_value = true)]
    pub(crate) profile: RuleProfile,
    /// human, concise; json, ndjson, csv; sdcs (with -o DIR four files, as the national system sends them); sarif, junit, github, gitlab for pipelines; html, markdown to be read elsewhere
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Human, hide_default_value = true)]
    pub(crate) format: Format,
    /// Write the report to a file, which appears when it is complete; with --fix, the file or folder for what is fixed
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Which findings make the exit code 1; those that reject something when not given
    #[arg(long, value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// Rejected records fail only when they are more than this share of all, such as 0.5%; what rejects a file still does
    #[arg(long, value_name = "RATE%")]
    pub(crate) max_rate: Option<Rate>,
    /// Show and fail on only what the report of an earlier run (json or ndjson) has not
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Show at most this many findings; all are counted
    #[arg(long, value_name = "N")]
    pub(crate) max_findings: Option<u64>,
    /// How many threads to use; as many as there are processors when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Show values that identify people instead of masking them
    #[arg(long)]
    pub(crate) show_values: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

const CHECK_SETTINGS: &str = "\
concord.toml says what is to hold for every run: defaults of these options ([check]), rules graded otherwise ([rules]),
and waivers ([[waiver]]: a rule, an element, a provider, a file or a record, with owner, reason and expiry).
An expired waiver fails the run. `concord compare` says what is new and what is fixed between two reports.";

/// In which order messages are held against one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StaysOrder {
    /// In that of their events, wherever they stand
    Event,
    /// As they come: by the names of files, then as they stand in them
    Arrival,
}
