//! Places in a resource that is being written.

use serde_json::{Map, Value};

use super::{Filter, Holds, Path, Wants};

/// A resource, or a part of one, that is being written.
#[derive(Debug, Default)]
pub struct Draft {
    /// What is written so far.
    pub value: Value,
    /// The items that were made, by their place as it is written.
    made: Vec<(Box<str>, usize)>,
}

impl Draft {
    /// Begins with what is there.
    pub fn new(value: Value) -> Self {
        Self {
            value,
            made: Vec::new(),
        }
    }

    /// The seat of a value, made with all that leads to it; null when nothing stands there yet. `None` when a value stands
    /// where the way leads through.
    pub fn seat(&mut self, path: &Path) -> Option<&mut Value> {
        let mut at = &mut self.value;
        for step in &path.steps {
            let slot = object(at)?.entry(&*step.name).or_insert(Value::Null);
            at = match step.holds {
                Holds::One => slot,
                Holds::Said => {
                    if slot.is_null() {
                        *slot = said(&step.filters);
                    }
                    slot
                }
                Holds::Items => {
                    if slot.is_null() {
                        *slot = Value::Array(Vec::new());
                    }
                    let items = slot.as_array_mut()?;
                    let made = self.made.iter().find(|(key, _)| *key == step.key);
                    let index = if let Some((_, index)) = made {
                        *index
                    } else {
                        items.push(said(&step.filters));
                        self.made.push((step.key.clone(), items.len() - 1));
                        items.len() - 1
                    };
                    items.get_mut(index)?
                }
            };
        }
        Some(at)
    }

    /// Adds an item to the list at which a path ends.
    pub fn push(&mut self, path: &Path, item: Value) {
        if let Some(step) = path.steps.last() {
            self.made.retain(|(key, _)| *key != step.key);
        }
        if let Some(seat) = self.seat(path) {
            *seat = item;
        }
    }
}

fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

/// An element with what is said of it; null when nothing is.
fn said(filters: &[Filter]) -> Value {
    let mut draft = Draft::default();
    for filter in filters {
        if let Wants::Is(text) = &filter.wants
            && let Some(seat) = draft.seat(&filter.path)
        {
            *seat = Value::String(text.to_string());
        }
    }
    draft.value
}
