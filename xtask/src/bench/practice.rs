//! Practice extracts: streamed to Parquet at several sizes, and a change to stores of several sizes.
//!
//! One extract is made and written again and again with other identifiers, so that any size can be had without a practice of that size in
//! memory.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::BenchError;
use super::measure::{Run, measure};
use super::samples::succeed;
use super::side_by_side::{text, words};

const STANDARD: &str = "emis-extract@8";
/// The part of every identifier of a sample that tells copies apart.
const ALIKE: &str = "-4C0F-8000-";
/// Copies that can be told apart, of the 3,087 below the number in the part itself.
const MOST_COPIES: u32 = 3000;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// People of the practice that is copied
    #[arg(long, default_value_t = 20_000)]
    people: u64,
    /// Copies of it that extracts and stores hold, at most 3000
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 40])]
    copies: Vec<u32>,
    /// The program, built beforehand with `cargo xtask ship`
    #[arg(long, default_value = "target/release/concord")]
    binary: PathBuf,
    /// Where extracts and stores are kept while they are measured
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// Measures both, and prints a row for each size.
pub(crate) fn run(
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(&arguments.folder).map_err(|error| wrong(&arguments.folder, error))?;
    let [bulk, change] = sample(arguments)?;
    writeln!(
        out,
        "| extract, MB | to Parquet, MB per CPU-second | seconds | peak MB | taken into a store, MB per CPU-second | peak MB | \
         rows of the store | a change of so many rows, CPU-seconds | seconds | peak MB |\n|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for copies in &arguments.copies {
        let copies = (*copies).clamp(1, MOST_COPIES);
        let (extract, size, rows) = copied(arguments, &bulk, copies)?;
        let parquet = arguments.folder.join("practice-parquet");
        let store = arguments.folder.join("practice-store");
        remove(&parquet)?;
        remove(&store)?;
        let binary = text(&arguments.binary);
        let converted = concord(
            &binary,
            &[
                "convert",
                &text(&extract),
                "--to",
                "parquet",
                "-o",
                &text(&parquet),
            ],
        )?;
        remove(&parquet)?;
        let apply = |batch: &Path| {
            concord(
                &binary,
                &["practice", "apply", &text(batch), "--store", &text(&store)],
            )
        };
        let taken = apply(&extract)?;
        let changed = apply(&change)?;
        let (_, changes) = amount(&change)?;
        remove(&store)?;
        remove(&extract)?;
        writeln!(
            out,
            "| {size:.0} | {:.0} | {:.1} | {:.0} | {:.0} | {:.0} | {rows} | {changes}: {:.2} | {:.2} | {:.0} |",
            size / converted.cpu.max(0.01),
            converted.wall,
            converted.memory,
            size / taken.cpu.max(0.01),
            taken.memory,
            changed.cpu,
            changed.wall,
            changed.memory,
        )?;
    }
    Ok(())
}

fn concord(binary: &str, arguments: &[&str]) -> Result<Run, BenchError> {
    let mut command = vec![binary.to_owned()];
    command.extend(words(arguments));
    measure(&command, &[0])
}

/// The folders of a bulk and of the change that follows it.
fn sample(arguments: &Arguments) -> Result<[PathBuf; 2], Box<dyn std::error::Error>> {
    let folder = arguments.folder.join("practice-sample");
    remove(&folder)?;
    succeed(
        Command::new(&arguments.binary)
            .args(["sample", STANDARD, "--months", "1", "--seed", "7"])
            .args(["-n", &arguments.people.to_string(), "-o"])
            .arg(&folder),
    )?;
    let batches = folder.join("batches");
    let found = fs::read_dir(&batches).map_err(|error| wrong(&batches, error))?;
    let mut found: Vec<PathBuf> = found.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    Ok(found
        .try_into()
        .map_err(|found: Vec<PathBuf>| format!("{} batches, not two", found.len()))?)
}

/// The extract with the rows of every file so many times, each time with other identifiers; its MB and its rows.
fn copied(
    arguments: &Arguments,
    bulk: &Path,
    copies: u32,
) -> Result<(PathBuf, f64, u64), BenchError> {
    let folder = arguments.folder.join(bulk.file_name().unwrap_or_default());
    remove(&folder)?;
    fs::create_dir_all(&folder).map_err(|error| wrong(&folder, error))?;
    for file in files(bulk)? {
        let whole = fs::read_to_string(&file).map_err(|error| wrong(&file, error))?;
        let (header, rows) = whole.split_at(whole.find('\n').map_or(whole.len(), |at| at + 1));
        let path = folder.join(file.file_name().unwrap_or_default());
        let written = File::create(&path).and_then(|file| {
            let mut file = BufWriter::new(file);
            file.write_all(header.as_bytes())?;
            for copy in 0..copies {
                // The first is what it was, so that the change that follows it is one of its rows.
                let own = match copy {
                    0 => ALIKE.to_owned(),
                    _ => format!("-4{copy:03X}-8000-"),
                };
                // Tables without identifiers are of all of them.
                if copy > 0 && !rows.contains(ALIKE) {
                    break;
                }
                file.write_all(rows.replace(ALIKE, &own).as_bytes())?;
            }
            file.flush()
        });
        written.map_err(|error| wrong(&path, error))?;
    }
    let (size, rows) = amount(&folder)?;
    Ok((folder, size, rows))
}

/// The MB of the files of a folder, and their rows without headers.
fn amount(folder: &Path) -> Result<(f64, u64), BenchError> {
    let (mut bytes, mut rows) = (0, 0);
    for path in files(folder)? {
        let file = File::open(&path).map_err(|error| wrong(&path, error))?;
        bytes += file.metadata().map_err(|error| wrong(&path, error))?.len();
        rows += (BufReader::new(file).lines().count() as u64).saturating_sub(1);
    }
    Ok((bytes as f64 / 1e6, rows))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, BenchError> {
    let found = fs::read_dir(folder).map_err(|error| wrong(folder, error))?;
    Ok(found.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

fn remove(folder: &Path) -> Result<(), BenchError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(wrong(folder, error)),
        _ => Ok(()),
    }
}

fn wrong(path: &Path, error: std::io::Error) -> BenchError {
    BenchError::File {
        path: path.display().to_string(),
        error,
    }
}
