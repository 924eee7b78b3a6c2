//! Whether one type derives from another (part 1, 3.4.6 `cos-ct-derived-ok` and 3.14.6 `cos-st-derived-ok`).

use std::collections::BTreeSet;

use super::builder::Builder;
use crate::schema::{Builtin, Derivation, DerivationSet, SimpleTypeId, TypeId, Variety};

impl Builder<'_> {
    /// The steps that lead from a base to a type derived from it; `None` when none do.
    pub(super) fn derivation(&self, derived: TypeId, base: TypeId) -> Option<DerivationSet> {
        let mut steps = DerivationSet::default();
        let mut at = derived;
        loop {
            if at == base {
                return Some(steps);
            }
            match at {
                TypeId::Any => return None,
                TypeId::Simple(own) => {
                    steps.restriction = true;
                    return match base {
                        TypeId::Any => Some(steps),
                        TypeId::Simple(base) => self.is_derived_simple(own, base).then_some(steps),
                        TypeId::Complex(_) => None,
                    };
                }
                TypeId::Complex(id) => match self.schema.complex_type(id).base {
                    Some((next, Derivation::Extension)) => {
                        steps.extension = true;
                        at = next;
                    }
                    Some((next, Derivation::Restriction)) => {
                        steps.restriction = true;
                        at = next;
                    }
                    None => {
                        steps.restriction = true;
                        at = TypeId::Any;
                    }
                },
            }
        }
    }

    /// Whether a simple type is another, derives from it, or derives from a member of it.
    pub(super) fn is_derived_simple(&self, derived: SimpleTypeId, base: SimpleTypeId) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![base];
        while let Some(base) = waiting.pop() {
            if !seen.insert(base) {
                continue;
            }
            if self.is_restriction_of(derived, base) {
                return true;
            }
            if let Variety::Union(members) = &self.schema.simple_type(base).variety {
                waiting.extend(members);
            }
        }
        false
    }

    fn is_restriction_of(&self, derived: SimpleTypeId, base: SimpleTypeId) -> bool {
        let wanted = self.simple[base.0 as usize].builtin;
        if wanted == Some(Builtin::AnySimpleType) {
            return true;
        }
        let mut at = derived;
        loop {
            if at == base {
                return true;
            }
            if let Some(mut builtin) = self.simple[at.0 as usize].builtin {
                while let Some(parent) = builtin.base() {
                    if Some(parent) == wanted {
                        return true;
                    }
                    builtin = parent;
                }
            }
            match self.schema.simple_type(at).base {
                Some(next) => at = next,
                None => return false,
            }
        }
    }
}
