//! From a simple type of a [`Schema`] to a [`ValueChecker`].

use std::cmp::Ordering;
use std::sync::Arc;

use crate::schema::{Builtin, Facets, Schema, SimpleType, SimpleTypeId, Variety, WhiteSpace};

use super::checker::{Compiled, Shape, ValueChecker};
use super::error::{ValueError, ValueErrorKind};
use super::facets::{Bound, BoundKind, CompiledFacets, Enumeration};
use super::fault::ValueFault;
use super::parsed::Parsed;
use super::pattern::{Pattern, PatternError};
use super::white_space::{normalize, of_builtin};

/// Lists and unions nested more deeply than this are refused.
const GREATEST_DEPTH: u32 = 32;
/// Most types that one type may be made of, repeated ones counted each time.
const MOST_PARTS: u32 = 10_000;

type Step<T> = Result<T, ValueErrorKind>;

pub(super) fn compile(schema: &Schema, id: SimpleTypeId) -> Result<ValueChecker, ValueError> {
    let mut parts = 0;
    compile_nested(schema, id, 0, &mut parts)
}

fn compile_nested(
    schema: &Schema,
    id: SimpleTypeId,
    depth: u32,
    parts: &mut u32,
) -> Result<ValueChecker, ValueError> {
    let Some(simple_type) = schema.simple_types.get(id.0 as usize) else {
        return Err(ValueError {
            origin: crate::schema::Origin::default(),
            type_name: None,
            kind: Box::new(ValueErrorKind::UnknownType { id }),
        });
    };
    let here = |kind| ValueError {
        origin: simple_type.origin.clone(),
        type_name: simple_type
            .name
            .as_ref()
            .map(|name| Arc::clone(&name.local)),
        kind: Box::new(kind),
    };
    *parts += 1;
    if depth > GREATEST_DEPTH || *parts > MOST_PARTS {
        return Err(here(ValueErrorKind::TooDeep));
    }
    let (shape, white_space) = match &simple_type.variety {
        Variety::Atomic(Builtin::NmTokens) => {
            let item = Compiled {
                shape: Shape::Atomic(Builtin::NmToken),
                white_space: WhiteSpace::Collapse,
                facets: CompiledFacets::default(),
            };
            let shape = Shape::List {
                item: ValueChecker {
                    inner: Arc::new(item),
                },
                builtin: Some(Builtin::NmTokens),
            };
            (shape, WhiteSpace::Collapse)
        }
        Variety::Atomic(builtin) => {
            supported(*builtin).map_err(here)?;
            (Shape::Atomic(*builtin), of_builtin(*builtin))
        }
        Variety::List(item) => {
            let item = compile_nested(schema, *item, depth + 1, parts)?;
            if holds_lists(&item) {
                return Err(here(ValueErrorKind::ListOfLists));
            }
            (
                Shape::List {
                    item,
                    builtin: None,
                },
                WhiteSpace::Collapse,
            )
        }
        Variety::Union(members) => {
            let members = members
                .iter()
                .map(|&member| compile_nested(schema, member, depth + 1, parts))
                .collect::<Result<_, _>>()?;
            (Shape::Union(members), WhiteSpace::Preserve)
        }
    };
    let compiled = Compiled {
        shape,
        white_space,
        facets: CompiledFacets::default(),
    };
    restrict(compiled, simple_type).map_err(here)
}

fn supported(builtin: Builtin) -> Step<()> {
    match builtin {
        Builtin::Id
        | Builtin::IdRef
        | Builtin::IdRefs
        | Builtin::Entity
        | Builtin::Entities
        | Builtin::Notation => Err(ValueErrorKind::Unsupported { builtin }),
        _ => Ok(()),
    }
}

fn holds_lists(checker: &ValueChecker) -> bool {
    match &checker.inner.shape {
        Shape::Atomic(_) => false,
        Shape::List { .. } => true,
        Shape::Union(members) => members.iter().any(holds_lists),
    }
}

/// Applies the restriction steps one after the other; what is compiled so far is the base of the next.
fn restrict(base: Compiled, simple_type: &SimpleType) -> Step<ValueChecker> {
    let mut base = ValueChecker {
        inner: Arc::new(base),
    };
    for (index, step) in simple_type.steps.iter().enumerate() {
        let mut restricted = Compiled::clone(&base.inner);
        applicable(&restricted.shape, step)?;
        white_space(&mut restricted, step)?;
        lengths(&mut restricted.facets, step)?;
        digits(&mut restricted, step)?;
        bounds(&base, &mut restricted.facets, step)?;
        enumeration(&base, &mut restricted.facets, step)?;
        if !step.patterns.is_empty() {
            let pattern = pattern(&step.patterns)?;
            restricted.facets.patterns.push((index, pattern));
        }
        base = ValueChecker {
            inner: Arc::new(restricted),
        };
    }
    Ok(base)
}

