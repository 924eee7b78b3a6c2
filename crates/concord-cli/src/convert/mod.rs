//! `concord convert`.

mod account;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _, stdout};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use concord_check::{BuiltinRule, CheckedFile, NoRules, Options};
use concord_convert::findings::{self, FINDINGS as FINDINGS_DATASET, FindingRows};
use concord_convert::lake::{Encoder, How, Lake, LakeError, LakeInput, MANIFEST, Partitioning};
use concord_convert::pseudonym::Pseudonymiser;
use concord_convert::{
    Conversion, Converted, Converting, LossReason, Losses, OnReject, mapped, native,
};
use concord_finding::{Effect, Finding, Masking, Summary};
use concord_read::{Input, Limits, ReadError, expand, open};
use concord_rules::Submission;
use concord_standards::definition::{Definition, Mapping};
use concord_standards::registry::Registry;
use rayon::prelude::*;

use crate::arguments::{ConvertArguments, ConvertTo, OnRejectName};
use crate::convert::account::{Account, InputAccount};
use crate::failure::{FINDINGS, Failure, UNREADABLE};
use crate::prepare::{Across, Ask, FIRST, Prepared, Standards, Which, Whole};
use crate::terminal;

/// Converts the inputs and tells what was written and what was lost.
pub(crate) fn run(arguments: &ConvertArguments) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let limits = Limits::default();
    let inputs = expand(&arguments.paths, &limits)?;
    let standards = Standards::new(ask(arguments), &limits)?;
    let threads = arguments
        .threads
        .map_or_else(terminal::threads, usize::from);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::unreadable(format!("threads cannot be started: {error}")))?;
    let lake = Lake::create(&arguments.output)?;
    let run = Run {
        limits: &limits,
        standards: Mutex::new(standards),
        options: Options {
            threads,
            ..Options::default()
        },
        on_reject: on_reject(arguments.on_reject),
        how: how(arguments)?,
        lake: &lake,
    };
    let mut done = pool.install(|| {
        let numbered = inputs.par_iter().enumerate().with_max_len(1);
        numbered
            .map(|(number, input)| run.input(number, input))
            .collect::<Vec<_>>()
    });
    let mut account = Account::default();
    let mut across = Across::default();
    for (number, one) in done.drain(..).enumerate() {
        run.account(number, &inputs[number], one?, &mut account, &mut across)?;
    }
    run.across(inputs.len(), &across, &mut account)?;
    account.summary.seconds = started.elapsed().as_secs_f64();
    finish(arguments, lake, &account)
}

fn ask(arguments: &ConvertArguments) -> Ask<'_> {
    let ConvertTo::Parquet = arguments.to;
    Ask {
        standard: arguments.standard.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        converts: Some(if arguments.native {
            Box::new(|definition, _| Ok(native::native(definition)))
        } else {
            Box::new(to_canonical)
        }),
        ..Ask::default()
    }
}

/// The standard's own mapping to the canonical model.
fn to_canonical(definition: &Definition, registry: &Registry) -> Result<Conversion, Failure> {
    let name = definition.standard.name();
    let mapping = Mapping::load(registry.source(), &definition.standard.folder)?;
    let mapping = mapping.ok_or_else(|| {
        Failure::usage(
            format!("{name} has no mapping to the canonical model"),
            "--native keeps its own tables and columns; a mapping.toml beside its standard.toml would add one",
        )
    })?;
    mapped(definition, &mapping)
        .map_err(|error| Failure::usage(error.to_string(), "`concord standards lint` shows more"))
}

fn on_reject(name: OnRejectName) -> OnReject {
    match name {
        OnRejectName::Keep => OnReject::Keep,
        OnRejectName::Drop => OnReject::Drop,
        OnRejectName::Split => OnReject::Split,
    }
}

