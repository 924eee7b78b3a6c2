//! What a simple type asks of a text, with equal demands written equally, so that two types can be held against each other.

use concord_standards::schema::{Builtin, Facets, Schema, SimpleTypeId, Variety, WhiteSpace};
use concord_standards::value::{normalize, white_space_of};

use super::lexical;

/// A simple type as the demands that it makes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) base: Base,
    pub(super) white_space: WhiteSpace,
    pub(super) constraints: Vec<Constraint>,
}

/// What values are made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Base {
    Atomic,
    List(Box<Shape>),
    Union(Vec<Shape>),
}

/// One demand on the text after white space treatment; all must be met.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constraint {
    /// In the lexical space of the built-in type, the first of those that share it.
    Lexical(Builtin),
    /// One of these matches.
    Patterns(Vec<String>),
    Length {
        unit: Unit,
        least: u64,
        most: Option<u64>,
    },
    Digits {
        total: Option<u64>,
        fraction: Option<u64>,
    },
    Bound(Bound),
    /// One of these values of the primitive type (of the list or union, when there is none); sorted.
    Enumeration {
        primitive: Option<Builtin>,
        literals: Vec<String>,
    },
}

/// What a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Characters,
    /// Octets, each of two digits.
    Hexadecimal,
    /// Octets in base 64.
    Base64,
    Items,
}

/// A bound on the values of an ordered primitive type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    pub(super) primitive: Builtin,
    pub(super) lower: bool,
    pub(super) inclusive: bool,
    pub(super) literal: String,
}

impl Shape {
    /// The shape of a type of a schema that was compiled, so that types nest to a bounded depth.
    pub(super) fn of(schema: &Schema, id: SimpleTypeId) -> Self {
        let simple = schema.simple_type(id);
        match &simple.variety {
            Variety::Atomic(Builtin::NmTokens) => {
                let item = Self::atomic(Builtin::NmToken, &[]);
                let least = Constraint::Length {
                    unit: Unit::Items,
                    least: 1,
                    most: None,
                };
                Self::list(item, &simple.steps, Some(least))
            }
            Variety::Atomic(builtin) => Self::atomic(*builtin, &simple.steps),
            Variety::List(item) => Self::list(Self::of(schema, *item), &simple.steps, None),
            Variety::Union(members) => {
                let mut all = Vec::new();
                for member in members {
                    let member = Self::of(schema, *member);
                    // A union of unions is one union, as long as the inner one demands nothing.
                    match member.base {
                        Base::Union(inner) if member.constraints.is_empty() => all.extend(inner),
                        _ => all.push(member),
                    }
                }
                let mut shape = Self {
                    base: Base::Union(all),
                    white_space: WhiteSpace::Preserve,
                    constraints: Vec::new(),
                };
                shape.restrict(&simple.steps, None);
                shape
            }
        }
    }

    fn atomic(builtin: Builtin, steps: &[Facets]) -> Self {
        let mut shape = Self {
            base: Base::Atomic,
            white_space: white_space_of(builtin),
            constraints: vec![Constraint::Lexical(lexical::space(builtin))],
        };
        let range = lexical::range(builtin);
        for (lower, literal) in [(true, range.0), (false, range.1)] {
            if let Some(literal) = literal {
                shape.constraints.push(Constraint::Bound(Bound {
                    primitive: Builtin::Decimal,
                    lower,
                    inclusive: true,
                    literal: literal.to_owned(),
                }));
            }
        }
        shape.restrict(steps, Some(builtin));
        shape
    }

    fn list(item: Self, steps: &[Facets], more: Option<Constraint>) -> Self {
        let mut shape = Self {
            base: Base::List(Box::new(item)),
            white_space: WhiteSpace::Collapse,
            constraints: Vec::from_iter(more),
        };
        shape.restrict(steps, None);
        shape
    }

