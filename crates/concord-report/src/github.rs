//! Workflow commands of GitHub Actions, which become annotations of a pull request.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step and forgets the others, so that many findings of one
//! rule would hide all the other rules. The annotations are therefore chosen when all findings have been seen: one of each
//! rule, then the next of each, the gravest first. Everything is counted in the lines behind them, which are plain text.
//!
//! Commands and their escapes: GitHub Docs, "Workflow commands for GitHub Actions", and `toolkit/packages/core/src/command.ts`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use concord_finding::{Effect, Finding, RuleId, Summary};

use crate::escape;
use crate::numbers::count;
use crate::output::Output;
use crate::shown::Shown;
use crate::{Options, Reporter, concise, tally, uri};

/// Annotations of one level that GitHub shows of a step.
const SHOWN: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    fn of(effect: Effect) -> Self {
        match effect {
            Effect::Note => Self::Notice,
            Effect::Warn => Self::Warning,
            Effect::RejectGroup | Effect::RejectRecord | Effect::RejectFile => Self::Error,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

pub(crate) struct Github {
    options: Options,
    out: Output,
    /// The first commands of each rule, by level.
    first: BTreeMap<(Level, RuleId), Vec<String>>,
}

impl Github {
    pub(crate) fn new(options: Options, out: Output) -> Self {
        Self {
            options,
            out,
            first: BTreeMap::new(),
        }
    }

    fn annotations(&mut self, level: Level) -> io::Result<()> {
        let of_level = |(known, _): &&(Level, RuleId)| *known == level;
        let rules: Vec<_> = self.first.keys().filter(of_level).cloned().collect();
        let turns = (0..SHOWN).flat_map(|turn| rules.iter().map(move |rule| (turn, rule)));
        let chosen = turns.filter_map(|(turn, rule)| self.first.get(rule)?.get(turn));
        for command in chosen.take(SHOWN) {
            if !self.out.take() {
                break;
            }
            writeln!(self.out, "{command}")?;
        }
        Ok(())
    }
}

impl Reporter for Github {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if finding.waived.is_some() {
            return Ok(());
        }
        let level = Level::of(finding.effect);
        let first = self
            .first
            .entry((level, RuleId::clone(&finding.rule.id)))
            .or_default();
        if first.len() < SHOWN {
            let shown = Shown::new(finding, self.options.masking);
            let place = finding.place.map(|place| (place.line, Some(place.column)));
            let title = format!("{} {}", finding.rule.id, finding.effect);
            let message = match shown.help() {
                Some(help) => format!("{}\n{help}", shown.message()),
                None => shown.message(),
            };
            first.push(command(level, &finding.file, place, &title, &message));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for notice in &summary.notices {
            let level = if notice.kind.fails() {
                Level::Error
            } else {
                Level::Warning
            };
            let place = notice.line.map(|line| (line, None));
            let file = notice.file.as_deref().unwrap_or_default();
            let command = command(level, file, place, notice.kind.as_str(), &notice.message);
            writeln!(self.out, "{command}")?;
        }
        for level in Level::ALL {
            self.annotations(level)?;
        }
        let summary = self.out.account(summary);
        // A line that begins with two colons would be a command: none does, whatever the names of inputs are.
        writeln!(self.out, "concord: {}", tally::headline(&summary))?;
        for rule in tally::by_gravity(&summary) {
            let (findings, title) = (count(rule.findings), escape::line(&rule.title));
            writeln!(
                self.out,
                "rule {} {}: {findings}, {title}",
                rule.rule, rule.effect
            )?;
        }
        for line in tally::settings(&summary) {
            writeln!(self.out, "findings {}", escape::line(&line))?;
        }
        if summary.not_shown > 0 {
            let left_out = count(summary.not_shown);
            writeln!(self.out, "findings without an annotation: {left_out}")?;
        }
        for not_run in &summary.not_run {
            let reason = escape::line(&not_run.reason);
            writeln!(self.out, "not run {}: {reason}", not_run.rule)?;
        }
        for file in &summary.files {
            let verdict = concise::verdict(file);
            writeln!(self.out, "input {}: {verdict}", escape::line(&file.file))?;
        }
        self.out.flush()
    }
}

/// `::error file=may.xml,line=3,col=9,title=CDS-E2 reject-file::the trailer counts …`.
fn command(
    level: Level,
    file: &str,
    place: Option<(u64, Option<u64>)>,
    title: &str,
    message: &str,
) -> String {
    let mut properties = Vec::new();
    if !file.is_empty() {
        properties.push(format!("file={}", property(&uri::path(file))));
    }
    if let Some((line, column)) = place {
        properties.push(format!("line={line}"));
        properties.extend(column.map(|column| format!("col={column}")));
    }
    properties.push(format!("title={}", property(title)));
    let lines: Vec<_> = message.split('\n').map(escape::line).collect();
    format!(
        "::{} {}::{}",
        level.as_str(),
        properties.join(","),
        data(&lines.join("\n"))
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&escape::line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped() {
        let command = command(
            Level::Error,
            "./a,b:c%.xml",
            Some((3, Some(9))),
            "X-1 warn",
            "50% of\n::error::it: is, so",
        );
        assert_eq!(
            command,
            "::error file=a%2Cb%3Ac%25.xml,line=3,col=9,title=X-1 warn::50%25 of%0A::error::it: is, so"
        );
    }
}
