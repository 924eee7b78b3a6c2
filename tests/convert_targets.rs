//! `concord convert` to each target: what is written is read again by something else, and records in are records out.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;
mod ran;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use convert_support::{
    convert, convert_to, exits, files, fixture, folder, is_valid, root, rows, sample,
};
use serde_json::Value;

/// The entity of which every record of a standard gives one row.
fn of_records(standard: &str) -> &'static str {
    match standard.split_once('@').unwrap().0 {
        "cds" => "activity_record",
        "acm" => "contract_aggregate",
        "iap" => "plan_line",
        "local-prices" => "local_price",
        _ => "contract_line",
    }
}

/// The standards of which a sample is one file with a row for each record. Rows of imaging tests have tests of their own.
fn sampled(folder: &Path) -> Vec<String> {
    let mut names = ran::sampled(folder, &["xml", "delimited"]);
    names.retain(|name| !name.starts_with("dids@"));
    names
}

#[test]
fn nothing_is_lost_of_what_breaks_no_rule_and_records_add_up() {
    let folder = folder("every-standard");
    for standard in sampled(&folder) {
        let clean = format!("clean/{standard}");
        let faulty = format!("faulty/{standard}");
        for place in ["clean", "faulty"] {
            fs::create_dir_all(folder.join(place)).unwrap();
        }
        sample(&folder, &standard, &clean, &["-n", "20"]);
        let faults = ["-n", "60", "--faults", "0.3", "--labels", "labels.csv"];
        sample(&folder, &standard, &faulty, &faults);
    }
    let account = convert(&folder, &["clean"]);
    assert_eq!(account["losses"], serde_json::json!([]));
    assert_eq!(rows(&account, "rejects"), 0);
    for input in account["inputs"].as_array().unwrap() {
        let entity = of_records(input["standard"].as_str().unwrap());
        assert_eq!(input["rows"][entity], 20, "{input}");
    }
    let account = convert(&folder, &["faulty"]);
    let mut rejected = 0;
    for input in account["inputs"].as_array().unwrap() {
        let entity = of_records(input["standard"].as_str().unwrap());
        let count = |value: &Value| value.as_u64().unwrap_or(0);
        let taken = count(&input["rows"][entity]);
        let split = count(&input["rows"]["rejects"]);
        rejected += split;
        if input["verdict"] == "rejected" {
            assert_eq!(taken, 0, "{input}");
        } else {
            assert_eq!(
                taken + split,
                count(&input["records"]["records"]),
                "{input}"
            );
        }
    }
    assert!(rejected > 50, "{rejected}");
}

#[test]
fn documents_pass_the_check_and_the_official_schema() {
    let folder = folder("documents");
    for (standard, version, protocol) in [
        ("cds@6-3-1", "6-3-1", "net"),
        ("cds@6-3-1", "6-3-1", "bulk"),
        ("cds@6-2-3", "6-2-3", "net"),
        ("cds@6-2-2", "6-2-2", "bulk"),
    ] {
        let file = format!("{version}-{protocol}.xml");
        let output = format!("out-{version}-{protocol}");
        sample(
            &folder,
            standard,
            &file,
            &["-n", "25", "--protocol", protocol],
        );
        let account = convert_to(&folder, standard, &output, &[&file]);
        assert_eq!(account["losses"], serde_json::json!([]));
        assert_eq!(account["records"][standard], 25);
        let written = format!("{output}/{standard}/part-00000.xml");
        let checked = exits(0, &folder, &["check", "--format", "concise", &written]);
        assert!(
            checked.contains("25 records = 25 accepted + 0 rejected, 0 findings"),
            "{checked}"
        );
        if let Some(valid) = is_valid(&[folder.join(&written)], version) {
            valid.unwrap();
        }
    }
}

