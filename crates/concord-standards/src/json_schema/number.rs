//! Numbers of JSON as XML Schema writes decimals.

use std::cmp::Ordering;

/// Most digits that a number may have when its exponent is worked out.
const MOST_DIGITS: i64 = 400;

/// A number as a decimal without an exponent; `None` when that would take too many digits.
pub(super) fn plain(number: &str) -> Option<String> {
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(at) => (&number[..at], number[at + 1..].parse::<i64>().ok()?),
        None => (number, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    // Where the point stands in all digits.
    let point = i64::try_from(whole.len()).ok()? + exponent;
    let length = i64::try_from(all.len()).ok()?;
    if point.abs() > MOST_DIGITS || length > MOST_DIGITS {
        return None;
    }
    let (whole, fraction) = if point <= 0 {
        let zeros = "0".repeat(usize::try_from(-point).ok()?);
        ("0".to_owned(), format!("{zeros}{all}"))
    } else if point >= length {
        let zeros = "0".repeat(usize::try_from(point - length).ok()?);
        (format!("{all}{zeros}"), String::new())
    } else {
        let (whole, fraction) = all.split_at(usize::try_from(point).ok()?);
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    let sign = if whole == "0" && fraction.is_empty() {
        ""
    } else {
        sign
    };
    Some(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    })
}

/// Compares two numbers that [`plain`] wrote.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let parts = |text: &str| {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits.to_owned()),
            None => (false, text.to_owned()),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        (
            negative,
            (whole.len(), whole.to_owned(), fraction.to_owned()),
        )
    };
    let ((left_negative, left), (right_negative, right)) = (parts(left), parts(right));
    match (left_negative, right_negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => left.cmp(&right),
        (true, true) => right.cmp(&left),
    }
}

/// The whole number next to a plain one, upwards or downwards; itself when it is whole.
pub(super) fn whole(number: &str, up: bool) -> String {
    let Some((whole, _)) = number.split_once('.') else {
        return number.to_owned();
    };
    let negative = whole.starts_with('-');
    // Cutting off the fraction goes towards nought.
    let away_from_nought = up != negative;
    let digits = whole.trim_start_matches('-');
    let digits = if away_from_nought {
        plus_one(digits)
    } else {
        digits.to_owned()
    };
    if negative && digits != "0" {
        format!("-{digits}")
    } else {
        digits
    }
}

fn plus_one(digits: &str) -> String {
    let nines = digits
        .bytes()
        .rev()
        .take_while(|digit| *digit == b'9')
        .count();
    let (head, _) = digits.split_at(digits.len() - nines);
    let zeros = "0".repeat(nines);
    match head.as_bytes().split_last() {
        Some((last, head)) => {
            let head = String::from_utf8_lossy(head);
            format!("{head}{}{zeros}", char::from(last + 1))
        }
        None => format!("1{zeros}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_worked_out() {
        for (number, expected) in [
            ("1", "1"),
            ("-0", "0"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("12.5e-3", "0.0125"),
            ("-1.25E2", "-125"),
            ("1.25e1", "12.5"),
            ("0.01", "0.01"),
        ] {
            assert_eq!(plain(number).as_deref(), Some(expected), "{number}");
        }
        assert_eq!(plain("1e999999999"), None);
        assert_eq!(plain("1e99999999999999999999"), None);
    }

    #[test]
    fn numbers_compare_and_round() {
        let sorted = [
            "-10", "-9.5", "-9", "0", "0.05", "0.5", "9", "10.01", "10.1",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (number, up, down) in [
            ("1.5", "2", "1"),
            ("-1.5", "-1", "-2"),
            ("-0.5", "0", "-1"),
            ("199.5", "200", "199"),
            ("99.1", "100", "99"),
            ("7", "7", "7"),
        ] {
            assert_eq!(
                (&*whole(number, true), &*whole(number, false)),
                (up, down),
                "{number}"
            );
        }
    }
}
