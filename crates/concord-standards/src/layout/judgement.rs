//! What is wrong with a value of a column, apart from its being there at all.

use concord_model::repair::{Damage, Kind, Repair, nothing, repair};

use super::{Field, TableLayout};
use crate::schema::{Builtin, Schema, Variety};
use crate::value::{ValueChecker, ValueFault};

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueProblem {
    /// It carries damage that is known; what it was, if that can be told, is right.
    Damaged(Repair),
    /// It is wrong, and no known damage explains it.
    Wrong(ValueFault),
}

impl Field {
    /// What a value of the column is wanted to be; `schema` is that of its definition.
    pub fn kind(&self, schema: &Schema) -> Kind {
        match &*self.element {
            "FINANCIAL YEAR" => return Kind::FinancialYear,
            "FINANCIAL MONTH" => return Kind::FinancialMonth,
            _ => {}
        }
        match schema.simple_type(self.value).variety {
            Variety::Atomic(Builtin::Date) => Kind::Date,
            Variety::Atomic(Builtin::DateTime) => Kind::DateTime,
            Variety::Atomic(Builtin::Decimal) => Kind::Money,
            Variety::Atomic(builtin) if builtin != Builtin::String => Kind::WholeNumber,
            _ => {
                let digits = self.format.split_whitespace().any(|word| {
                    word.strip_prefix('n')
                        .is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit()))
                });
                if digits { Kind::Digits } else { Kind::Text }
            }
        }
    }
}

impl TableLayout {
    /// What is wrong with a text that is not empty, in a column of this type and kind, as [`value_problem`] says it. Where values
    /// are judged as they are written, a damaged one is simply wrong.
    pub fn value_problem(
        &self,
        checker: &ValueChecker,
        kind: Kind,
        text: &str,
    ) -> Option<ValueProblem> {
        match value_problem(checker, kind, text)? {
            ValueProblem::Damaged(repair) if self.as_written && !repair.is_cleaning_only() => {
                checker.check(text).err().map(ValueProblem::Wrong)
            }
            ValueProblem::Wrong(fault) if !self.as_written => Some(
                without_zero_fraction(checker, text)
                    .map_or(ValueProblem::Wrong(fault), ValueProblem::Damaged),
            ),
            problem => Some(problem),
        }
    }
}

/// Digits that spreadsheets took for a number and wrote with `.0`, such as a code, where they are right without.
fn without_zero_fraction(checker: &ValueChecker, text: &str) -> Option<Repair> {
    if text.is_ascii() && !text.contains(['.', ',']) {
        return None;
    }
    let repaired = repair(text.as_bytes(), Kind::WholeNumber)?;
    let is_code = repaired.damages.contains(Damage::TrailingZeroFraction)
        && repaired.is_cleaning_only()
        && repaired
            .text
            .as_ref()
            .is_some_and(|text| checker.check(text).is_ok());
    is_code.then_some(repaired)
}

/// What is wrong with a text that is not empty, in a column of this type and kind; `None` when nothing is.
///
/// A right value that only needs cleaning counts as damaged. A damaged value whose repair is wrong too is simply wrong.
pub fn value_problem(checker: &ValueChecker, kind: Kind, text: &str) -> Option<ValueProblem> {
    let fault = checker.check(text).err();
    if let Some(repaired) = repair(text.as_bytes(), kind) {
        let right = |text: &String| text.is_empty() || checker.check(text).is_ok();
        if repaired.text.as_ref().is_none_or(right)
            && (fault.is_some() || repaired.is_cleaning_only())
        {
            return Some(ValueProblem::Damaged(repaired));
        }
    }
    let fault = fault?;
    // A word for nothing, or a spreadsheet's error, is known wherever it stands.
    let lost = nothing(text.as_bytes()).map(ValueProblem::Damaged);
    Some(lost.unwrap_or(ValueProblem::Wrong(fault)))
}
