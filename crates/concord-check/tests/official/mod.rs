//! The official structures, where the reference material is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::Plan;
use concord_check::capture::CapturePlan;
use concord_standards::compile::CompiledSchema;

/// The folder of the reference material; says so when it is not there.
#[allow(clippy::print_stderr)] // what is skipped must be seen
pub(crate) fn reference() -> Option<PathBuf> {
    let path = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    if path.is_dir() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED: the reference material is not at {}",
        path.display()
    );
    None
}

/// The plan of an official XSD alone.
pub(crate) fn plan(reference: &Path, version: &str) -> Plan {
    let folder = reference.join("cds/xsd").join(format!("V{version}"));
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the XSDs are there") {
        let path = entry.expect("readable").path();
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        files.insert(name, std::fs::read_to_string(&path).expect("UTF-8"));
    }
    let schema =
        concord_standards::xsd::import(&files, &format!("CDS-XML_Message_Root-V{version}.xsd"))
            .expect("the official XSD is understood");
    let compiled = CompiledSchema::compile(Arc::new(schema)).expect("it compiles");
    Plan::new(
        Arc::new(compiled),
        Vec::new(),
        CapturePlan::default(),
        Vec::new(),
    )
}
