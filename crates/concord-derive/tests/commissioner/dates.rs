//! Everything as at the activity's own date: practices that change hands, close, are followed; agreements; codes of areas.

use concord_derive::commissioner::{Case, NoReference, Settings};
use jiff::civil::date;

use crate::support::{derive, settings, spell, table, with_tables};

fn pays(case: &Case<'_>, text: &str) -> (Option<String>, Option<String>) {
    let outcome = derive(case, &settings(text));
    (outcome.commissioner, outcome.reason_code)
}

fn told(code: &str, reason: &str) -> (Option<String>, Option<String>) {
    (Some(code.to_owned()), Some(reason.to_owned()))
}

#[test]
fn a_practice_that_changes_its_commissioner() {
    let of = |day| Case {
        practice: Some("A82026"),
        assignment_date: Some(day),
        ..spell()
    };
    assert_eq!(pays(&of(date(2025, 9, 30)), ""), told("01H", "01H_C_5_1"));
    assert_eq!(pays(&of(date(2025, 10, 1)), ""), told("01K", "01K_C_5_1"));
}

#[test]
fn a_practice_that_closed_counts_until_its_last_day() {
    let of = |day| Case {
        practice: Some("A82048"),
        // A patient who lives elsewhere, so that it shows what the population was found by.
        postcode: Some("LA9 7HR"),
        treatment_function: Some("140"),
        assignment_date: Some(day),
        ..spell()
    };
    assert_eq!(pays(&of(date(2025, 6, 30)), ""), told("01H", "01H_D_1"));
    assert_eq!(pays(&of(date(2025, 7, 1)), ""), told("01K", "01K_D_2"));
    let follow = r#"closed_practice = "follow""#;
    assert_eq!(pays(&of(date(2025, 7, 1)), follow), told("01H", "01H_D_1"));
    // Followed or not, a successor takes nothing before the day.
    assert_eq!(pays(&of(date(2025, 6, 30)), follow), told("01H", "01H_D_1"));
}

#[test]
fn by_practice_then_by_residence_then_by_provider() {
    let of = |practice, postcode| Case {
        practice,
        postcode,
        treatment_function: Some("450"),
        ..spell()
    };
    for practice in [
        None,
        Some("V81999"),
        Some("A82058"),
        Some("Z99999"),
        Some("N81999"),
        Some("JER002"),
    ] {
        assert_eq!(
            pays(&of(practice, Some("LA97HR")), ""),
            told("01K", "01K_D_2"),
            "{practice:?}"
        );
    }
    for postcode in [None, Some(" "), Some("ZZ99 3VZ"), Some("zz993wz")] {
        assert_eq!(
            pays(&of(None, postcode), ""),
            told("01H", "01H_D_3"),
            "{postcode:?}"
        );
    }
    // A practice of which only the board is known is enough for a hub, not for a sub-ICB location.
    let service = |case: Case<'static>| Case {
        service: Some("NCBPS01L"),
        assignment_date: Some(date(2024, 6, 3)),
        ..case
    };
    let case = service(of(Some("N81999"), None));
    assert_eq!(pays(&case, "other_years = true"), told("27T", "27T_C_0b_2"));
    let case = service(of(None, Some("LA9 7HR")));
    assert_eq!(pays(&case, "other_years = true"), told("27T", "27T_C_0b_3"));
    let case = service(of(None, None));
    assert_eq!(pays(&case, "other_years = true"), told("85J", "85J_C_0b_5"));
}

#[test]
fn the_agreement_is_that_of_the_day() {
    let of = |day| Case {
        service: Some("NCBPS01C"),
        assignment_date: Some(day),
        ..spell()
    };
    let years = "other_years = true";
    assert_eq!(
        pays(&of(date(2025, 3, 31)), years),
        told("85J", "85J_C_6_4")
    );
    assert_eq!(pays(&of(date(2025, 4, 1)), years), told("01H", "01H_C_6_1"));
}

#[test]
fn practices_of_the_forces_are_those_of_the_day() {
    // Henlow closed on 31 January 2017; reference data of the test do not know it, the list does.
    let of = |day| Case {
        practice: Some("A91043"),
        assignment_date: Some(day),
        ..spell()
    };
    let years = "other_years = true";
    assert_eq!(
        pays(&of(date(2017, 1, 31)), years).0.as_deref(),
        Some("13Q")
    );
    assert_ne!(pays(&of(date(2017, 2, 1)), years).0.as_deref(), Some("13Q"));
}

#[test]
fn areas_written_by_the_office_for_national_statistics_need_a_table() {
    let case = Case {
        practice: None,
        postcode: Some("TS1 5EF"),
        treatment_function: Some("140"),
        ..spell()
    };
    let with = derive(&case, &with_tables(""));
    assert_eq!(with.commissioner.as_deref(), Some("01H"));
    assert_eq!(with.reason_code.as_deref(), Some("01H_D_2"));
    // Without it the next way to find the population is taken, as for any postcode that does not help.
    let without = derive(&case, &settings(""));
    assert_eq!(without.reason_code.as_deref(), Some("01H_D_3"));
    let nowhere = Case {
        provider: Some("RBS"),
        ..case
    };
    let missing = derive(&nowhere, &settings("")).undetermined.unwrap();
    assert_eq!(missing.key, "areas");
}

#[test]
fn without_reference_data_it_is_said_which_are_missing() {
    let outcome = table()
        .derive(&spell(), &NoReference, &Settings::default())
        .unwrap();
    let missing = outcome.undetermined.clone().unwrap();
    assert_eq!((&*missing.at, missing.key), ("B", "postcode-directory"));
    assert_eq!(outcome.path(), "START:no>A:no>B:?");
}
