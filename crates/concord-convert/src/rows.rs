//! The rows that come out of one chunk.

mod fill;
mod repeats;
mod worked_out;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, new_null_array};
use arrow_schema::DataType;
use concord_check::Part;
use concord_check::capture::Captured;
use concord_check::wanted::{self, Cell, SUBMISSION};

use crate::conversion::{Above, Conversion, OutTable, Taker};
use crate::effects::Effects;
use crate::loss::{LossReason, Losses};

pub(crate) use repeats::Repeats;

use fill::Filling;

/// Texts of the file's header, by column of the captured table of the submission.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeaderTexts {
    texts: Vec<Option<Arc<str>>>,
}

impl HeaderTexts {
    /// Takes them from what stands before the first record.
    pub(crate) fn of(conversion: &Conversion, head: &Part<'_>) -> Self {
        let columns = conversion.capture.groups[SUBMISSION].columns.len();
        let known = !head.captured.groups[SUBMISSION].is_empty();
        let text = |column| {
            let text = head.captured.text(head.chunk, SUBMISSION, 0, column);
            text.map(Arc::from)
        };
        Self {
            texts: (0..columns)
                .map(|column| text(column).filter(|_| known))
                .collect(),
        }
    }

    /// Adds what stands behind the last record.
    pub(crate) fn add_trailer(&mut self, last: &Part<'_>) {
        if last.captured.groups[SUBMISSION].is_empty() {
            return;
        }
        for (column, known) in self.texts.iter_mut().enumerate() {
            if known.is_none() {
                let text = last.captured.text(last.chunk, SUBMISSION, 0, column);
                *known = text.map(Arc::from);
            }
        }
    }

    fn text(&self, column: usize) -> Option<&[u8]> {
        self.texts.get(column)?.as_deref().map(str::as_bytes)
    }
}

/// The rows of one table, without the number of the chunk's first record.
#[derive(Debug)]
pub(crate) struct MadeTable {
    /// The record of each row, from 0 in the chunk.
    pub(crate) records: Vec<u32>,
    /// The columns in the order of the schema; those of record and effect are put in when their values are known.
    pub(crate) arrays: Vec<ArrayRef>,
}

/// Column of `source_record` and of `source_effect` among those of provenance.
const RECORD: usize = 3;
const EFFECT: usize = 4;

impl MadeTable {
    /// The rows as they are when everything about their records is known; `first` is the number of the chunk's first
    /// record, from 0.
    pub(crate) fn batch(
        mut self,
        table: &OutTable,
        first: u64,
        effects: &Effects,
    ) -> Result<RecordBatch, arrow_schema::ArrowError> {
        let numbers = self.records.iter();
        let numbers = numbers.map(|record| match *record {
            SUBMISSION_ROW => 0,
            record => i64::try_from(first + u64::from(record) + 1).unwrap_or(i64::MAX),
        });
        self.arrays[RECORD] = Arc::new(Int64Array::from_iter_values(numbers));
        let found = |record: &u32| effects.of_record(*record);
        if self.records.iter().any(|record| found(record).is_some()) {
            let mut texts = StringBuilder::with_capacity(self.records.len(), 0);
            for record in &self.records {
                texts.append_option(found(record).map(concord_finding::Effect::as_str));
            }
            self.arrays[EFFECT] = Arc::new(texts.finish());
        } else {
            self.arrays[EFFECT] = new_null_array(&DataType::Utf8, self.records.len());
        }
        RecordBatch::try_new(Arc::clone(&table.schema), self.arrays)
    }

    /// Leaves out the rows of rejected records.
    pub(crate) fn without_rejected(
        self,
        effects: &Effects,
    ) -> Result<Self, arrow_schema::ArrowError> {
        let keep: arrow_array::BooleanArray = self
            .records
            .iter()
            .map(|record| Some(!effects.rejects(*record)))
            .collect();
        let mut records = self.records;
        records.retain(|record| !effects.rejects(*record));
        let arrays = self.arrays.iter().enumerate();
        let arrays = arrays.map(|(column, array)| match column {
            RECORD | EFFECT => Ok(Arc::clone(array)), // not there yet
            _ => arrow_select::filter::filter(array, &keep),
        });
        Ok(Self {
            records,
            arrays: arrays.collect::<Result<_, _>>()?,
        })
    }
}

