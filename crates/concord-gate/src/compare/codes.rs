//! Code lists compared: what came, what went, when codes are in use, what they mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Effect;
use concord_standards::definition::{Code, CodeList};
use concord_standards::rules::Check;
use concord_standards::schema::Origin;
use concord_standards::submission::{Check as TableCheck, Codes, Profile};

use super::side::{Half, Pair};
use super::usage::{Usage, Used};
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
    usage: &'l [Used],
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
        let refused = |used: &&Used| used.refuses(self.pair, Side::Old, &code.code);
        let mut places = self.usage.iter().filter(refused);
        if let Some(first) = places.next() {
            change.also = u32::try_from(places.count()).unwrap_or(u32::MAX);
            change = change
                .breaking(
                    Whom::Receiver,
                    Certainty::Decided,
                    "a code arrives that was refused",
                )
                .led(Side::New, first.at().lead(Side::New, &code.code));
        }
        if let Some(rule) = asks(&self.pair.old, self.id, false) {
            let why = format!("{} refused it", rule.id);
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
            let asking = asks(&self.pair.new, self.id, true);
            let why = match &asking {
                Some(rule) => format!("{} refuses it after its last day", rule.id),
                None => "who looks at days of use refuses it after its last day".to_owned(),
            };
            // Of many tables nothing is refused but by rules.
            if asking.is_some() || !only_rules_refuse(&self.pair.new) {
                change.break_for(Whom::Submitter, Certainty::Unknown, why);
            }
            if let Some(rule) = asking {
                change = change.led(Side::Old, rule.lead());
            }
        } else {
            let refused = |used: &&Used| used.refuses(self.pair, Side::New, &code.code);
            let mut places = self.usage.iter().filter(refused);
            if let Some(first) = places.next() {
                change.also = u32::try_from(places.count()).unwrap_or(u32::MAX);
                change = change
                    .breaking(Whom::Submitter, Certainty::Decided, "the code is refused")
                    .led(Side::Old, first.at().lead(Side::Old, &code.code));
            }
            if let Some(rule) = asks(&self.pair.new, self.id, false) {
                let why = format!("{} refuses it", rule.id);
                change.break_for(Whom::Submitter, Certainty::Unknown, why);
                change = change.led_if_breaking(Side::Old, rule.lead());
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
            Some(rule) => format!("{} looks at its days of use", rule.id),
            None => "who looks at days of use may refuse it".to_owned(),
        };
        if shorter {
            let asking = asks(&self.pair.new, self.id, true);
            if asking.is_some() || !only_rules_refuse(&self.pair.new) {
                let why = why(&self.pair.new);
                change.break_for(Whom::Submitter, Certainty::Unknown, why);
            }
            if let Some(rule) = asking {
                change = change.led(Side::Old, rule.lead());
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

/// A rule that refuses what is not on a list.
struct Asking {
    id: Arc<str>,
    /// Its number, where it is one of many tables.
    number: Option<usize>,
}

impl Asking {
    fn lead(&self) -> LeadKind {
        let rule = Arc::clone(&self.id);
        match self.number {
            Some(number) => LeadKind::TableRuleBroken { rule, number },
            None => LeadKind::RuleBroken(rule),
        }
    }
}

/// Whether nothing is refused by a side but by its rules.
fn only_rules_refuse(half: &Half<'_>) -> bool {
    half.definition().submission.is_some()
}

/// The first rule of a side that refuses what is not on a list, looking at days of use or not.
fn asks(half: &Half<'_>, list: &str, dated: bool) -> Option<Asking> {
    let definition = half.definition();
    let mut rules = definition.rules.iter();
    let rule = rules.find(|rule| {
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
    });
    if let Some(rule) = rule {
        return Some(Asking {
            id: Arc::clone(&rule.rule.id),
            number: None,
        });
    }
    // Rules of many tables look at days of use, if at a list at all. Whether those that look at every row refuse a code is known.
    let rules = definition.submission.iter().flat_map(|many| &many.rules);
    let found = rules.enumerate().find(|(_, rule)| {
        let refuses = rule
            .grade(Profile::Implemented)
            .is_some_and(|grade| grade.effect >= Effect::RejectGroup);
        refuses
            && matches!(&rule.check, TableCheck::Code { codes, not: false, when, .. }
                if (dated || !when.is_empty())
                    && matches!(&**codes, Codes::List(known, _) if &*known.id == list))
    });
    found.map(|(number, rule)| Asking {
        id: Arc::clone(&rule.rule.id),
        number: Some(number),
    })
}
