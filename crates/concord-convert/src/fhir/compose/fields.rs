//! The fields of a row, each at its place.

use serde_json::{Value, json};

use super::{Composer, Seat, is_empty, text};
use crate::fhir::ids;
use crate::fhir::mapping::{FieldPlace, Fields, Part};
use crate::fhir::path::Path;
use crate::fhir::value::{self, Lost};
use crate::loss::LossReason;
use crate::records::Row;

impl Composer<'_, '_, '_> {
    /// Writes the fields of a row; how many were written.
    pub(super) fn fill(&mut self, fields: &Fields, row: Row<'_>, seat: &mut Seat<'_>) -> usize {
        let mut written = 0;
        for place in &fields.list {
            let Some(text) = row.text(place.field.name) else {
                continue;
            };
            match self.put(place, &text, row, seat) {
                Ok(()) => written += 1,
                Err((reason, detail)) => {
                    let element = self.mapping.element(seat.entity, place.index);
                    self.losses
                        .add_detail(&element, reason, detail.as_deref(), 1);
                }
            }
        }
        written
    }

    fn put(
        &mut self,
        place: &FieldPlace,
        written: &str,
        row: Row<'_>,
        seat: &mut Seat<'_>,
    ) -> Result<(), Lost> {
        if let Part::Time(day) = place.part {
            return value::time_beside(text(seat.entity, day, row).as_deref(), written);
        }
        let mut value = value::to_fhir(place, written, row, seat.entity.fields)?;
        let is_absent = |field| is_empty(seat.entity, field, row);
        let to = match &place.otherwise {
            Some((beside, otherwise)) if is_absent(*beside) => otherwise,
            _ => &place.to,
        };
        if let Some(target) = place.refers {
            value = self.reference_to(target, written);
        }
        let found = match &to.hop {
            None => seat.draft.seat(&to.path),
            Some((head, target)) => {
                let number = self.hop(head, *target, seat);
                self.aside
                    .get_mut(number)
                    .and_then(|made| made.draft.seat(&to.path))
            }
        };
        if !found.is_some_and(|seat| settle(seat, value)) {
            return Err((LossReason::Several, None));
        }
        if let Some((head, target)) = &place.with {
            self.hop(head, *target, seat);
        }
        Ok(())
    }

    /// The resource that stands behind a reference of the row, made when there is none yet.
    fn hop(&mut self, head: &Path, target: usize, seat: &mut Seat<'_>) -> usize {
        let target = &self.mapping.targets[target];
        let key = format!("{}->{}", head.written(), target.name);
        if let Some((_, number)) = seat.hops.iter().find(|(known, _)| *known == key) {
            return *number;
        }
        let sequence = seat.sequence.to_string();
        let id = ids::id(&[&self.own, seat.entity.name, &sequence, &key]);
        let reference = json!({"reference": self.refer_to(&target.kind, &id)});
        let made = self.made(&target.kind, id, target.profile.as_deref(), false);
        self.aside.push(made);
        if let Some(slot) = seat.draft.seat(head) {
            *slot = reference;
        }
        seat.hops.push((key, self.aside.len() - 1));
        self.aside.len() - 1
    }

    /// A reference to what has an identifier, which is made once.
    fn reference_to(&mut self, target: usize, identifier: &str) -> Value {
        let target = &self.mapping.targets[target];
        let system = target.identifier.as_deref().unwrap_or_default();
        let id = ids::id(&["", &target.name, identifier]);
        let reference = self.refer_to(&target.kind, &id);
        let told = json!({"system": system, "value": identifier});
        if !self.aside.iter().any(|made| made.id == id) {
            let mut made = self.made(&target.kind, id, target.profile.as_deref(), true);
            if let Some(object) = made.draft.value.as_object_mut() {
                object.insert("identifier".to_owned(), json!([told]));
            }
            self.aside.push(made);
        }
        json!({"reference": reference, "identifier": told})
    }
}

/// Puts a value into a seat that is free, or beside what is said of an element; whether it was.
fn settle(seat: &mut Value, value: Value) -> bool {
    match (seat, value) {
        (seat @ Value::Null, value) => {
            *seat = value;
            true
        }
        (Value::Object(there), Value::Object(more)) => {
            let free = more.keys().all(|key| !there.contains_key(key));
            if free {
                there.extend(more);
            }
            free
        }
        _ => false,
    }
}
