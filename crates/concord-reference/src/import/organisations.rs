//! The CSV files of the Organisation Data Service that share one shape: `epraccur.csv` and its kin.
//!
//! Source: the service's specification of its files ("the standard 27 field format"), as the files themselves bear out; a
//! form with 21 columns and a heading goes round as well. The files leave out the names of their columns.

use std::io::Read;

use super::Sink;
use super::csv_file::{Record, Records};
use super::draft::{Draft, Period, Relationship, Role};
use super::recognise::{Recognised, Shape, is_code};
use crate::dates;
use crate::error::Error;

/// Columns of the form without a heading.
const WIDTH: usize = 27;

/// What is known of a file by its name.
pub(super) struct OdsFile {
    pub(super) name: &'static str,
    /// The primary role of what it lists.
    role: &'static str,
    site: bool,
    /// What the fifteenth column's organisation is to the row's.
    relationship: &'static str,
}

const FILES: [OdsFile; 6] = [
    OdsFile {
        name: "epraccur",
        role: "RO177",
        site: false,
        relationship: "RE4",
    },
    OdsFile {
        name: "ebranchs",
        role: "RO96",
        site: true,
        relationship: "RE6",
    },
    OdsFile {
        name: "epcmem",
        role: "",
        site: false,
        relationship: "RE4",
    },
    OdsFile {
        name: "eccg",
        role: "RO98",
        site: false,
        relationship: "",
    },
    OdsFile {
        name: "etr",
        role: "RO197",
        site: false,
        relationship: "",
    },
    OdsFile {
        name: "ets",
        role: "RO198",
        site: true,
        relationship: "RE6",
    },
];

/// The file of that name, also when more follows it that is no letter.
pub(super) fn file_of(stem: &str) -> Option<&'static OdsFile> {
    FILES.iter().find(|file| {
        stem.strip_prefix(file.name)
            .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_alphabetic()))
    })
}

/// Where what stands.
#[derive(Debug, Clone)]
pub(super) struct OdsColumns {
    width: usize,
    heading: bool,
    code: Option<usize>,
    name: Option<usize>,
    region: Option<usize>,
    icb: Option<usize>,
    postcode: Option<usize>,
    open: Option<usize>,
    close: Option<usize>,
    status: Option<usize>,
    parent: Option<usize>,
    joined: Option<usize>,
    left: Option<usize>,
    setting: Option<usize>,
}

impl OdsColumns {
    /// The columns, when this is a heading that names what an organisation must have.
    pub(super) fn of_heading(cells: &[String]) -> Option<Self> {
        let names: Vec<String> = cells
            .iter()
            .map(|cell| {
                let letters = cell.chars().filter(char::is_ascii_alphanumeric);
                letters.map(|letter| letter.to_ascii_uppercase()).collect()
            })
            .collect();
        let find = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&&**name));
        let columns = Self {
            width: cells.len(),
            heading: true,
            code: find(&[
                "ORGCODE",
                "ORGANISATIONCODE",
                "ORGANISATIONIDENTIFIER",
                "CODE",
            ]),
            name: find(&["NAME", "ORGANISATIONNAME", "ORGNAME"]),
            region: find(&["NATIONALGROUPING"]),
            icb: find(&["HIGHLEVELHEALTHGEOGRAPHY", "HIGHLEVELHEALTHAUTHORITY"]),
            postcode: find(&["POSTCODE"]),
            open: find(&["OPENDATE"]),
            close: find(&["CLOSEDATE"]),
            status: find(&["STATUSCODE", "STATUS"]),
            parent: find(&[
                "COMMISSIONER",
                "PARENTORGANISATIONCODE",
                "PARENTORGANISATION",
            ]),
            joined: find(&[
                "JOINPROVIDERDATE",
                "JOINPROVIDERPURCHASERDATE",
                "JOINPARENTDATE",
            ]),
            left: find(&[
                "LEFTPROVIDERDATE",
                "LEFTPROVIDERPURCHASERDATE",
                "LEFTPARENTDATE",
            ]),
            setting: find(&["PRESCRSET", "PRESCRIBINGSETTING"]),
        };
        (columns.code.is_some() && columns.name.is_some() && columns.open.is_some())
            .then_some(columns)
    }

    /// The columns of the form without a heading, when this is a row of it.
    pub(super) fn of_row(cells: &[String]) -> Option<Self> {
        let date = |text: &str| text.is_empty() || dates::day(text).is_some();
        let is_row = cells.len() == WIDTH
            && is_code(&cells[0])
            && !cells[1].is_empty()
            && date(&cells[10])
            && date(&cells[11]);
        is_row.then_some(Self {
            width: WIDTH,
            heading: false,
            code: Some(0),
            name: Some(1),
            region: Some(2),
            icb: Some(3),
            postcode: Some(9),
            open: Some(10),
            close: Some(11),
            status: Some(12),
            parent: Some(14),
            joined: Some(15),
            left: Some(16),
            setting: Some(25),
        })
    }
}

