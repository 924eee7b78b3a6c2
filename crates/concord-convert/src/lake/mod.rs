//! A folder of Parquet datasets that appears whole or not at all.
//!
//! Everything is written into a folder beside the target, which takes the target's place when all of it has been written
//! ([`Lake::complete`]); until then, and when anything fails, what stood there before stays. Each input makes part files
//! of its own (`DATASET/[KEY=VALUE/…]part-NNNNN.parquet`, numbered by input), so that inputs are converted side by side and
//! the same inputs always make the same files.

mod dataset;
mod encode;
mod group;
mod growing;
mod input;
mod left_behind;
mod occupied;
mod pack;
mod partition;
mod properties;
mod read;
mod revise;
mod rolling;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::SchemaRef;

pub use dataset::DatasetWriter;
pub use encode::Encoder;
pub use input::{How, InputDone, LakeInput};
use left_behind::Lock;
pub(crate) use properties::properties;

pub use growing::GrowingTables;
pub use partition::{Partitioning, partitioning};
pub use read::{LakeReader, is_lake};
pub use rolling::{Cell, Kind, RollingTable, is_staged_part, place_part};

/// The file that says that a folder is a lake, and what stands in it (its member [`FILES`]).
pub const MANIFEST: &str = "concord.json";

/// The member of [`MANIFEST`] that lists all other files, from the folder.
pub const FILES: &str = "files";

/// Why a lake could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The target holds something that is not an earlier output.
    #[error("{path} holds {file}, which is not of an earlier output")]
    Occupied {
        /// The target.
        path: PathBuf,
        /// What stands in it, from there.
        file: String,
    },
    /// The target has no name that another folder could take.
    #[error("{path} cannot be replaced by an output")]
    Unnamed {
        /// The target.
        path: PathBuf,
    },
    /// There is no room left.
    #[error("{path} cannot be written: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder could not be written.
    #[error("{path} cannot be written: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Rows could not be written as Parquet.
    #[error("{path} cannot be written: {reason}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A folder cannot be read as a lake of the canonical model.
    #[error("{path} cannot be read as an output of a conversion: {why}")]
    NoLake {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Another part of the output had failed before.
    #[error("another part of the output could not be written")]
    Before,
    /// A value of a column to partition by is longer than the name of a folder may be.
    #[error("{dataset} cannot be divided by {column}: a value is too long for a folder's name")]
    LongPartition {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
    },
    /// A column to partition by has too many different values.
    #[error(
        "{dataset} would have more than {most} partitions: choose a column that has fewer different values"
    )]
    Partitions {
        /// The dataset.
        dataset: String,
        /// The most that are written.
        most: usize,
    },
}

impl LakeError {
    /// A file or folder that could not be written.
    pub fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::StorageFull {
            Self::Full { path }
        } else {
            Self::Io { path, source }
        }
    }

    pub(crate) fn parquet(path: &Path, error: parquet::errors::ParquetError) -> Self {
        if let parquet::errors::ParquetError::External(source) = error {
            return match source.downcast::<io::Error>() {
                Ok(source) => Self::io(path, *source),
                Err(other) => Self::Parquet {
                    path: path.to_owned(),
                    reason: other.to_string(),
                },
            };
        }
        Self::Parquet {
            path: path.to_owned(),
            reason: error.to_string(),
        }
    }
}

/// A lake that is being written.
#[derive(Debug)]
pub struct Lake {
    staging: PathBuf,
    target: PathBuf,
    complete: bool,
    /// Columns by which any of its datasets is divided.
    divided_by: Mutex<BTreeSet<String>>,
    /// Says that the folder is being written.
    lock: Option<Lock>,
}

