//! JSON, read token by token: where every value stands, and nothing copied.
//!
//! | module | does |
//! |---|---|
//! | `chunks` | an input cut behind lines, or read as one document |
//! | `reader` | the grammar (RFC 8259), one step at a time; whoever reads says what comes next |
//! | `text` | strings as they are written, and what they say |
//! | `fault` | what is not JSON, and where |
//!
//! There is no tree and no recursion here. A number stays the bytes that it is written with, so `1.10` is not `1.1`, and a
//! name that stands twice in an object is met twice.

mod chunks;
mod fault;
mod reader;
mod text;

pub use chunks::{Chunks, Form};
pub use fault::{Fault, FaultKind};
pub use reader::{Kind, Reader};
pub use text::{Span, Text};
