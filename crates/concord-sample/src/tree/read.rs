//! A small document as a tree.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use quick_xml::{XmlVersion, escape};

use super::{Child, Node, XML, XSI};
use concord_standards::schema::QName;

/// Elements nested deeper than this are refused.
const DEPTH: usize = 200;

/// Why a text is no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a document that can be made a tree: {0}")]
pub struct TreeError(String);

fn wrong(reason: impl Into<String>) -> TreeError {
    TreeError(reason.into())
}

/// What the tokeniser found.
#[allow(clippy::needless_pass_by_value)] // as `map_err` hands it on
fn found(error: impl std::error::Error) -> TreeError {
    TreeError(error.to_string())
}

/// Reads a document. Comments, processing instructions and the white space between elements are left out.
pub(super) fn read(text: &str) -> Result<Node, TreeError> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    loop {
        let event = reader.read_event().map_err(found)?;
        match event {
            Event::Start(tag) => {
                if open.len() == DEPTH {
                    return Err(wrong("it is nested too deeply"));
                }
                open.push(element(&reader, &tag)?);
            }
            Event::Empty(tag) => {
                let node = element(&reader, &tag)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(Child::Element(node)),
                    None => return Ok(node),
                }
            }
            Event::End(_) => {
                let mut node = open.pop().ok_or_else(|| wrong("an end without a start"))?;
                without_blanks(&mut node);
                match open.last_mut() {
                    Some(parent) => parent.children.push(Child::Element(node)),
                    None => return Ok(node),
                }
            }
            Event::Text(text) => add_text(&mut open, &text),
            Event::CData(text) => add_text(&mut open, &text),
            Event::GeneralRef(reference) => {
                let written = format!("&{};", &*reference);
                let text = escape::unescape(&written).map_err(found)?;
                add_text(&mut open, &text);
            }
            Event::DocType(_) => return Err(wrong("it has a document type declaration")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return Err(wrong("it ends too early")),
        }
    }
}

fn add_text(open: &mut [Node], text: &str) {
    let Some(node) = open.last_mut() else { return };
    if let Some(Child::Text(before)) = node.children.last_mut() {
        before.push_str(text);
    } else {
        node.children.push(Child::Text(text.to_owned()));
    }
}

/// Takes out the white space that only lays elements out.
fn without_blanks(node: &mut Node) {
    if node.elements().next().is_some() {
        node.children.retain(|child| match child {
            Child::Text(text) => !text.trim().is_empty(),
            Child::Element(_) | Child::Raw(_) => true,
        });
    }
}

fn element(reader: &NsReader<&[u8]>, tag: &BytesStart<'_>) -> Result<Node, TreeError> {
    let resolver = reader.resolver();
    let (namespace, local) = resolver.resolve_element(tag.name());
    let mut node = Node::new(QName::new(name_of(&namespace)?, local.as_ref()));
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(found)?;
        let written: &str = attribute.key.as_ref();
        if written == "xmlns" || written.starts_with("xmlns:") {
            continue;
        }
        let (namespace, local) = resolver.resolve_attribute(attribute.key);
        let namespace = match written.strip_prefix("xml:") {
            Some(_) => XML,
            None => name_of(&namespace)?,
        };
        let mut value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(found)?
            .into_owned();
        // The value is a name, whose prefix the tree does not keep.
        if namespace == XSI && local.as_ref() == "type" {
            let name = value.clone();
            let (of, local) = resolver.resolve_element(quick_xml::name::QName(&name));
            local.as_ref().clone_into(&mut value);
            let of = name_of(&of)?;
            if !of.is_empty() {
                node.raw_attributes.push(format!("xmlns:t=\"{of}\""));
                value.insert_str(0, "t:");
            }
        }
        let name = QName::new(namespace, local.as_ref());
        node.attributes.push((name, value));
    }
    Ok(node)
}

fn name_of<'n>(namespace: &'n ResolveResult<'_>) -> Result<&'n str, TreeError> {
    match namespace {
        ResolveResult::Unbound => Ok(""),
        ResolveResult::Bound(name) => Ok(name.0),
        ResolveResult::Unknown(prefix) => {
            Err(wrong(format!("the prefix {prefix} is not declared")))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tree::{Layout, Node};

    #[test]
    fn what_is_written_is_read_again() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <Root xmlns=\"urn:x\" a=\"1&quot;&amp;\">\n  <Leaf>R &amp; D &lt;</Leaf>\n  \
            <Typed xmlns:t=\"urn:x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"t:T\"/>\n  \
            <Other xmlns=\"urn:y\" xml:lang=\"en\"/>\n</Root>\n";
        let tree = Node::read(text).expect("a document");
        let again = Node::read(&Layout::default().write(&tree)).expect("a document");
        assert_eq!(tree, again);
        assert_eq!(tree.path(&[1]), "/Root/Typed");
        assert_eq!(
            tree.elements().next().and_then(Node::text).as_deref(),
            Some("R & D <")
        );
        for wrong in ["", "text", "<a><b></a>", "<a", "<!DOCTYPE a><a/>", "<p:a/>"] {
            assert!(Node::read(wrong).is_err(), "{wrong}");
        }
        assert!(Node::read(&"<a>".repeat(100_000)).is_err());
    }
}
