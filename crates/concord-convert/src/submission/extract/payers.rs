//! Which commissioners get which rows.
//!
//! Whoever pays for a part of a unit (a referral) gets all that leads to it, the patient, and what stands with the patient. Rows that
//! lead neither to a unit nor to a patient go to the commissioner whom they name; where they have no place for one (the header, staff,
//! wards), to all. Source: public code of the national pipeline (NHS England, Reusable Code Library): reasons for access.

use std::borrow::Cow;
use std::collections::BTreeMap;

use concord_standards::submission::Submission;

use super::kin::{Kin, Wanted};
use super::layout::{Named, Split, When};
use super::stored::{Stored, Texts};
use crate::lake::LakeError;

/// The most characters of a code of an organisation; what is longer is none.
const MOST: usize = 12;

/// Commissioners by the rows that they pay for.
pub(super) struct Payers<'s> {
    split: &'s Split,
    codes: Vec<String>,
    of_unit: Vec<Vec<u16>>,
    of_patient: Vec<Vec<u16>>,
    everybody: Vec<u16>,
    /// The reporting period, as texts.
    period: Option<(String, String)>,
    seats: Vec<Seat>,
}

/// Where it is said who gets the rows of a table.
enum Seat {
    /// At the row itself, which is a unit or a patient.
    Unit,
    Patient,
    /// At the unit or the patient that it leads to.
    ToUnit(Vec<usize>),
    ToPatient(Vec<usize>),
    /// In these columns of the row.
    Named(Vec<Named>),
    /// Nowhere.
    Everybody,
}

impl<'s> Payers<'s> {
    /// What must be kept of rows to tell.
    pub(super) fn wanted(split: &Split, submission: &Submission, wanted: &mut Wanted) {
        for table in 0..submission.tables.len() {
            match seat(split, submission, table) {
                Seat::ToUnit(path) | Seat::ToPatient(path) => {
                    wanted.add(submission, table, &path, None);
                }
                _ => {}
            }
        }
        if let Some(path) = submission.path(split.unit, split.patient) {
            wanted.add(submission, split.unit, &path, None);
        }
    }

