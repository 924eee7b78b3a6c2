//! Data sets of one provider and month whose totals agree.
//!
//! The aggregate's lines are the sums of the patients', the drugs' and the devices' records by provider, commissioner,
//! month, point of delivery and service (NHS Data Dictionary, overviews of the contract monitoring data sets). Money is
//! counted in pence.

use std::collections::BTreeMap;
use std::io::{self, Write};

use concord_model::financial::FinancialYear;
use concord_standards::definition::Definition;

use super::column::money;
use super::pen::{Pen, Row, write_label};
use super::story::{Amounts, Key, Story};
use super::submission::{Delivery, Feed, Submission};
use super::{Rows, TableSampleError, Written, table, written};
use crate::Dice;

/// A set to write.
#[derive(Debug, Clone)]
pub struct SetRequest<'d> {
    /// The standards: the aggregate, and any of patients', drugs' and devices' data sets, one of each.
    pub definitions: Vec<&'d Definition>,
    /// Records of patients; a quarter as many of drugs, a tenth as many of devices.
    pub records: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// The financial year.
    pub year: Option<FinancialYear>,
    /// Whether an invoice is written too, which says what each commissioner is charged.
    pub invoice: bool,
    /// Rules of [`RULES`] to break.
    pub fault_rules: Vec<String>,
}

/// A total of the aggregate that was made to differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The rule that is broken.
    pub rule: &'static str,
    /// Record of the aggregate, from 1.
    pub record: u64,
    /// Line of the aggregate, from 1.
    pub line: u64,
    /// The commissioner, and
    pub commissioner: &'static str,
    /// the point of delivery, whose total differs.
    pub delivery: &'static str,
    /// By how many pence the aggregate is greater.
    pub pence: i64,
}

/// Rules about files that are checked together. Those of totals (`X-…`) are broken by another price in a line of the
/// aggregate or in the invoice, `SUB-1` by the aggregate written twice, `SUB-3` by the name of a file.
pub const RULES: [&str; 6] = ["X-PLCM-1", "X-DR-1", "X-DE-1", "X-INV-1", "SUB-1", "SUB-3"];

/// The data sets of a set, by the ids of their standards.
pub const STANDARDS: [&str; 4] = ["acm", "plcm", "drplcm", "deplcm"];

/// The name of the invoice's file.
pub const INVOICE: &str = "invoice.csv";

/// Totals by what decides them, each with a healthcare resource group.
type Totals = BTreeMap<Key, (Amounts, &'static str)>;

/// Makes a file by its name, such as `acm.csv`.
pub type Create<'c> = dyn FnMut(&str) -> io::Result<Box<dyn Write>> + 'c;

/// Writes a set; `create` is asked for each of its files. What was made to differ is labelled.
///
/// # Errors
/// [`TableSampleError`] when the standards are no set, or writing fails.
pub fn write_set(
    request: &SetRequest<'_>,
    create: &mut Create<'_>,
    mut labels: Option<&mut dyn Write>,
) -> Result<(Written, Vec<Difference>), TableSampleError> {
    let (aggregate, patients) = parts(request)?;
    let wants = |rule: &str| request.fault_rules.iter().any(|wanted| wanted == rule);
    let mut said: Vec<(&str, String)> = Vec::new();
    let mut totals = Totals::new();
    let mut all = Written::default();
    for definition in patients {
        let id = &definition.standard.id;
        let mut name = format!("{id}.csv");
        if wants("SUB-3") && said.is_empty() {
            name = format!("{id}.txt");
            said.push(("SUB-3", format!("named a file {name}")));
        }
        let mut out = create(&name)?;
        add(
            &mut all,
            records(request, definition, &mut totals, &mut *out)?,
        );
        out.flush()?;
    }
    if wants("SUB-1") {
        let mut out = create("acm-earlier.csv")?;
        aggregated(request, aggregate, &totals, &mut *out, None)?;
        out.flush()?;
        said.push(("SUB-1", "wrote the aggregate twice".to_owned()));
    }
    let mut out = create("acm.csv")?;
    let again: Option<&mut dyn Write> = match &mut labels {
        Some(labels) => Some(&mut **labels),
        None => None,
    };
    let (lines, differences) = aggregated(request, aggregate, &totals, &mut *out, again)?;
    out.flush()?;
    add(&mut all, lines);
    if request.invoice {
        let submission = Submission::new(aggregate, request.year, request.seed, true)?;
        let mut out = create(INVOICE)?;
        let more = wants("X-INV-1").then_some(1_234);
        let to = invoice(&submission, &totals, &differences, more, &mut *out)?;
        out.flush()?;
        said.extend(to.map(|to| {
            (
                "X-INV-1",
                format!("the invoice to {to} is greater by 12.34"),
            )
        }));
    }
    if let Some(labels) = labels {
        for (rule, description) in &said {
            write_label(labels, rule, 0, 0, "", description)?;
            all.faults += 1;
        }
    }
    Ok((all, differences))
}

/// The aggregate, and the data sets that it sums up.
fn parts<'d>(
    request: &SetRequest<'d>,
) -> Result<(&'d Definition, Vec<&'d Definition>), TableSampleError> {
    let mut sorted = request.definitions.clone();
    sorted.sort_by_key(|definition| Feed::of(&definition.standard.id));
    let mut last = None;
    for definition in &sorted {
        let feed = Feed::of(&definition.standard.id);
        let fits = feed == Feed::Aggregate || feed.has_patients();
        if !fits || last == Some(feed) {
            return Err(TableSampleError::Set(definition.standard.name()));
        }
        last = Some(feed);
    }
    match sorted.split_first() {
        Some((aggregate, patients)) if Feed::of(&aggregate.standard.id) == Feed::Aggregate => {
            Ok((aggregate, patients.to_vec()))
        }
        _ => Err(TableSampleError::Set("what has no aggregate".to_owned())),
    }
}

