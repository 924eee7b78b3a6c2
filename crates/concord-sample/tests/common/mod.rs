//! The official XSDs beside the checkout, and xmllint over many documents at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use concord_standards::schema::Schema;

/// The versions of CDS whose XSDs are looked for: folder, root file.
pub(crate) const VERSIONS: &[(&str, &str)] = &[
    ("V6-2-2", "CDS-XML_Message_Root-V6-2-2.xsd"),
    ("V6-2-3", "CDS-XML_Message_Root-V6-2-3.xsd"),
    ("V6-3-1", "CDS-XML_Message_Root-V6-3-1.xsd"),
];

/// Folder of the reference material; `None`, said aloud, when it is not there.
pub(crate) fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let found = folder.join("cds/xsd").is_dir();
    if !found {
        eprintln!("SKIPPED: no reference material at {}", folder.display());
    }
    found.then_some(folder)
}

/// Whether xmllint can be run; said aloud when it cannot.
pub(crate) fn has_xmllint() -> bool {
    let found = Command::new("xmllint").arg("--version").output().is_ok();
    if !found {
        eprintln!("SKIPPED: xmllint cannot be run");
    }
    found
}

/// The schema of one version and the path of its root file.
pub(crate) fn official(folder: &str) -> Option<(Schema, PathBuf)> {
    let reference = reference()?;
    let directory = reference.join("cds/xsd").join(folder);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&directory).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let name = path
            .file_name()
            .expect("a file name")
            .to_string_lossy()
            .into_owned();
        files.insert(name, std::fs::read_to_string(&path).expect("UTF-8"));
    }
    let root = files
        .keys()
        .find(|name| name.contains("Message_Root"))
        .expect("a root file")
        .clone();
    let schema = concord_standards::xsd::import(&files, &root).expect("the official XSD is read");
    Some((schema, directory.join(root)))
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
            } else {
                files.insert(name, std::fs::read_to_string(&path).expect("UTF-8"));
            }
        }
    }
    let mut files = BTreeMap::new();
    gather(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas"),
        "",
        &mut files,
    );
    concord_standards::registry::Registry::new(vec![Box::new(files)])
        .expect("the shipped definitions are read")
}

/// A folder of its own, removed when it is dropped.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("concord-sample-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// For each document whether xmllint finds it valid, and what it says when not.
pub(crate) fn verdicts(xsd: &Path, documents: &[Vec<u8>], name: &str) -> Vec<Result<(), String>> {
    let scratch = Scratch::new(name);
    let mut verdicts = Vec::new();
    for (batch, chunk) in documents.chunks(200).enumerate() {
        let mut paths = Vec::new();
        for (index, document) in chunk.iter().enumerate() {
            let path = scratch.0.join(format!("{batch}-{index}.xml"));
            std::fs::write(&path, document).expect("written");
            paths.push(path);
        }
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(xsd)
            .args(&paths)
            .output()
            .expect("xmllint runs");
        let said = String::from_utf8_lossy(&output.stderr);
        for path in &paths {
            let name = path.to_string_lossy();
            if said.lines().any(|line| line == format!("{name} validates")) {
                verdicts.push(Ok(()));
            } else {
                let lines: Vec<&str> = said
                    .lines()
                    .filter(|line| line.starts_with(&*name))
                    .take(200)
                    .collect();
                verdicts.push(Err(lines.join("\n")));
            }
        }
        for path in paths {
            std::fs::remove_file(path).expect("removed");
        }
    }
    verdicts
}
