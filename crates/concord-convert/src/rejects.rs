//! Rejected records as they came, with the reasons.

use std::sync::Arc;

use concord_check::{Draft, Part};
use concord_finding::Effect;

use crate::effects::Effects;

/// A rejected record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Number in the input, from 1.
    pub record: u64,
    /// The gravest effect found on it.
    pub effect: Effect,
    /// The rules that reject it, each once.
    pub rules: Vec<Arc<str>>,
    /// Its bytes as text; what is not UTF-8 is shown as the replacement character. It holds what the record held.
    /// `None` when it was known only after the record had been let go that it is rejected.
    pub raw: Option<String>,
}

/// The rejected records of a chunk that are wanted, numbered from 1 in it.
pub(crate) fn raw(
    part: &Part<'_>,
    drafts: &[Draft],
    effects: &Effects,
    wanted: impl Fn(u32) -> bool,
    rejects: &mut Vec<Reject>,
) {
    let first = rejects.len();
    for record in 0..part.records.len() {
        let effect = effects.of_record(record as u32);
        let Some(effect) = effect.filter(|effect| effect.rejects_record()) else {
            continue;
        };
        if !wanted(record as u32) {
            continue;
        }
        let start = part.records.start(record).unwrap_or(0);
        let end = part.records.start(record + 1).unwrap_or(part.chunk.len());
        let bytes = part.chunk.get(start..end).unwrap_or_default();
        rejects.push(Reject {
            record: record as u64 + 1,
            effect,
            rules: Vec::new(),
            raw: Some(String::from_utf8_lossy(own(bytes)).into_owned()),
        });
    }
    for draft in drafts {
        let finding = &draft.finding;
        let Some(record) = draft.record.filter(|_| finding.effect.rejects_record()) else {
            continue;
        };
        let of = u64::from(record) + 1;
        if let Ok(found) = rejects[first..].binary_search_by_key(&of, |reject| reject.record) {
            let rules = &mut rejects[first + found].rules;
            if !rules.contains(&finding.rule.id) {
                rules.push(Arc::clone(&finding.rule.id));
            }
        }
    }
}

/// Adds rejected records found later, some of which may be known.
pub(crate) fn merge(known: &mut Vec<Reject>, later: Vec<Reject>) {
    for reject in later {
        match known.binary_search_by_key(&reject.record, |known| known.record) {
            Ok(found) => {
                known[found].effect = reject.effect;
                for rule in reject.rules {
                    if !known[found].rules.contains(&rule) {
                        known[found].rules.push(rule);
                    }
                }
            }
            Err(place) => known.insert(place, reject),
        }
    }
}

/// What belongs to a record of what stands before the next one: an element ends with its end tag, a row with its line.
fn own(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii_end();
    let name = bytes.strip_prefix(b"<").map(|rest| {
        let end = rest
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        &rest[..end.unwrap_or(rest.len())]
    });
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return bytes;
    };
    let tag = [b"</", name].concat();
    let last = bytes.windows(tag.len()).rposition(|window| window == tag);
    let end = last.and_then(|last| {
        let close = bytes[last..].iter().position(|byte| *byte == b'>')?;
        Some(last + close + 1)
    });
    end.map_or(bytes, |end| &bytes[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_ends_with_its_end_tag() {
        assert_eq!(own(b"<a x='1'>1<b/></a>\n</root>"), b"<a x='1'>1<b/></a>");
        assert_eq!(own(b"1,2,3\r\n\r\n"), b"1,2,3");
        assert_eq!(own(b"<a>cut off"), b"<a>cut off");
    }
}
