//! Numbers within their bounds and digits.

use concord_standards::schema::{Builtin, Facets};

use super::Extent;
use crate::Dice;

/// A number of the built-in type; `None` when it is not a number.
pub(super) fn make(
    builtin: Builtin,
    steps: &[Facets],
    extent: Extent,
    dice: &mut Dice,
) -> Option<String> {
    let (low, high) = match builtin {
        Builtin::Boolean => {
            return Some(
                dice.pick(&["true", "false", "1", "0"])
                    .copied()
                    .unwrap_or("1")
                    .to_owned(),
            );
        }
        Builtin::Float | Builtin::Double => return Some(float(steps, dice)),
        Builtin::Decimal => (None, None),
        _ => integer_bounds(builtin)?,
    };
    let mut total = 18;
    let mut fraction = if builtin == Builtin::Decimal { 4 } else { 0 };
    for step in steps {
        total = total.min(step.total_digits.unwrap_or(18));
        if let Some(digits) = step.fraction_digits {
            fraction = if builtin == Builtin::Decimal {
                digits.min(9)
            } else {
                0
            };
        }
    }
    let fraction = fraction.min(total);
    let unit = 10_i128.pow(fraction);
    let widest = 10_i128.pow(total) - 1;
    let mut low = low.map_or(-widest, |low| (low * unit).max(-widest));
    let mut high = high.map_or(widest, |high| (high * unit).min(widest));
    for step in steps {
        let bound = |text: &Option<String>| text.as_deref().and_then(|text| scaled(text, fraction));
        if let Some((value, exact)) = bound(&step.min_inclusive) {
            low = low.max(if exact { value } else { value + 1 });
        }
        if let Some((value, _)) = bound(&step.min_exclusive) {
            low = low.max(value + 1);
        }
        if let Some((value, _)) = bound(&step.max_inclusive) {
            high = high.min(value);
        }
        if let Some((value, exact)) = bound(&step.max_exclusive) {
            high = high.min(if exact { value - 1 } else { value });
        }
    }
    let value = match extent {
        Extent::Smallest => low,
        Extent::Largest => high,
        // Small numbers are what people send.
        Extent::Random if dice.percent(60) => {
            let near = 0_i128.clamp(low, high.max(low));
            (near + i128::from(dice.below(1000))).min(high)
        }
        Extent::Random => {
            let span = u64::try_from(high - low).unwrap_or(u64::MAX - 1);
            low + i128::from(dice.below(span.saturating_add(1)))
        }
    };
    Some(written(value, fraction, extent, dice))
}

fn integer_bounds(builtin: Builtin) -> Option<(Option<i128>, Option<i128>)> {
    Some(match builtin {
        Builtin::Integer => (None, None),
        Builtin::NonPositiveInteger => (None, Some(0)),
        Builtin::NegativeInteger => (None, Some(-1)),
        Builtin::NonNegativeInteger => (Some(0), None),
        Builtin::PositiveInteger => (Some(1), None),
        Builtin::Long => (Some(i64::MIN.into()), Some(i64::MAX.into())),
        Builtin::Int => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        Builtin::Short => (Some(i16::MIN.into()), Some(i16::MAX.into())),
        Builtin::Byte => (Some(i8::MIN.into()), Some(i8::MAX.into())),
        Builtin::UnsignedLong => (Some(0), Some(u64::MAX.into())),
        Builtin::UnsignedInt => (Some(0), Some(u32::MAX.into())),
        Builtin::UnsignedShort => (Some(0), Some(u16::MAX.into())),
        Builtin::UnsignedByte => (Some(0), Some(u8::MAX.into())),
        _ => return None,
    })
}

/// A decimal as a count of units of `10^-fraction`, rounded towards minus infinity, and whether that is exact.
fn scaled(text: &str, fraction: u32) -> Option<(i128, bool)> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let kept: String = part.chars().take(fraction as usize).collect();
    let exact = kept.len() == part.len();
    let number = format!("{whole}{kept:0<width$}", width = fraction as usize);
    let value: i128 = if number.is_empty() {
        0
    } else {
        number.parse().ok()?
    };
    Some(match (negative, exact) {
        (false, _) => (value, exact),
        (true, true) => (-value, true),
        (true, false) => (-value - 1, false),
    })
}

fn written(value: i128, fraction: u32, extent: Extent, dice: &mut Dice) -> String {
    let unit = 10_i128.pow(fraction);
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    let unit = unit.unsigned_abs();
    let mut text = format!("{sign}{}", size / unit);
    if fraction > 0 {
        let part = format!("{:0>width$}", size % unit, width = fraction as usize);
        let part = if extent == Extent::Largest {
            part.as_str()
        } else {
            part.trim_end_matches('0')
        };
        if !part.is_empty() {
            text.push('.');
            text.push_str(part);
        }
    }
    // Other ways to write the same value, which a checker must take as well.
    if extent == Extent::Random && dice.once_in(25) {
        text = match (dice.below(3), text.strip_prefix('-')) {
            (0, None) => format!("+{text}"),
            (1, None) => format!("00{text}"),
            (1, Some(rest)) => format!("-0{rest}"),
            _ => text,
        };
    }
    text
}

fn float(steps: &[Facets], dice: &mut Dice) -> String {
    let bounded = steps.iter().any(|step| {
        step.min_inclusive.is_some()
            || step.min_exclusive.is_some()
            || step.max_inclusive.is_some()
            || step.max_exclusive.is_some()
    });
    if bounded {
        let first = |select: fn(&Facets) -> Option<&String>| {
            steps
                .iter()
                .rev()
                .find_map(select)
                .and_then(|text| text.parse::<f64>().ok())
        };
        let low = first(|step| step.min_inclusive.as_ref().or(step.min_exclusive.as_ref()));
        let high = first(|step| step.max_inclusive.as_ref().or(step.max_exclusive.as_ref()));
        let low = low.unwrap_or_else(|| high.unwrap_or(0.0) - 1000.0);
        let high = high.unwrap_or(low + 1000.0);
        let share = dice.below(1001) as f64 / 1000.0;
        return format!("{}", low + (high - low) * share);
    }
    match dice.below(5) {
        0 => dice
            .pick(&["INF", "-INF", "NaN", "0", "-0"])
            .copied()
            .unwrap_or("0")
            .to_owned(),
        1 => format!("{}E{}", dice.between(-99, 99), dice.between(-20, 20)),
        _ => format!("{}.{}", dice.between(-999, 999), dice.below(1000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facets(low: &str, high: &str) -> Facets {
        Facets {
            min_inclusive: Some(low.into()),
            max_inclusive: Some(high.into()),
            fraction_digits: Some(6),
            ..Facets::default()
        }
    }

    #[test]
    fn bounds_are_reached_and_kept() {
        let mut dice = Dice::new(1);
        let steps = [facets("-90", "90.5")];
        let make = |extent, dice: &mut Dice| {
            super::make(Builtin::Decimal, &steps, extent, dice).expect("a number")
        };
        assert_eq!(make(Extent::Smallest, &mut dice), "-90");
        assert_eq!(make(Extent::Largest, &mut dice), "90.500000");
        for _ in 0..200 {
            let value: f64 = make(Extent::Random, &mut dice).parse().expect("a number");
            assert!((-90.0..=90.5).contains(&value));
        }
    }

    #[test]
    fn bounds_between_units_are_rounded_inwards() {
        assert_eq!(scaled("1.25", 1), Some((12, false)));
        assert_eq!(scaled("-1.25", 1), Some((-13, false)));
        assert_eq!(scaled("+3.50", 1), Some((35, true)));
    }
}
