//! Rows as records of an XML document, each on a line of its own.

use std::fmt::Write as _;
use std::io::{self, Write};

use concord_standards::layout::DocumentForm;

use super::Row;

/// An element with what stands in it.
#[derive(Debug, Default)]
struct Element<'e> {
    name: &'e str,
    attributes: Vec<(&'e str, &'e str)>,
    text: &'e str,
    children: Vec<Element<'e>>,
}

/// Writes a row as a record; when it is to be broken, with an element that no record has.
pub(super) fn record(
    out: &mut dyn Write,
    form: &DocumentForm,
    row: &Row,
    broken: bool,
) -> io::Result<()> {
    let mut root = Element {
        name: &form.record,
        ..Element::default()
    };
    for (column, place) in &form.places {
        let text = row.get(&**column).map_or("", String::as_str);
        if !text.is_empty() {
            root.put(place, text);
        }
    }
    // Every record has a row.
    root.child(&form.row);
    if broken {
        root.child("Unheard");
    }
    let mut line = String::new();
    root.write(&mut line);
    writeln!(out, "{line}")
}

impl<'e> Element<'e> {
    fn child(&mut self, name: &'e str) -> &mut Self {
        let known = self.children.iter().position(|child| child.name == name);
        let at = known.unwrap_or_else(|| {
            self.children.push(Self {
                name,
                ..Self::default()
            });
            self.children.len() - 1
        });
        &mut self.children[at]
    }

    fn put(&mut self, place: &'e str, text: &'e str) {
        match place.split_once('/') {
            Some((name, rest)) => self.child(name).put(rest, text),
            None => match place.strip_prefix('@') {
                Some(attribute) => self.attributes.push((attribute, text)),
                None => self.child(place).text = text,
            },
        }
    }

    fn write(&self, line: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(line, "<{}", self.name);
        for (name, text) in &self.attributes {
            let _ = write!(line, " {name}=\"{}\"", escaped(text));
        }
        line.push('>');
        line.push_str(&escaped(self.text));
        for child in &self.children {
            child.write(line);
        }
        let _ = write!(line, "</{}>", self.name);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
