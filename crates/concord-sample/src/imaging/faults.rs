//! How each rule is broken.

use std::collections::BTreeSet;

use concord_finding::RuleStatus;
use concord_standards::definition::Definition;
use concord_standards::layout::{Field, TableLayout};
use concord_standards::rules::{CarrierCheck, Check, RuleDefinition};
use jiff::civil::{Date, date};

use super::{ACCESSION, ANY_TIME, POSTCODES, REPORT, Row, TEST, after, layout, needed};
use crate::Dice;
use crate::tables::judge::Judge;

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

/// How a rule is broken.
#[derive(Debug, Clone)]
pub(super) struct Maker {
    pub(super) rule: String,
    pub(super) needs: Option<String>,
    /// Where the finding stands.
    place: Option<String>,
    /// What is written; an empty text leaves out.
    texts: Row,
    /// Whether another row is the same.
    twice: bool,
    /// What is done to the row as such.
    pub(super) whole: Option<Broken>,
}

/// What is done to a row as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The last column is left out.
    Width,
    /// An element stands in it that no record has.
    Document,
}

impl Maker {
    /// The rules that a row breaks, where their findings stand, and what was done.
    pub(super) fn labels<'m>(
        &'m self,
        row: &Row,
        others: &'m [Other],
    ) -> Vec<(&'m str, &'m str, &'m str)> {
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
        } else if self.whole == Some(Broken::Width) {
            "left out the last column"
        } else if self.whole == Some(Broken::Document) {
            "put an element in that no record has"
        } else if self.texts.values().all(String::is_empty) {
            "left out what is required"
        } else {
            "made it like an example of what breaks the rule"
        }
    }

    /// Rows that break the rule, with what they need of a sound one and no more.
    pub(super) fn rows(&self, sound: &Row, number: u64) -> Vec<Row> {
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
            let sound = row.get(TEST).and_then(|text| text.parse::<Date>().ok());
            let fits = |report: Date| {
                let late = after(report, -28);
                sound.is_some_and(|test| late <= test && test <= report)
            };
            // Some days before a report that does not fit the day of the sound row.
            let report = || day(&REPORT).filter(|report| !fits(*report));
            let last = BEFORE.iter().filter_map(day).max();
            let last = last.or_else(|| report().map(|report| after(report, -14)));
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
pub(super) struct Other {
    rule: String,
    place: String,
    /// Two columns of which the first is not after the second.
    days: Vec<String>,
}

/// The rules that can be broken beside another.
pub(super) fn others(definition: &Definition) -> Vec<Other> {
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

/// How each rule is broken, in the order of the standard.
pub(super) fn makers(definition: &Definition) -> Vec<Maker> {
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
        let whole = match &rule.check {
            Check::Carrier(CarrierCheck::Columns) => Some(Broken::Width),
            Check::Carrier(CarrierCheck::Document) => Some(Broken::Document),
            _ => None,
        };
        if whole.is_some() {
            makers.push(Maker {
                rule: rule.rule.id.to_string(),
                needs: (whole == Some(Broken::Document)).then(|| "the XML form".to_owned()),
                place: None,
                texts: Row::new(),
                twice: false,
                whole,
            });
            continue;
        }
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
                needs: needs(rule),
                place: place(rule, &about),
                texts: if twice { Row::new() } else { texts },
                twice,
                whole: None,
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

/// What a rule is not run without: parameters, tables of reference data.
fn needs(rule: &RuleDefinition) -> Option<String> {
    let mut parameters = BTreeSet::new();
    let mut tables = Vec::new();
    for sql in rule.check.sql() {
        let quoted = |call: &str| {
            let calls = sql.split(call).skip(1);
            let names = calls.filter_map(|call| call.split('\'').nth(1));
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        parameters.extend(quoted("param("));
        for table in quoted("_reference(") {
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
    }
    let parameters = parameters.iter().map(|name| format!("--param {name}"));
    let tables = (!tables.is_empty()).then(|| format!("reference data of {}", tables.join(", ")));
    let needs: Vec<String> = parameters.chain(tables).collect();
    (!needs.is_empty()).then(|| needs.join(" and "))
}
