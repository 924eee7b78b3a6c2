//! `concord derive`, run as users run it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};

mod ran;

use ran::concord;

/// A fresh folder with the fixtures in it, and their reference data imported.
fn folder(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/commissioner");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("derive")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    for entry in fs::read_dir(&fixtures).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), path.join(entry.file_name())).unwrap();
        }
    }
    let reference = fixtures.join("reference");
    concord(&path, &["reference", "import", reference.to_str().unwrap()]).exits(0);
    path
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn contract_lines_beside_what_was_submitted() {
    let folder = folder("lines");
    let ran = concord(
        &folder,
        &["derive", "commissioner", "plcm.csv", "-o", "lines.csv"],
    )
    .exits(0);
    let lines = read(&folder.join("lines.csv"));
    assert_eq!(lines, read(&folder.join("expected.csv")));
    for says in [
        "13 records",
        "           5  agree with what was submitted",
        "           4  differ",
        "           3  undetermined",
        "           1  outside the method",
        "           2  01H → 01K",
        "           1  lines of high cost drugs are left out",
    ] {
        assert!(
            ran.out.lines().any(|line| line == says),
            "{says}\n{}",
            ran.out
        );
    }
    // Standard output holds the lines alone when they are asked for there.
    let ran = concord(&folder, &["derive", "commissioner", "plcm.csv", "-o", "-"]).exits(0);
    assert_eq!(ran.out, lines);
    assert!(ran.err.starts_with("13 records"), "{}", ran.err);
    // The same whatever the number of threads.
    let one = [
        "derive",
        "commissioner",
        "plcm.csv",
        "-o",
        "-",
        "--threads",
        "1",
    ];
    assert_eq!(concord(&folder, &one).exits(0).out, lines);
}

#[test]
fn settings_and_tables_of_the_users_own() {
    let folder = folder("settings");
    let arguments = [
        "derive",
        "commissioner",
        "plcm.csv",
        "-o",
        "-",
        "--settings",
        "settings.toml",
    ];
    let lines = concord(&folder, &arguments).exits(0).out;
    let line = |record: usize| lines.lines().nth(record).unwrap().to_owned();
    assert!(
        line(6).starts_with("plcm.csv,6,85J,85J,01H,85J_C_2_1,21,yes,hub-of-provider,"),
        "{}",
        line(6)
    );
    assert!(
        line(11).starts_with("plcm.csv,11,7A4,W01,01H,,,no,devolved,"),
        "{}",
        line(11)
    );

    fs::write(
        folder.join("wrong.toml"),
        "reading = \"printed\"\nanswer = {}\n",
    )
    .unwrap();
    let ran = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "plcm.csv",
            "--settings",
            "wrong.toml",
        ],
    )
    .exits(2);
    assert!(
        ran.told()
            .contains("wrong.toml (line 2): unknown field `answer`"),
        "{}",
        ran.err
    );
    fs::write(
        folder.join("no-box.toml"),
        "answers = { \"B3\" = \"no\" }\n",
    )
    .unwrap();
    let ran = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "plcm.csv",
            "--settings",
            "no-box.toml",
        ],
    )
    .exits(2);
    assert!(ran.told().contains("`B3` is no box"), "{}", ran.err);
    fs::write(
        folder.join("no-table.toml"),
        "[files]\nareas = \"nowhere.csv\"\n",
    )
    .unwrap();
    let ran = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "plcm.csv",
            "--settings",
            "no-table.toml",
        ],
    )
    .exits(2);
    assert!(
        ran.told().contains("nowhere.csv cannot be read"),
        "{}",
        ran.err
    );
}

