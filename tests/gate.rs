//! `concord gate`, and sides at revisions of a repository.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod gate_support;
mod ran;

use std::fs;
use std::path::Path;

use gate_support::{edit, git, repository, wards, write};
use ran::{Ran, concord};
use serde_json::Value;

const FOLDER: &str = "schemas/wards/1";
const KINDS: &str = "schemas/codes/ward-kind.csv";
const SETTINGS: &str =
    "[gate]\n[[gate.subject]]\npath = \"schemas/wards/1\"\nagainst = \"git:main\"\n";

fn a_repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    folder
}

fn gate(folder: &Path, further: &[&str]) -> Ran {
    let fixed = ["gate", "--as-at", "2026-01-10", "--no-proof"];
    let arguments: Vec<&str> = fixed.iter().chain(further).copied().collect();
    concord(folder, &arguments)
}

fn withdraw(folder: &Path) {
    edit(folder, KINDS, "C,Day ward,,,tests\n", "");
}

#[test]
fn a_path_is_compared_with_itself_at_a_revision() {
    let folder = a_repository();
    let root = folder.path();
    concord(root, &["diff", FOLDER, "--against", "git:main"]).exits(0);
    withdraw(root);
    let ran = concord(
        root,
        &["diff", FOLDER, "--against", "git:main", "--no-proof"],
    )
    .exits(1);
    assert!(
        ran.out
            .contains("git:main:schemas/wards/1 → schemas/wards/1"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("CODE-WITHDRAWN"), "{}", ran.out);
    // From a folder below, by another name of the revision, and from a subfolder's view of the path.
    let below = root.join("schemas");
    let ran = concord(
        &below,
        &["diff", "wards/1", "--against", "git:HEAD", "--no-proof"],
    )
    .exits(1);
    assert!(ran.out.contains("CODE-WITHDRAWN"), "{}", ran.out);
    git(root, &["add", "."]);
    git(root, &["commit", "-q", "-m", "withdrawn"]);
    let sides = [
        "diff",
        "git:HEAD~1:schemas/wards/1",
        "git:HEAD:schemas/wards/1",
        "--no-proof",
    ];
    concord(root, &sides).exits(1);
    let back = [
        "diff",
        "git:HEAD:schemas/wards/1",
        "git:HEAD~1:schemas/wards/1",
        "--for",
        "submitter",
    ];
    concord(root, &back).exits(0);
}

/// A team begins with a file that it has; what is inferred from it names code lists that are shipped.
#[test]
fn a_standard_inferred_from_a_file_is_guarded() {
    let folder = a_repository();
    let root = folder.path();
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/contract/may/clean.csv"
    );
    concord(
        root,
        &[
            "standards",
            "new",
            "activity@1",
            "--from",
            sample,
            "-o",
            "mine",
        ],
    )
    .exits(0);
    let fields = fs::read_to_string(root.join("mine/activity/1/fields.csv")).unwrap();
    assert!(fields.contains("financial-month"), "{fields}");
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "inferred"]);
    let guarded = ["mine/activity/1", "--against", "git:HEAD"];
    gate(root, &guarded).exits(0);
    edit(root, "mine/activity/1/fields.csv", ",M,", ",O,");
    let ran = gate(root, &guarded);
    assert!(ran.out.contains("COLUMN-MADE-OPTIONAL"), "{}", ran.out);
}

#[test]
fn it_runs_in_a_hook() {
    let folder = a_repository();
    let root = folder.path();
    write(root, "concord.toml", SETTINGS);
    withdraw(root);
    write(
        root,
        ".git/hooks/pre-commit",
        &format!(
            "#!/bin/sh\nexec '{}' gate --no-proof --as-at 2026-01-10\n",
            env!("CARGO_BIN_EXE_concord")
        ),
    );
    let hook = root.join(".git/hooks/pre-commit");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&hook, mode).unwrap();
    let commit = |message: &str| {
        let output = std::process::Command::new("git")
            .current_dir(root.join("schemas"))
            .args([
                "-c",
                "user.name=Tester",
                "-c",
                "user.email=tester@example.org",
                "commit",
                "-qam",
                message,
            ])
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    let (taken, told) = commit("withdrawn");
    assert!(!taken && told.contains("CODE-WITHDRAWN"), "{told}");
    edit(
        root,
        KINDS,
        "B,Maternity,,,tests\n",
        "B,Maternity,,,tests\nC,Day ward,,,tests\nD,Night ward,,,tests\n",
    );
    let (taken, told) = commit("added");
    assert!(taken, "{told}");
}

