//! `elements.csv`: what the Data Dictionary says of the elements that standards share.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::csv_rows::{at_line, rows, shared};
use super::problem::{Problem, Text};

/// An element of the Data Dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryElement {
    /// Data Dictionary name, such as `NHS NUMBER`.
    pub name: Arc<str>,
    /// Local names under which it stands in XML.
    pub xml_names: Vec<Arc<str>>,
    /// Format in dictionary notation, empty when not known.
    pub format: Arc<str>,
    /// Id of its code list, empty when it has none.
    pub code_list: Arc<str>,
    /// Whether its value identifies a person.
    pub personal: bool,
    /// What says so.
    pub source: Arc<str>,
}

/// All of `elements.csv`.
#[derive(Debug, Clone, Default)]
pub struct Elements {
    /// The elements in the order of the file.
    pub list: Vec<DictionaryElement>,
    by_xml_name: BTreeMap<Arc<str>, usize>,
}

impl Elements {
    /// Elements in this order. Where an XML name stands with several, the last one has it.
    pub fn new(list: Vec<DictionaryElement>) -> Self {
        let mut by_xml_name = BTreeMap::new();
        for (index, element) in list.iter().enumerate() {
            for name in &element.xml_names {
                by_xml_name.insert(Arc::clone(name), index);
            }
        }
        Self { list, by_xml_name }
    }

    /// The element that stands under a local name in XML.
    pub fn by_xml_name(&self, local: &str) -> Option<&DictionaryElement> {
        self.by_xml_name.get(local).map(|index| &self.list[*index])
    }

    /// The element with a Data Dictionary name.
    pub fn by_name(&self, name: &str) -> Option<&DictionaryElement> {
        self.list.iter().find(|element| &*element.name == name)
    }
}

pub(super) const COLUMNS: [&str; 6] = [
    "name",
    "xml_names",
    "format",
    "code_list",
    "personal",
    "source",
];

/// Reads `elements.csv`.
pub(super) fn read(text: &Text, problems: &mut Vec<Problem>) -> Elements {
    let mut elements = Elements::default();
    for row in rows(text, COLUMNS, problems) {
        let line = row.line;
        let [name, xml_names, format, code_list, personal, source] = row.cells;
        let xml_names: Vec<Arc<str>> = xml_names.split_whitespace().map(Arc::from).collect();
        for xml_name in &xml_names {
            let index = elements.list.len();
            if elements
                .by_xml_name
                .insert(Arc::clone(xml_name), index)
                .is_some()
            {
                let message = format!("the XML name `{xml_name}` stands twice");
                problems.push(at_line(text, line, message));
            }
        }
        if !matches!(&*personal, "yes" | "no") {
            let message = format!("personal is yes or no, not `{personal}`");
            problems.push(at_line(text, line, message));
        }
        let above = elements.list.last();
        elements.list.push(DictionaryElement {
            name: name.into(),
            xml_names,
            format: shared(&format, above.map(|above| &above.format)),
            code_list: shared(&code_list, above.map(|above| &above.code_list)),
            personal: personal == "yes",
            source: shared(&source, above.map(|above| &above.source)),
        });
    }
    elements
}
