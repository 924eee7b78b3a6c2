//! Values that no two records share.
//!
//! Keys are remembered in memory up to a limit. A record that shares its key is told of at once, where the first one is none
//! of the findings; else what findings would say is noted of every record, and those that share theirs come out at the end.
//! Beyond the limit all keys go to temporary files, are sorted, and come out at the end too.

use std::io;

use concord_standards::rules::Keep;

use super::across::{Here, Key, first};
use super::cross::CrossBroken;
use super::keys::{Inserted, Keys};
use super::outside::{Late, Outside};
use super::sorter::Merge;
use crate::ruleset::RuleSet;

/// Keys whose slots are touched together.
const TOUCHED: usize = 32;

/// What is remembered of one rule.
#[derive(Debug)]
pub(super) struct Unique {
    /// `None` when they have gone outside.
    keys: Option<Keys>,
    /// Where all records are noted from the first on: that the first one of several is a finding is known only later.
    outside: Option<Outside>,
    /// The records that share the key of one before, and that one; of which nothing has been said yet.
    shared: Vec<Pair>,
}

/// A record that shares its key with one before.
#[derive(Debug)]
struct Pair {
    key: u128,
    first: u64,
    row: u64,
}

impl Unique {
    /// Nothing is known yet.
    pub(super) fn new(keep: Keep) -> Self {
        Self {
            keys: Some(Keys::default()),
            outside: (keep == Keep::None).then(Outside::new),
            shared: Vec::new(),
        }
    }

    /// Takes the keys of the next chunk in. `left`: bytes that the keys of all rules may still take.
    pub(super) fn fold(
        &mut self,
        rules: &RuleSet,
        (rule, table): (u32, usize),
        found: &[Key],
        here: &Here<'_>,
        (left, broken): (&mut usize, &mut Vec<CrossBroken>),
    ) -> io::Result<()> {
        for (number, key) in found.iter().enumerate() {
            if number % TOUCHED == 0
                && let Some(keys) = &self.keys
            {
                keys.touch(found[number..].iter().take(TOUCHED).map(|key| key.hash));
            }
            let row = match &mut self.outside {
                Some(outside) => outside.note(rules, (rule, table), key.row, here)?,
                None => RuleSet::record_of(table, key.row, here),
            };
            let inserted = match &mut self.keys {
                Some(keys) => keys.insert(key.hash, row, left),
                None => Inserted::Full,
            };
            match inserted {
                Inserted::New => {}
                Inserted::Known(known) if self.outside.is_some() => self.shared.push(Pair {
                    key: key.hash,
                    first: known,
                    row,
                }),
                Inserted::Known(known) => {
                    let mut found = rules.broken_here(rule, table, key.row, here);
                    found.facts.push(first(known));
                    broken.push(found);
                }
                Inserted::Full => {
                    let noted = self.outside.is_some();
                    let outside = self.move_out(left)?;
                    if !noted {
                        outside.note(rules, (rule, table), key.row, here)?;
                    }
                    outside.add(key.hash, 0, row)?;
                }
            }
        }
        Ok(())
    }

    /// Moves the keys out of memory. Where nothing was noted of their records, everything has been said of them.
    fn move_out(&mut self, left: &mut usize) -> io::Result<&mut Outside> {
        let settled = self.outside.is_none();
        let outside = self.outside.get_or_insert_with(Outside::new);
        if let Some(mut keys) = self.keys.take() {
            for (key, row) in keys.drain(left) {
                if settled {
                    outside.add_settled(key, 0, row)?;
                } else {
                    outside.add(key, 0, row)?;
                }
            }
            for pair in self.shared.drain(..) {
                outside.add(pair.key, 0, pair.row)?;
            }
        }
        Ok(outside)
    }

    /// What is outside, and the records that are known to share their keys.
    pub(super) fn into_late(self) -> (Option<Outside>, Vec<Late>) {
        let late = self.shared.iter().flat_map(|pair| {
            let (row, first) = (pair.row, pair.first);
            let other = Late {
                row,
                first: Some(first),
            };
            [
                Late {
                    row: first,
                    first: None,
                },
                other,
            ]
        });
        let late = late.collect();
        (self.outside, late)
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
