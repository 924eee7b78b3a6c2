//! How values are written, as national validation judges it.
//!
//! Formats of characters look at nothing but their number: `an3` takes any three characters. Days and times have the strict
//! form, and no day is before 1890.
//!
//! Source: the national pipeline's published functions (NHS England, Reusable Code Library): column formats, patterns of days
//! and times, SNOMED CT and NHS number checks.

use concord_model::identifiers::{nhs_number, snomed};
use regex::Regex;

/// The first day that is taken.
pub const EARLIEST: &str = "1890-01-01";

/// A form of values.
#[derive(Debug, Clone)]
pub enum Form {
    /// Any characters, of this number.
    Characters(usize, usize),
    /// Digits, of this number.
    Digits(usize, usize),
    /// Digits, a point and digits, of these numbers.
    Decimal((usize, usize), (usize, usize)),
    /// A day, `CCYY-MM-DD`.
    Day,
    /// A year and month, `CCYY-MM`.
    Month,
    /// A time of day, `HH:MM:SS`.
    Time,
    /// A time of day, `HH:MM`.
    Minute,
    /// A day and time, `CCYY-MM-DDThh:mm:ss`.
    Moment,
    /// A day and time with its offset from UTC.
    OffsetMoment,
    /// A postcode.
    Postcode,
    /// An NHS number with its check digit that does not read the same backwards, which the national function refuses.
    NhsNumber,
    /// A SNOMED CT concept with its check digit, or, where more than 18 characters are taken, an expression of concepts.
    Snomed(usize),
    /// What a regular expression finds something in.
    Pattern(Regex),
}

impl Form {
    /// Reads a format; `None` when it is none.
    pub fn parse(format: &str) -> Option<Self> {
        match format {
            "postcode" => return Some(Self::Postcode),
            "nhs-number" => return Some(Self::NhsNumber),
            "snomed" => return Some(Self::Snomed(18)),
            "an10 CCYY-MM-DD" => return Some(Self::Day),
            "an7 CCYY-MM" => return Some(Self::Month),
            "an8 HH:MM:SS" => return Some(Self::Time),
            "an5 HH:MM" => return Some(Self::Minute),
            "an19 CCYY-MM-DDThh:mm:ss" => return Some(Self::Moment),
            "an20 CCYY-MM-DDThh:mm:ssZ" => return Some(Self::OffsetMoment),
            _ => {}
        }
        if let Some(most) = format.strip_prefix("snomed ") {
            return most.parse().ok().map(Self::Snomed);
        }
        if let Some(pattern) = format
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
        {
            return Regex::new(pattern).ok().map(Self::Pattern);
        }
        if let Some((whole, fraction)) = format.split_once('.') {
            let digits = |text| match counted(text)? {
                ('n', least, most) => Some((least.max(1), most)),
                _ => None,
            };
            return Some(Self::Decimal(digits(whole)?, digits(fraction)?));
        }
        match counted(format)? {
            ('a', least, most) => Some(Self::Characters(least, most)),
            (_, least, most) => Some(Self::Digits(least, most)),
        }
    }

