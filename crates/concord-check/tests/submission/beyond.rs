//! Findings that name values of other rows, what the calendar says, and what is counted beyond findings.

use concord_finding::{Finding, Masking};
use concord_standards::submission::{FileType, Parameter};

use crate::slow;
use crate::standard::{Said, Tables, clean, engine, engine_with, row};

/// The values that a finding names by their columns, as they are shown.
fn named(finding: &Finding, masking: Masking) -> Vec<(String, String)> {
    let facts = finding.facts.iter();
    let named = facts.filter(|(name, _)| name.starts_with('['));
    named
        .map(|(name, fact)| (name.to_string(), fact.shown(masking)))
        .collect()
}

fn of<'s>(said: &'s Said, rule: &str) -> Vec<&'s Finding> {
    let findings = said.findings.iter();
    findings
        .filter(|finding| &*finding.rule.id == rule)
        .collect()
}

#[test]
fn a_finding_names_the_rows_that_its_row_leads_to() {
    // A row by itself, whose finding waits until the others are known; then one among others.
    let mut tables = clean();
    tables[5][0] = row(&["long", "c"]);
    tables[5].push(row(&["z", "nobody"]));
    tables[5].push(row(&["longer", "nobody"]));
    let said = engine(&tables);
    assert_eq!(said.found, slow::judge(&tables).found);
    let own = of(&said, "R20201");
    let value = |text: &str| text.to_owned();
    let shown = named(own[0], Masking::Revealed);
    assert_eq!(
        shown,
        [
            (value("[A1]Id"), value("long")),
            (value("[A2]Contact"), value("c")),
            (value("[C2]Referral"), value("r")),
            (value("[F2]Person"), value("a")),
        ]
    );
    // Where the row leads nowhere there is nothing to name.
    assert_eq!(
        named(own[1], Masking::Revealed)[2],
        (value("[C2]Referral"), value(""))
    );
    // Who it is stays hidden.
    let masked = named(own[0], Masking::Masked);
    assert_ne!(masked[3].1, "a");
    assert_eq!(masked[2].1, "r");
    let orphan = of(&said, "R20220");
    assert_eq!(
        named(orphan[0], Masking::Revealed)[3],
        (value("[F2]Person"), value(""))
    );
}

#[test]
fn many_findings_that_wait_are_all_told_once() {
    let mut tables: Tables = clean();
    for number in 0..1_000 {
        tables[5].push(row(&[
            &format!("long{number}"),
            if number % 3 == 0 { "d" } else { "e" },
        ]));
    }
    let said = engine(&tables);
    let found = of(&said, "R20201");
    assert_eq!(found.len(), 1_000);
    for (finding, number) in found.iter().zip(0..) {
        let expected = if number % 3 == 0 { "a" } else { "b" };
        assert_eq!(finding.record, Some(number + 3));
        assert_eq!(named(finding, Masking::Revealed)[3].1, expected);
    }
}

fn portal(said: &[(Parameter, &str)]) -> Said {
    let parameters = said
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    engine_with(&clean(), parameters.collect())
}

#[test]
fn file_type_and_window_follow_from_the_calendar() {
    for (submitted, expected) in [
        ("2024-05-01T00:00:00", Some((FileType::Primary, 1))),
        ("2024-05-29T23:59:59", Some((FileType::Primary, 1))),
        ("2024-06-27T10:00:00", Some((FileType::Refresh, 2))),
        ("2024-05-30T00:00:00", None),
    ] {
        let said = portal(&[(Parameter::Submitted, submitted)]);
        let told = said.submitted.expect("the calendar knows the day");
        assert_eq!(told.taken, expected, "{submitted}");
        // Rules about the period in the portal are run: the header's is right where it can be selected there.
        let rules: Vec<&str> = said.findings.iter().map(|found| &*found.rule.id).collect();
        if expected.is_some() {
            assert!(rules.is_empty(), "{rules:?}");
        } else {
            assert_eq!(rules[..2], ["R00016", "R00019"]);
        }
        assert!(said.not_run.is_empty());
    }
}

#[test]
fn a_period_that_does_not_match_the_portals_is_found() {
    // What the user says counts, and the header is rejected with the submission.
    let said = portal(&[
        (Parameter::Submitted, "2024-05-14"),
        (Parameter::PeriodStart, "2024-03-01"),
        (Parameter::PeriodEnd, "2024-03-31"),
    ]);
    let rules: Vec<&str> = said.findings.iter().map(|found| &*found.rule.id).collect();
    assert_eq!(rules, ["R00016", "R00019", "RREJ15"]);
    assert_eq!(said.rejected[0][0].as_deref(), Some("R00016"));
    // The header ends in another month than it begins in: the portal's period is a whole month.
    let mut tables = clean();
    tables[0][0] = row(&["RX1", "2024-04-01", "2024-05-31"]);
    let parameters = [(Parameter::Submitted, "2024-05-14".to_owned())];
    let said = engine_with(&tables, parameters.into());
    assert_eq!(of(&said, "R00019").len(), 1);
    assert!(of(&said, "R00016").is_empty());
    // Beyond the published calendar nothing is known.
    let said = portal(&[(Parameter::Submitted, "2030-01-01")]);
    assert_eq!(said.not_run, ["R00016", "R00019"]);
    assert!(said.submitted.is_none() && said.findings.is_empty());
}

#[test]
fn diagnostics_count_rows_that_are_taken() {
    let count = |tables: &Tables| engine(tables).counted;
    let counted = |code: &str, numerator, denominator| (code.to_owned(), numerator, denominator);
    assert_eq!(
        count(&clean()),
        [counted("RDAG1", 0, 2), counted("RDAG2", 1, 1)]
    );
    // The contact of the second referral is rejected: that referral has none.
    let mut tables = clean();
    tables[4][2] = row(&["e", "s", "no day", "5"]);
    assert_eq!(
        count(&tables),
        [counted("RDAG1", 1, 2), counted("RDAG2", 1, 1)]
    );
    let mut tables = clean();
    tables[4][1][3] = "2".to_owned();
    tables[4][2][3] = "5".to_owned();
    assert_eq!(count(&tables)[1], counted("RDAG2", 0, 2));
}
