//! The templates for pipelines: they can be parsed, and the shell in them does what it says in a checkout.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is seen
#![allow(clippy::format_collect)] // a few rows

mod ran;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ran::concord;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A file of YAML as JSON, by way of whatever YAML reader is there; `None`, visibly, when there is none.
fn yaml(path: &str) -> Option<Value> {
    let script = "import sys, json, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(root().join(path))
        .output();
    match output {
        Ok(output) if output.status.success() => {
            Some(serde_json::from_slice(&output.stdout).unwrap())
        }
        Ok(output)
            if String::from_utf8_lossy(&output.stderr).contains("No module named 'yaml'") =>
        {
            eprintln!("skipped: python3 has no yaml module, so {path} is not parsed");
            None
        }
        Ok(output) => panic!("{path}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            eprintln!("skipped: there is no python3, so {path} is not parsed");
            None
        }
    }
}

/// The literal blocks of a file of YAML that a line opens: `run: |`, or `- |`.
fn blocks(path: &str, opens: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    let indent = |line: &str| line.len() - line.trim_start().len();
    while let Some(line) = lines.next() {
        if line.trim() != opens {
            continue;
        }
        let (outer, mut block) = (indent(line), String::new());
        let inner = lines.peek().map_or(0, |line| indent(line));
        while let Some(line) = lines.next_if(|line| line.trim().is_empty() || indent(line) > outer)
        {
            block.push_str(line.get(inner..).unwrap_or(""));
            block.push('\n');
        }
        blocks.push(block);
    }
    blocks
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{arguments:?}");
}

/// A checkout with a definition and samples; `origin/main` is its first commit.
fn checkout(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ci").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("samples")).unwrap();
    let rows: String = (0..20)
        .map(|row| {
            format!(
                "R{row},{},{}\n",
                ["A", "B"][row % 2],
                if row == 3 { "" } else { "x" }
            )
        })
        .collect();
    fs::write(
        folder.join("samples/may.csv"),
        format!("Id,Kind,Note\n{rows}"),
    )
    .unwrap();
    concord(
        &folder,
        &["standards", "new", "clinic@1", "--from", "samples/may.csv"],
    )
    .exits(0);
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "first"]);
    git(&folder, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    folder
}

/// Makes a column mandatory that was optional, which breaks those who leave it out.
fn break_submitters(folder: &Path) {
    let path = folder.join("schemas/clinic/1/fields.csv");
    let text = fs::read_to_string(&path).unwrap();
    let broken = text.replace("NOTE,NOTE,,O,", "NOTE,NOTE,,M,");
    assert_ne!(text, broken);
    fs::write(path, broken).unwrap();
}