    /// Whether a value, which is not absent, is written so.
    pub fn takes(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        match self {
            Self::Characters(least, most) => {
                let count = if value.is_ascii() {
                    value.len()
                } else {
                    value.chars().count()
                };
                // A dot of a pattern takes no line end.
                (*least..=*most).contains(&count) && !value.contains(['\n', '\r'])
            }
            Self::Digits(least, most) => {
                (*least..=*most).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit)
            }
            Self::Decimal(whole, fraction) => {
                let digits = |text: &str, (least, most): (usize, usize)| {
                    (least..=most).contains(&text.len())
                        && text.bytes().all(|byte| byte.is_ascii_digit())
                };
                value.split_once('.').is_some_and(|(before, after)| {
                    digits(before, *whole) && digits(after, *fraction)
                })
            }
            Self::Day => is_day(value),
            Self::Month => is_month(value),
            Self::Time => is_time(value),
            Self::Minute => value.len() == 5 && is_time(&format!("{value}:00")),
            Self::Moment => value
                .split_once('T')
                .is_some_and(|(day, time)| is_day(day) && is_time(time)),
            Self::OffsetMoment => ["Z", "+00:00", "+01:00", "-00:00"]
                .iter()
                .find_map(|offset| value.strip_suffix(offset))
                .and_then(|local| local.split_once('T'))
                .is_some_and(|(day, time)| is_day(day) && is_time(time)),
            Self::Postcode => is_postcode(bytes),
            Self::NhsNumber => {
                nhs_number::has_valid_check_digit(value)
                    && value.len() == 10
                    && !bytes.iter().eq(bytes.iter().rev())
            }
            Self::Snomed(most) => is_snomed(value, *most),
            Self::Pattern(pattern) => pattern.is_match(value),
        }
    }

    /// Values that have the form, and values that have not, for examples. A pattern has none.
    pub fn examples(&self) -> (Vec<String>, Vec<String>) {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        match self {
            Self::Characters(least, most) => {
                let mut wrong = vec!["X".repeat(most + 1)];
                if *least > 1 {
                    wrong.push("X".repeat(least - 1));
                }
                (vec!["&".repeat(*most), "X".repeat((*least).max(1))], wrong)
            }
            Self::Digits(least, most) => {
                let mut wrong = vec!["1".repeat(most + 1), "A".repeat(*most)];
                if *least > 1 {
                    wrong.push("1".repeat(least - 1));
                }
                (vec!["1".repeat(*most), "1".repeat((*least).max(1))], wrong)
            }
            Self::Decimal((least, most), (fewest, greatest)) => (
                vec![
                    format!("{}.{}", "1".repeat(*most), "1".repeat(*greatest)),
                    format!("{}.{}", "1".repeat(*least), "1".repeat(*fewest)),
                ],
                vec!["1".to_owned(), format!("1.{}", "1".repeat(greatest + 1))],
            ),
            Self::Day => (
                texts(&["2024-02-29", "1890-01-01"]),
                texts(&["2023-02-29", "29/02/2024", "1889-12-31", "2024-04-31"]),
            ),
            Self::Month => (texts(&["2024-02"]), texts(&["2024-13", "02-2024"])),
            Self::Time => (
                texts(&["23:59:59"]),
                texts(&["24:00:00", "9:30:00", "09:30"]),
            ),
            Self::Minute => (texts(&["23:59"]), texts(&["24:00", "09:30:00"])),
            Self::Moment => (
                texts(&["2024-02-29T23:59:59"]),
                texts(&["2024-02-30T00:00:00", "2024-02-29", "1889-12-31T00:00:00"]),
            ),
            Self::OffsetMoment => (
                texts(&["2024-02-29T23:59:59Z", "2024-02-29T23:59:59+01:00"]),
                texts(&["2024-02-29T23:59:59", "2024-02-29T23:59:59+02:00"]),
            ),
            Self::Postcode => (
                texts(&["LS1 4AP", "ec1a 1bb"]),
                texts(&["LS14AP", "LS1 AAP", "123 4AP"]),
            ),
            Self::NhsNumber => (
                texts(&["9990000018"]),
                texts(&["9990000019", "999000001", "999 000 0018", "9990110999"]),
            ),
            Self::Snomed(_) => (
                texts(&["720433000"]),
                texts(&["720433001", "72043", "ABCDEFG"]),
            ),
            Self::Pattern(_) => (Vec::new(), Vec::new()),
        }
    }
}

/// `an3`, `max an20`, `min an3 max an6`: the letter, the least and the greatest number.
fn counted(format: &str) -> Option<(char, usize, usize)> {
    let number = |text: &str| {
        let (kind, digits) = match text.strip_prefix("an") {
            Some(digits) => ('a', digits),
            None => ('n', text.strip_prefix('n')?),
        };
        let count: usize = digits.parse().ok()?;
        (count > 0 && count <= 100_000).then_some((kind, count))
    };
    let words: Vec<&str> = format.split(' ').collect();
    match words[..] {
        [exact] => number(exact).map(|(kind, count)| (kind, count, count)),
        ["max", most] => number(most).map(|(kind, count)| (kind, 0, count)),
        ["min", least, "max", most] => {
            let ((kind, least), (other, most)) = (number(least)?, number(most)?);
            (kind == other && least <= most).then_some((kind, least, most))
        }
        _ => None,
    }
}

/// The national pattern of days. It lets 00 pass as a day of February; such a day is no day for comparisons.
fn is_day(value: &str) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = value.as_bytes() else {
        return false;
    };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) || value < EARLIEST {
        return false;
    }
    let number = |tens: u8, ones: u8| u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
    let (century, year) = (number(y1, y2), number(y3, y4));
    let leap = if year == 0 {
        // Of the full centuries the pattern knows only this one.
        century == 20
    } else {
        year.is_multiple_of(4)
    };
    match (number(m1, m2), number(d1, d2)) {
        (1 | 3 | 5 | 7 | 8 | 10 | 12, 1..=31) | (4 | 6 | 9 | 11, 1..=30) | (2, 0..=28) => true,
        (2, 29) => leap,
        _ => false,
    }
}

fn is_month(value: &str) -> bool {
    concord_model::dates::year_month(value.as_bytes()).is_some()
}