impl Lake {
    /// Begins a lake that will stand at `target`, and clears away what a killed run left beside it.
    ///
    /// # Errors
    /// [`LakeError::Occupied`] when something else than an earlier output stands there; [`LakeError::Unnamed`] for a
    /// folder such as `.`; [`LakeError::Io`] when the folder beside it cannot be made.
    pub fn create(target: &Path) -> Result<Self, LakeError> {
        let io = |error| LakeError::io(target, error);
        if target.file_name().is_none() {
            return Err(LakeError::Unnamed {
                path: target.to_owned(),
            });
        }
        // A link stays, and the folder that it leads to is replaced.
        let linked = target.is_symlink().then(|| target.canonicalize());
        let target = &*linked
            .transpose()
            .map_err(io)?
            .unwrap_or_else(|| target.to_owned());
        if let Some(file) = occupied::by(target).map_err(io)? {
            return Err(LakeError::Occupied {
                path: target.to_owned(),
                file,
            });
        }
        left_behind::clear(target);
        let staging = beside(target, "part");
        if let Some(parent) = staging.parent() {
            fs::create_dir_all(parent).map_err(|error| LakeError::io(parent, error))?;
        }
        fs::create_dir(&staging).map_err(|error| LakeError::io(&staging, error))?;
        let lock = Lock::of(&staging).map_err(|error| LakeError::io(&staging, error))?;
        Ok(Self {
            staging,
            target: target.to_owned(),
            complete: false,
            divided_by: Mutex::default(),
            lock: Some(lock),
        })
    }

    /// The folder in which it is written.
    pub fn folder(&self) -> &Path {
        &self.staging
    }

    /// The files that stand in it, from there, in the order of their names.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub fn files(&self) -> Result<Vec<String>, LakeError> {
        let files = occupied::files(&self.staging);
        let mut files = files.map_err(|error| LakeError::io(&self.staging, error))?;
        files.retain(|file| file != left_behind::LOCK);
        Ok(files)
    }

    /// Whether a dataset has been divided by a column of this name.
    pub fn is_divided_by(&self, column: &str) -> bool {
        let divided = self.divided_by.lock();
        divided
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&column.to_lowercase())
    }

    fn divided_by(&self, partitioning: &Partitioning) {
        let divided = self.divided_by.lock();
        let names = partitioning.names().map(str::to_owned);
        divided
            .unwrap_or_else(PoisonError::into_inner)
            .extend(names);
    }

    /// Takes a dataset out again, if it is there.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub fn remove(&self, dataset: &str) -> Result<(), LakeError> {
        let path = self.staging.join(dataset);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LakeError::io(&path, error))
            }
            _ => Ok(()),
        }
    }

    /// A writer of the rows that one input gives to a dataset.
    pub fn dataset(
        &self,
        name: &str,
        input: usize,
        schema: SchemaRef,
        partition_by: Partitioning,
        encoder: &Arc<Encoder>,
    ) -> DatasetWriter {
        DatasetWriter::new(
            self.staging.join(name),
            name,
            format!("part-{input:05}.parquet"),
            schema,
            partition_by,
            Arc::clone(encoder),
        )
    }

    /// Writes a small file into the lake.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub fn file(&self, name: &str, content: &str) -> Result<(), LakeError> {
        let path = self.staging.join(name);
        fs::write(&path, content).map_err(|error| LakeError::io(&path, error))
    }

    /// Puts the lake in its place. What stood there is removed when the new one stands.
    ///
    /// # Errors
    /// [`LakeError::Io`]; then what stood there stands there still.
    pub fn complete(mut self) -> Result<(), LakeError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| LakeError::io(&path, error)
        };
        self.lock = None;
        let old = beside(&self.target, "old");
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &old).map_err(io(&self.target))?;
        }
        if let Err(error) = fs::rename(&self.staging, &self.target) {
            if replaces {
                // What stood there goes back; when even that fails, its name says what it is.
                let _ = fs::rename(&old, &self.target);
            }
            return Err(LakeError::io(&self.target, error));
        }
        self.complete = true;
        if replaces {
            fs::remove_dir_all(&old).map_err(io(&old))?;
        }
        Ok(())
    }
}

impl Drop for Lake {
    fn drop(&mut self) {
        if !self.complete {
            // What cannot be removed lies beside the target under a name that says that it is a part.
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.{what}", std::process::id()))
}
