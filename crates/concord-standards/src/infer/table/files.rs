//! The files of a definition that was inferred of a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{InferredColumn, InferredTable, rules};
use crate::definition::{
    DictionaryElement, FIELD_COLUMNS, Known, cell, code_list, elements, folded, list, quoted,
};
use crate::infer::Naming;

impl InferredTable {
    /// The files of the definition by path: `ID/VERSION/standard.toml`, `fields.csv`, `rules.toml`, `aliases.csv` where a header
    /// cannot be an id, `codes/NAME.csv` for each code list of values seen, and `elements.csv`, those known included.
    pub fn files(&self, naming: &Naming, known: &Known) -> BTreeMap<String, String> {
        let columns = self.columns(naming, known);
        let folder = naming.folder();
        let mut files = BTreeMap::from([
            (
                format!("{folder}/standard.toml"),
                self.standard(&columns, naming),
            ),
            (format!("{folder}/fields.csv"), fields(&columns, naming)),
            (
                format!("{folder}/rules.toml"),
                rules::rules(&columns, naming),
            ),
            (
                "elements.csv".to_owned(),
                dictionary(&columns, naming, known),
            ),
        ]);
        for column in columns.iter().filter(|column| column.own_list) {
            if let Some(list) = &column.code_list {
                files.insert(format!("codes/{}.csv", list.id), code_list(list));
            }
        }
        if columns.iter().any(|column| column.needs_alias) {
            files.insert(format!("{folder}/aliases.csv"), aliases(&columns, naming));
        }
        files
    }

    fn standard(&self, columns: &[InferredColumn], naming: &Naming) -> String {
        let rows = self.rows();
        let source = format!("inferred from {} ({rows} rows)", naming.from);
        let provenance = "What is mandatory was filled in every row seen; formats and codes are those of the values seen. Nothing \
            here was published: hold it against the specification, then say so here and take the words about what was seen away.";
        let delimiter = char::from(self.seen.options.delimiter).to_string();
        let header = self.seen.has_header;
        let mut lines = vec![
            format!("id = {}", quoted(&naming.id)),
            format!("version = {}", quoted(&naming.version)),
            format!(
                "title = {}",
                quoted(&format!("Inferred from {}", naming.from))
            ),
            "publisher = \"unknown\"".to_owned(),
            "status = \"draft\"".to_owned(),
            "carrier = \"delimited\"".to_owned(),
        ];
        if columns.iter().any(|column| column.needs_alias) {
            lines.push("aliases = [\"aliases.csv\"]".to_owned());
        }
        lines.push(format!("source = {}", folded(&source)));
        lines.push(format!("provenance = {}", folded(provenance)));
        lines.extend([
            String::new(),
            "[recognise]".to_owned(),
            if header {
                "header = true".to_owned()
            } else {
                format!("columns = {}", columns.len())
            },
        ]);
        let keys: Vec<&str> = key(columns)
            .map(|column| &*column.column)
            .into_iter()
            .collect();
        if !keys.is_empty() {
            lines.extend([
                String::new(),
                "[record]".to_owned(),
                "# Inferred: always filled, and no value stood twice.".to_owned(),
                format!("key = {}", list(&keys)),
            ]);
        }
        lines.extend([
            String::new(),
            "[[table]]".to_owned(),
            format!("name = {}", quoted(&naming.table())),
            format!("title = {}", quoted(&format!("Rows as in {}", naming.from))),
            format!("header = \"{}\"", if header { "required" } else { "none" }),
            format!("delimiters = [{}]", quoted(&delimiter)),
        ]);
        lines.join("\n") + "\n"
    }
}

/// The column that identifies a row: of those that could, one that is called so, and one that identifies nobody.
pub(super) fn key(columns: &[InferredColumn]) -> Option<&InferredColumn> {
    let called = |column: &InferredColumn| {
        let words = ["IDENTIFIER", "ID", "KEY", "NUMBER", "REFERENCE"];
        column.element.split(' ').any(|word| words.contains(&word))
    };
    let rank = |column: &&InferredColumn| (column.personal.is_some(), !called(column));
    columns.iter().filter(|column| column.key).min_by_key(rank)
}

fn fields(columns: &[InferredColumn], naming: &Naming) -> String {
    let mut text = FIELD_COLUMNS.join(",") + "\n";
    let table = naming.table();
    for (index, column) in columns.iter().enumerate() {
        let code_list = column.code_list.as_ref().map_or("", |list| &list.id);
        let code_rule = if column.own_list {
            rules::codes(naming)
        } else {
            String::new()
        };
        // Writing to a `String` does not fail.
        let _ = writeln!(
            text,
            "{table},{},{},{},,{},{},{code_list},,,,,{code_rule},{},{}",
            index + 1,
            column.column,
            cell(&column.element),
            column.mandation.letter(),
            cell(&column.format),
            cell(&naming.from),
            cell(&format!("inferred: {}", column.seen)),
        );
    }
    text
}

fn aliases(columns: &[InferredColumn], naming: &Naming) -> String {
    let mut text = "header,column,feed,source\n".to_owned();
    for column in columns.iter().filter(|column| column.needs_alias) {
        let (header, from) = (cell(&column.header), cell(&naming.from));
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{header},{},{},{from}", column.column, naming.id);
    }
    text
}

/// The elements that were known, and those of the table.
fn dictionary(columns: &[InferredColumn], naming: &Naming, known: &Known) -> String {
    let mut all: Vec<DictionaryElement> = known.elements.list.clone();
    for column in columns {
        if let Some(element) = all
            .iter_mut()
            .find(|element| *element.name == *column.element)
        {
            element.personal |= column.personal.is_some();
            continue;
        }
        let why = column
            .personal
            .map_or_else(String::new, |why| format!("; personal: {why}"));
        all.push(DictionaryElement {
            name: column.element.as_str().into(),
            xml_names: Vec::new(),
            format: column.format.as_str().into(),
            code_list: "".into(),
            personal: column.personal.is_some(),
            source: format!("inferred from {}{why}", naming.from).into(),
        });
    }
    all.sort_by(|left, right| left.name.cmp(&right.name));
    elements(&all)
}
