//! What the handbook says is so: its links lead somewhere, and its lists are complete.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let mut files = vec![];
    for folder in ["docs", "fixtures", "fuzz"] {
        pages(&root().join(folder), &mut files);
    }
    for page in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        files.push(root().join(page));
    }
    let mut links = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let path = link.0.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            links += 1;
            let target = file.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {path}", file.display());
        }
    }
    assert!(links > 100, "{links} links");
}

#[test]
fn every_dependency_has_its_line() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("[workspace.dependencies]").unwrap();
    let (section, _) = rest.split_once("\n[").unwrap();
    let page = fs::read_to_string(root().join("docs/decisions/dependencies.md")).unwrap();
    let names: Vec<&str> = section
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains("path = "))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 20);
    for name in &names {
        assert!(
            page.contains(&format!("\n| `{name}` |")),
            "{name} has no line"
        );
    }
    let lines = page.lines().filter_map(|line| line.strip_prefix("| `"));
    for name in lines.filter_map(|line| line.split('`').next()) {
        assert!(names.contains(&name), "{name} is no dependency any more");
    }
}

#[test]
fn every_shipped_standard_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut found = 0;
    for id in fs::read_dir(root().join("schemas")).unwrap() {
        let id = id.unwrap().path();
        let Ok(versions) = fs::read_dir(&id) else {
            continue;
        };
        for version in versions {
            let version = version.unwrap().path();
            if let Ok(text) = fs::read_to_string(version.join("standard.toml")) {
                let said = |key: &str| {
                    let line = text.lines().find_map(|line| line.strip_prefix(key));
                    line.unwrap().trim_matches([' ', '=', '"']).to_owned()
                };
                let standard = format!("`{}@{}`", said("id"), said("version"));
                assert!(readme.contains(&standard), "{standard}");
                found += 1;
            }
        }
    }
    assert!(found > 0);
}
