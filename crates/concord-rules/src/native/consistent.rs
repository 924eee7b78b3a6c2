//! An element that holds one value only, in the whole submission or among records that agree in others.
//!
//! A finding stands where a value other than the first one turns up for the first time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;

use concord_finding::Fact;

use super::across::{Here, Key, first};
use super::cross::CrossBroken;
use super::outside::{Late, Outside};
use super::sorter::Merge;
use crate::ruleset::RuleSet;

/// Bytes that a pair of key and value takes in memory, amply.
const PAIR: usize = 480;

/// What is remembered of one rule.
#[derive(Debug, Default)]
pub(super) struct Consistent {
    /// Pairs of key and value remembered in memory.
    most: usize,
    /// The first value of a key, its row, and its text.
    firsts: BTreeMap<u128, (u64, u64, Option<Fact>)>,
    /// Further values that have been told of.
    further: BTreeSet<(u128, u64)>,
    outside: Option<Outside>,
}

impl Consistent {
    /// With a limit in bytes for what is remembered in memory.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            most: (bytes / PAIR).max(2),
            ..Self::default()
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
            if self.firsts.len() + self.further.len() >= self.most {
                self.move_out()?;
            }
            if let Some(outside) = &mut self.outside {
                // The pairs of this chunk differ; those of a few chunks before are left out.
                if self.further.insert((key.hash, key.value)) {
                    let row = outside.note(rules, (rule, table), key.row, here)?;
                    outside.add(key.hash, key.value, row)?;
                }
                continue;
            }
            let row = RuleSet::record_of(table, key.row, here);
            let Some((value, first_row, text)) = self.firsts.get(&key.hash) else {
                let text = rules.broken_here(rule, table, key.row, here).value;
                self.firsts.insert(key.hash, (key.value, row, text));
                continue;
            };
            if *value != key.value && self.further.insert((key.hash, key.value)) {
                let mut found = rules.broken_here(rule, table, key.row, here);
                found.expected.clone_from(text);
                found.facts.push(first(*first_row));
                broken.push(found);
            }
        }
        Ok(())
    }

    /// Moves everything out of memory.
    fn move_out(&mut self) -> io::Result<()> {
        let outside = self.outside.get_or_insert_with(Outside::new);
        let firsts = std::mem::take(&mut self.firsts);
        let further = std::mem::take(&mut self.further);
        let told: Vec<(u128, u64)> = if firsts.is_empty() {
            Vec::new()
        } else {
            further.into_iter().collect()
        };
        for (key, (value, row, _)) in firsts {
            outside.add_settled(key, value, row)?;
        }
        for (key, value) in told {
            // Behind every row: it is the first of its key in no case.
            outside.add_settled(key, value, u64::MAX)?;
        }
        Ok(())
    }

    pub(super) fn into_outside(self) -> Option<Outside> {
        self.outside
    }
}

/// The rows with a further value of which nothing has been said yet.
pub(super) fn differing(sorted: Merge) -> io::Result<Vec<Late>> {
    let mut late: Vec<Late> = Vec::new();
    let mut group: Option<(u128, u64)> = None;
    let mut values: HashMap<u64, Option<usize>> = HashMap::new();
    let mut dropped: HashSet<usize> = HashSet::new();
    for entry in sorted {
        let entry = entry?;
        let first_row = match group {
            Some((key, first_row)) if key == entry.key => first_row,
            _ => {
                group = Some((entry.key, entry.row));
                values.clear();
                values.insert(entry.value, None);
                continue;
            }
        };
        match values.get(&entry.value) {
            // Told of before, but sorted behind.
            Some(Some(index)) if entry.settled => {
                dropped.insert(*index);
            }
            Some(_) => {}
            None if entry.settled => {
                values.insert(entry.value, None);
            }
            None => {
                values.insert(entry.value, Some(late.len()));
                late.push(Late {
                    row: entry.row,
                    first: Some(first_row),
                });
            }
        }
    }
    let mut index = 0;
    late.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
    Ok(late)
}
