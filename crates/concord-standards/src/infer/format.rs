//! The format of a column in the notation of the Data Dictionary, from what is known of its values.

use super::column::{Column, Form};
use crate::definition::CodeList;

/// Most digits that a number is said to have; texts of more digits are no numbers to count with.
const MOST_DIGITS: u32 = 30;

/// The narrowest format that every value seen has and that a next one is likely to have. Empty where no value was seen.
///
/// `quantity`: the numbers count or measure something, so that the next one may have fewer digits.
pub(super) fn format(column: &Column, quantity: bool) -> String {
    if column.filled == 0 {
        return String::new();
    }
    let (shortest, longest) = (column.shortest, column.longest);
    let exact = shortest == longest;
    let s_or_n = if column.negative { 's' } else { 'n' };
    if column.is(Form::Date) {
        "an10 CCYY-MM-DD".to_owned()
    } else if column.is(Form::DateTime) {
        "an19 CCYY-MM-DDThh:mm:ss".to_owned()
    } else if column.is(Form::Time) {
        "an8 hh:mm:ss".to_owned()
    } else if column.is(Form::CompactDate) && !quantity {
        "n8 CCYYMMDD".to_owned()
    } else if column.is(Form::Digits) && longest > u64::from(MOST_DIGITS) {
        characters(column)
    } else if column.is(Form::Digits) {
        match (exact, column.leading_zero) {
            (true, _) if !quantity => format!("n{longest}"),
            (false, true) => format!("min n{shortest} max n{longest}"),
            _ => format!("max n{longest}"),
        }
    } else if column.is(Form::Whole) && column.whole <= MOST_DIGITS && !column.leading_zero {
        format!("max {s_or_n}{}", column.whole)
    } else if column.is(Form::Decimal)
        && column.fraction > 0
        && column.whole + column.fraction <= MOST_DIGITS
    {
        format!("max {s_or_n}{}.max n{}", column.whole, column.fraction)
    } else {
        characters(column)
    }
}

fn characters(column: &Column) -> String {
    const CODE: u64 = 20;
    let (shortest, longest) = (column.shortest, column.longest);
    match (column.is(Form::Word), shortest == longest) {
        (true, true) => format!("an{longest}"),
        (true, false) if longest <= CODE => format!("min an{shortest} max an{longest}"),
        (false, _) if longest > CODE => format!("max an{}", rounded(longest)),
        _ => format!("max an{longest}"),
    }
}

/// The format of the codes of a list.
pub(super) fn of_codes(list: &CodeList) -> String {
    let mut lengths = list.codes.iter().map(|code| code.code.chars().count());
    let first = lengths.next().unwrap_or_default();
    let (exact, longest) = lengths.fold((true, first), |(exact, longest), length| {
        (exact && length == first, longest.max(length))
    });
    if exact {
        format!("an{longest}")
    } else {
        format!("max an{longest}")
    }
}

/// Whether every value seen has a published format, of those that can be told from what is known of the values.
pub(super) fn fits(column: &Column, published: &str) -> bool {
    let sized = |text: &str, letters: &str| text.strip_prefix(letters)?.parse::<u64>().ok();
    let words: Vec<&str> = published.split_whitespace().collect();
    let (least, most) = match words[..] {
        ["an10", "CCYY-MM-DD"] => return column.is(Form::Date),
        ["an19", "CCYY-MM-DDThh:mm:ss"] => return column.is(Form::DateTime),
        ["n8", "CCYYMMDD"] => return column.is(Form::CompactDate),
        [exact] => (Some(exact), exact),
        ["max", most] => (None, most),
        ["min", least, "max", most] => (Some(least), most),
        _ => return false,
    };
    let letters = if most.starts_with("an") { "an" } else { "n" };
    let Some(longest) = sized(most, letters) else {
        return false;
    };
    let shortest = least.map_or(Some(0), |least| sized(least, letters));
    let letters_fit = letters == "an" || column.is(Form::Digits) && !column.leading_zero;
    letters_fit
        && column.longest <= longest
        && shortest.is_some_and(|shortest| shortest <= column.shortest)
}

/// Free text is as long as its author likes: the next of the lengths that are usual.
fn rounded(length: u64) -> u64 {
    const USUAL: [u64; 7] = [35, 70, 100, 255, 1_000, 4_000, 10_000];
    USUAL
        .into_iter()
        .find(|usual| *usual >= length)
        .unwrap_or(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_as_the_dictionary_writes_them() {
        for (values, quantity, expected) in [
            (&["2025-04-01"][..], false, "an10 CCYY-MM-DD"),
            (&["2025-04-01T10:00:00"], false, "an19 CCYY-MM-DDThh:mm:ss"),
            (&["10:00:00", ""], false, "an8 hh:mm:ss"),
            (&["20250401"], false, "n8 CCYYMMDD"),
            (&["20250431"], false, "n8"),
            (&["9990000018"], false, "n10"),
            (&["1", "2"], true, "max n1"),
            (&["1", "22"], false, "max n2"),
            (&["01", "2"], false, "min n1 max n2"),
            (&["1", "-22"], true, "max s2"),
            (&["01", "-22"], true, "min an2 max an3"),
            (&["1", "-22.75"], true, "max s2.max n2"),
            (&["0.5", "120"], true, "max n3.max n1"),
            (&["RXX", "RYY"], false, "an3"),
            (&["RXX", "RYY01"], false, "min an3 max an5"),
            (&["Day case"], false, "max an8"),
            (&["seen in the morning, well"], false, "max an35"),
            (&["", ""], false, ""),
        ] {
            let mut column = Column::default();
            for value in values {
                column.add(value);
            }
            assert_eq!(format(&column, quantity), expected, "{values:?}");
        }
        let mut codes = Column::default();
        for value in ["9990000018", "9990000026"] {
            codes.add(value);
        }
        for (published, fits) in [
            ("n10", true),
            ("max an20", true),
            ("min an3 max an10", true),
            ("max n12", true),
            ("an9", false),
            ("min an11 max an12", false),
            ("an10 CCYY-MM-DD", false),
            ("See POSTCODE", false),
            ("", false),
        ] {
            assert_eq!(super::fits(&codes, published), fits, "{published}");
        }
        let mut long = Column::default();
        long.add(&"1".repeat(40));
        assert_eq!(format(&long, true), "an40");
    }
}
