//! `concord gate`: the same as a pipeline's pass or fail, by `concord.toml`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use concord_finding::{Notice, NoticeKind};
use concord_gate::change::{Change, Whom};
use concord_report::changes::{ChangesReport, JudgedComparison, SideName};
use concord_settings::{Day, Exception, GateSettings};

use crate::diff::arguments::GateArguments;
use crate::diff::judge::{Policy, covers, judge};
use crate::diff::subject::{Git, HELD, Name, Revision, read, standards_below};
use crate::diff::{Comparing, against_side, exit, revision_alone, show, whom};
use crate::failure::Failure;
use crate::settings::{self, Loaded};

/// Compares what is guarded, and says whether anything fails.
pub(crate) fn run(arguments: &GateArguments) -> Result<ExitCode, Failure> {
    let beside = if arguments.paths.is_empty() {
        vec![PathBuf::from(".")]
    } else {
        arguments.paths.clone()
    };
    let loaded = settings::load(&arguments.config, &beside)?;
    let gate = loaded.settings.gate.clone().unwrap_or_default();
    known_rules(&loaded, &gate)?;
    let today = arguments.as_at.unwrap_or_else(settings::today);
    let guarded = guarded(arguments, &loaded, &gate)?;

    let off: BTreeSet<String> = gate.off.iter().map(|said| said.value.clone()).collect();
    let policy = Policy {
        fail: match &gate.fail {
            Some(categories) => categories.iter().copied().map(whom).collect(),
            None => [Whom::Submitter, Whom::Storage].into(),
        },
        notice_days: gate.notice_days,
        published: gate.published,
        today: Some(today),
    };
    let comparing = Comparing {
        off: &off,
        for_whom: &BTreeSet::new(),
        proof: !arguments.shown.no_proof,
        reference: arguments.reference.reference.as_deref(),
    };
    let exceptions = Exceptions::new(&gate.exceptions, today);
    let schemas = arguments.schemas.schemas.as_deref();
    let mut comparisons = Vec::with_capacity(guarded.len());
    for one in &guarded {
        comparisons.push(match &one.old {
            Old::Absent(revision) => all_new(&one.new, revision),
            Old::Side(against) => {
                let mut old = against_side(&one.new, against, schemas)?;
                let mut new = read(&one.new, schemas)?;
                let compared = comparing.compare(&mut old, &mut new)?;
                judge(compared, &new.subject, &policy, &mut |change| {
                    exceptions.of(change)
                })
            }
        });
    }
    let report = ChangesReport {
        comparisons,
        notices: exceptions.notices(&loaded),
        fail: policy.fail,
    };
    show(&report, &arguments.shown)?;
    Ok(exit(&report))
}

/// Refuses settings that name change rules which there are not.
fn known_rules(loaded: &Loaded, gate: &GateSettings) -> Result<(), Failure> {
    let excepted = gate.exceptions.iter().map(|exception| &exception.rule);
    let unknown = gate
        .off
        .iter()
        .chain(excepted)
        .filter(|said| concord_gate::catalogue::find(&said.value).is_none());
    let reports: Vec<_> = unknown
        .map(|said| {
            loaded.report(
                &format!("there is no sort of change `{}`", said.value),
                Some("the handbook's list of changes has every id; `concord diff` shows those of a comparison"),
                said.span.clone(),
            )
        })
        .collect();
    if reports.is_empty() {
        Ok(())
    } else {
        Err(Failure::definition(reports))
    }
}

/// Something that is guarded.
struct Guarded {
    new: Name,
    old: Old,
}

/// What it is compared with.
enum Old {
    /// What `--against` takes.
    Side(String),
    /// Nothing: it was not there at this revision.
    Absent(String),
}

fn guarded(
    arguments: &GateArguments,
    loaded: &Loaded,
    gate: &GateSettings,
) -> Result<Vec<Guarded>, Failure> {
    let mut named: Vec<(PathBuf, Option<String>)> = Vec::new();
    if arguments.paths.is_empty() {
        for subject in &gate.subjects {
            let against = subject.against.as_ref().map(|said| said.value.clone());
            let against = arguments.against.clone().or(against);
            let against = against.map(|against| beside_settings(loaded, against));
            named.push((loaded.path(&subject.path.value), against));
        }
    } else {
        let paths = arguments.paths.iter().cloned();
        named.extend(paths.map(|path| (path, arguments.against.clone())));
    }
    if named.is_empty() {
        return Err(Failure::usage(
            "nothing is guarded",
            "write [[gate.subject]] with `path` and `against` into concord.toml, or give paths and --against git:REV",
        ));
    }
    let mut guarded = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, against) in named {
        let Some(against) = against else {
            return Err(Failure::usage(
                format!("it is not said what {} is compared with", path.display()),
                "give --against git:REV, or write `against` beside its path in concord.toml",
            ));
        };
        for (path, old) in expanded(&path, &against)? {
            if seen.insert(path.clone()) {
                guarded.push(Guarded {
                    new: Name::of(&path.to_string_lossy())?,
                    old,
                });
            }
        }
    }
    Ok(guarded)
}