/// Which facets a type has: the table of part 2, section 4.1.5.
fn applicable(shape: &Shape, step: &Facets) -> Step<()> {
    let length = [
        (step.length.is_some(), "length"),
        (step.min_length.is_some(), "minLength"),
        (step.max_length.is_some(), "maxLength"),
    ];
    let bounds = [
        (step.min_inclusive.is_some(), "minInclusive"),
        (step.min_exclusive.is_some(), "minExclusive"),
        (step.max_inclusive.is_some(), "maxInclusive"),
        (step.max_exclusive.is_some(), "maxExclusive"),
    ];
    let digits = [
        (step.total_digits.is_some(), "totalDigits"),
        (step.fraction_digits.is_some(), "fractionDigits"),
    ];
    let enumeration = [(!step.enumeration.is_empty(), "enumeration")];
    let pattern = [(!step.patterns.is_empty(), "pattern")];
    let white_space = [(step.white_space.is_some(), "whiteSpace")];
    let (base, refused): (_, Vec<&[(bool, &'static str)]>) = match shape {
        Shape::List { .. } => ("list", vec![&bounds, &digits]),
        Shape::Union(_) => ("union", vec![&length, &bounds, &digits, &white_space]),
        Shape::Atomic(builtin) => {
            let refused: Vec<&[_]> = match builtin {
                Builtin::AnySimpleType => {
                    vec![
                        &length,
                        &bounds,
                        &digits,
                        &enumeration,
                        &pattern,
                        &white_space,
                    ]
                }
                Builtin::Boolean => vec![&length, &bounds, &digits, &enumeration],
                Builtin::QName if !step.enumeration.is_empty() => {
                    return Err(ValueErrorKind::UnsupportedFacet {
                        facet: "enumeration",
                        base: builtin.name(),
                    });
                }
                Builtin::String
                | Builtin::NormalizedString
                | Builtin::Token
                | Builtin::Language
                | Builtin::Name
                | Builtin::NcName
                | Builtin::NmToken
                | Builtin::AnyUri
                | Builtin::QName
                | Builtin::HexBinary
                | Builtin::Base64Binary => vec![&bounds, &digits],
                Builtin::Float
                | Builtin::Double
                | Builtin::Duration
                | Builtin::DateTime
                | Builtin::Time
                | Builtin::Date
                | Builtin::GYearMonth
                | Builtin::GYear
                | Builtin::GMonthDay
                | Builtin::GDay
                | Builtin::GMonth => vec![&length, &digits],
                _ => vec![&length],
            };
            (builtin.name(), refused)
        }
    };
    match refused.into_iter().flatten().find(|(used, _)| *used) {
        Some(&(_, facet)) => Err(ValueErrorKind::NotApplicable { facet, base }),
        None => Ok(()),
    }
}

fn white_space(compiled: &mut Compiled, step: &Facets) -> Step<()> {
    if let Some(treatment) = step.white_space {
        if treatment < compiled.white_space {
            return Err(ValueErrorKind::Loosened {
                facet: "whiteSpace",
            });
        }
        compiled.white_space = treatment;
    }
    Ok(())
}

fn lengths(facets: &mut CompiledFacets, step: &Facets) -> Step<()> {
    if let (Some(base), Some(length)) = (facets.length, step.length)
        && base != length
    {
        return Err(ValueErrorKind::Loosened { facet: "length" });
    }
    let contradiction = |first, second| Err(ValueErrorKind::Contradiction { first, second });
    // Section 4.3.1.4: a least or greatest length may stand in an earlier step only.
    if facets.length.or(step.length).is_some() {
        if step.min_length.is_some() {
            return contradiction("length", "minLength");
        }
        if step.max_length.is_some() {
            return contradiction("length", "maxLength");
        }
    }
    tighten(
        &mut facets.min_length,
        step.min_length,
        "minLength",
        Ordering::Less,
    )?;
    tighten(
        &mut facets.max_length,
        step.max_length,
        "maxLength",
        Ordering::Greater,
    )?;
    facets.length = step.length.or(facets.length);
    match (facets.min_length, facets.length, facets.max_length) {
        (Some(minimum), Some(length), _) if length < minimum => {
            contradiction("length", "minLength")
        }
        (_, Some(length), Some(maximum)) if length > maximum => {
            contradiction("length", "maxLength")
        }
        (Some(minimum), _, Some(maximum)) if minimum > maximum => {
            contradiction("minLength", "maxLength")
        }
        _ => Ok(()),
    }
}

fn digits(compiled: &mut Compiled, step: &Facets) -> Step<()> {
    let facets = &mut compiled.facets;
    let decimal = matches!(compiled.shape, Shape::Atomic(Builtin::Decimal));
    if !decimal && step.fraction_digits.is_some_and(|digits| digits > 0) {
        return Err(ValueErrorKind::Loosened {
            facet: "fractionDigits",
        });
    }
    if step.total_digits == Some(0) {
        return Err(ValueErrorKind::NotAValue {
            facet: "totalDigits",
            literal: "0".into(),
            fault: ValueFault::NotOfType {
                builtin: Builtin::PositiveInteger,
            },
        });
    }
    tighten(
        &mut facets.total_digits,
        step.total_digits,
        "totalDigits",
        Ordering::Greater,
    )?;
    tighten(
        &mut facets.fraction_digits,
        step.fraction_digits,
        "fractionDigits",
        Ordering::Greater,
    )?;
    match (facets.fraction_digits, facets.total_digits) {
        (Some(fraction), Some(total)) if fraction > total => Err(ValueErrorKind::Contradiction {
            first: "fractionDigits",
            second: "totalDigits",
        }),
        _ => Ok(()),
    }
}

/// Takes over a limit of a step unless it compares with the base's as `looser`.
fn tighten<T: Ord + Copy>(
    limit: &mut Option<T>,
    step: Option<T>,
    facet: &'static str,
    looser: Ordering,
) -> Step<()> {
    if let (Some(base), Some(step)) = (*limit, step)
        && step.cmp(&base) == looser
    {
        return Err(ValueErrorKind::Loosened { facet });
    }
    *limit = step.or(*limit);
    Ok(())
}

fn bounds(base: &ValueChecker, facets: &mut CompiledFacets, step: &Facets) -> Step<()> {
    let contradiction = |first, second| Err(ValueErrorKind::Contradiction { first, second });
    if step.min_inclusive.is_some() && step.min_exclusive.is_some() {
        return contradiction("minInclusive", "minExclusive");
    }
    if step.max_inclusive.is_some() && step.max_exclusive.is_some() {
        return contradiction("maxInclusive", "maxExclusive");
    }
    let Shape::Atomic(builtin) = base.inner.shape else {
        return Ok(());
    };
    let said = [
        (BoundKind::MinInclusive, &step.min_inclusive),
        (BoundKind::MinExclusive, &step.min_exclusive),
        (BoundKind::MaxInclusive, &step.max_inclusive),
        (BoundKind::MaxExclusive, &step.max_exclusive),
    ];
    for (kind, literal) in said {
        let Some(literal) = literal else { continue };
        let literal = normalize(literal, base.inner.white_space);
        let not_a_value = |fault| ValueErrorKind::NotAValue {
            facet: kind.name(),
            literal: literal.as_ref().into(),
            fault,
        };
        let value = Parsed::parse(builtin, &literal)
            .ok_or_else(|| not_a_value(ValueFault::NotOfType { builtin }))?
            .into_owned();
        // A bound is a value of the base, except that an excluded bound may be said again.
        let said_again = facets
            .bounds
            .iter()
            .any(|bound| bound.kind == kind && bound.value.equals(&value));
        if !said_again {
            base.check(&literal).map_err(not_a_value)?;
        }
        let literal = literal.as_ref().into();
        facets.bounds.push(Bound {
            kind,
            literal,
            value,
        });
    }
    for lower in facets.bounds.iter().filter(|bound| bound.kind.is_lower()) {
        for upper in facets.bounds.iter().filter(|bound| !bound.kind.is_lower()) {
            // Sections 4.3.7 to 4.3.10: they may be equal when both are in or both are out.
            let contradictory = match lower.value.compare(&upper.value) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => lower.kind.is_exclusive() != upper.kind.is_exclusive(),
                _ => false,
            };
            if contradictory {
                return contradiction(lower.kind.name(), upper.kind.name());
            }
        }
    }
    Ok(())
}

fn enumeration(base: &ValueChecker, facets: &mut CompiledFacets, step: &Facets) -> Step<()> {
    if step.enumeration.is_empty() {
        return Ok(());
    }
    let mut values = Vec::with_capacity(step.enumeration.len());
    for literal in &step.enumeration {
        base.check(literal)
            .map_err(|fault| ValueErrorKind::NotAValue {
                facet: "enumeration",
                literal: literal.as_str().into(),
                fault,
            })?;
        values.extend(base.value(literal));
    }
    let texts: Option<Vec<Box<str>>> = match base.inner.shape {
        Shape::Atomic(_) => values
            .iter()
            .map(|value| match value {
                Parsed::Text(_, text) => Some(text.as_ref().into()),
                _ => None,
            })
            .collect(),
        Shape::List { .. } | Shape::Union(_) => None,
    };
    facets.enumeration = Some(match texts {
        Some(mut texts) => {
            texts.sort_unstable();
            Enumeration::Texts(texts)
        }
        None => Enumeration::Values(values),
    });
    Ok(())
}

/// One pattern for the patterns of a step, of which one must match.
fn pattern(patterns: &[String]) -> Step<Pattern> {
    let bad = |pattern: &str, reason: PatternError| ValueErrorKind::Pattern {
        pattern: pattern.into(),
        reason,
    };
    for pattern in patterns {
        Pattern::compile(&[pattern]).map_err(|reason| bad(pattern, reason))?;
    }
    let all: Vec<&str> = patterns.iter().map(String::as_str).collect();
    Pattern::compile(&all).map_err(|reason| bad(&all.join("|"), reason))
}
