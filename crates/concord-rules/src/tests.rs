//! Rules over a small structure, from SQL to verdict.

use concord_standards::rules::{Check, Example, Seat};

use crate::testing::{RECORDS, row, rule, schema};
use crate::{RuleSet, run_examples};

#[track_caller]
fn check(at: Seat, check: Check, pass: &[Example], fail: &[Example]) {
    let mut rule = rule(at, check);
    rule.pass = pass.to_vec();
    rule.fail = fail.to_vec();
    for outcome in run_examples(&schema(), &RECORDS, &[rule]) {
        assert_eq!(outcome.problem, None, "{outcome:?}");
    }
}

#[track_caller]
fn sql(at: Seat, condition: &str, pass: &[Example], fail: &[Example]) {
    check(at, Check::Sql(condition.to_owned()), pass, fail);
}

#[test]
fn dates_in_order() {
    sql(
        Seat::Record,
        "Start <= \"End\"",
        &[
            row(&[("Start", "2023-01-01"), ("End", "2023-01-01")], &[]),
            row(&[("Start", "2023-01-02")], &[]),
            row(&[("Start", "2023-01-02"), ("End", "soon")], &[]),
        ],
        &[row(&[("Start", "2023-01-02"), ("End", "2023-01-01")], &[])],
    );
}

#[test]
fn literals_of_dates() {
    sql(
        Seat::Record,
        "BirthDate >= '1880-01-01' AND BirthDate <= Activity",
        &[row(
            &[("BirthDate", "1990-05-05"), ("Activity", "2023-01-01")],
            &[],
        )],
        &[
            row(&[("BirthDate", "1879-12-31")], &[]),
            row(
                &[("BirthDate", "2023-01-02"), ("Activity", "2023-01-01")],
                &[],
            ),
        ],
    );
}

#[test]
fn branches_of_a_choice_are_one_column() {
    sql(
        Seat::Record,
        "NHSNumber <> '0000000000'",
        &[row(&[("NHSNumber", "9990000018")], &[])],
        &[row(&[("NHSNumber", "0000000000")], &[])],
    );
    sql(
        Seat::Record,
        "\"Known/Status\" = '01'",
        &[row(&[("Known/Status", "01")], &[])],
        &[row(&[("Known/Status", "02")], &[])],
    );
}

#[test]
fn attributes_and_elements() {
    check(
        Seat::Record,
        Check::Equal {
            left: "@Type".to_owned(),
            right: "Head/Type".to_owned(),
        },
        &[
            row(&[("@Type", "011"), ("Head/Type", "011")], &[]),
            row(&[("@Type", "011")], &[]),
        ],
        &[row(&[("@Type", "010"), ("Head/Type", "011")], &[])],
    );
    sql(
        Seat::Record,
        "\"@Type\" IN ('011', '020')",
        &[row(&[("@Type", "011")], &[])],
        &[row(&[("@Type", "012")], &[])],
    );
}

#[test]
fn groups_see_records_and_header() {
    sql(
        Seat::Group("Diagnosis".to_owned()),
        "Found <= Activity AND Found <= Prepared",
        &[row(
            &[
                ("Found", "2023-01-01"),
                ("Activity", "2023-01-01"),
                ("Prepared", "2023-02-01"),
            ],
            &[],
        )],
        &[
            row(&[("Found", "2023-01-02"), ("Activity", "2023-01-01")], &[]),
            row(
                &[
                    ("Found", "2023-03-02"),
                    ("Activity", "2023-04-01"),
                    ("Prepared", "2023-02-01"),
                ],
                &[],
            ),
        ],
    );
}

fn diagnoses(rows: &[&[(&str, &str)]]) -> Example {
    let rows = rows.iter().map(|elements| row(elements, &[])).collect();
    row(&[("Activity", "2023-01-10")], &[("Diagnosis", rows)])
}

#[test]
fn aggregates_look_at_groups_below() {
    sql(
        Seat::Record,
        "all(Found <= Activity)",
        &[
            diagnoses(&[]),
            diagnoses(&[&[("Found", "2023-01-01")], &[("Found", "2023-01-10")]]),
        ],
        &[diagnoses(&[
            &[("Found", "2023-01-01")],
            &[("Found", "2023-01-11")],
        ])],
    );
    sql(
        Seat::Record,
        "count(Diagnosis) <= 1 AND NOT any(Code = 'X')",
        &[diagnoses(&[]), diagnoses(&[&[("Code", "A")]])],
        &[
            diagnoses(&[&[("Code", "A")], &[("Code", "B")]]),
            diagnoses(&[&[("Code", "X")]]),
        ],
    );
    sql(
        Seat::Record,
        "max(Rank) = count(Rank) AND min(Found) <= max(Found)",
        &[diagnoses(&[&[("Rank", "2")], &[("Rank", "1")]])],
        &[diagnoses(&[&[("Rank", "3")], &[("Rank", "1")]])],
    );
    sql(
        Seat::Record,
        "count(Code = 'A') < 2",
        &[diagnoses(&[&[("Code", "A")], &[("Code", "B")], &[]])],
        &[diagnoses(&[&[("Code", "A")], &[("Code", "A")]])],
    );
}

