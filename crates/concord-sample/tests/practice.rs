//! Every file of a made-up practice is valid under its standard, and is taken for what it is.

#![allow(clippy::print_stderr)] // what is skipped is said aloud

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::table::{FieldRules, TableInput, TablePlan, check_table, header_row};
use concord_check::{NoRules, Options};
use concord_finding::Masking;
use concord_sample::practice::{Request, Written, write};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;
use concord_standards::layout::{Layout, normalised_header};
use concord_standards::registry::HeaderRecognition;

#[allow(dead_code)]
mod common;

type Files = BTreeMap<String, Vec<u8>>;

struct Memory(Rc<RefCell<Files>>, String);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.0.borrow_mut();
        files
            .entry(self.1.clone())
            .or_default()
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn made(definition: &Definition, seed: u64) -> (Files, Written) {
    let files = Rc::new(RefCell::new(Files::new()));
    let request = Request {
        definition,
        people: 30,
        months: 9,
        seed,
    };
    let mut create = |path: &str| -> io::Result<Box<dyn Write>> {
        Ok(Box::new(Memory(Rc::clone(&files), path.to_owned())))
    };
    let written = write(&request, &mut create).expect("written");
    let found = files.borrow().clone();
    (found, written)
}

/// The table of a file, by its name.
fn table_of(layout: &Layout, path: &str) -> usize {
    let name = normalised_header(path.rsplit('/').next().unwrap_or(path));
    let tables = layout.tables.iter().enumerate();
    let (number, _) = tables
        .filter(|(_, table)| name.contains(&normalised_header(&table.name)))
        .max_by_key(|(_, table)| table.name.len())
        .expect("a table");
    number
}

#[test]
fn every_file_is_valid_and_recognised() {
    let registry = common::shipped();
    for standard in ["emis-extract@8", "emis-extract@7", "tpp-sr@93", "vision@1"] {
        let definition = registry.load(standard).expect("a shipped standard");
        let (files, written) = made(&definition, 5);
        assert_eq!(written.batches.len(), 10);
        let layout = Arc::new(definition.layout.expect("tables"));
        let schema = CompiledSchema::compile(Arc::new(definition.schema)).expect("compiles");
        let compiled = Arc::new(schema);
        let (mut rows, mut seen) = (0, 0);
        for (path, bytes) in &files {
            let table = table_of(&layout, path);
            if definition.standard.recognise.header {
                let row = header_row(bytes, b",").expect("a header");
                let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
                let found = registry.recognise_header(&cells);
                let recognised = matches!(&found, HeaderRecognition::Recognised(info, _)
                    if info.id == definition.standard.id);
                assert!(recognised, "{path}: {found:?}");
                assert_eq!(layout.match_header(&cells).table, table, "{path}");
            }
            let plan = TablePlan::new(
                Arc::clone(&layout),
                table,
                Arc::clone(&compiled),
                CapturePlan::default(),
                &FieldRules::default(),
                &definition.standard.record.key,
            );
            let file: Arc<str> = path.as_str().into();
            let input = TableInput {
                bytes: Cursor::new(bytes),
                file: &file,
                size: None,
                guessed_encoding: None,
            };
            let checked = check_table(input, &plan, &NoRules, Options::default(), &mut |finding| {
                // Tables without rows, and a column that comes and goes.
                let known = ["TABLE-NO-ROWS", "TABLE-EMPTY"].contains(&&*finding.rule.id)
                    || &*finding.rule.id == "TABLE-COLUMN-MISSING"
                        && finding.element.as_deref() == Some("REMOVED DATA");
                let message = finding.message(Masking::Revealed);
                assert!(known, "{path}: {} {message}", finding.rule.id);
                ControlFlow::Continue(())
            });
            assert!(checked.error.is_none());
            rows += checked.summary.records.records;
            seen += 1;
        }
        assert!(
            seen > 50 && rows > 500,
            "{standard}: {seen} files, {rows} rows"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let definition = common::shipped()
        .load("vision@1")
        .expect("a shipped standard");
    let first = made(&definition, 5);
    assert!(made(&definition, 5) == first);
    assert!(made(&definition, 6) != first);
}
