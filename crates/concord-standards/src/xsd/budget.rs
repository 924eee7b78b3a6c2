//! A bound on how much a schema may grow when groups and base types are copied into the types that use them.

/// Copies of particles, attributes and facet values in all.
const MAX_COPIES: usize = 2_000_000;

/// What is left of the bound.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_COPIES)
    }
}

impl Budget {
    /// What to say when it is used up.
    pub(super) const MESSAGE: &'static str =
        "the schema grows too large here: groups or types are nested in one another too often";

    /// Takes `copies` from what is left; `false` when that is not enough.
    pub(super) fn spend(&mut self, copies: usize) -> bool {
        let left = self.0.checked_sub(copies);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}