#[test]
fn parameters_say_what_records_do_not() {
    let folder = folder("parameters");
    sample(&folder, "cds@6-3-1", "source.xml", &["-n", "5"]);
    convert_to(&folder, "fhir-bundles", "fhir", &["source.xml"]);
    convert_to(&folder, "parquet", "lake", &["source.xml"]);
    let parameters = [
        "--param=sender=999000000300001",
        "--param=control-reference=42",
        "--param=date-of-preparation=2026-05-20",
    ];
    let account = convert_to(
        &folder,
        "cds@6-3-1",
        "cds",
        &[&["lake"][..], &parameters].concat(),
    );
    assert_eq!(account["records"]["cds@6-3-1"], 5);
    let unknown = [
        "convert",
        "lake",
        "--to",
        "cds@6-3-1",
        "-o",
        "x",
        "--param",
        "sendre=1",
    ];
    assert!(exits(2, &folder, &unknown).contains("there is no parameter `sendre`"));
    let tables = [
        "convert",
        "lake",
        "--to",
        "plcm@2025",
        "-o",
        "x",
        "--param",
        "sender=1",
    ];
    assert!(exits(2, &folder, &tables).contains("--param is for documents"));
}

#[test]
fn resources_come_back() {
    let folder = folder("resources");
    sample(
        &folder,
        "cds@6-3-1",
        "source.xml",
        &["-n", "30", "--type", "020,130"],
    );
    let there = convert(&folder, &["source.xml"]);
    for (to, files_of) in [
        ("fhir", "Patient.ndjson"),
        ("fhir-bundles", "Bundle.ndjson"),
    ] {
        let account = convert_to(&folder, to, to, &["source.xml"]);
        assert_eq!(account["resources"]["Patient"], 30, "{account}");
        assert_eq!(account["rows"].get("person"), None);
        let written = format!("fhir/part-00000/{files_of}");
        assert!(files(&folder.join(to)).contains(&written));
        let back = convert_to(&folder, "parquet", "back", &[to]);
        assert_eq!(back["inputs"][0]["kind"], "resources");
        assert_eq!(back["inputs"][0]["records"]["records"], 30);
        for entity in [
            "person",
            "outpatient_attendance",
            "hospital_spell",
            "diagnosis",
        ] {
            assert_eq!(rows(&back, entity), rows(&there, entity), "{to}: {entity}");
        }
    }
}

/// Inputs are written side by side: what they have in common stands in the first of them, and all come back.
#[test]
fn organisations_are_written_once_for_all_inputs() {
    let folder = folder("resources-once");
    let inputs = ["a.xml", "b.xml", "c.xml"];
    for (seed, input) in ["1", "2", "3"].iter().zip(inputs) {
        let arguments = ["-n", "20", "--type", "020", "--seed", seed];
        sample(&folder, "cds@6-3-1", input, &arguments);
    }
    let there = convert(&folder, &inputs);
    let account = convert_to(&folder, "fhir", "fhir", &inputs);
    let (mut ids, mut organisations) = (BTreeSet::new(), 0);
    for file in files(&folder.join("fhir")) {
        if !file.ends_with(".ndjson") {
            continue;
        }
        for line in fs::read_to_string(folder.join("fhir").join(&file))
            .unwrap()
            .lines()
        {
            let resource: Value = serde_json::from_str(line).unwrap();
            organisations += u64::from(resource["resourceType"] == "Organization");
            assert!(ids.insert(resource["id"].to_string()), "{file}: {line}");
        }
    }
    assert!(organisations > 0);
    assert_eq!(account["resources"]["Organization"], organisations);
    let back = convert_to(&folder, "parquet", "back", &["fhir"]);
    for entity in [
        "person",
        "outpatient_attendance",
        "registration",
        "diagnosis",
    ] {
        assert_eq!(rows(&back, entity), rows(&there, entity), "{entity}");
    }
}

