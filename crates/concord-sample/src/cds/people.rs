//! Made-up people.

use concord_model::identifiers::{nhs_number, practitioner, snomed};

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
    "Amara", "Bela", "Corin", "Delphi", "Edda", "Fintan", "Greta", "Hollis", "Ines", "Jarek",
    "Keira", "Lorcan", "Mirel", "Nadia", "Osric", "Petra", "Quill", "Rhiannon", "Soraya", "Tamsin",
    "Ulric", "Verity", "Wystan", "Xanthe", "Yusra", "Zoltan",
];
const FAMILY: &[&str] = &[
    "Testcase",
    "Sampleford",
    "Mockridge",
    "Fauxley",
    "Specimen",
    "Dummett",
    "Trialby",
    "Placeholder",
    "Exampleton",
    "Synthwell",
    "Notreal",
    "Madeup-Jones",
    "O'Sample",
    "Fictional",
    "Imaginard",
    "Pretendham",
];

impl Person {
    /// Someone born on a day. Newborns have an NHS number whose tracing is not finished more often than others.
    pub(super) fn new(
        born: i64,
        sex: &'static str,
        local: String,
        newborn: bool,
        dice: &mut Dice,
    ) -> Self {
        let (identity, status, has_number) = match dice.below(100) {
            0..3 => (
                Identity::Withheld,
                dice.pick(&["04", "07"]).copied().unwrap_or("07"),
                false,
            ),
            3..8 => (
                Identity::Unverified,
                dice.pick(&["02", "05", "06"]).copied().unwrap_or("02"),
                true,
            ),
            8..15 if newborn => (Identity::Unverified, "08", false),
            8..15 => (
                Identity::Unverified,
                dice.pick(&["03", "04", "07"]).copied().unwrap_or("07"),
                false,
            ),
            _ => (Identity::Verified, "01", true),
        };
        Self {
            identity,
            number: has_number.then(|| nhs_number(dice)),
            status,
            local,
            born,
            given: given(dice),
            family: family(dice),
            sex,
            postcode: postcode(dice),
        }
    }
}

/// A family name.
pub(crate) fn family(dice: &mut Dice) -> &'static str {
    dice.pick(FAMILY).copied().unwrap_or("Testcase")
}

/// A given name.
pub(crate) fn given(dice: &mut Dice) -> &'static str {
    dice.pick(GIVEN).copied().unwrap_or("Amara")
}

/// An NHS number of the 999 range with a right check digit. One of ten equal digits stands for nobody.
pub(crate) fn nhs_number(dice: &mut Dice) -> String {
    loop {
        let body = format!("999{:06}", dice.below(1_000_000));
        let mut digits = [b'0'; 9];
        digits.copy_from_slice(body.as_bytes());
        if let Some(check) = nhs_number::check_digit(digits)
            && body != "999999999"
        {
            return format!("{body}{check}");
        }
    }
}

/// The code of a general practitioner with a right check digit.
pub(super) fn practitioner(dice: &mut Dice) -> String {
    // Codes that begin with G6 and G7 are for practitioners who have no number of their own.
    let body = format!(
        "G{}{:05}",
        dice.pick(&[1, 2, 3, 4, 5, 8]).copied().unwrap_or(3),
        dice.below(100_000)
    );
    (0..10)
        .map(|check| format!("{body}{check}"))
        .find(|code| practitioner::has_valid_check_digit(code) == Some(true))
        .unwrap_or(body)
}

/// A postcode of the usual form in areas that there are none of.
pub(crate) fn postcode(dice: &mut Dice) -> String {
    const AREAS: &[&str] = &["JA", "JC", "JK", "UA", "UC", "WX"];
    const LAST: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";
    let area = dice.pick(AREAS).copied().unwrap_or("JA");
    let mut letter = || dice.pick(LAST).copied().map_or('A', char::from);
    let (first, second) = (letter(), letter());
    format!(
        "{area}{} {}{first}{second}",
        1 + dice.below(29),
        dice.below(10)
    )
}

/// A SNOMED CT concept identifier of the short form with a right check digit (Verhoeff), partition 00.
/// Numbers are drawn at random: that one names a concept is chance.
pub(crate) fn snomed(dice: &mut Dice) -> String {
    let body = format!("{}00", dice.between(100_000, 999_999_999));
    (0..10)
        .map(|check| format!("{body}{check}"))
        .find(|identifier| snomed::has_valid_check_digit(identifier.as_bytes()))
        .unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use concord_model::identifiers::{nhs_number::has_valid_check_digit, postcode::is_well_formed};

    use super::*;

    #[test]
    fn identifiers_are_well_formed() {
        let mut dice = Dice::new(1);
        for _ in 0..200 {
            let number = nhs_number(&mut dice);
            assert!(
                has_valid_check_digit(&number) && number.starts_with("999"),
                "{number}"
            );
            let code = practitioner(&mut dice);
            assert_eq!(
                practitioner::has_valid_check_digit(&code),
                Some(true),
                "{code}"
            );
            let code = postcode(&mut dice);
            assert!(is_well_formed(&code), "{code}");
            let code = super::snomed(&mut dice);
            assert!(snomed::is_concept(&code), "{code}");
        }
    }
}
