use std::collections::BTreeMap;
use std::sync::Arc;

use concord_model::decimal::Decimal;
use concord_standards::reconcile::Role;
use proptest::prelude::*;

use super::*;

const ROLES: [Role; 7] = Role::ALL;

/// Rows as `provider year month commissioner point service amount`, a hyphen for a blank.
fn totals(first_line: u64, rows: &[&str]) -> Totals {
    let rows: Vec<BTreeMap<Role, String>> = rows
        .iter()
        .map(|row| {
            let values = row.split(' ').map(|text| match text {
                "-" => String::new(),
                text => text.to_owned(),
            });
            ROLES.into_iter().zip(values).collect()
        })
        .collect();
    Totals::of_rows((first_line..).zip(&rows))
}

fn sets(files: &[(&str, &[&str])]) -> DataSets {
    let mut sets = DataSets::default();
    for (number, (data_set, rows)) in files.iter().enumerate() {
        sets.add(&Arc::from(*data_set), number, totals(2, rows));
    }
    sets
}

const PLCM: Comparison<'static> = Comparison {
    left: "plcm",
    right: "acm",
    only: &[],
    except: &[],
};

/// Each difference as `combination left right difference`.
fn shown(sets: &DataSets) -> Vec<String> {
    let differences = sets.compare(PLCM).expect("both are given");
    differences
        .iter()
        .map(|difference| {
            let of: Vec<&str> = difference
                .of
                .iter()
                .map(|(_, text)| text.as_str())
                .collect();
            format!(
                "{} {} {} {}",
                of.join("/"),
                money(difference.left.total),
                money(difference.right.total),
                money(difference.difference)
            )
        })
        .collect()
}

#[test]
fn totals_that_agree_to_the_penny_are_no_difference() {
    let sets = sets(&[
        ("plcm", &["RXX 202526 1 00L EL 1 0.1"; 10]),
        ("acm", &["RXX 202526 01 00L EL 1 1.00"]),
    ]);
    assert_eq!(shown(&sets), Vec::<String>::new());
}

#[test]
fn a_penny_is_a_difference_and_its_lines_are_named() {
    let sets = sets(&[
        (
            "plcm",
            &["RXX 202526 1 00L OP 1 5", "RXX 202526 1 00L EL 1 900.49"],
        ),
        (
            "acm",
            &["RXX 202526 1 00L EL 1 900.50", "RXX 202526 1 00L OP 1 5.00"],
        ),
    ]);
    assert_eq!(shown(&sets), ["RXX/202526/1/00L/EL/1 900.49 900.50 -0.01"]);
    let differences = sets.compare(PLCM).expect("both are given");
    assert_eq!(differences[0].left.first, [(0, 3)]);
    assert_eq!(differences[0].right.first, [(1, 2)]);
    assert_eq!(differences[0].agrees_by, None);
}

#[test]
fn pennies_are_exact_where_binary_fractions_are_not() {
    // As doubles, the two sums of the same amounts differ by 2 at this size, and 0.1 + 0.2 is not 0.3.
    let sets = sets(&[
        (
            "plcm",
            &[
                "RXX 202526 1 00L EL 1 99999999999999999.99",
                "RXX 202526 1 00L EL 1 0.01",
                "RXX 202526 2 00L EL 1 0.1",
                "RXX 202526 2 00L EL 1 0.2",
            ],
        ),
        (
            "acm",
            &[
                "RXX 202526 1 00L EL 1 100000000000000000.01",
                "RXX 202526 2 00L EL 1 0.3",
            ],
        ),
    ]);
    assert_eq!(
        shown(&sets),
        ["RXX/202526/1/00L/EL/1 100000000000000000.00 100000000000000000.01 -0.01"]
    );
}

#[test]
fn what_one_side_lacks_is_taken_together() {
    let sets = sets(&[
        (
            "plcm",
            &["RXX 202526 1 00L EL 1 1", "RXX 202526 1 00M EL 1 2"],
        ),
        (
            "acm",
            &[
                "RXX 202526 1 00L EL 1 1",
                "RXX 202526 1 00L OP 1 3",
                "RXX 202526 1 00L OP 2 4",
                "RXX 202526 2 00L EL 1 5",
                "RXX 202526 2 00M OP 1 6",
            ],
        ),
    ]);
    assert_eq!(
        shown(&sets),
        [
            "RXX/202526/1/00L/OP 0.00 7.00 -7.00",
            "RXX/202526/1/00M 2.00 0.00 2.00",
            "RXX/202526/2 0.00 11.00 -11.00",
        ]
    );
}

#[test]
fn an_amount_under_another_service_is_said_to_be_there() {
    let sets = sets(&[
        (
            "plcm",
            &["RXX 202526 1 00L EL 1 10", "RXX 202526 1 00L EL 2 5"],
        ),
        (
            "acm",
            &["RXX 202526 1 00L EL 1 5", "RXX 202526 1 00L EL 2 10"],
        ),
    ]);
    let differences = sets.compare(PLCM).expect("both are given");
    let agrees: Vec<_> = differences
        .iter()
        .map(|difference| difference.agrees_by)
        .collect();
    assert_eq!(agrees, [Some(Role::PointOfDelivery); 2]);
}

#[test]
fn only_the_last_file_of_a_month_counts() {
    let sets = sets(&[
        ("plcm", &["RXX 202526 1 00L EL 1 1"]),
        (
            "plcm",
            &["RXX 202526 1 00L EL 1 2", "RXX 202526 2 00L EL 1 3"],
        ),
        ("plcm", &["RYY 202526 1 00L EL 1 9"]),
        (
            "acm",
            &[
                "RXX 202526 1 00L EL 1 2",
                "RXX 202526 2 00L EL 1 3",
                "RYY 202526 1 00L EL 1 9",
            ],
        ),
    ]);
    assert_eq!(shown(&sets), Vec::<String>::new());
    assert_eq!(
        sets.replaced(),
        [Replaced {
            file: 0,
            by: 1,
            provider: "RXX".to_owned(),
            year: "202526".to_owned(),
            months: vec!["1".to_owned()],
        }]
    );
}

