//! The definition of a table from its header and its rows.

mod files;
mod rules;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::codes;
use super::column::{Column, Form};
use super::distinct::Keys;
use super::format;
use super::meaning::{self, Dictionary};
use super::naming::Naming;
use crate::definition::{CodeList, Definition, DefinitionErrors, Known};
use crate::layout::{Mandation, normalised_header};

/// Why no definition can be made of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InferError {
    /// A column's header has neither a letter from A to Z nor a digit, so that nothing could be matched with it.
    #[error("column {column} has no name that could be recognised again (`{header}`)")]
    Nameless {
        /// The column, from 1.
        column: usize,
        /// What stands in its header.
        header: String,
    },
    /// Two headers are the same when case, blanks and signs are left out.
    #[error("the columns {first} and {second} have the same name, `{header}`")]
    Repeated {
        /// The first of them, from 1.
        first: usize,
        /// The second.
        second: usize,
        /// Its header.
        header: String,
    },
    /// There is no column.
    #[error("there are no columns")]
    NoColumns,
    /// What was made cannot be read: the names that were given for it are not permitted.
    #[error(transparent)]
    Definition(#[from] DefinitionErrors),
}

/// What is looked for besides names, formats and presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// Whether columns that hold few values get a code list of these. A comparison of two samples does without.
    pub code_lists: bool,
    /// What separates cells.
    pub delimiter: u8,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            code_lists: true,
            delimiter: b',',
        }
    }
}

/// The definition of a table whose header and rows are at hand, without code lists.
///
/// # Errors
/// [`InferError`] when two headers are the same or one says nothing.
pub fn definition_of<S, R, C>(
    header: &[S],
    rows: R,
    naming: &Naming,
    known: &Known,
) -> Result<Definition, InferError>
where
    S: AsRef<str>,
    R: IntoIterator<Item = C>,
    C: IntoIterator,
    C::Item: AsRef<str>,
{
    let mut table = TableInference::new(header)?.with_options(TableOptions {
        code_lists: false,
        ..TableOptions::default()
    });
    for row in rows {
        table.row(row);
    }
    Ok(table.finish().definition(naming, known)?)
}

/// A table that is looked at row by row. Memory is bounded, however many rows there are.
#[derive(Debug, Clone)]
pub struct TableInference {
    headers: Vec<String>,
    columns: Vec<Column>,
    keys: Keys,
    rows: u64,
    has_header: bool,
    options: TableOptions,
}

impl TableInference {
    /// A table whose first row names the columns.
    ///
    /// # Errors
    /// [`InferError`] when two headers are the same or one says nothing.
    pub fn new<S: AsRef<str>>(header: &[S]) -> Result<Self, InferError> {
        let headers: Vec<String> = header
            .iter()
            .map(|cell| cell.as_ref().trim().to_owned())
            .collect();
        let normalised: Vec<String> = headers.iter().map(|cell| normalised_header(cell)).collect();
        for (column, name) in normalised.iter().enumerate() {
            let header = headers[column].clone();
            if name.is_empty() {
                let column = column + 1;
                return Err(InferError::Nameless { column, header });
            }
            if let Some(first) = normalised[..column].iter().position(|known| known == name) {
                return Err(InferError::Repeated {
                    first: first + 1,
                    second: column + 1,
                    header,
                });
            }
        }
        Self::of(headers, true)
    }

    /// A table of so many columns that has no row of names.
    ///
    /// # Errors
    /// [`InferError::NoColumns`].
    pub fn without_header(columns: usize) -> Result<Self, InferError> {
        let headers = (1..=columns).map(|column| format!("COLUMN_{column}"));
        Self::of(headers.collect(), false)
    }

    fn of(headers: Vec<String>, has_header: bool) -> Result<Self, InferError> {
        if headers.is_empty() {
            return Err(InferError::NoColumns);
        }
        Ok(Self {
            columns: vec![Column::default(); headers.len()],
            keys: Keys::of(headers.len()),
            headers,
            rows: 0,
            has_header,
            options: TableOptions::default(),
        })
    }

