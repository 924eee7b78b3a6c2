//! Reference data as the boxes ask for them.

use concord_derive::commissioner::{Organisation, Postcode, Reference, ReferenceError, Standing};
use concord_reference::ReferenceData;
use jiff::civil::Date;

/// Imported organisations and postcodes.
pub(super) struct Imported(pub(super) ReferenceData);

impl Reference for Imported {
    fn has_organisations(&self) -> bool {
        self.0.has("organisation")
    }

    fn has_postcodes(&self) -> bool {
        self.0.has("postcode")
    }

    fn organisation(
        &self,
        code: &str,
        date: Date,
    ) -> Result<Option<Organisation<'_>>, ReferenceError> {
        if !self.has_organisations() {
            return Ok(None);
        }
        let Some(known) = self.0.organisation(code)? else {
            return Ok(None);
        };
        let standing = match known.status() {
            "dormant" => Standing::Dormant,
            "proposed" if !known.is_closed(date) => Standing::Proposed,
            _ if known.is_open(date) => Standing::Active,
            _ => Standing::Closed,
        };
        let successor = match standing {
            Standing::Closed => self.0.successor_at(known.code(), date)?,
            _ => None,
        };
        Ok(Some(Organisation {
            code: known.code(),
            standing,
            national_grouping: known.region(),
            geography: known.icb(),
            commissioner: self
                .0
                .commissioner_at(known.code(), date)?
                .unwrap_or_default(),
            postcode: known.postcode(),
            successor: successor.map_or("", |successor| successor.code()),
        }))
    }

    fn postcode(&self, key: &str, _: Date) -> Result<Option<Postcode<'_>>, ReferenceError> {
        if !self.has_postcodes() {
            return Ok(None);
        }
        // A postcode that is no longer in use still says where the address is.
        let known = self.0.postcode(key)?;
        Ok(known
            .filter(|known| known.pseudo.is_none())
            .map(|known| Postcode {
                country: known.country,
                icb: known.icb,
                sub_icb: known.sub_icb,
                local_authority: known.local_authority,
            }))
    }
}
