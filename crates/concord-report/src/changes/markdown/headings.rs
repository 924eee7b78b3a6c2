//! What happened, in the words of a changelog.

use crate::changes::JudgedChange;

/// What happened, as a heading says it, and the rules that say so.
const HEADINGS: &[(&str, &[&str])] = &[
    (
        "Removed",
        &[
            "ELEMENT-REMOVED",
            "ATTRIBUTE-REMOVED",
            "COLUMN-REMOVED",
            "TABLE-REMOVED",
            "DERIVED-TYPE-REMOVED",
        ],
    ),
    (
        "Now mandatory",
        &[
            "ELEMENT-MADE-MANDATORY",
            "ATTRIBUTE-MADE-MANDATORY",
            "COLUMN-MADE-MANDATORY",
        ],
    ),
    (
        "New and mandatory",
        &[
            "ELEMENT-ADDED-MANDATORY",
            "ATTRIBUTE-ADDED-MANDATORY",
            "COLUMN-ADDED-MANDATORY",
        ],
    ),
    (
        "Codes withdrawn",
        &["CODE-WITHDRAWN", "VALUES-WITHDRAWN", "CODE-LIST-REMOVED"],
    ),
    (
        "Renamed",
        &["ELEMENT-RENAMED", "COLUMN-RENAMED", "TABLE-RENAMED"],
    ),
    (
        "Moved",
        &[
            "ELEMENT-MOVED",
            "ELEMENT-MOVED-GROUP",
            "COLUMN-MOVED",
            "COLUMN-MOVED-TABLE",
            "SPAN-CHANGED",
        ],
    ),
    (
        "Less is taken",
        &[
            "FORMAT-NARROWED",
            "CONTENT-NARROWED",
            "OCCURRENCE-NARROWED",
            "NIL-FORBIDDEN",
            "FIXED-ADDED",
            "COLUMN-CLOSED",
        ],
    ),
    (
        "Other values are taken",
        &[
            "FORMAT-CHANGED",
            "CONTENT-KIND-CHANGED",
            "FIXED-CHANGED",
            "CODE-LIST-CHANGED",
            "DEFAULT-CHANGED",
        ],
    ),
    (
        "Rules",
        &[
            "RULE-ADDED",
            "RULE-REMOVED",
            "RULE-EFFECT-RAISED",
            "RULE-EFFECT-LOWERED",
            "RULE-CONDITION-CHANGED",
            "RULE-REWORDED",
            "UNIQUENESS-NARROWED",
            "UNIQUENESS-WIDENED",
            "EFFECTS-RAISED",
            "EFFECTS-LOWERED",
            "COLUMN-CHECK-RAISED",
            "COLUMN-CHECK-LOWERED",
        ],
    ),
    (
        "Added",
        &[
            "ELEMENT-ADDED",
            "ATTRIBUTE-ADDED",
            "COLUMN-ADDED",
            "TABLE-ADDED",
            "COLUMN-OPENED",
            "DERIVED-TYPE-ADDED",
        ],
    ),
    (
        "Codes added",
        &["CODE-ADDED", "VALUES-ADDED", "CODE-LIST-ADDED"],
    ),
    (
        "Not mandatory any more",
        &[
            "ELEMENT-MADE-OPTIONAL",
            "ATTRIBUTE-MADE-OPTIONAL",
            "COLUMN-MADE-OPTIONAL",
        ],
    ),
    (
        "More is taken",
        &[
            "FORMAT-WIDENED",
            "CONTENT-WIDENED",
            "OCCURRENCE-WIDENED",
            "NIL-ALLOWED",
            "FIXED-REMOVED",
        ],
    ),
    ("Codes with another meaning", &["CODE-REWORDED"]),
    ("Codes in other words", &["CODE-RESPELT"]),
    ("Codes with other days of use", &["CODE-REDATED"]),
    ("Other data elements", &["IDENTITY-CHANGED"]),
    (
        "Days in force, number, status",
        &[
            "EFFECTIVE-MOVED",
            "STANDARD-STATUS-CHANGED",
            "STANDARD-NUMBER-CHANGED",
            "VERSION-STAMP-CHANGED",
        ],
    ),
];

/// What happened, as a heading.
pub(super) fn happened(change: &JudgedChange) -> String {
    let rule = &change.change.rule;
    let known = HEADINGS
        .iter()
        .find(|(_, rules)| rules.contains(&&*rule.id));
    if let Some((heading, _)) = known {
        return (*heading).to_owned();
    }
    let mut title = rule.title.chars();
    let first = title.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(title).collect()
}

/// Where a heading stands among the others; those of sorts of change that have none of their own at the end.
pub(super) fn order(heading: &str) -> usize {
    let known = HEADINGS.iter().position(|(known, _)| *known == heading);
    known.unwrap_or(HEADINGS.len())
}
