//! The pages of the rules of submissions of many tables: one for each standard, with a section for each table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use concord_finding::Provenance;
use concord_standards::definition::{Definition, StandardInfo};
use concord_standards::registry::Registry;
use concord_standards::submission::{Submission, TableRule};

use super::page::{cell, prose};
use crate::Failed;
use crate::oracle::Folder;

/// A page of the handbook.
pub(super) struct Page {
    /// Its name, without the folder and the extension.
    pub(super) name: String,
    /// The standard, as users name it.
    pub(super) standard: String,
    /// Its title.
    pub(super) title: String,
    /// How many rules it has.
    pub(super) rules: usize,
    pub(super) text: String,
}

/// The page of each standard of many tables.
pub(super) fn pages(root: &Path) -> Result<Vec<Page>, Failed> {
    let registry = Registry::new(vec![Box::new(Folder(root.join("schemas")))])?;
    let many = registry.list().iter().filter(|info| info.is_submission());
    let names: Vec<String> = many.map(StandardInfo::name).collect();
    let mut pages = Vec::new();
    for name in names {
        let definition = registry.load(&name)?;
        if let Some(submission) = &definition.submission {
            pages.push(Page {
                name: name.replace('@', "-"),
                title: definition.standard.title.clone(),
                rules: submission.rules.len(),
                text: page(&definition, submission),
                standard: name,
            });
        }
    }
    Ok(pages)
}

/// The pages by their paths from the root.
pub(super) fn files(pages: &[Page]) -> BTreeMap<PathBuf, String> {
    let file = |page: &Page| {
        let path = PathBuf::from(format!("docs/rules/{}.md", page.name));
        (path, page.text.clone())
    };
    pages.iter().map(file).collect()
}

// Writing to a `String` does not fail, so its results are dropped.

/// The part of the list of rules that leads to the pages.
pub(super) fn index(pages: &[Page]) -> String {
    let mut text = String::from(
        "\n## Rules of submissions of many tables\n\n| standard | title | rules |\n|---|---|---|\n",
    );
    for page in pages {
        let (name, standard) = (&page.name, &page.standard);
        let title = cell(&page.title);
        let _ = writeln!(
            text,
            "| [{standard}]({name}.md) | {title} | {} |",
            page.rules
        );
    }
    text
}

/// The lines of the table of contents.
pub(super) fn contents(pages: &[Page]) -> String {
    let line = |page: &Page| format!("  - [{}](rules/{}.md)\n", page.standard, page.name);
    pages.iter().map(line).collect()
}

fn page(definition: &Definition, submission: &Submission) -> String {
    let name = definition.standard.name();
    let mut text = format!(
        "# {name}\n\n{}. {} rules, table by table. `concord standards explain RULE --standard {name}` says the same of one of them, with \
         how many examples it has; `concord standards show {name} TABLE` shows the columns. Where the national system and the published \
         text differ, both effects stand here.\n",
        prose(&definition.standard.title),
        submission.rules.len()
    );
    let source = usual_source(submission);
    let _ = write!(
        text,
        "\nSource, where a rule says no other: {}.\n",
        prose(source)
    );
    for (number, table) in submission.tables.iter().enumerate() {
        let rules: Vec<&TableRule> = submission
            .rules
            .iter()
            .filter(|rule| rule.table == number)
            .collect();
        if rules.is_empty() {
            continue;
        }
        let _ = write!(
            text,
            "\n## {}\n\n{}.\n\n| rule | effect | says | check | message |\n|---|---|---|---|---|\n",
            table.name,
            prose(&table.title)
        );
        for rule in rules {
            let _ = writeln!(text, "{}", row(submission, rule, source));
        }
    }
    diagnostics(&mut text, submission);
    text
}

/// The source that most rules say.
fn usual_source(submission: &Submission) -> &str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in &submission.rules {
        *counts.entry(&rule.rule.source).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or("", |(source, _)| source)
}

fn row(submission: &Submission, rule: &TableRule, source: &str) -> String {
    let said = &rule.rule;
    let mut check = rule.check.kind().replace('_', " ");
    if let Some(rows) = rule.looks_at(submission) {
        let _ = write!(check, "; {rows}");
    }
    let mut message = said.message.clone();
    if let Some(help) = &said.help {
        let _ = write!(message, ". What to do: {help}");
    }
    if said.provenance == Provenance::Inferred {
        message.push_str(" (inferred)");
    }
    if said.source != source {
        let _ = write!(message, " (source: {})", said.source);
    }
    format!(
        "| <a id=\"{0}\"></a>{0} | {1} | {2} | {3} | {4} |",
        said.id,
        cell(&rule.effects()),
        cell(&said.title),
        cell(&check),
        cell(&message)
    )
}

fn diagnostics(text: &mut String, submission: &Submission) {
    if submission.diagnostics.is_empty() {
        return;
    }
    text.push_str("\n## Diagnostics\n\nWhat `--format sdcs` counts beyond findings and rows.\n\n| code | counts |\n|---|---|\n");
    for diagnostic in &submission.diagnostics {
        let description = cell(&diagnostic.description);
        let _ = writeln!(text, "| {} | {description} |", diagnostic.code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_many_tables_stands_on_a_page() {
        let root = crate::root();
        let pages = pages(&root).expect("definitions can be read");
        assert!(pages.len() >= 6, "{}", pages.len());
        let of = |name: &str| {
            &pages
                .iter()
                .find(|page| page.name == name)
                .expect("a page")
                .text
        };
        let text = of("mhsds-6-0");
        for id in ["MHS00144", "MHSREJ101", "MHS00119", "MHSDAG025"] {
            assert!(text.contains(id), "{id}");
        }
        assert!(text.contains("NHSNumber is blank"), "conditions are said");
        let rows = |text: &str| text.matches("<a id=").count();
        assert!(pages.iter().all(|page| rows(&page.text) == page.rules));
        assert!(index(&pages).contains("[mhsds@6-0](mhsds-6-0.md)"));
    }
}
