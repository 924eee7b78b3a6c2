//! Two element declarations compared: nil, default and fixed values, what may stand for them, what the dictionary says.

use concord_standards::schema::{Element, ElementId, TypeId, ValueConstraint};

use super::{Key, Walk};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, LeadKind, Side, Whom};
use crate::compare::facts;
use crate::compare::value::At;

impl Walk<'_, '_> {
    /// Compares two elements at the present place and below.
    pub(super) fn element_under(&mut self, old: ElementId, new: ElementId) {
        let names = (
            self.pair.old.schema().element(old).name.local.clone(),
            self.pair.new.schema().element(new).name.local.clone(),
        );
        self.under(&names.0, &names.1, |walk| {
            let outside = walk.inside;
            walk.inside = walk.split && (outside || walk.begins_record(new));
            let key = Key::Element(old.0, new.0, walk.inside);
            walk.enter(key, |walk| walk.elements(old, new));
            walk.inside = outside;
        });
    }

    /// Whether a child of the root is a record, as the new side says. Without any named, those that repeat are.
    fn begins_record(&self, new: ElementId) -> bool {
        if self.new_path.len() != 2 {
            return false;
        }
        let records = &self.pair.new.definition().standard.record.elements;
        let name = &self.pair.new.schema().element(new).name.local;
        records.is_empty() || records.contains(name)
    }

    fn elements(&mut self, old: ElementId, new: ElementId) {
        let (mine, theirs) = (
            self.pair.old.schema().element(old),
            self.pair.new.schema().element(new),
        );
        self.nil(mine, theirs);
        let texts = (
            self.pair.old.schema().text_type(mine.content),
            self.pair.new.schema().text_type(theirs.content),
        );
        if let (Some(before), Some(now)) = texts {
            self.element_constraint(mine, theirs, (before, now));
        }
        self.substitution(mine, theirs);
        let told = facts::compare(
            self.pair,
            (&mine.facts, &mine.origin),
            (&theirs.facts, &theirs.origin),
            &self.here(),
        );
        // Under another name it may well be called otherwise in the dictionary too.
        let renamed = mine.name.local != theirs.name.local;
        for change in told {
            if !(renamed && change.is_of(Kind::IdentityChanged)) {
                self.tell(change);
            }
        }
        let outside = self.fixed;
        self.fixed = is_fixed(mine.constraint.as_ref(), theirs.constraint.as_ref());
        self.types(mine.content, theirs.content);
        self.fixed = outside;
    }

    fn draft(&self, kind: Kind, mine: &Element, theirs: &Element) -> Change {
        Change::draft(kind, self.here()).at(Some(&mine.origin), Some(&theirs.origin))
    }

    fn nil(&mut self, mine: &Element, theirs: &Element) {
        let change = match (mine.nillable, theirs.nillable) {
            (true, false) => {
                let change = self.draft(Kind::NilForbidden, mine, theirs);
                self.hits_submitter(change, true, "xsi:nil is refused")
            }
            (false, true) => {
                let change = self.draft(Kind::NilAllowed, mine, theirs);
                self.hits_receiver(change, true, "xsi:nil arrives")
            }
            _ => return,
        };
        self.tell(change);
    }

    fn element_constraint(
        &mut self,
        mine: &Element,
        theirs: &Element,
        types: (
            concord_standards::schema::SimpleTypeId,
            concord_standards::schema::SimpleTypeId,
        ),
    ) {
        let change = self.constraint(
            mine.constraint.as_ref(),
            theirs.constraint.as_ref(),
            types,
            &self.at(),
        );
        let Some(mut change) =
            change.map(|change| change.at(Some(&mine.origin), Some(&theirs.origin)))
        else {
            return;
        };
        // An empty element holds its default or fixed value; without either it must be a value itself.
        let empty = (
            mine.constraint.is_some() || self.pair.old.takes(types.0, ""),
            theirs.constraint.is_some() || self.pair.new.takes(types.1, ""),
        );
        if empty == (true, false) && self.refuses_values(Side::New) {
            let why = "an empty element is refused";
            change = change
                .breaking(Whom::Submitter, Certainty::Decided, why)
                .led(Side::Old, self.at().lead(Side::Old, ""));
        }
        if empty == (false, true) && self.refuses_values(Side::Old) {
            let why = "an empty element arrives";
            change = change
                .breaking(Whom::Receiver, Certainty::Decided, why)
                .led(Side::New, self.at().lead(Side::New, ""));
        }
        self.tell(change);
    }

