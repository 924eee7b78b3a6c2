//! Assessment scales compared: tools that came and went, and scores that they permit.

use std::sync::Arc;

use concord_standards::submission::Check;
use concord_standards::submission::scale::{Judge, Scale};

use super::Many;
use super::asked::Asked;
use super::words::notation;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side};
use crate::compare::draft::whom;

impl Many<'_> {
    pub(super) fn scales(&mut self) {
        let (old, new) = (&self.numbering.old.scales, &self.numbering.new.scales);
        for (tool, now) in new {
            match old.get(tool) {
                Some(before) => self.scale(tool, Some(before), Some(now)),
                None => self.scale(tool, None, Some(now)),
            }
        }
        for (tool, before) in old {
            if !new.contains_key(tool) {
                self.scale(tool, Some(before), None);
            }
        }
    }

    fn scale(&mut self, tool: &Arc<str>, old: Option<&Scale>, new: Option<&Scale>) {
        let (before, now) = (old.map(said), new.map(said));
        if before == now {
            return;
        }
        let kind = match (&before, &now) {
            (None, _) => Kind::ScaleAdded,
            (_, None) => Kind::ScaleRemoved,
            _ => Kind::ScaleChanged,
        };
        let mut change = Change::draft(
            kind,
            ChangePlace::Code("scales".into(), Some(Arc::clone(tool))),
        );
        change.old = before;
        change.new = now;
        for (sender, own, reader) in [(Side::Old, old, new), (Side::New, new, old)] {
            let rules = self.rules_of(sender.other()).iter();
            let judging = rules.filter(|asked| {
                asked.rejects()
                    && matches!(asked.check, Check::Scale { .. })
                    && self.numbering.knows_table(sender, asked.table)
            });
            for asked in judging.collect::<Vec<_>>() {
                change = self.judged(change, sender, tool, (own, reader), asked);
            }
        }
        self.changes.push(change);
    }

    /// Adds what a rule of the other side refuses of the scores that a side takes.
    fn judged(
        &self,
        change: Change,
        sender: Side,
        tool: &Arc<str>,
        (own, reader): (Option<&Scale>, Option<&Scale>),
        asked: &Asked<'_>,
    ) -> Change {
        let Check::Scale {
            tool: tools,
            score: scores,
            judge,
        } = &asked.check
        else {
            return change;
        };
        let judges = |scale: Option<&Scale>, score: &str| match (judge, scale) {
            (Judge::Tool, scale) => scale.is_some(),
            (_, None) => true,
            (Judge::Score, Some(scale)) => scale.permits(score),
            (Judge::Format, Some(scale)) => scale.has_form(score),
        };
        let candidates = candidates(own, reader);
        let all = candidates.iter().filter(|score| !score.is_empty());
        // What one kind of judgement of the sender lets through another may not.
        let takes = |score: &str| {
            self.rules_of(sender)
                .iter()
                .all(|known| match &known.check {
                    Check::Scale {
                        tool,
                        score: of,
                        judge,
                    } if known.rejects()
                        && (known.table, tool, of) == (asked.table, tools, scores) =>
                    {
                        match (judge, own) {
                            (Judge::Tool, scale) => scale.is_some(),
                            (_, None) => true,
                            (Judge::Score, Some(scale)) => scale.permits(score),
                            (Judge::Format, Some(scale)) => scale.has_form(score),
                        }
                    }
                    _ => true,
                })
        };
        let shown = all
            .map(String::as_str)
            .find(|score| takes(score) && !judges(reader, score));
        let who = whom(sender);
        if let Some(score) = shown {
            let why = format!("{} refuses the score {score}", asked.rule.rule.id);
            let cells = [(*tools, tool.to_string()), (*scores, score.to_owned())];
            let change = change.breaking(who, Certainty::Decided, why);
            return match self.row(sender, asked.table, &cells) {
                Some(lead) => change.led(sender, lead),
                None => change,
            };
        }
        if *judge == Judge::Score
            && own.is_some_and(|own| reader.is_some_and(|new| wider(own, new)))
            || *judge == Judge::Format && reader.is_some()
        {
            let why = format!(
                "whether {} refuses a score is not worked out",
                asked.rule.rule.id
            );
            let lead = LeadKind::TableRuleBroken {
                rule: Arc::clone(&asked.rule.rule.id),
                number: asked.number,
            };
            return change
                .breaking(who, Certainty::Unknown, why)
                .led(sender, lead);
        }
        change
    }
}

/// Whether some score may be permitted by a scale that another does not permit: their numbers differ, or how they are written.
fn wider(own: &Scale, other: &Scale) -> bool {
    let within = match (own.range, other.range) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((least, most)), Some((from, to))) => from <= least && most <= to,
    };
    let written = other.decimals.is_none() || own.decimals == other.decimals;
    !(within && (written || own.range.is_none()))
}

/// Scores at which two scales may differ.
fn candidates(own: Option<&Scale>, other: Option<&Scale>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for scale in [own, other].into_iter().flatten() {
        all.extend(scale.values.iter().map(ToString::to_string));
        if let Some((least, most)) = scale.range {
            for number in [
                least,
                most,
                least - 1.0,
                most + 1.0,
                f64::midpoint(least, most),
            ] {
                all.push(format!("{number}"));
                all.push(format!("{number:.1}"));
                all.push(format!("{number:.2}"));
            }
        }
        if let Some(form) = &scale.form {
            let (right, wrong) = form.examples();
            all.extend(right);
            all.extend(wrong);
        }
    }
    all.push("0".to_owned());
    all.push("X".to_owned());
    all
}

/// What a scale permits, in words.
fn said(scale: &Scale) -> String {
    let decimals = scale.decimals;
    let decimals = decimals.map(|decimals| format!(", with {decimals} decimals or none"));
    let form = scale.form.as_ref();
    let form = form.map(|form| format!(", written {}", notation(form)));
    let parts = [Some(scale.shown()), decimals, form];
    parts.into_iter().flatten().collect()
}
