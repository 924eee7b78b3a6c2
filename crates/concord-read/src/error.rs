//! Why an input could not be opened or read to its end.

use std::io;
use std::sync::Arc;

use crate::{Compression, Detection, Encoding};

/// An input that could not be opened or read to its end.
///
/// Errors while reading come through [`std::io::Read`] as an [`io::Error`]; [`ReadError::from_io`] gives the typed one back.
#[derive(Debug, thiserror::Error)]
#[error("{input}: {kind}")]
pub struct ReadError {
    input: Arc<str>,
    #[source]
    kind: Box<ReadErrorKind>,
}

/// What went wrong with an input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// There is nothing at the path.
    #[error("there is no such file or folder")]
    NotFound,
    /// The operating system refused or failed.
    #[error("{doing}: {error}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the operating system said.
        error: io::Error,
    },
    /// The pattern with wildcards cannot be understood.
    #[error("the pattern cannot be understood: {0}")]
    Pattern(String),
    /// No file matches the pattern.
    #[error("no file matches the pattern")]
    NoMatch,
    /// A folder or an archive holds no file.
    #[error("holds no file that could be checked")]
    Empty,
    /// Standard input is named more than once.
    #[error("standard input can be read once only")]
    StdinTwice,
    /// The stream stops before its own end mark.
    #[error("the {format} stream is cut off after {decoded} decompressed bytes")]
    Truncated {
        /// The compressed form.
        format: Compression,
        /// Bytes that could be decompressed.
        decoded: u64,
    },
    /// Something stands behind the end of the stream.
    #[error(
        "something that is no {format} stream stands behind the {format} stream, which has {decoded} decompressed bytes"
    )]
    Behind {
        /// The compressed form.
        format: Compression,
        /// Bytes that could be decompressed.
        decoded: u64,
    },
    /// The stream contradicts itself.
    #[error("the {format} stream is damaged after {decoded} decompressed bytes: {reason}")]
    Corrupt {
        /// The compressed form.
        format: Compression,
        /// Bytes that could be decompressed.
        decoded: u64,
        /// What does not hold.
        reason: String,
    },
    /// The file's size is not what it was when it was opened.
    #[error("the file changed while it was read: {size} bytes when opened, {read} bytes read")]
    Changed {
        /// Size when opened.
        size: u64,
        /// Bytes read.
        read: u64,
    },
    /// Decompressed bytes are out of proportion to compressed ones.
    #[error(
        "{compressed} compressed bytes become more than {decoded} ({ratio} times as many is the limit)"
    )]
    Expands {
        /// Compressed bytes read so far.
        compressed: u64,
        /// Decompressed bytes so far.
        decoded: u64,
        /// The limit.
        ratio: u64,
    },
    /// There are more decompressed bytes than permitted.
    #[error("more than {limit} bytes when decompressed")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The archive has more entries than permitted.
    #[error("the archive has {entries} entries; {limit} is the limit")]
    TooManyEntries {
        /// Entries that the archive announces.
        entries: usize,
        /// The limit.
        limit: usize,
    },
    /// An archive on standard input is larger than what is held in memory.
    #[error("an archive on standard input may have {limit} bytes at most")]
    ArchiveTooLarge {
        /// The limit.
        limit: u64,
    },
    /// Several entries where one input was expected.
    #[error("the archive holds {entries} files where one was expected")]
    SeveralEntries {
        /// Files in the archive.
        entries: usize,
    },
    /// Something compressed inside something compressed.
    #[error("{inner} inside {outer} is not opened")]
    Nested {
        /// What was opened.
        outer: Compression,
        /// What was found in it.
        inner: Compression,
    },
    /// An entry of an archive needs a password.
    #[error("the archive's entry is encrypted")]
    Encrypted,
    /// A compressed form that is not read.
    #[error("{method} compression is not supported")]
    UnsupportedCompression {
        /// Its name.
        method: String,
    },
    /// Two entries of an archive share bytes, which only attacks do.
    #[error("entries of the archive overlap")]
    OverlappingEntries,
    /// An encoding that is not read.
    #[error("the encoding `{name}` is not supported ({how})")]
    UnsupportedEncoding {
        /// Its name, as declared or detected.
        name: String,
        /// How it is known.
        how: Detection,
    },
    /// The XML declaration says one thing and the bytes another.
    #[error("the XML declaration says {declared}, but the bytes are {found} ({how})")]
    Contradiction {
        /// The name in the declaration.
        declared: String,
        /// What the bytes are.
        found: Encoding,
        /// How that is known.
        how: Detection,
    },
    /// The XML declaration does not end where one could.
    #[error("the XML declaration is longer than {limit} bytes")]
    LongDeclaration {
        /// The limit.
        limit: usize,
    },
    /// Bytes that mean nothing in the encoding.
    #[error(
        "byte {offset} begins a sequence that is not {encoding}: {}",
        hex(bytes)
    )]
    Malformed {
        /// The encoding.
        encoding: Encoding,
        /// Offset of the first bad byte in the input, decompressed, a byte order mark counted.
        offset: u64,
        /// The bad bytes.
        bytes: Vec<u8>,
    },
}

