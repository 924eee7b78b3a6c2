//! Facets that imply facets: what needs no automaton, and what has none.

use concord_standards::schema::{
    Builtin, Facets, Origin, Schema, SimpleType, SimpleTypeId, Variety,
};
use concord_standards::value::ValueChecker;

use super::shape::{Base, Bound, Constraint, Shape};

/// Whether it is plain from the facets that NEW takes whatever OLD takes.
pub(super) fn included(old: &Shape, new: &Shape) -> bool {
    if old == new || has_no_value(old) {
        return true;
    }
    if let Base::Union(members) = &new.base
        && new.constraints.is_empty()
        && members.iter().any(|member| included(old, member))
    {
        return true;
    }
    match (&old.base, &new.base) {
        (Base::Union(olds), Base::Union(news)) if olds == news && !new.constraints.is_empty() => {
            all_implied(old, new)
        }
        // What the union itself demands only leaves fewer texts.
        (Base::Union(members), _) => members.iter().all(|member| included(member, new)),
        (Base::List(old_item), Base::List(new_item)) => {
            let values = new
                .constraints
                .iter()
                .any(|constraint| matches!(constraint, Constraint::Enumeration { .. }));
            // Values of different items are different values, as far as is known here.
            (!values || old_item == new_item)
                && included(old_item, new_item)
                && all_implied(old, new)
        }
        (Base::Atomic, Base::Atomic) => old.white_space == new.white_space && all_implied(old, new),
        _ => false,
    }
}

fn all_implied(old: &Shape, new: &Shape) -> bool {
    new.constraints
        .iter()
        .all(|constraint| implied(old, constraint))
}

/// Whether what OLD demands implies a demand on text that was treated in the same way.
pub(super) fn implied(old: &Shape, new: &Constraint) -> bool {
    let any = |test: &dyn Fn(&Constraint) -> bool| old.constraints.iter().any(test);
    match new {
        Constraint::Lexical(Builtin::String) => true,
        Constraint::Lexical(_) => old.constraints.contains(new),
        Constraint::Patterns(patterns) => any(
            &|old| matches!(old, Constraint::Patterns(fewer) if fewer.iter().all(|it| patterns.contains(it))),
        ),
        Constraint::Length { unit, least, most } => any(&|old| match old {
            Constraint::Length {
                unit: old_unit,
                least: old_least,
                most: old_most,
            } => old_unit == unit && old_least >= least && at_most(*old_most, *most),
            _ => false,
        }),
        Constraint::Digits { total, fraction } => any(&|old| match old {
            Constraint::Digits {
                total: old_total,
                fraction: old_fraction,
            } => at_most(*old_total, *total) && at_most(*old_fraction, *fraction),
            _ => false,
        }),
        Constraint::Bound(bound) => {
            any(&|old| matches!(old, Constraint::Bound(old) if tighter(old, bound)))
                || enumerated(old, Some(bound.primitive)).is_some_and(|values| {
                    within(bound, bound.inclusive).is_some_and(|it| all_taken(&it, &values))
                })
        }
        Constraint::Enumeration {
            primitive,
            literals,
        } => enumerated(old, *primitive).is_some_and(|values| {
            values.iter().all(|literal| {
                literals
                    .binary_search_by(|it| it.as_str().cmp(literal))
                    .is_ok()
                    || primitive.is_some_and(|it| has_value(it, literals, literal))
            })
        }),
    }
}

/// The values that OLD enumerates and its own bounds let through.
fn enumerated(old: &Shape, wanted: Option<Builtin>) -> Option<Vec<&str>> {
    let (primitive, literals) = old.constraints.iter().find_map(|it| match it {
        Constraint::Enumeration {
            primitive,
            literals,
        } => Some((*primitive, literals)),
        _ => None,
    })?;
    if primitive != wanted {
        return None;
    }
    let bounds: Vec<ValueChecker> = old
        .constraints
        .iter()
        .filter_map(|constraint| match constraint {
            Constraint::Bound(bound) => within(bound, bound.inclusive),
            _ => None,
        })
        .collect();
    let left = literals
        .iter()
        .map(String::as_str)
        .filter(|literal| bounds.iter().all(|bound| bound.check(literal).is_ok()));
    Some(left.collect())
}

/// Whether OLD's bounds leave none of the values that it enumerates.
fn has_no_value(old: &Shape) -> bool {
    old.constraints.iter().any(|constraint| match constraint {
        Constraint::Enumeration { primitive, .. } => {
            enumerated(old, *primitive).is_some_and(|values| values.is_empty())
        }
        _ => false,
    })
}

fn all_taken(checker: &ValueChecker, values: &[&str]) -> bool {
    values.iter().all(|value| checker.check(value).is_ok())
}

fn at_most(old: Option<u64>, new: Option<u64>) -> bool {
    match (old, new) {
        (_, None) => true,
        (Some(old), Some(new)) => old <= new,
        (None, Some(_)) => false,
    }
}

/// Whether what lies within the one bound lies within the other: the orders of part 2 are transitive.
fn tighter(old: &Bound, new: &Bound) -> bool {
    if old.primitive != new.primitive || old.lower != new.lower {
        return false;
    }
    // The old bound itself must lie within the new one, unless both leave it out.
    within(new, new.inclusive || !old.inclusive)
        .is_some_and(|checker| checker.check(&old.literal).is_ok())
}

/// Takes the values of a primitive type within a bound.
fn within(bound: &Bound, inclusive: bool) -> Option<ValueChecker> {
    let literal = Some(bound.literal.clone());
    let mut step = Facets::default();
    match (bound.lower, inclusive) {
        (true, true) => step.min_inclusive = literal,
        (true, false) => step.min_exclusive = literal,
        (false, true) => step.max_inclusive = literal,
        (false, false) => step.max_exclusive = literal,
    }
    checker(bound.primitive, vec![step])
}

fn has_value(primitive: Builtin, literals: &[String], literal: &str) -> bool {
    checker(primitive, Vec::new()).is_some_and(|checker| {
        literals
            .iter()
            .any(|known| checker.same_value(literal, known))
    })
}

fn checker(builtin: Builtin, steps: Vec<Facets>) -> Option<ValueChecker> {
    let simple = SimpleType {
        name: None,
        variety: Variety::Atomic(builtin),
        steps,
        base: None,
        code_list: None,
        format: None,
        origin: Origin::default(),
    };
    let schema = Schema {
        simple_types: vec![simple],
        ..Schema::default()
    };
    ValueChecker::compile(&schema, SimpleTypeId(0)).ok()
}
