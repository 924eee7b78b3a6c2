//! The tables of a submission as those of a tabular standard, for whoever converts them.
//!
//! What may stand in a column decides its type: days are dates, moments timestamps, `max n4` a whole number, `max n3.n1` a decimal
//! number. What comes of a code list is text, and so is a number of the header: it says which version or which submission it is.

use std::sync::Arc;

use crate::definition::field_value::Values;
use crate::definition::tabular;
use crate::definition::{Definition, Elements};
use crate::layout::{Field, HeaderUse, Layout, Letters, TableLayout};
use crate::schema::ElementId;
use crate::submission::form::Form;
use crate::submission::{Codes, Column, Table};

impl Definition {
    /// The same standard with its tables as records of a tabular one, so that their columns can be named, mapped and typed;
    /// `None` for a standard that is no submission of many tables. Its rules are left out.
    pub fn as_tables(&self) -> Option<Self> {
        let submission = self.submission.as_ref()?;
        let mut values = Values::default();
        let all = submission.tables.iter().enumerate();
        let mut tables: Vec<TableLayout> = all
            .map(|(number, table)| {
                let is_header = number == submission.header;
                layout(table, is_header, &self.elements, &mut values)
            })
            .collect();
        let schema = tabular::schema(&mut tables, values);
        let mut standard = self.standard.clone();
        standard.record.elements = tables.iter().map(|table| Arc::clone(&table.name)).collect();
        Some(Self {
            standard,
            schema,
            layout: Some(Layout {
                tables,
                ..Layout::default()
            }),
            submission: None,
            ..self.clone()
        })
    }
}

fn layout(table: &Table, is_header: bool, elements: &Elements, values: &mut Values) -> TableLayout {
    let fields = (1..).zip(&table.columns).map(|(position, column)| {
        let format = match typed(column, is_header) {
            "" => day_of(column, elements),
            format => format,
        };
        Field {
            column: Arc::clone(&column.name),
            element: Arc::clone(&column.element),
            group: "".into(),
            mandation: column.mandation,
            format: Arc::clone(&column.format),
            value: values.value(format, None, &column.origin),
            code_list: list_of(column),
            personal: column.personal,
            position,
            span: None,
            line: None,
            presence_rule: None,
            format_rule: None,
            code_rule: None,
            source: "".into(),
            confidence: Arc::clone(&column.confidence),
            origin: column.origin.clone(),
        }
    });
    TableLayout {
        name: Arc::clone(&table.name),
        title: table.title.clone(),
        header: HeaderUse::Required,
        delimiters: vec![b','],
        record_length: None,
        lines: None,
        encoding: Letters::Utf8,
        document: None,
        as_written: false,
        fields: fields.collect(),
        record: ElementId(0),
    }
}

/// The format by which a column gets its type; empty for text.
fn typed(column: &Column, is_header: bool) -> &str {
    match &column.form {
        _ if column.codes.is_some() => "",
        Some(Form::Decimal(..)) if is_header => "",
        // A moment with its zone is a moment; the zone gets a column of its own.
        Some(Form::OffsetMoment) => "an19 CCYY-MM-DDThh:mm:ss",
        Some(Form::Day | Form::Time | Form::Moment | Form::Digits(..) | Form::Decimal(..)) => {
            &column.format
        }
        _ => "",
    }
}

/// The format of a day, where the standard checks none and the dictionary says that the element is one.
fn day_of<'e>(column: &Column, elements: &'e Elements) -> &'e str {
    let unknown = column.form.is_none() && column.codes.is_none();
    let known = elements.list.iter().filter(|_| unknown);
    let mut named = known.filter(|element| element.name == column.element);
    let format = named.next().map_or("", |element| &*element.format);
    match Form::parse(format) {
        Some(Form::Day) => format,
        _ => "",
    }
}

fn list_of(column: &Column) -> Option<Arc<str>> {
    match column.codes.as_deref()? {
        Codes::List(list, _) => Some(Arc::clone(&list.id)),
        Codes::These(_) => None,
    }
}
