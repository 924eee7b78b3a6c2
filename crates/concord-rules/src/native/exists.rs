//! Values that stand in another table of the submission. Which table comes first does not matter, so it is known at the end.

use std::io;

use super::Key;
use super::across::Here;
use super::outside::{Late, Outside};
use super::sorter::Merge;
use crate::ruleset::RuleSet;

/// Set in the row number of what is looked for, so that what it is looked for in is sorted before it.
const SOUGHT: u64 = 1 << 63;

/// Takes the keys of the next chunk in.
pub(super) fn fold(
    outside: &mut Outside,
    rules: &RuleSet,
    (rule, table): (u32, usize),
    keys: &[Key],
    here: &Here<'_>,
) -> io::Result<()> {
    for key in keys {
        if key.value == 0 {
            outside.add_settled(key.hash, 0, 0)?;
            continue;
        }
        let row = outside.note(rules, (rule, table), key.row, here)?;
        outside.add(key.hash, 1, row | SOUGHT)?;
    }
    Ok(())
}

/// The rows whose values stand nowhere.
pub(super) fn missing(sorted: Merge) -> io::Result<Vec<Late>> {
    let mut late = Vec::new();
    let mut there: Option<u128> = None;
    for entry in sorted {
        let entry = entry?;
        if entry.settled {
            there = Some(entry.key);
        } else if there != Some(entry.key) {
            late.push(Late {
                row: entry.row & !SOUGHT,
                first: None,
            });
        }
    }
    Ok(late)
}