#[test]
fn elements_that_repeat_are_groups_of_their_own() {
    let lines = |texts: &[&str]| {
        let rows = texts
            .iter()
            .map(|text| row(&[("Line", text)], &[]))
            .collect();
        row(&[], &[("Line", rows)])
    };
    sql(
        Seat::Record,
        "all(Line <> '') AND count(Line) < 3",
        &[lines(&["a", "b"])],
        &[lines(&["a", ""]), lines(&["a", "b", "c"])],
    );
}

#[test]
fn groups_that_do_not_repeat_are_counted_too() {
    sql(
        Seat::Record,
        "(count(Deleted) = 1) = (Status = '9')",
        &[
            row(&[("Status", "9")], &[("Deleted", vec![Example::default()])]),
            row(&[("Status", "1")], &[]),
        ],
        &[row(&[("Status", "9")], &[])],
    );
}

#[test]
fn groups_nest() {
    let notes = |authors: &[&str]| {
        let notes = authors
            .iter()
            .map(|author| row(&[("Author", author)], &[]))
            .collect();
        row(&[("Code", "A")], &[("Note", notes)])
    };
    let record = |inner: Vec<Example>| row(&[], &[("Diagnosis", inner)]);
    sql(
        Seat::Record,
        "NOT any(Code = 'A' AND any(Author = 'x'))",
        &[record(vec![notes(&["y"]), notes(&[])])],
        &[record(vec![notes(&["y"]), notes(&["z", "x"])])],
    );
    // The group between them is seen from the inner one.
    sql(
        Seat::Record,
        "all(Author <> Code)",
        &[record(vec![notes(&["y"])])],
        &[record(vec![notes(&["y"]), notes(&["A"])])],
    );
}

#[test]
fn single_elements_are_called_value() {
    sql(
        Seat::Elements(vec!["NHSNumber".to_owned(), "Code".to_owned()]),
        "value <> '' AND length(value) < 12",
        &[row(&[("value", "x")], &[])],
        &[
            row(&[("value", "")], &[]),
            row(&[("value", "1234567890123")], &[]),
        ],
    );
}

#[test]
fn what_is_equal_may_be_written_in_two_ways() {
    let equal = |left: &str, right: &str| Check::Equal {
        left: left.to_owned(),
        right: right.to_owned(),
    };
    let references = |one, other| row(&[("Tail/Reference", one), ("Head/Reference", other)], &[]);
    check(
        Seat::Record,
        equal("Tail/Reference", "Head/Reference"),
        &[
            references("0007", "7"),
            references("+7", "7"),
            references("7", "7"),
        ],
        &[references("70", "7"), references("7x", "7")],
    );
    let dates = |one, other| row(&[("Activity", one), ("Start", other)], &[]);
    check(
        Seat::Record,
        equal("Activity", "Start"),
        &[
            dates("2023-01-01Z", "2023-01-01"),
            dates("2023-01-01+01:00", "2023-01-01Z"),
        ],
        &[dates("2023-01-02Z", "2023-01-01")],
    );
    let types = |one, other| row(&[("@Type", one), ("Head/Type", other)], &[]);
    check(
        Seat::Record,
        equal("@Type", "Head/Type"),
        &[types("011", "011")],
        &[types("011", "11")],
    );
    let control = |one, other| row(&[("Trailer/Control", one), ("Header/Control", other)], &[]);
    check(
        Seat::Submission,
        equal("Trailer/Control", "Header/Control"),
        &[control("02678484", "2678484"), control("+1", "1")],
        &[control("02678484", "2678485")],
    );
}

#[test]
fn one_value_may_be_written_in_two_ways() {
    let starts = |starts: [&str; 2]| {
        let records = starts.map(|start| row(&[("Start", start)], &[]));
        row(&[], &[("record", records.into())])
    };
    check(
        Seat::Record,
        Check::Consistent {
            element: "Start".to_owned(),
            per: Vec::new(),
        },
        &[starts(["2024-04-01", "2024-04-01Z"])],
        &[starts(["2024-04-01", "2024-04-02Z"])],
    );
}

