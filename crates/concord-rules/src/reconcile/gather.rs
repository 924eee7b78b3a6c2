//! Totals as they are gathered: chunk by chunk in any order, then put together in the order of the input.

use std::collections::HashMap;

use concord_check::capture::{Brief, Captured};
use concord_standards::reconcile::{Role, RoleColumns};

use super::totals::{Key, MOST_KEYS, Total, Totals, push};
use crate::tables::{Cell, Tables};

/// What is to be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Totalling {
    /// Nothing but the lines of each provider, year and month: what is needed to know which file replaces which.
    Periods,
    /// The amounts of every combination.
    Amounts,
}

/// Where the values of the roles are captured.
#[derive(Debug)]
pub(crate) struct TotalsPlan {
    table: usize,
    keys: Vec<(Role, Cell)>,
    amount: Option<Cell>,
}

impl TotalsPlan {
    /// Adds the columns to what is captured; `None` when no table has them all.
    pub(crate) fn new(
        tables: &mut Tables<'_>,
        columns: &RoleColumns,
        totalling: Totalling,
    ) -> Option<Self> {
        let wanted = |role: &Role| totalling == Totalling::Amounts || Role::PERIOD.contains(role);
        let columns: Vec<_> = columns
            .columns
            .iter()
            .filter(|(role, _)| wanted(role))
            .collect();
        let names: Vec<String> = columns.iter().map(|(_, name)| name.to_string()).collect();
        let table = tables.records_with(&names).ok()?;
        let mut plan = Self {
            table,
            keys: Vec::new(),
            amount: None,
        };
        for (role, name) in columns {
            let cell = tables.own_column(name, table).ok()?;
            if *role == Role::Amount {
                plan.amount = Some(cell);
            } else {
                plan.keys.push((*role, cell));
            }
        }
        Some(plan)
    }

    /// Adds up the rows of a chunk.
    pub(crate) fn gather(&self, captured: &Captured, chunk: &[u8]) -> ChunkTotals {
        let rows = &captured.groups[self.table];
        let mut lines = LineFeeds::new(chunk);
        let mut known: HashMap<Key, usize> = HashMap::new();
        let mut totals: Vec<Total> = Vec::new();
        // Rows of one combination often stand together.
        let mut last: Option<usize> = None;
        let mut key = Vec::new();
        let mut parts = vec![Brief::Absent; self.keys.len()];
        for row in 0..rows.len() {
            let text = |cell: Cell| captured.bytes(chunk, cell.table, row, cell.column);
            let mut same = last.is_some();
            for (part, (_, cell)) in parts.iter_mut().zip(&self.keys) {
                let now = captured.brief(chunk, cell.table, row, cell.column);
                same &= *part == now;
                *part = now;
            }
            let index = match last {
                Some(index) if same => index,
                _ => {
                    key.clear();
                    for (number, (role, cell)) in self.keys.iter().enumerate() {
                        push(&mut key, number, *role, text(*cell).unwrap_or_default());
                    }
                    if let Some(&index) = known.get(key.as_slice()) {
                        index
                    } else {
                        known.insert(key.as_slice().into(), totals.len());
                        totals.push(Total::default());
                        totals.len() - 1
                    }
                }
            };
            let amount = self.amount.and_then(text);
            totals[index].add(amount, || lines.before(rows.offsets[row] as usize));
            last = Some(index);
        }
        let mut keys: Vec<(Key, usize)> = known.into_iter().collect();
        keys.sort_unstable_by_key(|(_, index)| *index);
        let keys = keys.into_iter().map(|(key, _)| key);
        ChunkTotals {
            of: keys.zip(totals).collect(),
            lines: lines.before(chunk.len()),
        }
    }

    /// What is known of a file when it has been read.
    pub(crate) fn finish(&self, state: FileTotals) -> Totals {
        Totals {
            roles: self.keys.iter().map(|(role, _)| *role).collect(),
            of: state.of.into_iter().collect(),
            amounts: self.amount.is_some(),
            too_many: state.too_many,
        }
    }
}

