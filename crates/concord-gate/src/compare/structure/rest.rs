//! What changed between two content models that no child explains.

use concord_standards::schema::QName;

use super::items::Items;
use super::skeleton::{self, Kept, Model};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Side, Whom};
use crate::compare::draft::shown;
use crate::language::Inclusion;

/// Names that a message lists.
const LISTED: usize = 8;

impl Items<'_, '_, '_, '_> {
    /// What no child explains.
    pub(super) fn whole(&mut self) {
        self.text_between();
        let open = |found: Option<&Inclusion<Vec<QName>>>| {
            found.is_some_and(|found| !matches!(found, Inclusion::Included))
        };
        let (refused, arrives) = (open(self.groups.refused()), open(self.groups.arrives()));
        if !refused && !arrives {
            return;
        }
        let (narrowed, widened) = self.rest();
        if refused {
            self.unexplained(Side::Old, narrowed);
        }
        if arrives {
            self.unexplained(Side::New, widened);
        }
    }

    /// The models without the children that are told by themselves.
    fn rest(&self) -> (Inclusion<Vec<usize>>, Inclusion<Vec<usize>>) {
        let groups = self.groups;
        let kept = |side: Side| {
            let still = groups
                .both
                .iter()
                .filter(|(before, _)| !self.told.moved.contains(before));
            let kept = still.map(|(before, now)| {
                let (mine, theirs) = (&groups.old.items[*before], &groups.new.items[*now]);
                let once = mine.mentions == 1 && theirs.mentions == 1;
                let own = Kept {
                    number: *before,
                    occurs: once.then_some(theirs.own),
                };
                let item = match side {
                    Side::Old => mine,
                    Side::New => theirs,
                };
                (item.name.clone(), own)
            });
            kept.collect()
        };
        let model = |side, particle| Model {
            half: self.walk.half(side),
            particle,
            kept: kept(side),
        };
        skeleton::compare(
            &model(Side::Old, groups.particles.0),
            &model(Side::New, groups.particles.1),
        )
    }

    /// Tells of the group what its children do not explain: `taken_by` says which side takes what the other refuses.
    fn unexplained(&mut self, taken_by: Side, rest: Inclusion<Vec<usize>>) {
        let whom = match taken_by {
            Side::Old => Whom::Submitter,
            Side::New => Whom::Receiver,
        };
        let told = self.changes.iter().any(|change| change.breaks(whom));
        let found = match taken_by {
            Side::Old => self.groups.refused(),
            Side::New => self.groups.arrives(),
        };
        let (what, certainty, why) = match rest {
            Inclusion::Not(children) if !self.explained(&children, taken_by) => {
                let names = children
                    .iter()
                    .filter_map(|index| self.groups.old.items.get(*index));
                let names: Vec<&str> = names.map(|item| &*item.name.1).collect();
                (such_as(&names), Certainty::Decided, None)
            }
            _ if told => return,
            // Nothing else says that the models differ, and they do, or may.
            _ => match found {
                Some(Inclusion::Not(names)) => {
                    let names: Vec<&str> = names.iter().map(|name| &*name.local).collect();
                    (such_as(&names), Certainty::Decided, None)
                }
                Some(Inclusion::Unknown(why)) => (
                    "it could not be worked out".to_owned(),
                    Certainty::Unknown,
                    Some(why.clone()),
                ),
                _ => return,
            },
        };
        let side = taken_by.other();
        if !self.walk.refuses_structure(side) {
            return;
        }
        let (kind, words) = match taken_by {
            Side::Old => (
                Kind::ContentNarrowed,
                "children that could stand so are refused",
            ),
            Side::New => (
                Kind::ContentWidened,
                "children arrive as they could not stand before",
            ),
        };
        let change = self.group(kind).with("what", what).breaking(
            whom,
            certainty,
            why.unwrap_or_else(|| words.to_owned()),
        );
        let change = self.led_by_children(change);
        self.changes.push(change);
    }

    fn group(&self, kind: Kind) -> Change {
        let place = ChangePlace::Element(shown(self.walk.path(Side::New)));
        let (old, new) = &self.groups.origins;
        Change::draft(kind, place).at(Some(old), Some(new))
    }

    /// Whether what is told of children says already why these are refused.
    fn explained(&self, children: &[usize], taken_by: Side) -> bool {
        let count = |child: usize| children.iter().filter(|other| **other == child).count();
        let (limits, beside) = match taken_by {
            Side::Old => (&self.told.narrower, &self.told.needed),
            Side::New => (&self.told.wider, &self.told.freed),
        };
        let outside = limits.iter().any(|(child, (min, max))| {
            let count = u32::try_from(count(*child)).unwrap_or(u32::MAX);
            count < *min || max.is_some_and(|max| count > max)
        });
        outside
            || beside
                .iter()
                .any(|(missing, beside)| count(*beside) > 0 && count(*missing) == 0)
    }

    /// Text between the elements.
    fn text_between(&mut self) {
        let change = match self.groups.mixed {
            (true, false) => {
                let change = self.group(Kind::ContentNarrowed);
                let change = change.with("what", "text between the elements");
                self.walk
                    .hits_submitter(change, true, "text between the elements is refused")
            }
            (false, true) => {
                let change = self.group(Kind::ContentWidened);
                let change = change.with("what", "text between the elements");
                self.walk
                    .hits_receiver(change, true, "text between the elements arrives")
            }
            _ => return,
        };
        self.changes.push(change);
    }
}

/// `such as Day, Age`
fn such_as(names: &[&str]) -> String {
    if names.is_empty() {
        return "nothing at all".to_owned();
    }
    let mut text = format!("such as {}", names[..names.len().min(LISTED)].join(", "));
    if names.len() > LISTED {
        text.push_str(" …");
    }
    text
}
