//! `epcmem.csv`: which commissioner a practice belonged to, and when.

use std::io::Read;

use super::Sink;
use super::csv_file::Records;
use super::recognise::{MEMBERSHIP_WIDTH, Recognised, is_code};
use crate::dates;
use crate::error::Error;
use crate::rows::Cell;

pub(super) fn read<R: Read>(recognised: Recognised<R>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let mut records = Records::new(recognised.reader, MEMBERSHIP_WIDTH, false);
    while let Some(record) = records.next(sink)? {
        let (practice, commissioner) = (record.text(Some(0)), record.text(Some(1)));
        let (from, to) = (record.text(Some(3)), record.text(Some(4)));
        let (start, end) = (dates::day(&from), dates::day(&to));
        if !is_code(&practice) || !is_code(&commissioner) || start.is_none() {
            sink.problem(
                record.line,
                &format!("`{practice}`, `{commissioner}`, `{from}` are no practice, commissioner and date; the line is left out"),
            );
            continue;
        }
        if end.is_none() && !to.is_empty() {
            sink.problem(
                record.line,
                &format!("`{to}` is no date; the line is left out"),
            );
            continue;
        }
        let source = sink.source.name.clone();
        sink.push(
            |import| &mut import.relationships,
            &[
                Cell::Text(&practice),
                Cell::Text(&source),
                Cell::Text("RE4"),
                Cell::Text(&commissioner),
                Cell::Date(start),
                Cell::Date(end),
            ],
        )?;
        sink.source.relationships += 1;
    }
    sink.source.bytes = records.bytes();
    Ok(())
}