#[test]
fn files_are_compared_at_revisions() {
    let folder = a_repository();
    let root = folder.path();
    write(
        root,
        "xsd/part.xsd",
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:simpleType name=\"Code\"><xs:restriction base=\"xs:string\"><xs:maxLength value=\"9\"/></xs:restriction></xs:simpleType></xs:schema>",
    );
    write(
        root,
        "xsd/main.xsd",
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:include schemaLocation=\"part.xsd\"/><xs:element name=\"Ward\" type=\"Code\"/></xs:schema>",
    );
    write(root, "a.json", "{ \"type\": \"string\", \"maxLength\": 9 }");
    write(root, "a.csv", "WARD,BEDS\nW1,3\n");
    git(root, &["add", "."]);
    git(root, &["commit", "-q", "-m", "files"]);
    edit(root, "xsd/part.xsd", "\"9\"", "\"8\"");
    edit(root, "a.json", "9", "8");
    edit(root, "a.csv", "BEDS", "PLACES");
    for path in ["xsd/main.xsd", "a.json", "a.csv"] {
        concord(root, &["diff", path, "--against", "git:HEAD", "--no-proof"]).exits(1);
        let old = format!("git:HEAD:{path}");
        concord(root, &["diff", &old, &old, "--no-proof"]).exits(0);
    }
}

#[test]
fn what_git_cannot_say_is_told() {
    let folder = a_repository();
    let root = folder.path();
    for (arguments, told) in [
        (
            ["diff", FOLDER, "--against", "git:nothing"],
            "there is no revision `nothing` here",
        ),
        (
            ["diff", FOLDER, "--against", "git:--help"],
            "a name does not begin with `-`",
        ),
        (
            ["diff", "git:main:schemas/wards/2", FOLDER, "--no-proof"],
            "there is no schemas/wards/2 at main",
        ),
        (
            ["diff", "git:main:schemas", FOLDER, "--no-proof"],
            "holds no standard.toml",
        ),
        (
            ["diff", "git:main", FOLDER, "--no-proof"],
            "names no file or folder of a revision",
        ),
        (
            ["diff", "cds@6-3-1", "--against", "git:main"],
            "only what is a path",
        ),
    ] {
        let ran = concord(root, &arguments).exits(2);
        assert!(ran.told().contains(told), "{}", ran.err);
    }
    let outside = tempfile::tempdir().unwrap();
    wards(outside.path());
    let ran = concord(
        outside.path(),
        &["diff", "wards/1", "--against", "git:main"],
    )
    .exits(2);
    assert!(
        ran.told().contains("is in no git repository"),
        "{}",
        ran.err
    );
    // A definition that was malformed then is an error of that revision's file.
    edit(root, "schemas/wards/1/standard.toml", "carrier", "carrir");
    git(root, &["commit", "-aqm", "broken"]);
    edit(root, "schemas/wards/1/standard.toml", "carrir", "carrier");
    let ran = concord(root, &["diff", FOLDER, "--against", "git:HEAD"]).exits(2);
    assert!(
        ran.told().contains("schemas/wards/1/standard.toml:"),
        "{}",
        ran.err
    );
}