/// The record of the row that stands for the submission, which is in none.
const SUBMISSION_ROW: u32 = u32::MAX;

/// A row that is made: of which source, and which captured row of it.
#[derive(Debug, Clone, Copy)]
struct Chosen {
    record: u32,
    source: u32,
    row: u32,
}

/// Makes the rows of a chunk.
pub(crate) struct Maker<'m> {
    pub(crate) conversion: &'m Conversion,
    pub(crate) part: &'m Part<'m>,
    pub(crate) header: &'m HeaderTexts,
    /// Columns that are made once.
    pub(crate) repeats: &'m Repeats,
    /// Captured texts that went somewhere, where that is accounted for text by text: table, column, row.
    pub(crate) used: RefCell<BTreeSet<(usize, usize, usize)>>,
}

impl Maker<'_> {
    /// The rows of every table whose records `keep` wants.
    pub(crate) fn tables(&self, keep: impl Fn(u32) -> bool, losses: &mut Losses) -> Vec<MadeTable> {
        let mut sequences: Vec<Vec<Vec<u32>>> = Vec::with_capacity(self.conversion.tables.len());
        let mut made = Vec::with_capacity(self.conversion.tables.len());
        let all = self.choose_all(&keep);
        let filled = self.fill_all(&all);
        let tables = self.conversion.tables.iter().zip(&all);
        for ((table, chosen), filled) in tables.zip(filled) {
            let mut own: Vec<Vec<u32>> = table
                .sources
                .iter()
                .map(|source| vec![0; self.captured().groups[source.table].len().max(1)])
                .collect();
            let sequence = number(chosen, &mut own);
            made.push(self.make((table, chosen, filled), sequence, &sequences, losses));
            sequences.push(own);
        }
        self.without_place(&keep, losses);
        self.untaken(&sequences, &keep, losses);
        self.unused(&keep, losses);
        made
    }

    /// The rows that stand for the submission as a whole, with the numbers of their tables.
    pub(crate) fn submission(&self, losses: &mut Losses) -> Vec<(usize, MadeTable)> {
        let tables = self.conversion.tables.iter().enumerate();
        tables
            .filter_map(|(number, table)| {
                let source = table
                    .sources
                    .iter()
                    .position(|source| source.table == SUBMISSION)?;
                let chosen = [Chosen {
                    record: SUBMISSION_ROW,
                    source: source as u32,
                    row: 0,
                }];
                let mut filled = self.filling(table, &chosen);
                filled.fill_rest(self);
                let made = self.make((table, &chosen, filled), vec![1], &[], losses);
                Some((number, made))
            })
            .collect()
    }

    /// Counts the values of the header and the trailer that have no place.
    pub(crate) fn submission_without_place(&self, losses: &mut Losses) {
        for (cell, element) in &self.conversion.without_place {
            if cell.table == SUBMISSION && self.header.text(cell.column).is_some() {
                losses.add(element, LossReason::NoPlace, 1);
            }
        }
    }

    fn captured(&self) -> &Captured {
        self.part.captured
    }

    /// The rows of every table. A row in which another one lies is made even if nothing else stands in it, so that the other
    /// can say where it lies; but not one of the whole record, in which everything lies.
    fn choose_all(&self, keep: &impl Fn(u32) -> bool) -> Vec<Vec<Chosen>> {
        let tables = &self.conversion.tables;
        let held = |table: &OutTable| vec![Vec::new(); table.sources.len()];
        let mut holds: Vec<Vec<Vec<bool>>> = tables.iter().map(held).collect();
        let mut all: Vec<Vec<Chosen>> = vec![Vec::new(); tables.len()];
        for (number, table) in tables.iter().enumerate().rev() {
            let chosen = self.choose(table, keep, &holds[number]);
            if let Some(parent) = table.parent {
                for row in &chosen {
                    if let Some((source, row)) = self.parent_of(table, *row) {
                        let above = &tables[parent].sources[source];
                        let captured = above.table;
                        if captured == wanted::RECORD && above.numbers.is_empty() {
                            continue;
                        }
                        let held = &mut holds[parent][source];
                        held.resize(self.captured().groups[captured].len(), false);
                        held[row] = true;
                    }
                }
            }
            all[number] = chosen;
        }
        all
    }

    fn choose(
        &self,
        table: &OutTable,
        keep: &impl Fn(u32) -> bool,
        holds: &[Vec<bool>],
    ) -> Vec<Chosen> {
        let mut chosen = Vec::new();
        for (number, source) in table.sources.iter().enumerate() {
            if source.table == SUBMISSION {
                continue;
            }
            let rows = &self.captured().groups[source.table];
            for (row, &record) in rows.records.iter().enumerate() {
                let made = source.keep_empty
                    || self.has_any(source.table, row, &source.own)
                    || self.has_where(source, row)
                    || holds[number].get(row) == Some(&true);
                if made && keep(record) && self.hold(&source.tests, source.table, row) {
                    chosen.push(Chosen {
                        record,
                        source: number as u32,
                        row: row as u32,
                    });
                }
            }
        }
        if table.sources.len() > 1 {
            chosen.sort_by_key(|chosen| chosen.record);
        }
        chosen
    }

    fn has_any(&self, table: usize, row: usize, columns: &[usize]) -> bool {
        columns.iter().any(|column| {
            let text = self.captured().bytes(self.part.chunk, table, row, *column);
            text.is_some()
        })
    }

    /// The row of the table `to` in which a row lies.
    fn above(&self, mut table: usize, mut row: usize, to: usize) -> Option<usize> {
        while table != to {
            let parent = self.conversion.capture.groups[table].parent?;
            row = *self.captured().groups[table].parents.get(row)? as usize;
            table = parent;
        }
        Some(row)
    }

    fn text(&self, table: usize, row: usize, cell: Cell) -> Option<&[u8]> {
        if cell.table == SUBMISSION {
            return self.header.text(cell.column);
        }
        let row = self.above(table, row, cell.table)?;
        self.captured()
            .bytes(self.part.chunk, cell.table, row, cell.column)
    }

    fn make(
        &self,
        (table, chosen, filled): (&OutTable, &[Chosen], Filling<'_>),
        sequence: Vec<i64>,
        sequences: &[Vec<Vec<u32>>],
        losses: &mut Losses,
    ) -> MadeTable {
        let rows = chosen.len();
        if rows == 0 {
            let fields = table.schema.fields().iter();
            return MadeTable {
                records: Vec::new(),
                arrays: fields
                    .map(|field| self.nothing(field.data_type(), 0))
                    .collect(),
            };
        }
        let mut decided = Tally::default();
        for row in chosen.iter().filter(|row| row.record != SUBMISSION_ROW) {
            let source = &table.sources[row.source as usize];
            self.mark_tests(&source.tests, source.table, row.row as usize, &mut decided);
        }
        self.used.borrow_mut().extend(decided.used);
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(table.schema.fields().len());
        let interchange = self
            .conversion
            .interchange
            .and_then(|cell| self.header.text(cell.column))
            .and_then(|text| std::str::from_utf8(text).ok());
        let texts = [
            self.part.standard.map(|name| &**name),
            Some(&**self.part.file),
            interchange,
        ];
        for (place, text) in texts.into_iter().enumerate() {
            arrays.push(match text {
                Some(text) => self.repeats.text(place, text, rows),
                None => self.nothing(&DataType::Utf8, rows),
            });
        }
        arrays.push(new_null_array(&DataType::Int64, 0));
        arrays.push(new_null_array(&DataType::Utf8, 0));
        arrays.push(Arc::new(Int64Array::from(sequence)));
        arrays.push(Arc::new(self.parent_sequences(table, chosen, sequences)));
        self.finish(filled, losses, &mut arrays);
        MadeTable {
            records: chosen.iter().map(|chosen| chosen.record).collect(),
            arrays,
        }
    }

    /// The source of the parent entity, and the captured row of it, in whose row a row lies.
    fn parent_of(&self, table: &OutTable, row: Chosen) -> Option<(usize, usize)> {
        let parents = &self.conversion.tables[table.parent?].sources;
        let source = &table.sources[row.source as usize];
        match source.parent? {
            Above::Rows(number) => {
                let to = parents[number].table;
                Some((number, self.above(source.table, row.row as usize, to)?))
            }
            Above::OneOfRecord(number) => {
                let rows = &self.captured().groups[parents[number].table];
                Some((number, rows.records.binary_search(&row.record).ok()?))
            }
        }
    }

    fn parent_sequences(
        &self,
        table: &OutTable,
        chosen: &[Chosen],
        sequences: &[Vec<Vec<u32>>],
    ) -> Int64Array {
        let above = table.parent.and_then(|parent| sequences.get(parent));
        let sequence = |row: &Chosen| {
            let (source, row) = self.parent_of(table, *row)?;
            let sequence = *above?.get(source)?.get(row)?;
            (sequence > 0).then_some(i64::from(sequence))
        };
        chosen.iter().map(sequence).collect()
    }

    /// Counts the values that are carried in some circumstances only, where nothing took them: no source of them made a row,
    /// as the `sequences` by table, source and captured row show.
    fn untaken(
        &self,
        sequences: &[Vec<Vec<u32>>],
        keep: &impl Fn(u32) -> bool,
        losses: &mut Losses,
    ) {
        for depending in &self.conversion.depending {
            let table = depending.table;
            let takes = |taker: &Taker, row: usize| {
                let tests = taker.tests.as_ref();
                sequences[taker.table][taker.source][row] > 0
                    && tests.is_none_or(|tests| self.hold(tests, table, row))
            };
            let records = self.captured().groups[table].records.iter().enumerate();
            let kept = records.filter(|(_, record)| keep(**record));
            let lost = kept.filter(|(row, _)| {
                let mut takers = depending.takers.iter();
                !takers.any(|taker| takes(taker, *row))
            });
            let lost: Vec<usize> = lost.map(|(row, _)| row).collect();
            for (column, element) in &depending.columns {
                let said = lost.iter().filter(|row| self.says(table, **row, *column));
                let why = Some(&*depending.why);
                losses.add_detail(element, LossReason::NoPlace, why, said.count() as u64);
            }
        }
    }

    /// Whether something stands in a captured place besides blanks.
    fn says(&self, table: usize, row: usize, column: usize) -> bool {
        let text = self.captured().bytes(self.part.chunk, table, row, column);
        text.is_some_and(|text| !text.trim_ascii().is_empty())
    }

    /// Counts the values that have no place.
    fn without_place(&self, keep: &impl Fn(u32) -> bool, losses: &mut Losses) {
        for (cell, element) in &self.conversion.without_place {
            if cell.table == SUBMISSION {
                continue;
            }
            let rows = &self.captured().groups[cell.table];
            let there = |row: &usize| {
                keep(rows.records[*row]) && self.has_any(cell.table, *row, &[cell.column])
            };
            let count = (0..rows.len()).filter(there).count();
            losses.add(element, LossReason::NoPlace, count as u64);
        }
    }
}

/// Numbers the rows of each record from 1, and notes the numbers by captured row.
fn number(chosen: &[Chosen], own: &mut [Vec<u32>]) -> Vec<i64> {
    let (mut record, mut next) = (None, 0);
    let mut numbers = Vec::with_capacity(chosen.len());
    for row in chosen {
        next = if record == Some(row.record) {
            next + 1
        } else {
            1
        };
        record = Some(row.record);
        own[row.source as usize][row.row as usize] = next;
        numbers.push(i64::from(next));
    }
    numbers
}

/// Losses of one column in one chunk.
#[derive(Debug, Default)]
struct Tally {
    counts: Vec<(LossReason, Option<String>, u64)>,
    /// Captured texts that went somewhere: table, column, row.
    used: Vec<(usize, usize, usize)>,
}

impl Tally {
    fn add(&mut self, reason: LossReason, detail: Option<&str>) {
        let same = |known: &&mut (LossReason, Option<String>, u64)| {
            known.0 == reason && known.1.as_deref() == detail
        };
        match self.counts.iter_mut().find(same) {
            Some((.., count)) => *count += 1,
            None => self.counts.push((reason, detail.map(str::to_owned), 1)),
        }
    }
}
