//! Which elements stand in a content model, how often, and which of them side by side.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use concord_standards::schema::{ComplexTypeId, Content, ElementId, Particle, Schema, Term};

/// How often an element may occur: the only distinctions that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Most {
    Never,
    Once,
    Often,
}

impl Most {
    fn of(max: Option<u32>) -> Self {
        match max {
            Some(0) => Self::Never,
            Some(1) => Self::Once,
            _ => Self::Often,
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, most) | (most, Self::Never) => most,
            _ => Self::Often,
        }
    }

    fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Once, Self::Once) => Self::Once,
            _ => Self::Often,
        }
    }
}

type Children = Vec<(ElementId, bool)>;
type Pair = (ComplexTypeId, Arc<str>, Arc<str>);

/// Answers about content models, remembered by type.
#[derive(Debug)]
pub(super) struct Members {
    /// For each head of a substitution group, the elements that may stand for it, abstract ones excluded.
    substitutes: HashMap<ElementId, Vec<ElementId>>,
    known: RefCell<HashMap<ComplexTypeId, Children>>,
    together: RefCell<HashMap<Pair, bool>>,
}

impl Members {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut substitutes: HashMap<ElementId, Vec<ElementId>> = HashMap::new();
        for (index, element) in schema.elements.iter().enumerate() {
            let id = ElementId(index as u32);
            let mut heads = element.substitutes.clone();
            let mut next = 0;
            while let Some(&head) = heads.get(next) {
                next += 1;
                if !element.is_abstract {
                    substitutes.entry(head).or_default().push(id);
                }
                for &above in &schema.element(head).substitutes {
                    if !heads.contains(&above) {
                        heads.push(above);
                    }
                }
            }
        }
        Self {
            substitutes,
            known: RefCell::default(),
            together: RefCell::default(),
        }
    }

    /// The elements of a type's content in the order in which they are first named, and whether each may repeat.
    pub(super) fn of(&self, schema: &Schema, id: ComplexTypeId) -> Children {
        if let Some(children) = self.known.borrow().get(&id) {
            return children.clone();
        }
        let children = match &schema.complex_type(id).content {
            Content::Children { particle, .. } => self
                .counts(schema, particle)
                .into_iter()
                .filter(|&(_, most)| most > Most::Never)
                .map(|(element, most)| (element, most == Most::Often))
                .collect(),
            Content::Empty | Content::Simple(_) => Vec::new(),
        };
        self.known.borrow_mut().insert(id, children.clone());
        children
    }

    fn stand_for(&self, schema: &Schema, id: ElementId) -> Vec<ElementId> {
        let mut all = Vec::new();
        if !schema.element(id).is_abstract {
            all.push(id);
        }
        all.extend(self.substitutes.get(&id).into_iter().flatten());
        all
    }

    fn counts(&self, schema: &Schema, particle: &Particle) -> Vec<(ElementId, Most)> {
        let mut counts: Vec<(ElementId, Most)> = Vec::new();
        let (parts, add): (_, fn(Most, Most) -> Most) = match &particle.term {
            Term::Element(id) => {
                counts = self
                    .stand_for(schema, *id)
                    .into_iter()
                    .map(|id| (id, Most::Once))
                    .collect();
                (&[][..], Most::plus)
            }
            Term::Sequence(parts) | Term::All(parts) => (parts.as_slice(), Most::plus),
            Term::Choice(parts) => (parts.as_slice(), Most::max),
            Term::Any(_) => (&[][..], Most::plus),
        };
        for part in parts {
            for (id, most) in self.counts(schema, part) {
                let name = &schema.element(id).name.local;
                match counts
                    .iter_mut()
                    .find(|(known, _)| schema.element(*known).name.local == *name)
                {
                    Some((_, sum)) => *sum = add(*sum, most),
                    None => counts.push((id, most)),
                }
            }
        }
        let times = Most::of(particle.max);
        for (_, most) in &mut counts {
            *most = most.times(times);
        }
        counts
    }

    /// Whether elements (or attributes) of two different names can stand in the same occurrence of the type.
    pub(super) fn together(
        &self,
        schema: &Schema,
        id: ComplexTypeId,
        a: &Arc<str>,
        b: &Arc<str>,
    ) -> bool {
        if a.starts_with('@') || b.starts_with('@') {
            return true;
        }
        let pair = (id, Arc::clone(a), Arc::clone(b));
        if let Some(&known) = self.together.borrow().get(&pair) {
            return known;
        }
        let together = match &schema.complex_type(id).content {
            Content::Children { particle, .. } => self.pair(schema, particle, a, b).together,
            Content::Empty | Content::Simple(_) => false,
        };
        self.together.borrow_mut().insert(pair, together);
        together
    }

    /// Looks at a content model once, for both names at the same time.
    fn pair(&self, schema: &Schema, particle: &Particle, a: &str, b: &str) -> Pairing {
        let mut found = match &particle.term {
            Term::Element(id) => Pairing {
                one: self.is_called(schema, *id, a),
                other: self.is_called(schema, *id, b),
                together: false,
            },
            Term::Any(_) => Pairing::default(),
            Term::Choice(parts) => parts.iter().map(|part| self.pair(schema, part, a, b)).fold(
                Pairing::default(),
                |sum, part| Pairing {
                    one: sum.one || part.one,
                    other: sum.other || part.other,
                    together: sum.together || part.together,
                },
            ),
            Term::Sequence(parts) | Term::All(parts) => parts
                .iter()
                .map(|part| self.pair(schema, part, a, b))
                .fold(Pairing::default(), |sum, part| Pairing {
                    one: sum.one || part.one,
                    other: sum.other || part.other,
                    together: sum.together
                        || part.together
                        || (sum.one && part.other)
                        || (sum.other && part.one),
                }),
        };
        found.together |= found.one && found.other && Most::of(particle.max) == Most::Often;
        found
    }

    fn is_called(&self, schema: &Schema, id: ElementId, name: &str) -> bool {
        let own = schema.element(id);
        if !own.is_abstract && &*own.name.local == name {
            return true;
        }
        !self.substitutes.is_empty()
            && self.substitutes.get(&id).is_some_and(|others| {
                others
                    .iter()
                    .any(|&id| &*schema.element(id).name.local == name)
            })
    }
}

/// What a part of a content model holds of two names.
#[derive(Debug, Clone, Copy, Default)]
struct Pairing {
    one: bool,
    other: bool,
    /// Whether both can stand in one occurrence.
    together: bool,
}
