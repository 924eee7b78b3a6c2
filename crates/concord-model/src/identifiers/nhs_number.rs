//! NHS NUMBER: ten digits, the last a check digit (modulus 11).
//!
//! Source: NHS Data Dictionary, attribute NHS NUMBER
//! (<https://www.datadictionary.nhs.uk/attributes/nhs_number.html>): each of the first nine digits is multiplied by 10 down
//! to 2, the sum's remainder by 11 is taken from 11; 11 counts as 0, and a number for which 10 would result is never issued.

/// What a text is as an NHS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Not ten digits.
    Malformed,
    /// A value that stands for "no number": it passes the check digit and identifies nobody.
    Placeholder(Placeholder),
    /// Ten digits whose last is not their check digit.
    WrongCheckDigit,
    /// A number that can be somebody's, or nobody's in the test ranges.
    Number(Range),
}

/// Ten equal digits, all of which pass the check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `0000000000`, which tracing services return for "no match".
    NoMatch,
    /// `9999999999`, which tracing services return for "more than one match".
    SeveralMatches,
    /// Another digit ten times.
    RepeatedDigit,
}

/// Who issues numbers of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// 010101 to 311299: Community Health Index numbers of Scotland, which begin with a date of birth (DDMMYY).
    Scotland,
    /// 320 to 399: Health and Care numbers of Northern Ireland.
    NorthernIreland,
    /// 400 to 499 and 600 to 799: England, Wales and the Isle of Man.
    EnglandWalesIsleOfMan,
    /// 500 to 599: reserved, not issued.
    Reserved,
    /// 800 to 859: Individual Health Identifiers of Ireland.
    Ireland,
    /// 900 to 999: test and synthetic patients. 999 is NHS England's test range.
    Test,
    /// Any other: never issued.
    Unallocated,
}

/// The ten digits of `text`, which must be nothing else.
pub fn digits(text: &str) -> Option<[u8; 10]> {
    let digits: [u8; 10] = text.as_bytes().try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

/// The ten digits of `text` when it is written as people write it: together, or as three, three and four digits with
/// blanks or hyphens between. For the edge of a system only: in a submission the number is [`digits`].
pub fn normalize(text: &str) -> Option<[u8; 10]> {
    let bytes = text.as_bytes();
    let &[_, _, _, first, _, _, _, second, ..] = bytes else {
        return None;
    };
    if bytes.len() != 12 || first != second || !matches!(first, b' ' | b'-') {
        return digits(text);
    }
    let mut joined = [0; 10];
    joined[..3].copy_from_slice(&bytes[..3]);
    joined[3..6].copy_from_slice(&bytes[4..7]);
    joined[6..].copy_from_slice(&bytes[8..]);
    joined.iter().all(u8::is_ascii_digit).then_some(joined)
}

/// The check digit (0 to 9) of nine ASCII digits; `None` when the number is never issued because it would be 10.
pub fn check_digit(digits: [u8; 9]) -> Option<u8> {
    let sum: u32 = digits
        .iter()
        .zip((2..=10).rev())
        .map(|(&digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight)
        .sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit as u8),
    }
}

/// Whether `text` is ten digits of which the last is the check digit. Placeholders such as `0000000000` pass: see [`classify`].
pub fn has_valid_check_digit(text: &str) -> bool {
    digits(text).is_some_and(is_checked)
}

fn is_checked(digits: [u8; 10]) -> bool {
    let [first @ .., last] = digits;
    check_digit(first).is_some_and(|expected| expected + b'0' == last)
}

/// What `text` is as an NHS number.
pub fn classify(text: &str) -> Class {
    let Some(digits) = digits(text) else {
        return Class::Malformed;
    };
    if digits.iter().all(|&digit| digit == digits[0]) {
        return Class::Placeholder(match digits[0] {
            b'0' => Placeholder::NoMatch,
            b'9' => Placeholder::SeveralMatches,
            _ => Placeholder::RepeatedDigit,
        });
    }
    if is_checked(digits) {
        Class::Number(range(digits))
    } else {
        Class::WrongCheckDigit
    }
}

/// Who issues a number that starts as `digits` do.
fn range(digits: [u8; 10]) -> Range {
    let two = |index: usize| (digits[index] - b'0') * 10 + digits[index + 1] - b'0';
    let (day, month, year) = (two(0), two(2), two(4));
    match (digits[0], day) {
        (b'0'..=b'2', _) | (_, 30 | 31) if is_date(day, month, year) => Range::Scotland,
        (b'3', 32..) => Range::NorthernIreland,
        (b'4' | b'6' | b'7', _) => Range::EnglandWalesIsleOfMan,
        (b'5', _) => Range::Reserved,
        (b'8', ..=85) => Range::Ireland,
        (b'9', _) => Range::Test,
        _ => Range::Unallocated,
    }
}

