//! Dates and times: what spreadsheets, databases and people write for `CCYY-MM-DD` and `CCYY-MM-DDThh:mm:ss`.

use jiff::civil::{Date, Time};

use super::damage::{Damage, Damages};
use super::{Kind, Outcome};
use crate::dates::{clock, day, number};

/// A date or date-time of the kind from a text without blanks around it.
pub(super) fn date(text: &str, kind: Kind, damages: &mut Damages) -> Outcome {
    let text = super::number::with_ascii(text, damages);
    if let Some(serial) = serial(&text) {
        damages.insert(Damage::SpreadsheetDate);
        return written(serial, kind, damages);
    }
    let Some((first, rest)) = split(&text) else {
        return Outcome::Unknown;
    };
    let time = if rest.is_empty() {
        None
    } else {
        match time(rest) {
            Some(time) => Some(time),
            None => return Outcome::Unknown,
        }
    };
    match calendar(first, time.is_some_and(|time| time.halves), damages) {
        Day::Known(day) => {
            let canonical = |time: &Written| rest.len() == 8 && !time.halves && text.contains('T');
            if kind == Kind::DateTime && time.as_ref().is_some_and(|time| !canonical(time)) {
                damages.insert(Damage::TimeSpelling);
            }
            written((day, time.map(|time| time.time)), kind, damages)
        }
        Day::Ambiguous => {
            damages.insert(Damage::AmbiguousDate);
            Outcome::Lost
        }
        Day::Unknown => Outcome::Unknown,
    }
}

/// The date, or the date-time, in its form. A time is never made up: a date alone is no date-time.
fn written((day, time): (Date, Option<Time>), kind: Kind, damages: &mut Damages) -> Outcome {
    match (kind, time) {
        (Kind::DateTime, Some(time)) => Outcome::Repaired(format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            day.year(),
            day.month(),
            day.day(),
            time.hour(),
            time.minute(),
            time.second()
        )),
        (Kind::DateTime, None) => Outcome::Lost,
        (_, time) => {
            if time.is_some() {
                damages.insert(Damage::TimeBehindDate);
            }
            let (year, month, day) = (day.year(), day.month(), day.day());
            Outcome::Repaired(format!("{year:04}-{month:02}-{day:02}"))
        }
    }
}

/// A date as spreadsheets count it: days since 30 December 1899 (which is right from March 1900 on, since they take 1900
/// for a leap year), the time as a fraction of the day. Five digits: 18 May 1927 to 13 October 2173.
fn serial(text: &str) -> Option<(Date, Option<Time>)> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != 5 || days.starts_with('0') || !digits(fraction) || fraction.len() > 17 {
        return None;
    }
    let mut days = i64::from(number(days.as_bytes())?);
    let time = if fraction.bytes().all(|digit| digit == b'0') {
        None
    } else {
        let one = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let seconds = (fraction.parse::<u128>().ok()? * 86_400 + one / 2) / one;
        let seconds = i64::try_from(seconds).ok()?;
        days += seconds / 86_400;
        let seconds = u32::try_from(seconds % 86_400).ok()?;
        Some(clock(seconds / 3_600, seconds / 60 % 60, seconds % 60)?)
    };
    let date = jiff::civil::date(1899, 12, 30)
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()?;
    Some((date, time))
}

/// Date and time, at the `T` between digits, or at the blank before the first colon.
fn split(text: &str) -> Option<(&str, &str)> {
    let Some(colon) = text.find(':') else {
        // CCYYMMDDhhmmss
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        return Some(if digits && text.len() == 14 {
            text.split_at(8)
        } else {
            (text, "")
        });
    };
    let before = text.get(..colon)?;
    let at = before.rfind([' ', 'T'])?;
    Some((text.get(..at)?.trim_end(), text.get(at + 1..)?))
}

/// A time, and whether it was written in halves of a day.
#[derive(Clone, Copy)]
struct Written {
    time: Time,
    halves: bool,
}

