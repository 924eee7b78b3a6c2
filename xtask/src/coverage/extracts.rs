//! Rules of extracts of practice systems: those of every table, and those of batches.

use concord_practice::ExtractRule;
use concord_sample::practice::{Request, reason, rules};
use concord_standards::definition::Definition;

use super::{Found, Proof, catalogue};
use crate::Failed;

/// How each rule is proved.
pub(super) fn found(definition: &Definition) -> Result<Vec<Found>, Failed> {
    let request = Request {
        definition,
        people: 10,
        months: 1,
        practices: 1,
        seed: 1,
    };
    let made = rules(&request)?;
    let is_made = |id: &str| made.iter().any(|known| known == id);
    let proof = |id: &str, reason: &str| Proof {
        examples: false,
        faults: is_made(id),
        reason: if is_made(id) { "" } else { reason }.to_owned(),
    };
    let of_batches = ExtractRule::ALL.iter().map(|rule| {
        let id = rule.id();
        ("batch of extracts", id.to_owned(), proof(id, reason(id)))
    });
    let of_tables = catalogue(true).map(|id| {
        let why = "no column or file of these extracts has a place for it; faults in other tables prove it";
        ("of every table", id.to_owned(), proof(id, why))
    });
    Ok(of_batches.chain(of_tables).collect())
}
