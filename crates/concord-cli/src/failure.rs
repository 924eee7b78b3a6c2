//! Why the command could not do what it was asked: what happened, where, what to do, and the exit code for it.

use std::fmt;
use std::io::Write as _;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Arc;

use concord_read::ReadError;
use concord_report::harmless;
use concord_standards::definition::{DefinitionErrors, Problem, Severity};
use concord_standards::registry::RegistryError;
use concord_standards::xsd::XsdErrors;
use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode};

use crate::terminal;

/// Findings at or above `--fail-on`.
pub(crate) const FINDINGS: u8 = 1;
/// Wrong usage, a bad definition or bad configuration.
pub(crate) const USAGE: u8 = 2;
/// The input could not be read to its end.
pub(crate) const UNREADABLE: u8 = 3;

/// A failure of the tool, never of the data.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: u8,
    reports: Vec<Report>,
}

/// One thing to tell.
#[derive(Debug)]
pub(crate) struct Report {
    message: String,
    help: Option<String>,
    severity: Severity,
    place: Option<(NamedSource<Arc<str>>, Range<usize>)>,
}

impl Failure {
    /// Wrong usage.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            exit: USAGE,
            reports: vec![Report::new(message, Some(help.into()))],
        }
    }

    /// Data that is not what it must be, so that nothing was done with it.
    pub(crate) fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            exit: FINDINGS,
            ..Self::usage(message, help)
        }
    }

    /// An input or output that failed.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self {
            exit: UNREADABLE,
            reports: vec![Report::new(message, None)],
        }
    }

    /// Several problems of definitions.
    pub(crate) fn definition(reports: Vec<Report>) -> Self {
        Self {
            exit: USAGE,
            reports,
        }
    }

    /// The failure as people see it.
    pub(crate) fn render(&self, text: &mut String) {
        for report in &self.reports {
            report.render(text);
        }
    }

    /// Writes the failure to standard error and gives its exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let mut text = String::new();
        self.render(&mut text);
        // There is nowhere left to tell that standard error cannot be written.
        let _ = std::io::stderr().write_all(text.as_bytes());
        ExitCode::from(self.exit)
    }
}

impl Report {
    pub(crate) fn new(message: impl Into<String>, help: Option<String>) -> Self {
        Self {
            message: harmless_lines(&message.into()),
            help: help.map(|help| harmless_lines(&help)),
            severity: Severity::Error,
            place: None,
        }
    }

    /// As something that fails nothing.
    pub(crate) fn into_warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// With a part of a file to show.
    pub(crate) fn at(mut self, file: &str, text: Arc<str>, span: Range<usize>) -> Self {
        self.place = Some((NamedSource::new(file, text), span));
        self
    }

    /// As `miette` shows it.
    pub(crate) fn render(&self, text: &mut String) {
        let renderer = GraphicalReportHandler::new_themed(terminal::theme())
            .with_width(terminal::width())
            .with_links(false);
        if renderer.render_report(text, self).is_err() {
            text.push_str(&self.message);
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }

    /// A problem of a definition, with the lines that it is about.
    pub(crate) fn problem(problem: &Problem, text: Option<&str>) -> Self {
        let report = Self {
            severity: problem.severity,
            ..Self::new(problem.message.clone(), problem.help.clone())
        };
        match text {
            Some(text) if problem.line > 0 && problem.span.end <= text.len() => {
                report.at(&problem.file, text.into(), problem.span.clone())
            }
            _ => Self {
                message: format!("{}: {}", problem.file, problem.message),
                ..report
            },
        }
    }
}

/// Names of files and elements come from outside, and must not steer the terminal.
fn harmless_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(harmless).collect();
    lines.join("\n")
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self {
            exit: if error.is_usage() { USAGE } else { UNREADABLE },
            reports: vec![Report::new(error.to_string(), error.help().map(Into::into))],
        }
    }
}

impl From<DefinitionErrors> for Failure {
    fn from(errors: DefinitionErrors) -> Self {
        let report = |problem: &Problem| {
            Report::problem(problem, errors.files.get(&problem.file).map(|text| &**text))
        };
        Self::definition(errors.problems.iter().map(report).collect())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Definition(errors) => errors.into(),
            other => Self::usage(
                other.to_string(),
                "`concord standards list` shows every standard that is known",
            ),
        }
    }
}

impl From<XsdErrors> for Failure {
    fn from(errors: XsdErrors) -> Self {
        Self::definition(
            errors
                .iter()
                .map(|error| Report::new(error.to_string(), None))
                .collect(),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_deref()
            .map(|help| -> Box<dyn fmt::Display> { Box::new(help) })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place
            .as_ref()
            .map(|(source, _)| -> &dyn SourceCode { source })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.place.as_ref()?;
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}
