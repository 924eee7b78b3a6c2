//! Files in: recognised by what they hold, read as a stream, kept as columns until they are written.

mod csv_file;
mod directory;
mod draft;
mod guard;
mod imaging;
mod membership;
mod ord;
mod organisations;
mod recognise;
mod trud;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write as _};
use std::path::Path;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;

use crate::error::{Error, ErrorKind};
use crate::manifest::{self, Kind, Manifest, Source};
use crate::rows::{self, Cell, Overflow, Rows};
use crate::store::{self, Part};
use crate::tables::{
    IMAGING_SNOMED, NICIP, NICIP_TO_SNOMED, ORGANISATION, POSTCODE, RELATIONSHIP, ROLE, SUCCESSION,
    Table,
};

pub use recognise::{Recognised, recognise};

/// Problems that are told in full; all are counted.
const TOLD: usize = 20;

/// Sources that have been read and are to be stored together.
///
/// ```
/// use concord_reference::{Import, ReferenceData, recognise};
///
/// let row = r#""A81001","THE DENSHAM SURGERY","Y63","QHM","","","","","","TS18 1HU","19740401","","A","B","16C","20130401","","","","","","0","","16C","","4","""#;
/// let recognised = recognise("epraccur.csv", row.as_bytes())?;
/// let import = Import::default().read(recognised)?;
/// # let folder = std::env::temp_dir().join(format!("concord-reference-{}", std::process::id()));
/// import.write(&folder, "2026-11-22T09:00:00Z")?;
///
/// let data = ReferenceData::open(&folder)?;
/// let practice = data.organisation("A81001")?.expect("it was imported");
/// assert_eq!(practice.name(), "THE DENSHAM SURGERY");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Import {
    organisations: Rows,
    roles: Rows,
    relationships: Rows,
    successions: Rows,
    postcodes: Rows,
    nicip: Rows,
    imaging_snomed: Rows,
    nicip_to_snomed: Rows,
    sources: Vec<Source>,
    problems: Vec<String>,
}

impl Default for Import {
    fn default() -> Self {
        Self {
            organisations: Rows::new(&ORGANISATION),
            roles: Rows::new(&ROLE),
            relationships: Rows::new(&RELATIONSHIP),
            successions: Rows::new(&SUCCESSION),
            postcodes: Rows::new(&POSTCODE),
            nicip: Rows::new(&NICIP),
            imaging_snomed: Rows::new(&IMAGING_SNOMED),
            nicip_to_snomed: Rows::new(&NICIP_TO_SNOMED),
            sources: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// What a source was replaced by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The source as it was.
    pub before: Source,
    /// The source as it is now.
    pub now: Source,
}

/// What writing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// All sources that are there now.
    pub manifest: Manifest,
    /// Those that took the place of what was there.
    pub replaced: Vec<Replaced>,
}

impl Import {
    /// Reads a source to its end.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when it goes on as something else than it began, [`ErrorKind::Reading`] when it
    /// cannot be read, [`ErrorKind::TooManyValues`]. The import is gone then: nothing of it can be written.
    pub fn read<R: Read>(mut self, recognised: Recognised<R>) -> Result<Self, Error> {
        let (file, name, kind) = (
            recognised.file.clone(),
            recognised.source.clone(),
            recognised.kind,
        );
        let mut sink = Sink {
            file: &file,
            source: Source {
                name,
                kind,
                file: base_name(&file).to_owned(),
                files: 1,
                date: None,
                bytes: 0,
                organisations: 0,
                relationships: 0,
                successions: 0,
                postcodes: 0,
                imaging_codes: 0,
                problems: 0,
                imported_at: String::new(),
            },
            import: &mut self,
        };
        match kind {
            Kind::OrganisationXml => trud::read(recognised, &mut sink),
            Kind::OrganisationJson => ord::read(recognised, &mut sink),
            Kind::OrganisationCsv => organisations::read(recognised, &mut sink),
            Kind::MembershipCsv => membership::read(recognised, &mut sink),
            Kind::PostcodeDirectory => directory::read(recognised, &mut sink),
            Kind::ImagingCodes | Kind::ImagingMap => imaging::read(recognised, &mut sink),
        }?;
        let source = sink.source;
        self.keep(source, &file)?;
        Ok(self)
    }

    /// Postcode directories come in parts; of everything else one file makes a source.
    fn keep(&mut self, source: Source, file: &str) -> Result<(), Error> {
        let known = self
            .sources
            .iter_mut()
            .find(|known| known.name == source.name);
        match known {
            Some(known) if source.kind == Kind::PostcodeDirectory => {
                known.files += 1;
                known.bytes += source.bytes;
                known.postcodes += source.postcodes;
                known.problems += source.problems;
                Ok(())
            }
            Some(known) => Err(ErrorKind::Malformed {
                file: file.to_owned(),
                line: 1,
                reason: format!(
                    "{} was read before as the same source, {}",
                    known.file, known.name
                ),
            }
            .into()),
            None => {
                self.sources.push(source);
                Ok(())
            }
        }
    }

