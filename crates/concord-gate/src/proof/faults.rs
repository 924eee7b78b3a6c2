//! Records that break a rule.
//!
//! A rule of the side that refuses is broken in a submission that the other side takes: by the makers of labelled faults,
//! where there is one for the rule, else by the rule's own examples of what breaks it, put into a valid record.

mod references;

use std::sync::Arc;

use concord_sample::Dice;
use concord_sample::cds::{CdsType, Protocol, SampleError};
use concord_sample::instance::{Asked, Wish};
use concord_sample::tables::sheet::Sheet;
use concord_sample::tree::{Child, Node};
use concord_sample::value::Extent;
use concord_standards::definition::Definition;
use concord_standards::rules::{Example, RuleDefinition, Seat};

use super::court::{Court, Exhibit, Ruling, sayings};
use super::documents::{self, Documents};
use super::sheets::{self, Tables};
use super::{Attempt, ProofOptions, Told, shrink};
use crate::change::{Side, Witness};
use references::{parts, path_to, present, referred_to};

/// Rows among which a rule may be broken.
const ROWS: u64 = 60;
/// Rows that an example is laid over, one file each.
const FILES: u64 = 8;

/// The rule of a definition.
fn rule_of<'d>(definition: &'d Definition, rule: &str) -> Option<&'d RuleDefinition> {
    definition
        .rules
        .iter()
        .find(|known| *known.rule.id == *rule)
}

/// Shows a rule by a document that breaks it.
pub(super) fn in_document(
    own: &mut Documents<'_>,
    against: &mut Documents<'_>,
    rule: &str,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let mut answer = Attempt::NotMade(format!("there is no maker of what breaks {rule}"));
    let mut tries = options.attempts.saturating_mul(3);
    let known = concord_sample::faults::rules().contains(&rule);
    let requests = [(1, 1), (2, 1), (1, 3), (2, 3)];
    for (seed, records) in requests.into_iter().filter(|_| known) {
        for protocol in [Protocol::Net, Protocol::Bulk] {
            for kind in CdsType::ALL {
                if tries == 0 || !court.may_go_on() {
                    return answer.or_spent(court);
                }
                let definition = own.definition;
                let made =
                    documents::realistic(definition, kind, protocol, seed, records, Some(rule));
                let text = match made {
                    Ok(Some((text, faults))) if faults > 0 => text,
                    Err(SampleError::NotCds(_)) => break,
                    _ => continue,
                };
                tries -= 1;
                match of_text(own, against, &text, rule, court, options) {
                    Attempt::Shown(witness) => return Attempt::Shown(witness),
                    other => answer.better(other),
                }
            }
        }
    }
    let Some(definition) = rule_of(against.definition, rule) else {
        return answer;
    };
    let bases = own.bases(against, &root_path(own.definition), court, options);
    for base in &bases {
        for example in &definition.fail {
            if tries == 0 || !court.may_go_on() {
                return answer.or_spent(court);
            }
            tries -= 1;
            match laid_over(own, &base.tree, definition, example) {
                Ok(tree) => match of_tree(own.side(), against, tree, rule, court, options) {
                    Attempt::Shown(witness) => return Attempt::Shown(witness),
                    other => answer.better(other),
                },
                Err(reason) => answer.better(Attempt::NotMade(reason)),
            }
        }
    }
    answer
}

fn root_path(definition: &Definition) -> Vec<Arc<str>> {
    let schema = &definition.schema;
    let root = schema.roots.first();
    root.map(|root| Arc::clone(&schema.element(*root).name.local))
        .into_iter()
        .collect()
}

/// What a ruling that is no proof means for a rule: that nothing broke it, not that nothing can.
fn not_broken(ruling: Ruling, side: Side) -> Attempt {
    match ruling {
        Ruling::Taken => Attempt::NotMade("what was made to break it is taken by both".to_owned()),
        ruling => Attempt::of(ruling, side),
    }
}

/// A document with a fault, as it was written.
fn of_text(
    own: &mut Documents<'_>,
    against: &mut Documents<'_>,
    text: &str,
    rule: &str,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    if let Ok(tree) = Node::read(text) {
        let attempt = of_tree(own.side(), against, tree, rule, court, options);
        if let Attempt::Shown(_) = attempt {
            return attempt;
        }
    }
    // Some faults are in how a document is written, which a tree does not keep.
    let ruling = court.rule(Exhibit {
        taken_by: own.side(),
        own: text.as_bytes(),
        start_taken: false,
        rule: Some(rule),
        carried: &mut |_| None,
    });
    match ruling {
        Ruling::Refused(told) => Attempt::Shown(witness(own.side(), text.to_owned(), &told)),
        other => not_broken(other, own.side()),
    }
}

