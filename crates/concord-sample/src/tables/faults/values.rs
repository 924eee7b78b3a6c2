//! Values that are wrong, and values that a spreadsheet damaged.

use concord_model::repair::Kind;
use concord_standards::rules::Example;

use super::{Broken, Facts, Work, broken};

/// Rules about values that every standard has without saying so, as far as a table shows them.
pub(super) const GENERAL: &[&str] = &[
    "VALUE-MISSING",
    "VALUE-NOT-USED",
    "VALUE-CODE",
    "VALUE-FORMAT",
    "VALUE-LENGTH",
    "VALUE-RANGE",
    "VALUE-DIGITS",
    "VALUE-TYPE",
];

/// Wrong values that are tried, for any kind of column.
const WRONG: [&str; 22] = [
    "",
    "x",
    "ZZ",
    "9",
    "99",
    "999",
    "999999",
    "ABC",
    "ABCDE",
    "ABCDEFG",
    "ABCDEFGHIJKLMNOPQRSTU",
    "12AB",
    "2025-02-30",
    "2025-13-45",
    "2025-02-30T09:30:00",
    "12345",
    "12345678901",
    "1234567890123456789",
    "1.23456789",
    "1.12345678901",
    "12.3.4",
    "999999999999999999999999999999",
];

/// Texts longer than any column takes.
fn long(length: usize) -> String {
    "ABCDEFGHIJ".chars().cycle().take(length).collect()
}

fn candidates(facts: &Facts, field: usize, examples: &[Example]) -> Vec<String> {
    let column = facts.column(field);
    let mut all: Vec<String> = examples
        .iter()
        .filter_map(|example| example.elements.get(column).cloned())
        .collect();
    all.extend(WRONG.iter().map(|text| (*text).to_owned()));
    all.extend([13, 31, 51, 101, 256].map(long));
    all
}

/// Columns, each with values of which a rule itself speaks. Where no other rule looks, when there are such.
pub(super) fn wrong_values(
    facts: &Facts,
    rule: &str,
    examples: &[Example],
) -> Vec<(usize, Vec<String>)> {
    let possible = |field: usize| -> Vec<String> {
        let all = candidates(facts, field, examples);
        let says = |text: &String| {
            let verdict = facts.judge.verdict(field, text);
            verdict.is_some_and(|said| *said.rule == *rule && said.mended.is_none())
        };
        all.into_iter().filter(says).collect()
    };
    let all = (0..facts.width()).map(|field| (field, possible(field)));
    let (free, named): (Vec<_>, Vec<_>) = all
        .filter(|(_, texts)| !texts.is_empty())
        .partition(|(field, _)| facts.is_free(*field));
    if free.is_empty() { named } else { free }
}

/// Puts one of the values into its column.
pub(super) fn wrong(
    work: &mut Work<'_>,
    rule: &str,
    values: &[(usize, Vec<String>)],
) -> Option<Broken> {
    let start = work.dice.index(values.len());
    for step in 0..values.len() {
        let (field, texts) = &values[(start + step) % values.len()];
        let now = &work.row.cells[*field];
        let free = work.facts.is_free(*field);
        // Where nobody else looks, a value can stand that was blank.
        if work.facts.gone[*field] || now.is_empty() && !free {
            continue;
        }
        let mut texts: Vec<String> = if free {
            texts.clone()
        } else {
            let fits = |text: &&String| is_harmless(work, *field, text);
            texts.iter().filter(fits).cloned().collect()
        };
        if !free {
            texts.extend(nearby(work, *field).into_iter().filter(|text| {
                let verdict = work.facts.judge.verdict(*field, text);
                verdict.is_some_and(|said| *said.rule == *rule && said.mended.is_none())
            }));
        }
        let Some(text) = work.dice.pick(&texts).cloned() else {
            continue;
        };
        let said = if text.is_empty() {
            "left out"
        } else {
            "put a value that the column does not take"
        };
        work.row.cells[*field] = text;
        return Some(broken(*field, said));
    }
    None
}

