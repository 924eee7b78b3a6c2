//! The keys of records, which reports name them by.

use concord_finding::{Fact, Finding};
use concord_model::identifiers::nhs_number::has_valid_check_digit;

use crate::capture::CapturePath;
use crate::lexical;
use crate::output::{Draft, Record};
use crate::plan::Plan;

/// Makes personal the keys in which a finding has found something personal, or that hold an NHS number, and what other
/// findings of the same records say of them.
///
/// A key is the element that the standard says identifies a record. Senders have made keys of NHS numbers; the rule that
/// finds this hides what it found, and nothing else may show it.
pub(crate) fn hide_secret(records: &mut [Record], drafts: &mut [Draft], bytes: &[u8]) {
    for draft in &*drafts {
        let Some(record) = draft
            .record
            .and_then(|record| records.get_mut(record as usize))
        else {
            continue;
        };
        let Some(key) = Span::of(record) else {
            continue;
        };
        let text = key.text(bytes);
        record.secret |= holds_an_nhs_number(&text)
            || matches!(&draft.finding.value, Some(Fact::Personal(value)) if key.holds(draft.offset) || *value == text);
    }
    for draft in drafts {
        if let Some(record) = draft.record.and_then(|record| records.get(record as usize))
            && record.secret
            && let Some(key) = Span::of(record)
        {
            let about = key.holds(draft.offset);
            hide(&mut draft.finding, &key.text(bytes), about);
        }
    }
}

/// The key of a record; it is shown unless its element is marked as personal, or it holds something that is.
pub(crate) fn key_fact(plan: &Plan, record: &Record, bytes: &[u8]) -> Option<Fact> {
    let (rank, ..) = record.key?;
    let text = Span::of(record)?.text(bytes);
    let marked = plan.keys.get(rank as usize);
    Some(
        if record.secret || marked.is_some_and(|path| is_personal(plan, path)) {
            Fact::Personal(text)
        } else {
            Fact::Plain(text)
        },
    )
}

/// Whether digits that are not a part of a longer number may be an NHS number: anybody's, so that a key is also hidden where
/// it is not the record's own patient whom it names.
fn holds_an_nhs_number(key: &str) -> bool {
    key.split(|character: char| !character.is_ascii_digit())
        .any(has_valid_check_digit)
}

/// Hides `key` in what a finding says. What is said of the key itself (`about`) is hidden even where it is written otherwise.
fn hide(finding: &mut Finding, key: &str, about: bool) {
    let own = finding.value.iter_mut().chain(&mut finding.expected);
    for fact in own.chain(finding.facts.iter_mut().map(|(_, fact)| fact)) {
        if let Fact::Plain(text) = fact
            && (about || text == key)
        {
            *fact = Fact::Personal(std::mem::take(text));
        }
    }
}

fn is_personal(plan: &Plan, path: &CapturePath) -> bool {
    let Some(name) = path.last() else {
        return false;
    };
    plan.compiled
        .schema
        .elements
        .iter()
        .any(|element| element.name.local == *name && element.facts.personal)
}

/// Where stands in its chunk what names a record, or who provided it.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// A span of a chunk, by its start and length.
    pub(crate) fn at(start: u32, length: u32) -> Self {
        Self {
            start: start as usize,
            end: (start + length) as usize,
        }
    }

    fn of(record: &Record) -> Option<Self> {
        let (_, start, length) = record.key?;
        Some(Self::at(start, length))
    }

    fn holds(self, offset: u32) -> bool {
        (self.start..self.end).contains(&(offset as usize))
    }

    /// The text, however it is written.
    pub(crate) fn text(self, bytes: &[u8]) -> String {
        let written = bytes.get(self.start..self.end).unwrap_or_default();
        let written = String::from_utf8_lossy(written);
        if written.contains(['<', '&']) {
            lexical::plain(&written)
        } else {
            written.into_owned()
        }
    }
}
