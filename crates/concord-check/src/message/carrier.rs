//! How the messages of an input are written: where HL7 v2 and EDIFACT differ.

use concord_read::edifact::{self, Service};
use concord_read::hl7::{self, Delimiters, Segment, Span};

use super::chunk::EnvelopeKind;
use super::plan::MessagePlan;

/// The carrier of an input. Of EDIFACT, what separates segments and their parts is the same for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Hl7,
    Edifact(Service),
}

/// The segments of some bytes.
pub(crate) enum CarrierSegments<'b> {
    Hl7(hl7::Segments<'b>),
    Edifact(edifact::Segments<'b>),
}

impl Iterator for CarrierSegments<'_> {
    type Item = Segment;

    #[inline]
    fn next(&mut self) -> Option<Segment> {
        match self {
            Self::Hl7(segments) => segments.next(),
            Self::Edifact(segments) => segments.next(),
        }
    }
}

impl Carrier {
    /// The segments of some bytes from an offset on.
    pub(crate) fn segments(self, bytes: &[u8], at: usize) -> CarrierSegments<'_> {
        match self {
            Self::Hl7 => CarrierSegments::Hl7(hl7::Segments::new(bytes, at)),
            Self::Edifact(service) => {
                CarrierSegments::Edifact(edifact::Segments::new(bytes, at, service))
            }
        }
    }

    /// The segment that begins a message.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Hl7 => "MSH",
            Self::Edifact(_) => "UNH",
        }
    }

    /// The segment that ends the input.
    pub(crate) const fn trailer(self) -> &'static str {
        match self {
            Self::Hl7 => "FTS",
            Self::Edifact(_) => "UNZ",
        }
    }

    /// Whether a message begins with this segment.
    pub(crate) fn begins_message(self, segment: &[u8]) -> bool {
        match self {
            Self::Hl7 => hl7::begins_message(segment),
            Self::Edifact(_) => edifact::is_called(segment, *b"UNH"),
        }
    }

    /// The header or trailer of something around messages that a segment is.
    pub(crate) fn envelope(self, segment: &[u8]) -> Option<EnvelopeKind> {
        let kinds = match self {
            Self::Hl7 => EnvelopeKind::HL7.as_slice(),
            Self::Edifact(_) => EnvelopeKind::EDIFACT.as_slice(),
        };
        let name = segment.get(..3)?;
        let ends = segment
            .get(3)
            .is_none_or(|behind| !behind.is_ascii_alphanumeric());
        let found = kinds.iter().find(|(_, known)| *known == name);
        // Behind UNA stand the separators themselves.
        found
            .filter(|(kind, _)| ends || *kind == EnvelopeKind::Advice)
            .map(|(kind, _)| *kind)
    }

    /// What separates the parts of the segments of a message that begins with this one.
    pub(crate) fn delimiters(self, header: &[u8]) -> Result<Delimiters, hl7::DelimiterProblem> {
        match self {
            Self::Hl7 => Delimiters::of(header),
            Self::Edifact(service) => Ok(service.delimiters()),
        }
    }

    /// What a segment is called, and which segment of the standard it is. Of EDIFACT that can be one for its qualifier alone,
    /// which is then part of the name: `NAD+GP`.
    pub(crate) fn named<'s>(
        self,
        plan: &MessagePlan,
        segment: &'s [u8],
        delimiters: &Delimiters,
    ) -> (&'s [u8], Option<usize>) {
        let field = delimiters.field;
        let end = memchr::memchr(field, segment);
        let name = match self {
            Self::Hl7 => &segment[..end.unwrap_or(segment.len())],
            Self::Edifact(service) => edifact::tag(segment, &service),
        };
        if let Self::Edifact(service) = self
            && let Some(end) = end.filter(|end| *end == name.len())
        {
            let rest = &segment[end + 1..];
            let ends = |byte: &u8| *byte == service.element || *byte == service.component;
            let length = rest.iter().position(ends).unwrap_or(rest.len());
            let qualified = &segment[..end + 1 + length];
            let known = if field == b'+' {
                plan.segment(qualified)
            } else {
                plan.segment(&[name, b"+", &rest[..length]].concat())
            };
            if known.is_some() {
                return (qualified, known);
            }
        }
        (name, plan.segment(name))
    }

    /// A component (from 1) of an element (from 1) of a segment of EDIFACT.
    pub(crate) fn component(
        self,
        bytes: &[u8],
        segment: Span,
        element: usize,
        component: usize,
    ) -> Span {
        let Self::Edifact(service) = self else {
            return Span::default();
        };
        let delimiters = service.delimiters();
        let element = delimiters
            .parts(bytes, segment, delimiters.field)
            .nth(element);
        element
            .and_then(|span| {
                let mut parts = delimiters.parts(bytes, span, delimiters.component);
                parts.nth(component.checked_sub(1)?)
            })
            .unwrap_or_default()
    }
}
