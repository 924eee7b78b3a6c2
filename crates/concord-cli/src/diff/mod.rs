//! `concord diff`: what changed between two standards, and whom it breaks.

pub(crate) mod arguments;
mod checker;
mod impact;
pub(crate) mod judge;
mod show;
pub(crate) mod subject;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use concord_gate::change::{Comparison, Whom};
use concord_gate::proof::{ProofOptions, prove};
use concord_gate::subject::NotCompared;
use concord_gate::{CompareOptions, compare};
use concord_report::changes::{ChangesReport, JudgedComparison, SideName};
use concord_settings::Category;

use self::arguments::DiffArguments;
use self::checker::Pipelines;
use self::judge::{Policy, judge};
use self::subject::{Git, Name, Side, fit, of_revision, read};
use crate::failure::{FINDINGS, Failure};
use crate::reference::for_rules;

pub(crate) use show::show;

/// Compares two sides.
pub(crate) fn run(arguments: &DiffArguments) -> Result<ExitCode, Failure> {
    let schemas = arguments.schemas.schemas.as_deref();
    let (mut old, mut new) = sides(arguments, schemas)?;
    let asked: BTreeSet<Whom> = arguments
        .for_whom
        .iter()
        .map(|name| whom(Category::from(*name)))
        .collect();
    let fail: BTreeSet<Whom> = if arguments.fail_on.is_empty() {
        if asked.is_empty() {
            Whom::ALL.into()
        } else {
            asked.clone()
        }
    } else {
        let named = arguments.fail_on.iter();
        named.filter_map(|name| name.category()).map(whom).collect()
    };
    let comparing = Comparing {
        off: &BTreeSet::new(),
        for_whom: &asked,
        proof: !arguments.shown.no_proof,
        reference: arguments.reference.reference.as_deref(),
    };
    let mut compared = comparing.compare(&mut old, &mut new)?;
    if let Some(folder) = &arguments.impact {
        let reference = for_rules(comparing.reference, None)?;
        let pipelines = Pipelines::of(&old.subject, &new.subject, reference.as_ref())?
            .ok_or_else(|| impact::no_checker(&old.subject, &new.subject))?;
        compared.impact = Some(impact::impact(folder, &pipelines)?);
    }
    let policy = Policy {
        fail,
        today: arguments.as_at,
        ..Policy::default()
    };
    let judged = judge(compared, &new.subject, &policy, &mut |_| None);
    let report = ChangesReport {
        comparisons: vec![judged],
        fail: policy.fail,
        notices: Vec::new(),
    };
    show(&report, &arguments.shown)?;
    Ok(exit(&report))
}

/// The exit code of a report.
pub(crate) fn exit(report: &ChangesReport) -> ExitCode {
    ExitCode::from(if report.passes() { 0 } else { FINDINGS })
}

/// A category as changes know it.
pub(crate) fn whom(category: Category) -> Whom {
    match category {
        Category::Submitter => Whom::Submitter,
        Category::Receiver => Whom::Receiver,
        Category::Storage => Whom::Storage,
        Category::Meaning => Whom::Meaning,
    }
}

fn sides(arguments: &DiffArguments, schemas: Option<&Path>) -> Result<(Side, Side), Failure> {
    match (&arguments.sides[..], &arguments.against) {
        ([old, new], None) => {
            let (old, new) = (Name::of(old)?, Name::of(new)?);
            Ok((read(&old, schemas)?, read(&new, schemas)?))
        }
        ([new], Some(against)) => {
            let name = Name::of(new)?;
            let old = against_side(&name, against, schemas)?;
            Ok((old, read(&name, schemas)?))
        }
        ([_], None) => Err(Failure::usage(
            "there is nothing to compare it with",
            "give the old side before it, or --against git:REV for the same path at a revision",
        )),
        _ => Err(Failure::usage(
            "two sides and --against do not go together",
            "give OLD and NEW, or NEW and --against git:REV",
        )),
    }
}

