//! Bytes changed one at a time: the verdict of libxml2 on each, and agreement on the reference's CDS instances.

use std::path::{Path, PathBuf};
use std::process::Command;

use concord_finding::Verdict;

use crate::agreement::Problems;
use crate::official;
use crate::support::{BATCH, INTERCHANGE, USUAL, batch, examine, interchange, run};

/// Every so many bytes one is changed.
const STEP: usize = 3;

#[test]
#[allow(clippy::print_stderr)] // a skipped test says so
fn changed_bytes_get_the_verdict_of_libxml2() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("SKIPPED: xmllint cannot be run");
        return;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hostile");
    let mut problems = Problems::default();
    for (plan, document, xsd) in [
        (interchange(), INTERCHANGE, "interchange.xsd"),
        (batch(), BATCH, "batch.xsd"),
    ] {
        let folder =
            std::env::temp_dir().join(format!("concord-check-{}-{xsd}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut written = Vec::new();
        for at in (0..document.len()).step_by(STEP) {
            let mut bytes = document.as_bytes().to_vec();
            // Bits 0, 1, 2 and 4 in turn: other characters of the same kind, and now and then another kind.
            bytes[at] ^= [1, 2, 4, 16][at / STEP % 4];
            let path = folder.join(format!("{at}.xml"));
            std::fs::write(&path, &bytes).expect("written");
            written.push((at, path, bytes));
        }
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(fixtures.join(xsd))
            .args(written.iter().map(|(_, path, _)| path))
            .output()
            .expect("xmllint runs");
        let said = String::from_utf8_lossy(&output.stderr);
        for (at, path, bytes) in &written {
            let valid = said
                .lines()
                .any(|line| line == format!("{} validates", path.display()));
            let found = run(&plan, bytes, USUAL);
            let accepted = found.verdict() == Verdict::Accepted;
            if accepted != valid && !explained(document, *at) {
                let around = String::from_utf8_lossy(
                    &bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())],
                );
                problems.add(
                    &format!("{xsd}, byte {at}: libxml2 says valid: {valid}\n{around}"),
                    &format!("{:#?}", found.lines()),
                );
            }
        }
        std::fs::remove_dir_all(&folder).expect("removed");
    }
    problems.check();
}

/// Changes on which the two must differ: what the XML declaration says of the encoding is read when a file is opened,
/// which is not done here.
fn explained(document: &str, at: usize) -> bool {
    at < document.find("?>").unwrap_or_default()
}

#[test]
fn cds_instances_agree_also_when_they_are_changed() {
    let Some(reference) = official::reference() else {
        return;
    };
    let mut problems = Problems::default();
    for version in ["6-2-3", "6-3-1"] {
        let plan = official::plan(&reference, version);
        let folder = reference.join("cds/instances").join(format!("V{version}"));
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("instances are there")
            .map(|entry| entry.expect("readable").path())
            .collect();
        paths.sort();
        for path in paths {
            let bytes = std::fs::read(&path).expect("readable");
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            match examine(&plan, &bytes, &[1, 2000]) {
                Ok(checked) if checked.findings.is_empty() => {}
                Ok(checked) => problems.add(&name, &format!("{:#?}", checked.lines())),
                Err(error) => problems.add(&name, &error),
            }
            let pieces: [&[u8]; 6] = [
                b"<x/>",
                b"text",
                b"<!-- </CDSNetChange-All-MessageTypes> -->",
                b"&amp;",
                b"</",
                b"\xff",
            ];
            for turn in 0..18 {
                let mut changed = bytes.clone();
                let at = (turn * 7919 + 131) * 31 % changed.len();
                let piece = pieces[turn % pieces.len()];
                changed.splice(at..at, piece.iter().copied());
                if let Err(error) = examine(&plan, &changed, &[1]) {
                    problems.add(
                        &format!(
                            "{name}, {:?} put in at {at}",
                            String::from_utf8_lossy(piece)
                        ),
                        &error,
                    );
                }
            }
        }
    }
    problems.check();
}
