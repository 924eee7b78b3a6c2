//! Messages put together: records of stays and patients in the lake, each in the part of the input that its last message
//! stood in.

use std::sync::Arc;

use concord_convert::lake::{How, Lake, LakeInput};
use concord_convert::stays::Stays;
use concord_convert::{Conversion, Converted, OnReject, Target};
use concord_model::entities::ENTITIES;

use super::account::Account;
use super::carried::everything;
use super::settings::personal_partition;
use crate::failure::Failure;

/// Puts the records that messages make into the lake, and accounts for them.
pub(super) fn put_together(
    stays: Stays,
    lake: &Lake,
    how: &How,
    account: &mut Account,
) -> Result<(), Failure> {
    let everything = everything();
    let mut merged = stays.merge()?;
    let mut open: Option<(usize, LakeInput)> = None;
    while let Some(part) = merged.records()? {
        let same = open
            .as_ref()
            .is_some_and(|(number, _)| *number == part.number);
        if !same {
            finish(open.take(), account)?;
            open = Some((
                part.number,
                input(lake, how, &everything, part.number, account)?,
            ));
        }
        let Some((_, input)) = &open else {
            continue;
        };
        for (table, entity) in ENTITIES.iter().enumerate() {
            if let Some(rows) = part.records.table(entity.name) {
                input.rows(table, rows.clone());
            }
        }
        input.chunk_ends();
        input.between();
    }
    finish(open, account)?;
    account.losses.merge(merged.finish()?);
    Ok(())
}

fn input(
    lake: &Lake,
    how: &How,
    everything: &Conversion,
    number: usize,
    account: &Account,
) -> Result<LakeInput, Failure> {
    let input = account.inputs.get(number);
    let file: Arc<str> = input.map_or_else(Arc::default, |input| input.file.as_str().into());
    let standard: Option<Arc<str>> = input
        .and_then(|input| input.standard.as_deref())
        .map(Arc::from);
    LakeInput::new(lake, number, (&file, standard.as_ref()), everything, how)
        .map_err(|column| personal_partition(&column))
}

fn finish(open: Option<(usize, LakeInput)>, account: &mut Account) -> Result<(), Failure> {
    let Some((number, input)) = open else {
        return Ok(());
    };
    let done = input.complete(&Converted::default(), OnReject::Keep, None)?;
    account.losses.merge(done.losses);
    for (dataset, rows) in done.rows {
        account.add_rows(&dataset, rows);
        if let Some(input) = account.inputs.get_mut(number) {
            *input.rows.entry(dataset).or_default() += rows;
        }
    }
    Ok(())
}
