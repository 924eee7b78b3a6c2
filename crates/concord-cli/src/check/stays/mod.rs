//! The state of stays across all messages of a run: what contradicts what another message told.
//!
//! While inputs are checked, what their messages tell is put aside ([`Following`] takes it out of each chunk, [`Spool`] keeps
//! it, in temporary files where it is much). When all inputs have been checked it is read in order and followed, so that it
//! does not matter how messages are spread over files and archives, nor how many threads checked them.

mod following;
mod spool;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use concord_finding::{Finding, Grade, Grades, NotRun};
use concord_standards::messages::Syntax;
use concord_stays::{Account, Anomaly, Settings, Told, Tracker, rules};

use crate::arguments::{CheckArguments, StaysOrder};
use crate::failure::Failure;
use crate::prepare::{Prepare, Prepared};
pub(super) use following::Following;
use spool::Spool;

/// Stays across the inputs of a run.
pub(super) struct Stays {
    /// What is put aside, where stays are followed.
    told: Option<Asked>,
    /// Inputs of messages: their names and standards.
    inputs: BTreeMap<usize, (Arc<str>, Option<Arc<str>>)>,
    account: Account,
}

/// What the user asked for.
struct Asked {
    order: StaysOrder,
    settings: Settings,
    spool: Mutex<Aside>,
}

/// What is put aside, until that fails.
pub(super) struct Aside {
    spool: Spool,
    failed: Option<io::Error>,
}

impl Aside {
    /// Puts aside what a message tells.
    fn add(&mut self, told: Told) {
        if self.failed.is_none()
            && let Err(error) = self.spool.add(told)
        {
            self.failed = Some(error);
        }
    }
}

impl Stays {
    pub(super) fn new(arguments: &CheckArguments) -> Self {
        let told = arguments.stays.map(|order| {
            let settings = Settings {
                window_minutes: arguments.stays_window,
                ..Settings::default()
            };
            let ahead = (order == StaysOrder::Event).then_some(settings.ahead_minutes);
            Asked {
                order,
                settings,
                spool: Mutex::new(Aside {
                    spool: Spool::new(ahead),
                    failed: None,
                }),
            }
        });
        Self {
            told,
            inputs: BTreeMap::new(),
            account: Account::default(),
        }
    }

    /// Notes input number `file`; where what its messages tell is put aside, when they are followed.
    pub(super) fn input(
        &mut self,
        file: usize,
        name: &Arc<str>,
        prepared: &Prepared,
    ) -> Option<&Mutex<Aside>> {
        // Interchanges of EDIFACT tell of no stays.
        let of_stays = |plan: &Prepare| match plan {
            Prepare::Messages(plan) => plan.messages.syntax == Syntax::Hl7,
            _ => false,
        };
        if !of_stays(&prepared.plan) {
            return None;
        }
        let standard = prepared.plan.standard().cloned();
        self.inputs.insert(file, (Arc::clone(name), standard));
        self.told.as_ref().map(|asked| &asked.spool)
    }

    /// Follows what was put aside and tells what contradicts, with the numbers of the inputs.
    ///
    /// # Errors
    /// When temporary files cannot be written or read, and those of `tell`, after which nothing more is told.
    pub(super) fn findings(
        &mut self,
        mut tell: impl FnMut(usize, Finding) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(Asked {
            order,
            settings,
            spool,
        }) = self.told.take()
        else {
            return Ok(());
        };
        let Aside { spool, failed } = spool.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = failed {
            return Err(unkept(&error));
        }
        let mut tracker = Tracker::new(settings);
        for told in spool.finish().map_err(|error| unkept(&error))? {
            let told = told.map_err(|error| unkept(&error))?;
            let found = match order {
                StaysOrder::Event => tracker.take_sorted(&told),
                StaysOrder::Arrival => tracker.take(told),
            };
            self.tell(found, &mut tell)?;
        }
        let rest = tracker.finish();
        self.tell(rest, &mut tell)?;
        self.account = tracker.account();
        Ok(())
    }

    fn tell(
        &self,
        found: Vec<Anomaly>,
        tell: &mut impl FnMut(usize, Finding) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for Anomaly {
            origin,
            mut finding,
        } in found
        {
            let file = origin.input as usize;
            if let Some((name, standard)) = self.inputs.get(&file) {
                finding.file = Arc::clone(name);
                finding.standard.clone_from(standard);
            }
            tell(file, finding)?;
        }
        Ok(())
    }

    /// What was not looked at, and why.
    pub(super) fn not_run(&self, asked: bool, grades: &Grades) -> Vec<NotRun> {
        if self.inputs.is_empty() {
            return Vec::new();
        }
        let not_run = |rule: &str, reason: String| NotRun {
            rule: rule.to_owned(),
            reason,
        };
        if !asked {
            let reason = "give --stays to hold messages against one another".to_owned();
            return vec![not_run("STAY", reason)];
        }
        let off = rules().filter(|rule| grades.of(&rule.id) == Some(Grade::Off));
        let off = off.map(|rule| not_run(&rule.id, "it is off in the settings".to_owned()));
        let forgotten = [
            (self.account.stays_put_away, "stays", "STAY-NO-ADMISSION"),
            (
                self.account.people_put_away,
                "identifiers of patients",
                "STAY-MERGE-UNKNOWN",
            ),
            (
                self.account.control_ids_put_away,
                "control ids",
                "STAY-DUPLICATE",
            ),
        ];
        let forgotten = forgotten.into_iter().filter(|(count, ..)| *count > 0);
        let forgotten = forgotten.map(|(count, what, rule)| {
            let reason = format!(
                "not of messages about the {count} {what} that were changed least recently: more were there than are remembered"
            );
            not_run(rule, reason)
        });
        off.chain(forgotten).collect()
    }
}

fn unkept(error: &io::Error) -> Failure {
    Failure::unreadable(format!(
        "what messages tell of stays cannot be kept in temporary files: {error}"
    ))
}
