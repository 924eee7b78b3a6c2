//! Any bytes as delimited text: no panic, rows without a gap, the same rows in chunks of any size and by a second, slow
//! reading of the rules.
//!
//! The first two bytes say about how many bytes a chunk has; the text follows.
#![no_main]

use concord_read::delimited::{Dialect, RowProblem};
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../crates/concord-read/tests/delimited/slow.rs"]
mod slow;
#[allow(dead_code)]
#[path = "../../crates/concord-read/tests/delimited/support.rs"]
mod support;

fuzz_target!(|data: &[u8]| {
    let [high, low, text @ ..] = data else {
        return;
    };
    let target = 1 + usize::from(u16::from_be_bytes([*high, *low]));
    let dialect = Dialect::default();
    let rows = support::whole(text, dialect);
    assert_eq!(support::chunked(text, dialect, target, 16_000_000), rows);
    let slow = slow::rows(text);
    assert_eq!(rows.len(), slow.len());
    for (row, (cells, end, next, problems)) in rows.iter().zip(&slow) {
        assert_eq!((row.end, row.next), (*end, *next));
        let many = |found: &(RowProblem, usize, usize)| found.0 == RowProblem::TooManyCells;
        if !row.problems.iter().any(many) {
            assert_eq!(row.texts.len(), cells.len());
            let of_quotes = row
                .problems
                .iter()
                .filter(|found| !matches!(found.0, RowProblem::Nul | RowProblem::NotUtf8))
                .map(|found| (found.0, found.1));
            assert!(of_quotes.eq(problems.iter().copied()));
        }
    }
    let found = Dialect::detect(text, b",;|");
    support::chunked(&text[found.skip..], found.dialect, target, 0);
});
