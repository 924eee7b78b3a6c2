//! What is found in the messages of a feed, as rows.

use concord_convert::lake::{Cell, Kind, RollingTable};
use concord_feed::store::Entry;
use concord_feed::{Broken, Place};

/// The columns, as the lines of JSON have them.
const COLUMNS: [(&str, Kind); 11] = [
    ("number", Kind::Number),
    ("received", Kind::Moment),
    ("application", Kind::Text),
    ("facility", Kind::Text),
    ("control_id", Kind::Text),
    ("type", Kind::Text),
    ("outcome", Kind::Text),
    ("rule", Kind::Text),
    ("warning", Kind::Flag),
    ("text", Kind::Text),
    ("place", Kind::Text),
];

/// A table of findings without rows.
pub(super) fn table() -> RollingTable {
    RollingTable::new(&COLUMNS)
}

/// Adds a finding.
pub(super) fn add(table: &mut RollingTable, entry: &Entry, broken: &Broken) {
    let identity = &entry.verdict.identity;
    let place = broken.place.as_ref().map(Place::to_string);
    table.push(&[
        i64::try_from(entry.number).map_or(Cell::Nothing, Cell::Number),
        Cell::Moment(entry.received),
        Cell::Text(&identity.application),
        Cell::Text(&identity.facility),
        Cell::Text(&identity.shown_id()),
        Cell::Text(&identity.kind),
        Cell::Text(entry.verdict.outcome.name()),
        Cell::Text(&broken.rule),
        Cell::Flag(broken.warning),
        Cell::Text(&broken.text),
        place.as_deref().map_or(Cell::Nothing, Cell::Text),
    ]);
}
