//! The shipped fixtures, checked as a newcomer checks them, and the commands that the README shows.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn concord(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(folder)
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// Every interchange below `fixtures/cds`.
fn interchanges() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in fs::read_dir(root().join("fixtures/cds")).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            let files = fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().path());
            found.extend(
                files.filter(|file| file.extension().is_some_and(|extension| extension == "xml")),
            );
        }
    }
    found.sort();
    assert!(found.len() >= 3, "the fixtures are there: {found:?}");
    found
}

#[test]
fn findings_are_as_expected() {
    for file in interchanges() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let ran = concord(
            file.parent().unwrap(),
            &["check", "--format", "concise", name],
        );
        let printed = String::from_utf8(ran.stdout).unwrap();
        let kept = file.with_extension("expected");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&kept, &printed).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        assert_eq!(
            printed,
            expected,
            "{} (UPDATE_EXPECTED=1 writes it anew)",
            kept.display()
        );
        let rejects = expected.lines().any(|line| line.contains(" reject-"));
        assert_eq!(
            ran.status.code(),
            Some(i32::from(rejects)),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_number_of_the_999_range_is_masked() {
    for file in interchanges() {
        let text = fs::read_to_string(&file).unwrap();
        let numbers: Vec<&str> = text
            .split("<NHSNumber>")
            .skip(1)
            .filter_map(|rest| rest.get(..10))
            .collect();
        assert!(
            numbers.iter().all(|number| number.starts_with("999")),
            "{}",
            file.display()
        );
        for format in ["human", "concise", "json", "ndjson"] {
            let ran = concord(
                &root(),
                &["check", "--format", format, file.to_str().unwrap()],
            );
            let printed = String::from_utf8(ran.stdout).unwrap();
            for number in &numbers {
                assert!(
                    !printed.contains(number),
                    "{number} in {format}:\n{printed}"
                );
            }
        }
    }
}

/// The session in the README is what the command prints; a line `⋮` stands for what is left out, the time that it takes included.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let command = "check fixtures/cds/outpatients/august.xml";
    let (_, rest) = readme
        .split_once(&format!("$ concord {command}\n"))
        .expect("the session is there");
    let (shown, _) = rest.split_once("```").unwrap();
    let ran = concord(&root(), &command.split(' ').collect::<Vec<_>>());
    let printed = String::from_utf8(ran.stdout).unwrap();
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let mut printed = printed.join("\n");
    for part in shown.split("⋮\n") {
        let part = part.trim();
        let (_, behind) = printed.split_once(part).unwrap_or_else(|| {
            panic!("this is not printed, or in another order:\n{part}\n\nprinted:\n{printed}")
        });
        printed = behind.to_owned();
    }
}

#[test]
fn the_readme_counts_the_rules() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let ran = concord(&root(), &["standards", "lint"]);
    let printed = String::from_utf8(ran.stdout).unwrap();
    let mut counted = 0;
    for line in printed.lines() {
        let Some((name, counts)) = line.split_once(": ") else {
            continue;
        };
        let Some(rules) = counts
            .split(", ")
            .find_map(|count| count.strip_suffix(" rules"))
        else {
            continue;
        };
        let row = readme
            .lines()
            .find(|row| row.contains(&format!("| `{name}`")))
            .expect(name);
        assert!(
            row.contains(&format!("| {rules} |")),
            "{name} has {rules} rules"
        );
        counted += 1;
    }
    assert!(counted >= 3, "{printed}");
}
