//! Documents read element by element.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use concord_read::{Input, Limits, open};
use concord_standards::definition::Known;
use concord_standards::infer::{DocumentInference, Naming};
use concord_standards::schema::QName;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::Made;
use crate::failure::Failure;

/// Namespace of `xsi:nil` and its like.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 18;

/// Whether the first of some samples is a document. An input that holds nothing is none.
pub(super) fn is_document(inputs: &[Input], limits: &Limits) -> Result<bool, Failure> {
    let Some(input) = inputs.first() else {
        return Ok(false);
    };
    let mut first = [0; 1024];
    let count = open(input, limits)?.fill(&mut first)?;
    let mut text = first[..count]
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace());
    Ok(text.next() == Some(&b'<'))
}

/// The definition of documents.
pub(super) fn made(
    inputs: Vec<Input>,
    naming: &Naming,
    known: &Known,
    limits: &Limits,
) -> Result<Made, Failure> {
    let mut inference = DocumentInference::new();
    for input in &inputs {
        read(input, &mut inference, limits)?;
    }
    let inferred = inference.finish().map_err(|error| {
        Failure::usage(error.to_string(), "give documents that hold a root element")
    })?;
    let documents = match inferred.documents() {
        1 => "1 document".to_owned(),
        several => format!("{several} documents"),
    };
    Ok(Made {
        files: inferred.files(naming, known),
        found: format!(
            "{documents}, {} different elements\n\n",
            inferred.elements()
        ),
        samples: inputs,
    })
}

fn read(input: &Input, inference: &mut DocumentInference, limits: &Limits) -> Result<(), Failure> {
    let left = Rc::new(Cell::new(0));
    let bounded = Bounded {
        inner: open(input, limits)?,
        left: Rc::clone(&left),
    };
    let mut reader = NsReader::from_reader(BufReader::with_capacity(BUFFER, bounded));
    reader.config_mut().expand_empty_elements = true;
    let mut reading = Reading {
        input,
        inference,
        depth: 0,
        limit: limits.depth,
    };
    let most = (limits.text_length + BUFFER) as u64;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        left.set(most);
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|error| reading.malformed(&error))?;
        match event {
            Event::Start(tag) => reading.start(&reader, &tag)?,
            Event::End(_) => reading.end(),
            Event::Text(text) => reading.inference.text(&line_ends(&text)),
            Event::CData(text) => reading.inference.text(&line_ends(&text)),
            Event::GeneralRef(reference) => {
                let letter = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => Some(letter),
                    _ => predefined(&reference),
                };
                let Some(letter) = letter else {
                    let reason = format!("the entity `&{};` is not defined", &*reference);
                    return Err(reading.malformed(&reason));
                };
                reading.inference.text(letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => {
                return Err(reading.malformed(&"document type declarations are refused"));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof if reading.depth > 0 => {
                return Err(reading.malformed(&"it ends before its root element does"));
            }
            Event::Eof => return Ok(()),
        }
    }
}

struct Reading<'r> {
    input: &'r Input,
    inference: &'r mut DocumentInference,
    depth: usize,
    limit: usize,
}

impl Reading<'_> {
    fn malformed(&self, reason: &dyn std::fmt::Display) -> Failure {
        Failure::unreadable(format!("{}: {reason}", self.input.name()))
    }

    fn start<R>(&mut self, reader: &NsReader<R>, tag: &BytesStart<'_>) -> Result<(), Failure> {
        self.depth += 1;
        if self.depth > self.limit {
            let reason = format!("elements are nested deeper than {}", self.limit);
            return Err(self.malformed(&reason));
        }
        let (namespace, local) = reader.resolver().resolve_element(tag.name());
        let name = self.name(&namespace, local.into_inner())?;
        let mut attributes = Vec::new();
        let mut nil = false;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(&error))?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.malformed(&error))?;
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            let name = self.name(&namespace, local.into_inner())?;
            if &*name.namespace != INSTANCE {
                attributes.push((name, value));
            } else if &*name.local == "nil" {
                nil = matches!(value.trim(), "true" | "1");
            } else if &*name.local == "type" {
                return Err(Failure::usage(
                    format!(
                        "{}: `{name}` is chosen by xsi:type, of which nothing can be inferred",
                        self.input.name()
                    ),
                    "give the XSD instead: concord standards new … --from FILE.xsd",
                ));
            }
        }
        let attributes = attributes
            .iter()
            .map(|(name, value)| (name.clone(), &**value));
        self.inference
            .open(&name, attributes, nil)
            .map_err(|error| {
                Failure::usage(
                    format!("{}: {error}", self.input.name()),
                    "give documents of one kind, whose elements are not named by their data",
                )
            })
    }

    fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.inference.close();
    }

    fn name(&self, namespace: &ResolveResult<'_>, local: &str) -> Result<QName, Failure> {
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.into_inner(),
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(prefix) => {
                let reason = format!("the prefix of `{local}` is not declared ({prefix:?})");
                return Err(self.malformed(&reason));
            }
        };
        Ok(QName::new(namespace, local))
    }
}

/// Line ends as XML has them.
fn line_ends(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
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

/// A source that fails when more is read than is left, so that nothing that does not end makes its reader collect it.
struct Bounded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something begins that is longer than any text may be",
            ));
        }
        let room = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.inner.read(&mut buffer[..room])?;
        self.left.set(left - count as u64);
        Ok(count)
    }
}
