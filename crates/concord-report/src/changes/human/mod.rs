//! For people at a terminal: changes by whom they break, the worst first.

mod change;
mod counts;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use concord_gate::change::Whom;

pub(super) use counts::counts;

use super::{ChangesReport, Impact, JudgedChange, JudgedComparison, Standing, explained, people};
use crate::human::wrapped;
use crate::numbers::many;
use crate::{Options, escape};

/// Changes of one sort that are shown below one heading; the others are counted.
const OF_A_SORT: usize = 8;
/// The same, of changes that break nobody.
const SAFE_OF_A_SORT: usize = 3;
/// Things that could not be compared that are shown.
const NOT_COMPARED: usize = 8;
/// Providers that are shown.
const PROVIDERS: usize = 20;

/// The report as text of at most [`Options::width`] columns.
pub fn human(report: &ChangesReport, options: &Options) -> String {
    let mut page = Page {
        text: String::new(),
        colour: options.colour,
        width: options.width.clamp(40, 200),
    };
    for notice in &report.notices {
        let paint = if notice.kind.fails() {
            Paint::Red
        } else {
            Paint::Yellow
        };
        let text = crate::tally::notice(notice);
        page.put(0, &text, paint);
    }
    if !report.notices.is_empty() {
        page.blank();
    }
    for comparison in &report.comparisons {
        page.comparison(comparison);
    }
    page.verdict(report);
    page.text
}

/// Select Graphic Rendition codes (ECMA-48).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain,
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
}

struct Page {
    text: String,
    colour: bool,
    width: usize,
}

