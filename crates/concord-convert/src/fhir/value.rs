//! Values as the model writes them and as FHIR does.

use std::borrow::Cow;

use concord_model::entities::Kind;
use concord_model::lexical;
use serde_json::{Value, json};

use super::clock;
use super::mapping::{FieldPlace, Part};
use super::path::Path;
use crate::loss::LossReason;
use crate::records::Row;

/// Why a value is not carried, and what exactly.
pub(super) type Lost = (LossReason, Option<String>);

fn lost(reason: LossReason) -> Lost {
    (reason, None)
}

/// What stands in a resource for the text of a field.
pub(super) fn to_fhir(
    place: &FieldPlace,
    text: &str,
    row: Row<'_>,
    fields: &[concord_model::entities::Field],
) -> Result<Value, Lost> {
    if text.trim().is_empty() {
        return Err(lost(LossReason::Empty));
    }
    let not_of_its_form = || lost(LossReason::NotOfItsForm);
    match place.field.kind {
        Kind::Date => {
            let day = day(text).ok_or_else(not_of_its_form)?;
            let time = match place.part {
                Part::Day(time) => fields.get(time).and_then(|time| row.text(time.name)),
                _ => None,
            };
            let zone = time
                .as_deref()
                .and_then(|time| clock::offset(day, of_day(time)?));
            return Ok(match (time, zone) {
                (Some(time), Some(zone)) => Value::String(format!("{day}T{time}{zone}")),
                _ => Value::String(day.to_owned()),
            });
        }
        Kind::Moment => return moment(text).map(Value::String).ok_or_else(not_of_its_form),
        Kind::Boolean => {
            let truth = lexical::boolean(text.as_bytes());
            return truth.map(Value::Bool).ok_or_else(not_of_its_form);
        }
        Kind::Integer | Kind::Decimal { .. } => {
            let number = serde_json::from_str(text).map(Value::Number);
            return number.map_err(|_| not_of_its_form());
        }
        Kind::Text | Kind::Code { .. } | Kind::Time | Kind::PartialDate => {}
    }
    let text = match &place.codes {
        Some(codes) => codes
            .from_model(text)
            .ok_or_else(|| no_equivalent(place, text))?,
        None => text,
    };
    if place.boolean {
        let truth = lexical::boolean(text.as_bytes());
        return truth.map(Value::Bool).ok_or_else(not_of_its_form);
    }
    if place.codes.is_some() && is_coding(&place.to.path) {
        let (system, code) = text.split_once('|').ok_or_else(not_of_its_form)?;
        return Ok(json!({"system": system, "code": code}));
    }
    if is_code(place.to.path.last()) && !has_form_of_code(text) {
        return Err(not_of_its_form());
    }
    Ok(Value::String(text.to_owned()))
}

/// Whether a place is an item of a list of codings, which names the system of a code with it.
fn is_coding(path: &Path) -> bool {
    path.ends_with_item() && path.last() == "coding"
}

/// The code itself is told, unless it is personal.
fn no_equivalent(place: &FieldPlace, code: &str) -> Lost {
    let detail = (!place.field.personal).then(|| code.to_owned());
    (LossReason::NoEquivalentCode, detail)
}

/// Whether a day's time is carried with it, or why not.
pub(super) fn time_beside(day_text: Option<&str>, time: &str) -> Result<(), Lost> {
    if time.trim().is_empty() {
        return Err(lost(LossReason::Empty));
    }
    let Some(day) = day_text.and_then(day) else {
        return Err(lost(LossReason::NoPlace));
    };
    of_day(time)
        .and_then(|time| clock::offset(day, time))
        .map(|_| ())
        .ok_or_else(|| lost(LossReason::NotOfItsForm))
}

/// A text that is a day and nothing else.
fn day(text: &str) -> Option<&str> {
    (text.len() == 10 && lexical::date(text.as_bytes()).is_some()).then_some(text)
}

/// A text that is a time of day as FHIR writes it within a date with time: no midnight at the end of the day.
fn of_day(text: &str) -> Option<&str> {
    (text.len() == 8 && !text.starts_with("24") && lexical::time(text.as_bytes()).is_some())
        .then_some(text)
}

