//! M/R/O/X, names and formats from the specifications.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_standards::schema::{ElementId, Schema, Status};

use super::dictionary::{printed, tidy_format};
use super::names::NameTable;
use super::versions::Statuses;
use super::walk::{below, child, children, value};
use super::{Failed, Work, letters, rows};

/// The groups around the records, by the specification's number.
const ENVELOPE: &[(&str, &[&str])] = &[
    ("001", &["CDSInterchangeHeader"]),
    ("002", &["CDSInterchangeTrailer"]),
    (
        "003",
        &["CDSNetChange-All-MessageTypes", "CDSMessageHeader"],
    ),
    (
        "004",
        &["CDSNetChange-All-MessageTypes", "CDSMessageTrailer"],
    ),
    (
        "005N",
        &[
            "CDSNetChange-All-MessageTypes",
            "CDSTransactionHeader_NetChange",
        ],
    ),
    ("005B", &["CDSTransactionHeader_BulkUpdate"]),
];

/// XML names whose letters are not those of the dictionary's name.
const ALIASES: &[(&str, &str)] = &[
    ("cdsmessagereferencenumber", "cdsmessagereference"),
    ("cdsmessagerecordidentifier", "cdsrecordidentifier"),
    ("organisationcodecdssenderidentity", "cdssenderidentity"),
    (
        "organisationcodecdsprimerecipientidentity",
        "cdsprimerecipientidentity",
    ),
    (
        "organisationcodecdscopyrecipientidentity",
        "cdscopyrecipientidentity",
    ),
    (
        "generalpracticepatientregistration",
        "generalmedicalpracticecodepatientregistration",
    ),
    ("latitude", "emergencycareplaceofinjurylatitude"),
    ("longitude", "emergencycareplaceofinjurylongitude"),
    (
        "emergencycareexpecteddatetimestamptreatment",
        "emergencycareexpecteddateandtimestampoftreatment",
    ),
    (
        "emergencycaretreatmenttimestamp",
        "emergencycaretreatmentallocationtimestamp",
    ),
];

struct Said {
    name: String,
    status: String,
    format: String,
}

/// What was said at each element, by the place where it was said.
#[derive(Default)]
struct Gathered {
    statuses: BTreeMap<ElementId, BTreeSet<String>>,
    formats: BTreeMap<ElementId, BTreeSet<String>>,
}

pub(super) fn add(
    work: &mut Work,
    reference: &Path,
    names: &mut NameTable,
    notes: &mut Vec<String>,
) -> Result<(), Failed> {
    let mut gathered = Gathered::default();
    let version = work.version.info.version.to_string();
    let mut hear = |id: ElementId, schema: &Schema, said: &Said| {
        let local = schema.element(id).name.local.to_string();
        if !said.name.is_empty() {
            names.give(&version, id, &local, &said.name);
        }
        if !said.status.is_empty() {
            gathered
                .statuses
                .entry(id)
                .or_default()
                .insert(said.status.clone());
        }
        if !said.format.is_empty() {
            gathered
                .formats
                .entry(id)
                .or_default()
                .insert(said.format.clone());
        }
    };
    match work.version.statuses {
        Statuses::Workbook(types) => {
            for kind in types {
                let path = reference.join(format!("cds/facts/cds_v6-3-1_type{kind}.csv"));
                for row in rows(&path)? {
                    let said = Said {
                        name: row["spec_name"].clone(),
                        status: row["spec_status_MRO"].clone(),
                        format: tidy_format(&row["spec_format"]),
                    };
                    // Attributes repeat what an element of the same name says.
                    if row["xpath"].contains('@') {
                        continue;
                    }
                    match at_path(&work.schema, &row["xpath"]) {
                        Some(id) => hear(id, &work.schema, &said),
                        None => notes.push(format!("{version}: no element at {}", row["xpath"])),
                    }
                }
            }
            let sheets = workbook_headers(reference)?;
            align_envelope(&work.schema, &sheets, &mut hear, &version, notes);
        }
        Statuses::Pages(prefix) => {
            let pages = pages(reference, prefix)?;
            align_envelope(&work.schema, &pages, &mut hear, &version, notes);
            let body = record(&work.schema)
                .and_then(|record| child(&work.schema, record, "EmergencyCare"))
                .ok_or("there is no EmergencyCare below the record")?;
            let said = pages.get("011").map_or(&[][..], Vec::as_slice);
            align(&work.schema, body, said, &mut hear, &version, notes);
        }
    }
    apply(work, &gathered, notes);
    Ok(())
}

fn apply(work: &mut Work, gathered: &Gathered, notes: &mut Vec<String>) {
    let version = &work.version.info.version;
    for (id, statuses) in &gathered.statuses {
        let element = &mut work.schema.elements[id.0 as usize];
        let mut said = statuses.iter();
        match (said.next().map(String::as_str), said.next()) {
            (Some(only), None) => element.facts.status = status(only),
            _ => notes.push(format!(
                "{version}: {} is {statuses:?} in places that share it",
                element.name
            )),
        }
    }
    for (id, formats) in &gathered.formats {
        if let Some(value) = value(&work.schema, *id) {
            let known = work.formats.entry(value).or_default();
            known.extend(formats.iter().cloned());
        }
    }
}

fn status(letter: &str) -> Option<Status> {
    match letter {
        "M" => Some(Status::Mandatory),
        "R" => Some(Status::Required),
        "O" => Some(Status::Optional),
        "X" => Some(Status::NotUsed),
        _ => None,
    }
}

