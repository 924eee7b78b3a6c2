//! Values that no two records share.
//!
//! Keys are remembered in memory up to a limit, and a record that shares its key is told of at once. Beyond the limit all
//! keys go to temporary files, are sorted, and the records that share theirs come out at the end.

use std::io;

use concord_standards::rules::Keep;

use super::across::{Here, Key, first};
use super::cross::CrossBroken;
use super::keys::{Inserted, Keys};
use super::outside::{Late, Outside};
use super::sorter::Merge;
use crate::ruleset::RuleSet;

/// What is remembered of one rule.
#[derive(Debug)]
pub(super) struct Unique {
    keys: Keys,
    outside: Option<Outside>,
}

impl Unique {
    /// With a limit in bytes for the keys in memory.
    pub(super) fn new(keep: Keep, bytes: usize) -> Self {
        Self {
            keys: Keys::new(bytes),
            // That the first one is a finding is known only later.
            outside: (keep == Keep::None).then(Outside::new),
        }
    }

    /// Takes the keys of the next chunk in.
    pub(super) fn fold(
        &mut self,
        rules: &RuleSet,
        (rule, table): (u32, usize),
        keys: &[Key],
        here: &Here<'_>,
        broken: &mut Vec<CrossBroken>,
    ) -> io::Result<()> {
        for key in keys {
            if let Some(outside) = &mut self.outside {
                outside.add(rules, rule, table, *key, here)?;
                continue;
            }
            let row = RuleSet::record_of(table, key.row, here);
            match self.keys.insert(key.hash, row) {
                Inserted::New => {}
                Inserted::Known(known) => {
                    let mut found = rules.broken_here(rule, table, key.row, here);
                    found.facts.push(first(known));
                    broken.push(found);
                }
                Inserted::Full => {
                    let mut outside = Outside::new();
                    for (known, row) in self.keys.drain() {
                        outside.add_settled(known, 0, row)?;
                    }
                    outside.add(rules, rule, table, *key, here)?;
                    self.outside = Some(outside);
                }
            }
        }
        Ok(())
    }

    pub(super) fn into_outside(self) -> Option<Outside> {
        self.outside
    }
}

/// The records that share a key with others and of which nothing has been said yet.
pub(super) fn shared(sorted: Merge, keep: Keep) -> io::Result<Vec<Late>> {
    let mut late = Vec::new();
    // The first entry of the group that is being read, and whether it has been told of.
    let mut group: Option<(u128, u64, bool)> = None;
    for entry in sorted {
        let entry = entry?;
        match &mut group {
            Some((key, first, told)) if *key == entry.key => {
                if keep == Keep::None && !*told {
                    *told = true;
                    late.push(Late {
                        row: *first,
                        first: None,
                    });
                }
                if !entry.settled {
                    late.push(Late {
                        row: entry.row,
                        first: Some(*first),
                    });
                }
            }
            _ => group = Some((entry.key, entry.row, entry.settled)),
        }
    }
    Ok(late)
}
