//! Values tried one by one, where the automata do not decide.

use concord_sample::Dice;
use concord_sample::value::{Extent, Values};
use concord_standards::compile::CompiledSchema;
use concord_standards::schema::SimpleTypeId;

use super::shape::{Base, Constraint, Shape};
use super::{Both, machine};

/// Random values of OLD that are tried.
const SAMPLES: u32 = 60;
/// Longest text that is made for the sake of its length, where no pattern has to read it, and where one has.
const LONGEST: [u64; 2] = [2_000_000, 5_000];

/// A text that OLD takes and NEW refuses, unless patterns take long to match, among the facets' own values, their neighbours and samples of OLD.
pub(super) fn try_values(
    old: (&CompiledSchema, SimpleTypeId),
    old_shape: &Shape,
    new_shape: &Shape,
    both: &Both<'_>,
) -> Option<String> {
    if !(is_light(old_shape) && is_light(new_shape)) {
        return None;
    }
    let patterned = has_patterns(old_shape) || has_patterns(new_shape);
    let longest = LONGEST[usize::from(patterned)];
    let mut candidates = Vec::new();
    gather(old_shape, longest, &mut candidates);
    gather(new_shape, longest, &mut candidates);
    candidates.sort_by(|left, right| left.len().cmp(&right.len()).then_with(|| left.cmp(right)));
    candidates.dedup();
    candidates
        .into_iter()
        .find(|text| both.confirm(text))
        .or_else(|| sampled(old, both))
}

fn sampled(old: (&CompiledSchema, SimpleTypeId), both: &Both<'_>) -> Option<String> {
    let mut values = Values::new(&old.0.schema);
    let mut dice = Dice::new(1);
    let extents = [Extent::Smallest, Extent::Largest];
    let random = (0..SAMPLES).map(|_| Extent::Random);
    extents
        .into_iter()
        .chain(random)
        // Where one attempt fails, it has tried hundreds of texts already.
        .map_while(|extent| values.make(old.1, extent, &mut dice).ok())
        .find(|text| both.confirm(text))
}

fn parts(shape: &Shape) -> &[Shape] {
    match &shape.base {
        Base::Atomic => &[],
        Base::List(item) => std::slice::from_ref(item),
        Base::Union(members) => members,
    }
}

fn has_patterns(shape: &Shape) -> bool {
    let mut constraints = shape.constraints.iter();
    constraints.any(|it| matches!(it, Constraint::Patterns(_)))
        || parts(shape).iter().any(has_patterns)
}

/// Whether values are matched with the patterns in little time.
fn is_light(shape: &Shape) -> bool {
    let light = |constraint: &Constraint| match constraint {
        Constraint::Patterns(patterns) => machine::is_light(patterns),
        _ => true,
    };
    shape.constraints.iter().all(light) && parts(shape).iter().all(is_light)
}

fn gather(shape: &Shape, longest: u64, into: &mut Vec<String>) {
    for part in parts(shape) {
        gather(part, longest, into);
    }
    for constraint in &shape.constraints {
        match constraint {
            Constraint::Enumeration { literals, .. } => into.extend(literals.iter().cloned()),
            Constraint::Bound(bound) => neighbours(&bound.literal, into),
            Constraint::Length { least, most, .. } => {
                for length in [Some(*least), *most].into_iter().flatten() {
                    for length in [length.saturating_sub(1), length, length.saturating_add(1)] {
                        if length <= longest {
                            into.push("A".repeat(length as usize));
                            into.push("1".repeat(length as usize));
                        }
                    }
                }
            }
            Constraint::Lexical(_) | Constraint::Patterns(_) | Constraint::Digits { .. } => {}
        }
    }
}

/// A value, and values close to it: another last digit, a digit more, with and without a time zone.
fn neighbours(literal: &str, into: &mut Vec<String>) {
    into.push(literal.to_owned());
    for ending in [".1", "1", "0", "Z", "+14:00", "-14:00"] {
        into.push(format!("{literal}{ending}"));
    }
    for beginning in ["-", "+", "0"] {
        into.push(format!("{beginning}{literal}"));
    }
    for (place, digit) in literal.char_indices().filter(|(_, it)| it.is_ascii_digit()) {
        for other in '0'..='9' {
            if other != digit {
                let mut text = literal.to_owned();
                text.replace_range(place..=place, other.encode_utf8(&mut [0; 4]));
                into.push(text);
            }
        }
    }
    into.push(literal.trim_end_matches('Z').to_owned());
    into.extend(["NaN", "INF", "-INF", "0", "P1M", "P30D", "PT0S"].map(str::to_owned));
}
