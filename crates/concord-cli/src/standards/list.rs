//! `concord standards list`.

use concord_standards::definition::{StandardInfo, StandardStatus};
use concord_standards::registry::Registry;

use crate::standards::table;

pub(super) fn list(registry: &Registry) -> String {
    let row = |info: &StandardInfo| {
        [
            info.name(),
            info.number.clone().unwrap_or_default(),
            info.status.as_str().to_owned(),
            info.carrier.clone(),
            info.title.clone(),
        ]
    };
    let rows: Vec<_> = registry.list().iter().map(row).collect();
    let mut text = table(["standard", "number", "status", "carrier", "title"], &rows);
    let provisional = |info: &StandardInfo| info.status == StandardStatus::Provisional;
    if registry.list().iter().any(provisional) {
        text.push_str(
            "\nprovisional: put together from what could be found, not from the whole published specification\n",
        );
    }
    text
}
