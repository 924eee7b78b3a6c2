//! What is remembered, up to a bound: what was changed longest ago is put away first.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Values by key, of which the most recently changed are kept.
#[derive(Debug, Clone)]
pub(crate) struct Recent<K, V> {
    entries: BTreeMap<K, (u64, V)>,
    /// Keys by the time of their last change.
    order: BTreeMap<u64, K>,
    next: u64,
}

impl<K: Ord + Clone, V> Recent<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            order: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A value, without changing it.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// A value to be changed; it is made when there is none.
    pub(crate) fn change(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        let now = self.next;
        self.next += 1;
        let (changed, value) = self
            .entries
            .entry(key.clone())
            .or_insert_with(|| (now, make()));
        if *changed != now {
            self.order.remove(changed);
            *changed = now;
        }
        self.order.insert(now, key.clone());
        value
    }

    /// Puts away what was changed longest ago, when there is more than `most`.
    pub(crate) fn put_away(&mut self, most: usize) -> Option<(K, V)> {
        if self.entries.len() <= most.max(1) {
            return None;
        }
        let (_, key) = self.order.pop_first()?;
        let (_, value) = self.entries.remove(&key)?;
        Some((key, value))
    }

    /// A value to be changed without its being kept longer for that.
    pub(crate) fn quietly(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// The key of what was changed longest ago.
    pub(crate) fn oldest(&self) -> Option<&K> {
        self.order.first_key_value().map(|(_, key)| key)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (changed, value) = self.entries.remove(key)?;
        self.order.remove(&changed);
        Some(value)
    }

    /// All values, by key.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values().map(|(_, value)| value)
    }

    /// All values, by key, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        let entries = self.entries.iter_mut();
        entries.map(|(key, (_, value))| (key, value))
    }
}

impl<K: Ord + Clone, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

/// Pairs, what was changed longest ago first.
impl<K: Ord + Clone + Serialize, V: Serialize> Serialize for Recent<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.order
                .values()
                .filter_map(|key| Some((key, self.get(key)?))),
        )
    }
}

impl<'de, K: Ord + Clone + Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de>
    for Recent<K, V>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
        let mut recent = Self::new();
        for (key, value) in pairs {
            recent.change(&key, || value);
        }
        Ok(recent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_longest_ago_goes_first() {
        let mut recent: Recent<u8, u8> = Recent::new();
        for key in [1, 2, 3] {
            recent.change(&key, || key);
        }
        *recent.change(&1, || 0) += 10;
        assert_eq!(recent.put_away(3), None);
        assert_eq!(recent.put_away(2), Some((2, 2)));
        let text = serde_json::to_string(&recent).expect("it can be written");
        assert_eq!(text, "[[3,3],[1,11]]");
        let mut again: Recent<u8, u8> = serde_json::from_str(&text).expect("it can be read");
        assert_eq!(again.put_away(1), Some((3, 3)));
        assert_eq!(again.get(&1), Some(&11));
        assert_eq!(again.len(), 1);
    }
}
