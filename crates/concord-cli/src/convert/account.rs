//! What a conversion read, wrote and could not carry, and the file `concord.json` of the output, which says so to programs
//! (`schemas/meta/conversion.schema.json`). `told` says it to people.

use std::collections::BTreeMap;

use concord_convert::{Loss, Losses};
use concord_finding::{FileSummary, NotRun, RecordCounts, RuleCount, Summary, Verdict};
use serde::Serialize;

/// The account of a run.
#[derive(Default)]
pub(super) struct Account {
    pub(super) form: Form,
    pub(super) inputs: Vec<InputAccount>,
    pub(super) summary: Summary,
    pub(super) losses: Losses,
    pub(super) written: Written,
    /// Records that are as they were in the earlier output, if one was named.
    pub(super) unchanged: Option<u64>,
    /// Earlier outputs that lie in the folders of the inputs, and are not read.
    pub(super) left_out: Vec<String>,
}

/// In what form the output is.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Form {
    /// What it was converted to, as the user named it.
    pub(super) to: String,
    /// Whether tables and columns are those of the inputs' own standards.
    pub(super) native: bool,
    /// Whether pseudonyms stand in place of identifiers.
    pub(super) pseudonymised: bool,
    /// The columns that divide the datasets into folders.
    pub(super) partition_by: Vec<String>,
}

/// What an input is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// A submission, which was checked.
    #[default]
    Submission,
    /// Resources of FHIR that lie in one place.
    Resources,
    /// An earlier output, in Parquet.
    Lake,
}

/// The account of one input.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct InputAccount {
    pub(super) file: String,
    pub(super) kind: Kind,
    pub(super) standard: Option<String>,
    pub(super) verdict: Option<Verdict>,
    pub(super) bytes: u64,
    pub(super) records: RecordCounts,
    pub(super) findings: BTreeMap<&'static str, u64>,
    /// Rows written, by dataset.
    pub(super) rows: BTreeMap<String, u64>,
    /// Why it could not be read to its end or follows no standard that is known; then none of it was written.
    pub(super) unreadable: Option<String>,
}

impl InputAccount {
    pub(super) fn of(summary: &FileSummary) -> Self {
        Self {
            file: summary.file.clone(),
            standard: summary.standard.clone(),
            verdict: Some(summary.verdict),
            bytes: summary.bytes,
            records: summary.records,
            findings: summary.findings.clone(),
            ..Self::default()
        }
    }

    /// With so many records, which nothing rejects.
    pub(super) fn with_records(mut self, records: u64) -> Self {
        self.records = RecordCounts {
            records,
            accepted: records,
            rejected: 0,
        };
        self
    }
}

/// What was written.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Written {
    /// Rows by dataset or table.
    pub(super) rows: BTreeMap<String, u64>,
    /// Records by the folder that they stand in.
    pub(super) records: BTreeMap<String, u64>,
    /// Resources of FHIR by their type.
    pub(super) resources: BTreeMap<String, u64>,
}

impl Written {
    /// Adds what else was written.
    pub(super) fn add(&mut self, other: Self) {
        let Self {
            rows,
            records,
            resources,
        } = other;
        for (into, from) in [
            (&mut self.rows, rows),
            (&mut self.records, records),
            (&mut self.resources, resources),
        ] {
            for (name, count) in from {
                *into.entry(name).or_default() += count;
            }
        }
    }
}

/// `concord.json`.
#[derive(Serialize)]
struct Manifest<'a> {
    /// The version of the program.
    concord: &'static str,
    #[serde(flatten)]
    form: &'a Form,
    /// Whether the output was put in its place.
    written: bool,
    inputs: &'a [InputAccount],
    #[serde(flatten)]
    counts: &'a Written,
    /// Records that are as they were in the earlier output; null when none was named.
    unchanged: Option<u64>,
    /// What could not be carried.
    losses: Vec<Loss>,
    /// Findings by rule.
    rules: &'a [RuleCount],
    not_run: &'a [NotRun],
    /// Earlier outputs that lie in the folders of the inputs.
    left_out: &'a [String],
    /// Every other file of the output.
    files: &'a [String],
}

impl Account {
    pub(super) fn of(form: Form) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, input: InputAccount, rules: Summary, losses: Losses) {
        self.written.add(Written {
            rows: input.rows.clone(),
            ..Written::default()
        });
        self.inputs.push(input);
        self.summary.add_rules(rules.rules);
        self.losses.merge(losses);
    }

    pub(super) fn add_rows(&mut self, dataset: &str, rows: u64) {
        *self.written.rows.entry(dataset.to_owned()).or_default() += rows;
    }

    /// Forgets the rows of a dataset, which was taken out again.
    pub(super) fn remove_rows(&mut self, dataset: &str) {
        self.written.rows.remove(dataset);
        for input in &mut self.inputs {
            input.rows.remove(dataset);
        }
    }

    /// The account as JSON, with the files of the output if it was put in its place.
    pub(super) fn json(&self, files: Option<&[String]>) -> String {
        let manifest = Manifest {
            concord: env!("CARGO_PKG_VERSION"),
            form: &self.form,
            written: files.is_some(),
            inputs: &self.inputs,
            counts: &self.written,
            unchanged: self.unchanged,
            losses: self.losses.list(),
            rules: &self.summary.rules,
            not_run: &self.summary.not_run,
            left_out: &self.left_out,
            files: files.unwrap_or_default(),
        };
        let mut text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
        text.push('\n');
        text
    }
}