#[test]
fn patients_add_up_to_the_aggregate() {
    let folder = folder("aggregate");
    exits(
        0,
        &folder,
        &["sample", "contract-set", "-n", "120", "-o", "set"],
    );
    let lines = ["set/plcm.csv", "set/drplcm.csv", "set/deplcm.csv"];
    let account = convert_to(&folder, "acm@2025", "sums", &lines);
    let sums = rows(&account, "acm@2025");
    let records: u64 = (0..3)
        .map(|input| {
            account["inputs"][input]["records"]["records"]
                .as_u64()
                .unwrap()
        })
        .sum();
    assert!(sums > 0 && sums <= records, "{account}");
    let aggregate = "sums/acm@2025/part-00000.csv";
    let checks = ["check", "--format", "concise", "--reconcile", aggregate];
    let checked = exits(0, &folder, &[&checks[..], &lines].concat());
    assert!(!checked.contains("X-PLCM-1: "), "{checked}");
    assert!(checked.contains("0 rejected, 0 findings"), "{checked}");
    // It tells of a total that is not the lines'.
    let text = fs::read_to_string(folder.join(aggregate)).unwrap();
    let (rest, last) = text.trim_end().rsplit_once("\r\n").unwrap();
    let path = folder.join("fewer.csv");
    fs::write(&path, format!("{rest}\r\n")).unwrap();
    let fewer = ["check", "--format", "concise", "--reconcile", "fewer.csv"];
    let checked = convert_support::concord(&folder, &[&fewer[..], &lines].concat());
    assert!(
        String::from_utf8_lossy(&checked.stdout).contains(" X-"),
        "{last}"
    );
}

#[test]
fn lines_of_an_earlier_version_become_those_of_a_later_one() {
    let folder = folder("versions");
    sample(&folder, "plcm@2", "old.csv", &["-n", "40"]);
    let account = convert_to(&folder, "plcm@2025", "new", &["old.csv"]);
    assert_eq!(rows(&account, "plcm@2025"), 40);
    // What the later version has no column for is told, and nothing else.
    let losses = account["losses"].as_array().unwrap();
    assert!(!losses.is_empty());
    for loss in losses {
        let name = loss["element"].as_str().unwrap();
        assert!(name.starts_with("CONTRACT MONITORING ADDITIONAL"), "{name}");
        assert_eq!(loss["reason"], "no-place");
    }
    let checked = exits(
        0,
        &folder,
        &["check", "--format", "concise", "new/plcm@2025"],
    );
    assert!(
        checked.contains("40 accepted + 0 rejected, 0 findings"),
        "{checked}"
    );
    let strict = [
        "convert",
        "old.csv",
        "--to",
        "plcm@2025",
        "-o",
        "strict",
        "--strict",
    ];
    let told = exits(1, &folder, &strict);
    assert!(told.contains("Nothing was written to strict"), "{told}");
    assert!(!folder.join("strict").exists());
}

#[test]
fn messages_that_are_left_out_leave_no_gap_in_their_references() {
    let folder = folder("references");
    sample(
        &folder,
        "cds@6-3-1",
        "may.xml",
        &["-n", "6", "--type", "020"],
    );
    let text = fs::read_to_string(folder.join("may.xml")).unwrap();
    // The third message is rejected.
    let parts: Vec<&str> = text.split("<CDSActivityDate>").collect();
    let wrong = format!(
        "{}<CDSActivityDate>x{}",
        parts[..3].join("<CDSActivityDate>"),
        parts[3..].join("<CDSActivityDate>")
    );
    fs::write(folder.join("wrong.xml"), wrong).unwrap();
    for (source, records, anew) in [("may.xml", 6, None), ("wrong.xml", 5, Some(3))] {
        let account = convert_to(&folder, "cds@6-3-1", "out", &[source]);
        assert_eq!(account["records"]["cds@6-3-1"], records, "{account}");
        let losses = account["losses"].as_array().unwrap();
        let told = losses.iter().find(|loss| loss["reason"] == "renumbered");
        assert_eq!(
            told.and_then(|loss| loss["count"].as_u64()),
            anew,
            "{account}"
        );
        let checked = exits(0, &folder, &["check", "--fail-on", "warn", "out/cds@6-3-1"]);
        assert!(!checked.contains("CDS-E3 "), "{checked}");
    }
}

