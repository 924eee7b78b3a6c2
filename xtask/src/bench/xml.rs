//! CDS XML beside `xmllint --stream --schema`.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::BenchError;
use super::samples::Samples;
use super::side_by_side::{Contender, head, side_by_side, words};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Sizes of the interchanges in MB
    #[arg(long, value_delimiter = ',', default_values_t = [10, 200, 1000])]
    sizes: Vec<u64>,
    /// Rounds of each measurement
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program, built beforehand with `cargo xtask ship`
    #[arg(long, default_value = "target/release/concord")]
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
    head("interchange", "xmllint", out)?;
    for case in &CASES {
        let xsd = reference.join(format!(
            "cds/xsd/V{0}/CDS-XML_Message_Root-V{0}.xsd",
            case.version
        ));
        let samples = Samples {
            binary: &arguments.binary,
            folder: &arguments.folder,
            name: case.kind,
            extension: "xml",
            arguments: &[case.standard, "--type", case.kind, "--protocol", "bulk"],
            few: 500,
        };
        for megabytes in &arguments.sizes {
            let clean = samples.of_size(*megabytes, None)?;
            let faulty = samples.of_size(*megabytes, Some(0.2))?;
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
    let contenders = [
        Contender::new("`xmllint --stream --schema`", xmllint, clean)?,
        Contender::new("all rules, one thread", concord("1", &[], clean), clean)?,
        Contender::new("all rules, two threads", concord("2", &[], clean), clean)?,
        Contender::new(
            "`--schema` alone, one thread",
            concord("1", &["--schema", &xsd], clean),
            clean,
        )?,
        Contender::new(
            "20% faulty records, one thread",
            concord("1", &[], faulty),
            faulty,
        )?,
    ];
    let input = format!("type {}", case.kind);
    side_by_side(arguments.rounds, &input, &contenders, out)
}
