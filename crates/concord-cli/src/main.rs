//! The `concord` command: arguments in, exit code out.
//!
//! This is the only place that touches the environment, the terminal, the clock, the number of threads and exit codes.

mod arguments;
mod check;
mod compare;
mod convert;
mod derive;
mod diff;
mod failure;
mod feed;
mod fix;
mod gate;
mod model;
mod output;
mod practice;
mod prepare;
mod reference;
mod sample;
mod sample_submission;
mod settings;
mod source;
mod standards;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Derive(arguments) => derive::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Feed(arguments) => feed::run(&arguments),
        Command::Gate(arguments) => gate::run(&arguments),
        Command::Model(arguments) => model::run(&arguments),
        Command::Practice(arguments) => practice::run(&arguments),
        Command::Reference(arguments) => reference::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Standards(arguments) => standards::run(&arguments),
    }
}
