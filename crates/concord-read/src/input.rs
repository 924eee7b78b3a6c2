//! What a user hands over, before it is opened.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::archive::{self, Entry};
use crate::decompress::{Compression, Counted, Plain};
use crate::encoding::LOOK_AHEAD;
use crate::error::{ReadError, ReadErrorKind};
use crate::{Limits, Opened};

/// One input: a file, an archive's entry, standard input or bytes in memory.
#[derive(Debug, Clone)]
pub struct Input {
    name: Arc<str>,
    origin: Origin,
}

#[derive(Debug, Clone)]
enum Origin {
    File(PathBuf),
    Stdin,
    Memory(Arc<[u8]>),
    Entry(PathBuf, Entry),
}

impl Input {
    /// The file at `path`, named as the path is written.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.to_string_lossy().into(),
            origin: Origin::File(path),
        }
    }

    /// Standard input, named `-`.
    pub fn stdin() -> Self {
        Self {
            name: "-".into(),
            origin: Origin::Stdin,
        }
    }

    /// Bytes in memory under a name.
    pub fn bytes(name: impl Into<Arc<str>>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            name: name.into(),
            origin: Origin::Memory(bytes.into()),
        }
    }

    /// The same input under another name, as for a copy of what came under that.
    #[must_use]
    pub fn called(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    pub(crate) fn entry(archive: &Path, entry: Entry) -> Self {
        Self {
            name: format!("{}/{}", archive.to_string_lossy(), entry.name).into(),
            origin: Origin::Entry(archive.to_owned(), entry),
        }
    }

    /// What two names of one file have in common: its path without links and detours, with the name of an archive's entry.
    /// `None` for what is no file, or cannot be found.
    pub fn identity(&self) -> Option<PathBuf> {
        match &self.origin {
            Origin::File(path) => path.canonicalize().ok(),
            Origin::Entry(archive, entry) => Some(archive.canonicalize().ok()?.join(&*entry.name)),
            Origin::Stdin | Origin::Memory(_) => None,
        }
    }

    /// The name as the user gave it; an archive's entry is `may.zip/may.xml`.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }
}

/// Opens an input: takes its wrapping off and finds out its encoding.
///
/// An archive is opened when it holds one file; [`expand`](crate::expand) makes one input of each of several.
///
/// # Errors
/// [`ReadError`] when the input cannot be opened or its beginning cannot be read, decompressed or decoded.
pub fn open(input: &Input, limits: &Limits) -> Result<Opened, ReadError> {
    plain(input, limits)
        .and_then(|(plain, ahead, size)| Opened::new(input.name(), plain, ahead, size))
        .map_err(|kind| ReadError::new(input.name(), kind))
}

/// Decompressed bytes, those read ahead to look at, and the size of the input as it is stored.
type PlainParts = (Plain, Vec<u8>, Option<u64>);

fn plain(input: &Input, limits: &Limits) -> Result<PlainParts, ReadErrorKind> {
    match &input.origin {
        Origin::File(path) => {
            let file = File::open(path).map_err(ReadErrorKind::opening)?;
            let about = file.metadata().map_err(ReadErrorKind::opening)?;
            // Pipes and devices have no size, and files that the kernel makes up say 0.
            let size = (about.is_file() && about.len() > 0).then_some(about.len());
            let again = file.try_clone().map_err(ReadErrorKind::opening)?;
            stream(Box::new(file), size, limits, |_| {
                single(&mut &again, limits).and_then(|entry| {
                    let size = Some(entry.compressed);
                    Ok((entry_of(again, entry, limits)?, Vec::new(), size))
                })
            })
        }
        Origin::Stdin => stream(Box::new(std::io::stdin()), None, limits, |start| {
            memory(whole_archive(start, limits)?.into(), limits)
        }),
        Origin::Memory(bytes) => memory(Arc::clone(bytes), limits),
        Origin::Entry(path, entry) => {
            let file = File::open(path).map_err(ReadErrorKind::opening)?;
            let size = Some(entry.compressed);
            Ok((entry_of(file, entry.clone(), limits)?, Vec::new(), size))
        }
    }
    .and_then(|(plain, ahead, size)| refuse_nested(plain, ahead, size))
}

