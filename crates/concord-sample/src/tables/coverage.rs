//! Which rules of a standard a fault can be made for.

use std::collections::BTreeSet;

use concord_finding::{RuleId, RuleStatus};
use concord_standards::definition::Definition;
use concord_standards::rules::{Check, FieldCheck};

use super::faults::{Facts, makers};
use super::submission::Submission;
use super::{TableSampleError, set, table};

/// How a rule is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// Labelled faults are made for it, in one file.
    Faults,
    /// Labelled faults are made for it in a set of files.
    Set,
    /// No fault is made for it: why.
    Not(&'static str),
}

/// A rule and how it is proved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Covered {
    /// What kind of check it is, such as `uniqueness`.
    pub kind: &'static str,
    /// Its id.
    pub rule: String,
    /// Whether it has examples of its own that it stays silent on and that break it.
    pub examples: bool,
    /// How it is proved beyond them.
    pub coverage: Coverage,
}

/// The rules of a tabular standard that faults can be made for, in alphabetical order.
///
/// # Errors
/// [`TableSampleError`] when the standard is not a delimited table.
pub fn breakable(definition: &Definition) -> Result<Vec<RuleId>, TableSampleError> {
    let submission = Submission::new(definition, None, 1, false)?;
    let facts = Facts::new(definition, table(definition)?, submission)?;
    let made: BTreeSet<RuleId> = makers(definition, &facts)
        .into_iter()
        .map(|maker| maker.rule)
        .collect();
    Ok(made.into_iter().collect())
}

/// The rules of a tabular standard, its own and those of the catalogue of tables that `catalogue` names.
///
/// # Errors
/// [`TableSampleError`] when the standard is not tabular.
pub fn rules(
    definition: &Definition,
    catalogue: &[&str],
) -> Result<Vec<Covered>, TableSampleError> {
    let (made, unwritten) = match breakable(definition) {
        Err(TableSampleError::Headerless(_)) => (Vec::new(), Some(FIXED)),
        Err(TableSampleError::Published(_)) => (Vec::new(), Some(PUBLISHED)),
        made => (made?, None),
    };
    let is_made = |id: &str| made.iter().any(|known| **known == *id);
    let mut all = Vec::new();
    for rule in &definition.rules {
        if rule.rule.status == RuleStatus::Retired {
            continue;
        }
        let id = &*rule.rule.id;
        let coverage = if is_made(id) {
            Coverage::Faults
        } else if set::RULES.contains(&id) {
            Coverage::Set
        } else if let Some(reason) = unwritten {
            Coverage::Not(reason)
        } else {
            Coverage::Not(reason(&rule.check))
        };
        all.push(Covered {
            kind: kind(&rule.check),
            rule: id.to_owned(),
            examples: !rule.pass.is_empty() && !rule.fail.is_empty(),
            coverage,
        });
    }
    for id in catalogue {
        let coverage = if is_made(id) {
            Coverage::Faults
        } else if let Some(reason) = unwritten {
            Coverage::Not(reason)
        } else {
            Coverage::Not(match *id {
                "VALUE-NOT-USED" => "no column of the standard is one that is not used",
                "VALUE-UNCLEAN" | "VALUE-DAMAGED" => "the standard's own rule speaks in its place",
                "VALUE-DIGITS" | "VALUE-RANGE" => {
                    "the formats of its numbers are patterns, so VALUE-FORMAT speaks in its place"
                }
                "TABLE-LINE-LENGTH" | "TABLE-TEXT-BEHIND" => {
                    "only lines of fixed width have a length and an end"
                }
                "LIMIT-RECORD" => "it takes a row of a size that no sample has",
                "VALUE-FIXED" => "no column has one fixed value",
                _ => "no column of the standard can break it, or its own rules speak in its place",
            })
        };
        all.push(Covered {
            kind: "of every table",
            rule: (*id).to_owned(),
            examples: false,
            coverage,
        });
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// What kind of check it is, as the handbook names them.
pub fn kind(check: &Check) -> &'static str {
    match check {
        Check::Field(FieldCheck::Presence) => "presence",
        Check::Required { .. } | Check::Blank { .. } => "conditional presence",
        Check::Field(FieldCheck::Format) => "format",
        Check::Field(FieldCheck::Code) | Check::Code { .. } => "code list",
        Check::Order { .. } => "date order",
        Check::Window { .. } => "window",
        Check::Unique { .. } => "uniqueness",
        Check::Consistent { .. } => "consistency",
        Check::Exists { .. } => "reference",
        Check::OneOf { .. } | Check::RecordCount { .. } => "cardinality",
        Check::Sequence { .. } | Check::SubmissionSequence { .. } => "sequence",
        Check::Reconcile { .. } => "totals",
        Check::Carrier(_) => "carrier",
        Check::Equal { .. } | Check::Leak { .. } | Check::Sql(_) => "row, in SQL",
        Check::Query(_) => "query",
    }
}

const FIXED: &str = "samples are written of tables with a header only";

const PUBLISHED: &str = "it is published, not submitted, so that no samples are made of it";

/// Why no fault is made.
fn reason(check: &Check) -> &'static str {
    match check {
        Check::Reconcile { .. } => {
            "what it is compared with is no data set that samples are made of"
        }
        Check::Field(_) => "no column of the standard names it",
        _ => "no maker knows this kind of check",
    }
}
