//! List sizes held against a plain count of the state that a practice is known to be in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{
    DAY, PRACTICE, Row, apply, cell, concord, organisations, read, report, rows, sample, state,
};

/// A person of the state that the practice is known to be in.
struct Person {
    sex: String,
    born: String,
}

/// A day as eight digits, which sort.
fn digits(text: &str) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        [day, month, year, ..] => {
            let month = MONTHS.find(month).unwrap() / 3 + 1;
            format!("{year}{month:02}{day}")
        }
        _ => text.replace('-', ""),
    }
}

/// Who is registered on a day, counted from the state without any query: one registration for each person.
fn registered(folder: &Path, standard: &str, day: &str) -> Vec<Person> {
    let day = digits(day);
    let ends_later = |text: &str| text.is_empty() || digits(text) > day;
    let began = |text: &str| !text.is_empty() && digits(text) <= day;
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    match standard {
        "emis-extract@8" => {
            for row in state(folder, "admin_patient") {
                let counts = cell(&row, "PATIENT_TYPE_DESCRIPTION") == "Regular"
                    && cell(&row, "DUMMY_TYPE") != "true"
                    && began(cell(&row, "DATE_OF_REGISTRATION"))
                    && ends_later(cell(&row, "DATE_OF_DEACTIVATION"))
                    && ends_later(cell(&row, "DATE_OF_DEATH"));
                if counts {
                    let person = Person {
                        sex: cell(&row, "SEX").to_owned(),
                        born: digits(cell(&row, "DATE_OF_BIRTH")),
                    };
                    people.insert(cell(&row, "PATIENT_GUID").to_owned(), person);
                }
            }
        }
        "tpp-sr@93" => {
            let patients: BTreeMap<String, Row> = state(folder, "sr_patient")
                .into_iter()
                .map(|row| (cell(&row, "ROW_IDENTIFIER").to_owned(), row))
                .collect();
            for row in state(folder, "sr_patient_registration") {
                let Some(patient) = patients.get(cell(&row, "ID_PATIENT")) else {
                    continue;
                };
                let counts = cell(patient, "TEST_PATIENT") != "true"
                    && cell(&row, "REGISTRATION_STATUS").contains("GMS")
                    && cell(&row, "ID_ORGANISATION") == cell(&row, "ID_ORGANISATION_VISIBLE_TO")
                    && began(cell(&row, "DATE_REGISTRATION"))
                    && ends_later(cell(&row, "DATE_DE_REGISTRATION"));
                if counts {
                    let person = Person {
                        sex: cell(patient, "GENDER")[..1].to_owned(),
                        born: digits(cell(patient, "DATE_BIRTH")),
                    };
                    people.insert(cell(&row, "ID_PATIENT").to_owned(), person);
                }
            }
        }
        _ => {
            for row in state(folder, "patient") {
                let registered = cell(&row, "REGISTERED_DATE");
                let counts = cell(&row, "ACTIVE") == "R"
                    && (registered.is_empty() || began(registered))
                    && ends_later(cell(&row, "REMOVED_DATE"));
                if counts {
                    let person = Person {
                        sex: cell(&row, "SEX").to_owned(),
                        born: digits(cell(&row, "DATE_OF_BIRTH")),
                    };
                    people.insert(cell(&row, "PID").to_owned(), person);
                }
            }
        }
    }
    people.into_values().collect()
}

/// The five-year band of the age on a day; none where that cannot be told.
fn band(born: &str, day: &str) -> Option<String> {
    let (born, day): (i64, i64) = (born.parse().ok()?, digits(day).parse().unwrap());
    let age = (day - born).div_euclid(10_000);
    match age {
        ..0 => None,
        95.. => Some("95+".to_owned()),
        _ => Some(format!("{}_{}", age / 5 * 5, age / 5 * 5 + 4)),
    }
}

