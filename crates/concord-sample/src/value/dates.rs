//! Dates, times and durations within their bounds.

use concord_standards::schema::{Builtin, Facets};
use jiff::ToSpan;
use jiff::civil::Date;

use super::Extent;
use crate::Dice;

/// A value of a built-in type of dates, times or durations; `None` for other types.
pub(super) fn make(
    builtin: Builtin,
    steps: &[Facets],
    extent: Extent,
    dice: &mut Dice,
) -> Option<String> {
    Some(match builtin {
        Builtin::Date => day(steps, extent, dice).to_string(),
        Builtin::DateTime => {
            let day = day(steps, extent, dice);
            let zone = match dice.below(12) {
                0 => "Z",
                1 => "+01:00",
                2 => "-05:30",
                _ => "",
            };
            let part = if dice.once_in(10) { ".5" } else { "" };
            format!("{day}T{}{part}{zone}", clock(steps, extent, dice))
        }
        Builtin::Time => clock(steps, extent, dice),
        Builtin::GYear => format!("{:04}", day(&[], extent, dice).year()),
        Builtin::GYearMonth => {
            let day = day(&[], extent, dice);
            format!("{:04}-{:02}", day.year(), day.month())
        }
        Builtin::GMonthDay => format!("--{:02}-{:02}", dice.between(1, 12), dice.between(1, 28)),
        Builtin::GDay => format!("---{:02}", dice.between(1, 31)),
        Builtin::GMonth => format!("--{:02}", dice.between(1, 12)),
        Builtin::Duration => match dice.below(4) {
            0 => format!("P{}Y{}M", dice.below(90), dice.below(12)),
            1 => format!(
                "P{}DT{}H{}M",
                dice.below(400),
                dice.below(24),
                dice.below(60)
            ),
            2 => format!("PT{}.5S", dice.below(60)),
            _ => format!("P{}D", dice.below(1000)),
        },
        _ => return None,
    })
}

/// A day within the bounds of the steps, which are dates or date-times.
fn day(steps: &[Facets], extent: Extent, dice: &mut Dice) -> Date {
    let mut low = Date::constant(1900, 1, 1);
    let mut high = Date::constant(2100, 12, 31);
    let mut bounded = (false, false);
    for step in steps {
        let read = |text: &Option<String>| {
            text.as_deref()
                .and_then(|text| text.get(..10))
                .and_then(|text| text.parse::<Date>().ok())
        };
        let lows = [
            read(&step.min_inclusive),
            read(&step.min_exclusive).and_then(|date| date.tomorrow().ok()),
        ];
        for found in lows.into_iter().flatten() {
            low = if bounded.0 { low.max(found) } else { found };
            bounded.0 = true;
        }
        let highs = [
            read(&step.max_inclusive),
            read(&step.max_exclusive).and_then(|date| date.yesterday().ok()),
        ];
        for found in highs.into_iter().flatten() {
            high = if bounded.1 { high.min(found) } else { found };
            bounded.1 = true;
        }
    }
    let days = low.until(high).map_or(0, |span| i64::from(span.get_days()));
    let step = match extent {
        Extent::Smallest => 0,
        Extent::Largest => days,
        Extent::Random => dice.between(0, days),
    };
    let day = low.checked_add(step.days()).unwrap_or(low);
    // Leap days are where calendars break.
    let leap = Date::new(day.year() / 4 * 4, 2, 29).ok();
    match leap.filter(|leap| *leap >= low && *leap <= high) {
        Some(leap) if extent == Extent::Random && dice.once_in(12) => leap,
        _ => day,
    }
}

fn clock(steps: &[Facets], extent: Extent, dice: &mut Dice) -> String {
    let seconds = |text: &Option<String>| -> Option<i64> {
        let text = text.as_deref()?;
        let text = text.split_once('T').map_or(text, |(_, time)| time);
        let mut parts = text
            .get(..8)?
            .split(':')
            .map(|part| part.parse::<i64>().ok());
        Some(parts.next()?? * 3600 + parts.next()?? * 60 + parts.next()??)
    };
    let timed = steps.iter().filter(|step| {
        !step
            .min_inclusive
            .as_deref()
            .is_some_and(|text| text.contains('T'))
    });
    let (mut low, mut high) = (0, 86_399);
    for step in timed {
        low = low.max(seconds(&step.min_inclusive).unwrap_or(0));
        high = high.min(seconds(&step.max_inclusive).unwrap_or(86_399));
    }
    let second = match extent {
        Extent::Smallest => low,
        Extent::Largest => high,
        Extent::Random => dice.between(low, high),
    };
    format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_keep_their_bounds() {
        let steps = [Facets {
            min_inclusive: Some("1900-01-01".into()),
            max_inclusive: Some("2999-12-31".into()),
            ..Facets::default()
        }];
        let mut dice = Dice::new(2);
        assert_eq!(
            make(Builtin::Date, &steps, Extent::Smallest, &mut dice).as_deref(),
            Some("1900-01-01")
        );
        assert_eq!(
            make(Builtin::Date, &steps, Extent::Largest, &mut dice).as_deref(),
            Some("2999-12-31")
        );
        let any: Vec<String> = (0..300)
            .filter_map(|_| make(Builtin::Date, &steps, Extent::Random, &mut dice))
            .collect();
        assert!(
            any.iter()
                .all(|date| date.as_str() >= "1900-01-01" && date.as_str() <= "2999-12-31")
        );
        assert!(any.iter().any(|date| date.ends_with("-02-29")));
    }
}