#[test]
fn the_submission_is_a_row() {
    check(
        Seat::Submission,
        Check::Equal {
            left: "Trailer/Control".to_owned(),
            right: "Header/Control".to_owned(),
        },
        &[row(
            &[("Trailer/Control", "7"), ("Header/Control", "7")],
            &[],
        )],
        &[row(
            &[("Trailer/Control", "8"), ("Header/Control", "7")],
            &[],
        )],
    );
    sql(
        Seat::Submission,
        "Prepared >= '2000-01-01' AND Count > 0",
        &[row(&[("Prepared", "2020-01-01"), ("Count", "3")], &[])],
        &[row(&[("Prepared", "1999-01-01")], &[])],
    );
}

fn records(references: &[&str]) -> Vec<Example> {
    references
        .iter()
        .map(|reference| row(&[("Head/Reference", reference)], &[]))
        .collect()
}

#[test]
fn records_are_counted() {
    let of = |count: &str, records: Vec<Example>| row(&[("Count", count)], &[("record", records)]);
    check(
        Seat::Submission,
        Check::RecordCount {
            element: "Count".to_owned(),
        },
        &[
            of("2", records(&["1", "2"])),
            of("+02", records(&["1", "2"])),
        ],
        &[of("3", records(&["1", "2"]))],
    );
}

#[test]
fn records_are_in_sequence_and_unique() {
    let of = |references: &[&str]| row(&[], &[("record", records(references))]);
    check(
        Seat::Record,
        Check::Sequence {
            element: "Head/Reference".to_owned(),
            greatest: 9_999_999,
        },
        &[
            of(&["4", "5", "6"]),
            of(&["9999999", "1"]),
            of(&["4", "?", "9"]),
        ],
        &[of(&["4", "6"]), of(&["4", "4"])],
    );
    check(
        Seat::Record,
        Check::Unique {
            elements: vec!["Head/Reference".to_owned()],
            when: None,
            keep: concord_standards::rules::Keep::First,
        },
        &[of(&["4", "6", "5", "40"])],
        &[of(&["4", "5", "4"]), of(&["4", "5", "04"])],
    );
}

#[test]
fn submissions_are_in_sequence() {
    let of = |numbers: &[(&str, &str)]| {
        let rows = numbers
            .iter()
            .map(|(sender, number)| row(&[("Sender", sender), ("Header/Control", number)], &[]))
            .collect();
        row(&[], &[("submission", rows)])
    };
    check(
        Seat::Submission,
        Check::SubmissionSequence {
            element: "Header/Control".to_owned(),
            per: vec!["Sender".to_owned()],
            greatest: 9_999_999,
        },
        &[of(&[("a", "1"), ("b", "7"), ("a", "2")])],
        &[
            of(&[("a", "1"), ("a", "3")]),
            of(&[("a", "1"), ("b", "1"), ("a", "1")]),
        ],
    );
}

#[test]
fn leaks_are_found_in_the_same_record_only() {
    let leak = || Check::Leak {
        of: vec!["NHSNumber".to_owned()],
        into: vec!["*".to_owned()],
    };
    check(
        Seat::Record,
        leak(),
        &[
            row(
                &[("NHSNumber", "9990000018"), ("Free", "nothing here")],
                &[],
            ),
            row(
                &[],
                &[(
                    "record",
                    vec![
                        row(&[("NHSNumber", "9990000018")], &[]),
                        row(
                            &[("NHSNumber", "9990000026"), ("Free", "see 9990000018")],
                            &[],
                        ),
                    ],
                )],
            ),
        ],
        &[row(
            &[("NHSNumber", "9990000018"), ("Free", "see 999 000 0018")],
            &[],
        )],
    );
}

#[track_caller]
fn wrong(at: Seat, condition: &str, underlined: &str, message: &str, help: &str) {
    let rule = rule(at, Check::Sql(condition.to_owned()));
    let errors = RuleSet::compile(&schema(), &RECORDS, &[rule]).expect_err("a wrong rule");
    let [error] = errors.as_slice() else {
        panic!("{errors:?}");
    };
    let (start, length) = error.span.expect("a place");
    assert_eq!(&condition[start..start + length], underlined, "{error:?}");
    assert!(error.message.contains(message), "{error:?}");
    assert!(
        error.help.as_deref().unwrap_or("").contains(help),
        "{error:?}"
    );
}

