//! The invariants of ARCHITECTURE.md that can be read off the manifests and the sources.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What each crate of the workspace depends on, tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let used = package["dependencies"].as_array().unwrap().iter();
            let used = used.filter(|dependency| dependency["kind"].is_null());
            (
                text(&package["name"]),
                used.map(|dependency| text(&dependency["name"])).collect(),
            )
        })
        .collect()
}

/// The product's own crates, from the one that knows most to the one that knows least.
const ORDER: [&str; 18] = [
    "concord-cli",
    "concord-report",
    "concord-rules",
    "concord-reference",
    "concord-convert",
    "concord-gate",
    "concord-interchange",
    "concord-feed",
    "concord-practice",
    "concord-stays",
    "concord-check",
    "concord-sample",
    "concord-derive",
    "concord-settings",
    "concord-standards",
    "concord-model",
    "concord-read",
    "concord-finding",
];

#[test]
fn crates_depend_one_way() {
    let dependencies = dependencies();
    let rank = |name: &str| ORDER.iter().position(|other| *other == name);
    for (name, used) in &dependencies {
        if name == "xtask" {
            continue;
        }
        let own =
            rank(name).unwrap_or_else(|| panic!("{name} has no place in ARCHITECTURE.md's order"));
        for other in used.iter().filter_map(|other| rank(other)) {
            assert!(own < other, "{name} must not depend on {}", ORDER[other]);
        }
    }
}

#[test]
fn only_rules_know_datafusion() {
    for (name, used) in dependencies() {
        let engine = used.iter().find(|used| used.starts_with("datafusion"));
        assert!(
            name == "concord-rules" || engine.is_none(),
            "{name} depends on {engine:?}"
        );
        // The model says what its tables look like; it holds no rows.
        let columns = used.iter().find(|used| {
            (used.starts_with("arrow") || used.starts_with("parquet"))
                && !(name == "concord-model" && *used == "arrow-schema")
        });
        let with_columns = [
            "concord-rules",
            "concord-reference",
            "concord-convert",
            "concord-practice",
        ];
        assert!(
            with_columns.contains(&&*name) || columns.is_none(),
            "{name} depends on {columns:?}"
        );
    }
}

#[test]
fn readers_know_no_standard_and_standards_know_no_carrier() {
    let dependencies = dependencies();
    for (name, others) in [
        (
            "concord-read",
            ["concord-standards", "concord-model", "concord-check"],
        ),
        (
            "concord-standards",
            ["concord-read", "concord-check", "concord-rules"],
        ),
        (
            "concord-model",
            ["concord-read", "concord-check", "concord-standards"],
        ),
        (
            "concord-reference",
            ["concord-read", "concord-standards", "concord-rules"],
        ),
        (
            "concord-report",
            ["concord-read", "concord-check", "concord-standards"],
        ),
        (
            "concord-stays",
            ["concord-standards", "concord-check", "concord-feed"],
        ),
    ] {
        for other in others {
            assert!(
                !dependencies[name].contains(other),
                "{name} must not know {other}"
            );
        }
    }
}

/// Every source file below a folder.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The lines of a crate's sources that run in the product, with where they stand.
fn lines(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    sources(folder, &mut files);
    // Modules of tests are declared behind a condition, in their own file or at the end of another one.
    let only_tests: BTreeSet<String> = files
        .iter()
        .flat_map(|(_, text)| text.split("#[cfg(test)]\nmod ").skip(1))
        .filter_map(|rest| rest.split_once(';'))
        .map(|(name, _)| format!("{name}.rs"))
        .collect();
    let mut found = Vec::new();
    for (path, text) in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if only_tests.contains(&*name) {
            continue;
        }
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if !code.starts_with("//") {
                found.push((
                    format!("{}:{}", path.display(), number + 1),
                    code.to_owned(),
                ));
            }
        }
    }
    found
}

/// Fails where a crate that is not `allowed` has one of `words` in its sources.
fn only(allowed: &[&str], words: &[&str]) {
    for name in ORDER.iter().filter(|name| !allowed.contains(name)) {
        let found = lines(&root().join("crates").join(name).join("src"));
        assert!(!found.is_empty(), "{name} has no sources");
        for (place, line) in found {
            let word = words.iter().find(|word| line.contains(**word));
            assert!(word.is_none(), "{place}: {line}");
        }
    }
}

#[test]
fn only_the_binary_touches_environment_clock_terminal_and_exit_codes() {
    only(
        &["concord-cli"],
        &[
            "std::env::",
            "process::exit",
            "ExitCode",
            "Instant::now",
            "SystemTime::now",
            "Zoned::now",
            "is_terminal",
            "available_parallelism",
            "ThreadPoolBuilder",
            "stdout()",
            "stderr()",
            "println!",
        ],
    );
}

#[test]
fn only_readers_reference_data_lakes_spills_feeds_and_the_binary_touch_files() {
    // `concord-rules` keeps what is too large for memory in temporary files of its own.
    only(
        &[
            "concord-cli",
            "concord-read",
            "concord-reference",
            "concord-convert",
            "concord-rules",
            "concord-feed",
            "concord-practice",
        ],
        &[
            "std::fs",
            "fs::read",
            "fs::write",
            "File::open",
            "File::create",
        ],
    );
}

#[test]
fn only_feeds_reach_the_network() {
    only(
        &["concord-feed"],
        &[
            "TcpStream",
            "TcpListener",
            "TcpSocket",
            "UdpSocket",
            "UnixStream",
            "reqwest",
            "hyper::",
        ],
    );
}

#[test]
fn no_code_knows_a_shipped_standard_but_the_maker_of_samples() {
    // Names that only a definition may hold. Documentation and tests may name them.
    only(
        &["concord-sample"],
        &[
            "CDS-XMLInterchange",
            "CDSInterchange",
            "CDSMessage",
            "NHSNumber\"",
            "nhsia.nhs.uk",
        ],
    );
}
