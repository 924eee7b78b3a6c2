//! The definition of documents from examples.

mod children;
mod files;
mod rules;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use self::children::{Children, Reading};
use super::column::Column;
use super::distinct::Keys;
use crate::schema::QName;

/// Different elements that a structure may have.
const MOST_ELEMENTS: usize = 4_096;

/// Different children of an element, and different attributes.
const MOST_CHILDREN: usize = 1_024;

/// Bytes of a text that is looked at. What is longer is text of any length.
const LONGEST_TEXT: usize = 1 << 16;

/// The number of a name.
type Name = u32;

/// Why documents cannot be learnt from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// There are more different elements than a structure may have.
    #[error("there are more than {MOST_ELEMENTS} different elements")]
    Elements,
    /// An element has more different children or attributes than are followed.
    #[error("`{0}` has more than {MOST_CHILDREN} different children or attributes")]
    Children(String),
    /// The documents have different root elements.
    #[error("the documents begin with different elements, `{0}` and `{1}`")]
    Roots(String, String),
    /// There is no document.
    #[error("there is no document")]
    Nothing,
}

/// Documents that are looked at element by element. Memory is bounded by the number of different elements.
///
/// Every element has one type, wherever it stands: what is known of its children and values is put together.
#[derive(Debug, Default)]
pub struct DocumentInference {
    names: Vec<QName>,
    numbers: BTreeMap<QName, Name>,
    elements: Vec<Seen>,
    stack: Vec<Open>,
    root: Option<Name>,
    keys: Option<Keys>,
    documents: u64,
}

/// What is known of an element.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a fact that is independent of the others
struct Seen {
    /// How often it stood.
    count: u64,
    /// How often it had an `xsi:nil` that said so.
    nil: u64,
    children: Children,
    /// Whether text stood beside children.
    mixed: bool,
    /// Whether it ever had children.
    has_children: bool,
    /// Its texts, where it had no children.
    text: Column,
    /// Whether a text was too long to be looked at, or blanks alone.
    long: bool,
    blank: bool,
    attributes: BTreeMap<QName, AttributeSeen>,
    parents: BTreeSet<Name>,
}

#[derive(Debug, Default)]
struct AttributeSeen {
    count: u64,
    values: Column,
    /// Whether a value was too long to be looked at, or blanks alone.
    odd: bool,
}

/// An element that is being read.
#[derive(Debug)]
struct Open {
    name: Name,
    reading: Reading,
    text: String,
    long: bool,
    nil: bool,
}

impl DocumentInference {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An element begins. `attributes` are those that are no declarations of namespaces and not of the namespace
    /// of XML Schema's instances; `nil` is whether `xsi:nil` says so.
    ///
    /// # Errors
    /// [`DocumentError`] when there is more than is followed.
    pub fn open<'a>(
        &mut self,
        name: &QName,
        attributes: impl IntoIterator<Item = (QName, &'a str)>,
        nil: bool,
    ) -> Result<(), DocumentError> {
        let number = self.number(name)?;
        match self.stack.last_mut() {
            Some(parent) => {
                let above = parent.name;
                let seen = &mut self.elements[above as usize];
                seen.has_children = true;
                if !seen
                    .children
                    .child(&mut parent.reading, number, MOST_CHILDREN)
                {
                    let parent = self.names[above as usize].to_string();
                    return Err(DocumentError::Children(parent));
                }
                self.elements[number as usize].parents.insert(above);
            }
            None => self.begin(number)?,
        }
        let seen = &mut self.elements[number as usize];
        seen.count += 1;
        seen.nil += u64::from(nil);
        for (attribute, value) in attributes {
            if !seen.attributes.contains_key(&attribute) && seen.attributes.len() == MOST_CHILDREN {
                return Err(DocumentError::Children(name.to_string()));
            }
            let known = seen.attributes.entry(attribute).or_default();
            known.count += 1;
            known.odd |= value.len() > LONGEST_TEXT || is_blank(value);
            known.values.add(value);
        }
        self.stack.push(Open {
            name: number,
            reading: Reading::default(),
            text: String::new(),
            long: false,
            nil,
        });
        Ok(())
    }

    fn begin(&mut self, root: Name) -> Result<(), DocumentError> {
        self.documents += 1;
        let known = *self.root.get_or_insert(root);
        if known == root {
            return Ok(());
        }
        let name = |name: Name| self.names[name as usize].to_string();
        Err(DocumentError::Roots(name(known), name(root)))
    }

    /// Text stands in the element that began last, entities undone.
    pub fn text(&mut self, text: &str) {
        if let Some(open) = self.stack.last_mut() {
            if open.text.len() + text.len() > LONGEST_TEXT {
                open.long = true;
            } else {
                open.text.push_str(text);
            }
        }
    }

