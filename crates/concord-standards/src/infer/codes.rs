//! When few values that stand often are codes.

use std::sync::Arc;

use super::column::{Column, Form};
use super::meaning;
use super::naming::Naming;
use crate::definition::{Code, CodeList, Known};

/// Values that must have been seen for few different ones to mean anything.
const FEWEST: u64 = 10;

/// How often each of them must stand on the whole.
const TIMES: u64 = 4;

/// What values are of.
pub(super) struct Of<'o> {
    /// The words of their name.
    pub(super) words: &'o [String],
    /// The id of the code list that their element is known to have; empty when it has none.
    pub(super) listed: &'o str,
    pub(super) naming: &'o Naming,
    pub(super) known: &'o Known,
}

impl Of<'_> {
    /// The code list of values, and whether it is made of those seen; `None` when they are no codes. `taken` are ids of lists
    /// that were made before.
    pub(super) fn code_list(
        &self,
        values: &Column,
        taken: &dyn Fn(&str) -> bool,
    ) -> Option<(Arc<CodeList>, bool)> {
        let all = values.distinct.all().filter(|all| !all.is_empty())?;
        if values.unclean > 0 {
            return None;
        }
        if let Some(list) = self.known.code_lists.get(self.listed)
            && all.keys().all(|value| list.get(value).is_some())
        {
            return Some((Arc::clone(list), false));
        }
        let few = values.filled >= FEWEST && all.len() as u64 * TIMES <= values.filled;
        if !few || !self.may_be_codes(values) {
            return None;
        }
        let stem = self.words.join("-").to_ascii_lowercase();
        let mut id = format!("{}-{stem}", self.naming.id);
        while self.known.code_lists.contains_key(&*id) || taken(&id) {
            id.push_str("-seen");
        }
        let codes = all.iter().map(|(value, count)| Code {
            code: (&**value).into(),
            meaning: "".into(),
            valid_from: "".into(),
            valid_to: "".into(),
            source: format!("inferred: {count} times in {}", self.naming.from).into(),
            line: 0,
        });
        let list = CodeList {
            id: id.into(),
            codes: codes.collect(),
        };
        Some((Arc::new(list), true))
    }

    /// How many of the different values are not on the code list that their element is known to have.
    pub(super) fn unlisted(&self, values: &Column) -> usize {
        let list = self.known.code_lists.get(self.listed);
        let (Some(list), Some(all)) = (list, values.distinct.all()) else {
            return 0;
        };
        all.keys().filter(|value| list.get(value).is_none()).count()
    }

    /// Whether values are neither days nor amounts, nor free text, nor codes that are looked up and not listed.
    fn may_be_codes(&self, values: &Column) -> bool {
        let day = [Form::Date, Form::DateTime, Form::Time, Form::CompactDate];
        let varies = values.shortest != values.longest || !values.is(Form::Digits);
        let amount = values.is(Form::Decimal)
            && !meaning::is_code(self.words)
            && !values.leading_zero
            && (meaning::is_quantity(self.words) || varies);
        !amount
            && !day.iter().any(|form| values.is(*form))
            && !meaning::is_organisation(self.words, values)
            && !meaning::is_prose(self.words)
    }
}