#[test]
fn months_stand_in_their_order_and_later_resubmissions_replace_one_month() {
    let months: Vec<String> = (1..=12)
        .map(|month| format!("RXX 202526 {month} 00L EL 1 1"))
        .collect();
    let months: Vec<&str> = months.iter().map(String::as_str).collect();
    let mut files = sets(&[("plcm", &months), ("plcm", &months)]);
    files.add(
        &Arc::from("plcm"),
        2,
        totals(2, &["RXX 202526 3 00L EL 1 7"]),
    );
    let replaced = files.replaced();
    assert_eq!(replaced.len(), 3);
    assert_eq!(replaced[0].months.join(" "), "1 2 4 5 6 7 8 9 10 11 12");
    assert_eq!(
        (replaced[1].file, replaced[1].by, &replaced[1].months[..]),
        (0, 2, &["3".to_owned()][..])
    );
    assert_eq!((replaced[2].file, replaced[2].by), (1, 2));
}

#[test]
fn amounts_that_are_none_are_counted_and_not_added() {
    let sets = sets(&[
        (
            "plcm",
            &[
                "RXX 202526 1 00L EL 1 TBC",
                "RXX 202526 1 00L EL 1 1e3",
                "RXX 202526 1 00L EL 1 5",
            ],
        ),
        ("acm", &["RXX 202526 1 00L EL 1 7"]),
    ]);
    let differences = sets.compare(PLCM).expect("both are given");
    assert_eq!(
        (differences[0].left.lines, differences[0].left.unread),
        (3, 2)
    );
    assert_eq!(money(differences[0].difference), "-2.00");
}

#[test]
fn sums_that_are_too_great_are_not_added() {
    let great = format!("RXX 202526 1 00L EL 1 {}", "9".repeat(38));
    let sets = sets(&[
        ("plcm", &[great.as_str(); 3]),
        ("acm", &["RXX 202526 1 00L EL 1 1"]),
    ]);
    let differences = sets.compare(PLCM).expect("both are given");
    assert_eq!(differences[0].left.unread, 2);
}

#[test]
fn points_of_delivery_of_the_right_side_are_chosen() {
    let sets = sets(&[
        ("drplcm", &["RXX 202526 1 00L DRUG 1 7"]),
        (
            "acm",
            &["RXX 202526 1 00L DRUG 1 7", "RXX 202526 1 00L EL 1 100"],
        ),
    ]);
    let only = ["DRUG".to_owned()];
    let comparison = Comparison {
        left: "drplcm",
        right: "acm",
        only: &only,
        except: &[],
    };
    assert_eq!(sets.compare(comparison), Ok(Vec::new()));
    let except = Comparison {
        only: &[],
        except: &only,
        ..comparison
    };
    assert_eq!(
        sets.compare(except).map(|differences| differences.len()),
        Ok(2)
    );
}

#[test]
fn what_is_not_given_cannot_be_compared() {
    let sets = sets(&[("plcm", &["RXX 202526 1 00L EL 1 1"])]);
    assert_eq!(
        sets.compare(PLCM),
        Err(Incomparable::NotGiven("acm".to_owned()))
    );
}

#[test]
fn money_is_written_with_pennies() {
    for (text, expected) in [
        ("5", "5.00"),
        ("5.1", "5.10"),
        ("5.10000000", "5.10"),
        ("-0.125", "-0.125"),
    ] {
        let amount: Decimal = text.parse().expect("a decimal number");
        assert_eq!(money(amount), expected);
    }
}

#[test]
fn names_of_files() {
    for name in ["a.csv", "A.CSV", "folder/a.csv.gz", "a.zip/b.csv"] {
        assert!(has_csv_name(name), "{name}");
    }
    for name in ["a.xlsx", "csv", "a.csv.txt", "a.gz"] {
        assert!(!has_csv_name(name), "{name}");
    }
}

proptest! {
    /// Against sums of whole pennies, wherever the rows are cut and in whatever order they stand.
    #[test]
    fn agrees_with_whole_pennies(
        rows in prop::collection::vec((0_u8..3, 1_u8..4, -100_000_i64..100_000), 1..40),
        other in prop::collection::vec((0_u8..3, 1_u8..4, -100_000_i64..100_000), 1..40),
    ) {
        let written = |rows: &[(u8, u8, i64)]| -> Vec<String> {
            rows.iter().map(|(point, month, pennies)| {
                let sign = if *pennies < 0 { "-" } else { "" };
                let pennies = pennies.abs();
                format!("RXX 202526 {month} 00L P{point} 1 {sign}{}.{:02}", pennies / 100, pennies % 100)
            }).collect()
        };
        let (left, right) = (written(&rows), written(&other));
        let texts = |rows: &[String]| rows.iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
        let (left, right) = (texts(&left), texts(&right));
        let left: Vec<&str> = left.iter().map(String::as_str).collect();
        let right: Vec<&str> = right.iter().map(String::as_str).collect();
        let sets = sets(&[("plcm", &left), ("acm", &right)]);
        let sum = |rows: &[(u8, u8, i64)]| -> i64 { rows.iter().map(|(_, _, pennies)| pennies).sum() };
        let differences = sets.compare(PLCM).expect("both are given");
        let total = differences.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one.difference));
        let expected = Decimal::new(i128::from(sum(&rows) - sum(&other)), 2);
        prop_assert_eq!(total, expected);
    }
}