/// The old side of a path: the same path at a revision, or another side.
pub(crate) fn against_side(
    new: &Name,
    against: &str,
    schemas: Option<&Path>,
) -> Result<Side, Failure> {
    let Some(revision) = revision_alone(against) else {
        return read(&Name::of(against)?, schemas);
    };
    let Name::Path(path) = new else {
        return Err(Failure::usage(
            "only what is a path is compared with the same path at a revision",
            "give the path of the definition folder, such as schemas/cds/6-3-1",
        ));
    };
    let git = Git::of(path)?;
    let at = git.path_of(path)?;
    of_revision(&git.revision(revision)?, &at)
}

/// `REV` of `git:REV`, when no path follows.
pub(crate) fn revision_alone(against: &str) -> Option<&str> {
    let revision = against.strip_prefix("git:")?;
    (!revision.contains(':')).then_some(revision)
}

/// How two sides are compared.
pub(crate) struct Comparing<'a> {
    /// Change rules that are off.
    pub(crate) off: &'a BTreeSet<String>,
    /// Whom changes must break to be shown; all are when it is empty.
    pub(crate) for_whom: &'a BTreeSet<Whom>,
    /// Whether records are made that show what breaks.
    pub(crate) proof: bool,
    /// Reference data of the user's own.
    pub(crate) reference: Option<&'a Path>,
}

/// A comparison that is still to be judged; what it says beside the changes stands in `told`.
pub(crate) struct Compared {
    pub(crate) comparison: Comparison,
    pub(crate) told: JudgedComparison,
    pub(crate) impact: Option<concord_report::changes::Impact>,
}

impl Comparing<'_> {
    pub(crate) fn compare(&self, old: &mut Side, new: &mut Side) -> Result<Compared, Failure> {
        fit(old, new);
        let mut comparison = compare(&old.subject, &new.subject, &CompareOptions::default());
        let all = comparison.changes.len();
        comparison
            .changes
            .retain(|change| !self.off.contains(&*change.rule.id));
        let off = all - comparison.changes.len();
        if !self.for_whom.is_empty() {
            comparison
                .changes
                .retain(|change| change.fails(self.for_whom));
        }
        let not_asked_for = all - off - comparison.changes.len();
        let without_proof = self.prove(&mut comparison, old, new)?;
        let side = |side: &Side| SideName {
            name: side.subject.name.clone(),
            root: side.root.clone(),
        };
        Ok(Compared {
            told: JudgedComparison {
                old: side(old),
                new: side(new),
                off,
                not_asked_for,
                not_compared: each_once(&comparison.not_compared),
                without_proof,
                ..JudgedComparison::default()
            },
            comparison,
            impact: None,
        })
    }

    /// Makes records that show what breaks; why none are made, where some would be.
    fn prove(
        &self,
        comparison: &mut Comparison,
        old: &Side,
        new: &Side,
    ) -> Result<Option<String>, Failure> {
        let breaks = |whom: Whom| comparison.changes.iter().any(|change| change.breaks(whom));
        let provable = comparison
            .changes
            .iter()
            .any(|change| change.lead.is_some())
            && (breaks(Whom::Submitter) || breaks(Whom::Receiver));
        if !provable {
            return Ok(None);
        }
        if !self.proof {
            return Ok(Some("--no-proof was given".to_owned()));
        }
        let reference = for_rules(self.reference, None)?;
        let made = Pipelines::of(&old.subject, &new.subject, reference.as_ref())?;
        let Some(mut pipelines) = made else {
            return Ok(Some(
                "submissions are checked against definitions and XSDs only".to_owned(),
            ));
        };
        pipelines.begin();
        prove(
            comparison,
            &old.subject,
            &new.subject,
            &pipelines,
            &ProofOptions::default(),
        );
        Ok(None)
    }
}

/// Both sides may lack the same.
fn each_once(all: &[NotCompared]) -> Vec<NotCompared> {
    let mut once: Vec<NotCompared> = Vec::with_capacity(all.len());
    let mut seen = BTreeSet::new();
    for one in all {
        if seen.insert((&one.what, &one.origin.file, one.origin.line)) {
            once.push(one.clone());
        }
    }
    once
}
