//! What a finding says of a broken rule: place, value, and the values that its message names.

use std::borrow::Cow;
use std::sync::Arc;

use concord_check::capture::Captured;
use concord_finding::Fact;

use crate::evaluate::Broken;
use crate::header::Header;
use crate::rows::climb;
use crate::ruleset::RuleSet;
use crate::tables::{Cell, SUBMISSION};

/// What a finding says of a broken rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// Where it stands in the input: the text of the element that the rule points at, else the element that makes the
    /// row. `None` for a value of the submission whose text had to be decoded.
    pub offset: Option<u64>,
    /// The Data Dictionary's name of the element pointed at.
    pub element: Option<Arc<str>>,
    /// The value pointed at.
    pub value: Option<Fact>,
    /// What should have stood there.
    pub expected: Option<Fact>,
    /// Where that stands in the input, when it is what another element says.
    pub compared: Option<u64>,
    /// Values that the message names.
    pub facts: Vec<(Cow<'static, str>, Fact)>,
}

impl RuleSet {
    /// Everything that a finding says of a rule broken by the records of a chunk that begins `base` bytes into the
    /// input, or by the submission (then `captured` and `chunk` are not looked at).
    pub fn detail(
        &self,
        broken: &Broken,
        captured: &Captured,
        chunk: &[u8],
        base: u64,
        header: &Header,
    ) -> Detail {
        let compiled = &self.rules[broken.rule as usize];
        let (group, row) = (broken.group as usize, broken.row as usize);
        let locate = |cell: Cell| climb(self, captured, group, row, cell.table);
        let fact = |cell: Cell| {
            let text = if cell.table == SUBMISSION {
                header.text(cell.column)
            } else {
                captured.text(chunk, cell.table, locate(cell), cell.column)
            };
            text.map(|text| self.fact(cell, text))
        };
        let aim = compiled.aims[broken.aim as usize];
        let offset_of = |cell: Cell| {
            if cell.table == SUBMISSION {
                return header.offset(cell.column);
            }
            let offset = captured.offset(cell.table, locate(cell), cell.column)?;
            Some(base + u64::from(offset))
        };
        let at_cell = aim.place.and_then(offset_of);
        let at_row = (group != SUBMISSION)
            .then(|| captured.groups[group].offsets.get(row))
            .flatten()
            .map(|&offset| base + u64::from(offset));
        Detail {
            offset: at_cell.or(at_row),
            element: aim.place.and_then(|cell| self.dictionary_name(cell)),
            value: aim.place.and_then(fact),
            expected: aim.expected.and_then(fact),
            compared: aim.expected.and_then(offset_of),
            facts: compiled
                .facts
                .iter()
                .filter_map(|(name, cell)| Some((Cow::Owned(name.clone()), fact(*cell)?)))
                .chain(compiled.fixed.iter().cloned())
                .collect(),
        }
    }

    /// A text of a column as a fact.
    pub(crate) fn fact(&self, cell: Cell, text: &str) -> Fact {
        if self.is_personal(cell) {
            Fact::Personal(text.to_owned())
        } else {
            Fact::Plain(text.to_owned())
        }
    }
}
