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

/// A check that has its answer beside it.
struct Case {
    folder: PathBuf,
    /// What stands behind `check --format concise`.
    arguments: Vec<String>,
    /// The answer.
    kept: PathBuf,
}

impl Case {
    fn of_file(file: &Path) -> Self {
        let name = file.file_name().unwrap().to_str().unwrap();
        Self {
            folder: file.parent().unwrap().to_owned(),
            arguments: vec![name.to_owned()],
            kept: file.with_extension("expected"),
        }
    }

    fn name(&self) -> String {
        self.kept.display().to_string()
    }

    /// Runs it with another format.
    fn run(&self, format: &str) -> Output {
        let mut arguments = vec!["check", "--format", format];
        arguments.extend(self.arguments.iter().map(String::as_str));
        concord(&self.folder, &arguments)
    }
}

/// What is below a folder of `fixtures`: a file is checked by itself, a folder with a file `arguments` as that says.
fn cases(below: &str, extension: &str) -> Vec<Case> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("fixtures").join(below)];
    while let Some(folder) = folders.pop() {
        if let Ok(arguments) = fs::read_to_string(folder.join("arguments")) {
            found.push(Case {
                arguments: arguments.split_whitespace().map(str::to_owned).collect(),
                kept: folder.join("expected"),
                folder,
            });
            continue;
        }
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == extension) {
                found.push(Case::of_file(&path));
            }
        }
    }
    found.sort_by(|one, other| one.kept.cmp(&other.kept));
    found
}

fn interchanges() -> Vec<Case> {
    let found = cases("cds", "xml");
    assert!(found.len() >= 3, "the fixtures are there");
    found
}

fn tables() -> Vec<Case> {
    let mut found = cases("contract", "csv");
    assert!(found.len() >= 40, "the fixtures are there");
    found.extend(cases("cds-flat", "csv"));
    assert!(found.len() >= 45, "the fixtures are there");
    found
}

#[test]
fn findings_are_as_expected() {
    for case in interchanges().iter().chain(&tables()) {
        let ran = case.run("concise");
        let told = String::from_utf8(ran.stderr).unwrap();
        let printed = String::from_utf8(ran.stdout).unwrap() + &told;
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&case.kept, &printed).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&case.kept).unwrap_or_default();
        assert_eq!(
            printed,
            expected,
            "{} (UPDATE_EXPECTED=1 writes it anew)",
            case.name()
        );
        let rejects = expected.lines().any(|line| line.contains(" reject-"));
        let code = if told.is_empty() {
            i32::from(rejects)
        } else {
            2
        };
        assert_eq!(ran.status.code(), Some(code), "{}", case.name());
    }
}

#[test]
fn every_number_of_the_999_range_is_masked() {
    let mut seen = 0;
    for case in interchanges().iter().chain(&tables()) {
        let read = |name: &String| fs::read(case.folder.join(name)).unwrap_or_default();
        let files: Vec<u8> = case.arguments.iter().flat_map(read).collect();
        let text = String::from_utf8_lossy(&files);
        let numbers: Vec<&str> = text
            .split(|one: char| !one.is_ascii_digit())
            .filter(|digits| digits.len() == 10 && digits.starts_with("999"))
            .collect();
        seen += numbers.len();
        // `product.rs` asks every format; these hold all that is found.
        for format in ["human", "concise", "json", "ndjson", "sarif", "csv", "html"] {
            let printed = String::from_utf8(case.run(format).stdout).unwrap();
            for number in &numbers {
                assert!(
                    !printed.contains(number),
                    "{number} in {format}:\n{printed}"
                );
            }
        }
        for number in text
            .split("<NHSNumber>")
            .skip(1)
            .filter_map(|rest| rest.get(..10))
        {
            assert!(number.starts_with("999"), "{}", case.name());
        }
    }
    assert!(seen > 30, "{seen} numbers");
}

/// A report is opened in a spreadsheet sooner or later: a value that it would run stays what it is and begins no line.
#[test]
fn formulas_stay_text() {
    let case = Case::of_file(&root().join("fixtures/contract/conformance/formulas.csv"));
    for format in [
        "human", "concise", "json", "ndjson", "sarif", "gitlab", "csv",
    ] {
        let printed = String::from_utf8(case.run(format).stdout).unwrap();
        for value in ["=1+1", "-2+3+cmd|A0!!"] {
            assert!(printed.contains(value), "{value} in {format}:\n{printed}");
        }
        let begins = |line: &str| line.starts_with(['=', '+', '-', '@', '\t']);
        assert!(!printed.lines().any(begins), "{format}:\n{printed}");
    }
}

#[test]
fn every_table_is_explained() {
    let page = |of: &str| fs::read_to_string(root().join(of)).unwrap();
    let page = page("fixtures/contract/README.md") + &page("fixtures/cds-flat/README.md");
    for case in tables() {
        let name = match case.kept.file_name() {
            Some(name) if name == "expected" => case.folder.file_name().unwrap(),
            _ => case.arguments[0].as_ref(),
        };
        let name = name.to_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

/// A session in the README is what the command prints; a line `⋮` stands for what is left out, the time that it takes included.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let sessions: Vec<(&str, &str)> = readme
        .split("$ concord ")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .filter_map(|(session, _)| session.split_once('\n'))
        .collect();
    assert!(sessions.len() >= 3, "{sessions:?}");
    for (command, shown) in sessions {
        is_printed(command, shown);
    }
}

fn is_printed(command: &str, shown: &str) {
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

/// Every command of the README does what it says, in the order in which they stand.
#[test]
fn the_commands_of_the_readme_work() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut tried = 0;
    for line in readme.lines() {
        let Some(command) = line.strip_prefix("concord ") else {
            continue;
        };
        let command = command.split(" #").next().unwrap_or(command);
        let arguments: Vec<String> = command
            .split_whitespace()
            .map(|word| word.trim_matches('\''))
            .map(|word| match word.split('/').next() {
                Some("fixtures" | "crates") => root().join(word).to_str().unwrap().to_owned(),
                _ => word.to_owned(),
            })
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = concord(&folder, &arguments);
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(
            matches!(ran.status.code(), Some(0 | 1)),
            "{command}\n{told}"
        );
        tried += 1;
    }
    assert!(tried >= 12, "{tried} commands");
}