/// Whether a wrong value is so near to a right one that no other rule takes offence.
fn is_harmless(work: &Work<'_>, field: usize, text: &str) -> bool {
    let column = work.facts.column(field);
    let is_code = |text: &str| {
        let characters = text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        (3..=9).contains(&text.len()) && characters && !text.ends_with("00")
    };
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    let activity = |column: &str| {
        work.facts
            .field(column)
            .is_none_or(|field| !work.row.cells[field].is_empty())
    };
    match column {
        _ if text.is_empty() => true,
        _ if column.starts_with("ORGANISATION_") => is_code(text),
        "FINANCIAL_YEAR" => text.get(..4) == work.row.cells[field].get(..4),
        "FINANCIAL_MONTH" => !matches!(text.parse(), Ok(1..=12)),
        "POINT_OF_DELIVERY_CODE" => {
            // Only what may have a tariff of its own has one.
            let local = work.text("TARIFF_CODE").starts_with("LOC");
            !local && activity("ACTIVITY_TREATMENT_FUNCTION_CODE") && activity("TARIFF_CODE")
        }
        "AGE_AT_ACTIVITY_DATE_CONTRACT_MONITORING" => !is_number(text),
        _ => work.facts.judge.kind(field) != Kind::Money || !is_number(text),
    }
}

/// Wrong values that say nearly what the right one says.
fn nearby(work: &Work<'_>, field: usize) -> Vec<String> {
    let now = work.row.cells[field].as_str();
    let column = work.facts.column(field);
    match work.facts.judge.kind(field) {
        Kind::FinancialYear => {
            let Some(first) = now.get(..4) else {
                return Vec::new();
            };
            let next = first.parse().map_or(0, |year: u32| (year + 2) % 100);
            vec![
                format!("{first}{next:02}"),
                format!("{first}ABC"),
                format!("{first}X"),
            ]
        }
        Kind::Money if now != "0" && now.contains('.') => vec![format!("{now}000000001")],
        Kind::Money if now != "0" => vec![format!("{now}.00000000001")],
        _ if column.starts_with("ORGANISATION_") => vec![
            format!("{now}AAAA"),
            format!("{now}AAA"),
            format!("{now}A"),
            "AAA".to_owned(),
        ]
        .into_iter()
        .filter(|text| text.len() <= 9)
        .collect(),
        _ => Vec::new(),
    }
}

/// A way to damage a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Damaging {
    /// What it does, for the label.
    pub(crate) does: &'static str,
    /// Whether the value is right once it is cleaned of what nobody sees.
    pub(crate) only_cleans: bool,
    /// Whether the value cannot be told any more, so that no other rule may look at it.
    loses: bool,
    /// The kinds of values that it happens to; empty: all.
    kinds: &'static [Kind],
    /// The damaged text of a value.
    make: fn(&str) -> Option<String>,
}

const MONEY: &[Kind] = &[Kind::Money, Kind::Number];
const DAYS: &[Kind] = &[Kind::Date];
const MOMENTS: &[Kind] = &[Kind::DateTime];

macro_rules! damagings {
    ($($does:literal $cleans:literal $loses:literal $kinds:expr, $make:expr;)*) => {
        const DAMAGINGS: &[Damaging] = &[$(Damaging { does: $does, only_cleans: $cleans, loses: $loses, kinds: $kinds, make: $make },)*];
    };
}

