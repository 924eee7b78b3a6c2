//! The values around the records: header and trailer of a submission.

use concord_check::capture::Captured;

use crate::ruleset::RuleSet;
use crate::tables::SUBMISSION;

/// Values of the submission's header and trailer, as far as rules look at them.
///
/// Take the header's before the first record is evaluated and the trailer's when the end has been read.
#[derive(Debug, Clone, Default)]
pub struct Header {
    values: Vec<Option<Value>>,
}

#[derive(Debug, Clone)]
struct Value {
    text: Box<str>,
    offset: Option<u64>,
}

impl Header {
    /// Takes the values of the submission (group 0) out of what was captured from a part of the input that begins
    /// `base` bytes into it. A value that is already known stays.
    pub fn take(&mut self, rules: &RuleSet, captured: &Captured, chunk: &[u8], base: u64) {
        let Some(group) = captured.groups.get(SUBMISSION) else {
            return;
        };
        let columns = rules.tables[SUBMISSION].columns.len();
        self.values.resize(columns, None);
        for row in 0..group.len() {
            for column in 0..columns {
                if self.values[column].is_some() {
                    continue;
                }
                if let Some(text) = captured.text(chunk, SUBMISSION, row, column) {
                    self.values[column] = Some(Value {
                        text: text.into(),
                        offset: captured
                            .offset(SUBMISSION, row, column)
                            .map(|offset| base + u64::from(offset)),
                    });
                }
            }
        }
    }

    /// The text of a column of group 0.
    pub fn text(&self, column: usize) -> Option<&str> {
        self.values.get(column)?.as_ref().map(|value| &*value.text)
    }

    /// Where the text of a column stands in the input.
    pub fn offset(&self, column: usize) -> Option<u64> {
        self.values.get(column)?.as_ref()?.offset
    }
}