/// `h:mm`, `hh:mm:ss`, with a fraction of a second, `AM` or `PM`; `hhmmss`.
fn time(text: &str) -> Option<Written> {
    if !text.contains(':') {
        let &[h1, h2, m1, m2, s1, s2] = text.as_bytes() else {
            return None;
        };
        let time = clock(number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?)?;
        return Some(Written {
            time,
            halves: false,
        });
    }
    let upper = text.to_ascii_uppercase();
    let (digits, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(digits), _) => (digits.trim_end(), Some(0)),
        (_, Some(digits)) => (digits.trim_end(), Some(12)),
        _ => (upper.as_str(), None),
    };
    let mut parts = digits.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("00");
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let fits = (1..=2).contains(&hour.len())
        && minute.len() == 2
        && second.len() == 2
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !fits || parts.next().is_some() {
        return None;
    }
    let mut hour = number(hour.as_bytes())?;
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    let time = clock(hour, number(minute.as_bytes())?, number(second.as_bytes())?)?;
    Some(Written {
        time,
        halves: half.is_some(),
    })
}

enum Day {
    Known(Date),
    Ambiguous,
    Unknown,
}

/// A date in any of the orders. `american`: the time is in halves of a day, which stands beside dates with the month first.
fn calendar(text: &str, american: bool, damages: &mut Damages) -> Day {
    let known = |date: Option<Date>| date.map_or(Day::Unknown, Day::Known);
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && text.len() == 8 {
        damages.insert(Damage::DateSeparators);
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        return known(of_texts(year, month, day));
    }
    let mut parts = text
        .split(['-', '/', '.', ' ', ','])
        .filter(|part| !part.is_empty());
    let (Some(a), Some(b), Some(c), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Day::Unknown;
    };
    let named = |month: Option<u32>, day_of_month: &str, year: &str, damages: &mut Damages| {
        damages.insert(Damage::NamedMonth);
        match (month, year.len()) {
            (Some(_), 2) if number(year.as_bytes()).is_some() => Day::Ambiguous,
            (Some(month), 4) => known(of_texts(year, &month.to_string(), day_of_month)),
            _ => Day::Unknown,
        }
    };
    if let month @ Some(_) = month_of_name(b) {
        return named(month, a, c, damages);
    }
    if let month @ Some(_) = month_of_name(a) {
        return named(month, b, c, damages);
    }
    if a.len() == 4 {
        if text.as_bytes().get(4) != Some(&b'-') || b.len() != 2 || c.len() != 2 {
            damages.insert(Damage::DateSeparators);
        }
        return known(of_texts(a, b, c));
    }
    let (Some(first), Some(second)) = (number(a.as_bytes()), number(b.as_bytes())) else {
        return Day::Unknown;
    };
    if c.len() == 2
        && number(c.as_bytes()).is_some()
        && first.max(second) <= 31
        && first.min(second) > 0
    {
        return Day::Ambiguous;
    }
    if c.len() != 4 {
        return Day::Unknown;
    }
    let month_first = match (first > 12, second > 12) {
        (false, true) => true,
        (true, false) => false,
        (false, false) if american => true,
        (false, false) if first == second => false,
        (false, false) => {
            let either = of_texts(c, a, b).is_some() && of_texts(c, b, a).is_some();
            return if either { Day::Ambiguous } else { Day::Unknown };
        }
        (true, true) => return Day::Unknown,
    };
    if month_first {
        damages.insert(Damage::AmericanDate);
        known(of_texts(c, a, b))
    } else {
        damages.insert(Damage::DayFirstDate);
        known(of_texts(c, b, a))
    }
}

fn of_texts(year: &str, month: &str, day_of_month: &str) -> Option<Date> {
    let short = |text: &str| {
        (1..=2)
            .contains(&text.len())
            .then(|| number(text.as_bytes()))?
    };
    let year = (year.len() == 4).then(|| number(year.as_bytes()))??;
    day(year, short(month)?, short(day_of_month)?)
}

/// The calendar month of an English name, whole or its first three letters.
pub(super) fn month_of_name(name: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = name.to_ascii_lowercase();
    let position = NAMES
        .iter()
        .position(|month| *month == name || name.len() == 3 && month.starts_with(&name))
        .or_else(|| (name == "sept").then_some(8))?;
    u32::try_from(position + 1).ok()
}
