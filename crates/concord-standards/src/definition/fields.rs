//! `fields.csv`: the columns of a tabular standard, as a layout and as a structure.

mod aliases;
mod names;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::csv_rows::{Row, at_line, rows};
use super::elements::Elements;
use super::field_value::Values;
use super::format;
use super::load::{Loading, join};
use super::problem::{Problem, Text, nearest};
use super::standard::{FIXED_WIDTH, StandardInfo, TableInfo};
use super::tabular;
use crate::infer::personal_by_name;
use crate::layout::{Field, Layout, LineOf, Mandation, TableLayout, normalised_header};
use crate::schema::{ElementId, Origin, Schema};

pub(crate) use names::{ColumnNames, read_names};

/// The columns of `fields.csv`.
pub(crate) const COLUMNS: [&str; 15] = [
    "table",
    "position",
    "column",
    "element",
    "group",
    "mandation",
    "format",
    "code_list",
    "start",
    "width",
    "presence_rule",
    "format_rule",
    "code_rule",
    "source",
    "confidence",
];

/// A cell of `fields.csv`, in the order of [`COLUMNS`].
#[derive(Clone, Copy)]
pub(super) enum Cell {
    Table,
    Position,
    Column,
    Element,
    Group,
    Mandation,
    Format,
    CodeList,
    Start,
    Width,
    PresenceRule,
    FormatRule,
    CodeRule,
    Source,
    Confidence,
}

type FieldRow<'t> = Row<'t, { COLUMNS.len() }>;

impl FieldRow<'_> {
    fn text(&self, cell: Cell) -> &str {
        self.cells[cell as usize].trim()
    }
}

/// Reads the `fields.csv` and the spellings of a tabular standard. Problems go to `loading`.
pub(super) fn read(
    info: &StandardInfo,
    elements: &Elements,
    loading: &mut Loading<'_>,
) -> (Schema, Layout) {
    let mut tables = tables_of(info);
    let path = join(&info.folder, "fields.csv");
    let mut values = Values::default();
    if let Some(text) = loading.open(&path) {
        let mut problems = Vec::new();
        let found = rows(&text, COLUMNS, &mut problems);
        let mut reading = Fields {
            text: &text,
            info,
            elements,
            values: &mut values,
            loading,
            seen: BTreeMap::new(),
            problems,
        };
        for row in &found {
            reading.row(row, &mut tables);
        }
        let bare = tables.iter().find(|table| table.fields.is_empty());
        // Where rows could not be read, that is what is wrong.
        if let Some(table) = bare.filter(|_| reading.problems.is_empty()) {
            let message = format!("the table `{}` has no columns", table.name);
            reading.problems.push(at_line(&text, 1, message));
        }
        let untold = tables
            .iter()
            .find(|table| table.lines.is_some() && table.fields.iter().all(|f| f.line.is_some()));
        if let Some(table) = untold.filter(|_| reading.problems.is_empty()) {
            let message = format!(
                "the table `{}` has no column for a line without a place (`*:1`)",
                table.name
            );
            reading.problems.push(at_line(&text, 1, message));
        }
        let problems = reading.problems;
        loading.problems.extend(problems);
    }
    let columns = tables.iter().flat_map(|table| &table.fields);
    let aliases = aliases::read(info, columns.map(|field| &field.column), loading);
    let schema = tabular::schema(&mut tables, values);
    (schema, Layout { tables, aliases })
}

fn tables_of(info: &StandardInfo) -> Vec<TableLayout> {
    info.tables
        .iter()
        .map(|table: &TableInfo| TableLayout {
            name: Arc::clone(&table.name),
            title: table.title.clone(),
            header: table.header,
            delimiters: table.delimiters.clone(),
            record_length: table.record_length,
            lines: table.lines.clone(),
            encoding: table.encoding,
            document: table.document.clone(),
            as_written: table.as_written,
            fields: Vec::new(),
            record: ElementId(0),
        })
        .collect()
}

/// Rows of `fields.csv` being read.
struct Fields<'f, 's> {
    text: &'f Text,
    info: &'f StandardInfo,
    elements: &'f Elements,
    values: &'f mut Values,
    loading: &'f mut Loading<'s>,
    /// Tables and their columns as headers are compared, and the lines where they stand.
    seen: BTreeMap<(Arc<str>, String), u32>,
    problems: Vec<Problem>,
}

impl Fields<'_, '_> {
    fn wrong(&mut self, row: &FieldRow<'_>, cell: Cell, message: String, help: Option<String>) {
        let problem = row.problem(self.text, cell as usize, message, help);
        self.problems.push(problem);
    }