#[test]
fn what_breaks_nobody_passes_and_what_breaks_submitters_fails() {
    let folder = a_repository();
    let root = folder.path();
    write(root, "concord.toml", SETTINGS);
    gate(root, &[]).exits(0);
    edit(
        root,
        KINDS,
        "C,Day ward",
        "D,Night ward,,,tests\nC,Day ward",
    );
    let ran = gate(root, &[]).exits(0);
    assert!(ran.out.contains("CODE-ADDED"), "{}", ran.out);
    assert!(ran.out.contains("Passed"), "{}", ran.out);
    withdraw(root);
    let ran = gate(root, &[]).exits(1);
    assert!(ran.out.contains("1 change fails"), "{}", ran.out);
    // Receivers fail when they are asked for; a rule that is off says nothing.
    write(
        root,
        "concord.toml",
        &SETTINGS.replace(
            "[gate]\n",
            "[gate]\nfail = [\"receiver\"]\noff = [\"CODE-WITHDRAWN\"]\n",
        ),
    );
    let ran = gate(root, &[]).exits(1);
    assert!(
        ran.out.contains("CODE-ADDED") && !ran.out.contains("✗ CODE-WITHDRAWN"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("1 left out by rules that are off"),
        "{}",
        ran.out
    );
    // Paths and --against of the command line take the place of the settings' subjects.
    gate(root, &["--no-config", FOLDER, "--against", "git:main"]).exits(1);
    gate(root, &["--no-config", FOLDER]).exits(2);
    gate(root, &["--no-config"]).exits(2);
}

#[test]
fn a_folder_is_all_its_standards_and_a_file_is_its_standard() {
    let folder = a_repository();
    let root = folder.path();
    withdraw(root);
    for path in [
        "schemas",
        "schemas/wards",
        "schemas/wards/1/fields.csv",
        KINDS,
    ] {
        let ran = gate(root, &[path, "--against", "git:main"]).exits(1);
        assert!(ran.out.contains("CODE-WITHDRAWN"), "{path}: {}", ran.out);
    }
    git(root, &["checkout", "-q", "--", "."]);
    // A standard that is new breaks nobody; one that is gone does.
    wards(&root.join("more"));
    let ran = gate(root, &["more/wards/1", "--against", "git:main"]).exits(0);
    assert!(ran.out.contains("nothing at main"), "{}", ran.out);
    fs::remove_dir_all(root.join("schemas/wards")).unwrap();
    let ran = gate(root, &["schemas", "--against", "git:main"]).exits(2);
    assert!(
        ran.told()
            .contains("schemas/wards/1 is at main and not here any more"),
        "{}",
        ran.err
    );
}

fn excepted(expires: &str, place: &str) -> String {
    format!(
        "{SETTINGS}\n[[gate.exception]]\nrule = \"CODE-WITHDRAWN\"\nplace = \"{place}\"\nowner = \"data standards\"\n\
         reason = \"agreed with every sender\"\nexpires = {expires}\n"
    )
}

#[test]
fn exceptions_hold_until_their_day() {
    let folder = a_repository();
    let root = folder.path();
    withdraw(root);
    for place in ["ward-kind", "ward-kind C"] {
        write(root, "concord.toml", &excepted("2026-01-10", place));
        let ran = gate(root, &[]).exits(0);
        assert!(
            ran.out
                .contains("excepted by data standards until 2026-01-10: agreed with every sender"),
            "{}",
            ran.out
        );
    }
    write(root, "concord.toml", &excepted("2026-01-09", "ward-kind"));
    let ran = gate(root, &[]).exits(1);
    let first = ran.out.lines().next().unwrap();
    assert!(
        first.contains("concord.toml:6") && first.contains("expired on 2026-01-09"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("✗ CODE-WITHDRAWN"), "{}", ran.out);
    // One that is expired fails even when nothing needs it; one that covers nothing is told.
    git(root, &["checkout", "-q", "--", KINDS]);
    gate(root, &[]).exits(1);
    write(root, "concord.toml", &excepted("2027-01-01", "ward-kind"));
    let ran = gate(root, &[]).exits(0);
    assert!(ran.out.contains("covers nothing"), "{}", ran.out);
    withdraw(root);
    write(root, "concord.toml", &excepted("2027-01-01", "kind"));
    gate(root, &[]).exits(1);
}

#[test]
fn an_exception_is_a_suppression_for_code_scanning() {
    let folder = a_repository();
    let root = folder.path();
    withdraw(root);
    write(root, "concord.toml", &excepted("2027-01-01", "ward-kind"));
    let ran = gate(root, &["--format", "sarif"]).exits(0);
    let sarif: Value = serde_json::from_str(&ran.out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let result = results
        .iter()
        .find(|result| result["ruleId"] == "CODE-WITHDRAWN")
        .unwrap();
    assert_eq!(
        result["suppressions"].as_array().unwrap().len(),
        1,
        "{result:#}"
    );
}

#[test]
fn a_change_must_be_published_early_enough() {
    let folder = a_repository();
    let root = folder.path();
    let notice = SETTINGS.replace(
        "[gate]\n",
        "[gate]\nfail = [\"storage\"]\nnotice-days = 90\n",
    );
    write(root, "concord.toml", &notice);
    edit(
        root,
        KINDS,
        "C,Day ward,,,tests",
        "C,Day ward,,2026-03-31,tests",
    );
    let ran = gate(root, &["--format", "json"]).exits(1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let changes = report["comparisons"][0]["changes"].as_array().unwrap();
    let late = changes
        .iter()
        .find(|change| change["notice"].is_string())
        .unwrap();
    assert!(
        late["notice"]
            .as_str()
            .unwrap()
            .contains("at least 90 are asked for"),
        "{late:#}"
    );
    // Published earlier, it is early enough.
    write(
        root,
        "concord.toml",
        &notice.replace(
            "notice-days = 90\n",
            "notice-days = 90\npublished = 2025-12-01\n",
        ),
    );
    gate(root, &[]).exits(0);
}

#[test]
fn settings_that_mean_nothing_are_errors_at_their_line() {
    let folder = a_repository();
    let root = folder.path();
    for (text, told) in [
        (format!("{SETTINGS}[gate.more]\n"), "concord.toml:"),
        (
            SETTINGS.replace("[gate]\n", "[gate]\noff = [\"CODE-WITHDRAWM\"]\n"),
            "there is no sort of change `CODE-WITHDRAWM`",
        ),
        (
            SETTINGS.replace("[gate]\n", "[gate]\nfail = [\"nobody\"]\n"),
            "concord.toml:2",
        ),
        (
            SETTINGS.replace("against = \"git:main\"\n", ""),
            "it is not said what",
        ),
        (
            SETTINGS.replace("git:main", "git:gone"),
            "there is no revision `gone` here",
        ),
    ] {
        write(root, "concord.toml", &text);
        let ran = gate(root, &[]).exits(2);
        assert!(ran.told().contains(told), "{}", ran.err);
    }
}

/// Blocks of a language in a page of the handbook.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    let mut blocks = Vec::new();
    // Blocks in lists are indented.
    let lines: Vec<&str> = page
        .lines()
        .map(|line| line.strip_prefix("   ").unwrap_or(line))
        .collect();
    let page = lines.join("\n");
    for part in page.split(&begin).skip(1) {
        blocks.push(part.split("```").next().unwrap().to_owned());
    }
    blocks
}

#[test]
fn the_settings_of_the_handbook_mean_something() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gate.md"))
        .unwrap();
    let blocks = blocks(&page, "toml");
    assert_eq!(blocks.len(), 2);
    let folder = a_repository();
    let root = folder.path();
    git(root, &["update-ref", "refs/remotes/origin/main", "main"]);
    withdraw(root);
    // The exception of the second one covers it.
    for (text, code) in blocks.iter().zip([1, 0]) {
        write(root, "concord.toml", text);
        let ran = gate(root, &[]).exits(code);
        assert_eq!(
            ran.out.contains("excepted by data standards"),
            code == 0,
            "{}",
            ran.out
        );
    }
}
