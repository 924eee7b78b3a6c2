//! SNOMED CT IDENTIFIER: 6 to 18 digits, the last a check digit (Verhoeff), the two before it the partition.
//!
//! Source: SNOMED CT Release File Specification, 6 "SNOMED CT Identifiers"
//! (<https://confluence.ihtsdotools.org/display/DOCRELFMT/6+SNOMED+CT+Identifiers>). Eighteen digits fit a `u64`, not a
//! double, so identifiers are text.

/// What an identifier identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// A concept: partition `00` (international) or `10` (with a namespace).
    Concept,
    /// A description: partition `01` or `11`.
    Description,
    /// A relationship: partition `02` or `12`.
    Relationship,
}

/// A well-formed identifier's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identifier {
    /// The number.
    pub number: u64,
    /// What it identifies.
    pub component: Component,
    /// The seven-digit namespace of an extension; `None` for the international release.
    pub namespace: Option<u32>,
}

/// Permutations by position from the right, modulo 8 (Verhoeff 1969).
const PERMUTATION: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// The dihedral group of order ten: the first five elements turn, the others turn and flip.
fn multiply(left: u8, right: u8) -> u8 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right - 5) % 5 + 5,
        (false, true) => (left - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

/// Whether a run of ASCII digits ends with its Verhoeff check digit.
pub fn has_valid_check_digit(digits: &[u8]) -> bool {
    !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && digits
            .iter()
            .rev()
            .zip(PERMUTATION.iter().cycle())
            .fold(0, |sum, (digit, permutation)| {
                multiply(sum, permutation[usize::from(digit - b'0')])
            })
            == 0
}

/// The parts of `text` when it is a well-formed identifier.
pub fn parse(text: &str) -> Option<Identifier> {
    let digits = text.as_bytes();
    if !(6..=18).contains(&digits.len()) || digits[0] == b'0' || !has_valid_check_digit(digits) {
        return None;
    }
    let partition = digits.len() - 3;
    let component = match digits[partition + 1] {
        b'0' => Component::Concept,
        b'1' => Component::Description,
        b'2' => Component::Relationship,
        _ => return None,
    };
    let namespace = match digits[partition] {
        b'0' => None,
        // An item of at least one digit, the namespace, the partition and the check digit.
        b'1' if digits.len() >= 11 => Some(text[partition - 7..partition].parse().ok()?),
        _ => return None,
    };
    let number = text.parse().ok()?;
    Some(Identifier {
        number,
        component,
        namespace,
    })
}

/// Whether `text` is a well-formed identifier of anything.
pub fn is_valid(text: &str) -> bool {
    parse(text).is_some()
}

/// Whether `text` is a well-formed identifier of a concept.
pub fn is_concept(text: &str) -> bool {
    parse(text).is_some_and(|identifier| identifier.component == Component::Concept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_examples() {
        for text in [
            "22298006",
            "73211009",
            "404684003",
            "138875005",
            "900000000000207008",
            "322236009",
        ] {
            assert!(is_concept(text), "{text}");
        }
        let extension = parse("999000011000000103").expect("the United Kingdom's edition");
        assert_eq!(extension.namespace, Some(1_000_000));
        for text in [
            "22298007",
            "022298006",
            "12345",
            "1234567890123456789",
            "",
            "2229800６",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }

    /// The group's table as it is printed, and the permutations by repeated application of one: another way to say the same.
    const GROUP: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];

    fn permuted(digit: u8, times: usize) -> u8 {
        (0..times % 8).fold(digit, |digit, _| {
            [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][usize::from(digit)]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_printed_table(text in "[0-9]{1,18}") {
            let sum = text.bytes().rev().enumerate().fold(0_u8, |sum, (index, digit)| {
                GROUP[usize::from(sum)][usize::from(permuted(digit - b'0', index))]
            });
            prop_assert_eq!(has_valid_check_digit(text.as_bytes()), sum == 0);
        }

        /// Every single wrong digit and every swap of neighbours is found.
        #[test]
        fn slips_are_found(text in "[1-9][0-9]{5,17}", place in 0..17_usize, other in 0..10_u8) {
            let mut digits = text.into_bytes();
            prop_assume!(has_valid_check_digit(&digits) || {
                let last = digits.len() - 1;
                (b'0'..=b'9').any(|digit| { digits[last] = digit; has_valid_check_digit(&digits) })
            });
            let place = place % (digits.len() - 1);
            let mut swapped = digits.clone();
            swapped.swap(place, place + 1);
            prop_assert_eq!(has_valid_check_digit(&swapped), swapped == digits);
            let mut wrong = digits.clone();
            wrong[place] = b'0' + other;
            prop_assert_eq!(has_valid_check_digit(&wrong), wrong == digits);
        }

        #[test]
        fn any_text_is_parsed(text in ".{0,20}") {
            parse(&text);
        }
    }
}
