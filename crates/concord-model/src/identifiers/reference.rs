//! Published lists and test vectors, where the reference folder is beside the checkout.

use std::path::PathBuf;

use super::ods_frames::{Frame, ORGANISATIONS, SITES};
use super::{hrg, nhs_number, ods, postcode, practitioner, snomed};

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
            assert!(row[9].is_empty() || postcode::is_valid(&row[9]), "{row:?}");
        }
    }
    if let Some(rows) = rows("codes/pseudo_postcodes.csv") {
        for row in &rows[1..] {
            assert!(postcode::is_pseudo(&row[1]), "{row:?}");
        }
    }
}

#[test]
fn published_default_codes_are_known() {
    let Some(rows) = rows("organisations/ods_default_codes.csv") else {
        return;
    };
    // One row is a remark: a locum's referral carries the code of the practitioner whose place is taken.
    let coded = |row: &&Vec<String>| !row[1].contains(' ');
    for row in rows[1..].iter().filter(coded) {
        let known = ods::default_code(&row[1]).is_some()
            || matches!(
                practitioner::classify(&row[1]),
                Some(practitioner::Practitioner::Default(_))
            );
        assert!(known, "{row:?}");
    }
}

#[test]
fn published_groups_have_the_form_of_groups() {
    let Some(rows) = rows("codes/hrg_codes_pete4nhs.csv") else {
        return;
    };
    let (groups, others): (Vec<_>, Vec<_>) = rows[1..]
        .iter()
        .map(|row| row[0].trim())
        .partition(|code| hrg::is_well_formed(code));
    assert!(groups.len() > 4_900, "{}", groups.len());
    // What the list holds beside groups: dead on arrival, and investigations and procedures of emergency care.
    for other in others {
        assert!(
            other == "DOA" || other.starts_with(['U', 'V']) && !other.starts_with("UZ"),
            "{other}"
        );
    }
}

/// The characters that a published cell of a coding frame allows: ranges and single characters, `A-9` for all of them.
fn allowed(cell: &str) -> Vec<char> {
    let all = || ('A'..='Z').chain('0'..='9');
    cell.replace(" or ", ",")
        .split([',', '&'])
        .map(str::trim)
        .flat_map(|part| match part.split_once('-') {
            Some(("A", "9")) => all().collect::<Vec<_>>(),
            Some((from, to)) => {
                let (from, to) = (
                    from.parse().expect("a character"),
                    to.parse().expect("a character"),
                );
                all()
                    .filter(|character| (from..=to).contains(character))
                    .collect()
            }
            None => part.chars().collect(),
        })
        .collect()
}

/// Every frame admits, place by place, exactly the characters of the published table.
#[test]
fn frames_are_the_published_ones() {
    let tables: [(&str, &[Frame], usize); 2] = [
        ("organisations/ods_org_code_frames.csv", &ORGANISATIONS, 8),
        ("organisations/ods_site_code_frames.csv", &SITES, 9),
    ];
    for (path, frames, most) in tables {
        let Some(rows) = rows(path) else { return };
        assert_eq!(rows.len() - 1, frames.len(), "{path}");
        for (row, frame) in rows[1..].iter().zip(frames) {
            assert_eq!(row[0], frame.kind);
            // Regions are groupings too: Y56 to Y63 came after the table.
            if frame.kind == "National Groupings (England)" {
                continue;
            }
            let places: Vec<_> = row[2..2 + most]
                .iter()
                .map(|cell| allowed(cell))
                .filter(|characters| !characters.is_empty())
                .collect();
            let first: Vec<u8> = places.iter().map(|place| place[0] as u8).collect();
            assert!(frame.admits(&first), "{row:?}");
            assert!(!frame.admits(&first[1..]), "{row:?}");
            for (index, place) in places.iter().enumerate() {
                for byte in 0..=127_u8 {
                    let mut code = first.clone();
                    code[index] = byte;
                    let expected = place.contains(&char::from(byte));
                    assert_eq!(frame.admits(&code), expected, "{row:?} {index} {byte}");
                }
            }
        }
    }
}
