//! What the command line leaves unsaid, said by the settings.

use super::Loaded;
use crate::arguments::{CheckArguments, FailOn};

/// The arguments of a check with the settings' defaults in the place of what was not given.
pub(crate) fn completed(arguments: &CheckArguments, loaded: &Loaded) -> CheckArguments {
    let mut arguments = arguments.clone();
    let check = &loaded.settings.check;
    if arguments.schema.is_none() && arguments.standard.is_none() {
        arguments.standard.clone_from(&check.standard);
    }
    let path = |path: &Option<String>| path.as_deref().map(|path| loaded.path(path));
    arguments.schemas.schemas = arguments.schemas.schemas.or_else(|| path(&check.schemas));
    arguments.reference.reference = arguments
        .reference
        .reference
        .or_else(|| path(&check.reference));
    arguments.baseline = arguments.baseline.or_else(|| path(&check.baseline));
    arguments.fail_on = arguments.fail_on.or(check.fail_on.map(FailOn::from));
    arguments.max_rate = arguments.max_rate.or(check.max_rate);
    arguments.max_findings = arguments.max_findings.or(check.max_findings);
    arguments.threads = arguments.threads.or(check.threads);
    arguments
}

impl From<concord_settings::FailOn> for FailOn {
    fn from(said: concord_settings::FailOn) -> Self {
        match said {
            concord_settings::FailOn::Reject => Self::Reject,
            concord_settings::FailOn::Warn => Self::Warn,
            concord_settings::FailOn::Never => Self::Never,
        }
    }
}
