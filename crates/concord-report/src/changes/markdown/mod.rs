//! A changelog as people publish it: by whom a change breaks, then by what happened, with tables.

mod headings;

use std::fmt::Write as _;

use concord_gate::change::{Certainty, Whom};

use headings::{happened, order};

use super::{ChangesReport, Impact, JudgedChange, JudgedComparison, Standing, explained};
use crate::markdown::{code, text};
use crate::numbers::{count, many};

/// Things that could not be compared that are listed.
const NOT_COMPARED: usize = 50;
/// Characters of a record that are shown.
const RECORD: usize = 4_000;
/// Records that are shown below a heading.
const RECORDS: usize = 3;

/// Writes to a `String`, which does not fail.
macro_rules! put {
    ($page:expr, $($words:tt)*) => { let _ = writeln!($page, $($words)*); };
}

/// The report as Markdown.
pub fn markdown(report: &ChangesReport) -> String {
    let mut page = String::new();
    for notice in &report.notices {
        put!(page, "> {}\n", text(&crate::tally::notice(notice)));
    }
    for comparison in &report.comparisons {
        one(&mut page, comparison);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn one(page: &mut String, comparison: &JudgedComparison) {
    let (old, new) = (&comparison.old.name, &comparison.new.name);
    put!(page, "# Changes from {} to {}\n", code(old), code(new));
    if comparison.changes.is_empty() {
        put!(page, "No changes.\n");
    } else {
        put!(page, "{}\n", text(&super::human::counts(comparison)));
    }
    if let Some(impact) = &comparison.impact {
        of_impact(page, impact);
    }
    for (whom, changes) in comparison.by_whom() {
        match whom {
            Some(whom) => {
                let explained = explained(whom);
                put!(
                    page,
                    "## {}\n\n{}{}.\n",
                    heading(whom),
                    explained[..1].to_uppercase(),
                    &explained[1..]
                );
            }
            None => {
                put!(page, "## Safe\n");
            }
        }
        sections(page, &changes, whom);
    }
    not_compared(page, comparison);
}

fn heading(whom: Whom) -> &'static str {
    match whom {
        Whom::Submitter => "Senders must act",
        Whom::Receiver => "Receivers must act",
        Whom::Storage => "Stored tables change",
        Whom::Meaning => "The meaning changes",
    }
}

fn sections(page: &mut String, changes: &[&JudgedChange], whom: Option<Whom>) {
    let mut sections: Vec<(String, Vec<&JudgedChange>)> = Vec::new();
    for change in changes {
        let heading = happened(change);
        match sections.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, changes)) => changes.push(change),
            None => sections.push((heading, vec![change])),
        }
    }
    sections.sort_by_key(|(heading, _)| order(heading));
    for (heading, changes) in sections {
        put!(page, "### {} ({})\n", text(&heading), changes.len());
        table(page, &changes, whom);
        records(page, &changes);
    }
}

/// Columns that nothing stands in are left out.
fn table(page: &mut String, changes: &[&JudgedChange], whom: Option<Whom>) {
    let rows: Vec<[String; 6]> = changes.iter().map(|change| row(change, whom)).collect();
    let headings = ["Where", "What", "Before", "Now", "From", "Why"];
    let used: Vec<usize> = (0..headings.len())
        .filter(|column| rows.iter().any(|row| !row[*column].is_empty()))
        .collect();
    let line = |cells: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = used.iter().map(|column| cells(*column)).collect();
        format!("| {} |", cells.join(" | "))
    };
    put!(page, "{}", line(&|column| headings[column].to_owned()));
    put!(page, "{}", line(&|_| "---".to_owned()).replace(' ', ""));
    for row in &rows {
        put!(page, "{}", line(&|column| row[column].clone()));
    }
    page.push('\n');
}