#[test]
fn errors_are_underlined() {
    let record = || Seat::Record;
    wrong(
        record(),
        "Start <= Ende",
        "Ende",
        "no element `Ende`",
        "did you mean `End`?",
    );
    wrong(
        record(),
        "Start <= 20230101",
        "Start <= 20230101",
        "a date is compared with a number",
        "one kind",
    );
    wrong(
        record(),
        "Start <= 'soon'",
        "Start <= 'soon'",
        "a date is compared with a text",
        "not a date",
    );
    wrong(
        record(),
        "Postcode = 'A' AND Status = 1",
        "Status = 1",
        "a text is compared with a number",
        "'01'",
    );
    wrong(
        record(),
        "Reference = 1",
        "Reference",
        "ambiguous",
        "more of the path",
    );
    wrong(record(), "Code = 'A'", "Code", "repeats below", "any(");
    wrong(record(), "Visit = 'A'", "Visit", "a group", "count(Visit)");
    wrong(
        record(),
        "any(Status = 'A')",
        "Status = 'A'",
        "names no element of a group that repeats",
        "without an aggregate",
    );
    wrong(
        record(),
        "lenght(Status) > 1",
        "lenght(Status)",
        "no function `lenght`",
        "did you mean `length`?",
    );
    wrong(
        record(),
        "length(Status)",
        "length(Status)",
        "not a condition",
        "A <= B",
    );
    wrong(
        record(),
        "Count > 1",
        "Count",
        "behind the records",
        "submission",
    );
    wrong(record(), "Status", "Status", "not a condition", "A <= B");
    wrong(record(), "Start <= End AND", "", "found: the end", "");
    wrong(record(), "Status = (SELECT 1)", "SELECT 1", "", "any(");
    wrong(
        record(),
        "count(Code, Rank) > 1",
        "count(Code, Rank)",
        "one argument",
        "",
    );
    wrong(
        record(),
        "max(Code = 'A')",
        "Code = 'A'",
        "with an order",
        "",
    );
}

#[test]
fn failures_of_single_rows_are_unknown() {
    let of = |ranks: &[&str]| {
        let rows = ranks
            .iter()
            .map(|rank| row(&[("Rank", rank)], &[]))
            .collect();
        row(&[], &[("Diagnosis", rows)])
    };
    sql(
        Seat::Record,
        "all(10 / (Rank - 1) > 3)",
        &[of(&["1", "2"]), of(&["1"])],
        &[of(&["1", "6"])],
    );
    sql(
        Seat::Record,
        "CAST(Status AS BIGINT) > 3",
        &[row(&[("Status", "x")], &[]), row(&[("Status", "4")], &[])],
        &[row(&[("Status", "3")], &[])],
    );
}

#[test]
fn moments_and_zones() {
    sql(
        Seat::Record,
        "zone_of(Seen) IN ('Z', '+01:00') AND date_of(Seen) >= Start AND moment(Seen) >= moment(Start, '08:00:00')",
        &[row(
            &[("Seen", "2023-01-01T09:00:00Z"), ("Start", "2023-01-01")],
            &[],
        )],
        &[
            row(&[("Seen", "2023-01-01T09:00:00")], &[]),
            row(
                &[
                    ("Seen", "2023-01-01T08:30:00+01:00"),
                    ("Start", "2023-01-01"),
                ],
                &[],
            ),
            row(
                &[("Seen", "2022-12-31T09:00:00Z"), ("Start", "2023-01-01")],
                &[],
            ),
        ],
    );
}

#[test]
fn decimals_are_exact() {
    sql(
        Seat::Record,
        "Weight <= 0.3 AND Weight > 0",
        &[
            row(&[("Weight", "0.3")], &[]),
            row(&[("Weight", "0.1000")], &[]),
        ],
        &[
            row(&[("Weight", "0.300000001")], &[]),
            row(&[("Weight", "0")], &[]),
        ],
    );
}

#[test]
fn calls_that_rules_share_are_made_once() {
    let conditions = [
        "moment(Start, '08:00:00') <= moment(Seen) AND length(trim(Status)) > 0",
        "moment(Start, '08:00:00') <= moment('2024-01-01T00:00:00') AND trim(Status) <> 'X'",
    ];
    let rules: Vec<_> = conditions
        .iter()
        .map(|condition| rule(Seat::Record, Check::Sql((*condition).to_owned())))
        .collect();
    let rules = RuleSet::compile(&schema(), &RECORDS, &rules).expect("rules");
    let [unit] = rules.tables[crate::tables::RECORD].sql.units.as_slice() else {
        panic!("documents have one unit for each table");
    };
    assert_eq!(unit.shared.len(), 2, "{:?}", unit.shared);
}
