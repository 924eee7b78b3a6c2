//! XHTML that borrows its namespace from what is around it, told again so that it stands by itself, as it must in JSON.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The namespace of XHTML.
pub(super) const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Whether an element says itself, without a prefix, that it is XHTML.
pub(super) fn stands_alone(tag: &BytesStart<'_>) -> bool {
    let mut attributes = tag.attributes().flatten();
    attributes.any(|attribute| attribute.key.as_ref() == "xmlns" && &*attribute.value == XHTML)
}

/// The same XHTML without prefixes, of which the first element says its namespace. What cannot be read stays as it is.
pub(super) fn alone(raw: &str) -> String {
    retold(raw).unwrap_or_else(|| raw.to_owned())
}

fn retold(raw: &str) -> Option<String> {
    let mut reader = Reader::from_str(raw);
    let mut text = String::with_capacity(raw.len() + XHTML.len());
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().ok()?;
        let end = reader.buffer_position() as usize;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                text.push('<');
                text.push_str(tag.local_name().as_ref());
                if start == 0 {
                    // Writing to a `String` does not fail.
                    let _ = write!(text, " xmlns=\"{XHTML}\"");
                }
                for attribute in tag.attributes() {
                    let attribute = attribute.ok()?;
                    let key = attribute.key.as_ref();
                    if !key.starts_with("xmlns") {
                        let value = attribute.value.replace('"', "&quot;");
                        let _ = write!(text, " {key}=\"{value}\"");
                    }
                }
                let closes = matches!(event, Event::Empty(_));
                text.push_str(if closes { "/>" } else { ">" });
            }
            Event::End(tag) => {
                text.push_str("</");
                text.push_str(tag.local_name().as_ref());
                text.push('>');
            }
            Event::Eof => return Some(text),
            _ => text.push_str(raw.get(start..end)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::alone;

    #[test]
    fn prefixes_go_and_the_namespace_comes() {
        assert_eq!(
            alone("<h:div h:a='x\"y'>a &amp; b<!-- c --><h:br/><h:p xmlns:i=\"j\">d</h:p></h:div>"),
            "<div xmlns=\"http://www.w3.org/1999/xhtml\" h:a=\"x&quot;y\">a &amp; b<!-- c --><br/><p>d</p></div>"
        );
        assert_eq!(alone("<div"), "<div");
    }
}
