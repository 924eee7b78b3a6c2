//! Every file of a made-up practice is valid under its standard, and is taken for what it is.

#![allow(clippy::print_stderr)] // what is skipped is said aloud

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Write};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::table::{FieldRules, TableInput, TablePlan, check_table, header_row};
use concord_check::{NoRules, Options};
use concord_finding::Masking;
use concord_sample::practice::{self, FaultRequest, Request, Written, write};
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
        practices: 1,
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

/// What is found in a file or labelled: the rule, the record (0: none), the line (0: none).
type Told = (String, u64, u64);

/// Each file with faults has the findings that its labels say, and no other; all rules are broken that can be.
#[test]
fn faults_of_files_are_found_as_they_are_labelled() {
    let registry = common::shipped();
    for standard in ["emis-extract@8", "tpp-sr@93", "vision@1"] {
        let definition = registry.load(standard).expect("a shipped standard");
        let rules = practice::rules(&request(&definition, 3)).expect("rules");
        let mut unbroken: BTreeSet<String> = rules
            .into_iter()
            .filter(|rule| !rule.starts_with("EXTRACT-"))
            .collect();
        let made: Vec<_> = [3, 4].map(|seed| faulty(&definition, seed)).into();
        let checks = Checks::new(definition);
        for (files, labels) in made {
            let mut labelled = labels_of_files(&labels);
            for (rule, ..) in labelled.values().flatten() {
                unbroken.remove(rule);
            }
            for (path, bytes) in &files {
                let mut told = checks.told(path, bytes);
                told.sort();
                let mut expected = labelled.remove(path).unwrap_or_default();
                expected.sort();
                let missed: Vec<&Told> =
                    expected.iter().filter(|one| !told.contains(one)).collect();
                let beyond: Vec<&Told> =
                    told.iter().filter(|one| !expected.contains(one)).collect();
                assert!(
                    told == expected,
                    "{path}: missed {missed:?}, beyond {beyond:?}"
                );
            }
            assert!(labelled.is_empty(), "{standard}: {labelled:?}");
        }
        assert_eq!(unbroken, BTreeSet::new(), "{standard}");
    }
}

fn request(definition: &Definition, seed: u64) -> Request<'_> {
    Request {
        definition,
        people: 12,
        months: 50,
        practices: 1,
        seed,
    }
}

fn faulty(definition: &Definition, seed: u64) -> (Files, String) {
    let files = Rc::new(RefCell::new(Files::new()));
    let mut create = |path: &str| -> io::Result<Box<dyn Write>> {
        Ok(Box::new(Memory(Rc::clone(&files), path.to_owned())))
    };
    let faults = FaultRequest {
        rate: 0.45,
        rules: Vec::new(),
    };
    let mut labels = Vec::new();
    let asked = request(definition, seed);
    practice::write_faulty(&asked, &faults, &mut create, &mut labels).expect("written");
    let found = files.borrow().clone();
    (found, String::from_utf8(labels).expect("UTF-8"))
}

/// The labels of single files, those of batches left out.
fn labels_of_files(labels: &str) -> BTreeMap<String, Vec<Told>> {
    let mut found: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for line in labels.lines().skip(1) {
        let mut cells = line.splitn(4, ',');
        let mut cell = || cells.next().expect("a cell");
        let (rule, record, line_of) = (cell(), cell(), cell());
        let file = line.rsplit(',').next().expect("a file");
        if !rule.starts_with("EXTRACT-") {
            let number = |text: &str| text.parse::<u64>().expect("a number");
            let told = (rule.to_owned(), number(record), number(line_of));
            found.entry(file.to_owned()).or_default().push(told);
        }
    }
    found
}

/// Plans for the tables of a standard.
struct Checks {
    layout: Arc<Layout>,
    plans: BTreeMap<usize, TablePlan>,
}

impl Checks {
    fn new(definition: Definition) -> Self {
        let layout = Arc::new(definition.layout.expect("tables"));
        let schema = CompiledSchema::compile(Arc::new(definition.schema)).expect("compiles");
        let compiled = Arc::new(schema);
        let plan = |table: usize| {
            TablePlan::new(
                Arc::clone(&layout),
                table,
                Arc::clone(&compiled),
                CapturePlan::default(),
                &FieldRules::default(),
                &definition.standard.record.key,
            )
        };
        let plans = (0..layout.tables.len()).map(|table| (table, plan(table)));
        let plans = plans.collect();
        Self { layout, plans }
    }

    /// What is found in a file, but for what files without rows and columns that come and go are told of.
    fn told(&self, path: &str, bytes: &[u8]) -> Vec<Told> {
        let file: Arc<str> = path.into();
        let input = TableInput {
            bytes: Cursor::new(bytes),
            file: &file,
            size: None,
            guessed_encoding: None,
        };
        let mut told = Vec::new();
        let plan = &self.plans[&table_of(&self.layout, path)];
        let checked = check_table(input, plan, &NoRules, Options::default(), &mut |finding| {
            let rule = &*finding.rule.id;
            let known = ["TABLE-NO-ROWS", "TABLE-EMPTY"].contains(&rule)
                || rule == "TABLE-COLUMN-MISSING"
                    && finding.element.as_deref() == Some("REMOVED DATA");
            if !known {
                let line = finding.place.map_or(0, |place| place.line);
                told.push((rule.to_owned(), finding.record.unwrap_or(0), line));
            }
            ControlFlow::Continue(())
        });
        assert!(checked.error.is_none());
        told
    }
}
