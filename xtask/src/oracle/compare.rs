//! Whether the verdicts on one document agree.

use std::collections::BTreeSet;

use super::explained;
use super::ours::{Found, Ours};
use super::places::lines_around;
use super::xmllint::Lint;

/// One document and what was said of it.
pub(super) struct Case<'c> {
    /// The document.
    pub(super) bytes: &'c [u8],
    /// xmllint.
    pub(super) lint: &'c Lint,
    /// The checker with the imported XSD.
    pub(super) ours: &'c Ours,
    /// The same without its fast path.
    pub(super) exact: &'c Ours,
    /// The checker with the written definition.
    pub(super) written: Option<&'c Ours>,
}

/// How the verdicts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// All agree: valid.
    BothValid,
    /// All agree: invalid, at the same line.
    BothInvalid,
    /// All agree: not well-formed.
    BothMalformed,
    /// xmllint differs, for a reason that is written down.
    Explained(&'static str),
    /// xmllint says valid and we do not, or the reverse.
    Verdict,
    /// The first error stands on another line.
    Line,
    /// The fast path and the exact path do not find the same.
    Paths,
    /// The imported XSD and the written definition do not find the same.
    Definitions,
}

impl Outcome {
    /// Whether nothing is left to be looked into.
    pub(super) fn is_settled(self) -> bool {
        !matches!(
            self,
            Self::Verdict | Self::Line | Self::Paths | Self::Definitions
        )
    }
}

/// Compares the verdicts on a document.
pub(super) fn compare(case: &Case<'_>) -> Outcome {
    if case.ours != case.exact {
        return Outcome::Paths;
    }
    if let Some(written) = case.written
        && !same_places(case.ours, written)
    {
        return Outcome::Definitions;
    }
    let outcome = against_xmllint(case);
    if outcome.is_settled() {
        return outcome;
    }
    explained::explain(case).map_or(outcome, Outcome::Explained)
}

fn against_xmllint(case: &Case<'_>) -> Outcome {
    let (lint, ours) = (case.lint, case.ours);
    if lint.valid || ours.valid {
        return if lint.valid && ours.valid {
            Outcome::BothValid
        } else {
            Outcome::Verdict
        };
    }
    if !lint.well_formed {
        // Under a root of another name nothing is read: what is malformed further down is not seen.
        let told = ours.error.is_some()
            || ours
                .found
                .iter()
                .any(|found| found.carrier || found.rule == "STRUCTURE-ROOT");
        return if told {
            Outcome::BothMalformed
        } else {
            Outcome::Verdict
        };
    }
    let theirs: BTreeSet<u64> = lint.errors.iter().map(|(line, _)| *line).collect();
    let (Some((first, _)), Some(own)) = (lint.errors.first(), ours.found.first()) else {
        return Outcome::Line;
    };
    let Ok(text) = std::str::from_utf8(case.bytes) else {
        return Outcome::BothInvalid; // offsets are those of the decoded text
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let forth = ours
        .found
        .iter()
        .any(|found| lines_of(text, found).contains(first));
    let back = !lines_of(text, own).is_disjoint(&theirs);
    if forth && back {
        Outcome::BothInvalid
    } else {
        Outcome::Line
    }
}

/// The written definition says more of a value (code lists, formats), so only rules and places are compared.
fn same_places(one: &Ours, other: &Ours) -> bool {
    let places = |ours: &Ours| -> Vec<(String, Option<u64>)> {
        ours.found
            .iter()
            .map(|found| (found.rule.clone(), found.offset))
            .collect()
    };
    one.valid == other.valid && one.error == other.error && places(one) == places(other)
}

/// The lines that libxml2 may give to a finding: its own, that of its element, or that of the element around it, to which
/// libxml2 ascribes what is missing or stands between its children.
fn lines_of(text: &str, found: &Found) -> BTreeSet<u64> {
    let mut lines = BTreeSet::from([found.line]);
    if let Some(offset) = found.offset {
        lines.extend(lines_around(text, offset).iter().rev().take(2));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"<a>\n<b>\n<c>x</c>\n</b>\n</a>";

    fn lint(line: u64, message: &str) -> Lint {
        Lint {
            valid: false,
            well_formed: true,
            errors: vec![(line, message.to_owned())],
        }
    }

    fn ours(line: u64, offset: u64) -> Ours {
        Ours {
            valid: false,
            found: vec![Found {
                rule: "STRUCTURE-UNKNOWN".to_owned(),
                carrier: false,
                line,
                offset: Some(offset),
                text: String::new(),
            }],
            error: None,
        }
    }

    fn outcome(lint: &Lint, own: &Ours) -> Outcome {
        compare(&Case {
            bytes: TEXT,
            lint,
            ours: own,
            exact: own,
            written: None,
        })
    }

    #[test]
    fn planted_disagreements_are_found() {
        let valid = Lint {
            valid: true,
            well_formed: true,
            errors: Vec::new(),
        };
        let fine = Ours {
            valid: true,
            ..Ours::default()
        };
        let wrong = lint(
            3,
            "element c: Schemas validity error : This element is not expected.",
        );
        assert_eq!(outcome(&valid, &fine), Outcome::BothValid);
        assert_eq!(outcome(&wrong, &fine), Outcome::Verdict);
        assert_eq!(outcome(&valid, &ours(3, 8)), Outcome::Verdict);
        assert_eq!(outcome(&wrong, &ours(3, 8)), Outcome::BothInvalid);
        assert_eq!(outcome(&wrong, &ours(1, 0)), Outcome::Line);
        let malformed = Lint {
            well_formed: false,
            ..wrong.clone()
        };
        assert_eq!(outcome(&malformed, &ours(3, 8)), Outcome::Verdict);
        let case = Case {
            bytes: TEXT,
            lint: &wrong,
            ours: &ours(3, 8),
            exact: &ours(3, 9),
            written: None,
        };
        assert_eq!(compare(&case), Outcome::Paths);
        let case = Case {
            exact: case.ours,
            written: Some(&fine),
            ..case
        };
        assert_eq!(compare(&case), Outcome::Definitions);
    }
}
