//! `HSCOrgRefData`: the whole directory of organisations as XML, as TRUD distributes it (interface version 2-0-0).
//!
//! The file is some 800 MB: it is read element by element, and what is kept is one organisation at a time. Organisations, roles
//! and relationships each have an operational and a legal period; the operational one says from when until when they
//! were in use. A file may say how many organisations it holds, and then must hold as many.

use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::errors::Error as XmlError;
use quick_xml::events::{BytesStart, Event};

use super::Sink;
use super::draft::{Draft, Period, Relationship, Role, Succession};
use super::guard::Guarded;
use super::recognise::{Recognised, is_code};
use crate::dates;
use crate::error::Error;

/// Elements inside each other; the directory has 8.
const DEPTH: usize = 64;
/// Bytes read from the source at a time.
const BUFFER: usize = 262_144;

pub(super) fn read<R: Read>(recognised: Recognised<R>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let (guarded, allowance) = Guarded::new(recognised.reader);
    let mut reader = Reader::from_reader(BufReader::with_capacity(BUFFER, guarded));
    reader.config_mut().expand_empty_elements = true;
    let mut state = State {
        line: 1,
        ..State::default()
    };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|error| match error {
                XmlError::Io(error) if !allowance.is_used_up() => {
                    let kind = error.kind();
                    // The error of the source itself goes on, as far as it can be taken out.
                    sink.unreadable(
                        std::sync::Arc::try_unwrap(error).unwrap_or_else(|_| kind.into()),
                    )
                }
                error => sink.malformed(state.line, format!("not well-formed XML: {error}")),
            })?;
        allowance.renew();
        match event {
            Event::Start(tag) => {
                state.start(&tag, sink)?;
                state.count_lines(tag.attributes_raw());
            }
            Event::End(_) => state.end(sink)?,
            Event::Text(text) => {
                state.text(&text);
                state.count_lines(&text);
            }
            Event::CData(text) => {
                state.text(&text);
                state.count_lines(&text);
            }
            Event::GeneralRef(reference) => {
                let letter = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => Some(letter),
                    _ => predefined(&reference),
                };
                let Some(letter) = letter else {
                    let reason = format!("the entity `&{};` is not defined", &*reference);
                    return Err(sink.malformed(state.line, reason));
                };
                state.text(letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => {
                return Err(sink.malformed(state.line, "document type declarations are refused"));
            }
            Event::Comment(text) => state.count_lines(&text),
            Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof => break,
        }
    }
    sink.source.bytes = allowance.given();
    state.finish(sink)
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// Elements that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Manifest,
    Organisation,
    Name,
    Date,
    Type,
    Target,
    PostCode,
    Role,
    Rel,
    Succ,
    Other,
}

impl Element {
    fn named(local: &str) -> Self {
        match local {
            "Manifest" => Self::Manifest,
            "Organisation" => Self::Organisation,
            "Name" => Self::Name,
            "Date" => Self::Date,
            "Type" => Self::Type,
            "Target" => Self::Target,
            "PostCode" => Self::PostCode,
            "Role" => Self::Role,
            "Rel" => Self::Rel,
            "Succ" => Self::Succ,
            _ => Self::Other,
        }
    }
}

#[derive(Default)]
struct State {
    open: Vec<Element>,
    root_seen: bool,
    line: u64,
    draft: Draft,
    role: Role,
    relationship: Relationship,
    succession: Succession,
    legal: bool,
    period: Period,
    text: String,
    /// Organisations that the file says it has.
    announced: Option<u64>,
}

impl State {
    fn count_lines(&mut self, text: &str) {
        self.line += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    }

    /// The element that the innermost is in, and the one around that.
    fn around(&self) -> (Element, Element) {
        let at = |back: usize| {
            let index = self.open.len().checked_sub(back);
            index.map_or(Element::Other, |index| self.open[index])
        };
        (at(1), at(2))
    }

