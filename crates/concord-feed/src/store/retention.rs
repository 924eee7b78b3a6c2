//! Which finished segments are removed.

use std::collections::BTreeMap;

use super::StoreSettings;
use super::segments::Sealed;

/// The finished segments that are no longer to be kept, the oldest first: those that are too old, or too many, and whose
/// messages have all been delivered. `active` is the size of the segment that is written.
pub(crate) fn expired(
    settings: &StoreSettings,
    sealed: &BTreeMap<u64, Sealed>,
    active: u64,
    now: i64,
    consumed: u64,
) -> Vec<u64> {
    let mut bytes = active + sealed.values().map(|segment| segment.bytes).sum::<u64>();
    let oldest = settings
        .oldest
        .map(|age| now.saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX)));
    let mut found = Vec::new();
    for segment in sealed.values() {
        let too_old = oldest.is_some_and(|oldest| segment.newest < oldest);
        let too_many = settings.most.is_some_and(|most| bytes > most);
        if !(too_old || too_many) || segment.last >= consumed {
            break;
        }
        bytes -= segment.bytes;
        found.push(segment.first);
    }
    found
}