fn how(arguments: &ConvertArguments) -> Result<How, Failure> {
    let pseudonymiser = match &arguments.pseudonymise {
        Some(path) => Some(pseudonymiser(path)?),
        None => None,
    };
    Ok(How {
        partition_by: arguments.partition_by.clone(),
        masking: if arguments.show_values && pseudonymiser.is_none() {
            Masking::Revealed
        } else {
            Masking::Masked
        },
        pseudonymiser,
    })
}

/// Reads a key. Nothing of it is ever shown.
fn pseudonymiser(path: &Path) -> Result<Pseudonymiser, Failure> {
    let key = std::fs::read(path).map_err(|error| {
        Failure::usage(
            format!("the key {} cannot be read: {error}", path.display()),
            "name a file that holds the key",
        )
    })?;
    Pseudonymiser::new(&key).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", path.display()),
            "make one, for example with `head -c 32 /dev/urandom | base64`",
        )
    })
}

/// Puts the output in its place, or leaves what stands there, and tells what happened.
fn finish(
    arguments: &ConvertArguments,
    lake: Lake,
    account: &Account,
) -> Result<ExitCode, Failure> {
    let unreadable = account
        .inputs
        .iter()
        .any(|input| input.unreadable.is_some());
    let lossy = arguments.strict && account.has_losses();
    let written = !(lossy || (unreadable && !arguments.skip_unreadable));
    if written {
        lake.file(MANIFEST, &account.json(true))?;
        lake.complete()?;
    }
    let text = match arguments.format {
        crate::arguments::AccountFormat::Human => {
            account.human(&arguments.output, written, arguments.strict)
        }
        crate::arguments::AccountFormat::Json => account.json(written),
    };
    stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::unreadable(format!("the account cannot be written: {error}")))?;
    Ok(ExitCode::from(if unreadable {
        UNREADABLE
    } else if lossy {
        FINDINGS
    } else {
        0
    }))
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        match &error {
            LakeError::Occupied { .. } | LakeError::Partitions { .. } => {
                Self::usage(error.to_string(), "choose another folder or column")
            }
            LakeError::Full { .. } => Self::unreadable(format!(
                "{error}; nothing was changed: free some space, or choose another disk"
            )),
            _ => Self::unreadable(error.to_string()),
        }
    }
}

/// One run over several inputs, which are converted side by side.
struct Run<'r> {
    limits: &'r Limits,
    standards: Mutex<Standards>,
    options: Options,
    on_reject: OnReject,
    how: How,
    lake: &'r Lake,
}

/// What came of an input.
struct Done {
    account: InputAccount,
    rules: Summary,
    losses: Losses,
    /// What it was converted by, and what its rules know, when it was read to its end.
    ended: Option<(Arc<Prepared>, Submission)>,
}

impl Done {
    fn unreadable(input: &Input, reason: String) -> Self {
        Self {
            account: InputAccount {
                file: input.name().to_string(),
                unreadable: Some(reason),
                ..InputAccount::default()
            },
            rules: Summary::default(),
            losses: Losses::default(),
            ended: None,
        }
    }
}