    fn restrict(&mut self, steps: &[Facets], builtin: Option<Builtin>) {
        let primitive = builtin.map(lexical::primitive);
        let (mut least, mut most) = (0, None);
        let (mut total, mut fraction) = (None, None);
        let mut enumeration = None;
        for step in steps {
            let before = self.white_space;
            self.white_space = step.white_space.unwrap_or(before);
            let exact = step.length;
            least = exact.or(step.min_length).unwrap_or(least);
            most = exact.or(step.max_length).or(most);
            total = step.total_digits.map(u64::from).or(total);
            fraction = step.fraction_digits.map(u64::from).or(fraction);
            self.bounds(step, primitive, before);
            if !step.enumeration.is_empty() {
                // The last enumeration is a subset of those before it.
                let mut literals: Vec<String> = step
                    .enumeration
                    .iter()
                    .map(|literal| normalize(literal, before).into_owned())
                    .collect();
                literals.sort_unstable();
                literals.dedup();
                enumeration = Some(literals);
            }
            if !step.patterns.is_empty() {
                let mut patterns = step.patterns.clone();
                patterns.sort_unstable();
                patterns.dedup();
                self.constraints.push(Constraint::Patterns(patterns));
            }
        }
        let unit = match (&self.base, primitive) {
            (Base::List(_), _) => Some(Unit::Items),
            (Base::Atomic, Some(primitive)) => lexical::unit(primitive),
            _ => None,
        };
        if let Some(unit) = unit
            && (least > 0 || most.is_some())
        {
            self.constraints
                .push(Constraint::Length { unit, least, most });
        }
        if total.is_some() || fraction.is_some() {
            self.constraints
                .push(Constraint::Digits { total, fraction });
        }
        if let Some(mut literals) = enumeration {
            let mut primitive = primitive;
            if let Some((of_parts, treatment)) = self.text_of_parts() {
                primitive = Some(of_parts);
                for literal in &mut literals {
                    *literal = normalize(literal, treatment).into_owned();
                }
                literals.sort_unstable();
                literals.dedup();
            }
            self.constraints.push(Constraint::Enumeration {
                primitive,
                literals,
            });
        }
    }

    /// The primitive type of a list or union whose values are equal when their texts are, and how those texts are treated.
    fn text_of_parts(&self) -> Option<(Builtin, WhiteSpace)> {
        let primitive = |part: &Self| {
            part.constraints
                .iter()
                .find_map(|constraint| match constraint {
                    Constraint::Lexical(builtin) => Some(lexical::primitive(*builtin)),
                    _ => None,
                })
        };
        let (primitives, treatments): (Vec<_>, Vec<_>) = match &self.base {
            Base::Atomic => return None,
            Base::List(item) => (vec![primitive(item)?], vec![WhiteSpace::Collapse]),
            Base::Union(members) => members
                .iter()
                .map(|member| Some((primitive(member)?, member.white_space)))
                .collect::<Option<Vec<_>>>()?
                .into_iter()
                .unzip(),
        };
        let (first, treatment) = (*primitives.first()?, *treatments.first()?);
        let alike = primitives.iter().all(|it| *it == first)
            && treatments.iter().all(|it| *it == treatment);
        let text = matches!(first, Builtin::String | Builtin::AnyUri);
        (alike && text).then_some((first, treatment))
    }

    fn bounds(&mut self, step: &Facets, primitive: Option<Builtin>, white_space: WhiteSpace) {
        let Some(primitive) = primitive else { return };
        let said = [
            (&step.min_inclusive, true, true),
            (&step.min_exclusive, true, false),
            (&step.max_inclusive, false, true),
            (&step.max_exclusive, false, false),
        ];
        for (literal, lower, inclusive) in said {
            if let Some(literal) = literal {
                self.constraints.push(Constraint::Bound(Bound {
                    primitive,
                    lower,
                    inclusive,
                    literal: normalize(literal, white_space).into_owned(),
                }));
            }
        }
    }
}
