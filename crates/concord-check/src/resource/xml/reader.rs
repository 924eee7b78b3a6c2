//! The elements of the XML, one after the other.

use std::borrow::Cow;
use std::fmt::Write as _;

use concord_finding::{Effect, Fact};
use concord_read::json::Span;
use concord_standards::resources::{Primitive, TypeNumber, Written};
use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::frame::{Ended, Frame, Holds};
use super::narrative;
use super::piece::Piece;
use super::{Converted, NAMESPACE};
use crate::catalogue::BuiltinRule;
use crate::output::Draft;
use crate::resource::plan::{Property, Role, Shape};
use crate::resource::tell::{self, Teller};

/// Why a document cannot be read on: what is told, and where.
struct Stop(BuiltinRule, usize, &'static str);

/// A document of XML that is being read.
pub(super) struct Reading<'r> {
    teller: Teller<'r>,
    text: &'r str,
    frames: Vec<Frame>,
    /// The type of all elements, and so of what is said about values.
    element: Option<TypeNumber>,
    root: Option<Piece>,
    converted: Converted,
}

impl<'r> Reading<'r> {
    pub(super) fn new(teller: Teller<'r>, text: &'r str) -> Self {
        Self {
            teller,
            text,
            frames: Vec::new(),
            element: teller.plan.resources.find("Element"),
            root: None,
            converted: Converted::default(),
        }
    }

    pub(super) fn into_converted(self) -> Converted {
        Converted {
            json: self.root,
            ..self.converted
        }
    }

    /// Tells of bytes that are not UTF-8.
    pub(super) fn not_utf8(&mut self, at: usize) {
        let draft = self.tell(BuiltinRule::Encoding, at, 1);
        draft.plain("reason", "bytes stand here that are not UTF-8");
    }

    /// Reads it to its end, or tells why that cannot be done.
    pub(super) fn whole(&mut self) {
        let mut reader = NsReader::from_str(self.text);
        let Err(Stop(rule, at, reason)) = self.read(&mut reader) else {
            return;
        };
        self.root = None;
        self.converted.cut = rule == BuiltinRule::Truncated;
        let open = self.frames.last().map(|frame| frame.name.clone());
        let limit = self.teller.plan.limits.depth as u64;
        let draft = self.tell(rule, at.min(self.text.len()), 1);
        draft.record = None;
        draft.finding.effect = Effect::RejectFile;
        match rule {
            BuiltinRule::Truncated => {
                let parent = open.map_or(Fact::Plain("the document".to_owned()), |name| {
                    tell::name(&name)
                });
                draft.fact("parent", parent);
            }
            BuiltinRule::Depth => draft.finding.expected = Some(Fact::Number(limit)),
            _ => {
                draft.plain("reason", reason);
            }
        }
    }

    fn read(&mut self, reader: &mut NsReader<&'r [u8]>) -> Result<(), Stop> {
        loop {
            let start = reader.buffer_position() as usize;
            let event = reader.read_event();
            let event = event.map_err(|_| self.broken(start))?;
            match event {
                Event::Start(tag) => self.start(reader, &tag, start, false)?,
                Event::Empty(tag) => self.start(reader, &tag, start, true)?,
                Event::End(_) => self.end(),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => self.words(start)?,
                Event::DocType(_) => return Err(Stop(BuiltinRule::Dtd, start, "")),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => {
                    return match (self.frames.is_empty(), &self.root) {
                        (false, _) => Err(Stop(BuiltinRule::Truncated, start, "")),
                        (true, None) => Err(Stop(BuiltinRule::Empty, start, "")),
                        (true, Some(_)) => Ok(()),
                    };
                }
            }
        }
    }

    /// What cannot be read as XML, or ends too early.
    fn broken(&self, start: usize) -> Stop {
        let rest = self.text.get(start..).unwrap_or("");
        let is_cut = rest.starts_with('<') && !rest.contains('>');
        if is_cut {
            return Stop(BuiltinRule::Truncated, start, "");
        }
        let reason = if rest.starts_with("</") {
            "this end tag does not fit the element that is open"
        } else {
            "this is not XML markup"
        };
        Stop(BuiltinRule::NotWellFormed, start, reason)
    }

