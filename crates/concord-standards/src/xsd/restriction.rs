//! Whether the content of a restricted complex type stays within that of its base.
//!
//! Part 1, 3.9.6 (`cos-particle-restrict`) compares the particles pair by pair. What is checked here is what any valid
//! restriction must hold: no element that the base does not have, element types that restrict the base's, and for each
//! name no fewer and no more occurrences in all than the base allows. The order of the elements is not compared.

use std::collections::BTreeMap;

use super::builder::Builder;
use super::particles::{children, is_emptiable};
use super::wildcards::lets_through;
use crate::schema::{
    ComplexTypeId, Content, Derivation, Element, ElementId, Particle, QName, Term, TypeId,
    ValueConstraint, Wildcard,
};

/// Fewest and most occurrences; no most is unbounded.
type Range = (u64, Option<u64>);

impl Builder<'_> {
    /// Checks every complex type that is a restriction of another.
    pub(super) fn check_restrictions(&mut self) {
        for index in 0..self.schema.complex_types.len() {
            let id = ComplexTypeId(index as u32);
            if let Some((TypeId::Complex(base), Derivation::Restriction)) =
                self.schema.complex_type(id).base
                && let Err(message) = self.check_restriction(id, base)
            {
                let origin = self.schema.complex_type(id).origin.clone();
                self.errors.at(&origin, message);
            }
        }
    }

    fn check_restriction(&self, own: ComplexTypeId, base: ComplexTypeId) -> Result<(), String> {
        let own = &self.schema.complex_type(own).content;
        let base = &self.schema.complex_type(base).content;
        match (own, base) {
            // Worked out from the base where the type is defined.
            (Content::Simple(_), _) | (Content::Empty, Content::Empty) => Ok(()),
            (Content::Empty, Content::Children { particle, .. }) if is_emptiable(particle) => {
                Ok(())
            }
            (Content::Empty, _) => Err(
                "a restriction to nothing, but the base type's content must not be empty"
                    .to_owned(),
            ),
            (Content::Children { .. }, Content::Empty | Content::Simple(_)) => {
                Err("the base type has no elements to restrict".to_owned())
            }
            (Content::Children { mixed: true, .. }, Content::Children { mixed: false, .. }) => {
                Err("a restriction must not be mixed when the base type is not".to_owned())
            }
            (Content::Children { particle: own, .. }, Content::Children { particle: base, .. }) => {
                self.check_particles(own, base)
            }
        }
    }

    fn check_particles(&self, own: &Particle, base: &Particle) -> Result<(), String> {
        let mut base_elements = Vec::new();
        let mut base_wildcards = Vec::new();
        gather(base, &mut base_elements, &mut base_wildcards);
        let mut own_elements = Vec::new();
        let mut own_wildcards = Vec::new();
        gather(own, &mut own_elements, &mut own_wildcards);
        let by_name: BTreeMap<&QName, ElementId> = base_elements
            .iter()
            .map(|id| (&self.schema.element(*id).name, *id))
            .collect();
        for id in own_elements {
            let element = self.schema.element(id);
            if let Some(base) = by_name.get(&element.name) {
                self.check_element(element, self.schema.element(*base))?;
                continue;
            }
            let stands_for = base_elements.iter().any(|base| self.substitutes(id, *base));
            let open = base_wildcards
                .iter()
                .any(|wildcard| lets_through(&wildcard.namespaces, &element.name.namespace));
            if !stands_for && !open {
                return Err(format!(
                    "the restriction holds `{}`, which the base type does not",
                    element.name
                ));
            }
        }
        if !own_wildcards.is_empty() && base_wildcards.is_empty() {
            return Err("the restriction holds xs:any, which the base type does not".to_owned());
        }
        if base_wildcards.is_empty() {
            // A member of a substitution group counts as the element of the base type that it stands for.
            let counts_as = |id: ElementId| {
                let head = |base: &&ElementId| self.substitutes(id, **base);
                let name = &self.schema.element(id).name;
                by_name
                    .get(name)
                    .or_else(|| base_elements.iter().find(head))
                    .map_or(name, |base| &self.schema.element(*base).name)
            };
            let own = ranges(own, &counts_as);
            for (name, allowed) in ranges(base, &|id| &self.schema.element(id).name) {
                let has = own.get(name).copied().unwrap_or((0, Some(0)));
                let few = has.0 < allowed.0;
                let many = match (has.1, allowed.1) {
                    (_, None) => false,
                    (None, Some(_)) => true,
                    (Some(has), Some(most)) => has > most,
                };
                if few || many {
                    return Err(format!(
                        "the restriction allows `{name}` {}, the base type {}",
                        times(has),
                        times(allowed)
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_element(&self, own: &Element, base: &Element) -> Result<(), String> {
        let name = &own.name;
        match self.derivation(own.content, base.content) {
            None => {
                return Err(format!(
                    "the type of `{name}` does not derive from its type in the base type"
                ));
            }
            Some(steps) if steps.extension => {
                return Err(format!(
                    "the type of `{name}` extends its type in the base type: a restriction must not"
                ));
            }
            Some(_) => {}
        }
        if own.nillable && !base.nillable {
            return Err(format!("`{name}` is nillable, and is not in the base type"));
        }
        if let Some(ValueConstraint::Fixed(fixed)) = &base.constraint
            && own.constraint != base.constraint
        {
            return Err(format!("`{name}` is fixed to {fixed} in the base type"));
        }
        Ok(())
    }
}

/// How often each name may occur in all. Recursion is bounded by the depth that particles may have.
fn ranges<'s>(
    particle: &Particle,
    name_of: &impl Fn(ElementId) -> &'s QName,
) -> BTreeMap<&'s QName, Range> {
    let mut ranges: BTreeMap<&QName, Range> = match &particle.term {
        Term::Element(id) => BTreeMap::from([(name_of(*id), (1, Some(1)))]),
        Term::Any(_) => BTreeMap::new(),
        Term::Sequence(parts) | Term::All(parts) => {
            let mut all: BTreeMap<&QName, Range> = BTreeMap::new();
            for part in parts {
                for (name, (min, max)) in ranges(part, name_of) {
                    let range = all.entry(name).or_insert((0, Some(0)));
                    range.0 = range.0.saturating_add(min);
                    range.1 = range
                        .1
                        .zip(max)
                        .map(|(one, other)| one.saturating_add(other));
                }
            }
            all
        }
        Term::Choice(parts) => {
            let branches: Vec<_> = parts.iter().map(|part| ranges(part, name_of)).collect();
            let mut all: BTreeMap<&QName, Range> = BTreeMap::new();
            for name in branches.iter().flat_map(BTreeMap::keys) {
                let each = branches
                    .iter()
                    .map(|branch| branch.get(name).copied().unwrap_or((0, Some(0))));
                let range = each.reduce(|one, other| {
                    (
                        one.0.min(other.0),
                        one.1.zip(other.1).map(|(one, other)| one.max(other)),
                    )
                });
                all.insert(name, range.unwrap_or((0, Some(0))));
            }
            all
        }
    };
    for range in ranges.values_mut() {
        range.0 = range.0.saturating_mul(u64::from(particle.min));
        range.1 = match (range.1, particle.max) {
            (Some(0), _) => Some(0),
            (Some(most), Some(max)) => Some(most.saturating_mul(u64::from(max))),
            _ => None,
        };
    }
    ranges
}

fn gather<'p>(
    particle: &'p Particle,
    elements: &mut Vec<ElementId>,
    wildcards: &mut Vec<&'p Wildcard>,
) {
    let mut waiting = vec![particle];
    while let Some(particle) = waiting.pop() {
        match &particle.term {
            Term::Element(id) => elements.push(*id),
            Term::Any(wildcard) => wildcards.push(wildcard),
            _ => waiting.extend(children(particle).unwrap_or_default().iter().rev()),
        }
    }
}

fn times((min, max): Range) -> String {
    match max {
        Some(max) => format!("{min} to {max} times"),
        None => format!("{min} or more times"),
    }
}
