//! The columns of a table, filled from captured texts.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use concord_check::wanted::{Cell, SUBMISSION};

use super::{Chosen, Maker, Tally};
use crate::columns::ColumnBuilder;
use crate::conversion::{OutTable, RowSource, Value};
use crate::loss::Losses;

/// Bytes of a chunk whose records are put into columns together: a core's own cache holds them beside the columns.
const AT_HAND: usize = 256 << 10;

/// Columns of a table that are being filled, rows of one record after those of another.
pub(super) struct Filling<'m> {
    table: &'m OutTable,
    /// Those that have a value in some row, with what of their values cannot be carried.
    columns: Vec<Option<(ColumnBuilder, Tally)>>,
    /// The rows that are still to come.
    rest: &'m [Chosen],
    rows: usize,
}

impl Filling<'_> {
    /// Fills in the rows that belong to records before one.
    fn fill_before(&mut self, maker: &Maker<'_>, record: u32) {
        let count = self.rest.partition_point(|row| row.record < record);
        self.fill(maker, count);
    }

    /// Fills in all the rows that are left.
    pub(super) fn fill_rest(&mut self, maker: &Maker<'_>) {
        self.fill(maker, self.rest.len());
    }

    fn fill(&mut self, maker: &Maker<'_>, count: usize) {
        let (mut now, rest) = self.rest.split_at(count);
        self.rest = rest;
        while let Some(first) = now.first() {
            let same = now.iter();
            let same = same.take_while(|other| other.source == first.source);
            let (rows, others) = now.split_at(same.count());
            let source = &self.table.sources[first.source as usize];
            for (number, column) in self.columns.iter_mut().enumerate() {
                if let Some((builder, lost)) = column {
                    maker.fill(builder, source, number, rows, lost);
                }
            }
            now = others;
        }
    }
}

/// Reads a byte of every cache line, in order, which processors do ahead. Columns, whose texts lie far from one another in a
/// document, would wait for each text: rules have looked at other memory since the chunk was checked.
fn at_hand(bytes: &[u8]) {
    const LINE: usize = 64;
    let bytes = bytes.iter().step_by(LINE);
    std::hint::black_box(bytes.fold(0, |sum, byte| sum ^ byte));
}

impl Maker<'_> {
    /// The columns of all tables, of which the rows are given. All of some records are filled in before those of the next ones: their
    /// texts stand side by side, and are read while they are at hand.
    pub(super) fn fill_all<'f>(&'f self, rows: &'f [Vec<Chosen>]) -> Vec<Filling<'f>> {
        let tables = self.conversion.tables.iter().zip(rows);
        let mut filling: Vec<Filling<'_>> = tables
            .map(|(table, rows)| self.filling(table, rows))
            .collect();
        let (records, chunk) = (self.part.records, self.part.chunk);
        let (mut start, mut record) = (0, 0);
        while record < records.len() {
            record += 1;
            let end = records.start(record).unwrap_or(chunk.len());
            if end < start + AT_HAND && record < records.len() {
                continue;
            }
            at_hand(chunk.get(start..end).unwrap_or_default());
            for table in &mut filling {
                table.fill_before(self, record as u32);
            }
            start = end;
        }
        for table in &mut filling {
            table.fill_rest(self);
        }
        filling
    }

    /// Columns of a table before their first row.
    pub(super) fn filling<'f>(&'f self, table: &'f OutTable, rows: &'f [Chosen]) -> Filling<'f> {
        let columns = table.columns.iter().enumerate().map(|(number, column)| {
            let filled = |source: &RowSource| {
                let value = source.values.get(number).and_then(Option::as_ref);
                value.is_some_and(|value| self.may_say(value))
            };
            let filled = !rows.is_empty() && table.sources.iter().any(filled);
            filled.then(|| {
                let builder = ColumnBuilder::new(column.kind, rows.len());
                (builder, Tally::default())
            })
        });
        Filling {
            table,
            columns: columns.collect(),
            rest: rows,
            rows: rows.len(),
        }
    }

    /// The columns behind those of provenance.
    pub(super) fn finish(
        &self,
        filled: Filling<'_>,
        losses: &mut Losses,
        arrays: &mut Vec<ArrayRef>,
    ) {
        let table = filled.table;
        for (column, made) in table.columns.iter().zip(filled.columns) {
            let Some((builder, lost)) = made else {
                let beside = usize::from(column.kind.companion().is_some());
                let fields = &table.schema.fields()[arrays.len()..=arrays.len() + beside];
                let nothing = fields.iter();
                arrays.extend(nothing.map(|field| self.nothing(field.data_type(), filled.rows)));
                continue;
            };
            self.used.borrow_mut().extend(lost.used);
            for (reason, detail, count) in lost.counts {
                losses.add_detail(&column.element, reason, detail.as_deref(), count);
            }
            builder.finish(arrays);
        }
    }

    pub(super) fn nothing(&self, data_type: &DataType, rows: usize) -> ArrayRef {
        self.repeats.nothing(self.conversion, data_type, rows)
    }

    /// Whether a value can be there in some row of the chunk. Most columns of a document stand in few of its records.
    fn may_say(&self, value: &Value) -> bool {
        let may = |cell: &Cell| match cell.table {
            SUBMISSION => self.header.text(cell.column).is_some(),
            table => !self.captured().is_blank(table, cell.column),
        };
        match value {
            Value::Constant(_) => true,
            Value::Text(cell) => may(cell),
            Value::FirstOf(cells, _) | Value::Spread(cells, _) | Value::Point { cells, .. } => {
                cells.iter().any(may)
            }
            Value::Where { value, .. } | Value::KnownTo { value, .. } => self.may_say(value),
        }
    }

    /// Fills a column for rows of one source.
    fn fill(
        &self,
        builder: &mut ColumnBuilder,
        source: &RowSource,
        column: usize,
        rows: &[Chosen],
        lost: &mut Tally,
    ) {
        match source.values.get(column).and_then(Option::as_ref) {
            None => builder.extend(rows.iter().map(|_| None), |_| {}),
            Some(Value::Constant(text)) => {
                let texts = rows.iter().map(|_| Some(text.as_bytes()));
                builder.extend(texts, |reason| lost.add(reason, None));
            }
            Some(Value::Text(cell))
                if cell.table == source.table
                    && cell.table != SUBMISSION
                    && !self.conversion.staged =>
            {
                let (captured, chunk) = (self.captured(), self.part.chunk);
                let table = cell.table;
                if builder.is_text() {
                    let brief =
                        |row: &Chosen| captured.brief(chunk, table, row.row as usize, cell.column);
                    builder.extend_brief(rows.iter().map(brief));
                } else {
                    let text =
                        |row: &Chosen| captured.bytes(chunk, table, row.row as usize, cell.column);
                    builder.extend(rows.iter().map(text), |reason| lost.add(reason, None));
                }
            }
            Some(value) => {
                for row in rows {
                    let text = self.worked_out(source.table, row.row as usize, value, lost);
                    if let Err(reason) = builder.append(text.as_deref()) {
                        lost.add(reason, None);
                    }
                }
            }
        }
    }
}
