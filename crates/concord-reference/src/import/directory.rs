//! Postcode directories: ONSPD of the Office for National Statistics, NHSPD of the NHS, with a heading.
//!
//! Their headings change with the vintage of the areas: `oslaua`, later `lad25cd`; `ccg`, `sicbl`, `sicbl24cd`. Months
//! of introduction and termination are `CCYYMM`. A postcode counts as in use from the first day of the one to the last
//! day of the other, because the directory says no more.

use std::io::Read;

use super::Sink;
use super::csv_file::Records;
use super::recognise::{Recognised, Shape};
use crate::dates;
use crate::error::Error;
use crate::postcode;
use crate::rows::Cell;

/// Where what stands.
#[derive(Debug, Clone)]
pub(super) struct DirectoryColumns {
    width: usize,
    postcode: Option<usize>,
    introduced: Option<usize>,
    terminated: Option<usize>,
    /// In the order of the table.
    areas: [Option<usize>; 8],
}

/// The names of areas' columns, a vintage and `cd` behind them left out.
const AREAS: [&[&str]; 8] = [
    &["ctry"],
    &["rgn", "gor"],
    &["nhser", "nhsrlo"],
    &["oslaua", "laua", "lad"],
    &["sicbl", "ccg", "sub_icb"],
    &["icb", "stp"],
    &["lsoa11"],
    &["lsoa21"],
];

impl DirectoryColumns {
    /// The columns, when this is the heading of a directory.
    pub(super) fn of_heading(cells: &[String]) -> Option<Self> {
        let names: Vec<String> = cells.iter().map(|cell| cell.to_ascii_lowercase()).collect();
        let find = |wanted: &[&str]| {
            let exact = |name: &&str| names.iter().position(|known| known == *name);
            wanted.iter().find_map(exact)
        };
        let area = |wanted: &[&str]| {
            wanted
                .iter()
                .find_map(|wanted| names.iter().position(|name| is_area(name, wanted)))
        };
        let columns = Self {
            width: cells.len(),
            postcode: find(&[
                "pcds",
                "pcd",
                "pcd2",
                "pcd7",
                "pcd8",
                "pcdoasplt",
                "postcode",
            ]),
            introduced: find(&["dointr"]),
            terminated: find(&["doterm"]),
            areas: AREAS.map(area),
        };
        (columns.postcode.is_some() && columns.introduced.is_some() && columns.terminated.is_some())
            .then_some(columns)
    }
}

/// `lad` and `lad25cd` for `lad`; `lsoa11` and `lsoa11cd` for `lsoa11`.
fn is_area(name: &str, area: &str) -> bool {
    name.strip_prefix(area).is_some_and(|rest| {
        let vintage = rest.strip_suffix("cd").unwrap_or(rest);
        rest.is_empty()
            || rest == "cd"
            || (vintage.len() == 2
                && !area.ends_with(|letter: char| letter.is_ascii_digit())
                && vintage.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

pub(super) fn read<R: Read>(recognised: Recognised<R>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let Shape::Directory(columns) = recognised.shape else {
        unreachable!("directories are recognised by their columns");
    };
    let mut records = Records::new(recognised.reader, columns.width, true);
    while let Some(record) = records.next(sink)? {
        let written = record.text(columns.postcode);
        let Some(key) = postcode::key(&written) else {
            sink.problem(
                record.line,
                &format!("`{written}` is no postcode; the line is left out"),
            );
            continue;
        };
        let (from, to) = (
            record.text(columns.introduced),
            record.text(columns.terminated),
        );
        let (introduced, terminated) = (dates::month(&from), dates::month(&to));
        for (month, text) in [(introduced, &from), (terminated, &to)] {
            if month.is_none() && !text.is_empty() {
                sink.problem(record.line, &format!("`{text}` is no month"));
            }
        }
        let areas = columns.areas.map(|column| record.text(column));
        let mut cells = vec![
            Cell::Text(&key),
            Cell::Date(introduced.map(|(first, _)| first)),
            Cell::Date(terminated.map(|(_, last)| last)),
        ];
        cells.extend(areas.iter().map(|area| Cell::Text(area)));
        sink.push(|import| &mut import.postcodes, &cells)?;
        sink.source.postcodes += 1;
    }
    sink.source.bytes = records.bytes();
    Ok(())
}
