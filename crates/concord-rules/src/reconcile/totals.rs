//! The totals of one file.

use std::collections::BTreeMap;

use concord_model::decimal::Decimal;
use concord_standards::reconcile::Role;

/// Lines that are remembered of each total, the first ones.
pub(crate) const FIRST_LINES: usize = 5;
/// Stands between the values of a key. It is no byte of UTF-8.
const BETWEEN: u8 = 0xff;
/// Bytes of a value that tell it from others. Codes have a few.
const LONGEST_VALUE: usize = 64;
/// Combinations in one file. Real files have some thousands; a file that has more is no contract monitoring.
pub(crate) const MOST_KEYS: usize = 250_000;

/// Values of the roles of a row, in the order of the roles.
pub(crate) type Key = Box<[u8]>;

/// What the rows of one combination add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) amount: Decimal,
    pub(crate) lines: u64,
    /// Lines whose amount is none that can be added.
    pub(crate) unread: u64,
    /// Numbers of the first lines.
    pub(crate) first: [u64; FIRST_LINES],
}

impl Default for Total {
    fn default() -> Self {
        Self {
            amount: Decimal::ZERO,
            lines: 0,
            unread: 0,
            first: [0; FIRST_LINES],
        }
    }
}

impl Total {
    /// Adds a row.
    pub(crate) fn add(&mut self, amount: Option<&[u8]>, line: impl FnOnce() -> u64) {
        if let Some(place) = self.first.get_mut(self.lines as usize) {
            *place = line();
        }
        self.lines += 1;
        let amount = amount.and_then(|text| Decimal::parse(text.trim_ascii()).ok());
        match amount.and_then(|amount| self.amount.checked_add(amount)) {
            Some(sum) => self.amount = sum,
            None => self.unread += 1,
        }
    }

    /// Adds the rows of a later part of the same file, which begins `before` lines into it.
    pub(crate) fn append(&mut self, later: &Self, before: u64) {
        let known = self.first_lines().len();
        for (place, line) in self.first[known..].iter_mut().zip(later.first_lines()) {
            *place = before + line;
        }
        self.lines += later.lines;
        self.unread += later.unread;
        match self.amount.checked_add(later.amount) {
            Some(sum) => self.amount = sum,
            None => self.unread += later.lines - later.unread,
        }
    }

    pub(crate) fn first_lines(&self) -> &[u64] {
        &self.first[..self.first.len().min(self.lines as usize)]
    }
}

/// The totals of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub(crate) roles: Vec<Role>,
    pub(crate) of: BTreeMap<Key, Total>,
    /// Whether amounts were added up, or only lines counted.
    pub(crate) amounts: bool,
    pub(crate) too_many: bool,
}

impl Totals {
    /// The totals of rows that are at hand: the number of each one's line and its values by role.
    ///
    /// A role that no row has is not one of them; one that a row lacks is blank there.
    pub fn of_rows<'r>(rows: impl IntoIterator<Item = (u64, &'r BTreeMap<Role, String>)>) -> Self {
        let rows: Vec<_> = rows.into_iter().collect();
        let has = |role: &Role| rows.iter().any(|(_, row)| row.contains_key(role));
        let roles: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|role| *role != Role::Amount && has(role))
            .collect();
        let mut totals = Self {
            amounts: true,
            ..Self::default()
        };
        let mut key = Vec::new();
        for (line, row) in rows {
            key.clear();
            for (number, role) in roles.iter().enumerate() {
                let text = row.get(role).map(String::as_bytes);
                push(&mut key, number, *role, text.unwrap_or_default());
            }
            let total = totals.of.entry(key.as_slice().into()).or_default();
            total.add(row.get(&Role::Amount).map(String::as_bytes), || line);
        }
        totals.roles = roles;
        totals
    }

    /// Whether there were more combinations than are kept, so that these totals say nothing.
    pub fn too_many(&self) -> bool {
        self.too_many
    }

    /// The values of a key.
    fn values<'k>(&self, key: &'k [u8]) -> impl Iterator<Item = (Role, &'k [u8])> {
        values(&self.roles, key)
    }

    /// The value of a role in a key.
    pub(crate) fn value<'k>(&self, key: &'k [u8], role: Role) -> Option<&'k [u8]> {
        self.values(key)
            .find(|(known, _)| *known == role)
            .map(|(_, value)| value)
    }
}

/// Adds the value of role number `number` to a key. A month is the same with and without leading zeros.
pub(crate) fn push(key: &mut Vec<u8>, number: usize, role: Role, value: &[u8]) {
    if number > 0 {
        key.push(BETWEEN);
    }
    let mut value = value.trim_ascii();
    if role == Role::Month && value.iter().all(u8::is_ascii_digit) {
        while let [b'0', rest @ ..] = value
            && !rest.is_empty()
        {
            value = rest;
        }
    }
    key.extend_from_slice(&value[..value.len().min(LONGEST_VALUE)]);
}

/// The values of a key of some roles.
pub(crate) fn values<'k>(roles: &[Role], key: &'k [u8]) -> impl Iterator<Item = (Role, &'k [u8])> {
    let values = key.splitn(roles.len().max(1), |byte| *byte == BETWEEN);
    roles.iter().copied().zip(values)
}

/// The part of a key that holds the values of the first `depth` roles.
pub(crate) fn beginning(key: &[u8], depth: usize) -> &[u8] {
    let Some(last) = depth.checked_sub(1) else {
        return &[];
    };
    let mut ends = key.iter().enumerate().filter(|(_, byte)| **byte == BETWEEN);
    ends.nth(last).map_or(key, |(end, _)| &key[..end])
}
