//! `concord.toml`: where it is found, what it says for a command, and what is wrong with it.

mod completed;
mod place;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::BuiltinRule;
use concord_finding::{Effect, Grade, Notice, NoticeKind, RuleClass};
use concord_settings::{Day, Settings, SettingsErrors};
use concord_standards::registry::Registry;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::arguments::ConfigArguments;
use crate::failure::{Failure, Report};

pub(crate) use completed::completed;

/// The settings' file name.
pub(crate) const FILE: &str = "concord.toml";

/// Settings, and the file that they were read from.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// What they say.
    pub(crate) settings: Settings,
    /// The file as people know it; empty when there is none.
    pub(crate) name: String,
    text: Arc<str>,
    /// The folder that paths in it are relative to.
    folder: PathBuf,
}

/// The settings for inputs: those named, else those beside the inputs or above them.
///
/// # Errors
/// When they cannot be read, say what they must not, or inputs lie beside different ones.
pub(crate) fn load(config: &ConfigArguments, inputs: &[PathBuf]) -> Result<Loaded, Failure> {
    let found = match &config.config {
        Some(file) => Some(file.clone()),
        None if config.no_config => None,
        None => place::find(inputs)?,
    };
    found.map_or_else(|| Ok(Loaded::default()), |file| Loaded::read(&file))
}

impl Loaded {
    /// Reads a file of settings.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.to_string_lossy().into_owned();
        let bytes = std::fs::read(file)
            .map_err(|error| Failure::unreadable(format!("{name} cannot be read: {error}")))?;
        let text: Arc<str> = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(format!("{name} is not UTF-8 text"), "save it as UTF-8"))?
            .into();
        let settings = Settings::read(&text).map_err(|errors| wrong(&name, &text, errors))?;
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let loaded = Self {
            settings,
            name,
            text,
            folder,
        };
        loaded.reads_everything()?;
        Ok(loaded)
    }

    /// A path that the settings name.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Something to tell of a part of the settings.
    pub(crate) fn report(
        &self,
        message: &str,
        help: Option<&str>,
        span: std::ops::Range<usize>,
    ) -> Report {
        Report::new(message, help.map(str::to_owned)).at(&self.name, Arc::clone(&self.text), span)
    }

    /// Something to be said of a part of the settings in a report.
    pub(crate) fn notice(&self, kind: NoticeKind, message: String, at: usize) -> Notice {
        let before = self.text.get(..at).unwrap_or_default();
        Notice {
            kind,
            message,
            file: Some(self.name.clone()),
            line: Some(1 + before.matches('\n').count() as u64),
        }
    }

    /// Refuses to make nothing of what keeps a submission from being read: what was not looked at is never accepted.
    fn reads_everything(&self) -> Result<(), Failure> {
        let mut reports = Vec::new();
        for rule in &self.settings.rules {
            let milder = match rule.grade {
                Grade::Off => true,
                Grade::Effect(effect) => {
                    builtin(&rule.rule).is_some_and(|builtin| effect < builtin.rule().effect)
                }
            };
            if milder && keeps_from_reading(&rule.rule) {
                reports.push(self.report(
                    &format!("{} cannot be graded milder", rule.rule),
                    Some(
                        "what breaks it cannot be read, and nothing is accepted that was not read",
                    ),
                    rule.span.clone(),
                ));
            }
        }
        for waiver in &self.settings.waivers {
            if keeps_from_reading(&waiver.scope.rule) {
                reports.push(self.report(
                    &format!("{} cannot be waived", waiver.scope.rule),
                    Some(
                        "what breaks it cannot be read, and nothing is accepted that was not read",
                    ),
                    waiver.rule_span.clone(),
                ));
            }
        }
        if reports.is_empty() {
            Ok(())
        } else {
            Err(Failure::definition(reports))
        }
    }

    /// Rules that are graded or waived and that no standard has.
    pub(crate) fn unknown_rules(&self, registry: &Registry) -> Vec<(Report, Notice)> {
        let graded = self
            .settings
            .rules
            .iter()
            .map(|said| (&said.rule, "graded", &said.span));
        let waived = self.settings.waivers.iter();
        let waived = waived.map(|said| (&said.scope.rule, "waived", &said.rule_span));
        let unknown = graded
            .chain(waived)
            .filter(|(rule, ..)| !is_known(registry, rule));
        let told = unknown.map(|(rule, word, span)| {
            let message = format!("no standard has a rule {rule}, which is {word} here");
            let help = Some("`concord standards explain RULE` shows whether a rule is known");
            let report = self.report(&message, help, span.clone()).into_warning();
            (
                report,
                self.notice(NoticeKind::RuleUnknown, message, span.start),
            )
        });
        told.collect()
    }
}

fn wrong(name: &str, text: &Arc<str>, errors: SettingsErrors) -> Failure {
    let problems = errors.problems.into_iter();
    let reports = problems.map(|problem| {
        Report::new(problem.message, problem.help).at(name, Arc::clone(text), problem.span)
    });
    Failure::definition(reports.collect())
}

fn builtin(rule: &str) -> Option<BuiltinRule> {
    let mut all = BuiltinRule::ALL.iter().copied();
    all.find(|builtin| *builtin.rule().id == *rule)
}

/// Whether something of an input was not looked at when this rule is broken.
fn keeps_from_reading(rule: &str) -> bool {
    builtin(rule).is_some_and(|builtin| {
        let rule = builtin.rule();
        rule.class == RuleClass::Carrier && rule.effect.rejects_record()
            || rule.effect == Effect::RejectFile
                && matches!(
                    builtin,
                    BuiltinRule::UnknownRoot | BuiltinRule::TableHeaderMissing
                )
    })
}

/// Whether the checker or any standard has a rule.
fn is_known(registry: &Registry, rule: &str) -> bool {
    let source = registry.source();
    let named = format!("\"{rule}\"");
    builtin(rule).is_some()
        || concord_stays::rules().any(|known| *known.id == *rule)
        || source
            .list("")
            .iter()
            .filter(|file| Path::new(file).extension() == Some("toml".as_ref()))
            .any(|file| source.read(file).is_ok_and(|text| text.contains(&named)))
}

/// Today, by the machine's clock.
pub(crate) fn today() -> Day {
    let date = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let number = |number: i8| number.unsigned_abs();
    Day::new(
        date.year().unsigned_abs(),
        number(date.month()),
        number(date.day()),
    )
    .unwrap_or(Day::LAST)
}
