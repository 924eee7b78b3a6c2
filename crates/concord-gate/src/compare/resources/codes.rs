//! The codes that elements may have.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::resources::Codes;

use super::Compared;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::compare::draft::whom;
use crate::compare::words::same_words;

/// The first element that is bound to each list, as a way from a resource, and how many there are.
type Uses = BTreeMap<Arc<str>, (Option<Vec<Arc<str>>>, u32)>;

impl Compared<'_> {
    pub(super) fn codes(&mut self) {
        let (old, new) = (&self.old.codes, &self.new.codes);
        let uses = (self.uses(Side::Old), self.uses(Side::New));
        for (name, now) in new {
            match old.get(name) {
                Some(before) => self.list(before, now, &uses),
                None => self.list_alone(Kind::CodeListAdded, now),
            }
        }
        for (name, before) in old {
            if !new.contains_key(name) {
                self.list_alone(Kind::CodeListRemoved, before);
            }
        }
    }

    fn uses(&self, side: Side) -> Uses {
        let mut found = Uses::new();
        for known in &self.side(side).types {
            for element in known
                .elements
                .iter()
                .filter(|one| super::states(known, one))
            {
                let Some(codes) = &element.codes else {
                    continue;
                };
                let entry = found.entry(Arc::clone(&codes.name)).or_default();
                entry.1 += 1;
                if entry.0.is_none() {
                    entry.0 = self.path(side, &known.name, element);
                }
            }
        }
        found
    }

    fn list_alone(&mut self, kind: Kind, list: &Codes) {
        let count = format!("{} codes", list.meanings.len());
        let mut change = Change::draft(kind, ChangePlace::Code(Arc::clone(&list.name), None));
        if kind == Kind::CodeListAdded {
            change.new = Some(count);
        } else {
            change.old = Some(count);
        }
        self.changes.push(change);
    }

    fn list(&mut self, old: &Codes, new: &Codes, uses: &(Uses, Uses)) {
        for (code, meaning) in &new.meanings {
            match old.meanings.get(code) {
                Some(before) if before != meaning && !before.is_empty() => {
                    let same = same_words(before, meaning);
                    let kind = if same {
                        Kind::CodeRespelt
                    } else {
                        Kind::CodeReworded
                    };
                    let change = self
                        .code(kind, &new.name, code)
                        .was(&**before)
                        .is(&**meaning)
                        .breaking_if(!same, Whom::Meaning, "the same code means something else");
                    self.changes.push(change);
                }
                Some(_) => {}
                None => {
                    let change = self.code(Kind::CodeAdded, &new.name, code);
                    let change = change.is(shown(code, meaning));
                    let change = self.refused(change, Side::New, &new.name, code, &uses.1);
                    self.changes.push(change);
                }
            }
        }
        for (code, meaning) in &old.meanings {
            if !new.meanings.contains_key(code) {
                let change = self.code(Kind::CodeWithdrawn, &old.name, code);
                let change = change.was(shown(code, meaning)).with("how", "");
                let change = self.refused(change, Side::Old, &old.name, code, &uses.0);
                self.changes.push(change);
            }
        }
    }

    fn code(&self, kind: Kind, list: &Arc<str>, code: &Arc<str>) -> Change {
        let what = format!("{list} {code}");
        let place = ChangePlace::Code(Arc::clone(list), Some(Arc::clone(code)));
        Change::draft(kind, place).at(self.lines.0.get(&what), self.lines.1.get(&what))
    }

    /// Adds that a code that only one side has is refused by the other.
    fn refused(
        &self,
        mut change: Change,
        sender: Side,
        list: &Arc<str>,
        code: &str,
        uses: &Uses,
    ) -> Change {
        let Some((path, count)) = uses.get(list) else {
            return change;
        };
        if !self.refuses_values(sender.other()) {
            return change;
        }
        change.also = count.saturating_sub(1);
        let why = match sender {
            Side::Old => "the code is refused",
            Side::New => "a code arrives that was refused",
        };
        change.break_for(whom(sender), Certainty::Decided, why);
        match path {
            Some(path) => change.led(
                sender,
                LeadKind::Value {
                    path: path.clone(),
                    text: code.to_owned(),
                },
            ),
            None => change,
        }
    }
}

fn shown(code: &str, meaning: &str) -> String {
    if meaning.is_empty() {
        code.to_owned()
    } else {
        meaning.to_owned()
    }
}