/// A record: the element of a net change message.
fn record(schema: &Schema) -> Option<ElementId> {
    child(
        schema,
        *schema.roots.first()?,
        "CDSNetChange-All-MessageTypes",
    )
}

/// The element at a path that begins with the body of a record.
fn at_path(schema: &Schema, path: &str) -> Option<ElementId> {
    let mut at = record(schema)?;
    for name in path.split('/') {
        at = child(schema, at, name)?;
    }
    Some(at)
}

/// What the workbook says of the groups around the records, by number.
fn workbook_headers(reference: &Path) -> Result<BTreeMap<String, Vec<Said>>, Failed> {
    let mut sheets: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for row in rows(&reference.join("cds/facts/cds_v6-3-0_spec_rows.csv"))? {
        let Some((number, _)) = row["sheet"].split_once(" - ") else {
            continue;
        };
        let is_element = row["c2"].contains("..") && !row["c4"].is_empty();
        if is_element {
            sheets.entry(number.to_owned()).or_default().push(Said {
                name: row["c3"].clone(),
                status: row["c1"].clone(),
                format: tidy_format(&row["c4"]),
            });
        }
    }
    Ok(sheets)
}

/// What the dictionary's pages say of a version, by the number of the data set.
fn pages(reference: &Path, prefix: &str) -> Result<BTreeMap<String, Vec<Said>>, Failed> {
    let mut pages: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for row in rows(&reference.join("cds/facts/cds_v6-2_rows_raw.csv"))? {
        let number = row["dataset"]
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix("_type_"))
            .and_then(|rest| rest.split('_').next());
        let Some(number) = number else {
            continue;
        };
        let keys = row["element_keys"].split(';').filter(|key| !key.is_empty());
        let statuses: Vec<&str> = row["c1"].split(" Or ").map(str::trim).collect();
        for (index, key) in keys.enumerate() {
            let status = statuses
                .get(index)
                .or(statuses.first())
                .copied()
                .unwrap_or("");
            pages.entry(number.to_uppercase()).or_default().push(Said {
                name: printed(key.trim().trim_start_matches("element_")),
                status: if status.len() == 1 {
                    status.to_owned()
                } else {
                    String::new()
                },
                format: String::new(),
            });
        }
    }
    Ok(pages)
}

fn align_envelope(
    schema: &Schema,
    said: &BTreeMap<String, Vec<Said>>,
    hear: &mut impl FnMut(ElementId, &Schema, &Said),
    version: &str,
    notes: &mut Vec<String>,
) {
    let Some(root) = schema.roots.first() else {
        return;
    };
    for (number, path) in ENVELOPE {
        let Some(said) = said.get(*number) else {
            notes.push(format!("{version}: nothing is said of group {number}"));
            continue;
        };
        let mut parents = vec![*root];
        for name in *path {
            parents = parents
                .into_iter()
                .flat_map(|parent| match child(schema, parent, name) {
                    Some(found) => vec![found],
                    // The bulk header stands below each of the bulk messages, which share its type.
                    None => children(schema, schema.element(parent).content)
                        .into_iter()
                        .filter_map(|message| child(schema, message, name))
                        .collect(),
                })
                .collect();
        }
        for parent in parents {
            align(schema, parent, said, hear, version, notes);
        }
    }
}

/// Puts what is said in order beside the elements in order: the longest common subsequence by name.
fn align(
    schema: &Schema,
    parent: ElementId,
    said: &[Said],
    hear: &mut impl FnMut(ElementId, &Schema, &Said),
    version: &str,
    notes: &mut Vec<String>,
) {
    let elements: Vec<ElementId> = below(schema, parent)
        .into_iter()
        .filter(|id| value(schema, *id).is_some())
        .collect();
    let left: Vec<String> = elements
        .iter()
        .map(|id| alias(&letters(&schema.element(*id).name.local)))
        .collect();
    let right: Vec<String> = said
        .iter()
        .map(|said| alias(&letters(&said.name)))
        .collect();
    let mut lengths = vec![vec![0usize; right.len() + 1]; left.len() + 1];
    for (i, name) in left.iter().enumerate().rev() {
        for (j, other) in right.iter().enumerate().rev() {
            lengths[i][j] = if name == other {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut silent, mut stray) = (Vec::new(), Vec::new());
    while i < left.len() && j < right.len() {
        if left[i] == right[j] {
            hear(elements[i], schema, &said[j]);
            i += 1;
            j += 1;
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            silent.push(i);
            i += 1;
        } else {
            stray.push(j);
            j += 1;
        }
    }
    silent.extend(i..left.len());
    stray.extend(j..right.len());
    // What stands elsewhere in the published order is found by its name, when only one thing has it.
    silent.retain(|i| {
        let mut same = stray.iter().copied().filter(|j| left[*i] == right[*j]);
        let (Some(found), None) = (same.next(), same.next()) else {
            return true;
        };
        hear(elements[*i], schema, &said[found]);
        stray.retain(|j| *j != found);
        false
    });
    for i in silent {
        notes.push(format!(
            "{version}: nothing is said of {}",
            schema.element(elements[i]).name
        ));
    }
    for j in stray {
        notes.push(format!("{version}: said of no element: {}", said[j].name));
    }
}

fn alias(name: &str) -> String {
    let known = ALIASES.iter().find(|(xml, _)| *xml == name);
    known.map_or_else(
        || name.to_owned(),
        |(_, dictionary)| (*dictionary).to_owned(),
    )
}
