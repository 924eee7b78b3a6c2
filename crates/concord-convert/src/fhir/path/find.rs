//! Places in a resource that is being read.

use std::collections::HashSet;

use serde_json::Value;

use super::{Filter, Holds, Path, Step, Wants};

/// Values of a resource that have been read, by where they lie.
#[derive(Debug, Default)]
pub struct Used(HashSet<*const Value>);

impl Used {
    /// Takes note that a value has been read.
    pub fn mark(&mut self, value: &Value) {
        self.0.insert(std::ptr::from_ref(value));
    }

    /// Takes note that all that has been read by another has been read.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether a value has been read.
    pub fn has(&self, value: &Value) -> bool {
        self.0.contains(&std::ptr::from_ref(value))
    }
}

/// What is found at a place, with all on the way that chose it.
#[derive(Debug)]
pub struct Found<'v> {
    /// What stands there.
    pub value: &'v Value,
    trail: Vec<&'v Value>,
}

impl Found<'_> {
    /// Takes note that what chose it has been read.
    pub fn mark_trail(&self, used: &mut Used) {
        for value in &self.trail {
            used.mark(value);
        }
    }
}

/// The first value at a place that is accepted.
pub fn find<'v>(
    root: &'v Value,
    path: &Path,
    accept: &mut dyn FnMut(&Value) -> bool,
) -> Option<Found<'v>> {
    let mut trail = Vec::new();
    let value = walk(root, &path.steps, &mut trail, accept)?;
    Some(Found { value, trail })
}

/// All items of the list at which a path ends.
pub fn items<'v>(root: &'v Value, path: &Path) -> Vec<Found<'v>> {
    let mut all = Vec::new();
    while let Some(found) = find(root, path, &mut |value| {
        !all.iter()
            .any(|known: &Found<'_>| std::ptr::eq(known.value, value))
    }) {
        all.push(found);
    }
    all
}

/// Whether all of this is said of an element.
pub fn fits<'v>(value: &'v Value, filters: &[Filter], trail: &mut Vec<&'v Value>) -> bool {
    filters.iter().all(|filter| {
        let steps = &filter.path.steps;
        match &filter.wants {
            Wants::Is(text) => {
                let found = walk(value, steps, trail, &mut |leaf| is(leaf, text));
                trail.extend(found);
                found.is_some()
            }
            Wants::Present => walk(value, steps, &mut Vec::new(), &mut |_| true).is_some(),
            Wants::Absent => walk(value, steps, &mut Vec::new(), &mut |_| true).is_none(),
        }
    })
}

/// Whether a value is this text, or the boolean of this name.
fn is(value: &Value, text: &str) -> bool {
    match value {
        Value::Bool(value) => text == if *value { "true" } else { "false" },
        value => value.as_str() == Some(text),
    }
}

fn walk<'v>(
    at: &'v Value,
    steps: &[Step],
    trail: &mut Vec<&'v Value>,
    accept: &mut dyn FnMut(&Value) -> bool,
) -> Option<&'v Value> {
    let Some((step, rest)) = steps.split_first() else {
        return accept(at).then_some(at);
    };
    let slot = at.get(&*step.name)?;
    let mark = trail.len();
    let candidates = match step.holds {
        Holds::Items => slot.as_array()?.as_slice(),
        _ => std::slice::from_ref(slot),
    };
    for candidate in candidates {
        if fits(candidate, &step.filters, trail)
            && let Some(found) = walk(candidate, rest, trail, accept)
        {
            return Some(found);
        }
        trail.truncate(mark);
    }
    None
}