/// Whether a day, month and year of two digits are a date in some century.
fn is_date(day: u8, month: u8, year: u8) -> bool {
    let days = match month {
        // The year 00 may be 2000, which had a 29 February.
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// An NHS number inside other text, for finding values where they must not be: a run of digits that, leading zeros
/// beyond ten digits left out, is a number that is or could be issued.
///
/// Longer runs are not searched, because one in eleven ten-digit windows of any number passes the check digit.
pub fn contained_in(text: &str) -> Option<&str> {
    text.split(|character: char| !character.is_ascii_digit())
        .filter_map(|run| {
            let surplus = run.len().checked_sub(10)?;
            let zeros = run.bytes().take_while(|&digit| digit == b'0').count();
            (zeros >= surplus).then(|| &run[surplus..])
        })
        .find(|run| {
            matches!(classify(run), Class::Number(range) if !matches!(range, Range::Unallocated | Range::Reserved))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_examples() {
        assert!(has_valid_check_digit("9434765919") && has_valid_check_digit("9434765870"));
        assert!(!has_valid_check_digit("9434765918") && !has_valid_check_digit("943476591"));
        assert!(
            !has_valid_check_digit("1000000010"),
            "its check digit would be 10"
        );
        assert!(!has_valid_check_digit("943 476 5919") && !has_valid_check_digit("٩434765919"));
        assert_eq!(normalize("943 476 5919").as_ref(), Some(b"9434765919"));
        assert_eq!(normalize("943-476-5919").as_ref(), Some(b"9434765919"));
        assert_eq!(normalize("943-476 5919"), None);
        assert_eq!(normalize("9434765919").as_ref(), Some(b"9434765919"));
    }

    #[test]
    fn classes() {
        assert_eq!(
            classify("0000000000"),
            Class::Placeholder(Placeholder::NoMatch)
        );
        assert_eq!(
            classify("9999999999"),
            Class::Placeholder(Placeholder::SeveralMatches)
        );
        assert_eq!(
            classify("1111111111"),
            Class::Placeholder(Placeholder::RepeatedDigit)
        );
        assert_eq!(classify("9434765918"), Class::WrongCheckDigit);
        assert_eq!(classify(""), Class::Malformed);
        assert_eq!(classify("9434765919"), Class::Number(Range::Test));
        // Not a date of birth, so not Scotland's.
        assert_eq!(classify("0123456789"), Class::Number(Range::Unallocated));
    }

    fn first_valid(prefix: &str) -> String {
        (0..)
            .map(|index| format!("{prefix}{index:0width$}", width = 9 - prefix.len()))
            .find_map(|nine| {
                let digit = check_digit(nine.as_bytes().try_into().expect("nine digits"))?;
                Some(format!("{nine}{digit}"))
            })
            .expect("some number has a check digit")
    }

    #[test]
    fn ranges() {
        for (prefix, range) in [
            ("010190", Range::Scotland),
            ("311299", Range::Scotland),
            ("290200", Range::Scotland),
            ("290201", Range::Unallocated),
            ("3200", Range::NorthernIreland),
            ("3999", Range::NorthernIreland),
            ("400", Range::EnglandWalesIsleOfMan),
            ("500", Range::Reserved),
            ("799", Range::EnglandWalesIsleOfMan),
            ("859", Range::Ireland),
            ("860", Range::Unallocated),
            ("999", Range::Test),
        ] {
            assert_eq!(
                classify(&first_valid(prefix)),
                Class::Number(range),
                "{prefix}"
            );
        }
    }

    #[test]
    fn numbers_in_other_fields_are_found() {
        assert_eq!(contained_in("RXX9434765919"), Some("9434765919"));
        assert_eq!(contained_in("00000000009434765919"), Some("9434765919"));
        assert_eq!(contained_in("129434765919"), None);
        assert_eq!(contained_in("0000000000"), None);
        assert_eq!(contained_in("9434765918 x"), None);
    }

    proptest! {
        /// A number is right exactly when its digits, weighted 10 down to 1, add up to a multiple of 11.
        #[test]
        fn weighted_sum_is_a_multiple_of_eleven(text in "[0-9]{10}") {
            let sum: u32 = text.bytes().rev().zip(1..).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            prop_assert_eq!(has_valid_check_digit(&text), sum.is_multiple_of(11));
        }

        /// The remainder, digit by digit: after nine digits it is ten times itself plus the digits' running sums.
        #[test]
        fn remainders_by_running_sums(text in "[0-9]{9}") {
            // A weight of 10 down to 2 is each digit counted once for every place from its own to the tenth.
            let (sum, total) = text.bytes().fold((0_u32, 0_u32), |(sum, total), digit| {
                let sum = (sum + u32::from(digit - b'0')) % 11;
                (sum, (total + sum) % 11)
            });
            let remainder = (total + sum) % 11;
            let expected = match (11 - remainder) % 11 {
                10 => None,
                digit => Some(digit as u8),
            };
            prop_assert_eq!(check_digit(text.as_bytes().try_into().expect("nine digits")), expected);
        }

        /// Any one wrong digit is found.
        #[test]
        fn slips_are_found(nine in "[0-9]{9}", place in 0..10_usize, other in b'0'..=b'9') {
            let Some(check) = check_digit(nine.as_bytes().try_into().expect("nine digits")) else { return Ok(()) };
            let mut digits = format!("{nine}{check}").into_bytes();
            let right = std::mem::replace(&mut digits[place], other);
            let text = String::from_utf8(digits).expect("ASCII");
            prop_assert_eq!(has_valid_check_digit(&text), right == other);
        }

        #[test]
        fn any_text_is_classified(text in ".{0,20}") {
            classify(&text);
            normalize(&text);
            contained_in(&text);
        }
    }
}
