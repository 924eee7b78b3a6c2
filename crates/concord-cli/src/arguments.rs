//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use concord_model::financial::FinancialYear;
use concord_report::Format;
use concord_settings::Rate;
use jiff::civil::{Date, DateTime};

use crate::derive::arguments::DeriveArguments;
use crate::diff::arguments::{DiffArguments, GateArguments};
use crate::feed::arguments::FeedArguments;
use crate::practice::arguments::PracticeArguments;
use crate::standards::NewArguments;

/// Check NHS data submissions before the national system does.
#[derive(Debug, Parser)]
#[command(name = "concord", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage or a bad definition;
            3 an input could not be read to its end.
Values that identify people are masked unless --show-values is given. Nothing is sent anywhere.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check submissions: structure, values and rules
    Check(CheckArguments),
    /// Say what is new, fixed and persisting between the reports of two checks
    Compare(CompareArguments),
    /// Convert submissions: check them and write what they say somewhere else
    Convert(ConvertArguments),
    /// Derive facts by published rules, with their reasons
    Derive(DeriveArguments),
    /// Say what changed between two standards, and whom it breaks
    Diff(DiffArguments),
    /// Check a live feed: every message is judged, stored and answered
    Feed(Box<FeedArguments>),
    /// Pass or fail by what changed, as concord.toml says
    Gate(GateArguments),
    /// Look up the canonical model, which conversions write and read
    Model(ModelArguments),
    /// Keep the extracts of a practice: batches in order, every row ever sent, and the latest state
    Practice(PracticeArguments),
    /// Write synthetic submissions
    Sample(SampleArguments),
    /// Look standards up, read an official XSD, test definitions
    Standards(StandardsArguments),
    /// Import organisations and postcodes, and look them up as at a date
    Reference(ReferenceCommandArguments),
}

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

