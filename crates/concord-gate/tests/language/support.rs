//! Schemas from XSD text, the shipped definitions, the official XSDs beside the checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::schema::{ComplexTypeId, Schema, SimpleTypeId};

/// An XSD around some declarations.
pub(crate) fn xsd(declarations: &str) -> String {
    format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"qualified\">{declarations}</xs:schema>"
    )
}

/// The schema of some declarations; why not, when they make no sense.
pub(crate) fn compiled(declarations: &str) -> Result<CompiledSchema, String> {
    let files = BTreeMap::from([("t.xsd".to_owned(), xsd(declarations))]);
    let schema =
        concord_standards::xsd::import(&files, "t.xsd").map_err(|error| error.to_string())?;
    CompiledSchema::compile(Arc::new(schema)).map_err(|error| error.to_string())
}

/// A simple type by its local name.
pub(crate) fn simple(compiled: &CompiledSchema, name: &str) -> SimpleTypeId {
    let types = &compiled.schema.simple_types;
    let index = types
        .iter()
        .position(|it| it.name.as_ref().is_some_and(|it| &*it.local == name))
        .expect("a simple type of that name");
    SimpleTypeId(index as u32)
}

/// A complex type by its local name.
pub(crate) fn complex(compiled: &CompiledSchema, name: &str) -> ComplexTypeId {
    let types = &compiled.schema.complex_types;
    let index = types
        .iter()
        .position(|it| it.name.as_ref().is_some_and(|it| &*it.local == name))
        .expect("a complex type of that name");
    ComplexTypeId(index as u32)
}

/// The definitions that are shipped.
pub(crate) fn shipped() -> concord_standards::registry::Registry {
    fn gather(folder: &Path, under: &str, files: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().expect("a file name").to_string_lossy();
            let name = if under.is_empty() {
                name.into_owned()
            } else {
                format!("{under}/{name}")
            };
            if path.is_dir() {
                gather(&path, &name, files);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                files.insert(name, text);
            }
        }
    }
    let mut files = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    gather(&folder, "", &mut files);
    concord_standards::registry::Registry::new(vec![Box::new(files)])
        .expect("the shipped definitions are read")
}

/// The official XSDs by version; none, said aloud, without the reference folder.
pub(crate) fn official() -> Vec<(&'static str, Schema)> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    if !folder.join("cds/xsd").is_dir() {
        eprintln!("SKIPPED: no reference material at {}", folder.display());
        return Vec::new();
    }
    let read = |version: &'static str| {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder.join("cds/xsd").join(version)).expect("a folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().expect("a file name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            files.insert(name.into_owned(), text);
        }
        let root = files
            .keys()
            .find(|name| name.contains("Message_Root"))
            .expect("a root file");
        let schema = concord_standards::xsd::import(&files, root).expect("an XSD that is read");
        (version, schema)
    };
    ["V6-2-2", "V6-2-3", "V6-3-1"].map(read).into()
}
