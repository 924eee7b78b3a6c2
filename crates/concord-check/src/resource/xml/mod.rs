//! Resources in XML, read as the JSON of the same resources (FHIR R4, 2.6.1 and 2.6.2), so that one walker judges both.
//!
//! | module | does |
//! |---|---|
//! | `piece` | JSON that is being written, and where in the XML each part of it came from |
//! | `frame` | elements that are open, and the members that they become |
//! | `narrative` | XHTML that borrows its namespace from what is around it |
//! | `reader` | the elements of the XML, one after the other |
//!
//! A document is converted as a whole. Elements become members: several of one name that stand together become an array where
//! the element may repeat; those that do not stand together become the same name twice, which is told. What only XML has
//! (namespaces, attributes, text between elements, the order of elements) is told here, where it stands.

mod frame;
mod narrative;
mod piece;
mod reader;

use std::sync::Arc;

use super::plan::ResourcePlan;
use super::records::{self, ResourceOutput};
use super::tell::{Found, Teller};
use crate::output::Draft;
use piece::Piece;
use reader::Reading;

/// The namespace of FHIR in XML.
pub const NAMESPACE: &str = "http://hl7.org/fhir";

/// What became of a document of XML.
#[derive(Debug, Default)]
pub(super) struct Converted {
    /// Its JSON; nothing when the document could not be read to its end.
    json: Option<Piece>,
    /// What is wrong with the XML, with places in it.
    found: Found,
    /// Whether the document ends inside an element.
    cut: bool,
}

impl Converted {
    /// The JSON that was checked.
    pub(super) fn json(&self) -> &[u8] {
        self.json
            .as_ref()
            .map_or(&[], |json| json.text().as_bytes())
    }

    /// Where in the XML something of the JSON came from.
    pub(super) fn origin(&self, offset: usize) -> usize {
        self.json.as_ref().map_or(0, |json| json.origin(offset))
    }

    /// The findings about the XML itself, which have their paths.
    pub(super) fn take_drafts(&mut self) -> Vec<Draft> {
        std::mem::take(&mut self.found.drafts)
    }
}

/// Whether a document is XML: whether the first thing in it is a tag.
pub fn is_xml(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<")
}

/// Checks the resource that a document of XML is.
pub(super) fn document(teller: Teller<'_>, bytes: &[u8], out: &mut ResourceOutput) -> Converted {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            // What is opened is made UTF-8 before it comes here.
            let mut reading = Reading::new(teller, "");
            reading.not_utf8(error.valid_up_to());
            return reading.into_converted();
        }
    };
    let mut converted = convert(teller, text);
    if converted.json.is_some() {
        records::document(teller, converted.json(), out);
    }
    converted.found.tell_more(teller);
    out.cut |= converted.cut;
    converted
}

fn convert(teller: Teller<'_>, text: &str) -> Converted {
    let mut reading = Reading::new(teller, text);
    reading.whole();
    reading.into_converted()
}

/// The JSON of resources that are XML, by the types of a standard; `None` when the document cannot be read to its end, or is
/// not UTF-8.
///
/// What is wrong with it is for [`check_resources`](super::check_resources) to say.
pub fn json_of_xml(plan: &ResourcePlan, xml: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(xml).ok()?;
    let file: Arc<str> = "".into();
    let teller = Teller { plan, file: &file };
    convert(teller, text).json.map(Piece::into_text)
}
