//! Published lists and test vectors, where the reference folder is beside the checkout.

use std::path::PathBuf;

use super::{nhs_number, ods, postcode, snomed};

/// The rows of a file of the reference folder, split at commas outside quotes; `None`, with a word, when it is absent.
fn rows(path: &str) -> Option<Vec<Vec<String>>> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../../shared/reference"
            ))
        },
        PathBuf::from,
    );
    let Ok(text) = std::fs::read_to_string(folder.join(path)) else {
        #[allow(clippy::print_stderr)] // A skipped test says so.
        {
            eprintln!("SKIPPED: {path} is not in {}", folder.display());
        }
        return None;
    };
    let rows: Vec<_> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(cells)
        .collect();
    assert!(rows.len() > 10, "{path} holds too little to prove anything");
    Some(rows)
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().expect("never empty").push(other),
        }
    }
    cells
}

#[test]
fn test_vectors() {
    let Some(rows) = rows("identifiers/identifier_test_vectors.csv") else {
        return;
    };
    for row in &rows[1..] {
        let valid = match row[0].as_str() {
            // Numbers with blanks are for the edge of a system.
            "NHS NUMBER" => nhs_number::normalize(&row[1]).is_some_and(|digits| {
                nhs_number::has_valid_check_digit(
                    std::str::from_utf8(&digits).expect("ASCII digits"),
                )
            }),
            "SNOMED SCTID" => snomed::is_valid(&row[1]),
            other => panic!("no function for {other}"),
        };
        assert_eq!(valid, row[2] == "True", "{row:?}");
    }
}

#[test]
fn published_organisations_have_the_form_of_organisations() {
    if let Some(rows) = rows("organisations/practice_subicb_icb_dec2023.csv") {
        for row in &rows[1..] {
            assert!(ods::is_practice_code_shape(&row[0]), "{row:?}");
            for code in row[3..6].iter().filter(|code| !code.is_empty()) {
                assert!(ods::is_organisation_code_shape(code), "{row:?}");
            }
        }
    }
    if let Some(rows) = rows("organisations/ICB_and_SubICB_Apr2026.csv") {
        for code in rows[1..]
            .iter()
            .flat_map(|row| [&row[0], &row[2]])
            .filter(|code| !code.is_empty())
        {
            assert!(ods::is_organisation_code_shape(code), "{code}");
        }
    }
    if let Some(rows) = rows("organisations/epraccur_sample.csv") {
        for row in &rows {
            assert!(ods::is_organisation_code_shape(&row[0]), "{row:?}");
            assert!(
                row[9].is_empty() || postcode::is_well_formed(&row[9]),
                "{row:?}"
            );
        }
    }
    if let Some(rows) = rows("codes/pseudo_postcodes.csv") {
        for row in &rows[1..] {
            assert!(postcode::is_pseudo(&row[1]), "{row:?}");
        }
    }
}
