use std::borrow::Cow;

use super::*;

/// Two figures of code, three that connect, one for each number.
fn form() -> RecordLines {
    let cell = |line: Option<(&str, &[u32])>, first, width| LineCell {
        line: line.map(|(code, numbers)| LineOf {
            code: code.into(),
            numbers: numbers.to_vec(),
        }),
        first,
        width,
    };
    RecordLines::new(
        "01",
        (2, 3),
        (5, 1),
        &[
            cell(Some(("01", &[])), 5, 4),
            cell(Some(("02", &[1])), 6, 2),
            cell(Some(("02", &[2])), 6, 2),
            cell(Some(("07", &[1, 2])), 7, 2),
            cell(None, 0, 2),
            cell(None, 0, 2),
        ],
    )
}

fn rows(bytes: &[u8]) -> Vec<Vec<Cow<'_, str>>> {
    let form = form();
    let (mut rows, mut cells) = (Rows::new(bytes, &form), Vec::new());
    let mut found = Vec::new();
    while let Some(row) = rows.next(&mut cells) {
        assert_eq!(rows.problems(), []);
        if !row.blank {
            found.push(cells.iter().map(|cell| cell.text(bytes)).collect());
        }
    }
    found
}

#[test]
fn lines_lie_in_their_record_by_code_and_number() {
    assert_eq!(
        rows(b"01AAASi\xc3\xa2n\r\n02AAA2zz\r\n02AAA1yy\r\n07AAA12ww\r\n01BBBJo\r\n"),
        [
            ["Siân", "yy", "zz", "ww", "", ""],
            ["Jo", "", "", "", "", ""]
        ]
    );
    assert_eq!(rows(b"01AAA"), [["", "", "", "", "", ""]]);
    assert_eq!(
        rows(b"\n01AAAa\n\n02AAA1y\n\n"),
        [["a", "y", "", "", "", ""]],
        "blank lines hold nothing"
    );
    assert!(rows(b"").is_empty());
}

#[test]
fn a_line_without_a_place_is_told_by_its_code() {
    for (line, why) in [
        ("99AAA1x", "nobody knows the kind"),
        ("02AAA3x", "there is no third"),
        ("02AAA1x", "there is a first one already"),
        ("02BBB2x", "it is another's"),
        ("02AAA x", "it has no number"),
        ("07AAA2", "it has one number of two"),
        ("0", "there is no code"),
    ] {
        let text = format!("01AAAa\n02AAA1y\n{line}\n");
        let code = &line[..line.len().min(2)];
        let expected = [["a", "y", "", "", code, ""]];
        assert_eq!(rows(text.as_bytes()), expected, "{why}");
    }
    assert_eq!(
        rows(b"01AAAa\n99AAA\n98AAA\n"),
        [["a", "", "", "", "99", "98"]],
        "as many as there are cells for them"
    );
    assert_eq!(
        rows(b"01AAAa\n02AAA\n07AAA\n02AAA  \n"),
        [["a", "", "", "", "", ""]],
        "there is nothing in an empty form"
    );
    assert_eq!(
        rows(b"02AAA1y\n01AAAa\n"),
        [["", "y", "", "", "", ""], ["a", "", "", "", "", ""]],
        "a file can begin inside a record"
    );
}

#[test]
fn places_of_cells_and_problems_are_those_of_the_bytes() {
    let form = form();
    let bytes = b"01AAAa\n02AAA1\xff\n";
    let (mut rows, mut cells) = (Rows::new(bytes, &form), Vec::new());
    let row = rows.next(&mut cells).expect("a record");
    assert_eq!(
        (row.start, row.end, row.next, row.line_feeds),
        (0, 14, 15, 2)
    );
    assert_eq!((cells[1].start, cells[2].start), (13, 6));
    let expected = Problem {
        problem: RowProblem::NotUtf8,
        cell: 1,
        at: 13,
    };
    assert_eq!(rows.problems(), [expected]);
}

