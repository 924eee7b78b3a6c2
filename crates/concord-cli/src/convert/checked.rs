//! Inputs that are read, checked and put into a lake, side by side.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use concord_check::{BuiltinRule, CheckedFile, NoRules, Options};
use concord_convert::findings::{self, FINDINGS, FindingRows};
use concord_convert::lake::{Encoder, How, Lake, LakeInput, Partitioning};
use concord_convert::stays::{Stays, Taking};
use concord_convert::{Conversion, Converted, Converting, LossReason, Losses, OnReject};
use concord_finding::{Effect, Finding, Masking, Summary};
use concord_read::{Input, Limits};
use concord_rules::Submission;

use super::account::{Account, InputAccount};
use crate::failure::Failure;
use crate::prepare::{Across, Prepare, Prepared, Standards, Which, Whole};

/// What all inputs share.
pub(super) struct Checked<'r> {
    pub(super) limits: &'r Limits,
    pub(super) standards: Mutex<Standards>,
    pub(super) options: Options,
    pub(super) on_reject: OnReject,
    pub(super) how: How,
    pub(super) lake: &'r Lake,
    /// Takes what messages say.
    pub(super) stays: Stays,
}

/// What an input turned out to be.
pub(super) enum Found<'i> {
    /// What follows a standard, and was converted, or not for a reason that is told.
    Done(Box<Done>),
    /// Resources of FHIR, of which no byte that was read is gone.
    Resources(Box<Whole<'i>>),
}

impl From<Done> for Found<'_> {
    fn from(done: Done) -> Self {
        Self::Done(Box::new(done))
    }
}

/// What came of an input.
pub(super) struct Done {
    pub(super) account: InputAccount,
    pub(super) rules: Summary,
    pub(super) losses: Losses,
    /// What it was converted by, and what its rules know, when it was read to its end.
    pub(super) ended: Option<(Arc<Prepared>, Submission)>,
}

impl Done {
    /// What needs no more than its account.
    pub(super) fn of(account: InputAccount) -> Self {
        Self {
            account,
            rules: Summary::default(),
            losses: Losses::default(),
            ended: None,
        }
    }

    /// What has no rules that compare it with other inputs.
    pub(super) fn of_rules(account: InputAccount, rules: Summary) -> Self {
        Self {
            rules,
            ..Self::of(account)
        }
    }

    fn unreadable(input: &Input, reason: String) -> Self {
        Self::of(InputAccount {
            file: input.name().to_string(),
            unreadable: Some(reason),
            ..InputAccount::default()
        })
    }
}