fn of_tree(
    side: Side,
    against: &mut Documents<'_>,
    tree: Node,
    rule: &str,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let mut rule_on = |tree: &Node| {
        let text = documents::write(tree);
        court.rule(Exhibit {
            taken_by: side,
            own: text.as_bytes(),
            start_taken: false,
            rule: Some(rule),
            carried: &mut |_| documents::carried(tree, against, None),
        })
    };
    match rule_on(&tree) {
        Ruling::Refused(told) => {
            let mut tries = options.shrinking;
            let mut holds = |tree: &Node| matches!(rule_on(tree), Ruling::Refused(_));
            let tree = shrink::tree(tree, &[], &mut tries, &mut holds);
            let told = match rule_on(&tree) {
                Ruling::Refused(told) => told,
                _ => told,
            };
            Attempt::Shown(witness(side, documents::write(&tree), &told))
        }
        other => not_broken(other, side),
    }
}

/// The witness; where the finding stands in it, when it stands where the other side said.
fn witness(side: Side, submission: String, told: &[Told]) -> Witness {
    let lines = submission.lines().count() as u64;
    let line = told.iter().find_map(|told| told.line);
    Witness {
        taken_by: side,
        submission,
        line: line.filter(|line| (1..=lines).contains(line)),
        refused_with: sayings(told),
    }
}

/// An example of what breaks a rule, put into a record.
fn laid_over(
    own: &mut Documents<'_>,
    start: &Node,
    rule: &RuleDefinition,
    example: &Example,
) -> Result<Node, String> {
    let mut tree = start.clone();
    for reference in referred_to(rule) {
        if !example.elements.contains_key(&reference) && !example.groups.contains_key(&reference) {
            remove(own, &mut tree, &reference);
        }
    }
    match &rule.at {
        Seat::Elements(elements) => {
            let text = example.elements.get("value").cloned().unwrap_or_default();
            let found = elements
                .iter()
                .find_map(|element| set(own, &tree, element, &text).ok());
            return found.ok_or_else(|| format!("none of {} can stand there", elements.join(", ")));
        }
        Seat::Set => return Err("it compares submissions".to_owned()),
        Seat::Submission | Seat::Record | Seat::Group(_) => {}
    }
    for (reference, text) in &example.elements {
        tree = set(own, &tree, reference, text)?;
    }
    for (group, rows) in &example.groups {
        tree = set_rows(own, &tree, group, rows)?;
    }
    Ok(tree)
}

/// Puts a text where a reference points.
fn set(own: &mut Documents<'_>, tree: &Node, reference: &str, text: &str) -> Result<Node, String> {
    let path = path_to(&own.definition.schema, tree, reference)
        .ok_or_else(|| format!("{reference} has no place in the record"))?;
    let wish = Wish {
        path,
        what: Asked::Text(text.to_owned()),
    };
    own.generator
        .fulfilling(Some(tree), &wish, Extent::Smallest, &mut Dice::new(1))
        .map_err(|error| error.to_string())
}

/// Makes as many occurrences of a group as there are rows, with their texts.
fn set_rows(
    own: &mut Documents<'_>,
    tree: &Node,
    group: &str,
    rows: &[Example],
) -> Result<Node, String> {
    let path = path_to(&own.definition.schema, tree, group)
        .ok_or_else(|| format!("{group} has no place in the record"))?;
    let wish = Wish {
        path: path.clone(),
        what: Asked::Present,
    };
    let mut tree = own
        .generator
        .fulfilling(Some(tree), &wish, Extent::Smallest, &mut Dice::new(1))
        .map_err(|error| error.to_string())?;
    let place = documents::reach(&tree, &path);
    let (Some((index, around)), Some(one)) = (place.split_last(), tree.at(&place).cloned()) else {
        return Err(format!("{group} has no place in the record"));
    };
    let mut occurrences = Vec::new();
    for row in rows {
        let mut occurrence = one.clone();
        for (reference, text) in &row.elements {
            let name = reference.rsplit('/').next().unwrap_or(reference);
            put(&mut occurrence, name, text);
        }
        occurrences.push(Child::Element(occurrence));
    }
    if let Some(parent) = tree.at_mut(around) {
        let same = |child: &Child| matches!(child, Child::Element(node) if node.name == one.name);
        let kept = parent.children.drain(..).enumerate();
        let mut children = Vec::new();
        for (at, child) in kept {
            if at == *index {
                children.append(&mut occurrences);
            } else if !same(&child) {
                children.push(child);
            }
        }
        parent.children = children;
    }
    Ok(tree)
}

/// Writes a text into an attribute or an element below, where it stands.
fn put(node: &mut Node, name: &str, text: &str) {
    if let Some(name) = name.strip_prefix('@') {
        let attribute = node
            .attributes
            .iter_mut()
            .find(|(known, _)| *known.local == *name);
        if let Some((_, value)) = attribute {
            text.clone_into(value);
        }
        return;
    }
    let found = node.places().into_iter().find(|place| {
        node.at(place)
            .is_some_and(|there| *there.name.local == *name)
    });
    if let Some(there) = found.and_then(|place| node.at_mut(&place)) {
        there.children = vec![Child::Text(text.to_owned())];
    }
}

/// Takes out what a reference points at, where it may be absent.
fn remove(own: &mut Documents<'_>, tree: &mut Node, reference: &str) {
    let Some(path) = present(tree, &parts(reference)) else {
        return;
    };
    let wish = Wish {
        path,
        what: Asked::Absent,
    };
    let made = own
        .generator
        .fulfilling(Some(tree), &wish, Extent::Smallest, &mut Dice::new(1));
    if let Ok(without) = made {
        *tree = without;
    }
}

