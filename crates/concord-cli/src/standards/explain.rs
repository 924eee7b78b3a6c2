//! `concord standards explain`.

use std::fmt::Write as _;

use concord_check::BuiltinRule;
use concord_finding::{Provenance, Rule, RuleClass, RuleStatus};
use concord_standards::definition::{Definition, StandardInfo};
use concord_standards::registry::Registry;
use concord_standards::rules::{RuleDefinition, Seat};

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
        return Ok(page(rule, "every standard", None));
    }
    if let Some(rule) = concord_stays::rules().find(|rule| rule.id.eq_ignore_ascii_case(id)) {
        let page = page(rule, "every standard of HL7 v2 messages", None);
        return Ok(format!(
            "{page}  run with: `concord check --stays`, `concord feed --stays`\n"
        ));
    }
    if let Some(rule) = concord_practice::rules().find(|rule| rule.id.eq_ignore_ascii_case(id)) {
        let page = page(rule, "every extract of a practice system", None);
        return Ok(format!(
            "{page}  run with: `concord practice check`, `concord practice apply`\n"
        ));
    }
    let names = match standard {
        Some(name) => vec![registry.find(name)?.name()],
        None => registry.list().iter().map(StandardInfo::name).collect(),
    };
    let mut found: Vec<(Vec<String>, RuleDefinition, Vec<String>)> = Vec::new();
    let (mut known, mut of_tables) = (Vec::new(), Vec::new());
    for name in names {
        let standard = registry.load(&name)?;
        if let Some(submission) = &standard.submission {
            for rule in &submission.rules {
                known.push(rule.rule.id.to_string());
                if rule.rule.id.eq_ignore_ascii_case(id) {
                    let mut page = page(&rule.rule, &name, None);
                    for (word, text) in rule.about(submission) {
                        // Writing to a `String` does not fail.
                        let _ = writeln!(page, "{word:>10}: {text}");
                    }
                    of_tables.push(page);
                }
            }
        }
        let columns = cited_by(&standard, id);
        for definition in standard.rules {
            known.push(definition.rule.id.to_string());
            if !definition.rule.id.eq_ignore_ascii_case(id) {
                continue;
            }
            // Versions that inherit a rule have the same one.
            match found
                .iter_mut()
                .find(|(_, other, cited)| other.rule == definition.rule && *cited == columns)
            {
                Some((names, ..)) => names.push(name.clone()),
                None => found.push((vec![name.clone()], definition, columns.clone())),
            }
        }
    }
    if found.is_empty() && of_tables.is_empty() {
        known.extend(concord_stays::rules().map(|rule| rule.id.to_string()));
        known.extend(concord_practice::rules().map(|rule| rule.id.to_string()));
        known.extend(
            BuiltinRule::ALL
                .iter()
                .map(|rule| rule.rule().id.to_string()),
        );
        return Err(unknown(id, known));
    }
    let pages: Vec<String> = found
        .iter()
        .map(|(names, definition, columns)| {
            let names = names.join(", ");
            page(
                &definition.rule,
                &names,
                Some((definition, columns.as_slice())),
            )
        })
        .collect();
    let pages: Vec<String> = pages.into_iter().chain(of_tables).collect();
    Ok(pages.join("\n"))
}

/// The columns of a tabular standard that a rule stands beside.
fn cited_by(standard: &Definition, id: &str) -> Vec<String> {
    let tables = standard.layout.iter().flat_map(|layout| &layout.tables);
    tables
        .flat_map(|table| &table.fields)
        .filter(|field| {
            [&field.presence_rule, &field.format_rule, &field.code_rule]
                .into_iter()
                .flatten()
                .any(|cited| cited.eq_ignore_ascii_case(id))
        })
        .map(|field| field.column.to_string())
        .collect()
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

fn page(rule: &Rule, standards: &str, definition: Option<(&RuleDefinition, &[String])>) -> String {
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
    if let Some((definition, columns)) = definition {
        line("applies to", &seat(&definition.at));
        line("columns", &columns.join(", "));
        line("check", &definition.check.in_words());
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
        Seat::Set => "the data sets that are checked together".to_owned(),
        Seat::Group(name) => format!("each {name}"),
        Seat::Elements(names) => format!("each {}", names.join(", ")),
    }
}
