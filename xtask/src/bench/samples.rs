//! Files of about a size, made by `concord sample` and kept between runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::BenchError;

/// The standard of the contract-monitoring files.
pub(super) const CONTRACT_MONITORING: &str = "plcm@2025";

/// How a sort of file is made.
pub(super) struct Samples<'s> {
    /// The program.
    pub(super) binary: &'s Path,
    /// Where files are kept.
    pub(super) folder: &'s Path,
    /// What their names begin with.
    pub(super) name: &'s str,
    /// What their names end with.
    pub(super) extension: &'s str,
    /// Arguments of `concord sample` before the seed.
    pub(super) arguments: &'s [&'s str],
    /// Records of the small sample that tells how large one is.
    pub(super) few: u64,
}

impl<'s> Samples<'s> {
    /// Patient-level contract monitoring.
    pub(super) fn contract_monitoring(binary: &'s Path, folder: &'s Path) -> Self {
        Self {
            binary,
            folder,
            name: "plcm",
            extension: "csv",
            arguments: &[CONTRACT_MONITORING],
            few: 2000,
        }
    }

    /// A file of about a size, made once; with a rate, that part of its records is faulty.
    pub(super) fn of_size(
        &self,
        megabytes: u64,
        faults: Option<f64>,
    ) -> Result<PathBuf, Box<dyn std::error::Error>> {
        let kind = if faults.is_some() { "faulty" } else { "clean" };
        let path = self.path(&format!("{megabytes}-{kind}"));
        if path.exists() {
            return Ok(path);
        }
        let small = self.path("small");
        self.make(self.few, None, &small)?;
        let each = std::fs::metadata(&small)?.len() / self.few;
        self.make(megabytes * 1_000_000 / each.max(1), faults, &path)?;
        Ok(path)
    }

    fn path(&self, what: &str) -> PathBuf {
        self.folder
            .join(format!("{}-{what}.{}", self.name, self.extension))
    }

    fn make(&self, records: u64, faults: Option<f64>, path: &Path) -> Result<(), BenchError> {
        let mut command = Command::new(self.binary);
        command
            .arg("sample")
            .args(self.arguments)
            .args(["--seed", "7", "-n", &records.to_string(), "-o"])
            .arg(path);
        if let Some(rate) = faults {
            command.args(["--faults", &rate.to_string(), "--labels"]);
            command.arg(path.with_extension("labels.csv"));
        }
        succeed(&mut command)
    }
}

/// Runs a command that must end well.
pub(super) fn succeed(command: &mut Command) -> Result<(), BenchError> {
    let program = command.get_program().to_string_lossy().into_owned();
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
