//! Code lists compared: what came, what went, when codes are in use, what they mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Effect;
use concord_standards::definition::{Code, CodeList};
use concord_standards::rules::{Check, RuleDefinition};
use concord_standards::schema::Origin;

use super::side::{Half, Pair};
use super::usage::Usage;
use super::value::Values;
use super::words::same_words;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::subject::Aspect;

/// Compares the code lists of both sides.
pub(super) fn compare(pair: &Pair<'_>, usage: &Usage) -> Vec<Change> {
    if !pair.says(Aspect::CodeMeanings) {
        return Vec::new();
    }
    let (old, new) = (
        &pair.old.definition().code_lists,
        &pair.new.definition().code_lists,
    );
    let mut changes = Vec::new();
    for (id, theirs) in new {
        match old.get(id) {
            Some(mine) => Lists {
                pair,
                usage: usage.of(id),
                id,
                old: mine,
                new: theirs,
                changes: &mut changes,
            }
            .compare(),
            None => changes.push(list_alone(Kind::CodeListAdded, theirs, Side::New)),
        }
    }
    for (id, mine) in old {
        if !new.contains_key(id) {
            changes.push(list_alone(Kind::CodeListRemoved, mine, Side::Old));
        }
    }
    changes
}

fn list_alone(kind: Kind, list: &CodeList, side: Side) -> Change {
    let count = format!("{} codes", list.codes.len());
    let origin = list.codes.first().map(|code| origin(list, code));
    let change = Change::draft(kind, ChangePlace::Code(Arc::clone(&list.id), None));
    match side {
        Side::Old => change.was(count).at(origin.as_ref(), None),
        Side::New => change.is(count).at(None, origin.as_ref()),
    }
}

fn origin(list: &CodeList, code: &Code) -> Origin {
    Origin {
        file: format!("codes/{}.csv", list.id).into(),
        line: code.line,
    }
}

/// One list on both sides.
struct Lists<'l, 's> {
    pair: &'l Pair<'s>,
    /// Where it decides what is taken.
    usage: &'l [Values],
    id: &'l Arc<str>,
    old: &'l CodeList,
    new: &'l CodeList,
    changes: &'l mut Vec<Change>,
}

impl Lists<'_, '_> {
    fn compare(mut self) {
        let by_code = |list: &CodeList| -> BTreeMap<Arc<str>, usize> {
            let codes = list.codes.iter().enumerate();
            codes
                .map(|(index, code)| (Arc::clone(&code.code), index))
                .collect()
        };
        let (mine, theirs) = (by_code(self.old), by_code(self.new));
        for code in &self.new.codes {
            match mine.get(&code.code) {
                Some(before) => self.code(&self.old.codes[*before], code),
                None => self.added(code),
            }
        }
        for code in &self.old.codes {
            if !theirs.contains_key(&code.code) {
                self.withdrawn(code, None);
            }
        }
    }

    fn draft(&self, kind: Kind, old: Option<&Code>, new: Option<&Code>) -> Change {
        let code = new.or(old).map(|code| Arc::clone(&code.code));
        let origins = (
            old.map(|code| origin(self.old, code)),
            new.map(|code| origin(self.new, code)),
        );
        Change::draft(kind, ChangePlace::Code(Arc::clone(self.id), code))
            .at(origins.0.as_ref(), origins.1.as_ref())
    }

    fn added(&mut self, code: &Code) {
        let mut change = self
            .draft(Kind::CodeAdded, None, Some(code))
            .is(meaning(code));
        change.effective = Some(code.valid_from.to_string()).filter(|day| !day.is_empty());
        let refused = |values: &Values| {
            values.codes.0
                && self.pair.new.takes(values.new, &code.code)
                && !self.pair.old.takes(values.old, &code.code)
        };
        let mut places = self.usage.iter().filter(|values| refused(values));
        if let Some(first) = places.next() {
            change.also = u32::try_from(places.count()).unwrap_or(u32::MAX);
            change = change
                .breaking(
                    Whom::Receiver,
                    Certainty::Decided,
                    "a code arrives that was refused",
                )
                .led(Side::New, first.at.lead(Side::New, &code.code));
        }
        if let Some(rule) = asks(&self.pair.old, self.id, false) {
            let why = format!("{} refused it", rule.rule.id);
            change.break_for(Whom::Receiver, Certainty::Unknown, why);
        }
        self.changes.push(change);
    }

