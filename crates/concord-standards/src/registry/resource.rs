//! Which standard FHIR resources follow.

use super::entry::RESOURCES;
use super::{Recognition, Registry};
use crate::definition::StandardInfo;

impl Registry {
    /// The standard of FHIR resources. Resources do not say which release they are of, so it is the only one there is.
    pub fn recognise_resources(&self) -> Recognition<'_> {
        let known: Vec<&StandardInfo> = self.of(RESOURCES).collect();
        match &known[..] {
            [only] => Recognition::Recognised(only),
            [] => Recognition::Unknown {
                nearest: Vec::new(),
            },
            _ => Recognition::Ambiguous(known),
        }
    }
}
