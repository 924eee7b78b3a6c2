//! The structure: nothing that cannot be used, no status that occurrence contradicts, no code without an entry.

use std::collections::BTreeSet;

use super::Linting;
use crate::definition::prune::without_unused;
use crate::definition::structure::XML_SCHEMA;
use crate::schema::{Content, Particle, QName, Schema, Status, Term};

pub(super) fn check(linting: &mut Linting<'_>) {
    unused(linting);
    // The occurrence of a column is always 0..1: an empty cell is an absent element.
    let hierarchical = linting.definition.layout.is_none();
    for group in &linting.definition.schema.complex_types {
        if hierarchical && let Content::Children { particle, .. } = &group.content {
            statuses(linting, particle, false);
        }
    }
    for simple in &linting.definition.schema.simple_types {
        let Some(list) = &simple.code_list else {
            continue;
        };
        let Some(list) = linting.definition.code_lists.get(list) else {
            continue;
        };
        let codes = simple
            .steps
            .last()
            .map_or(&[][..], |step| &step.enumeration);
        for code in codes.iter().filter(|code| list.get(code).is_none()) {
            let message = format!("the code `{code}` is not in `{}`", list.id);
            linting.error(&simple.origin, message, None);
        }
    }
}

fn unused(linting: &mut Linting<'_>) {
    let schema = &linting.definition.schema;
    let kept = without_unused(schema);
    let used = |schema: &Schema| -> (BTreeSet<QName>, BTreeSet<QName>) {
        let groups = schema
            .complex_types
            .iter()
            .filter_map(|group| group.name.clone());
        let values = schema
            .simple_types
            .iter()
            .filter_map(|value| value.name.clone());
        (groups.collect(), values.collect())
    };
    let (groups, values) = used(&kept);
    for group in &schema.complex_types {
        if let Some(name) = group.name.as_ref().filter(|name| !groups.contains(name)) {
            linting.warning(
                &group.origin,
                format!("no data can use the group `{name}`"),
                None,
            );
        }
    }
    for value in &schema.simple_types {
        let name = value
            .name
            .as_ref()
            .filter(|name| &*name.namespace != XML_SCHEMA);
        if let Some(name) = name.filter(|name| !values.contains(name)) {
            linting.warning(
                &value.origin,
                format!("no data can use the value `{name}`"),
                None,
            );
        }
    }
    // Anonymous groups have no name in the schema: those that are gone are counted by where they are written.
    let anonymous = |schema: &Schema| -> BTreeSet<u32> {
        let groups = schema
            .complex_types
            .iter()
            .filter(|group| group.name.is_none());
        groups.map(|group| group.origin.line).collect()
    };
    let used = anonymous(&kept);
    for group in schema
        .complex_types
        .iter()
        .filter(|group| group.name.is_none())
    {
        if !used.contains(&group.origin.line) {
            linting.warning(
                &group.origin,
                "no element uses this anonymous group".to_owned(),
                None,
            );
        }
    }
}

/// A mandatory element that may be absent, or one that is not to be sent but must stand there: both facts are told.
fn statuses(linting: &mut Linting<'_>, particle: &Particle, in_choice: bool) {
    match &particle.term {
        Term::Element(id) => {
            let definition = linting.definition;
            let element = definition.schema.element(*id);
            let most = particle.max.map_or("*".to_owned(), |most| most.to_string());
            let occurs = format!("{}..{most}", particle.min);
            let wrong = match element.facts.status {
                Some(Status::Mandatory) if particle.min == 0 => "is mandatory (M)",
                Some(Status::Required) if particle.min > 0 && !in_choice => {
                    "is required (R), which need not be sent"
                }
                Some(Status::Optional) if particle.min > 0 && !in_choice => "is optional (O)",
                Some(Status::NotUsed) if particle.min > 0 => "is not to be sent (X)",
                _ => return,
            };
            let message = format!("`{}` {wrong}, and its occurrence is {occurs}", element.name);
            let help = "the occurrence is enforced; the status is what the specification says";
            linting.warning(&particle.origin, message, Some(help.to_owned()));
        }
        Term::Sequence(parts) | Term::All(parts) => {
            for part in parts {
                statuses(linting, part, in_choice);
            }
        }
        Term::Choice(parts) => {
            for part in parts {
                statuses(linting, part, true);
            }
        }
        Term::Any(_) => {}
    }
}