    /// Text where only elements may stand.
    fn words(&mut self, start: usize) -> Result<(), Stop> {
        let Some(frame) = self.frames.last_mut() else {
            let reason = "text stands outside the resource";
            return Err(Stop(BuiltinRule::NotWellFormed, start, reason));
        };
        if !std::mem::replace(&mut frame.has_text, true) {
            let parent = tell::name(&frame.name);
            self.tell(BuiltinRule::Text, start, 1)
                .fact("parent", parent);
        }
        Ok(())
    }

    fn start(
        &mut self,
        reader: &mut NsReader<&'r [u8]>,
        tag: &BytesStart<'r>,
        start: usize,
        empty: bool,
    ) -> Result<(), Stop> {
        if self.frames.len() >= self.teller.plan.limits.depth {
            return Err(Stop(BuiltinRule::Depth, start, ""));
        }
        let local = tag.local_name();
        let name = local.as_ref();
        let plan = self.teller.plan;
        let place = match self.frames.last() {
            None if self.root.is_some() => {
                let reason = "a second element stands behind the resource";
                return Err(Stop(BuiltinRule::NotWellFormed, start, reason));
            }
            None => Place::Resource,
            Some(frame) => match &frame.holds {
                Holds::Resource(Some(_)) => {
                    let (found, parent) = (tell::name(name), tell::name(&frame.name));
                    let draft = self.tell(BuiltinRule::TooMany, start, name.len() + 1);
                    draft.finding.expected = Some(Fact::Number(1));
                    draft.fact("found", found).fact("parent", parent);
                    Place::Unknown
                }
                Holds::Resource(None) => Place::Resource,
                Holds::Object(of) | Holds::Value(of, _) => {
                    match plan.types[*of].find(name.as_bytes(), usize::from(frame.last)) {
                        Some(number) => Place::Property(*of, number),
                        None => Place::Unknown,
                    }
                }
            },
        };
        if let Place::Property(of, number) = place
            && plan.types[of].properties[number].shape == Shape::Primitive(Primitive::Xhtml)
        {
            return self.narrative(reader, tag, start, empty);
        }
        let is_foreign = self.is_foreign(reader, tag, start);
        match place {
            Place::Resource => match plan.resource(name) {
                Some(of) => {
                    let mut frame = Frame::new(name, start, Holds::Object(of), false);
                    frame.is_foreign = is_foreign;
                    frame.member("resourceType", start, string(start + 1, name));
                    self.frames.push(frame);
                    self.attributes(tag, start, None)?;
                }
                None => return self.unknown(reader, tag, start, empty, true),
            },
            Place::Property(of, number) => {
                let property = &plan.types[of].properties[number];
                if property.companion {
                    return self.unknown(reader, tag, start, empty, false);
                }
                if is_attribute(&plan.element(of, property.element).path) {
                    let parent = self.frames.last().map(|frame| tell::name(&frame.name));
                    let draft = self.tell(BuiltinRule::AttributeMissing, start, name.len() + 1);
                    draft.fact("missing", tell::name(name));
                    if let Some(parent) = parent {
                        draft.fact("parent", parent);
                    }
                    if !empty {
                        self.pass(reader, tag, start)?;
                    }
                    return Ok(());
                }
                self.order(property, name, start);
                let (holds, primitive) = match (property.shape, self.element) {
                    (Shape::Primitive(primitive), Some(element)) => {
                        (Holds::Value(element, None), Some(primitive))
                    }
                    (Shape::Object(of), _) => (Holds::Object(of), None),
                    (Shape::Resource | Shape::Primitive(_), _) => (Holds::Resource(None), None),
                };
                let mut frame = Frame::new(name, start, holds, property.repeats);
                frame.is_foreign = is_foreign;
                self.frames.push(frame);
                self.attributes(tag, start, primitive)?;
            }
            Place::Unknown => return self.unknown(reader, tag, start, empty, false),
        }
        if empty {
            self.end();
        }
        Ok(())
    }

