//! How two runs differ, for people, for programs and for a pull request.

use std::fmt::Write as _;

use concord_report::{count, harmless, many, markdown_code as code, markdown_text as text};
use concord_settings::run::Entry;
use serde::Serialize;

use super::{Counts, Difference};

/// Providers that are listed.
const PROVIDERS: usize = 50;

/// Writes to a `String`, which does not fail.
macro_rules! put {
    ($page:expr, $($words:tt)*) => { let _ = writeln!($page, $($words)*); };
}

fn headline(difference: &Difference) -> String {
    let total = difference.total();
    format!(
        "{} new, {} fixed, {} persisting",
        many(total.new, "finding"),
        count(total.fixed),
        count(total.persisting)
    )
}

pub(super) fn human(difference: &Difference) -> String {
    let (earlier, later) = (harmless(&difference.earlier), harmless(&difference.later));
    let mut page = format!("{earlier} → {later}: {}\n", headline(difference));
    let rules = difference.rules();
    if !rules.is_empty() {
        put!(
            page,
            "\n{:>10}  {:>10}  {:>10}  {:<13}  rule",
            "new",
            "fixed",
            "persisting",
            "effect"
        );
        for (rule, effect, counts) in rules {
            put!(
                page,
                "{}  {:<13}  {}",
                row(counts),
                effect.as_str(),
                harmless(rule)
            );
        }
    }
    providers(difference, |provider, counts| {
        if let Some((provider, counts)) = provider.zip(counts) {
            put!(page, "{}  {}", row(counts), harmless(provider));
        } else {
            put!(
                page,
                "\n{:>10}  {:>10}  {:>10}  provider",
                "new",
                "fixed",
                "persisting"
            );
        }
    });
    if !difference.first.is_empty() {
        put!(page, "\nnew, the first of each rule:");
        for entry in difference.first.values().flatten() {
            put!(
                page,
                "  {}: {} {} {}",
                place(entry),
                entry.effect,
                harmless(&entry.rule),
                harmless(&entry.message)
            );
        }
    }
    page
}

fn row(counts: Counts) -> String {
    format!(
        "{:>10}  {:>10}  {:>10}",
        count(counts.new),
        count(counts.fixed),
        count(counts.persisting)
    )
}

/// Hands on nothing for the heading and then each provider, those with most that is new first; nothing at all where no
/// provider is known.
fn providers(difference: &Difference, mut each: impl FnMut(Option<&str>, Option<Counts>)) {
    let mut providers: Vec<_> = difference.providers().into_iter().collect();
    if providers.is_empty() {
        return;
    }
    providers.sort_by_key(|(provider, counts)| {
        (
            std::cmp::Reverse((counts.new, counts.persisting)),
            *provider,
        )
    });
    each(None, None);
    for (provider, counts) in providers.iter().take(PROVIDERS) {
        each(Some(provider), Some(*counts));
    }
    if let Some(rest) = providers.get(PROVIDERS..).filter(|rest| !rest.is_empty()) {
        let mut all = Counts::default();
        for (_, counts) in rest {
            all.add(*counts);
        }
        each(
            Some(&format!("{} more", count(rest.len() as u64))),
            Some(all),
        );
    }
}

fn place(entry: &Entry) -> String {
    let line = entry
        .line
        .map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line}", harmless(&entry.file))
}

pub(super) fn markdown(difference: &Difference) -> String {
    let total = difference.total();
    let mark = match (difference.rejects_anew(), total.new) {
        (true, _) => "❌",
        (false, 0) => "✅",
        (false, _) => "⚠️",
    };
    let (earlier, later) = (code(&difference.earlier), code(&difference.later));
    let mut page = format!(
        "### {mark} {}\n\n{earlier} → {later}\n",
        headline(difference)
    );
    let rules = difference.rules();
    if !rules.is_empty() {
        put!(
            page,
            "\n| new | fixed | persisting | effect | rule |\n|---:|---:|---:|---|---|"
        );
        for (rule, effect, counts) in rules {
            put!(page, "| {} | {effect} | {} |", cells(counts), code(rule));
        }
    }
    providers(difference, |provider, counts| {
        if let Some((provider, counts)) = provider.zip(counts) {
            put!(page, "| {} | {} |", cells(counts), code(provider));
        } else {
            put!(
                page,
                "\n| new | fixed | persisting | provider |\n|---:|---:|---:|---|"
            );
        }
    });
    if !difference.first.is_empty() {
        put!(
            page,
            "\n<details><summary>New, the first of each rule</summary>\n"
        );
        for entry in difference.first.values().flatten() {
            put!(
                page,
                "- {} {} {} {}",
                code(&place(entry)),
                entry.effect,
                code(&entry.rule),
                text(&entry.message)
            );
        }
        put!(page, "\n</details>");
    }
    page
}

fn cells(counts: Counts) -> String {
    format!(
        "{} | {} | {}",
        count(counts.new),
        count(counts.fixed),
        count(counts.persisting)
    )
}

/// `schemas/meta/run-comparison.schema.json` describes it.
pub(super) fn json(difference: &Difference) -> String {
    #[derive(Serialize)]
    struct Object<'a> {
        earlier: &'a str,
        later: &'a str,
        new: u64,
        fixed: u64,
        persisting: u64,
        counts: Vec<Row<'a>>,
        first_new: Vec<New<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        rule: &'a str,
        provider: Option<&'a str>,
        effect: concord_finding::Effect,
        new: u64,
        fixed: u64,
        persisting: u64,
    }
    #[derive(Serialize)]
    struct New<'a> {
        rule: &'a str,
        provider: Option<&'a str>,
        effect: concord_finding::Effect,
        file: &'a str,
        line: Option<u64>,
        message: &'a str,
        fingerprint: String,
    }
    let total = difference.total();
    let counts = difference.classes.iter().map(|(class, counts)| Row {
        rule: &class.rule,
        provider: class.provider.as_deref(),
        effect: class.effect,
        new: counts.new,
        fixed: counts.fixed,
        persisting: counts.persisting,
    });
    let first_new = difference.first.values().flatten().map(|entry| New {
        rule: &entry.rule,
        provider: entry.provider.as_deref(),
        effect: entry.effect,
        file: &entry.file,
        line: entry.line,
        message: &entry.message,
        fingerprint: format!("{:016x}", entry.fingerprint),
    });
    let object = Object {
        earlier: &difference.earlier,
        later: &difference.later,
        new: total.new,
        fixed: total.fixed,
        persisting: total.persisting,
        counts: counts.collect(),
        first_new: first_new.collect(),
    };
    let mut text = serde_json::to_string_pretty(&object).unwrap_or_default();
    text.push('\n');
    text
}
