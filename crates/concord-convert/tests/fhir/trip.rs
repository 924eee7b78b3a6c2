//! Rows into resources and back, with an account of every value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use concord_convert::fhir::{FhirForm, FhirMapping, FhirSource, FhirWriter, FhirWritten};
use concord_convert::records::{Record, RecordSource as _, RecordWriter as _, Records};
use concord_convert::{Loss, Losses};
use concord_model::entities::{ENTITIES, Entity};
use serde_json::Value;

use crate::support::shipped;

pub(crate) fn mapping() -> Arc<FhirMapping> {
    let mapping = FhirMapping::load(&shipped(), "fhir/r4-uk-core");
    Arc::new(mapping.unwrap_or_else(|errors| panic!("{errors}")))
}

/// Resources as they stand in files.
pub(crate) struct Files {
    folder: tempfile::TempDir,
    pub(crate) written: FhirWritten,
}

impl Files {
    pub(crate) fn write(records: &[Records], mapping: &Arc<FhirMapping>, form: FhirForm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FhirWriter::create(folder.path(), Arc::clone(mapping), form).unwrap();
        for records in records {
            writer.write(records).unwrap();
        }
        Self {
            written: writer.finish().unwrap(),
            folder,
        }
    }

    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }

    /// What stands in the files, line by line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let texts = self
            .paths()
            .into_iter()
            .map(|path| std::fs::read_to_string(path).unwrap());
        let lines = texts.flat_map(|text| {
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect::<Vec<Value>>()
        });
        lines.collect()
    }

    /// All resources, those in bundles too.
    pub(crate) fn resources(&self) -> Vec<Value> {
        let mut resources = Vec::new();
        for line in self.lines() {
            match line["entry"].as_array() {
                Some(entries) => {
                    resources.extend(entries.iter().map(|entry| entry["resource"].clone()));
                }
                None => resources.push(line),
            }
        }
        resources
    }

    /// The numbers of the records that became resources.
    fn numbers(&self) -> Vec<i64> {
        let resources = self.resources();
        let sources = resources
            .iter()
            .map(|resource| resource["meta"]["source"].as_str().unwrap());
        let numbers: BTreeSet<i64> = sources
            .map(|source| source.rsplit_once('#').unwrap().1.parse().unwrap())
            .collect();
        numbers.into_iter().collect()
    }

    pub(crate) fn read(&self, mapping: &Arc<FhirMapping>) -> (Vec<Records>, Losses) {
        let mut source = FhirSource::open(&self.paths(), Arc::clone(mapping)).unwrap();
        let mut all = Vec::new();
        while let Some(records) = source.next().unwrap() {
            all.push(records);
        }
        (all, source.into_losses())
    }
}

/// A row as texts, with where it stands.
#[derive(Debug, Clone)]
struct Plain {
    sequence: Option<i64>,
    parent: Option<i64>,
    values: BTreeMap<&'static str, String>,
}

fn rows(record: &Record<'_>, entity: &'static Entity) -> Vec<Plain> {
    let rows = record.rows(entity.name).map(|row| Plain {
        sequence: row.sequence(),
        parent: row.integer("parent_sequence"),
        values: entity
            .fields
            .iter()
            .filter_map(|field| Some((field.name, row.text(field.name)?.into_owned())))
            .collect(),
    });
    rows.collect()
}

