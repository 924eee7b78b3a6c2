//! Small standards to compare, in folders and repositories of their own.

#![allow(dead_code)] // no test uses all of it
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::Path;
use std::process::Command;

/// `standard.toml` of a table of wards.
pub(crate) const STANDARD: &str = r#"id = "wards"
version = "1"
title = "Wards"
publisher = "A trust"
status = "current"
effective_from = "2025-04-01"
carrier = "delimited"
source = "written for tests"

[recognise]
header = true

[record]
key = ["WARD"]

[[table]]
name = "wards"
title = "Wards"
header = "required"
delimiters = [","]
"#;

/// `fields.csv` of it.
pub(crate) const FIELDS: &str = "\
table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence
wards,1,WARD,WARD CODE,,M,max an10,,,,,,,tests,published
wards,2,KIND,WARD KIND,,M,an1,ward-kind,,,,,,tests,published
wards,3,BEDS,NUMBER OF BEDS,,O,max n3,,,,,,,tests,published
";

/// `codes/ward-kind.csv`.
pub(crate) const KINDS: &str = "\
code,meaning,valid_from,valid_to,source
A,Acute,,,tests
B,Maternity,,,tests
C,Day ward,,,tests
";

/// Writes a file and the folders that it lies in.
pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Writes the wards below a root.
pub(crate) fn wards(root: &Path) {
    write(root, "wards/1/standard.toml", STANDARD);
    write(root, "wards/1/fields.csv", FIELDS);
    write(root, "codes/ward-kind.csv", KINDS);
}

/// Changes a file.
pub(crate) fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.contains(from), "{path} holds {from}");
    fs::write(root.join(path), text.replace(from, to)).unwrap();
}

/// Runs git.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=Tester",
            "-c",
            "user.email=tester@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A repository with the wards below `schemas`, committed on `main`.
pub(crate) fn repository(folder: &Path) {
    git(folder, &["init", "-q", "-b", "main"]);
    wards(&folder.join("schemas"));
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", "wards"]);
}
