//! Whether documents that come back say what they said, and are valid.

use std::path::{Path, PathBuf};
use std::process::Command;

use concord_convert::document::{DocumentPlan, Envelope};

use crate::trip::{Trip, Version};

/// Folder of the reference material; `None`, said aloud, when it is not there.
pub(crate) fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let found = folder.join("cds/instances").is_dir();
    if !found {
        eprintln!("SKIPPED: no reference material at {}", folder.display());
    }
    found.then_some(folder)
}

/// Sends documents of a version through the model and back, and notes what is wrong with what comes back.
pub(crate) struct Judge<'v> {
    version: &'v Version,
    plan: &'v DocumentPlan<'v>,
    problems: Vec<String>,
    written: Vec<(String, Vec<u8>)>,
    records: u64,
    left_out: u64,
}

impl<'v> Judge<'v> {
    pub(crate) fn new(version: &'v Version, plan: &'v DocumentPlan<'v>) -> Self {
        Self {
            version,
            plan,
            problems: Vec::new(),
            written: Vec::new(),
            records: 0,
            left_out: 0,
        }
    }

    /// What differs must be what the losses name.
    pub(crate) fn accounted(&mut self, told: &str, source: &[u8]) {
        let trip = self.version.to(source, self.plan, Envelope::default());
        self.trip(told, source, &trip);
    }

    /// The same of a trip that was made.
    pub(crate) fn trip(&mut self, told: &str, source: &[u8], trip: &Trip) {
        for problem in self.version.unaccounted(source, trip).iter().take(5) {
            self.problems.push(format!("{told}: {problem}"));
        }
        self.records += trip.records;
        self.left_out += trip.left_out;
        if trip.records > 0 {
            self.document(told, &trip.written);
        }
    }

    /// Nothing may differ, and nothing may be lost.
    pub(crate) fn whole(&mut self, told: &str, source: &[u8]) {
        let trip = self.version.to(source, self.plan, Envelope::default());
        let found = self.version.findings(source);
        if !found.is_empty() {
            self.problems.push(format!("{told}: source: {found:?}"));
        }
        let lost: Vec<_> = trip.into.iter().chain(&trip.out).collect();
        if !lost.is_empty() {
            self.problems.push(format!("{told}: {lost:?}"));
        } else if self.version.normal(source) != self.version.normal(&trip.written) {
            self.problems.push(format!("{told}: something differs"));
        }
        self.accounted(told, source);
    }

    /// A document that was written must be valid.
    pub(crate) fn document(&mut self, told: &str, document: &[u8]) {
        for finding in self.version.findings(document).iter().take(5) {
            self.problems.push(format!("{told}: written: {finding}"));
        }
        self.written.push((told.to_owned(), document.to_vec()));
    }

    /// What is wrong, with what xmllint says of all that was written.
    pub(crate) fn finish(mut self, name: &str, folder: &str) -> Vec<String> {
        eprintln!(
            "{name}: {} documents written with {} records, {} left out",
            self.written.len(),
            self.records,
            self.left_out
        );
        if let Some(reference) = reference() {
            let xsd = reference
                .join("cds/xsd")
                .join(folder)
                .join(format!("CDS-XML_Message_Root-{folder}.xsd"));
            self.lint(&xsd);
        }
        self.problems
    }

    fn lint(&mut self, xsd: &Path) {
        if Command::new("xmllint").arg("--version").output().is_err() {
            eprintln!("SKIPPED: xmllint cannot be run");
            return;
        }
        let scratch = tempfile::tempdir().expect("a folder");
        let mut paths = Vec::new();
        for (number, (_, document)) in self.written.iter().enumerate() {
            let path = scratch.path().join(format!("{number}.xml"));
            std::fs::write(&path, document).expect("written");
            paths.push(path);
        }
        if paths.is_empty() {
            return;
        }
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(xsd)
            .args(&paths)
            .output()
            .expect("xmllint runs");
        let said = String::from_utf8_lossy(&output.stderr);
        for (path, (told, _)) in paths.iter().zip(&self.written) {
            let valid = format!("{} validates", path.display());
            if !said.lines().any(|line| line == valid) {
                let path = path.to_string_lossy();
                let first = said.lines().find(|line| line.starts_with(&*path));
                self.problems.push(format!("{told}: xmllint: {first:?}"));
            }
        }
    }
}
