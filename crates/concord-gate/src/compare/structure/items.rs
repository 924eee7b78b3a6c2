//! What changed between two content models, told child by child; what no child explains is told of the group.

use std::collections::BTreeMap;

use concord_standards::schema::QName;

use super::Walk;
use super::group::Groups;
use super::roster::{Item, Roster, occurs};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, LeadKind, Side, Whom};
use crate::compare::matching::in_order;
use crate::language::Inclusion;

/// Tells what changed, and sees to it that what makes one side refuse what the other took is never left untold.
pub(super) fn tell(walk: &mut Walk<'_, '_>, groups: &Groups<'_>) {
    let mut items = Items {
        walk,
        groups,
        told: Told::default(),
        changes: Vec::new(),
    };
    for (before, now) in &groups.both {
        items.occurrence(*before, *now);
    }
    for found in &groups.renamed {
        items.renamed(found);
    }
    for now in &groups.come {
        items.added(*now);
    }
    for before in &groups.gone {
        items.removed(*before);
    }
    if items.walk.pair.compares_content() {
        items.moved();
        items.whole();
    }
    for change in items.changes {
        walk.tell(change);
    }
}

/// What has been told of children that both sides have, as what a sequence of children must not show any more to be taken.
#[derive(Default)]
pub(super) struct Told {
    /// Fewest and most times of a child (by position on the old side) on the side that refuses.
    pub(super) narrower: BTreeMap<usize, (u32, Option<u32>)>,
    pub(super) wider: BTreeMap<usize, (u32, Option<u32>)>,
    /// The first must stand where the second does: (missing, beside).
    pub(super) needed: Vec<(usize, usize)>,
    pub(super) freed: Vec<(usize, usize)>,
    /// Children that stand in another order.
    pub(super) moved: Vec<usize>,
}

pub(super) struct Items<'i, 'w, 's, 'g> {
    pub(super) walk: &'i mut Walk<'w, 's>,
    pub(super) groups: &'i Groups<'g>,
    pub(super) told: Told,
    pub(super) changes: Vec<Change>,
}

impl Items<'_, '_, '_, '_> {
    fn child(&self, kind: Kind, item: &Item, side: Side) -> Change {
        let mut change = Change::draft(kind, self.walk.child(side, &item.name.1));
        let origin = Some(item.origin.clone());
        match side {
            Side::Old => change.old_origin = origin,
            Side::New => change.new_origin = origin,
        }
        change
    }

    /// Where both sides have a child of which the one cannot stand without the other on one side, and can on the other side.
    fn beside(&self, child: (usize, usize), from: Side) -> Option<usize> {
        let (old, new) = (&self.groups.old, &self.groups.new);
        if !old.is_paired() || !new.is_paired() {
            return None;
        }
        let both = self.groups.both.iter().copied();
        both.filter(|other| *other != child)
            .find(|other| {
                let apart = (old.without(other.0, child.0), new.without(other.1, child.1));
                match from {
                    Side::Old => apart == (true, false),
                    Side::New => apart == (false, true),
                }
            })
            .map(|(before, _)| before)
    }