impl Page {
    fn painted(&self, text: &str, paint: Paint) -> String {
        let code = match paint {
            Paint::Plain => return text.to_owned(),
            Paint::Bold => "1",
            Paint::Dim => "2",
            Paint::Red => "31;1",
            Paint::Yellow => "33;1",
            Paint::Green => "32;1",
        };
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A text that may take several lines, further ones indented by two more.
    fn put(&mut self, indent: usize, text: &str, paint: Paint) {
        let text = escape::line(text);
        let lines = wrapped(&text, self.width.saturating_sub(indent + 2).max(20));
        for (number, line) in lines.iter().enumerate() {
            let further = if number == 0 { 0 } else { 2 };
            let line = self.painted(line, paint);
            // Writing to a `String` does not fail.
            let _ = writeln!(self.text, "{}{line}", " ".repeat(indent + further));
        }
    }

    fn comparison(&mut self, comparison: &JudgedComparison) {
        let heading = format!("{} → {}", comparison.old.name, comparison.new.name);
        self.put(0, &heading, Paint::Bold);
        self.blank();
        for (whom, changes) in comparison.by_whom() {
            self.group(comparison, whom, &changes);
        }
        if comparison.changes.is_empty() {
            let nothing = if comparison.off + comparison.not_asked_for == 0 {
                "No changes."
            } else {
                "No changes that were asked for."
            };
            self.put(0, nothing, Paint::Green);
            self.blank();
        }
        self.not_compared(comparison);
        if let Some(impact) = &comparison.impact {
            self.impact(impact);
        }
        self.counts(comparison);
    }

    fn group(
        &mut self,
        comparison: &JudgedComparison,
        whom: Option<Whom>,
        changes: &[&JudgedChange],
    ) {
        let number = many(changes.len() as u64, "change");
        let (heading, paint) = match whom {
            Some(whom) => {
                let heading = format!("Breaks {}: {} ({number})", people(whom), explained(whom));
                let fails = changes.iter().any(|one| one.standing == Standing::Fails);
                (heading, if fails { Paint::Red } else { Paint::Yellow })
            }
            None => (format!("Safe ({number})"), Paint::Green),
        };
        self.put(0, &heading, paint);
        let most = if whom.is_some() {
            OF_A_SORT
        } else {
            SAFE_OF_A_SORT
        };
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        let mut left: Vec<(&str, usize)> = Vec::new();
        for judged in changes {
            let rule = &*judged.change.rule.id;
            let known = shown.entry(rule).or_default();
            *known += 1;
            if *known <= most {
                self.change(comparison, judged, whom);
                continue;
            }
            match left.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, number)) => *number += 1,
                None => left.push((rule, 1)),
            }
        }
        for (rule, number) in left {
            let text = format!(
                "  … and {} of {rule}; --format json or markdown has all",
                many(number as u64, "more change").replace("more changes", "more")
            );
            self.put(0, &text, Paint::Dim);
        }
        self.blank();
    }

    fn not_compared(&mut self, comparison: &JudgedComparison) {
        if let Some(reason) = &comparison.without_proof {
            self.put(
                0,
                &format!("No records were made to prove it: {reason}"),
                Paint::Dim,
            );
        }
        let not = &comparison.not_compared;
        if !not.is_empty() {
            let text = format!("Not compared ({}):", not.len());
            self.put(0, &text, Paint::Yellow);
            for one in not.iter().take(NOT_COMPARED) {
                let place = match (&*one.origin.file, one.origin.line) {
                    ("", _) => String::new(),
                    (file, 0) => format!("{file}: "),
                    (file, line) => format!("{file}:{line}: "),
                };
                self.put(2, &format!("{place}{}", one.what), Paint::Plain);
            }
            if not.len() > NOT_COMPARED {
                let text = format!("… and {} more", not.len() - NOT_COMPARED);
                self.put(2, &text, Paint::Dim);
            }
        }
        if comparison.without_proof.is_some() || !not.is_empty() {
            self.blank();
        }
    }

    fn impact(&mut self, impact: &Impact) {
        let heading = format!(
            "{} in {}: {} newly rejected, {} newly accepted",
            many(impact.records, "record"),
            many(impact.files, "submission"),
            crate::numbers::count(impact.newly_rejected()),
            crate::numbers::count(impact.newly_accepted()),
        );
        let paint = if impact.newly_rejected() > 0 {
            Paint::Red
        } else {
            Paint::Green
        };
        self.put(0, &heading, paint);
        for one in impact.providers.iter().take(PROVIDERS) {
            let rules: Vec<String> = one
                .rules
                .iter()
                .map(|(rule, records)| format!("{rule} {}", crate::numbers::count(*records)))
                .collect();
            let by = if rules.is_empty() {
                String::new()
            } else {
                format!(" ({})", rules.join(", "))
            };
            let text = format!(
                "{}: {} newly rejected{by}, {} newly accepted",
                one.provider,
                crate::numbers::count(one.newly_rejected),
                crate::numbers::count(one.newly_accepted)
            );
            self.put(2, &text, Paint::Plain);
        }
        if impact.providers.len() > PROVIDERS {
            let more = impact.providers.len() - PROVIDERS;
            self.put(2, &format!("… and {more} more"), Paint::Dim);
        }
        for (file, reason) in &impact.not_read {
            self.put(2, &format!("{file}: not read: {reason}"), Paint::Yellow);
        }
        self.blank();
    }

    fn counts(&mut self, comparison: &JudgedComparison) {
        if comparison.changes.is_empty() && comparison.off + comparison.not_asked_for == 0 {
            return;
        }
        self.put(0, &counts(comparison), Paint::Plain);
        self.blank();
    }

    fn verdict(&mut self, report: &ChangesReport) {
        let failing = report.failing();
        let fail: Vec<&str> = report.fail.iter().map(|whom| people(*whom)).collect();
        let asked = match &fail[..] {
            [] => "nothing fails here".to_owned(),
            fail => format!("what breaks {} fails", fail.join(" or ")),
        };
        let (text, paint) = if failing > 0 {
            let ends = if failing == 1 { "s" } else { "" };
            let number = many(failing as u64, "change");
            (format!("{number} fail{ends} ({asked})."), Paint::Red)
        } else if report.passes() {
            (format!("Passed ({asked})."), Paint::Green)
        } else {
            (format!("Failed by the settings ({asked})."), Paint::Red)
        };
        self.put(0, &text, paint);
    }
}
