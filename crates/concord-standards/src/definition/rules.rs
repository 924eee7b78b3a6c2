//! `rules.toml`: rules that structure and values do not already say.
//!
//! ```toml
//! inherit = ["../rules.toml"]        # rules that several versions share
//!
//! [[rule]]
//! id = "CDS-P5"
//! title = "report period in order"
//! at = "record"                      # or "submission", "set", or a group: at = "CodedFinding"; or each = ["NHSNumber"]
//! effect = "reject-record"
//! check = "ReportPeriodEndDate >= ReportPeriodStartDate"
//! place = "ReportPeriodEndDate"
//! message = "…"
//! provenance = "published"           # or "inferred"
//! source = "…"
//! since = "0.1.0"
//! versions = ["6-3-1"]               # only in these versions; all of them when it is not said
//! pass = [{ ReportPeriodStartDate = "2024-01-01", ReportPeriodEndDate = "2024-01-31" }]
//! fail = [{ ReportPeriodStartDate = "2024-01-31", ReportPeriodEndDate = "2024-01-01" }]
//! ```
//!
//! In place of `check` another kind may stand (`field = "format"`, `required = { columns = ["A"], when = "B = '1'" }`, …): see
//! [`Check`]. A rule that several standards inherit may say `for = ["acm@2", "plcm"]` and is left out of the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};
use toml::Spanned;
use toml::de::DeValue;

use super::problem::{Problem, Text};
use super::standard::effect_of;
use super::table::{Reading, Table};
use crate::rules::{Check, Example, FieldCheck, RuleDefinition, Seat};

mod checks;

/// The keys of a rule besides its check.
const KEYS: &[&str] = &[
    "id",
    "title",
    "at",
    "each",
    "effect",
    "place",
    "message",
    "label",
    "help",
    "source",
    "provenance",
    "since",
    "status",
    "versions",
    "for",
    "pass",
    "fail",
];

/// The kinds of check, which are keys of a rule.
const CHECKS: &[&str] = &[
    "check",
    "field",
    "required",
    "one_of",
    "blank",
    "order",
    "window",
    "code",
    "equal",
    "count",
    "sequence",
    "unique",
    "exists",
    "consistent",
    "query",
    "reconcile",
    "carrier",
    "submission_sequence",
    "leak",
];

/// Groups inside groups that an example may hold.
const DEEPEST_EXAMPLE: usize = 16;

/// The standard whose rules are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'s> {
    /// Its id.
    pub(super) id: &'s str,
    /// Its version.
    pub(super) version: &'s str,
}

/// What one `rules.toml` says.
pub(super) struct RulesFile {
    /// Paths of further rule files, relative to this one, and where they are named.
    pub(super) inherit: Vec<(String, std::ops::Range<usize>)>,
    /// Its rules for the standard asked for.
    pub(super) rules: Vec<RuleDefinition>,
    pub(super) problems: Vec<Problem>,
}

/// Reads a `rules.toml` and keeps the rules that belong to the standard.
pub(super) fn read(text: &Text, wanted: Wanted<'_>) -> RulesFile {
    let reading = Reading::new(text);
    let (document, _) = reading.parse();
    let table = Table::new(&reading, &document);
    table.only("rules.toml", &["inherit", "rule"]);
    let inherit = table
        .texts("inherit")
        .unwrap_or_default()
        .into_iter()
        .map(|spot| (spot.text.to_owned(), spot.span))
        .collect();
    let rules = table
        .tables("rule")
        .iter()
        .filter_map(|rule| read_rule(rule, wanted))
        .collect();
    RulesFile {
        inherit,
        rules,
        problems: reading.into_problems(),
    }
}

pub(super) fn read_rule(table: &Table<'_>, wanted: Wanted<'_>) -> Option<RuleDefinition> {
    table.only("a rule", &[KEYS, CHECKS].concat());
    let what = "a rule";
    let id = table.required(what, "id");
    let title = table.required(what, "title");
    let message = table.required(what, "message");
    if !table.has("effect") {
        table
            .reading
            .error(table.head(), "a rule must say its `effect`".to_owned());
    }
    let effect = effect_of(table, "effect");
    let seat = seat(table);
    let check = checks::check(table);
    let own = |key: &str| table.text(key).map(|spot| spot.text.to_owned());
    let rule = Rule {
        id: id?.text.into(),
        title: title?.text.to_owned(),
        effect: effect.unwrap_or(Effect::Warn),
        message: message?.text.to_owned(),
        label: own("label"),
        help: own("help"),
        source: own("source").unwrap_or_default(),
        provenance: provenance(table),
        class: class(check.as_ref()),
        status: status(table),
        since: own("since").unwrap_or_default(),
    };
    let definition = RuleDefinition {
        rule: Arc::new(rule),
        at: seat?,
        check: check?,
        place: own("place"),
        pass: examples(table, "pass"),
        fail: examples(table, "fail"),
        origin: table.origin(),
        check_origin: table.reading.origin(check_start(table)),
    };
    belongs(table, wanted).then_some(definition)
}

