//! A row with several faults that are really one.
//!
//! Such rows are common where files are put together by hand: the header again in the middle, totals below the last row,
//! a value left out so that all that follow stand one column too far to the left. Told cell by cell they would bury what
//! happened.

use std::sync::Arc;

use concord_finding::{Fact, Rule};
use concord_model::repair::{Kind, repair};
use concord_read::delimited::Cell;
use concord_standards::layout::is_header;

use super::row::{Fault, FaultKind, RowAt, Table};
use crate::catalogue::BuiltinRule;
use crate::output::Draft;

/// Fewer faults than this are what they seem, except in a row of totals.
const SUSPICIOUS: usize = 3;

/// Columns by which cells may have moved.
const FARTHEST: isize = 2;

/// Fewer faults than this may be left when cells are read as moved, out of each ten.
const LEFT: usize = 3;

/// The one finding that explains the faults of a row; `None` when they are what they seem.
pub(crate) fn suspect(table: &Table<'_>, row: RowAt<'_>, faults: &[Fault]) -> Option<Draft> {
    let several = faults.len() >= SUSPICIOUS;
    if several && repeats_header(table, row) {
        return Some(whole(table, row, BuiltinRule::TableHeaderRepeated.rule()));
    }
    let missing = |fault: &Fault| matches!(fault.kind, FaultKind::Missing);
    if faults.iter().any(missing)
        && let Some(word) = totals(table, row)
    {
        let mut draft = whole(table, row, BuiltinRule::TableTotals.rule());
        draft.finding.value = Some(Fact::Plain(word));
        return Some(draft);
    }
    several.then(|| moved(table, row, faults)).flatten()
}

/// Whether most cells hold the names of their columns.
pub(crate) fn repeats_header(table: &Table<'_>, row: RowAt<'_>) -> bool {
    let names = &table.columns.names;
    let may_differ = names.len() / 5;
    let mut different = 0;
    for (cell, name) in names.iter().enumerate() {
        different += usize::from(name.is_empty() || !is_header(&row.text(cell), name));
        if different > may_differ {
            return false;
        }
    }
    !names.is_empty()
}

/// What says that a row holds totals: a word, or that there are amounts and nothing else, when most of the row is blank.
pub(crate) fn totals(table: &Table<'_>, row: RowAt<'_>) -> Option<String> {
    const WORDS: [&str; 6] = [
        "total",
        "totals",
        "grand total",
        "grand totals",
        "sub total",
        "subtotal",
    ];
    let filled: Vec<usize> = (0..row.cells.len())
        .filter(|cell| row.cells[*cell].length > 0)
        .collect();
    if filled.len() * 2 > table.columns.fields.len() {
        return None;
    }
    let word = filled.iter().find_map(|cell| {
        let text = row.text(*cell);
        let plain = text.trim().trim_end_matches(':').to_ascii_lowercase();
        WORDS
            .contains(&plain.as_str())
            .then(|| text.trim().to_owned())
    });
    word.or_else(|| {
        only_amounts(table, row, &filled).then(|| "numbers and nothing else".to_owned())
    })
}

/// Whether what is filled are amounts, two or more of them, and nothing that says whose they are.
fn only_amounts(table: &Table<'_>, row: RowAt<'_>, filled: &[usize]) -> bool {
    let amount = |cell: &usize| {
        let field = table.columns.fields.get(*cell).copied().flatten();
        field.is_some_and(|field| {
            let kind = table.plan.fields[usize::from(field)].kind;
            let text = row.text(*cell);
            matches!(kind, Kind::Money | Kind::Number | Kind::WholeNumber)
                && (Kind::Money.is_sound(text.as_bytes())
                    || repair(text.as_bytes(), Kind::Money).is_some_and(|was| was.text.is_some()))
        })
    };
    filled.len() >= 2 && filled.iter().all(amount)
}

/// Cells that fit their columns once they are read as moved from some cell on.
fn moved(table: &Table<'_>, row: RowAt<'_>, faults: &[Fault]) -> Option<Draft> {
    let first = faults.iter().find(|fault| !fault.kind.is_slight())?.cell;
    let last = row.cells.len().min(table.columns.fields.len());
    let wrong = faults.len();
    let mut best: Option<(usize, isize)> = None;
    for by in (-FARTHEST..=FARTHEST).filter(|by| *by != 0) {
        // A cell that was left out moves what follows to the left; its column then holds the next one's value.
        let mut left = 0;
        let mut seen = 0;
        for column in first..last {
            let source = column.checked_add_signed(by);
            let source = source.filter(|cell| (first..row.cells.len()).contains(cell));
            let (Some(field), Some(cell)) = (table.columns.fields[column], source) else {
                continue;
            };
            let plan = &table.plan.fields[usize::from(field)];
            let text = row.text(cell);
            let kind = if text.is_empty() {
                plan.mandatory.then_some(FaultKind::Missing)
            } else {
                table.judge(plan, &text)
            };
            seen += usize::from(!text.is_empty());
            left += usize::from(kind.is_some());
            if left * 10 > wrong * LEFT {
                break;
            }
        }
        if seen >= 3 && left * 10 <= wrong * LEFT && best.is_none_or(|(fewest, _)| left < fewest) {
            best = Some((left, by));
        }
    }
    let (_, by) = best?;
    let field = table.columns.fields[first].map_or(0, usize::from);
    let mut draft = table.draft(BuiltinRule::TableMoved.rule(), row.record, row.cells[first]);
    draft.finding.path = Some(table.path(field));
    let layout = &table.plan.layout().fields[field];
    draft.finding.element = Some(layout.element.clone());
    draft.plain("column", layout.column.to_string());
    let (count, side) = (by.unsigned_abs(), if by > 0 { "right" } else { "left" });
    let columns = if count == 1 { "column" } else { "columns" };
    draft.plain("by", format!("{count} {columns} too far to the {side}"));
    Some(draft)
}

/// A finding about a whole row.
pub(crate) fn whole(table: &Table<'_>, row: RowAt<'_>, rule: &Arc<Rule>) -> Draft {
    let at = Cell {
        start: row.start as u32,
        length: row.cells.first().map_or(0, |cell| cell.length),
        ..Cell::default()
    };
    let mut draft = table.draft(rule, row.record, at);
    draft.finding.path = Some(table.plan.layout().name.clone());
    draft
}