pub(super) fn read<R: Read>(recognised: Recognised<R>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let Shape::Organisations(columns) = recognised.shape else {
        unreachable!("files of organisations are recognised by their columns");
    };
    let file = file_of(&recognised.source);
    let mut records = Records::new(recognised.reader, columns.width, columns.heading);
    let mut draft = Draft::default();
    while let Some(record) = records.next(sink)? {
        draft.clear();
        if organisation(&record, &columns, file, &mut draft, sink) {
            draft.add(sink)?;
        }
    }
    sink.source.bytes = records.bytes();
    Ok(())
}

/// Whether the row is one of an organisation.
fn organisation(
    record: &Record<'_>,
    columns: &OdsColumns,
    file: Option<&OdsFile>,
    draft: &mut Draft,
    sink: &mut Sink<'_>,
) -> bool {
    let code = record.text(columns.code);
    if !is_code(&code) {
        sink.problem(
            record.line,
            &format!("`{code}` is no code of an organisation; the line is left out"),
        );
        return false;
    }
    let mut date = |column: Option<usize>, what: &str| {
        let text = record.text(column);
        let date = dates::day(&text);
        if date.is_none() && !text.is_empty() {
            sink.problem(
                record.line,
                &format!("the {what} of {code}, `{text}`, is no date"),
            );
        }
        date
    };
    draft.operational = Period {
        start: date(columns.open, "open date"),
        end: date(columns.close, "close date"),
    };
    let joined = date(columns.joined, "date of joining");
    let left = date(columns.left, "date of leaving");
    draft.name.push_str(&record.text(columns.name));
    draft.postcode.push_str(&record.text(columns.postcode));
    draft.region.push_str(&record.text(columns.region));
    draft.icb.push_str(&record.text(columns.icb));
    let setting = record.text(columns.setting);
    draft.setting.push_str(&setting);
    draft.status = match &*record.text(columns.status) {
        "A" => "active",
        "C" => "inactive",
        "D" => "dormant",
        "P" => "proposed",
        _ => "",
    };
    if let Some(file) = file {
        draft.class = if file.site { "site" } else { "organisation" };
        let mut role = |id: &str, primary| {
            draft.roles.push(Role {
                id: id.to_owned(),
                primary,
                operational: draft.operational,
                legal: Period::default(),
            });
        };
        if !file.role.is_empty() {
            role(file.role, true);
        }
        // A prescribing cost centre of setting 4 is what has the role of a GP practice.
        if file.name == "epraccur" && setting == "4" {
            role("RO76", false);
        }
    }
    let parent = record.text(columns.parent);
    if is_code(&parent) {
        draft.relationships.push(Relationship {
            id: file.map_or("", |file| file.relationship).to_owned(),
            target: parent.into_owned(),
            operational: Period {
                start: joined.or(draft.operational.start),
                end: left,
            },
            legal: Period::default(),
        });
    }
    draft.code.push_str(&code);
    true
}
