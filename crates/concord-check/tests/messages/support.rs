//! The shipped definitions, and messages to check against them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use concord_check::capture::CapturePlan;
use concord_check::message::{MessageInput, MessagePlan, check_messages};
use concord_check::{CheckedFile, Effects, NoRules, Options, Plan};
use concord_finding::{Finding, Masking};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;

/// The files of `schemas/`.
static SHIPPED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy();
                files.insert(name.into_owned(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
});

/// The profile, without rules.
pub(crate) static ITK: LazyLock<MessagePlan> = LazyLock::new(|| plan("itk-adt@1.0", &[]));

/// The base, without rules.
pub(crate) static BASE: LazyLock<MessagePlan> = LazyLock::new(|| plan("hl7@2.4", &[]));

/// A shipped standard, with further files.
pub(crate) fn definition(name: &str, further: &[(&str, &str)]) -> Definition {
    let mut files = SHIPPED.clone();
    for (path, text) in further {
        files.insert((*path).to_owned(), (*text).to_owned());
    }
    let registry = Registry::new(vec![Box::new(files)]).unwrap();
    registry
        .load(name)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A plan for a shipped standard, with further files.
pub(crate) fn plan(name: &str, further: &[(&str, &str)]) -> MessagePlan {
    of_definition(definition(name, further))
}

pub(crate) fn of_definition(definition: Definition) -> MessagePlan {
    let compiled = Arc::new(CompiledSchema::compile(Arc::new(definition.schema)).unwrap());
    let records = definition.standard.record.elements.clone();
    let mut plan = Plan::new(compiled, records, CapturePlan::default(), Vec::new());
    let effects = definition.standard.effects;
    plan.effects = Effects {
        structure: Some(effects.structure),
        value: Some(effects.value),
        envelope: Some(effects.envelope),
    };
    plan.standard = Some(definition.standard.name().into());
    MessagePlan::new(plan, Arc::new(definition.messages.unwrap()))
}

/// Checks bytes, with chunks as they come from a reader that gives a few bytes at a time.
pub(crate) fn check(
    plan: &MessagePlan,
    bytes: &[u8],
    threads: usize,
) -> (CheckedFile, Vec<Finding>) {
    let mut findings = Vec::new();
    let file = Arc::from("messages.hl7");
    let input = MessageInput {
        bytes: Cursor::new(bytes),
        file: &file,
        size: Some(bytes.len() as u64),
    };
    let options = Options {
        threads,
        ..Options::default()
    };
    let checked = check_messages(input, plan, &NoRules, options, &mut |finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    });
    (checked, findings)
}

/// Findings as lines: rule, effect, place, path, message.
pub(crate) fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let mut line = format!("{} {}", finding.rule.id, finding.effect.as_str());
            if let Some(place) = finding.place {
                let _ = write!(line, " {}:{}", place.line, place.column);
            }
            let _ = write!(line, " {}", finding.path.as_deref().unwrap_or("-"));
            let _ = write!(line, " {}", finding.message(Masking::Masked));
            line
        })
        .collect()
}

/// The findings of a message against the profile.
#[track_caller]
pub(crate) fn itk(message: &str) -> Vec<String> {
    let bytes = message.replace('\n', "\r");
    told(&check(&ITK, bytes.as_bytes(), 1).1)
}

/// The reference folder, or a visible word that there is none.
pub(crate) fn reference() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let found = std::env::var_os("CONCORD_REFERENCE").map_or(beside, PathBuf::from);
    if found.join("hl7v2").is_dir() {
        return Some(found);
    }
    eprintln!("SKIPPED: no hl7v2 folder in {}", found.display());
    None
}

/// A message that breaks nothing.
pub(crate) const ADMISSION: &str = "\
MSH|^~\\&|PAS|RXX|ROUTE|ROUTE|202603311200||ADT^A01^ADT_A01|C1|P|2.4|||||GBR||||ITKv1.0
EVN||202603311200||||202603311155
PID|1||9990000018^^^NHS||Testcase^Amara^^^^^L||19700101|2
PV1|1|I|WARD^B1^4^RXX01|21||||||300
";
