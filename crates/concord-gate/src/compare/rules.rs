//! Rules beyond structure compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::RuleStatus;
use concord_standards::rules::{Check, RuleDefinition, Seat};

use super::side::Pair;
use super::words::{Renamed, plain_sql};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::subject::Aspect;

/// Compares the rules of both sides: by id, and where an id stands several times in the order in which it does.
///
/// A rule that asks the same of an element that has another name now has not changed.
pub(super) fn compare(pair: &Pair<'_>, renamed: &Renamed) -> Vec<Change> {
    if !pair.says(Aspect::Rules) {
        return Vec::new();
    }
    let numbered = |rules| {
        let mut seen: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        let mut found: Vec<((Arc<str>, usize), &RuleDefinition)> = Vec::new();
        for rule in running(rules) {
            let number = seen.entry(Arc::clone(&rule.rule.id)).or_default();
            found.push(((Arc::clone(&rule.rule.id), *number), rule));
            *number += 1;
        }
        found
    };
    let (old, new) = (
        numbered(&pair.old.definition().rules),
        numbered(&pair.new.definition().rules),
    );
    let before: BTreeMap<_, _> = old.iter().cloned().collect();
    let now: BTreeMap<_, _> = new.iter().cloned().collect();
    let mut changes = Vec::new();
    for (key, theirs) in &new {
        match before.get(key) {
            Some(mine) => changes.extend(both(mine, theirs, renamed)),
            None => changes.push(added(theirs)),
        }
    }
    for (key, mine) in &old {
        if !now.contains_key(key) {
            changes.push(removed(mine));
        }
    }
    changes
}

/// The rules that are run unless somebody asks for more or less.
fn running(rules: &[RuleDefinition]) -> impl Iterator<Item = &RuleDefinition> {
    rules
        .iter()
        .filter(|rule| rule.rule.status == RuleStatus::Stable)
}

fn place(rule: &RuleDefinition) -> ChangePlace {
    ChangePlace::Rule(Arc::clone(&rule.rule.id))
}

fn lead(rule: &RuleDefinition) -> LeadKind {
    LeadKind::RuleBroken(Arc::clone(&rule.rule.id))
}

/// Whether a rule only says by which id, and with which effect, a fact of a column is reported. The fact, and what is done
/// about it, is compared with its column.
fn reports_a_fact(rule: &RuleDefinition) -> bool {
    matches!(rule.check, Check::Field(_))
}

const NOT_WORKED_OUT: &str = "whether a record breaks it that was taken is not worked out";

fn added(rule: &RuleDefinition) -> Change {
    let change = Change::draft(Kind::RuleAdded, place(rule))
        .is(rule.rule.effect.as_str())
        .with("what", rule.check.in_words())
        .at(None, Some(&rule.origin));
    if !rule.rule.effect.is_reject() || reports_a_fact(rule) {
        // The receiver tells more than before and takes as much.
        return change;
    }
    change
        .breaking(Whom::Submitter, Certainty::Unknown, NOT_WORKED_OUT)
        .led(Side::Old, lead(rule))
}

fn removed(rule: &RuleDefinition) -> Change {
    let mut change = Change::draft(Kind::RuleRemoved, place(rule))
        .was(rule.rule.effect.as_str())
        .with("what", rule.check.in_words())
        .at(Some(&rule.origin), None);
    if reports_a_fact(rule) {
        return change;
    }
    if rule.rule.effect.is_reject() {
        let why = "whether a record arrives that it refused is not worked out";
        change = change
            .breaking(Whom::Receiver, Certainty::Unknown, why)
            .led(Side::New, lead(rule));
    } else if matches!(rule.check, Check::Carrier(_)) {
        // The checker's own rule reports it now, with its own effect.
        let why = "the checker's own rule takes its place, which may refuse";
        change.break_for(Whom::Submitter, Certainty::Unknown, why);
    }
    change
}