/// What is wrong with a trip: values that came from nowhere, and values that are gone without being told of.
pub(crate) fn unaccounted(original: &[Records], back: &[Records], files: &Files) -> Vec<String> {
    let losses = files.written.losses.list();
    let numbers = files.numbers();
    let mut problems = Vec::new();
    let mut gone: BTreeMap<String, i64> = BTreeMap::new();
    let originals: Vec<Record<'_>> = original.iter().flat_map(Records::records).collect();
    let backs: Vec<Record<'_>> = back.iter().flat_map(Records::records).collect();
    let mut matched = 0;
    for record in &originals {
        let back = backs
            .iter()
            .find(|back| numbers[usize::try_from(back.number).unwrap() - 1] == record.number);
        matched += usize::from(back.is_some());
        let mut seats: BTreeMap<(&str, i64), i64> = BTreeMap::new();
        for entity in ENTITIES {
            let before = rows(record, entity);
            let after = back.map(|back| rows(back, entity)).unwrap_or_default();
            let mut after = after.into_iter().peekable();
            for row in &before {
                let same = after.next_if(|after| is_part(after, row));
                if let Some(same) = &same {
                    // A row of which little was carried may be that of several.
                    if before.iter().filter(|row| is_part(same, row)).count() == 1 {
                        seats.insert((entity.name, same.sequence.unwrap()), row.sequence.unwrap());
                    }
                    let parent = same
                        .parent
                        .and_then(|parent| seats.get(&(entity.parent.unwrap(), parent)));
                    if parent.is_some() && parent != row.parent.as_ref() {
                        problems.push(format!("{}: another parent", entity.name));
                    }
                }
                for (name, value) in &row.values {
                    if same
                        .as_ref()
                        .is_none_or(|same| same.values.get(name) != Some(value))
                    {
                        *gone.entry(told(entity, name)).or_default() += 1;
                    }
                }
            }
            if let Some(left) = after.next() {
                problems.push(format!(
                    "record {}: {} has {left:?}, which came from nowhere among {before:?}",
                    record.number, entity.name
                ));
            }
        }
    }
    for submission in original.iter().map(Records::submission) {
        for entity in ENTITIES {
            for row in rows(&submission, entity) {
                for name in row.values.keys() {
                    *gone.entry(told(entity, name)).or_default() += 1;
                }
            }
        }
    }
    if matched != backs.len() {
        problems.push(format!(
            "{matched} of {} records came from somewhere",
            backs.len()
        ));
    }
    let mut reported: BTreeMap<String, i64> = BTreeMap::new();
    for loss in losses {
        *reported.entry(loss.element.clone()).or_default() += loss.count.cast_signed();
    }
    for name in gone.keys().chain(reported.keys()) {
        let (gone, reported) = (
            gone.get(name).unwrap_or(&0),
            reported.get(name).unwrap_or(&0),
        );
        if gone != reported {
            problems.push(format!(
                "{name}: {gone} values are gone, {reported} are told of"
            ));
        }
    }
    problems.dedup();
    problems
}

fn is_part(part: &Plain, whole: &Plain) -> bool {
    part.values
        .iter()
        .all(|(name, value)| whole.values.get(name) == Some(value))
}

fn told(entity: &Entity, field: &str) -> String {
    let title = entity.field(field).unwrap().title;
    if title.is_empty() {
        format!("{}.{field}", entity.name)
    } else {
        title.to_owned()
    }
}

/// What reading tells as lost again beyond what writing told: several codes of ATTENDANCE STATUS become one status.
pub(crate) fn lost_again(losses: &Losses) -> Vec<Loss> {
    let mut list = losses.list();
    list.retain(|loss| loss.element != "ATTENDANCE STATUS");
    list
}

/// References that lead nowhere, and ids that are given twice.
pub(crate) fn dangling(files: &Files) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = files.lines();
    let bundles: Vec<Vec<Value>> = if lines.iter().any(|line| line["resourceType"] == "Bundle") {
        lines
            .iter()
            .map(|bundle| bundle["entry"].as_array().unwrap().clone())
            .collect()
    } else {
        let entry = |line: &Value| {
            let url = format!(
                "{}/{}",
                line["resourceType"].as_str().unwrap(),
                line["id"].as_str().unwrap()
            );
            serde_json::json!({"fullUrl": url, "resource": line})
        };
        vec![lines.iter().map(entry).collect()]
    };
    for bundle in bundles {
        let urls: Vec<&str> = bundle
            .iter()
            .map(|entry| entry["fullUrl"].as_str().unwrap())
            .collect();
        let mut sorted = urls.clone();
        sorted.sort_unstable();
        sorted
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .for_each(|pair| problems.push(format!("{} twice", pair[0])));
        for entry in &bundle {
            each_reference(&entry["resource"], &mut |reference| {
                if sorted.binary_search(&reference).is_err() {
                    problems.push(format!("{} refers to {reference}", entry["fullUrl"]));
                }
            });
        }
    }
    problems
}

fn each_reference(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => {
            for item in items {
                each_reference(item, found);
            }
        }
        Value::Object(elements) => {
            for (name, value) in elements {
                match value.as_str() {
                    Some(reference) if name == "reference" => found(reference),
                    _ => each_reference(value, found),
                }
            }
        }
        _ => {}
    }
}
