//! The columns of a tabular standard: named like their elements, and beside them rules that are there and that fit.

use std::collections::{BTreeMap, BTreeSet};

use concord_finding::RuleId;

use super::Linting;
use crate::definition::fields::{Cell, column_id};
use crate::definition::problem::{Severity, nearest};
use crate::layout::{Field, Layout, Mandation};
use crate::rules::{Check, FieldCheck, RuleDefinition};

pub(super) fn check(linting: &mut Linting<'_>) {
    let definition = linting.definition;
    let empty = Layout::default();
    let layout = definition.layout.as_ref().unwrap_or(&empty);
    let rules: BTreeMap<&str, &RuleDefinition> = definition
        .rules
        .iter()
        .map(|rule| (&*rule.rule.id, rule))
        .collect();
    let mut cited = BTreeSet::new();
    for field in layout.tables.iter().flat_map(|table| &table.fields) {
        names(linting, field);
        codes(linting, field);
        for citation in citations(field) {
            let Some(id) = citation.id else {
                continue;
            };
            cited.insert(&**id);
            cites(linting, field, &citation, id, &rules);
        }
    }
    roles(linting, layout);
    documents(linting, layout);
    for rule in &definition.rules {
        if let Check::Field(kind) = &rule.check {
            field_rule(linting, rule, *kind, layout, cited.contains(&*rule.rule.id));
        }
    }
}

/// Places in the XML form of a table are those of its columns, each with one.
fn documents(linting: &mut Linting<'_>, layout: &Layout) {
    let definition = linting.definition;
    for (info, table) in definition.standard.tables.iter().zip(&layout.tables) {
        let Some(form) = &info.document else {
            continue;
        };
        for (column, _) in &form.places {
            if table.field(column).is_none() {
                let names = table.fields.iter().map(|field| &*field.column);
                let help = nearest(column, names).map(|near| format!("did you mean `{near}`?"));
                let message = format!("`{column}` is no column of {}", info.name);
                linting.error(&info.origin, message, help);
            }
        }
        let without = table
            .fields
            .iter()
            .filter(|field| form.place_of(&field.column).is_none());
        for field in without {
            let message = format!("`{}` has no place in the XML form", field.column);
            linting.error(&info.origin, message, None);
        }
    }
}

/// Roles in totals are those of columns, all of one table.
fn roles(linting: &mut Linting<'_>, layout: &Layout) {
    let Some(roles) = &linting.definition.standard.reconcile else {
        return;
    };
    for (role, column) in &roles.columns {
        let mut fields = layout.tables.iter().flat_map(|table| &table.fields);
        if let Some(field) = fields.find(|field| field.column == *column) {
            if field.personal {
                let origin = linting.find("standard.toml", column);
                let message = format!("`{column}` is personal, and totals are told of openly");
                linting.error(&origin, message, None);
            }
            continue;
        }
        let fields = layout.tables.iter().flat_map(|table| &table.fields);
        let help = nearest(column, fields.map(|field| &*field.column))
            .map(|near| format!("did you mean `{near}`?"));
        let origin = linting.find("standard.toml", column);
        let message = format!("the {} `{column}` is no column", role.as_str());
        linting.error(&origin, message, help);
    }
    let together = layout.tables.iter().any(|table| {
        let mut columns = roles.columns.iter();
        columns.all(|(_, column)| table.fields.iter().any(|field| field.column == *column))
    });
    if !together {
        let origin = linting.find("standard.toml", "[reconcile]");
        let message = "no table has all the columns of [reconcile]";
        linting.error(&origin, message.to_owned(), None);
    }
}

/// A rule id beside a fact.
struct Citation<'f> {
    id: Option<&'f RuleId>,
    cell: Cell,
    kind: FieldCheck,
    /// What is not said, so that there is nothing to check.
    lacks: Option<&'static str>,
}

fn citations(field: &Field) -> [Citation<'_>; 3] {
    let checked = matches!(field.mandation, Mandation::Mandatory | Mandation::NotUsed);
    [
        Citation {
            id: field.presence_rule.as_ref(),
            cell: Cell::PresenceRule,
            kind: FieldCheck::Presence,
            lacks: (!checked).then_some("it may be filled or not"),
        },
        Citation {
            id: field.format_rule.as_ref(),
            cell: Cell::FormatRule,
            kind: FieldCheck::Format,
            lacks: field.format.is_empty().then_some("it has no format"),
        },
        Citation {
            id: field.code_rule.as_ref(),
            cell: Cell::CodeRule,
            kind: FieldCheck::Code,
            lacks: field.code_list.is_none().then_some("it has no code list"),
        },
    ]
}