    /// Finds out who pays for what.
    pub(super) fn find(
        split: &'s Split,
        submission: &Submission,
        (stored, kin): (&Stored, &Kin<'_>),
        period: Option<(String, String)>,
    ) -> Result<Self, LakeError> {
        let tables = 0..submission.tables.len();
        let mut payers = Self {
            split,
            codes: Vec::new(),
            of_unit: vec![Vec::new(); stored.rows(split.unit)? as usize],
            of_patient: vec![Vec::new(); stored.rows(split.patient)? as usize],
            everybody: Vec::new(),
            period,
            seats: tables.map(|table| seat(split, submission, table)).collect(),
        };
        let mut known: BTreeMap<String, u16> = BTreeMap::new();
        for named in &split.named {
            payers.named(named, submission, (stored, kin), &mut known)?;
        }
        for rows in &mut payers.of_unit {
            rows.sort_unstable();
            rows.dedup();
        }
        payers.patients(submission, stored, kin)?;
        payers.everybody = (0..payers.codes.len() as u16).collect();
        Ok(payers)
    }

    fn named(
        &mut self,
        named: &Named,
        submission: &Submission,
        (stored, kin): (&Stored, &Kin<'_>),
        known: &mut BTreeMap<String, u16>,
    ) -> Result<(), LakeError> {
        let all: Vec<usize> = (0..submission.tables[named.table].columns.len()).collect();
        let path = submission.path(named.table, self.split.unit);
        let mut number = 0;
        stored.each(named.table, &all, &mut |rows| {
            for row in 0..rows.rows() {
                let own = number;
                number += 1;
                let Some(code) = self.pays(named, rows, row) else {
                    continue;
                };
                let next = known.len();
                let Ok(next) = u16::try_from(next) else {
                    continue;
                };
                let code = *known.entry(code.clone()).or_insert_with(|| {
                    self.codes.push(code);
                    next
                });
                let unit = if named.table == self.split.unit {
                    Some(own)
                } else {
                    let cell = |column| rows.text(row, column).unwrap_or_default();
                    let path = path.as_deref();
                    path.and_then(|path| kin.up(named.table, path, cell))
                        .map(|unit| unit as usize)
                };
                if let Some(payers) = unit.and_then(|unit| self.of_unit.get_mut(unit)) {
                    payers.push(code);
                }
            }
            Ok(())
        })
    }

    /// The commissioner whom a row names, if that one pays in the reporting period.
    fn pays(&self, named: &Named, rows: &Texts, row: usize) -> Option<String> {
        let text = |column| rows.text(row, column).unwrap_or_default();
        let code = code(text(named.column))?;
        let day = |column| text(column).get(..10).unwrap_or_default();
        let meets = match &named.when {
            When::Always => true,
            When::On(column) => {
                let (start, end) = self.period.as_ref()?;
                let day = day(*column);
                start.as_str() <= day && day <= end.as_str()
            }
            When::Meets(from, to) => {
                let (start, end) = self.period.as_ref()?;
                let (from, to) = (day(*from), day(*to));
                let open = to.is_empty();
                !from.is_empty() && from <= end.as_str() && (open || to >= start.as_str())
            }
        };
        meets.then_some(code)
    }

    /// Whoever pays for a unit of a patient gets the patient.
    fn patients(
        &mut self,
        submission: &Submission,
        stored: &Stored,
        kin: &Kin<'_>,
    ) -> Result<(), LakeError> {
        let unit = self.split.unit;
        let Some(path) = submission.path(unit, self.split.patient) else {
            return Ok(());
        };
        let all: Vec<usize> = (0..submission.tables[unit].columns.len()).collect();
        let mut number = 0;
        stored.each(unit, &all, &mut |rows| {
            for row in 0..rows.rows() {
                let cell = |column| rows.text(row, column).unwrap_or_default();
                let patient = kin.up(unit, &path, cell);
                let patient = patient.and_then(|row| self.of_patient.get_mut(row as usize));
                if let (Some(patient), Some(payers)) = (patient, self.of_unit.get(number)) {
                    patient.extend(payers);
                }
                number += 1;
            }
            Ok(())
        })?;
        for payers in &mut self.of_patient {
            payers.sort_unstable();
            payers.dedup();
        }
        Ok(())
    }

    /// Who gets a row of a table; nobody where no commissioner is known.
    pub(super) fn of(
        &self,
        table: usize,
        number: usize,
        (rows, row): (&Texts, usize),
        kin: &Kin<'_>,
    ) -> Vec<Cow<'_, str>> {
        let cell = |column| rows.text(row, column).unwrap_or_default();
        let none: &[u16] = &[];
        let at = |of: &'_ [Vec<u16>], row: usize| of.get(row).cloned().unwrap_or_default();
        let above = |of: &[Vec<u16>], path: &[usize]| {
            let row = kin.up(table, path, cell);
            row.map_or_else(|| none.to_vec(), |row| at(of, row as usize))
        };
        let payers = match self.seats.get(table) {
            Some(Seat::Unit) => at(&self.of_unit, number),
            Some(Seat::Patient) => at(&self.of_patient, number),
            Some(Seat::ToUnit(path)) => above(&self.of_unit, path),
            Some(Seat::ToPatient(path)) => above(&self.of_patient, path),
            Some(Seat::Named(named)) => {
                let codes = named.iter().filter_map(|named| self.pays(named, rows, row));
                return codes.map(Cow::Owned).collect();
            }
            Some(Seat::Everybody) | None => self.everybody.clone(),
        };
        let code = |payer: u16| self.codes.get(usize::from(payer));
        payers
            .into_iter()
            .filter_map(code)
            .map(|code| Cow::Borrowed(code.as_str()))
            .collect()
    }
}

fn seat(split: &Split, submission: &Submission, table: usize) -> Seat {
    if table == split.unit {
        return Seat::Unit;
    }
    if table == split.patient {
        return Seat::Patient;
    }
    if let Some(path) = submission.path(table, split.unit) {
        return Seat::ToUnit(path);
    }
    if let Some(path) = submission.path(table, split.patient) {
        return Seat::ToPatient(path);
    }
    let named = split.named.iter().filter(|named| named.table == table);
    let named: Vec<Named> = named.cloned().collect();
    if named.is_empty() {
        Seat::Everybody
    } else {
        Seat::Named(named)
    }
}

/// A code of an organisation, in capitals; what has other characters than letters and digits is none.
fn code(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = !text.is_empty()
        && text.len() <= MOST
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_code_becomes_no_folder() {
        assert_eq!(code(" 15n "), Some("15N".to_owned()));
        for text in ["", "..", "a/b", "15N\0", "ABCDEFGHIJKLM", "é1"] {
            assert_eq!(code(text), None, "{text}");
        }
    }
}
