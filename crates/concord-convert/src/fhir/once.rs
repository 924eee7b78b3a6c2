//! What says the same wherever it is referred to, once in an output of several parts.
//!
//! Parts are written side by side, and none of them knows what another one has. So they are gone through afterwards, in their
//! order, and only those are written again that have what an earlier one has: the output is the same for any number of
//! threads.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::writer::{FhirError, FhirWritten, Remembered, Staged, failed};

/// The organisations and places that an output has.
#[derive(Debug, Default)]
pub struct Once {
    written: BTreeMap<String, Remembered>,
}

impl Once {
    /// Takes out of the next part what parts before it have.
    ///
    /// # Errors
    /// [`FhirError`] when a file of the part cannot be read, or written again.
    pub fn part(&mut self, part: &mut FhirWritten) -> Result<(), FhirError> {
        for (kind, shared) in std::mem::take(&mut part.shared) {
            let written = self.written.entry(kind.clone()).or_default();
            let ids = shared.ids.0.into_iter();
            let again: HashSet<String> = ids.filter(|id| written.add(id.clone())).collect();
            if again.is_empty() {
                continue;
            }
            let left = leave_out(&shared.file, &again)?;
            if left == 0 {
                part.resources.remove(&kind);
                part.files.retain(|file| *file != shared.file);
            } else {
                part.resources.insert(kind, left);
            }
        }
        Ok(())
    }
}

/// What is looked at of a resource that was written here.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Writes a file again without some resources, or removes it where it has no others; how many there are left.
fn leave_out(file: &Path, ids: &HashSet<String>) -> Result<u64, FhirError> {
    let content = |reason: String| FhirError::Content {
        file: file.display().to_string(),
        reason,
    };
    let open = File::open(file).map_err(|source| FhirError::Open {
        path: file.to_owned(),
        source,
    })?;
    let mut again = Staged::of(file.to_owned())?;
    let mut left = 0;
    for line in BufReader::new(open).split(b'\n') {
        let mut line = line.map_err(|error| content(error.to_string()))?;
        let named: Named =
            serde_json::from_slice(&line).map_err(|error| content(error.to_string()))?;
        if !ids.contains(&named.id) {
            line.push(b'\n');
            again.write(&line)?;
            left += 1;
        }
    }
    if left == 0 {
        fs::remove_file(file).map_err(|source| failed(file, source))?;
    } else {
        again.flush()?.rename()?;
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::writer::Shared;
    use super::*;

    /// A part with these locations, of which those with an `s` say the same everywhere.
    fn part(folder: &Path, number: usize, ids: &[&str]) -> FhirWritten {
        let file = folder.join(format!("Location-{number}.ndjson"));
        let lines = ids
            .iter()
            .map(|id| format!("{{\"resourceType\":\"Location\",\"id\":\"{id}\"}}\n"));
        fs::write(&file, lines.collect::<String>()).expect("written");
        let shared = ids.iter().filter(|id| id.starts_with('s'));
        let shared = Shared {
            file: file.clone(),
            ids: Remembered(shared.map(|id| (*id).to_owned()).collect()),
        };
        FhirWritten {
            resources: BTreeMap::from([("Location".to_owned(), ids.len() as u64)]),
            files: vec![file],
            shared: BTreeMap::from([("Location".to_owned(), shared)]),
            ..FhirWritten::default()
        }
    }

    #[test]
    fn later_parts_have_what_no_earlier_one_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut once = Once::default();
        let mut left = |number, ids: &[&str]| {
            let mut part = part(folder.path(), number, ids);
            once.part(&mut part).expect("gone through");
            let text = |file: &PathBuf| fs::read_to_string(file).expect("there");
            let told: String = part.files.iter().map(text).collect();
            assert_eq!(
                part.resources.get("Location").copied().unwrap_or_default(),
                told.lines().count() as u64
            );
            let ids = told.lines().map(|line| {
                let named: Named = serde_json::from_str(line).expect("a resource");
                named.id
            });
            ids.collect::<Vec<_>>()
        };
        assert_eq!(left(0, &["s1", "p1"]), ["s1", "p1"]);
        assert_eq!(left(1, &["p2", "s1", "p3", "s2"]), ["p2", "p3", "s2"]);
        assert_eq!(left(2, &["s1", "s2"]), [""; 0]);
        let files = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(
            files, 2,
            "what is empty is not there, nor what was not finished"
        );
    }
}
