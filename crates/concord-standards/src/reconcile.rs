//! Which columns hold what totals of several data sets are made of, so that they can be compared.

use std::sync::Arc;

/// What a column is in totals. Columns of different names, in different data sets and versions, have the same role.
///
/// The order is that from the whole to its parts: a file speaks of a provider's year, month by month; within a month of a
/// commissioner; within that of a point of delivery and a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Who provided.
    Provider,
    /// The financial year.
    Year,
    /// The month of it.
    Month,
    /// Who pays.
    Commissioner,
    /// The kind of activity.
    PointOfDelivery,
    /// The commissioned service.
    Service,
    /// The amount of money that is added up.
    Amount,
}

impl Role {
    /// Every role, in order.
    pub const ALL: [Self; 7] = [
        Self::Provider,
        Self::Year,
        Self::Month,
        Self::Commissioner,
        Self::PointOfDelivery,
        Self::Service,
        Self::Amount,
    ];

    /// The roles that say to which period of whom a row belongs: files replace one another by these.
    pub const PERIOD: [Self; 3] = [Self::Provider, Self::Year, Self::Month];

    /// The word used in definitions and examples.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Year => "year",
            Self::Month => "month",
            Self::Commissioner => "commissioner",
            Self::PointOfDelivery => "point_of_delivery",
            Self::Service => "service",
            Self::Amount => "amount",
        }
    }
}

/// The columns of a data set by their role in totals: the table `[reconcile]` of `standard.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleColumns {
    /// In the order of the roles.
    pub columns: Vec<(Role, Arc<str>)>,
}

impl RoleColumns {
    /// The column of a role.
    pub fn column(&self, role: Role) -> Option<&Arc<str>> {
        let mut columns = self.columns.iter();
        columns
            .find(|(known, _)| *known == role)
            .map(|(_, column)| column)
    }
}
