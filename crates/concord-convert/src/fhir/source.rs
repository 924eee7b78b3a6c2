//! Files of resources into records.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use concord_finding::Effect;

use super::interpret::interpret;
use super::mapping::FhirMapping;
use super::rest::Names;
use super::values::{Head, Input, ResourceFile};
use super::writer::FhirError;
use crate::builder::{Origin, RecordsBuilder};
use crate::findings::FoundOf;
use crate::loss::Losses;
use crate::records::{RecordSource, Records};
use crate::rejects::Reject;

/// Records that are handed on together.
const AT_ONCE: usize = 500;

/// Reads resources: bundles, or one resource a line, in any number of files.
///
/// A bundle is a record. So are resources that this crate wrote for one record into files by type: they have the same
/// `meta.source`, and stand in every file in the order of the records. Any other resource is a record of its own. Resources
/// that a check rejected can be left out of them ([`KnownRecords`](super::KnownRecords)).
pub struct FhirSource {
    mapping: Arc<FhirMapping>,
    inputs: Vec<Input>,
    losses: Losses,
    names: Names,
    /// The source of the records that are being read.
    of: Option<String>,
    file: Arc<str>,
    record: i64,
    /// Records so far that hold anything.
    taken: u64,
    found: Vec<FoundOf>,
}

impl std::fmt::Debug for FhirSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files: Vec<&str> = self.inputs.iter().map(|input| &*input.name).collect();
        f.debug_struct("FhirSource")
            .field("files", &files)
            .finish_non_exhaustive()
    }
}

impl FhirSource {
    /// Reads files.
    ///
    /// # Errors
    /// [`FhirError`] when a file cannot be opened, or does not begin with a resource.
    pub fn open(paths: &[PathBuf], mapping: Arc<FhirMapping>) -> Result<Self, FhirError> {
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let file = File::open(path).map_err(|source| FhirError::Open {
                path: path.clone(),
                source,
            })?;
            files.push(ResourceFile::new(path.display().to_string(), file));
        }
        Self::new(files, mapping)
    }

    /// Reads what is open already.
    ///
    /// # Errors
    /// [`FhirError`] when something does not begin with a resource.
    pub fn new(files: Vec<ResourceFile>, mapping: Arc<FhirMapping>) -> Result<Self, FhirError> {
        let mut inputs = Vec::with_capacity(files.len());
        for file in files {
            let mut input = Input::new(file);
            input.advance()?;
            inputs.push(input);
        }
        // Nearly every record that was written has a patient, so that their file gives the order of the sources.
        inputs.sort_by_key(|input| !input.begins_with_patients());
        Ok(Self {
            mapping,
            inputs,
            losses: Losses::default(),
            names: Names::default(),
            of: None,
            file: "".into(),
            record: 0,
            taken: 0,
            found: Vec::new(),
        })
    }

    /// What has been found so far to have no place in the model.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    /// What had no place in the model.
    pub fn into_losses(self) -> Losses {
        self.losses
    }

    /// How many records have been read, whether or not the model has a place for anything in them.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The rejected resources that were passed over since this was asked last, each with its file.
    pub fn take_rejects(&mut self) -> Vec<(Arc<str>, Vec<Reject>)> {
        let inputs = self.inputs.iter_mut();
        inputs
            .filter_map(|input| {
                let rejects = std::mem::take(&mut input.rejects);
                (!rejects.is_empty()).then(|| (Arc::clone(&input.name), rejects))
            })
            .collect()
    }

    /// Of the records read since this was asked last, those of whose resources something was found.
    pub fn take_found(&mut self) -> Vec<FoundOf> {
        std::mem::take(&mut self.found)
    }

    /// The input that has the next record: of several with records of the same source the one with the lowest number. A
    /// source is read to its end before the next one.
    fn next_input(&self) -> Option<usize> {
        let heads = || {
            let inputs = self.inputs.iter().enumerate();
            inputs.filter_map(|(number, input)| Some((number, input.head.as_ref()?)))
        };
        let lowest = |of: &str| {
            let same = heads().filter_map(|(number, head)| {
                let (source, record) = head.source.as_ref()?;
                (source == of).then_some((record, number))
            });
            same.min().map(|(_, number)| number)
        };
        if let Some(number) = self.of.as_deref().and_then(lowest) {
            return Some(number);
        }
        let (number, head) = heads().next()?;
        head.source
            .as_ref()
            .map_or(Some(number), |(source, _)| lowest(source))
    }

    /// The resources of the next record, which an input has.
    fn head(&mut self, first: usize) -> Result<Head, FhirError> {
        let Some(mut head) = self.inputs[first].advance()? else {
            return Ok(Head::default());
        };
        self.of = head.source.as_ref().map(|(source, _)| source.clone());
        if head.source.is_some() {
            for input in &mut self.inputs {
                while input
                    .head
                    .as_ref()
                    .is_some_and(|next| next.source == head.source)
                    && let Some(next) = input.advance()?
                {
                    head.add(next);
                }
            }
        }
        Ok(head)
    }
}

impl RecordSource for FhirSource {
    fn next(&mut self) -> Result<Option<Records>, String> {
        let Some(mut next) = self.next_input() else {
            return Ok(None);
        };
        if self.inputs[next].is_other_than(&self.file) {
            self.file = Arc::clone(&self.inputs[next].name);
            self.record = 0;
        }
        let origin = Origin {
            standard: Some(Arc::clone(&self.mapping.standard)),
            file: Arc::clone(&self.file),
            interchange: None,
        };
        let mut builder = RecordsBuilder::new(origin.clone());
        let mapping = Arc::clone(&self.mapping);
        for _ in 0..AT_ONCE {
            let Head { entries, told, .. } = self.head(next).map_err(|error| error.to_string())?;
            let effect = told.iter().map(|(_, told)| told.effect).max();
            builder.comes_from(origin.clone(), effect.map(Effect::as_str));
            self.record += 1;
            self.found
                .extend(told.into_iter().map(|(file, told)| FoundOf {
                    finding_file: file,
                    finding_record: told.record,
                    source_file: Arc::clone(&self.file),
                    source_record: self.record,
                }));
            self.taken += u64::from(!entries.is_empty());
            interpret(
                &mapping,
                entries,
                self.record,
                &mut builder,
                &mut self.names,
                &mut self.losses,
            );
            match self.next_input() {
                Some(other) if !self.inputs[other].is_other_than(&self.file) => next = other,
                _ => break,
            }
        }
        let (records, losses) = builder.finish().map_err(|error| error.to_string())?;
        self.losses.merge(losses);
        Ok(Some(records))
    }
}
