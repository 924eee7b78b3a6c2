//! Every rule of the data sets of many tables has a fault, and what is found is what its labels say: the rule, what cannot but
//! break with it, the rows that are rejected in turn and through which parent, and nothing else.

#[allow(dead_code, clippy::print_stderr)]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use concord_check::submission::{Lookup, Parameters, SubmissionPlan, TableFiles, check_submission};
use concord_finding::{Finding, Grades, Masking};
use concord_read::{Input, Limits};
use concord_sample::submissions::faults::coverage::{Breaking, Covered, coverage};
use concord_sample::submissions::{FaultRequest, Request, is_live, portal, write_faulty};
use concord_standards::submission::{Profile, Submission};

/// Reference data in which every code is in force but those that faults write.
struct AllButFaults;

impl Lookup for AllButFaults {
    fn is_live(&self, table: &str, code: &str, _: Option<i32>) -> Option<bool> {
        Some(is_live(table, code))
    }
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("not poisoned").clone()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is found: rule, table, record (0 for the submission), column, the parent through which.
type Said = (String, String, u64, String, String);

struct Faulty {
    files: TableFiles,
    said: BTreeMap<Said, u32>,
    /// Rules that were broken on purpose.
    broken: BTreeSet<String>,
    faults: u64,
}

fn request(submission: &Submission, patients: u64) -> Request<'_> {
    Request {
        submission,
        patients,
        seed: 1,
        period: (
            jiff::civil::date(2024, 4, 1),
            jiff::civil::date(2024, 4, 30),
        ),
        provider: "RWK".to_owned(),
    }
}

