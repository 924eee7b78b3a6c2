//! Tables of a TOML file, read key by key with every mistake placed.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Severity, Text, nearest};
use crate::schema::Origin;

/// A file that is being read, and the problems found so far.
pub(crate) struct Reading<'t> {
    pub(crate) text: &'t Text,
    problems: RefCell<Vec<Problem>>,
}

/// A piece of text and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Range<usize>,
}

impl<'t> Reading<'t> {
    pub(crate) fn new(text: &'t Text) -> Self {
        Self {
            text,
            problems: RefCell::new(Vec::new()),
        }
    }

    /// The whole file as a table. What the TOML parser objects to becomes problems, and the table is empty: what was
    /// understood of a broken file would only lead to further messages.
    pub(crate) fn parse(&self) -> (Spanned<DeTable<'t>>, bool) {
        let (table, errors) = DeTable::parse_recoverable(&self.text.content);
        if errors.is_empty() {
            return (table, true);
        }
        for error in errors {
            let end = self.text.content.len();
            self.error(error.span().unwrap_or(end..end), error.message().to_owned());
        }
        (Spanned::new(0..0, DeTable::new()), false)
    }

    pub(crate) fn error(&self, span: Range<usize>, message: String) {
        self.push(Severity::Error, span, message, None);
    }

    pub(crate) fn error_with_help(&self, span: Range<usize>, message: String, help: String) {
        self.push(Severity::Error, span, message, Some(help));
    }

    pub(crate) fn warning(&self, span: Range<usize>, message: String, help: Option<String>) {
        self.push(Severity::Warning, span, message, help);
    }

    fn push(&self, severity: Severity, span: Range<usize>, message: String, help: Option<String>) {
        let problem = self.text.problem(severity, span, message, help);
        self.problems.borrow_mut().push(problem);
    }

    /// An error about a name that is not known, with the nearest one that is.
    pub(crate) fn unknown<'n>(
        &self,
        spot: &Spot<'_>,
        what: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let help = nearest(spot.text, known).map(|name| format!("did you mean `{name}`?"));
        let message = format!("there is no {what} `{}`", spot.text);
        self.push(Severity::Error, spot.span.clone(), message, help);
    }

    pub(crate) fn origin(&self, offset: usize) -> Origin {
        Origin {
            file: Arc::clone(&self.text.name),
            line: self.text.line(offset),
        }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// A table of the file.
#[derive(Clone)]
pub(crate) struct Table<'a> {
    pub(crate) reading: &'a Reading<'a>,
    pub(crate) entries: &'a DeTable<'a>,
    pub(crate) span: Range<usize>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(reading: &'a Reading<'a>, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            reading,
            entries: table.get_ref(),
            span: table.span(),
        }
    }

    /// Reports every key that is not one of `known`.
    pub(crate) fn only(&self, what: &str, known: &[&str]) {
        for key in self.entries.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref().as_ref();
                let help = nearest(name, known.iter().copied()).map_or_else(
                    || format!("{what} may say: {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("`{name}` means nothing in {what}");
                self.reading.error_with_help(key.span(), message, help);
            }
        }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Where a key's value stands; the table itself when there is no such key.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        self.entries
            .get(key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = value.get_ref().type_str();
        let help = (wanted == "text" && !value.get_ref().is_array())
            .then(|| "write it in quotes".to_owned());
        self.reading.push(
            Severity::Error,
            value.span(),
            format!("`{key}` must be {wanted}, not {found}"),
            help,
        );
    }

    pub(crate) fn text(&self, key: &str) -> Option<Spot<'a>> {
        let value = self.entries.get(key)?;
        if let DeValue::String(text) = value.get_ref() {
            return Some(Spot {
                text: text.as_ref(),
                span: value.span(),
            });
        }
        self.wrong(key, value, "text");
        None
    }

    /// The text of a key that must be there.
    pub(crate) fn required(&self, what: &str, key: &str) -> Option<Spot<'a>> {
        if !self.has(key) {
            self.reading
                .error(self.head(), format!("{what} must say its `{key}`"));
        }
        self.text(key)
    }

    /// The first line of the table, so that a message about a missing key does not underline all of it.
    pub(crate) fn head(&self) -> Range<usize> {
        let text = &self.reading.text.content;
        let end = text
            .get(self.span.clone())
            .and_then(|body| body.find('\n'))
            .map_or(self.span.end, |length| self.span.start + length);
        self.span.start..end
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.entries.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.wrong(key, value, "true or false");
        None
    }

    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        let value = self.entries.get(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .filter(|integer| integer.radix() == 10)
            .and_then(|integer| integer.as_str().replace('_', "").parse().ok());
        if number.is_none() {
            self.wrong(key, value, "a whole number from 0 up");
        }
        number
    }

    /// One text or a list of texts.
    pub(crate) fn texts(&self, key: &str) -> Option<Vec<Spot<'a>>> {
        let value = self.entries.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(vec![Spot {
                text: text.as_ref(),
                span: value.span(),
            }]),
            DeValue::Array(items) => {
                let mut texts = Vec::with_capacity(items.len());
                for item in items {
                    match item.get_ref() {
                        DeValue::String(text) => texts.push(Spot {
                            text: text.as_ref(),
                            span: item.span(),
                        }),
                        _ => self.wrong(key, item, "a list of texts"),
                    }
                }
                Some(texts)
            }
            _ => {
                self.wrong(key, value, "text or a list of texts");
                None
            }
        }
    }

    pub(crate) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries.get(key)
    }

    /// A table below a key.
    pub(crate) fn table(&self, key: &str) -> Option<Self> {
        let value = self.entries.get(key)?;
        let table = self.as_table(value);
        if table.is_none() {
            self.wrong(key, value, "a table");
        }
        table
    }

    /// The value as a table, if it is one.
    pub(crate) fn as_table(&self, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        value.get_ref().as_table().map(|entries| Self {
            reading: self.reading,
            entries,
            span: value.span(),
        })
    }

    /// The tables of a list below a key; empty when there is no such key.
    pub(crate) fn tables(&self, key: &str) -> Vec<Self> {
        let Some(value) = self.entries.get(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, value, "a list of tables");
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            match self.as_table(item) {
                Some(table) => tables.push(table),
                None => self.wrong(key, item, "a list of tables"),
            }
        }
        tables
    }

    /// The named tables below a key (`[group.NAME]`), in the order of the file.
    pub(crate) fn named(&self, key: &str) -> Vec<(Spot<'a>, Self)> {
        let Some(parent) = self.table(key) else {
            return Vec::new();
        };
        let mut named = Vec::with_capacity(parent.entries.len());
        for (name, value) in parent.entries {
            let spot = Spot {
                text: name.get_ref().as_ref(),
                span: name.span(),
            };
            match parent.as_table(value) {
                Some(table) => named.push((spot, table)),
                None => parent.wrong(spot.text, value, "a table"),
            }
        }
        named.sort_by_key(|(spot, _)| spot.span.start);
        named
    }

    pub(crate) fn error(&self, key: &str, message: String) {
        self.reading.error(self.span_of(key), message);
    }

    pub(crate) fn origin(&self) -> Origin {
        self.reading.origin(self.span.start)
    }
}
