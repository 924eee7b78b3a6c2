//! `rules.toml`: rules that structure and values do not already say.
//!
//! ```toml
//! inherit = ["../rules.toml"]        # rules that several versions share
//!
//! [[rule]]
//! id = "CDS-P5"
//! title = "report period in order"
//! at = "record"                      # or "submission", or a group: at = "CodedFinding"; or each = ["NHSNumber"]
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
//! In place of `check` one of `equal`, `count`, `sequence`, `unique`, `submission_sequence` or `leak` may stand, for what is
//! about the carrier itself: see [`Check`].

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};
use toml::Spanned;
use toml::de::DeValue;

use super::problem::{Problem, Text};
use super::standard::effect_of;
use super::table::{Reading, Table};
use crate::rules::{Check, Example, RuleDefinition, Seat};

const KEYS: &[&str] = &[
    "id",
    "title",
    "at",
    "each",
    "effect",
    "check",
    "equal",
    "count",
    "sequence",
    "unique",
    "submission_sequence",
    "leak",
    "place",
    "message",
    "help",
    "source",
    "provenance",
    "since",
    "status",
    "versions",
    "pass",
    "fail",
];

const CHECKS: &[&str] = &[
    "check",
    "equal",
    "count",
    "sequence",
    "unique",
    "submission_sequence",
    "leak",
];

/// Groups inside groups that an example may hold.
const DEEPEST_EXAMPLE: usize = 16;

/// What one `rules.toml` says.
pub(super) struct RulesFile {
    /// Paths of further rule files, relative to this one, and where they are named.
    pub(super) inherit: Vec<(String, std::ops::Range<usize>)>,
    /// Its rules for the version asked for.
    pub(super) rules: Vec<RuleDefinition>,
    pub(super) problems: Vec<Problem>,
}

/// Reads a `rules.toml` and keeps the rules that belong to `version`.
pub(super) fn read(text: &Text, version: &str) -> RulesFile {
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
        .filter_map(|rule| read_rule(rule, version))
        .collect();
    RulesFile {
        inherit,
        rules,
        problems: reading.into_problems(),
    }
}

fn read_rule(table: &Table<'_>, version: &str) -> Option<RuleDefinition> {
    table.only("a rule", KEYS);
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
    let check = check(table);
    let own = |key: &str| table.text(key).map(|spot| spot.text.to_owned());
    let rule = Rule {
        id: id?.text.into(),
        title: title?.text.to_owned(),
        effect: effect.unwrap_or(Effect::Warn),
        message: message?.text.to_owned(),
        help: own("help"),
        source: own("source").unwrap_or_default(),
        provenance: provenance(table),
        class: RuleClass::Business,
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
    let wanted = table
        .texts("versions")
        .is_none_or(|versions| versions.iter().any(|known| known.text == version));
    wanted.then_some(definition)
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
                group => Seat::Group(group.to_owned()),
            }),
        },
        (false, true) => {
            let elements = list(table, "each")?;
            Some(Seat::Elements(elements))
        }
    }
}

/// A list that must not be empty.
fn list(table: &Table<'_>, key: &str) -> Option<Vec<String>> {
    if !table.has(key) {
        table
            .reading
            .error(table.head(), format!("`{key}` is missing"));
    }
    let texts = table.texts(key)?;
    if texts.is_empty() {
        table.error(key, format!("`{key}` names nothing"));
        return None;
    }
    Some(texts.iter().map(|spot| spot.text.to_owned()).collect())
}

fn check(table: &Table<'_>) -> Option<Check> {
    let said: Vec<&str> = CHECKS
        .iter()
        .copied()
        .filter(|key| table.has(key))
        .collect();
    let [key] = said[..] else {
        let message = match said.get(1) {
            None => "a rule must say what it checks".to_owned(),
            Some(second) => format!(
                "a rule checks one thing: both `{}` and `{second}` are said",
                said[0]
            ),
        };
        let help = format!("write one of: {}", CHECKS.join(", "));
        let span = said
            .get(1)
            .map_or_else(|| table.head(), |key| table.span_of(key));
        table.reading.error_with_help(span, message, help);
        return None;
    };
    if key == "check" {
        return table
            .text("check")
            .map(|sql| Check::Sql(sql.text.to_owned()));
    }
    let inner = table.table(key)?;
    let element = || {
        inner
            .required(key, "element")
            .map(|spot| spot.text.to_owned())
    };
    let greatest = || {
        if !inner.has("greatest") {
            inner.error(key, format!("`{key}` must say its `greatest` number"));
        }
        inner.number("greatest")
    };
    match key {
        "equal" => {
            inner.only(key, &["left", "right"]);
            Some(Check::Equal {
                left: inner.required(key, "left")?.text.to_owned(),
                right: inner.required(key, "right")?.text.to_owned(),
            })
        }
        "count" => {
            inner.only(key, &["element"]);
            element().map(|element| Check::RecordCount { element })
        }
        "unique" => {
            inner.only(key, &["element"]);
            element().map(|element| Check::Unique { element })
        }
        "sequence" => {
            inner.only(key, &["element", "greatest"]);
            Some(Check::Sequence {
                element: element()?,
                greatest: greatest()?,
            })
        }
        "submission_sequence" => {
            inner.only(key, &["element", "per", "greatest"]);
            Some(Check::SubmissionSequence {
                element: element()?,
                per: list(&inner, "per")?,
                greatest: greatest()?,
            })
        }
        _ => {
            inner.only(key, &["of", "into"]);
            Some(Check::Leak {
                of: list(&inner, "of")?,
                into: list(&inner, "into")?,
            })
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

fn examples(table: &Table<'_>, key: &str) -> Vec<Example> {
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
