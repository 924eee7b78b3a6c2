//! Cases that are known to be hard, with what must be said of them written out.

use crate::slow;
use crate::standard::{Said, Tables, clean, engine, rejects_file, row};

/// The ids of rules found of a row.
fn rules(said: &Said, table: usize, at: usize) -> Vec<&str> {
    let found = said.found.iter();
    let of_row = found.filter(|(_, of, row)| (*of, *row) == (table, Some(at)));
    of_row.map(|(rule, ..)| rule.as_str()).collect()
}

fn checked(tables: &Tables) -> Said {
    let said = engine(tables);
    let slow = slow::judge(tables);
    assert_eq!(said.found, slow.found);
    assert_eq!(said.valid, slow.valid);
    said
}

fn message(said: &Said, rule: &str, at: u64) -> String {
    let mut findings = said.findings.iter();
    let finding = findings
        .find(|finding| &*finding.rule.id == rule && finding.record == Some(at + 1))
        .expect("it is found");
    finding.message(concord_finding::Masking::Revealed)
}

#[test]
fn an_orphan_takes_four_generations_with_it() {
    let mut tables = clean();
    tables[1].remove(0);
    let said = checked(&tables);
    assert_eq!(rules(&said, 3, 0), ["R10120"]);
    assert_eq!(rules(&said, 4, 0), ["R20120"]);
    assert_eq!(rules(&said, 5, 0), ["R20220"]);
    assert_eq!(rules(&said, 6, 0), ["R60720", "R60721"]);
    assert_eq!(said.rejected[6][0].as_deref(), Some("R60720"));
    let last = message(&said, "R60720", 0);
    assert!(last.contains("row 1 was rejected by R20220"), "{last}");
    let first = message(&said, "R10120", 0);
    assert!(
        first.contains("no valid row of T001Person has Person a: there is none"),
        "{first}"
    );
    // The other patient stays.
    assert!(said.valid[1][0] && said.valid[3][1] && said.valid[4][2]);
}

#[test]
fn a_parent_that_a_late_rule_rejects_takes_its_children_with_it() {
    // The referral is before the birth: found only when both tables have been read.
    let mut tables = clean();
    tables[3][0] = row(&["r", "a", "1989-12-31"]);
    let said = checked(&tables);
    assert!(message(&said, "R20120", 0).contains("row 1 was rejected by R10110"));
    // The only referral of the patient is invalid, so that the patient is too, and then all that is theirs, the referral again.
    assert_eq!(rules(&said, 1, 0), ["R00146"]);
    assert_eq!(rules(&said, 3, 0), ["R10110", "R10120"]);
    assert_eq!(said.rejected[3][0].as_deref(), Some("R10110"));
    assert_eq!(rules(&said, 2, 0), ["R00220", "R00223"]);
}

#[test]
fn what_goes_up_comes_down_once() {
    // The registration is invalid; the patient goes with it, and everything below. No rule is asked twice.
    let mut tables = clean();
    tables[2] = vec![
        row(&["", "A", "2020-01-01", ""]),
        row(&["b", "A", "2020-01-01", ""]),
    ];
    let said = checked(&tables);
    assert_eq!(rules(&said, 1, 0), ["R00145"]);
    assert_eq!(rules(&said, 3, 0), ["R10120"]);
    assert!(said.valid[1][1]);
}

#[test]
fn order_decides_and_nothing_is_asked_again() {
    // The upward rules stand before the downward ones. Here the referral falls by its patient only after the patient was asked
    // for a referral: the patient whose only referral is then invalid stays.
    let mut tables = clean();
    // Two patients of one identifier: both fall as doubles, and with them the registration and the referral of theirs.
    tables[1].push(row(&["a", "3", "1990-01-01"]));
    let said = checked(&tables);
    assert_eq!(rules(&said, 1, 0), ["R00110"]);
    assert_eq!(rules(&said, 1, 2), ["R00110"]);
    assert_eq!(rules(&said, 3, 0), ["R10120"]);
    assert!(!said.valid[2][0] && said.valid[2][2]);
}

#[test]
fn rings_of_doubles_fall_together_and_absent_values_are_like_no_other() {
    let mut tables = clean();
    tables[6] = vec![
        row(&["x", "1"]),
        row(&["x", "1"]),
        row(&["x", "1"]),
        row(&["x", ""]),
        row(&["x", ""]),
        row(&["", ""]),
        row(&["", ""]),
    ];
    let said = checked(&tables);
    for at in 0..3 {
        assert_eq!(rules(&said, 6, at), ["R60710"]);
    }
    for at in 3..7 {
        assert!(rules(&said, 6, at).is_empty());
    }
    assert!(message(&said, "R60710", 0).contains("3 rows of T607Score"));
}

#[test]
fn every_row_can_be_rejected() {
    let mut tables = clean();
    tables[1].clear();
    let said = checked(&tables);
    for table in 2..7 {
        assert!(said.valid[table].iter().all(|valid| !valid), "{table}");
    }
    let of_file: Vec<&str> = said
        .found
        .iter()
        .filter(|(_, _, row)| row.is_none())
        .map(|(rule, ..)| rule.as_str())
        .collect();
    assert_eq!(of_file, ["RREJ03", "RREJ101"]);
    assert!(rejects_file(&said));
}

#[test]
fn a_submission_without_rows_and_one_with_two_headers() {
    let said = checked(&vec![Vec::new(); 7]);
    let of_file: Vec<&str> = said.found.iter().map(|(rule, ..)| rule.as_str()).collect();
    // Without a header nobody knows the reporting period, so that nothing is said of it.
    assert_eq!(of_file, ["RREJ03", "RREJ15"]);
    let mut tables = clean();
    let header = tables[0][0].clone();
    tables[0].push(header);
    let said = checked(&tables);
    assert_eq!(rules(&said, 0, 0), ["R00025"]);
    assert_eq!(rules(&said, 0, 1), ["R00025"]);
    assert!(rejects_file(&said));
    // The rows below are judged by the first header all the same.
    assert!(said.valid[4].iter().all(|valid| *valid));
}