fn row(judged: &JudgedChange, whom: Option<Whom>) -> [String; 6] {
    let change = &judged.change;
    let mut place = code(&change.place.to_string());
    if change.also > 0 {
        let further = many(u64::from(change.also), "further place");
        let _ = write!(place, " and {further}");
    }
    let said = |side: &Option<String>| side.as_deref().map(text).unwrap_or_default();
    let (old, new) = (said(&change.old), said(&change.new));
    // A change that old and new do not tell is told in words.
    let what = if change.old == change.new || happened(judged) == "Rules" {
        text(&change.message())
    } else {
        String::new()
    };
    let mut why: Vec<String> = Vec::new();
    for breaks in &change.breaks {
        let sure = match breaks.certainty {
            Certainty::Unknown => " (*not known*)",
            Certainty::Decided | Certainty::Proved => "",
        };
        let also = if Some(breaks.whom) == whom {
            String::new()
        } else {
            format!("breaks {} too: ", super::people(breaks.whom))
        };
        why.push(format!("{also}{}{sure}", text(&breaks.why)));
    }
    if let Some(notice) = &judged.notice {
        why.push(format!("**{}**", text(notice)));
    }
    if let Standing::Excepted {
        owner,
        reason,
        expires,
    } = &judged.standing
    {
        let (owner, reason) = (text(owner), text(reason));
        why.push(format!("*excepted by {owner} until {expires}: {reason}*"));
    }
    let from = judged.when.as_deref().unwrap_or_default();
    let from = text(from.strip_prefix("from ").unwrap_or(from));
    [place, what, old, new, from, why.join("; ")]
}

/// Records that show the changes, folded away.
fn records(page: &mut String, changes: &[&JudgedChange]) {
    let shown = changes
        .iter()
        .filter_map(|one| Some((one, one.change.witness.as_ref()?)));
    let shown: Vec<_> = shown.collect();
    for (judged, witness) in shown.iter().take(RECORDS) {
        let (takes, refuses) = (witness.taken_by.as_str(), witness.taken_by.other().as_str());
        let place = html(&judged.change.place.to_string());
        put!(
            page,
            "<details><summary>A record that {takes} takes and {refuses} refuses: <code>{place}</code></summary>\n"
        );
        let submission = match witness.submission.char_indices().nth(RECORD) {
            Some((end, _)) => format!("{}…", &witness.submission[..end]),
            None => witness.submission.clone(),
        };
        // A fence that is longer than any in the record.
        let fence = "`".repeat(longest_run(&submission).max(2) + 1);
        put!(page, "{fence}\n{}\n{fence}\n", submission.trim_end());
        for (rule, message) in &witness.refused_with {
            put!(page, "- {}: {}", code(rule), text(message));
        }
        put!(page, "\n</details>\n");
    }
    if shown.len() > RECORDS {
        let more = many((shown.len() - RECORDS) as u64, "further record");
        put!(page, "{more} in the JSON of this comparison.\n");
    }
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The most backticks that stand side by side.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn of_impact(page: &mut String, impact: &Impact) {
    put!(page, "## Impact\n");
    put!(
        page,
        "Of {} in {}, {} would be newly rejected and {} newly accepted.\n",
        many(impact.records, "record"),
        many(impact.files, "submission"),
        count(impact.newly_rejected()),
        count(impact.newly_accepted())
    );
    if !impact.providers.is_empty() {
        put!(page, "| Provider | Newly rejected | Newly accepted | By |");
        put!(page, "|---|---:|---:|---|");
        for one in &impact.providers {
            let rules: Vec<String> = one
                .rules
                .iter()
                .map(|(rule, records)| format!("{} {}", code(rule), count(*records)))
                .collect();
            let (rejected, accepted) = (count(one.newly_rejected), count(one.newly_accepted));
            put!(
                page,
                "| {} | {rejected} | {accepted} | {} |",
                text(&one.provider),
                rules.join(", ")
            );
        }
        page.push('\n');
    }
    for (file, reason) in &impact.not_read {
        put!(page, "- {} was not read: {}", code(file), text(reason));
    }
    if !impact.not_read.is_empty() {
        page.push('\n');
    }
}

fn not_compared(page: &mut String, comparison: &JudgedComparison) {
    if let Some(reason) = &comparison.without_proof {
        put!(
            page,
            "No records were made to prove it: {}.\n",
            text(reason)
        );
    }
    let not = &comparison.not_compared;
    if not.is_empty() {
        return;
    }
    put!(page, "## Not compared\n");
    for one in not.iter().take(NOT_COMPARED) {
        let place = match (&*one.origin.file, one.origin.line) {
            ("", _) => String::new(),
            (file, 0) => format!("{} ", code(file)),
            (file, line) => format!("{} ", code(&format!("{file}:{line}"))),
        };
        put!(page, "- {place}{}", text(&one.what));
    }
    if not.len() > NOT_COMPARED {
        put!(page, "- … and {} more", not.len() - NOT_COMPARED);
    }
    page.push('\n');
}