    fn row(&mut self, row: &FieldRow<'_>, tables: &mut [TableLayout]) {
        let Some(table) = self.table(row, tables) else {
            return;
        };
        let position = self.position(row, table);
        let column = self.column(row, table);
        let mandation = self.mandation(row);
        let (line, span) = self.span(row, table);
        let origin = Origin {
            file: Arc::clone(&self.text.name),
            line: row.line,
        };
        let code_list = self.code_list(row);
        let format = self.format(row);
        let list = code_list.as_ref().and_then(|id| self.loading.code_list(id));
        let value = self.values.value(format, list.as_deref(), &origin);
        let element = row.text(Cell::Element);
        let known = self.elements.by_name(element);
        let (element, personal) = if element.is_empty() {
            let (element, personal) = of_its_name(column);
            // What is published for all to read speaks of organisations.
            (element, personal && !self.info.record.published)
        } else {
            let personal = known.is_some_and(|element| element.personal);
            (element.to_owned(), personal)
        };
        let rule = |cell: Cell| {
            Some(row.text(cell))
                .filter(|id| !id.is_empty())
                .map(Arc::from)
        };
        table.fields.push(Field {
            column: column.into(),
            element: element.into(),
            group: row.text(Cell::Group).into(),
            mandation,
            format: format.into(),
            value,
            code_list,
            personal,
            position,
            span,
            line,
            presence_rule: rule(Cell::PresenceRule),
            format_rule: rule(Cell::FormatRule),
            code_rule: rule(Cell::CodeRule),
            source: row.text(Cell::Source).into(),
            confidence: row.text(Cell::Confidence).into(),
            origin,
        });
    }

