//! What a rule refers to, and where that stands in a record or could.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use concord_sample::tree::Node;
use concord_standards::rules::{Check, RuleDefinition};
use concord_standards::schema::{
    ComplexTypeId, Content, ElementId, Particle, Schema, Term, TypeId,
};

/// Levels below an element that is there, at which another one is looked for.
const LEVELS: usize = 12;

/// The names of a reference.
pub(super) fn parts(reference: &str) -> Vec<&str> {
    reference
        .split('/')
        .filter(|part| !part.is_empty())
        .collect()
}

/// The path to what a reference names: where it stands already, else from the element under which it would be nearest.
pub(super) fn path_to(schema: &Schema, tree: &Node, reference: &str) -> Option<Vec<Arc<str>>> {
    let wanted = parts(reference);
    if let Some(path) = present(tree, &wanted) {
        return Some(path);
    }
    let mut best: Option<(usize, Vec<Arc<str>>)> = None;
    let mut below: BTreeMap<ComplexTypeId, Option<Vec<Arc<str>>>> = BTreeMap::new();
    for place in tree.places() {
        let Some(TypeId::Complex(id)) = tree.at(&place).and_then(|node| node.made_from) else {
            continue;
        };
        // The part of the reference that is there already need not be found again.
        let names = names_of(tree, &place);
        let further = below
            .entry(id)
            .or_insert_with(|| nearest(schema, id, &wanted));
        let Some(further) = further else { continue };
        if best
            .as_ref()
            .is_none_or(|(length, _)| further.len() < *length)
        {
            let mut path = names;
            path.extend(further.iter().cloned());
            best = Some((further.len(), path));
        }
    }
    best.map(|(_, path)| path)
}

fn names_of(tree: &Node, place: &[usize]) -> Vec<Arc<str>> {
    (0..=place.len())
        .filter_map(|end| Some(Arc::clone(&tree.at(&place[..end])?.name.local)))
        .collect()
}

/// The path to what stands in a tree under a reference: names that its path ends with.
pub(super) fn present(tree: &Node, wanted: &[&str]) -> Option<Vec<Arc<str>>> {
    let (attribute, elements) = match wanted.split_last() {
        Some((last, before)) if last.starts_with('@') => (Some(*last), before),
        _ => (None, wanted),
    };
    tree.places().into_iter().find_map(|place| {
        let mut names = names_of(tree, &place);
        if !ends_with(&names, elements) {
            return None;
        }
        if let Some(attribute) = attribute {
            let has = |name: &Arc<str>| attribute[1..] == **name;
            let node = tree.at(&place)?;
            node.attributes.iter().find(|(name, _)| has(&name.local))?;
            names.push(attribute.into());
        }
        Some(names)
    })
}

fn ends_with(names: &[Arc<str>], wanted: &[&str]) -> bool {
    names.len() >= wanted.len()
        && names[names.len() - wanted.len()..]
            .iter()
            .zip(wanted)
            .all(|(name, wanted)| **name == **wanted)
}

/// The shortest path below a type that ends with these names.
fn nearest(schema: &Schema, id: ComplexTypeId, wanted: &[&str]) -> Option<Vec<Arc<str>>> {
    let mut seen = BTreeSet::from([id]);
    let mut queue = VecDeque::from([(id, Vec::new())]);
    while let Some((id, path)) = queue.pop_front() {
        let complex = schema.complex_type(id);
        if let Some((last, before)) = wanted.split_last()
            && let Some(attribute) = last.strip_prefix('@')
            && ends_with(&path, before)
            && complex
                .attributes
                .iter()
                .any(|used| *used.attribute.name.local == *attribute)
        {
            let mut path = path;
            path.push((*last).into());
            return Some(path);
        }
        let Content::Children { particle, .. } = &complex.content else {
            continue;
        };
        let mut children = Vec::new();
        elements(particle, &mut children);
        for child in children {
            let element = schema.element(child);
            let mut further = path.clone();
            further.push(Arc::clone(&element.name.local));
            if ends_with(&further, wanted) {
                return Some(further);
            }
            if let TypeId::Complex(below) = element.content
                && further.len() < LEVELS
                && seen.insert(below)
            {
                queue.push_back((below, further));
            }
        }
    }
    None
}

fn elements(particle: &Particle, found: &mut Vec<ElementId>) {
    match &particle.term {
        Term::Element(id) => found.push(*id),
        Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
            for part in parts {
                elements(part, found);
            }
        }
        Term::Any(_) => {}
    }
}

/// The elements that a rule speaks of.
pub(super) fn referred_to(rule: &RuleDefinition) -> Vec<String> {
    let mut names: Vec<String> = match &rule.check {
        Check::Required { columns, .. }
        | Check::OneOf { columns, .. }
        | Check::Blank { columns, .. } => columns.clone(),
        Check::Order { elements } | Check::Exists { elements, .. } => elements.clone(),
        Check::Window { element, .. } | Check::Code { element, .. } => vec![element.clone()],
        Check::Equal { left, right } => vec![left.clone(), right.clone()],
        _ => Vec::new(),
    };
    for sql in rule.check.sql() {
        names.extend(identifiers(sql));
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// What could be names in SQL: quoted ones, and words of letters, digits and `_` that are no calls.
fn identifiers(sql: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let inside = &rest[1..];
            let end = inside.find(first).unwrap_or(inside.len());
            if first == '"' {
                names.push(inside[..end].to_owned());
            }
            rest = inside.get(end + 1..).unwrap_or("");
        } else if first.is_ascii_alphabetic() || first == '_' {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            if !rest[end..].trim_start().starts_with('(') {
                names.push(rest[..end].to_owned());
            }
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    names
}
