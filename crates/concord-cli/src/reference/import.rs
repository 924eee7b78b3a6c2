//! `concord reference import`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use concord_read::{Input, Limits};
use concord_reference::{ErrorKind, Import, Replaced, Written, recognise};
use jiff::Timestamp;

use super::show::sources;
use crate::failure::Failure;

/// Reads everything first and stores it then, so that a failure leaves what was there.
pub(super) fn import(paths: &[PathBuf], folder: &Path) -> Result<String, Failure> {
    let limits = Limits::default();
    let mut import = Import::default();
    let mut left_out = Vec::new();
    for input in concord_read::expand(paths, &limits)? {
        // What lies in a folder or archive beside the data need not be reference data.
        let named = paths
            .iter()
            .any(|path| path.to_string_lossy() == **input.name());
        import = match read(import, &input, &limits, named)? {
            Read::Added(import) => *import,
            Read::LeftOut(import, why) => {
                left_out.push(why);
                *import
            }
        };
    }
    if import.sources().is_empty() {
        return Err(Failure::usage(
            format!(
                "there are no reference data among what was given:\n{}",
                left_out.join("\n")
            ),
            concord_reference::ACCEPTED,
        ));
    }
    let count: u64 = import.sources().iter().map(|source| source.problems).sum();
    let problems = import.problems().to_vec();
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    let read: Vec<String> = import
        .sources()
        .iter()
        .map(|source| source.name.clone())
        .collect();
    let written = import.write(folder, &now.to_string())?;
    Ok(told(&written, &read, folder, count, &problems, &left_out))
}

/// What became of one input.
enum Read {
    Added(Box<Import>),
    LeftOut(Box<Import>, String),
}

fn read(import: Import, input: &Input, limits: &Limits, named: bool) -> Result<Read, Failure> {
    let opened = match concord_read::open(input, limits) {
        Ok(opened) => opened,
        Err(error) if named => return Err(error.into()),
        Err(error) => return Ok(Read::LeftOut(import.into(), error.to_string())),
    };
    match recognise(input.name(), opened) {
        Ok(recognised) => Ok(Read::Added(import.read(recognised)?.into())),
        Err(error) if !named && matches!(error.kind(), ErrorKind::Unrecognised { .. }) => {
            Ok(Read::LeftOut(import.into(), error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

fn told(
    written: &Written,
    read: &[String],
    folder: &Path,
    count: u64,
    problems: &[String],
    left_out: &[String],
) -> String {
    let imported = written.manifest.sources.iter();
    let mut text = sources(imported.filter(|source| read.contains(&source.name)));
    // Writing to a `String` does not fail.
    for Replaced { before, now } in &written.replaced {
        let _ = write!(text, "\n{} takes the place of ", now.name);
        if before.name != now.name {
            let _ = write!(text, "{}, ", before.name);
        }
        let _ = write!(text, "what was imported at {}", before.imported_at);
        if let (Some(before), Some(now)) = (&before.date, &now.date)
            && now < before
        {
            let _ = write!(text, "; it is older: published {now}, that {before}");
        }
    }
    if count > 0 {
        let _ = write!(text, "\n{count} values could not be read and are left out:");
        for problem in problems {
            let _ = write!(text, "\n  {}", concord_report::harmless(problem));
        }
        if count > problems.len() as u64 {
            let _ = write!(text, "\n  and {} more", count - problems.len() as u64);
        }
    }
    if !left_out.is_empty() {
        text.push_str("\nleft out:");
        for why in left_out {
            let _ = write!(text, "\n  {}", concord_report::harmless(why));
        }
    }
    let _ = write!(text, "\nstored in {}", folder.display());
    text.push('\n');
    text
}
