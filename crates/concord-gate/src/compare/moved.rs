//! What went from one group or table and came to another.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::matching::Likeness;
use crate::catalogue::Kind;
use crate::change::{Change, ChangePlace};

/// Joins an element or column that was removed and one that was added into one that moved, where both have a name that nothing
/// else removed or added has, and what is known of both agrees.
pub(super) fn join(mut changes: Vec<Change>, least: u8) -> Vec<Change> {
    let mut gone: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    let mut come: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        let name: Arc<str> = match &change.place {
            ChangePlace::Element(path) => path.rsplit('/').next().unwrap_or(path).into(),
            ChangePlace::Column(_, column) => Arc::clone(column),
            _ => continue,
        };
        let is_of = |kinds: &[Kind]| kinds.iter().any(|kind| change.is_of(*kind));
        if is_of(&[Kind::ElementRemoved, Kind::ColumnRemoved]) {
            gone.entry(name).or_default().push(index);
        } else if is_of(&[
            Kind::ElementAdded,
            Kind::ElementAddedMandatory,
            Kind::ColumnAdded,
            Kind::ColumnAddedMandatory,
        ]) {
            come.entry(name).or_default().push(index);
        }
    }
    let mut dropped = Vec::new();
    for (name, from) in &gone {
        let (&[from], Some(&[to])) = (&from[..], come.get(name).map(|to| &to[..])) else {
            continue;
        };
        if let Some(change) = moved(&changes[from], &changes[to], least) {
            changes[to] = change;
            dropped.push(from);
        }
    }
    dropped.sort_unstable();
    let mut index = 0;
    changes.retain(|_| {
        index += 1;
        dropped.binary_search(&(index - 1)).is_err()
    });
    changes
}

/// Two changes as one; `None` when it is not sure enough that they are.
fn moved(old: &Change, new: &Change, least: u8) -> Option<Change> {
    let said = |fact: &str| (old.fact(fact), new.fact(fact));
    let agree = |fact: &str| matches!(said(fact), (Some(old), Some(new)) if old == new);
    let differ = |fact: &str| matches!(said(fact), (Some(old), Some(new)) if old != new);
    let likeness = Likeness::default()
        .when(true, 40, "same name")
        .when(agree("element"), 30, "same dictionary name")
        .when(differ("element"), -40, "")
        .when(agree("type"), 30, "same type");
    if likeness.percent() < least {
        return None;
    }
    let kind = match new.place {
        ChangePlace::Column(..) => Kind::ColumnMovedTable,
        _ => Kind::ElementMovedGroup,
    };
    let mut change = Change::draft(kind, new.place.clone())
        .was(old.place.to_string())
        .is(new.place.to_string())
        .sure(likeness.percent(), likeness.reasons())
        .at(old.old_origin.as_ref(), new.new_origin.as_ref());
    change.also = new.also.max(old.also);
    for breaks in old.breaks.iter().chain(&new.breaks) {
        change.break_for(breaks.whom, breaks.certainty, breaks.why.clone());
    }
    change.lead = old.lead.clone().or_else(|| new.lead.clone());
    Some(change)
}
