//! Whether two structures say the same, whatever the numbers of their components and wherever they were read from.
//!
//! Components are compared as far as they can be told apart from outside: two types are the same when what they are made of is the
//! same, also when one structure states a type once and the other twice. Types may contain themselves; a pair that is
//! being compared already is taken to be the same (the usual way to decide equality of cyclic graphs).

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{
    Attribute, AttributeUse, ComplexTypeId, Content, ElementId, Facets, Facts, Particle, QName,
    Schema, SimpleTypeId, Term, TypeId, Variety,
};

/// The first difference found between two structures, in words; `None` when they say the same.
///
/// Global elements, global attributes and named types are compared by name, and everything they are made of with them.
pub fn difference(left: &Schema, right: &Schema) -> Option<String> {
    let mut compare = Compare::new(left, right);
    compare.schemas().err()
}

/// Whether two complex types of one structure say the same.
pub(super) fn same_group(schema: &Schema, left: ComplexTypeId, right: ComplexTypeId) -> bool {
    Compare::new(schema, schema).complex(left, right).is_ok()
}

/// Whether two particles of one structure say the same.
pub(super) fn same_particle(schema: &Schema, left: &Particle, right: &Particle) -> bool {
    Compare::new(schema, schema).particle(left, right).is_ok()
}

/// Whether two attributes of one structure say the same.
pub(super) fn same_use(schema: &Schema, left: &AttributeUse, right: &AttributeUse) -> bool {
    Compare::new(schema, schema).usage(left, right).is_ok()
}

struct Compare<'s> {
    left: &'s Schema,
    right: &'s Schema,
    simple: BTreeSet<(u32, u32)>,
    complex: BTreeSet<(u32, u32)>,
    elements: BTreeSet<(u32, u32)>,
    trail: Vec<String>,
}

type Same = Result<(), String>;

impl<'s> Compare<'s> {
    fn new(left: &'s Schema, right: &'s Schema) -> Self {
        Self {
            left,
            right,
            simple: BTreeSet::new(),
            complex: BTreeSet::new(),
            elements: BTreeSet::new(),
            trail: Vec::new(),
        }
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&self, what: &str, left: &T, right: &T) -> Same {
        if left == right {
            Ok(())
        } else {
            Err(format!(
                "{}: {what}: {left:?} is not {right:?}",
                self.trail.join("/")
            ))
        }
    }

    fn within(&mut self, name: String, inner: impl FnOnce(&mut Self) -> Same) -> Same {
        self.trail.push(name);
        let same = inner(self);
        self.trail.pop();
        same
    }

    fn schemas(&mut self) -> Same {
        let (left, right) = (self.left, self.right);
        self.equal("namespace", &left.namespace, &right.namespace)?;
        let roots = |schema: &Schema| -> BTreeMap<QName, ElementId> {
            let by_name = |id: &ElementId| (schema.element(*id).name.clone(), *id);
            schema.roots.iter().map(by_name).collect()
        };
        let (mine, theirs) = (roots(left), roots(right));
        self.equal("roots", &names(&mine), &names(&theirs))?;
        for (mine, theirs) in mine.values().zip(theirs.values()) {
            self.element(*mine, *theirs)?;
        }
        let attributes = |schema: &'s Schema| -> BTreeMap<QName, &'s Attribute> {
            let by_name = |attribute: &'s Attribute| (attribute.name.clone(), attribute);
            schema.attributes.iter().map(by_name).collect()
        };
        let (mine, theirs) = (attributes(left), attributes(right));
        self.equal("attributes", &names(&mine), &names(&theirs))?;
        for (mine, theirs) in mine.values().zip(theirs.values()) {
            self.attribute(mine, theirs)?;
        }
        self.named_types()
    }

