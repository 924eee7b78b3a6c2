//! How a standard becomes the canonical model.

use concord_convert::{Conversion, mapped};
use concord_standards::definition::{Definition, Mapping};
use concord_standards::registry::Registry;

use crate::failure::Failure;

/// A conversion by a standard's own mapping to the canonical model.
pub(crate) fn to_canonical(
    definition: &Definition,
    registry: &Registry,
) -> Result<Conversion, Failure> {
    let mapping = mapping(definition, registry)?;
    let conversion = mapped(definition, &mapping).map_err(|error| {
        Failure::usage(error.to_string(), "`concord standards lint` shows more")
    })?;
    // A message says what changed; only all that are about a stay say how it stands.
    Ok(if definition.messages.is_some() {
        conversion.staged()
    } else {
        conversion
    })
}

/// A standard's mapping to the canonical model.
pub(crate) fn mapping(definition: &Definition, registry: &Registry) -> Result<Mapping, Failure> {
    let mapping = Mapping::load(registry.source(), &definition.standard.folder)?;
    mapping.ok_or_else(|| {
        Failure::usage(
            format!(
                "{} has no mapping to the canonical model",
                definition.standard.name()
            ),
            "write a mapping.toml beside its standard.toml; `concord convert --native` needs none",
        )
    })
}
