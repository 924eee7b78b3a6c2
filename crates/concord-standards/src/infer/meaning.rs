//! What a name and its values say of the thing behind them: its Data Dictionary name, whether it identifies a person, whether
//! it counts something.

use std::collections::BTreeMap;

use super::column::Column;
use crate::definition::{DictionaryElement, Elements, column_id};
use crate::layout::normalised_header;

/// Elements by their names as headers are compared.
pub(super) struct Dictionary<'e> {
    by_name: BTreeMap<String, &'e DictionaryElement>,
}

impl<'e> Dictionary<'e> {
    pub(super) fn of(elements: &'e Elements) -> Self {
        let mut by_name = BTreeMap::new();
        for element in &elements.list {
            by_name
                .entry(normalised_header(&element.name))
                .or_insert(element);
        }
        Self { by_name }
    }

    /// The element that a header names, and the id of its column: `SECONDARY_DIAGNOSIS_ICD_2` is the second of its element.
    pub(super) fn find(&self, header: &str) -> Option<(&'e DictionaryElement, String)> {
        let wanted = normalised_header(header);
        if let Some(element) = self.by_name.get(&wanted) {
            return Some((element, column_id(&element.name)));
        }
        let base = wanted.trim_end_matches(|last: char| last.is_ascii_digit());
        let number = &wanted[base.len()..];
        if number.is_empty() || number.starts_with('0') || number.len() > 4 {
            return None;
        }
        let element = self.by_name.get(base)?;
        Some((element, format!("{}_{number}", column_id(&element.name))))
    }
}

/// The words of a name, in capitals: at other characters than letters and digits, and where capitals begin (`NHSNumber`).
pub(super) fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mixed = characters.iter().any(char::is_ascii_lowercase);
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (index, character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            open = false;
            continue;
        }
        let before = index.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(index + 1);
        let begins = mixed
            && character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
            });
        match words.last_mut() {
            Some(word) if open && !begins => word.push(character.to_ascii_uppercase()),
            _ => words.push(character.to_ascii_uppercase().to_string()),
        }
        open = true;
    }
    words
}

/// Why a name gives reason to think that its values identify a person; `None` when it does not.
pub(crate) fn personal_by_name(words: &[String]) -> Option<&'static str> {
    const ALWAYS: [&str; 31] = [
        "SURNAME",
        "FORENAME",
        "FORENAMES",
        "FIRSTNAME",
        "LASTNAME",
        "FULLNAME",
        "INITIALS",
        "BIRTH",
        "BIRTHDATE",
        "DATEOFBIRTH",
        "DOB",
        "DEATH",
        "DOD",
        "POSTCODE",
        "POSTALCODE",
        "ADDRESS",
        "ADDRESS1",
        "STREET",
        "NHSNUMBER",
        "NHSNO",
        "NHSNUM",
        "TELEPHONE",
        "PHONE",
        "MOBILE",
        "EMAIL",
        "MRN",
        "PASNUMBER",
        "NINO",
        "PASSPORT",
        "CHI",
        "PATIENTID",
    ];
    const ORGANISATIONS: [&str; 20] = [
        "ORGANISATION",
        "PROVIDER",
        "COMMISSIONER",
        "SITE",
        "PRACTICE",
        "TRUST",
        "DRUG",
        "PRODUCT",
        "DEVICE",
        "FILE",
        "TABLE",
        "COLUMN",
        "TREATMENT",
        "SPECIALTY",
        "WARD",
        "CLINIC",
        "SERVICE",
        "HOSPITAL",
        "DATASET",
        "SYSTEM",
    ];
    const NUMBERS: [&str; 9] = [
        "ID",
        "IDENTIFIER",
        "NUMBER",
        "NO",
        "NUM",
        "REF",
        "REFERENCE",
        "KEY",
        "HASH",
    ];
    let has = |word: &str| words.iter().any(|known| known == word);
    let any = |list: &[&str]| list.iter().any(|word| has(word));
    let number = any(&NUMBERS);
    let by_name = any(&ALWAYS)
        || has("NAME") && !any(&ORGANISATIONS)
        || has("POST") && has("CODE")
        || words
            .windows(2)
            .any(|pair| pair[0] == "NHS" && NUMBERS.contains(&pair[1].as_str()))
        || (has("PATIENT") || has("PERSON") || has("CLIENT")) && (number || has("TITLE"))
        || (has("HOSPITAL") || has("UNIT") || has("SPELL") || has("PATHWAY")) && number;
    by_name.then_some("by its name")
}

