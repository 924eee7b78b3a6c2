//! `concord check --reconcile`: data sets whose totals must agree, and files that replace one another.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const SETS: [&str; 4] = ["acm.csv", "plcm.csv", "drplcm.csv", "deplcm.csv"];

/// Exit code, standard error, the findings, and the summary.
struct Ran {
    code: i32,
    error: String,
    findings: Vec<Value>,
    summary: Value,
}

fn check(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(folder)
        .args(["check", "--format", "ndjson"])
        .args(arguments)
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines
        .pop()
        .map_or(Value::Null, |mut last| last["summary"].take());
    lines.retain(|line| line.get("rule").is_some());
    Ran {
        code: output.status.code().unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
        findings: lines,
        summary,
    }
}

impl Ran {
    /// Rule, file and combination of each finding.
    fn told(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = self.findings.iter().map(|finding| {
            let (rule, file) = (text(&finding["rule"]), text(&finding["file"]));
            format!("{rule} {file} {}", text(&finding["facts"]["of"]))
                .trim_end()
                .to_owned()
        });
        told.collect()
    }

    /// Why a rule was not run.
    fn not_run(&self, rule: &str) -> Option<String> {
        let rules = self.summary["not_run"].as_array().unwrap();
        let found = rules.iter().find(|not_run| not_run["rule"] == rule);
        found.map(|not_run| not_run["reason"].as_str().unwrap().to_owned())
    }
}

fn fixtures(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/contract")
        .join(case)
}

fn reconcile(folder: &Path, files: &[&str]) -> Ran {
    check(folder, &[&["--reconcile"], files].concat())
}

/// A folder with the files that agree.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("reconcile")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    for file in SETS {
        fs::copy(fixtures("agrees").join(file), path.join(file)).unwrap();
    }
    path
}

#[test]
fn data_sets_that_agree_give_no_finding() {
    let ran = reconcile(&fixtures("agrees"), &SETS);
    assert_eq!((ran.code, ran.told()), (0, Vec::new()), "{}", ran.error);
    for rule in ["X-PLCM-1", "X-DR-1", "X-DE-1"] {
        assert_eq!(ran.not_run(rule), None);
    }
    assert_eq!(
        ran.not_run("X-INV-1").unwrap(),
        "no invoice is given (--invoice FILE.csv)"
    );
}

#[test]
fn a_penny_and_a_missing_line_are_each_one_finding_with_their_lines() {
    let ran = reconcile(&fixtures("differs"), &SETS);
    assert_eq!(
        ran.told(),
        [
            "X-DR-1 drplcm.csv RXX, month 1 of 202526, commissioner 00L, point of delivery DRUG, service NCBPS23G",
            "X-PLCM-1 plcm.csv RXX, month 1 of 202526, commissioner 00L, point of delivery EL, service 99999999",
        ]
    );
    let [drugs, patients] = &ran.findings[..] else {
        panic!("two findings");
    };
    for (finding, value, expected, difference, lines, expected_lines) in [
        (
            drugs,
            "617.28",
            "1234.56",
            "-617.28",
            "1 line, drplcm.csv:2",
            "1 line, acm.csv:5",
        ),
        (
            patients,
            "1800.99",
            "1801.00",
            "-0.01",
            "2 lines, plcm.csv:2, 3",
            "1 line, acm.csv:2",
        ),
    ] {
        assert_eq!(finding["value"], value);
        assert_eq!(finding["expected"], expected);
        assert_eq!(finding["facts"]["difference"], difference);
        assert_eq!(finding["facts"]["lines"], lines);
        assert_eq!(finding["facts"]["expected_lines"], expected_lines);
    }
    assert_eq!(ran.code, 0);
    let arguments = [&["--reconcile", "--fail-on", "warn"], &SETS[..]].concat();
    assert_eq!(check(&fixtures("differs"), &arguments).code, 1);
}

#[test]
fn the_order_of_data_sets_does_not_matter() {
    let turned = ["deplcm.csv", "drplcm.csv", "plcm.csv", "acm.csv"];
    assert_eq!(
        reconcile(&fixtures("differs"), &SETS).told(),
        reconcile(&fixtures("differs"), &turned).told()
    );
}

