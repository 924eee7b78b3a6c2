//! Where a report goes: standard output, a file, or a folder of the four files of the national summary report.

use std::io::Write;

use concord_report::{Format, Reporter, RowCounts, SdcsFiles, reporter, sdcs};

use super::report_options;
use crate::arguments::CheckArguments;
use crate::failure::Failure;
use crate::output::Whole;

/// The names of the four files.
const FILES: [&str; 4] = [
    "aggregation.csv",
    "diagnostics.csv",
    "validations.csv",
    "data_quality.csv",
];

/// Files that appear when they are complete.
pub(super) enum Target {
    Standard,
    File(Whole),
    Folder([Whole; 4]),
}

impl Target {
    pub(super) fn create(arguments: &CheckArguments) -> Result<Self, Failure> {
        let Some(output) = arguments.output.as_deref().filter(|_| !arguments.fix) else {
            return Ok(Self::Standard);
        };
        if arguments.format != Format::Sdcs {
            return Whole::create(output).map(Self::File);
        }
        std::fs::create_dir_all(output).map_err(|error| {
            Failure::unreadable(format!("{} cannot be made: {error}", output.display()))
        })?;
        let [first, second, third, fourth] = FILES.map(|name| Whole::create(&output.join(name)));
        Ok(Self::Folder([first?, second?, third?, fourth?]))
    }

    pub(super) fn reporter(
        &self,
        arguments: &CheckArguments,
        counts: &RowCounts,
        standard: impl FnOnce() -> Box<dyn Write + Send>,
    ) -> Box<dyn Reporter> {
        let options = report_options(arguments);
        match self {
            Self::Folder(files) => {
                let [aggregation, diagnostics, validations, data_quality] = files
                    .clone()
                    .map(|file| Box::new(file) as Box<dyn Write + Send>);
                let files = SdcsFiles {
                    aggregation,
                    diagnostics,
                    validations,
                    data_quality,
                    one: false,
                };
                sdcs(options.masking, files, counts.clone())
            }
            Self::Standard if arguments.format == Format::Sdcs => {
                sdcs(options.masking, SdcsFiles::one(standard()), counts.clone())
            }
            Self::Standard => reporter(arguments.format, options, standard()),
            Self::File(file) => reporter(arguments.format, options, Box::new(file.clone())),
        }
    }

    pub(super) fn complete(&self) -> Result<(), Failure> {
        match self {
            Self::Standard => Ok(()),
            Self::File(file) => file.complete(),
            Self::Folder(files) => files.iter().try_for_each(Whole::complete),
        }
    }
}
