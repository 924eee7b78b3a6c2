//! Rules: unique, proven by examples, with a source, about elements that exist.

use std::collections::BTreeMap;

use concord_finding::RuleStatus;

use super::Linting;
use super::references::Names;
use crate::rules::{Check, Example, RuleDefinition, Seat};
use crate::schema::Origin;

/// The name under which an example has parameters.
const PARAMETERS: &str = "param";

pub(super) fn check(linting: &mut Linting<'_>) {
    let definition = linting.definition;
    let names = Names::new(&definition.schema);
    let mut seen: BTreeMap<&str, &Origin> = BTreeMap::new();
    for rule in &definition.rules {
        if let Some(first) = seen.insert(&rule.rule.id, &rule.origin) {
            let message = format!("the rule id `{}` is taken", rule.rule.id);
            let help = format!("it stands first at {}:{}", first.file, first.line);
            linting.error(&rule.origin, message, Some(help));
        }
        complete(linting, rule);
        references(linting, rule, &names);
    }
}

fn complete(linting: &mut Linting<'_>, rule: &RuleDefinition) {
    let id = &rule.rule.id;
    if rule.rule.source.is_empty() {
        linting.error(
            &rule.origin,
            format!("the rule `{id}` says no source"),
            None,
        );
    }
    if rule.rule.since.is_empty() {
        linting.warning(
            &rule.origin,
            format!("the rule `{id}` does not say since when it is there"),
            None,
        );
    }
    if rule.rule.status == RuleStatus::Retired {
        return;
    }
    for (examples, kind) in [(&rule.pass, "pass"), (&rule.fail, "fail")] {
        if examples.is_empty() {
            let message = format!("the rule `{id}` has no example that should {kind}");
            let help = format!("write {kind} = [{{ … }}]: rows of element = \"text\"");
            linting.error(&rule.origin, message, Some(help));
        }
    }
}

/// Every name must lead to an element; of lists that serve several versions, one name must.
fn references(linting: &mut Linting<'_>, rule: &RuleDefinition, names: &Names<'_>) {
    let mut each: Vec<&String> = rule.place.iter().collect();
    match &rule.at {
        Seat::Submission | Seat::Record | Seat::Set => {}
        Seat::Group(group) => each.push(group),
        Seat::Elements(elements) => any(linting, rule, names, elements),
    }
    match &rule.check {
        Check::Sql(_)
        | Check::Query(_)
        | Check::Field(_)
        | Check::Carrier(_)
        | Check::Reconcile { .. } => {}
        Check::Equal { left, right } => each.extend([left, right]),
        Check::RecordCount { element }
        | Check::Sequence { element, .. }
        | Check::Window { element, .. } => each.push(element),
        Check::Unique { elements, .. } | Check::Order { elements } => each.extend(elements),
        Check::Required { columns, .. }
        | Check::OneOf { columns, .. }
        | Check::Blank { columns, .. } => each.extend(columns),
        Check::Code { element, as_at, .. } => {
            each.push(element);
            each.extend(as_at);
        }
        Check::Exists {
            elements, as_at, ..
        } => {
            each.extend(elements);
            each.extend(as_at);
        }
        Check::SubmissionSequence { element, per, .. } | Check::Consistent { element, per } => {
            each.push(element);
            each.extend(per);
        }
        Check::Leak { of, into } => {
            any(linting, rule, names, of);
            any(linting, rule, names, into);
        }
    }
    for reference in each {
        if let Some(part) = names.unknown(reference) {
            unknown(linting, rule, reference, part, names);
        }
    }
    // What stands in examples of these are values as they are read, other data sets, files.
    if matches!(rule.check, Check::Carrier(_) | Check::Reconcile { .. }) {
        return;
    }
    for example in rule.pass.iter().chain(&rule.fail) {
        in_example(linting, rule, example, names);
    }
}

fn any(linting: &mut Linting<'_>, rule: &RuleDefinition, names: &Names<'_>, list: &[String]) {
    let unknown_parts: Vec<(&String, &str)> = list
        .iter()
        .filter_map(|reference| Some((reference, names.unknown(reference)?)))
        .collect();
    if unknown_parts.len() == list.len()
        && let Some((reference, part)) = unknown_parts.first()
    {
        unknown(linting, rule, reference, part, names);
    }
}

fn unknown(
    linting: &mut Linting<'_>,
    rule: &RuleDefinition,
    reference: &str,
    part: &str,
    names: &Names<'_>,
) {
    let standard = linting.definition.standard.name();
    let whole = if reference == part {
        String::new()
    } else {
        format!(" (in `{reference}`)")
    };
    let message = format!(
        "the rule `{}` names `{part}`{whole}, which {standard} does not have",
        rule.rule.id
    );
    linting.error(&rule.origin, message, names.nearest(part));
}

fn in_example(
    linting: &mut Linting<'_>,
    rule: &RuleDefinition,
    example: &Example,
    names: &Names<'_>,
) {
    // A group of rows may also be that of a table of reference data, which the structure does not know.
    let foreign = matches!(
        rule.check,
        Check::Sql(_) | Check::Query(_) | Check::Exists { .. }
    ) && linting.definition.layout.is_some();
    // What the user says of a submission is no group either.
    let groups = example
        .groups
        .iter()
        .filter(|(name, _)| *name != PARAMETERS && !(foreign && names.unknown(name).is_some()));
    for name in example
        .elements
        .keys()
        .chain(groups.clone().map(|(name, _)| name))
    {
        if let Some(part) = names.unknown(name) {
            let standard = linting.definition.standard.name();
            let message = format!(
                "an example of `{}` names `{part}`, which {standard} does not have",
                rule.rule.id
            );
            linting.error(&example.origin, message, names.nearest(part));
        }
    }
    for row in groups.flat_map(|(_, rows)| rows) {
        in_example(linting, rule, row, names);
    }
}