/// The totals of a chunk; lines are counted from 0 in it.
#[derive(Debug, Clone, Default)]
pub struct ChunkTotals {
    of: Vec<(Key, Total)>,
    /// Line feeds in the chunk.
    lines: u64,
}

/// The totals of a file as far as it has been put together.
#[derive(Debug, Default)]
pub struct FileTotals {
    of: HashMap<Key, Total>,
    lines: u64,
    too_many: bool,
}

impl FileTotals {
    /// Adds the next chunk.
    pub(crate) fn fold(&mut self, chunk: ChunkTotals) {
        let before = self.lines + 1;
        self.lines += chunk.lines;
        if self.too_many {
            return;
        }
        for (key, later) in chunk.of {
            self.of.entry(key).or_default().append(&later, before);
        }
        if self.of.len() > MOST_KEYS {
            self.too_many = true;
            self.of = HashMap::new();
        }
    }
}

/// Counts line feeds before offsets that do not go back.
pub(crate) struct LineFeeds<'b> {
    bytes: &'b [u8],
    at: usize,
    counted: u64,
}

impl<'b> LineFeeds<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            counted: 0,
        }
    }

    pub(crate) fn before(&mut self, offset: usize) -> u64 {
        let offset = offset.clamp(self.at, self.bytes.len());
        self.counted += memchr::memchr_iter(b'\n', &self.bytes[self.at..offset]).count() as u64;
        self.at = offset;
        self.counted
    }
}

#[cfg(test)]
mod tests {
    use concord_check::capture::{CaptureColumn, CaptureGroup, CapturePlan};

    use super::*;

    /// Rows of `month,amount`, one a line.
    fn gathered(plan: &TotalsPlan, chunk: &str) -> ChunkTotals {
        let group = CaptureGroup {
            columns: vec![CaptureColumn::default(), CaptureColumn::default()],
            ..CaptureGroup::default()
        };
        let mut captured = Captured::new(&CapturePlan {
            groups: vec![group],
        });
        let mut at = 0;
        for line in chunk.split_inclusive('\n') {
            let (month, amount) = line.trim_end().split_once(',').unwrap_or_default();
            let row = captured.add_row(0, 0, 0, at);
            captured.put_span(0, row, 0, at, month.len() as u32);
            let start = at + month.len() as u32 + 1;
            captured.put_span(0, row, 1, start, amount.len() as u32);
            at += line.len() as u32;
        }
        plan.gather(&captured, chunk.as_bytes())
    }

    fn plan() -> TotalsPlan {
        let cell = |column| Cell { table: 0, column };
        TotalsPlan {
            table: 0,
            keys: vec![(Role::Month, cell(0))],
            amount: Some(cell(1)),
        }
    }

    #[test]
    fn chunks_give_the_same_totals_wherever_they_are_cut() {
        let lines = [
            "1,0.10\n",
            "2,5\n",
            "2,5\n",
            "01,0.20\n",
            "1,x\n",
            "3,-1\n",
            "1,1\n",
        ];
        let plan = plan();
        let totals = |pieces: &[&[&str]]| {
            let mut file = FileTotals::default();
            for piece in pieces {
                file.fold(gathered(&plan, &piece.concat()));
            }
            plan.finish(file)
        };
        let whole = totals(&[&lines]);
        for cut in 1..lines.len() {
            assert_eq!(totals(&[&lines[..cut], &lines[cut..]]), whole);
        }
        let each: Vec<&[&str]> = lines.chunks(1).collect();
        assert_eq!(totals(&each), whole);
        let first = &whole.of[&b"1"[..]];
        assert_eq!((first.lines, first.unread), (4, 1));
        assert_eq!(first.first_lines(), [1, 4, 5, 7]);
        assert_eq!(first.amount.to_string(), "1.30");
    }

    #[test]
    fn a_file_of_too_many_combinations_is_given_up() {
        let of = (0..=MOST_KEYS)
            .map(|number| (number.to_string().into_bytes().into(), Total::default()));
        let mut file = FileTotals::default();
        file.fold(ChunkTotals {
            of: of.collect(),
            lines: 1,
        });
        assert!(plan().finish(file).too_many());
    }
}
