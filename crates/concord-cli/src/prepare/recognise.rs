//! Which standard an input follows, by what it begins with.

use std::path::Path;
use std::sync::Arc;

use concord_check::resource::is_xml;
use concord_check::table::{HeaderRow, header_row};
use concord_check::{RootTag, root_tag};
use concord_standards::definition::StandardInfo;
use concord_standards::registry::{HeaderRecognition, Recognition};
use concord_standards::schema::Schema;

use super::ready::{empty_table, structure_only};
use super::{Standards, Which};
use crate::failure::Failure;

impl Standards {
    /// The standard that an input follows which begins with `first`.
    pub(crate) fn of(&mut self, name: &str, first: &[u8]) -> Result<Which, Failure> {
        if let Some(named) = &self.named {
            return Ok(Which::This(Arc::clone(named)));
        }
        if let Some(which) = self.of_messages(first)? {
            return Ok(which);
        }
        if let Some(which) = self.of_resources(name, first)? {
            return Ok(which);
        }
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        if first.iter().all(blank) && is_delimited(name) {
            return Ok(Which::This(Arc::new(empty_table(&self.limits)?)));
        }
        if !is_xml(first)
            && let Some(row) = header_row(first, b",")
        {
            if let Some(which) = self.of_header(&row)? {
                return Ok(which);
            }
            if let Some(which) = self.of_cells(&row)? {
                return Ok(which);
            }
        }
        let Some(root) = root_tag(first) else {
            if is_delimited(name) && is_text(first) {
                return Ok(self.no_header(first));
            }
            // No standard is needed to say what there is instead of XML.
            return Ok(Which::This(Arc::new(structure_only(
                Schema::default(),
                &self.limits,
            )?)));
        };
        let attributes: Vec<(&str, &str)> = root
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let name = match self
            .registry
            .recognise(&root.local, &root.namespace, &attributes)
        {
            Recognition::Recognised(info) => info.name(),
            Recognition::Ambiguous(infos) if let Some(info) = self.only_in_force(&infos) => {
                info.name()
            }
            Recognition::Ambiguous(infos) => {
                return Ok(Which::Unknown(
                    format!("several standards begin with {}", shown(&root)),
                    format!("name one of {} with --standard", names(&infos)),
                ));
            }
            Recognition::Unknown { .. } if let Some(name) = self.of_records(first) => name,
            Recognition::Unknown { nearest } => {
                let help = if nearest.is_empty() {
                    "name a standard with --standard, or give your own copy of an official XSD with --schema".to_owned()
                } else {
                    format!(
                        "the nearest are {}; name one with --standard to see what differs",
                        names(&nearest)
                    )
                };
                let reason = format!("no standard that is known begins with {}", shown(&root));
                return Ok(Which::Unknown(reason, help));
            }
        };
        self.load(&name).map(Which::This)
    }

    /// The tabular standard whose columns the first row names; `None` when it is no header that is known.
    fn of_header(&mut self, row: &HeaderRow) -> Result<Option<Which>, Failure> {
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        let day = self.as_at.map(|day| day.to_string());
        let name = match self.registry.recognise_header_as_at(&cells, day.as_deref()) {
            HeaderRecognition::Recognised(info, _) => info.name(),
            HeaderRecognition::Ambiguous(infos) => {
                return Ok(Some(Which::Unknown(
                    "several standards have the columns of this header".to_owned(),
                    format!("name one of {} with --standard", names(&infos)),
                )));
            }
            HeaderRecognition::Nearest {
                info,
                missing,
                unknown,
            } => {
                let unknown: Vec<&str> = unknown.iter().map(|cell| cells[*cell]).collect();
                return Ok(Some(near_miss(info, &missing, &unknown)));
            }
            HeaderRecognition::Unknown => return Ok(None),
        };
        self.load(&name).map(Which::This).map(Some)
    }

    /// A table whose first row says nothing. The names of columns may stand further down.
    fn no_header(&self, first: &[u8]) -> Which {
        const LINES: usize = 20;
        let ends = first.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        for (above, (at, _)) in ends.take(LINES).enumerate() {
            let rest = &first[at + 1..];
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
            let Some(row) = header_row(line, b",") else {
                continue;
            };
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
            if let HeaderRecognition::Recognised(info, _) = self.registry.recognise_header(&cells) {
                return Which::Unknown(
                    format!(
                        "the names of the columns of {} stand in line {}; they must be the first row",
                        info.name(),
                        above + 2
                    ),
                    "take out what stands above them".to_owned(),
                );
            }
        }
        Which::Unknown(
            "the first row names no columns of a standard that is known".to_owned(),
            "write the names of the columns into the first row, or name the standard with --standard".to_owned(),
        )
    }
}

/// Whether an input's name says that it holds delimited text.
pub(super) fn is_delimited(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| {
        ["csv", "tsv", "txt"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Whether bytes are not what documents and archives begin with.
fn is_text(first: &[u8]) -> bool {
    let other: [&[u8]; 5] = [b"<", b"{", b"[", b"PK", b"%PDF"];
    let first = first.trim_ascii_start();
    !other.iter().any(|mark| first.starts_with(mark))
}

/// A header that is nearly that of a standard: what differs.
fn near_miss(info: &StandardInfo, missing: &[Arc<str>], unknown: &[&str]) -> Which {
    const LISTED: usize = 8;
    let list = |names: &[&str]| {
        let more = if names.len() > LISTED { ", …" } else { "" };
        format!("{}{more}", names[..names.len().min(LISTED)].join(", "))
    };
    let missing: Vec<&str> = missing.iter().map(AsRef::as_ref).collect();
    let beyond = match unknown {
        [] => String::new(),
        unknown => format!("; not of it: {}", list(unknown)),
    };
    Which::Unknown(
        format!(
            "the header is nearest to {}, but mandatory columns are missing: {}{beyond}",
            info.name(),
            list(&missing)
        ),
        format!("check it all the same with --standard {}", info.name()),
    )
}

pub(super) fn names(infos: &[&StandardInfo]) -> String {
    let names: Vec<String> = infos.iter().map(|info| info.name()).collect();
    names.join(", ")
}

/// The root element as far as it decides; attributes can hold anything and are cut.
fn shown(root: &RootTag) -> String {
    let namespace = match root.namespace.as_str() {
        "" => String::new(),
        namespace => format!(" in the namespace {namespace}"),
    };
    let attributes = root.attributes.iter().take(4).map(|(name, value)| {
        let value: String = value.chars().take(40).collect();
        format!(", {name}=\"{value}\"")
    });
    format!(
        "`{}`{namespace}{}",
        root.local,
        attributes.collect::<String>()
    )
}
