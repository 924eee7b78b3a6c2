//! Imaging tests as the Diagnostic Imaging Data Set has them: rows without a header that break no rule, and faults.
//!
//! A fault is a failing example of a rule laid over a row that has no more than it must, so that nothing else in the row can be
//! broken with it. Codes of imaging are the few that the definition's examples name: the lists themselves are not public.

mod document;
mod faults;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};

use concord_standards::definition::Definition;
use concord_standards::layout::TableLayout;
use faults::{Broken, Maker, Other, makers, others};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::Dice;
use crate::cds::people::nhs_number;
use crate::faults::LABEL_HEADER;

/// What to write.
#[derive(Debug, Clone)]
pub struct Request<'d> {
    /// The standard; see [`is_known`].
    pub definition: &'d Definition,
    /// How many rows.
    pub rows: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Whether the rows are written as an XML document.
    pub document: bool,
    /// Share of the rows that break a rule, from 0 to 1; none when not given.
    pub faults: Option<f64>,
    /// Rules to break; all that run without reference data and parameters, when none is named.
    pub fault_rules: Vec<String>,
}

/// A rule that a fault can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakable {
    /// Its id.
    pub rule: String,
    /// What it is not run without: tables of reference data, a parameter, or the XML form.
    pub needs: Option<String>,
}

/// Whether samples of a standard are made here.
pub fn is_known(definition: &Definition) -> bool {
    &*definition.standard.id == "dids" && layout(definition).is_some()
}

fn layout(definition: &Definition) -> Option<&TableLayout> {
    definition.layout.as_ref()?.tables.first()
}

/// The rules that faults can be made for, in the order of the standard.
pub fn breakable(definition: &Definition) -> Vec<Breakable> {
    let mut known = BTreeSet::new();
    makers(definition)
        .into_iter()
        .filter(|maker| known.insert(maker.rule.clone()))
        .map(|maker| Breakable {
            rule: maker.rule,
            needs: maker.needs,
        })
        .collect()
}

/// Writes rows, and a label for each fault, as tables have them; how many rows.
///
/// # Errors
/// When a writer cannot be written.
pub fn write(
    request: &Request<'_>,
    out: &mut dyn Write,
    mut labels: Option<&mut dyn Write>,
) -> io::Result<u64> {
    let Some(layout) = layout(request.definition) else {
        return Ok(0);
    };
    let columns: Vec<&str> = layout.fields.iter().map(|field| &*field.column).collect();
    let form = layout.document.as_ref().filter(|_| request.document);
    let mut waiting: VecDeque<Maker> = makers(request.definition)
        .into_iter()
        .filter(|maker| match &*request.fault_rules {
            [] => maker.needs.is_none(),
            named => named.contains(&maker.rule),
        })
        .filter(|maker| match maker.whole {
            Some(Broken::Width) => form.is_none(),
            Some(Broken::Document) => form.is_some(),
            None => true,
        })
        .collect();
    if let Some(labels) = labels.as_deref_mut() {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let others: Vec<Other> = others(request.definition);
    let in_a_million = (request.faults.unwrap_or(0.0) * 1_000_000.0).clamp(0.0, 1_000_000.0);
    let mut written = 0;
    // Lines that stand above the rows.
    let above = form.map_or(0, |_| 2);
    if form.is_some() {
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Submission>"
        )?;
    }
    for number in 0..request.rows {
        let mut dice = Dice::part(request.seed, number);
        let row = row(number, &mut dice);
        let faulty = (dice.below(1_000_000) as f64) < in_a_million;
        let Some(maker) = faulty.then(|| waiting.pop_front()).flatten() else {
            match form {
                Some(form) => document::record(out, form, &row, false)?,
                None => line(out, &columns, &row)?,
            }
            written += 1;
            continue;
        };
        let width = columns.len() - usize::from(maker.whole == Some(Broken::Width));
        let broken = maker.whole == Some(Broken::Document);
        let rows = maker.rows(&row, number);
        for row in &rows {
            match form {
                Some(form) => document::record(out, form, row, broken)?,
                None => line(out, &columns[..width], row)?,
            }
            written += 1;
            if let Some(labels) = labels.as_deref_mut() {
                for (rule, place, what) in maker.labels(row, &others) {
                    let record = if broken { 0 } else { written };
                    let line = written + above;
                    writeln!(labels, "{rule},{record},{line},{place},\"{what}\"")?;
                }
            }
        }
        if broken {
            // Nobody reads on behind it.
            break;
        }
        waiting.push_back(maker);
    }
    if form.is_some() {
        writeln!(out, "</Submission>")?;
    }
    Ok(written)
}

