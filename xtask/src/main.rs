//! Chores of this repository.

mod bench;
mod coverage;
mod docs;
mod enrich;
mod oracle;
mod ready;
mod ship;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Times Concord beside its peers.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Says how every rule is proved.
    #[command(subcommand)]
    Coverage(coverage::Covered),
    /// Writes the handbook's pages of rules.
    Docs(docs::DocsArguments),
    /// Makes shipped definitions from the reference folder.
    #[command(subcommand)]
    Enrich(enrich::Enrich),
    /// Holds our verdicts against those of another implementation.
    #[command(subcommand)]
    Oracle(oracle::Oracle),
    /// Runs everything that must pass before a change is taken.
    Ready,
    /// Builds the program as it is given away, with the functions that are called standing side by side.
    Ship,
}

/// Why a chore could not be done.
type Failed = Box<dyn std::error::Error>;

/// The repository's folder.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn main() -> ExitCode {
    let Arguments { chore } = Arguments::parse();
    let done = match &chore {
        Chore::Bench(bench) => bench::run(bench, &mut std::io::stdout().lock()),
        Chore::Coverage(covered) => coverage::run(covered, &root(), &mut std::io::stdout().lock()),
        Chore::Docs(arguments) => docs::run(arguments, &root(), &mut std::io::stdout().lock()),
        Chore::Enrich(enrich) => enrich::run(enrich, &root(), &mut std::io::stdout().lock()),
        Chore::Oracle(oracle) => {
            oracle::run(oracle, &mut std::io::stdout().lock()).map_err(|error| -> Failed { error })
        }
        Chore::Ready => ready::run(&root(), &mut std::io::stdout()),
        Chore::Ship => ship::run(&root(), &mut std::io::stdout().lock()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let mut err = std::io::stderr().lock();
            let _ = std::io::Write::write_fmt(&mut err, format_args!("error: {error}\n"));
            ExitCode::from(2)
        }
    }
}
