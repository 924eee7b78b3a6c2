//! For people at a terminal: the first findings of each rule in full, the others counted in a table, then the verdicts.

pub(crate) mod snippet;
mod summary;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use concord_finding::{Effect, Finding, RuleId, Summary};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode,
};

use crate::human::snippet::Snippet;
use crate::output::Output;
use crate::shown::Shown;
use crate::{Options, Reporter, escape};

pub(crate) struct Human {
    options: Options,
    out: Output,
    renderer: GraphicalReportHandler,
    /// Findings of each rule so far.
    seen: BTreeMap<RuleId, u64>,
}

impl Human {
    pub(crate) fn new(options: Options, out: Output) -> Self {
        let theme = if options.colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let width = options.width.clamp(40, 200);
        Self {
            renderer: GraphicalReportHandler::new_themed(theme)
                .with_width(width)
                .with_links(false)
                .with_context_lines(1),
            options: Options { width, ..options },
            out,
            seen: BTreeMap::new(),
        }
    }

    fn render(&self, finding: &Finding) -> Result<String, fmt::Error> {
        let shown = Shown::new(finding, self.options.masking);
        // Line number, gutter and frame take up to twelve columns.
        let snippet = finding
            .excerpt
            .as_ref()
            .and_then(|excerpt| Snippet::new(&shown, excerpt, self.options.width - 12));
        let full = Full {
            finding,
            message: escape::line(&shown.message()).into_owned(),
            help: shown.help().map(|help| escape::line(&help).into_owned()),
            label: shown.label().map(|label| escape::line(&label).into_owned()),
            snippet,
        };
        let mut text = String::new();
        self.renderer.render_report(&mut text, &full)?;
        for (name, value) in places(&shown, full.snippet.is_some()) {
            let value = escape::line(&value);
            let lines = wrapped(&value, self.options.width - 8);
            writeln!(text, "{name:>6}: {}", lines.join("\n        "))?;
        }
        text.push('\n');
        Ok(text)
    }
}

/// Where a finding stands beyond its line, and which text says so.
fn places(shown: &Shown<'_>, has_snippet: bool) -> Vec<(&'static str, String)> {
    let finding = shown.finding;
    let mut lines = Vec::new();
    if !has_snippet {
        let place = finding.place.map_or_else(String::new, |place| {
            format!(":{}:{}", place.line, place.column)
        });
        lines.push(("at", format!("{}{place}", finding.file)));
    }
    if let Some(path) = shown.path() {
        lines.push(("path", path.into_owned()));
    }
    if let Some(waived) = &finding.waived {
        let (owner, until, reason) = (&waived.owner, &waived.expires, &waived.reason);
        lines.push(("waived", format!("by {owner} until {until}: {reason}")));
    }
    if let Some(record) = finding.record {
        let key = shown
            .raw(finding.record_key.as_ref())
            .map_or_else(String::new, |key| format!(" ({key})"));
        lines.push((
            "in",
            format!("record {}{key}", crate::numbers::count(record)),
        ));
    }
    let source = finding.source();
    if !source.is_empty() {
        lines.push(("from", source.into_owned()));
    }
    lines
}

/// Lines of at most `width` characters, broken after blanks and slashes only.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in text.split_inclusive([' ', '/']) {
        let length = piece.chars().count();
        if used > 0 && used + piece.trim_end().chars().count() > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
        used += length;
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

impl Reporter for Human {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let seen = self
            .seen
            .entry(RuleId::clone(&finding.rule.id))
            .or_default();
        *seen += 1;
        if *seen > self.options.snippets || !self.out.take() {
            return Ok(());
        }
        let text = self.render(finding).map_err(io::Error::other)?;
        self.out.write_all(text.as_bytes())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let summary = self.out.account(summary);
        summary::write(&mut self.out, &summary, &self.options)?;
        self.out.flush()
    }
}

/// A finding as `miette` sees it.
#[derive(Debug)]
struct Full<'a> {
    finding: &'a Finding,
    message: String,
    help: Option<String>,
    label: Option<String>,
    snippet: Option<Snippet>,
}

impl fmt::Display for Full<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Full<'_> {}

impl Diagnostic for Full<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let standard = self.finding.standard.as_deref().unwrap_or_default();
        let text = format!(
            "{} {} {standard}",
            self.finding.rule.id, self.finding.effect
        );
        Some(Box::new(text.trim_end().to_owned()))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.finding.effect {
            Effect::Note => Severity::Advice,
            Effect::Warn => Severity::Warning,
            Effect::RejectGroup | Effect::RejectRecord | Effect::RejectFile => Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_deref()
            .map(|help| -> Box<dyn fmt::Display> { Box::new(help) })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet
            .as_ref()
            .map(|snippet| -> &dyn SourceCode { snippet })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        let label = LabeledSpan::new(self.label.clone(), snippet.start, snippet.length);
        Some(Box::new(std::iter::once(label)))
    }
}
