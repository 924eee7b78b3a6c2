//! A message taken apart into groups of segments, its holes filled; and written from holes.

use std::collections::{BTreeMap, BTreeSet};

use crate::mapping::{Group, Part};
use crate::pattern::{Elements, Pattern};

/// What is known of a message, or of one group of segments that can stand several times in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// For each hole what fills it: once or several times, each with one component or the rest of an element.
    holes: BTreeMap<String, Vec<Vec<String>>>,
    /// Groups that can stand several times, in their order.
    pub(crate) groups: BTreeMap<String, Vec<Scope>>,
}

impl Scope {
    /// Fills a hole, unless it is filled and can be filled once only.
    pub(crate) fn fill(&mut self, name: &str, said: Vec<String>, many: bool) {
        match self.holes.get_mut(name) {
            Some(known) if many => known.push(said),
            Some(_) => {}
            None => {
                self.holes.insert(name.to_owned(), vec![said]);
            }
        }
    }

    /// Says what fills a hole, whatever did.
    pub(crate) fn set(&mut self, name: &str, said: Vec<Vec<String>>) {
        self.holes.insert(name.to_owned(), said);
    }

    /// The same for one text.
    pub(crate) fn set_text(&mut self, name: &str, text: impl Into<String>) {
        self.set(name, vec![vec![text.into()]]);
    }

    /// All that fills a hole.
    pub(crate) fn all(&self, name: &str) -> Option<Vec<Vec<String>>> {
        self.holes.get(name).cloned()
    }

    /// The first component of what fills a hole first, unless it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let first = self.holes.get(name)?.first()?.first()?;
        (!first.is_empty()).then(|| first.clone())
    }

    /// Whether a hole is filled.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.holes.contains_key(name)
    }
}

/// A segment: its tag and its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) tag: String,
    pub(crate) elements: Elements,
}

/// Fills a scope from segments.
pub(crate) fn take(parts: &[Part], rows: &[Row], scope: &mut Scope) {
    let groups: Vec<&Group> = parts.iter().filter_map(Part::group).collect();
    let triggers: BTreeSet<&str> = groups.iter().map(|group| group.trigger.as_str()).collect();
    let cuts: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| triggers.contains(&*row.tag))
        .map(|(at, _)| at)
        .collect();
    let own = &rows[..cuts.first().copied().unwrap_or(rows.len())];
    for row in own {
        let mut patterns = parts.iter().filter_map(Part::segment);
        if let Some(pattern) = patterns.find(|pattern| pattern.is(&row.tag, &row.elements)) {
            pattern.take(&row.elements, scope);
        }
    }
    let mut once: BTreeSet<usize> = BTreeSet::new();
    for (number, start) in cuts.iter().enumerate() {
        let end = cuts.get(number + 1).copied().unwrap_or(rows.len());
        let piece = &rows[*start..end];
        let found = groups.iter().enumerate().find(|(index, group)| {
            group.trigger == piece[0].tag
                && (group.name.is_some() || !once.contains(index))
                && fits(group, piece)
        });
        match found {
            None => {}
            Some((_, group)) if group.name.is_some() => {
                let mut inner = Scope::default();
                take(&group.parts, piece, &mut inner);
                let name = group.name.clone().unwrap_or_default();
                scope.groups.entry(name).or_default().push(inner);
            }
            Some((index, group)) => {
                once.insert(index);
                take(&group.parts, piece, scope);
            }
        }
    }
}

/// Whether segments have what a group is known by.
fn fits(group: &Group, rows: &[Row]) -> bool {
    let needed = group
        .parts
        .iter()
        .filter_map(Part::segment)
        .filter(|pattern| !pattern.optional);
    needed
        .into_iter()
        .all(|pattern| rows.iter().any(|row| pattern.is(&row.tag, &row.elements)))
}

/// A segment as findings name it: `NAD+MR`.
pub(crate) fn named(row: &Row) -> String {
    let qualifier = row.elements.first().and_then(|element| element.first());
    let plain = |text: &&String| {
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match qualifier.filter(plain) {
        Some(qualifier) => format!("{}+{qualifier}", row.tag),
        None => row.tag.clone(),
    }
}

/// A place as findings name it: `NAD+MR-2.1`.
pub(crate) fn place(row: &Row, element: usize, component: usize) -> String {
    let name = if (element, component) == (1, 1) {
        row.tag.clone()
    } else {
        named(row)
    };
    match row.elements.get(element - 1).map_or(0, Vec::len) {
        0 | 1 => format!("{name}-{element}"),
        _ => format!("{name}-{element}.{component}"),
    }
}

/// Writes the segments that scopes make; the last one is the innermost.
pub(crate) fn make(parts: &[Part], scopes: &[&Scope], out: &mut Vec<Row>) {
    let known = |name: &str| scopes.iter().rev().find_map(|scope| scope.all(name));
    for part in parts {
        match part {
            Part::Segment(pattern) => {
                let made = pattern.make(&known).into_iter();
                out.extend(made.map(|elements| Row {
                    tag: pattern.tag.clone(),
                    elements,
                }));
            }
            Part::Group(group) => match &group.name {
                Some(name) => {
                    let inner = scopes.last().and_then(|scope| scope.groups.get(name));
                    for scope in inner.into_iter().flatten() {
                        let mut inside = scopes.to_vec();
                        inside.push(scope);
                        make(&group.parts, &inside, out);
                    }
                }
                None if is_known(&group.parts, scopes) => make(&group.parts, scopes, out),
                None => {}
            },
        }
    }
}

/// Whether anything is known of what a group holds.
fn is_known(parts: &[Part], scopes: &[&Scope]) -> bool {
    let own = |pattern: &Pattern| {
        let mut names = pattern.names();
        names.any(|name| scopes.iter().any(|scope| scope.has(name)))
    };
    parts.iter().any(|part| match part {
        Part::Segment(pattern) => own(pattern),
        Part::Group(group) => match &group.name {
            Some(name) => scopes
                .last()
                .and_then(|scope| scope.groups.get(name))
                .is_some_and(|inner| !inner.is_empty()),
            None => is_known(&group.parts, scopes),
        },
    })
}
