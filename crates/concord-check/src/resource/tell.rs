//! Findings, and what of a value may be shown in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Fact, Finding};
use concord_read::json::Span;
use concord_standards::resources::Primitive;

use super::plan::ResourcePlan;
use crate::catalogue::BuiltinRule;
use crate::output::Draft;

/// What was found in a chunk.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) drafts: Vec<Draft>,
    /// For each draft the element that is missing below the place that it names.
    pub(crate) missing: Vec<Option<Arc<str>>>,
    /// The record that is being read.
    pub(crate) record: Option<u32>,
    /// How many findings each record of the text that is read has.
    counts: BTreeMap<Option<u32>, u64>,
    /// A finding that is not told, because its record has had as many as are.
    untold: Option<Draft>,
}

/// Findings of one record that are told.
const MOST: u64 = 1000;

/// Whose findings they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teller<'t> {
    pub(crate) plan: &'t ResourcePlan,
    pub(crate) file: &'t Arc<str>,
}

impl Found {
    /// Adds a finding, which can still be changed.
    pub(crate) fn tell(&mut self, teller: Teller<'_>, rule: BuiltinRule, span: Span) -> &mut Draft {
        let record = self.record;
        self.tell_of(teller, rule, span, record)
    }

    /// Adds a finding about a record that is not the one that is being read.
    pub(crate) fn tell_of(
        &mut self,
        Teller { plan, file }: Teller<'_>,
        rule: BuiltinRule,
        span: Span,
        record: Option<u32>,
    ) -> &mut Draft {
        let rule = rule.rule();
        let mut finding = Finding::new(Arc::clone(rule), Arc::clone(file));
        finding.effect = plan.effect(rule, record.is_some());
        finding.standard.clone_from(&plan.standard);
        finding.authority.clone_from(&plan.authority);
        let draft = Draft {
            finding,
            offset: span.start as u32,
            length: span.len() as u32,
            record,
            compared: None,
            unread: None,
            unusable: false,
        };
        let count = self.counts.entry(record).or_default();
        *count += 1;
        if *count > MOST {
            return self.untold.insert(draft);
        }
        self.missing.push(None);
        let at = self.drafts.len();
        self.drafts.push(draft);
        &mut self.drafts[at]
    }

    /// The last finding is about an element that is missing below the place that it names.
    pub(crate) fn lacks(&mut self, name: Arc<str>) {
        if self
            .counts
            .get(&self.record)
            .is_some_and(|count| *count <= MOST)
            && let Some(missing) = self.missing.last_mut()
        {
            *missing = Some(name);
        }
    }

    /// Says of which records of a text that has been read more was found than was told.
    pub(crate) fn tell_more(&mut self, teller: Teller<'_>) {
        for (record, count) in std::mem::take(&mut self.counts) {
            if count <= MOST {
                continue;
            }
            let mut drafts = self.drafts.iter();
            let first = drafts.find(|draft| draft.record == record);
            let start = first.map_or(0, |first| first.offset as usize);
            let span = Span { start, end: start };
            let draft = self.tell_of(teller, BuiltinRule::ResourceMore, span, record);
            draft.finding.value = Some(Fact::Number(count));
            draft.finding.expected = Some(Fact::Number(MOST));
        }
        self.counts.clear();
    }
}

/// A value, which is personal unless nothing in it can say who somebody is.
pub(super) fn value(text: &str, primitive: Primitive, personal: bool) -> Fact {
    if personal || primitive.is_free() || has_number(text) {
        Fact::Personal(text.to_owned())
    } else {
        Fact::Plain(text.to_owned())
    }
}

/// A name that stands in the data. Names are made of letters and digits; anything else may be a value in the wrong place.
pub(super) fn name(text: &str) -> Fact {
    let letters =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.');
    if text.len() <= 64 && text.bytes().all(letters) && !has_number(text) {
        Fact::Plain(text.to_owned())
    } else {
        Fact::Personal(text.to_owned())
    }
}

/// Whether as many digits stand together as in an NHS number, or in most numbers of people.
pub(super) fn has_number(text: &str) -> bool {
    const TOGETHER: usize = 8;
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= TOGETHER
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_where_they_can_say_who_somebody_is() {
        let plain = |text: &str, primitive| matches!(value(text, primitive, false), Fact::Plain(_));
        assert!(plain("finishd", Primitive::Code) && plain("2024-02-30", Primitive::Date));
        assert!(!plain("Smith", Primitive::String) && !plain("9990000019", Primitive::Code));
        assert!(matches!(
            value("1990-01-01", Primitive::Date, true),
            Fact::Personal(_)
        ));
        assert!(
            matches!(name("adress"), Fact::Plain(_))
                && matches!(name("Ann Smith"), Fact::Personal(_))
        );
    }
}