type Row = BTreeMap<String, String>;

fn line(out: &mut dyn Write, columns: &[&str], row: &Row) -> io::Result<()> {
    let cells: Vec<&str> = columns
        .iter()
        .map(|column| row.get(*column).map_or("", String::as_str))
        .collect();
    writeln!(out, "{}", cells.join(","))
}

/// Organisations, practices, sites and postcodes that exist, in the reference data that the tests of this repository use.
const ORGANISATIONS: [&str; 3] = ["R0A", "R0B", "RWR"];
const PRACTICES: [&str; 3] = ["A82013", "A82026", "A82058"];
const SITES: [&str; 2] = [ANY_TIME, "5N424"];
/// The code of a site that is in force at any time.
const ANY_TIME: &str = "R9998";
const POSTCODES: [&str; 3] = ["LS1 4AP", "SW1A 1AA", "SW1A 2AA"];
const ETHNIC: [&str; 6] = ["A", "B", "H", "N", "Z", "99"];
/// A chest x-ray.
const NICIP: &str = "XCHES";
const SNOMED: &str = "399208008";

const ACCESSION: &str = "RADIOLOGICAL_ACCESSION_NUMBER";
const TEST: &str = "DIAGNOSTIC_TEST_DATE";
const REPORT: &str = "SERVICE_REPORT_ISSUE_DATE";
/// So many days after a day.
fn after(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// A row that breaks no rule.
fn row(number: u64, dice: &mut Dice) -> Row {
    let one = |of: &[&str], dice: &mut Dice| {
        let one = dice.pick(of).copied().unwrap_or_default();
        one.to_owned()
    };
    let test = after(date(2024, 4, 1), dice.between(0, 29));
    let received = after(test, -dice.between(0, 20));
    let request = after(received, -dice.between(0, 5));
    let born = after(test, -dice.between(400, 33_000));
    let mut row = Row::from(
        [
            ("NHS_NUMBER", nhs_number(dice)),
            ("NHS_NUMBER_STATUS_INDICATOR_CODE", "01".to_owned()),
            ("PERSON_BIRTH_DATE", born.to_string()),
            ("ETHNIC_CATEGORY", one(&ETHNIC, dice)),
            ("PERSON_GENDER_CODE_CURRENT", one(&["1", "2", "9"], dice)),
            ("POSTCODE_OF_USUAL_ADDRESS", one(&POSTCODES, dice)),
            (
                "GENERAL_MEDICAL_PRACTICE_CODE_PATIENT_REGISTRATION",
                one(&PRACTICES, dice),
            ),
            ("REFERRER_CODE", format!("C{:07}", dice.below(10_000_000))),
            ("REFERRING_ORGANISATION_CODE", one(&ORGANISATIONS, dice)),
            ("DIAGNOSTIC_TEST_REQUEST_DATE", request.to_string()),
            (
                "DIAGNOSTIC_TEST_REQUEST_RECEIVED_DATE",
                received.to_string(),
            ),
            (REPORT, after(test, dice.between(0, 20)).to_string()),
            ("IMAGING_CODE_SNOMED_CT", SNOMED.to_owned()),
        ]
        .map(|(column, text)| (column.to_owned(), text)),
    );
    // What is not always known.
    row.retain(|_, _| !dice.percent(12));
    for (column, text) in needed(number, test, dice) {
        row.entry(column).or_insert(text);
    }
    row
}

/// What every row has.
fn needed(number: u64, test: Date, dice: &mut Dice) -> Row {
    let setting = format!("{:02}", dice.between(1, 7));
    let site = dice.pick(&SITES).copied().unwrap_or(ANY_TIME);
    Row::from(
        [
            ("ETHNIC_CATEGORY", "A".to_owned()),
            ("PATIENT_SOURCE_SETTING_TYPE_DIAGNOSTIC_IMAGING", setting),
            (TEST, test.to_string()),
            ("IMAGING_CODE_NICIP", NICIP.to_owned()),
            ("SITE_CODE_OF_IMAGING", site.to_owned()),
            (ACCESSION, format!("X{number:09}")),
        ]
        .map(|(column, text)| (column.to_owned(), text)),
    )
}