#[test]
fn chunks_end_where_records_end_however_large_they_are() {
    let form = Arc::new(form());
    let text: Vec<u8> = (0..40)
        .flat_map(|number| {
            let other = if number % 3 == 0 { "02" } else { "99" };
            format!("01{number:03}abcd\r\n{other}{number:03}1xx\r\n").into_bytes()
        })
        .collect();
    let whole = rows(&text);
    for target in 1..120 {
        let mut chunks = Chunks::new(&text[..], "x".into(), target, 4096, Arc::clone(&form));
        let mut found = Vec::new();
        let mut length = 0;
        while let Some(chunk) = chunks.next(Chunk::default()).expect("it is read") {
            assert!(!chunk.oversized);
            length += chunk.length;
            let (mut rows, mut cells) = (Rows::of(&chunk, &form), Vec::new());
            while rows.next(&mut cells).is_some() {
                let texts = cells.iter();
                found.push(
                    texts
                        .map(|cell| Cow::Owned(cell.text(chunk.content()).into_owned()))
                        .collect::<Vec<Cow<'_, str>>>(),
                );
            }
        }
        assert_eq!(length, text.len());
        assert_eq!(found, whole, "chunks of {target}");
    }
}

#[test]
fn a_record_without_an_end_is_cut_and_told() {
    let form = Arc::new(form());
    let mut text = b"01AAAa\n".to_vec();
    text.extend(b"02AAA1y\n".repeat(40));
    let mut chunks = Chunks::new(&text[..], "x".into(), 8, 64, Arc::clone(&form));
    let mut told = Vec::new();
    while let Some(chunk) = chunks.next(Chunk::default()).expect("it is read") {
        let (mut rows, mut cells) = (Rows::of(&chunk, &form), Vec::new());
        while rows.next(&mut cells).is_some() {
            told.extend(rows.problems().iter().map(|problem| problem.problem));
        }
    }
    assert!(told.contains(&RowProblem::TooLong) && told.contains(&RowProblem::Continued));
}

#[test]
fn every_beginning_of_an_input_can_be_split() {
    let form = form();
    let text = "01AAASiân\r\n02AAA1y\r07AAA12ww\n\n99\n01BBB\n";
    for end in 0..=text.len() {
        let bytes = &text.as_bytes()[..end];
        let (mut rows, mut cells) = (Rows::new(bytes, &form), Vec::new());
        let mut at = 0;
        while let Some(row) = rows.next(&mut cells) {
            assert_eq!(row.start, at, "without a gap");
            assert!(row.next > row.start && row.end <= row.next);
            let inside = |cell: &Cell| (cell.start + cell.length) as usize <= row.next;
            assert!(cells.iter().all(inside));
            at = row.next;
        }
        assert_eq!(at, end);
    }
}

#[test]
fn lines_without_a_place_beyond_their_cells_are_problems() {
    let form = form();
    let bytes = b"01AAAa\n99AAA1\n98AAA1\n97AAA1\n96AAA1\n";
    let (mut rows, mut cells) = (Rows::new(bytes, &form), Vec::new());
    rows.next(&mut cells);
    assert_eq!(
        (cells[4].text(bytes), cells[5].text(bytes)),
        ("99".into(), "98".into())
    );
    let problems: Vec<_> = rows
        .problems()
        .iter()
        .map(|problem| (problem.problem, problem.cell, problem.at))
        .collect();
    let further = RowProblem::LineWithoutPlace;
    assert_eq!(problems, [(further, 5, 21), (further, 5, 28)]);
}

#[test]
fn text_behind_the_last_cell_of_a_line_is_a_problem() {
    let form = form();
    let bytes = b"01AAAa      x\n02AAA1yyzz\n02AAA2yy   \n";
    let (mut rows, mut cells) = (Rows::new(bytes, &form), Vec::new());
    rows.next(&mut cells);
    let problems: Vec<(RowProblem, usize)> = rows
        .problems()
        .iter()
        .map(|problem| (problem.problem, problem.at))
        .collect();
    assert_eq!(
        problems,
        [(RowProblem::TextBehind, 12), (RowProblem::TextBehind, 22)]
    );
}
