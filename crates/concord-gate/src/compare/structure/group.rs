//! The content models of two groups compared, child by child and as a whole.

use std::collections::{BTreeMap, BTreeSet};

use concord_standards::schema::{
    ComplexTypeId, Content, ElementId, Origin, Particle, QName, Term, TypeId,
};

use super::roster::{Item, Name, Roster};
use super::{Walk, items};
use crate::change::Side;
use crate::compare::facets;
use crate::compare::matching::{Likeness, Match, pair_off};
use crate::compare::side::{Both, Half};
use crate::language::Inclusion;

/// Two groups, and which child of the one is which of the other.
pub(super) struct Groups<'g> {
    pub(super) old: Roster,
    pub(super) new: Roster,
    pub(super) particles: (Option<&'g Particle>, Option<&'g Particle>),
    /// Children of both, as positions in the two rosters, in the order of the new side.
    pub(super) both: Vec<(usize, usize)>,
    /// Those of them that have another name now.
    pub(super) renamed: Vec<Match>,
    /// Children of the old group only, and of the new one only.
    pub(super) gone: Vec<usize>,
    pub(super) come: Vec<usize>,
    /// Whether the models as a whole take each other's children; `None` where that cannot be compared.
    pub(super) whole: Option<Both<Vec<QName>>>,
    pub(super) mixed: (bool, bool),
    pub(super) origins: (Origin, Origin),
}

impl Walk<'_, '_> {
    pub(super) fn groups(&mut self, old: ComplexTypeId, new: ComplexTypeId) {
        let pair = self.pair;
        let (mine, theirs) = (
            pair.old.schema().complex_type(old),
            pair.new.schema().complex_type(new),
        );
        let (before, now) = (children(&mine.content), children(&theirs.content));
        let mixed = (is_mixed(&mine.content), is_mixed(&theirs.content));
        if mixed.0 == mixed.1
            && let (Some(before), Some(now)) = (before, now)
            && let Some(same) = in_step(&pair.old, before, &pair.new, now)
        {
            for (before, now) in same {
                self.element_under(before, now);
            }
            return;
        }
        let mut groups = Groups {
            old: Roster::of(&pair.old, before),
            new: Roster::of(&pair.new, now),
            particles: (before, now),
            both: Vec::new(),
            renamed: Vec::new(),
            gone: Vec::new(),
            come: Vec::new(),
            whole: pair.compares_content().then(|| pair.children(old, new)),
            mixed,
            origins: (mine.origin.clone(), theirs.origin.clone()),
        };
        self.match_children(&mut groups);
        items::tell(self, &groups);
        for (before, now) in &groups.both {
            let (before, now) = (&groups.old.items[*before], &groups.new.items[*now]);
            self.element_under(before.element, now.element);
        }
    }

    /// Says which child is which: by name first, then what has another name now.
    fn match_children(&self, groups: &mut Groups<'_>) {
        let (old, new) = (&groups.old, &groups.new);
        let known = |item: &Item| old.by_name.get(&item.name).copied();
        let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
        for (now, item) in new.items.iter().enumerate() {
            match known(item) {
                Some(before) => {
                    matched.insert(now, before);
                }
                None => groups.come.push(now),
            }
        }
        let gone = old.items.iter().enumerate();
        groups.gone = gone
            .filter(|(_, item)| !new.by_name.contains_key(&item.name))
            .map(|(before, _)| before)
            .collect();
        let renamed = pair_off(
            groups.gone.len(),
            groups.come.len(),
            self.least,
            |gone, come| self.likeness(groups, groups.gone[gone], groups.come[come]),
        );
        groups.renamed = renamed
            .into_iter()
            .map(|found| Match {
                old: groups.gone[found.old],
                new: groups.come[found.new],
                likeness: found.likeness,
            })
            .collect();
        for found in &groups.renamed {
            matched.insert(found.new, found.old);
            groups.gone.retain(|gone| *gone != found.old);
            groups.come.retain(|come| *come != found.new);
        }
        groups.both = matched
            .into_iter()
            .map(|(now, before)| (before, now))
            .collect();
    }