fn both(old: &RuleDefinition, new: &RuleDefinition, renamed: &Renamed) -> Vec<Change> {
    let draft = |kind| Change::draft(kind, place(new)).at(Some(&old.origin), Some(&new.origin));
    let mut changes = Vec::new();
    let (before, now) = (old.rule.effect, new.rule.effect);
    if before != now {
        let kind = if now > before {
            Kind::RuleEffectRaised
        } else {
            Kind::RuleEffectLowered
        };
        let mut change = draft(kind).was(before.as_str()).is(now.as_str());
        change = match (before.is_reject(), now.is_reject()) {
            (false, true) => change
                .breaking(Whom::Submitter, Certainty::Unknown, NOT_WORKED_OUT)
                .led(Side::Old, lead(new)),
            (true, false) => change
                .breaking(
                    Whom::Receiver,
                    Certainty::Unknown,
                    "whether a record arrives that it refused is not worked out",
                )
                .led(Side::New, lead(old)),
            (true, true) if now > before => change.breaking(
                Whom::Submitter,
                Certainty::Unknown,
                "more is refused with what breaks it",
            ),
            (true, true) => change.breaking(
                Whom::Receiver,
                Certainty::Unknown,
                "less is refused with what breaks it",
            ),
            (false, false) => change.breaking(
                Whom::Meaning,
                Certainty::Decided,
                "the receiver takes as much as before and judges it otherwise",
            ),
        };
        changes.push(change);
    }
    let none = Renamed::default();
    let condition = (plain(&old.check, renamed), seat(&old.at, renamed))
        != (plain(&new.check, &none), seat(&new.at, &none));
    if condition {
        changes.push(condition_changed(old, new, renamed, draft));
    }
    let told = |rule: &RuleDefinition| {
        let rule = &rule.rule;
        let texts = (&rule.title, &rule.message, &rule.label, &rule.help);
        [
            ("title", texts.0.clone()),
            ("message", texts.1.clone()),
            ("label", texts.2.clone().unwrap_or_default()),
            ("help", texts.3.clone().unwrap_or_default()),
            ("source", rule.source.clone()),
        ]
    };
    let differing: Vec<&str> = told(old)
        .into_iter()
        .zip(told(new))
        .filter(|(before, now)| before != now)
        .map(|((name, _), _)| name)
        .collect();
    if !differing.is_empty() && !condition {
        changes.push(draft(Kind::RuleReworded).with("what", differing.join(", ")));
    }
    changes
}

fn condition_changed(
    old: &RuleDefinition,
    new: &RuleDefinition,
    renamed: &Renamed,
    draft: impl Fn(Kind) -> Change,
) -> Change {
    let rejects = (old.rule.effect.is_reject(), new.rule.effect.is_reject());
    if let Some(narrower) = uniqueness(old, new, renamed) {
        let (kind, whom) = if narrower {
            (Kind::UniquenessNarrowed, Whom::Submitter)
        } else {
            (Kind::UniquenessWidened, Whom::Receiver)
        };
        let (refuses, side, rule) = if narrower {
            (rejects.1, Side::Old, new)
        } else {
            (rejects.0, Side::New, old)
        };
        let values = |rule: &RuleDefinition| match &rule.check {
            Check::Unique { elements, .. } => elements.join(" with "),
            _ => String::new(),
        };
        let change = draft(kind).was(values(old)).is(values(new));
        if !refuses {
            return change;
        }
        return change
            .breaking(
                whom,
                Certainty::Decided,
                "records that differ only in what is left out are the same",
            )
            .led(side, lead(rule));
    }
    let mut change = draft(Kind::RuleConditionChanged)
        .was(format!("{}{}", old.check.in_words(), seat_words(&old.at)))
        .is(format!("{}{}", new.check.in_words(), seat_words(&new.at)));
    if rejects.1 {
        change = change
            .breaking(Whom::Submitter, Certainty::Unknown, NOT_WORKED_OUT)
            .led(Side::Old, lead(new));
    }
    if rejects.0 {
        let why = "whether a record arrives that it refused is not worked out";
        change.break_for(Whom::Receiver, Certainty::Unknown, why);
    }
    change
}

