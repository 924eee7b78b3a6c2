//! Records made of messages, handed on input by input.

use std::fs;
use std::path::PathBuf;

use concord_model::entities::{ENTITIES, entity};

use super::fold::Stay;
use super::sorted::Sorted;
use super::staged;
use crate::builder::{Origin, RecordsBuilder};
use crate::lake::LakeError;
use crate::loss::Losses;
use crate::records::Records;

/// Records that are handed on at a time.
const AT_A_TIME: usize = 4_096;

/// Records made of messages.
#[derive(Debug)]
pub struct MergedStays {
    folder: PathBuf,
    records: Sorted,
    /// The one that was read last, which belongs to the next input.
    next: Option<Stay>,
    losses: Losses,
}

/// Some records of one input.
#[derive(Debug)]
pub struct MergedInput {
    /// Number of the input.
    pub number: usize,
    /// The records.
    pub records: Records,
    /// How many there are.
    pub count: u64,
}

impl MergedStays {
    pub(super) fn new(folder: PathBuf, records: Sorted, losses: Losses) -> Self {
        Self {
            folder,
            records,
            next: None,
            losses,
        }
    }

    /// The next records of one input, in their order; `None` when there are no more.
    ///
    /// # Errors
    /// [`LakeError`] when what was put aside cannot be read.
    pub fn records(&mut self) -> Result<Option<MergedInput>, LakeError> {
        let first = match self.next.take() {
            Some(first) => first,
            None => match self.read()? {
                Some(first) => first,
                None => return Ok(None),
            },
        };
        let number = first.input;
        let mut builder = RecordsBuilder::new(Origin::default());
        add(&mut builder, &first);
        let mut count = 1;
        while count < AT_A_TIME {
            match self.read()? {
                Some(stay) if stay.input == number => add(&mut builder, &stay),
                other => {
                    self.next = other;
                    break;
                }
            }
            count += 1;
        }
        let (records, losses) = builder.finish().map_err(|error| LakeError::Parquet {
            path: self.folder.clone(),
            reason: error.to_string(),
        })?;
        self.losses.merge(losses);
        Ok(Some(MergedInput {
            number,
            records,
            count: count as u64,
        }))
    }

    fn read(&mut self) -> Result<Option<Stay>, LakeError> {
        let Some((_, body)) = self.records.next()? else {
            return Ok(None);
        };
        staged::read(&body, self.records.path()).map(Some)
    }

    /// What of the values could not be carried, when all records have been handed on. What was put aside is removed.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub fn finish(self) -> Result<Losses, LakeError> {
        drop(self.records);
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(LakeError::io(&self.folder, error))
            }
            _ => Ok(self.losses),
        }
    }
}

/// Adds the rows of a record. Those of an entity whose parent the record has lie in the parent's first row.
pub(super) fn add(builder: &mut RecordsBuilder, stay: &Stay) {
    builder.comes_from(
        Origin {
            standard: Some(stay.standard.as_str().into()),
            file: stay.file.as_str().into(),
            interchange: stay.interchange.as_deref().map(Into::into),
        },
        stay.effect.as_deref(),
    );
    let has = |name: &str| {
        stay.rows.iter().any(|(number, _)| {
            ENTITIES
                .get(*number)
                .is_some_and(|entity| entity.name == name)
        })
    };
    for (number, values) in &stay.rows {
        let Some(entity) = ENTITIES.get(*number).and_then(|known| entity(known.name)) else {
            continue;
        };
        let parent = entity.parent.filter(|parent| has(parent)).map(|_| 1);
        let values: Vec<(&str, &str)> = values
            .iter()
            .filter_map(|(field, text)| Some((entity.fields.get(*field)?.name, text.as_str())))
            .collect();
        builder.add(entity.name, stay.record, parent, &values);
    }
}
