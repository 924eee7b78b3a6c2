//! One organisation as the ORD interface (version 2-0-0) answers: the XML's content in JSON, where one of something may stand
//! without the list around it.

use std::io::Read;

use serde_json::Value;

use super::Sink;
use super::draft::{Draft, Period, Relationship, Role, Succession};
use super::recognise::{Recognised, is_code};
use super::trud::{class, status};
use crate::dates;
use crate::error::Error;

/// Bytes of an answer; the largest are some hundred thousand.
const LIMIT: u64 = 16_000_000;

pub(super) fn read<R: Read>(recognised: Recognised<R>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let mut bytes = Vec::new();
    recognised
        .reader
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| sink.unreadable(error))?;
    if bytes.len() as u64 > LIMIT {
        return Err(sink.malformed(1, "an answer about one organisation is never as large"));
    }
    sink.source.bytes = bytes.len() as u64;
    let answer: Value = serde_json::from_slice(&bytes).map_err(|error| {
        sink.malformed(
            error.line() as u64,
            format!("not well-formed JSON: {error}"),
        )
    })?;
    let organisation = &answer["Organisation"];
    let code = text(&organisation["OrgId"]["extension"]);
    if !is_code(code) {
        return Err(sink.malformed(1, format!("`{code}` is no code of an organisation")));
    }
    sink.source.name = format!("ord-{code}");
    sink.source.date = dates::day(text(&organisation["LastChangeDate"])).map(|day| day.to_string());
    let (operational, legal) = periods(organisation, sink);
    let mut draft = Draft {
        code: code.to_owned(),
        name: text(&organisation["Name"]).to_owned(),
        class: class(text(&organisation["orgRecordClass"])),
        status: status(text(&organisation["Status"])),
        operational,
        legal,
        postcode: text(&organisation["GeoLoc"]["Location"]["PostCode"]).to_owned(),
        ..Draft::default()
    };
    for role in each(&organisation["Roles"]["Role"]) {
        let (operational, legal) = periods(role, sink);
        draft.roles.push(Role {
            id: text(&role["id"]).to_owned(),
            primary: role["primaryRole"].as_bool() == Some(true),
            operational,
            legal,
        });
    }
    for relationship in each(&organisation["Rels"]["Rel"]) {
        let (operational, legal) = periods(relationship, sink);
        let target = text(&relationship["Target"]["OrgId"]["extension"]);
        if is_code(target) {
            draft.relationships.push(Relationship {
                id: text(&relationship["id"]).to_owned(),
                target: target.to_owned(),
                operational,
                legal,
            });
        }
    }
    for succession in each(&organisation["Succs"]["Succ"]) {
        let (operational, legal) = periods(succession, sink);
        let other = text(&succession["Target"]["OrgId"]["extension"]);
        if is_code(other) {
            draft.successions.push(Succession {
                predecessor: text(&succession["Type"]) == "Predecessor",
                other: other.to_owned(),
                operational,
                legal,
            });
        }
    }
    draft.add(sink)
}

/// The members of a list, or the one thing that stands in its place.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        Value::Null => &[],
        value => std::slice::from_ref(value),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default().trim()
}

/// The operational and the legal period.
fn periods(value: &Value, sink: &mut Sink<'_>) -> (Period, Period) {
    let (mut operational, mut legal) = (Period::default(), Period::default());
    for date in each(&value["Date"]) {
        let mut day = |bound: &str| {
            let text = text(&date[bound]);
            let day = dates::day(text);
            if day.is_none() && !text.is_empty() {
                sink.problem(1, &format!("`{text}` is no date"));
            }
            day
        };
        let period = Period {
            start: day("Start"),
            end: day("End"),
        };
        if text(&date["Type"]) == "Legal" {
            legal.put(period);
        } else {
            operational.put(period);
        }
    }
    (operational, legal)
}
