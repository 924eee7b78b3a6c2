//! The rows of one chunk, then the rules over them, then places for what was found.

use std::borrow::Cow;
use std::sync::Arc;

use concord_finding::{Fact, Finding, Fix, Rule};
use concord_read::delimited::{Cell, Chunk, Problem, Row, RowProblem};

use super::form::Form;
use super::row::FaultKind;
use super::row::{Fault, RowAt, Table};
use super::rows_index::RowsIndex;
use super::suspect;
use crate::capture::Captured;
use crate::catalogue::BuiltinRule;
use crate::delivery::{Excerpts, Sated};
use crate::exact::shown;
use crate::excerpt::{Markup, Show, excerpt};
use crate::fixes::{self, Wrong};
use crate::lines::Lines;
use crate::merge::tell_provider;
use crate::output::{Draft, Relative, Unread};
use crate::quick::is_plain;

/// What comes of the rows of a chunk, and memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct TableOutput {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) captured: Captured,
    /// Where each record begins.
    pub(crate) records: Vec<u32>,
    /// Lines of the records, both counted from where the chunk begins.
    pub(crate) index: RowsIndex,
    /// Which encodings the rows are in.
    pub(crate) encodings: Encodings,
    /// Cells of rows of which something is to be said.
    pub(crate) kept: Kept,
    cells: Vec<Cell>,
    faults: Vec<Fault>,
}

impl TableOutput {
    pub(crate) fn new(captured: Captured) -> Self {
        Self {
            captured,
            ..Self::default()
        }
    }

    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.drafts.clear();
        self.captured.clear();
        self.records.clear();
        self.index = RowsIndex::default();
        self.encodings = Encodings::default();
        self.kept.clear();
    }

    /// Its rows in the bytes that they were split of, for findings.
    pub(crate) fn found<'f>(&'f self, bytes: &'f [u8]) -> Found<'f> {
        Found {
            bytes,
            records: &self.records,
            index: &self.index,
            kept: &self.kept,
        }
    }
}

/// Cells of some rows, so that rows need not be split again when their findings are finished.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Rows in their order, and where the cells of each begin and end.
    rows: Vec<(u32, usize, usize)>,
    cells: Vec<Cell>,
}

impl Kept {
    /// Cells kept at most. A row of which there are no more is split again.
    const MOST: usize = 1 << 18;

    fn clear(&mut self) {
        self.rows.clear();
        self.cells.clear();
    }

    fn keep(&mut self, record: u32, cells: &[Cell]) {
        let start = self.cells.len();
        if start + cells.len() <= Self::MOST {
            self.cells.extend_from_slice(cells);
            self.rows.push((record, start, self.cells.len()));
        }
    }

    fn of(&self, record: u32) -> Option<&[Cell]> {
        let found = self.rows.binary_search_by_key(&record, |(row, ..)| *row);
        let (_, start, end) = self.rows[found.ok()?];
        Some(&self.cells[start..end])
    }
}

/// Rows by the encoding that their letters beyond ASCII are in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Encodings {
    /// The first byte that is not UTF-8.
    pub(crate) first: Option<u32>,
    /// Rows that are not UTF-8.
    pub(crate) other: u64,
    /// Whether other rows have letters beyond ASCII in UTF-8.
    pub(crate) utf8: bool,
}

