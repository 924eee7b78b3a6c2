//! Organisations as they stand on the day that a report is about.

use std::collections::BTreeSet;
use std::path::Path;

use concord_practice::{Report, Table};
use concord_reference::{Error, ErrorKind, ReferenceData, Standing};
use jiff::civil::Date;

use super::failed;
use super::gathered::Gathered;
use crate::failure::Failure;
use crate::reference;

/// The table, and what it says of an organisation.
const TABLE: &str = "organisation_at";
const COLUMNS: [&str; 8] = [
    "code",
    "name",
    "postcode",
    "standing",
    "successor",
    "commissioner",
    "commissioner_name",
    "commissioner_successor",
];

/// Looks up the organisations that a report asks for, and says what it could not.
pub(super) fn add(
    gathered: &mut Gathered,
    report: &Report,
    folder: Option<&Path>,
    as_at: Date,
) -> Result<String, Failure> {
    // Of what is looked up nothing is known yet.
    gathered.insert(TABLE, Table::of_texts(&COLUMNS, &[]));
    let Some(sql) = &report.organisations else {
        return Ok(String::new());
    };
    let data = match ReferenceData::open(reference::folder(folder)?) {
        Ok(data) => data,
        Err(error)
            if folder.is_none()
                && !report.needs_reference
                && matches!(error.kind(), ErrorKind::Absent { .. }) =>
        {
            return Ok("without reference data: practices and commissioners have no more than what is stated\n".to_owned());
        }
        Err(error) => return Err(error.into()),
    };
    let mut codes = BTreeSet::new();
    let asked = gathered.tables.select(sql).and_then(|answer| {
        answer.each_row(&mut |row| {
            codes.extend(row.first().copied().flatten().map(str::to_owned));
        })
    });
    asked.map_err(|error| failed(&report.name, None, &error))?;
    let mut rows = Vec::new();
    for code in &codes {
        rows.extend(row(&data, code, as_at)?);
    }
    gathered.insert(TABLE, Table::of_texts(&COLUMNS, &rows));
    Ok(String::new())
}

/// What is known of an organisation; none when nothing is. One that has closed has the commissioner of the one in its place.
fn row(data: &ReferenceData, code: &str, day: Date) -> Result<Option<Vec<String>>, Error> {
    let (standing, known, successor) = match data.standing(code, day)? {
        Standing::Unknown => return Ok(None),
        Standing::NotYet(known) => ("not yet open", known, None),
        Standing::Live(known) => ("open", known, None),
        Standing::Closed(known, successor) => ("closed", known, successor),
    };
    let own = data.commissioner_at(known.code(), day)?;
    let commissioner = match (own, &successor) {
        (None, Some(successor)) => data.commissioner_at(successor.code(), day)?,
        _ => own,
    };
    let (mut name, mut in_its_place) = ("", None);
    if let Some(commissioner) = commissioner {
        name = data
            .organisation(commissioner)?
            .map_or("", |known| known.name());
        in_its_place = data
            .successor_at(commissioner, day)?
            .filter(|live| live.code() != commissioner);
    }
    let texts = [
        code,
        known.name(),
        known.postcode(),
        standing,
        successor.map_or("", |successor| successor.code()),
        commissioner.unwrap_or_default(),
        name,
        in_its_place.map_or("", |live| live.code()),
    ];
    Ok(Some(texts.map(str::to_owned).to_vec()))
}
