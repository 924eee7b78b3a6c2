//! Faults by the kind of a rule.

use concord_standards::rules::Example;

use super::{Broken, Work, broken};
use crate::Dice;

/// Columns whose value decides what else stands in a row. A row must have it already.
const DECIDING: &[&str] = &[
    "POINT_OF_DELIVERY_CODE",
    "WITHHELD_IDENTITY_REASON",
    "UNBUNDLED_EPISODE_INDICATOR",
];

/// Lays an example over the row.
pub(super) fn overlay(work: &mut Work<'_>, example: &Example, about: &[String]) -> Option<Broken> {
    let is_about = |column: &str| about.iter().any(|known| known == column);
    let mut point = None;
    for (column, text) in &example.elements {
        let field = work.facts.field(column)?;
        let now = &work.row.cells[field];
        let decides = DECIDING.contains(&column.as_str()) && !is_about(column);
        if decides && !(now == text || column == "WITHHELD_IDENTITY_REASON" && !now.is_empty()) {
            return None;
        }
        // A value that stands alone in its example is put in the place of one.
        if example.elements.len() == 1 && now.is_empty() {
            return None;
        }
        if decides {
            continue;
        }
        if point.is_none() || is_about(column) {
            point = Some(field);
        }
        work.row.cells[field] = varied(text, work.dice);
    }
    for column in about {
        if !example.elements.contains_key(column) && example.elements.len() > 1 {
            // What the example does not have is absent.
            let field = work.facts.field(column)?;
            if example.elements.keys().any(|known| is_about(known)) {
                continue;
            }
            work.row.cells[field].clear();
            point = point.or(Some(field));
        }
    }
    Some(broken(
        point?,
        "made like an example of what breaks the rule",
    ))
}

/// An identifier in scientific notation is given other digits, for two that are the same would be one identifier twice.
fn varied(text: &str, dice: &mut Dice) -> String {
    match text.split_once("E+") {
        Some((_, power)) => format!("1.{:05}E+{power}", dice.below(100_000)),
        None => text.to_owned(),
    }
}

/// Puts the example's value into one of the elements that has a value.
pub(super) fn each(work: &mut Work<'_>, elements: &[String], example: &Example) -> Option<Broken> {
    let text = example.elements.get("value")?;
    let start = work.dice.index(elements.len());
    for step in 0..elements.len() {
        let column = &elements[(start + step) % elements.len()];
        let Some(field) = work.facts.field(column) else {
            continue;
        };
        if work.row.cells[field].is_empty() {
            continue;
        }
        work.row.cells[field] = varied(text, work.dice);
        return Some(broken(field, "put a value that breaks the rule"));
    }
    None
}

/// Leaves values out.
pub(super) fn leave_out(
    work: &mut Work<'_>,
    columns: &[String],
    all: bool,
    example: Option<&Example>,
) -> Option<Broken> {
    let here = example.into_iter().flat_map(|example| &example.elements);
    for (column, text) in here {
        if DECIDING.contains(&column.as_str()) && work.text(column) != text {
            return None;
        }
    }
    let mut left = None;
    let start = work.dice.index(columns.len());
    for step in 0..columns.len() {
        let field = work.facts.field(&columns[(start + step) % columns.len()])?;
        if work.row.cells[field].is_empty() {
            continue;
        }
        work.row.cells[field].clear();
        left = Some(field);
        if !all {
            break;
        }
    }
    let mut made = broken(left?, "left out");
    if all {
        // It is about all of them.
        made.field = None;
    }
    Some(made)
}

/// Takes the values of an earlier row.
pub(super) fn repeat(
    work: &mut Work<'_>,
    elements: &[String],
    example: Option<&Example>,
) -> Option<Broken> {
    let fields: Vec<usize> = elements
        .iter()
        .map(|element| work.facts.field(element))
        .collect::<Option<_>>()?;
    // The first element identifies; the others are to agree already.
    let identifying = fields
        .iter()
        .copied()
        .find(|field| {
            work.facts.column(*field).contains("IDENTIFIER")
                && !work.facts.column(*field).starts_with("ORGANISATION")
        })
        .or_else(|| fields.first().copied())?;
    let conditions: Vec<(usize, &String)> = example
        .into_iter()
        .flat_map(|example| &example.elements)
        .filter(|(column, _)| !elements.contains(column))
        .map(|(column, text)| Some((work.facts.field(column)?, text)))
        .collect::<Option<_>>()?;
    let fits = |cells: &[String]| {
        conditions
            .iter()
            .all(|(field, text)| cells[*field] == **text)
            && fields.iter().all(|field| !cells[*field].is_empty())
    };
    if !fits(&work.row.cells) {
        return None;
    }
    let earlier = work.past.iter().rev().find(|earlier| {
        fits(&earlier.cells)
            && fields.iter().all(|field| {
                *field == identifying || earlier.cells[*field] == work.row.cells[*field]
            })
    })?;
    work.row.cells[identifying].clone_from(&earlier.cells[identifying]);
    // The finding stands at the first of the elements.
    Some(broken(*fields.first()?, "took the value of an earlier row"))
}
