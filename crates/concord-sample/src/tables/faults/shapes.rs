//! Rows that are damaged as text.

#![allow(clippy::unnecessary_wraps)] // makers are of one type

use concord_model::repair::Kind;

use super::{Broken, Work, broken};
use crate::tables::pen::Shape;

type Make = fn(&mut Work<'_>) -> Option<Broken>;

/// Faults of single rows.
pub(super) const IN_ROWS: &[(&str, Make)] = &[
    ("TABLE-RAGGED", ragged),
    ("TABLE-EMPTY-CELLS", empty_cells),
    ("TABLE-MOVED", moved),
    ("TABLE-TOTALS", totals),
    ("TABLE-HEADER-REPEATED", header),
    ("TABLE-BLANK", blank),
    ("TABLE-NUL", nul),
    ("TABLE-QUOTE", open_quote),
    ("TABLE-QUOTE-TEXT", text_after_quote),
    ("TABLE-MARK", mark),
];

/// Faults that are told of once.
pub(super) const ONCE: &[(&str, Make)] = &[("TABLE-ENCODING", one_byte)];

fn shaped(shape: Shape, description: &str) -> Broken {
    Broken {
        field: None,
        shape: Some(shape),
        ..broken(0, description)
    }
}

fn in_cell(field: usize, shape: Shape, description: &str) -> Broken {
    Broken {
        shape: Some(shape),
        ..broken(field, description)
    }
}

fn ragged(_: &mut Work<'_>) -> Option<Broken> {
    Some(shaped(Shape::Shorter, "left out the last cell"))
}

fn empty_cells(work: &mut Work<'_>) -> Option<Broken> {
    let more = 1 + work.dice.index(3);
    Some(shaped(
        Shape::EmptyCells(more),
        "put empty cells behind the last one",
    ))
}

fn totals(_: &mut Work<'_>) -> Option<Broken> {
    Some(shaped(Shape::Totals, "put a row of totals"))
}

fn header(_: &mut Work<'_>) -> Option<Broken> {
    Some(shaped(Shape::Header, "put the names of the columns again"))
}

fn blank(work: &mut Work<'_>) -> Option<Broken> {
    let rows = 1 + work.dice.index(2);
    Some(Broken {
        no_record: true,
        ..shaped(Shape::Blank(rows), "put blank rows")
    })
}

fn mark(_: &mut Work<'_>) -> Option<Broken> {
    Some(shaped(Shape::Mark, "put a byte order mark before the row"))
}

/// A column of free text that no rule looks at, of at least four characters.
fn text(work: &mut Work<'_>) -> Option<usize> {
    let facts = work.facts;
    let is_text = |field: usize| {
        facts.is_free(field)
            && facts.judge.kind(field) == Kind::Text
            && facts.judge.verdict(field, "Caf\u{e9}").is_none()
            && facts.judge.verdict(field, "A1").is_none()
    };
    let fields: Vec<usize> = (0..facts.width()).filter(|field| is_text(*field)).collect();
    work.dice.pick(&fields).copied()
}

fn nul(work: &mut Work<'_>) -> Option<Broken> {
    let field = text(work)?;
    Some(in_cell(field, Shape::Nul(field), "put a NUL character"))
}

fn open_quote(work: &mut Work<'_>) -> Option<Broken> {
    // A quote behind it in the same row would close it.
    let quotes = |cell: &String| cell.contains(['"', ',', ';', '\n']);
    if work.row.cells.iter().any(quotes) {
        return None;
    }
    let field = text(work)?;
    Some(in_cell(
        field,
        Shape::OpenQuote(field),
        "opened a quote that nothing closes",
    ))
}

fn text_after_quote(work: &mut Work<'_>) -> Option<Broken> {
    let field = text(work)?;
    Some(in_cell(
        field,
        Shape::TextAfterQuote(field),
        "put text behind a closing quote",
    ))
}

fn one_byte(work: &mut Work<'_>) -> Option<Broken> {
    let field = text(work)?;
    Some(Broken {
        no_record: true,
        ..in_cell(field, Shape::OneByte(field), "wrote a byte of Windows-1252")
    })
}

/// Leaves a cell out, so that those behind it stand one column too far to the left.
fn moved(work: &mut Work<'_>) -> Option<Broken> {
    let width = work.facts.width();
    if work.facts.gone.contains(&true) && width < 12 {
        return None;
    }
    let without = 1 + work.dice.index(width / 3);
    let judge = &work.facts.judge;
    let cells = &work.row.cells;
    let mut wrong = 0;
    let mut first = None;
    for field in without..width {
        let text = cells.get(field + 1).map_or("", String::as_str);
        let Some(verdict) = judge.verdict(field, text) else {
            continue;
        };
        wrong += 1;
        if verdict.mended.is_none() && first.is_none() {
            first = Some(field);
        }
    }
    // With fewer the values themselves are told of.
    if wrong < 8 || work.facts.gone[without] {
        return None;
    }
    Some(in_cell(
        first?,
        Shape::Without(without),
        "left out a cell, and put an empty one at the end",
    ))
}
