//! A table as cells, which can be changed before it is written.
//!
//! A sheet can be made of any table of any layout, with a header or without, delimited or of fixed width. Where the maker of
//! realistic rows says what a column does not take, because the definition is not one that it knows, the cell is left blank
//! or given the smallest value that the column takes.

use std::sync::Arc;

use concord_standards::definition::Definition;
use concord_standards::layout::{HeaderUse, LineSeats, TableLayout};

use super::faults::Faults;
use super::judge::Judge;
use super::pen::{Pen, Row, quoted};
use super::submission::Submission;
use super::{Rows, TableSampleError};
use crate::Dice;
use crate::value::{Extent, Values};

/// A table as cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Names of the columns, in order.
    pub columns: Vec<Arc<str>>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<String>>,
    form: Form,
}

/// How a sheet is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Delimited {
        delimiter: u8,
        header: bool,
    },
    FixedWidth {
        /// First character and number of characters of each column.
        spans: Vec<(u32, u32)>,
        length: Option<u32>,
    },
    /// Each column at its characters of one of several lines.
    Lines(Box<LineSeats>),
}

impl Sheet {
    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| **column == *name)
    }

    /// Takes a column out. Whether there was one.
    pub fn leave_out(&mut self, name: &str) -> bool {
        let Some(at) = self.column(name) else {
            return false;
        };
        self.columns.remove(at);
        for row in &mut self.rows {
            row.remove(at);
        }
        match &mut self.form {
            Form::Delimited { .. } => {}
            Form::FixedWidth { spans, .. } => {
                spans.remove(at);
            }
            Form::Lines(seats) => seats.leave_out(at),
        }
        true
    }

    /// The same without the names of the columns.
    #[must_use]
    pub fn without_header(mut self) -> Self {
        if let Form::Delimited { header, .. } = &mut self.form {
            *header = false;
        }
        self
    }

    /// Whether the first line names the columns.
    pub fn has_header(&self) -> bool {
        matches!(self.form, Form::Delimited { header: true, .. })
    }

    /// The sheet as a file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.form {
            Form::Delimited { delimiter, header } => {
                if *header {
                    line(
                        self.columns.iter().map(|name| &**name),
                        *delimiter,
                        &mut out,
                    );
                }
                for row in &self.rows {
                    line(row.iter().map(String::as_str), *delimiter, &mut out);
                }
            }
            Form::FixedWidth { spans, length } => {
                for row in &self.rows {
                    fixed(row, spans, *length, &mut out);
                }
            }
            Form::Lines(seats) => {
                for (row, number) in self.rows.iter().zip(1..) {
                    for line in seats.lines(row, number) {
                        out.extend_from_slice(line.as_bytes());
                        out.extend_from_slice(b"\r\n");
                    }
                }
            }
        }
        out
    }
}

