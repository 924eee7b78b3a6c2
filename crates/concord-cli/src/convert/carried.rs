//! Records that come as canonical rows already, put into a lake.

use std::io::Read;
use std::sync::Arc;

use concord_convert::fhir::{FhirMapping, FhirSource};
use concord_convert::lake::{How, InputDone, Lake, LakeInput};
use concord_convert::records::RecordSource;
use concord_convert::{Conversion, Converted, OnReject, OutTable, Target};
use concord_model::entities::ENTITIES;
use concord_read::{Input, Limits, open};

use super::account::{InputAccount, Kind};
use super::checked::Done;
use super::settings::personal_partition;
use crate::failure::Failure;

/// What all places with resources of FHIR share.
pub(super) struct Resources<'r> {
    pub(super) limits: &'r Limits,
    pub(super) lake: &'r Lake,
    pub(super) how: &'r How,
    pub(super) mapping: Option<Arc<FhirMapping>>,
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
        match carry(self.lake, number, &place.into(), self.how, &mut source)? {
            Ok((done, records)) => {
                let mut account = account.with_records(records);
                account.rows = done.rows.into_iter().collect();
                Ok(Done {
                    losses: source.into_losses(),
                    ..Done::of(account)
                })
            }
            Err(reason) => Ok(unreadable(reason)),
        }
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
) -> Result<Result<(InputDone, u64), String>, Failure> {
    let everything = Conversion {
        tables: ENTITIES
            .iter()
            .map(|entity| OutTable::of_entity(entity))
            .collect(),
        ..Conversion::default()
    };
    let input = LakeInput::new(lake, number, (name, None), &everything, how)
        .map_err(|column| personal_partition(&column))?;
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
