//! What the paths are: submissions to check, resources of FHIR, or an earlier output of a conversion.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_convert::lake::{MANIFEST, is_lake};
use concord_read::{Input, Limits, expand};

use super::earlier;
use crate::arguments::ConvertArguments;
use crate::failure::Failure;
use crate::prepare::{beginning, is_xml_of_resources};

/// Bytes in which a resource says that it is one.
const BEGINNING: u64 = 4 * 1024;

/// What rows come from.
pub(super) enum Source {
    /// Something that follows a standard, and is checked.
    Checked(Input),
    /// Resources of FHIR that lie in one place, with its name: that of the file, if there is only one, else of the folder.
    Fhir(String, Vec<Input>),
    /// A lake of the canonical model.
    Lake(PathBuf),
}

/// The sources that paths name, in their order. What stands in the output already is none, for it will be replaced.
pub(super) fn sources(
    arguments: &ConvertArguments,
    limits: &Limits,
) -> Result<Vec<Source>, Failure> {
    let ConvertArguments {
        paths,
        output,
        since,
        ..
    } = arguments;
    let output = output.canonicalize().ok();
    let is_output = |path: &Path| match (&output, path.canonicalize()) {
        (Some(output), Ok(path)) => path.starts_with(output),
        _ => false,
    };
    let mut sources = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths.iter().chain(since) {
        if is_output(path) {
            return Err(Failure::usage(
                format!("{} would be replaced by the output", path.display()),
                "name another folder with -o",
            ));
        }
    }
    for path in paths {
        if is_lake(path) && earlier::has_rows(path)? {
            sources.push(Source::Lake(path.clone()));
            continue;
        }
        for input in expand(std::slice::from_ref(path), limits)? {
            let name = Path::new(&**input.name());
            if is_output(name) || is_beside_an_output(name) {
                continue;
            }
            if !is_fhir(&input, limits) {
                sources.push(Source::Checked(input));
                continue;
            }
            let place = match input.name().rsplit_once('/') {
                Some((place, _)) => place.to_owned(),
                None => input.name().to_string(),
            };
            let known = places
                .get(&place)
                .and_then(|number| sources.get_mut(*number));
            if let Some(Source::Fhir(_, inputs)) = known {
                inputs.push(input);
            } else {
                places.insert(place.clone(), sources.len());
                sources.push(Source::Fhir(place, vec![input]));
            }
        }
    }
    for source in &mut sources {
        if let Source::Fhir(place, inputs) = source
            && let [input] = &**inputs
        {
            *place = input.name().to_string();
        }
    }
    Ok(sources)
}

/// Whether a file is the account of an earlier output, or what was wrong with what that was made of.
fn is_beside_an_output(file: &Path) -> bool {
    let is_named = |path: &Path, name: &str| path.file_name().is_some_and(|found| found == name);
    let Some(folder) = file.parent() else {
        return false;
    };
    if is_named(file, MANIFEST) {
        return true;
    }
    let beside = is_named(folder, "findings") || is_named(folder, "rejects");
    beside && folder.parent().is_some_and(is_lake)
}

/// Whether a file of JSON or XML begins with a resource. One that cannot be read is told of when it is to be converted.
fn is_fhir(input: &Input, limits: &Limits) -> bool {
    let name = input.name().to_lowercase();
    let named = |extension: &str| name.contains(extension);
    let is_json = named(".json") || named(".ndjson");
    if !is_json && !named(".xml") {
        return false;
    }
    let Some(first) = beginning(input, limits, BEGINNING) else {
        return false;
    };
    if !is_json {
        return is_xml_of_resources(&first);
    }
    first.trim_ascii_start().starts_with(b"{")
        && first
            .windows(14)
            .any(|window| window == b"\"resourceType\"")
}
