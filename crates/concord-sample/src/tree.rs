//! A small owned XML tree and how it is written.

mod read;

use concord_standards::schema::{QName, TypeId};

pub use read::TreeError;

/// Namespace of `xsi:type`, `xsi:nil` and their kin.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of `xml:lang` and its kin.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// An element.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Name.
    pub name: QName,
    /// Attributes in the order in which they are written.
    pub attributes: Vec<(QName, String)>,
    /// Text written as it is inside the start tag, after the attributes.
    pub raw_attributes: Vec<String>,
    /// What stands between the tags.
    pub children: Vec<Child>,
    /// The type that it was made from, when it was made from one.
    pub made_from: Option<TypeId>,
    /// How often it may occur where it stands, when that is known and bounded.
    pub at_most: Option<u32>,
}

/// Something between two tags.
#[derive(Debug, Clone, PartialEq)]
pub enum Child {
    /// An element.
    Element(Node),
    /// Text, escaped when it is written.
    Text(String),
    /// Anything else (comment, CDATA, reference), written as it is.
    Raw(String),
}

impl Node {
    /// An empty element.
    pub fn new(name: QName) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            raw_attributes: Vec::new(),
            children: Vec::new(),
            made_from: None,
            at_most: None,
        }
    }

    /// The tree of a small document.
    ///
    /// # Errors
    /// [`TreeError`] when it is not well-formed, has a document type declaration, or is nested very deeply.
    pub fn read(text: &str) -> Result<Self, TreeError> {
        read::read(text)
    }

    /// Its children that are elements.
    pub fn elements(&self) -> impl Iterator<Item = &Node> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(node) => Some(node),
            Child::Text(_) | Child::Raw(_) => None,
        })
    }

    /// Its text, when it has no element in it.
    pub fn text(&self) -> Option<String> {
        let mut text = String::new();
        for child in &self.children {
            match child {
                Child::Element(_) => return None,
                Child::Text(part) | Child::Raw(part) => text.push_str(part),
            }
        }
        Some(text)
    }

    /// How many elements there are, itself included.
    pub fn size(&self) -> usize {
        1 + self.elements().map(Node::size).sum::<usize>()
    }

    /// The element at a place: indexes into `children`, from here down.
    pub fn at(&self, place: &[usize]) -> Option<&Node> {
        let mut node = self;
        for &index in place {
            match node.children.get(index)? {
                Child::Element(child) => node = child,
                Child::Text(_) | Child::Raw(_) => return None,
            }
        }
        Some(node)
    }

    /// The same, to change it.
    pub fn at_mut(&mut self, place: &[usize]) -> Option<&mut Node> {
        let mut node = self;
        for &index in place {
            match node.children.get_mut(index)? {
                Child::Element(child) => node = child,
                Child::Text(_) | Child::Raw(_) => return None,
            }
        }
        Some(node)
    }

    /// Places of all elements, this one first, parents before children.
    pub fn places(&self) -> Vec<Vec<usize>> {
        fn visit(node: &Node, here: &mut Vec<usize>, places: &mut Vec<Vec<usize>>) {
            places.push(here.clone());
            for (index, child) in node.children.iter().enumerate() {
                if let Child::Element(child) = child {
                    here.push(index);
                    visit(child, here, places);
                    here.pop();
                }
            }
        }
        let mut places = Vec::new();
        visit(self, &mut Vec::new(), &mut places);
        places
    }

    /// The place as names with `/` between them, for people.
    pub fn path(&self, place: &[usize]) -> String {
        let mut path = format!("/{}", self.name);
        for end in 1..=place.len() {
            if let Some(node) = self.at(&place[..end]) {
                path.push('/');
                path.push_str(&node.name.local);
            }
        }
        path
    }
}

/// How a tree is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Blanks for each level; `None` writes everything on one line.
    pub indent: Option<usize>,
    /// Prefix for the root's namespace; `None` declares it as the default namespace.
    pub prefix: Option<String>,
    /// The XML declaration, written as it is; empty for none.
    pub declaration: String,
    /// Whether elements without content are written `<a/>` rather than `<a></a>`.
    pub self_closing: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            indent: Some(2),
            prefix: None,
            declaration: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
            self_closing: true,
        }
    }
}

impl Layout {
    /// Everything on one line.
    pub fn compact() -> Self {
        Self {
            indent: None,
            ..Self::default()
        }
    }

    /// The tree as text.
    pub fn write(&self, root: &Node) -> String {
        let mut text = self.declaration.clone();
        if !text.is_empty() && self.indent.is_some() {
            text.push('\n');
        }
        let mut writer = Writer {
            layout: self,
            namespace: &root.name.namespace,
            text,
        };
        writer.element(root, "", 0, self.indent.is_some(), true);
        if self.indent.is_some() {
            writer.text.push('\n');
        }
        writer.text
    }
}

struct Writer<'a> {
    layout: &'a Layout,
    /// The namespace that the layout's prefix stands for.
    namespace: &'a str,
    text: String,
}

