//! What is concluded of a record when all its messages are known.

use concord_standards::definition::{Concluded, Said};

use super::fold::{Rows, Values, entity_number, field_number};

/// Lets a record say what follows from what it says. What it says already stays.
pub(super) fn conclude(all: &[Concluded], rows: &mut Rows) {
    for concluded in all {
        let has = concluded.has.iter().all(|said| is_said(rows, *said));
        let lacks = !concluded.lacks.iter().any(|said| is_said(rows, *said));
        let says = concluded.says.iter().all(|(said, values)| {
            let text = said
                .field
                .and_then(|field| rows.said(said.entity.name, field.name));
            text.is_some_and(|text| values.iter().any(|value| **value == *text))
        });
        let name = concluded.entity.name;
        let Some(entity) = entity_number(name).filter(|_| has && lacks && says) else {
            continue;
        };
        let rows = rows.0.entry(entity).or_default();
        if rows.is_empty() {
            rows.push(Values::new());
        }
        for set in &concluded.set {
            if let Some(field) = field_number(name, set.field.name) {
                rows[0]
                    .entry(field)
                    .or_insert_with(|| set.value.to_string());
            }
        }
    }
}

fn is_said(rows: &Rows, said: Said) -> bool {
    match said.field {
        Some(field) => rows.said(said.entity.name, field.name).is_some(),
        None => rows.has(said.entity.name),
    }
}
