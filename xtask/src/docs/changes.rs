//! The pages of the sorts of change that the gate tells.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use concord_gate::catalogue::changes;
use concord_gate::change::{ChangeRule, Whom};

use super::page::{capital, cell, prose};

/// A page for each sort of change, and the list of all.
pub(super) fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    for rule in changes() {
        pages.insert(
            PathBuf::from(format!("docs/changes/{}.md", rule.id)),
            page(rule),
        );
    }
    pages.insert("docs/changes/index.md".into(), index());
    pages
}

// Writing to a `String` does not fail, so its results are dropped.

/// The lines of the table of contents.
pub(super) fn contents() -> String {
    let mut text = "- [Changes](changes/index.md)\n".to_owned();
    for rule in changes() {
        let _ = writeln!(text, "  - [{0}](changes/{0}.md)", rule.id);
    }
    text
}

fn index() -> String {
    let mut text = String::from(
        "# Changes\n\nEvery sort of change that `concord diff` and `concord gate` tell, and whom it can break; whom a single change does \
         break is decided for it alone. This page and those of the changes are written by `cargo xtask docs`.\n\n\
         | change | says | can break |\n|---|---|---|\n",
    );
    for rule in changes() {
        let _ = writeln!(
            text,
            "| [{0}]({0}.md) | {1} | {2} |",
            rule.id,
            cell(&rule.title),
            whom(rule)
        );
    }
    text
}

fn whom(rule: &ChangeRule) -> String {
    match &rule.can_break[..] {
        [] => "nobody".to_owned(),
        some => some
            .iter()
            .map(|whom: &Whom| whom.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn page(rule: &ChangeRule) -> String {
    let mut text = format!(
        "# {}\n\n## {}\n\n| | |\n|---|---|\n| can break | {} |\n| since | {} |\n",
        rule.id,
        capital(&prose(&rule.title)),
        whom(rule),
        rule.since
    );
    let _ = write!(text, "\n**Message.** {}\n", prose(&rule.message));
    let _ = write!(text, "\n**Why it matters.** {}\n", prose(&rule.rationale));
    let _ = write!(text, "\n**When it breaks.** {}\n", prose(&rule.when));
    let example = &rule.example;
    let _ = write!(text, "\n## Example\n\nIn {}:\n", part(&example.part));
    for (word, said) in [("before", &example.old), ("after", &example.new)] {
        let said = if said.trim().is_empty() {
            "(nothing)\n"
        } else {
            said
        };
        let _ = write!(text, "\n```text\n# {word}\n{said}```\n");
    }
    if let Some(witness) = &example.witness {
        let _ = write!(text, "\nWhat shows it: {}\n", prose(witness));
    }
    text
}

/// What an example is part of, in words.
fn part(name: &str) -> String {
    match name {
        "codes" => "a code list".to_owned(),
        "storage" => "what is stored".to_owned(),
        name => name
            .split(" + ")
            .map(|file| format!("`{file}`"))
            .collect::<Vec<_>>()
            .join(", then `---`, then "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sort_of_change_has_a_page_that_says_whom_it_breaks() {
        let pages = pages();
        assert_eq!(pages.len(), changes().len() + 1);
        let page = &pages[&PathBuf::from("docs/changes/CODE-WITHDRAWN.md")];
        assert!(page.contains("| can break | submitter |"), "{page}");
        assert!(page.contains("# before\ncode,meaning"), "{page}");
        let list = &pages[&PathBuf::from("docs/changes/index.md")];
        assert!(
            list.contains("| [FORMAT-RESTATED](FORMAT-RESTATED.md) |")
                && list.contains("| nobody |")
        );
    }
}
