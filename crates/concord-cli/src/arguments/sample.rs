//! What `concord sample` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use concord_model::financial::FinancialYear;

use super::shared::{RuleProfile, SchemasArguments, share};

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

/// How CDS records reach their receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProtocolName {
    /// Net change: each record stands for itself
    Net,
    /// Bulk replacement: all records of a period are replaced
    Bulk,
}
