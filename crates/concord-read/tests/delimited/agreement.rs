//! What must hold for every table and for any bytes.

use concord_read::delimited::{CELLS, Dialect, RowProblem};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::slow;
use crate::support::{chunked, whole};

/// Bytes in which something can go wrong at every place.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => prop::sample::select(vec![
            &b","[..], b"\"", b"\"\"", b"\n", b"\r", b"\r\n", b"a", b"bc", b" ", b"\0", b"\xe9", b"\xc3\xa9",
            b"\xef\xbb\xbf", b"\",\"", b"\"\n\"", b",\"x", b"5\" pipe", b"\xff",
        ])
        .prop_map(<[u8]>::to_vec),
        1 => (0..150usize).prop_map(|length| vec![b'x'; length]),
        1 => (97..104usize).prop_map(|lines| b"\n".repeat(lines)),
    ];
    vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// The same with stretches about as long as a quoted cell may be.
fn long_soup() -> impl Strategy<Value = Vec<u8>> {
    let long = (
        65_500..65_540usize,
        prop::sample::select(vec![&b"x"[..], b"\"\"", b"seven,or"]),
    )
        .prop_map(|(length, unit)| unit.repeat(length / unit.len()));
    vec(prop_oneof![3 => soup(), 1 => long], 1..6).prop_map(|pieces| pieces.concat())
}

fn agree(bytes: &[u8], targets: impl IntoIterator<Item = usize>) -> Result<(), TestCaseError> {
    let dialect = Dialect::default();
    let rows = whole(bytes, dialect);
    let slow = slow::rows(bytes);
    prop_assert_eq!(rows.len(), slow.len());
    for (row, (cells, end, next, problems)) in rows.iter().zip(&slow) {
        prop_assert_eq!((row.end, row.next), (*end, *next));
        let texts: Vec<String> = cells
            .iter()
            .map(|cell| match std::str::from_utf8(cell) {
                Ok(text) => text.to_owned(),
                Err(_) => encoding_rs::mem::decode_latin1(cell).into_owned(),
            })
            .collect();
        prop_assert_eq!(&row.texts, &texts);
        let of_rows: Vec<(RowProblem, usize)> = row
            .problems
            .iter()
            .filter(|found| !matches!(found.0, RowProblem::Nul | RowProblem::NotUtf8))
            .map(|found| (found.0, found.1))
            .collect();
        prop_assert_eq!(&of_rows, problems);
        for (kind, wanted) in [
            (RowProblem::Nul, cells.iter().any(|cell| cell.contains(&0))),
            (
                RowProblem::NotUtf8,
                cells.iter().any(|cell| std::str::from_utf8(cell).is_err()),
            ),
        ] {
            prop_assert_eq!(row.problems.iter().any(|found| found.0 == kind), wanted);
        }
        for (_, cell, at) in &row.problems {
            let kept = *cell < cells.len() || cells.len() == CELLS;
            prop_assert!(kept && *at >= row.start && *at <= row.end);
        }
    }
    for target in targets {
        prop_assert_eq!(
            &chunked(bytes, dialect, target, 1_000_000),
            &rows,
            "target {}",
            target
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_in_chunks_of_any_size_are_the_same_rows(bytes in soup(), target in 1..200usize) {
        agree(&bytes, [1, 2, 3, target])?;
    }

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..300), target in 1..100usize) {
        // Latin-1 and Windows-1252 differ here, so that only the cut is compared.
        let dialect = Dialect::default();
        prop_assert_eq!(chunked(&bytes, dialect, target, 0), whole(&bytes, dialect));
        let found = Dialect::detect(&bytes, b",;");
        whole(&bytes[found.skip..], found.dialect);
    }

    #[test]
    fn what_another_library_writes_is_read_back(
        table in vec(vec("[ -~éâ€\r\n\t\",;]{0,12}", 1..9), 0..12),
        delimiter in prop::sample::select(b",;|\t".to_vec()),
        style in prop::sample::select(vec![QuoteStyle::Necessary, QuoteStyle::Always, QuoteStyle::NonNumeric]),
        end in prop::sample::select(vec![Terminator::CRLF, Terminator::Any(b'\n'), Terminator::Any(b'\r')]),
        target in 1..200usize,
    ) {
        let mut writer = WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(style)
            .terminator(end)
            .flexible(true)
            .from_writer(Vec::new());
        for row in &table {
            writer.write_record(row).expect("memory can be written");
        }
        let bytes = writer.into_inner().expect("memory can be written");
        let dialect = Dialect::delimited_by(delimiter);
        let rows = whole(&bytes, dialect);
        let texts: Vec<&Vec<String>> = rows.iter().map(|row| &row.texts).collect();
        prop_assert_eq!(texts, table.iter().collect::<Vec<_>>());
        prop_assert!(rows.iter().all(|row| row.problems.is_empty()));
        prop_assert_eq!(chunked(&bytes, dialect, target, 0), rows);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn quotes_about_as_long_as_permitted(bytes in long_soup(), target in 1..200_000usize) {
        agree(&bytes, [1000, target])?;
    }
}
