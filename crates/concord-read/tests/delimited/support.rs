//! Rows as tests and the fuzz target compare them.

use concord_read::delimited::{
    CELLS, Cell, Chunk, Chunks, Dialect, Problem, Row, RowProblem, Rows,
};

/// A row as a test compares it, with places in the whole input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) next: usize,
    pub(crate) blank: bool,
    pub(crate) texts: Vec<String>,
    pub(crate) problems: Vec<(RowProblem, usize, usize)>,
}

impl Whole {
    fn new(bytes: &[u8], offset: usize, row: Row, cells: &[Cell], problems: &[Problem]) -> Self {
        assert_eq!(row.cells.min(CELLS), cells.len());
        Self {
            start: offset + row.start,
            end: offset + row.end,
            next: offset + row.next,
            blank: row.blank,
            texts: cells
                .iter()
                .map(|cell| cell.text(bytes).into_owned())
                .collect(),
            problems: problems
                .iter()
                .map(|found| (found.problem, found.cell, offset + found.at))
                .collect(),
        }
    }
}

/// All rows of some bytes, without a gap between them.
pub(crate) fn whole(bytes: &[u8], dialect: Dialect) -> Vec<Whole> {
    let (mut rows, mut cells, mut all) = (Rows::new(bytes, dialect), Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(row) = rows.next(&mut cells) {
        assert!(row.start == at && row.end >= row.start && row.next > row.start);
        at = row.next;
        all.push(Whole::new(bytes, 0, row, &cells, rows.problems()));
    }
    assert_eq!(at, bytes.len());
    all
}

/// All rows of some bytes, read in chunks of about `target` bytes.
pub(crate) fn chunked(bytes: &[u8], dialect: Dialect, target: usize, largest: usize) -> Vec<Whole> {
    let mut chunks = Chunks::new(bytes, "x.csv".into(), target, largest);
    chunks.set_dialect(dialect);
    let (mut cells, mut all, mut at) = (Vec::new(), Vec::new(), 0);
    let mut spare = Chunk::default();
    while let Some(chunk) = chunks.next(spare).expect("memory can be read") {
        assert_eq!(chunk.offset, at as u64);
        let mut rows = Rows::of(&chunk, dialect);
        while let Some(row) = rows.next(&mut cells) {
            all.push(Whole::new(
                chunk.content(),
                at,
                row,
                &cells,
                rows.problems(),
            ));
        }
        at += chunk.length;
        spare = chunk;
    }
    assert_eq!(at, bytes.len());
    all
}
