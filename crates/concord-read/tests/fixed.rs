//! Lines of fixed width.

use std::fmt::Write as _;

use concord_read::fixed::{Chunk, Chunks, Rows};
use proptest::collection::vec;
use proptest::prelude::*;

const SPANS: [(u32, u32); 3] = [(0, 3), (3, 4), (9, 2)];

fn shown(bytes: &[u8], offset: usize, rows: &mut Rows<'_>) -> Vec<(usize, usize, usize, String)> {
    let (mut cells, mut all) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next(&mut cells) {
        assert_eq!(cells.len(), SPANS.len());
        let texts: Vec<_> = cells.iter().map(|cell| cell.text(bytes)).collect();
        let mut text = texts.join("|");
        for found in rows.problems() {
            assert!((row.start..=row.end).contains(&found.at));
            let at = found.at - row.start;
            write!(text, " !{:?}@{}:{at}", found.problem, found.cell)
                .expect("a string can be written to");
        }
        text += if row.blank { " (blank)" } else { "" };
        all.push((
            offset + row.start,
            offset + row.end,
            offset + row.next,
            text,
        ));
    }
    all
}

#[test]
fn table() {
    let cases: &[(&[u8], &[&str])] = &[
        (b"", &[]),
        (b"abcdefg--hi\n", &["abc|defg|hi"]),
        (
            b"abcdefg--hi\r\nabcdefg--hi\rabcdefg--hi",
            &["abc|defg|hi"; 3],
        ),
        (b"a  d e   h \n", &["a|d e|h"]),
        (b"           \n\n", &["|| (blank)", "|| (blank)"]),
        (b"abcde\n", &["abc|de| !ShortLine@1:5"]),
        (b"abcdefg--hijk\n", &["abc|defg|hi !LongLine@2:11"]),
        ("Siân Jó--hi\n".as_bytes(), &["Siâ|n Jó|hi"]),
        ("âêî\n".as_bytes(), &["âêî|| !ShortLine@0:6"]),
        ("âêîôûàé--hié\n".as_bytes(), &["âêî|ôûàé|hi !LongLine@2:18"]),
        (b"Si\xe2n Jo--hi\n", &["Siâ|n Jo|hi !NotUtf8@0:2"]),
        (b"abcde\0g--hi\n", &["abc|de\0g|hi !Nul@1:5"]),
        (
            b"abcdefg--hi\n\xef\xbb\xbfabcdefg--hi\n",
            &["abc|defg|hi", "abc|defg|hi !ByteOrderMark@0:0"],
        ),
    ];
    for (bytes, expected) in cases {
        let mut rows = Rows::new(bytes, &SPANS, Some(11));
        let all: Vec<String> = shown(bytes, 0, &mut rows)
            .into_iter()
            .map(|row| row.3)
            .collect();
        assert_eq!(all, *expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_line_larger_than_the_largest_is_cut_and_says_so() {
    let text = format!("abc\n{}\nabc\n", "é".repeat(100));
    let mut chunks = Chunks::new(text.as_bytes(), "x".into(), 8, 32);
    let (mut all, mut spare) = (Vec::new(), Chunk::default());
    while let Some(chunk) = chunks.next(spare).expect("memory can be read") {
        let rows = shown(chunk.content(), 0, &mut Rows::of(&chunk, &SPANS, None));
        all.extend(rows.into_iter().map(|row| row.3));
        spare = chunk;
    }
    assert!(all.iter().any(|row| row.contains("TooLong")));
    assert!(all.iter().any(|row| row.contains("Continued")));
    assert!(!all.iter().any(|row| row.contains("NotUtf8")));
    assert_eq!(
        (&*all[0], all.last().map(String::as_str)),
        ("abc||", Some("abc||"))
    );
}

proptest! {
    #[test]
    fn chunks_of_any_size_give_the_same_rows(
        pieces in vec(prop::sample::select(vec![
            &b"a"[..], b"bcdefgh", b"\n", b"\r", b"\r\n", b" ", b"\xe9", b"\xc3\xa9", b"\xef\xbb\xbf", b"\0",
        ]), 0..60),
        target in 1..40usize,
    ) {
        let bytes = pieces.concat();
        let whole = shown(&bytes, 0, &mut Rows::new(&bytes, &SPANS, Some(11)));
        let mut at = 0;
        for row in &whole {
            prop_assert!(row.0 == at && row.1 >= row.0 && row.2 > row.0);
            at = row.2;
        }
        prop_assert_eq!(at, bytes.len());
        let mut chunks = Chunks::new(&bytes[..], "x".into(), target, 10_000);
        let (mut all, mut spare) = (Vec::new(), Chunk::default());
        while let Some(chunk) = chunks.next(spare).expect("memory can be read") {
            let offset = chunk.offset as usize;
            all.extend(shown(chunk.content(), offset, &mut Rows::of(&chunk, &SPANS, Some(11))));
            spare = chunk;
        }
        prop_assert_eq!(all, whole);
    }
}
