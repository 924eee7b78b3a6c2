//! The XHTML of a narrative (FHIR R4, 2.4.0 and txt-1, txt-2).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The namespace of XHTML.
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Elements that a narrative may have: those of HTML 4.0 that only format text, links and images (txt-1).
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// What is wrong with a narrative.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NarrativeFault {
    #[error("the narrative is not well-formed XHTML")]
    Broken,
    #[error("the narrative must be one div of XHTML (xmlns=\"http://www.w3.org/1999/xhtml\")")]
    Root,
    #[error("the narrative has an element that none may have: {0}")]
    Element(&'static str),
    #[error("the narrative has an attribute that runs something when it is shown")]
    Runs,
    #[error("the narrative says nothing")]
    Empty,
}

/// What is wrong with a narrative, whose text is what the JSON string says.
pub(super) fn check(text: &str) -> Result<(), NarrativeFault> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots, mut says) = (0_usize, 0_usize, false);
    loop {
        let event = reader.read_event().map_err(|_| NarrativeFault::Broken)?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                element(tag, depth == 0)?;
                roots += usize::from(depth == 0);
                says |= tag.local_name().as_ref() == "img";
                depth += usize::from(matches!(event, Event::Start(_)));
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(bytes) => {
                let blank = bytes.trim().is_empty();
                says |= !blank;
                if depth == 0 && !blank {
                    return Err(NarrativeFault::Root);
                }
            }
            Event::CData(_) | Event::GeneralRef(_) => says = true,
            Event::DocType(_) | Event::PI(_) | Event::Decl(_) => return Err(NarrativeFault::Root),
            Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match (depth, roots) {
        (0, 1) if says => Ok(()),
        (0, 1) => Err(NarrativeFault::Empty),
        (0, _) => Err(NarrativeFault::Root),
        _ => Err(NarrativeFault::Broken),
    }
}

fn element(tag: &BytesStart<'_>, root: bool) -> Result<(), NarrativeFault> {
    let name = tag.local_name();
    let name = name.as_ref();
    if !ELEMENTS.iter().any(|known| **known == *name) {
        return Err(if root {
            NarrativeFault::Root
        } else {
            NarrativeFault::Element(forbidden(name))
        });
    }
    if root && name != "div" {
        return Err(NarrativeFault::Root);
    }
    let mut named = false;
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| NarrativeFault::Broken)?;
        let key = attribute.key.as_ref();
        named |= key.starts_with("xmlns") && &*attribute.value == XHTML;
        if key
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("on"))
        {
            return Err(NarrativeFault::Runs);
        }
    }
    if root && !named {
        return Err(NarrativeFault::Root);
    }
    Ok(())
}

/// The name of an element that none may have, where it is one that is known: others may be text in the wrong place.
fn forbidden(name: &str) -> &'static str {
    const KNOWN: [&str; 14] = [
        "script", "form", "base", "link", "xlink", "iframe", "object", "style", "head", "body",
        "html", "input", "button", "svg",
    ];
    let mut known = KNOWN.iter();
    known
        .find(|known| **known == name)
        .map_or("not one of those of FHIR", |name| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(inside: &str) -> Result<(), NarrativeFault> {
        check(&format!(
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>"
        ))
    }

    #[test]
    fn narratives_are_text_with_simple_markup() {
        assert_eq!(of("<p class=\"a\">Hello &amp; <b>you</b><br/></p>"), Ok(()));
        assert_eq!(of("<img src=\"#a\"/>"), Ok(()));
        assert_eq!(of("<p> </p>"), Err(NarrativeFault::Empty));
        assert_eq!(of("<p>a"), Err(NarrativeFault::Broken));
        assert_eq!(
            of("<script>a</script>"),
            Err(NarrativeFault::Element("script"))
        );
        assert_eq!(
            of("<Ann>a</Ann>"),
            Err(NarrativeFault::Element("not one of those of FHIR"))
        );
        assert_eq!(of("<p onclick=\"a\">a</p>"), Err(NarrativeFault::Runs));
        assert_eq!(check("<div>a</div>"), Err(NarrativeFault::Root));
        assert_eq!(check("hello"), Err(NarrativeFault::Root));
        assert_eq!(check("<!DOCTYPE a><div/>"), Err(NarrativeFault::Root));
        let two = "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>".repeat(2);
        assert_eq!(check(&two), Err(NarrativeFault::Root));
    }
}
