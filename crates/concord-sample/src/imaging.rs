//! Imaging tests as the Diagnostic Imaging Data Set has them: rows without a header that break no rule, and faults.
//!
//! A fault is a failing example of a rule laid over a row that has no more than it must, so that nothing else in the row can be
//! broken with it. Codes of imaging are the few that the definition's examples name: the lists themselves are not public.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};

use concord_finding::RuleStatus;
use concord_standards::definition::Definition;
use concord_standards::layout::{Field, TableLayout};
use concord_standards::rules::{Check, RuleDefinition};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::Dice;
use crate::cds::people::nhs_number;
use crate::faults::LABEL_HEADER;
use crate::tables::judge::Judge;

/// What to write.
#[derive(Debug, Clone)]
pub struct Request<'d> {
    /// The standard; see [`is_known`].
    pub definition: &'d Definition,
    /// How many rows.
    pub rows: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Share of the rows that break a rule, from 0 to 1; none when not given.
    pub faults: Option<f64>,
    /// Rules to break; all that run without reference data, when none is named.
    pub fault_rules: Vec<String>,
}

/// A rule that a fault can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakable {
    /// Its id.
    pub rule: String,
    /// The table of reference data without which it is not run.
    pub reference: Option<String>,
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
            reference: maker.reference,
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
    let mut waiting: VecDeque<Maker> = makers(request.definition)
        .into_iter()
        .filter(|maker| match &*request.fault_rules {
            [] => maker.reference.is_none(),
            named => named.contains(&maker.rule),
        })
        .collect();
    if let Some(labels) = labels.as_deref_mut() {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let others: Vec<Other> = others(request.definition);
    let in_a_million = (request.faults.unwrap_or(0.0) * 1_000_000.0).clamp(0.0, 1_000_000.0);
    let mut written = 0;
    for number in 0..request.rows {
        let mut dice = Dice::part(request.seed, number);
        let row = row(number, &mut dice);
        let faulty = (dice.below(1_000_000) as f64) < in_a_million;
        let Some(maker) = faulty.then(|| waiting.pop_front()).flatten() else {
            line(out, &columns, &row)?;
            written += 1;
            continue;
        };
        let rows = maker.rows(&row, number);
        for row in &rows {
            line(out, &columns, row)?;
            written += 1;
            if let Some(labels) = labels.as_deref_mut() {
                for (rule, place, what) in maker.labels(row, &others) {
                    writeln!(labels, "{rule},{written},{written},{place},\"{what}\"")?;
                }
            }
        }
        waiting.push_back(maker);
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
/// Days that are not after the day of the test.
const BEFORE: [&str; 3] = [
    "PERSON_BIRTH_DATE",
    "DIAGNOSTIC_TEST_REQUEST_DATE",
    "DIAGNOSTIC_TEST_REQUEST_RECEIVED_DATE",
];

/// Rules that cannot but be broken with another, where reference data are there: what is not written as its kind is not known
/// either, and what was never known is not in force.
const WITH: [(&str, &str); 5] = [
    ("DIDS017", "DIDS016"),
    ("DIDS018", "DIDS080"),
    ("DIDS024", "DIDS079"),
    ("DIDS068", "DIDS081"),
    ("DIDS069", "DIDS081"),
];

/// A row that breaks no rule.
fn row(number: u64, dice: &mut Dice) -> Row {
    let after = |day: Date, days: i64| day.saturating_add(days.days());
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

/// How a rule is broken.
#[derive(Debug, Clone)]
struct Maker {
    rule: String,
    reference: Option<String>,
    /// Where the finding stands.
    place: Option<String>,
    /// What is written; an empty text leaves out.
    texts: Row,
    /// Whether another row is the same.
    twice: bool,
}

impl Maker {
    /// The rules that a row breaks, where their findings stand, and what was done.
    fn labels<'m>(&'m self, row: &Row, others: &'m [Other]) -> Vec<(&'m str, &'m str, &'m str)> {
        let place = self.place.as_deref().unwrap_or_default();
        let mut labels = vec![(&*self.rule, place, self.what())];
        for other in others.iter().filter(|other| other.rule != self.rule) {
            let day = |at: usize| row.get(other.days.get(at)?)?.parse::<Date>().ok();
            let days = day(0).zip(day(1));
            if days.is_some_and(|(first, second)| first > second) || self.is_with(&other.rule) {
                labels.push((
                    &other.rule,
                    &other.place,
                    "this cannot but be broken as well",
                ));
            }
        }
        labels
    }

    /// Whether another rule cannot but be broken with this one.
    fn is_with(&self, other: &str) -> bool {
        // A postcode without its blank is known all the same.
        let is_known = |text: &String| {
            POSTCODES
                .iter()
                .any(|known| known.replace(' ', "") == *text)
        };
        WITH.contains(&(&self.rule, other)) && !self.texts.values().any(is_known)
    }

    fn what(&self) -> &'static str {
        if self.twice {
            "wrote the identifier of another row"
        } else if self.texts.values().all(String::is_empty) {
            "left out what is required"
        } else {
            "made it like an example of what breaks the rule"
        }
    }

    /// Rows that break the rule, with what they need of a sound one and no more.
    fn rows(&self, sound: &Row, number: u64) -> Vec<Row> {
        let needed = needed(number, date(2024, 4, 1), &mut Dice::new(number));
        let mut row: Row = needed
            .keys()
            .filter_map(|column| Some((column.clone(), sound.get(column)?.clone())))
            .collect();
        row.insert("SITE_CODE_OF_IMAGING".to_owned(), ANY_TIME.to_owned());
        for (column, text) in &self.texts {
            // Two rows with one identifier would be another fault.
            let text = if column == ACCESSION && !text.is_empty() {
                format!("{text}{number}")
            } else {
                text.clone()
            };
            row.insert(column.clone(), text);
        }
        // The test is on a day that fits those that are given.
        if !self.texts.contains_key(TEST) {
            let day = |column: &&str| self.texts.get(*column)?.parse::<Date>().ok();
            let last = BEFORE.iter().filter_map(day).max().or_else(|| day(&REPORT));
            row.extend(last.map(|day| (TEST.to_owned(), day.to_string())));
        }
        if self.twice {
            vec![row.clone(), row]
        } else {
            vec![row]
        }
    }
}

/// A rule that can be broken beside another.
struct Other {
    rule: String,
    place: String,
    /// Two columns of which the first is not after the second.
    days: Vec<String>,
}

fn others(definition: &Definition) -> Vec<Other> {
    let Some(layout) = layout(definition) else {
        return Vec::new();
    };
    let rules = definition.rules.iter();
    rules
        .map(|rule| Other {
            rule: rule.rule.id.to_string(),
            place: place(rule, &about(rule, layout)).unwrap_or_default(),
            days: match &rule.check {
                Check::Order { elements } => elements.clone(),
                _ => Vec::new(),
            },
        })
        .collect()
}

fn makers(definition: &Definition) -> Vec<Maker> {
    let Some(layout) = layout(definition) else {
        return Vec::new();
    };
    let Ok(judge) = Judge::new(definition, layout) else {
        return Vec::new();
    };
    // A value that is mended is no fault of the rule about its form.
    let is_mended = |column: &str, text: &str| {
        let verdict = layout
            .field(column)
            .and_then(|(field, _)| judge.verdict(field, text));
        verdict.is_some_and(|verdict| verdict.mended.is_some())
    };
    let mut makers = Vec::new();
    let rules = definition.rules.iter();
    for rule in rules.filter(|rule| rule.rule.status == RuleStatus::Stable) {
        let about = about(rule, layout);
        for example in &rule.fail {
            if example
                .elements
                .iter()
                .any(|(column, text)| is_mended(column, text))
            {
                continue;
            }
            // What the rule speaks of and the example has not is absent.
            let mut texts: Row = about
                .iter()
                .map(|column| (column.clone(), String::new()))
                .collect();
            for (column, text) in &example.elements {
                if about.contains(column) {
                    texts.insert(column.clone(), text.clone());
                }
            }
            let twice = matches!(rule.check, Check::Unique { .. });
            makers.push(Maker {
                rule: rule.rule.id.to_string(),
                reference: reference(rule),
                place: place(rule, &about),
                texts: if twice { Row::new() } else { texts },
                twice,
            });
        }
    }
    makers
}

/// The columns that a rule speaks of.
fn about(rule: &RuleDefinition, layout: &TableLayout) -> Vec<String> {
    let of = |wanted: &dyn Fn(&Field) -> bool| {
        let fields = layout.fields.iter().filter(|field| wanted(field));
        fields.map(|field| field.column.to_string()).collect()
    };
    match &rule.check {
        Check::Field(_) => of(&|field| {
            let own = [&field.presence_rule, &field.format_rule, &field.code_rule];
            own.iter().any(|id| id.as_ref() == Some(&rule.rule.id))
        }),
        Check::Order { elements } | Check::Unique { elements, .. } => elements.clone(),
        Check::Window { element, .. } | Check::Code { element, .. } => vec![element.clone()],
        Check::Required { columns, .. }
        | Check::OneOf { columns, .. }
        | Check::Blank { columns, .. } => columns.clone(),
        Check::Sql(sql) => {
            let words: BTreeSet<&str> = sql
                .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
                .collect();
            of(&|field| words.contains(&*field.column))
        }
        _ => Vec::new(),
    }
}

/// The column that the finding stands at.
fn place(rule: &RuleDefinition, about: &[String]) -> Option<String> {
    if rule.place.is_some() {
        return rule.place.clone();
    }
    match &rule.check {
        // The finding stands at the later one.
        Check::Order { elements } => elements.last().cloned(),
        Check::Unique { .. } => None,
        _ => about.first().cloned(),
    }
}

/// The table of reference data that a rule asks.
fn reference(rule: &RuleDefinition) -> Option<String> {
    let Check::Sql(sql) = &rule.check else {
        return None;
    };
    let (_, asked) = sql.split_once("in_reference(")?;
    asked.split('\'').nth(1).map(str::to_owned)
}
