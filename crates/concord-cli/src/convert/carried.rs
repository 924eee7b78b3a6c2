//! Records that come as canonical rows already, put into a lake.

use std::sync::Arc;

use concord_convert::lake::{How, InputDone, Lake, LakeInput};
use concord_convert::records::RecordSource;
use concord_convert::{Conversion, Converted, OnReject, OutTable, Target};
use concord_model::entities::ENTITIES;

use crate::failure::Failure;

/// Puts the records of a source into the lake; why the source could not be read to its end, if it could not.
pub(super) fn carry(
    lake: &Lake,
    number: usize,
    name: &Arc<str>,
    how: &How,
    source: &mut dyn RecordSource,
) -> Result<Result<InputDone, String>, Failure> {
    let everything = Conversion {
        tables: ENTITIES.iter().map(|entity| OutTable::of_entity(entity)).collect(),
        ..Conversion::default()
    };
    let input = LakeInput::new(lake, number, (name, None), &everything, how)
        .map_err(|column| super::personal_partition(&column))?;
    loop {
        let records = match source.next() {
            Ok(Some(records)) => records,
            Ok(None) => break,
            Err(reason) => {
                input.abandon()?;
                return Ok(Err(reason));
            }
        };
        for (table, entity) in ENTITIES.iter().enumerate() {
            if let Some(rows) = records.table(entity.name) {
                input.rows(table, rows.clone());
            }
        }
        input.between();
    }
    Ok(Ok(input.complete(&Converted::default(), OnReject::Keep, None)?))
}
