//! Carriers in: paths become inputs, inputs become UTF-8 bytes, bytes become records.
//!
//! | step | does |
//! |---|---|
//! | [`expand`] | files, folders, patterns, archives and standard input as a list of [`Input`]s |
//! | [`open`] | takes gzip, zstd or zip off by what the bytes are, finds out the encoding, watches the [`Limits`] |
//! | [`Opened`] | gives UTF-8 through [`std::io::Read`]; what is cut off, damaged or malformed is a [`ReadError`] |
//! | [`xml`], [`delimited`], [`fixed`], [`lines`], [`hl7`], [`edifact`], [`json`] | cut the bytes into [`Chunk`]s that end where a record ends, for several threads |
//!
//! It must never know a standard, keep a whole input in memory, map a file into memory, or pass a truncated input off as complete.
//!
//! ```
//! use std::io::Read;
//! use concord_read::{Encoding, Input, Limits, open};
//!
//! let input = Input::bytes("may.xml", *b"<?xml version='1.0' encoding='ISO-8859-1'?><a>Si\xe2n</a>");
//! let mut opened = open(&input, &Limits::default())?;
//! assert_eq!(opened.encoding(), Encoding::Iso8859_1);
//! let mut text = String::new();
//! opened.read_to_string(&mut text)?;
//! assert!(text.ends_with("<a>Siân</a>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod chunk;
mod decompress;
pub mod delimited;
pub mod edifact;
mod encoding;
mod error;
mod expand;
pub mod fixed;
mod gzip;
pub mod hl7;
mod input;
pub mod json;
mod limits;
pub mod lines;
mod opened;
mod transcode;
pub mod xml;

pub use chunk::{Chunk, PADDING};
pub use decompress::Compression;
pub use encoding::{Detection, Encoding};
pub use error::{ReadError, ReadErrorKind};
pub use expand::expand;
pub use input::{Input, open};
pub use limits::Limits;
pub use opened::{Opened, Progress};
