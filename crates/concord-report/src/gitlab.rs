//! A code quality report of GitLab: a JSON array of issues.
//!
//! GitLab drops all but one of the issues that share a fingerprint, so that a second finding of one fingerprint gets one
//! that says which it is. What is left out is an issue too.
//!
//! Fields: GitLab Docs, "Code Quality report format".

use std::collections::HashMap;
use std::io::{self, Write};

use concord_finding::{Effect, Finding, Masking, Notice, Summary};
use serde::Serialize;

use crate::numbers::many;
use crate::output::Output;
use crate::shown::Shown;
use crate::{Reporter, line, uri};

/// Issues that are written when nobody says how many: a merge request shows a few.
pub(crate) const MOST: u64 = 5_000;

pub(crate) struct Gitlab {
    masking: Masking,
    out: Output,
    begun: bool,
    /// How often each fingerprint has been written.
    seen: HashMap<u64, u64>,
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

impl Gitlab {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            masking,
            out,
            begun: false,
            seen: HashMap::new(),
        }
    }

    fn issue(&mut self, issue: &Issue<'_>) -> io::Result<()> {
        self.out
            .write_all(if self.begun { b",\n" } else { b"[\n" })?;
        self.begun = true;
        self.out.piece(|out| line::value(out, issue))
    }

    fn notice(&mut self, notice: &Notice) -> io::Result<()> {
        let file = notice.file.as_deref().unwrap_or("concord.toml");
        let at = notice.line.unwrap_or(1);
        self.issue(&Issue {
            description: &notice.message,
            check_name: notice.kind.as_str(),
            fingerprint: &format!("{}-{at}", notice.kind.as_str()),
            severity: if notice.kind.fails() {
                "blocker"
            } else {
                "minor"
            },
            location: Location {
                path: &uri::path(file),
                lines: Lines { begin: at },
            },
        })
    }
}

impl Reporter for Gitlab {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.out.take() {
            return Ok(());
        }
        let seen = self.seen.entry(finding.fingerprint_number()).or_default();
        *seen += 1;
        let fingerprint = match *seen {
            1 => finding.fingerprint(),
            which => format!("{}-{which}", finding.fingerprint()),
        };
        let message = Shown::new(finding, self.masking).message();
        let description = match &finding.waived {
            Some(waived) => format!(
                "{message} (waived by {} until {})",
                waived.owner, waived.expires
            ),
            None => message,
        };
        self.issue(&Issue {
            description: &description,
            check_name: &finding.rule.id,
            fingerprint: &fingerprint,
            severity: match finding.effect {
                _ if finding.waived.is_some() => "info",
                Effect::Note => "info",
                Effect::Warn => "minor",
                Effect::RejectGroup => "major",
                Effect::RejectRecord => "critical",
                Effect::RejectFile => "blocker",
            },
            location: Location {
                path: &uri::path(&finding.file),
                lines: Lines {
                    begin: finding.place.map_or(1, |place| place.line.max(1)),
                },
            },
        })
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let summary = self.out.account(summary);
        for notice in &summary.notices {
            self.notice(notice)?;
        }
        let inputs = summary.files.iter();
        for (file, reason) in
            inputs.filter_map(|file| Some((&file.file, file.unreadable.as_ref()?)))
        {
            self.issue(&Issue {
                description: &format!("the input cannot be read to its end: {reason}"),
                check_name: "unreadable",
                fingerprint: &format!("unreadable-{file}"),
                severity: "blocker",
                location: Location {
                    path: &uri::path(file),
                    lines: Lines { begin: 1 },
                },
            })?;
        }
        if summary.not_shown > 0 {
            let file = summary.files.first().map_or("-", |file| &file.file);
            let more = many(summary.not_shown, "more finding");
            self.issue(&Issue {
                description: &format!(
                    "{more} counted and left out; --max-findings says how many are shown"
                ),
                check_name: "not-shown",
                fingerprint: "not-shown",
                severity: "info",
                location: Location {
                    path: &uri::path(file),
                    lines: Lines { begin: 1 },
                },
            })?;
        }
        self.out
            .write_all(if self.begun { b"\n]\n" } else { b"[]\n" })?;
        self.out.flush()
    }
}
