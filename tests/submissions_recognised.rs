//! Submissions of many tables without `--standard`, in the time of the calendar, and what findings name of other tables.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ran::concord;

/// A sample of a standard in a folder of its own.
fn sample(name: &str, standard: &str) -> PathBuf {
    let folder = ran::folder("submissions-recognised", name);
    concord(&folder, &["sample", standard, "-n", "20", "-o", "s"]).exits(0);
    folder
}

/// The cells of a table, the header first.
fn cells(folder: &Path, table: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join("s").join(format!("{table}.csv"))).unwrap();
    let row = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().map(row).collect()
}

fn write(folder: &Path, table: &str, rows: &[Vec<String>]) {
    let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    fs::write(folder.join("s").join(format!("{table}.csv")), text).unwrap();
}

/// Changes a column of the first row of a table.
fn change(folder: &Path, table: &str, column: &str, value: &str) {
    let mut rows = cells(folder, table);
    let at = rows[0].iter().position(|name| name == column).unwrap();
    value.clone_into(&mut rows[1][at]);
    write(folder, table, &rows);
}

/// The submission as a document, whose elements are named by tables and unique ids, or by names where there are none.
fn document(folder: &Path) -> String {
    let mut text = "<?xml version=\"1.0\"?>\n<Submission>\n".to_owned();
    let mut names: Vec<String> = fs::read_dir(folder.join("s"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let table = name.trim_end_matches(".csv");
        let rows = cells(folder, table);
        for row in &rows[1..] {
            write!(text, "<{table}>").unwrap();
            for (name, cell) in rows[0].iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
                write!(text, "<{name}>{cell}</{name}>").unwrap();
            }
            writeln!(text, "</{table}>").unwrap();
        }
    }
    text + "</Submission>\n"
}