#[test]
fn records_of_the_commissioning_data_sets() {
    let folder = folder("cds");
    let checked = concord(&folder, &["check", "cds.xml"]);
    assert_eq!(checked.code, 0, "the fixture is accepted: {}", checked.out);
    let ran = concord(&folder, &["derive", "commissioner", "cds.xml", "-o", "-"]).exits(0);
    let lines: Vec<&str> = ran.out.lines().skip(1).collect();
    assert_eq!(lines.len(), 4);
    // Detained on the day of discharge: admission source 40 of CDS 6.3, the charging category and commissioner of that day.
    assert!(
        lines[0].starts_with("cds.xml,1,76A,76A,01H,76A_E_1,71,yes,justice-hub,"),
        "{}",
        lines[0]
    );
    // Not dental: the professional who answers for the care has another treatment function than the first.
    assert!(
        lines[1].starts_with("cds.xml,2,01H,01H,01H,01H_C_6_1,25,yes,sub-icb-delegated,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].contains("I:yes>I-1:?") && lines[2].starts_with("cds.xml,3,01H,,01H,X,"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].ends_with(",outside,,,the record takes another one back"),
        "{}",
        lines[3]
    );

    fs::write(folder.join("39.toml"), "admission_source = \"39\"\n").unwrap();
    let ran = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "cds.xml",
            "-o",
            "-",
            "--settings",
            "39.toml",
        ],
    )
    .exits(0);
    assert!(
        ran.out.lines().nth(1).unwrap().contains("E:no>F:no"),
        "{}",
        ran.out
    );
}

#[test]
fn a_record_is_explained_without_naming_the_patient() {
    let folder = folder("explain");
    let ran = concord(
        &folder,
        &["derive", "commissioner", "plcm.csv", "--explain", "7"],
    )
    .exits(0);
    assert!(
        ran.out
            .starts_with("Record 7\n  START: Is it emergency care"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("  So 76A pays: the health and justice commissioning hub"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("  76A was submitted, which agrees.\n\n13 records\n"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("5YD"), "{}", ran.out);
    let shown = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "plcm.csv",
            "--explain",
            "7",
            "--show-values",
        ],
    )
    .exits(0);
    assert!(
        shown
            .out
            .contains("postcode DH15YD is a place of detention"),
        "{}",
        shown.out
    );
    let both = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "plcm.csv",
            "cds.xml",
            "--explain",
            "2",
        ],
    )
    .exits(0);
    assert!(
        both.out.contains("plcm.csv, record 2\n") && both.out.contains("cds.xml, record 2\n"),
        "{}",
        both.out
    );
    assert!(both.out.contains("\n17 records\n"), "{}", both.out);
}

#[test]
fn what_is_missing_or_broken_is_told() {
    let folder = folder("broken");
    let ran = concord(
        &folder,
        &["derive", "commissioner", "plcm.csv", "--reference", "none"],
    )
    .exits(2);
    assert!(
        ran.told().contains("there is no reference data in none"),
        "{}",
        ran.err
    );
    assert!(
        ran.told().contains("concord reference import"),
        "{}",
        ran.err
    );

    fs::write(folder.join("letter.txt"), "Dear colleague\n").unwrap();
    let ran = concord(
        &folder,
        &["derive", "commissioner", "letter.txt", "plcm.csv"],
    )
    .exits(2);
    assert!(ran.out.starts_with("13 records"), "{}", ran.out);
    assert!(
        ran.told()
            .contains("letter.txt: the first row names no columns"),
        "{}",
        ran.err
    );

    // An input that breaks off is no success, and the file of lines does not appear half.
    let whole = read(&folder.join("cds.xml"));
    fs::write(folder.join("half.xml"), &whole[..whole.len() / 2]).unwrap();
    let ran = concord(
        &folder,
        &["derive", "commissioner", "half.xml", "-o", "half.csv"],
    )
    .exits(3);
    assert!(!folder.join("half.csv").exists(), "{}", ran.err);
    assert!(
        ran.told().contains("The lines were not written"),
        "{}",
        ran.err
    );

    let ran = concord(
        &folder,
        &["derive", "commissioner", "plcm.csv", "-o", "lines.parquet"],
    )
    .exits(2);
    assert!(
        ran.told().contains("who pays is written as CSV"),
        "{}",
        ran.err
    );
}