fn cites(
    linting: &mut Linting<'_>,
    field: &Field,
    citation: &Citation<'_>,
    id: &str,
    rules: &BTreeMap<&str, &RuleDefinition>,
) {
    let wanted = citation.kind.as_str();
    let error = |linting: &mut Linting<'_>, message: String, help: Option<String>| {
        linting.cell(Severity::Error, &field.origin, citation.cell, message, help);
    };
    match rules.get(id).map(|rule| &rule.check) {
        None => {
            let known = rules
                .iter()
                .filter(|(_, rule)| rule.check == Check::Field(citation.kind))
                .map(|(id, _)| *id);
            let help = nearest(id, known).map(|near| format!("did you mean `{near}`?"));
            error(linting, format!("there is no rule `{id}`"), help);
        }
        Some(Check::Field(kind)) if *kind == citation.kind => {}
        Some(Check::Field(kind)) => {
            let message = format!("the rule `{id}` is about the {} of columns", kind.as_str());
            let help = format!("write it in the column `{}_rule`", kind.as_str());
            error(linting, message, Some(help));
        }
        Some(_) => {
            let message = format!("the rule `{id}` has a check of its own");
            let help = format!("a rule that stands beside a column says field = \"{wanted}\"");
            error(linting, message, Some(help));
        }
    }
    if let Some(lacks) = citation.lacks {
        let message = format!(
            "`{}` has nothing that `{id}` could report: {lacks}",
            field.column
        );
        error(linting, message, None);
    }
}

/// A column without the numbers that tell it from others of its element: `SECONDARY_DIAGNOSIS_ICD_12`, or `…_3X20` of groups
/// that repeat within groups (headers are compared without underscores, so that one between numbers would tell nothing).
fn without_numbers<'c>(column: &'c str, element: &str) -> &'c str {
    let rest = column.strip_prefix(element).unwrap_or_default();
    let numbered = rest.strip_prefix('_').is_some_and(|numbers| {
        numbers
            .split('X')
            .all(|number| number.parse().is_ok_and(|number: u32| number > 0))
    });
    if numbered {
        &column[..element.len()]
    } else {
        column
    }
}

fn names(linting: &mut Linting<'_>, field: &Field) {
    let wanted = column_id(&field.element);
    if !field.element.is_empty() && *wanted != *without_numbers(&field.column, &wanted) {
        let message = format!("`{}` is not the id of `{}`", field.column, field.element);
        let help = format!("write `{wanted}`");
        linting.cell(
            Severity::Warning,
            &field.origin,
            Cell::Column,
            message,
            Some(help),
        );
    }
    // A column may have no name in the dictionary; then it goes by its own.
    let unnamed = *wanted == *field.column && linting.is_empty(&field.origin, Cell::Element);
    let elements = &linting.definition.elements;
    if !unnamed && !field.element.is_empty() && elements.by_name(&field.element).is_none() {
        let known = elements.list.iter().map(|element| &*element.name);
        let help = nearest(&field.element, known).map(|near| format!("did you mean `{near}`?"));
        let message = format!("`{}` is not in elements.csv", field.element);
        linting.cell(Severity::Error, &field.origin, Cell::Element, message, help);
    }
}

/// A code that is longer than its column can never be sent.
fn codes(linting: &mut Linting<'_>, field: &Field) {
    let simple = linting.definition.schema.simple_type(field.value);
    let most = simple.steps.iter().find_map(|step| step.max_length);
    let longest = simple
        .steps
        .iter()
        .flat_map(|step| &step.enumeration)
        .max_by_key(|code| code.chars().count());
    if let (Some(most), Some(code)) = (most, longest)
        && code.chars().count() as u64 > most
    {
        let message = format!(
            "the code `{code}` is longer than the format `{}`",
            field.format
        );
        linting.cell(
            Severity::Warning,
            &field.origin,
            Cell::CodeList,
            message,
            None,
        );
    }
}

/// A rule that says nothing by itself must be cited, and its examples be about a column that cites it.
fn field_rule(
    linting: &mut Linting<'_>,
    rule: &RuleDefinition,
    kind: FieldCheck,
    layout: &Layout,
    cited: bool,
) {
    let id = &rule.rule.id;
    if !cited {
        let message = format!(
            "no column of {} cites the rule `{id}`",
            linting.definition.standard.name()
        );
        let help = format!(
            "write it in the column `{}_rule` of fields.csv, or name the standards that do with for = [\"…\"]",
            kind.as_str()
        );
        linting.error(&rule.origin, message, Some(help));
        return;
    }
    for example in rule.pass.iter().chain(&rule.fail) {
        let about_cited = layout
            .tables
            .iter()
            .flat_map(|table| &table.fields)
            .filter(|field| {
                citations(field)
                    .iter()
                    .any(|citation| citation.kind == kind && citation.id == Some(id))
            })
            .any(|field| {
                kind == FieldCheck::Presence || example.elements.contains_key(&*field.column)
            });
        if !about_cited {
            let message = format!("an example of `{id}` names no column that cites it");
            linting.error(&example.origin, message, None);
        }
    }
}