    /// With these options.
    #[must_use]
    pub fn with_options(mut self, options: TableOptions) -> Self {
        self.options = options;
        self
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// For each column the cell that a further sample has it in; `None` when that has other columns. Order does not matter.
    pub fn places<S: AsRef<str>>(&self, header: &[S]) -> Option<Vec<usize>> {
        let cells: Vec<String> = header
            .iter()
            .map(|cell| normalised_header(cell.as_ref()))
            .collect();
        if cells.len() != self.headers.len() {
            return None;
        }
        let own = self.headers.iter().map(|header| normalised_header(header));
        own.map(|name| cells.iter().position(|cell| *cell == name))
            .collect()
    }

    /// Takes note of a row. Cells that are missing are empty; those beyond the last column are passed over.
    pub fn row<C>(&mut self, cells: C)
    where
        C: IntoIterator,
        C::Item: AsRef<str>,
    {
        self.rows += 1;
        let mut cells = cells.into_iter();
        for (index, column) in self.columns.iter_mut().enumerate() {
            let cell = cells.next();
            let cell = cell.as_ref().map_or("", AsRef::as_ref);
            column.add(cell);
            self.keys.add(index, cell);
        }
    }

    /// What was seen, and what is made of it.
    pub fn finish(self) -> InferredTable {
        InferredTable { seen: self }
    }
}

/// A table of which every row has been seen.
#[derive(Debug, Clone)]
pub struct InferredTable {
    seen: TableInference,
}

/// What is made of a column.
#[allow(clippy::struct_excessive_bools)] // each is a fact that is independent of the others
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredColumn {
    /// What stands in its header.
    pub header: String,
    /// Its id: `NHS_NUMBER`.
    pub column: String,
    /// Its Data Dictionary name, or the words of its header.
    pub element: String,
    /// Whether the element is one of those that are known.
    pub known: bool,
    /// Whether it must be filled: where it always was.
    pub mandation: Mandation,
    /// Format in Data Dictionary notation; empty where no value was seen.
    pub format: String,
    /// The code list, known or of the values seen.
    pub code_list: Option<Arc<CodeList>>,
    /// Whether the code list was made of the values seen.
    pub own_list: bool,
    /// Why its values are taken to identify persons.
    pub personal: Option<&'static str>,
    /// Whether it was always filled and no value stood twice.
    pub key: bool,
    /// Values with blanks around them or with characters that nobody sees, which a check tells of whatever a definition says.
    pub unclean: u64,
    /// What was seen, in words, without any value of a personal column.
    pub seen: String,
    /// Whether the header, as it is compared, is another than the id of the column.
    needs_alias: bool,
    /// What is to be said of its values in a rule.
    pub(super) says: Says,
}

/// What every value of a column was, for rules that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// NHS numbers with the right check digit.
    NhsNumber,
    /// Days since 1900.
    Day,
    /// Text of so many characters at most.
    Text(u64),
    /// Nothing that a rule would say.
    Nothing,
}

impl InferredTable {
    /// Rows seen.
    pub fn rows(&self) -> u64 {
        self.seen.rows
    }

    /// What is made of each column, in order.
    pub fn columns(&self, naming: &Naming, known: &Known) -> Vec<InferredColumn> {
        let dictionary = Dictionary::of(&known.elements);
        let mut taken = BTreeSet::new();
        // Own names first, so that an id that has to be made up does not take another column's.
        let named: Vec<Option<_>> = self
            .seen
            .headers
            .iter()
            .map(|header| dictionary.find(header))
            .collect();
        taken.extend(
            self.seen
                .headers
                .iter()
                .map(|header| normalised_header(header)),
        );
        let mut columns = Vec::with_capacity(self.seen.headers.len());
        for (index, found) in named.into_iter().enumerate() {
            let header = &self.seen.headers[index];
            let words = meaning::words(header);
            let (element, column) = match &found {
                Some((element, column)) => (element.name.to_string(), column.clone()),
                None => (words.join(" "), words.join("_")),
            };
            let (element, column) = if column.starts_with(|first: char| first.is_ascii_digit()) {
                named_anew(&element, &mut taken)
            } else {
                (element, column)
            };
            let needs_alias = normalised_header(&column) != normalised_header(header);
            let seen = &self.seen.columns[index];
            let personal = match &found {
                Some((element, _)) if element.personal => {
                    Some("the Data Dictionary's element does")
                }
                // NHS NUMBER STATUS INDICATOR CODE is named like what it is about.
                Some((element, _)) if !element.code_list.is_empty() => None,
                _ => meaning::personal_by_name(&words).or(meaning::personal_by_values(seen)),
            };
            let quantity = meaning::is_quantity(&words);
            let key = self.seen.keys.is_key(index) && may_be_key(seen, quantity);
            let words = meaning::words(&column);
            let of = codes::Of {
                words: &words,
                listed: found.as_ref().map_or("", |(element, _)| &element.code_list),
                naming,
                known,
            };
            let code_list = (self.seen.options.code_lists && personal.is_none() && !key)
                .then(|| of.code_list(seen, &|_| false))
                .flatten();
            let mut said = words_of(seen, key, personal.is_some(), &words);
            let published = found.as_ref().map_or("", |(element, _)| &element.format);
            let format = match &code_list {
                Some((list, false)) => format::of_codes(list),
                None if format::fits(seen, published) => {
                    said.push_str("; the format is that of the Data Dictionary");
                    published.to_owned()
                }
                _ => format::format(seen, quantity),
            };
            if personal.is_none() && of.unlisted(seen) > 0 {
                let (count, list) = (of.unlisted(seen), of.listed);
                let _ = write!(said, "; {count} values are not on the code list {list}");
            }
            columns.push(InferredColumn {
                header: header.clone(),
                known: found.is_some(),
                mandation: if seen.filled > 0 && seen.empty == 0 {
                    Mandation::Mandatory
                } else {
                    Mandation::Optional
                },
                format,
                own_list: code_list.as_ref().is_some_and(|(_, own)| *own),
                code_list: code_list.map(|(list, _)| list),
                personal,
                key,
                unclean: seen.unclean,
                seen: said,
                needs_alias,
                says: says(seen),
                column,
                element,
            });
        }
        columns
    }

