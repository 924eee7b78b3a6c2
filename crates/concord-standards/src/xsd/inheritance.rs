//! Attributes that a type has from its base (part 1, 3.4.2, and 3.4.6, `derivation-ok-restriction`).

use super::attributes::AttributeSet;
use super::budget::Budget;
use super::builder::Builder;
use super::site::Site;
use super::wildcards::{is_subset, lets_through};
use crate::schema::{
    AttributeUse, Derivation, NamespaceSet, ProcessContents, TypeId, Use, ValueConstraint, Wildcard,
};

impl AttributeSet {
    /// The attributes of a type without a base, from what it says itself.
    pub(super) fn alone(mut own: Self) -> Self {
        drop_open_prohibitions(&mut own);
        own
    }
}

impl<'a> Builder<'a> {
    /// The attributes of a type together with those of its base.
    pub(super) fn inherited(
        &mut self,
        base: TypeId,
        derivation: Derivation,
        own: AttributeSet,
        part: Site<'a>,
    ) -> Option<AttributeSet> {
        let before = self.attributes_of(base);
        if !self.budget.spend(before.uses.len()) {
            return self.fail(part, Budget::MESSAGE);
        }
        let mut set = match derivation {
            Derivation::Extension => self.extended_attributes(before, own, part)?,
            Derivation::Restriction => self.restricted_attributes(before, own, part)?,
        };
        drop_open_prohibitions(&mut set);
        Some(set)
    }

    fn attributes_of(&self, base: TypeId) -> AttributeSet {
        match base {
            TypeId::Complex(id) => {
                let base = self.schema.complex_type(id);
                AttributeSet {
                    uses: base.attributes.clone(),
                    wildcard: base.any_attribute.clone(),
                }
            }
            TypeId::Simple(_) => AttributeSet::default(),
            TypeId::Any => AttributeSet {
                uses: Vec::new(),
                wildcard: Some(Wildcard {
                    namespaces: NamespaceSet::Any,
                    process: ProcessContents::Lax,
                }),
            },
        }
    }

    fn extended_attributes(
        &mut self,
        before: AttributeSet,
        own: AttributeSet,
        part: Site<'a>,
    ) -> Option<AttributeSet> {
        let mut set = before;
        for usage in own.uses {
            let known = set
                .uses
                .iter_mut()
                .find(|known| known.attribute.name == usage.attribute.name);
            match known {
                None => set.uses.push(usage),
                Some(known) if known.usage == Use::Prohibited => *known = usage,
                Some(_) if usage.usage == Use::Prohibited => {}
                Some(_) => {
                    let message = format!(
                        "the attribute `{}` is already that of the base type: an extension cannot change it",
                        usage.attribute.name
                    );
                    self.errors.at(&usage.attribute.origin, message);
                    return None;
                }
            }
        }
        set.wildcard = match (own.wildcard, set.wildcard) {
            (Some(own), Some(base)) => Some(self.widen(part, &own, &base)?),
            (own, base) => own.or(base),
        };
        Some(set)
    }

    fn restricted_attributes(
        &mut self,
        before: AttributeSet,
        own: AttributeSet,
        part: Site<'a>,
    ) -> Option<AttributeSet> {
        if let Some(wildcard) = &own.wildcard {
            let fits = before.wildcard.as_ref().is_some_and(|base| {
                is_subset(&wildcard.namespaces, &base.namespaces)
                    && strictness(wildcard.process) >= strictness(base.process)
            });
            if !fits {
                return self.fail(
                    part,
                    "xs:anyAttribute lets through what the base type does not: a restriction must not",
                );
            }
        }
        let mut set = AttributeSet {
            uses: before.uses,
            wildcard: own.wildcard,
        };
        let mut good = true;
        for usage in own.uses {
            let place = set
                .uses
                .iter()
                .position(|known| known.attribute.name == usage.attribute.name);
            let known = place
                .map(|place| &set.uses[place])
                .filter(|known| known.usage != Use::Prohibited);
            let fault = match known {
                Some(known) => self.restriction_fault(known, &usage),
                None if usage.usage == Use::Prohibited => None,
                None => {
                    let open = before.wildcard.as_ref().is_some_and(|wildcard| {
                        lets_through(&wildcard.namespaces, &usage.attribute.name.namespace)
                    });
                    (!open).then(|| "the base type does not have it".to_owned())
                }
            };
            if let Some(fault) = fault {
                let message = format!(
                    "the attribute `{}` does not restrict the base type's: {fault}",
                    usage.attribute.name
                );
                self.errors.at(&usage.attribute.origin, message);
                good = false;
            }
            match place {
                Some(place) => set.uses[place] = usage,
                None => set.uses.push(usage),
            }
        }
        good.then_some(set)
    }

    fn restriction_fault(&self, base: &AttributeUse, own: &AttributeUse) -> Option<String> {
        if base.usage == Use::Required && own.usage != Use::Required {
            return Some("it is required there".to_owned());
        }
        if own.usage == Use::Prohibited {
            return None;
        }
        if !self.is_derived_simple(own.attribute.content, base.attribute.content) {
            return Some("its type does not derive from the type there".to_owned());
        }
        match (&base.attribute.constraint, &own.attribute.constraint) {
            (Some(ValueConstraint::Fixed(base)), Some(ValueConstraint::Fixed(own)))
                if base == own =>
            {
                None
            }
            (Some(ValueConstraint::Fixed(base)), _) => {
                Some(format!("its value is fixed to {base} there"))
            }
            _ => None,
        }
    }
}

/// A prohibited use says only that the attribute has no use of its own, so a wildcard may still let it through
/// (part 1, 3.4.4, `cvc-complex-type` 3.2).
fn drop_open_prohibitions(set: &mut AttributeSet) {
    if let Some(wildcard) = &set.wildcard {
        set.uses.retain(|usage| {
            usage.usage != Use::Prohibited
                || !lets_through(&wildcard.namespaces, &usage.attribute.name.namespace)
        });
    }
}

fn strictness(process: ProcessContents) -> u8 {
    match process {
        ProcessContents::Skip => 0,
        ProcessContents::Lax => 1,
        ProcessContents::Strict => 2,
    }
}
