//! EDIFACT interchanges (ISO 9735, syntax versions 1 to 3), as spans of the bytes that they stand in.
//!
//! | module | does |
//! |---|---|
//! | [`Service`] | the characters that separate segments, elements and components, as UNA says them |
//! | [`Segments`] | bytes into segments: by terminators that nothing releases; line ends between them say nothing |
//! | [`unreleased`], [`released`] | release characters taken off, and put before what would separate |
//! | [`Chunks`] | an input cut before a message or an interchange, for several threads |
//! | [`Interchange`] | envelopes and messages of an input, for those who look at a few places of each |
//! | [`write_segment`] | a segment of elements and their components, empty ones at an end left out |
//!
//! Nothing is copied and nothing is refused here: what is wrong is for the checker to say. A part of a segment is a
//! [`Span`], split with the [`Delimiters`](crate::hl7::Delimiters) that [`Service::delimiters`] gives.
//!
//! ```
//! use concord_read::edifact::{Interchange, Service};
//!
//! let bytes = b"UNB+UNOA:2+XX11+TES5+260331:1200+7'\nUNH+1+FHSREG:0:1:FH:FHS001'\nFTX+RGI+++12 O?'CLOCK'\nUNT+3+1'\nUNZ+1+7'";
//! let read = Interchange::read_all(bytes);
//! assert_eq!(read[0].header.text(2, 1), "XX11");
//! let message = &read[0].messages[0];
//! assert_eq!(message.segments[1].text(4, 1), "12 O'CLOCK");
//! assert_eq!(Service::of(bytes), Service::default());
//! ```

mod chunks;
mod interchange;
mod segments;
mod service;
mod write;

pub use chunks::Chunks;
pub use interchange::{Interchange, Message, SegmentText};
pub use segments::Segments;
pub use service::{Service, ServiceProblem, released, unreleased};
pub use write::{trimmed, write_segment};

pub use crate::chunk::Chunk;
pub use crate::hl7::Span;

/// How a segment is called: what stands before the first separator, as far as it can be a tag.
pub fn tag<'s>(segment: &'s [u8], service: &Service) -> &'s [u8] {
    let ends = |byte: &u8| *byte == service.element || *byte == service.component;
    let end = segment.iter().position(ends).unwrap_or(segment.len());
    &segment[..end]
}

/// Whether a segment has this tag.
pub fn is_called(segment: &[u8], name: [u8; 3]) -> bool {
    segment.starts_with(&name)
        && segment
            .get(3)
            .is_none_or(|behind| !behind.is_ascii_alphanumeric())
}

/// Whether some bytes begin as an interchange does: with UNA, UNB, or the header of a message that lost its interchange.
pub fn begins_interchange(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.trim_ascii_start();
    // Behind UNA stand six characters, of which the first separates components.
    let advised = bytes.starts_with(b"UNA")
        && bytes.get(3).is_some_and(u8::is_ascii_punctuation)
        && Service::advised(bytes).is_ok();
    advised
        || [b"UNB", b"UNH"].iter().any(|name| {
            bytes
                .strip_prefix(*name)
                .is_some_and(|rest| rest.first() == Some(&b'+'))
        })
}
