//! `concord standards explain`.

use std::fmt::Write as _;

use concord_check::BuiltinRule;
use concord_finding::{Provenance, Rule, RuleClass, RuleStatus};
use concord_standards::definition::StandardInfo;
use concord_standards::registry::Registry;
use concord_standards::rules::{Check, RuleDefinition, Seat};

use crate::failure::Failure;

pub(super) fn explain(
    registry: &Registry,
    id: &str,
    standard: Option<&str>,
) -> Result<String, Failure> {
    let builtin = BuiltinRule::ALL
        .iter()
        .map(|rule| rule.rule())
        .find(|rule| rule.id.eq_ignore_ascii_case(id));
    if let Some(rule) = builtin {
        return Ok(page(rule, "every XML standard", None));
    }
    let names = match standard {
        Some(name) => vec![registry.find(name)?.name()],
        None => registry.list().iter().map(StandardInfo::name).collect(),
    };
    let mut found: Vec<(Vec<String>, RuleDefinition)> = Vec::new();
    let mut known = Vec::new();
    for name in names {
        for definition in registry.load(&name)?.rules {
            known.push(definition.rule.id.to_string());
            if !definition.rule.id.eq_ignore_ascii_case(id) {
                continue;
            }
            // Versions that inherit a rule have the same one.
            match found
                .iter_mut()
                .find(|(_, other)| other.rule == definition.rule)
            {
                Some((names, _)) => names.push(name.clone()),
                None => found.push((vec![name.clone()], definition)),
            }
        }
    }
    if found.is_empty() {
        known.extend(
            BuiltinRule::ALL
                .iter()
                .map(|rule| rule.rule().id.to_string()),
        );
        return Err(unknown(id, known));
    }
    let pages: Vec<String> = found
        .iter()
        .map(|(names, definition)| page(&definition.rule, &names.join(", "), Some(definition)))
        .collect();
    Ok(pages.join("\n"))
}

fn unknown(id: &str, mut known: Vec<String>) -> Failure {
    known.sort_unstable();
    known.dedup();
    let start: String = id.chars().take(3).collect::<String>().to_uppercase();
    let near: Vec<String> = known
        .iter()
        .filter(|known| known.starts_with(&start))
        .cloned()
        .collect();
    let shown = if near.is_empty() { known } else { near };
    Failure::usage(
        format!("there is no rule `{id}`"),
        format!("there are {}", shown.join(", ")),
    )
}

fn page(rule: &Rule, standards: &str, definition: Option<&RuleDefinition>) -> String {
    let mut text = format!("{}  {}\n\n", rule.id, rule.title);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{name:>10}: {value}");
        }
    };
    line("effect", rule.effect.as_str());
    line("message", &rule.message);
    line("help", rule.help.as_deref().unwrap_or_default());
    line("source", &rule.source);
    line(
        "authority",
        match rule.provenance {
            Provenance::Published => "published: the publisher of the standard states it",
            Provenance::Inferred => "inferred from what is published; the source says from what",
            Provenance::Carrier => "the carrier and the structure",
        },
    );
    line(
        "looks at",
        match rule.class {
            RuleClass::Carrier => "whether the input can be read",
            RuleClass::Structure => "which elements stand where",
            RuleClass::Value => "one value",
            RuleClass::Business => "how values and records fit together",
        },
    );
    line("standards", standards);
    if let Some(definition) = definition {
        line("applies to", &seat(&definition.at));
        line("check", &check(&definition.check));
        let examples = format!(
            "{} that pass, {} that fail (`concord standards test` runs them)",
            definition.pass.len(),
            definition.fail.len()
        );
        line("examples", &examples);
    }
    let status = match rule.status {
        RuleStatus::Stable => "stable",
        RuleStatus::Preview => "preview: run only when asked for",
        RuleStatus::Retired => "retired: no longer run",
    };
    line("status", &format!("{status}, since {}", rule.since));
    text
}

fn seat(seat: &Seat) -> String {
    match seat {
        Seat::Submission => "the submission".to_owned(),
        Seat::Record => "each record".to_owned(),
        Seat::Group(name) => format!("each {name}"),
        Seat::Elements(names) => format!("each {}", names.join(", ")),
    }
}

fn check(check: &Check) -> String {
    match check {
        Check::Sql(sql) => sql.split_whitespace().collect::<Vec<_>>().join(" "),
        Check::Equal { left, right } => format!("{left} equals {right}"),
        Check::RecordCount { element } => format!("{element} is the number of records"),
        Check::Sequence { element, greatest } => {
            format!(
                "{element} goes up by one from record to record, and back to 1 after {greatest}"
            )
        }
        Check::Unique { element } => format!("no two records have the same {element}"),
        Check::SubmissionSequence {
            element,
            per,
            greatest,
        } => format!(
            "{element} goes up by one from submission to submission of the same {}, and back to 1 after {greatest}",
            per.join(" and ")
        ),
        Check::Leak { of, into } => {
            format!(
                "values of {} stand nowhere in {}",
                of.join(", "),
                into.join(", ")
            )
        }
    }
}
