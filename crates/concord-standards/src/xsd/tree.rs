//! An XSD file as a small tree of its `xs:` elements, with lines and namespaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::error::XsdError;
use super::names::{XML_NAMESPACE, XSD_NAMESPACE, XSI_NAMESPACE, is_ncname, is_white};
use crate::schema::{Origin, QName};

/// Elements of an XSD nested deeper than this are refused.
const MAX_DEPTH: usize = 128;

/// An `xs:` element. Attributes of other namespaces are left out; the content of `xs:appinfo` and
/// `xs:documentation` too.
#[derive(Debug)]
pub(super) struct Node {
    /// Local name in the XML Schema namespace.
    pub(super) name: Box<str>,
    /// Where it stands.
    pub(super) origin: Origin,
    /// Children in order.
    pub(super) children: Vec<Node>,
    attributes: Vec<(Box<str>, Box<str>)>,
    scope: Arc<Scope>,
}

/// Namespace prefixes declared on an element, and those around it.
#[derive(Debug, Default)]
struct Scope {
    bindings: BTreeMap<Box<str>, Arc<str>>,
    outer: Option<Arc<Scope>>,
}

impl Scope {
    fn find(&self, prefix: &str) -> Option<&Arc<str>> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(namespace) = here.bindings.get(prefix) {
                return Some(namespace);
            }
            scope = here.outer.as_deref();
        }
        None
    }
}

impl Node {
    /// The value of an attribute as it is written, or `None` when it is absent.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| &**known == name)
            .map(|(_, value)| &**value)
    }

    /// The value of an attribute without white space around it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).map(|value| value.trim_matches(is_white))
    }

    /// Whether a boolean attribute is present and true.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }

    /// The attributes in the order written.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// The children other than annotations.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Node> {
        self.children
            .iter()
            .filter(|child| &*child.name != "annotation")
    }

    /// The first child with one of these names.
    pub(super) fn child(&self, names: &[&str]) -> Option<&Node> {
        self.children
            .iter()
            .find(|child| names.contains(&&*child.name))
    }

    /// The name that a prefixed name stands for here.
    ///
    /// # Errors
    /// A message when it is not a qualified name or its prefix is not declared.
    pub(super) fn resolve(&self, written: &str) -> Result<QName, String> {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        if !is_ncname(local) || (written.contains(':') && !is_ncname(prefix)) {
            return Err(format!("`{written}` is not a name such as `prefix:Name`"));
        }
        if prefix == "xml" {
            return Ok(QName::new(XML_NAMESPACE, local));
        }
        match self.scope.find(prefix) {
            Some(namespace) => Ok(QName::new(Arc::clone(namespace), local)),
            None if prefix.is_empty() => Ok(QName::new("", local)),
            None => Err(format!(
                "the prefix `{prefix}` of `{written}` is not declared: add xmlns:{prefix}=\"…\""
            )),
        }
    }
}

/// Reads a file into its `xs:schema` element.
///
/// # Errors
/// The first thing that is not well-formed, has a DTD, is nested too deep or is not a schema: the rest
/// of such a file cannot be trusted.
pub(super) fn read(file: &Arc<str>, text: &str) -> Result<Node, XsdError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let mut builder = TreeBuilder {
        file: Arc::clone(file),
        open: Vec::new(),
        root: None,
        skipped: 0,
    };
    loop {
        let start = reader.buffer_position();
        let event = reader.read_event().map_err(|error| {
            let line = lines.line_of(reader.error_position());
            builder.error(line, format!("not well-formed XML: {error}"))
        })?;
        let line = lines.line_of(start);
        match event {
            Event::Start(tag) => builder.start(&tag, line)?,
            Event::End(_) => builder.end(),
            Event::Text(text) => {
                let blank = text.len() - text.trim_start_matches(is_white).len();
                let line = lines.line_of(start + blank as u64);
                builder.text(&text, line)?;
            }
            Event::CData(text) => builder.text(&text, line)?,
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(_)) => true,
                    Ok(None) => {
                        matches!(&*reference, "amp" | "lt" | "gt" | "quot" | "apos")
                    }
                    Err(_) => false,
                };
                if !known {
                    let message = format!("the entity `&{};` is not defined", &*reference);
                    return Err(builder.error(line, message));
                }
                builder.text(&reference, line)?;
            }
            Event::DocType(_) => {
                return Err(builder.error(
                    line,
                    "document type declarations (<!DOCTYPE …>) are refused: remove it".to_owned(),
                ));
            }
            Event::Decl(_) if start > 0 => {
                return Err(builder.error(
                    line,
                    "the XML declaration must stand at the start of the file".to_owned(),
                ));
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof => return builder.finish(line),
        }
    }
}

/// Counts lines as far as asked.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn line_of(&mut self, offset: u64) -> u32 {
        let offset = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        if offset > self.at {
            let passed = &self.text.as_bytes()[self.at..offset];
            self.line += memchr::memchr_iter(b'\n', passed).count() as u32;
            self.at = offset;
        }
        self.line
    }
}