/// Paths in settings are relative to the settings.
fn beside_settings(loaded: &Loaded, against: String) -> String {
    let beside = loaded.path(&against);
    if !against.starts_with("git:") && beside.exists() {
        return beside.to_string_lossy().into_owned();
    }
    against
}

/// The sides behind a path: a folder that holds several standards is each of them, a file of a standard is its standard.
fn expanded(path: &Path, against: &str) -> Result<Vec<(PathBuf, Old)>, Failure> {
    let one = || vec![(path.to_owned(), Old::Side(against.to_owned()))];
    let Some(revision) = revision_alone(against) else {
        return Ok(one());
    };
    let git = Git::of(path)?;
    let revision = git.revision(revision)?;
    if path.exists() {
        let standards = standards_below(path);
        let standards = if standards.is_empty() {
            vec![path.to_owned()]
        } else {
            standards
        };
        let mut sides = Vec::with_capacity(standards.len());
        for standard in standards {
            let at = git.path_of(&standard)?;
            let held = format!("{at}/{HELD}");
            let known = revision.is_file(&at) || revision.is_file(&held);
            sides.push((
                standard,
                if known {
                    Old::Side(against.to_owned())
                } else {
                    Old::Absent(revision.name().to_owned())
                },
            ));
        }
        removed(&git, &revision, path, &sides)?;
        return Ok(sides);
    }
    Ok(one())
}

/// Refuses to pass over standards that are gone from a guarded folder.
fn removed(
    git: &Git,
    revision: &Revision,
    path: &Path,
    sides: &[(PathBuf, Old)],
) -> Result<(), Failure> {
    if !path.is_dir() {
        return Ok(());
    }
    let mut known = BTreeSet::new();
    for (side, _) in sides {
        known.insert(git.path_of(side)?);
    }
    let at = git.path_of(path)?;
    let gone: Vec<&str> = revision
        .below(&at)
        .filter_map(|file| file.strip_suffix(HELD)?.strip_suffix('/'))
        .filter(|folder| !known.contains(*folder))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(
        format!(
            "{} at {} and not here any more: whoever submits by it is broken",
            match gone.len() {
                1 => format!("{} is", gone[0]),
                _ => format!("{} are", gone.join(", ")),
            },
            revision.name()
        ),
        "put it back (a standard that is no longer in force has the status retired), or guard the others by name",
    ))
}

/// A subject that there was not before.
fn all_new(new: &Name, revision: &str) -> JudgedComparison {
    let name = match new {
        Name::Path(path) => path.to_string_lossy().into_owned(),
        Name::Git { path, .. } => path.clone(),
        Name::Shipped(name) => name.clone(),
    };
    JudgedComparison {
        old: SideName {
            name: format!("nothing at {revision}"),
            root: String::new(),
        },
        new: SideName {
            name,
            root: String::new(),
        },
        ..JudgedComparison::default()
    }
}

/// Changes that somebody answers for, and which of the exceptions were needed.
struct Exceptions<'e> {
    all: &'e [Exception],
    today: Day,
    used: RefCell<BTreeSet<usize>>,
}

impl<'e> Exceptions<'e> {
    fn new(all: &'e [Exception], today: Day) -> Self {
        Self {
            all,
            today,
            used: RefCell::default(),
        }
    }

    /// The exception that covers a change. One that holds no more covers nothing.
    fn of(&self, change: &Change) -> Option<&'e Exception> {
        let mut found = None;
        for (number, exception) in self.all.iter().enumerate() {
            if covers(exception, change) {
                self.used.borrow_mut().insert(number);
                if !exception.is_expired(self.today) {
                    found = found.or(Some(exception));
                }
            }
        }
        found
    }

    /// What is to be said of them: the expired ones fail, whether or not they are still needed.
    fn notices(&self, loaded: &Loaded) -> Vec<Notice> {
        let used = self.used.borrow();
        let told = self.all.iter().enumerate().filter_map(|(number, exception)| {
            let place = exception.place.as_deref();
            let place = place.map_or_else(String::new, |place| format!(" at {place}"));
            let (rule, owner) = (&exception.rule.value, &exception.owner);
            let (kind, message) = if exception.is_expired(self.today) {
                let expires = exception.expires;
                let message = format!(
                    "the exception of {rule}{place} expired on {expires}: {owner} must renew it or take it out"
                );
                (NoticeKind::WaiverExpired, message)
            } else if used.contains(&number) {
                return None;
            } else {
                let message =
                    format!("the exception of {rule}{place} covers nothing: {owner} may take it out");
                (NoticeKind::WaiverUnused, message)
            };
            Some(loaded.notice(kind, message, exception.span.start))
        });
        let mut told: Vec<Notice> = told.collect();
        told.sort_by_key(|notice| !notice.kind.fails());
        told
    }
}
