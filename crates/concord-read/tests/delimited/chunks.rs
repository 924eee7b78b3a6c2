//! Cutting: what a chunk may end with, and that little is held in memory.

use std::io::Read;

use concord_read::delimited::{Chunk, Chunks, Dialect, QUOTED_BYTES, RowProblem, Rows};
use concord_read::{Input, Limits, open};

use crate::support::{Whole, chunked, whole};

#[test]
fn chunks_end_behind_rows() {
    let text = "a,\"b\r\n\",c\r\n\"d\",5\"\r\ne,,\"\"\"\n\"\r\n";
    for target in 1..text.len() + 2 {
        let mut chunks = Chunks::new(text.as_bytes(), "x".into(), target, 1000);
        let mut pieces = Vec::new();
        while let Some(chunk) = chunks.next(Chunk::default()).expect("memory can be read") {
            pieces.push(String::from_utf8(chunk.content().to_vec()).expect("cut behind rows"));
        }
        assert_eq!(pieces.concat(), text);
        assert!(
            pieces.iter().all(|piece| [
                "",
                "a,\"b\r\n\",c\r\n",
                "\"d\",5\"\r\n",
                "e,,\"\"\"\n\"\r\n"
            ]
            .iter()
            .any(|end| piece.ends_with(end))),
            "{pieces:?}"
        );
    }
}

/// Rows without end, made as they are read.
struct Endless {
    rows: u64,
    made: u64,
    pending: Vec<u8>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.pending.len() < buffer.len() && self.made < self.rows {
            self.made += 1;
            let quote = if self.made == 3 { "\"" } else { "" };
            self.pending
                .extend(format!("{:09},{quote}unclosed,b\r\n", self.made).bytes());
        }
        let count = buffer.len().min(self.pending.len());
        buffer[..count].copy_from_slice(&self.pending[..count]);
        self.pending.drain(..count);
        Ok(count)
    }
}

#[test]
fn an_unclosed_quote_on_row_3_swallows_no_row_and_no_memory() {
    let source = Endless {
        rows: 500_000,
        made: 0,
        pending: Vec::new(),
    };
    let mut chunks = Chunks::new(source, "x".into(), 1 << 16, 16_000_000);
    let (mut count, mut problems, mut spare, mut cells) =
        (0, Vec::new(), Chunk::default(), Vec::new());
    while let Some(chunk) = chunks.next(spare).expect("memory can be read") {
        assert!(chunk.length <= 4 * QUOTED_BYTES);
        let mut rows = Rows::of(&chunk, Dialect::default());
        while let Some(row) = rows.next(&mut cells) {
            count += 1;
            assert_eq!(row.cells, 3);
            problems.extend(rows.problems().iter().map(|found| (count, found.problem)));
        }
        spare = chunk;
    }
    assert_eq!(count, 500_000);
    assert_eq!(problems, [(3, RowProblem::UnclosedQuote)]);
}

#[test]
fn a_row_larger_than_the_largest_is_cut_and_says_so() {
    let largest = 3 * QUOTED_BYTES;
    for cell in ["abc,", "abcé", "\"a,b\",", "x\"", "\"\"", "\r\"\","] {
        let long = cell.replace('\r', "").repeat(2 * largest / cell.len());
        let text = format!("a,b\n{long}\nc,d\n");
        let rows = chunked(text.as_bytes(), Dialect::default(), 1000, largest);
        let having = |wanted| {
            let has = |row: &&Whole| row.problems.iter().any(|found| found.0 == wanted);
            rows.iter().filter(has).count()
        };
        assert!(having(RowProblem::TooLong) >= 1, "{cell}");
        assert_eq!(having(RowProblem::TooLong), having(RowProblem::Continued));
        assert_eq!(rows[0].texts, ["a", "b"]);
        assert_eq!(rows.last().expect("rows").texts, ["c", "d"]);
        assert_eq!(having(RowProblem::NotUtf8), 0, "{cell}");
    }
}

#[test]
fn one_byte_of_windows_1252_on_row_100_000_is_one_problem() {
    let mut bytes = Vec::new();
    for number in 0..120_000 {
        bytes.extend(format!("{number},Si").bytes());
        bytes.extend(if number == 100_000 {
            &b"\xe2"[..]
        } else {
            "â".as_bytes()
        });
        bytes.extend(b"n,x\r\n");
    }
    let opened = open(&Input::bytes("x.csv", bytes.clone()), &Limits::default()).expect("opens");
    let mut chunks = Chunks::new(opened, "x.csv".into(), 1 << 20, 16_000_000);
    let (mut at, mut problems, mut cells) = (0, Vec::new(), Vec::new());
    let mut spare = Chunk::default();
    while let Some(chunk) = chunks.next(spare).expect("reads to the end") {
        let mut rows = Rows::of(&chunk, chunks.dialect());
        while rows.next(&mut cells).is_some() {
            assert_eq!(cells[1].text(chunk.content()), "Siân");
            problems.extend(
                rows.problems()
                    .iter()
                    .map(|found| (found.problem, at + found.at)),
            );
        }
        at += chunk.length;
        spare = chunk;
    }
    let place = bytes
        .iter()
        .position(|byte| *byte == 0xe2)
        .expect("is there");
    assert_eq!(problems, [(RowProblem::NotUtf8, place)]);
}

#[test]
fn utf_16_with_and_without_a_mark_is_the_same_table() {
    let text = "RECORD,NAME\r\n1,\"Siân\r\nJones\"\r\n";
    let expected = whole(text.as_bytes(), Dialect::default());
    let little = |mark: &str| -> Vec<u8> {
        let text = format!("{mark}{text}");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let big = |mark: &str| -> Vec<u8> {
        let text = format!("{mark}{text}");
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    };
    for bytes in [
        little("\u{feff}"),
        big("\u{feff}"),
        little(""),
        big(""),
        format!("\u{feff}{text}").into_bytes(),
    ] {
        let mut opened = open(&Input::bytes("x.csv", bytes), &Limits::default()).expect("opens");
        let mut decoded = Vec::new();
        opened.read_to_end(&mut decoded).expect("is well-formed");
        assert_eq!(whole(&decoded, Dialect::default()), expected);
    }
}
