//! A value of one element inside the text of another.

use concord_check::capture::Captured;

use crate::evaluate::Broken;
use crate::ruleset::Leak;

/// Shortest value that is searched for: shorter ones turn up by chance.
const LEAST: usize = 8;

/// Searches the single elements of `table` for the values of those of `leak.of` in the same record.
pub(crate) fn search(
    leak: &Leak,
    table: usize,
    captured: &Captured,
    chunk: &[u8],
    broken: &mut Vec<Broken>,
) {
    let sought = &captured.groups[leak.of];
    let searched = &captured.groups[table];
    let mut first = 0;
    for row in 0..searched.len() {
        let record = searched.records[row];
        while sought
            .records
            .get(first)
            .is_some_and(|&other| other < record)
        {
            first += 1;
        }
        let Some(text) = captured.bytes(chunk, table, row, 0) else {
            continue;
        };
        if text.len() < LEAST {
            continue;
        }
        let found = (first..sought.len())
            .take_while(|&other| sought.records[other] == record)
            .filter_map(|other| captured.bytes(chunk, leak.of, other, 0))
            .any(|value| value.len() >= LEAST && holds(text, value));
        if found {
            broken.push(Broken {
                record: Some(record),
                rule: leak.rule,
                group: table as u32,
                row: row as u32,
                aim: 0,
            });
        }
    }
}

/// Whether a text holds a value that is not a part of a longer number or word.
///
/// The digits of a number may be set apart in groups (`999 000 0018`, `999-000-0018`), as NHS numbers are printed.
fn holds(text: &[u8], value: &[u8]) -> bool {
    let alike = |byte: u8| {
        if value[0].is_ascii_digit() {
            byte.is_ascii_digit()
        } else {
            byte.is_ascii_alphanumeric()
        }
    };
    let begins = |start: usize| {
        // Numbers are filled up with zeros on the left.
        let zeros = |byte: &&u8| **byte == b'0' && value[0].is_ascii_digit();
        let filling = text[..start].iter().rev().take_while(zeros).count();
        !text[..start - filling]
            .last()
            .is_some_and(|&byte| alike(byte))
    };
    (0..text.len()).any(|start| {
        text[start] == value[0]
            && begins(start)
            && ends_match(&text[start..], value)
                .is_some_and(|end| text.get(start + end).is_none_or(|&next| !alike(next)))
    })
}

/// Where a value that begins with the text ends in it.
fn ends_match(text: &[u8], value: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (index, &wanted) in value.iter().enumerate() {
        if index > 0 && wanted.is_ascii_digit() && matches!(text.get(at), Some(b' ' | b'-')) {
            at += 1;
        }
        if text.get(at) != Some(&wanted) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(holds(text.as_bytes(), b"9990000018"), expected, "{text}");
    }

    #[test]
    fn numbers_are_found_whole() {
        check("9990000018", true);
        check("PATH9990000018", true);
        check("BRXX009990000018", true);
        check("BRXX1009990000018", false);
        check("seen as 999 000 0018 before", true);
        check("999-000-0018", true);
        check("19990000018", false);
        check("99900000181", false);
        check("999000001", false);
        check("99990000018", false);
        check("9990000019", false);
        check("99 9990000018", true);
    }
}
