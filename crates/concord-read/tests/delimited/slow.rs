//! The rules of `concord_read::delimited` a second time, byte by byte over the whole input, to compare with.

use concord_read::delimited::{CELLS, QUOTED_BYTES, QUOTED_LINES, RowProblem};

/// A row: the bytes of the cells that are kept, with quotes undone, where it ends and where the next begins, and problems with quotes
/// and with the number of cells.
pub(crate) type SlowRow = (Vec<Vec<u8>>, usize, usize, Vec<(RowProblem, usize)>);

fn ends_cell(byte: Option<&u8>) -> bool {
    matches!(byte, None | Some(b',' | b'\n' | b'\r'))
}

/// The text of a quoted cell and where it ends, or `None` when the quote is not closed.
fn quoted(bytes: &[u8], open: usize) -> Option<(Vec<u8>, usize)> {
    let (mut text, mut lines, mut at) = (Vec::new(), 0, open + 1);
    loop {
        if at > open + QUOTED_BYTES {
            return None;
        }
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', Some(b'"')) => {
                text.push(b'"');
                at += 1;
            }
            (b'"', next) => {
                let close = at + 1;
                let limit = if ends_cell(next) { QUOTED_LINES } else { 0 };
                return (lines <= limit).then_some((text, close));
            }
            (byte, next) => {
                lines += usize::from(*byte == b'\n' || *byte == b'\r' && next != Some(&b'\n'));
                text.push(*byte);
            }
        }
        at += 1;
    }
}

pub(crate) fn rows(bytes: &[u8]) -> Vec<SlowRow> {
    let (mut all, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let (mut cells, mut problems) = (Vec::new(), Vec::new());
        if bytes[at..].starts_with(b"\xef\xbb\xbf") {
            problems.push((RowProblem::ByteOrderMark, 0));
            at += 3;
        }
        loop {
            let mut cell = Vec::new();
            if bytes.get(at) == Some(&b'"') {
                if let Some((text, end)) = quoted(bytes, at) {
                    cell = text;
                    at = end;
                    if !ends_cell(bytes.get(at)) {
                        problems.push((RowProblem::TextAfterQuote, cells.len()));
                    }
                } else {
                    problems.push((RowProblem::UnclosedQuote, cells.len()));
                }
            }
            while !ends_cell(bytes.get(at)) {
                cell.push(bytes[at]);
                at += 1;
            }
            cells.push(cell);
            if bytes.get(at) != Some(&b',') {
                break;
            }
            at += 1;
        }
        if cells.len() > CELLS {
            cells.truncate(CELLS);
            problems.push((RowProblem::TooManyCells, CELLS));
            problems.sort_by_key(|(_, cell)| *cell);
        }
        let end = at;
        at += match bytes[at..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        all.push((cells, end, at, problems));
    }
    all
}
