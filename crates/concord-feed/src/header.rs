//! The header of a message: what is needed to know its sender and to answer it.

use concord_read::hl7::{Delimiters, Segments, begins_message, parts};

use crate::judge::{Carrier, Identity};

/// Longest text that is taken from a field of the header; what is longer is cut.
const LONGEST: usize = 200;

/// What the header (MSH) of a message says, as far as a feed needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The field separator and the encoding characters (MSH-1 and MSH-2), as they are written.
    pub written: String,
    /// The same, read.
    pub delimiters: Delimiters,
    /// Who sent it.
    pub identity: Identity,
    /// When it was made (MSH-7), as it is written.
    pub made: String,
    /// The receiving application (MSH-5), which sends the answer.
    pub receiving_application: String,
    /// The receiving facility (MSH-6).
    pub receiving_facility: String,
    /// The processing id (MSH-11).
    pub processing: String,
    /// The version (MSH-12).
    pub version: String,
    /// When an accept acknowledgement is wanted (MSH-15).
    pub accept: String,
    /// When an application acknowledgement is wanted (MSH-16).
    pub application: String,
    /// The message profile (MSH-21).
    pub profile: String,
    /// Whether the message is itself an acknowledgement: it has the type ACK, or begins with an acknowledgement segment.
    pub acknowledgement: bool,
}

impl Header {
    /// Reads the header of a message; `None` when the first segment is none, or its delimiters cannot be read.
    ///
    /// ```
    /// let header = concord_feed::Header::read(b"MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|7|P|2.4\rPID|\r").unwrap();
    /// assert_eq!(header.identity.control_id, "7");
    /// assert_eq!(header.receiving_application, "HUB");
    /// ```
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut segments = Segments::new(message, 0);
        let first = segments.next()?;
        let segment = first.span.of(message);
        if !begins_message(segment) {
            return None;
        }
        let delimiters = Delimiters::of(segment).ok()?;
        let fields: Vec<&[u8]> = parts(message, first.span, delimiters.field)
            .take(21)
            .map(|span| span.of(message))
            .collect();
        // The first field of a header is the separator itself, so that the part behind the name is MSH-2.
        let text = |number: usize| {
            let field = fields.get(number - 1).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(&field[..field.len().min(LONGEST)]);
            text.trim().to_owned()
        };
        let kind = text(9);
        let answers = segments
            .next()
            .is_some_and(|second| second.span.of(message).starts_with(b"MSA"));
        let component = char::from(delimiters.component);
        Some(Self {
            written: format!("{}{}", char::from(delimiters.field), text(2)),
            acknowledgement: answers || kind.split(component).next() == Some("ACK"),
            identity: Identity {
                carrier: Carrier::Message,
                application: text(3),
                facility: text(4),
                control_id: text(10),
                kind,
            },
            made: text(7),
            receiving_application: text(5),
            receiving_facility: text(6),
            processing: text(11),
            version: text(12),
            accept: text(15),
            application: text(16),
            profile: text(21),
            delimiters,
        })
    }

    /// The header that stands for one that cannot be read, so that its sender can be answered at all.
    pub(crate) fn blank() -> Self {
        Self::read(b"MSH|^~\\&").unwrap_or_else(|| unreachable!("the usual delimiters can be read"))
    }

    /// Whether the enhanced mode of acknowledgement is asked for: MSH-15 or MSH-16 has a value (2.4, 2.9.3).
    pub fn enhanced(&self) -> bool {
        !self.accept.is_empty() || !self.application.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_other_delimiters_are_read() {
        let header = Header::read(b"MSH#*!%+#A*B#C#D#E#20260101##ADT*A01#id#T#2.5###AL#NE\rPID#\r")
            .expect("it is one");
        assert_eq!(header.written, "#*!%+");
        assert_eq!(header.identity.application, "A*B");
        assert_eq!(header.identity.kind, "ADT*A01");
        assert_eq!((&*header.accept, &*header.application), ("AL", "NE"));
        assert!(header.enhanced() && !header.acknowledgement);
    }

    #[test]
    fn acknowledgements_are_known() {
        for text in [
            "MSH|^~\\&|A|B|C|D|||ACK^A01|1|P|2.4\rMSA|AA|1\r",
            "MSH|^~\\&|A|B|C|D|||ACK|1|P|2.4\r",
            "MSH|^~\\&|A|B|C|D|||RSP^K21|1|P|2.4\rMSA|AA|1\r",
        ] {
            assert!(Header::read(text.as_bytes()).expect(text).acknowledgement);
        }
        assert_eq!(Header::read(b"PID|1\rMSH|^~\\&|\r"), None);
        assert_eq!(Header::read(b""), None);
        assert_eq!(Header::read(b"MSH"), None);
        assert_eq!(Header::read(&[0x16, 3, 1, 2, 0]), None);
    }
}
