//! Samples of every standard of many tables, spoilt in known ways, and lakes made of them.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::shipped::Shipped;
use arrow_array::RecordBatch;
use concord_check::submission::{
    CheckedSubmission, Parameters, Source as Tables, SubmissionPlan, TableFiles, TablesInMemory,
    check_and_take,
};
use concord_convert::OnReject;
use concord_convert::lake::{How, Lake, LakeInput};
use concord_convert::submission::{SubmissionConversion, SubmissionRows};
use concord_finding::{Effect, Finding, Grades};
use concord_read::{Input, Limits};
use concord_sample::submissions::{Request, period, write};
use concord_standards::definition::{Definition, StandardInfo};
use concord_standards::registry::Registry;
use concord_standards::submission::{Profile, Submission};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The standards of many tables that are shipped.
pub(crate) fn definitions() -> Vec<Definition> {
    let registry =
        Registry::new(vec![Box::new(Shipped::new())]).unwrap_or_else(|errors| panic!("{errors}"));
    let many = registry.list().iter().filter(|info| info.is_submission());
    let names: Vec<String> = many.map(StandardInfo::name).collect();
    assert!(names.len() >= 6, "{names:?}");
    let load = |name: &String| {
        let loaded = registry.load(name);
        loaded.unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    names.iter().map(load).collect()
}

pub(crate) fn submission(definition: &Definition) -> Arc<Submission> {
    Arc::new(definition.submission.clone().expect("tables"))
}

/// What is kept of what is written.
#[derive(Clone, Default)]
struct Kept(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A sample as files.
pub(crate) fn sample(definition: &Definition, patients: u64) -> TableFiles {
    let submission = submission(definition);
    let request = Request {
        submission: &submission,
        patients,
        seed: 7,
        period: period(definition),
        provider: "RX1".to_owned(),
    };
    let kept: Vec<Kept> = submission.tables.iter().map(|_| Kept::default()).collect();
    let mut writers: Vec<Box<dyn std::io::Write>> = kept
        .iter()
        .map(|kept| Box::new(kept.clone()) as Box<dyn std::io::Write>)
        .collect();
    write(&request, &mut writers).expect("memory takes it");
    let inputs = submission.tables.iter().zip(&kept).map(|(table, kept)| {
        let bytes = kept.0.lock().expect("not poisoned").clone();
        Input::bytes(format!("{}.csv", table.name), bytes)
    });
    let inputs = inputs.collect();
    TableFiles::new(submission, inputs, "sample".into(), Limits::default())
}

/// The rows of tables.
pub(crate) fn in_memory(tables: &mut dyn Tables, count: usize) -> TablesInMemory {
    let mut memory = TablesInMemory {
        tables: vec![Vec::new(); count],
    };
    tables
        .rows(&|_| true, &mut |row| {
            let cells = row.cells.iter().map(ToString::to_string);
            memory.tables[row.table].push(cells.collect());
            ControlFlow::Continue(())
        })
        .expect("it is read");
    memory
}

/// The same with a key that stands twice, rows that lead nowhere, and values that are missing.
pub(crate) fn spoilt(mut memory: TablesInMemory, submission: &Submission) -> TablesInMemory {
    for (number, table) in submission.tables.iter().enumerate() {
        let rows = &mut memory.tables[number];
        if number == submission.header || rows.is_empty() {
            continue;
        }
        if table.columns.iter().any(|column| column.key) && rows.len() > 3 {
            let again = rows[1].clone();
            rows.push(again);
        }
        if let Some((own, _)) = table.links.first().and_then(|link| link.columns.first())
            && rows.len() > 5
        {
            "NOWHERE".clone_into(&mut rows[4][*own]);
        }
        if rows.len() > 8 {
            rows[7].fill(String::new());
        }
    }
    memory
}

/// One document of the same rows.
pub(crate) fn document(memory: &TablesInMemory, submission: &Submission) -> String {
    let mut text = "<submission>".to_owned();
    for (table, rows) in submission.tables.iter().zip(&memory.tables) {
        for row in rows {
            let _ = write!(text, "<{}>", table.code);
            for (column, cell) in table.columns.iter().zip(row) {
                let name = match &*column.uid {
                    "" => &*column.name,
                    uid => uid,
                };
                if !cell.is_empty() {
                    let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
                    let _ = write!(text, "<{name}>{cell}</{name}>");
                }
            }
            let _ = writeln!(text, "</{}>", table.code);
        }
    }
    text + "</submission>"
}

/// A lake that was made of a submission.
pub(crate) struct Made {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) checked: CheckedSubmission,
    pub(crate) findings: Vec<Finding>,
    pub(crate) losses: concord_convert::Losses,
}

impl Made {
    /// Where a dataset of a table stands.
    pub(crate) fn part(&self, dataset: &str, table: usize) -> PathBuf {
        let part = format!("part-{table:05}.parquet");
        self.folder.path().join("lake").join(dataset).join(part)
    }

    /// The rows that a table gave to a dataset.
    pub(crate) fn rows(&self, dataset: &str, table: usize) -> Vec<RecordBatch> {
        let path = self.part(dataset, table);
        let Ok(file) = std::fs::File::open(&path) else {
            return Vec::new();
        };
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .expect("Parquet");
        reader.map(|batch| batch.expect("rows")).collect()
    }
}

/// Checks and converts.
pub(crate) fn convert(
    definition: &Definition,
    conversion: &SubmissionConversion,
    source: &mut dyn Tables,
    on_reject: OnReject,
) -> Made {
    let submission = submission(definition);
    let plan = SubmissionPlan::new(
        &submission,
        Profile::Implemented,
        Parameters::new(),
        None,
        &Grades::default(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::create(&folder.path().join("lake")).expect("a lake");
    let standard: Arc<str> = definition.standard.name().into();
    let how = How::default();
    let files: Vec<Arc<str>> = submission
        .tables
        .iter()
        .map(|table| Arc::clone(&table.name))
        .collect();
    let targets: Vec<LakeInput> = (0..files.len())
        .map(|table| {
            let conversion = conversion.of_table(table).expect("a table");
            let from = (&files[table], Some(&standard));
            LakeInput::new(&lake, table, from, conversion, &how).expect("no partitions")
        })
        .collect();
    let mut rows = SubmissionRows::new(
        conversion,
        &targets,
        files.clone(),
        Some(Arc::clone(&standard)),
        on_reject,
    );
    let mut findings = Vec::new();
    let mut sink = |finding: Finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    };
    let checked = check_and_take(source, &plan, &mut sink, &mut rows);
    let converted = rows.finish();
    let mut losses = concord_convert::Losses::default();
    for (target, converted) in targets.into_iter().zip(&converted) {
        losses.merge(converted.losses.clone());
        target
            .complete(converted, on_reject, None)
            .expect("written");
    }
    lake.complete().expect("in its place");
    Made {
        folder,
        checked,
        findings,
        losses,
    }
}

/// Whether a finding rejects the row that it is about.
pub(crate) fn rejects(effect: &str) -> bool {
    effect.parse::<Effect>().is_ok_and(Effect::is_reject)
}
