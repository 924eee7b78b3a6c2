//! The messages that stand one behind another in some bytes.

use concord_read::hl7::{Segments, begins_message};

/// Begin and end files and batches (HL7 v2, 2.10.3), and so end a message as well.
const ENVELOPE: [&[u8]; 4] = [b"FHS", b"BHS", b"BTS", b"FTS"];

/// The messages of a file or batch, without its headers and trailers, and without the bytes of a lower layer.
///
/// ```
/// let file = b"FHS|^~\\&\rMSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rFTS|2\r";
/// let found: Vec<_> = concord_feed::source::messages(file).collect();
/// assert_eq!(found, [&b"MSH|^~\\&|A\rPID|1\r"[..], b"MSH|^~\\&|B\r"]);
/// ```
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut segments = Segments::new(bytes, 0).peekable();
    std::iter::from_fn(move || {
        let first = segments.find(|segment| begins_message(segment.span.of(bytes)))?;
        let mut end = first.next;
        while let Some(segment) = segments.next_if(|segment| {
            let text = segment.span.of(bytes);
            !begins_message(text) && !ENVELOPE.iter().any(|name| text.starts_with(name))
        }) {
            end = segment.next;
        }
        Some(&bytes[first.span.start..end])
    })
}