#[test]
fn episodes_of_a_spell_are_one_line_whatever_files_they_stand_in() {
    let folder = folder("spells");
    sample(
        &folder,
        "cds@6-3-1",
        "may.xml",
        &["-n", "4", "--type", "130"],
    );
    let text = fs::read_to_string(folder.join("may.xml")).unwrap();
    let spell = "HospitalProviderSpellNumber";
    let tag = if text.contains(&format!("<{spell}>")) {
        spell
    } else {
        "HospitalProviderSpellIdentifier"
    };
    let opening = format!("<{tag}>");
    let mut parts = text.split(opening.as_str());
    let mut one = parts.next().unwrap().to_owned();
    let mut spells = 0;
    for part in parts {
        let (_, behind) = part.split_once('<').unwrap();
        one.push_str(&[opening.as_str(), "S1<", behind].concat());
        spells += 1;
    }
    assert!(spells > 1, "{spells} records name their spell");
    fs::write(folder.join("one.xml"), &one).unwrap();
    fs::write(
        folder.join("two.xml"),
        one.replace("<CDSUniqueIdentifier>B", "<CDSUniqueIdentifier>C"),
    )
    .unwrap();
    let account = convert_to(
        &folder,
        "jsonl",
        "out",
        &["one.xml", "two.xml", "--on-reject", "keep"],
    );
    let lines = fs::read_to_string(folder.join("out/records/part-00000.jsonl")).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(account["records"]["records"], lines.len());
    let of_spells: Vec<&Value> = lines
        .iter()
        .filter(|line| line.get("sources").is_some())
        .collect();
    let mut keys: Vec<&str> = of_spells
        .iter()
        .map(|line| line["key"].as_str().unwrap())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), of_spells.len(), "one line for each spell");
    let episodes = |line: &&Value| line["record"]["episodes"].as_object().unwrap().len();
    assert_eq!(of_spells.iter().map(episodes).sum::<usize>(), 2 * spells);
    assert!(of_spells.len() < 2 * spells);
    // Nothing has changed since.
    let since = ["one.xml", "--on-reject", "keep", "--since", "out"];
    let account = convert_to(&folder, "jsonl", "since", &since);
    assert_eq!(
        account["records"]["records"].as_u64().unwrap_or_default(),
        0,
        "{account}"
    );
}