/// Checks the rows of a chunk that begin at or behind `from`.
pub(crate) fn check(
    table: &Table<'_>,
    chunk: &Chunk,
    form: &Form,
    from: usize,
    out: &mut TableOutput,
) {
    let bytes = chunk.content();
    let mut rows = form.rows(chunk, from);
    let mut cells = std::mem::take(&mut out.cells);
    let mut faults = std::mem::take(&mut out.faults);
    let mut line = line_ends(&bytes[..from.min(bytes.len())]);
    let mut blank = Blank::default();
    let ascii = bytes.is_ascii();
    let plans = table.plans();
    while let Some(row) = rows.next(&mut cells) {
        let this = line;
        line += row.line_feeds;
        if row.blank {
            blank.add(&row);
            continue;
        }
        blank.tell(table, &mut out.drafts);
        let at = RowAt {
            bytes,
            cells: &cells,
            start: row.start,
            record: out.records.len() as u32,
            plain: is_plain(&bytes[row.start..row.end]),
        };
        out.index.push(u64::from(at.record), this);
        out.records.push(row.start as u32);
        if !ascii && !bytes[row.start..row.end].is_ascii() {
            out.encodings.add(rows.problems());
        }
        let before = out.drafts.len();
        let problems = rows.problems();
        let useless = !problems.is_empty() && told(table, at, problems, out)
            || row.cells != table.columns.fields.len() && ragged(table, at, &row, out);
        if !useless {
            table.row(at, &plans, &mut out.captured, &mut faults, &mut out.drafts);
        }
        if out.drafts.len() > before {
            out.kept.keep(at.record, &cells);
        }
    }
    blank.tell(table, &mut out.drafts);
    out.cells = cells;
    out.faults = faults;
}