    /// A code that is gone, or has a last day that it had not.
    fn withdrawn(&mut self, code: &Code, now: Option<&Code>) {
        let how = match now {
            Some(now) => format!(", after {}", now.valid_to),
            None => String::new(),
        };
        let mut change = self
            .draft(Kind::CodeWithdrawn, Some(code), now)
            .was(meaning(code))
            .with("how", how);
        if let Some(now) = now {
            change = change.is(format!("{} until {}", meaning(now), now.valid_to));
            change.effective = Some(now.valid_to.to_string());
            let why = match asks(&self.pair.new, self.id, true) {
                Some(rule) => format!("{} refuses it after its last day", rule.rule.id),
                None => "who looks at days of use refuses it after its last day".to_owned(),
            };
            change.break_for(Whom::Submitter, Certainty::Unknown, why);
            if let Some(rule) = asks(&self.pair.new, self.id, true) {
                change = change.led(Side::Old, LeadKind::RuleBroken(Arc::clone(&rule.rule.id)));
            }
        } else {
            let refused = |values: &Values| {
                values.codes.1
                    && self.pair.old.takes(values.old, &code.code)
                    && !self.pair.new.takes(values.new, &code.code)
            };
            let mut places = self.usage.iter().filter(|values| refused(values));
            if let Some(first) = places.next() {
                change.also = u32::try_from(places.count()).unwrap_or(u32::MAX);
                change = change
                    .breaking(Whom::Submitter, Certainty::Decided, "the code is refused")
                    .led(Side::Old, first.at.lead(Side::Old, &code.code));
            }
            if let Some(rule) = asks(&self.pair.new, self.id, false) {
                let why = format!("{} refuses it", rule.rule.id);
                change.break_for(Whom::Submitter, Certainty::Unknown, why);
                change = change
                    .led_if_breaking(Side::Old, LeadKind::RuleBroken(Arc::clone(&rule.rule.id)));
            }
        }
        self.changes.push(change);
    }

    fn code(&mut self, old: &Code, new: &Code) {
        if old.meaning != new.meaning && !old.meaning.is_empty() {
            let same = same_words(&old.meaning, &new.meaning);
            let kind = if same {
                Kind::CodeRespelt
            } else {
                Kind::CodeReworded
            };
            let change = self
                .draft(kind, Some(old), Some(new))
                .was(&*old.meaning)
                .is(&*new.meaning)
                .breaking_if(!same, Whom::Meaning, "the same code means something else");
            self.changes.push(change);
        }
        if old.valid_to.is_empty() && !new.valid_to.is_empty() {
            self.withdrawn(old, Some(new));
            if old.valid_from == new.valid_from {
                return;
            }
        }
        if (&old.valid_from, &old.valid_to) != (&new.valid_from, &new.valid_to) {
            self.redated(old, new);
        }
    }

    fn redated(&mut self, old: &Code, new: &Code) {
        let later = |one: &str, other: &str| !one.is_empty() && one > other;
        let earlier = |one: &str, other: &str| !one.is_empty() && (other.is_empty() || one < other);
        let shorter =
            later(&new.valid_from, &old.valid_from) || earlier(&new.valid_to, &old.valid_to);
        let longer =
            later(&old.valid_from, &new.valid_from) || earlier(&old.valid_to, &new.valid_to);
        let mut change = self
            .draft(Kind::CodeRedated, Some(old), Some(new))
            .was(days(old))
            .is(days(new));
        let moved = if new.valid_from == old.valid_from {
            &new.valid_to
        } else {
            &new.valid_from
        };
        change.effective = Some(moved.to_string()).filter(|day| !day.is_empty());
        let why = |half: &Half<'_>| match asks(half, self.id, true) {
            Some(rule) => format!("{} looks at its days of use", rule.rule.id),
            None => "who looks at days of use may refuse it".to_owned(),
        };
        if shorter {
            let why = why(&self.pair.new);
            change.break_for(Whom::Submitter, Certainty::Unknown, why);
            if let Some(rule) = asks(&self.pair.new, self.id, true) {
                change = change.led(Side::Old, LeadKind::RuleBroken(Arc::clone(&rule.rule.id)));
            }
        }
        if longer && asks(&self.pair.old, self.id, true).is_some() {
            change.break_for(Whom::Receiver, Certainty::Unknown, why(&self.pair.old));
        }
        self.changes.push(change);
    }
}

fn meaning(code: &Code) -> String {
    if code.meaning.is_empty() {
        code.code.to_string()
    } else {
        code.meaning.to_string()
    }
}

/// `from 2020-04-01 to 2021-03-31`
fn days(code: &Code) -> String {
    let part = |word: &str, day: &str| match day {
        "" => String::new(),
        day => format!("{word} {day}"),
    };
    let both = [part("from", &code.valid_from), part("to", &code.valid_to)];
    let text = both.join(" ").trim().to_owned();
    if text.is_empty() {
        "on any day".to_owned()
    } else {
        text
    }
}

/// The first rule of a side that refuses what is not on a list, looking at days of use or not.
fn asks<'h>(half: &'h Half<'_>, list: &str, dated: bool) -> Option<&'h RuleDefinition> {
    half.definition().rules.iter().find(|rule| {
        let refuses = rule.rule.effect >= Effect::RejectGroup;
        let looks = match &rule.check {
            Check::Code {
                list: of, as_at, ..
            } => &**of == list && (!dated || as_at.is_some()),
            check => check.sql().iter().any(|sql| {
                let sql = sql.to_ascii_lowercase();
                sql.contains("on_code_list") && sql.contains(&format!("'{list}'"))
            }),
        };
        refuses && looks
    })
}
