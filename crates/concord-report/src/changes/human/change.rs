//! One change, with the record that shows it.

use std::fmt::Write as _;

use concord_gate::change::{Certainty, Side, Whom, Witness};

use super::{Page, Paint};
use crate::changes::{JudgedChange, JudgedComparison, Standing, people, place, sure};
use crate::escape;
use crate::human::wrapped;
use crate::numbers::many;

/// Lines of a record that are shown.
const WITNESS_LINES: usize = 7;

impl Page {
    pub(super) fn change(
        &mut self,
        comparison: &JudgedComparison,
        judged: &JudgedChange,
        whom: Option<Whom>,
    ) {
        let change = &judged.change;
        let (mark, paint) = match judged.standing {
            Standing::Fails => ("✗", Paint::Red),
            Standing::Excepted { .. } => ("~", Paint::Yellow),
            Standing::Told => ("!", Paint::Yellow),
            Standing::Safe => ("·", Paint::Dim),
        };
        let mark = self.painted(mark, paint);
        let message = format!("{}  {}", change.rule.id, change.message());
        let message = escape::line(&message).into_owned();
        let lines = wrapped(&message, self.width.saturating_sub(6));
        for (number, line) in lines.iter().enumerate() {
            let _ = match number {
                0 => writeln!(
                    self.text,
                    "  {mark} {}",
                    self.id_painted(line, &change.rule.id)
                ),
                _ => writeln!(self.text, "      {line}"),
            };
        }
        let Some(whom) = whom else {
            return;
        };
        self.values(judged);
        for breaks in &change.breaks {
            let also = if breaks.whom == whom {
                String::new()
            } else {
                format!("breaks {} too: ", people(breaks.whom))
            };
            let text = format!("{also}{} ({})", breaks.why, sure(breaks.certainty));
            let paint = match breaks.certainty {
                Certainty::Unknown => Paint::Yellow,
                Certainty::Decided | Certainty::Proved => Paint::Plain,
            };
            self.put(6, &text, paint);
        }
        if let (Some(when), None) = (&judged.when, &judged.notice) {
            self.put(6, when, Paint::Plain);
        }
        if let Some(notice) = &judged.notice {
            self.put(6, notice, Paint::Red);
        }
        if let Standing::Excepted {
            owner,
            reason,
            expires,
        } = &judged.standing
        {
            let text = format!("excepted by {owner} until {expires}: {reason}");
            self.put(6, &text, Paint::Dim);
        }
        let mut at = place::of(comparison, change).map_or_else(String::new, |place| {
            let side = if place.side == Side::Old {
                " (old)"
            } else {
                ""
            };
            format!("{}{side}", place.shown())
        });
        if change.also > 0 {
            let further = many(u64::from(change.also), "further place");
            let separator = if at.is_empty() { "" } else { "; " };
            at = format!("{at}{separator}and {further}");
        }
        if !at.is_empty() {
            self.put(6, &at, Paint::Dim);
        }
        if let Some(witness) = &change.witness {
            self.witness(witness);
        }
    }

    /// The first word of a line in bold, when it is the rule's id.
    fn id_painted(&self, line: &str, id: &str) -> String {
        match line.strip_prefix(id) {
            Some(rest) => format!("{}{rest}", self.painted(id, Paint::Bold)),
            None => line.to_owned(),
        }
    }

    /// Old and new, where the message does not say them already.
    fn values(&mut self, judged: &JudgedChange) {
        let change = &judged.change;
        let told = |name: &str| change.rule.message.contains(name);
        if told("{old}") && told("{new}")
            || told("{what}") && !(told("{old}") || told("{new}")) && change.old.is_none()
        {
            return;
        }
        match (&change.old, &change.new) {
            (Some(old), Some(new)) if old != new => {
                self.put(6, &format!("{old} → {new}"), Paint::Plain);
            }
            (Some(old), None) if !told("{old}") => self.put(6, &format!("was {old}"), Paint::Plain),
            (None, Some(new)) if !told("{new}") => self.put(6, &format!("is {new}"), Paint::Plain),
            _ => {}
        }
    }

    fn witness(&mut self, witness: &Witness) {
        let (takes, refuses) = (witness.taken_by.as_str(), witness.taken_by.other().as_str());
        let text = format!("a record that {takes} takes and {refuses} refuses:");
        self.put(6, &text, Paint::Dim);
        let lines: Vec<&str> = witness.submission.lines().collect();
        let at = witness
            .line
            .and_then(|line| usize::try_from(line).ok())
            .unwrap_or(1)
            .clamp(1, lines.len().max(1));
        let first = at
            .saturating_sub(1 + WITNESS_LINES / 2)
            .min(lines.len().saturating_sub(WITNESS_LINES));
        let last = (first + WITNESS_LINES).min(lines.len());
        let digits = last.to_string().len();
        for (number, line) in lines.iter().enumerate().take(last).skip(first) {
            let marked = number + 1 == at && witness.line.is_some();
            let line = cut(&escape::line(line), self.width.saturating_sub(12 + digits));
            let line = self.painted(&line, if marked { Paint::Bold } else { Paint::Dim });
            let arrow = if marked { ">" } else { " " };
            let _ = writeln!(self.text, "      {arrow} {:>digits$} │ {line}", number + 1);
        }
        if lines.len() > last - first {
            let text = format!("({} in all)", many(lines.len() as u64, "line"));
            self.put(8, &text, Paint::Dim);
        }
        for (rule, message) in witness.refused_with.iter().take(2) {
            self.put(6, &format!("refused with {rule}: {message}"), Paint::Plain);
        }
    }
}

/// The first characters of a line.
fn cut(line: &str, width: usize) -> String {
    match line.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
