//! Two types compared: what kind of content they have, and which types may stand in for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::schema::{
    ComplexType, ComplexTypeId, Content, DerivationSet, Schema, SimpleTypeId, TypeId,
};

use super::{Key, Walk, roster};
use crate::catalogue::Kind;
use crate::change::{Change, Side};
use crate::compare::value::{self, At, Values};

impl Walk<'_, '_> {
    pub(super) fn types(&mut self, old: TypeId, new: TypeId) {
        match (old, new) {
            (TypeId::Any, TypeId::Any) => {}
            (TypeId::Simple(old), TypeId::Simple(new)) => self.text(old, new),
            (TypeId::Complex(old), TypeId::Complex(new)) => {
                let key = Key::Group(old.0, new.0, self.inside, self.fixed);
                self.enter(key, |walk| walk.complex(old, new));
            }
            // A value with attributes beside a value without.
            (TypeId::Complex(id), TypeId::Simple(now)) => {
                let mine = self.pair.old.schema().complex_type(id);
                if let Content::Simple(before) = mine.content {
                    self.attributes(&mine.attributes, &[]);
                    self.any_attribute(mine.any_attribute.as_ref(), None, &mine.origin);
                    self.text(before, now);
                } else {
                    self.another_kind(old, new);
                }
            }
            (TypeId::Simple(before), TypeId::Complex(id)) => {
                let theirs = self.pair.new.schema().complex_type(id);
                if let Content::Simple(now) = theirs.content {
                    self.attributes(&[], &theirs.attributes);
                    self.any_attribute(None, theirs.any_attribute.as_ref(), &theirs.origin);
                    self.text(before, now);
                } else {
                    self.another_kind(old, new);
                }
            }
            _ => self.another_kind(old, new),
        }
    }

    pub(super) fn at(&self) -> At {
        At::Path {
            old: self.old_path.clone(),
            new: self.new_path.clone(),
            place: self.here(),
        }
    }

    /// The types of an element's text.
    fn text(&mut self, old: SimpleTypeId, new: SimpleTypeId) {
        if !self.fixed {
            self.simple(old, new, self.at());
        }
    }

    /// Two simple types, of an element's text or of an attribute.
    pub(super) fn simple(&mut self, old: SimpleTypeId, new: SimpleTypeId, at: At) {
        let key = Key::Value(old.0, new.0, self.inside);
        self.enter(key, |walk| {
            let refuses = (
                walk.refuses_values(Side::Old),
                walk.refuses_values(Side::New),
            );
            let values = Values {
                at,
                old,
                new,
                submitter: refuses.1.then_some((old, new)),
                receiver: refuses.0.then_some((old, new)),
                codes: refuses,
                cells: None,
            };
            for change in value::compare(walk.pair, values, walk.usage) {
                walk.tell(change);
            }
        });
    }

    fn complex(&mut self, old: ComplexTypeId, new: ComplexTypeId) {
        let pair = self.pair;
        let (mine, theirs) = (
            pair.old.schema().complex_type(old),
            pair.new.schema().complex_type(new),
        );
        self.attributes(&mine.attributes, &theirs.attributes);
        self.any_attribute(
            mine.any_attribute.as_ref(),
            theirs.any_attribute.as_ref(),
            &theirs.origin,
        );
        if mine.is_abstract != theirs.is_abstract || mine.block != theirs.block {
            let words = |complex: &ComplexType| {
                let kind = if complex.is_abstract {
                    "abstract"
                } else {
                    "itself"
                };
                format!("{kind}{}", blocked(complex.block))
            };
            let change = Change::draft(Kind::SubstitutionChanged, self.here())
                .was(words(mine))
                .is(words(theirs))
                .at(Some(&mine.origin), Some(&theirs.origin));
            self.tell_unknown(change);
        }
        match (&mine.content, &theirs.content) {
            (Content::Simple(old), Content::Simple(new)) => self.text(*old, *new),
            (Content::Simple(_), _) | (_, Content::Simple(_)) => {
                self.another_kind(TypeId::Complex(old), TypeId::Complex(new));
            }
            _ => self.groups(old, new),
        }
        self.derived(old, new);
    }