    /// The end of the element that is open.
    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.ended(frame.end());
    }

    /// An element that has ended becomes part of what it stands in.
    fn ended(&mut self, ended: Ended) {
        match self.frames.last_mut() {
            None => self.root = ended.value,
            Some(frame) => {
                if let Holds::Resource(resource @ None) = &mut frame.holds {
                    *resource = ended.value;
                } else {
                    frame.take(ended);
                }
            }
        }
    }

    /// Passes over an element that there is not; what is told of it is told where the JSON is judged.
    fn unknown(
        &mut self,
        reader: &mut NsReader<&'r [u8]>,
        tag: &BytesStart<'r>,
        start: usize,
        empty: bool,
        resource: bool,
    ) -> Result<(), Stop> {
        if !empty {
            self.pass(reader, tag, start)?;
        }
        let local = tag.local_name();
        let mut object = Frame::new(local.as_ref(), start, Holds::Resource(None), true);
        if resource {
            object = Frame::new(local.as_ref(), start, Holds::Object(0), false);
            object.member("resourceType", start, string(start + 1, local.as_ref()));
        }
        self.ended(object.end());
        Ok(())
    }

    /// Passes over all that stands in an element. Nothing in it is held.
    fn pass(
        &mut self,
        reader: &mut NsReader<&'r [u8]>,
        tag: &BytesStart<'r>,
        start: usize,
    ) -> Result<(), Stop> {
        let passed = reader.read_to_end(tag.name());
        passed.map(|_| ()).map_err(|_| {
            let ends = self.text.trim_end().ends_with('>');
            let reason = "an element in here does not end where it should";
            if ends {
                Stop(BuiltinRule::NotWellFormed, start, reason)
            } else {
                Stop(BuiltinRule::Truncated, self.text.len(), "")
            }
        })
    }

    /// XHTML, which is a text in JSON.
    fn narrative(
        &mut self,
        reader: &mut NsReader<&'r [u8]>,
        tag: &BytesStart<'r>,
        start: usize,
        empty: bool,
    ) -> Result<(), Stop> {
        let (resolved, _) = reader.resolver().resolve_element(tag.name());
        let is_xhtml = resolved == ResolveResult::Bound(Namespace(narrative::XHTML));
        if !empty {
            self.pass(reader, tag, start)?;
        }
        let end = reader.buffer_position() as usize;
        let raw = self.text.get(start..end).unwrap_or("");
        let says = if is_xhtml && !narrative::stands_alone(tag) {
            Cow::Owned(narrative::alone(raw))
        } else {
            Cow::Borrowed(raw)
        };
        let value = string(start, &says);
        self.ended(Ended {
            name: tag.local_name().as_ref().to_owned(),
            start,
            repeats: false,
            value: Some(value),
            companion: None,
        });
        Ok(())
    }

    /// Whether an element is of another namespace than that of FHIR, which is told.
    fn is_foreign(
        &mut self,
        reader: &NsReader<&'r [u8]>,
        tag: &BytesStart<'r>,
        start: usize,
    ) -> bool {
        let (resolved, local) = reader.resolver().resolve_element(tag.name());
        let found = match resolved {
            ResolveResult::Bound(Namespace(NAMESPACE)) => return false,
            ResolveResult::Bound(Namespace(other)) => tell::name(other),
            ResolveResult::Unbound | ResolveResult::Unknown(_) => Fact::Plain("none".to_owned()),
        };
        // What stands in an element of another namespace is usually of it too: the first is told.
        if self.frames.last().is_none_or(|above| !above.is_foreign) {
            let name = tell::name(local.as_ref());
            let draft = self.tell(BuiltinRule::Namespace, start, 1);
            draft.finding.expected = Some(Fact::Plain(NAMESPACE.to_owned()));
            draft.fact("found", name).fact("namespace", found);
        }
        true
    }

    /// Elements stand in the order of their type.
    fn order(&mut self, property: &Property, name: &str, start: usize) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if property.element >= frame.last {
            frame.last = property.element;
            return;
        }
        if std::mem::replace(&mut frame.is_unordered, true) {
            return;
        }
        let parent = tell::name(&frame.name);
        self.tell(BuiltinRule::Order, start, name.len() + 1)
            .fact("found", tell::name(name))
            .fact("parent", parent)
            .plain(
                "where",
                "the elements of XML stand in the order of their type",
            );
    }

    /// What the attributes of the element that was opened say.
    fn attributes(
        &mut self,
        tag: &BytesStart<'r>,
        start: usize,
        primitive: Option<Primitive>,
    ) -> Result<(), Stop> {
        let broken = |at| {
            Stop(
                BuiltinRule::NotWellFormed,
                at,
                "an attribute is not written as attributes are, or stands twice",
            )
        };
        for (number, attribute) in tag.attributes().enumerate() {
            let attribute = attribute.map_err(|_| broken(start))?;
            if number >= self.teller.plan.limits.attributes {
                return Err(broken(start));
            }
            let key = attribute.key.as_ref();
            if key == "xmlns" || key.starts_with("xmlns:") || key.starts_with("xsi:") {
                continue;
            }
            let at = self.offset(&attribute).unwrap_or(start);
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let says = value.map_err(|_| broken(at))?;
            let plan = self.teller.plan;
            let Some(frame) = self.frames.last_mut() else {
                return Ok(());
            };
            match (key, &mut frame.holds, primitive) {
                ("value", Holds::Value(_, value), Some(primitive)) => {
                    *value = Some(written(primitive, at, &says));
                }
                ("id", Holds::Object(of), _)
                    if plan.resources.types[*of].kind
                        != concord_standards::resources::Kind::Resource =>
                {
                    frame.member("id", at, string(at, &says));
                }
                ("id", Holds::Value(..), _) => frame.member("id", at, string(at, &says)),
                ("url", Holds::Object(of), _)
                    if matches!(plan.types[*of].role, Role::Extension { .. }) =>
                {
                    frame.member("url", at, string(at, &says));
                }
                _ => {
                    let (found, parent) = (tell::name(key), tell::name(&frame.name));
                    self.tell(BuiltinRule::AttributeUnknown, at, says.len())
                        .fact("found", found)
                        .fact("parent", parent);
                }
            }
        }
        Ok(())
    }

    /// Where the value of an attribute stands in the document: it is a part of it.
    fn offset(&self, attribute: &Attribute<'_>) -> Option<usize> {
        let offset = attribute.value.as_ptr() as usize;
        let offset = offset.checked_sub(self.text.as_ptr() as usize)?;
        (offset <= self.text.len()).then_some(offset)
    }

    /// Adds a finding about the XML, at the element that is open.
    fn tell(&mut self, rule: BuiltinRule, at: usize, length: usize) -> &mut Draft {
        let (record, path) = (self.record(), self.path());
        let span = Span {
            start: at,
            end: at + length,
        };
        let found = &mut self.converted.found;
        let draft = found.tell_of(self.teller, rule, span, record);
        draft.finding.path = (!path.is_empty()).then(|| path.into());
        draft
    }

    /// The record that is open: of a bundle the entry.
    fn record(&self) -> Option<u32> {
        let root = self.frames.first()?;
        let Holds::Object(of) = root.holds else {
            return Some(0);
        };
        if self.teller.plan.types[of].role != Role::Bundle {
            return Some(0);
        }
        let entry = self.frames.get(1)?;
        (entry.name == "entry").then(|| root.count("entry"))
    }

    /// The path of the element that is open.
    fn path(&self) -> String {
        let mut path = String::new();
        let mut above: Option<&Frame> = None;
        for frame in &self.frames {
            let is_resource = above.is_some_and(|above| matches!(above.holds, Holds::Resource(_)));
            if !is_resource {
                let name = match tell::name(&frame.name) {
                    Fact::Plain(name) => name,
                    _ => "…".to_owned(),
                };
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name);
                if let Some(above) = above.filter(|_| frame.repeats) {
                    // Writing to a `String` does not fail.
                    let _ = write!(path, "[{}]", above.count(&frame.name));
                }
            }
            above = Some(frame);
        }
        path
    }
}

/// What an element is to what it stands in.
#[derive(Clone, Copy)]
enum Place {
    /// A resource.
    Resource,
    /// A property of a type.
    Property(TypeNumber, usize),
    /// Nothing that is known.
    Unknown,
}

/// Whether an element of JSON is an attribute in XML.
fn is_attribute(path: &str) -> bool {
    matches!(path, "Element.id" | "Extension.url")
}

fn string(origin: usize, says: &str) -> Piece {
    let mut piece = Piece::default();
    piece.string(origin, says);
    piece
}

/// A value as JSON writes those of its type. What does not look like one becomes a string, which is told of as such.
fn written(primitive: Primitive, at: usize, says: &str) -> Piece {
    let bare = match primitive.written() {
        Written::String => false,
        Written::Boolean => matches!(says, "true" | "false"),
        Written::Number => is_number(says),
    };
    if !bare {
        return string(at, says);
    }
    let mut piece = Piece::default();
    piece.push(at, says);
    piece
}

/// Whether a text is a number as JSON writes it (RFC 8259, 6).
fn is_number(text: &str) -> bool {
    let mut reader = concord_read::json::Reader::new(text.as_bytes(), 0);
    let starts = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    starts && reader.number().is_ok_and(|span| span.end == text.len())
}
