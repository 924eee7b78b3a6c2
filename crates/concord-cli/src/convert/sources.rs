//! What the paths are: submissions to check, resources of FHIR, or an earlier output of a conversion.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use concord_convert::findings::BESIDE;
use concord_convert::lake::{MANIFEST, is_lake};
use concord_read::{Input, Limits, expand};

use super::earlier;
use super::targets::LACKING;
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

/// The sources that paths name, in their order, and the earlier outputs that lie in folders among them.
pub(super) fn sources(
    arguments: &ConvertArguments,
    limits: &Limits,
) -> Result<(Vec<Source>, Vec<String>), Failure> {
    let mut inputs = Inputs::new(arguments, limits)?;
    let mut sources = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for path in &arguments.paths {
        if is_lake(path) && earlier::has_rows(path)? {
            if inputs.is_new(path.canonicalize().ok()) {
                sources.push(Source::Lake(path.clone()));
            }
            continue;
        }
        for input in inputs.at(path)? {
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
    let left_out = inputs.left_out(sources.is_empty())?;
    Ok((sources, left_out))
}

/// The inputs that paths name, and the earlier outputs that lie in folders among them.
pub(super) fn inputs(
    arguments: &ConvertArguments,
    limits: &Limits,
) -> Result<(Vec<Input>, Vec<String>), Failure> {
    let mut inputs = Inputs::new(arguments, limits)?;
    let mut found = Vec::new();
    for path in &arguments.paths {
        found.extend(inputs.at(path)?);
    }
    let left_out = inputs.left_out(found.is_empty())?;
    Ok((found, left_out))
}

/// Finds inputs, each once, and leaves out what conversions wrote: what stands in the output, for it will be replaced, and
/// earlier outputs that were not named themselves.
struct Inputs<'l> {
    limits: &'l Limits,
    output: Option<PathBuf>,
    seen: BTreeSet<PathBuf>,
    left_out: BTreeSet<String>,
}

impl<'l> Inputs<'l> {
    fn new(arguments: &ConvertArguments, limits: &'l Limits) -> Result<Self, Failure> {
        let inputs = Self {
            limits,
            output: arguments.output.canonicalize().ok(),
            seen: BTreeSet::new(),
            left_out: BTreeSet::new(),
        };
        for path in arguments.paths.iter().chain(&arguments.since) {
            if inputs.is_output(path) {
                return Err(Failure::usage(
                    format!("{} would be replaced by the output", path.display()),
                    "name another folder with -o",
                ));
            }
        }
        Ok(inputs)
    }

    /// The inputs at a path that are not known yet.
    fn at(&mut self, path: &Path) -> Result<Vec<Input>, Failure> {
        let folder = path.ancestors().find(|part| part.is_dir());
        let folder = folder.unwrap_or(Path::new(""));
        let mut inputs = expand(std::slice::from_ref(&path.to_owned()), self.limits)?;
        inputs.retain(|input| {
            let name = Path::new(&**input.name());
            if self.is_output(name) || is_beside_an_output(name) {
                return false;
            }
            if let Some(output) = output_between(folder, name) {
                self.left_out.insert(output.display().to_string());
                return false;
            }
            self.is_new(input.identity())
        });
        Ok(inputs)
    }

    fn is_output(&self, path: &Path) -> bool {
        match (&self.output, path.canonicalize()) {
            (Some(output), Ok(path)) => path.starts_with(output),
            _ => false,
        }
    }

    fn is_new(&mut self, file: Option<PathBuf>) -> bool {
        file.is_none_or(|file| self.seen.insert(file))
    }

    /// The earlier outputs that were left out. With nothing else to convert, that is a mistake.
    fn left_out(self, nothing_else: bool) -> Result<Vec<String>, Failure> {
        match self.left_out.first() {
            Some(output) if nothing_else => Err(Failure::usage(
                "there are only earlier outputs of conversions",
                format!("name the output itself to convert it further: {output}"),
            )),
            _ => Ok(self.left_out.into_iter().collect()),
        }
    }
}

/// The earlier output below a folder in which a file lies, if it lies in one.
fn output_between<'f>(folder: &Path, file: &'f Path) -> Option<&'f Path> {
    let below = file.strip_prefix(folder).ok()?.components().count();
    let mut parents = file.ancestors().skip(1).take(below.saturating_sub(1));
    parents.find(|parent| is_lake(parent))
}

/// Whether a file is the account of an earlier output, what was wrong with what that was made of, or what drafts lack.
pub(crate) fn is_beside_an_output(file: &Path) -> bool {
    let is_named = |path: &Path, name: &str| path.file_name().is_some_and(|found| found == name);
    let Some(folder) = file.parent() else {
        return false;
    };
    if is_named(file, MANIFEST) {
        return true;
    }
    let beside = BESIDE.iter().any(|name| is_named(folder, name));
    let lacking = file.to_string_lossy().ends_with(LACKING);
    (beside || lacking) && folder.parent().is_some_and(is_lake)
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
