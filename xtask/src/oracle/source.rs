//! Where schemas and definitions come from: folders on disk.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::Plan;
use concord_standards::compile::CompiledSchema;
use concord_standards::registry::Registry;
use concord_standards::schema::Schema;
use concord_standards::{Source, SourceError, xsd};

use super::{Failed, XmlArguments};

/// A folder as a source.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Source for Folder {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        std::fs::read_to_string(self.0.join(path))
            .map(Cow::Owned)
            .map_err(|error| SourceError {
                path: path.to_owned(),
                reason: error.to_string(),
            })
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![self.0.join(path)];
        while let Some(folder) = waiting.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.filter_map(Result::ok) {
                let path = entry.path();
                if path.is_dir() {
                    waiting.push(path);
                } else if let Ok(inside) = path.strip_prefix(&self.0) {
                    found.push(inside.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }
}

/// What is compared.
pub(super) struct Subject {
    /// The official XSD, which xmllint reads.
    pub(super) xsd: PathBuf,
    /// What the importer makes of it.
    pub(super) schema: Schema,
    /// The checker with the imported XSD.
    pub(super) imported: Plan,
    /// The checker with the written definition, when there is one.
    pub(super) written: Option<Plan>,
}

/// The reference collection; nothing when it is not on this machine.
pub(super) fn reference(given: Option<&Path>) -> Option<PathBuf> {
    let folder = given
        .map(Path::to_owned)
        .or_else(|| std::env::var_os("CONCORD_REFERENCE").map(PathBuf::from))
        .unwrap_or_else(|| repository().join("../shared/reference"));
    folder.is_dir().then_some(folder)
}

/// The root of the checkout.
pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Imports the XSD, and loads the written definition of the standard when the XSD is the official one.
pub(super) fn subject(arguments: &XmlArguments, reference: &Path) -> Result<Subject, Failed> {
    let xsd = match &arguments.schema {
        Some(path) => path.clone(),
        None => official(&arguments.standard, reference)?,
    };
    let folder = xsd.parent().ok_or("the XSD has no folder")?.to_owned();
    let name = xsd
        .file_name()
        .ok_or("the XSD has no name")?
        .to_string_lossy()
        .into_owned();
    let schema = xsd::import(&Folder(folder), &name)?;
    let imported = plan(schema.clone())?;
    let written = match &arguments.schema {
        Some(_) => None,
        None => written(&arguments.standard)?,
    };
    Ok(Subject {
        xsd,
        schema,
        imported,
        written,
    })
}

fn official(standard: &str, reference: &Path) -> Result<PathBuf, Failed> {
    let version = standard
        .strip_prefix("cds@")
        .ok_or_else(|| format!("there is no official XSD for {standard}: use --schema"))?;
    let path = reference
        .join(format!("cds/xsd/V{version}"))
        .join(format!("CDS-XML_Message_Root-V{version}.xsd"));
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("there is no {}", path.display()).into())
    }
}

/// The written definition; nothing as long as the standard has none.
fn written(standard: &str) -> Result<Option<Plan>, Failed> {
    let registry = Registry::new(vec![Box::new(Folder(repository().join("schemas")))])?;
    if registry.find(standard).is_err() {
        return Ok(None);
    }
    Ok(Some(plan(registry.load(standard)?.schema)?))
}

fn plan(schema: Schema) -> Result<Plan, Failed> {
    let compiled = CompiledSchema::compile(Arc::new(schema))?;
    Ok(Plan::new(
        Arc::new(compiled),
        Vec::new(),
        concord_check::capture::CapturePlan::default(),
        Vec::new(),
    ))
}
