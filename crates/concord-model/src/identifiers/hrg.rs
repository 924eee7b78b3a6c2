//! HEALTHCARE RESOURCE GROUP CODE (HRG4+): two letters, two digits and a letter.
//!
//! Source: NHS Data Dictionary, HEALTHCARE RESOURCE GROUP CODE (`max an5`); NHS England, HRG4+ design: the first letter is the
//! chapter, the first two the subchapter, the first four characters the root, and the last letter the split by complications,
//! age or stay, of which `Z` is "not split". Whether a group exists in a year is for reference data to say.

/// A well-formed code's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hrg<'a> {
    /// The two letters.
    pub subchapter: &'a str,
    /// The first four characters.
    pub root: &'a str,
    /// The last letter; `None` for `Z`, not split.
    pub split: Option<char>,
}

/// The parts of `text` when it is well formed.
pub fn parse(text: &str) -> Option<Hrg<'_>> {
    let &[a, b, c, d, split] = text.as_bytes() else {
        return None;
    };
    let letters = [a, b, split].iter().all(u8::is_ascii_uppercase);
    if !(letters && c.is_ascii_digit() && d.is_ascii_digit()) {
        return None;
    }
    Some(Hrg {
        subchapter: text.get(..2)?,
        root: text.get(..4)?,
        split: (split != b'Z').then_some(char::from(split)),
    })
}

/// Whether `text` is well formed.
pub fn is_well_formed(text: &str) -> bool {
    parse(text).is_some()
}

/// The group with which a tariff code begins (`AA22C-EL` begins with `AA22C`).
pub fn at_start_of(text: &str) -> Option<&str> {
    let start = text.get(..5)?;
    is_well_formed(start).then_some(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        for text in ["AA22C", "WF01A", "UZ01Z", "HN22Z"] {
            assert!(is_well_formed(text), "{text}");
        }
        for text in [
            "", "AA22", "AA22c", "A122C", "AA2CC", "AA22CC", "DOA", "U06", "ÀA2C",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
        let group = parse("AA22C").expect("well formed");
        assert_eq!(
            (group.subchapter, group.root, group.split),
            ("AA", "AA22", Some('C'))
        );
        assert_eq!(parse("UZ01Z").and_then(|group| group.split), None);
        assert_eq!(at_start_of("AA22C-EL"), Some("AA22C"));
        assert_eq!(at_start_of("LOCAL1"), None);
        assert_eq!(at_start_of("AA22É"), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_expression(text in prop_oneof!["[A-Z]{1,3}[0-9]{1,3}[A-Z]?", ".{0,7}"]) {
            let expression = regex::Regex::new("^[A-Z]{2}[0-9]{2}[A-Z]$").expect("a regular expression");
            prop_assert_eq!(is_well_formed(&text), expression.is_match(&text));
            let start = regex::Regex::new("^[A-Z]{2}[0-9]{2}[A-Z]").expect("a regular expression");
            prop_assert_eq!(at_start_of(&text), start.find(&text).map(|found| found.as_str()));
        }
    }
}
