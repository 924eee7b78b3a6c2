//! Rules whose faults need more than their own examples: another value of the row must follow, or the row must be of a
//! certain kind.

use concord_model::dates::date;
use concord_model::financial::FinancialMonth;
use jiff::civil::Date;

use super::{Broken, Work, broken};
use crate::tables::column;

const AGE: &str = "AGE_AT_ACTIVITY_DATE_CONTRACT_MONITORING";
const BORN: &str = "PERSON_BIRTH_DATE";
const START: &str = "ACTIVITY_START_DATE_CONTRACT_MONITORING";
const END: &str = "ACTIVITY_END_DATE_CONTRACT_MONITORING";
const TOTAL: &str = "TOTAL_COST";

/// Columns that hold the day of what was done.
const DAYS: [&str; 4] = [
    END,
    "CLINICAL_INTERVENTION_DATE_DRUG_ADMINISTERED",
    "CLINICAL_INTERVENTION_DATE_DRUG_DISPENSED",
    "CLINICAL_INTERVENTION_DATE_MEDICAL_DEVICE_IMPLEMENTATION",
];

/// Providers that a row can slip in from.
const OTHERS: [&str; 7] = ["RM2", "RW3", "RE9", "RLN", "RQJ", "RC8", "RXX"];

type Make = fn(&mut Work<'_>) -> Option<Broken>;

/// The maker of a rule that has one of its own.
pub(super) fn of(rule: &str) -> Option<Make> {
    Some(match rule {
        "CM-AGE" => age,
        "PL-AGE-1" => impossible_age,
        "PL-DATE-1" => ends_before_start,
        "PL-DATE-1-MONTH" => ends_in_next_month,
        "CM-ORDER-BIRTH" => born_later,
        "CM-CREATED" => after_creation,
        "CM-MONTH-BEGUN" => month_to_come,
        "CM-PRICE" => no_price,
        _ => return None,
    })
}

fn written(day: Date) -> String {
    let mut text = String::new();
    column::day(&mut text, day);
    text
}

fn later(day: Date, days: i64) -> Date {
    day.saturating_add(jiff::Span::new().days(days))
}

fn age(work: &mut Work<'_>) -> Option<Broken> {
    let known = !work.text(BORN).is_empty() && DAYS.iter().any(|day| !work.text(day).is_empty());
    let age: i16 = work.text(AGE).parse().ok().filter(|age| *age < 110)?;
    let wrong = if age > 40 { age - 5 } else { age + 5 };
    let field = known.then(|| work.set(AGE, wrong.to_string()))??;
    Some(broken(field, "made the age another by five years"))
}

fn impossible_age(work: &mut Work<'_>) -> Option<Broken> {
    if !work.text(BORN).is_empty() {
        return None;
    }
    let field = work.set(AGE, "121")?;
    Some(broken(field, "made the age 121"))
}

fn ends_before_start(work: &mut Work<'_>) -> Option<Broken> {
    // An age that is not known agrees with any days.
    let end = date(work.text(END).as_bytes())?;
    if !work.text(BORN).is_empty() {
        work.set(AGE, "999");
    }
    work.set(START, written(later(end, 1)))?;
    // The finding stands at the later one.
    let at = work.facts.field(END)?;
    Some(broken(
        at,
        "made the activity start on the day after it ends",
    ))
}

fn ends_in_next_month(work: &mut Work<'_>) -> Option<Broken> {
    date(work.text(END).as_bytes())?;
    let day = later(work.facts.submission.last, 2);
    if !work.text(BORN).is_empty() {
        work.set(AGE, "999");
    }
    let field = work.set(END, written(day))?;
    Some(broken(field, "made the activity end in the month after"))
}

fn born_later(work: &mut Work<'_>) -> Option<Broken> {
    let mut columns = [START].into_iter().chain(DAYS);
    let (at, begin) = columns.find_map(|column| {
        let field = work.facts.field(column)?;
        Some((field, date(work.text(column).as_bytes())?))
    })?;
    if work.text(BORN).is_empty() {
        return None;
    }
    work.set(AGE, "999");
    work.set(BORN, written(later(begin, 1)))?;
    // The finding stands at the later one.
    Some(broken(at, "made the patient be born on the day after"))
}

fn after_creation(work: &mut Work<'_>) -> Option<Broken> {
    let day = DAYS
        .into_iter()
        .find(|column| date(work.text(column).as_bytes()).is_some())?;
    if !work.text(BORN).is_empty() {
        work.set(AGE, "999");
    }
    let field = work.set(day, written(later(work.facts.submission.created_on, 1)))?;
    let mut made = broken(field, "set the day after that of the data set's creation");
    if day == END {
        // The month of the file is over when it is created.
        made.also.push(("PL-DATE-1-MONTH".into(), Some(field)));
    }
    Some(made)
}

fn month_to_come(work: &mut Work<'_>) -> Option<Broken> {
    // The end of the activity would not be in the month.
    if !work.text(END).is_empty() || work.text("CONTRACT_MONITORING_ACTUAL_ACTIVITY") == "0" {
        return None;
    }
    // Two months after that of the file, in which it is created at the latest.
    let (month, year) = (work.facts.submission.month, work.facts.submission.year);
    let ahead = month.number() + 2;
    if ahead <= 12 {
        let field = work.set("FINANCIAL_MONTH", FinancialMonth::new(ahead)?.to_string())?;
        return Some(broken(field, "made the month one to come"));
    }
    work.set("FINANCIAL_YEAR", year.next()?.to_string())?;
    // The finding stands at the month.
    let at = work.facts.field("FINANCIAL_MONTH")?;
    Some(broken(at, "made the year the one to come"))
}

fn no_price(work: &mut Work<'_>) -> Option<Broken> {
    if work.text("NATIONAL_TARIFF_INDICATOR") != "Y" {
        return None;
    }
    if work.text("ACTIVITY_UNIT_PRICE").is_empty() {
        let field = work.set("CONTRACT_MONITORING_ACTUAL_PRICE", "0")?;
        return Some(broken(field, "made the price nothing"));
    }
    work.set(TOTAL, "0.00");
    let field = work.set("ACTIVITY_UNIT_PRICE", "0")?;
    Some(broken(field, "made the price nothing"))
}

/// Gives a value that holds for the whole file another value.
pub(super) fn differ(work: &mut Work<'_>, element: &str) -> Option<Broken> {
    let submission = &work.facts.submission;
    let now = work.text(element).to_owned();
    let other = match element {
        "DATE_AND_TIME_DATA_SET_CREATED" => {
            let (minute, second) = (work.dice.below(60), work.dice.below(60));
            format!("{}{minute:02}:{second:02}", now.get(..14)?)
        }
        "ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER" => (*work.dice.pick(&OTHERS)?).to_owned(),
        // Days of the activity belong to the month.
        "FINANCIAL_YEAR" if work.text(END).is_empty() => {
            let back = 1 + work.dice.below(9);
            let earlier = (0..back).try_fold(submission.year, |year, _| year.previous());
            earlier?.to_string()
        }
        "FINANCIAL_MONTH" if work.text(END).is_empty() => {
            let last = i64::from(submission.month.number()) - 1;
            FinancialMonth::new(i8::try_from(work.dice.between(1, last)).ok()?)?.to_string()
        }
        "FINANCIAL_YEAR" | "FINANCIAL_MONTH" => return None,
        _ => {
            let past = work.past.iter().rev();
            let field = work.facts.field(element)?;
            past.map(|row| &row.cells[field])
                .find(|text| **text != now && !text.is_empty())?
                .clone()
        }
    };
    let field = work.set(element, other)?;
    Some(broken(field, "made it another than in the other rows"))
}
