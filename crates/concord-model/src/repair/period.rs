//! Financial years and months in other spellings.

use super::Outcome;
use super::damage::{Damage, Damages};
use crate::dates::number;
use crate::financial::{FinancialMonth, FinancialYear};

/// A financial year from a text without blanks around it.
pub(super) fn year(text: &str, damages: &mut Damages) -> Outcome {
    let text = super::number::with_ascii(text, damages);
    let whole = without_zero_fraction(&text, damages);
    if FinancialYear::parse(whole.as_bytes()).is_some() {
        return Outcome::Repaired(whole.to_owned());
    }
    let bare = whole
        .strip_prefix("FY")
        .or_else(|| whole.strip_prefix("fy"))
        .unwrap_or(whole)
        .trim_start();
    let parts = match bare.split_once(['/', '-', '_', '\\', ' ']) {
        Some((start, end)) => Some((start.trim_end(), end.trim_start_matches([' ', '/', '-']))),
        None => match bare.len() {
            // `2021` may be the year that begins in 2021 as well as 2020/21.
            4 if !bare.starts_with("20") => bare.split_at_checked(2),
            6 | 8 => bare.split_at_checked(4),
            _ => None,
        },
    };
    let found = parts.and_then(|(start, end)| {
        let (first, last) = (number(start.as_bytes())?, number(end.as_bytes())?);
        let first = match start.len() {
            2 => 2000 + first,
            4 => first,
            _ => return None,
        };
        let next = match end.len() {
            2 => (first + 1) % 100,
            4 if start.len() == 4 => first + 1,
            _ => return None,
        };
        (next == last).then(|| FinancialYear::starting(i16::try_from(first).ok()?))?
    });
    match found {
        Some(year) => {
            damages.insert(Damage::FinancialYearSpelling);
            Outcome::Repaired(year.to_string())
        }
        None => Outcome::Unknown,
    }
}

/// A financial month from a text without blanks around it.
pub(super) fn month(text: &str, damages: &mut Damages) -> Outcome {
    let text = super::number::with_ascii(text, damages);
    let whole = without_zero_fraction(&text, damages);
    if FinancialMonth::parse(whole.as_bytes()).is_some() {
        return Outcome::Repaired(whole.to_owned());
    }
    let lower = whole.to_ascii_lowercase();
    let numbered = ["month", "mth", "mon", "period", "m", "p"]
        .into_iter()
        .find_map(|word| lower.strip_prefix(word))
        .and_then(|rest| {
            FinancialMonth::parse(rest.trim_start_matches([' ', '-', '_']).as_bytes())
        });
    let found = numbered.or_else(|| Some(named(&lower)?.0));
    match found {
        Some(month) => {
            damages.insert(Damage::FinancialMonthSpelling);
            Outcome::Repaired(month.to_string())
        }
        None => Outcome::Unknown,
    }
}

/// The financial year that a month with a calendar year lies in: `Apr-25` and `March 2026` in 202526. `None` when no year is
/// there.
pub fn year_of_month(text: &str) -> Option<FinancialYear> {
    let (_, calendar) = named(&text.trim().to_ascii_lowercase())?;
    calendar
}

/// A name of a month, alone or with a year, and the financial year then: "apr-25", "april 2025".
fn named(lower: &str) -> Option<(FinancialMonth, Option<FinancialYear>)> {
    let (name, year) = match lower.split_once([' ', '-', '/']) {
        Some((name, year)) => (name, Some(year)),
        None => (lower, None),
    };
    let month = i8::try_from(super::date::month_of_name(name)?).ok()?;
    let Some(year) = year else {
        return Some((FinancialMonth::of_calendar(month), None));
    };
    let written = number(year.as_bytes()).and_then(|year| i16::try_from(year).ok())?;
    let calendar = match year.len() {
        2 => 2000 + written,
        4 => written,
        _ => return None,
    };
    let starting = if month < 4 { calendar - 1 } else { calendar };
    let year = FinancialYear::starting(starting)?;
    Some((FinancialMonth::of_calendar(month), Some(year)))
}

fn without_zero_fraction<'a>(text: &'a str, damages: &mut Damages) -> &'a str {
    match text.split_once('.') {
        Some((whole, "0" | "00")) => {
            damages.insert(Damage::TrailingZeroFraction);
            whole
        }
        _ => text,
    }
}
