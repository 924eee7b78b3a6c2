//! What rules about several rows found, until the rows are read again to tell it.

/// A rule that a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Late {
    pub(crate) table: u32,
    pub(crate) row: u32,
    pub(crate) rule: u16,
    pub(crate) detail: Detail,
}

/// What is to be told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Nothing more.
    None,
    /// What the row is compared with.
    Limit(i64),
    /// How many rows are the same.
    Count(u32),
    /// The other table has no row of the key.
    NoParent,
    /// The row of the other table with the key (the first of several), which was rejected by this rule.
    Rejected {
        /// The row.
        row: u32,
        /// The rule.
        by: u16,
    },
}