impl Encodings {
    /// Adds a row that has letters beyond ASCII.
    fn add(&mut self, problems: &[Problem]) {
        let not_utf8 = |problem: &&Problem| problem.problem == RowProblem::NotUtf8;
        match problems.iter().find(not_utf8) {
            Some(problem) => {
                self.first.get_or_insert(problem.at as u32);
                self.other += 1;
            }
            None => self.utf8 = true,
        }
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Blank rows that follow one another.
#[derive(Default)]
struct Blank {
    start: u32,
    rows: u64,
}

impl Blank {
    fn add(&mut self, row: &Row) {
        if self.rows == 0 {
            self.start = row.start as u32;
        }
        self.rows += 1;
    }

    fn tell(&mut self, table: &Table<'_>, drafts: &mut Vec<Draft>) {
        if self.rows == 0 {
            return;
        }
        let mut draft = table.about_table(BuiltinRule::TableBlank.rule(), self.start);
        draft.finding.value = Some(Fact::Number(self.rows));
        drafts.push(draft);
        self.rows = 0;
    }
}

/// Tells what is wrong with a row as text; whether its values mean nothing then.
fn told(table: &Table<'_>, row: RowAt<'_>, problems: &[Problem], out: &mut TableOutput) -> bool {
    let mut useless = false;
    for problem in problems {
        // A mark before names that are repeated: one file behind another, which is told of once.
        if problem.problem == RowProblem::ByteOrderMark && suspect::repeats_header(table, row) {
            out.drafts.push(suspect::whole(
                table,
                row,
                BuiltinRule::TableHeaderRepeated.rule(),
            ));
            return true;
        }
        let rule = match problem.problem {
            RowProblem::UnclosedQuote => BuiltinRule::TableQuote,
            RowProblem::TextAfterQuote => BuiltinRule::TableQuoteText,
            RowProblem::Nul => BuiltinRule::TableNul,
            RowProblem::ByteOrderMark => BuiltinRule::TableMark,
            RowProblem::TooLong | RowProblem::TooManyCells => BuiltinRule::RecordSize,
            RowProblem::ShortLine | RowProblem::LongLine => {
                line_length(table, row, out);
                continue;
            }
            RowProblem::TextBehind => BuiltinRule::TableTextBehind,
            RowProblem::LineWithoutPlace => {
                out.drafts.push(table.further_line(row, problem));
                continue;
            }
            RowProblem::NotUtf8 => continue,
            _ => {
                useless = true;
                continue;
            }
        };
        let at = Cell {
            start: problem.at as u32,
            length: 1,
            ..Cell::default()
        };
        let mut draft = table.draft(rule.rule(), row.record, at);
        let field = table.columns.fields.get(problem.cell).copied().flatten();
        if let Some(field) = field {
            let layout = &table.plan.layout().fields[usize::from(field)];
            draft.finding.path = Some(table.path(usize::from(field)));
            draft.finding.element = Some(layout.element.clone());
        }
        draft.plain(
            "column",
            field.map_or_else(
                || format!("column {}", problem.cell + 1),
                |field| {
                    table.plan.layout().fields[usize::from(field)]
                        .column
                        .to_string()
                },
            ),
        );
        if rule == BuiltinRule::TableTextBehind {
            draft.unread = Some(Unread::without_place("text behind the last column"));
        }
        if rule == BuiltinRule::RecordSize {
            let limit = table.plan.limits.record_size as u64;
            draft.finding.expected = Some(Fact::Number(limit));
        }
        useless |= rule.rule().effect.rejects_record();
        out.drafts.push(draft);
        if useless {
            break;
        }
    }
    useless
}

/// Tells of a line of fixed width that is shorter or longer than it must be.
fn line_length(table: &Table<'_>, row: RowAt<'_>, out: &mut TableOutput) {
    let end = memchr::memchr2(b'\n', b'\r', &row.bytes[row.start..]);
    let line = &row.bytes[row.start..end.map_or(row.bytes.len(), |end| row.start + end)];
    let mut draft = suspect::whole(table, row, BuiltinRule::TableLineLength.rule());
    let characters = String::from_utf8_lossy(line).chars().count() as u64;
    draft.finding.value = Some(Fact::Number(characters));
    let length = table.plan.layout().record_length.unwrap_or_default();
    draft.finding.expected = Some(Fact::Number(u64::from(length)));
    let behind = String::from_utf8_lossy(line)
        .chars()
        .skip(length as usize)
        .any(|character| character != ' ');
    draft.unread = behind.then(|| Unread::without_place("text behind the last column"));
    out.drafts.push(draft);
}

/// Tells of a row with another number of cells than there are columns; whether its cells mean nothing then.
fn ragged(table: &Table<'_>, at: RowAt<'_>, row: &Row, out: &mut TableOutput) -> bool {
    let width = table.columns.fields.len();
    if let Some(rule) = &table.plan.width {
        out.drafts.push(of_width(table, at, row, width, rule));
        return true;
    }
    if suspect::repeats_header(table, at) {
        out.drafts.push(suspect::whole(
            table,
            at,
            BuiltinRule::TableHeaderRepeated.rule(),
        ));
        return true;
    }
    if let Some(word) = suspect::totals(table, at) {
        let mut draft = suspect::whole(table, at, BuiltinRule::TableTotals.rule());
        draft.finding.value = Some(Fact::Plain(word));
        out.drafts.push(draft);
        return true;
    }
    let beyond = at.cells.iter().skip(width);
    let empty = row.cells > width && beyond.clone().all(|cell| cell.length == 0);
    let rule = if empty {
        BuiltinRule::TableEmptyCells
    } else {
        BuiltinRule::TableRagged
    };
    out.drafts
        .push(of_width(table, at, row, width, rule.rule()));
    !empty
}

/// What a rule says of a row with another number of cells than there are columns.
fn of_width(table: &Table<'_>, at: RowAt<'_>, row: &Row, width: usize, rule: &Arc<Rule>) -> Draft {
    let mut draft = suspect::whole(table, at, rule);
    draft.finding.value = Some(Fact::Number(row.cells as u64));
    draft.finding.expected = Some(Fact::Number(width as u64));
    if let Some(first) = at.cells.get(width) {
        draft.offset = first.start;
        draft.length = 0;
    }
    draft
}

/// The cells of the rows of a chunk, for what is to be said of them. Findings of one row mostly follow one another.
struct RowCells<'c> {
    form: &'c Form,
    bytes: &'c [u8],
    /// Where each row begins.
    records: &'c [u32],
    kept: &'c Kept,
    /// The row that was split last, and whether that gave cells.
    split: Option<(u32, bool)>,
    cells: Vec<Cell>,
}

impl RowCells<'_> {
    fn start(&self, record: u32) -> Option<usize> {
        self.records
            .get(record as usize)
            .map(|start| *start as usize)
    }