#[test]
fn the_list_size_of_a_practice_is_a_plain_count() {
    for (standard, people) in [
        ("emis-extract@8", "1000"),
        ("tpp-sr@93", "150"),
        ("vision@1", "150"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        sample(folder, standard, people, "3");
        apply(folder);
        let ran = report(folder, "list-size", DAY, &[]).exits(0);
        assert!(ran.out.contains("not counted ("), "{}", ran.out);
        let mut expected: BTreeMap<(String, String), usize> = BTreeMap::new();
        let registered = registered(folder, standard, DAY);
        assert!(registered.len() > 50, "{standard}: {}", registered.len());
        for person in &registered {
            let mut count = |sex: &str, band: &str| {
                *expected
                    .entry((sex.to_owned(), band.to_owned()))
                    .or_default() += 1;
            };
            count("ALL", "ALL");
            let sex = match &*person.sex {
                "M" => "MALE",
                "F" => "FEMALE",
                _ => continue,
            };
            count(sex, "ALL");
            if let Some(band) = band(&person.born, DAY) {
                count(sex, &band);
            }
        }
        let bands = rows(&folder.join("list-size/gp-reg-pat-prac-quin-age.csv"));
        let found: BTreeMap<(String, String), usize> = bands
            .iter()
            .map(|row| {
                assert_eq!(cell(row, "ORG_CODE"), PRACTICE);
                assert_eq!(cell(row, "EXTRACT_DATE"), "01JUN2025");
                let key = (cell(row, "SEX"), cell(row, "AGE_GROUP_5"));
                let patients = cell(row, "NUMBER_OF_PATIENTS").parse().unwrap();
                ((key.0.to_owned(), key.1.to_owned()), patients)
            })
            .collect();
        assert_eq!(found, expected, "{standard}");
        let all = read(&folder.join("list-size/gp-reg-pat-prac-all.csv"));
        let line = format!(
            "GP_PRAC_PAT_LIST,01JUN2025,GP,,,{PRACTICE},,ALL,ALL,{}\n",
            registered.len()
        );
        assert!(all.ends_with(&line), "{all}");
        // What does not count is told, so that everything adds up.
        let check = &rows(&folder.join("list-size/check.csv"))[0];
        let number = |column: &str| cell(check, column).parse::<usize>().unwrap();
        assert_eq!(number("ALL"), registered.len());
        assert_eq!(
            number("ALL"),
            number("MALE") + number("FEMALE") + number("OTHER_SEX")
        );
        let banded: usize = found
            .iter()
            .filter(|((_, band), _)| band != "ALL")
            .map(|(_, patients)| patients)
            .sum();
        assert_eq!(
            number("MALE") + number("FEMALE"),
            banded + number("WITHOUT_AGE")
        );
    }
}

/// The published layouts are standards of their own, whose checks find nothing in what is written.
#[test]
fn what_is_written_is_as_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sample(folder, "emis-extract@8", "1000", "1");
    apply(folder);
    report(folder, "list-size", DAY, &[]).exits(0);
    report(folder, "appointments", DAY, &[]).exits(0);
    for (file, standard) in [
        ("list-size/gp-reg-pat-prac-all.csv", "gp-list-size@2021"),
        (
            "list-size/gp-reg-pat-prac-quin-age.csv",
            "gp-list-size@2017",
        ),
        ("appointments/appointments-by-practice.csv", "gpad@1"),
    ] {
        let ran = concord(
            folder,
            &["check", file, "--standard", standard, "--fail-on", "reject"],
        );
        assert_eq!(ran.code, 0, "{file}\n{}\n{}", ran.out, ran.err);
    }
}

#[test]
fn every_report_can_be_made_of_every_system_that_states_its_facts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("epd.csv"),
        "YEAR_MONTH,PRACTICE_CODE,ITEMS,NIC,ACTUAL_COST\n202504,A81999,2,10.5,9.75\n",
    )
    .unwrap();
    organisations(folder, "");
    for standard in ["emis-extract@8", "tpp-sr@93", "vision@1"] {
        let here = folder.join(standard);
        fs::create_dir(&here).unwrap();
        let people = if standard.starts_with("emis") {
            "1000"
        } else {
            "30"
        };
        sample(&here, standard, people, "0");
        apply(&here);
        for name in [
            "list-size",
            "membership",
            "appointments",
            "referrals",
            "prescribing",
            "prescribing-units",
            "prescribing-budget",
        ] {
            let needs: &[&str] = match name {
                "prescribing-budget" => &["--with", "epd=../epd.csv"],
                "membership" => &["--reference", "../reference"],
                _ => &[],
            };
            let ran = report(&here, name, DAY, needs);
            if (standard, name) == ("vision@1", "appointments") {
                assert_eq!(ran.code, 2);
                assert!(
                    ran.words().contains("says nothing of any appointment"),
                    "{}",
                    ran.words()
                );
                assert!(!here.join(name).exists());
                continue;
            }
            assert_eq!(ran.code, 0, "{standard} {name}\n{}", ran.err);
            assert!(here.join(name).join("not-counted.csv").exists() || ran.out.contains(".csv: "));
        }
    }
    // The practices of several stores stand beside one another.
    let arguments = [
        "practice",
        "report",
        "list-size",
        "--as-at",
        DAY,
        "-o",
        "both",
        "--store",
        "tpp-sr@93/store",
        "--store",
        "vision@1/store",
    ];
    concord(folder, &arguments).exits(0);
    let total = |path: &str| -> u64 {
        let all = rows(&folder.join(path).join("gp-reg-pat-prac-all.csv"));
        all.iter()
            .map(|row| cell(row, "NUMBER_OF_PATIENTS").parse::<u64>().unwrap())
            .sum()
    };
    assert_eq!(
        total("both"),
        total("tpp-sr@93/list-size") + total("vision@1/list-size")
    );
}
