//! HL7 v2 messages (HL7 v2.4, chapter 2), as spans of the bytes that they stand in.
//!
//! | module | does |
//! |---|---|
//! | [`Delimiters`] | the characters that separate fields, components and so on, as MSH-1 and MSH-2 say them |
//! | [`Segments`] | bytes into segments: by carriage returns, and by what is sent in their place |
//! | [`split`] | a span at a delimiter: fields, repetitions, components, subcomponents |
//! | [`escape`] | escape sequences, looked at only where there are some |
//! | [`Charset`] | letters beyond ASCII, as MSH-18 says |
//! | [`Chunks`] | an input cut before a message, for several threads |
//! | [`Message`] | one message with its places by name, for those who look at a few of them |
//!
//! Nothing is copied and nothing is refused here: what is wrong is for the checker to say. Frames of the lower layer
//! protocol (MLLP: a vertical tab before a message, a file separator and a carriage return behind it) are passed over.
//!
//! ```
//! use concord_read::hl7::Message;
//!
//! let bytes = b"MSH|^~\\&|PAS|RXX|||20260331||ADT^A01^ADT_A01|7|P|2.4\rPID|||9990000018^^^NHS~123^^^RXX\r";
//! let message = Message::read(bytes).expect("a header that can be read");
//! assert_eq!(message.text("PID", 3, 1, 4), Some(&b"RXX"[..]));
//! assert_eq!(message.text("MSH", 9, 0, 2), Some(&b"A01"[..]));
//! assert_eq!(message.text("PID", 5, 0, 1), None);
//! ```

mod charset;
mod chunks;
mod delimiters;
pub mod escape;
mod message;
mod segments;
mod split;

pub use charset::Charset;
pub use chunks::Chunks;
pub use delimiters::{DelimiterProblem, Delimiters};
pub use message::Message;
pub use segments::{Ending, Segment, Segments, begins_message};
pub(crate) use split::unreleased;
pub use split::{Parts, Span, parts, split};

pub use crate::chunk::Chunk;

/// Begins a message in the lower layer protocol.
pub const BLOCK_START: u8 = 0x0B;
/// Ends a message in the lower layer protocol.
pub const BLOCK_END: u8 = 0x1C;
/// What a field holds that is to be emptied by who receives it, where an empty field leaves what is known (2.4, 2.10.1).
pub const NULL: &[u8] = b"\"\"";