    /// The table of a row. It need not be said where there is only one.
    fn table<'t>(
        &mut self,
        row: &FieldRow<'_>,
        tables: &'t mut [TableLayout],
    ) -> Option<&'t mut TableLayout> {
        let name = row.text(Cell::Table);
        if name.is_empty()
            && let [only] = tables
        {
            return Some(only);
        }
        let Some(index) = tables.iter().position(|table| &*table.name == name) else {
            let known = tables.iter().map(|table| &*table.name);
            let help = nearest(name, known.clone()).map_or_else(
                || format!("the tables are: {}", known.collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no table `{name}` in standard.toml");
            self.wrong(row, Cell::Table, message, Some(help));
            return None;
        };
        tables.get_mut(index)
    }

    /// Positions count the columns of a table, so that a row that is lost or stands twice shows.
    fn position(&mut self, row: &FieldRow<'_>, table: &TableLayout) -> u32 {
        let expected = table.fields.len() as u32 + 1;
        let said = row.text(Cell::Position);
        if said.parse() != Ok(expected) {
            let message =
                format!("the position is `{said}`; this is column {expected} of its table");
            self.wrong(row, Cell::Position, message, None);
        }
        expected
    }

    fn column<'r>(&mut self, row: &'r FieldRow<'_>, table: &TableLayout) -> &'r str {
        let column = row.text(Cell::Column);
        let plain = column.starts_with(|first: char| first.is_ascii_uppercase())
            && !column.ends_with('_')
            && !column.contains("__")
            && column
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if !plain {
            let message = format!("`{column}` is not the id of a column");
            let name = if row.text(Cell::Element).is_empty() {
                column
            } else {
                row.text(Cell::Element)
            };
            let help = format!("write `{}`", column_id(name));
            self.wrong(row, Cell::Column, message, Some(help));
        }
        let place = (Arc::clone(&table.name), normalised_header(column));
        if let Some(first) = self.seen.get(&place) {
            let message = format!("the column `{column}` stands twice");
            let help = format!("it stands first on line {first}");
            self.wrong(row, Cell::Column, message, Some(help));
        } else {
            self.seen.insert(place, row.line);
        }
        column
    }

    fn mandation(&mut self, row: &FieldRow<'_>) -> Mandation {
        let letter = row.text(Cell::Mandation);
        Mandation::from_letter(letter).unwrap_or_else(|| {
            let meanings: Vec<String> = Mandation::ALL
                .iter()
                .map(|mandation| format!("{} ({})", mandation.letter(), mandation.meaning()))
                .collect();
            let message = format!("there is no mandation `{letter}`");
            let help = format!("write one of {}", meanings.join(", "));
            self.wrong(row, Cell::Mandation, message, Some(help));
            Mandation::Optional
        })
    }

    fn format<'r>(&mut self, row: &'r FieldRow<'_>) -> &'r str {
        let said = row.text(Cell::Format);
        if said.is_empty() || format::parse(said).is_some() {
            return said;
        }
        let message = format!("the format `{said}` is not in Data Dictionary notation");
        let help = "write such as an3, max an20, min an3 max an6, n10, max n4, max n18.max n8, an10 CCYY-MM-DD, \
                    n8 CCYYMMDD; \
                    leave it empty when it is not known";
        self.wrong(row, Cell::Format, message, Some(help.to_owned()));
        ""
    }

    fn code_list(&mut self, row: &FieldRow<'_>) -> Option<Arc<str>> {
        let id = row.text(Cell::CodeList);
        if id.is_empty() {
            return None;
        }
        if let Some(list) = self.loading.code_list(id) {
            return Some(Arc::clone(&list.id));
        }
        let known = self.loading.code_list_ids();
        let help = nearest(id, known.iter().map(String::as_str))
            .map(|near| format!("did you mean `{near}`?"));
        let message = format!("there is no code list `{id}`");
        self.wrong(row, Cell::CodeList, message, help);
        None
    }

    /// Where a fixed-width column stands: `start` counts characters from 1, as specifications do. Where a record has several
    /// lines, the line stands before it: `02/1:43`.
    fn span(
        &mut self,
        row: &FieldRow<'_>,
        table: &TableLayout,
    ) -> (Option<LineOf>, Option<(u32, u32)>) {
        let (start, width) = (row.text(Cell::Start), row.text(Cell::Width));
        let (line, start) = match start.split_once(':') {
            Some((line, start)) if table.lines.is_some() => (self.line(row, line, table), start),
            None if table.lines.is_some() => {
                let column = row.text(Cell::Column);
                let message = format!("the column `{column}` stands in no line of its record");
                let help = "write the line before the character: 01:38, 02/1:43";
                self.wrong(row, Cell::Start, message, Some(help.to_owned()));
                (None, start)
            }
            _ => (None, start),
        };
        let span = self.characters(row, (start, width), line.as_ref(), table);
        (line, span)
    }

    /// The line of a column: `01`, `07/1/3`; `*` for the next one that has no place.
    fn line(&mut self, row: &FieldRow<'_>, said: &str, table: &TableLayout) -> Option<LineOf> {
        if said == "*" {
            return None;
        }
        let mut parts = said.split('/');
        let code = parts.next().unwrap_or_default();
        let numbers = parts.map(|part| part.parse().ok().filter(|number| *number > 0));
        let numbers = numbers.collect::<Option<Vec<u32>>>();
        let Some(numbers) = numbers.filter(|_| !code.is_empty()) else {
            let message = format!("`{said}` is no line of a record");
            let help = "write its code, and its numbers from 1: 01, 02/1, 07/1/3";
            self.wrong(row, Cell::Start, message, Some(help.to_owned()));
            return None;
        };
        let line = LineOf {
            code: code.into(),
            numbers,
        };
        let alike =
            |other: &LineOf| other.code == line.code && other.numbers.len() == line.numbers.len();
        let mut before = table.fields.iter().filter_map(|field| field.line.as_ref());
        let last = table.fields.last().and_then(|field| field.line.as_ref());
        // Most columns stand in a line like the one before.
        let other = if last.is_some_and(alike) {
            None
        } else {
            before.find(|other| {
                let begins = |one: &str, other: &str| one.starts_with(other);
                (begins(&other.code, &line.code) || begins(&line.code, &other.code))
                    && !alike(other)
            })
        };
        if let Some(other) = other {
            let message = format!("the lines `{line}` and `{other}` cannot be told apart");
            self.wrong(row, Cell::Start, message, None);
        }
        Some(line)
    }

    fn characters(
        &mut self,
        row: &FieldRow<'_>,
        (start, width): (&str, &str),
        line: Option<&LineOf>,
        table: &TableLayout,
    ) -> Option<(u32, u32)> {
        let fixed = &*self.info.carrier == FIXED_WIDTH;
        if !fixed {
            if !(start.is_empty() && width.is_empty()) {
                let message = "only columns of a fixed-width table have a `start` and a `width`";
                self.wrong(row, Cell::Start, message.to_owned(), None);
            }
            return None;
        }
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let (Some(start), Some(width)) = (number(start), number(width)) else {
            let message = "a column of a fixed-width table has a `start` from 1 and a `width`";
            self.wrong(row, Cell::Start, message.to_owned(), None);
            return None;
        };
        let start = start - 1;
        // A line without a place has a column of its own.
        let stray = table.lines.is_some() && line.is_none();
        let mut fields = table.fields.iter().rev();
        let before = fields
            .find(|field| field.line.as_ref() == line)
            .and_then(|field| field.span)
            .filter(|_| !stray);
        let free = before.map_or(0, |(start, width)| start.saturating_add(width));
        let end = start.saturating_add(width);
        if start < free {
            let message = format!("the column before this one ends with character {free}");
            self.wrong(row, Cell::Start, message, None);
        } else if table.record_length.is_some_and(|length| end > length) {
            let message =
                format!("the column ends with character {end}, after the end of the line");
            self.wrong(row, Cell::Width, message, None);
        }
        Some((start, width))
    }
}

/// What a column without a Data Dictionary name is called, and whether that gives reason to think that it identifies a person.
fn of_its_name(column: &str) -> (String, bool) {
    let words: Vec<String> = column.split('_').map(str::to_owned).collect();
    let personal = personal_by_name(&words).is_some();
    (words.join(" "), personal)
}

/// The id of the column that holds an element: capitals, and one underscore for each run of other characters.
pub fn column_id(element: &str) -> String {
    let words = element
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
