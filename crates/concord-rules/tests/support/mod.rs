//! Definitions from the repository, and values captured from XML in the plainest way.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use concord_check::capture::{CapturePlan, Captured};
use concord_standards::definition::Definition;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

pub(crate) fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

/// The reference material beside the checkout; `None` (said aloud) when it is not there.
pub(crate) fn reference(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or(beside, PathBuf::from);
    let file = folder.join(path);
    if !file.exists() {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: no {}", file.display());
        }
        return None;
    }
    Some(file)
}

fn read(folder: &Path, under: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = if under.is_empty() {
            name.into_owned()
        } else {
            format!("{under}/{name}")
        };
        if path.is_dir() {
            read(&path, &name, files);
        } else {
            files.insert(name, fs::read_to_string(&path).expect("a text"));
        }
    }
}

pub(crate) fn definition(folder: &str) -> Definition {
    let mut files = BTreeMap::new();
    read(&schemas(), "", &mut files);
    Definition::load(&files, folder).unwrap_or_else(|errors| panic!("{folder}: {errors:#?}"))
}

/// What happens at a path: rows and cells of groups.
#[derive(Default)]
struct Actions {
    rows: Vec<usize>,
    cells: Vec<(usize, usize)>,
}

/// Captures the values of a plan from a whole document.
pub(crate) fn capture(plan: &CapturePlan, xml: &[u8], captured: &mut Captured) {
    let mut actions: HashMap<String, Actions> = HashMap::new();
    for (group, wanted) in plan.groups.iter().enumerate() {
        for path in &wanted.paths {
            actions.entry(path.join("/")).or_default().rows.push(group);
        }
        for (column, wanted) in wanted.columns.iter().enumerate() {
            for path in &wanted.paths {
                let cells = &mut actions.entry(path.join("/")).or_default().cells;
                cells.push((group, column));
            }
        }
    }
    let mut current = vec![0_u32; plan.groups.len()];
    let mut path = String::new();
    let mut text: Option<String> = None;
    let mut reader = Reader::from_reader(xml);
    loop {
        let before = reader.buffer_position() as u32;
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                open(
                    plan,
                    &actions,
                    &mut current,
                    &mut path,
                    &start,
                    before,
                    captured,
                );
                text = Some(String::new());
            }
            Event::Empty(start) => {
                open(
                    plan,
                    &actions,
                    &mut current,
                    &mut path,
                    &start,
                    before,
                    captured,
                );
                close(&actions, &current, &mut path, Some(String::new()), captured);
                text = None;
            }
            Event::Text(part) => {
                if let Some(text) = &mut text {
                    text.push_str(&part);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(text) = &mut text {
                    text.push_str(match &*reference {
                        "amp" => "&",
                        "apos" => "'",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        _ => "?",
                    });
                }
            }
            Event::End(_) => close(&actions, &current, &mut path, text.take(), captured),
            Event::Eof => return,
            _ => {}
        }
    }
}

fn open(
    plan: &CapturePlan,
    actions: &HashMap<String, Actions>,
    current: &mut [u32],
    path: &mut String,
    start: &BytesStart<'_>,
    offset: u32,
    captured: &mut Captured,
) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(start.local_name().as_ref());
    for &group in actions
        .get(path.as_str())
        .map_or(&[][..], |found| &found.rows)
    {
        let own = captured.groups[group].len() as u32;
        let parent = plan.groups[group]
            .parent
            .map_or(own, |parent| current[parent]);
        let record = captured.groups[1].len() as u32;
        let record = if group == 1 {
            record
        } else {
            record.saturating_sub(1)
        };
        current[group] = captured.add_row(group, parent, record, offset);
    }
    for attribute in start.attributes() {
        let attribute = attribute.expect("an attribute");
        let name = attribute.key.as_ref();
        let cells = actions
            .get(&format!("{path}/@{name}"))
            .map_or(&[][..], |found| &found.cells);
        for &(group, column) in cells {
            captured.put_text(group, current[group], column, &attribute.value);
        }
    }
}

fn close(
    actions: &HashMap<String, Actions>,
    current: &[u32],
    path: &mut String,
    text: Option<String>,
    captured: &mut Captured,
) {
    if let (Some(found), Some(text)) = (actions.get(path.as_str()), text) {
        for &(group, column) in &found.cells {
            captured.put_text(group, current[group], column, &text);
        }
    }
    path.truncate(path.rfind('/').unwrap_or(0));
}