    /// A child that both sides have: how often it may and must stand.
    fn occurrence(&mut self, before: usize, now: usize) {
        let (mine, theirs) = (&self.groups.old.items[before], &self.groups.new.items[now]);
        let counts = ((mine.min, mine.max), (theirs.min, theirs.max));
        let name = &theirs.name.1;
        let (needed, freed) = (
            self.beside((before, now), Side::Old),
            self.beside((before, now), Side::New),
        );
        let by_itself = mine.min == theirs.min;
        let made_mandatory = mine.min == 0 && theirs.min > 0;
        let made_optional = mine.min > 0 && theirs.min == 0;
        if made_mandatory || (by_itself && needed.is_some()) {
            let beside = needed.filter(|_| !made_mandatory);
            let change = self
                .child(Kind::ElementMadeMandatory, theirs, Side::New)
                .with("beside", self.beside_words(beside));
            let mut change =
                self.walk
                    .hits_submitter(change, true, "records without it are refused");
            change.old_origin = Some(mine.origin.clone());
            let path = self.walk.lead_to(Side::Old, &mine.name.1);
            self.changes
                .push(change.led_if_breaking(Side::Old, LeadKind::Absent(path)));
            match beside {
                Some(beside) => self.told.needed.push((before, beside)),
                None => {
                    self.told.narrower.insert(before, counts.1);
                }
            }
        }
        if made_optional || (by_itself && freed.is_some()) {
            let beside = freed.filter(|_| !made_optional);
            let change = self
                .child(Kind::ElementMadeOptional, theirs, Side::New)
                .with("beside", self.beside_words(beside));
            let mut change = self
                .walk
                .hits_receiver(change, true, "records without it arrive");
            change.old_origin = Some(mine.origin.clone());
            let path = self.walk.lead_to(Side::New, name);
            self.changes
                .push(change.led_if_breaking(Side::New, LeadKind::Absent(path)));
            match beside {
                Some(beside) => self.told.freed.push((before, beside)),
                None => {
                    self.told.wider.insert(before, counts.0);
                }
            }
        }
        let more = |one: Option<u32>, other: Option<u32>| match (one, other) {
            (None, other) => other.is_some(),
            (Some(one), Some(other)) => one > other,
            (Some(_), None) => false,
        };
        let narrowed = more(mine.max, theirs.max) || (theirs.min > mine.min && mine.min > 0);
        let widened = more(theirs.max, mine.max) || (theirs.min < mine.min && theirs.min > 0);
        for (kind, holds) in [
            (Kind::OccurrenceNarrowed, narrowed),
            (Kind::OccurrenceWidened, widened),
        ] {
            if !holds {
                continue;
            }
            let change = self
                .child(kind, theirs, Side::New)
                .was(occurs(mine.min, mine.max))
                .is(occurs(theirs.min, theirs.max));
            let mut change = change;
            change.old_origin = Some(mine.origin.clone());
            let change = if kind == Kind::OccurrenceNarrowed {
                self.told.narrower.insert(before, counts.1);
                self.walk
                    .hits_submitter(change, true, "another number of them is refused")
            } else {
                self.told.wider.insert(before, counts.0);
                self.walk
                    .hits_receiver(change, true, "another number of them arrives")
            };
            let change = self.led_by_children(change);
            self.changes.push(change);
        }
    }

    fn beside_words(&self, beside: Option<usize>) -> String {
        beside.map_or_else(String::new, |beside| {
            format!(" where {} stands", self.groups.old.items[beside].name.1)
        })
    }

    fn renamed(&mut self, found: &crate::compare::matching::Match) {
        let (mine, theirs) = (
            &self.groups.old.items[found.old],
            &self.groups.new.items[found.new],
        );
        let place = |side, item: &Item| self.walk.child(side, &item.name.1).to_string();
        let change = self
            .child(Kind::ElementRenamed, theirs, Side::New)
            .was(place(Side::Old, mine))
            .is(place(Side::New, theirs))
            .sure(found.likeness.percent(), found.likeness.reasons());
        let change = self
            .walk
            .hits_submitter(change, true, "its old name is not known");
        let mut change = self
            .walk
            .hits_receiver(change, true, "its new name was not known");
        change.old_origin = Some(mine.origin.clone());
        let (old, new) = (
            self.walk.lead_to(Side::Old, &mine.name.1),
            self.walk.lead_to(Side::New, &theirs.name.1),
        );
        let change = change
            .led_if_breaking(Side::Old, LeadKind::Present(old))
            .led_if_breaking(Side::New, LeadKind::Present(new));
        self.changes.push(change);
    }

    /// Whether a child stands wherever some other one does that both sides have.
    fn goes_with(&self, roster: &Roster, side: Side, child: usize) -> bool {
        roster.is_paired()
            && self.groups.both.iter().any(|(before, now)| {
                let other = match side {
                    Side::Old => *before,
                    Side::New => *now,
                };
                !roster.without(other, child)
            })
    }

    fn added(&mut self, now: usize) {
        let item = &self.groups.new.items[now];
        let mandatory = item.min > 0 || self.goes_with(&self.groups.new, Side::New, now);
        let kind = if mandatory {
            Kind::ElementAddedMandatory
        } else {
            Kind::ElementAdded
        };
        let mut change = self
            .child(kind, item, Side::New)
            .with("occurs", occurs(item.min, item.max));
        change
            .facts
            .extend(self.walk.described(Side::New, item.element));
        let change = self
            .walk
            .hits_submitter(change, mandatory, "nobody sends it yet");
        let mut change = self.walk.hits_receiver(change, true, "it was refused");
        if self.groups.old.wildcard && self.walk.refuses_structure(Side::New) {
            let why = "a wildcard let it through before, with any content";
            change.break_for(Whom::Submitter, Certainty::Unknown, why);
        }
        let (group, path) = (
            self.walk.present(Side::Old),
            self.walk.lead_to(Side::New, &item.name.1),
        );
        let change = change
            .led_if_breaking(Side::Old, group)
            .led_if_breaking(Side::New, LeadKind::Present(path));
        self.changes.push(change);
    }

