//! Samples with faults: the engine, the slow judge and the labels of the sample say the same.

use std::io::Write;
use std::sync::{Arc, Mutex};

use concord_sample::submissions::faults::coverage::{Breaking, Covered, coverage};
use concord_sample::submissions::{FaultRequest, Request, write_faulty};
use concord_standards::submission::{Profile, Submission};

use crate::slow;
use crate::standard::{Found, Tables, WIDTHS, engine, submission};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn request(submission: &Submission, patients: u64, seed: u64) -> Request<'_> {
    Request {
        submission,
        patients,
        seed,
        period: (
            jiff::civil::date(2024, 4, 1),
            jiff::civil::date(2024, 4, 30),
        ),
        provider: "RX1".to_owned(),
    }
}

/// A sample in which rules are broken: its rows, and what its labels say.
fn sample(patients: u64, seed: u64, rules: &[&str]) -> (Tables, Found) {
    let submission = submission();
    let kept: Vec<Kept> = WIDTHS.iter().map(|_| Kept::default()).collect();
    let mut writers: Vec<Box<dyn Write>> = kept
        .iter()
        .map(|kept| Box::new(kept.clone()) as Box<dyn Write>)
        .collect();
    let faults = FaultRequest {
        rate: 1.0,
        rules: rules.iter().map(ToString::to_string).collect(),
        profile: Profile::Implemented,
    };
    let mut labels = Vec::new();
    let request = request(&submission, patients, seed);
    write_faulty(&request, &faults, &mut writers, &mut labels)
        .unwrap_or_else(|error| panic!("{rules:?}: {error}"));
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    let tables = kept.iter().map(|kept| {
        let bytes = kept.0.lock().expect("not poisoned").clone();
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().skip(1).map(cells).collect()
    });
    let labelled = csv::Reader::from_reader(&*labels)
        .into_records()
        .map(|line| {
            let line = line.expect("a line of labels");
            let record: usize = line[1].parse().expect("a number");
            let table = submission.table(&line[5]).expect("a table");
            let row = record.checked_sub(1);
            (line[0].to_owned(), row.map_or(0, |_| table), row)
        });
    let labelled = labelled.collect();
    (tables.collect(), labelled)
}

#[test]
fn the_fault_of_every_rule_is_what_the_slow_judge_says() {
    let submission = submission();
    let all: Vec<Covered> = coverage(&request(&submission, 1, 1));
    let unbroken: Vec<&Covered> = all
        .iter()
        .filter(|covered| matches!(covered.breaking, Breaking::Not(_)))
        .collect();
    assert!(unbroken.is_empty(), "{unbroken:#?}");
    // What the portal is asked, the slow judge does not know.
    for covered in all.iter().filter(|covered| covered.asks.is_none()) {
        let (tables, labelled) = sample(1, 1, &[&covered.rule]);
        let (said, slow) = (engine(&tables), slow::judge(&tables));
        assert_eq!(said.found, slow.found, "{}", covered.rule);
        assert_eq!(said.valid, slow.valid, "{}", covered.rule);
        assert_eq!(labelled, slow.found, "{}", covered.rule);
        assert!(labelled.iter().any(|(rule, ..)| *rule == covered.rule));
    }
}

#[test]
fn many_faults_together_are_what_the_slow_judge_says() {
    // Keys of three characters meet when there are many patients, so that faults run into one another.
    for seed in 0..8 {
        let (tables, _) = sample(60, seed, &[]);
        let (said, slow) = (engine(&tables), slow::judge(&tables));
        assert!(slow.found.len() > 60);
        assert_eq!(said.found, slow.found, "seed {seed}");
        assert_eq!(said.valid, slow.valid, "seed {seed}");
    }
}