/// A date with time and a zone, that of the clock when none is written.
fn moment(text: &str) -> Option<String> {
    let zone = lexical::zone_of(text)?;
    if text.get(11..13) == Some("24") {
        return None;
    }
    let text = text.trim();
    if zone.is_empty() {
        let zone = clock::offset(text.get(..10)?, text.get(11..19)?)?;
        return Some(format!("{text}{zone}"));
    }
    Some(text.to_owned())
}

/// Elements that are codes, in which white space does not stand (<https://hl7.org/fhir/R4/datatypes.html#code>).
fn is_code(element: &str) -> bool {
    matches!(
        element,
        "code" | "valueCode" | "gender" | "status" | "use" | "priority" | "intent"
    )
}

fn has_form_of_code(text: &str) -> bool {
    let words = text.split(' ');
    words
        .into_iter()
        .all(|word| !word.is_empty() && !word.contains(char::is_whitespace))
}

/// Whether a value can be that of a field at a place, by its form.
pub(super) fn may_be(place: &FieldPlace, value: &Value) -> bool {
    let Some(text) = plain(value) else {
        return place.refers.is_some() || place.codes.is_some();
    };
    match (place.field.kind, place.part) {
        (Kind::Date, Part::Day(_) | Part::DayAlone) => {
            day(&text).is_some() || clock::local(&text).is_some()
        }
        (_, Part::Id) => id_of(&text).is_some(),
        (Kind::Date, _) => day(&text).is_some(),
        (_, Part::Time(_)) | (Kind::Moment, _) => clock::local(&text).is_some(),
        (Kind::PartialDate, _) => matches!(text.len(), 4 | 7 | 10) || clock::local(&text).is_some(),
        _ => true,
    }
}

/// The id of what a reference with a type refers to: `1` of `Patient/1` and of `https://host/Patient/1/_history/2`.
fn id_of(reference: &str) -> Option<&str> {
    let reference = reference.split("/_history/").next().unwrap_or(reference);
    let (kind, id) = reference.rsplit_once('/')?;
    let kind = kind.rsplit('/').next().unwrap_or(kind);
    let is_type = kind.starts_with(|first: char| first.is_ascii_uppercase());
    (is_type && !id.is_empty()).then_some(id)
}

/// The text of a value that is no element.
pub(super) fn plain(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(_) | Value::Number(_) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text of a field for what stands in a resource, and what of it is lost.
pub(super) fn from_fhir(
    place: &FieldPlace,
    value: &Value,
) -> Result<(String, Option<LossReason>), Lost> {
    let not_of_its_form = || lost(LossReason::NotOfItsForm);
    let text = if place.codes.is_some() && is_coding(&place.to.path) {
        let part = |name| value.get(name).and_then(Value::as_str);
        let code = part("code").ok_or_else(not_of_its_form)?;
        Cow::Owned(format!("{}|{code}", part("system").unwrap_or_default()))
    } else {
        plain(value).ok_or_else(not_of_its_form)?
    };
    if let Some(codes) = &place.codes {
        let code = codes
            .to_model(&text)
            .ok_or_else(|| no_equivalent(place, &text))?;
        return Ok((code.to_owned(), None));
    }
    if place.part == Part::Id {
        let id = id_of(&text).ok_or_else(not_of_its_form)?;
        return Ok((id.to_owned(), None));
    }
    let has_time = text.len() > 10;
    let fraction = text
        .get(19..)
        .filter(|rest| rest.starts_with('.') && has_time);
    let cut = fraction.map(|_| LossReason::Precision);
    match (place.field.kind, place.part) {
        (Kind::Date, Part::Day(_)) if has_time => {
            let (day, _) = clock::local(&text).ok_or_else(not_of_its_form)?;
            Ok((day, None))
        }
        (_, Part::Time(_)) => {
            let (_, time) = clock::local(&text).ok_or_else(not_of_its_form)?;
            Ok((time, cut))
        }
        (Kind::PartialDate, _) | (Kind::Date, Part::DayAlone) if has_time => {
            let (day, _) = clock::local(&text).ok_or_else(not_of_its_form)?;
            Ok((day, Some(LossReason::Precision)))
        }
        _ => Ok((text.into_owned(), None)),
    }
}