    fn named_types(&mut self) -> Same {
        let groups = |schema: &Schema| -> BTreeMap<QName, ComplexTypeId> {
            let named = schema.complex_types.iter().enumerate();
            named
                .filter_map(|(id, group)| Some((group.name.clone()?, ComplexTypeId(id as u32))))
                .collect()
        };
        let (mine, theirs) = (groups(self.left), groups(self.right));
        self.equal("groups", &names(&mine), &names(&theirs))?;
        for (mine, theirs) in mine.values().zip(theirs.values()) {
            self.complex(*mine, *theirs)?;
        }
        let values = |schema: &Schema| -> BTreeMap<QName, SimpleTypeId> {
            let named = schema.simple_types.iter().enumerate();
            named
                .filter_map(|(id, value)| Some((value.name.clone()?, SimpleTypeId(id as u32))))
                .filter(|(name, _)| &*name.namespace != super::structure::XML_SCHEMA)
                .collect()
        };
        let (mine, theirs) = (values(self.left), values(self.right));
        self.equal("values", &names(&mine), &names(&theirs))?;
        for (mine, theirs) in mine.values().zip(theirs.values()) {
            self.simple(*mine, *theirs)?;
        }
        Ok(())
    }

    fn element(&mut self, left: ElementId, right: ElementId) -> Same {
        if !self.elements.insert((left.0, right.0)) {
            return Ok(());
        }
        let (mine, theirs) = (self.left.element(left), self.right.element(right));
        self.within(mine.name.to_string(), |this| {
            this.equal("name", &mine.name, &theirs.name)?;
            this.equal("nillable", &mine.nillable, &theirs.nillable)?;
            this.equal("value constraint", &mine.constraint, &theirs.constraint)?;
            this.equal("abstract", &mine.is_abstract, &theirs.is_abstract)?;
            this.equal("block", &mine.block, &theirs.block)?;
            this.facts(
                &mine.facts,
                this.left.text_type(mine.content),
                &theirs.facts,
                this.right.text_type(theirs.content),
            )?;
            let count = (mine.substitutes.len(), theirs.substitutes.len());
            this.equal("substitution heads", &count.0, &count.1)?;
            for (mine, theirs) in mine.substitutes.iter().zip(&theirs.substitutes) {
                this.element(*mine, *theirs)?;
            }
            this.type_id(mine.content, theirs.content)
        })
    }

    fn facts(
        &self,
        left: &Facts,
        left_type: Option<SimpleTypeId>,
        right: &Facts,
        right_type: Option<SimpleTypeId>,
    ) -> Same {
        self.equal("status", &left.status, &right.status)?;
        self.equal("personal", &left.personal, &right.personal)?;
        self.equal(
            "dictionary name",
            &left.dictionary_name,
            &right.dictionary_name,
        )?;
        let format = |schema: &Schema, facts: &Facts, id: Option<SimpleTypeId>| {
            let of_type = || schema.simple_type(id?).format.clone();
            facts.format.clone().or_else(of_type)
        };
        self.equal(
            "format",
            &format(self.left, left, left_type),
            &format(self.right, right, right_type),
        )
    }

    fn type_id(&mut self, left: TypeId, right: TypeId) -> Same {
        match (left, right) {
            (TypeId::Any, TypeId::Any) => Ok(()),
            (TypeId::Simple(left), TypeId::Simple(right)) => self.simple(left, right),
            (TypeId::Complex(left), TypeId::Complex(right)) => self.complex(left, right),
            _ => self.equal("kind of type", &left, &right),
        }
    }

    fn complex(&mut self, left: ComplexTypeId, right: ComplexTypeId) -> Same {
        if !self.complex.insert((left.0, right.0)) {
            return Ok(());
        }
        let (mine, theirs) = (self.left.complex_type(left), self.right.complex_type(right));
        let name = mine.name.as_ref().map_or("group", |name| &name.local);
        self.within(format!("({name})"), |this| {
            this.equal("name", &mine.name, &theirs.name)?;
            this.equal("abstract", &mine.is_abstract, &theirs.is_abstract)?;
            this.equal("block", &mine.block, &theirs.block)?;
            this.equal("any attribute", &mine.any_attribute, &theirs.any_attribute)?;
            match (mine.base, theirs.base) {
                (Some((left, one)), Some((right, other))) => {
                    this.equal("derivation", &one, &other)?;
                    this.type_id(left, right)?;
                }
                (left, right) => this.equal("base", &left.is_some(), &right.is_some())?,
            }
            let attributes = (mine.attributes.len(), theirs.attributes.len());
            this.equal("attributes", &attributes.0, &attributes.1)?;
            for (mine, theirs) in mine.attributes.iter().zip(&theirs.attributes) {
                this.usage(mine, theirs)?;
            }
            this.content(&mine.content, &theirs.content)
        })
    }

