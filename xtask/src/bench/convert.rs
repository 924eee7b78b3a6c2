//! Checked conversion to Parquet: of a contract-monitoring file beside plain conversions of it, of CDS XML beside checking
//! alone.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::BenchError;
use super::samples::{CONTRACT_MONITORING, Samples};
use super::side_by_side::{Contender, head, side_by_side, text, to_parquet, words};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Sizes of the files in MB
    #[arg(long, value_delimiter = ',', default_values_t = [200, 1000])]
    sizes: Vec<u64>,
    /// Rounds of each measurement
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program, built beforehand with `cargo xtask ship`
    #[arg(long, default_value = "target/release/concord")]
    binary: PathBuf,
    /// Where files are kept between runs
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// A Python with duckdb and polars
    #[arg(long)]
    python: PathBuf,
}

/// Runs all comparisons, and prints a table and what was written for each.
pub(crate) fn run(
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&arguments.folder).map_err(|error| BenchError::File {
        path: arguments.folder.display().to_string(),
        error,
    })?;
    head("file", "Polars", out)?;
    for megabytes in &arguments.sizes {
        table(arguments, *megabytes, out)?;
    }
    writeln!(out)?;
    head("interchange", "checking alone", out)?;
    for megabytes in &arguments.sizes {
        interchange(arguments, *megabytes, out)?;
    }
    Ok(())
}

fn convert(arguments: &Arguments, threads: &str, extra: &[&str], file: &Path) -> Vec<String> {
    let lake = text(&arguments.folder.join("lake"));
    let mut command = vec![text(&arguments.binary)];
    let fixed = [
        "convert",
        "--to",
        "parquet",
        "-o",
        &lake,
        "--threads",
        threads,
    ];
    command.extend(words(&fixed));
    command.extend(words(extra));
    command.push(text(file));
    command
}

fn table(
    arguments: &Arguments,
    megabytes: u64,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let samples = Samples::contract_monitoring(&arguments.binary, &arguments.folder);
    let clean = samples.of_size(megabytes, None)?;
    let polars = arguments.folder.join("polars.parquet");
    let duckdb = arguments.folder.join("peer.parquet");
    let plain = |program: &str, to: &Path| to_parquet(&arguments.python, program, &clean, to);
    let contenders = [
        Contender::new(
            "Polars, plain, all columns as text",
            plain("csv_to_parquet_polars.py", &polars),
            &clean,
        )?,
        Contender::new(
            "DuckDB, plain, all columns as text",
            plain("csv_to_parquet_duckdb.py", &duckdb),
            &clean,
        )?,
        Contender::new(
            "canonical, checked and typed, one thread",
            convert(arguments, "1", &[], &clean),
            &clean,
        )?,
        Contender::new(
            "own columns, checked and typed, one thread",
            convert(arguments, "1", &["--native"], &clean),
            &clean,
        )?,
        Contender::new(
            "own columns, checked and typed, two threads",
            convert(arguments, "2", &["--native"], &clean),
            &clean,
        )?,
    ];
    side_by_side(arguments.rounds, CONTRACT_MONITORING, &contenders, out)?;
    let lake = size(&arguments.folder.join("lake"))?;
    writeln!(
        out,
        "\nOn disk: Polars {:.1} MB, DuckDB {:.1} MB, own columns and provenance {lake:.1} MB\n",
        size(&polars)?,
        size(&duckdb)?,
    )?;
    Ok(())
}

fn interchange(
    arguments: &Arguments,
    megabytes: u64,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    for (standard, kind) in [("cds@6-2-3", "011"), ("cds@6-3-1", "130")] {
        let samples = Samples {
            binary: &arguments.binary,
            folder: &arguments.folder,
            name: kind,
            extension: "xml",
            arguments: &[standard, "--type", kind, "--protocol", "bulk"],
            few: 500,
        };
        let clean = samples.of_size(megabytes, None)?;
        let check = |threads: &str| {
            let mut command = vec![text(&arguments.binary)];
            command.extend(words(&[
                "check",
                "--threads",
                threads,
                "--format",
                "ndjson",
            ]));
            command.push(text(&clean));
            command
        };
        let contenders = [
            Contender::new("checking alone, one thread", check("1"), &clean)?,
            Contender::new(
                "canonical, one thread",
                convert(arguments, "1", &[], &clean),
                &clean,
            )?,
            Contender::new(
                "own groups, one thread",
                convert(arguments, "1", &["--native"], &clean),
                &clean,
            )?,
            Contender::new("checking alone, two threads", check("2"), &clean)?,
            Contender::new(
                "canonical, two threads",
                convert(arguments, "2", &[], &clean),
                &clean,
            )?,
        ];
        side_by_side(arguments.rounds, &format!("type {kind}"), &contenders, out)?;
    }
    Ok(())
}

/// Megabytes of a file, or of all files in a folder.
fn size(path: &Path) -> Result<f64, BenchError> {
    let failed = |error| BenchError::File {
        path: path.display().to_string(),
        error,
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_file() {
        return Ok(metadata.len() as f64 / 1e6);
    }
    let mut sum = 0.0;
    for entry in std::fs::read_dir(path).map_err(failed)? {
        sum += size(&entry.map_err(failed)?.path())?;
    }
    Ok(sum)
}
