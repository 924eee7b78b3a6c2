//! Which file each input is written to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_read::Input;

use crate::failure::Failure;

/// Endings of compressed files: what is written is not compressed.
const COMPRESSED: [&str; 3] = [".gz", ".zst", ".zip"];

/// The file for each input: `output` itself for one input, unless it is a folder or is written as one; else a file in it
/// with the input's name.
///
/// Nothing is written over an input, and no two inputs to the same file.
pub(super) fn targets(inputs: &[Input], output: &Path) -> Result<Vec<PathBuf>, Failure> {
    if let Some(input) = inputs.iter().find(|input| &**input.name() == "-") {
        return Err(Failure::usage(
            format!(
                "`{}` can be read only once, and fixing reads twice",
                input.name()
            ),
            "write standard input to a file, and give that",
        ));
    }
    let folder = inputs.len() != 1
        || output.is_dir()
        || output
            .to_string_lossy()
            .ends_with(std::path::MAIN_SEPARATOR);
    let mut taken: BTreeMap<PathBuf, &Input> = BTreeMap::new();
    let mut targets = Vec::with_capacity(inputs.len());
    for input in inputs {
        let target = if folder {
            output.join(file_name(input.name()))
        } else {
            output.to_owned()
        };
        if let Some(other) = taken.insert(target.clone(), input) {
            return Err(Failure::usage(
                format!(
                    "{} and {} would both be written to {}",
                    other.name(),
                    input.name(),
                    target.display()
                ),
                "fix them one after the other, into different folders",
            ));
        }
        targets.push(target);
    }
    for target in &targets {
        // What does not exist is nobody's.
        let Ok(known) = target.canonicalize() else {
            continue;
        };
        let own = |input: &&Input| {
            let path = Path::new(&**input.name());
            let mut above = path.ancestors().take(64);
            above.any(|path| path.is_file() && path.canonicalize().is_ok_and(|path| path == known))
        };
        if let Some(input) = inputs.iter().find(own) {
            return Err(Failure::usage(
                format!("{} would be written over", input.name()),
                "fixed files are new files: give another file or folder with -o",
            ));
        }
    }
    if folder {
        std::fs::create_dir_all(output).map_err(|error| {
            Failure::unreadable(format!("{} cannot be made: {error}", output.display()))
        })?;
    }
    Ok(targets)
}

/// The last part of an input's name, without the ending of a compressed file.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let lower = last.to_ascii_lowercase();
    let ending = COMPRESSED
        .iter()
        .find(|ending| lower.len() > ending.len() && lower.ends_with(*ending));
    last[..last.len() - ending.map_or(0, |ending| ending.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_like_their_inputs() {
        for (name, expected) in [
            ("may.csv", "may.csv"),
            ("in/may.csv.gz", "may.csv"),
            ("may.zip/may.xml", "may.xml"),
            (".gz", ".gz"),
            ("é.ZST", "é"),
        ] {
            assert_eq!(file_name(name), expected);
        }
    }
}