    /// The element that began last ends.
    pub fn close(&mut self) {
        let Some(open) = self.stack.pop() else {
            return;
        };
        let seen = &mut self.elements[open.name as usize];
        if open.nil {
            return;
        }
        let has_children = !open.reading.is_empty();
        seen.children.end(open.reading);
        let filled = open.long || !open.text.trim().is_empty();
        if has_children {
            seen.mixed |= filled;
            return;
        }
        seen.long |= open.long;
        seen.blank |= is_blank(&open.text);
        seen.text.add(&open.text);
        self.keys
            .get_or_insert_with(|| Keys::of(MOST_ELEMENTS))
            .add(open.name as usize, &open.text);
    }

    /// What was seen, and what is made of it.
    ///
    /// # Errors
    /// [`DocumentError::Nothing`] when there was no document.
    pub fn finish(self) -> Result<InferredDocument, DocumentError> {
        match self.root {
            Some(root) => Ok(InferredDocument { root, seen: self }),
            None => Err(DocumentError::Nothing),
        }
    }

    fn number(&mut self, name: &QName) -> Result<Name, DocumentError> {
        if let Some(number) = self.numbers.get(name) {
            return Ok(*number);
        }
        if self.names.len() == MOST_ELEMENTS {
            return Err(DocumentError::Elements);
        }
        let number = self.names.len() as Name;
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        self.elements.push(Seen::default());
        Ok(number)
    }
}

/// Whether a text is blanks and nothing else, and not nothing.
fn is_blank(text: &str) -> bool {
    !text.is_empty() && text.trim().is_empty()
}

/// Documents of which every element has been seen.
#[derive(Debug)]
pub struct InferredDocument {
    root: Name,
    seen: DocumentInference,
}

impl InferredDocument {
    /// Documents seen.
    pub fn documents(&self) -> u64 {
        self.seen.documents
    }

    /// Different elements seen.
    pub fn elements(&self) -> usize {
        self.seen.names.len()
    }

    fn name(&self, number: Name) -> &QName {
        &self.seen.names[number as usize]
    }

    fn element(&self, number: Name) -> &Seen {
        &self.seen.elements[number as usize]
    }

    /// Attributes of the root that say which version a document is of: named so, and the same in every document.
    fn versions(&self) -> BTreeMap<String, String> {
        let named = |name: &QName| {
            name.namespace.is_empty() && name.local.to_ascii_lowercase().contains("version")
        };
        let attributes = &self.element(self.root).attributes;
        let found = attributes.iter().filter(|(name, _)| named(name));
        found
            .filter_map(|(name, seen)| {
                let values = seen.values.distinct.all()?;
                let (value, count) = values.first_key_value()?;
                let always = values.len() == 1 && *count == self.documents();
                always.then(|| (name.local.to_string(), value.to_string()))
            })
            .collect()
    }

    /// Children of the root that are records: those that stand there several times; where none does, those that have
    /// children themselves.
    fn records(&self) -> Vec<Name> {
        let children = &self.element(self.root).children;
        let names = || {
            children
                .names
                .iter()
                .copied()
                .filter(|name| *name != self.root)
        };
        let repeated: Vec<Name> = names().filter(|name| children.is_repeated(*name)).collect();
        if repeated.is_empty() {
            names()
                .filter(|name| self.element(*name).has_children)
                .collect()
        } else {
            repeated
        }
    }

    /// Elements that stand below some others, at whatever depth.
    fn below(&self, above: &[Name]) -> BTreeSet<Name> {
        let mut found = BTreeSet::new();
        let mut open = above.to_vec();
        while let Some(name) = open.pop() {
            for child in &self.element(name).children.names {
                if found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found
    }

    /// The path below a record of what identifies it: an element without children that stands in every record once and
    /// never held a value twice.
    fn key(&self, records: &[Name]) -> Option<String> {
        let [record] = records else { return None };
        let keys = self.seen.keys.as_ref()?;
        let mut open = vec![(*record, String::new())];
        let mut depth = 0;
        while !open.is_empty() && depth < 4 {
            depth += 1;
            let mut next = Vec::new();
            for (above, path) in open {
                let children = &self.element(above).children;
                for name in &children.names {
                    let seen = self.element(*name);
                    if !children.is_single(*name) || seen.parents.len() > 1 || seen.nil > 0 {
                        continue;
                    }
                    let path = match path.as_str() {
                        "" => self.name(*name).local.to_string(),
                        path => format!("{path}/{}", self.name(*name).local),
                    };
                    if seen.has_children {
                        next.push((*name, path));
                    } else if seen.count > 1 && keys.is_key(*name as usize) {
                        return Some(path);
                    }
                }
            }
            open = next;
        }
        None
    }
}

#[cfg(test)]
mod tests;
