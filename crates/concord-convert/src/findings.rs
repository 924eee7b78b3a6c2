//! Findings as rows, to be joined with the rows that they are about.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use concord_finding::{Fact, Finding, Masking};

use crate::pseudonym::Pseudonymiser;
use crate::pseudonym::inside::without_numbers;
use crate::rejects::Reject;

/// Name of the dataset of findings.
pub const FINDINGS: &str = "findings";
/// Name of the dataset that says which rows came of what findings are about, where these count otherwise.
pub const FINDING_ROWS: &str = "finding_rows";
/// Name of the dataset of rejected records.
pub const REJECTS: &str = "rejects";

/// Datasets of what is wrong with the inputs, beside those of what they say.
pub const BESIDE: [&str; 3] = [FINDINGS, FINDING_ROWS, REJECTS];

/// Columns of text among those of findings.
const TEXTS: [&str; 12] = [
    "source_file",
    "source_standard",
    "rule",
    "effect",
    "element",
    "path",
    "value",
    "expected",
    "record_key",
    "message",
    "source",
    "fingerprint",
];
/// Columns of numbers among those of findings.
const NUMBERS: [&str; 4] = ["source_record", "line", "column", "offset"];

/// The columns of findings. They join to rows by `source_file` and `source_record`; those about resources of FHIR through
/// [`FINDING_ROWS`].
pub fn schema() -> SchemaRef {
    let texts = TEXTS
        .iter()
        .map(|name| Field::new(*name, DataType::Utf8, true));
    let numbers = NUMBERS
        .iter()
        .map(|name| Field::new(*name, DataType::Int64, true));
    Arc::new(Schema::new(texts.chain(numbers).collect::<Vec<_>>()))
}

/// Findings being put into columns.
#[derive(Debug)]
pub struct FindingRows {
    masking: Masking,
    pseudonymiser: Option<Pseudonymiser>,
    texts: Vec<StringBuilder>,
    numbers: Vec<Int64Builder>,
    rows: usize,
}

impl FindingRows {
    /// No findings yet. Personal values are shown as `masking` says; not at all where pseudonyms are made of what identifies
    /// people, as then of keys of records.
    pub fn new(masking: Masking, pseudonymiser: Option<Pseudonymiser>) -> Self {
        Self {
            masking: if pseudonymiser.is_some() {
                Masking::Hidden
            } else {
                masking
            },
            pseudonymiser,
            texts: TEXTS.iter().map(|_| StringBuilder::new()).collect(),
            numbers: NUMBERS.iter().map(|_| Int64Builder::new()).collect(),
            rows: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: &Finding) {
        let texts = match &self.pseudonymiser {
            Some(pseudonymiser) => hidden(texts(finding, self.masking), finding, pseudonymiser),
            None => texts(finding, self.masking),
        };
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_option(text);
        }
        let place = finding.place.as_ref();
        let numbers = [
            finding.record,
            place.map(|place| place.line),
            place.map(|place| place.column),
            place.map(|place| place.offset),
        ];
        for (builder, number) in self.numbers.iter_mut().zip(numbers) {
            builder.append_option(number.and_then(|number| i64::try_from(number).ok()));
        }
        self.rows += 1;
    }

    /// The findings as rows, and none left here.
    ///
    /// # Errors
    /// That the columns do not make a table, which they always do.
    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let texts = self
            .texts
            .iter_mut()
            .map(|texts| Arc::new(texts.finish()) as ArrayRef);
        let numbers = self
            .numbers
            .iter_mut()
            .map(|numbers| Arc::new(numbers.finish()) as ArrayRef);
        RecordBatch::try_new(schema(), texts.chain(numbers).collect())
    }
}

/// What the columns of text say of a finding.
fn texts(finding: &Finding, masking: Masking) -> [Option<String>; TEXTS.len()] {
    let shown = |fact: &Option<Fact>| fact.as_ref().map(|fact| fact.shown(masking));
    [
        Some(finding.file.to_string()),
        finding.standard.as_deref().map(str::to_owned),
        Some(finding.rule.id.to_string()),
        Some(finding.effect.as_str().to_owned()),
        finding.element.as_deref().map(str::to_owned),
        finding.path.as_deref().map(str::to_owned),
        shown(&finding.value),
        shown(&finding.expected),
        shown(&finding.record_key),
        Some(finding.message(masking)),
        Some(finding.source().into_owned()),
        Some(finding.fingerprint()),
    ]
}

