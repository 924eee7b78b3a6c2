//! `cargo xtask ship`: the program as it is given away, with the functions that are called standing side by side.
//!
//! Of 200,000 functions a check calls four thousand, which are 4 of 87 MB. The kernel maps a program by pieces of
//! 64 KB around what is touched, so that functions strewn over all of it have half of it mapped. The program is built, does its usual
//! work on samples while valgrind notes what is called, and is linked again in the order of that.
//! (docs/decisions/0037-functions-that-are-called.md)

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failed;

/// What goes wrong.
#[derive(Debug, thiserror::Error)]
enum ShipError {
    #[error("`{program}` cannot be run ({error}): is it installed?")]
    Run {
        program: String,
        error: std::io::Error,
    },
    #[error("`{command}` ended with {status}")]
    Ended { command: String, status: String },
    #[error("nothing was seen to be called in {path}")]
    Nothing { path: String },
}

/// Samples that the program works on: what they are called, and what `concord sample` is asked for.
const SAMPLES: [(&str, &str); 8] = [
    (
        "outpatient.xml",
        "cds@6-3-1 --type 020 --protocol bulk -n 200",
    ),
    (
        "episodes.xml",
        "cds@6-3-1 --type 130 --protocol net -n 200 --faults 0.2 --labels episodes.labels",
    ),
    ("emergency.xml", "cds@6-2-3 --protocol bulk -n 200"),
    (
        "lines.csv",
        "plcm@2025 -n 2000 --faults 0.1 --labels lines.labels",
    ),
    ("activity.csv", "acm@2025 -n 1000"),
    ("messages.hl7", "itk-adt@1.0 -n 100"),
    ("resources.ndjson", "fhir@4.0.1 -n 100"),
    ("submission", "mhsds@6.0 -n 20"),
];

/// Those of which Parquet is made too.
const CONVERTED: [&str; 4] = [
    "outpatient.xml",
    "episodes.xml",
    "lines.csv",
    "messages.hl7",
];

/// Builds the program, watches it work, and links it again.
///
/// # Errors
/// When a program is not there or ends badly, or a file cannot be written.
pub(crate) fn run(root: &Path, out: &mut dyn Write) -> Result<bool, Failed> {
    // What is missing is told before the half hour that building may take.
    succeed(Command::new("valgrind").arg("--version"), &[0])?;
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), PathBuf::from);
    std::fs::create_dir_all(&target)?;
    let target = std::fs::canonicalize(target)?;
    let folder = target.join("ship");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    build(root, None)?;
    let program = target.join("release/concord");
    writeln!(out, "watching what is called")?;
    let order = order(&program, &folder)?;
    let count = order.lines().count();
    let path = folder.join("functions.txt");
    std::fs::write(&path, order)?;
    build(root, Some(&path))?;
    writeln!(
        out,
        "{}: {count} functions stand together",
        program.display()
    )?;
    Ok(true)
}

/// Builds the program, with functions in the order of a file when there is one.
fn build(root: &Path, order: Option<&Path>) -> Result<(), ShipError> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root);
    cargo.args(["build", "--release", "--bin", "concord"]);
    match order {
        Some(path) => cargo.env("CONCORD_FUNCTIONS", path),
        None => cargo.env_remove("CONCORD_FUNCTIONS"),
    };
    succeed(&mut cargo, &[0])
}

/// The functions that the program calls when it works, by symbol: those of most runs first.
fn order(program: &Path, folder: &Path) -> Result<String, Failed> {
    for (name, arguments) in SAMPLES {
        let mut sample = Command::new(program);
        sample.current_dir(folder).stdout(Stdio::null());
        sample
            .arg("sample")
            .args(arguments.split(' '))
            .args(["-o", name]);
        succeed(&mut sample, &[0])?;
    }
    let mut called: BTreeMap<String, usize> = BTreeMap::new();
    for run in runs() {
        let calls = folder.join("calls");
        let mut watched = Command::new("valgrind");
        watched.current_dir(folder);
        watched.args(["--quiet", "--tool=callgrind", "--demangle=no"]);
        watched.arg(format!("--callgrind-out-file={}", calls.display()));
        watched.arg(program).args(&run);
        watched.stdout(Stdio::null());
        // Findings are no failure.
        succeed(&mut watched, &[0, 1])?;
        let seen = std::fs::read_to_string(&calls)?;
        let seen: BTreeSet<&str> = seen.lines().filter_map(function).collect();
        if seen.is_empty() {
            return Err(Box::new(ShipError::Nothing {
                path: calls.display().to_string(),
            }));
        }
        for name in seen {
            *called.entry(name.to_owned()).or_default() += 1;
        }
    }
    let mut names: Vec<(&str, usize)> = called
        .iter()
        .map(|(name, runs)| (name.as_str(), *runs))
        .collect();
    names.sort_by_key(|(_, runs)| std::cmp::Reverse(*runs));
    Ok(names
        .into_iter()
        .flat_map(|(name, _)| [name, "\n"])
        .collect())
}

/// What the program is asked to do while it is watched.
fn runs() -> Vec<Vec<&'static str>> {
    let checks = SAMPLES.iter().flat_map(|(name, _)| {
        [
            vec!["check", name],
            vec!["check", "--format", "ndjson", "--threads", "2", name],
        ]
    });
    let conversions = CONVERTED.iter().flat_map(|name| {
        let canonical = vec!["convert", name, "--to", "parquet", "-o", "lake"];
        let own = [&canonical[..], &["--native"]].concat();
        [canonical, own]
    });
    checks.chain(conversions).collect()
}

/// The symbol that a line of callgrind's output names for the first time: `fn=(12) _ZN4core…E'2`, `cfn=(13) main`.
fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("cfn=").or(line.strip_prefix("fn="))?;
    let (_, name) = rest.split_once(") ")?;
    // Calls of itself are numbered.
    Some(name.split_once('\'').map_or(name, |(name, _)| name))
}

/// Runs a command that must end with one of some codes.
fn succeed(command: &mut Command, codes: &[i32]) -> Result<(), ShipError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .map_err(|error| ShipError::Run { program, error })?;
    if status.code().is_some_and(|code| codes.contains(&code)) {
        return Ok(());
    }
    Err(ShipError::Ended {
        command: format!("{command:?}"),
        status: status.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::function;

    #[test]
    fn functions_are_named_once_each() {
        assert_eq!(function("fn=(12) _ZN4core3fooE"), Some("_ZN4core3fooE"));
        assert_eq!(function("cfn=(7) _ZN4core3fooE'2"), Some("_ZN4core3fooE"));
        assert_eq!(function("fn=(12)"), None);
        assert_eq!(function("fl=(3) /a/lib (2) core.rs"), None);
        assert_eq!(function("calls=1 0"), None);
    }
}