#[test]
fn folders_archives_files_and_documents_are_recognised() {
    for standard in [
        "iapt@2.0",
        "iapt@2.1",
        "mhsds@6.0",
        "csds@1.5",
        "csds@1.6",
        "msds@2.0",
    ] {
        let folder = sample(standard, standard);
        let name = standard.replace('.', "-");
        let says = |arguments: &[&str]| {
            let ran = concord(
                &folder,
                &[&["check", "--format", "json"], arguments].concat(),
            )
            .exits(0);
            assert!(
                ran.out.contains(&format!("\"standard\":\"{name}\"")),
                "{standard} {arguments:?}"
            );
        };
        says(&["s"]);
        let files: Vec<String> = fs::read_dir(folder.join("s"))
            .unwrap()
            .map(|entry| format!("s/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        says(&files.iter().map(String::as_str).collect::<Vec<_>>());
        fs::write(folder.join("s.xml"), document(&folder)).unwrap();
        says(&["s.xml"]);
    }
}

/// Behind a long comment, or rows of the first table that fill what is read at first.
#[test]
fn documents_are_recognised_wherever_their_second_table_begins() {
    let folder = sample("far", "iapt@2.1");
    let text = document(&folder);
    let (head, rest) = text.split_once("<Submission>\n").unwrap();
    let row = rest.lines().next().unwrap();
    let rows = format!("{row}\n").repeat(100_000 / row.len());
    for (name, text) in [
        (
            "comment.xml",
            format!(
                "<?xml version=\"1.0\"?><!--{}--><Submission>{rest}",
                "-x".repeat(50_000)
            ),
        ),
        ("rows.xml", format!("{head}<Submission>{rows}{rest}")),
    ] {
        fs::write(folder.join(name), text).unwrap();
        let ran = concord(&folder, &["check", name, "--format", "json"]);
        assert!(
            ran.out.contains("\"standard\":\"iapt@2-1\""),
            "{name}: {}",
            ran.words()
        );
    }
}

#[test]
fn the_version_of_the_header_decides_and_without_it_the_candidates_are_told() {
    let folder = sample("version", "iapt@2.0");
    // A version that there is not: the tables still fit one version best.
    change(&folder, "IDS000Header", "DatSetVer", "9.9");
    let ran = concord(&folder, &["check", "s", "--format", "concise"]).exits(1);
    assert!(ran.out.contains("IDS00003"), "{}", ran.out);
    // Tables that both versions have alike, and no header.
    for entry in fs::read_dir(folder.join("s")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !["IDS007DisabilityType", "IDS803CareCluster"].contains(&&*name) {
            fs::remove_file(path).unwrap();
        }
    }
    let ran = concord(&folder, &["check", "s"]).exits(2);
    let told = ran.words();
    assert!(
        told.contains("several standards have these tables")
            && told.contains("name one of iapt@2-0, iapt@2-1 with --standard"),
        "{told}"
    );
    concord(&folder, &["check", "s/IDS007DisabilityType.csv"]).exits(2);
}

#[test]
fn what_only_looks_like_tables_is_left_alone() {
    let folder = ran::folder("submissions-recognised", "alone");
    fs::create_dir(folder.join("mixed")).unwrap();
    fs::write(folder.join("mixed/IDS001.csv"), "a,b\n1,2\n").unwrap();
    for name in ["one", "two", "three"] {
        fs::write(folder.join(format!("mixed/{name}.csv")), "a,b\n1,2\n").unwrap();
    }
    let ran = concord(&folder, &["check", "mixed"]).exits(2);
    assert!(
        ran.words()
            .contains("names no columns of a standard that is known")
    );
    fs::write(
        folder.join("x.xml"),
        "<a><IDS001><I001901>1</I001901></IDS001></a>",
    )
    .unwrap();
    let ran = concord(&folder, &["check", "x.xml"]);
    assert!(
        ran.words()
            .contains("no standard that is known begins with"),
        "{}",
        ran.words()
    );
}

#[test]
fn other_inputs_are_checked_beside_a_submission() {
    let folder = sample("beside", "iapt@2.1");
    concord(&folder, &["sample", "cds@6-3-1", "-n", "3", "-o", "c.xml"]).exits(0);
    let ran = concord(&folder, &["check", "s", "c.xml", "--format", "json"]);
    for standard in ["iapt@2-1", "cds@6-3-1"] {
        assert!(
            ran.out.contains(&format!("\"standard\":\"{standard}\"")),
            "{standard}"
        );
    }
}

#[test]
fn file_type_and_window_are_told_and_the_portals_period_follows() {
    let folder = sample("window", "mhsds@6.0");
    let at = |moment: &str, format: &str| {
        let submitted = format!("submitted={moment}");
        concord(
            &folder,
            &["check", "s", "--param", &submitted, "--format", format],
        )
    };
    let ran = at("2024-06-10T09:00:00", "human").exits(0);
    assert!(
        ran.words().contains("refresh of 2024-04 for mhsds@6-0, in window 1 of that period (2024-06-01 to 2024-06-20)"),
        "{}",
        ran.words()
    );
    assert!(!ran.words().contains("period-start"), "{}", ran.words());
    let ran = at("2024-07-01T09:00:00", "json").exits(0);
    assert!(
        ran.out.contains("\"file_type\":\"refresh\",\"window\":2"),
        "{}",
        ran.out
    );
    // The year is over: the portal takes April of the next year at the earliest.
    let folder = sample("late", "mhsds@6.0");
    change(
        &folder,
        "MHS000Header",
        "ReportingPeriodStartDate",
        "2023-04-01",
    );
    let late = concord(
        &folder,
        &[
            "check",
            "s",
            "--param",
            "submitted=2024-07-01T09:00:00",
            "--format",
            "concise",
        ],
    )
    .exits(1);
    assert!(
        late.out.contains("MHS00016") && late.out.contains("MHSREJ015"),
        "{}",
        late.out
    );
    assert!(
        late.out
            .contains("2023-04 is not taken for mhsds@6-0 on 2024-07-01"),
        "{}",
        late.out
    );
    // Beyond the calendar nothing is known.
    let unknown = concord(
        &folder,
        &["check", "s", "--param", "submitted=2030-01-01T00:00:00"],
    );
    assert!(
        unknown
            .words()
            .contains("--param period-start=… was not given"),
        "{}",
        unknown.words()
    );
}

#[test]
fn a_finding_names_the_patient_of_a_care_activity() {
    let folder = sample("patient", "iapt@2.0");
    // The first activity, its contact, the referral of that, and whose it is.
    let activities = cells(&folder, "IDS202CareActivity");
    let contacts = cells(&folder, "IDS201CareContact");
    let referrals = cells(&folder, "IDS101Referral");
    let column =
        |rows: &[Vec<String>], name: &str| rows[0].iter().position(|of| of == name).unwrap();
    let find = |rows: &[Vec<String>], key: &str, value: &str| {
        let at = column(rows, key);
        rows.iter().find(|row| row[at] == value).unwrap().clone()
    };
    let contact = find(
        &contacts,
        "CareContactId",
        &activities[1][column(&activities, "CareContactId")],
    );
    let referral = contact[column(&contacts, "ServiceRequestId")].clone();
    let patient = find(&referrals, "ServiceRequestId", &referral)
        [column(&referrals, "LocalPatientId")]
    .clone();
    change(
        &folder,
        "IDS202CareActivity",
        "ClinContactDurOfCareAct",
        "long",
    );
    let shown = ["check", "s", "--format", "sdcs", "-o"];
    concord(&folder, &[&shown[..], &["shown", "--show-values"]].concat()).exits(1);
    concord(&folder, &[&shown[..], &["masked"]].concat()).exits(1);
    let of = |report: &str| {
        let both = ["validations.csv", "data_quality.csv"]
            .map(|name| fs::read_to_string(folder.join(report).join(name)).unwrap());
        both.concat()
    };
    let labels = "\"[I101901]LocalPatientId\",";
    assert!(
        of("shown").contains(&format!(
            "\"[I201902]ServiceRequestId\",\"{referral}\",{labels}\"{patient}\""
        )),
        "{}",
        of("shown")
    );
    assert!(of("masked").contains(labels) && !of("masked").contains(&format!("\"{patient}\"")));
}

#[test]
fn diagnostics_and_aggregations_are_counted_and_compared() {
    let folder = sample("counts", "mhsds@6.0");
    concord(&folder, &["check", "s", "--format", "sdcs", "-o", "ours"]).exits(0);
    let diagnostics = fs::read_to_string(folder.join("ours/diagnostics.csv")).unwrap();
    for code in ["MHSDAG025", "MHSDAG026"] {
        let row = diagnostics
            .lines()
            .find(|line| line.contains(code))
            .unwrap();
        assert!(
            row.starts_with("\"Diagnostic\",") && row.matches(',').count() >= 24,
            "{row}"
        );
    }
    // The ward stays are gone: no spell has one.
    let stays = cells(&folder, "MHS502WardStay");
    write(&folder, "MHS502WardStay", &stays[..1]);
    concord(&folder, &["check", "s", "--format", "sdcs", "-o", "other"]);
    let spells = cells(&folder, "MHS501HospProvSpell").len() - 1;
    assert!(spells > 0 && stays.len() > 1);
    let differs = concord(&folder, &["compare", "ours", "other"]).exits(1);
    let words = differs.words();
    assert!(
        words.contains(&format!(
            "MHSDAG025: 0 of {spells} in the first, {spells} of {spells} in the second"
        )),
        "{words}"
    );
    assert!(words.contains("MHSARV502"), "{words}");
}