/// The same so that they identify nobody: what was expected of a personal value says what it was, a record's key may be made
/// of the patient's number, and a fingerprint is a hash of it that has no key.
fn hidden(
    texts: [Option<String>; TEXTS.len()],
    finding: &Finding,
    pseudonymiser: &Pseudonymiser,
) -> [Option<String>; TEXTS.len()] {
    let mut named = TEXTS.iter();
    texts.map(|text| {
        let name = named.next().copied().unwrap_or_default();
        let text = text?;
        match name {
            "expected" if matches!(finding.value, Some(Fact::Personal(_))) => None,
            "value" | "expected" | "message" => Some(without_numbers(&text)),
            "record_key" => match &finding.record_key {
                Some(Fact::Personal(key) | Fact::Plain(key)) => Some(pseudonymiser.pseudonym(key)),
                _ => Some(text),
            },
            "fingerprint" => Some(pseudonymiser.pseudonym(&text)),
            _ => Some(text),
        }
    })
}

/// That rows came of a resource about which something was found. A bundle's entries are counted one by one in findings, and rows
/// by visit: an entry may be part of several, and several of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOf {
    /// `source_file` of the findings.
    pub finding_file: Arc<str>,
    /// `source_record` of the findings, from 1.
    pub finding_record: u64,
    /// `source_file` of the rows.
    pub source_file: Arc<str>,
    /// `source_record` of the rows, from 1.
    pub source_record: i64,
}

/// The columns of what tells of rows where findings are about.
pub fn found_of_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, false);
    let number = |name| Field::new(name, DataType::Int64, false);
    Arc::new(Schema::new(vec![
        text("finding_file"),
        number("finding_record"),
        text("source_file"),
        number("source_record"),
    ]))
}

/// The same as rows.
///
/// # Errors
/// That the columns do not make a table, which they always do.
pub fn found_of_rows(found: &[FoundOf]) -> Result<RecordBatch, ArrowError> {
    let texts = |text: fn(&FoundOf) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(found.iter().map(text)))
    };
    let numbers = |number: fn(&FoundOf) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(found.iter().map(number)))
    };
    let columns = vec![
        texts(|of| &of.finding_file),
        numbers(|of| i64::try_from(of.finding_record).unwrap_or(i64::MAX)),
        texts(|of| &of.source_file),
        numbers(|of| of.source_record),
    ];
    RecordBatch::try_new(found_of_schema(), columns)
}

/// The columns of rejected records.
pub fn rejects_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![
        text("source_standard"),
        text("source_file"),
        Field::new("source_record", DataType::Int64, true),
        text("effect"),
        text("rules"),
        text("raw"),
    ]))
}

/// Rejected records of a file as rows. `rules` are ids with blanks between them.
///
/// # Errors
/// That the columns do not make a table, which they always do.
pub fn reject_rows(
    standard: Option<&str>,
    file: &str,
    rejects: &[Reject],
) -> Result<RecordBatch, ArrowError> {
    let mut texts: Vec<StringBuilder> = (0..5).map(|_| StringBuilder::new()).collect();
    let mut records = Int64Builder::with_capacity(rejects.len());
    for reject in rejects {
        let rules: Vec<&str> = reject.rules.iter().map(|rule| &**rule).collect();
        texts[0].append_option(standard);
        texts[1].append_value(file);
        records.append_option(
            i64::try_from(reject.record)
                .ok()
                .filter(|record| *record > 0),
        );
        texts[2].append_value(reject.effect.as_str());
        texts[3].append_value(rules.join(" "));
        texts[4].append_option(reject.raw.as_deref());
    }
    let mut columns: Vec<ArrayRef> = texts
        .iter_mut()
        .map(|texts| Arc::new(texts.finish()) as ArrayRef)
        .collect();
    columns.insert(2, Arc::new(records.finish()));
    RecordBatch::try_new(rejects_schema(), columns)
}
