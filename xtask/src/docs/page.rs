//! The page of one rule, in Markdown.

use std::fmt::Write as _;

use concord_finding::{Provenance, RuleStatus};
use concord_standards::rules::{Check, Example, RuleDefinition, Seat};

use super::catalogue::{Entry, Variant};

/// The page of a rule.
pub(super) fn of(entry: &Entry) -> String {
    let mut text = format!("# {}\n", entry.id);
    for variant in &entry.variants {
        section(&mut text, variant);
    }
    text
}

/// What a rule that no standard has of its own is about, by the first word of its id.
fn carriers(id: &str) -> &'static str {
    match id.split('-').next().unwrap_or_default() {
        "XML" | "STRUCTURE" | "ATTRIBUTE" => "every XML standard",
        "TABLE" => "every standard of tables",
        "MESSAGE" | "SEGMENT" | "FIELD" | "COMPONENT" | "INTERCHANGE" => {
            "every standard of messages"
        }
        "JSON" | "RESOURCE" | "BUNDLE" | "REFERENCE" => "every standard of FHIR resources",
        "FEED" => "every feed",
        _ => "every standard",
    }
}

// Writing to a `String` does not fail, so its results are dropped.

fn section(text: &mut String, variant: &Variant) {
    let rule = &variant.rule;
    let _ = write!(
        text,
        "\n## {}\n\n| | |\n|---|---|\n",
        capital(&prose(&rule.title))
    );
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "| {name} | {} |", cell(value));
    };
    row("effect", rule.effect.as_str());
    row("authority", authority(rule.provenance));
    row("source", &rule.source);
    let standards = variant.standards.join(", ");
    row(
        "standards",
        if standards.is_empty() {
            carriers(&rule.id)
        } else {
            &standards
        },
    );
    if let Some(definition) = &variant.definition {
        row("applies to", &seat(&definition.at));
    }
    row("since", &format!("{}{}", rule.since, status(rule.status)));
    let _ = write!(text, "\n**Message.** {}\n", prose(&rule.message));
    if let Some(help) = &rule.help {
        let _ = write!(text, "\n**What to do.** {}\n", prose(help));
    }
    if let Some(definition) = &variant.definition {
        check(text, &definition.check);
        examples(text, definition);
    }
}

fn status(status: RuleStatus) -> &'static str {
    match status {
        RuleStatus::Stable => "",
        RuleStatus::Preview => " (a preview: not run)",
        RuleStatus::Retired => " (retired: no longer run)",
    }
}

fn seat(seat: &Seat) -> String {
    match seat {
        Seat::Submission => "the submission".to_owned(),
        Seat::Record => "each record".to_owned(),
        Seat::Set => "data sets that are checked together".to_owned(),
        Seat::Group(name) => format!("each `{name}`"),
        Seat::Elements(names) => format!("each {}", names_of(names)),
    }
}

fn names_of(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn check(text: &mut String, check: &Check) {
    let _ = match check {
        Check::Sql(sql) => write!(text, "\n**What must hold**\n\n{}", code(sql)),
        Check::Query(sql) => write!(text, "\n**What must have no rows**\n\n{}", code(sql)),
        other => write!(text, "\n**What must hold:** {}.\n", other.in_words()),
    };
}

fn code(sql: &str) -> String {
    format!("```sql\n{}\n```\n", sql.trim())
}

fn examples(text: &mut String, definition: &RuleDefinition) {
    for (title, examples) in [
        ("Keeps it", &definition.pass),
        ("Breaks it", &definition.fail),
    ] {
        let _ = write!(text, "\n**{title}**\n\n```text\n");
        for example in examples {
            let _ = writeln!(text, "{}", row(example));
        }
        text.push_str("```\n");
    }
}

fn row(example: &Example) -> String {
    let elements = example
        .elements
        .iter()
        .map(|(name, value)| format!("{name} = \"{value}\""));
    let groups = example.groups.iter().map(|(name, rows)| {
        let rows: Vec<String> = rows
            .iter()
            .map(|example| format!("{{ {} }}", row(example)))
            .collect();
        format!("{name} = [{}]", rows.join(", "))
    });
    let parts: Vec<String> = elements.chain(groups).collect();
    if parts.is_empty() {
        "(nothing)".to_owned()
    } else {
        parts.join(", ")
    }
}

/// The effects of a rule that are not all the same, or the one that they are.
pub(super) fn effects(entry: &Entry) -> String {
    let mut effects: Vec<&str> = entry
        .variants
        .iter()
        .map(|variant| variant.rule.effect.as_str())
        .collect();
    effects.dedup();
    effects.join(", ")
}

/// Whose rule it is, in a word.
pub(super) fn authority(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Published => "published",
        Provenance::Inferred => "inferred",
        Provenance::Carrier => "carrier",
    }
}

/// Text in a cell of a table.
pub(super) fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// Text in which only code marks mean something: `<` outside them would begin a tag.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts: Vec<String> = parts
        .map(|(index, part)| match index % 2 {
            0 => part.replace('<', "&lt;").replace('*', "\\*"),
            _ => part.to_owned(),
        })
        .collect();
    parts.join("`")
}

pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{capital, cell};

    #[test]
    fn text_stays_text() {
        assert_eq!(cell("a < b | c * d, `<e>`"), "a &lt; b \\| c \\* d, `<e>`");
        assert_eq!(capital("élan"), "Élan");
    }
}
