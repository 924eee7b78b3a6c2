//! Records of several lines: which line a column stands in, and a record put into its lines.

use std::sync::Arc;

use super::Field;

/// How the lines of a record belong together, each of which begins with the code of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinesForm {
    /// The code that the first line of a record begins with.
    pub first: Arc<str>,
    /// The characters that every line of a record repeats: the first, from 0, and how many.
    pub shared: (u32, u32),
    /// The characters of the number that a line has among those of its kind; those of a second number follow.
    pub numbers: (u32, u32),
}

/// A line of a record: its code, and which of its kind it is, where the kind is numbered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineOf {
    /// What it begins with.
    pub code: Arc<str>,
    /// Its numbers, from 1, the outer one first.
    pub numbers: Vec<u32>,
}

impl std::fmt::Display for LineOf {
    /// As `fields.csv` writes it: `07/1/3`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.code)?;
        self.numbers
            .iter()
            .try_for_each(|number| write!(formatter, "/{number}"))
    }
}

/// Puts the cells of records into lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSeats {
    form: LinesForm,
    /// The lines in the order of their columns, the first one first.
    lines: Vec<SeatedLine>,
    /// Columns that hold the codes of lines without a place.
    strays: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SeatedLine {
    line: LineOf,
    /// Columns, and the characters of each.
    cells: Vec<(usize, (u32, u32))>,
}

impl LineSeats {
    /// The lines of a table with these columns.
    pub fn new(form: &LinesForm, fields: &[Field]) -> Self {
        let mut lines = vec![SeatedLine {
            line: LineOf {
                code: Arc::clone(&form.first),
                numbers: Vec::new(),
            },
            cells: Vec::new(),
        }];
        let mut strays = Vec::new();
        for (column, field) in fields.iter().enumerate() {
            let (Some(line), Some(span)) = (&field.line, field.span) else {
                strays.push(column);
                continue;
            };
            // Columns of a line mostly follow one another.
            match lines.iter_mut().rfind(|known| known.line == *line) {
                Some(known) => known.cells.push((column, span)),
                None => lines.push(SeatedLine {
                    line: line.clone(),
                    cells: vec![(column, span)],
                }),
            }
        }
        Self {
            form: form.clone(),
            lines,
            strays,
        }
    }

    /// Leaves a column out of those that cells are given for.
    pub fn leave_out(&mut self, column: usize) {
        for seated in &mut self.lines {
            seated.cells.retain(|(known, _)| *known != column);
            for (known, _) in &mut seated.cells {
                *known -= usize::from(*known > column);
            }
        }
        self.strays.retain(|known| *known != column);
        for known in &mut self.strays {
            *known -= usize::from(*known > column);
        }
    }

    /// The lines of a record that have something in them, and the first one whatever it has. Cells are as many as there are
    /// columns; what is too wide for its characters is cut. The characters that all lines repeat are those of the first
    /// one; where it has none there, the number of the record.
    pub fn lines(&self, cells: &[String], number: u64) -> Vec<String> {
        let text = |column: usize| cells.get(column).map_or("", String::as_str);
        let mut written: Vec<String> = Vec::new();
        let mut shared = String::new();
        for (at, seated) in self.lines.iter().enumerate() {
            let filled = seated
                .cells
                .iter()
                .any(|(column, _)| !text(*column).is_empty());
            if at > 0 && !filled {
                continue;
            }
            let mut line = Characters::default();
            line.put((0, u32::MAX), &seated.line.code);
            line.put(self.form.shared, &shared);
            let (mut start, width) = self.form.numbers;
            for number in &seated.line.numbers {
                let digits = width as usize;
                line.put((start, width), &format!("{number:0digits$}"));
                start = start.saturating_add(width);
            }
            for (column, span) in &seated.cells {
                line.put(*span, text(*column));
            }
            if at == 0 {
                let digits = (self.form.shared.1 as usize).min(20);
                shared = line.taken(self.form.shared);
                if shared.trim().is_empty() {
                    shared = format!("{number:0digits$}");
                    line.put(self.form.shared, &shared);
                }
            }
            written.push(line.0.into_iter().collect());
        }
        let strays = self.strays.iter().map(|column| text(*column));
        for code in strays.filter(|code| !code.is_empty()) {
            let mut line = Characters::default();
            line.put((0, u32::MAX), code);
            line.put(self.form.shared, &shared);
            written.push(line.0.into_iter().collect());
        }
        written
    }
}

/// The characters of a line.
#[derive(Default)]
struct Characters(Vec<char>);

impl Characters {
    /// Puts a text at its characters, with blanks up to where it begins and behind it.
    fn put(&mut self, (start, width): (u32, u32), text: &str) {
        let (start, text) = (start as usize, text.chars().take(width as usize));
        let wanted = if width == u32::MAX {
            start
        } else {
            start.saturating_add(width as usize)
        };
        if self.0.len() < wanted {
            self.0.resize(wanted, ' ');
        }
        for (at, character) in text.enumerate() {
            match self.0.get_mut(start + at) {
                Some(there) => *there = character,
                None => self.0.push(character),
            }
        }
    }

    /// The text at some characters.
    fn taken(&self, (start, width): (u32, u32)) -> String {
        let characters = self.0.iter().skip(start as usize).take(width as usize);
        characters.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Mandation;
    use crate::schema::{Origin, SimpleTypeId};

    fn field(line: Option<(&str, &[u32])>, span: (u32, u32)) -> Field {
        Field {
            column: "C".into(),
            element: "C".into(),
            group: "".into(),
            mandation: Mandation::Optional,
            format: "".into(),
            value: SimpleTypeId(0),
            code_list: None,
            personal: false,
            position: 1,
            span: Some(span),
            line: line.map(|(code, numbers)| LineOf {
                code: code.into(),
                numbers: numbers.to_vec(),
            }),
            presence_rule: None,
            format_rule: None,
            code_rule: None,
            source: "".into(),
            confidence: "".into(),
            origin: Origin::default(),
        }
    }

    #[test]
    fn cells_stand_in_the_lines_that_they_fill() {
        let form = LinesForm {
            first: "01".into(),
            shared: (2, 4),
            numbers: (6, 2),
        };
        let fields = [
            field(Some(("01", &[])), (2, 4)),
            field(Some(("01", &[])), (6, 3)),
            field(Some(("07", &[1, 12])), (10, 2)),
            field(Some(("07", &[2, 1])), (10, 2)),
            field(None, (0, 2)),
        ];
        let mut seats = LineSeats::new(&form, &fields);
        let cells = |texts: [&str; 5]| texts.map(str::to_owned);
        assert_eq!(
            seats.lines(&cells(["AB", "é", "", "xyz", "99"]), 7),
            ["01AB  é  ", "07AB  0201xy", "99AB  "]
        );
        assert_eq!(
            seats.lines(&cells(["", "", "w", "", ""]), 7),
            ["010007   ", "0700070112w "],
            "a record without an identifier is called by its number"
        );
        seats.leave_out(1);
        let fewer = ["AB", "w", "", ""].map(str::to_owned);
        assert_eq!(seats.lines(&fewer, 7), ["01AB  ", "07AB  0112w "]);
    }
}
