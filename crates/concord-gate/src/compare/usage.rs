//! Where code lists decide what is taken, gathered while structures and tables are compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::value::Values;

/// The places that are on the same code list on both sides, by list.
#[derive(Default)]
pub(super) struct Usage {
    lists: BTreeMap<Arc<str>, Vec<Values>>,
}

impl Usage {
    pub(super) fn add(&mut self, list: &Arc<str>, used: Values) {
        self.lists.entry(Arc::clone(list)).or_default().push(used);
    }

    /// The places that are on a list.
    pub(super) fn of(&self, list: &str) -> &[Values] {
        self.lists.get(list).map_or(&[], Vec::as_slice)
    }
}