#[derive(Debug, Args)]
pub(crate) struct ReferenceCommandArguments {
    #[command(subcommand)]
    pub(crate) command: Option<ReferenceCommand>,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReferenceCommand {
    /// Read files of the Organisation Data Service, of TRUD, or a postcode directory; each replaces what it said before
    #[command(after_help = concord_reference::ACCEPTED)]
    Import {
        /// Files, folders, patterns or archives (.gz, .zst, .zip); what each is, is recognised
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// What is known of an organisation or postcode; without one, where the data come from (the default)
    Show {
        /// The code of an organisation, or a postcode
        #[arg(value_name = "CODE|POSTCODE")]
        code: Option<String>,
        /// As it was or will be on this day; when not given, everything, judged by today
        #[arg(long, value_name = "CCYY-MM-DD", value_parser = day)]
        as_at: Option<Date>,
    },
}

/// A day as `CCYY-MM-DD`.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    match text.parse::<Date>() {
        Ok(date) if date.to_string() == text => Ok(date),
        _ => Err("expected a day such as 2026-04-01".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct StandardsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<StandardsCommand>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StandardsCommand {
    /// Every standard that is known (the default)
    List,
    /// What a standard is made of, group by group
    Show {
        /// The standard, such as cds@6-3-1
        standard: String,
        /// An element, or the end of its path, such as PatientIdentity/Birth; or a column
        path: Option<String>,
        /// How many levels to show
        #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=64))]
        depth: u16,
    },
    /// What a rule says, why, and what to do when it is broken
    Explain {
        /// The rule's id, such as CDS-E2
        rule: String,
        /// The standard, when several have a rule of this id
        #[arg(long)]
        standard: Option<String>,
    },
    /// The codes of a code list and their meanings; all code lists when none is named
    Codes {
        /// The code list's id
        name: Option<String>,
        /// One code of it
        code: Option<String>,
    },
    /// Write the definition of an official XSD, or of a Data Validation Engine contract (.json)
    Import(ImportArguments),
    /// Write the definition of a new standard: inferred from samples, from an XSD, or to be filled in
    New(NewArguments),
    /// Write a tabular standard in a form that other tools read
    Export {
        /// As an Open Data Contract Standard v3 file (YAML, in the JSON form of it)
        #[arg(long, value_name = "ID@VERSION")]
        odcs: String,
        /// The file to write; standard output when not given
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Run every rule on its own examples
    Test {
        /// Standards to test; all when none is named
        standards: Vec<String>,
    },
    /// Look for mistakes in definitions
    Lint {
        /// Standards to look at; all when none is named
        standards: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The XSD, whose included files are read from beside it; or the contract, such as apc.dischema.json
    pub(crate) file: PathBuf,
    /// The folder to write the definition to
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// The new standard's name, such as cds@6-3-1
    #[arg(long = "as", value_name = "ID@VERSION")]
    pub(crate) name: Option<String>,
}

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

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The report of the earlier run, written with --format json or ndjson; or ours, written with --format sdcs
    #[arg(value_name = "RUN1")]
    pub(crate) earlier: PathBuf,
    /// The report of the later run; or the national summary report, a folder or one of its files
    #[arg(value_name = "RUN2")]
    pub(crate) later: PathBuf,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = CompareFormat::Human)]
    pub(crate) format: CompareFormat,
    /// Write the outcome to a file, which appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How the difference of two runs is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// For people
    Human,
    /// JSON
    Json,
    /// For a comment on a pull request
    Markdown,
}

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

/// Whether a file's name says that it holds JSON.
pub(crate) fn is_json(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
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

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    #[command(subcommand)]
    pub(crate) command: Option<ModelCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// The fields of an entity; every entity when none is named (the default)
    Show {
        /// The entity, such as diagnosis
        entity: Option<String>,
        /// A table for people, JSON, or a diagram of all entities in the language of Mermaid
        #[arg(long, value_enum, default_value_t = ModelFormat::Human)]
        format: ModelFormat,
    },
}

/// How the model is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelFormat {
    /// For people
    Human,
    /// JSON
    Json,
    /// A diagram in the language of Mermaid
    Mermaid,
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

/// `KEY=VALUE`.
fn param(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected a name, `=` and a value".to_owned()),
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

/// How an account is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccountFormat {
    /// For people
    Human,
    /// JSON, as in the file concord.json of the output
    Json,
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

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("labelled").multiple(true)))]
pub(crate) struct SampleArguments {
    /// The standard, such as cds@6-3-1 or hl7-adt (itk-adt@1.0); acm and any of plcm, drplcm and deplcm together make files whose totals agree
    #[arg(value_name = "STANDARD", required = true)]
    pub(crate) standards: Vec<String>,
    /// How many records; of a set, how many of patients; of a practice, how many people
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    pub(crate) records: u64,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// CDS: types of record, such as 130; all that may stand together when none is named
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Tables: the financial year, such as 202526; one in which the standard is in force when not given
    #[arg(long, value_name = "YEAR", value_parser = financial_year)]
    pub(crate) year: Option<FinancialYear>,
    /// Extracts of a practice: changes that follow the first bulk, one a month
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=600))]
    pub(crate) months: u32,
    /// Extracts of EMIS Web: practices that share under one agreement; the second one disables it for some of the months
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) practices: u64,
    /// CDS: how the records are sent
    #[arg(long, value_enum, default_value_t = ProtocolName::Net)]
    pub(crate) protocol: ProtocolName,
    /// Break a rule in this share of the records, and the rules of the envelope; of extracts, in this share of the batches and the rows
    #[arg(long, value_name = "RATE", requires = "labels", group = "labelled", value_parser = share)]
    pub(crate) faults: Option<f64>,
    /// Break these rules only; those that keep others from being checked (XML-…, LIMIT-…, STRUCTURE-ROOT, TABLE-EMPTY,
    /// TABLE-NO-ROWS, TABLE-HEADER-MISSING, TABLE-DELIMITER) are broken only when named here. Submissions of many tables: a rule
    /// about the header or the whole is named alone; TABLE/RULE names one that stands for several tables
    #[arg(
        long,
        visible_alias = "rule",
        value_name = "RULE",
        value_delimiter = ',',
        requires = "faults"
    )]
    pub(crate) fault_rules: Vec<String>,
    /// Write a line of CSV for each fault: rule, record, line, element, what was done; of many tables, also for what follows
    /// from it; of extracts, also the file or the batch
    #[arg(long, value_name = "FILE", requires = "labelled")]
    pub(crate) labels: Option<PathBuf>,
    /// Faults of many tables: whose rules are broken, as `concord check --profile` runs them
    #[arg(long, value_enum, default_value_t = RuleProfile::Implemented)]
    pub(crate) profile: RuleProfile,
    /// HL7 messages: write them as a receiver gets them; --faults makes events that contradict others (STAY-…)
    #[arg(long)]
    pub(crate) stream: bool,
    /// With --stream: messages overtake one another by at most so many minutes
    #[arg(long, value_name = "MINUTES", requires = "stream", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60))]
    pub(crate) shuffle: u32,
    /// With --stream: this share of the messages is sent twice
    #[arg(long, value_name = "RATE", requires = "stream", group = "labelled", value_parser = share)]
    pub(crate) duplicates: Option<f64>,
    /// With --stream: this share of the messages comes later than the hour that receivers wait
    #[arg(long, value_name = "RATE", requires = "stream", group = "labelled", value_parser = share)]
    pub(crate) delays: Option<f64>,
    /// Of a set: write what each commissioner is charged, as `concord check --reconcile --invoice` reads it
    #[arg(long, value_name = "FILE")]
    pub(crate) invoice: Option<PathBuf>,
    /// Write to a file, which appears when it is complete; of a set, a folder for acm.csv, plcm.csv and the others; of a
    /// practice, a new folder for its batches and the state that they end in
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
}

/// A financial year as `202526`.
fn financial_year(text: &str) -> Result<FinancialYear, String> {
    FinancialYear::parse(text.as_bytes())
        .ok_or_else(|| "expected a financial year such as 202526".to_owned())
}

/// A number from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1, such as 0.2 for a fifth".to_owned()),
    }
}

/// How CDS records reach their receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProtocolName {
    /// Net change: each record stands for itself
    Net,
    /// Bulk replacement: all records of a period are replaced
    Bulk,
}

/// Whose word counts where the published text and the national system say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RuleProfile {
    /// What the national system does
    Implemented,
    /// What the published text says
    Published,
}
