//! Content models cut down to the elements that both sides have, so that what else changed is decided apart from what came
//! and went.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::schema::{
    ComplexType, ComplexTypeId, Content, DerivationSet, Element, ElementId, Facts, Origin,
    Particle, QName, Schema, Term, TypeId,
};

use super::roster::Name;
use crate::compare::side::Half;
use crate::language::{self, Inclusion};

/// An element that is kept.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    /// Its number, the same on both sides.
    pub(super) number: usize,
    /// How often it occurs, where that is told by itself and so not to be compared.
    pub(super) occurs: Option<(u32, Option<u32>)>,
}

/// One side's model, cut down.
pub(super) struct Model<'s> {
    pub(super) half: &'s Half<'s>,
    pub(super) particle: Option<&'s Particle>,
    pub(super) kept: BTreeMap<Name, Kept>,
}

/// Whether everything that one of the models takes is taken by the other, both ways. A witness is given as numbers of
/// elements.
pub(super) fn compare(
    old: &Model<'_>,
    new: &Model<'_>,
) -> (Inclusion<Vec<usize>>, Inclusion<Vec<usize>>) {
    let (old, new) = match (old.compiled(), new.compiled()) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => {
            return (Inclusion::Unknown(why.clone()), Inclusion::Unknown(why));
        }
    };
    let same = |left: ElementId, right: ElementId| left == right;
    let root = ComplexTypeId(0);
    (
        numbers(language::children((&old, root), (&new, root), &same)),
        numbers(language::children((&new, root), (&old, root), &same)),
    )
}

fn numbers(found: Inclusion<Vec<QName>>) -> Inclusion<Vec<usize>> {
    match found {
        Inclusion::Included => Inclusion::Included,
        Inclusion::Unknown(why) => Inclusion::Unknown(why),
        Inclusion::Not(names) => {
            let numbers = names
                .iter()
                .filter_map(|name| name.local.get(1..)?.parse().ok());
            Inclusion::Not(numbers.collect())
        }
    }
}

impl Model<'_> {
    fn compiled(&self) -> Result<CompiledSchema, String> {
        let most = self
            .kept
            .values()
            .map(|kept| kept.number + 1)
            .max()
            .unwrap_or(0);
        let elements = (0..most).map(|number| Element {
            name: QName::new("", format!("e{number}")),
            content: TypeId::Any,
            nillable: false,
            constraint: None,
            is_abstract: false,
            substitutes: Vec::new(),
            block: DerivationSet::default(),
            facts: Facts::default(),
            origin: Origin::default(),
        });
        let content = match self.particle.and_then(|particle| self.cut(particle)) {
            Some(particle) => Content::Children {
                particle,
                mixed: false,
            },
            None => Content::Empty,
        };
        let schema = Schema {
            elements: elements.collect(),
            complex_types: vec![ComplexType {
                name: None,
                base: None,
                is_abstract: false,
                block: DerivationSet::default(),
                content,
                attributes: Vec::new(),
                any_attribute: None,
                origin: Origin::default(),
            }],
            ..Schema::default()
        };
        CompiledSchema::compile(Arc::new(schema)).map_err(|error| error.to_string())
    }

    /// A particle without what is not kept; `None` when nothing is left of it.
    fn cut(&self, particle: &Particle) -> Option<Particle> {
        if particle.max == Some(0) {
            return None;
        }
        let parts = |parts: &[Particle]| -> Option<Vec<Particle>> {
            let left: Vec<Particle> = parts.iter().filter_map(|part| self.cut(part)).collect();
            (!left.is_empty()).then_some(left)
        };
        let mut occurs = (particle.min, particle.max);
        let term = match &particle.term {
            Term::Any(wildcard) => Term::Any(wildcard.clone()),
            Term::Sequence(inner) => Term::Sequence(parts(inner)?),
            Term::Choice(inner) => Term::Choice(parts(inner)?),
            Term::All(inner) => Term::All(parts(inner)?),
            Term::Element(head) => {
                let standing = self.half.standing(*head);
                let kept: Vec<Kept> = standing
                    .iter()
                    .filter_map(|element| self.kept.get(&self.half.name(*element)).copied())
                    .collect();
                if let [only] = &kept[..] {
                    occurs = only.occurs.unwrap_or(occurs);
                    Term::Element(element(only.number))
                } else if kept.is_empty() {
                    return None;
                } else {
                    let choices = kept.iter().map(|kept| Particle {
                        min: 1,
                        max: Some(1),
                        term: Term::Element(element(kept.number)),
                        origin: Origin::default(),
                    });
                    Term::Choice(choices.collect())
                }
            }
        };
        Some(Particle {
            min: occurs.0,
            max: occurs.1,
            term,
            origin: Origin::default(),
        })
    }
}

fn element(number: usize) -> ElementId {
    ElementId(u32::try_from(number).unwrap_or(u32::MAX))
}
