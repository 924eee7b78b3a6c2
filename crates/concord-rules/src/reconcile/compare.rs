//! Two data sets compared: which totals differ, and what stands behind them.

use std::collections::{BTreeMap, BTreeSet};

use concord_model::decimal::Decimal;
use concord_standards::reconcile::Role;

use super::sets::{DataSets, Given, text};
use super::totals::{FIRST_LINES, Key, Total, beginning, push, values};

/// Places after the point of a penny.
const PENNY: u8 = 2;

/// What is compared with what.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'c> {
    /// The data set whose totals are to be right.
    pub left: &'c str,
    /// The data set that they are compared with.
    pub right: &'c str,
    /// Points of delivery of the right one that count; none: all.
    pub only: &'c [String],
    /// Points of delivery of the right one that do not count.
    pub except: &'c [String],
}

/// Why two data sets cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Incomparable {
    /// One of them is not there.
    #[error("no {0} file is given to compare with")]
    NotGiven(String),
    /// The totals of a file were not gathered.
    #[error("the totals of input {} were not gathered", .0 + 1)]
    NotGathered(usize),
    /// A file has more combinations than are kept.
    #[error("input {} has too many combinations of provider, commissioner, month and service", .0 + 1)]
    TooMany(usize),
}

/// What one data set has of a combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The sum of its amounts.
    pub total: Decimal,
    /// Its lines.
    pub lines: u64,
    /// Those whose amount could not be read, and is not in the sum.
    pub unread: u64,
    /// The first of the lines: the file, by the number given to [`DataSets::add`], and the line.
    pub first: Vec<(usize, u64)>,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            total: Decimal::ZERO,
            lines: 0,
            unread: 0,
            first: Vec::new(),
        }
    }
}

impl Side {
    fn add(&mut self, file: usize, total: &Total) {
        let lines = total.first_lines().iter().map(|line| (file, *line));
        self.first.extend(lines);
        self.first.sort_unstable();
        self.first.truncate(FIRST_LINES);
        self.lines += total.lines;
        self.unread += total.unread;
        match self.total.checked_add(total.amount) {
            Some(sum) => self.total = sum,
            None => self.unread += total.lines - total.unread,
        }
    }

    fn append(&mut self, other: &Self) {
        self.first.extend(&other.first);
        self.first.sort_unstable();
        self.first.truncate(FIRST_LINES);
        self.lines += other.lines;
        self.unread += other.unread;
        match self.total.checked_add(other.total) {
            Some(sum) => self.total = sum,
            None => self.unread += other.lines - other.unread,
        }
    }
}

/// A combination of which two data sets do not have the same total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file of the left data set that speaks of the period, or its last one.
    pub file: usize,
    /// The combination. Where one data set has nothing at all of a month, a commissioner or a point of delivery, it ends
    /// there, and what the other one has of it is taken together.
    pub of: Vec<(Role, String)>,
    /// What the left data set has.
    pub left: Side,
    /// What the right data set has.
    pub right: Side,
    /// How much more the left one has.
    pub difference: Decimal,
    /// The narrowest role above it for which the totals of both agree, so that the amount only stands under another value of
    /// the roles below.
    pub agrees_by: Option<Role>,
}

impl DataSets {
    /// Says which totals differ by a penny or more, ordered by combination.
    ///
    /// Totals are exact; a difference that rounds to nothing is none, because amounts may have more places than pennies.
    ///
    /// # Errors
    /// A data set that is not there, or whose totals are not known.
    pub fn compare(&self, comparison: Comparison<'_>) -> Result<Vec<Difference>, Incomparable> {
        for data_set in [comparison.left, comparison.right] {
            self.comparable(data_set)?;
        }
        let roles = self.common_roles(comparison);
        let left = self.sides(comparison.left, &roles, |_| true);
        let right = self.sides(comparison.right, &roles, |point| {
            let named = |list: &[String]| list.iter().any(|code| code.as_bytes() == point);
            !named(comparison.except) && (comparison.only.is_empty() || named(comparison.only))
        });
        let depth = roles.len();
        let mut pairs = pairs(&left, &right, &roles);
        pairs.retain(|_, [left, right]| differs(left.total, right.total).is_some());
        let mut above: BTreeMap<&[u8], [Decimal; 2]> = BTreeMap::new();
        for (number, sides) in [&left, &right].into_iter().enumerate() {
            for (key, side) in sides {
                for sums in (1..depth).map(|depth| beginning(key, depth)) {
                    let sum = &mut above.entry(sums).or_insert([Decimal::ZERO; 2])[number];
                    *sum = sum.checked_add(side.total).unwrap_or(*sum);
                }
            }
        }
        let files = self.counting(comparison.left);
        let last = self.given.iter().rev();
        let mut own = last.filter(|given| *given.data_set == *comparison.left);
        let last = own.next().map_or(0, |given| given.file);
        let differences = pairs
            .into_iter()
            .filter_map(|((key, known), [left, right])| {
                let difference = differs(left.total, right.total)?;
                let agrees_by = (1..known).rev().find(|&depth| {
                    let sums = above.get(beginning(&key, depth));
                    sums.is_some_and(|[left, right]| differs(*left, *right).is_none())
                });
                let of: Vec<(Role, &[u8])> = values(&roles[..known], &key).collect();
                let period = Role::PERIOD.map(|role| {
                    let mut values = of.iter();
                    let value = values.find(|(known, _)| *known == role);
                    value.map(|(_, value)| *value).unwrap_or_default().into()
                });
                Some(Difference {
                    file: files
                        .get(period.as_slice())
                        .map_or(last, |given| given.file),
                    of: of
                        .into_iter()
                        .map(|(role, value)| (role, text(value)))
                        .collect(),
                    left,
                    right,
                    difference,
                    agrees_by: agrees_by.and_then(|depth| roles.get(depth - 1)).copied(),
                })
            });
        Ok(differences.collect())
    }