    /// How sure it is that a child that is gone is the one that came.
    fn likeness(&self, groups: &Groups<'_>, gone: usize, come: usize) -> Likeness {
        let (before, now) = (&groups.old.items[gone], &groups.new.items[come]);
        let (mine, theirs) = (
            self.pair.old.schema().element(before.element),
            self.pair.new.schema().element(now.element),
        );
        let names = (&mine.facts.dictionary_name, &theirs.facts.dictionary_name);
        let (same, another) = match names {
            (Some(one), Some(other)) => {
                let same = crate::compare::facts::same_name(one, other);
                (same, !same)
            }
            _ => (false, false),
        };
        let neighbour = |offset: isize| {
            let beside = |roster: &Roster, index: usize| {
                let index = index.checked_add_signed(offset)?;
                roster.items.get(index).map(|item| item.name.clone())
            };
            let at_edge = |roster: &Roster, index: usize| {
                index
                    .checked_add_signed(offset)
                    .is_none_or(|index| index >= roster.items.len())
            };
            beside(&groups.old, gone) == beside(&groups.new, come)
                && (beside(&groups.old, gone).is_some()
                    || at_edge(&groups.old, gone) == at_edge(&groups.new, come))
        };
        let (above, below) = (neighbour(-1), neighbour(1));
        Likeness::default()
            .when(same, 40, "same dictionary name")
            .when(another, -15, "")
            .when(self.same_type(before.element, now.element), 25, "same type")
            .when(above && below, 25, "same place")
            .when(above != below, 12, "beside the same element")
            .when(
                (before.min, before.max) == (now.min, now.max),
                5,
                "as often",
            )
            .names(&before.name.1, &now.name.1)
    }

    /// What is told of an element that came or went: its dictionary name and its type.
    pub(super) fn described(&self, side: Side, id: ElementId) -> Vec<(&'static str, String)> {
        let schema = self.half(side).schema();
        let element = schema.element(id);
        let mut facts = Vec::new();
        if let Some(name) = &element.facts.dictionary_name {
            facts.push(("element", name.to_string()));
        }
        let kind = match element.content {
            TypeId::Simple(id) => facets::notation(schema.simple_type(id)),
            TypeId::Complex(id) => {
                let complex = schema.complex_type(id);
                let name = complex.name.as_ref().map(ToString::to_string);
                name.unwrap_or_else(|| "a group".to_owned())
            }
            TypeId::Any => "anything".to_owned(),
        };
        facts.push(("type", kind));
        facts
    }
}

impl Groups<'_> {
    /// What submitters send that is refused, when the models are compared as a whole.
    pub(super) fn refused(&self) -> Option<&Inclusion<Vec<QName>>> {
        self.whole.as_ref().map(|both| &both.submitter)
    }

    /// What arrives that was refused, when the models are compared as a whole.
    pub(super) fn arrives(&self) -> Option<&Inclusion<Vec<QName>>> {
        self.whole.as_ref().map(|both| &both.receiver)
    }
}

fn children(content: &Content) -> Option<&Particle> {
    match content {
        Content::Children { particle, .. } => Some(particle),
        Content::Empty | Content::Simple(_) => None,
    }
}

fn is_mixed(content: &Content) -> bool {
    matches!(content, Content::Children { mixed: true, .. })
}

/// The children of two models that are written the same, in their order; `None` when they are not.
fn in_step(
    old: &Half<'_>,
    before: &Particle,
    new: &Half<'_>,
    now: &Particle,
) -> Option<Vec<(ElementId, ElementId)>> {
    let mut known: BTreeSet<Name> = BTreeSet::new();
    let mut children = Vec::new();
    let mut open = vec![(before, now)];
    while let Some((before, now)) = open.pop() {
        if (before.min, before.max) != (now.min, now.max) {
            return None;
        }
        match (&before.term, &now.term) {
            (Term::Element(one), Term::Element(other)) => {
                let (standing, stands) = (old.standing(*one), new.standing(*other));
                if standing.len() != stands.len() {
                    return None;
                }
                for (one, other) in standing.into_iter().zip(stands) {
                    let name = old.name(one);
                    if name != new.name(other) {
                        return None;
                    }
                    if known.insert(name) {
                        children.push((one, other));
                    }
                }
            }
            (Term::Any(one), Term::Any(other)) if one == other => {}
            (Term::Sequence(one), Term::Sequence(other))
            | (Term::Choice(one), Term::Choice(other))
            | (Term::All(one), Term::All(other))
                if one.len() == other.len() =>
            {
                // The last goes in first, so that they come out in order.
                open.extend(one.iter().zip(other).rev());
            }
            _ => return None,
        }
    }
    Some(children)
}
