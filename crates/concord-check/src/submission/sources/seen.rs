//! What the first bytes of an input show of the tables that it holds, whatever its standard.

use concord_read::delimited::Rows;
use concord_standards::registry::SeenTable;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::table::header_row;

/// Most tables that are looked for in a document.
const TABLES: usize = 256;
/// Most columns of a row that are looked at.
const COLUMNS: usize = 512;
/// Deepest element that is looked at.
const DEPTH: usize = 64;

/// The name of a file without its folders and what says how it is stored.
pub fn stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.split('.').next().unwrap_or(name)
}

/// A table of delimited text, from the name of its file and its first bytes.
pub fn seen_in_table(name: &str, first: &[u8]) -> SeenTable {
    let mut seen = SeenTable {
        name: stem(name).to_owned(),
        ..SeenTable::default()
    };
    let Some(header) = header_row(first, b",") else {
        return seen;
    };
    let mut rows = Rows::new(first, header.detected.dialect).starting_at(header.next);
    let mut places = Vec::new();
    if rows.next(&mut places).is_some() {
        let cells = places.iter().take(COLUMNS);
        seen.first = cells.map(|cell| cell.text(first).into_owned()).collect();
    }
    seen.columns = header.cells;
    seen.columns.truncate(COLUMNS);
    seen
}

/// The tables of a document, from its first bytes: elements that hold elements with text are rows, of a table of their name. Of each
/// table the first row is looked at. What is no XML shows none.
pub fn seen_in_document(first: &[u8]) -> Vec<SeenTable> {
    let Ok(text) = std::str::from_utf8(whole_letters(first)) else {
        return Vec::new();
    };
    let mut reader = Reader::from_str(text);
    let mut found: Vec<SeenTable> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) if open.len() < DEPTH => {
                open.push(Open::new(start.local_name().as_ref()));
            }
            Event::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                close(&mut open, Open::new(&name), &mut found);
            }
            Event::End(_) => {
                if let Some(closed) = open.pop() {
                    close(&mut open, closed, &mut found);
                }
            }
            Event::Text(text) => {
                if let Some(last) = open.last_mut() {
                    last.text.push_str(&text);
                }
            }
            Event::Start(_) | Event::DocType(_) | Event::Eof => break,
            _ => {}
        }
        if found.len() >= TABLES {
            break;
        }
    }
    // What was cut off shows its name and the columns before the cut.
    while let Some(cut) = open.pop() {
        close(&mut open, cut, &mut found);
    }
    found
}

/// An element that is open.
struct Open {
    name: String,
    text: String,
    children: Vec<(String, String)>,
}

impl Open {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            children: Vec::new(),
        }
    }
}

/// Hands an element that is closed to the one around it, and notes it as a row where it has columns.
fn close(open: &mut [Open], closed: Open, found: &mut Vec<SeenTable>) {
    if let Some(around) = open.last_mut()
        && around.children.len() < COLUMNS
    {
        let text = closed.text.trim().to_owned();
        around.children.push((closed.name.clone(), text));
    }
    if !closed.children.is_empty() && found.iter().all(|table| table.name != closed.name) {
        let (columns, first) = closed.children.into_iter().unzip();
        found.push(SeenTable {
            name: closed.name,
            columns,
            first,
        });
    }
}

/// Bytes up to the last letter that is whole: what is cut off may end inside one.
fn whole_letters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_show_in_documents_cut_anywhere() {
        let document = "<?xml version='1.0'?><a:X xmlns:a='x'><a:T000><a:C1>2.0</a:C1><a:C2/></a:T000>\
                        <g><T001><C1>ä</C1></T001><T001><C9>y</C9></T001></g></a:X>";
        for end in 0..=document.len() {
            let seen = seen_in_document(&document.as_bytes()[..end]);
            if end == document.len() {
                let names: Vec<&str> = seen.iter().map(|table| &*table.name).collect();
                assert_eq!(names, ["T000", "T001", "g", "X"]);
                assert_eq!(seen[0].columns, ["C1", "C2"]);
                assert_eq!(seen[0].first, ["2.0", ""]);
                assert_eq!(seen[1].columns, ["C1"]);
            }
        }
        assert!(seen_in_document(b"MSH|^~\\&|").is_empty());
        let deep = "<a>".repeat(10_000);
        assert!(seen_in_document(deep.as_bytes()).len() <= DEPTH);
    }

    #[test]
    fn a_table_shows_its_columns_and_its_first_row() {
        let seen = seen_in_table("in/T000Head.csv.gz", b"sep=;\nA;B\n1;2\n3;4\n");
        assert_eq!(seen.name, "T000Head");
        assert_eq!(seen.columns, ["A", "B"]);
        assert_eq!(seen.first, ["1", "2"]);
        assert_eq!(seen_in_table("x.csv", b"").columns, Vec::<String>::new());
    }
}
