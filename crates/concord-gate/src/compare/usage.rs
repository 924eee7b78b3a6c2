//! Where code lists decide what is taken, gathered while structures and tables are compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::submission::form::Form;

use super::side::Pair;
use super::value::{At, Values};
use crate::change::Side;

/// The places that are on the same code list on both sides, by list.
#[derive(Default)]
pub(super) struct Usage {
    lists: BTreeMap<Arc<str>, Vec<Used>>,
}

/// A place where a code list decides what is taken.
pub(super) enum Used {
    /// A place with types.
    Values(Box<Values>),
    /// A column of many tables.
    Listed(Listed),
}

/// A column of many tables on a code list.
pub(super) struct Listed {
    pub(super) at: At,
    /// Whether codes that are not on the list are refused, by OLD and by NEW.
    pub(super) refuses: (bool, bool),
    /// The forms that OLD and NEW ask for besides.
    pub(super) forms: (Vec<Form>, Vec<Form>),
}

impl Usage {
    pub(super) fn add(&mut self, list: &Arc<str>, used: Values) {
        self.push(list, Used::Values(Box::new(used)));
    }

    pub(super) fn add_listed(&mut self, list: &Arc<str>, used: Listed) {
        self.push(list, Used::Listed(used));
    }

    fn push(&mut self, list: &Arc<str>, used: Used) {
        self.lists.entry(Arc::clone(list)).or_default().push(used);
    }

    /// The places that are on a list.
    pub(super) fn of(&self, list: &str) -> &[Used] {
        self.lists.get(list).map_or(&[], Vec::as_slice)
    }
}

impl Used {
    pub(super) fn at(&self) -> &At {
        match self {
            Self::Values(values) => &values.at,
            Self::Listed(listed) => &listed.at,
        }
    }

    /// Whether a code that is only on the list of the other side is refused by this side, and taken by the other.
    pub(super) fn refuses(&self, pair: &Pair<'_>, reader: Side, code: &str) -> bool {
        match (self, reader) {
            (Self::Values(values), Side::Old) => {
                values.codes.0
                    && pair.new.takes(values.new, code)
                    && !pair.old.takes(values.old, code)
            }
            (Self::Values(values), Side::New) => {
                values.codes.1
                    && pair.old.takes(values.old, code)
                    && !pair.new.takes(values.new, code)
            }
            (Self::Listed(listed), reader) => {
                let (refuses, forms) = match reader {
                    Side::Old => (listed.refuses.0, &listed.forms.1),
                    Side::New => (listed.refuses.1, &listed.forms.0),
                };
                refuses && forms.iter().all(|form| form.takes(code))
            }
        }
    }
}
