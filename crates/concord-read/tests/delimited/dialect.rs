//! The delimiter from the first bytes.

use concord_read::delimited::{Dialect, How};

#[test]
fn table() {
    let cases: &[(&str, &[u8], u8, How, usize)] = &[
        ("a,b,c\n1,2,3\n", b",", b',', How::Counted, 0),
        ("a;b;c\n1;2;3\n", b",", b';', How::Counted, 0),
        ("a|b|c\n1|2|3\n", b",", b'|', How::Counted, 0),
        ("a\tb\tc\n1\t2\t3\n", b",", b'\t', How::Counted, 0),
        ("a~b~c\n1~2~3\n", b"~", b'~', How::Counted, 0),
        // A comma in every text does not make a comma the delimiter.
        ("a|b|c\nx, y|2|3\nx, y|2|3\n", b",|", b'|', How::Counted, 0),
        ("x, y|2|3\nx, y|2|3\n", b",|", b'|', How::Counted, 0),
        ("\"a;b;c;d\",e\n\"a\",f\n", b",", b',', How::Counted, 0),
        // A ragged row and a cut-off last row do not count against it.
        (
            "a,b,c\n1,2,3\n1,2\n1,2,3\n1,2,3\n1,2,3\n1,",
            b",",
            b',',
            How::Counted,
            0,
        ),
        ("\n\na;b\n1;2\n", b",", b';', How::Counted, 0),
        ("a\nb\n", b"|,", b'|', How::Assumed, 0),
        ("", b",", b',', How::Assumed, 0),
        ("", b"", b',', How::Assumed, 0),
        ("sep=;\r\na,b;c\r\n", b",", b';', How::Declared, 7),
        ("SEP=|\na|b\n", b",", b'|', How::Declared, 6),
        ("\"sep=\t\"\ra\tb\r", b",", b'\t', How::Declared, 8),
        ("sep=\"\na,b\n", b",", b',', How::Assumed, 0),
        ("separate,b\n1,2\n", b",", b',', How::Counted, 0),
    ];
    for (text, permitted, delimiter, how, skip) in cases {
        let found = Dialect::detect(text.as_bytes(), permitted);
        assert_eq!(
            (found.dialect.delimiter, found.how, found.skip),
            (*delimiter, *how, *skip),
            "{text:?}"
        );
    }
}

#[test]
fn says_how_well_each_divides() {
    let found = Dialect::detect(b"a,b;c,d\n1,2;3\n1,2;3,4\n", b",");
    let [comma, semicolon] = &found.rivals[..] else {
        panic!("two delimiters divide: {:?}", found.rivals)
    };
    assert_eq!(
        (comma.delimiter, comma.columns, comma.agreeing, comma.rows),
        (b';', 2, 3, 3)
    );
    assert_eq!(
        (
            semicolon.delimiter,
            semicolon.columns,
            semicolon.agreeing,
            semicolon.rows
        ),
        (b',', 3, 2, 3)
    );
}