impl Writer<'_> {
    fn element(&mut self, node: &Node, default: &str, depth: usize, pretty: bool, is_root: bool) {
        let mut default = default;
        let prefix = self
            .layout
            .prefix
            .as_deref()
            .filter(|_| !self.namespace.is_empty() && *node.name.namespace == *self.namespace);
        let tag = match prefix {
            Some(prefix) => format!("{prefix}:{}", node.name.local),
            None => node.name.local.to_string(),
        };
        self.text.push('<');
        self.text.push_str(&tag);
        if let Some(prefix) = self
            .layout
            .prefix
            .as_deref()
            .filter(|_| is_root && !self.namespace.is_empty())
        {
            self.attribute(&format!("xmlns:{prefix}"), self.namespace);
        }
        if prefix.is_none() && *node.name.namespace != *default {
            self.attribute("xmlns", &node.name.namespace);
            default = &node.name.namespace;
        }
        for (index, (name, value)) in node.attributes.iter().enumerate() {
            match &*name.namespace {
                "" => self.attribute(&name.local, value),
                XML => self.attribute(&format!("xml:{}", name.local), value),
                XSI => {
                    if !node.attributes[..index]
                        .iter()
                        .any(|(other, _)| *other.namespace == *XSI)
                    {
                        self.attribute("xmlns:xsi", XSI);
                    }
                    self.attribute(&format!("xsi:{}", name.local), value);
                }
                namespace => {
                    self.attribute(&format!("xmlns:a{index}"), namespace);
                    self.attribute(&format!("a{index}:{}", name.local), value);
                }
            }
        }
        for raw in &node.raw_attributes {
            self.text.push(' ');
            self.text.push_str(raw);
        }
        if node.children.is_empty() {
            if self.layout.self_closing {
                self.text.push_str("/>");
            } else {
                self.text.push_str("></");
                self.text.push_str(&tag);
                self.text.push('>');
            }
            return;
        }
        self.text.push('>');
        let pretty = pretty && stands_in_lines(&node.children);
        for child in &node.children {
            if pretty {
                self.line(depth + 1);
            }
            match child {
                Child::Element(child) => self.element(child, default, depth + 1, pretty, false),
                Child::Text(text) => escape_text(text, &mut self.text),
                Child::Raw(raw) => self.text.push_str(raw),
            }
        }
        if pretty {
            self.line(depth);
        }
        self.text.push_str("</");
        self.text.push_str(&tag);
        self.text.push('>');
    }

    fn line(&mut self, depth: usize) {
        self.text.push('\n');
        for _ in 0..depth * self.layout.indent.unwrap_or(0) {
            self.text.push(' ');
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        escape_attribute(value, &mut self.text);
        self.text.push('"');
    }
}

/// Whether the children may be put on lines of their own without changing what they say.
fn stands_in_lines(children: &[Child]) -> bool {
    children
        .iter()
        .any(|child| matches!(child, Child::Element(_)))
        && children.iter().all(|child| match child {
            Child::Element(_) => true,
            Child::Text(_) => false,
            Child::Raw(raw) => raw.starts_with('<') && !raw.starts_with("<![CDATA["),
        })
}

/// Appends text with the characters escaped that must not stand in it.
pub fn escape_text(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

/// Appends an attribute's value, for double quotes.
pub fn escape_attribute(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Node {
        let mut root = Node::new(QName::new("urn:x", "Root"));
        root.attributes.push((QName::new("", "a"), "1\"&".into()));
        let mut leaf = Node::new(QName::new("urn:x", "Leaf"));
        leaf.children.push(Child::Text("R & D".into()));
        root.children.push(Child::Element(leaf));
        root.children
            .push(Child::Element(Node::new(QName::new("urn:y", "Other"))));
        root
    }

    #[test]
    fn pretty_and_prefixed() {
        let layout = Layout {
            declaration: String::new(),
            ..Layout::default()
        };
        assert_eq!(
            layout.write(&sample()),
            "<Root xmlns=\"urn:x\" a=\"1&quot;&amp;\">\n  <Leaf>R &amp; D</Leaf>\n  <Other xmlns=\"urn:y\"/>\n</Root>\n"
        );
        let layout = Layout {
            indent: None,
            prefix: Some("p".into()),
            self_closing: false,
            ..layout
        };
        assert_eq!(
            layout.write(&sample()),
            "<p:Root xmlns:p=\"urn:x\" a=\"1&quot;&amp;\"><p:Leaf>R &amp; D</p:Leaf><Other xmlns=\"urn:y\"></Other></p:Root>"
        );
    }

    #[test]
    fn places_are_found_again() {
        let root = sample();
        let places = root.places();
        assert_eq!(places, [vec![], vec![0], vec![1]]);
        assert_eq!(root.path(&places[1]), "/Root/Leaf");
        assert_eq!(root.size(), 3);
    }
}
