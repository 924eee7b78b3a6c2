//! Where the rows of an input stood, for findings that are known only when their bytes have gone by.

/// The lines of rows, by row number. Rows that follow one another line by line cost nothing.
#[derive(Debug, Default)]
pub(crate) struct RowsIndex {
    stretches: Vec<Stretch>,
}

#[derive(Debug)]
struct Stretch {
    /// The first row, from 0.
    row: u64,
    /// Its line.
    line: u64,
}

impl RowsIndex {
    /// Adds a row whose number is one more than the last one's, or the first of a stretch.
    pub(crate) fn push(&mut self, row: u64, line: u64) {
        let follows = self
            .stretches
            .last()
            .is_some_and(|last| last.line + (row - last.row) == line);
        if !follows {
            self.stretches.push(Stretch { row, line });
        }
    }

    /// Adds rows that are counted from `row` on and stand from `line` on.
    pub(crate) fn append(&mut self, other: &Self, row: u64, line: u64) {
        for stretch in &other.stretches {
            self.push(row + stretch.row, line + stretch.line);
        }
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: u64) -> Option<u64> {
        let after = self.stretches.partition_point(|stretch| stretch.row <= row);
        let stretch = self.stretches.get(after.checked_sub(1)?)?;
        Some(stretch.line + (row - stretch.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_again() {
        let lines = [2, 3, 4, 7, 8, 11, 12];
        let mut index = RowsIndex::default();
        for (row, line) in lines.iter().enumerate() {
            index.push(row as u64, *line);
        }
        assert_eq!(index.stretches.len(), 3);
        for (row, line) in lines.iter().enumerate() {
            assert_eq!(index.line(row as u64), Some(*line));
        }
        assert_eq!(RowsIndex::default().line(0), None);
    }
}
