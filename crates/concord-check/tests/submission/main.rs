//! Submissions of many tables: the engine against a slow and obvious judge, row by row, and what it must say of cases that are
//! known to be hard.

mod beyond;
mod carriers;
mod faults;
mod hard;
mod slow;
mod standard;

use proptest::prelude::*;
use standard::{Tables, WIDTHS, engine};

/// Texts of the columns: keys that meet often, days that fit and do not, codes.
fn pool(table: usize, column: usize) -> &'static [&'static str] {
    const KEYS: &[&str] = &["a", "b", "c", "d", "", " ", "toolong"];
    const DAYS: &[&str] = &[
        "2024-04-01",
        "2024-04-15",
        "2024-04-30",
        "2024-05-01",
        "2024-05-02",
        "2024-03-31",
        "2024-02-29",
        "1990-01-01",
        "2024-02-00",
        "2023-02-29",
        "x",
        "",
        "1889-12-31",
    ];
    const CODES: &[&str] = &["A", "B", "2", "5", "6", ""];
    match (table, column) {
        (0, 0) => &["RX1", "RX1", "RX1", ""],
        (0, 1) => &["2024-04-01", "2024-04-01", "2024-04-01", ""],
        (0, 2) => &["2024-04-30", "2024-04-30", "2024-04-30", "x"],
        (1 | 3 | 4, 2) | (2, 2..) => DAYS,
        (2, 1) | (4, 3) => CODES,
        (1 | 6, 1) => &["1", "2", "3", "4", "5", "", "a"],
        _ => KEYS,
    }
}

/// Submissions of up to seven rows a table, made of numbers. Low numbers choose what fits.
fn submissions() -> impl Strategy<Value = Tables> {
    let row = |table: usize| {
        let cells: Vec<_> = (0..WIDTHS[table])
            .map(|column| {
                let pool = pool(table, column);
                // The first of a pool three times as often: whole submissions are to be seen too.
                (0..pool.len() * 2).prop_map(move |at| {
                    pool[if at < pool.len() {
                        at
                    } else {
                        at % 3 % pool.len()
                    }]
                    .to_owned()
                })
            })
            .collect();
        cells
    };
    let tables: Vec<_> = (0..WIDTHS.len())
        .map(|table| {
            let most = if table == 0 { 3 } else { 8 };
            prop::collection::vec(row(table), 0..most)
        })
        .collect();
    tables
}

proptest! {
    #[test]
    fn the_engine_says_what_the_slow_judge_says(tables in submissions()) {
        let said = engine(&tables);
        let slow = slow::judge(&tables);
        prop_assert_eq!(&said.found, &slow.found);
        prop_assert_eq!(&said.valid, &slow.valid);
    }
}

#[test]
fn a_clean_submission_gives_nothing() {
    let said = engine(&standard::clean());
    assert!(said.found.is_empty(), "{:?}", said.found);
    assert!(said.valid.iter().flatten().all(|valid| *valid));
}