fn hex(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    shown.join(" ")
}

impl ReadError {
    pub(crate) fn new(input: &Arc<str>, kind: ReadErrorKind) -> Self {
        Self {
            input: Arc::clone(input),
            kind: Box::new(kind),
        }
    }

    /// The input, as the user named it.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// What went wrong.
    pub fn kind(&self) -> &ReadErrorKind {
        &self.kind
    }

    /// Whether the command was wrong rather than the input.
    pub fn is_usage(&self) -> bool {
        matches!(
            *self.kind,
            ReadErrorKind::Pattern(_) | ReadErrorKind::StdinTwice
        )
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        Some(match &*self.kind {
            ReadErrorKind::NotFound => {
                "check the spelling, and the folder that the command runs in"
            }
            ReadErrorKind::NoMatch => "hidden files are left out; `**` goes through folders",
            ReadErrorKind::Pattern(_) => {
                "wildcards are * ? [a-z] {a,b} and **; put the pattern in quotes"
            }
            ReadErrorKind::Truncated { .. } => {
                "the transfer or the disk stopped half-way: fetch or write the file again"
            }
            ReadErrorKind::Behind { .. } => {
                "two files were joined, or the transfer added to the file: fetch or write it again"
            }
            ReadErrorKind::Corrupt { .. } => {
                "the file was altered after it was written: fetch or write it again"
            }
            ReadErrorKind::Changed { .. } => {
                "something still writes to the file: wait until it is complete"
            }
            ReadErrorKind::Expands { .. } | ReadErrorKind::TooLarge { .. } => {
                "if the file is what it should be, decompress it first and check the result"
            }
            ReadErrorKind::TooManyEntries { .. } => "unpack the archive and check the folder",
            ReadErrorKind::ArchiveTooLarge { .. } | ReadErrorKind::SeveralEntries { .. } => {
                "save the archive as a file and give its path"
            }
            ReadErrorKind::Nested { .. } => "unpack the outer one and check what it holds",
            ReadErrorKind::Encrypted => "unpack it with its password and check the result",
            ReadErrorKind::UnsupportedCompression { .. } => {
                "gzip, zstd and zip (stored or deflated) are read; unpack it and check the result"
            }
            ReadErrorKind::UnsupportedEncoding { .. } => {
                "UTF-8, UTF-16, Windows-1252, ISO-8859-1, ISO-8859-15 and US-ASCII are read: convert it to UTF-8"
            }
            ReadErrorKind::Contradiction { .. } => {
                "correct the XML declaration, or write the file in the encoding that it declares"
            }
            ReadErrorKind::Malformed { .. } => {
                "the file is in another encoding than it says, or was altered after it was written"
            }
            _ => return None,
        })
    }

    /// The typed error inside an [`io::Error`] that reading an [`Opened`](crate::Opened) gave.
    pub fn from_io(error: io::Error, input: &Arc<str>) -> Self {
        match error.downcast::<Self>() {
            Ok(typed) => typed,
            Err(error) => Self::new(input, ReadErrorKind::reading(error)),
        }
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        let kind = match error.kind() {
            ReadErrorKind::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            ReadErrorKind::Io { error, .. } => error.kind(),
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

impl ReadErrorKind {
    /// The kind inside an error of one of our own readers, or the operating system's error.
    pub(crate) fn reading(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(kind) => kind,
            Err(error) => Self::Io {
                doing: "cannot be read",
                error,
            },
        }
    }

    /// Through [`io::Read`] and back out with [`ReadErrorKind::reading`].
    pub(crate) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// An error on opening a path.
    pub(crate) fn opening(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            Self::NotFound
        } else {
            Self::Io {
                doing: "cannot be opened",
                error,
            }
        }
    }
}
