//! Tables of delimited text beside what is used for them today.
//!
//! Two comparisons. A patient-level contract-monitoring file with all rules on, beside the mere conversion of the same file
//! to Parquet by `DuckDB`, and the mere finding of its cells by `csv-core`, which says how fast the machine is. And a 20-column extract with five rules, the same for everybody, beside pandera on Polars,
//! `DuckDB` with SQL written by hand, and the Data Validation Engine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::BenchError;
use super::samples::{CONTRACT_MONITORING, Samples, succeed};
use super::side_by_side::{Contender, head, side_by_side, text, to_parquet, words};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Sizes of the contract-monitoring files in MB
    #[arg(long, value_delimiter = ',', default_values_t = [200, 1000])]
    sizes: Vec<u64>,
    /// Rows of the 20-column extract
    #[arg(long, default_value_t = 300_000)]
    rows: u64,
    /// Rounds of each measurement
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program, built beforehand with `cargo xtask ship`
    #[arg(long, default_value = "target/release/concord")]
    binary: PathBuf,
    /// Where files are kept between runs
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// A Python with duckdb, polars and pandera
    #[arg(long)]
    python: PathBuf,
    /// A Python with data-validation-engine; without it that peer is left out
    #[arg(long)]
    engine_python: Option<PathBuf>,
    /// The folder with the extract's generator and the peers' contracts for it; the extract is left out where it is absent
    #[arg(long, default_value = "../shared/bench")]
    peers: PathBuf,
}

/// Runs all comparisons and prints a table for each.
pub(crate) fn run(
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&arguments.folder).map_err(|error| BenchError::File {
        path: arguments.folder.display().to_string(),
        error,
    })?;
    let split = splitter()?;
    head("file", "DuckDB to Parquet", out)?;
    for megabytes in &arguments.sizes {
        contract_monitoring(arguments, &split, *megabytes, out)?;
    }
    writeln!(out)?;
    if !arguments.peers.is_dir() {
        writeln!(
            out,
            "SKIPPED: the extract, for there is no {}",
            arguments.peers.display()
        )?;
        return Ok(());
    }
    head("extract", "pandera on Polars", out)?;
    extract(arguments, out)
}

fn concord(arguments: &Arguments, threads: &str, extra: &[&str], file: &Path) -> Vec<String> {
    let mut command = vec![text(&arguments.binary)];
    command.extend(words(&[
        "check",
        "--threads",
        threads,
        "--format",
        "ndjson",
    ]));
    command.extend(words(extra));
    command.push(text(file));
    command
}

/// Builds the program that finds cells with `csv-core` and does nothing with them.
fn splitter() -> Result<PathBuf, BenchError> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--quiet", "-p", "concord-read"]);
    succeed(cargo.args(["--example", "csv_core_split"]))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    Ok(target.join("release/examples/csv_core_split"))
}

fn contract_monitoring(
    arguments: &Arguments,
    split: &Path,
    megabytes: u64,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let samples = Samples::contract_monitoring(&arguments.binary, &arguments.folder);
    let clean = samples.of_size(megabytes, None)?;
    let faulty = samples.of_size(megabytes, Some(0.2))?;
    let parquet = arguments.folder.join("peer.parquet");
    let program = "csv_to_parquet_duckdb.py";
    let duckdb = to_parquet(&arguments.python, program, &clean, &parquet);
    let contenders = [
        Contender::new("DuckDB, CSV to Parquet, no check", duckdb, &clean)?,
        Contender::new(
            "csv-core, cells found and forgotten",
            vec![text(split), text(&clean)],
            &clean,
        )?,
        Contender::new(
            "all rules, one thread",
            concord(arguments, "1", &[], &clean),
            &clean,
        )?,
        Contender::new(
            "all rules, two threads",
            concord(arguments, "2", &[], &clean),
            &clean,
        )?,
        Contender::new(
            "20% faulty rows, one thread",
            concord(arguments, "1", &[], &faulty),
            &faulty,
        )?,
    ];
    side_by_side(arguments.rounds, CONTRACT_MONITORING, &contenders, out)
}

/// The extract that the peers have contracts for; ours is imported from theirs.
fn extract(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    let file = arguments
        .folder
        .join(format!("extract-{}.csv", arguments.rows));
    if !file.exists() {
        let generator = arguments.peers.join("generate/gen_apc.py");
        let rows = arguments.rows.to_string();
        succeed(
            Command::new(&arguments.python)
                .arg(generator)
                .args(["--rows", &rows, "--out"])
                .arg(&file),
        )?;
    }
    let peers = arguments.peers.join("peers");
    let contract = peers.join("dve_csv_plain/apc.dischema.json");
    let organisations = file.with_file_name("refdata_orgs.csv");
    let schemas = text(&definition(arguments, &contract, &organisations)?);
    let organisations = text(&organisations);
    let python = text(&arguments.python);
    let tool = |name: &str| text(&peers.join(name));
    let answer = text(&arguments.folder.join("peer.out"));
    let ours = ["--schemas", &schemas, "--standard", "apc@1"];
    let mut contenders = vec![
        Contender::new(
            "pandera on Polars",
            vec![
                python.clone(),
                tool("tool_pandera.py"),
                text(&file),
                organisations.clone(),
                answer.clone(),
            ],
            &file,
        )?,
        Contender::new(
            "DuckDB, SQL written by hand",
            vec![
                python,
                tool("tool_duckdb.py"),
                text(&file),
                answer.clone(),
                "rules".to_owned(),
                organisations,
            ],
            &file,
        )?,
        Contender::new(
            "the same rules, one thread",
            concord(arguments, "1", &ours, &file),
            &file,
        )?,
        Contender::new(
            "the same rules, two threads",
            concord(arguments, "2", &ours, &file),
            &file,
        )?,
    ];
    if let Some(engine) = &arguments.engine_python {
        let command = vec![
            text(engine),
            tool("run_dve.py"),
            text(&file),
            text(&contract),
            text(&arguments.folder.join("engine")),
        ];
        contenders.push(Contender::new("Data Validation Engine", command, &file)?);
    }
    side_by_side(arguments.rounds, "extract", &contenders, out)
}

/// The peers' contract as a definition of ours. The organisations that exist, which they have as a file of their own, become
/// a code list.
fn definition(
    arguments: &Arguments,
    contract: &Path,
    organisations: &Path,
) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let folder = arguments.folder.join("extract-schemas");
    // It ends with 1 when something of the contract could not be carried over: the fields that the peer reports.
    Command::new(&arguments.binary)
        .args(["standards", "import", "--as", "apc@1", "-o"])
        .arg(&folder)
        .arg(contract)
        .output()
        .map_err(|error| BenchError::Run {
            program: text(&arguments.binary),
            error,
        })?;
    let rules = folder.join("apc/1/rules.toml");
    let said = std::fs::read_to_string(&rules)?;
    let exists =
        r#"exists = { elements = ["ORG_ID_PROVIDER"], table = "orgs", columns = ["org_code"] }"#;
    let code = r#"code = { element = "ORG_ID_PROVIDER", list = "orgs" }"#;
    std::fs::write(&rules, said.replace(exists, code))?;
    let codes = std::fs::read_to_string(organisations)?;
    let rows = codes
        .lines()
        .skip(1)
        .map(|code| format!("{code},,,,generated\n"));
    let list = std::iter::once("code,meaning,valid_from,valid_to,source\n".to_owned());
    let list: String = list.chain(rows).collect();
    std::fs::create_dir_all(folder.join("codes"))?;
    std::fs::write(folder.join("codes/orgs.csv"), list)?;
    Ok(folder)
}