/// Shows a rule by a file that breaks it.
pub(super) fn in_table(
    own: &mut Tables<'_>,
    against: &mut Tables<'_>,
    rule: &str,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let mut answer = Attempt::NotMade(format!("there is no maker of what breaks {rule}"));
    let definition = against.definition;
    let tables: Vec<Arc<str>> = definition
        .layout
        .iter()
        .flat_map(|layout| &layout.tables)
        .map(|table| Arc::clone(&table.name))
        .collect();
    for table in &tables {
        let broken = against
            .table(table)
            .and_then(|table| table.sheets.broken(rule, ROWS).ok().flatten());
        let Some(broken) = broken else { continue };
        if !court.may_go_on() {
            return answer.or_spent(court);
        }
        if let Some(sheet) = broken.sheet {
            match of_sheet(own, against, table, &sheet, rule, court, options) {
                Attempt::Shown(witness) => return Attempt::Shown(witness),
                other => answer.better(other),
            }
        }
        let side = own.side();
        let mut rule_on = |text: &[u8]| {
            court.rule(Exhibit {
                taken_by: side,
                own: text,
                start_taken: false,
                rule: Some(rule),
                carried: &mut |_| None,
            })
        };
        match rule_on(&broken.text) {
            Ruling::Refused(told) => {
                let mut tries = options.shrinking;
                let mut holds = |text: &[u8]| matches!(rule_on(text), Ruling::Refused(_));
                let least = shrink::lines(&broken.text, &mut tries, &mut holds);
                let told = match rule_on(&least) {
                    Ruling::Refused(told) => told,
                    _ => told,
                };
                let text = String::from_utf8_lossy(&least).into_owned();
                return Attempt::Shown(witness(side, text, &told));
            }
            other => answer.better(not_broken(other, side)),
        }
    }
    let Some(definition) = rule_of(definition, rule) else {
        return answer;
    };
    let mut tries = options.attempts.saturating_mul(3);
    for table in &tables {
        for number in 0..FILES {
            for example in &definition.fail {
                if tries == 0 || !court.may_go_on() {
                    return answer.or_spent(court);
                }
                let rows = example.groups.values().next();
                let count = rows.map_or(1, |rows| rows.len() as u64);
                let valid = against
                    .table(table)
                    .map(|table| table.sheets.valid(number * count, count));
                let Some(mut sheet) = valid else { break };
                if !lay_over(&mut sheet, definition, example) {
                    continue;
                }
                tries -= 1;
                match of_sheet(own, against, table, &sheet, rule, court, options) {
                    Attempt::Shown(witness) => return Attempt::Shown(witness),
                    other => answer.better(other),
                }
            }
        }
    }
    answer
}

/// Puts an example into the rows of a file. Whether it has a place for all of it.
fn lay_over(sheet: &mut Sheet, rule: &RuleDefinition, example: &Example) -> bool {
    let known: Vec<String> = referred_to(rule);
    let rows: Vec<&Example> = match example.groups.values().next() {
        Some(rows) => rows.iter().collect(),
        None => vec![example],
    };
    for (row, example) in rows.into_iter().enumerate() {
        for name in &known {
            if let Some(at) = sheet.column(name)
                && !example.elements.contains_key(name)
            {
                sheet.rows[row][at].clear();
            }
        }
        for (name, text) in &example.elements {
            let column = match (&rule.at, name.as_str()) {
                (Seat::Elements(elements), "value") => {
                    elements.iter().find_map(|element| sheet.column(element))
                }
                _ => sheet.column(name),
            };
            let Some(at) = column else { return false };
            text.clone_into(&mut sheet.rows[row][at]);
        }
    }
    true
}

/// A file of the side that refuses, which breaks its rule: as the side has it that takes it, it must still do so.
fn of_sheet(
    own: &mut Tables<'_>,
    against: &mut Tables<'_>,
    table: &str,
    sheet: &Sheet,
    rule: &str,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let side = own.side();
    let Some(fitted) = sheets::values_kept(own, table, sheet) else {
        return Attempt::NotMade(format!("no file of {table} could be made"));
    };
    let mut rule_on = |sheet: &Sheet| {
        let file = sheet.write();
        court.rule(Exhibit {
            taken_by: side,
            own: &file,
            start_taken: false,
            rule: Some(rule),
            carried: &mut |_| Some(sheets::values_kept(against, table, sheet)?.write()),
        })
    };
    match rule_on(&fitted) {
        Ruling::Refused(told) => {
            let mut tries = options.shrinking;
            let mut holds = |sheet: &Sheet| matches!(rule_on(sheet), Ruling::Refused(_));
            let least = shrink::sheet(fitted, &[], &mut tries, &mut holds);
            let told = match rule_on(&least) {
                Ruling::Refused(told) => told,
                _ => told,
            };
            let text = String::from_utf8_lossy(&least.write()).into_owned();
            Attempt::Shown(witness(side, text, &told))
        }
        other => not_broken(other, side),
    }
}
