//! What differs in rules, and whom it breaks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::submission::{Check, Grade, Profile};

use super::asked::Asked;
use super::implied::{Implied, Sender};
use super::{Aspect, Many};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::compare::draft::whom;
use crate::compare::matching::in_order;

/// A rule of both sides, or of one.
struct Paired<'a> {
    old: Option<&'a Asked<'a>>,
    new: Option<&'a Asked<'a>>,
}

impl<'m> Many<'m> {
    pub(super) fn rules(&mut self) {
        let (old, new): (&'m [Asked<'m>], &'m [Asked<'m>]) = (self.old, self.new);
        let pairs = paired(old, new);
        let mut told: Vec<Change> = Vec::new();
        for pair in &pairs {
            self.rule(pair, &mut told);
        }
        self.changes.extend(folded(told));
        self.order(&pairs);
    }

    fn rule(&mut self, pair: &Paired<'_>, told: &mut Vec<Change>) {
        let Some(either) = pair.new.or(pair.old) else {
            return;
        };
        let mut changes = self.differences(pair, either);
        let mut broken: Vec<Whom> = Vec::new();
        for (reader, asked, other) in [
            (Side::New, pair.new, pair.old),
            (Side::Old, pair.old, pair.new),
        ] {
            let Some(asked) = asked.filter(|asked| asked.rejects()) else {
                continue;
            };
            let same = other.is_some_and(|other| other.rejects() && other.words == asked.words);
            if same {
                continue;
            }
            let sender = reader.other();
            let implied = Sender {
                side: sender,
                numbering: self.numbering,
                rules: self.rules_of(sender),
            }
            .implies(asked);
            let Some((certainty, why, lead)) = self.verdict(implied, asked, sender) else {
                continue;
            };
            let whom = whom(sender);
            broken.push(whom);
            let add = |change: &mut Change| {
                change.break_for(whom, certainty, why.clone());
                if let Some(lead) = &lead {
                    let led = change.clone().led(sender, lead.clone());
                    change.lead = led.lead;
                }
            };
            if let Some(column) = self.of_column(asked, whom) {
                add(&mut self.changes[column]);
            } else if let Some(change) = changes.iter_mut().find(|change| can_break(change, whom)) {
                add(change);
            } else {
                // What has another condition may break anybody.
                let mut change = draft(Kind::RuleConditionChanged, pair, either);
                change.old = Some(said(pair.old));
                change.new = Some(said(pair.new));
                add(&mut change);
                changes.push(change);
            }
        }
        told.append(&mut changes);
    }

    /// How sure it is that a rule breaks who keeps to the other side, why, and what shows it.
    fn verdict(
        &self,
        implied: Implied,
        asked: &Asked<'_>,
        sender: Side,
    ) -> Option<(Certainty, String, Option<LeadKind>)> {
        Some(match implied {
            Implied::Yes => return None,
            Implied::No(refused) => {
                let lead = self.row(sender, asked.table, &refused.cells);
                (Certainty::Decided, refused.why, lead)
            }
            Implied::Perhaps(refused) => {
                let lead = self.row(sender, asked.table, &refused.cells);
                (Certainty::Unknown, refused.why, lead)
            }
            Implied::Unknown(why) => {
                let lead = LeadKind::TableRuleBroken {
                    rule: Arc::clone(&asked.rule.rule.id),
                    number: asked.number,
                };
                (Certainty::Unknown, why, Some(lead))
            }
        })
    }

    /// What is another in a rule, whoever it breaks.
    fn differences(&self, pair: &Paired<'_>, either: &Asked<'_>) -> Vec<Change> {
        let word = |grade: Option<Grade>| match grade {
            None => "no rule of the implementation".to_owned(),
            Some(grade) if grade.severity_1 => "severity-1".to_owned(),
            Some(grade) => grade.effect.as_str().to_owned(),
        };
        let (Some(old), Some(new)) = (pair.old, pair.new) else {
            // What stands beside a column comes and goes with it.
            if either.stands_beside() && !self.is_shared(either) {
                return Vec::new();
            }
            let effect = word(either.grade);
            let change = if pair.new.is_some() {
                draft(Kind::RuleAdded, pair, either).is(effect)
            } else {
                draft(Kind::RuleRemoved, pair, either).was(effect)
            };
            return vec![change.with("what", either.words.clone())];
        };
        let mut changes = Vec::new();
        if old.rule.rule.id != new.rule.rule.id {
            let change = draft(Kind::RuleIdChanged, pair, either)
                .was(&*old.rule.rule.id)
                .is(&*new.rule.rule.id)
                .with("what", new.words.clone())
                .breaking(
                    Whom::Meaning,
                    Certainty::Decided,
                    "reports, waivers and counts know it by its id",
                );
            changes.push(change);
        }
        if old.grade != new.grade {
            let gravity =
                |grade: Option<Grade>| grade.map(|grade| (grade.effect, grade.severity_1));
            let (before, now) = (gravity(old.grade), gravity(new.grade));
            let kind = if now > before {
                Kind::RuleEffectRaised
            } else {
                Kind::RuleEffectLowered
            };
            let mut change = draft(kind, pair, either)
                .was(word(old.grade))
                .is(word(new.grade));
            match (old.rejects(), new.rejects()) {
                (true, true) if now > before => {
                    let why = "more is refused with what breaks it";
                    change.break_for(Whom::Submitter, Certainty::Unknown, why);
                }
                (true, true) => {
                    let why = "less is refused with what breaks it";
                    change.break_for(Whom::Receiver, Certainty::Unknown, why);
                }
                (false, false) => {
                    let why = "the receiver takes as much as before and judges it otherwise";
                    change.break_for(Whom::Meaning, Certainty::Decided, why);
                }
                _ => {}
            }
            changes.push(change);
        }
        let published = |asked: &Asked<'_>| asked.rule.grade(Profile::Published);
        let apart = |asked: &Asked<'_>| published(asked) != asked.grade;
        if published(old) != published(new) && (apart(old) || apart(new)) {
            let change = draft(Kind::RulePublishedChanged, pair, either)
                .was(word(published(old)))
                .is(word(published(new)));
            changes.push(change);
        }
        if old.words != new.words && !self.is_of_column(new) {
            let change = draft(Kind::RuleConditionChanged, pair, new);
            changes.push(change.was(old.words.clone()).is(new.words.clone()));
        } else if old.words == new.words {
            changes.extend(self.reworded(pair, old, new));
        }
        changes
    }

    /// Texts that are another though the rule asks the same.
    fn reworded(&self, pair: &Paired<'_>, old: &Asked<'_>, new: &Asked<'_>) -> Option<Change> {
        let (before, now) = (&old.rule.rule, &new.rule.rule);
        // Texts that are made name columns in the order in which a rule does, which means nothing.
        let words = |text: &str| {
            let letter = |letter: char| !(letter.is_alphanumeric() || letter == '_');
            let mut words: Vec<String> = text.split(letter).map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let text = |text: &Option<String>| words(text.as_deref().unwrap_or_default());
        let names: Vec<&str> = [
            ("title", words(&before.title) != words(&now.title)),
            ("message", words(&before.message) != words(&now.message)),
            ("label", text(&before.label) != text(&now.label)),
            ("help", text(&before.help) != text(&now.help)),
        ]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect();
        // Texts that are made name what they are about, which may have another name.
        let renamed = self
            .numbering
            .columns
            .get(new.table)
            .is_some_and(|columns| columns.iter().any(|both| both.renamed.is_some()));
        // Of codes the texts that are made list some, which are compared by themselves.
        let lists = matches!(new.check, Check::Code { .. });
        (!names.is_empty() && !renamed && !lists)
            .then(|| draft(Kind::RuleReworded, pair, new).with("what", names.join(", ")))
    }

    /// Whether both sides have the column that a rule stands beside.
    fn is_shared(&self, asked: &Asked<'_>) -> bool {
        let knows = |side| {
            asked.place.map_or_else(
                || self.numbering.knows_table(side, asked.table),
                |column| self.numbering.knows(side, asked.table, column),
            )
        };
        knows(Side::Old) && knows(Side::New)
    }

    /// What of its column a rule is about, where it stands beside one.
    fn aspect(asked: &Asked<'_>) -> Option<(usize, Aspect)> {
        if !asked.stands_beside() {
            return None;
        }
        let aspect = match &asked.check {
            Check::Required { .. } => Aspect::Presence,
            Check::Form { .. } => Aspect::Format,
            Check::Code { .. } => Aspect::Codes,
            _ => return None,
        };
        Some((asked.place?, aspect))
    }

    /// The change of a column that a rule beside it belongs to.
    fn of_column(&self, asked: &Asked<'_>, whom: Whom) -> Option<usize> {
        let (column, aspect) = Self::aspect(asked)?;
        let key = (asked.table, column, aspect, whom);
        self.of_columns.get(&key).copied()
    }

    /// Whether that it asks another thing follows from a change of the column that it stands beside.
    fn is_of_column(&self, asked: &Asked<'_>) -> bool {
        let Some((column, aspect)) = Self::aspect(asked) else {
            return false;
        };
        let known = [Whom::Submitter, Whom::Receiver];
        let told = known.iter().any(|whom| {
            let key = (asked.table, column, aspect, *whom);
            self.of_columns.contains_key(&key)
        });
        // Formats that take the same are told as written otherwise.
        told || aspect == Aspect::Format
    }

    /// Referential rules in another order.
    fn order(&mut self, pairs: &[Paired<'_>]) {
        let both: Vec<(&Asked<'_>, &Asked<'_>)> = pairs
            .iter()
            .filter_map(|pair| Some((pair.old?, pair.new?)))
            .filter(|(old, new)| {
                old.is_referential() && new.is_referential() && new.rejects() && old.rejects()
            })
            .collect();
        let numbers: Vec<usize> = both.iter().map(|(old, _)| old.number).collect();
        let kept = in_order(&numbers);
        let moved = both.iter().zip(kept).filter(|(_, kept)| !kept);
        let mut changes = Vec::new();
        for ((old, new), _) in moved {
            let behind = |rules: &[Asked<'_>], asked: &Asked<'_>| {
                let before = rules[..asked.number]
                    .iter()
                    .rev()
                    .find(|known| known.is_referential());
                before.map_or_else(
                    || "first".to_owned(),
                    |known| format!("after {}", known.rule.rule.id),
                )
            };
            let pair = Paired {
                old: Some(old),
                new: Some(new),
            };
            let why = "where a row is rejected, others fall with it in another order";
            let change = draft(Kind::RuleOrderChanged, &pair, new)
                .was(behind(self.old, old))
                .is(behind(self.new, new))
                .breaking(Whom::Submitter, Certainty::Unknown, why)
                .breaking(Whom::Receiver, Certainty::Unknown, why);
            changes.push(change);
        }
        self.changes.append(&mut changes);
    }
}

fn draft(kind: Kind, pair: &Paired<'_>, either: &Asked<'_>) -> Change {
    let origin = |asked: Option<&Asked<'_>>| asked.map(|asked| asked.rule.origin.clone());
    let place = ChangePlace::Rule(Arc::clone(&either.rule.rule.id));
    let (old, new) = (origin(pair.old), origin(pair.new));
    Change::draft(kind, place).at(old.as_ref(), new.as_ref())
}

/// What a rule asks, where there is one.
fn said(asked: Option<&Asked<'_>>) -> String {
    asked.map_or_else(|| "nothing".to_owned(), |asked| asked.words.clone())
}

fn can_break(change: &Change, whom: Whom) -> bool {
    change.rule.can_break.contains(&whom) && !change.is_of(Kind::RuleIdChanged)
}

/// Rules that are the same rule: by id, table and what they point at, those first that ask the same; then, under another id, those
/// that ask the same.
fn paired<'a>(old: &'a [Asked<'a>], new: &'a [Asked<'a>]) -> Vec<Paired<'a>> {
    type Key<'k> = (&'k str, usize, Option<usize>, &'k str);
    let mut free: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    let key = |asked: &'a Asked<'a>, stage: u8| -> Key<'a> {
        let id: &str = &asked.rule.rule.id;
        match stage {
            0 => (id, asked.table, asked.place, asked.words.as_str()),
            1 => (id, asked.table, asked.place, asked.check.kind()),
            2 => (id, asked.table, None, ""),
            _ => ("", asked.table, None, asked.words.as_str()),
        }
    };
    let mut matched: Vec<Option<usize>> = vec![None; new.len()];
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for stage in 0..4 {
        free.clear();
        for (number, asked) in old.iter().enumerate().rev() {
            if !taken.contains(&number) {
                free.entry(key(asked, stage)).or_default().push(number);
            }
        }
        for (number, asked) in new.iter().enumerate() {
            if matched[number].is_some() {
                continue;
            }
            if let Some(found) = free.get_mut(&key(asked, stage)).and_then(Vec::pop) {
                matched[number] = Some(found);
                taken.insert(found);
            }
        }
    }
    let mut pairs: Vec<Paired<'a>> = new
        .iter()
        .zip(&matched)
        .map(|(asked, found)| Paired {
            old: found.map(|found| &old[found]),
            new: Some(asked),
        })
        .collect();
    let gone = old.iter().enumerate();
    let gone = gone.filter(|(number, _)| !taken.contains(number));
    pairs.extend(gone.map(|(_, asked)| Paired {
        old: Some(asked),
        new: None,
    }));
    pairs
}

/// What is said of one rule at several columns told once.
fn folded(changes: Vec<Change>) -> Vec<Change> {
    type Said = (Arc<str>, ChangePlace, Option<String>, Option<String>);
    let mut first: BTreeMap<Said, usize> = BTreeMap::new();
    let mut kept: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let said = (
            Arc::clone(&change.rule.id),
            change.place.clone(),
            change.old.clone(),
            change.new.clone(),
        );
        let Some(index) = first.get(&said) else {
            first.insert(said, kept.len());
            kept.push(change);
            continue;
        };
        let known = &mut kept[*index];
        known.also = known.also.saturating_add(1);
        for breaks in change.breaks {
            known.break_for(breaks.whom, breaks.certainty, breaks.why);
        }
        if known.lead.is_none() {
            known.lead = change.lead;
        }
    }
    kept
}