impl Run<'_> {
    fn input(&self, number: usize, input: &Input) -> Result<Done, Failure> {
        let mut opened = match open(input, self.limits) {
            Ok(opened) => opened,
            Err(error) => return Ok(Done::unreadable(input, error.to_string())),
        };
        let mut first = Vec::new();
        if let Err(error) = opened.by_ref().take(FIRST).read_to_end(&mut first) {
            let error = ReadError::from_io(error, input.name());
            return Ok(Done::unreadable(input, error.to_string()));
        }
        let which = {
            let mut standards = self
                .standards
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            standards.of(input.name(), &first)?
        };
        let prepared = match which {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => {
                return Ok(Done::unreadable(input, format!("{reason}; {help}")));
            }
        };
        let Some(conversion) = &prepared.conversion else {
            let reason = "no standard that is known can be told from its content".to_owned();
            return Ok(Done::unreadable(input, reason));
        };
        let whole = Whole {
            name: input.name(),
            first,
            opened,
        };
        self.convert(number, &prepared, conversion, whole)
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
        let target =
            LakeInput::new(self.lake, number, from, conversion, &self.how).map_err(|column| {
                Failure::usage(
                    format!(
                        "the values of {column} identify people, and would become names of folders"
                    ),
                    "choose another column for --partition-by",
                )
            })?;
        let mut rules = Summary::default();
        let mut refused: Vec<Arc<str>> = Vec::new();
        let mut unknown: Option<String> = None;
        let mut sink = |finding: Finding| {
            rules.count(&finding);
            if finding.effect == Effect::RejectFile && !refused.contains(&finding.rule.id) {
                refused.push(Arc::clone(&finding.rule.id));
            }
            if finding.rule.id == BuiltinRule::TableColumnUnknown.rule().id {
                let columns = finding.fact("columns");
                unknown = columns.map(|columns| columns.shown(Masking::Masked));
            }
            target.finding(&finding);
            ControlFlow::Continue(())
        };
        let (checked, submission) = match &prepared.rules {
            Some(own) => {
                let captured = own.plan().groups.len();
                let both = Converting::new(own, captured, conversion, self.on_reject, &target);
                split(whole.check(prepared, &both, self.limits, self.options, &mut sink))
            }
            None => {
                let both = Converting::new(&NoRules, 0, conversion, self.on_reject, &target);
                let (checked, _) =
                    split(whole.check(prepared, &both, self.limits, self.options, &mut sink));
                (checked, None)
            }
        };
        let CheckedFile {
            summary,
            error,
            outcome,
        } = checked;
        let converted = outcome.unwrap_or_default();
        if let Some(reason) = summary
            .unreadable
            .clone()
            .or_else(|| error.map(|error| error.to_string()))
        {
            target.abandon()?;
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
        let mut losses = converted.losses.clone();
        if refused.is_some() && self.on_reject != OnReject::Keep {
            let left = summary.records.records - converted.left_out;
            losses.add(
                &"record".into(),
                LossReason::Rejected,
                left,
            );
        }
        losses.add_detail(
            &"columns that the standard does not have".into(),
            LossReason::NoPlace,
            unknown.as_deref(),
            unknown.as_ref().map_or(0, |_| summary.records.records),
        );
        let written = target.complete(&converted, self.on_reject, refused)?;
        let mut account = InputAccount::of(&summary);
        account.rows = written.rows.into_iter().collect::<BTreeMap<_, _>>();
        Ok(Done {
            account,
            rules,
            losses,
            ended: Some((Arc::clone(prepared), submission.unwrap_or_default())),
        })
    }

    /// Adds what came of an input to the account of the run.
    fn account(
        &self,
        number: usize,
        input: &Input,
        done: Done,
        account: &mut Account,
        across: &mut Across,
    ) -> Result<(), Failure> {
        if let Some((prepared, submission)) = &done.ended {
            across.add(prepared, number, input.name(), submission);
        }
        account.add(done.account, done.rules, done.losses);
        Ok(())
    }

    /// Writes the findings of rules that compare inputs.
    fn across(&self, number: usize, across: &Across, account: &mut Account) -> Result<(), Failure> {
        account.summary.not_run = across.not_run();
        let found = across.findings();
        if found.is_empty() {
            return Ok(());
        }
        let mut rows = FindingRows::new(Masking::Masked);
        for (_, finding) in &found {
            account.summary.count(finding);
            rows.push(finding);
        }
        let encoder = Arc::new(Encoder::default());
        let schema = findings::schema();
        let mut writer = self.lake.dataset(
            FINDINGS_DATASET,
            number,
            schema,
            Partitioning::default(),
            &encoder,
        );
        let batch = rows
            .take()
            .map_err(|error| Failure::unreadable(error.to_string()))?;
        writer.write(batch)?;
        let written = writer.finish()?;
        account.add_rows(FINDINGS_DATASET, written);
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
