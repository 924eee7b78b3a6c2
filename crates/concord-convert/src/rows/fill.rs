//! The columns of a table, filled from captured texts.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use concord_check::wanted::{Cell, SUBMISSION};

use super::{Chosen, Maker, Tally};
use crate::columns::ColumnBuilder;
use crate::conversion::{OutTable, RowSource, Value};
use crate::loss::Losses;

/// Rows whose columns are filled together.
const TOGETHER: usize = 256;

/// Reads a byte of every cache line, in order, which processors do ahead. Rules have looked at other memory since the chunk was
/// checked; columns, whose texts lie far from one another in a document, would wait for each text.
pub(super) fn at_hand(chunk: &[u8]) {
    /// Beyond this a cache that is a core's own does not hold it.
    const MOST: usize = 768 << 10;
    const LINE: usize = 64;
    if chunk.len() <= MOST {
        let bytes = chunk.iter().step_by(LINE);
        std::hint::black_box(bytes.fold(0, |sum, byte| sum ^ byte));
    }
}

impl Maker<'_> {
    /// The columns behind those of provenance.
    pub(super) fn columns(
        &self,
        table: &OutTable,
        chosen: &[Chosen],
        losses: &mut Losses,
        arrays: &mut Vec<ArrayRef>,
    ) {
        let rows = chosen.len();
        let mut columns: Vec<Option<(ColumnBuilder, Tally)>> = Vec::new();
        for (number, column) in table.columns.iter().enumerate() {
            let filled = |source: &RowSource| {
                let value = source.values.get(number).and_then(Option::as_ref);
                value.is_some_and(|value| self.may_say(value))
            };
            let filled = table.sources.iter().any(filled);
            let column = || (ColumnBuilder::new(column.kind, rows), Tally::default());
            columns.push(filled.then(column));
        }
        // All columns of some rows before the next ones: their texts stand side by side, and are read while they are at hand.
        for mut rest in chosen.chunks(TOGETHER) {
            while let Some(first) = rest.first() {
                let same = rest
                    .iter()
                    .take_while(|other| other.source == first.source)
                    .count();
                let source = &table.sources[first.source as usize];
                for (number, column) in columns.iter_mut().enumerate() {
                    if let Some((builder, lost)) = column {
                        self.fill(builder, source, number, &rest[..same], lost);
                    }
                }
                rest = &rest[same..];
            }
        }
        for (column, made) in table.columns.iter().zip(columns) {
            let Some((builder, lost)) = made else {
                let beside = usize::from(column.kind.companion().is_some());
                let fields = &table.schema.fields()[arrays.len()..=arrays.len() + beside];
                let nothing = fields.iter();
                arrays.extend(nothing.map(|field| self.nothing(field.data_type(), rows)));
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
            table => !self.captured().is_blank(self.base + table, cell.column),
        };
        match value {
            Value::Constant(_) => true,
            Value::Text(cell) => may(cell),
            Value::FirstOf(cells, _) | Value::Spread(cells, _) | Value::Point { cells, .. } => {
                cells.iter().any(may)
            }
            Value::Where { value, .. } => self.may_say(value),
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
                let table = self.base + cell.table;
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
