//! A summary for a comment on a pull request: what becomes of the inputs, which rules are broken, a few findings of each.
//!
//! GitHub takes 65,536 characters in a comment; the page stays below that, whatever there is to say, and says what it
//! leaves out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use concord_finding::{Finding, Masking, RuleId, Summary, Verdict};

use crate::numbers::{count, many};
use crate::output::Output;
use crate::shown::Shown;
use crate::{Reporter, concise, escape, tally, uri};

/// Findings that are shown when nobody says how many.
pub(crate) const MOST: u64 = 60;
/// Findings of one rule that are shown.
const OF_RULE: usize = 3;
/// Rows of a table.
const ROWS: usize = 40;
/// Characters of a text in a cell or a list.
const LONGEST: usize = 300;
/// Characters of the page.
const PAGE: usize = 60_000;

pub(crate) struct Markdown {
    masking: Masking,
    out: Output,
    first: BTreeMap<RuleId, Vec<String>>,
}

impl Markdown {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            masking,
            out,
            first: BTreeMap::new(),
        }
    }
}

impl Reporter for Markdown {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let first = self
            .first
            .entry(RuleId::clone(&finding.rule.id))
            .or_default();
        if first.len() < OF_RULE && self.out.take() {
            let shown = Shown::new(finding, self.masking);
            let place = finding.place.map_or_else(String::new, |place| {
                format!(":{}:{}", place.line, place.column)
            });
            let mut line = format!(
                "{} {}",
                code(&format!("{}{place}", uri::path(&finding.file))),
                text(&shown.message())
            );
            if let Some(key) = shown.raw(finding.record_key.as_ref()) {
                let _ = write!(line, " (record {})", code(&key));
            }
            if let Some(waived) = &finding.waived {
                let _ = write!(
                    line,
                    " *waived by {} until {}*",
                    text(&waived.owner),
                    waived.expires
                );
            }
            first.push(line);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let summary = self.out.account(summary);
        let page = page(&summary, &self.first);
        self.out.write_all(page.as_bytes())?;
        self.out.flush()
    }
}

/// Writes to a `String`, which does not fail.
macro_rules! put {
    ($page:expr, $($words:tt)*) => { let _ = writeln!($page, $($words)*); };
}

fn page(summary: &Summary, first: &BTreeMap<RuleId, Vec<String>>) -> String {
    let worst = summary.files.iter().map(|file| file.verdict).max();
    let mark = match worst {
        Some(Verdict::Accepted) | None => "✅",
        Some(Verdict::PartlyAccepted) => "⚠️",
        Some(Verdict::Rejected | Verdict::Unreadable) => "❌",
    };
    let mut page = format!(
        "### {mark} Concord: {}\n\n",
        text(&tally::headline(summary))
    );
    for notice in &summary.notices {
        put!(page, "> {}\n", text(&tally::notice(notice)));
    }
    for line in tally::settings(summary) {
        put!(page, "{}\n", text(&line));
    }
    inputs(&mut page, summary);
    rules(&mut page, summary);
    findings(&mut page, summary, first);
    not_run(&mut page, summary);
    page
}

fn inputs(page: &mut String, summary: &Summary) {
    if summary.files.is_empty() {
        return;
    }
    put!(
        page,
        "| input | verdict | standard | records | rejected | findings |"
    );
    put!(page, "|---|---|---|---:|---:|---|");
    for file in summary.files.iter().take(ROWS) {
        let verdict = match &file.unreadable {
            Some(reason) => format!("unreadable: {}", text(reason)),
            None => concise::word(file.verdict).to_owned(),
        };
        put!(
            page,
            "| {} | {verdict} | {} | {} | {} | {} |",
            code(&file.file),
            code(file.standard.as_deref().unwrap_or_default()),
            count(file.records.records),
            count(file.records.rejected),
            tally::effects(file)
        );
    }
    more(page, summary.files.len(), "input");
}

fn rules(page: &mut String, summary: &Summary) {
    if summary.rules.is_empty() {
        return;
    }
    put!(page, "\n| findings | effect | rule | what |");
    put!(page, "|---:|---|---|---|");
    for rule in tally::by_gravity(summary).iter().take(ROWS) {
        let (findings, title) = (count(rule.findings), text(&rule.title));
        put!(
            page,
            "| {findings} | {} | {} | {title} |",
            rule.effect,
            code(&rule.rule)
        );
    }
    more(page, summary.rules.len(), "rule");
}

fn more(page: &mut String, rows: usize, thing: &str) {
    if rows > ROWS {
        put!(
            page,
            "\n… and {}.",
            many((rows - ROWS) as u64, &format!("more {thing}"))
        );
    }
}

fn findings(page: &mut String, summary: &Summary, first: &BTreeMap<RuleId, Vec<String>>) {
    if first.values().all(Vec::is_empty) {
        return;
    }
    put!(
        page,
        "\n<details><summary>The first findings of each rule</summary>\n"
    );
    for rule in tally::by_gravity(summary) {
        let Some(lines) = first
            .get(rule.rule.as_str())
            .filter(|lines| !lines.is_empty())
        else {
            continue;
        };
        let mut section = format!("**{}** {}\n\n", code(&rule.rule), text(&rule.title));
        for line in lines {
            put!(section, "- {line}");
        }
        let left = rule.findings - lines.len() as u64;
        if left > 0 {
            put!(section, "- … and {} more", count(left));
        }
        if page.len() + section.len() > PAGE {
            put!(page, "… and findings of further rules.\n");
            break;
        }
        page.push_str(&section);
        page.push('\n');
    }
    put!(page, "</details>");
}

fn not_run(page: &mut String, summary: &Summary) {
    if summary.not_run.is_empty() {
        return;
    }
    let number = many(summary.not_run.len() as u64, "rule");
    put!(page, "\n<details><summary>{number} not run</summary>\n");
    for not_run in summary.not_run.iter().take(ROWS) {
        put!(page, "- {} {}", code(&not_run.rule), text(&not_run.reason));
    }
    more(page, summary.not_run.len(), "rule");
    put!(page, "\n</details>");
}

/// Text that is no markup, names nobody (`@name`) and refers to nothing (`#1`, addresses).
pub fn text(text: &str) -> String {
    let text = cut(text);
    let text = escape::line(&text);
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("@\u{200b}"),
            '#' => escaped.push_str("#\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            character => escaped.push(character),
        }
    }
    escaped
        .replace("://", ":\u{200b}//")
        .replace("www.", "www\u{200b}.")
}

/// Text as it stands, as code. A bar would end a cell even there.
pub fn code(text: &str) -> String {
    let text = cut(text);
    let text = escape::line(&text).replace('`', "ˋ").replace('|', "¦");
    if text.is_empty() {
        String::new()
    } else {
        format!("`{text}`")
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_no_markup() {
        assert_eq!(
            text("a|b *c* <img src=x> [x](y)"),
            "a\\|b \\*c\\* &lt;img src=x&gt; \\[x\\](y)"
        );
        assert_eq!(
            text("ask @team about #12"),
            "ask @\u{200b}team about #\u{200b}12"
        );
        assert_eq!(text("https://x.example"), "https:\u{200b}//x.example");
        assert_eq!(code("a`b|c\n"), "`aˋb¦c\\n`");
        assert_eq!(text(&"x".repeat(400)).chars().count(), 301);
    }
}
