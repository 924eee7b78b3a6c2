//! The program run as users run it, with reference data of its own.

#![allow(dead_code)] // no test uses all of it
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }

    /// What was printed, runs of blanks and line ends made one blank.
    pub(crate) fn words(&self) -> String {
        let all = format!("{} {}", self.out, self.err);
        all.replace(['│', '╰', '─', '▶', '×', '?'], " ")
            .replace("help:", " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What was told on standard error, runs of blanks and line ends made one blank.
    pub(crate) fn told(&self) -> String {
        let told = self.err.replace(['│', '╰', '─', '▶', '×'], " ");
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn concord(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(folder)
        .args(arguments)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An empty folder for a test, inside of one for all tests `of` a kind.
pub(crate) fn folder(of: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(of).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Standards that `concord standards list` says come in one of these carriers, and of which `concord sample` makes a file by
/// itself. It makes none of what has no header, is published alone, or is a folder of files.
pub(crate) fn sampled(folder: &Path, carriers: &[&str]) -> Vec<String> {
    let listed = concord(folder, &["standards", "list"]).exits(0).out;
    let names: Vec<String> = listed
        .lines()
        .filter(|line| {
            carriers
                .iter()
                .any(|carrier| line.contains(&format!(" {carrier} ")))
        })
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .filter(|name| concord(folder, &["sample", name, "-n", "1"]).code == 0)
        .collect();
    assert!(names.len() >= 11, "{listed}");
    names
}
