//! Resources into files.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::compose::{Made, Style, compose};
use super::ids;
use super::mapping::FhirMapping;
use crate::loss::Losses;
use crate::records::{Record, RecordWriter, Records};

/// How resources stand in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FhirForm {
    /// `Bundle.ndjson`: one bundle of type `collection` a line, one bundle for each record.
    Bundles,
    /// A file for each type, one resource a line, as FHIR's Bulk Data has it.
    #[default]
    Ndjson,
}

/// Why FHIR could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FhirError {
    /// There is no room left.
    #[error("{path} cannot be written: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be opened.
    #[error("{path} cannot be read: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was read is not JSON, or not FHIR.
    #[error("{file}: {reason}")]
    Content {
        /// The file.
        file: String,
        /// Why, with the line.
        reason: String,
    },
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct FhirWritten {
    /// What could not be carried.
    pub losses: Losses,
    /// How many resources, by type.
    pub resources: BTreeMap<String, u64>,
    /// The files.
    pub files: Vec<PathBuf>,
    /// What says the same wherever it is referred to, by type.
    pub(super) shared: BTreeMap<String, Shared>,
}

/// Resources of a type that say the same wherever they are referred to.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    /// The file that they stand in.
    pub(super) file: PathBuf,
    pub(super) ids: Remembered,
}

/// Ids of organisations or places that have been written.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered(pub(super) HashSet<String>);

impl Remembered {
    /// Most that are remembered. One that is written twice has the same id and says the same, so that readers take it as one.
    const MOST: usize = 1_000_000;

    /// Takes note of one that is written; whether it was written before.
    pub(super) fn add(&mut self, id: String) -> bool {
        self.0.contains(&id) || self.0.len() < Self::MOST && !self.0.insert(id)
    }
}

/// Writes records as resources of FHIR. Files take their names when everything has been written ([`FhirWriter::finish`]).
///
/// One writer may take several inputs one after another. Inputs that are read side by side each need their own, as a part
/// of the output ([`FhirWriter::part`]).
#[derive(Debug)]
pub struct FhirWriter {
    mapping: Arc<FhirMapping>,
    form: FhirForm,
    folder: PathBuf,
    part: Option<usize>,
    files: BTreeMap<String, Staged>,
    done: FhirWritten,
}

impl FhirWriter {
    /// Writes into a folder, which is made.
    ///
    /// # Errors
    /// [`FhirError::Write`] when the folder cannot be made.
    pub fn create(
        folder: &Path,
        mapping: Arc<FhirMapping>,
        form: FhirForm,
    ) -> Result<Self, FhirError> {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        Ok(Self {
            mapping,
            form,
            folder: folder.to_owned(),
            part: None,
            files: BTreeMap::new(),
            done: FhirWritten::default(),
        })
    }

    /// Writes a part of an output: `Patient-00007.ndjson` in place of `Patient.ndjson`.
    #[must_use]
    pub fn part(mut self, number: usize) -> Self {
        self.part = Some(number);
        self
    }

    /// Ends the files and gives them their names.
    ///
    /// # Errors
    /// [`FhirError`] when a file cannot be written to its end; then none of them is there, or only some.
    pub fn finish(mut self) -> Result<FhirWritten, FhirError> {
        let mut complete = Vec::new();
        for (_, staged) in std::mem::take(&mut self.files) {
            complete.push(staged.flush()?);
        }
        for staged in complete {
            self.done.files.push(staged.rename()?);
        }
        Ok(std::mem::take(&mut self.done))
    }

    fn add(&mut self, records: Vec<Composed>) -> Result<(), FhirError> {
        for composed in records {
            for (kind, count) in composed.bundled {
                *self.done.resources.entry(kind).or_default() += count;
            }
            for line in composed.lines {
                let staged = if let Some(staged) = self.files.get_mut(&*line.kind) {
                    staged
                } else {
                    let staged = Staged::create(&self.folder, &line.kind, self.part)?;
                    self.files.entry(line.kind.to_string()).or_insert(staged)
                };
                if let Some(id) = line.shared {
                    let shared = self.done.shared.entry(line.kind.to_string());
                    let shared = shared.or_insert_with(|| Shared {
                        file: staged.target.clone(),
                        ids: Remembered::default(),
                    });
                    if shared.ids.add(id) {
                        continue;
                    }
                }
                if self.form == FhirForm::Ndjson {
                    *self
                        .done
                        .resources
                        .entry(line.kind.to_string())
                        .or_default() += 1;
                }
                staged.write(&line.text)?;
            }
        }
        Ok(())
    }
}

