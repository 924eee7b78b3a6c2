//! What was invoiced: a small CSV that totals are compared with.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use concord_model::decimal::Decimal;
use concord_rules::reconcile::Totals;
use concord_standards::layout::normalised_header;
use concord_standards::reconcile::Role;

use crate::failure::Failure;

/// How rules name it among the data sets.
pub(super) const INVOICE: &str = "invoice";

/// An invoice that has been read.
pub(super) struct Invoice {
    /// Its file.
    pub(super) name: Arc<str>,
    pub(super) totals: Totals,
}

/// Reads an invoice. Its header names what the columns are in totals, in any order; `amount` must be among them, and only
/// what is named is compared.
pub(super) fn read(path: &Path) -> Result<Invoice, Failure> {
    let name: Arc<str> = path.to_string_lossy().into();
    let failed = |error: &dyn std::fmt::Display| Failure::unreadable(format!("{name}: {error}"));
    let bytes = std::fs::read(path).map_err(|error| failed(&error))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(&bytes[..]);
    let header = reader.headers().map_err(|error| failed(&error))?.clone();
    let roles = header
        .iter()
        .map(|header| role(header).ok_or_else(|| wrong_header(&name, header)))
        .collect::<Result<Vec<Role>, Failure>>()?;
    if !roles.contains(&Role::Amount) {
        return Err(wrong_header(&name, ""));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failed(&error))?;
        let line = line_of(&bytes, record.position().map_or(0, csv::Position::byte));
        let values = record.iter().map(str::to_owned);
        let row: BTreeMap<Role, String> = roles.iter().copied().zip(values).collect();
        let amount = row.get(&Role::Amount).map_or("", |amount| amount);
        if Decimal::parse(amount.as_bytes()).is_err() {
            return Err(Failure::usage(
                format!("{name}:{line}: the amount `{amount}` is not a number"),
                "write pounds and pence as 1234.50, without a sign for pounds and without commas",
            ));
        }
        rows.push((line, row));
    }
    let totals = Totals::of_rows(rows.iter().map(|(line, row)| (*line, row)));
    Ok(Invoice { name, totals })
}

/// The line of the record at `byte`, or behind the line end there.
fn line_of(bytes: &[u8], byte: u64) -> u64 {
    let from = usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
    let ends = bytes[from..]
        .iter()
        .take_while(|byte| b"\r\n".contains(byte));
    let before = &bytes[..from + ends.count()];
    1 + String::from_utf8_lossy(before).matches('\n').count() as u64
}

/// The role that a header names, in whatever way it is written.
fn role(header: &str) -> Option<Role> {
    let header = normalised_header(header.trim_start_matches('\u{feff}'));
    let known = |role: &Role| {
        let name = normalised_header(role.as_str());
        header == name || header.strip_prefix("FINANCIAL") == Some(&name)
    };
    Role::ALL.into_iter().find(known)
}

fn wrong_header(name: &str, header: &str) -> Failure {
    let message = match header {
        "" => format!("{name}: no column is called `amount`"),
        header => format!("{name}: the header `{header}` is not known"),
    };
    let words = Role::ALL.map(Role::as_str).join(", ");
    Failure::usage(
        message,
        format!("name the columns of an invoice with some of these: {words}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stand_on_their_lines_whatever_ends_them() {
        for text in ["amount\r\n1\r\n2\r\n", "amount\n1\n2\n"] {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let lines: Vec<u64> = reader
                .records()
                .map(|record| {
                    let record = record.expect("a record");
                    line_of(text.as_bytes(), record.position().expect("a place").byte())
                })
                .collect();
            assert_eq!(lines, [2, 3], "{text:?}");
        }
    }
}
