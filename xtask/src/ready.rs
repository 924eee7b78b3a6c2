//! `cargo xtask ready`: everything that must pass before a change is taken. `.ci/run` runs this and nothing else.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::Failed;

/// A command of this repository's folder, with what it needs in the environment.
struct Step {
    command: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const fn step(command: &'static str) -> Step {
    Step {
        command,
        environment: &[],
    }
}

/// The command that newcomers are told: all that fails shows in one run.
const TESTS: &str = "cargo test --workspace --no-fail-fast";

const STEPS: [Step; 9] = [
    step("cargo fmt --all --check"),
    step("cargo clippy --workspace --all-targets -- -D warnings"),
    step(TESTS),
    Step {
        command: "cargo doc --workspace --no-deps",
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    // Without `--package`, so that dependencies keep the features that the tests were built with.
    step("cargo run --quiet --bin concord -- standards lint"),
    step("cargo run --quiet --bin concord -- standards test"),
    // Small, for every change; it says that it is skipped where xmllint or the official XSDs are not there.
    step(
        "cargo run --quiet --bin xtask -- oracle xml --standard cds@6-2-2 --instances 40 --mutants 600",
    ),
    step(
        "cargo run --quiet --bin xtask -- oracle xml --standard cds@6-2-3 --instances 40 --mutants 600",
    ),
    step(
        "cargo run --quiet --bin xtask -- oracle xml --standard cds@6-3-1 --instances 40 --mutants 600",
    ),
];

/// Runs every step, also after one has failed; false when any has.
///
/// # Errors
/// When a command cannot be started or the output cannot be written.
pub(crate) fn run(root: &Path, out: &mut dyn Write) -> Result<bool, Failed> {
    let mut failed = Vec::new();
    for step in &STEPS {
        let started = Instant::now();
        for (name, value) in step.environment {
            write!(out, "\n== {name}=\"{value}\"")?;
        }
        let lead = if step.environment.is_empty() {
            "\n== "
        } else {
            " "
        };
        writeln!(out, "{lead}{}", step.command)?;
        out.flush()?;
        let mut words = step.command.split(' ');
        let program = words.next().unwrap_or_default();
        let status = Command::new(program)
            .args(words)
            .envs(step.environment.iter().copied())
            .current_dir(root)
            .status()
            .map_err(|error| format!("`{}` cannot be started: {error}", step.command))?;
        let word = if status.success() { "passed" } else { "FAILED" };
        writeln!(out, "== {word} in {} s", started.elapsed().as_secs())?;
        if !status.success() {
            failed.push(step.command);
        }
    }
    writeln!(out)?;
    for command in &failed {
        writeln!(out, "failed: {command}")?;
    }
    if failed.is_empty() {
        writeln!(out, "ready")?;
    }
    Ok(failed.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{STEPS, TESTS};

    #[test]
    fn newcomers_are_told_the_commands_that_are_run() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        for file in ["README.md", "CONTRIBUTING.md"] {
            let text = std::fs::read_to_string(format!("{root}/{file}")).expect("it is there");
            assert!(text.contains(TESTS), "{file}");
        }
        assert!(STEPS.iter().any(|step| step.command == TESTS));
        let ci = std::fs::read_to_string(format!("{root}/.ci/run")).expect("it is there");
        assert!(ci.contains("--bin xtask -- ready"));
    }
}