    /// The sources read so far.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Values that could not be read and were left out: the first of them, each with its place. All are counted in
    /// [`Source::problems`].
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Stores everything in a folder, which is made when it is not there. What the same sources said before is
    /// replaced, what others said stays. Each file is written beside its place and then moved there, the manifest last.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`] when a file cannot be read or written; what was there before stays.
    pub fn write(mut self, folder: &Path, imported_at: &str) -> Result<Written, Error> {
        fs::create_dir_all(folder)
            .map_err(|error| Error::stored(folder, "cannot be made", &error))?;
        let mut manifest = Manifest::read(folder)?.unwrap_or_default();
        for source in &mut self.sources {
            imported_at.clone_into(&mut source.imported_at);
        }
        let names: BTreeSet<&str> = self.sources.iter().map(|source| &*source.name).collect();
        let postcodes = self
            .sources
            .iter()
            .any(|source| source.kind == Kind::PostcodeDirectory);
        let imaging =
            |source: &Source| matches!(source.kind, Kind::ImagingCodes | Kind::ImagingMap);
        let mut tables = vec![
            (&ORGANISATION, self.organisations),
            (&ROLE, self.roles),
            (&RELATIONSHIP, self.relationships),
            (&SUCCESSION, self.successions),
        ];
        if self.sources.iter().any(imaging) {
            tables.extend([
                (&NICIP, self.nicip),
                (&IMAGING_SNOMED, self.imaging_snomed),
                (&NICIP_TO_SNOMED, self.nicip_to_snomed),
            ]);
        }
        let mut parts = Vec::new();
        for (table, mut rows) in tables {
            store::read(folder, table, |batch| {
                rows.append(&without(table, &batch, &names))
            })?;
            parts.push(store::write(folder, table, &rows.finish())?);
        }
        if postcodes {
            parts.push(store::write(folder, &POSTCODE, &self.postcodes.finish())?);
        }
        let replaced = merge(&mut manifest, self.sources);
        parts.push(write_manifest(folder, &manifest)?);
        for part in parts {
            part.complete()?;
        }
        Ok(Written { manifest, replaced })
    }
}

/// The rows of a batch that are from none of the sources.
fn without(table: &Table, batch: &RecordBatch, names: &BTreeSet<&str>) -> RecordBatch {
    let sources = batch.column(table.position("source"));
    let kept: BooleanArray = (0..batch.num_rows())
        .map(|row| Some(!names.contains(rows::text(sources, row))))
        .collect();
    filter_record_batch(batch, &kept).expect("a filter has as many values as the batch has rows")
}

/// Postcodes come from one directory at a time; every other source stands for itself.
fn merge(manifest: &mut Manifest, sources: Vec<Source>) -> Vec<Replaced> {
    let mut replaced = Vec::new();
    for now in sources {
        manifest.sources.retain(|before| {
            let directory = Kind::PostcodeDirectory;
            let same =
                before.name == now.name || (before.kind == directory && now.kind == directory);
            if same {
                replaced.push(Replaced {
                    before: before.clone(),
                    now: now.clone(),
                });
            }
            !same
        });
        manifest.sources.push(now);
    }
    manifest
        .sources
        .sort_by(|left, right| left.name.cmp(&right.name));
    replaced
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<Part, Error> {
    let part = Part::of(folder.join(manifest::FILE));
    let text = toml::to_string(manifest).map_err(|error| part.failed(&error))?;
    let mut file = part.create()?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| part.failed(&error))?;
    Ok(part)
}

/// The name of a file without the folders and archives that it lies in.
fn base_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

/// Where readers put what they find in one source.
pub(crate) struct Sink<'i> {
    file: &'i str,
    pub(crate) source: Source,
    import: &'i mut Import,
}

impl Sink<'_> {
    /// Adds a row to one of the tables.
    fn push(
        &mut self,
        table: fn(&mut Import) -> &mut Rows,
        cells: &[Cell<'_>],
    ) -> Result<(), Error> {
        table(self.import).push(cells).map_err(|Overflow(column)| {
            ErrorKind::TooManyValues {
                file: self.file.to_owned(),
                column,
            }
            .into()
        })
    }

    /// A value that cannot be read and is left out.
    pub(crate) fn problem(&mut self, line: u64, what: &str) {
        self.source.problems += 1;
        if self.import.problems.len() < TOLD {
            self.import
                .problems
                .push(format!("{}, line {line}: {what}", self.file));
        }
    }

    /// The source is not what it should be.
    pub(crate) fn malformed(&self, line: u64, reason: impl Into<String>) -> Error {
        ErrorKind::Malformed {
            file: self.file.to_owned(),
            line,
            reason: reason.into(),
        }
        .into()
    }

    /// The source cannot be read on.
    pub(crate) fn unreadable(&self, error: std::io::Error) -> Error {
        ErrorKind::Reading {
            file: self.file.to_owned(),
            error,
        }
        .into()
    }
}
