//! `concord standards show` for tabular standards: the columns, to be left open beside the spreadsheet.

use std::fmt::Write as _;

use concord_standards::definition::Definition;
use concord_standards::layout::{Field, Layout, Mandation, TableLayout, normalised_header};
use concord_standards::rules::{Check, RuleDefinition, Seat};

use crate::failure::Failure;
use crate::standards::table;

/// Codes of a short list that are shown with the column.
const MOST_CODES: usize = 12;
/// Columns that are offered for a name that is none.
const MOST_COLUMNS: usize = 12;

/// All columns of all tables, in the published order.
pub(super) fn all(layout: &Layout) -> String {
    let mut text = String::new();
    for one in &layout.tables {
        if layout.tables.len() > 1 {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{}  {}\n", one.name, one.title);
        }
        text.push_str(&columns(one));
        text.push('\n');
    }
    let letters: Vec<String> = Mandation::ALL
        .iter()
        .filter(|mandation| {
            let mut fields = layout.tables.iter().flat_map(|table| &table.fields);
            fields.any(|field| field.mandation == **mandation)
        })
        .map(|mandation| format!("{} {}", mandation.letter(), mandation.meaning()))
        .collect();
    let _ = writeln!(text, "{}", letters.join("; "));
    text
}

fn columns(of: &TableLayout) -> String {
    let group = |index: usize| {
        let before = index.checked_sub(1).map(|before| &of.fields[before].group);
        let group = &of.fields[index].group;
        // A group is named where it begins.
        if before == Some(group) {
            String::new()
        } else {
            group.to_string()
        }
    };
    let rows: Vec<_> = of
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let place = field.span.map_or_else(String::new, |(start, width)| {
                let line = field.line.as_ref();
                let line = line.map_or_else(String::new, |line| format!("{line}:"));
                format!("{line}{}-{}", start + 1, start + width)
            });
            [
                field.position.to_string(),
                place,
                field.column.to_string(),
                field.mandation.letter().to_owned(),
                field.format.to_string(),
                field.code_list.as_deref().unwrap_or_default().to_owned(),
                cited(field).join(" "),
                group(index),
            ]
        })
        .collect();
    table(
        [
            "#",
            "chars",
            "column",
            "fill",
            "format",
            "code list",
            "rules",
            "group",
        ],
        &rows,
    )
}

/// The rules that stand beside a column, each once.
fn cited(field: &Field) -> Vec<&str> {
    let mut ids: Vec<&str> = [&field.presence_rule, &field.format_rule, &field.code_rule]
        .into_iter()
        .flatten()
        .map(|id| &**id)
        .collect();
    ids.dedup();
    ids
}

/// Everything that the standard says of one column.
pub(super) fn one(
    definition: &Definition,
    layout: &Layout,
    wanted: &str,
) -> Result<String, Failure> {
    let name = normalised_header(wanted);
    let aliased = layout.aliases.get(&name);
    let found: Vec<(&TableLayout, &Field)> = layout
        .tables
        .iter()
        .flat_map(|table| table.fields.iter().map(move |field| (table, field)))
        .filter(|(_, field)| {
            normalised_header(&field.column) == name || aliased == Some(&field.column)
        })
        .collect();
    if found.is_empty() {
        return Err(Failure::usage(
            format!("{} has no column `{wanted}`", definition.standard.name()),
            near(layout, &name),
        ));
    }
    let pages: Vec<String> = found
        .iter()
        .map(|(table, field)| page(definition, layout, table, field))
        .collect();
    Ok(pages.join("\n"))
}

fn page(definition: &Definition, layout: &Layout, table: &TableLayout, field: &Field) -> String {
    let mut text = format!("{}  {}\n\n", field.column, field.element);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{name:>10}: {value}");
        }
    };
    let place = format!(
        "column {} of {} in {}",
        field.position,
        table.fields.len(),
        definition.standard.name()
    );
    line("place", &place);
    line("group", &field.group);
    let mandation = format!(
        "{} ({})",
        field.mandation.letter(),
        field.mandation.meaning()
    );
    line("filled", &mandation);
    let format = if field.format.is_empty() {
        "not known"
    } else {
        &field.format
    };
    line("format", format);
    if let Some(list) = &field.code_list {
        line("code list", &codes(definition, list));
    }
    if field.personal {
        line("personal", "yes: its values are masked");
    }
    let spellings: Vec<&str> = layout
        .aliases
        .iter()
        .filter(|(_, column)| **column == field.column)
        .map(|(header, _)| &**header)
        .collect();
    line("also read", &spellings.join(", "));
    for rule in definition.rules.iter().filter(|rule| about(rule, field)) {
        let effect = rule.rule.effect.as_str();
        line(
            "rule",
            &format!("{} ({effect}): {}", rule.rule.id, rule.rule.title),
        );
    }
    line("source", &field.source);
    line("certainty", &field.confidence);
    text
}

/// A short list is shown; a long one is named.
fn codes(definition: &Definition, id: &str) -> String {
    let Some(list) = definition.code_lists.get(id) else {
        return id.to_owned();
    };
    if list.codes.len() > MOST_CODES {
        return format!(
            "{id}: {} codes; `concord standards codes {id}` shows them",
            list.codes.len()
        );
    }
    let mut shown = id.to_owned();
    for code in &list.codes {
        let _ = write!(shown, "\n{:>12}{:<4} {}", "", code.code, code.meaning);
    }
    shown
}

/// Whether a rule stands beside a column, or is about it by itself.
fn about(rule: &RuleDefinition, field: &Field) -> bool {
    let named = |names: &[String]| names.iter().any(|name| **name == *field.column);
    if cited(field).contains(&&*rule.rule.id) || rule.place.as_deref() == Some(&field.column) {
        return true;
    }
    if let Seat::Elements(elements) = &rule.at
        && named(elements)
    {
        return true;
    }
    match &rule.check {
        Check::Unique { elements, .. }
        | Check::Order { elements }
        | Check::Exists { elements, .. } => named(elements),
        Check::Required { columns, .. }
        | Check::OneOf { columns, .. }
        | Check::Blank { columns, .. } => named(columns),
        Check::Window { element, .. }
        | Check::Code { element, .. }
        | Check::Consistent { element, .. } => **element == *field.column,
        other => other.sql().iter().any(|sql| {
            sql.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
                .any(|word| *word == *field.column)
        }),
    }
}

/// Columns whose names hold the wanted text.
fn near(layout: &Layout, name: &str) -> String {
    let fields = layout.tables.iter().flat_map(|table| &table.fields);
    let columns: Vec<&str> = fields
        .map(|field| &*field.column)
        .filter(|column| !name.is_empty() && normalised_header(column).contains(name))
        .collect();
    if columns.is_empty() || columns.len() > MOST_COLUMNS {
        format!(
            "{} columns: `concord standards show` without a column lists them",
            {
                layout
                    .tables
                    .iter()
                    .map(|table| table.fields.len())
                    .sum::<usize>()
            }
        )
    } else {
        format!("there is {}", columns.join(", "))
    }
}
