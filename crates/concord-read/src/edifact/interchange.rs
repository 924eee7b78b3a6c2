//! Interchanges and their messages, for those who look at a few places of each.

use super::{Segments, Service, Span, is_called, tag, unreleased};
use crate::hl7::parts;

/// An interchange: what stands between UNB and UNZ.
#[derive(Debug, Clone)]
pub struct Interchange<'b> {
    /// UNB; of messages without an interchange around them, a segment of no bytes.
    pub header: SegmentText<'b>,
    /// Its messages, those of functional groups included.
    pub messages: Vec<Message<'b>>,
    /// UNZ, when there is one.
    pub trailer: Option<SegmentText<'b>>,
}

/// A message: what stands between UNH and UNT.
#[derive(Debug, Clone)]
pub struct Message<'b> {
    /// Its segments, UNH first; UNT is the last one when there is one.
    pub segments: Vec<SegmentText<'b>>,
}

/// A segment whose parts are text when they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct SegmentText<'b> {
    bytes: &'b [u8],
    /// Where it stands.
    pub span: Span,
    service: Service,
}

impl<'b> SegmentText<'b> {
    /// The segment at a place of some bytes.
    pub fn of(bytes: &'b [u8], span: Span, service: Service) -> Self {
        Self {
            bytes,
            span,
            service,
        }
    }

    /// Its tag.
    pub fn tag(&self) -> &'b str {
        std::str::from_utf8(tag(self.span.of(self.bytes), &self.service)).unwrap_or_default()
    }

    /// The elements behind the tag, as they are written.
    fn element_spans(&self) -> impl Iterator<Item = Span> {
        parts(self.bytes, self.span, self.service.element)
            .releasing(self.service.release)
            .skip(1)
    }

    fn component_spans(&self, element: Span) -> impl Iterator<Item = Span> {
        parts(self.bytes, element, self.service.component).releasing(self.service.release)
    }

    fn read(&self, span: Span) -> String {
        let text = span.of(self.bytes);
        let text = match self.service.release {
            Some(release) => unreleased(text, release),
            None => text.into(),
        };
        String::from_utf8_lossy(&text).into_owned()
    }

    /// A component (from 1) of an element (from 1), release characters taken off; empty when it is not there.
    pub fn text(&self, element: usize, component: usize) -> String {
        let found = element
            .checked_sub(1)
            .and_then(|element| self.element_spans().nth(element))
            .and_then(|span| self.component_spans(span).nth(component.checked_sub(1)?));
        found.map_or_else(String::new, |span| self.read(span))
    }

    /// Where a component stands, when it is there.
    pub fn place(&self, element: usize, component: usize) -> Option<Span> {
        let span = self.element_spans().nth(element.checked_sub(1)?)?;
        self.component_spans(span).nth(component.checked_sub(1)?)
    }

    /// Its elements, each as its components, release characters taken off.
    pub fn elements(&self) -> Vec<Vec<String>> {
        self.element_spans()
            .map(|span| {
                self.component_spans(span)
                    .map(|span| self.read(span))
                    .collect()
            })
            .collect()
    }
}

impl<'b> Interchange<'b> {
    /// The interchanges of an input. Messages that stand in none have one of their own without a header.
    pub fn read_all(bytes: &'b [u8]) -> Vec<Self> {
        let mut service = Service::of(bytes);
        let mut found: Vec<Self> = Vec::new();
        let mut open = false;
        let mut message = false;
        let mut at = 0;
        while let Some(segment) = Segments::new(bytes, at, service).next() {
            at = segment.next;
            let text = segment.span.of(bytes);
            let segment = SegmentText::of(bytes, segment.span, service);
            if is_called(text, *b"UNA") {
                let advice = Span {
                    start: segment.span.start,
                    end: at,
                };
                service = Service::advised(advice.of(bytes)).unwrap_or(service);
                continue;
            }
            if is_called(text, *b"UNB") {
                found.push(Self::begun(segment));
                (open, message) = (true, false);
                continue;
            }
            if is_called(text, *b"UNZ") {
                if let Some(last) = found.last_mut().filter(|_| open) {
                    last.trailer = Some(segment);
                }
                (open, message) = (false, false);
                continue;
            }
            if is_called(text, *b"UNH") {
                if !open {
                    let nothing = SegmentText {
                        span: Span::default(),
                        ..segment
                    };
                    found.push(Self::begun(nothing));
                    open = true;
                }
                if let Some(last) = found.last_mut() {
                    last.messages.push(Message {
                        segments: Vec::new(),
                    });
                }
                message = true;
            }
            let inside = found.last_mut().filter(|_| message);
            if let Some(last) = inside.and_then(|last| last.messages.last_mut()) {
                last.segments.push(segment);
            }
            if is_called(text, *b"UNT") {
                message = false;
            }
        }
        found
    }

    fn begun(header: SegmentText<'b>) -> Self {
        Self {
            header,
            messages: Vec::new(),
            trailer: None,
        }
    }
}

impl Message<'_> {
    /// What UNH says the message is: type, version, release, agency and association, as they are written.
    pub fn identifier(&self) -> String {
        let components = self.segments.first().map(SegmentText::elements);
        let identifier = components.and_then(|mut elements| {
            (elements.len() > 1).then(|| elements.swap_remove(1).join(":"))
        });
        identifier.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_in_interchanges_or_alone() {
        let bytes =
            b"UNB+1'UNG+x'UNH+1+A:1'BGM'UNT+3+1'UNE+1'UNH+2+B'UNZ+2+1'junk'UNH+3+C:2'UNT+2+3'";
        let read = Interchange::read_all(bytes);
        assert_eq!(read.len(), 2);
        let of = |number: usize| -> Vec<String> {
            let messages = read[number].messages.iter();
            messages.map(Message::identifier).collect()
        };
        assert_eq!(of(0), ["A:1", "B"]);
        assert_eq!(of(1), ["C:2"]);
        assert!(read[0].trailer.is_some() && read[1].trailer.is_none());
        assert_eq!(read[0].messages[0].segments.len(), 3);
        assert_eq!(read[1].header.text(1, 1), "");
        assert_eq!(
            read[0].messages[0].segments[0].place(2, 2).map(Span::len),
            Some(1)
        );
    }
}