#[test]
fn a_line_for_each_record_and_then_for_each_that_changed() {
    let folder = folder("lines");
    sample(&folder, "cds@6-3-1", "may.xml", &["-n", "20"]);
    let account = convert_to(&folder, "jsonl", "may", &["may.xml"]);
    assert_eq!(account["records"]["records"], 20);
    assert_eq!(account["losses"], serde_json::json!([]));
    let schema = fs::read(root().join("schemas/meta/canonical-record.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let lines = fs::read_to_string(folder.join("may/records/part-00000.jsonl")).unwrap();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(schema.is_valid(&line), "{line}");
        assert_eq!(line["operation"], "insert");
    }
    assert_eq!(lines.lines().count(), 20);
    let text = fs::read_to_string(folder.join("may.xml")).unwrap();
    let (before, rest) = text.split_once("<CDSActivityDate>").unwrap();
    let (day, behind) = rest.split_once('<').unwrap();
    assert_ne!(day, "2025-06-29");
    fs::write(
        folder.join("june.xml"),
        format!("{before}<CDSActivityDate>2025-06-29<{behind}"),
    )
    .unwrap();
    for (earlier, output) in [("may", "since-lines"), ("lake", "since-lake")] {
        if earlier == "lake" {
            convert(&folder, &["may.xml"]);
        }
        let since = ["june.xml", "--since", earlier, "--on-reject", "keep"];
        let account = convert_to(&folder, "jsonl", output, &since);
        assert_eq!(account["records"]["records"], 1, "{account}");
        assert_eq!(account["unchanged"], 19);
        let path = folder.join(output).join("records/part-00000.jsonl");
        let line: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(line["operation"], "patch");
        // Of an episode, the spell is patched.
        let changed = serde_json::json!({"activity_record": {"cds_activity_date": "2025-06-29"}});
        let expected = match line.get("sources") {
            Some(_) => serde_json::json!({"episodes": {"BRXV00UI001000000001": changed}}),
            None => changed,
        };
        assert_eq!(line["patch"], expected);
    }
    let told = exits(
        0,
        &folder,
        &[
            "convert", "may.xml", "--to", "jsonl", "-o", "none", "--since", "may",
        ],
    );
    assert!(told.contains("20 records as before"), "{told}");
    let over = [
        "convert", "may.xml", "--to", "jsonl", "-o", "may", "--since", "may",
    ];
    assert!(exits(2, &folder, &over).contains("would be replaced"));
    assert_eq!(
        fs::read_to_string(folder.join("may/records/part-00000.jsonl")).unwrap(),
        lines
    );
}

#[test]
fn extracts_have_their_columns() {
    let folder = folder("extracts");
    for (standard, types, layout, rows_of) in [
        ("cds@6-3-1", "130", "sus-apc", 1_250),
        ("cds@6-3-1", "020", "sus-op", 363),
        ("cds@6-2-3", "011", "sus-ae", 206),
    ] {
        let file = format!("{layout}.xml");
        sample(&folder, standard, &file, &["-n", "12", "--type", types]);
        let account = convert_to(&folder, layout, layout, &[&file]);
        let path = folder.join(format!("{layout}/{layout}/part-00000.csv"));
        let mut reader = csv::Reader::from_path(path).unwrap();
        assert_eq!(reader.headers().unwrap().len(), rows_of, "{layout}");
        assert_eq!(reader.records().count() as u64, rows(&account, layout));
    }
    let unknown = ["convert", "sus-op.xml", "--to", "sus-xyz", "-o", "x"];
    assert!(exits(2, &folder, &unknown).contains("nothing can be converted to `sus-xyz`"));
}

/// The values of an element of a document.
fn values(text: &str, element: &str) -> Vec<String> {
    let tag = format!("<{element}>");
    let values = text.split(&tag).skip(1);
    values
        .filter_map(|rest| Some(rest.split_once('<')?.0.to_owned()))
        .collect()
}

#[test]
fn activity_and_prices_become_lines_that_pass_the_check() {
    let folder = folder("priced");
    sample(
        &folder,
        "cds@6-3-1",
        "source.xml",
        &["-n", "250", "--type", "020", "--seed", "5"],
    );
    let text = fs::read_to_string(folder.join("source.xml")).unwrap();
    let mut groups = "cds_unique_identifier,healthcare_resource_group\n".to_owned();
    for identifier in values(&text, "CDSUniqueIdentifier") {
        writeln!(groups, "{identifier},WF01A").unwrap();
    }
    let practices = values(&text, "GeneralMedicalPractice_PatientRegistration");
    let mut responsible = "practice,commissioner\n".to_owned();
    for practice in BTreeSet::from_iter(practices) {
        writeln!(responsible, "{practice},00L").unwrap();
    }
    fs::write(folder.join("groups.csv"), groups).unwrap();
    fs::write(folder.join("responsible.csv"), responsible).unwrap();
    let prices = "tariff_code,price,service_category,national\nWF01A,120.50,21,Y\n";
    fs::write(folder.join("prices.csv"), prices).unwrap();
    let priced = [
        "source.xml",
        "--prices",
        "prices.csv",
        "--groups",
        "groups.csv",
        "--responsible",
        "responsible.csv",
        "--created",
        "2026-05-20T09:30:00",
    ];
    let account = convert_to(&folder, "plcm@2025", "lines", &priced);
    let lines = rows(&account, "plcm@2025");
    assert!(lines > 0, "{account}");
    let written = fs::read_to_string(folder.join("lines/plcm@2025/part-00000.csv")).unwrap();
    assert!(
        written.contains("2026-05-20T09:30:00") && written.contains(",120.5,"),
        "{written}"
    );
    let checked = exits(
        0,
        &folder,
        &["check", "--format", "concise", "lines/plcm@2025"],
    );
    assert!(checked.contains("0 rejected, 0 findings"), "{checked}");
    // What made no line is told of: every record is a line or a loss.
    assert!(!account["losses"].as_array().unwrap().is_empty());
    let sums = convert_to(&folder, "acm@2025", "sums", &priced);
    assert!(rows(&sums, "acm@2025") > 0, "{sums}");
    let alone = [
        "convert",
        "source.xml",
        "--to",
        "fhir",
        "-o",
        "x",
        "--prices",
        "prices.csv",
    ];
    assert!(exits(2, &folder, &alone).contains("--prices is for contract monitoring"));
}

#[test]
fn rejected_records_are_treated_alike_for_every_target() {
    let folder = folder("reject-targets");
    let source = fixture("contract/may/acm.csv");
    for (to, place) in [("acm@2025", "rows"), ("jsonl", "records")] {
        let name = if place == "rows" { to } else { "records" };
        for (how, written, split) in [("split", 9, 4), ("drop", 9, 0)] {
            let account = convert_to(&folder, to, "out", &[&source, "--on-reject", how]);
            assert_eq!(account[place][name], written, "{to} {how}");
            assert_eq!(rows(&account, "rejects"), split);
        }
        let account = convert_to(&folder, to, "out", &[&source, "--on-reject", "keep"]);
        assert!(account[place][name].as_u64().unwrap() > 9, "{to}");
    }
    let whole = fixture("cds/outpatients/august.xml");
    let told = exits(
        0,
        &folder,
        &["convert", &whole, "--to", "jsonl", "-o", "none"],
    );
    assert!(
        told.contains("No record of the input could be written as jsonl."),
        "{told}"
    );
    assert!(told.contains("--on-reject keep"), "{told}");
}

#[test]
fn what_a_target_does_not_hold_is_told() {
    let folder = folder("none");
    let source = fixture("contract/may/clean.csv");
    for to in ["cds@6-3-1", "fhir", "iap@2026", "sus-apc"] {
        let told = exits(0, &folder, &["convert", &source, "--to", to, "-o", "out"]);
        assert!(
            told.contains(&format!("No record of the input could be written as {to}.")),
            "{told}"
        );
        assert!(told.contains("Not carried:"), "{told}");
        assert_eq!(files(&folder.join("out")), ["concord.json"], "{to}");
    }
    let none: Vec<PathBuf> = fs::read_dir(folder.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert!(none.is_empty(), "{none:?}");
}

/// The commands of the handbook's page, in their order.
#[test]
fn what_the_handbook_shows_works() {
    let folder = folder("handbook");
    let page = fs::read_to_string(root().join("docs/converting.md")).unwrap();
    sample(
        &folder,
        "cds@6-3-1",
        "cds.xml",
        &["-n", "5", "--type", "130"],
    );
    for (name, text) in [
        ("key", "a key of more than sixteen bytes"),
        ("prices.csv", "tariff_code,price\nAA22C,100\n"),
        (
            "groups.csv",
            "cds_unique_identifier,healthcare_resource_group\n",
        ),
        ("practices.csv", "practice,commissioner\n"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let fixtures = root().join("fixtures").canonicalize().unwrap();
    let commands = page
        .lines()
        .filter_map(|line| line.strip_prefix("    concord "));
    let mut ran = 0;
    for command in commands {
        let fixture = format!("{}/", fixtures.display());
        let command = command.replace("fixtures/", &fixture);
        exits(0, &folder, &command.split_whitespace().collect::<Vec<_>>());
        ran += 1;
    }
    assert!(ran >= 12, "{ran} commands");
}