    /// The cells of a row.
    fn of(&mut self, record: u32) -> Option<&[Cell]> {
        if let Some(cells) = self.kept.of(record) {
            return Some(cells);
        }
        let is = match self.split {
            Some((known, is)) if known == record => is,
            _ => self.split(record).unwrap_or(false),
        };
        self.split = Some((record, is));
        is.then_some(&self.cells)
    }

    /// Splits a row again, with what follows it before the next one.
    fn split(&mut self, record: u32) -> Option<bool> {
        let start = self.start(record)?;
        let end = self.start(record + 1).unwrap_or(self.bytes.len());
        let row = self.bytes.get(start..end)?;
        Some(self.form.cells(row, start, &mut self.cells))
    }
}

/// The rows of a chunk whose findings are to be finished.
#[derive(Clone, Copy)]
pub(crate) struct Found<'f> {
    /// The chunk, or the beginning of the input.
    pub(crate) bytes: &'f [u8],
    /// Where each record begins.
    pub(crate) records: &'f [u32],
    /// Lines of the records.
    pub(crate) index: &'f RowsIndex,
    pub(crate) kept: &'f Kept,
}

/// Turns drafts into findings, sorted by offset, with lines, keys, paths and excerpts relative to the chunk.
pub(crate) fn finish(
    table: &Table<'_>,
    form: &Form,
    found: Found<'_>,
    drafts: &mut Vec<Draft>,
    reveal: bool,
    sated: &Sated,
) -> Vec<Relative> {
    let Found {
        bytes,
        records,
        index,
        kept,
    } = found;
    let mut rows = RowCells {
        form,
        bytes,
        records,
        kept,
        split: None,
        cells: Vec::new(),
    };
    for draft in &mut *drafts {
        point_at_blank(table, &mut rows, draft);
    }
    drafts.sort_by_key(|draft| draft.offset);
    let mut lines = Lines::new(bytes);
    let mut excerpts = Excerpts::new(sated, reveal);
    let whose = Whose::new(table);
    drafts
        .drain(..)
        .map(|draft| {
            let Draft {
                mut finding,
                offset,
                length,
                record,
                compared,
                unread: _,
                unusable: _,
            } = draft;
            crate::bounds::bound(&mut finding);
            let offset = offset as usize;
            if let Some(record) = record
                && let Some(start) = rows.start(record)
                && start <= offset
                && let Some(line) = index.line(u64::from(record))
            {
                lines.skip_to(start, line);
            }
            finding.place = Some(lines.place(offset));
            if let Some(cells) = record.and_then(|record| rows.of(record)) {
                whose.identify(bytes, cells, offset, &mut finding);
                if table.plan.fixes {
                    finding.fix = fix(table, form, bytes, cells, offset, &finding);
                }
            }
            if let Some(show) = excerpts.show(&finding) {
                // The row of names is nobody's; of a file as a whole a finding can point into anybody's row.
                let names = records.first().is_none_or(|first| offset < *first as usize)
                    || finding.rule.id == BuiltinRule::TableHeaderRepeated.rule().id;
                let show = if record.is_none() && names {
                    Show::Everything
                } else {
                    show
                };
                let markup = Markup::Cells(form.delimiter());
                let length = length as usize;
                finding.excerpt = Some(excerpt(bytes, offset, length, show, markup));
            }
            Relative {
                finding,
                record,
                compared,
            }
        })
        .collect()
}

/// A rule that misses a value knows its column and no place: the blank cell is the place.
fn point_at_blank(table: &Table<'_>, rows: &mut RowCells<'_>, draft: &mut Draft) {
    let (Some(element), Some(record), None) =
        (&draft.finding.element, draft.record, &draft.finding.path)
    else {
        return;
    };
    if rows.start(record) != Some(draft.offset as usize) {
        return;
    }
    let Some(cells) = rows.of(record) else {
        return;
    };
    let fields = &table.plan.layout().fields;
    let blank = cells.iter().zip(&table.columns.fields).find(|(_, field)| {
        field.is_some_and(|field| fields[usize::from(field)].element == *element)
    });
    if let Some((cell, _)) = blank
        && cell.length == 0
    {
        draft.offset = cell.start;
        draft.length = 0;
    }
}

