//! What a file is, by what stands at its beginning.

use std::io::{Chain, Cursor, Read};

use csv::ReaderBuilder;

use super::base_name;
use super::directory::DirectoryColumns;
use super::imaging::ImagingColumns;
use super::organisations::{OdsColumns, file_of};
use crate::dates;
use crate::error::{Error, ErrorKind};
use crate::manifest::Kind;

/// How much of a file is looked at.
const LOOK_AHEAD: u64 = 65_536;

/// Columns of `epcmem.csv` and files like it.
pub(super) const MEMBERSHIP_WIDTH: usize = 6;

/// A file that is known, ready to be read by [`Import::read`](crate::Import::read).
pub struct Recognised<R> {
    pub(super) kind: Kind,
    /// The name of the source.
    pub(super) source: String,
    /// The file as the user named it.
    pub(super) file: String,
    pub(super) shape: Shape,
    pub(super) reader: Chain<Cursor<Vec<u8>>, R>,
}

/// Where a CSV file has what.
pub(super) enum Shape {
    None,
    Organisations(OdsColumns),
    Directory(DirectoryColumns),
    Imaging(ImagingColumns),
}

impl<R> Recognised<R> {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the source, such as `epraccur`.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// Recognises a file by what stands at its beginning. `file` is its name as the user gave it; the CSV files of the Organisation
/// Data Service look alike, so their name becomes the source's. `reader` gives UTF-8 (or Latin-1) without a byte order mark.
///
/// # Errors
/// [`ErrorKind::Unrecognised`] says what was seen; [`ErrorKind::Reading`].
pub fn recognise<R: Read>(file: &str, mut reader: R) -> Result<Recognised<R>, Error> {
    let mut head = Vec::new();
    (&mut reader)
        .take(LOOK_AHEAD)
        .read_to_end(&mut head)
        .map_err(|error| ErrorKind::Reading {
            file: file.to_owned(),
            error,
        })?;
    let (kind, source, shape) = kind(file, &head).map_err(|seen| ErrorKind::Unrecognised {
        file: file.to_owned(),
        seen,
    })?;
    Ok(Recognised {
        kind,
        source,
        file: file.to_owned(),
        shape,
        reader: Cursor::new(head).chain(reader),
    })
}

/// Or what was seen.
fn kind(file: &str, head: &[u8]) -> Result<(Kind, String, Shape), String> {
    match head.trim_ascii_start() {
        [] => Err("nothing: it is empty".to_owned()),
        [b'<', ..] => {
            let root = root(head).unwrap_or_default();
            if root.ends_with("OrgRefData") {
                // The name of the source is in the file's manifest.
                Ok((
                    Kind::OrganisationXml,
                    "hscorgrefdata".to_owned(),
                    Shape::None,
                ))
            } else {
                Err(format!("the XML element <{}>", short(&root)))
            }
        }
        [b'{', rest @ ..] => {
            let rest = rest.trim_ascii_start();
            if rest.starts_with(b"\"Organisation\"") {
                Ok((Kind::OrganisationJson, "ord".to_owned(), Shape::None))
            } else if rest.starts_with(b"\"Organisations\"") {
                Err(
                    "a list of search results, which has no dates; fetch each organisation"
                        .to_owned(),
                )
            } else {
                Err(format!("JSON: {}", short(&String::from_utf8_lossy(head))))
            }
        }
        [b'[', ..] => Err("a JSON array".to_owned()),
        _ => csv(file, head),
    }
}

/// The name of the first element.
fn root(head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let mut rest = &*text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")?..];
        } else if !rest.starts_with(['?', '!']) {
            let end = rest.find([' ', '\t', '\r', '\n', '>', '/'])?;
            return Some(rest[..end].to_owned());
        }
    }
}

fn csv(file: &str, head: &[u8]) -> Result<(Kind, String, Shape), String> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(head);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).unwrap_or(false) {
        return Err("no line of text".to_owned());
    }
    let cells: Vec<String> = record
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
        .collect();
    if let Some(columns) = DirectoryColumns::of_heading(&cells) {
        let shape = Shape::Directory(columns);
        return Ok((Kind::PostcodeDirectory, directory_name(file), shape));
    }
    if let Some(columns) = OdsColumns::of_heading(&cells).or_else(|| OdsColumns::of_row(&cells)) {
        let shape = Shape::Organisations(columns);
        return Ok((Kind::OrganisationCsv, csv_name(file), shape));
    }
    if let Some(columns) = ImagingColumns::of_heading(&cells) {
        let (kind, source) = columns.kind();
        return Ok((kind, source.to_owned(), Shape::Imaging(columns)));
    }
    if is_membership(&cells) {
        return Ok((Kind::MembershipCsv, csv_name(file), Shape::None));
    }
    let first: Vec<String> = cells.iter().take(8).map(|cell| short(cell)).collect();
    Err(format!(
        "{} comma-separated {}: {}{}",
        cells.len(),
        if cells.len() == 1 { "value" } else { "values" },
        first.join(" | "),
        if cells.len() > 8 { " | …" } else { "" }
    ))
}

/// Practice, its commissioner, what that is, from, to, whether the row was amended.
fn is_membership(cells: &[String]) -> bool {
    let date = |text: &str| text.is_empty() || dates::day(text).is_some();
    cells.len() == MEMBERSHIP_WIDTH
        && is_code(&cells[0])
        && is_code(&cells[1])
        && dates::day(&cells[3]).is_some()
        && date(&cells[4])
}

/// Whether text could be the code of an organisation: 2 to 12 capital letters and digits.
pub(super) fn is_code(text: &str) -> bool {
    (2..=12).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// A CSV file's own name is the name of the source; that of a known file also when more follows (`epraccur_may`).
fn csv_name(file: &str) -> String {
    let stem = stem(file);
    file_of(&stem).map_or(stem, |known| known.name.to_owned())
}

fn directory_name(file: &str) -> String {
    let stem = stem(file);
    for known in ["onspd", "nhspd"] {
        if stem.starts_with(known) {
            return known.to_owned();
        }
    }
    "postcodes".to_owned()
}

/// A file's name without folders and extensions, in small letters.
fn stem(file: &str) -> String {
    let name = base_name(file).to_ascii_lowercase();
    let mut name = &*name;
    for extension in [".gz", ".zst", ".csv", ".txt"] {
        name = name.strip_suffix(extension).unwrap_or(name);
    }
    let stem: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    if stem.trim_matches('-').is_empty() {
        "organisations".to_owned()
    } else {
        stem
    }
}

/// A few characters of what is in a file, without line ends.
fn short(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(40)
        .collect();
    if text.chars().nth(40).is_some() {
        line + "…"
    } else {
        line
    }
}
