//! Published list sizes in the place of extracts: membership, prescribing units, budgets.

use std::fmt::Write as _;
use std::fs;

use crate::support::{cell, concord, organisations, read, reference, report, rows};

#[test]
fn membership_is_as_at_the_day_and_says_where_another_commissioner_is_stated() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    organisations(folder, "");
    let list = "PUBLICATION,EXTRACT_DATE,TYPE,CCG_CODE,ONS_CCG_CODE,CODE,POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS\n\
                GP_PRAC_PAT_LIST,01JAN2021,GP,00S,,A81999,,ALL,ALL,40\n\
                GP_PRAC_PAT_LIST,01JAN2021,GP,00S,,A81998,,ALL,ALL,7\n\
                GP_PRAC_PAT_LIST,01JAN2021,GP,00T,,Z99999,,ALL,ALL,2\n";
    fs::write(folder.join("list.csv"), list).unwrap();
    let more = ["--with", "list=list.csv", "--reference", "reference"];
    report(folder, "membership", "2021-01-01", &more).exits(0);
    assert_eq!(
        read(&folder.join("membership/membership.csv")),
        "EXTRACT_DATE,CODE,NUMBER_OF_PATIENTS,STATED_COMMISSIONER,COMMISSIONER,COMMISSIONER_IN_ITS_PLACE,OUTCOME\n\
         01JAN2021,A81998,7,00S,,,no commissioner on the day\n\
         01JAN2021,A81999,40,00S,00T,,another one\n\
         01JAN2021,Z99999,2,00T,,,the practice is not known\n"
    );
    assert_eq!(
        read(&folder.join("membership/commissioners.csv")),
        "COMMISSIONER,PRACTICES,NUMBER_OF_PATIENTS,PRACTICES_STATED,NUMBER_OF_PATIENTS_STATED\n\
         00S,0,0,2,47\n00T,1,40,1,2\n"
    );
    // The year before, it was as stated.
    fs::remove_dir_all(folder.join("membership")).unwrap();
    report(folder, "membership", "2019-03-31", &more).exits(0);
    assert_eq!(
        read(&folder.join("membership/mismatch.csv")),
        "STATED_COMMISSIONER,COMMISSIONER,OUTCOME,PRACTICES,NUMBER_OF_PATIENTS\n\
         00T,,the practice is not known,1,2\n"
    );
}

/// The list sizes of January 2021 held against the membership of October 2019.
#[test]
fn published_lists_and_memberships_of_other_years_disagree_as_they_are_known_to() {
    let Some(reference) = reference() else { return };
    let public = reference.join("practice/samples/open_data");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("ods")).unwrap();
    fs::copy(
        public.join("epraccur_2019.csv.gz"),
        folder.join("ods/epraccur.csv.gz"),
    )
    .unwrap();
    fs::copy(
        public.join("epcmem.csv.gz"),
        folder.join("ods/epcmem.csv.gz"),
    )
    .unwrap();
    concord(
        folder,
        &["reference", "import", "ods", "--reference", "reference"],
    )
    .exits(0);
    let list = format!(
        "list={}",
        public.join("gp-reg-pat-prac-all_2021-01.csv.gz").display()
    );
    let more = ["--with", &*list, "--reference", "reference"];
    report(folder, "membership", "2021-01-01", &more).exits(0);
    let found = rows(&folder.join("membership/membership.csv"));
    let patients: u64 = found
        .iter()
        .map(|row| cell(row, "NUMBER_OF_PATIENTS").parse::<u64>().unwrap())
        .sum();
    let others = found
        .iter()
        .filter(|row| cell(row, "OUTCOME") != "the same")
        .count();
    assert_eq!((found.len(), patients, others), (6_658, 60_606_345, 1_942));
}

/// The worked example of the prescribing units, to the last published digit.
#[test]
fn prescribing_units_are_those_of_the_worked_example() {
    let Some(reference) = reference() else { return };
    let mut golden = csv::Reader::from_path(reference.join("insight/golden_astro_pu.csv")).unwrap();
    let lines: Vec<(String, String, String)> = golden.deserialize().map(Result::unwrap).collect();
    let mut list = "PUBLICATION,EXTRACT_DATE,ORG_TYPE,ORG_CODE,ONS_CODE,POSTCODE,SEX,AGE_GROUP_5,NUMBER_OF_PATIENTS\n".to_owned();
    let mut expected = Vec::new();
    for (practice, name, value) in lines {
        if let Some(unit) = name.strip_prefix('=') {
            expected.push((unit.to_owned(), value));
            continue;
        }
        let (sex, ages) = name.split_once('_').unwrap();
        // A band of ten years is given as the five years that it begins with.
        let first: u32 = ages.split('_').next().unwrap().parse().unwrap();
        writeln!(
            list,
            "GP_PRAC_PAT_LIST,01SEP2017,GP,{practice},,,{},{first}_{},{value}",
            sex.to_uppercase(),
            first + 4
        )
        .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("list.csv"), list).unwrap();
    report(
        folder,
        "prescribing-units",
        "2017-09-01",
        &["--with", "list=list.csv"],
    )
    .exits(0);
    let found = rows(&folder.join("prescribing-units/prescribing-units.csv"));
    for (unit, value) in expected {
        let named = match unit.split_once(':') {
            Some((star, of)) => format!("{star}_2013:{of}"),
            None => format!("{unit}_2013"),
        };
        if unit == "total_list_size" {
            assert!(
                found
                    .iter()
                    .all(|row| cell(row, "NUMBER_OF_PATIENTS") == value)
            );
            continue;
        }
        let row = found.iter().find(|row| cell(row, "UNIT") == named);
        let row = row.unwrap_or_else(|| panic!("there is no {named}"));
        let digits = value.split_once('.').map_or(0, |(_, digits)| digits.len());
        let rounded = format!("{:.digits$}", cell(row, "UNITS").parse::<f64>().unwrap());
        assert_eq!(rounded, value, "{named}");
    }
}

/// Two practices share what they spent by their units: 30 to 10 of equal patients.
#[test]
fn a_budget_is_shared_out_by_units() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("list.csv"),
        "ORG_TYPE,ORG_CODE,SEX,AGE_GROUP_5,NUMBER_OF_PATIENTS\nGP,A81998,MALE,0_4,30\nGP,A81999,MALE,0_4,10\n",
    )
    .unwrap();
    fs::write(
        folder.join("epd.csv"),
        "YEAR_MONTH,PRACTICE_CODE,ITEMS,NIC,ACTUAL_COST\n202502,A81998,5,70,60\n202502,A81999,5,50,40\n",
    )
    .unwrap();
    let more = ["--with", "list=list.csv", "--with", "epd=epd.csv"];
    report(folder, "prescribing-budget", "2025-02-28", &more).exits(0);
    let found = rows(&folder.join("prescribing-budget/prescribing-budget.csv"));
    let shares: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|row| {
            (
                cell(row, "PRACTICE_CODE"),
                cell(row, "BUDGET"),
                cell(row, "VARIANCE"),
            )
        })
        .collect();
    assert_eq!(shares, [("A81998", "75", "-15"), ("A81999", "25", "15")]);
}
