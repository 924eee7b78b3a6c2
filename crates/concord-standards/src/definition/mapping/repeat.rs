//! What stands several times in a record under numbered names: `repeat = "1..50"` and `{n}`.
//!
//! One statement then stands for a row of each number. `repeat = ["1..100", "1..20"]` counts groups within groups: `{n}` is
//! the number of the outer one, `{m}` that of the inner one, `{k}` that of one within that.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::{Condition, Conditions, ElementReference, FieldMapping, RowMapping, RowSeat, Unmapped};
use crate::definition::table::Table;

/// What stands for each number, the outer one first.
const MARKS: [&str; 3] = ["{n}", "{m}", "{k}"];

/// Most rows that one statement stands for.
const MOST: usize = 10_000;

/// How often something stands in a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    ranges: Vec<RangeInclusive<u32>>,
}

impl Repeat {
    /// Reads the `repeat` of a table; once, without a number, where it has none.
    pub(super) fn read(table: &Table<'_>) -> Self {
        let mut ranges = Vec::new();
        for spot in table.texts("repeat").unwrap_or_default() {
            if let Some(range) = range(spot.text) {
                ranges.push(range);
                continue;
            }
            let message = format!("`{}` is not a range of numbers", spot.text);
            let help = "write the first and the last number, such as \"1..50\"";
            table
                .reading
                .error_with_help(spot.span, message, help.to_owned());
        }
        let count = ranges.iter().map(|range| range.clone().count());
        let count = count.fold(1_usize, usize::saturating_mul);
        if ranges.len() > MARKS.len() || count > MOST {
            let message = format!(
                "`repeat` names up to {} ranges, and {MOST} numbers",
                MARKS.len()
            );
            table.error("repeat", message);
            ranges.clear();
        }
        Self { ranges }
    }

    /// The numbers of each, in order.
    pub(super) fn each(&self) -> Vec<Vec<u32>> {
        let mut all = vec![Vec::new()];
        for range in &self.ranges {
            let longer = all.iter().flat_map(|before: &Vec<u32>| {
                let with = |number| before.iter().copied().chain([number]).collect();
                range.clone().map(with)
            });
            all = longer.collect();
        }
        all
    }

    /// The mark of the innermost number.
    pub(super) fn innermost(&self) -> Option<&'static str> {
        MARKS.get(self.ranges.len().checked_sub(1)?).copied()
    }

    /// Says which marks stand nowhere, and which stand where nothing is counted.
    pub(super) fn check<'r>(
        &self,
        table: &Table<'_>,
        references: impl IntoIterator<Item = &'r ElementReference>,
    ) {
        let (used, rest) = MARKS.split_at(self.ranges.len());
        let mut found = vec![false; used.len()];
        for reference in references {
            let mut plain = reference.text.to_string();
            for (mark, found) in used.iter().zip(&mut found) {
                *found |= plain.contains(mark);
                plain = plain.replace(mark, "");
            }
            if plain.contains(['{', '}']) {
                let message = format!("`{}` has a number that no `repeat` counts", reference.text);
                let counted = rest.iter().find(|mark| plain.contains(**mark));
                match counted {
                    Some(mark) => {
                        let help = format!("say what {mark} stands for: repeat = \"1..9\"");
                        table.reading.error_with_help(table.head(), message, help);
                    }
                    None => table.reading.error(table.head(), message),
                }
            }
        }
        for (mark, found) in used.iter().zip(found) {
            if !found {
                table.error("repeat", format!("{mark} stands in no reference"));
            }
        }
    }
}

fn range(text: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = text.split_once("..")?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(first) || !plain(last) {
        return None;
    }
    let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && (last - first) as usize <= MOST).then_some(first..=last)
}

impl ElementReference {
    /// The reference with numbers in the place of their marks.
    fn numbered(&self, numbers: &[u32]) -> Self {
        if numbers.is_empty() {
            return self.clone();
        }
        let mut text = self.text.to_string();
        for (mark, number) in MARKS.iter().zip(numbers) {
            text = text.replace(mark, &number.to_string());
        }
        Self {
            text: Arc::from(text),
            ..self.clone()
        }
    }
}

impl RowMapping {
    /// The row of these numbers.
    pub(super) fn numbered(&self, numbers: Vec<u32>) -> Self {
        let all = |references: &[ElementReference]| {
            let numbered = references.iter().map(|one| one.numbered(&numbers));
            numbered.collect::<Vec<_>>()
        };
        let at = match &self.at {
            RowSeat::Groups(groups) => RowSeat::Groups(all(groups)),
            other => other.clone(),
        };
        let fields = self.fields.iter().map(|field| FieldMapping {
            from: all(&field.from),
            also: all(&field.also),
            ..field.clone()
        });
        Self {
            at,
            when: self.when.numbered(&numbers),
            fields: fields.collect(),
            numbers,
            ..self.clone()
        }
    }
}

impl Conditions {
    /// The conditions of a row of these numbers.
    fn numbered(&self, numbers: &[u32]) -> Self {
        let each = |alternatives: &[Vec<Condition>]| {
            let numbered = |condition: &Condition| Condition {
                element: condition.element.numbered(numbers),
                ..condition.clone()
            };
            let alternatives = alternatives.iter();
            alternatives
                .map(|all| all.iter().map(numbered).collect())
                .collect()
        };
        Self {
            when: each(&self.when),
            unless: each(&self.unless),
        }
    }
}

impl Unmapped {
    /// All the elements that are meant.
    pub(super) fn of_each(mut self, repeat: &Repeat) -> Self {
        let each = repeat.each();
        let elements = self.elements.iter();
        // What has no number stands once, whatever is counted beside it.
        let mut elements: Vec<ElementReference> = elements
            .flat_map(|element| each.iter().map(|numbers| element.numbered(numbers)))
            .collect();
        elements.dedup();
        self.elements = elements;
        self
    }
}
