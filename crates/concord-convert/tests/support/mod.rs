//! Reads shipped standards and converts texts of tables, for tests.

#![allow(dead_code, clippy::unwrap_used)] // each test uses a part of it; a test fails by panicking

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use concord_check::table::{FieldRules, TableInput, TablePlan, check_table};
use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_convert::records::{ByRecord, RecordWriter};
use concord_convert::tables_out::{TableWriter, TableWritten};
use concord_convert::{Converting, Losses, OnReject, mapped};
use concord_finding::{Finding, Masking};
use concord_read::xml::Chunks;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, Mapping};

/// The shipped definitions.
pub(crate) fn shipped() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut files = BTreeMap::new();
    read(&root, "", &mut files);
    files
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// A standard with its mapping.
pub(crate) struct Standard {
    pub(crate) definition: Definition,
    pub(crate) mapping: Mapping,
}

impl Standard {
    pub(crate) fn load(files: &BTreeMap<String, String>, folder: &str) -> Self {
        let definition = Definition::load(files, folder);
        let definition = definition.unwrap_or_else(|errors| panic!("{folder}: {errors}"));
        let mapping = Mapping::load(files, folder);
        let mapping = mapping.unwrap_or_else(|errors| panic!("{folder}: {errors}"));
        Self {
            definition,
            mapping: mapping.unwrap_or_else(|| panic!("{folder} has no mapping")),
        }
    }

    /// Reads a text and hands its canonical records to a writer; what was found and lost on the way.
    pub(crate) fn convert<W: RecordWriter>(
        &self,
        text: &[u8],
        on_reject: OnReject,
        writer: W,
    ) -> (W, Vec<Finding>, Losses) {
        let conversion = mapped(&self.definition, &self.mapping).unwrap();
        let schema = Arc::new(self.definition.schema.clone());
        let compiled = Arc::new(CompiledSchema::of_tables(schema).unwrap());
        let mut plan = TablePlan::new(
            Arc::new(self.definition.layout.clone().unwrap()),
            0,
            compiled,
            conversion.capture.clone(),
            &FieldRules::of(&self.definition.rules),
            &self.definition.standard.record.key,
        );
        plan.standard = Some(self.definition.standard.name().into());
        let names = conversion
            .tables
            .iter()
            .map(|table| Arc::clone(&table.name))
            .collect();
        let target = ByRecord::new(names, writer);
        let file = Arc::from("source.csv");
        let input = TableInput {
            bytes: Cursor::new(text),
            file: &file,
            size: Some(text.len() as u64),
            guessed_encoding: None,
        };
        let mut findings = Vec::new();
        let converting = Converting::new(&NoRules, &conversion, on_reject, &target);
        let checked = check_table(
            input,
            &plan,
            &converting,
            Options::default(),
            &mut |finding| {
                findings.push(finding);
                ControlFlow::Continue(())
            },
        );
        assert!(checked.error.is_none());
        let ((), converted) = checked.outcome.unwrap();
        let writer = target.into_writer().unwrap();
        (writer, findings, converted.losses)
    }

    /// Reads a document and hands its canonical records to a writer; what was lost on the way.
    pub(crate) fn convert_document<W: RecordWriter>(&self, text: &[u8], writer: W) -> (W, Losses) {
        let conversion = mapped(&self.definition, &self.mapping).unwrap();
        let schema = Arc::new(self.definition.schema.clone());
        let compiled = Arc::new(CompiledSchema::compile(schema).unwrap());
        let records = self.definition.standard.record.elements.clone();
        let capture = conversion.capture.clone();
        let plan = Plan::new(compiled, records, capture, Vec::new());
        let names = conversion
            .tables
            .iter()
            .map(|table| Arc::clone(&table.name))
            .collect();
        let target = ByRecord::new(names, writer);
        let name: Arc<str> = "source.xml".into();
        let chunks = Chunks::new(Cursor::new(text), Arc::clone(&name), CHUNK, 1 << 24);
        let converting = Converting::new(&NoRules, &conversion, OnReject::Keep, &target);
        let mut sink = |_: Finding| ControlFlow::Continue(());
        let checked = check(
            chunks,
            &name,
            None,
            &plan,
            &converting,
            Options::default(),
            &mut sink,
        );
        assert!(checked.error.is_none(), "{:?}", checked.error);
        let ((), converted) = checked.outcome.unwrap();
        (target.into_writer().unwrap(), converted.losses)
    }

    /// Reads a text and writes it in another standard; the text and what was written.
    pub(crate) fn to(
        &self,
        other: &Self,
        text: &[u8],
        on_reject: OnReject,
    ) -> (String, TableWritten) {
        let writer = TableWriter::new(&other.definition, &other.mapping, Vec::new()).unwrap();
        let (writer, _, losses) = self.convert(text, on_reject, writer);
        let (mut written, bytes) = writer.finish().unwrap();
        written.losses.merge(losses);
        (String::from_utf8(bytes).unwrap(), written)
    }

    /// What is found in a text, without where.
    pub(crate) fn findings(&self, text: &[u8]) -> Vec<String> {
        struct Nothing;
        impl RecordWriter for Nothing {
            fn write(&mut self, _: &concord_convert::records::Records) -> Result<(), String> {
                Ok(())
            }
        }
        let (_, findings, _) = self.convert(text, OnReject::Keep, Nothing);
        let told = findings
            .iter()
            .map(|finding| format!("{} {}", finding.rule.id, finding.message(Masking::Revealed)));
        told.collect()
    }
}

/// The cells of a delimited text.
pub(crate) fn cells(text: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}
