//! Made-up people.

use crate::Dice;

/// Which identity structure a person is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    Withheld,
    Verified,
    Unverified,
}

/// A person in a record.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) identity: Identity,
    /// NHS number, when one is sent.
    pub(super) number: Option<String>,
    pub(super) status: &'static str,
    pub(super) local: String,
    /// Day of birth, counted by the calendar.
    pub(super) born: i64,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) sex: &'static str,
    pub(super) postcode: String,
}

const GIVEN: &[&str] = &[
    "Amara", "Bela", "Corin", "Delphi", "Edda", "Fintan", "Greta", "Hollis", "Ines", "Jarek", "Keira", "Lorcan", "Mirel", "Nadia", "Osric", "Petra",
    "Quill", "Rhiannon", "Soraya", "Tamsin", "Ulric", "Verity", "Wystan", "Xanthe", "Yusra", "Zoltan",
];
const FAMILY: &[&str] = &[
    "Testcase", "Sampleford", "Mockridge", "Fauxley", "Specimen", "Dummett", "Trialby", "Placeholder", "Exampleton", "Synthwell", "Notreal", "Madeup-Jones",
    "O'Sample", "Fictional", "Imaginard", "Pretendham",
];

impl Person {
    /// Someone born on a day. Newborns have an NHS number whose tracing is not finished more often than others.
    pub(super) fn new(born: i64, sex: &'static str, local: String, newborn: bool, dice: &mut Dice) -> Self {
        let (identity, status, has_number) = match dice.below(100) {
            0..3 => (Identity::Withheld, dice.pick(&["04", "07"]).copied().unwrap_or("07"), false),
            3..8 => (Identity::Unverified, dice.pick(&["02", "05", "06"]).copied().unwrap_or("02"), true),
            8..15 if newborn => (Identity::Unverified, "08", false),
            8..15 => (Identity::Unverified, dice.pick(&["03", "04", "07"]).copied().unwrap_or("07"), false),
            _ => (Identity::Verified, "01", true),
        };
        Self {
            identity,
            number: has_number.then(|| nhs_number(dice)),
            status,
            local,
            born,
            given: dice.pick(GIVEN).copied().unwrap_or("Amara"),
            family: dice.pick(FAMILY).copied().unwrap_or("Testcase"),
            sex,
            postcode: postcode(dice),
        }
    }
}

/// An NHS number of the 999 range with a right check digit (modulus 11, NHS Data Dictionary, NHS NUMBER).
pub(super) fn nhs_number(dice: &mut Dice) -> String {
    loop {
        let body = format!("999{:06}", dice.below(1_000_000));
        let sum: u64 = body.bytes().zip((2..=10).rev()).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
        match 11 - sum % 11 {
            10 => {}
            11 => return format!("{body}0"),
            check => return format!("{body}{check}"),
        }
    }
}

/// A postcode of the usual form in areas (`X…`) that no address has.
fn postcode(dice: &mut Dice) -> String {
    const AREAS: &[&str] = &["XA", "XE", "XK", "XP", "XT", "XW"];
    const LAST: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";
    let area = dice.pick(AREAS).copied().unwrap_or("XA");
    let mut letter = || dice.pick(LAST).copied().map_or('A', char::from);
    let (first, second) = (letter(), letter());
    format!("{area}{} {}{first}{second}", 1 + dice.below(29), dice.below(10))
}

/// A SNOMED CT concept identifier of the short form with a right check digit (Verhoeff), partition 00.
/// Numbers are drawn at random: they name no concept on purpose.
pub(super) fn snomed(dice: &mut Dice) -> String {
    let body = format!("{}00", dice.between(100_000, 999_999_999));
    let check = verhoeff(&body);
    format!("{body}{check}")
}

/// Verhoeff's check digit by the dihedral group D5.
fn verhoeff(digits: &str) -> u8 {
    // D5: 0-4 are rotations, 5-9 reflections.
    fn times(a: u8, b: u8) -> u8 {
        match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => (a + b) % 5 + 5,
            (false, true) => (a + 5 - b) % 5 + 5,
            (false, false) => (a + 5 - b) % 5,
        }
    }
    const STEP: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut sum = 0;
    for (place, digit) in digits.bytes().rev().enumerate() {
        let mut moved = digit - b'0';
        for _ in 0..(place + 1) % 8 {
            moved = STEP[usize::from(moved)];
        }
        sum = times(sum, moved);
    }
    (0..10).find(|check| times(sum, *check) == 0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_right() {
        // Published examples: Verhoeff's 236 has check digit 3; SNOMED CT's root is 138875005.
        assert_eq!(verhoeff("236"), 3);
        assert_eq!(verhoeff("13887500"), 5);
        let mut dice = Dice::new(1);
        for _ in 0..100 {
            let number = nhs_number(&mut dice);
            let sum: u64 = number.bytes().zip((1..=10).rev()).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
            assert_eq!(sum % 11, 0, "{number}");
            assert!(number.starts_with("999"));
        }
    }
}
