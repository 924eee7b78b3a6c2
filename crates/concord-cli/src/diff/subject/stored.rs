//! Parquet and Arrow files, of which only the schema is read.

use std::path::Path;

use concord_convert::stored::{self, StoredError};
use concord_gate::subject::{StoredTable, Subject, SubjectKind};

use super::{Side, blank};
use crate::failure::Failure;

pub(super) fn parquet(path: &Path, name: String) -> Result<Side, Failure> {
    let table = stored::parquet(path).map_err(|error| failure(&error))?;
    Ok(side(name, vec![table]))
}

pub(super) fn arrow(path: &Path, name: String) -> Result<Side, Failure> {
    let table = stored::arrow(path).map_err(|error| failure(&error))?;
    Ok(side(name, vec![table]))
}

pub(super) fn lake(path: &Path, name: String) -> Result<Side, Failure> {
    match stored::lake(path) {
        Ok(tables) => Ok(side(name, tables)),
        Err(StoredError::Empty { path }) => Err(Failure::usage(
            format!(
                "{} holds no standard.toml and no Parquet files",
                path.display()
            ),
            "give a definition folder such as schemas/cds/6-3-1, or the output of `concord convert --to parquet`",
        )),
        Err(error) => Err(failure(&error)),
    }
}

fn failure(error: &StoredError) -> Failure {
    match error {
        StoredError::Io { .. } => Failure::unreadable(error.to_string()),
        _ => Failure::usage(
            error.to_string(),
            "give a whole file; only its schema is read",
        ),
    }
}

fn side(name: String, storage: Vec<StoredTable>) -> Side {
    Side {
        subject: Subject {
            kind: SubjectKind::Stored,
            definition: blank::definition(&name),
            storage,
            not_compared: Vec::new(),
            name,
        },
        root: String::new(),
    }
}
