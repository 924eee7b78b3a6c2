//! HL7 v2 and EDIFACT messages: segments against the structure of their message, fields against their segments.
//!
//! | module | does |
//! |---|---|
//! | `plan` | the messages of a standard made ready to check with |
//! | `carrier` | where HL7 v2 and EDIFACT differ: what begins and ends, how a segment is called |
//! | `parts` | fields, components and subcomponents, and what single senders use otherwise |
//! | `head` | what the first segment of a message says of it |
//! | `segment` | one segment: where it stands, then its fields |
//! | `walk` | which segment may stand where, and what to say of one that may not |
//! | `value` | what stands in a field: repetitions, components, values; captured on the way |
//! | `chunk` | the messages of one chunk, the envelopes around them |
//! | `interchange` | what EDIFACT says of its own: transactions, counts, references |
//! | `place` | places as HL7 names them: `PID-3[2].1` |
//! | `finish` | drafts with their lines, keys, places and excerpts |
//! | `merge`, `pipeline` | chunks in order: lines, message numbers, batches, the account |
//! | `single` | one message at a time, for feeds |
//!
//! A message of another version than the standard's own is held against the order of segments only.

mod carrier;
mod chunk;
mod finish;
mod head;
mod interchange;
mod lines;
mod merge;
mod parts;
mod pipeline;
mod place;
mod plan;
mod segment;
mod single;
mod value;
mod walk;

pub use head::{MessageHead, interchange_head, message_head};
pub use pipeline::{MessageInput, check_messages};
pub use plan::MessagePlan;
pub use single::{MessageMemory, check_message};