/// The practice decides although no postcode directory was imported wherever the boxes let it.
#[test]
fn without_a_postcode_directory() {
    let folder = folder("no-postcodes");
    let practices = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/commissioner/reference/epraccur.csv");
    concord(
        &folder,
        &[
            "reference",
            "import",
            practices.to_str().unwrap(),
            "--reference",
            "few",
        ],
    )
    .exits(0);
    let ran = concord(
        &folder,
        &[
            "derive",
            "commissioner",
            "plcm.csv",
            "-o",
            "-",
            "--reference",
            "few",
        ],
    )
    .exits(0);
    let line = ran.out.lines().nth(1).unwrap();
    assert!(
        line.contains("a postcode directory in reference data") && line.contains(",01H,X,"),
        "{line}"
    );
    // Who is of the forces is known by the practice alone.
    assert!(
        ran.out.lines().nth(8).unwrap().contains(",13Q_J_1,61,yes,"),
        "{}",
        ran.out
    );
}

/// Records are shared out among threads when there are many; lines stay in the order of the records.
#[test]
fn many_records_for_every_number_of_threads() {
    let folder = folder("many");
    let sample = ["sample", "plcm@2025", "-n", "3000", "-o", "many.csv"];
    concord(&folder, &sample).exits(0);
    let lines = |threads: &str| {
        let arguments = [
            "derive",
            "commissioner",
            "many.csv",
            "-o",
            "-",
            "--threads",
            threads,
        ];
        concord(&folder, &arguments).exits(0).out
    };
    let one = lines("1");
    assert_eq!(one, lines("4"));
    let records: Vec<u64> = one
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    assert!(records.len() >= 3000, "{}", records.len());
    assert!(
        (1..)
            .zip(&records)
            .all(|(number, record)| number == *record)
    );
}

/// The text with `value` in every element of that name that holds text.
fn filled(xml: &str, element: &str, value: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let mut parts = xml.split(&open);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(&open);
        let rest = match part.split_once(&close) {
            Some((held, rest)) if !held.contains('<') => {
                text.push_str(value);
                format!("{close}{rest}")
            }
            _ => part.to_owned(),
        };
        text.push_str(&rest);
    }
    text
}

/// The facts are found in every type of record: patients of a Cumbrian practice are Cumbria's, whatever the type.
#[test]
fn every_type_of_record_of_the_commissioning_data_sets() {
    let folder = folder("types");
    for (standard, types, start) in [
        ("cds@6-2-3", &["011"][..], "START:yes>A&E-1:yes>J:no"),
        (
            "cds@6-3-1",
            &[
                "020", "120", "130", "140", "150", "160", "180", "190", "200",
            ],
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes",
        ),
    ] {
        for of_type in types {
            let sample = [
                "sample",
                standard,
                "--type",
                of_type,
                "-n",
                "12",
                "-o",
                "sample.xml",
            ];
            concord(&folder, &sample).exits(0);
            let mut xml = read(&folder.join("sample.xml"));
            for (element, value) in [
                ("PostcodeOfUsualAddress", "CA17 4RB"),
                ("PostcodeOfUsualAddress_Mother", "CA17 4RB"),
                ("GeneralMedicalPractice_PatientRegistration", "A82013"),
                ("GeneralPractice_PatientRegistration", "A82013"),
                ("OrganisationIdentifier_CodeOfProvider", "RNN"),
                ("AdministrativeCategoryCodeOnAdmission", "01"),
                ("AdministrativeCategoryCode", "01"),
                ("OverseasVisitorChargingCategory", "A"),
                ("OverseasVisitorChargingCategoryAtCDSActivityDate", "A"),
                ("OverseasVisitorChargingCategoryAtCdsActivityDate", "A"),
            ] {
                xml = filled(&xml, element, value);
            }
            fs::write(folder.join("sample.xml"), xml).unwrap();
            let ran = concord(
                &folder,
                &["derive", "commissioner", "sample.xml", "-o", "-"],
            )
            .exits(0);
            let mut derived = 0;
            for line in ran.out.lines().skip(1) {
                if line.ends_with("the record takes another one back") {
                    continue;
                }
                assert!(
                    line.contains(",01H,01H,01H_C_5_1,12,no,sub-icb,"),
                    "{of_type}: {line}"
                );
                assert!(line.contains(start), "{of_type}: {line}");
                derived += 1;
            }
            assert!(derived > 6, "{of_type}: {derived}");
        }
    }
}