fn faulty(submission: &Arc<Submission>, patients: u64, faults: &FaultRequest) -> Faulty {
    let kept: Vec<Kept> = submission.tables.iter().map(|_| Kept::default()).collect();
    let mut writers: Vec<Box<dyn Write>> = kept
        .iter()
        .map(|kept| Box::new(kept.clone()) as Box<dyn Write>)
        .collect();
    let mut labels = Vec::new();
    write_faulty(
        &request(submission, patients),
        faults,
        &mut writers,
        &mut labels,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let inputs = submission
        .tables
        .iter()
        .zip(&kept)
        .map(|(table, kept)| Input::bytes(format!("{}.csv", table.name), kept.bytes()));
    let files = TableFiles::new(
        Arc::clone(submission),
        inputs.collect(),
        "sample".into(),
        Limits::default(),
    );
    let (mut said, mut broken) = (BTreeMap::new(), BTreeSet::new());
    let mut numbers = BTreeSet::new();
    for line in csv::Reader::from_reader(&*labels).records() {
        let line = line.expect("a line of labels");
        let cell = |at: usize| line[at].to_owned();
        let record: u64 = line[1].parse().expect("a number");
        if &line[7] == "fault" {
            broken.insert(cell(0));
            numbers.insert(cell(6));
        }
        let table = if record == 0 { String::new() } else { cell(5) };
        let parent = match &line[8] {
            "" => String::new(),
            parent => format!("{parent} row {} by {}", &line[9], &line[10]),
        };
        let element = if record == 0 { String::new() } else { cell(3) };
        *said
            .entry((cell(0), table, record, element, parent))
            .or_insert(0) += 1;
    }
    Faulty {
        files,
        said,
        broken,
        faults: numbers.len() as u64,
    }
}

fn plain(finding: &Finding, name: &str) -> String {
    let fact = finding.facts.iter().find(|(known, _)| known == name);
    fact.map_or_else(String::new, |(_, fact)| fact.raw(Masking::Revealed))
}

fn found(
    submission: &Arc<Submission>,
    files: &mut TableFiles,
    profile: Profile,
) -> BTreeMap<Said, u32> {
    let parameters: Parameters = portal(&request(submission, 0));
    let plan = SubmissionPlan::new(
        submission,
        profile,
        parameters,
        Some(&AllButFaults),
        &Grades::default(),
    );
    let mut found = BTreeMap::new();
    let checked = check_submission(files, &plan, &mut |finding| {
        let path = finding.path.as_deref().unwrap_or_default();
        let (table, column) = path.split_once('/').unwrap_or((path, ""));
        let parent = match &*plain(&finding, "rejected_parent") {
            "" => String::new(),
            parent => format!("{parent} by {}", plain(&finding, "rejected_by")),
        };
        let record = finding.record.unwrap_or(0);
        let (table, column) = if record == 0 {
            ("", "")
        } else {
            (table, column)
        };
        let said = (
            finding.rule.id.to_string(),
            table.to_owned(),
            record,
            column.to_owned(),
            parent,
        );
        *found.entry(said).or_insert(0) += 1;
        ControlFlow::Continue(())
    });
    assert!(checked.error.is_none());
    found
}

/// What is labelled and not found, and what is found and not labelled.
fn differences(labelled: &BTreeMap<Said, u32>, found: &BTreeMap<Said, u32>) -> Vec<String> {
    let missed = labelled
        .iter()
        .filter(|(said, count)| found.get(*said) != Some(count));
    let missed = missed.map(|said| format!("not found: {said:?}"));
    let alarms = found
        .iter()
        .filter(|(said, count)| labelled.get(*said) != Some(count));
    let alarms = alarms.map(|said| format!("not labelled: {said:?}"));
    missed.chain(alarms).collect()
}

/// Checks that the faults of a standard are found.
fn check(name: &str) {
    let loaded = common::shipped().load(name);
    let definition = loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
    let submission = Arc::new(definition.submission.expect("tables"));
    let all = coverage(&request(&submission, 1));
    let unbroken: Vec<&Covered> = all
        .iter()
        .filter(|covered| matches!(covered.breaking, Breaking::Not(_)))
        .collect();
    assert!(unbroken.is_empty(), "{name}: {unbroken:#?}");
    let mut wrong = Vec::new();
    for profile in [Profile::Implemented, Profile::Published] {
        let of = |whole: bool| {
            let rules = all
                .iter()
                .filter(move |covered| covered.profile == profile && covered.whole == whole);
            let named = rules.map(|covered| {
                let rule = covered.rule.clone();
                (format!("{}/{rule}", covered.table), rule)
            });
            named.collect::<BTreeMap<String, String>>()
        };
        let rows = of(false);
        if !rows.is_empty() {
            let faults = FaultRequest {
                rate: 0.7,
                rules: rows.keys().cloned().collect(),
                profile,
            };
            let patients = (all.len() as u64) * 8 / 5 + 20;
            let mut sample = faulty(&submission, patients, &faults);
            let rules: BTreeSet<String> = rows.values().cloned().collect();
            assert_eq!(sample.broken, rules, "{name}");
            assert!(sample.faults >= rows.len() as u64);
            let found = found(&submission, &mut sample.files, profile);
            wrong.extend(differences(&sample.said, &found));
        }
        for (named, rule) in of(true) {
            let faults = FaultRequest {
                rate: 1.0,
                rules: vec![named],
                profile,
            };
            let mut sample = faulty(&submission, 3, &faults);
            assert_eq!(sample.broken, BTreeSet::from([rule.clone()]), "{name}");
            let found = found(&submission, &mut sample.files, profile);
            let differences = differences(&sample.said, &found);
            wrong.extend(
                differences
                    .into_iter()
                    .map(|said| format!("{rule}: {said}")),
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "{name}: {}\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
}

#[test]
fn every_rule_of_talking_therapies_is_broken_and_found() {
    check("iapt@2-0");
    check("iapt@2-1");
}

#[test]
fn every_rule_of_mental_health_is_broken_and_found() {
    check("mhsds@6-0");
}

#[test]
fn every_rule_of_community_services_is_broken_and_found() {
    check("csds@1-5");
    check("csds@1-6");
}

#[test]
fn every_rule_of_maternity_services_is_broken_and_found() {
    check("msds@2-0");
}
