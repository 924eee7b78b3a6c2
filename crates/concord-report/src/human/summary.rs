//! The account at the end: findings by rule, rules that were not run, a verdict for each input.

use std::collections::BTreeMap;
use std::io::{self, Write};

use concord_finding::{Effect, FileSummary, Summary, Verdict};

use crate::Options;
use crate::concise::word;
use crate::escape;
use crate::human::wrapped;
use crate::numbers::{bytes, count, many, rate, seconds};
use crate::output::Output;
use crate::tally;
use crate::tally::by_gravity;

/// Select Graphic Rendition codes (ECMA-48).
#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Blue,
}

struct Page<'a> {
    out: &'a mut Output,
    colour: bool,
    width: usize,
}

impl Page<'_> {
    fn painted(&self, text: &str, paint: Paint) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Dim => "2",
            Paint::Red => "31;1",
            Paint::Yellow => "33;1",
            Paint::Green => "32;1",
            Paint::Blue => "34;1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

pub(super) fn write(out: &mut Output, summary: &Summary, options: &Options) -> io::Result<()> {
    let mut page = Page {
        out,
        colour: options.colour,
        width: options.width,
    };
    rules(&mut page, summary)?;
    settings(&mut page, summary)?;
    not_run(&mut page, summary)?;
    for file in &summary.files {
        verdict(&mut page, file)?;
    }
    total(&mut page, summary)
}

/// A table of the rules broken, the gravest first.
fn rules(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    if summary.rules.is_empty() {
        return Ok(());
    }
    let rows = by_gravity(summary);
    let number_width = rows
        .iter()
        .map(|row| count(row.findings).len())
        .chain(["findings".len()])
        .max()
        .unwrap_or(0);
    let rule_width = rows
        .iter()
        .map(|row| row.rule.chars().count())
        .max()
        .unwrap_or(0);
    let heading = format!(
        "{:>number_width$}  {:<13}  {:<rule_width$}  what",
        "findings", "effect", "rule"
    );
    let heading = page.painted(&heading, Paint::Dim);
    writeln!(page.out, "{heading}")?;
    for row in rows {
        let effect = format!("{:<13}", row.effect.as_str());
        let effect = page.painted(&effect, paint(row.effect));
        let indent = number_width + 2 + 13 + 2 + rule_width + 2;
        let title = wrapped(
            &escape::line(&row.title),
            page.width.saturating_sub(indent).max(20),
        );
        writeln!(
            page.out,
            "{:>number_width$}  {effect}  {:<rule_width$}  {}",
            count(row.findings),
            row.rule,
            title.join(&format!("\n{}", " ".repeat(indent))),
        )?;
    }
    let shown = summary.findings() - summary.persisting();
    if summary.not_shown > 0 {
        let text = format!(
            "{} of {} shown in full; --format concise gives a line to each.",
            count(shown - summary.not_shown),
            many(shown, "finding"),
        );
        let text = page.painted(&text, Paint::Dim);
        writeln!(page.out, "{text}")?;
    }
    writeln!(page.out)
}

/// What waivers and an earlier run make of the findings.
fn settings(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let told = tally::settings(summary);
    for line in &told {
        writeln!(page.out, "{}", escape::line(line))?;
    }
    if told.is_empty() {
        Ok(())
    } else {
        writeln!(page.out)
    }
}

fn paint(effect: Effect) -> Paint {
    match effect {
        Effect::Note => Paint::Blue,
        Effect::Warn => Paint::Yellow,
        Effect::RejectGroup | Effect::RejectRecord | Effect::RejectFile => Paint::Red,
    }
}

/// Rules that were not run, those with the same reason together.
fn not_run(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    if summary.not_run.is_empty() {
        return Ok(());
    }
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for not_run in &summary.not_run {
        by_reason
            .entry(&not_run.reason)
            .or_default()
            .push(&not_run.rule);
    }
    let heading = format!("{} not run:", many(summary.not_run.len() as u64, "rule"));
    let heading = page.painted(&heading, Paint::Yellow);
    writeln!(page.out, "{heading}")?;
    for (reason, rules) in by_reason {
        let text = format!("{}: {}", rules.join(", "), escape::line(reason));
        let lines = wrapped(&text, page.width.saturating_sub(4));
        writeln!(page.out, "  {}", lines.join("\n    "))?;
    }
    writeln!(page.out)
}

fn verdict(page: &mut Page<'_>, file: &FileSummary) -> io::Result<()> {
    let paint = match file.verdict {
        Verdict::Accepted => Paint::Green,
        Verdict::PartlyAccepted => Paint::Yellow,
        Verdict::Rejected | Verdict::Unreadable => Paint::Red,
    };
    let name = page.painted(&escape::line(&file.file), Paint::Bold);
    let verdict = page.painted(word(file.verdict), paint);
    let standard = file
        .standard
        .as_deref()
        .map_or_else(String::new, |standard| format!(" against {standard}"));
    writeln!(page.out, "{name}: {verdict}{standard}")?;
    if let Some(reason) = &file.unreadable {
        let lines = wrapped(&escape::line(reason), page.width.saturating_sub(4));
        writeln!(page.out, "  {}", lines.join("\n    "))?;
    }
    let records = file.records;
    writeln!(
        page.out,
        "  {} = {} accepted + {} rejected",
        many(records.records, "record"),
        count(records.accepted),
        count(records.rejected),
    )?;
    let all: u64 = file.findings.values().sum();
    if all == 0 {
        // Of what could not be read it would say more than is known.
        return if file.verdict == Verdict::Unreadable {
            Ok(())
        } else {
            writeln!(page.out, "  no findings")
        };
    }
    writeln!(
        page.out,
        "  {}: {}",
        many(all, "finding"),
        tally::effects(file)
    )
}

fn total(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let read: u64 = summary.files.iter().map(|file| file.bytes).sum();
    let inputs = many(summary.files.len() as u64, "input");
    // A rate over a moment says more about the clock than about the machine.
    let speed = if summary.seconds >= 0.01 {
        format!(", {}", rate(read, summary.seconds))
    } else {
        String::new()
    };
    let text = format!(
        "{inputs}, {} in {}{speed}",
        bytes(read),
        seconds(summary.seconds)
    );
    let text = page.painted(&text, Paint::Dim);
    writeln!(page.out, "{text}")
}
