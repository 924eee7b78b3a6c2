//! One page that needs nothing else: no script, no font, no picture, no network.
//!
//! The account stands first, then the rules broken, then the findings of each rule. The table of rules stands there in
//! three orders; links choose which one shows (`:target`), so that sorting needs no script.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use concord_finding::{Effect, Finding, Masking, RuleCount, RuleId, Summary, Verdict};

use crate::escape::{is_steering, line, markup, stand_in};
use crate::human::snippet::Snippet;
use crate::numbers::{bytes, count, many, seconds};
use crate::output::Output;
use crate::shown::Shown;
use crate::{Reporter, concise, tally};

/// Findings that are shown when nobody says how many: what a browser opens without thinking.
pub(crate) const MOST: u64 = 2_000;
/// Findings of one rule that are shown, so that one rule does not take the room of all.
const OF_RULE: usize = 200;
/// Characters of a line of input.
const WIDTH: usize = 110;

const STYLE: &str = include_str!("html.css");

pub(crate) struct Html {
    masking: Masking,
    out: Output,
    rules: BTreeMap<RuleId, Broken>,
}

/// A rule and the rows of its table.
struct Broken {
    source: String,
    help: Option<String>,
    rows: Vec<String>,
}

impl Html {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            masking,
            out,
            rules: BTreeMap::new(),
        }
    }
}

impl Reporter for Html {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let broken = self
            .rules
            .entry(RuleId::clone(&finding.rule.id))
            .or_insert_with(|| Broken {
                source: finding.source().into_owned(),
                help: None,
                rows: Vec::new(),
            });
        if broken.rows.len() < OF_RULE && self.out.take() {
            let shown = Shown::new(finding, self.masking);
            if broken.help.is_none() {
                broken.help = shown.help().map(Cow::into_owned);
            }
            broken.rows.push(row(&shown));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let summary = self.out.account(summary);
        let page = page(&summary, &self.rules);
        self.out.write_all(page.as_bytes())?;
        self.out.flush()
    }
}

fn page(summary: &Summary, rules: &BTreeMap<RuleId, Broken>) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Concord: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        html(&tally::headline(summary))
    );
    head(&mut page, summary);
    inputs(&mut page, summary);
    if !summary.rules.is_empty() {
        table_of_rules(&mut page, summary);
    }
    for rule in tally::by_gravity(summary) {
        if let Some(broken) = rules.get(rule.rule.as_str()) {
            section(&mut page, rule, broken);
        }
    }
    not_run(&mut page, summary);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Writes to a `String`, which does not fail.
macro_rules! put {
    ($page:expr, $($words:tt)*) => { let _ = write!($page, $($words)*); };
}

