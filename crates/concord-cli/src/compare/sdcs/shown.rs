//! How two summary reports differ, for people, for programs and for a pull request.

use std::fmt::Write as _;

use concord_report::{count, harmless, many, markdown_code as code, markdown_text as text};

use super::{RuleDifference, SummaryDifference};

/// Codes that are listed where only one report counts them.
const LISTED: usize = 12;

/// Writes to a `String`, which does not fail.
macro_rules! put {
    ($page:expr, $($words:tt)*) => { let _ = writeln!($page, $($words)*); };
}

fn headline(difference: &SummaryDifference) -> String {
    if difference.same {
        return "both say the same".to_owned();
    }
    let rules = difference.rules.len() as u64;
    let differ = if rules == 1 { "differs" } else { "differ" };
    format!("{} {differ}", many(rules, "rule"))
}

fn alike(difference: &SummaryDifference) -> String {
    let stand = if difference.alike.findings == 1 {
        "stands"
    } else {
        "stand"
    };
    format!(
        "{} of {} {stand} in both alike",
        many(difference.alike.findings, "finding"),
        many(difference.alike.rules, "rule")
    )
}

/// The values of findings that one report has alone, with the word for it.
fn alone(rule: &RuleDifference) -> impl Iterator<Item = (&'static str, &String)> {
    let first = rule.of_first.iter().map(|values| ("first", values));
    first.chain(rule.of_second.iter().map(|values| ("second", values)))
}

/// The codes that one report alone counts.
fn counted(codes: &[String]) -> Option<String> {
    let listed = codes.get(..LISTED).unwrap_or(codes).join(", ");
    let more = if codes.len() > LISTED { ", …" } else { "" };
    (!codes.is_empty()).then(|| format!("{listed}{more}"))
}

fn each_counted(difference: &SummaryDifference) -> impl Iterator<Item = (&'static str, String)> {
    let counts = &difference.counts;
    let both = [
        ("first", &counts.only_first),
        ("second", &counts.only_second),
    ];
    both.into_iter()
        .filter_map(|(word, codes)| Some((word, counted(codes)?)))
}

pub(super) fn human(difference: &SummaryDifference) -> String {
    let (first, second) = (harmless(&difference.first), harmless(&difference.second));
    let mut page = format!(
        "{first} (first) and {second} (second): {}\n{}\n",
        headline(difference),
        alike(difference)
    );
    if !difference.rules.is_empty() {
        put!(
            page,
            "\n{:<12} {:>10} {:>11} {:>12}",
            "rule",
            "in both",
            "only first",
            "only second"
        );
    }
    for rule in &difference.rules {
        put!(
            page,
            "{:<12} {:>10} {:>11} {:>12}",
            harmless(&rule.rule),
            count(rule.both),
            count(rule.only_first),
            count(rule.only_second)
        );
    }
    for rule in &difference.rules {
        put!(page, "\n{}: {}", harmless(&rule.rule), harmless(&rule.why));
        for (word, values) in alone(rule) {
            put!(page, "  only in the {word}: {}", harmless(values));
        }
    }
    for other in &difference.counts.other {
        put!(
            page,
            "\n{}: {} in the first, {} in the second",
            harmless(&other.code),
            harmless(&other.first),
            harmless(&other.second)
        );
    }
    for (word, codes) in each_counted(difference) {
        put!(page, "\ncounted in the {word} only: {}", harmless(&codes));
    }
    page
}

pub(super) fn markdown(difference: &SummaryDifference) -> String {
    let mark = if difference.same { "✅" } else { "❌" };
    let (first, second) = (code(&difference.first), code(&difference.second));
    let mut page = format!(
        "### {mark} {}\n\n{first} (first) and {second} (second): {}\n",
        headline(difference),
        alike(difference)
    );
    if !difference.rules.is_empty() {
        put!(
            page,
            "\n| rule | in both | only first | only second | why |\n|---|---:|---:|---:|---|"
        );
    }
    for rule in &difference.rules {
        put!(
            page,
            "| {} | {} | {} | {} | {} |",
            code(&rule.rule),
            count(rule.both),
            count(rule.only_first),
            count(rule.only_second),
            text(&rule.why)
        );
    }
    let mut examples = difference.rules.iter().flat_map(|rule| {
        alone(rule).map(move |(word, values)| (code(&rule.rule), word, code(values)))
    });
    if let Some(first) = examples.next() {
        put!(
            page,
            "\n<details><summary>The first findings that only one has</summary>\n"
        );
        for (rule, word, values) in std::iter::once(first).chain(examples) {
            put!(page, "- {rule} only in the {word}: {values}");
        }
        put!(page, "\n</details>");
    }
    if !difference.counts.other.is_empty() {
        put!(page, "\n| count | first | second |\n|---|---:|---:|");
    }
    for other in &difference.counts.other {
        put!(
            page,
            "| {} | {} | {} |",
            code(&other.code),
            text(&other.first),
            text(&other.second)
        );
    }
    for (word, codes) in each_counted(difference) {
        put!(page, "\nCounted in the {word} only: {}", text(&codes));
    }
    page
}

/// `schemas/meta/summary-comparison.schema.json` describes it.
pub(super) fn json(difference: &SummaryDifference) -> String {
    // Texts and numbers always make JSON.
    serde_json::to_string_pretty(difference).unwrap_or_default() + "\n"
}
