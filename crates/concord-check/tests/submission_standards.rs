//! The standards of many tables that are shipped: lint finds nothing wrong, and every rule says of its examples what it must.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::submission::{Parameters, SubmissionPlan, TableFiles, check_submission};
use concord_finding::{Grades, Masking};
use concord_read::{Input, Limits};
use concord_sample::submissions::{Request, write};
use concord_standards::definition::{Definition, Severity, StandardInfo, lint};
use concord_standards::registry::Registry;
use concord_standards::submission::{Profile, Submission};
use concord_standards::{Source, SourceError};

struct Shipped(PathBuf);

impl Source for Shipped {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let text = std::fs::read_to_string(self.0.join(path));
        text.map(Cow::Owned).map_err(|_| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        fn below(root: &Path, folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    below(root, &path, found);
                } else if let Ok(path) = path.strip_prefix(root) {
                    found.push(path.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let mut found = Vec::new();
        below(&self.0, &self.0.join(path), &mut found);
        found.sort();
        found
    }
}

fn definitions() -> Vec<Definition> {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let registry =
        Registry::new(vec![Box::new(Shipped(schemas))]).unwrap_or_else(|errors| panic!("{errors}"));
    let many = registry.list().iter().filter(|info| info.is_submission());
    many.map(StandardInfo::name)
        .map(|name| {
            registry
                .load(&name)
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        })
        .collect()
}

#[test]
fn lint_finds_nothing_and_every_example_says_what_it_must() {
    let definitions = definitions();
    assert!(!definitions.is_empty());
    for definition in definitions {
        let name = definition.standard.name();
        let problems: Vec<String> = lint(&definition)
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
        let submission = Arc::new(definition.submission.expect("tables"));
        let (run, failures) = concord_check::submission::prove(&submission);
        let failures: Vec<String> = failures
            .iter()
            .map(|failure| format!("{}: {}", failure.rule, failure.reason))
            .collect();
        assert!(run > submission.rules.len(), "{name}: {run} examples");
        assert!(
            failures.is_empty(),
            "{name}: {} of {run}\n{}",
            failures.len(),
            failures.join("\n")
        );
    }
}

/// Kept for the engine.
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

/// A sample of a standard as files, and how many rows it has.
fn sample(submission: &Arc<Submission>, patients: u64) -> (TableFiles, u64) {
    let request = Request {
        submission,
        patients,
        seed: 1,
        period: (
            jiff::civil::date(2024, 4, 1),
            jiff::civil::date(2024, 4, 30),
        ),
        provider: "RX1".to_owned(),
    };
    let kept: Vec<Kept> = submission.tables.iter().map(|_| Kept::default()).collect();
    let mut writers: Vec<Box<dyn std::io::Write>> = kept
        .iter()
        .map(|kept| Box::new(kept.clone()) as Box<dyn std::io::Write>)
        .collect();
    let counts = write(&request, &mut writers).expect("memory takes it");
    let inputs = submission.tables.iter().zip(&kept).map(|(table, kept)| {
        let bytes = kept.0.lock().expect("not poisoned").clone();
        Input::bytes(format!("{}.csv", table.name), bytes)
    });
    let inputs = inputs.collect();
    let files = TableFiles::new(
        Arc::clone(submission),
        inputs,
        "sample".into(),
        Limits::default(),
    );
    (files, counts.iter().sum())
}

#[test]
fn samples_are_taken() {
    let mut wrong = Vec::new();
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = Arc::new(definition.submission.expect("tables"));
        let (mut files, rows) = sample(&submission, 1_000);
        assert!(rows > 5_000, "{name}: {rows} rows");
        let plan = SubmissionPlan::new(
            &submission,
            Profile::Implemented,
            Parameters::new(),
            None,
            &Grades::default(),
        );
        let mut told = std::collections::BTreeMap::<String, (u32, String)>::new();
        let checked = check_submission(&mut files, &plan, &mut |finding| {
            let told = told.entry(finding.rule.id.to_string()).or_default();
            told.0 += 1;
            told.1 = finding.message(Masking::Revealed);
            ControlFlow::Continue(())
        });
        assert!(checked.error.is_none());
        let accepted: u64 = checked.files.iter().map(|file| file.records.accepted).sum();
        if !told.is_empty() || accepted != rows {
            wrong.push(format!(
                "{name}: {accepted} of {rows} rows taken: {told:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