struct TreeBuilder {
    file: Arc<str>,
    open: Vec<Node>,
    root: Option<Node>,
    /// Depth below an `xs:appinfo` or `xs:documentation`, that element included.
    skipped: usize,
}

impl TreeBuilder {
    fn error(&self, line: u32, message: String) -> XsdError {
        XsdError {
            file: self.file.to_string(),
            line,
            message,
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, line: u32) -> Result<(), XsdError> {
        if self.skipped > 0 {
            self.skipped += 1;
            for attribute in tag.attributes() {
                attribute
                    .map_err(|error| self.error(line, format!("not well-formed XML: {error}")))?;
            }
            return Ok(());
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error(line, format!("elements are nested deeper than {MAX_DEPTH}")));
        }
        let node = self.node(tag, line)?;
        match self.open.last() {
            None if self.root.is_some() => {
                return Err(self.error(line, "a second root element".to_owned()));
            }
            None if &*node.name != "schema" => {
                let message = format!("the root element is <xs:{}>, not <xs:schema>", node.name);
                return Err(self.error(line, message));
            }
            Some(parent) if &*parent.name == "annotation" => {
                if !matches!(&*node.name, "appinfo" | "documentation") {
                    let message = format!(
                        "<xs:{}> must not stand in <xs:annotation>, only <xs:appinfo> and <xs:documentation>",
                        node.name
                    );
                    return Err(self.error(line, message));
                }
                self.skipped = 1;
            }
            _ => {}
        }
        self.open.push(node);
        Ok(())
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                self.open.pop();
            }
            return;
        }
        if let Some(node) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(node),
                None => self.root = Some(node),
            }
        }
    }

    fn text(&mut self, text: &str, line: u32) -> Result<(), XsdError> {
        if self.skipped > 0 || text.chars().all(is_white) {
            return Ok(());
        }
        let message = match self.open.last() {
            Some(node) => format!("text must not stand in <xs:{}>", node.name),
            None => "text must not stand outside the root element".to_owned(),
        };
        Err(self.error(line, message))
    }

    fn finish(self, line: u32) -> Result<Node, XsdError> {
        if let Some(node) = self.open.last() {
            let message = format!(
                "the file ends before </{}>, which line {} opens",
                node.name, node.origin.line
            );
            return Err(self.error(line, message));
        }
        match self.root {
            Some(root) => Ok(root),
            None => Err(self.error(line, "the file holds no <xs:schema>".to_owned())),
        }
    }

    fn node(&self, tag: &BytesStart<'_>, line: u32) -> Result<Node, XsdError> {
        let mut bindings = BTreeMap::new();
        let mut written = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute
                .map_err(|error| self.error(line, format!("not well-formed XML: {error}")))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.error(line, format!("not well-formed XML: {error}")))?;
            let key = attribute.key.0;
            match key.split_once(':') {
                Some(("xmlns", prefix)) => {
                    if value.is_empty() {
                        return Err(self.error(line, format!("xmlns:{prefix} must not be empty")));
                    }
                    bindings.insert(prefix.into(), value.into());
                }
                None if key == "xmlns" => {
                    bindings.insert("".into(), value.into());
                }
                _ => written.push((key.to_owned(), value.into_owned())),
            }
        }
        let outer = self.open.last().map(|node| &node.scope);
        let scope = match outer {
            Some(outer) if bindings.is_empty() => Arc::clone(outer),
            outer => Arc::new(Scope {
                bindings,
                outer: outer.cloned(),
            }),
        };
        let tag_name = tag.name().0;
        let mut node = Node {
            name: "".into(),
            origin: Origin {
                file: Arc::clone(&self.file),
                line,
            },
            children: Vec::new(),
            attributes: Vec::new(),
            scope,
        };
        let name = node
            .resolve(tag_name)
            .map_err(|message| self.error(line, message))?;
        if &*name.namespace != XSD_NAMESPACE {
            return Err(self.error(
                line,
                format!(
                    "<{tag_name}> is not an element of XML Schema ({XSD_NAMESPACE}): other elements may stand in <xs:appinfo> and <xs:documentation> only"
                ),
            ));
        }
        node.name = (&*name.local).into();
        for (key, value) in written {
            if !key.contains(':') {
                node.attributes.push((key.into(), value.into()));
                continue;
            }
            let name = node
                .resolve(&key)
                .map_err(|message| self.error(line, message))?;
            if matches!(&*name.namespace, XSD_NAMESPACE)
                || (&*name.namespace == XSI_NAMESPACE && &*name.local != "schemaLocation")
            {
                let message = format!("the attribute {key} must not stand on <xs:{}>", node.name);
                return Err(self.error(line, message));
            }
        }
        Ok(node)
    }
}