damagings! {
    "put a no-break space behind it" true false &[], |text| Some(format!("{text}\u{a0}"));
    "put a zero-width space behind it" true false &[], |text| Some(format!("{text}\u{200b}"));
    "put a byte order mark before it" true false &[], |text| Some(format!("\u{feff}{text}"));
    "put blanks around it" true false &[], |text| Some(format!(" {text} "));
    "put .0 behind a whole number" true false &[Kind::WholeNumber, Kind::FinancialMonth, Kind::FinancialYear], |text| Some(format!("{text}.0"));
    "put a currency sign before it" false false MONEY, |text| Some(format!("\u{a3}{text}"));
    "put separators between the thousands" false false MONEY, thousands;
    "wrote a negative amount in brackets" false true MONEY, |text| Some(format!("({})", text.trim_start_matches('-')));
    "put the minus sign behind it" false true MONEY, |text| Some(format!("{}-", text.trim_start_matches('-')));
    "wrote a dash for nothing" false true MONEY, |_| Some("-".to_owned());
    "wrote a typographic minus" false true MONEY, |text| Some(format!("\u{2212}{}", text.trim_start_matches('-')));
    "put TBC in its place" false true MONEY, |_| Some("TBC".to_owned());
    "put a spreadsheet's error in its place" false true MONEY, |_| Some("#REF!".to_owned());
    "wrote it in scientific notation" false true MONEY, |_| Some("1.2345E+3".to_owned());
    "wrote digits of another script" false false &[Kind::Digits, Kind::WholeNumber], |text| Some(text.replace('1', "\u{661}").replace('9', "\u{669}"));
    "set the digits in groups" false false &[Kind::Digits], |text| Some(format!("{} {} {}", text.get(..3)?, text.get(3..6)?, text.get(6..)?));
    "guarded it as a text" false false &[Kind::Digits], |text| Some(format!("=\"{text}\""));
    "lost its last digits in scientific notation" false true &[Kind::Digits], |_| Some("9.43477E+09".to_owned());
    "wrote the year with a stroke" false false &[Kind::FinancialYear], |text| Some(format!("{}/{}", text.get(..4)?, text.get(4..)?));
    "wrote the year with a hyphen" false false &[Kind::FinancialYear], |text| Some(format!("{}-{}", text.get(..4)?, text.get(4..)?));
    "wrote both years in full" false false &[Kind::FinancialYear], |text| Some(format!("{}-20{}", text.get(..4)?, text.get(4..)?));
    "wrote the month with an M" false false &[Kind::FinancialMonth], |text| Some(format!("M{text}"));
    "wrote the month in words" false false &[Kind::FinancialMonth], |text| Some(format!("Month {text}"));
    "wrote the day as a spreadsheet counts it" false false DAYS, serial;
    "wrote the day without hyphens" false false DAYS, |text| Some(text.replace('-', ""));
    "wrote the day with strokes" false false DAYS, |text| Some(text.replace('-', "/"));
    "wrote the day first" false false DAYS, |text| unambiguous(text).map(|(year, month, day)| format!("{day}/{month}/{year}"));
    "wrote the month first, as in the United States" false false DAYS, |text| unambiguous(text).map(|(year, month, day)| format!("{month}/{day}/{year} 12:00:00 AM"));
    "put a time behind the day" false false DAYS, |text| Some(format!("{text} 00:00:00"));
    "wrote a day of which the month cannot be told" false true DAYS, |_| Some("1/4/25".to_owned());
    "wrote a blank for the T" false false MOMENTS, |text| Some(text.replace('T', " "));
    "wrote the day first" false false MOMENTS, |text| unambiguous(text.get(..10)?).and_then(|(year, month, day)| Some(format!("{day}/{month}/{year} {}", text.get(11..)?)));
}

/// Every way.
pub(super) fn damagings() -> impl Iterator<Item = Damaging> {
    DAMAGINGS.iter().copied()
}

fn thousands(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.')?;
    let at = whole
        .len()
        .checked_sub(3)
        .filter(|at| (1..=3).contains(at))?;
    Some(format!(
        "{},{}.{fraction}",
        whole.get(..at)?,
        whole.get(at..)?
    ))
}

fn serial(text: &str) -> Option<String> {
    let day = concord_model::dates::date(text.as_bytes())?;
    let count = concord_model::dates::days_since_1970(day) + 25_569;
    (count >= 10_000).then(|| count.to_string())
}

/// Year, month and day, when it can be told which is which.
fn unambiguous(text: &str) -> Option<(&str, &str, &str)> {
    let (year, month, day) = (text.get(..4)?, text.get(5..7)?, text.get(8..)?);
    (day > "12").then_some((year, month, day))
}

/// Whether some column is of a kind that it happens to.
pub(super) fn can_damage(facts: &Facts, damaging: Damaging) -> bool {
    (0..facts.width()).any(|field| happens_to(facts, field, damaging))
}

fn happens_to(facts: &Facts, field: usize, damaging: Damaging) -> bool {
    let kind = facts.judge.kind(field);
    (damaging.kinds.is_empty() || damaging.kinds.contains(&kind))
        && (!damaging.loses || facts.is_free(field) || kind == Kind::Digits || kind == Kind::Date)
}

/// Damages a value.
pub(super) fn damage(work: &mut Work<'_>, rule: &str, damaging: Damaging) -> Option<Broken> {
    let width = work.facts.width();
    let start = work.dice.index(width);
    for step in 0..width {
        let field = (start + step) % width;
        let now = &work.row.cells[field];
        if now.is_empty() || work.facts.gone[field] || !happens_to(work.facts, field, damaging) {
            continue;
        }
        let Some(text) = (damaging.make)(now).filter(|text| text != now) else {
            continue;
        };
        // A mark before the first cell is one before the row.
        if field == 0 && text.starts_with('\u{feff}') {
            continue;
        }
        let verdict = work.facts.judge.verdict(field, &text);
        let fits = |said: &crate::tables::judge::Verdict| {
            *said.rule == *rule && (damaging.loses || said.mended.as_deref() == Some(now))
        };
        if verdict.as_ref().is_some_and(fits) {
            work.row.cells[field] = text;
            return Some(broken(field, damaging.does));
        }
    }
    None
}
