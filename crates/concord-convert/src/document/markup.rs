//! Pieces as XML.

use std::io::{self, Write};
use std::sync::Arc;

use super::plan::DocumentPlan;
use super::state::Piece;

/// Writes pieces as markup: an element a line, two blanks for each level.
#[derive(Debug)]
pub(super) struct Markup<W> {
    out: W,
    /// Names of the elements that are open, with their namespaces.
    open: Vec<(Arc<str>, Arc<str>)>,
    text: String,
    /// The last thing that was written.
    last: Last,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A start tag that is not closed yet, so that attributes can follow.
    Tag,
    Text,
    Element,
}

impl<W: Write> Markup<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            open: Vec::new(),
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
            last: Last::Element,
        }
    }

    pub(super) fn write(&mut self, plan: &DocumentPlan<'_>, pieces: &[Piece]) -> io::Result<()> {
        for piece in pieces {
            match piece {
                Piece::Open(element) => {
                    let name = &plan.schema.element(*element).name;
                    self.start(&name.local, &name.namespace);
                }
                Piece::Attribute(place, value) => {
                    let name = plan.place(*place).name.trim_start_matches('@');
                    self.text.push(' ');
                    self.text.push_str(name);
                    self.text.push_str("=\"");
                    escape(value, true, &mut self.text);
                    self.text.push('"');
                }
                Piece::Text(text) => {
                    if !text.is_empty() {
                        self.end_tag();
                        escape(text, false, &mut self.text);
                        self.last = Last::Text;
                    }
                }
                Piece::Close => self.close(),
                Piece::Records => {}
            }
        }
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    /// What it would have been written to, when nothing was written.
    pub(super) fn into_inner(self) -> W {
        self.out
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.text.push('\n');
        self.out.write_all(self.text.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn end_tag(&mut self) {
        if self.last == Last::Tag {
            self.text.push('>');
            self.last = Last::Element;
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", self.open.len()));
    }

    fn start(&mut self, name: &Arc<str>, namespace: &Arc<str>) {
        self.end_tag();
        self.line();
        self.text.push('<');
        self.text.push_str(name);
        let around = self.open.last().map_or("", |(_, namespace)| namespace);
        if *around != **namespace {
            self.text.push_str(" xmlns=\"");
            escape(namespace, true, &mut self.text);
            self.text.push('"');
        }
        self.open.push((Arc::clone(name), Arc::clone(namespace)));
        self.last = Last::Tag;
    }

    fn close(&mut self) {
        let Some((name, _)) = self.open.pop() else {
            return;
        };
        match self.last {
            Last::Tag => self.text.push_str("/>"),
            Last::Text => {
                self.text.push_str("</");
                self.text.push_str(&name);
                self.text.push('>');
            }
            Last::Element => {
                self.line();
                self.text.push_str("</");
                self.text.push_str(&name);
                self.text.push('>');
            }
        }
        self.last = Last::Element;
    }
}

/// Appends text with the characters escaped that cannot stand there or would be read as others (XML 1.0, 2.11 and 3.3.3).
fn escape(text: &str, attribute: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            other => out.push(other),
        }
    }
}