    /// What held a value holds elements now, or the other way round.
    fn another_kind(&mut self, old: TypeId, new: TypeId) {
        let (before, now) = (
            kind(self.pair.old.schema(), old),
            kind(self.pair.new.schema(), new),
        );
        let change = Change::draft(Kind::ContentKindChanged, self.here())
            .was(before)
            .is(now);
        // Anything takes everything that is well-formed; nothing else takes all of anything.
        let change = self.hits_submitter(change, new != TypeId::Any, "what stood there is refused");
        let change = self.hits_receiver(
            change,
            old != TypeId::Any,
            "what could not stand there arrives",
        );
        let (old_lead, new_lead) = (self.present(Side::Old), self.present(Side::New));
        let change = change
            .led_if_breaking(Side::Old, old_lead)
            .led_if_breaking(Side::New, new_lead);
        self.tell(change);
    }

    /// Named types that `xsi:type` may put in the place of this one.
    fn derived(&mut self, old: ComplexTypeId, new: ComplexTypeId) {
        let (mine, theirs) = (
            derived_from(self.pair.old.schema(), old),
            derived_from(self.pair.new.schema(), new),
        );
        for (name, before) in &mine {
            if let Some(now) = theirs.get(name) {
                let key = Key::Group(before.0, now.0, self.inside, self.fixed);
                self.enter(key, |walk| walk.complex(*before, *now));
            } else {
                let origin = &self.pair.old.schema().complex_type(*before).origin;
                let change = Change::draft(Kind::DerivedTypeRemoved, self.here())
                    .was(&**name)
                    .at(Some(origin), None);
                let change = self.hits_submitter(change, true, "xsi:type may not name it");
                self.tell(change);
            }
        }
        for (name, now) in &theirs {
            if !mine.contains_key(name) {
                let origin = &self.pair.new.schema().complex_type(*now).origin;
                let change = Change::draft(Kind::DerivedTypeAdded, self.here())
                    .is(&**name)
                    .at(None, Some(origin));
                let change = self.hits_receiver(change, true, "xsi:type may name it");
                self.tell(change);
            }
        }
    }

    /// Whether two groups have most of their children in common.
    pub(super) fn same_children(&self, old: &ComplexType, new: &ComplexType) -> bool {
        let names = |half, complex: &ComplexType| match &complex.content {
            Content::Children { particle, .. } => roster::names(half, particle),
            Content::Empty | Content::Simple(_) => BTreeSet::new(),
        };
        let (mine, theirs) = (names(&self.pair.old, old), names(&self.pair.new, new));
        let shared = mine.intersection(&theirs).count();
        shared > 0 && shared * 10 >= (mine.len() + theirs.len()) * 3
    }
}

/// Named types derived from a complex type directly, by name.
fn derived_from(schema: &Schema, base: ComplexTypeId) -> BTreeMap<Arc<str>, ComplexTypeId> {
    let named = schema.complex_types.iter().enumerate();
    named
        .filter_map(|(index, complex)| {
            let (of, _) = complex.base?;
            let name = complex.name.as_ref()?;
            let id = ComplexTypeId(u32::try_from(index).ok()?);
            (of == TypeId::Complex(base)).then(|| (Arc::clone(&name.local), id))
        })
        .collect()
}

fn kind(schema: &Schema, content: TypeId) -> &'static str {
    match content {
        TypeId::Any => "anything",
        TypeId::Simple(_) => "a value",
        TypeId::Complex(id) => match schema.complex_type(id).content {
            Content::Empty => "nothing",
            Content::Simple(_) => "a value",
            Content::Children { .. } => "elements",
        },
    }
}

/// `, no extension`
pub(super) fn blocked(block: DerivationSet) -> String {
    let ways = [
        (block.extension, ", no extension"),
        (block.restriction, ", no restriction"),
        (block.substitution, ", no substitution"),
    ];
    ways.iter()
        .filter(|(blocked, _)| *blocked)
        .map(|(_, word)| *word)
        .collect()
}
