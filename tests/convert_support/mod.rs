//! What the tests of `concord convert` share.

#![allow(dead_code)] // no test uses all of it
#![allow(clippy::print_stderr)] // what is skipped is said

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// An empty folder for a test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("convert")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn fixture(name: &str) -> String {
    let path = root().join("fixtures").join(name);
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("NO_COLOR", "1");
    command
}

pub(crate) fn concord(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// Runs a command that must end with an exit code; what it printed, on either way.
pub(crate) fn exits(code: i32, folder: &Path, arguments: &[&str]) -> String {
    let output = concord(folder, arguments);
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    text.into_owned()
}

/// Writes a sample into the folder.
pub(crate) fn sample(folder: &Path, standard: &str, file: &str, arguments: &[&str]) {
    let fixed = ["sample", standard, "-o", file];
    exits(0, folder, &[&fixed, arguments].concat());
}

/// Converts to Parquet in `lake` in the folder and gives the account.
pub(crate) fn convert(folder: &Path, arguments: &[&str]) -> Value {
    convert_to(folder, "parquet", "lake", arguments)
}

/// Converts and gives the account.
pub(crate) fn convert_to(folder: &Path, to: &str, output: &str, arguments: &[&str]) -> Value {
    let fixed = ["convert", "--to", to, "-o", output, "--format", "json"];
    let printed = concord(folder, &[&fixed, arguments].concat());
    assert!(
        printed.status.success(),
        "{}{}",
        String::from_utf8_lossy(&printed.stderr),
        String::from_utf8_lossy(&printed.stdout)
    );
    serde_json::from_slice(&printed.stdout).unwrap()
}

/// A Python that has `pyarrow` and `duckdb`: `CONCORD_READERS`, or that of `target/readers`, which `.ci/run` makes.
pub(crate) fn python() -> Option<PathBuf> {
    let candidates = [
        std::env::var_os("CONCORD_READERS").map(PathBuf::from),
        Some(root().join("target/readers/bin/python")),
        Some("python3".into()),
    ];
    let has_readers = |python: &PathBuf| {
        let mut command = Command::new(python);
        let output = command.args(["-c", "import duckdb, pyarrow"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = candidates.into_iter().flatten().find(has_readers);
    if found.is_none() {
        eprintln!(
            "SKIPPED: no Python with duckdb and pyarrow; see .ci/run, or set CONCORD_READERS"
        );
    }
    found
}

/// Runs a Python program in a folder; what it prints, as JSON.
pub(crate) fn read_with(python: &Path, folder: &Path, program: &str) -> Value {
    let output = Command::new(python)
        .current_dir(folder)
        .args(["-c", program])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn rows(account: &Value, dataset: &str) -> u64 {
    account["rows"][dataset].as_u64().unwrap_or(0)
}

pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap();
                found.push(name.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// Whether `xmllint` finds documents valid by the official XSD of a version of CDS; nothing, and it says so, when the one or
/// the other is not there.
pub(crate) fn is_valid(documents: &[PathBuf], version: &str) -> Option<Result<(), String>> {
    let reference = std::env::var_os("CONCORD_REFERENCE")
        .map_or_else(|| root().join("../shared/reference"), PathBuf::from);
    let xsd = reference.join(format!(
        "cds/xsd/V{version}/CDS-XML_Message_Root-V{version}.xsd"
    ));
    if !xsd.is_file() {
        eprintln!("SKIPPED: no official XSD at {}", xsd.display());
        return None;
    }
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(xsd);
    let Ok(output) = command.args(documents).output() else {
        eprintln!("SKIPPED: xmllint cannot be run");
        return None;
    };
    Some(if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    })
}