    /// Default and fixed values of an element or attribute.
    pub(super) fn constraint(
        &self,
        mine: Option<&ValueConstraint>,
        theirs: Option<&ValueConstraint>,
        types: (
            concord_standards::schema::SimpleTypeId,
            concord_standards::schema::SimpleTypeId,
        ),
        at: &At,
    ) -> Option<Change> {
        use ValueConstraint::{Default, Fixed};
        // The only value that OLD takes, which NEW need not take.
        if let Some(Fixed(only)) = mine
            && theirs.is_none_or(|constraint| *constraint == Fixed(only.clone()))
            && !self.pair.new.takes(types.1, only)
            && self.refuses_values(Side::New)
        {
            let change = Change::draft(Kind::ValuesWithdrawn, at.place())
                .was(only.clone())
                .breaking(
                    Whom::Submitter,
                    Certainty::Decided,
                    "the only permitted value is refused",
                )
                .led(Side::Old, at.lead(Side::Old, only));
            return Some(change);
        }
        if mine == theirs {
            return None;
        }
        let word = |constraint: Option<&ValueConstraint>| match constraint {
            Some(Default(text) | Fixed(text)) => text.clone(),
            None => "nothing".to_owned(),
        };
        let draft = |kind| {
            Change::draft(kind, at.place())
                .was(word(mine))
                .is(word(theirs))
        };
        let refuses = |side| self.refuses_values(side);
        let change = match (mine, theirs) {
            (Some(Fixed(before)), Some(Fixed(now))) => {
                let checkers = (
                    self.pair.old.checker(types.0),
                    self.pair.new.checker(types.1),
                );
                if let (Some(old), Some(new)) = checkers
                    && old.same_value(before, now)
                    && new.same_value(before, now)
                {
                    return None;
                }
                let kind = if self.is_stamp(at) {
                    Kind::VersionStampChanged
                } else {
                    Kind::FixedChanged
                };
                draft(kind)
                    .breaking_if(
                        refuses(Side::New),
                        Whom::Submitter,
                        "the value that it had to hold is refused",
                    )
                    .breaking_if(
                        refuses(Side::Old),
                        Whom::Receiver,
                        "a value arrives that was refused",
                    )
                    .led_if_breaking(Side::Old, at.lead(Side::Old, before))
            }
            (_, Some(Fixed(_))) => draft(Kind::FixedAdded).breaking_if(
                refuses(Side::New),
                Whom::Submitter,
                "every other value is refused",
            ),
            (Some(Fixed(_)), _) => draft(Kind::FixedRemoved).breaking_if(
                refuses(Side::Old),
                Whom::Receiver,
                "another value arrives",
            ),
            _ => draft(Kind::DefaultChanged).breaking(
                Whom::Meaning,
                Certainty::Decided,
                "what is left out stands for another value",
            ),
        };
        Some(change)
    }

    /// Whether this is the attribute of the root that says which version a submission is of.
    fn is_stamp(&self, at: &At) -> bool {
        let At::Path { new, .. } = at else {
            return false;
        };
        let [_, attribute] = &new[..] else {
            return false;
        };
        let Some(name) = attribute.strip_prefix('@') else {
            return false;
        };
        let names = |half: &crate::compare::side::Half<'_>| {
            let recognise = &half.definition().standard.recognise;
            recognise.attributes.contains_key(name) || name.to_ascii_lowercase().contains("version")
        };
        names(&self.pair.old) || names(&self.pair.new)
    }

    fn substitution(&mut self, mine: &Element, theirs: &Element) {
        if mine.is_abstract == theirs.is_abstract && mine.block == theirs.block {
            return;
        }
        let words = |element: &Element| {
            let kind = if element.is_abstract {
                "abstract"
            } else {
                "itself"
            };
            format!("{kind}{}", super::types::blocked(element.block))
        };
        let change = self
            .draft(Kind::SubstitutionChanged, mine, theirs)
            .was(words(mine))
            .is(words(theirs));
        self.tell_unknown(change);
    }

    /// A change of which nothing is worked out.
    pub(super) fn tell_unknown(&mut self, mut change: Change) {
        const WHY: &str = "what may stand in its place is not worked out";
        if self.refuses_structure(Side::New) {
            change.break_for(Whom::Submitter, Certainty::Unknown, WHY);
        }
        if self.refuses_structure(Side::Old) {
            change.break_for(Whom::Receiver, Certainty::Unknown, WHY);
        }
        self.tell(change);
    }

    /// What a record holds in which the present element, or an attribute of it, stands.
    pub(super) fn present(&self, side: Side) -> LeadKind {
        LeadKind::Present(self.path(side).to_vec())
    }

    /// Whether two types of elements are written the same at the outside, for telling renames.
    pub(super) fn same_type(&self, old: ElementId, new: ElementId) -> bool {
        let (left, right) = (self.pair.old.schema(), self.pair.new.schema());
        match (left.element(old).content, right.element(new).content) {
            (TypeId::Any, TypeId::Any) => true,
            (TypeId::Simple(one), TypeId::Simple(other)) => {
                crate::compare::value::same((left, one), (right, other), 8)
            }
            (TypeId::Complex(one), TypeId::Complex(other)) => {
                let (one, other) = (left.complex_type(one), right.complex_type(other));
                match (&one.name, &other.name) {
                    (Some(one), Some(other)) => one.local == other.local,
                    _ => self.same_children(one, other),
                }
            }
            _ => false,
        }
    }
}

/// Whether one of two declarations fixes the value, so that what else the type takes does not count: what follows from the
/// fixed value is told by itself.
pub(super) fn is_fixed(old: Option<&ValueConstraint>, new: Option<&ValueConstraint>) -> bool {
    let fixed = |constraint: Option<&ValueConstraint>| {
        matches!(constraint, Some(ValueConstraint::Fixed(_)))
    };
    fixed(old) || fixed(new)
}