#[test]
fn a_later_file_replaces_the_months_it_speaks_of() {
    let folder = folder("replaced");
    let whole = fs::read_to_string(folder.join("plcm.csv")).unwrap();
    // The first three patients of month 1 only.
    let first: Vec<&str> = whole.lines().take(4).collect();
    fs::write(
        folder.join("april.csv"),
        first.join(
            "
",
        ),
    )
    .unwrap();

    let files = [
        "april.csv",
        "acm.csv",
        "plcm.csv",
        "drplcm.csv",
        "deplcm.csv",
    ];
    let ran = reconcile(&folder, &files);
    assert_eq!(ran.told(), ["SUB-1 april.csv"]);
    let facts = &ran.findings[0]["facts"];
    assert_eq!(
        (&facts["months"], &facts["file"]),
        (&"month 1".into(), &"plcm.csv".into())
    );
    assert_eq!(ran.findings[0]["effect"], "note");

    // The other way round the short file is what counts for month 1, and month 2 stays as it was.
    let ran = reconcile(
        &folder,
        &[
            "acm.csv",
            "plcm.csv",
            "april.csv",
            "drplcm.csv",
            "deplcm.csv",
        ],
    );
    assert_eq!(
        ran.told(),
        [
            "SUB-1 plcm.csv",
            "X-PLCM-1 april.csv RXX, month 1 of 202526, commissioner 00L, point of delivery BLOCK",
            "X-PLCM-1 april.csv RXX, month 1 of 202526, commissioner 00L, point of delivery OPFASPCL, service 99999999",
        ]
    );

    // That a file is replaced is said whether or not totals are compared.
    assert_eq!(
        check(&folder, &["april.csv", "plcm.csv"]).told(),
        ["SUB-1 april.csv"]
    );
    assert_eq!(
        check(&folder, &["april.csv", "acm.csv"]).told(),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_not_compared_is_said_with_the_reason() {
    let folder = folder("not-run");
    let ran = check(&folder, &SETS);
    for rule in ["X-PLCM-1", "X-DR-1", "X-DE-1", "X-INV-1"] {
        let reason = ran.not_run(rule).unwrap();
        assert!(reason.contains("--reconcile"), "{rule}: {reason}");
    }
    let ran = reconcile(&folder, &["acm.csv", "plcm.csv"]);
    assert_eq!(ran.not_run("X-PLCM-1"), None);
    assert_eq!(
        ran.not_run("X-DR-1").unwrap(),
        "no drplcm file is given to compare with"
    );
}

#[test]
fn a_file_cut_off_is_not_compared() {
    let folder = folder("cut");
    let whole = fs::read_to_string(folder.join("plcm.csv")).unwrap();
    let (header, rows) = whole.split_once('\n').unwrap();
    let row = rows.lines().next().unwrap();
    // Numbers that do not repeat, so that the compressed file is more than its beginning.
    let rows = (0_u64..5_000).map(|number| {
        let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{}\n", row.replace("LP000001", &format!("LP{number:x}")))
    });
    let text = format!("{header}\n{}", rows.collect::<String>());
    let packed = folder.join("plcm.csv.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    fs::write(&packed, &bytes[..bytes.len() / 2]).unwrap();
    let ran = reconcile(&folder, &["acm.csv", "plcm.csv.gz"]);
    assert_eq!(ran.code, 3, "{}", ran.error);
    assert_eq!(
        ran.not_run("X-PLCM-1").unwrap(),
        "plcm.csv.gz was not read to its end, or holds nothing"
    );
}

#[test]
fn lines_are_those_of_the_file_in_any_chunk_and_for_any_number_of_threads() {
    let folder = folder("large");
    let whole = fs::read_to_string(folder.join("plcm.csv")).unwrap();
    let (header, rows) = whole.split_once('\n').unwrap();
    let row = rows.lines().next().unwrap().replace("900.50", "0.1");
    // Chunks are of a megabyte; identifiers that stand twice would be findings.
    let mut rows: Vec<String> = (1..=12_001)
        .map(|number| row.replace("000001", &format!("{number:06}")))
        .collect();
    // A value that spans two lines, early on, and a row of another commissioner as the last one.
    rows[0] = rows[0].replacen("LP000001", "\"LP\n1\"", 1);
    rows[12_000] = rows[12_000].replace("00L", "00M");
    let text = format!("{header}\n{}\n", rows.join("\n"));
    assert!(text.len() > 2_000_000, "{}", text.len());
    fs::write(folder.join("plcm.csv"), &text).unwrap();
    let last_line = text.lines().count();

    let told: Vec<Vec<String>> = ["1", "4"]
        .iter()
        .map(|threads| {
            let ran = reconcile(&folder, &["acm.csv", "plcm.csv", "--threads", threads]);
            let differences = ran
                .findings
                .iter()
                .filter(|finding| finding["rule"] == "X-PLCM-1");
            let told = differences.map(|finding| finding["message"].as_str().unwrap().to_owned());
            told.collect()
        })
        .collect();
    assert_eq!(told[0], told[1]);
    let one = told[0]
        .iter()
        .find(|text| text.contains("commissioner 00M"))
        .unwrap();
    assert!(
        one.contains(&format!("(1 line, plcm.csv:{last_line})")),
        "{one}"
    );
    let many = told[0]
        .iter()
        .find(|text| text.contains("1200.00"))
        .unwrap();
    assert!(
        many.contains("(12000 lines, plcm.csv:2, 4, 5, 6, 7 …)"),
        "{many}"
    );
}

#[test]
fn an_invoice_is_compared_by_what_it_names() {
    let folder = folder("invoice");
    let invoice = "Provider,Commissioner,Financial Year,Month,Amount\n\
        RXX,00L,202526,1,28135.56\nRXX,00L,202526,02,977.5\nRXX,00N,202526,2,4350.11\n";
    fs::write(folder.join("invoice.csv"), invoice).unwrap();
    let arguments = [&["--invoice", "invoice.csv"], &SETS[..]].concat();
    let ran = reconcile(&folder, &arguments);
    assert_eq!(
        ran.told(),
        ["X-INV-1 acm.csv RXX, month 2 of 202526, commissioner 00N"]
    );
    assert_eq!(
        ran.findings[0]["facts"]["expected_lines"],
        "1 line, invoice.csv:4"
    );
    assert_eq!(ran.not_run("X-INV-1"), None);

    fs::write(folder.join("invoice.csv"), "amount\n33463.16\n").unwrap();
    assert_eq!(reconcile(&folder, &arguments).told(), Vec::<String>::new());

    for (wrong, said) in [
        ("who,amount\nRXX,1\n", "the header `who` is not known"),
        ("provider\nRXX\n", "no column is called `amount`"),
        (
            "amount\n\"1,000.00\"\n",
            "invoice.csv:2: the amount `1,000.00` is not a number",
        ),
    ] {
        fs::write(folder.join("invoice.csv"), wrong).unwrap();
        let ran = reconcile(&folder, &arguments);
        assert_eq!(ran.code, 2);
        assert!(ran.error.contains(said), "{}", ran.error);
    }
}

#[test]
fn another_name_than_csv_is_told() {
    let folder = folder("name");
    fs::copy(folder.join("acm.csv"), folder.join("acm.txt")).unwrap();
    assert_eq!(check(&folder, &["acm.txt"]).told(), ["SUB-3 acm.txt"]);
}

/// Two standards of one table each that inherit a rule about the rows of both.
fn spells_and_drugs(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join("own").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "elements.csv",
        "name,xml_names,format,code_list,personal,source\nSPELL,,,,no,us\nWARD,,,,no,us\nDOSE,,,,no,us\n",
    );
    for id in ["spells", "drugs"] {
        write(
            &format!("{id}/1/standard.toml"),
            &format!(
                "id = \"{id}\"\nversion = \"1\"\ntitle = \"{id}\"\npublisher = \"us\"\nstatus = \"current\"\n\
                 carrier = \"delimited\"\nsource = \"made up\"\nprovenance = \"made up\"\n[recognise]\nheader = true\n\
                 [[table]]\nname = \"{id}\"\ntitle = \"{id}\"\nheader = \"required\"\ndelimiters = [\",\"]\n"
            ),
        );
        let other = if id == "drugs" { "DOSE" } else { "WARD" };
        write(
            &format!("{id}/1/fields.csv"),
            &format!(
                "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
                 {id},1,SPELL,SPELL,ALL,M,max an9,,,,,,,us,published\n\
                 {id},2,{other},{other},ALL,O,max an9,,,,,,,us,published\n"
            ),
        );
        write(
            &format!("{id}/1/rules.toml"),
            "inherit = [\"../../both/rules.toml\"]\n",
        );
    }
    write(
        "both/rules.toml",
        r#"
[[rule]]
id = "X-SPELL"
title = "a drug's spell is among the spells"
at = "set"
effect = "warn"
query = """
SELECT d.file, d.record, d.SPELL AS value, d.line AS of_line, f.first_file
FROM drugs d CROSS JOIN (SELECT min(file) AS first_file FROM spells) f
LEFT JOIN spells s ON s.SPELL = d.SPELL
WHERE s.record IS NULL"""
message = "no spell is called {value}, in {first_file} or behind it"
source = "us"
pass = [{ drugs = [{ SPELL = "S1" }], spells = [{ SPELL = "S1" }] }]
fail = [{ drugs = [{ SPELL = "S1" }], spells = [{ SPELL = "S2" }] }]
"#,
    );
    let file = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    file("april.csv", "SPELL,WARD\nS1,A\nS2,A\n");
    file("may.csv", "SPELL,WARD\nS3,A\n");
    file(
        "drugs.csv",
        "SPELL,DOSE\nS1,1\n\"S9\",\"2\nmore\"\nS3,1\nS8,1\n",
    );
}

#[test]
fn a_query_at_the_set_sees_the_rows_of_all_inputs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reconcile/query");
    let _ = fs::remove_dir_all(&folder);
    spells_and_drugs(&folder);
    for command in ["lint", "test"] {
        for standard in ["spells@1", "drugs@1"] {
            let output = Command::new(env!("CARGO_BIN_EXE_concord"))
                .current_dir(&folder)
                .args(["standards", command, standard, "--schemas", "own"])
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
    let own = ["--schemas", "own", "--fail-on", "warn"];
    let given = |files: &[&str]| check(&folder, &[files, &own].concat());
    let ran = given(&["drugs.csv", "april.csv", "may.csv"]);
    let ours = ran
        .findings
        .iter()
        .filter(|found| found["rule"] == "X-SPELL");
    let told: Vec<_> = ours
        .map(|found| {
            let message = found["message"].as_str().unwrap().to_owned();
            (
                message,
                found["line"].as_u64(),
                found["record"].as_u64(),
                found["file"].as_str(),
            )
        })
        .collect();
    assert_eq!(ran.code, 1, "{}", ran.error);
    let missing = |spell: &str| format!("no spell is called {spell}, in april.csv or behind it");
    assert_eq!(
        told,
        [
            (missing("S9"), Some(3), Some(2), Some("drugs.csv")),
            (missing("S8"), Some(6), Some(4), Some("drugs.csv")),
        ]
    );
    // The order of inputs, and how many threads there are, make no difference to what is found.
    assert_eq!(
        given(&["april.csv", "may.csv", "drugs.csv", "--threads", "1"])
            .findings
            .len(),
        2
    );
    assert_eq!(given(&["drugs.csv", "april.csv"]).findings.len(), 3);
    let alone = given(&["drugs.csv"]);
    assert!(alone.findings.is_empty());
    let why = alone.not_run("X-SPELL").unwrap();
    assert_eq!(
        why,
        "no input of this run has the table `spells`, or rules that name it"
    );
    fs::write(
        folder.join("own/both/rules.toml"),
        fs::read_to_string(folder.join("own/both/rules.toml"))
            .unwrap()
            .replace("d.SPELL AS", "d.SPEL AS"),
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(&folder)
        .args(["standards", "lint", "drugs@1", "--schemas", "own"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told.contains("X-SPELL: there is no column `SPEL`") && told.contains("rules.toml:8:"),
        "{told}"
    );
}