/// Whether a rule or mapping is for this standard: its `versions`, and its `for` (ids, alone or with a version), say nothing else.
pub(super) fn belongs(table: &Table<'_>, wanted: Wanted<'_>) -> bool {
    let of_version = table
        .texts("versions")
        .is_none_or(|versions| versions.iter().any(|known| known.text == wanted.version));
    let of_standard = table.texts("for").is_none_or(|names| {
        names.iter().any(|name| match name.text.split_once('@') {
            Some((id, version)) => id == wanted.id && version == wanted.version,
            None => name.text == wanted.id,
        })
    });
    of_version && of_standard
}

/// A rule of kind field reports what structure and values find.
fn class(check: Option<&Check>) -> RuleClass {
    match check {
        Some(Check::Field(FieldCheck::Presence)) => RuleClass::Structure,
        Some(Check::Field(FieldCheck::Format | FieldCheck::Code)) => RuleClass::Value,
        _ => RuleClass::Business,
    }
}

/// Where the SQL begins: after the quotes, and after the line end that follows three of them.
fn check_start(table: &Table<'_>) -> usize {
    let Some(key) = CHECKS.iter().find(|key| table.has(key)) else {
        return table.span.start;
    };
    let span = table.span_of(key);
    let raw = table.reading.text.content.get(span.clone()).unwrap_or("");
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3 + usize::from(raw[3..].starts_with('\n')) + 2 * usize::from(raw[3..].starts_with("\r\n"))
    } else {
        usize::from(raw.starts_with(['"', '\'']))
    };
    span.start + quotes
}

fn seat(table: &Table<'_>) -> Option<Seat> {
    match (table.has("at"), table.has("each")) {
        (true, true) => {
            let message = "a rule stands `at` one place or at `each` of some elements, not both";
            table.error("each", message.to_owned());
            None
        }
        (_, false) => match table.text("at") {
            None if table.has("at") => None,
            None => Some(Seat::Record),
            Some(at) => Some(match at.text {
                "record" => Seat::Record,
                "submission" => Seat::Submission,
                "set" => Seat::Set,
                group => Seat::Group(group.to_owned()),
            }),
        },
        (false, true) => {
            let elements = checks::list(table, "each")?;
            Some(Seat::Elements(elements))
        }
    }
}

fn provenance(table: &Table<'_>) -> Provenance {
    let Some(said) = table.text("provenance") else {
        return Provenance::Published;
    };
    match said.text {
        "published" => Provenance::Published,
        "inferred" => Provenance::Inferred,
        _ => {
            let words = ["published", "inferred"];
            table.reading.unknown(&said, "provenance", words);
            Provenance::Inferred
        }
    }
}

fn status(table: &Table<'_>) -> RuleStatus {
    let Some(said) = table.text("status") else {
        return RuleStatus::Stable;
    };
    match said.text {
        "stable" => RuleStatus::Stable,
        "preview" => RuleStatus::Preview,
        "retired" => RuleStatus::Retired,
        _ => {
            let words = ["stable", "preview", "retired"];
            table.reading.unknown(&said, "rule status", words);
            RuleStatus::Stable
        }
    }
}

pub(super) fn examples(table: &Table<'_>, key: &str) -> Vec<Example> {
    table
        .tables(key)
        .iter()
        .map(|row| example(row, DEEPEST_EXAMPLE))
        .collect()
}

fn example(table: &Table<'_>, depth: usize) -> Example {
    let mut elements = BTreeMap::new();
    let mut groups = BTreeMap::new();
    for (name, value) in table.entries {
        let name = name.get_ref().to_string();
        match value.get_ref() {
            DeValue::String(text) => {
                elements.insert(name, text.to_string());
            }
            DeValue::Array(_) if depth > 0 => {
                let rows = table.tables(&name);
                let rows = rows.iter().map(|row| example(row, depth - 1)).collect();
                groups.insert(name, rows);
            }
            _ => wrong_example(table, value),
        }
    }
    Example {
        elements,
        groups,
        origin: table.origin(),
    }
}

fn wrong_example(table: &Table<'_>, value: &Spanned<DeValue<'_>>) {
    table.reading.error_with_help(
        value.span(),
        "an example holds texts, and lists of tables for repeating groups".to_owned(),
        "write values in quotes, as they stand in the data".to_owned(),
    );
}