impl RecordWriter for FhirWriter {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let submission = records.submission();
        let has_rows = submission.entities().next().is_some();
        let with_submission = has_rows.then_some(submission);
        let all: Vec<Record<'_>> = with_submission
            .into_iter()
            .chain(records.records())
            .collect();
        let (mapping, form) = (&*self.mapping, self.form);
        let made: Vec<(Composed, Losses)> = all
            .par_iter()
            .map(|record| one(mapping, form, record))
            .collect();
        let mut composed = Vec::with_capacity(made.len());
        for (record, losses) in made {
            self.done.losses.merge(losses);
            composed.push(record);
        }
        self.add(composed).map_err(|error| error.to_string())
    }
}

/// What a record becomes.
struct Composed {
    lines: Vec<Line>,
    /// Resources that stand in a bundle, by type.
    bundled: BTreeMap<String, u64>,
}

struct Line {
    kind: Arc<str>,
    /// Its id, when it says the same in every record.
    shared: Option<String>,
    text: Vec<u8>,
}

fn one(mapping: &FhirMapping, form: FhirForm, record: &Record<'_>) -> (Composed, Losses) {
    let mut losses = Losses::default();
    let style = match form {
        FhirForm::Bundles => Style::Urn,
        FhirForm::Ndjson => Style::Type,
    };
    let made = compose(mapping, record, style, &mut losses);
    let mut composed = Composed {
        lines: Vec::new(),
        bundled: BTreeMap::new(),
    };
    match form {
        FhirForm::Ndjson => composed.lines.extend(made.into_iter().map(|made| Line {
            kind: made.kind,
            shared: made.shared.then_some(made.id),
            text: line(&made.draft.value),
        })),
        FhirForm::Bundles if made.is_empty() => {}
        FhirForm::Bundles => {
            for resource in &made {
                *composed
                    .bundled
                    .entry(resource.kind.to_string())
                    .or_default() += 1;
            }
            composed.lines.push(Line {
                kind: "Bundle".into(),
                shared: None,
                text: line(&bundle(made)),
            });
        }
    }
    (composed, losses)
}

/// The resources of a record as a bundle, which has the record's source as its own.
fn bundle(made: Vec<Made>) -> Value {
    let source = made.first().map_or(Value::Null, |first| {
        first.draft.value["meta"]["source"].clone()
    });
    let id = ids::id(&["Bundle", made.first().map_or("", |first| &first.id)]);
    let entries: Vec<Value> = made
        .into_iter()
        .map(|made| json!({"fullUrl": format!("urn:uuid:{}", made.id), "resource": made.draft.value}))
        .collect();
    json!({
        "resourceType": "Bundle",
        "id": id,
        "meta": {"source": source},
        "type": "collection",
        "entry": entries,
    })
}

fn line(value: &Value) -> Vec<u8> {
    let mut line = value.to_string().into_bytes();
    line.push(b'\n');
    line
}

pub(super) fn failed(path: &Path, source: io::Error) -> FhirError {
    let path = path.to_owned();
    if source.kind() == io::ErrorKind::StorageFull {
        FhirError::Full { path }
    } else {
        FhirError::Write { path, source }
    }
}

/// A file that has not its name yet; it is removed when it never gets it.
#[derive(Debug)]
pub(super) struct Staged {
    file: Option<BufWriter<File>>,
    at: PathBuf,
    target: PathBuf,
}

impl Staged {
    fn create(folder: &Path, kind: &str, part: Option<usize>) -> Result<Self, FhirError> {
        let part = part.map_or(String::new(), |part| format!("-{part:05}"));
        Self::of(folder.join(format!("{kind}{part}.ndjson")))
    }

    /// What is to take the place of a file, or to become it.
    pub(super) fn of(target: PathBuf) -> Result<Self, FhirError> {
        let at = target.with_extension("ndjson.part");
        let file = File::create(&at).map_err(|source| failed(&at, source))?;
        Ok(Self {
            file: Some(BufWriter::with_capacity(1 << 18, file)),
            at,
            target,
        })
    }

    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), FhirError> {
        let written = self
            .file
            .as_mut()
            .map_or(Ok(()), |file| file.write_all(text));
        written.map_err(|source| failed(&self.target, source))
    }

    pub(super) fn flush(mut self) -> Result<Self, FhirError> {
        if let Some(mut file) = self.file.take() {
            let flushed = file.flush().and_then(|()| file.get_ref().sync_all());
            flushed.map_err(|source| failed(&self.target, source))?;
        }
        Ok(self)
    }

    pub(super) fn rename(self) -> Result<PathBuf, FhirError> {
        fs::rename(&self.at, &self.target).map_err(|source| failed(&self.target, source))?;
        Ok(self.target.clone())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After the file has its name there is nothing to remove; before, nothing can be done about a failure.
        let _ = fs::remove_file(&self.at);
    }
}
