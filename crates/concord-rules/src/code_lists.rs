//! Code lists as rules look codes up in them: many times, and on a day.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use concord_standards::definition::CodeList;

use crate::lexical;

/// The code lists that rules may name.
#[derive(Debug, Default)]
pub(crate) struct CodeLists {
    lists: BTreeMap<Arc<str>, (Arc<CodeList>, OnceLock<CodeSet>)>,
}

impl CodeLists {
    pub(crate) fn new(lists: &BTreeMap<Arc<str>, Arc<CodeList>>) -> Self {
        let lists = lists
            .iter()
            .map(|(id, list)| (Arc::clone(id), (Arc::clone(list), OnceLock::new())))
            .collect();
        Self { lists }
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.lists.contains_key(id)
    }

    /// A list made ready; few of those that a standard's values name are named by rules too.
    pub(crate) fn get(&self, id: &str) -> Option<&CodeSet> {
        let (list, set) = self.lists.get(id)?;
        Some(set.get_or_init(|| CodeSet::new(list)))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.keys().map(|id| &**id)
    }
}

/// First and last day of use.
type Days = (i32, i32);

/// The codes of a list.
///
/// Codes of up to 15 bytes are numbers, looked up in an open table: a look-up costs a multiplication and, nearly always,
/// one comparison. Longer ones are rare and stand in a map.
#[derive(Debug)]
pub(crate) struct CodeSet {
    slots: Vec<(u128, Days)>,
    long: HashMap<Box<[u8]>, Days>,
}

/// A slot without a code: no code of 15 bytes has this number, because the topmost byte is its length.
const EMPTY: u128 = u128::MAX;

impl CodeSet {
    fn new(list: &CodeList) -> Self {
        let size = (list.codes.len() * 2).next_power_of_two().max(4);
        let mut set = Self {
            slots: vec![(EMPTY, (0, 0)); size],
            long: HashMap::new(),
        };
        for code in &list.codes {
            let from = lexical::date(code.valid_from.as_bytes()).unwrap_or(i32::MIN);
            let to = lexical::date(code.valid_to.as_bytes()).unwrap_or(i32::MAX);
            match packed(code.code.as_bytes()) {
                Some(number) => {
                    let slot = set.slot(number);
                    set.slots[slot] = (number, (from, to));
                }
                None => {
                    set.long.insert(code.code.as_bytes().into(), (from, to));
                }
            }
        }
        set
    }

    /// The slot that holds a number, or the free one where it belongs. Half of the slots are free.
    fn slot(&self, number: u128) -> usize {
        let mask = self.slots.len() - 1;
        let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(23);
        let mut slot = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & mask;
        while self.slots[slot].0 != number && self.slots[slot].0 != EMPTY {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Whether a code is on the list, and in use on a day when one is given.
    #[inline]
    pub(crate) fn holds(&self, code: &[u8], day: Option<i32>) -> bool {
        let days = match packed(code) {
            Some(number) => {
                let (known, days) = self.slots[self.slot(number)];
                (known == number).then_some(days)
            }
            None => self.long.get(code).copied(),
        };
        days.is_some_and(|(from, to)| day.is_none_or(|day| from <= day && day <= to))
    }
}

/// A short code as a number, its length in the topmost byte.
#[inline]
fn packed(code: &[u8]) -> Option<u128> {
    if code.len() > 15 {
        return None;
    }
    let mut bytes = [0_u8; 16];
    bytes[..code.len()].copy_from_slice(code);
    bytes[15] = code.len() as u8;
    Some(u128::from_le_bytes(bytes))
}

#[cfg(test)]
pub(crate) fn list(id: &str, codes: &[(&str, &str, &str)]) -> (Arc<str>, Arc<CodeList>) {
    use concord_standards::definition::Code;
    let codes = codes
        .iter()
        .map(|&(code, from, to)| Code {
            code: code.into(),
            meaning: "".into(),
            valid_from: from.into(),
            valid_to: to.into(),
            source: "".into(),
            line: 0,
        })
        .collect();
    let id: Arc<str> = id.into();
    (Arc::clone(&id), Arc::new(CodeList { id, codes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_and_nothing_else() {
        let texts: Vec<String> = (0..5_000)
            .map(|number| match number % 3 {
                0 => format!("{number}"),
                1 => format!("C{number:07}"),
                _ => format!("a code that is longer than others {number}"),
            })
            .collect();
        let codes: Vec<(&str, &str, &str)> = texts.iter().map(|text| (&**text, "", "")).collect();
        let set = CodeSet::new(&list("many", &codes).1);
        for text in &texts {
            assert!(set.holds(text.as_bytes(), None), "{text}");
            assert!(!set.holds(format!("{text}x").as_bytes(), None), "{text}");
        }
        assert!(!set.holds(b"", None));
        assert!(!set.holds(b"3\0", None));
    }

    #[test]
    fn codes_are_in_use_from_day_to_day() {
        let list = list("dated", &[("A", "2020-04-01", "2021-03-31"), ("B", "", "")]);
        let set = CodeSet::new(&list.1);
        let on = |code: &[u8], day: &str| set.holds(code, lexical::date(day.as_bytes()));
        assert!(on(b"A", "2020-04-01") && on(b"A", "2021-03-31"));
        assert!(!on(b"A", "2020-03-31") && !on(b"A", "2021-04-01"));
        assert!(on(b"B", "1948-07-05") && set.holds(b"A", None));
    }
}
