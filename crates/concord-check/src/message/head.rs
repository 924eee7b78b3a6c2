//! What the first segment of a message says of it.

use std::borrow::Cow;

use concord_read::edifact::{self, Interchange, Message};
use concord_read::hl7::{Charset, Delimiters, Segments, Span, begins_message, escape, parts};

/// Fields of a header that are looked at.
const FIELDS: usize = 22;

/// The header of a message: where its fields stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) delimiters: Delimiters,
    /// Fields by number; 0 and those that are not there are empty.
    fields: [Span; FIELDS],
}

impl Head {
    /// Reads a header segment.
    pub(crate) fn read(bytes: &[u8], span: Span, delimiters: Delimiters) -> Self {
        let mut fields = [Span::default(); FIELDS];
        // The separator is the first field itself.
        for (field, span) in fields
            .iter_mut()
            .skip(1)
            .zip(parts(bytes, span, delimiters.field))
        {
            *field = span;
        }
        Self { delimiters, fields }
    }

    /// A field as it is written.
    pub(crate) fn field(&self, number: usize) -> Span {
        self.fields.get(number).copied().unwrap_or_default()
    }

    /// A component (from 1) of the first repetition of a field.
    pub(crate) fn component(&self, bytes: &[u8], number: usize, component: usize) -> Span {
        let first = parts(bytes, self.field(number), self.delimiters.repetition).next();
        first
            .and_then(|span| parts(bytes, span, self.delimiters.component).nth(component - 1))
            .unwrap_or_default()
    }

    /// The text of a component up to its first subcomponent.
    pub(crate) fn text<'b>(
        &self,
        bytes: &'b [u8],
        number: usize,
        component: usize,
    ) -> Cow<'b, str> {
        let span = self.component(bytes, number, component);
        let span = match self.delimiters.subcomponent {
            Some(between) => parts(bytes, span, between).next().unwrap_or_default(),
            None => span,
        };
        match escape::unescape(span.of(bytes), &self.delimiters) {
            Cow::Borrowed(text) => String::from_utf8_lossy(text),
            Cow::Owned(text) => Cow::Owned(String::from_utf8_lossy(&text).into_owned()),
        }
    }

    /// The character set that it says, where it says one that is known.
    pub(crate) fn charset(&self, bytes: &[u8]) -> Option<Charset> {
        let span = self.field(18);
        let said = parts(bytes, span, self.delimiters.repetition).next()?;
        Charset::named(said.of(bytes))
    }
}

/// What the first message of an input says of itself, as far as it tells which standard it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHead {
    /// Version, MSH-12.1.
    pub version: String,
    /// Profiles, MSH-21.
    pub profiles: Vec<String>,
    /// Type, MSH-9: `ADT^A01^ADT_A01`.
    pub kind: String,
}

/// Reads the header of the first message out of the first bytes of an input; `None` when none begins in them, or when there is
/// anything but the header of a batch before it.
pub fn message_head(bytes: &[u8]) -> Option<MessageHead> {
    let mut segments = Segments::new(bytes, 0);
    let (span, delimiters) = loop {
        let span = segments.next()?.span;
        let text = span.of(bytes);
        if begins_message(text) {
            break (span, Delimiters::of(text).unwrap_or_default());
        }
        let envelope = [&b"FHS"[..], b"BHS"]
            .iter()
            .any(|name| text.starts_with(name));
        if !envelope {
            return None;
        }
    };
    let head = Head::read(bytes, span, delimiters);
    let lossy = |span: Span| String::from_utf8_lossy(span.of(bytes)).into_owned();
    let profiles = parts(bytes, head.field(21), delimiters.repetition).map(|span| {
        let first = parts(bytes, span, delimiters.component).next();
        lossy(first.unwrap_or_default())
    });
    Some(MessageHead {
        version: head.text(bytes, 12, 1).into_owned(),
        profiles: profiles.filter(|profile| !profile.is_empty()).collect(),
        kind: lossy(head.field(9)),
    })
}

/// What the first message of an input says of its type when the input is EDIFACT: UNH-2, as `MEDRPT:0:1:RT:NHS003`. Nothing
/// when no message begins in its first bytes.
pub fn interchange_head(bytes: &[u8]) -> Option<String> {
    if !edifact::begins_interchange(bytes) {
        return None;
    }
    let interchanges = Interchange::read_all(bytes);
    let mut messages = interchanges
        .iter()
        .flat_map(|interchange| &interchange.messages);
    Some(
        messages
            .next()
            .map_or_else(String::new, Message::identifier),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_which_standard() {
        let bytes =
            b"\x0bMSH|^~\\&|A|B|||20260331||ADT^A01^ADT_A01|7|P|2.4^GBR|||||||||ITKv1.0~X\rPID|\r";
        let head = message_head(bytes).expect("a message");
        assert_eq!(head.version, "2.4");
        assert_eq!(head.profiles, ["ITKv1.0", "X"]);
        assert_eq!(head.kind, "ADT^A01^ADT_A01");
        assert!(message_head(b"FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|A\r").is_some());
        assert_eq!(message_head(b"id,name\n1,MSH|\n"), None);
        assert_eq!(message_head(b"\r\n"), None);
        let head = interchange_head(b"UNA:+.? 'UNB+UNOC:3'UNH+1+MEDRPT:0:1:RT:NHS003'BGM+LSR'");
        assert_eq!(head.as_deref(), Some("MEDRPT:0:1:RT:NHS003"));
        assert_eq!(interchange_head(b"UNB+UNOC:3'").as_deref(), Some(""));
        assert_eq!(interchange_head(b"UNAVAILABLE,1\n"), None);
    }
}
