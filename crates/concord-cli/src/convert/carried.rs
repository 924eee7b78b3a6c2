//! Records that come as canonical rows already, put into a lake.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};

use concord_convert::fhir::{FhirMapping, FhirSource};
use concord_convert::lake::{How, InputDone, Lake, LakeInput};
use concord_convert::records::RecordSource;
use concord_convert::{Conversion, Converted, OnReject, OutTable, Target};
use concord_finding::{Finding, Summary, Verdict};
use concord_model::entities::ENTITIES;
use concord_read::{Input, Limits, open};

use super::account::{InputAccount, Kind};
use super::checked::{Checked, Done};
use super::settings::personal_partition;
use crate::failure::Failure;
use crate::prepare::Whole;

/// What all places with resources of FHIR share.
pub(super) struct Resources<'r> {
    pub(super) limits: &'r Limits,
    pub(super) lake: &'r Lake,
    pub(super) how: &'r How,
    pub(super) mapping: Option<Arc<FhirMapping>>,
    /// What they are checked with on the way.
    pub(super) checked: &'r Checked<'r>,
}

impl Resources<'_> {
    /// Puts the resources of one place into the lake.
    pub(super) fn input(
        &self,
        number: usize,
        place: &str,
        inputs: &[Input],
    ) -> Result<Done, Failure> {
        let account = InputAccount {
            file: place.to_owned(),
            kind: Kind::Resources,
            ..InputAccount::default()
        };
        let unreadable = |reason: String| {
            Done::of(InputAccount {
                unreadable: Some(reason),
                ..account.clone()
            })
        };
        let mut readers: Vec<(String, Box<dyn Read + Send>)> = Vec::new();
        for input in inputs {
            match open(input, self.limits) {
                Ok(opened) => readers.push((input.name().to_string(), Box::new(opened))),
                Err(error) => return Ok(unreadable(error.to_string())),
            }
        }
        let Some(mapping) = &self.mapping else {
            return Ok(Done::of(account));
        };
        let mut source = match FhirSource::new(readers, Arc::clone(mapping)) {
            Ok(source) => source,
            Err(error) => return Ok(unreadable(error.to_string())),
        };
        let mut judged = Judged::default();
        let carried = carry(
            self.lake,
            number,
            &place.into(),
            self.how,
            &mut source,
            |target| self.check(inputs, target, &mut judged),
        )?;
        match carried {
            Ok((done, records)) => {
                let mut account = InputAccount {
                    verdict: judged.verdict,
                    bytes: judged.bytes,
                    findings: judged.findings,
                    ..account.with_records(records)
                };
                account.rows = done.rows.into_iter().collect();
                Ok(Done {
                    losses: source.into_losses(),
                    rules: judged.rules,
                    ..Done::of(account)
                })
            }
            Err(reason) => Ok(unreadable(reason)),
        }
    }
}

/// What checking the inputs of one place gave.
#[derive(Default)]
struct Judged {
    rules: Summary,
    verdict: Option<Verdict>,
    findings: BTreeMap<&'static str, u64>,
    bytes: u64,
}

impl Resources<'_> {
    /// Checks inputs as `concord check` does, by themselves: their findings go where those of submissions go. What is found
    /// keeps nothing from being converted.
    fn check(
        &self,
        inputs: &[Input],
        target: &LakeInput,
        judged: &mut Judged,
    ) -> Result<(), Failure> {
        let standards = &self.checked.standards;
        let mut standards = standards.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(prepared) = standards.resources()? else {
            return Ok(());
        };
        drop(standards);
        for input in inputs {
            let Ok(whole) = Whole::open(input, self.limits) else {
                // Reading it for the conversion says why.
                continue;
            };
            let rules = &mut judged.rules;
            let mut sink = |finding: Finding| {
                rules.count(&finding);
                target.finding(&finding);
                ControlFlow::Continue(())
            };
            let options = self.checked.options;
            let (summary, _) = whole.checked(&prepared, self.limits, options, &mut sink);
            judged.verdict = judged.verdict.max(Some(summary.verdict));
            judged.bytes += summary.bytes;
            for (effect, count) in summary.findings {
                *judged.findings.entry(effect).or_default() += count;
            }
        }
        Ok(())
    }
}

/// Puts the records of a source into the lake, and counts them; why the source could not be read to its end, if it could
/// not.
fn carry(
    lake: &Lake,
    number: usize,
    name: &Arc<str>,
    how: &How,
    source: &mut dyn RecordSource,
    check: impl FnOnce(&LakeInput) -> Result<(), Failure>,
) -> Result<Result<(InputDone, u64), String>, Failure> {
    let everything = everything();
    let input = LakeInput::new(lake, number, (name, None), &everything, how)
        .map_err(|column| personal_partition(&column))?;
    check(&input)?;
    let mut count = 0;
    loop {
        let records = match source.next() {
            Ok(Some(records)) => records,
            Ok(None) => break,
            Err(reason) => {
                input.abandon()?;
                return Ok(Err(reason));
            }
        };
        count += records.records().count() as u64;
        for (table, entity) in ENTITIES.iter().enumerate() {
            if let Some(rows) = records.table(entity.name) {
                input.rows(table, rows.clone());
            }
        }
        input.between();
    }
    let done = input.complete(&Converted::default(), OnReject::Keep, None)?;
    Ok(Ok((done, count)))
}

/// A conversion into every table of the canonical model, for rows that are made already.
pub(super) fn everything() -> Conversion {
    Conversion {
        tables: ENTITIES
            .iter()
            .map(|entity| OutTable::of_entity(entity))
            .collect(),
        ..Conversion::default()
    }
}