/// Which cells say whose row it is.
struct Whose<'t> {
    table: Table<'t>,
    /// Columns that identify a row, and their cells, the best first.
    keys: Vec<(usize, usize)>,
    /// The cell that says who provided it.
    provider: Option<usize>,
}

impl<'t> Whose<'t> {
    fn new(table: &Table<'t>) -> Self {
        let place_of = |field: usize| {
            let mut columns = table.columns.fields.iter();
            columns.position(|known| known.map(usize::from) == Some(field))
        };
        let keys = table.plan.keys.iter();
        Self {
            table: *table,
            keys: keys
                .filter_map(|key| Some((*key, place_of(*key)?)))
                .collect(),
            provider: table.plan.provider.and_then(place_of),
        }
    }

    /// Says whose row it is, and which column a rule's finding stands in.
    fn identify(&self, bytes: &[u8], cells: &[Cell], offset: usize, finding: &mut Finding) {
        let Table { plan, columns, .. } = self.table;
        finding.record_key = self.keys.iter().find_map(|(key, place)| {
            let text = cells.get(*place)?.text(bytes);
            (!text.trim().is_empty()).then(|| shown(&plan.fields[*key].facts, text.trim()))
        });
        if let Some(cell) = self.provider.and_then(|place| cells.get(place)) {
            tell_provider(finding, &cell.text(bytes));
        }
        if finding.path.is_some() {
            return;
        }
        let inside = cells.iter().position(|cell| {
            let start = cell.start as usize;
            (start..=start + cell.length as usize).contains(&offset)
        });
        let field = inside
            .and_then(|cell| columns.fields.get(cell).copied().flatten())
            .map(usize::from)
            .filter(|field| {
                let element = &plan.layout().fields[*field].element;
                finding
                    .element
                    .as_ref()
                    .is_none_or(|known| known == element)
            });
        finding.path = Some(match field {
            Some(field) if finding.element.is_some() => self.table.path(field),
            _ => plan.layout().name.clone(),
        });
    }
}

/// What would take the place of the value that a finding is about, where it stands in its cell as it is.
fn fix(
    table: &Table<'_>,
    form: &Form,
    bytes: &[u8],
    cells: &[Cell],
    offset: usize,
    finding: &Finding,
) -> Option<Fix> {
    if !fixes::is_about_value(finding) {
        return None;
    }
    let place = cells
        .iter()
        .position(|cell| cell.start as usize == offset && cell.length > 0)?;
    let field = usize::from(table.columns.fields.get(place).copied().flatten()?);
    let (cell, plan) = (cells[place], &table.plan.fields[field]);
    let layout = table.plan.layout().fields.get(field)?;
    let Cow::Borrowed(text) = cell.text(bytes) else {
        return None;
    };
    let fits = |text: &str| form.takes(cell, bytes, text);
    let right = |text: &str| table.judge(plan, text).is_none() && fits(text);
    let (replacement, action) = match table.judge(plan, text) {
        None => fixes::spaced(&layout.element, text).filter(|(text, _)| right(text))?,
        Some(FaultKind::NotUsed | FaultKind::Missing) => return None,
        Some(_) if text.trim_ascii().is_empty() => {
            (!plan.mandatory && fits("")).then(|| (String::new(), fixes::BLANK))?
        }
        Some(_) => Wrong {
            simple: table.plan.compiled.schema.simple_type(plan.value),
            name: &layout.element,
            text,
        }
        .lossless(&right)?,
    };
    Some(fixes::fix(&plan.facts, text, replacement, action))
}