    fn comparable(&self, data_set: &str) -> Result<(), Incomparable> {
        if !self.has(data_set) {
            return Err(Incomparable::NotGiven(data_set.to_owned()));
        }
        let mut own = self
            .given
            .iter()
            .filter(|given| *given.data_set == *data_set);
        own.try_for_each(|Given { totals, file, .. }| {
            if totals.too_many {
                Err(Incomparable::TooMany(*file))
            } else if totals.amounts {
                Ok(())
            } else {
                Err(Incomparable::NotGathered(*file))
            }
        })
    }

    /// The roles that all the files have.
    fn common_roles(&self, comparison: Comparison<'_>) -> Vec<Role> {
        let of = [comparison.left, comparison.right];
        let common = |role: &Role| {
            let mut own = self.given.iter();
            own.all(|given| !of.contains(&&*given.data_set) || given.totals.roles.contains(role))
        };
        Role::ALL.into_iter().filter(common).collect()
    }

    /// What the files of a data set that count add up to, by the values of some roles.
    fn sides(
        &self,
        data_set: &str,
        roles: &[Role],
        counts: impl Fn(&[u8]) -> bool,
    ) -> BTreeMap<Key, Side> {
        let counting = self.counting(data_set);
        let mut sides: BTreeMap<Key, Side> = BTreeMap::new();
        let mut wanted = Vec::new();
        for given in self
            .given
            .iter()
            .filter(|given| *given.data_set == *data_set)
        {
            for (key, total) in &given.totals.of {
                let counted = counting.get(&given.period(key));
                let point = given.totals.value(key, Role::PointOfDelivery);
                if counted.is_none_or(|counted| counted.file != given.file)
                    || !counts(point.unwrap_or_default())
                {
                    continue;
                }
                wanted.clear();
                for (number, role) in roles.iter().enumerate() {
                    let value = given.totals.value(key, *role).unwrap_or_default();
                    push(&mut wanted, number, *role, value);
                }
                let side = sides.entry(wanted.as_slice().into()).or_default();
                side.add(given.file, total);
            }
        }
        sides
    }
}

/// What both have of each combination, and of how many roles it is. Combinations of one side are taken together as far up as
/// the other has nothing.
fn pairs(
    left: &BTreeMap<Key, Side>,
    right: &BTreeMap<Key, Side>,
    roles: &[Role],
) -> BTreeMap<(Key, usize), [Side; 2]> {
    let period = |role: &&Role| Role::PERIOD.contains(role);
    let least = roles.iter().take_while(period).count();
    let most = roles.len();
    let mut pairs: BTreeMap<(Key, usize), [Side; 2]> = BTreeMap::new();
    for (number, (own, other)) in [(left, right), (right, left)].into_iter().enumerate() {
        let known: BTreeSet<(&[u8], usize)> = other
            .keys()
            .flat_map(|key| (least..most).map(|depth| (beginning(key, depth), depth)))
            .collect();
        for (key, side) in own {
            let mut depths = least..most;
            let lone = depths.find(|&depth| !known.contains(&(beginning(key, depth), depth)));
            let depth = lone.unwrap_or(most);
            let key = (beginning(key, depth).into(), depth);
            pairs.entry(key).or_default()[number].append(side);
        }
    }
    pairs
}

/// How much more the left one has, when that is a penny or more. What is too great to be told apart differs.
fn differs(left: Decimal, right: Decimal) -> Option<Decimal> {
    let Some(difference) = left.checked_sub(right) else {
        return Some(left);
    };
    (!difference.rounded(PENNY).is_zero()).then_some(difference)
}

/// An amount as it is written: with pennies, and with further places only where they are not nought.
pub fn money(amount: Decimal) -> String {
    (PENNY..=amount.scale().max(PENNY))
        .find_map(|scale| amount.rescale(scale))
        .unwrap_or(amount)
        .to_string()
}
