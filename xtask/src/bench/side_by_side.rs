//! Commands measured in turn, and the rows of a table that they make.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::BenchError;
use super::measure::{Run, measure, median};

/// A command that reads a file.
pub(super) struct Contender {
    /// What is measured, for people.
    pub(super) what: String,
    /// The program and its arguments.
    pub(super) command: Vec<String>,
    /// Size of the file that it reads, in MB.
    pub(super) size: f64,
}

impl Contender {
    /// A command that reads `file`.
    pub(super) fn new(what: &str, command: Vec<String>, file: &Path) -> Result<Self, BenchError> {
        let size = std::fs::metadata(file).map_err(|error| BenchError::File {
            path: file.display().to_string(),
            error,
        })?;
        Ok(Self {
            what: what.to_owned(),
            command,
            size: size.len() as f64 / 1e6,
        })
    }
}

/// A program that runs a peer.
pub(super) fn peer(program: &str) -> PathBuf {
    [
        env!("CARGO_MANIFEST_DIR"),
        "..",
        "benches",
        "peers",
        program,
    ]
    .iter()
    .collect()
}

/// The command of a peer that makes Parquet of a CSV, all columns as text.
pub(super) fn to_parquet(python: &Path, program: &str, file: &Path, to: &Path) -> Vec<String> {
    [python, &peer(program), file, to].map(text).to_vec()
}

/// A path as a word of a command.
pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Words of a command.
pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Writes the head of the table.
pub(super) fn head(input: &str, peer: &str, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "| {input} | what | MB per CPU-second | against {peer} | MB/s by the clock | against {peer} | peak MB |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")
}

/// Measures every contender in each of some rounds and writes a row for each; the first one is the peer.
pub(super) fn side_by_side(
    rounds: usize,
    input: &str,
    contenders: &[Contender],
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        for (contender, runs) in contenders.iter().zip(&mut runs) {
            runs.push(measure(&contender.command, &[0, 1])?);
        }
    }
    let mut peer = None;
    for (contender, runs) in contenders.iter().zip(&runs) {
        let run = median(runs);
        let size = contender.size;
        let (by_cpu, by_clock) = (size / run.cpu.max(0.005), size / run.wall.max(0.001));
        let (peer_cpu, peer_clock) = *peer.get_or_insert((by_cpu, by_clock));
        writeln!(
            out,
            "| {input} {size:.0} MB | {} | {by_cpu:.1} | {:.1}× | {by_clock:.1} | {:.1}× | {:.0} |",
            contender.what,
            by_cpu / peer_cpu,
            by_clock / peer_clock,
            run.memory,
        )?;
        out.flush()?;
    }
    Ok(())
}