/// Runs a block as a pipeline does.
fn run(
    shell: &[&str],
    block: &str,
    folder: &Path,
    environment: &BTreeMap<&str, String>,
) -> (i32, String) {
    let script = folder.join(".git/block.sh");
    fs::write(&script, block).unwrap();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(&script)
        .current_dir(folder)
        .envs(environment)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join(".git/data"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

const BASH: [&str; 5] = ["bash", "--noprofile", "--norc", "-eo", "pipefail"];

#[test]
fn the_step_for_github_guards_and_checks() {
    let path = "templates/ci/github/action.yml";
    if let Some(action) = yaml(path) {
        assert_eq!(action["runs"]["using"], "composite");
        let steps = action["runs"]["steps"].as_array().unwrap();
        // Nothing that a user gives is written into the shell's text.
        for step in steps {
            assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
            assert_eq!(step["shell"], "bash");
        }
        let inputs = action["inputs"].as_object().unwrap();
        for name in steps
            .iter()
            .flat_map(|step| step["env"].as_object().unwrap().values())
        {
            let name = name.as_str().unwrap();
            if let Some(name) = name
                .strip_prefix("${{ inputs.")
                .and_then(|rest| rest.strip_suffix(" }}"))
            {
                assert!(inputs.contains_key(name), "{name}");
            }
        }
    }
    let blocks = blocks(path, "run: |");
    let [_, block] = &blocks[..] else {
        panic!("{blocks:?}")
    };
    let folder = checkout("github");
    let mut environment: BTreeMap<&str, String> = [
        ("CONCORD", env!("CARGO_BIN_EXE_concord")),
        ("GATE", "true"),
        ("AGAINST", ""),
        ("BASE", "main"),
        ("GUARDED", "schemas/clinic/1\n"),
        ("PATHS", "samples/*.csv\n"),
        ("STANDARD", "clinic@1"),
        ("SCHEMAS", "schemas"),
        ("FAIL_ON", "reject"),
        ("REPORTS", "reports"),
        ("GITHUB_OUTPUT", "output.txt"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    let (code, text) = run(&BASH, block, &folder, &environment);
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        fs::read_to_string(folder.join("output.txt")).unwrap(),
        "sarif=reports\n"
    );
    break_submitters(&folder);
    let (code, text) = run(&BASH, block, &folder, &environment);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("::error"), "{text}");
    for name in ["gate", "check"] {
        let sarif = fs::read_to_string(folder.join(format!("reports/{name}.sarif"))).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        assert!(
            !sarif["runs"][0]["results"].as_array().unwrap().is_empty(),
            "{name}: {sarif}"
        );
    }
    // Without anything to do there is nothing to fail.
    environment.insert("GATE", "false".to_owned());
    environment.insert("PATHS", String::new());
    assert_eq!(run(&BASH, block, &folder, &environment).0, 0);
    // A program that is not there fails the step.
    environment.insert("GATE", "true".to_owned());
    environment.insert("CONCORD", "no-such-program".to_owned());
    assert_eq!(run(&BASH, block, &folder, &environment).0, 127);
}

#[test]
fn the_jobs_for_gitlab_guard_and_check() {
    let path = "templates/ci/gitlab/concord.gitlab-ci.yml";
    let mut environment: BTreeMap<String, String> = BTreeMap::new();
    if let Some(file) = yaml(path) {
        for job in ["concord:gate", "concord:check"] {
            assert_eq!(file[job]["extends"], ".concord");
            assert_eq!(
                file[job]["artifacts"]["reports"]["codequality"],
                "gl-code-quality-report.json"
            );
        }
    }
    // Every variable that the file declares has a default, which the shell relies on.
    let text = fs::read_to_string(root().join(path)).unwrap();
    let declared = text
        .lines()
        .skip_while(|line| *line != "variables:")
        .skip(1)
        .take_while(|line| line.starts_with("  "));
    for line in declared.filter(|line| !line.trim().starts_with('#')) {
        let (name, value) = line.trim().split_once(':').unwrap();
        environment.insert(name.to_owned(), value.trim().trim_matches('"').to_owned());
    }
    let blocks = blocks(path, "- |");
    let [before, gate, check] = &blocks[..] else {
        panic!("{blocks:?}")
    };
    let folder = checkout("gitlab");
    environment.extend(
        [
            ("CONCORD", env!("CARGO_BIN_EXE_concord")),
            ("CONCORD_SCHEMAS", "schemas"),
            ("CONCORD_GUARDED", "schemas/clinic/1"),
            ("CONCORD_PATHS", "samples/*.csv"),
            ("CONCORD_STANDARD", "clinic@1"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "origin/main"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let environment: BTreeMap<&str, String> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let report = || -> Vec<Value> {
        let text = fs::read_to_string(folder.join("gl-code-quality-report.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    for (job, clean, broken) in [(gate, 0, 1), (check, 0, 1)] {
        for shell in [&BASH[..], &["sh", "-e"]] {
            git(&folder, &["checkout", "-q", "--", "schemas"]);
            let block = format!("{before}{job}");
            let (code, text) = run(shell, &block, &folder, &environment);
            assert_eq!(code, clean, "{text}");
            assert!(report().is_empty());
            break_submitters(&folder);
            let (code, text) = run(shell, &block, &folder, &environment);
            assert_eq!(code, broken, "{text}");
            assert!(!report().is_empty());
        }
    }
}

#[test]
fn the_hooks_are_commands_that_there_are() {
    let folder = checkout("hooks");
    let text = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let entries: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("entry: concord "))
        .collect();
    assert_eq!(entries.len(), 3);
    if let Some(hooks) = yaml(".pre-commit-hooks.yaml") {
        for hook in hooks.as_array().unwrap() {
            assert_eq!(hook["language"], "system");
            assert!(
                hook["id"].is_string() && hook["name"].is_string() && hook["files"].is_string()
            );
        }
        let config = yaml("templates/ci/pre-commit-config.yaml").unwrap();
        for used in config["repos"][0]["hooks"].as_array().unwrap() {
            assert!(
                hooks
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|hook| hook["id"] == used["id"]),
                "{used}"
            );
        }
    }
    break_submitters(&folder);
    for (entry, more, code) in [
        (
            entries[0],
            &[
                "--schemas",
                "schemas",
                "--standard",
                "clinic@1",
                "samples/may.csv",
            ][..],
            1,
        ),
        (entries[1], &["--schemas", "schemas", "schemas/clinic/1"], 1),
        (entries[2], &[], 0),
    ] {
        let mut arguments: Vec<&str> = entry.split(' ').collect();
        arguments.extend(more);
        concord(&folder, &arguments).exits(code);
    }
}