impl Checked<'_> {
    /// Puts an input into the lake.
    pub(super) fn input<'i>(&self, number: usize, input: &'i Input) -> Result<Found<'i>, Failure> {
        let whole = match Whole::open(input, self.limits) {
            Ok(whole) if whole.first.is_empty() => {
                return Ok(Done::unreadable(input, "it is empty".to_owned()).into());
            }
            Ok(whole) => whole,
            Err(error) => return Ok(Done::unreadable(input, error.to_string()).into()),
        };
        let which = {
            let mut standards = self
                .standards
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            standards.of(input.name(), &whole.first)?
        };
        let prepared = match which {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => {
                return Ok(Done::unreadable(input, format!("{reason}; {help}")).into());
            }
        };
        if matches!(prepared.plan, Prepare::Resources(_)) {
            return Ok(Found::Resources(Box::new(whole)));
        }
        let Some(conversion) = &prepared.conversion else {
            let reason = "no standard that is known can be told from its content";
            return Ok(Done::unreadable(input, reason.to_owned()).into());
        };
        self.convert(number, &prepared, conversion, whole)
            .map(Found::from)
    }

    fn convert(
        &self,
        number: usize,
        prepared: &Arc<Prepared>,
        conversion: &Conversion,
        whole: Whole<'_>,
    ) -> Result<Done, Failure> {
        let name = Arc::clone(whole.name);
        let from = (&name, prepared.plan.standard());
        let target = LakeInput::new(self.lake, number, from, conversion, &self.how)
            .map_err(|column| super::settings::personal_partition(&column))?;
        let mut rules = Summary::default();
        let mut refused: Vec<Arc<str>> = Vec::new();
        let mut unknown: Option<String> = None;
        let mut repeated: Vec<String> = Vec::new();
        let mut sink = |finding: Finding| {
            rules.count(&finding);
            if finding.effect == Effect::RejectFile && !refused.contains(&finding.rule.id) {
                refused.push(Arc::clone(&finding.rule.id));
            }
            if finding.rule.id == BuiltinRule::TableColumnUnknown.rule().id {
                let columns = finding.fact("columns");
                unknown = columns.map(|columns| columns.shown(Masking::Masked));
            }
            if finding.rule.id == BuiltinRule::TableColumnRepeated.rule().id {
                let column = finding.value.as_ref();
                repeated.extend(column.map(|column| column.shown(Masking::Masked)));
            }
            target.finding(&finding);
            ControlFlow::Continue(())
        };
        let taking = if conversion.staged {
            let standard = prepared.plan.standard();
            Taking::Stays(self.stays.input(number, standard, conversion, &target))
        } else {
            Taking::Lake(&target)
        };
        let (checked, submission) = if let Some(own) = &prepared.rules {
            let both = Converting::new(own, conversion, self.on_reject, &taking);
            split(whole.check(prepared, &both, self.limits, self.options, &mut sink))
        } else {
            let both = Converting::new(&NoRules, conversion, self.on_reject, &taking);
            let (checked, _) =
                split(whole.check(prepared, &both, self.limits, self.options, &mut sink));
            (checked, None)
        };
        let CheckedFile {
            summary,
            error,
            outcome,
        } = checked;
        drop(taking);
        let converted = outcome.unwrap_or_default();
        if let Some(reason) = summary
            .unreadable
            .clone()
            .or_else(|| error.map(|error| error.to_string()))
        {
            target.abandon()?;
            self.stays.forget(number);
            let mut account = InputAccount::of(&summary);
            account.unreadable = Some(reason);
            return Ok(Done {
                account,
                rules,
                losses: Losses::default(),
                ended: None,
            });
        }
        let refused = (!refused.is_empty()).then_some((Effect::RejectFile, refused));
        let whole = refused.is_some();
        self.stays
            .leave_out(number, &converted, self.on_reject, whole);
        let mut losses = converted.losses.clone();
        if self.on_reject != OnReject::Keep {
            // The other records of a refused input, or those found to be rejected when their rows had been written.
            let left = if refused.is_some() {
                summary.records.records
            } else {
                summary.records.rejected
            };
            let left = left.saturating_sub(converted.left_out);
            losses.add(&"record".into(), LossReason::Rejected, left);
        }
        losses.add_detail(
            &"columns that the standard does not have".into(),
            LossReason::NoPlace,
            unknown.as_deref(),
            unknown.as_ref().map_or(0, |_| summary.records.records),
        );
        let converted_records = if whole && self.on_reject != OnReject::Keep {
            0
        } else {
            summary.records.records - converted.left_out.min(summary.records.records)
        };
        for column in repeated {
            losses.add(&column.into(), LossReason::Several, converted_records);
        }
        let written = target.complete(&converted, self.on_reject, refused.as_ref())?;
        losses.merge(written.losses);
        let mut account = InputAccount::of(&summary);
        account.rows = written.rows.into_iter().collect::<BTreeMap<_, _>>();
        Ok(Done {
            account,
            rules,
            losses,
            ended: Some((Arc::clone(prepared), submission.unwrap_or_default())),
        })
    }

    /// Writes the findings of rules that compare inputs.
    pub(super) fn across(
        &self,
        number: usize,
        across: &mut Across,
        account: &mut Account,
    ) -> Result<(), Failure> {
        let found = across.findings();
        account.summary.not_run = across.not_run();
        if found.is_empty() {
            return Ok(());
        }
        let mut rows = FindingRows::new(Masking::Masked, self.how.pseudonymiser.clone());
        for (_, finding) in &found {
            account.summary.count(finding);
            rows.push(finding);
        }
        let encoder = Arc::new(Encoder::default());
        let schema = findings::schema();
        let mut writer =
            self.lake
                .dataset(FINDINGS, number, schema, Partitioning::default(), &encoder);
        let batch = rows
            .take()
            .map_err(|error| Failure::unreadable(error.to_string()))?;
        writer.write(batch)?;
        let written = writer.finish()?;
        account.add_rows(FINDINGS, written);
        Ok(())
    }
}

/// What a check with a conversion gives, apart.
fn split<O>(checked: CheckedFile<(O, Converted)>) -> (CheckedFile<Converted>, Option<O>) {
    let (rules, converted) = match checked.outcome {
        Some((rules, converted)) => (Some(rules), Some(converted)),
        None => (None, None),
    };
    let checked = CheckedFile {
        summary: checked.summary,
        error: checked.error,
        outcome: converted,
    };
    (checked, rules)
}
