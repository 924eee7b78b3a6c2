//! The standards of many tables that are shipped: lint finds nothing wrong, and every rule says of its examples what it must.

mod shipped;

use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::submission::{Parameters, Source, SubmissionPlan, TableFiles, check_submission};
use concord_finding::{Grades, Masking};
use concord_model::identifiers::nhs_number::has_valid_check_digit;
use concord_read::{Input, Limits};
use concord_sample::submissions::{Request, write};
use concord_standards::definition::{Definition, Severity, StandardInfo, lint};
use concord_standards::registry::Registry;
use concord_standards::submission::{Profile, Submission};
use shipped::Shipped;

fn definitions() -> Vec<Definition> {
    let registry =
        Registry::new(vec![Box::new(Shipped::new())]).unwrap_or_else(|errors| panic!("{errors}"));
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

/// Whoever has a number in a sample (patient, mother, baby) is made up.
#[test]
fn numbers_of_samples_are_of_the_999_range() {
    let mut numbers = std::collections::BTreeMap::<String, u32>::new();
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = Arc::new(definition.submission.expect("tables"));
        let (mut files, _) = sample(&submission, 200);
        let read = files.rows(&|_| true, &mut |row| {
            let columns = submission.tables[row.table].columns.iter().enumerate();
            for (at, column) in columns.filter(|(_, column)| is_number(&column.element)) {
                let value = row.cell(at);
                if !value.is_empty() {
                    let place = format!("{name} {}", column.name);
                    assert!(
                        value.starts_with("999") && has_valid_check_digit(value),
                        "{place}: {value}"
                    );
                    *numbers.entry(place).or_default() += 1;
                }
            }
            ControlFlow::Continue(())
        });
        assert!(read.is_ok());
    }
    for column in ["msds@2-0 NHSNumberBaby", "csds@1-6 NHSNumber_Mother"] {
        assert!(numbers.contains_key(column), "{numbers:?}");
    }
}

fn is_number(element: &str) -> bool {
    element.starts_with("NHS NUMBER") && !element.contains("STATUS")
}
