//! One line per case: bytes, and the rows that they are.

use concord_read::delimited::{CELLS, Dialect, QUOTED_BYTES, QUOTED_LINES, RowProblem, Rows};

use crate::shown;
use crate::support::whole;

#[test]
fn table() {
    let cases: &[(&[u8], &[&str])] = &[
        (b"", &[]),
        (b"a", &["a"]),
        (b"a,b\nc,d\n", &["a|b", "c|d"]),
        (b"a,b\r\nc,d\r\n", &["a|b", "c|d"]),
        (b"a,b\rc,d\r", &["a|b", "c|d"]),
        (b"a,b\r\r\nc,d", &["a|b", " (blank)", "c|d"]),
        (b"a,b\nc,d", &["a|b", "c|d"]),
        (b"a,", &["a|"]),
        (b",", &["| (blank)"]),
        (b"\n", &[" (blank)"]),
        (
            b"a\n\n \t\nb\n,,\n",
            &["a", " (blank)", " \t (blank)", "b", "|| (blank)"],
        ),
        (b"\"\"\n", &[""]),
        (b"\"a,b\",c\n", &["a,b|c"]),
        (b"a,\"b\nc\"\nd,e\n", &["a|b\nc", "d|e"]),
        (b"a,\"b\r\nc\"\r\nd,e", &["a|b\r\nc", "d|e"]),
        (b"\"say \"\"no\"\"\",\"\"\"\"\n", &["say \"no\"|\""]),
        // A quote inside an unquoted cell is a character like any other.
        (b"a,5\" pipe,\"b\"\n", &["a|5\" pipe|b"]),
        (b"a, \"b\",c\n", &["a| \"b\"|c"]),
        // Text after the closing quote belongs to the cell.
        (b"\"a\"b,c\n", &["ab|c !TextAfterQuote@0:3"]),
        (b"\"a\" ,c\n", &["a |c !TextAfterQuote@0:3"]),
        (
            b"x,\"a \"\"q\"\" \"b\"c\",d\n",
            &["x|a \"q\" b\"c\"|d !TextAfterQuote@1:12"],
        ),
        // A quote that nobody closed ends with its line.
        (b"\"a,b\nc,d\n", &["\"a|b !UnclosedQuote@0:0", "c|d"]),
        (b"a,\"b", &["a|\"b !UnclosedQuote@1:2"]),
        (b"a,\"", &["a|\" !UnclosedQuote@1:2"]),
        // The next quote opens a cell of the next row, or is inside of one.
        (
            b"a,\"b\nc,\"d\"\ne,f\n",
            &["a|\"b !UnclosedQuote@1:2", "c|d", "e|f"],
        ),
        (
            b"a,\"b\n\"c\",\"d\"\n",
            &["a|\"b !UnclosedQuote@1:2", "c|d"],
        ),
        (
            b"a,\"b\nc,5\"d\ne,f\n",
            &["a|\"b !UnclosedQuote@1:2", "c|5\"d", "e|f"],
        ),
        (b"a,\0b\n", &["a|\0b !Nul@1:2"]),
        ("Siân,b\n".as_bytes(), &["Siân|b"]),
        (b"Si\xe2n,\x80\n", &["Siân|€ !NotUtf8@0:2 !NotUtf8@1:5"]),
        (
            b"\"Si\xe2n \"\"x\"\"\",Si\xc3\xa2n\n",
            &["Siân \"x\"|Siân !NotUtf8@0:3"],
        ),
        (b"a\n\xef\xbb\xbfb,c\n", &["a", "b|c !ByteOrderMark@0:2"]),
        (
            b"a\n\xef\xbb\xbf\"b,c\",\"d\n\"",
            &["a", "b,c|d\n !ByteOrderMark@0:2"],
        ),
        (b"a\0,\"b\n", &["a\0|\"b !Nul@0:1 !UnclosedQuote@1:3"]),
    ];
    for (bytes, expected) in cases {
        assert_eq!(shown(bytes), *expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn cells_longer_than_a_block_and_at_every_place_in_one() {
    for length in 1..200 {
        let long = "x".repeat(length);
        let text = format!("{long},\"{long}\n\",{long}\"\"\r\n,{long}\n");
        let rows = whole(text.as_bytes(), Dialect::default());
        assert_eq!(rows.len(), 2, "{length}");
        assert_eq!(
            rows[0].texts,
            [long.clone(), format!("{long}\n"), format!("{long}\"\"")]
        );
        assert_eq!(rows[1].texts, ["", &long]);
    }
}

#[test]
fn a_quoted_cell_may_be_long_and_have_many_lines_but_not_more() {
    for (inside, closed) in [
        ("x".repeat(QUOTED_BYTES - 1), true),
        ("x".repeat(QUOTED_BYTES), false),
        ("x\r\n".repeat(QUOTED_LINES), true),
        ("x\r\n".repeat(QUOTED_LINES + 1), false),
        ("x\r".repeat(QUOTED_LINES), true),
        ("x\r".repeat(QUOTED_LINES + 1), false),
    ] {
        let text = format!("a,\"{inside}\",b\nc,d,e\n");
        let rows = whole(text.as_bytes(), Dialect::default());
        if closed {
            assert_eq!(rows.len(), 2);
            assert_eq!(rows[0].texts, ["a", &inside, "b"]);
        } else {
            assert_eq!(rows[0].problems, [(RowProblem::UnclosedQuote, 1, 2)]);
        }
        assert_eq!(rows.last().expect("rows").texts, ["c", "d", "e"]);
    }
}

#[test]
fn more_cells_than_are_kept_are_counted() {
    let text = format!("{}\na,b\n", ",".repeat(CELLS + 9));
    let (mut rows, mut cells) = (Rows::new(text.as_bytes(), Dialect::default()), Vec::new());
    let row = rows.next(&mut cells).expect("a row");
    assert_eq!((row.cells, cells.len()), (CELLS + 10, CELLS));
    assert_eq!(rows.problems()[0].problem, RowProblem::TooManyCells);
    let row = rows.next(&mut cells).expect("a row");
    assert_eq!((row.cells, row.start), (2, CELLS + 10));
    assert!(rows.problems().is_empty());
}

#[test]
fn starting_at_a_row() {
    let bytes = b"sep=;\r\na;b\r\nc;d\r\n";
    let (mut rows, mut cells) = (
        Rows::new(bytes, Dialect::delimited_by(b';')).starting_at(7),
        Vec::new(),
    );
    let row = rows.next(&mut cells).expect("a row");
    assert_eq!((row.start, row.end, row.next), (7, 10, 12));
    assert_eq!(cells[1].text(bytes), "b");
}
