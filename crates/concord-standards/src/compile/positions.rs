//! Sets of positions of a content model.

/// A set of positions, kept sorted. Positions are numbered as they come, so what is added nearly always goes behind what
/// there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PositionSet(Vec<u32>);

impl PositionSet {
    pub(super) fn of(position: usize) -> Self {
        Self(vec![position as u32])
    }

    pub(super) fn insert(&mut self, position: usize) {
        let position = position as u32;
        if self.0.last() < Some(&position) {
            self.0.push(position);
        } else if let Err(place) = self.0.binary_search(&position) {
            self.0.insert(place, position);
        }
    }

    /// Adds the positions of another set.
    pub(super) fn extend(&mut self, more: &Self) {
        if self.0.last() < more.0.first() {
            self.0.extend_from_slice(&more.0);
        } else if !more.is_empty() {
            *self = Self::union([&*self, more].into_iter());
        }
    }

    /// The positions of all of some sets, sorted once.
    pub(super) fn union<'s>(sets: impl Iterator<Item = &'s Self>) -> Self {
        let mut all: Vec<u32> = sets.flat_map(|set| &set.0).copied().collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    pub(super) fn contains(&self, position: usize) -> bool {
        self.0.binary_search(&(position as u32)).is_ok()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(|position| *position as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sorted_and_hold_each_position_once() {
        let mut set = PositionSet::default();
        for position in [3, 1, 3, 2] {
            set.insert(position);
        }
        let mut other = PositionSet::of(2);
        other.insert(7);
        set.extend(&other);
        set.extend(&PositionSet::default());
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2, 3, 7]);
        assert!(set.contains(7) && !set.contains(4) && set.len() == 4);
    }
}