fn head(page: &mut String, summary: &Summary) {
    let read = summary.files.iter().map(|file| file.bytes).sum();
    let sum = |of: fn(&concord_finding::RecordCounts) -> u64| -> String {
        count(summary.files.iter().map(|file| of(&file.records)).sum())
    };
    put!(
        page,
        "<header>\n<h1>{}</h1>\n<ul class=\"figures\">",
        html(&tally::headline(summary))
    );
    for (number, what) in [
        (count(summary.files.len() as u64), "inputs"),
        (sum(|records| records.records), "records"),
        (sum(|records| records.accepted), "accepted"),
        (sum(|records| records.rejected), "rejected"),
        (count(summary.findings()), "findings"),
        (count(summary.rules.len() as u64), "rules broken"),
    ] {
        put!(page, "<li><b>{number}</b> {what}</li>");
    }
    put!(
        page,
        "</ul>\n<p class=\"quiet\">{} read in {}.",
        bytes(read),
        seconds(summary.seconds)
    );
    if summary.not_shown > 0 {
        put!(
            page,
            " {} counted and not shown.",
            many(summary.not_shown, "finding")
        );
    }
    page.push_str("</p>\n");
    let told = tally::settings(summary);
    let notices: Vec<String> = summary.notices.iter().map(tally::notice).collect();
    if !told.is_empty() || !notices.is_empty() {
        page.push_str("<ul class=\"told\">");
        for text in told.iter().chain(&notices) {
            put!(page, "<li>{}</li>", html(text));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</header>\n");
}

fn inputs(page: &mut String, summary: &Summary) {
    page.push_str(
        "<section id=\"inputs\">\n<h2>Inputs</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>input</th><th>verdict</th>\
         <th>standard</th><th class=\"n\">records</th><th class=\"n\">accepted</th><th class=\"n\">rejected</th>\
         <th>findings</th></tr></thead>\n<tbody>\n",
    );
    for file in &summary.files {
        let class = match file.verdict {
            Verdict::Accepted => "good",
            Verdict::PartlyAccepted => "warn",
            Verdict::Rejected | Verdict::Unreadable => "bad",
        };
        put!(
            page,
            "<tr><td>{}</td><td><span class=\"tag {class}\">{}</span></td><td>{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
            html(&file.file),
            concise::word(file.verdict),
            html(file.standard.as_deref().unwrap_or_default()),
            count(file.records.records),
            count(file.records.accepted),
            count(file.records.rejected),
            tally::effects(file)
        );
        if let Some(reason) = &file.unreadable {
            put!(
                page,
                "<tr><td></td><td colspan=\"6\">{}</td></tr>\n",
                html(reason)
            );
        }
    }
    page.push_str("</tbody>\n</table></div>\n</section>\n");
}

/// The rules broken, in three orders of which the link that was followed last shows one.
fn table_of_rules(page: &mut String, summary: &Summary) {
    page.push_str("<section id=\"rules\">\n<h2>Rules broken</h2>\n");
    let gravest = tally::by_gravity(summary);
    let mut most = gravest.clone();
    most.sort_by_key(|rule| std::cmp::Reverse(rule.findings));
    let mut named = gravest.clone();
    named.sort_by_key(|rule| &rule.rule);
    // The last is what shows when no link was followed: a style sheet can look back from there, not ahead.
    for (order, rules) in [("most", most), ("named", named), ("gravest", gravest)] {
        put!(
            page,
            "<div class=\"order\" id=\"{order}\">\n<p class=\"sort\">Sorted by "
        );
        for (other, words) in [
            ("gravest", "effect"),
            ("most", "findings"),
            ("named", "rule"),
        ] {
            if other == order {
                put!(page, " <b>{words}</b>");
            } else {
                put!(page, " <a href=\"#{other}\">{words}</a>");
            }
        }
        page.push_str(
            "</p>\n<div class=\"wide\"><table>\n<thead><tr><th class=\"n\">findings</th><th>effect</th><th>rule</th>\
             <th>what</th></tr></thead>\n<tbody>\n",
        );
        for rule in rules {
            put!(
                page,
                "<tr><td class=\"n\">{}</td><td>{}</td><td class=\"id\"><a href=\"#{}\">{}</a></td><td>{}</td></tr>\n",
                count(rule.findings),
                tag(rule.effect),
                anchor(&rule.rule),
                html(&rule.rule),
                html(&rule.title)
            );
        }
        page.push_str("</tbody>\n</table></div>\n</div>\n");
    }
    page.push_str("</section>\n");
}

fn section(page: &mut String, rule: &RuleCount, broken: &Broken) {
    put!(
        page,
        "<section class=\"rule\" id=\"{}\">\n<h2>{} <span class=\"id\">{}</span> {}</h2>\n<p>{}",
        anchor(&rule.rule),
        tag(rule.effect),
        html(&rule.rule),
        html(&rule.title),
        many(rule.findings, "finding")
    );
    if (broken.rows.len() as u64) < rule.findings {
        put!(page, ", {} shown", count(broken.rows.len() as u64));
    }
    page.push_str(". <a href=\"#rules\">All rules</a></p>\n");
    if let Some(help) = &broken.help {
        put!(page, "<p class=\"help\">{}</p>\n", html(help));
    }
    if !broken.source.is_empty() {
        put!(
            page,
            "<p class=\"quiet\">Source: {}</p>\n",
            html(&broken.source)
        );
    }
    if !broken.rows.is_empty() {
        page.push_str(
            "<div class=\"wide\"><table>\n<thead><tr><th>where</th><th>record</th><th>what is wrong</th><th>value</th>\
             <th>expected</th></tr></thead>\n<tbody>\n",
        );
        page.extend(broken.rows.iter().map(String::as_str));
        page.push_str("</tbody>\n</table></div>\n");
    }
    page.push_str("</section>\n");
}

fn row(shown: &Shown<'_>) -> String {
    let finding = shown.finding;
    let mut row = format!("<tr><td class=\"where\">{}", html(&finding.file));
    if let Some(place) = finding.place {
        put!(row, ":{}:{}", place.line, place.column);
    }
    row.push_str("</td><td>");
    if let Some(record) = finding.record {
        put!(row, "{}", count(record));
    }
    if let Some(key) = shown.raw(finding.record_key.as_ref()) {
        put!(row, "<br>{}", html(&key));
    }
    put!(row, "</td><td>{}", html(&shown.message()));
    if let Some(path) = shown.path() {
        put!(row, "<br><span class=\"path\">{}</span>", html(&path));
    }
    if let Some(waived) = &finding.waived {
        let until = format!(
            "waived by {} until {}: {}",
            waived.owner, waived.expires, waived.reason
        );
        put!(row, "<br><span class=\"quiet\">{}</span>", html(&until));
    }
    let value = |fact: Option<Cow<'_, str>>| {
        fact.map_or_else(String::new, |fact| format!("<code>{}</code>", html(&fact)))
    };
    put!(
        row,
        "</td><td>{}</td><td>{}</td></tr>\n",
        value(shown.raw(finding.value.as_ref())),
        value(shown.raw(finding.expected.as_ref()))
    );
    let snippet = finding
        .excerpt
        .as_ref()
        .and_then(|excerpt| Snippet::new(shown, excerpt, WIDTH));
    if let Some(snippet) = snippet {
        let (before, marked, after) = snippet.parts();
        put!(
            row,
            "<tr class=\"excerpt\"><td colspan=\"5\"><pre>{}<mark>{}</mark>{}</pre></td></tr>\n",
            html_lines(before),
            html_lines(marked),
            html_lines(after)
        );
    }
    row
}

fn not_run(page: &mut String, summary: &Summary) {
    if summary.not_run.is_empty() {
        return;
    }
    page.push_str("<section id=\"not-run\">\n<h2>Rules that were not run</h2>\n<ul>\n");
    for not_run in &summary.not_run {
        put!(
            page,
            "<li><span class=\"id\">{}</span> {}</li>\n",
            html(&not_run.rule),
            html(&not_run.reason)
        );
    }
    page.push_str("</ul>\n</section>\n");
}

fn tag(effect: Effect) -> String {
    let class = match effect {
        Effect::Note => "note",
        Effect::Warn => "warn",
        Effect::RejectGroup | Effect::RejectRecord | Effect::RejectFile => "bad",
    };
    format!("<span class=\"tag {class}\">{effect}</span>")
}

/// The name of a rule's section: ids of rules hold letters, digits and hyphens, but whoever writes a definition may think
/// of others.
fn anchor(rule: &str) -> String {
    let mut anchor = String::from("rule-");
    for byte in rule.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            anchor.push(char::from(byte));
        } else {
            put!(anchor, ".{byte:02x}");
        }
    }
    anchor
}

/// Text that no browser obeys, on one line.
fn html(text: &str) -> String {
    markup(&line(text))
}

/// Text of several lines.
fn html_lines(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|character| match character {
            '\n' => '\n',
            character if is_steering(character) => stand_in(character),
            character => character,
        })
        .collect();
    markup(&visible)
}