fn memory(bytes: Arc<[u8]>, limits: &Limits) -> Result<PlainParts, ReadErrorKind> {
    let size = Some(bytes.len() as u64);
    let again = Arc::clone(&bytes);
    stream(Box::new(Cursor::new(bytes)), size, limits, |_| {
        let entry = single(Cursor::new(Arc::clone(&again)), limits)?;
        Ok((
            entry_of(Cursor::new(again), entry, limits)?,
            Vec::new(),
            size,
        ))
    })
}

/// Looks at the first bytes of a source and unwraps it; `archive` does so for a zip archive.
fn stream(
    source: Box<dyn Read + Send>,
    size: Option<u64>,
    limits: &Limits,
    archive: impl FnOnce((Vec<u8>, Counted)) -> Result<PlainParts, ReadErrorKind>,
) -> Result<PlainParts, ReadErrorKind> {
    let mut source = Counted::new(source, size);
    let mut ahead = Vec::new();
    look(&mut source, &mut ahead)?;
    match Compression::of(&ahead) {
        None => Ok((Plain::as_is(source, limits), ahead, size)),
        Some(Compression::Zip) => archive((ahead, source)),
        Some(format) => Ok((
            Plain::stream(format, ahead, source, limits)?,
            Vec::new(),
            size,
        )),
    }
}

/// Fills `ahead` up to [`LOOK_AHEAD`] bytes.
fn look(source: &mut impl Read, ahead: &mut Vec<u8>) -> Result<(), ReadErrorKind> {
    let wanted = LOOK_AHEAD.saturating_sub(ahead.len()) as u64;
    source
        .take(wanted)
        .read_to_end(ahead)
        .map(drop)
        .map_err(ReadErrorKind::reading)
}

fn refuse_nested(
    mut plain: Plain,
    mut ahead: Vec<u8>,
    size: Option<u64>,
) -> Result<PlainParts, ReadErrorKind> {
    if let Some(outer) = plain.format() {
        look(&mut plain, &mut ahead)?;
        if let Some(inner) = Compression::of(&ahead) {
            return Err(ReadErrorKind::Nested { outer, inner });
        }
    }
    Ok((plain, ahead, size))
}

fn single(reader: impl Read + Seek, limits: &Limits) -> Result<Entry, ReadErrorKind> {
    let mut entries = archive::list(reader, limits)?;
    match (entries.pop(), entries.len()) {
        (None, _) => Err(ReadErrorKind::Empty),
        (Some(entry), 0) => Ok(entry),
        (Some(_), others) => Err(ReadErrorKind::SeveralEntries {
            entries: others + 1,
        }),
    }
}

fn entry_of<R: Read + Seek + Send + 'static>(
    mut reader: R,
    entry: Entry,
    limits: &Limits,
) -> Result<Plain, ReadErrorKind> {
    reader
        .seek(SeekFrom::Start(entry.start))
        .map_err(ReadErrorKind::reading)?;
    Plain::entry(Counted::new(Box::new(reader), None), entry, limits)
}

/// An archive that cannot be sought in, as a whole.
fn whole_archive(
    (mut bytes, source): (Vec<u8>, Counted),
    limits: &Limits,
) -> Result<Vec<u8>, ReadErrorKind> {
    let limit = limits.archive_in_memory;
    source
        .take((limit + 1).saturating_sub(bytes.len() as u64))
        .read_to_end(&mut bytes)
        .map_err(ReadErrorKind::reading)?;
    if bytes.len() as u64 > limit {
        return Err(ReadErrorKind::ArchiveTooLarge { limit });
    }
    Ok(bytes)
}
