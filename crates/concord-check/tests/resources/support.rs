//! The shipped definitions, and resources to check against them.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use concord_check::resource::{ResourceInput, ResourcePlan, check_resource, check_resources};
use concord_check::{CheckedFile, Options};
use concord_finding::{Finding, Masking};
use concord_read::json::Form;
use concord_standards::definition::Definition;
use proptest::prelude::*;

pub(crate) static R4: LazyLock<ResourcePlan> = LazyLock::new(|| plan("fhir/4-0-1"));
pub(crate) static STU3: LazyLock<ResourcePlan> = LazyLock::new(|| plan("fhir/3-0-2"));

fn plan(folder: &str) -> ResourcePlan {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let own = ["standard.toml", "types.csv", "elements.csv", "codes.csv"];
    let own = own.map(|name| format!("{folder}/{name}"));
    let shared = [
        "fhir/systems.csv",
        "codes/e-referral-priority.csv",
        "codes/itk-message-event.csv",
    ];
    let files = own
        .into_iter()
        .chain(shared.map(str::to_owned))
        .map(|path| {
            let text = std::fs::read_to_string(schemas.join(&path)).unwrap();
            (path, text)
        });
    let files: std::collections::BTreeMap<String, String> = files.collect();
    let definition = Definition::load(&files, folder).unwrap_or_else(|errors| panic!("{errors}"));
    let mut plan = ResourcePlan::new(Arc::new(definition.resources.unwrap()));
    plan.standard = Some(definition.standard.name().into());
    plan
}

/// What is found in one resource.
pub(crate) fn check(bytes: &[u8]) -> Vec<Finding> {
    check_resource(&R4, &"x.json".into(), bytes).findings
}

/// What is found in an input of R4.
pub(crate) fn check_file(bytes: &[u8], form: Form, threads: usize) -> (CheckedFile, Vec<Finding>) {
    check_by(&R4, bytes, form, threads)
}

/// What is found in an input.
pub(crate) fn check_by(
    plan: &ResourcePlan,
    bytes: &[u8],
    form: Form,
    threads: usize,
) -> (CheckedFile, Vec<Finding>) {
    let mut findings = Vec::new();
    let file = "x".into();
    let input = ResourceInput {
        bytes: Cursor::new(bytes),
        file: &file,
        size: None,
        form,
    };
    let options = Options {
        threads,
        ..Options::default()
    };
    let checked = check_resources(input, plan, options, &mut |finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    });
    (checked, findings)
}

/// `RULE path: message`.
pub(crate) fn told(finding: &Finding) -> String {
    let path = finding.path.as_deref().unwrap_or("-");
    let message = finding.message(Masking::Masked);
    format!("{} {path}: {message}", finding.rule.id)
}

/// A folder or file of the reference, unless it is absent, which is said.
pub(crate) fn reference(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

/// The JSON files of a folder of the reference, by name.
pub(crate) fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Some(root) = reference(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy();
                found.push((name.into_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// A piece from a place on, of a length, and where it goes or the byte that takes its place; what is done with it.
pub(crate) type Edit = (usize, usize, usize, u8, u8);

/// A few edits of a text, of pieces shorter than `longest`.
pub(crate) fn edits(length: usize, longest: usize) -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..length, 0..longest, 0..length, any::<u8>(), 0..4_u8);
    proptest::collection::vec(edit, 1..6)
}

/// A text with pieces of it cut out, doubled, moved, or ended early.
pub(crate) fn edited(text: &str, edits: Vec<Edit>) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, length, to, byte, kind) in edits {
        let at = at.min(bytes.len());
        let end = (at + length).min(bytes.len());
        let piece = bytes[at..end].to_vec();
        match kind {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let to = to.min(bytes.len());
                bytes.splice(to..to, piece);
            }
            2 if at < bytes.len() => bytes[at] = byte,
            _ => bytes.truncate(bytes.len().max(1) - usize::from(byte) % bytes.len().max(1)),
        }
    }
    bytes
}

/// Whether everything that a finding says is filled in.
pub(crate) fn is_filled(finding: &Finding) -> bool {
    let masking = Masking::Masked;
    let said = [
        Some(finding.message(masking)),
        finding.label(masking),
        finding.help(masking),
    ];
    !said
        .into_iter()
        .flatten()
        .any(|text| text.contains("(none)"))
}