    /// The definition, read back from its files.
    ///
    /// # Errors
    /// [`DefinitionErrors`] when the names in `naming` are not permitted.
    pub fn definition(
        &self,
        naming: &Naming,
        known: &Known,
    ) -> Result<Definition, DefinitionErrors> {
        let mut files = self.files(naming, known);
        for (id, list) in &known.code_lists {
            files
                .entry(format!("codes/{id}.csv"))
                .or_insert_with(|| crate::definition::code_list(list));
        }
        Definition::load(&files, &naming.folder())
    }
}

/// An element and a column for a header that begins with a digit, as no column may.
fn named_anew(element: &str, taken: &mut BTreeSet<String>) -> (String, String) {
    let mut number = 1;
    loop {
        let again = if number == 1 {
            String::new()
        } else {
            format!(" {number}")
        };
        let element = format!("COLUMN {element}{again}");
        let column = crate::definition::column_id(&element);
        if taken.insert(normalised_header(&column)) {
            return (element, column);
        }
        number += 1;
    }
}

/// Whether values that are all different are so because they name something: no days, no amounts.
fn may_be_key(seen: &Column, quantity: bool) -> bool {
    let other = [Form::Date, Form::DateTime, Form::Time, Form::CompactDate];
    let amount = quantity || seen.is(Form::Decimal) && !seen.is(Form::Digits);
    seen.filled > 1 && !amount && !other.iter().any(|form| seen.is(*form))
}

/// What was seen of a column, in words.
fn words_of(seen: &Column, key: bool, personal: bool, words: &[String]) -> String {
    let rows = seen.filled + seen.empty;
    let mut said = vec![format!("filled in {} of {rows} rows", seen.filled)];
    if seen.filled > 0 {
        said.push(match (seen.shortest, seen.longest) {
            (1, 1) => "1 character".to_owned(),
            (shortest, longest) if shortest == longest => format!("{longest} characters"),
            (shortest, longest) => format!("{shortest} to {longest} characters"),
        });
    }
    if let Some(values) = seen.distinct.all().filter(|values| !values.is_empty()) {
        said.push(match values.len() {
            1 => "1 value".to_owned(),
            several => format!("{several} values"),
        });
    }
    if key {
        said.push("no value twice".to_owned());
    }
    let found = seen.identifiers;
    if seen.mostly(found.nhs_number, 50) {
        said.push(format!(
            "{} NHS numbers with the right check digit",
            found.nhs_number
        ));
    }
    if seen.mostly(found.postcode, 50) {
        said.push(format!("{} postcodes", found.postcode));
    }
    if !personal && meaning::is_organisation(words, seen) {
        said.push(format!(
            "{} codes of organisations by their form",
            found.organisation
        ));
    }
    if seen.unclean > 0 {
        said.push(format!(
            "{} with blanks around them or characters that nobody sees",
            seen.unclean
        ));
    }
    said.join("; ")
}

fn says(seen: &Column) -> Says {
    if seen.filled > 0 && seen.identifiers.nhs_number == seen.filled {
        Says::NhsNumber
    } else if seen.is(Form::Date) && seen.since_1900 {
        Says::Day
    } else if seen.filled > 0
        && !seen.is(Form::Decimal)
        && !seen.is(Form::Date)
        && !seen.is(Form::DateTime)
        && !seen.is(Form::Time)
    {
        Says::Text(seen.longest)
    } else {
        Says::Nothing
    }
}

#[cfg(test)]
mod tests;
