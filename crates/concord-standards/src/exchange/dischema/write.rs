//! The definition files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Reading;
use crate::definition::{DictionaryElement, FIELD_COLUMNS, cell, elements, folded, list, quoted};

pub(super) fn files(
    reading: &Reading<'_>,
    file: &str,
    id: &str,
    version: &str,
) -> BTreeMap<String, String> {
    let folder = format!("{id}/{version}");
    let mut files = BTreeMap::from([
        (
            format!("{folder}/standard.toml"),
            standard(reading, file, id, version),
        ),
        (format!("{folder}/fields.csv"), fields(reading, file)),
        ("elements.csv".to_owned(), dictionary(reading, file)),
    ]);
    if !reading.rules.is_empty() {
        files.insert(format!("{folder}/rules.toml"), rules(reading, file));
    }
    if !reading.aliases.is_empty() {
        let mut text = "header,column,feed,source\n".to_owned();
        for (header, column) in &reading.aliases {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{},{column},{id},{}", cell(header), cell(file));
        }
        files.insert(format!("{folder}/aliases.csv"), text);
    }
    files
}

fn standard(reading: &Reading<'_>, file: &str, id: &str, version: &str) -> String {
    let mut lines = vec![
        format!("id = {}", quoted(id)),
        format!("version = {}", quoted(version)),
        format!("title = {}", quoted(&format!("Imported from {file}"))),
        "publisher = \"unknown\"".to_owned(),
        "status = \"draft\"".to_owned(),
        "carrier = \"delimited\"".to_owned(),
    ];
    if !reading.aliases.is_empty() {
        lines.push("aliases = [\"aliases.csv\"]".to_owned());
    }
    let source = format!(
        "{file}, a contract of the Data Validation Engine, read by `concord standards import`"
    );
    lines.push(format!("source = {}", folded(&source)));
    if reading.tables.iter().any(|table| table.header) {
        lines.extend([
            String::new(),
            "[recognise]".to_owned(),
            "header = true".to_owned(),
        ]);
    }
    let mut keys: Vec<&str> = Vec::new();
    for key in reading
        .tables
        .iter()
        .filter_map(|table| table.key.as_deref())
    {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if !keys.is_empty() {
        lines.extend([
            String::new(),
            "[record]".to_owned(),
            format!("key = {}", list(&keys)),
        ]);
    }
    for table in &reading.tables {
        lines.extend([
            String::new(),
            "[[table]]".to_owned(),
            format!("name = {}", quoted(&table.name)),
            format!("title = {}", quoted(&table.entity)),
            format!(
                "header = \"{}\"",
                if table.header { "required" } else { "none" }
            ),
            format!("delimiters = [{}]", quoted(&table.delimiter.to_string())),
        ]);
    }
    lines.join("\n") + "\n"
}

fn fields(reading: &Reading<'_>, file: &str) -> String {
    let mut text = FIELD_COLUMNS.join(",") + "\n";
    for table in &reading.tables {
        for (index, column) in table.columns.iter().enumerate() {
            let mandation = if column.mandatory { "M" } else { "O" };
            let source = format!("{file}: {}", column.place);
            let _ = writeln!(
                text,
                "{},{},{},{},,{mandation},{},,,,,,,{},",
                table.name,
                index + 1,
                column.id,
                cell(&column.element),
                cell(&column.format),
                cell(&source),
            );
        }
    }
    text
}

/// The elements that were known, and those of the contract.
fn dictionary(reading: &Reading<'_>, file: &str) -> String {
    let mut all: Vec<DictionaryElement> = reading.elements.list.clone();
    for column in reading.tables.iter().flat_map(|table| &table.columns) {
        match all
            .iter_mut()
            .find(|element| *element.name == *column.element)
        {
            Some(known) => known.personal |= column.personal,
            None => all.push(DictionaryElement {
                name: column.element.as_str().into(),
                xml_names: Vec::new(),
                format: column.format.as_str().into(),
                code_list: "".into(),
                personal: column.personal,
                source: file.into(),
            }),
        }
    }
    all.sort_by(|left, right| left.name.cmp(&right.name));
    elements(&all)
}

fn rules(reading: &Reading<'_>, file: &str) -> String {
    let several = reading.tables.len() > 1;
    let mut text = String::new();
    for rule in &reading.rules {
        text.push_str(if text.is_empty() {
            "[[rule]]\n"
        } else {
            "\n[[rule]]\n"
        });
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        };
        line("id", &rule.id);
        line("title", &rule.title);
        if several {
            line("at", &rule.table);
        }
        line("effect", rule.effect);
        if let Some(place) = &rule.place {
            line("place", place);
        }
        line("message", &rule.message);
        line("source", &format!("{file}: {}", rule.source));
        line("since", env!("CARGO_PKG_VERSION"));
        let _ = writeln!(text, "{}", rule.check);
    }
    text
}
