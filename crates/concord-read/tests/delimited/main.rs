//! Delimited text: what people write, what the writer of another library writes, and any bytes at all.

mod agreement;
mod chunks;
mod dialect;
mod rows;
mod slow;
mod speed;
mod support;

use std::fmt::Write as _;

use concord_read::delimited::Dialect;

use crate::support::whole;

/// Rows as a person reads them: `cell|cell`, then what is wrong as `!Problem@cell`.
fn shown(bytes: &[u8]) -> Vec<String> {
    whole(bytes, Dialect::default())
        .into_iter()
        .map(|row| {
            let mut text = row.texts.join("|");
            for (problem, cell, at) in row.problems {
                write!(text, " !{problem:?}@{cell}:{at}").expect("a string can be written to");
            }
            text + if row.blank { " (blank)" } else { "" }
        })
        .collect()
}