    fn start(&mut self, tag: &BytesStart<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.open.len() == DEPTH {
            return Err(sink.malformed(self.line, "elements are nested too deep"));
        }
        let name = tag.local_name();
        let element = Element::named(name.as_ref());
        let (parent, _) = self.around();
        let attribute = |wanted: &str| -> Result<String, Error> {
            let found = tag.try_get_attribute(wanted).map_err(|error| {
                sink.malformed(self.line, format!("not well-formed XML: {error}"))
            })?;
            let Some(found) = found else {
                return Ok(String::new());
            };
            let value = found
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| {
                    sink.malformed(self.line, format!("not well-formed XML: {error}"))
                })?;
            Ok(value.trim().to_owned())
        };
        let mut bad_date = None;
        match (element, parent, name.as_ref()) {
            (Element::Organisation, ..) => {
                self.draft.clear();
                self.draft.class = class(&attribute("orgRecordClass")?);
            }
            (Element::Role, ..) => {
                self.role = Role {
                    id: attribute("id")?,
                    primary: attribute("primaryRole")? == "true",
                    ..Role::default()
                };
            }
            (Element::Rel, ..) => {
                self.relationship = Relationship {
                    id: attribute("id")?,
                    ..Relationship::default()
                };
            }
            (Element::Succ, ..) => self.succession = Succession::default(),
            (Element::Date, ..) => (self.period, self.legal) = (Period::default(), false),
            (Element::Type, Element::Date, _) => self.legal = attribute("value")? == "Legal",
            (_, Element::Date, bound @ ("Start" | "End")) => {
                let text = attribute("value")?;
                let date = dates::day(&text);
                if date.is_none() && !text.is_empty() {
                    bad_date = Some(text);
                }
                *(if bound == "Start" {
                    &mut self.period.start
                } else {
                    &mut self.period.end
                }) = date;
            }
            (_, Element::Organisation, "OrgId") => self.draft.code = attribute("extension")?,
            (_, Element::Organisation, "Status") => {
                self.draft.status = status(&attribute("value")?);
            }
            (_, Element::Target, "OrgId") => {
                let code = attribute("extension")?;
                if self.open.contains(&Element::Rel) {
                    self.relationship.target = code;
                } else if self.open.contains(&Element::Succ) {
                    self.succession.other = code;
                }
            }
            (_, Element::Manifest, "PublicationDate") => {
                let text = attribute("value")?;
                sink.source.date = dates::day(&text).map(|date| date.to_string());
            }
            (_, Element::Manifest, "ContentDescription") => {
                let text = attribute("value")?.to_ascii_lowercase();
                // HSCOrgRefData_Full_20260827: the day is no part of the name.
                let name = text.trim_end_matches(|letter: char| !letter.is_ascii_lowercase());
                if !name.is_empty() && name.len() <= 64 {
                    name.replace('_', "-").clone_into(&mut sink.source.name);
                }
            }
            (_, Element::Manifest, "RecordCount") => {
                self.announced = attribute("value")?.parse().ok();
            }
            _ => {}
        }
        if let Some(text) = bad_date {
            let code = &self.draft.code;
            sink.problem(
                self.line,
                &format!("a date of {code}, `{text}`, is no date"),
            );
        }
        self.text.clear();
        self.open.push(element);
        self.root_seen = true;
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let (element, parent) = self.around();
        let wanted = matches!(
            (element, parent),
            (Element::Name, Element::Organisation)
                | (Element::Type, Element::Succ)
                | (Element::PostCode, _)
        );
        // No name is as long; more is not worth keeping.
        if wanted && self.text.len() + text.len() <= 1_000 {
            self.text.push_str(text);
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (element, parent) = self.around();
        self.open.pop();
        match (element, parent) {
            (Element::Name, Element::Organisation) => {
                self.draft.name = self.text.trim().to_owned();
            }
            (Element::PostCode, _) => self.draft.postcode = self.text.trim().to_owned(),
            (Element::Type, Element::Succ) => {
                self.succession.predecessor = self.text.trim() == "Predecessor";
            }
            (Element::Date, _) => {
                let (operational, legal) = match parent {
                    Element::Organisation => (&mut self.draft.operational, &mut self.draft.legal),
                    Element::Role => (&mut self.role.operational, &mut self.role.legal),
                    Element::Rel => (
                        &mut self.relationship.operational,
                        &mut self.relationship.legal,
                    ),
                    Element::Succ => (&mut self.succession.operational, &mut self.succession.legal),
                    _ => return Ok(()),
                };
                (if self.legal { legal } else { operational }).put(self.period);
            }
            (Element::Role, _) => self.draft.roles.push(std::mem::take(&mut self.role)),
            (Element::Rel, _) => {
                let relationship = std::mem::take(&mut self.relationship);
                self.draft.relationships.push(relationship);
            }
            (Element::Succ, _) => {
                let succession = std::mem::take(&mut self.succession);
                self.draft.successions.push(succession);
            }
            (Element::Organisation, _) => return self.organisation(sink),
            _ => {}
        }
        self.text.clear();
        Ok(())
    }

    fn organisation(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if !is_code(&self.draft.code) {
            let code = &self.draft.code;
            sink.problem(
                self.line,
                &format!("`{code}` is no code of an organisation; it is left out"),
            );
            return Ok(());
        }
        self.draft
            .relationships
            .retain(|relationship| is_code(&relationship.target));
        self.draft
            .successions
            .retain(|succession| is_code(&succession.other));
        self.draft.add(sink)
    }

    fn finish(self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if !self.open.is_empty() || !self.root_seen {
            return Err(sink.malformed(self.line, "the file ends before its last element does"));
        }
        match self.announced {
            Some(announced) if announced != sink.source.organisations + sink.source.problems => {
                let found = sink.source.organisations;
                sink.problem(
                    1,
                    &format!("the file says that it has {announced} organisations and has {found}"),
                );
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// RC1 and RC2, as words.
pub(super) fn class(id: &str) -> &'static str {
    match id {
        "RC1" => "organisation",
        "RC2" => "site",
        _ => "",
    }
}

pub(super) fn status(text: &str) -> &'static str {
    match text {
        "Active" => "active",
        "Inactive" => "inactive",
        _ => "",
    }
}
