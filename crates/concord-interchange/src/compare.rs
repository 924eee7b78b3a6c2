//! What does not come back.
//!
//! A message goes into a document and out of it again: what it says and the second one does not is what the document could not
//! carry. The same holds for a document that goes into a message. So nothing is lost in silence, whatever a mapping forgets.

use std::collections::{BTreeMap, BTreeSet};

use concord_read::edifact::trimmed;

use crate::groups::{Row, named, place};
use crate::json::Json;
use crate::mapping::Part;
use crate::pattern::{Elements, Pattern};
use crate::template::{Piece, pieces};

/// Stands between components where they are compared; no text has it.
const SEPARATOR: &str = "\u{1f}";

/// Places of a message that say something which the message made of its documents does not. Segments that say the same in other
/// places, or in another order, are told of as such.
pub(crate) fn rows(first: &[Row], again: &[Row], parts: &[Part]) -> Vec<String> {
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept: BTreeSet<(String, usize, usize, &str)> = BTreeSet::new();
    for row in again {
        for (number, element) in said(row) {
            *known
                .entry((named(row), element.join(SEPARATOR)))
                .or_default() += 1;
            let components = element.iter().enumerate();
            kept.extend(components.map(|(index, text)| (named(row), number, index, text.as_str())));
        }
    }
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for row in first {
        *alike.entry(named(row)).or_default() += 1;
    }
    let mut lost = Vec::new();
    for row in first {
        let name = named(row);
        for (number, element) in said(row) {
            match known.get_mut(&(name.clone(), element.join(SEPARATOR))) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    continue;
                }
                _ => {}
            }
            // A qualifier says what a segment is; what it says stands behind it.
            let from = usize::from(number == 0 && is_qualifier(row, parts));
            let filled = |(index, text): &(usize, &String)| *index >= from && !text.is_empty();
            let places = element.iter().enumerate().filter(filled);
            let places: Vec<(usize, bool)> = places
                .map(|(index, text)| (index, kept.contains(&(name.clone(), number, index, text))))
                .collect();
            // Of several segments that are alike, another one has what this one says: then it is told of as a whole. Of one
            // alone, more is said of it than was.
            let all = places.iter().all(|(_, kept)| *kept) && alike[&name] > 1;
            let gone = places.iter().filter(|(_, kept)| all || !kept);
            lost.extend(gone.map(|(index, _)| place(row, number + 1, index + 1)));
        }
    }
    if lost.is_empty() {
        let (mut first, mut again) = (plain(first), plain(again));
        if first != again {
            first.sort();
            again.sort();
            let what = if first == again {
                "order of segments"
            } else {
                "elements that say nothing, or their order"
            };
            lost.push(what.to_owned());
        }
    }
    lost
}

/// The elements of a segment that say something, without what is empty at their ends.
fn said(row: &Row) -> impl Iterator<Item = (usize, &[String])> {
    let elements = row.elements.iter().enumerate();
    elements
        .map(|(number, element)| (number, trimmed(element)))
        .filter(|(_, element)| !element.is_empty())
}

/// Whether the first component of a segment only says which one it is: no pattern of its tag has a hole there.
fn is_qualifier(row: &Row, parts: &[Part]) -> bool {
    let (mut qualified, mut told) = (true, false);
    each_pattern(parts, &mut |pattern| {
        qualified &= pattern.tag != row.tag || pattern.is_qualified();
        told |= pattern.is_qualified() && pattern.is(&row.tag, &row.elements);
    });
    told || qualified && row.elements.iter().map(Vec::len).sum::<usize>() > 1
}

fn each_pattern(parts: &[Part], each: &mut impl FnMut(&Pattern)) {
    for part in parts {
        match part {
            Part::Segment(pattern) => each(pattern),
            Part::Group(group) => each_pattern(&group.parts, each),
        }
    }
}

fn plain(rows: &[Row]) -> Vec<(&str, Elements)> {
    let plain = rows.iter().map(|row| {
        let elements = row.elements.iter();
        let mut elements: Elements = elements.map(|element| trimmed(element).to_vec()).collect();
        while elements.last().is_some_and(Vec::is_empty) {
            elements.pop();
        }
        (row.tag.as_str(), elements)
    });
    plain.collect()
}

/// Paths of values that a document has and the document made of its message has not. Identifiers that were made up are told
/// apart by what they identify.
pub(crate) fn documents(first: &Json, again: &Json, template: &Json) -> Vec<String> {
    let mut made_up = Vec::new();
    identifiers(template, "", &mut made_up);
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    let urls = labels(again);
    leaves(again, "", "", &mut |plain, _, value| {
        *known
            .entry((plain.to_owned(), shown(value, &urls)))
            .or_default() += 1;
    });
    let mut lost = Vec::new();
    let urls = labels(first);
    leaves(first, "", "", &mut |plain, path, value| {
        let text = shown(value, &urls);
        // An identifier that nothing refers to is another one in every document; a reference that leads nowhere is lost.
        let names_nothing = !text.starts_with('#') && !plain.ends_with("reference");
        if names_nothing && made_up.iter().any(|path| path == plain) {
            return;
        }
        match known.get_mut(&(plain.to_owned(), text)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => lost.push(path.to_owned()),
        }
    });
    lost
}

/// The path of a member.
fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// An identifier, as a URN or as it stands.
fn identifier(text: &str) -> &str {
    text.strip_prefix("urn:uuid:").unwrap_or(text)
}

/// Values by their paths, without and with numbers of items.
fn leaves(json: &Json, plain: &str, path: &str, each: &mut impl FnMut(&str, &str, &Json)) {
    match json {
        Json::Null => {}
        Json::List(items) => {
            for (number, item) in items.iter().enumerate() {
                leaves(item, plain, &format!("{path}[{number}]"), each);
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                leaves(value, &joined(plain, name), &joined(path, name), each);
            }
        }
        value => each(plain, path, value),
    }
}

/// What entries of a bundle are called: their types, numbered.
fn labels(bundle: &Json) -> BTreeMap<&str, String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = BTreeMap::new();
    for entry in bundle.get("entry").map_or(&[][..], Json::items) {
        let kind = entry
            .get("resource")
            .and_then(|resource| resource.get("resourceType"))
            .and_then(Json::text)
            .unwrap_or_default();
        if let Some(url) = entry.get("fullUrl").and_then(Json::text) {
            let number = counts.entry(kind).or_default();
            *number += 1;
            let label = format!("#{kind}/{number}");
            out.insert(identifier(url), label);
        }
    }
    out
}

fn shown(value: &Json, urls: &BTreeMap<&str, String>) -> String {
    let label = value
        .text()
        .and_then(|text| urls.get(identifier(text)).cloned());
    label.unwrap_or_else(|| format!("{value:?}"))
}

/// Paths at which a template has made-up identifiers.
fn identifiers(template: &Json, path: &str, out: &mut Vec<String>) {
    match template {
        Json::Text(text) => {
            let mut pieces = pieces(text).into_iter();
            if pieces.any(|piece| matches!(piece, Piece::Id(_) | Piece::Link(_))) {
                out.push(path.to_owned());
            }
        }
        Json::List(items) => {
            for item in items {
                identifiers(item.get("$item").unwrap_or(item), path, out);
            }
        }
        Json::Object(members) => {
            for (name, inner) in members {
                identifiers(inner, &joined(path, name), out);
            }
        }
        _ => {}
    }
}
