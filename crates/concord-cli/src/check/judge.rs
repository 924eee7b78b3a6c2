//! What the user's settings make of findings: waived, known from an earlier run, or a reason to fail.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use concord_finding::{Baseline, Effect, Finding, Notice, NoticeKind, Summary};
use concord_settings::run::{Known, RunError};
use concord_settings::{Rate, Unused, Waiver, Waivers};

use crate::arguments::{CheckArguments, FailOn};
use crate::failure::{FINDINGS, Failure, Report};
use crate::settings::{Loaded, today};

/// Judges the findings of a run as they come.
pub(super) struct Judge<'s> {
    loaded: &'s Loaded,
    waivers: Waivers,
    earlier: Option<(String, Known)>,
    fail_on: FailOn,
    max_rate: Option<Rate>,
    waived: u64,
    persisting: u64,
    new: u64,
    /// The effects of findings that nobody answers for.
    open: BTreeSet<Effect>,
    /// One bit for each record of the current input that such a finding rejects.
    rejected: Vec<u64>,
    /// How many records such findings reject, in the inputs before.
    rejected_before: u64,
}

impl<'s> Judge<'s> {
    /// Reads the earlier run, if there is one to compare with.
    pub(super) fn new(arguments: &CheckArguments, loaded: &'s Loaded) -> Result<Self, Failure> {
        let earlier = match &arguments.baseline {
            Some(file) => Some((file.display().to_string(), earlier(file)?)),
            None => None,
        };
        Ok(Self {
            loaded,
            waivers: Waivers::new(&loaded.settings.waivers, today()),
            earlier,
            fail_on: arguments.fail_on.unwrap_or_default(),
            max_rate: arguments.max_rate,
            waived: 0,
            persisting: 0,
            new: 0,
            open: BTreeSet::new(),
            rejected: Vec::new(),
            rejected_before: 0,
        })
    }

    /// Judges a finding; whether it is to be shown.
    pub(super) fn take(&mut self, finding: &mut Finding) -> bool {
        if let Some(waived) = self.waivers.of(finding) {
            finding.waived = Some(Arc::clone(waived));
            self.waived += 1;
        }
        if let Some((_, known)) = &mut self.earlier {
            if known.meet(finding.fingerprint_number()) {
                self.persisting += 1;
                return false;
            }
            self.new += 1;
        }
        if finding.waived.is_none() {
            self.open.insert(finding.effect);
            if self.max_rate.is_some()
                && finding.effect.rejects_record()
                && let Some(record) = finding.record.and_then(|record| record.checked_sub(1))
            {
                self.reject(record);
            }
        }
        true
    }

    fn reject(&mut self, record: u64) {
        let word = (record / 64) as usize;
        if self.rejected.len() <= word {
            self.rejected.resize(word + 1, 0);
        }
        self.rejected[word] |= 1 << (record % 64);
    }

    /// Takes note that an input has ended.
    pub(super) fn input_ends(&mut self) {
        let bits = self
            .rejected
            .drain(..)
            .map(|word| u64::from(word.count_ones()));
        self.rejected_before += bits.sum::<u64>();
    }

    /// Waivers that hold no more: to be told before anything else.
    pub(super) fn expired(&self) -> Vec<(Report, Notice)> {
        let told = self.waivers.expired().map(|waiver| {
            let message = format!(
                "the waiver of {} expired on {}",
                waiver.scope.rule, waiver.expires
            );
            let help = format!(
                "ask {} for a new date, or take it out; its reason was: {}",
                waiver.waived.owner, waiver.waived.reason
            );
            let report = self
                .loaded
                .report(&message, Some(&help), waiver.rule_span.clone());
            let notice =
                self.loaded
                    .notice(NoticeKind::WaiverExpired, message, waiver.rule_span.start);
            (report, notice)
        });
        told.collect()
    }

    /// Waivers that covered nothing, of those that are about the inputs of this run.
    pub(super) fn unused(&self, summary: &Summary) -> Vec<(Report, Notice)> {
        let inputs = |(waiver, _): &(&Waiver, Unused)| {
            let of = waiver.scope.file.as_ref();
            of.is_none_or(|pattern| summary.files.iter().any(|file| pattern.matches(&file.file)))
        };
        let told = self.waivers.unused().filter(inputs).map(|(waiver, why)| {
            let (more, help) = match why {
                Unused::NothingFound => ("", "take it out when what it was for is put right"),
                Unused::NoProvider => (
                    ": findings of this rule do not say who provided the record",
                    "name the file or the record instead; `provider` under [record] of standard.toml says which element tells",
                ),
            };
            let message = format!("the waiver of {} covered nothing{more}", waiver.scope.rule);
            let span = waiver.rule_span.clone();
            let report = self.loaded.report(&message, Some(help), span).into_warning();
            let notice = self.loaded.notice(NoticeKind::WaiverUnused, message, waiver.rule_span.start);
            (report, notice)
        });
        told.collect()
    }

    /// Says in the account what was made of the findings; the share of rejected records when it is too large.
    pub(super) fn settle(&self, summary: &mut Summary) -> Option<Notice> {
        summary.waived = self.waived;
        summary.baseline = self.earlier.as_ref().map(|(file, known)| Baseline {
            file: file.clone(),
            new: self.new,
            persisting: self.persisting,
            fixed: known.left(),
        });
        let records = summary.files.iter().map(|file| file.records.records).sum();
        let rate = self.max_rate?;
        rate.is_exceeded(self.rejected_before, records)
            .then(|| Notice {
                kind: NoticeKind::RateAbove,
                message: format!(
                    "{} of {} records rejected: {}, and at most {rate} are tolerated",
                    concord_report::count(self.rejected_before),
                    concord_report::count(records),
                    Rate::of(self.rejected_before, records)
                ),
                file: None,
                line: None,
            })
    }

    /// The exit code that findings and settings ask for.
    pub(super) fn exit(&self, summary: &Summary) -> u8 {
        let notices = summary.notices.iter().any(|notice| notice.kind.fails());
        if notices || self.open.iter().any(|effect| self.fails(*effect)) {
            FINDINGS
        } else {
            0
        }
    }

    /// Whether findings of an effect fail the run. Where a share of rejected records is tolerated, that share decides on
    /// what rejects records or parts of them.
    fn fails(&self, effect: Effect) -> bool {
        let by_share = self.max_rate.is_some() && effect.is_reject() && effect < Effect::RejectFile;
        match self.fail_on {
            FailOn::Never => false,
            _ if by_share => false,
            FailOn::Reject => effect.is_reject(),
            FailOn::Warn => effect >= Effect::Warn,
        }
    }
}

/// The findings of an earlier run.
fn earlier(file: &Path) -> Result<Known, Failure> {
    let report = File::open(file).map_err(RunError::Io);
    report
        .and_then(Known::read)
        .map_err(|error| unusable(file, &error))
}

/// A report that cannot stand for a run.
pub(crate) fn unusable(file: &Path, error: &RunError) -> Failure {
    let message = format!("{} is no report to compare with: {error}", file.display());
    match error {
        RunError::Io(_) => Failure::unreadable(message),
        error => Failure::usage(message, error.help()),
    }
}