fn is_time(value: &str) -> bool {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = value.as_bytes() else {
        return false;
    };
    let sixty = |tens: u8, ones: u8| (b'0'..=b'5').contains(&tens) && ones.is_ascii_digit();
    let hour = match h1 {
        b'0' | b'1' => h2.is_ascii_digit(),
        b'2' => (b'0'..=b'3').contains(&h2),
        _ => false,
    };
    hour && sixty(m1, m2) && sixty(s1, s2)
}

/// One or two letters, a digit, perhaps a letter or digit, blanks, a digit and two letters.
fn is_postcode(value: &[u8]) -> bool {
    let Some((outward, inward)) = value.split_at_checked(value.len().saturating_sub(3)) else {
        return false;
    };
    let &[digit, first, second] = inward else {
        return false;
    };
    let area = outward.trim_ascii_end();
    let letters = area
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let district = match area.get(letters..) {
        Some([one]) => one.is_ascii_digit(),
        Some([one, other]) => one.is_ascii_digit() && other.is_ascii_alphanumeric(),
        _ => false,
    };
    digit.is_ascii_digit()
        && first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
        && area.len() < outward.len()
        && (1..=2).contains(&letters)
        && district
}

/// Six to eighteen digits of which the last is the check digit and the two before it say that it is a concept. The national
/// function asks no more: a zero may stand in front, and a namespace need not fit.
fn is_concept(text: &str) -> bool {
    let digits = text.as_bytes();
    (6..=18).contains(&digits.len())
        && snomed::has_valid_check_digit(digits)
        && matches!(&digits[digits.len() - 3..], [b'0' | b'1', b'0', _])
}

/// A concept, or a concept qualified by one attribute (procedure or finding context).
fn is_snomed(value: &str, most: usize) -> bool {
    const ATTRIBUTES: [&str; 2] = ["408730004", "363589002"];
    let expression = value.split_once(':').and_then(|(concept, rest)| {
        let (attribute, qualifier) = rest.split_once('=')?;
        Some((concept, attribute, qualifier))
    });
    match expression {
        Some((concept, attribute, qualifier)) => {
            value.len() <= most
                && is_concept(concept)
                && ATTRIBUTES.contains(&attribute)
                && is_concept(qualifier)
        }
        None => value.len() <= most && is_concept(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_takes_its_examples_and_no_others() {
        for format in [
            "an2",
            "max an20",
            "min an3 max an6",
            "n10",
            "max n4",
            "min n6 max n18",
            "max n2.max n2",
            "max n7.n2",
            "an10 CCYY-MM-DD",
            "an7 CCYY-MM",
            "an8 HH:MM:SS",
            "an5 HH:MM",
            "an19 CCYY-MM-DDThh:mm:ss",
            "an20 CCYY-MM-DDThh:mm:ssZ",
            "postcode",
            "nhs-number",
            "snomed",
            "snomed 56",
        ] {
            let form = Form::parse(format).unwrap_or_else(|| panic!("{format}"));
            let (right, wrong) = form.examples();
            assert!(!right.is_empty() && !wrong.is_empty(), "{format}");
            for value in right {
                assert!(form.takes(&value), "{format}: {value}");
            }
            for value in wrong {
                assert!(!form.takes(&value), "{format}: {value}");
            }
        }
        for format in [
            "",
            "an",
            "an0",
            "max",
            "s3",
            "min an6 max an3",
            "/(/",
            "an3 or an5",
        ] {
            assert!(Form::parse(format).is_none(), "{format}");
        }
    }

    #[test]
    fn what_the_national_patterns_let_pass() {
        let takes =
            |format: &str, value: &str| Form::parse(format).is_some_and(|form| form.takes(value));
        assert!(takes("an3", "*?é") && takes("max an20", "   "));
        assert!(takes("an10 CCYY-MM-DD", "2024-02-00") && !takes("an10 CCYY-MM-DD", "2024-01-00"));
        assert!(takes("an10 CCYY-MM-DD", "2000-02-29") && !takes("an10 CCYY-MM-DD", "1900-02-29"));
        assert!(takes("postcode", "LS1  4AP") && takes("postcode", "m1 1ae"));
        assert!(takes("snomed 56", "961031000000108:408730004=718431003"));
        assert!(!takes("snomed", "961031000000108:408730004=718431003"));
        assert!(!takes("snomed 56", "961031000000108:408730005=718431003"));
        // A zero in front, and the partition of an extension without room for its namespace.
        assert!(takes("snomed", "0222980003") && takes("snomed", "123106"));
        assert!(!takes("snomed", "222980015") && !takes("snomed", "１２３４５６"));
        assert!(takes("nhs-number", "9990000018") && !takes("nhs-number", "9990110999"));
        assert!(takes("/^[0-9]{4}-(0[1-9]|1[0-2])$/", "2024-12"));
    }
}
