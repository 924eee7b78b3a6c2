//! Lists of imaging codes: CSV files with a heading that says which.
//!
//! | heading | holds |
//! |---|---|
//! | `nicip` | codes of the National Interim Clinical Imaging Procedure list |
//! | `snomed` | SNOMED CT codes of imaging |
//! | `nicip` and `snomed` | which code stands for which |
//!
//! Each with `valid_from` and `valid_to`, days that may be left out or blank. Other columns are not looked at.

use std::io::Read;

use super::csv_file::Records;
use super::recognise::{Recognised, Shape};
use super::{Import, Sink};
use crate::dates;
use crate::error::Error;
use crate::manifest::Kind;
use crate::rows::{Cell, Rows};

/// Characters of the longest code.
const LONGEST: usize = 32;

/// Where what stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImagingColumns {
    width: usize,
    nicip: Option<usize>,
    snomed: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
}

impl ImagingColumns {
    /// The columns, when this is the heading of a list of imaging codes.
    pub(super) fn of_heading(cells: &[String]) -> Option<Self> {
        let find = |wanted: &str| {
            let mut names = cells.iter();
            names.position(|name| name.to_ascii_lowercase().replace([' ', '-'], "_") == wanted)
        };
        let columns = Self {
            width: cells.len(),
            nicip: find("nicip"),
            snomed: find("snomed"),
            from: find("valid_from"),
            to: find("valid_to"),
        };
        (columns.nicip.is_some() || columns.snomed.is_some()).then_some(columns)
    }

    /// What the list is, and the name of its source.
    pub(super) fn kind(&self) -> (Kind, &'static str) {
        match (self.nicip, self.snomed) {
            (Some(_), Some(_)) => (Kind::ImagingMap, "nicip-to-snomed"),
            (Some(_), None) => (Kind::ImagingCodes, "nicip"),
            _ => (Kind::ImagingCodes, "imaging-snomed"),
        }
    }
}

pub(super) fn read<R: Read>(recognised: Recognised<R>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let Shape::Imaging(columns) = recognised.shape else {
        unreachable!("lists of imaging codes are recognised by their columns");
    };
    let table: fn(&mut Import) -> &mut Rows = match (columns.nicip, columns.snomed) {
        (Some(_), Some(_)) => |import| &mut import.nicip_to_snomed,
        (Some(_), None) => |import| &mut import.nicip,
        _ => |import| &mut import.imaging_snomed,
    };
    let source = sink.source.name.clone();
    let mut records = Records::new(recognised.reader, columns.width, true);
    while let Some(record) = records.next(sink)? {
        let nicip = record.text(columns.nicip).to_ascii_uppercase();
        let snomed = record.text(columns.snomed);
        let wrong = |column: Option<usize>, code: &str| {
            column.is_some()
                && (code.is_empty() || code.len() > LONGEST || code.contains(char::is_whitespace))
        };
        if wrong(columns.nicip, &nicip) || wrong(columns.snomed, &snomed) {
            let what = "no code, or none that can be; the line is left out";
            sink.problem(record.line, what);
            continue;
        }
        let (from, to) = (record.text(columns.from), record.text(columns.to));
        let days = [&from, &to].map(|text| (dates::day(text), text));
        if let Some((_, text)) = days
            .iter()
            .find(|(day, text)| day.is_none() && !text.is_empty())
        {
            sink.problem(
                record.line,
                &format!("`{text}` is no date; the line is left out"),
            );
            continue;
        }
        let codes = [(columns.nicip, &*nicip), (columns.snomed, &*snomed)];
        let mut codes = codes.iter().filter(|(column, _)| column.is_some());
        let mut cells = Vec::new();
        cells.extend(codes.next().map(|(_, code)| Cell::Text(code)));
        cells.push(Cell::Text(&source));
        cells.extend(codes.next().map(|(_, code)| Cell::Text(code)));
        cells.extend(days.map(|(day, _)| Cell::Date(day)));
        sink.push(table, &cells)?;
        sink.source.imaging_codes += 1;
    }
    sink.source.bytes = records.bytes();
    Ok(())
}
