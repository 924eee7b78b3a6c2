//! What stands in a cell, by its column's name, code list and format.

use concord_model::identifiers::nhs_number;
use concord_standards::layout::Field;
use concord_standards::schema::Schema;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::kinds::System;
use crate::Dice;

const GIVEN: [&str; 10] = [
    "Amara", "Zoë", "Corin", "Rhiannon", "Siân", "Osric", "Petra", "Jarek", "Tamsin", "Ulric",
];
const FAMILY: [&str; 8] = [
    "Testcase",
    "Sampleford",
    "Mockridge",
    "Specimen",
    "O'Sample",
    "Madeup-Jones",
    "Notreal",
    "Pretendham",
];
const NOTES: [&str; 5] = [
    "seen in surgery",
    "said \"better\", to come back",
    "advice given, see letter",
    "blood taken\nresult awaited",
    "temperature 38.1°",
];

/// The code of the practice.
pub(super) const PRACTICE: &str = "A81999";

/// A GUID that belongs to a kind of thing and a number of it, and to nobody else.
pub(super) fn guid(kind: usize, number: u64) -> String {
    format!(
        "{{{:08X}-5A3D-4C0F-8000-{number:012X}}}",
        0xC0DE_0000_u32 + kind as u32
    )
}

/// The guid of a practice.
pub(super) fn practice_guid(number: u64) -> String {
    guid(999, 1 + number)
}

/// The code of a practice.
pub(super) fn practice_code(number: u64) -> String {
    match number {
        0 => PRACTICE.to_owned(),
        other => format!("A81{:03}", 999 - other.min(999)),
    }
}

/// The day of a month of the sample: its batch is made in the early morning of it.
pub(super) fn day_of(month: u32) -> Date {
    let months = i64::from(month).months();
    date(2025, 4, 1).saturating_add(months)
}

/// What a column of a new row holds, keys and references left out.
pub(super) fn cell(
    system: System,
    table: &str,
    field: &Field,
    schema: &Schema,
    month: u32,
    dice: &mut Dice,
) -> String {
    if let Some(text) = by_name(system, &field.column, dice) {
        return text;
    }
    if field.code_list.is_some() {
        let steps = &schema.simple_type(field.value).steps;
        let codes = steps.iter().rev().find(|step| !step.enumeration.is_empty());
        return codes
            .and_then(|step| dice.pick(&step.enumeration))
            .cloned()
            .unwrap_or_default();
    }
    if dice.percent(blank(&field.column)) {
        return String::new();
    }
    let (day, minute) = (day(&field.column, month, dice), dice.below(24 * 60));
    let (hours, minutes) = (minute / 60, minute % 60);
    match &*field.format {
        "an10 CCYY-MM-DD" => day.strftime("%Y-%m-%d").to_string(),
        "n8 CCYYMMDD" => day.strftime("%Y%m%d").to_string(),
        "an8 HH:MM:SS" => format!("{hours:02}:{minutes:02}:00"),
        "n4 HHMM" => format!("{hours:02}{minutes:02}"),
        "an17 DD MMM CCYY HH:MM" => format!("{} {hours:02}:{minutes:02}", day.strftime("%d %b %Y")),
        "an20 DD MMM CCYY HH:MM:SS" => {
            format!("{} {hours:02}:{minutes:02}:00", day.strftime("%d %b %Y"))
        }
        "max s10" => dice.below(600).to_string(),
        "max s19" => (7_000_000 + dice.below(1000)).to_string(),
        "max s18" | "min n6 max n18" => (100_000_000 + dice.below(1_000_000)).to_string(),
        "max an40 NUMBER" => number(dice),
        "" if table.contains("code") || table.contains("observation") || table == "journal" => {
            dice.pick(&NOTES).copied().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// Of a hundred cells how many are blank: few of what is known of everybody, most of what ends something, else half.
fn blank(column: &str) -> u8 {
    match column {
        "DATE_OF_BIRTH"
        | "DATE_BIRTH"
        | "DATE_OF_REGISTRATION"
        | "DATE_REGISTRATION"
        | "REGISTERED_DATE"
        | "APPOINTMENT_DATE"
        | "DATE_START" => 2,
        "DATE_OF_DEATH"
        | "DATE_DEATH"
        | "DATE_OF_DEACTIVATION"
        | "DATE_DE_REGISTRATION"
        | "REMOVED_DATE"
        | "CLOSE_DATE" => 94,
        _ => 50,
    }
}

fn number(dice: &mut Dice) -> String {
    let whole = dice.below(200);
    match dice.below(8) {
        0 => format!("{}.600000024E-1", dice.below(10)),
        1..4 => whole.to_string(),
        _ => format!("{whole}.{}", dice.below(10)),
    }
}

/// People were born long ago; all else was within the year before the batch.
fn day(column: &str, month: u32, dice: &mut Dice) -> Date {
    let back = if column.contains("BIRTH") {
        dice.between(400, 33_000)
    } else {
        dice.between(1, 360)
    };
    day_of(month).saturating_sub(back.days())
}

fn by_name(system: System, column: &str, dice: &mut Dice) -> Option<String> {
    let pick =
        |dice: &mut Dice, from: &[&str]| dice.pick(from).copied().unwrap_or_default().to_owned();
    Some(match column {
        "GIVEN_NAME" | "FIRST_NAME" | "FORENAME" => pick(dice, &GIVEN),
        "SURNAME" => pick(dice, &FAMILY),
        "NHS_NUMBER" => number_999(dice),
        "POSTCODE" | "FULL_POST_CODE" => "ZZ99 3VZ".to_owned(),
        "SEX" if system == System::Vision => pick(dice, &["M", "F"]),
        "GENDER" => pick(dice, &["Male", "Female"]),
        "PATIENT_TYPE_DESCRIPTION" => pick(dice, &["Regular", "Regular", "Regular", "Temporary"]),
        "REGISTRATION_STATUS" => "GMS".to_owned(),
        "TEST_PATIENT" | "DUMMY_TYPE" | "DISABLED" => "false".to_owned(),
        "IS_ACTIVATED" => "true".to_owned(),
        "ACTIVE" => pick(dice, &["R", "R", "R", "R", "R", "R", "T", "L"]),
        "REFERRAL_URGENCY" => pick(
            dice,
            &["Routine", "Routine", "Urgent", "2 Week Wait", "Soon"],
        ),
        "REFERRAL_SERVICE_TYPE" => pick(dice, &["Outpatient", "Investigation"]),
        "MODE_OF_CONTACT" => pick(dice, &["Face to face", "Telephone", "Video", ""]),
        "SLOT_TYPE" => pick(dice, &["Routine GP", "Nurse clinic", "Telephone triage"]),
        "REFERRAL_UBRN" => format!("{:012}", dice.below(1_000_000_000)),
        "TERM" | "CTV3_TEXT" | "SNOMED_TEXT" => "Made-up term".to_owned(),
        "ID_ORGANISATION" | "ID_ORGANISATION_REGISTERED_AT" | "IDENTIFIER" => PRACTICE.to_owned(),
        _ => return None,
    })
}

/// A number of the 999 range, which is never issued.
fn number_999(dice: &mut Dice) -> String {
    loop {
        let digits = format!("999{:06}", dice.below(1_000_000));
        let bytes: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
        let check = <[u8; 9]>::try_from(bytes)
            .ok()
            .and_then(nhs_number::check_digit);
        if let Some(check) = check {
            return format!("{digits}{check}");
        }
    }
}
