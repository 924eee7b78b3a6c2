//! The shortest way from a resource to each type.

use std::collections::VecDeque;
use std::sync::Arc;

use concord_standards::resources::{Resources, TypeNumber};

/// For each type the element that leads there, and of which type; a resource begins a way.
pub(super) struct Ways {
    found: Vec<Option<Step>>,
}

#[derive(Clone)]
struct Step {
    name: Arc<str>,
    from: Option<TypeNumber>,
}

impl Ways {
    pub(super) fn of(resources: &Resources) -> Self {
        let mut found: Vec<Option<Step>> = vec![None; resources.types.len()];
        let mut open: VecDeque<TypeNumber> = VecDeque::new();
        for number in resources.resources() {
            found[number] = Some(Step {
                name: Arc::clone(&resources.types[number].name),
                from: None,
            });
            open.push_back(number);
        }
        while let Some(number) = open.pop_front() {
            for element in &resources.types[number].elements {
                for next in &element.types {
                    if found[*next].is_none() {
                        let name = if element.choice {
                            chosen(&element.name, &resources.types[*next].name)
                        } else {
                            Arc::clone(&element.name)
                        };
                        found[*next] = Some(Step {
                            name,
                            from: Some(number),
                        });
                        open.push_back(*next);
                    }
                }
            }
        }
        // What others build on is reached through them.
        for (number, known) in resources.types.iter().enumerate() {
            let mut base = known.base;
            while let Some(above) = base {
                if found[above].is_none()
                    && let Some(step) = found[number].clone()
                {
                    found[above] = Some(step);
                }
                base = resources.types[above].base;
            }
        }
        Self { found }
    }

    /// Names from a resource to a type; `None` where none leads there.
    pub(super) fn to(&self, number: TypeNumber) -> Option<Vec<Arc<str>>> {
        let mut path = Vec::new();
        let mut at = Some(number);
        while let Some(number) = at {
            let step = self.found.get(number)?.as_ref()?;
            path.push(Arc::clone(&step.name));
            at = step.from;
            if path.len() > self.found.len() {
                return None;
            }
        }
        path.reverse();
        Some(path)
    }
}

/// The name of a choice with one of its types: `valueQuantity`.
pub(super) fn chosen(name: &str, of: &str) -> Arc<str> {
    let mut letters = of.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest: String = first.into_iter().chain(letters).collect();
    format!("{name}{rest}").into()
}
