//! `cargo xtask docs`: the handbook's page of every rule, from the catalogue and the definitions, of every sort of change, and
//! that of the model.

mod catalogue;
mod changes;
mod model;
mod page;
mod submissions;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::Failed;
use catalogue::Entry;

/// Where the generated part of the handbook's table of contents begins; everything behind it is generated.
const CONTENTS: &str = "- [Rules](rules/index.md)";

#[derive(Debug, Args)]
pub(crate) struct DocsArguments {
    /// Write nothing; fail when a page is not what would be written
    #[arg(long)]
    check: bool,
}

/// Writes the generated pages, or only looks whether they are up to date; false when they are not.
pub(crate) fn run(
    arguments: &DocsArguments,
    root: &Path,
    out: &mut dyn Write,
) -> Result<bool, Failed> {
    let pages = pages(root)?;
    let stale = stale(root, &pages)?;
    if arguments.check {
        for path in &stale {
            writeln!(out, "stale: {}", path.display())?;
        }
        return Ok(stale.is_empty());
    }
    for path in &stale {
        let file = root.join(path);
        if let Some(text) = pages.get(path) {
            fs::create_dir_all(file.parent().unwrap_or(root))?;
            fs::write(&file, text)?;
            writeln!(out, "wrote {}", path.display())?;
        } else {
            fs::remove_file(&file)?;
            writeln!(out, "removed {}", path.display())?;
        }
    }
    writeln!(out, "{} pages", pages.len())?;
    Ok(true)
}

/// Every generated page by its path from the root.
fn pages(root: &Path) -> Result<BTreeMap<PathBuf, String>, Failed> {
    let entries = catalogue::entries(root)?;
    let mut pages = BTreeMap::new();
    for entry in &entries {
        let path = PathBuf::from(format!("docs/rules/{}.md", entry.id));
        pages.insert(path, page::of(entry));
    }
    let many = submissions::pages(root)?;
    pages.extend(submissions::files(&many));
    pages.extend(changes::pages());
    pages.insert("docs/model.md".into(), model::page());
    pages.insert(
        "docs/rules/index.md".into(),
        index(&entries) + &submissions::index(&many),
    );
    pages.insert("docs/SUMMARY.md".into(), contents(root, &entries, &many)?);
    Ok(pages)
}

/// The pages that are missing, different, or no longer generated.
fn stale(root: &Path, pages: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>, Failed> {
    let mut stale: Vec<PathBuf> = pages
        .iter()
        .filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| path.clone())
        .collect();
    for generated in ["docs/rules", "docs/changes"] {
        let Ok(folder) = fs::read_dir(root.join(generated)) else {
            continue;
        };
        for entry in folder {
            let path = Path::new(generated).join(entry?.file_name());
            if !pages.contains_key(&path) {
                stale.push(path);
            }
        }
    }
    stale.sort();
    Ok(stale)
}

/// The table of contents: the part that people write, then a line for each rule and each sort of change.
fn contents(root: &Path, entries: &[Entry], many: &[submissions::Page]) -> Result<String, Failed> {
    let written = fs::read_to_string(root.join("docs/SUMMARY.md"))?;
    let Some((before, _)) = written.split_once(CONTENTS) else {
        return Err(format!("docs/SUMMARY.md has no line `{CONTENTS}`").into());
    };
    let mut text = format!("{before}{CONTENTS}\n");
    for entry in entries {
        writeln!(text, "  - [{0}](rules/{0}.md)", entry.id)?;
    }
    text.push_str(&submissions::contents(many));
    text.push_str(&changes::contents());
    Ok(text)
}

/// The list of all rules.
fn index(entries: &[Entry]) -> String {
    let mut text = String::from(
        "# Rules\n\nEvery rule that Concord checks. This page and the pages of the rules are written by `cargo xtask docs`; \
         `concord standards explain RULE` shows the same in a terminal.\n",
    );
    for (group, title) in catalogue::GROUPS {
        let mut rows = entries
            .iter()
            .filter(|entry| entry.group == group)
            .peekable();
        if rows.peek().is_none() {
            continue;
        }
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            "\n## {title}\n\n| rule | says | effect | authority |\n|---|---|---|---|\n"
        );
        for entry in rows {
            let rule = entry.first();
            let _ = writeln!(
                text,
                "| [{0}]({0}.md) | {1} | {2} | {3} |",
                entry.id,
                page::cell(&rule.title),
                page::effects(entry),
                page::authority(rule.provenance),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pages_are_up_to_date() {
        let root = crate::root();
        let pages = pages(&root).expect("definitions can be read");
        let stale = stale(&root, &pages).expect("pages can be read");
        assert!(stale.is_empty(), "run `cargo xtask docs`: {stale:?}");
    }

    #[test]
    fn every_rule_says_what_where_and_why() {
        for entry in catalogue::entries(&crate::root()).expect("definitions can be read") {
            for variant in &entry.variants {
                let rule = &variant.rule;
                assert!(
                    !rule.title.is_empty() && !rule.message.is_empty(),
                    "{}",
                    rule.id
                );
                assert!(!rule.source.is_empty(), "{} has no source", rule.id);
                if let Some(definition) = &variant.definition {
                    assert!(
                        !definition.pass.is_empty(),
                        "{} has no passing example",
                        rule.id
                    );
                    assert!(
                        !definition.fail.is_empty(),
                        "{} has no failing example",
                        rule.id
                    );
                }
            }
        }
    }
}