    fn content(&mut self, left: &Content, right: &Content) -> Same {
        match (left, right) {
            (Content::Empty, Content::Empty) => Ok(()),
            (Content::Simple(left), Content::Simple(right)) => self.simple(*left, *right),
            (
                Content::Children {
                    particle: left,
                    mixed: one,
                },
                Content::Children {
                    particle: right,
                    mixed: other,
                },
            ) => {
                self.equal("mixed", one, other)?;
                self.particle(left, right)
            }
            _ => {
                let kind = |content: &Content| match content {
                    Content::Empty => "empty",
                    Content::Simple(_) => "text",
                    Content::Children { .. } => "elements",
                };
                self.equal("content", &kind(left), &kind(right))
            }
        }
    }

    fn particle(&mut self, left: &Particle, right: &Particle) -> Same {
        self.equal("occurrence", &(left.min, left.max), &(right.min, right.max))?;
        match (&left.term, &right.term) {
            (Term::Element(left), Term::Element(right)) => self.element(*left, *right),
            (Term::Any(left), Term::Any(right)) => self.equal("wildcard", left, right),
            (Term::Sequence(left), Term::Sequence(right))
            | (Term::Choice(left), Term::Choice(right))
            | (Term::All(left), Term::All(right)) => {
                self.equal("number of particles", &left.len(), &right.len())?;
                for (left, right) in left.iter().zip(right) {
                    self.particle(left, right)?;
                }
                Ok(())
            }
            _ => {
                let kind = |term: &Term| match term {
                    Term::Element(_) => "element",
                    Term::Sequence(_) => "sequence",
                    Term::Choice(_) => "choice",
                    Term::All(_) => "all",
                    Term::Any(_) => "any",
                };
                self.equal("particle", &kind(&left.term), &kind(&right.term))
            }
        }
    }

    fn usage(&mut self, left: &AttributeUse, right: &AttributeUse) -> Same {
        self.within(format!("@{}", left.attribute.name), |this| {
            this.equal("use", &left.usage, &right.usage)?;
            this.attribute(&left.attribute, &right.attribute)
        })
    }

    fn attribute(&mut self, left: &Attribute, right: &Attribute) -> Same {
        self.equal("name", &left.name, &right.name)?;
        self.equal("value constraint", &left.constraint, &right.constraint)?;
        self.facts(
            &left.facts,
            Some(left.content),
            &right.facts,
            Some(right.content),
        )?;
        self.simple(left.content, right.content)
    }

    fn simple(&mut self, left: SimpleTypeId, right: SimpleTypeId) -> Same {
        if !self.simple.insert((left.0, right.0)) {
            return Ok(());
        }
        let (mine, theirs) = (self.left.simple_type(left), self.right.simple_type(right));
        let name = mine.name.as_ref().map_or("value", |name| &name.local);
        self.within(format!("[{name}]"), |this| {
            this.equal("name", &mine.name, &theirs.name)?;
            this.equal("code list", &mine.code_list, &theirs.code_list)?;
            this.equal("format", &mine.format, &theirs.format)?;
            this.equal("facets", &steps(&mine.steps), &steps(&theirs.steps))?;
            match (&mine.variety, &theirs.variety) {
                (Variety::Atomic(left), Variety::Atomic(right)) => {
                    this.equal("built-in type", left, right)?;
                }
                (Variety::List(left), Variety::List(right)) => this.simple(*left, *right)?,
                (Variety::Union(left), Variety::Union(right)) => {
                    this.equal("members", &left.len(), &right.len())?;
                    for (left, right) in left.iter().zip(right) {
                        this.simple(*left, *right)?;
                    }
                }
                (left, right) => this.equal("variety", left, right)?,
            }
            match (mine.base, theirs.base) {
                (Some(left), Some(right)) => this.simple(left, right),
                (left, right) => this.equal("base", &left.is_some(), &right.is_some()),
            }
        })
    }
}

/// The steps that say anything.
fn steps(steps: &[Facets]) -> Vec<&Facets> {
    steps
        .iter()
        .filter(|facets| **facets != Facets::default())
        .collect()
}

fn names<T>(map: &BTreeMap<QName, T>) -> Vec<&str> {
    map.keys().map(|name| &*name.local).collect()
}