/// Writes what each commissioner is charged, the first of them so many pence more. Answers who that is.
fn invoice(
    submission: &Submission,
    totals: &Totals,
    differences: &[Difference],
    more: Option<i64>,
    out: &mut dyn Write,
) -> io::Result<Option<&'static str>> {
    let mut charged: BTreeMap<&'static str, i64> = BTreeMap::new();
    for (key, (amounts, _)) in totals {
        *charged.entry(key.commissioner).or_default() += amounts.total;
    }
    for difference in differences {
        *charged.entry(difference.commissioner).or_default() += difference.pence;
    }
    writeln!(out, "provider,commissioner,year,month,amount\r")?;
    let mut more = more;
    let mut first = None;
    for (commissioner, pence) in charged {
        let Submission {
            provider,
            year,
            month,
            ..
        } = submission;
        let pence = match more.take() {
            Some(more) => {
                first = Some(commissioner);
                pence + more
            }
            None => pence,
        };
        let mut amount = String::new();
        money(&mut amount, pence);
        writeln!(out, "{provider},{commissioner},{year},{month},{amount}\r")?;
    }
    Ok(first)
}

fn add(all: &mut Written, some: Written) {
    all.records += some.records;
    all.lines += some.lines;
    all.bytes += some.bytes;
    all.faults += some.faults;
}

/// Writes the records of patients, drugs or devices and adds them up.
fn records(
    request: &SetRequest<'_>,
    definition: &Definition,
    totals: &mut Totals,
    out: &mut dyn Write,
) -> Result<Written, TableSampleError> {
    let submission = Submission::new(definition, request.year, request.seed, true)?;
    let share = match submission.feed {
        Feed::Drugs => 4,
        Feed::Devices => 10,
        _ => 1,
    };
    let table = table(definition)?;
    let mut pen = Pen::new(out, None, table);
    pen.header()?;
    let seed = request.seed.wrapping_add(share);
    let mut rows = Rows::new(definition, table, submission, seed);
    let mut row = Row::default();
    for number in 0..request.records.div_ceil(share) {
        let story = rows.draw(number, &mut row);
        pen.row(&row, None)?;
        let (total, _) = totals
            .entry(story.key)
            .or_insert_with(|| (Amounts::default(), story.group));
        total.count += story.amounts.count;
        total.total += story.amounts.total;
    }
    Ok(written(&pen))
}

/// Writes the lines of the aggregate.
fn aggregated(
    request: &SetRequest<'_>,
    definition: &Definition,
    totals: &Totals,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<(Written, Vec<Difference>), TableSampleError> {
    let submission = Submission::new(definition, request.year, request.seed, true)?;
    let deliveries = submission.palette.deliveries.clone();
    let table = table(definition)?;
    let mut pen = Pen::new(out, labels, table);
    pen.begin()?;
    pen.header()?;
    let rows = Rows::new(definition, table, submission, request.seed);
    let mut wanted: Vec<&'static str> = RULES
        .into_iter()
        .filter(|rule| request.fault_rules.iter().any(|wanted| wanted == rule))
        .collect();
    let mut differences = Vec::new();
    let mut row = Row::default();
    for (number, (key, (total, group))) in totals.iter().enumerate() {
        let mut dice = Dice::part(request.seed, number as u64 + 1);
        let mut story = Story::new(&rows.submission, number as u64, &mut dice);
        story.kind = deliveries
            .iter()
            .find(|(code, ..)| *code == key.delivery)
            .map_or(Delivery::Activity, |(_, kind, _)| *kind);
        story.key = key.clone();
        story.group = group;
        story.amounts = *total;
        if story.kind == Delivery::Payment {
            story.national = false;
        }
        let of_rule = |rule: &&'static str| match key.delivery {
            "DRUG" => *rule == "X-DR-1",
            "DEVICE" => *rule == "X-DE-1",
            _ => *rule == "X-PLCM-1",
        };
        let broken = wanted.iter().position(of_rule).map(|at| wanted.remove(at));
        let pence = if broken.is_some() {
            dice.between(1, 5_000)
        } else {
            0
        };
        story.amounts.total += pence;
        rows.put(&story, &mut dice, &mut row);
        let (record, line) = pen.row(&row, None)?;
        if let Some(rule) = broken {
            let said = format!(
                "the aggregate of {} for {} is greater by {}.{:02}",
                key.delivery,
                key.commissioner,
                pence / 100,
                pence % 100
            );
            pen.label(
                rule,
                record,
                line,
                "CONTRACT_MONITORING_ACTUAL_PRICE",
                &said,
            )?;
            differences.push(Difference {
                rule,
                record,
                line,
                commissioner: key.commissioner,
                delivery: key.delivery,
                pence,
            });
        }
    }
    Ok((written(&pen), differences))
}