fn line<'c>(cells: impl Iterator<Item = &'c str>, delimiter: u8, out: &mut Vec<u8>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            out.push(delimiter);
        }
        quoted(cell, delimiter, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn fixed(row: &[String], spans: &[(u32, u32)], length: Option<u32>, out: &mut Vec<u8>) {
    let end = |(start, width): &(u32, u32)| start.saturating_add(*width);
    let whole = spans
        .iter()
        .map(end)
        .max()
        .unwrap_or(0)
        .max(length.unwrap_or(0));
    let mut characters = vec![' '; whole.min(LONGEST) as usize];
    for (cell, (start, width)) in row.iter().zip(spans) {
        let place = characters
            .iter_mut()
            .skip(*start as usize)
            .take(*width as usize);
        for (there, character) in place.zip(cell.chars()) {
            *there = character;
        }
    }
    out.extend(characters.iter().collect::<String>().into_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Longest line of fixed width that is written.
const LONGEST: u32 = 1 << 20;

/// Makes sheets of one table.
pub struct Sheets<'d> {
    definition: &'d Definition,
    table: &'d TableLayout,
    rows: Rows,
    judge: Judge,
    values: Values<'d>,
}

/// A file in which a rule is broken.
#[derive(Debug, Clone)]
pub struct BrokenTable {
    /// The file.
    pub text: Vec<u8>,
    /// The same as cells, where it can be read as such.
    pub sheet: Option<Sheet>,
}

const SEED: u64 = 1;

impl<'d> Sheets<'d> {
    /// For a table of a standard.
    ///
    /// # Errors
    /// [`TableSampleError`] when the values of the standard make no sense.
    pub fn new(
        definition: &'d Definition,
        table: &'d TableLayout,
    ) -> Result<Self, TableSampleError> {
        let submission = Submission::new(definition, None, SEED, false)?;
        Ok(Self {
            definition,
            table,
            rows: Rows::new(definition, table, submission, SEED),
            judge: Judge::new(definition, table)?,
            values: Values::new(&definition.schema),
        })
    }

    /// So many rows whose values the columns take, from a number on: other numbers give other rows.
    pub fn valid(&mut self, first: u64, rows: u64) -> Sheet {
        let mut sheet = self.empty();
        let mut row = Row::default();
        for number in first..first.saturating_add(rows) {
            self.rows.draw(number, &mut row);
            let mut cells = row.cells.clone();
            for (field, cell) in cells.iter_mut().enumerate() {
                if cell.contains(['\n', '\r']) {
                    *cell = cell.replace(['\n', '\r'], " ");
                }
                if !self.fits(field, cell) {
                    *cell = self.least(field);
                }
            }
            if cells.iter().all(String::is_empty) {
                self.fill_one(&mut cells, number as usize);
            }
            sheet.rows.push(cells);
        }
        sheet
    }

    /// A sheet of another table, made to fit this one: values that its columns take are kept, others are left blank or made
    /// new, columns that it does not have are left out. The columns of `except` stay as they are, or stay away.
    pub fn fitted(&mut self, sheet: &Sheet, except: &[&str]) -> Sheet {
        let mut fitted = self.empty();
        if self.table.header == HeaderUse::Optional && !sheet.has_header() {
            fitted = fitted.without_header();
        }
        let mut from: Vec<Option<usize>> = Vec::new();
        for number in (0..fitted.columns.len()).rev() {
            let name = Arc::clone(&fitted.columns[number]);
            if sheet.column(&name).is_none() && except.contains(&&*name) {
                fitted.leave_out(&name);
            }
        }
        for name in &fitted.columns {
            from.push(sheet.column(name));
        }
        if let Form::Delimited { .. } = fitted.form {
            for (at, name) in sheet.columns.iter().enumerate() {
                if except.contains(&&**name) && fitted.column(name).is_none() {
                    let place = at.min(fitted.columns.len());
                    fitted.columns.insert(place, Arc::clone(name));
                    from.insert(place, Some(at));
                }
            }
        }
        for row in &sheet.rows {
            let mut cells = Vec::with_capacity(from.len());
            for (name, from) in fitted.columns.iter().zip(&from) {
                let given = from.and_then(|at| row.get(at)).cloned();
                let field = self.table.field(name).map(|(field, _)| field);
                let cell = match (given, field) {
                    (Some(given), _) if except.contains(&&**name) => given,
                    (Some(given), Some(field)) if self.fits(field, &given) => given,
                    (_, Some(field)) => self.least(field),
                    (given, None) => given.unwrap_or_default(),
                };
                cells.push(cell);
            }
            fitted.rows.push(cells);
        }
        fitted
    }

    /// A file in which a rule is broken, when there is a maker of faults for it.
    ///
    /// # Errors
    /// [`TableSampleError`] when the values of the standard make no sense.
    pub fn broken(
        &mut self,
        rule: &str,
        rows: u64,
    ) -> Result<Option<BrokenTable>, TableSampleError> {
        let (mut out, mut labels) = (Vec::new(), Vec::new());
        let submission = Submission::new(self.definition, None, SEED, false)?;
        let mut faults = Faults::new(
            self.definition,
            self.table,
            &submission,
            SEED,
            1.0,
            &[rule.to_owned()],
        )?;
        let mut pen = Pen::new(&mut out, Some(&mut labels), self.table);
        let ended = faults.file(&mut pen)?;
        let mut row = Row::default();
        for number in 0..if ended { 0 } else { rows } {
            self.rows.draw(number, &mut row);
            faults.row(number, &mut row, &mut pen)?;
        }
        if pen.faults == 0 {
            return Ok(None);
        }
        let sheet = self.read(&out);
        if !self.empty().has_header() {
            // It was written with a header, which such a file does not have.
            return Ok(sheet.map(|sheet| BrokenTable {
                text: sheet.write(),
                sheet: Some(sheet),
            }));
        }
        Ok(Some(BrokenTable { text: out, sheet }))
    }

    /// Whether nothing is said against a text in a column; `None` when there is no such column.
    pub fn takes(&self, column: &str, text: &str) -> Option<bool> {
        let (field, _) = self.table.field(column)?;
        Some(self.fits(field, text))
    }

    /// Some texts that a column takes, its codes among them.
    pub fn texts(&mut self, column: &str, most: usize) -> Vec<String> {
        let Some((field, declared)) = self.table.field(column) else {
            return Vec::new();
        };
        let value = declared.value;
        let mut texts: Vec<String> = self.values.codes(value).to_vec();
        for (seed, extent) in [Extent::Smallest, Extent::Largest, Extent::Random]
            .into_iter()
            .cycle()
            .take(most)
            .enumerate()
        {
            let made = self.values.make(value, extent, &mut Dice::new(seed as u64));
            texts.extend(made.ok().filter(|text| !texts.contains(text)));
        }
        texts.retain(|text| self.fits(field, text));
        texts.truncate(most);
        texts
    }

    /// The rows of a file with a header, in this table's form.
    fn read(&self, text: &[u8]) -> Option<Sheet> {
        let mut sheet = self.empty();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.table.delimiters.first().copied().unwrap_or(b','))
            .from_reader(text);
        let header = reader.headers().ok()?.clone();
        let as_written = header.len() == sheet.columns.len()
            && header
                .iter()
                .zip(&sheet.columns)
                .all(|(cell, name)| *cell == **name);
        if !as_written {
            return None;
        }
        for row in reader.records() {
            sheet
                .rows
                .push(row.ok()?.iter().map(str::to_owned).collect());
        }
        Some(sheet)
    }

    fn empty(&self) -> Sheet {
        let table = self.table;
        let spans: Option<Vec<(u32, u32)>> = table.fields.iter().map(|field| field.span).collect();
        let form = match spans {
            _ if let Some(form) = &table.lines => {
                Form::Lines(Box::new(LineSeats::new(form, &table.fields)))
            }
            Some(spans) if !spans.is_empty() => Form::FixedWidth {
                spans,
                length: table.record_length,
            },
            _ => Form::Delimited {
                delimiter: table.delimiters.first().copied().unwrap_or(b','),
                header: table.header != HeaderUse::None,
            },
        };
        Sheet {
            columns: table
                .fields
                .iter()
                .map(|field| Arc::clone(&field.column))
                .collect(),
            rows: Vec::new(),
            form,
        }
    }

    fn fits(&self, field: usize, text: &str) -> bool {
        let width = self.table.fields[field]
            .span
            .map(|(_, width)| width as usize);
        self.judge.verdict(field, text).is_none()
            && width.is_none_or(|width| text.chars().count() <= width)
    }

    /// Fills a cell of a row that would else be blank, which is no row; not always the same one.
    fn fill_one(&mut self, cells: &mut [String], number: usize) {
        let columns: Vec<Arc<str>> = self.empty().columns;
        for step in 0..columns.len() {
            let at = (number + step) % columns.len();
            let texts = self.texts(&columns[at], 6);
            if let Some(text) = texts.into_iter().find(|text| !text.is_empty()) {
                cells[at] = text;
                return;
            }
        }
    }

    /// The least that a column takes: nothing, where nothing must be.
    fn least(&mut self, field: usize) -> String {
        if self.fits(field, "") {
            return String::new();
        }
        let value = self.table.fields[field].value;
        for extent in [Extent::Smallest, Extent::Random] {
            // What a value means is not known here, so some that are taken are still said to need cleaning.
            for seed in 0..20 {
                let made = self.values.make(value, extent, &mut Dice::new(seed));
                if let Ok(text) = made
                    && self.fits(field, &text)
                {
                    return text;
                }
            }
        }
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const STANDARD: &str = r#"
id = "stays"
version = "1"
title = "Ward stays"
publisher = "written for this test"
carrier = "CARRIER"
source = "written for this test"
[[table]]
name = "stay"
title = "Ward stay"
HEADER
"#;

    const COLUMNS: &str = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n";

    fn definition(header: &str, fields: &[&str]) -> Definition {
        let carrier = if header.contains("delimiters") {
            "delimited"
        } else {
            "fixed-width"
        };
        let standard = STANDARD
            .replace("CARRIER", carrier)
            .replace("HEADER", header);
        let fields = format!("{COLUMNS}{}\n", fields.join("\n"));
        let files = BTreeMap::from([
            ("stays/1/standard.toml".to_owned(), standard),
            ("stays/1/fields.csv".to_owned(), fields),
            (
                "elements.csv".to_owned(),
                "name,xml_names,format,code_list,personal,source\n".to_owned(),
            ),
            (
                "codes/methods.csv".to_owned(),
                "code,meaning,valid_from,valid_to,source\n21,emergency,,,x\n".to_owned(),
            ),
        ]);
        Definition::load(&files, "stays/1").expect("a definition")
    }

    fn sheets(definition: &Definition) -> Sheets<'_> {
        let layout = definition.layout.as_ref().expect("a layout");
        Sheets::new(definition, &layout.tables[0]).expect("sheets")
    }

    const DELIMITED: &str = "header = \"required\"\ndelimiters = [\",\"]";

    #[test]
    fn rows_are_valid_and_fit_another_version() {
        let old = definition(
            DELIMITED,
            &[
                "stay,1,STAY_IDENTIFIER,STAY IDENTIFIER,,M,max an12,,,,,,,,",
                "stay,2,FINANCIAL_YEAR,FINANCIAL YEAR,,M,an6,,,,,,,,",
                "stay,3,NHS_NUMBER,NHS NUMBER,,R,n12,,,,,,,,",
                "stay,4,WARD_NAME,WARD NAME,,O,max an30,,,,,,,,",
            ],
        );
        let new = definition(
            DELIMITED,
            &[
                "stay,1,METHOD,METHOD,,M,an2,methods,,,,,,,",
                "stay,2,STAY_IDENTIFIER,STAY IDENTIFIER,,M,max an12,,,,,,,,",
                "stay,3,FINANCIAL_YEAR,FINANCIAL YEAR,,M,an6,,,,,,,,",
            ],
        );
        let (mut of_old, mut of_new) = (sheets(&old), sheets(&new));
        let mut sheet = of_old.valid(0, 2);
        for row in &sheet.rows {
            for (column, cell) in sheet.columns.iter().zip(row) {
                assert_eq!(of_old.takes(column, cell), Some(true), "{column}: {cell}");
            }
            assert_eq!(row[2], "", "a number of ten digits does not have twelve");
        }
        sheet.rows.truncate(1);
        sheet.rows[0][3] = "A \"1\", north".to_owned();
        let year = sheet.rows[0][1].clone();
        let identifier = sheet.rows[0][0].clone();
        let fitted = of_new.fitted(&sheet, &["WARD_NAME"]);
        assert_eq!(
            String::from_utf8(fitted.write()).expect("text"),
            format!(
                "METHOD,STAY_IDENTIFIER,FINANCIAL_YEAR,WARD_NAME\r\n21,{identifier},{year},\"A \"\"1\"\", north\"\r\n"
            )
        );
        let fitted = of_new.fitted(&sheet, &["METHOD"]);
        assert_eq!(
            fitted
                .columns
                .iter()
                .map(|name| &**name)
                .collect::<Vec<_>>(),
            ["STAY_IDENTIFIER", "FINANCIAL_YEAR"]
        );
        assert!(sheet.leave_out("WARD_NAME") && !sheet.leave_out("WARD_NAME"));
        assert_eq!(sheet.rows[0].len(), 3);
    }

    #[test]
    fn lines_of_fixed_width_are_filled_with_blanks() {
        let definition = definition(
            "record_length = 12",
            &[
                "stay,1,METHOD,METHOD,,M,an2,methods,1,2,,,,,",
                "stay,2,WARD_NAME,WARD NAME,,O,max an5,,4,5,,,,,",
            ],
        );
        let mut sheet = sheets(&definition).valid(0, 1);
        sheet.rows[0][1] = "ABCDEFG".to_owned();
        assert_eq!(sheet.write(), b"21 ABCDE    \r\n");
    }
}