/// Whether fewer values make a record unique (true), or more (false); `None` when neither, or when something else differs.
fn uniqueness(old: &RuleDefinition, new: &RuleDefinition, renamed: &Renamed) -> Option<bool> {
    let none = Renamed::default();
    if seat(&old.at, renamed) != seat(&new.at, &none) {
        return None;
    }
    let (before, now) = (plain(&old.check, renamed), plain(&new.check, &none));
    let (
        Check::Unique {
            elements: mine,
            when,
            keep,
        },
        Check::Unique {
            elements: theirs,
            when: on,
            keep: kept,
        },
    ) = (&before, &now)
    else {
        return None;
    };
    if when != on || keep != kept {
        return None;
    }
    let within = |few: &[String], many: &[String]| few.iter().all(|element| many.contains(element));
    match (within(theirs, mine), within(mine, theirs)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// A check as it is compared: with the names that its elements have now, SQL without what does not count in it, and sets in one
/// order.
fn plain(check: &Check, renamed: &Renamed) -> Check {
    let mut check = check.clone();
    let sql = |text: &mut String| *text = plain_sql(&renamed.in_text(text));
    let when = |text: &mut Option<String>| {
        if let Some(text) = text {
            sql(text);
        }
    };
    let name = |name: &mut String| *name = renamed.in_text(name);
    let names = |names: &mut Vec<String>| names.iter_mut().for_each(name);
    let set = |all: &mut Vec<String>| {
        names(all);
        all.sort_unstable();
    };
    match &mut check {
        Check::Sql(text) | Check::Query(text) => sql(text),
        Check::Equal { left, right } => {
            name(left);
            name(right);
        }
        Check::RecordCount { element } | Check::Sequence { element, .. } => name(element),
        Check::Unique {
            elements,
            when: condition,
            ..
        } => {
            set(elements);
            when(condition);
        }
        Check::SubmissionSequence { element, per, .. } | Check::Consistent { element, per } => {
            name(element);
            set(per);
        }
        Check::Leak { of, into } => {
            set(of);
            set(into);
        }
        Check::Required {
            columns,
            when: condition,
        }
        | Check::OneOf {
            columns,
            when: condition,
        }
        | Check::Blank {
            columns,
            when: condition,
        } => {
            set(columns);
            when(condition);
        }
        Check::Order { elements } => names(elements),
        Check::Window { element, from, to } => {
            name(element);
            when(from);
            when(to);
        }
        Check::Code {
            element,
            as_at,
            when: condition,
            ..
        } => {
            name(element);
            as_at.iter_mut().for_each(name);
            when(condition);
        }
        Check::Exists {
            elements,
            as_at,
            when: condition,
            ..
        } => {
            names(elements);
            as_at.iter_mut().for_each(name);
            when(condition);
        }
        Check::Reconcile { only, except, .. } => {
            only.sort_unstable();
            except.sort_unstable();
        }
        Check::Field(_) | Check::Carrier(_) => {}
    }
    check
}

fn seat(seat: &Seat, renamed: &Renamed) -> Seat {
    match seat {
        Seat::Elements(names) => {
            let mut names: Vec<String> = names.iter().map(|name| renamed.in_text(name)).collect();
            names.sort_unstable();
            Seat::Elements(names)
        }
        Seat::Group(group) => Seat::Group(renamed.in_text(group)),
        other => other.clone(),
    }
}

fn seat_words(seat: &Seat) -> String {
    match seat {
        Seat::Submission => ", of the submission".to_owned(),
        Seat::Record => String::new(),
        Seat::Set => ", of the data sets together".to_owned(),
        Seat::Group(group) => format!(", of each {group}"),
        Seat::Elements(names) => format!(", of each of {}", names.join(", ")),
    }
}