    fn removed(&mut self, before: usize) {
        let item = &self.groups.old.items[before];
        let mandatory = item.min > 0 || self.goes_with(&self.groups.old, Side::Old, before);
        let mut change = self
            .child(Kind::ElementRemoved, item, Side::Old)
            .with("occurs", occurs(item.min, item.max));
        change
            .facts
            .extend(self.walk.described(Side::Old, item.element));
        let mut change = self.walk.hits_submitter(change, true, "it is refused");
        if self.groups.new.wildcard {
            for breaks in &mut change.breaks {
                breaks.certainty = Certainty::Unknown;
                "a wildcard may let it through".clone_into(&mut breaks.why);
            }
        }
        let change = self
            .walk
            .hits_receiver(change, mandatory, "records without it arrive");
        let (path, group) = (
            self.walk.lead_to(Side::Old, &item.name.1),
            self.walk.present(Side::New),
        );
        let change = change
            .led_if_breaking(Side::Old, LeadKind::Present(path))
            .led_if_breaking(Side::New, group);
        self.changes.push(change);
    }

    /// Children in another order: the fewest that must be moved to bring the old order into the new one, and of these only
    /// such as stand in an order that the structure asks for.
    fn moved(&mut self) {
        let (old, new) = (&self.groups.old, &self.groups.new);
        if !old.is_paired() || !new.is_paired() {
            return;
        }
        let both = &self.groups.both;
        let order: Vec<usize> = both.iter().map(|(before, _)| *before).collect();
        let kept = in_order(&order);
        for (index, kept) in kept.into_iter().enumerate() {
            if kept {
                continue;
            }
            let (before, now) = both[index];
            let orders = both.iter().filter(|other| other.0 != before).map(|other| {
                (
                    (old.before(before, other.0), new.before(now, other.1)),
                    (old.before(other.0, before), new.before(other.1, now)),
                )
            });
            let (mut lost, mut gained) = (false, false);
            for (first, second) in orders {
                // They may stand together on both sides, in orders that differ.
                if (first.0 || second.0) && (first.1 || second.1) {
                    lost |= first == (true, false) || second == (true, false);
                    gained |= first == (false, true) || second == (false, true);
                }
            }
            if !lost && !gained {
                continue;
            }
            let (mine, theirs) = (&old.items[before], &new.items[now]);
            let after = |roster: &Roster, index: usize| match index.checked_sub(1) {
                Some(above) => format!("after {}", roster.items[above].name.1),
                None => "first".to_owned(),
            };
            let change = self
                .child(Kind::ElementMoved, theirs, Side::New)
                .was(after(old, before))
                .is(after(new, now));
            let change = self
                .walk
                .hits_submitter(change, lost, "the old order is refused");
            let mut change = self
                .walk
                .hits_receiver(change, gained, "the new order was refused");
            change.old_origin = Some(mine.origin.clone());
            let change = self.led_by_children(change);
            self.told.moved.push(before);
            self.changes.push(change);
        }
    }

    /// Adds the children that show that the models differ as a whole.
    pub(super) fn led_by_children(&self, change: Change) -> Change {
        let lead = |side: Side, found: Option<&Inclusion<Vec<QName>>>| match found {
            Some(Inclusion::Not(names)) => Some(LeadKind::Children {
                path: self.walk.path(side).to_vec(),
                children: names.iter().map(|name| name.local.clone()).collect(),
            }),
            _ => None,
        };
        let mut change = change;
        if let Some(lead) = lead(Side::Old, self.groups.refused()) {
            change = change.led_if_breaking(Side::Old, lead);
        }
        if let Some(lead) = lead(Side::New, self.groups.arrives()) {
            change = change.led_if_breaking(Side::New, lead);
        }
        change
    }
}
