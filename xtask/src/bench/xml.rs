//! CDS XML beside `xmllint --stream --schema`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::BenchError;
use super::measure::{Run, measure, median};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Sizes of the interchanges in MB
    #[arg(long, value_delimiter = ',', default_values_t = [10, 200, 1000])]
    sizes: Vec<u64>,
    /// Rounds of each measurement
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program, built beforehand with `cargo build --profile dist --bin concord`
    #[arg(long, default_value = "target/dist/concord")]
    binary: PathBuf,
    /// Where interchanges are kept between runs
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// A kind of interchange.
struct Case {
    standard: &'static str,
    version: &'static str,
    kind: &'static str,
}

const CASES: [Case; 2] = [
    Case {
        standard: "cds@6-2-3",
        version: "6-2-3",
        kind: "011",
    },
    Case {
        standard: "cds@6-3-1",
        version: "6-3-1",
        kind: "130",
    },
];

/// Runs all cases and prints a table for each.
pub(crate) fn run(
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let reference = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference"),
        PathBuf::from,
    );
    if !reference.is_dir() {
        return Err(BenchError::NoReference(reference.display().to_string()).into());
    }
    std::fs::create_dir_all(&arguments.folder).map_err(|error| BenchError::File {
        path: arguments.folder.display().to_string(),
        error,
    })?;
    writeln!(
        out,
        "| interchange | what | MB per CPU-second | against xmllint | MB/s by the clock | against xmllint | peak MB |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for case in &CASES {
        let xsd = reference.join(format!(
            "cds/xsd/V{0}/CDS-XML_Message_Root-V{0}.xsd",
            case.version
        ));
        for megabytes in &arguments.sizes {
            let clean = sample(arguments, case, *megabytes, None)?;
            let faulty = sample(arguments, case, *megabytes, Some(0.2))?;
            compare(arguments, case, &xsd, &clean, &faulty, out)?;
        }
    }
    Ok(())
}

fn compare(
    arguments: &Arguments,
    case: &Case,
    xsd: &Path,
    clean: &Path,
    faulty: &Path,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let text = |path: &Path| path.display().to_string();
    let words =
        |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let concord = |threads: &str, extra: &[&str], file: &Path| {
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
    };
    let xsd = text(xsd);
    let xmllint = words(&[
        "xmllint",
        "--noout",
        "--stream",
        "--schema",
        &xsd,
        &text(clean),
    ]);
    let commands: Vec<(&str, Vec<String>, &Path)> = vec![
        ("`xmllint --stream --schema`", xmllint, clean),
        ("all rules, one thread", concord("1", &[], clean), clean),
        ("all rules, two threads", concord("2", &[], clean), clean),
        (
            "`--schema` alone, one thread",
            concord("1", &["--schema", &xsd], clean),
            clean,
        ),
        (
            "20% faulty records, one thread",
            concord("1", &[], faulty),
            faulty,
        ),
    ];
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); commands.len()];
    for _ in 0..arguments.rounds {
        for (index, (_, command, _)) in commands.iter().enumerate() {
            runs[index].push(measure(command, &[0, 1])?);
        }
    }
    let mut peer = (0.0, 0.0);
    for (index, ((what, _, file), runs)) in commands.iter().zip(&runs).enumerate() {
        let size = std::fs::metadata(file)?.len() as f64 / 1e6;
        let run = median(runs);
        let (by_cpu, by_clock) = (size / run.cpu.max(0.005), size / run.wall.max(0.001));
        if index == 0 {
            peer = (by_cpu, by_clock);
        }
        writeln!(
            out,
            "| type {} {size:.0} MB | {what} | {by_cpu:.0} | {:.1}× | {by_clock:.0} | {:.1}× | {:.0} |",
            case.kind,
            by_cpu / peer.0,
            by_clock / peer.1,
            run.memory,
        )?;
        out.flush()?;
    }
    Ok(())
}

/// An interchange of about a size, made once.
fn sample(
    arguments: &Arguments,
    case: &Case,
    megabytes: u64,
    faults: Option<f64>,
) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let kind = if faults.is_some() { "faulty" } else { "clean" };
    let path = arguments
        .folder
        .join(format!("{}-{megabytes}-{kind}.xml", case.kind));
    if path.exists() {
        return Ok(path);
    }
    // How large a record is: from a small sample.
    let small = arguments.folder.join(format!("{}-small.xml", case.kind));
    make(arguments, case, 500, None, &small)?;
    let each = std::fs::metadata(&small)?.len() / 500;
    make(
        arguments,
        case,
        megabytes * 1_000_000 / each.max(1),
        faults,
        &path,
    )?;
    Ok(path)
}

fn make(
    arguments: &Arguments,
    case: &Case,
    records: u64,
    faults: Option<f64>,
    path: &Path,
) -> Result<(), BenchError> {
    let mut command = Command::new(&arguments.binary);
    command
        .args([
            "sample",
            case.standard,
            "--type",
            case.kind,
            "--protocol",
            "bulk",
            "--seed",
            "7",
            "-n",
        ])
        .arg(records.to_string())
        .arg("-o")
        .arg(path);
    if let Some(rate) = faults {
        command.args(["--faults", &rate.to_string(), "--labels"]);
        command.arg(path.with_extension("labels.csv"));
    }
    let program = arguments.binary.display().to_string();
    let status = command.status().map_err(|error| BenchError::Run {
        program: program.clone(),
        error,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(BenchError::Refused {
            program,
            status: status.to_string(),
        })
    }
}