/// Why values give reason to think that they identify a person; `None` when they do not.
pub(super) fn personal_by_values(column: &Column) -> Option<&'static str> {
    let found = column.identifiers;
    if column.mostly(found.nhs_number, 50) {
        Some("values are NHS numbers")
    } else if column.mostly(found.holds_nhs_number, 5) {
        Some("NHS numbers stand inside values")
    } else if column.mostly(found.postcode, 50) {
        Some("values are postcodes")
    } else if column.mostly(found.mail, 20) {
        Some("values are addresses of electronic mail")
    } else {
        None
    }
}

/// Whether a name is that of something counted or measured.
pub(super) fn is_quantity(words: &[String]) -> bool {
    const WORDS: [&str; 21] = [
        "COUNT", "QUANTITY", "AMOUNT", "COST", "PRICE", "TOTAL", "SUM", "DAYS", "DURATION",
        "MINUTES", "HOURS", "AGE", "WEIGHT", "HEIGHT", "VALUE", "LENGTH", "ACTIVITY", "POSITION",
        "SCORE", "RATE", "UNITS",
    ];
    let code = words.iter().any(|word| word == "CODE");
    !code && words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether a name is that of a text that people write as they like.
pub(super) fn is_prose(words: &[String]) -> bool {
    const WORDS: [&str; 9] = [
        "DESCRIPTION",
        "NAME",
        "TEXT",
        "COMMENT",
        "COMMENTS",
        "NOTE",
        "NOTES",
        "DETAIL",
        "REMARKS",
    ];
    words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether a name is that of a code, so that numbers under it are codes too.
pub(super) fn is_code(words: &[String]) -> bool {
    const WORDS: [&str; 13] = [
        "CODE",
        "TYPE",
        "STATUS",
        "METHOD",
        "INDICATOR",
        "CATEGORY",
        "SEX",
        "GENDER",
        "FLAG",
        "CLASS",
        "CLASSIFICATION",
        "REASON",
        "OUTCOME",
    ];
    words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether values are codes of organisations, by their name and their form. Those are looked up, not listed.
pub(super) fn is_organisation(words: &[String], column: &Column) -> bool {
    const WORDS: [&str; 12] = [
        "ORGANISATION",
        "ORG",
        "PROVIDER",
        "COMMISSIONER",
        "PRACTICE",
        "SITE",
        "TRUST",
        "HOSPITAL",
        "ODS",
        "ICB",
        "CCG",
        "GP",
    ];
    words.iter().any(|word| WORDS.contains(&word.as_str()))
        && column.mostly(column.identifiers.organisation, 95)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_at_signs_and_capitals() {
        for (name, expected) in [
            ("NHSNumber", "NHS NUMBER"),
            ("NHS_NUMBER", "NHS NUMBER"),
            ("patientForename", "PATIENT FORENAME"),
            ("DOB", "DOB"),
            ("Postcode (usual)", "POSTCODE USUAL"),
            ("ICD10Code", "ICD10CODE"),
            ("", ""),
            ("Größe", "GR E"),
        ] {
            assert_eq!(words(name).join(" "), expected);
        }
    }

    #[test]
    fn names_of_persons_are_personal_and_those_of_organisations_are_not() {
        for (name, personal) in [
            ("Patient Name", true),
            ("NHSNumber", true),
            ("nhs_no", true),
            ("DateOfBirth", true),
            ("Post Code", true),
            ("PERSON_ID", true),
            ("Provider Name", false),
            ("Drug name", false),
            ("Referral date", false),
            ("Site code", false),
            ("NHS_SERVICE_AGREEMENT_LINE_NUMBER", false),
        ] {
            assert_eq!(personal_by_name(&words(name)).is_some(), personal, "{name}");
        }
    }
}
