//! `concord check --fix`: inputs written anew, with what is wrong beyond doubt put right.
//!
//! An input is checked, and its findings say what would take the place of a value. A copy is written with that in place, and
//! is checked in its turn: where anything is wrong then that was not wrong before, the fixes of that record are taken back
//! and the copy is written again. So a fixed file never has a finding that its original has not. What is left is told by an
//! ordinary check of the fixed files.

mod copy;
mod log;
mod looked;
mod rounds;
mod sorted;
mod spool;
mod targets;

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::Options;
use concord_finding::Masking;
use concord_read::{Encoding, Input, Limits};

use self::log::Log;
use self::looked::Looked;
use self::rounds::Rounds;
use crate::failure::{Failure, UNREADABLE, USAGE};
use crate::prepare::{Standards, Which, Whole};

/// How fixing is done.
pub(crate) struct Fixing<'f> {
    pub(crate) limits: &'f Limits,
    /// Made ready so that findings say what would put them right.
    pub(crate) standards: &'f mut Standards,
    pub(crate) options: Options,
    /// How the log shows values.
    pub(crate) masking: Masking,
}

/// What came of fixing.
#[derive(Default)]
pub(crate) struct Fixed {
    /// The files that were written.
    pub(crate) files: Vec<PathBuf>,
    /// What was done, to be told.
    pub(crate) told: String,
    /// Why inputs could not be fixed, and the exit code for it.
    pub(crate) failures: Vec<(Failure, u8)>,
}

impl Fixing<'_> {
    /// Writes each input to its place in or at `output`, and a log of the changes beside it.
    ///
    /// An input that cannot be read or follows no standard is told of, and the others go on.
    pub(crate) fn run(&mut self, inputs: &[Input], output: &Path) -> Result<Fixed, Failure> {
        let targets = targets::targets(inputs, output)?;
        let mut fixed = Fixed::default();
        for (input, target) in inputs.iter().zip(targets) {
            match self.input(input, &target)? {
                Ok(account) => {
                    account.tell(&mut fixed.told);
                    fixed.files.push(target);
                }
                Err(failure) => fixed.failures.push(failure),
            }
        }
        Ok(fixed)
    }

    fn input(
        &mut self,
        input: &Input,
        target: &Path,
    ) -> Result<Result<Account, (Failure, u8)>, Failure> {
        let whole = match Whole::open(input, self.limits) {
            Ok(whole) => whole,
            Err(error) => return Ok(Err((error.into(), UNREADABLE))),
        };
        let encoding = whole.opened.encoding();
        let prepared = match self.standards.of(input.name(), &whole.first)? {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => {
                let failure = Failure::usage(format!("{}: {reason}", input.name()), help);
                return Ok(Err((failure, USAGE)));
            }
        };
        let unwritten = |error: io::Error| unwritten(target, &error);
        let folder = folder_of(target);
        let looked = looked::look(whole, &prepared, self.limits, self.options, folder);
        let looked = looked.map_err(unwritten)?;
        if let Some(failure) = looked.failure {
            return Ok(Err((failure, UNREADABLE)));
        }
        let offered = looked.spool.count;
        let mut rounds = Rounds {
            limits: self.limits,
            options: self.options,
            prepared: &prepared,
            input,
            target,
            before: looked,
        };
        let (copied, back) = rounds.copied()?;
        let Looked { mut spool, .. } = rounds.before;
        let mut log = Log::create(target, input.name(), self.masking)?;
        for change in spool.read().map_err(unwritten)? {
            let change = change.map_err(unwritten)?;
            if !back.takes(&change) {
                log.add(&change)?;
            }
        }
        copied
            .persist(target)
            .map_err(|error| unwritten(error.error))?;
        let (made, log) = log.complete()?;
        Ok(Ok(Account {
            input: Arc::clone(input.name()),
            target: target.to_owned(),
            log,
            made,
            back: offered - made,
            encoding,
        }))
    }
}

/// What was done with an input.
struct Account {
    input: Arc<str>,
    target: PathBuf,
    log: PathBuf,
    /// Fixes that are in the copy.
    made: u64,
    /// Fixes that were taken back.
    back: u64,
    encoding: Encoding,
}

impl Account {
    fn tell(&self, text: &mut String) {
        let number = |count: u64| match count {
            0 => "nothing".to_owned(),
            1 => "1 value".to_owned(),
            several => format!("{several} values"),
        };
        // Writing to a `String` does not fail.
        let _ = writeln!(
            text,
            "{}: {} fixed; written to {}, each change listed in {}",
            self.input,
            number(self.made),
            self.target.display(),
            self.log.display()
        );
        if self.back > 0 {
            let _ = writeln!(
                text,
                "  {} left as they were, because something else in their records would be wrong then",
                number(self.back)
            );
        }
        if !matches!(self.encoding, Encoding::Utf8 | Encoding::UsAscii) {
            let _ = writeln!(text, "  it was {} and is now UTF-8", self.encoding);
        }
    }
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn unwritten(target: &Path, error: &io::Error) -> Failure {
    Failure::unreadable(format!("{} cannot be written: {error}", target.display()))
}
