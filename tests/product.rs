//! The whole product: the binary run as users run it.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Every format of a report.
const FORMATS: [&str; 11] = [
    "human", "concise", "json", "ndjson", "sarif", "junit", "github", "gitlab", "csv", "html",
    "markdown",
];

/// What a run of the binary gave.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn concord(folder: &Path, arguments: &[&str]) -> Ran {
    ran(command(folder, arguments).output().unwrap())
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("NO_COLOR");
    command
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
    }
}

impl Ran {
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }
}

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("product")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A folder with `clean.xml` (40 records) and `faulty.xml` with `labels.csv` (400 records).
fn samples(name: &str, standard: &str) -> PathBuf {
    let folder = folder(name);
    concord(
        &folder,
        &[
            "sample",
            standard,
            "-n",
            "40",
            "--seed",
            "7",
            "-o",
            "clean.xml",
        ],
    )
    .exits(0);
    let faults = [
        "--faults",
        "0.5",
        "--labels",
        "labels.csv",
        "-o",
        "faulty.xml",
    ];
    let mut arguments = vec!["sample", standard, "-n", "400", "--seed", "3"];
    arguments.extend(faults);
    concord(&folder, &arguments).exits(0);
    folder
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

#[test]
fn help_is_there_at_once() {
    let folder = folder("help");
    let fastest = (0..10)
        .map(|_| {
            let start = Instant::now();
            let ran = concord(&folder, &["--help"]).exits(0);
            assert!(
                ran.out.contains("check") && ran.out.contains("Exit codes"),
                "{}",
                ran.out
            );
            start.elapsed()
        })
        .min()
        .unwrap();
    // Without optimisation and beside other tests; the benchmark holds the release build to 30 ms.
    assert!(fastest < Duration::from_millis(200), "{fastest:?}");
}

#[test]
fn exit_codes() {
    let folder = samples("exit", "cds@6-3-1");
    concord(&folder, &["check", "clean.xml"]).exits(0);
    concord(&folder, &["check", "faulty.xml"]).exits(1);
    concord(&folder, &["check", "faulty.xml", "--fail-on", "never"]).exits(0);
    concord(&folder, &["check"]).exits(2);
    concord(&folder, &["check", "clean.xml", "--standard", "cds@9"]).exits(2);
    concord(&folder, &["check", "clean.xml", "--standard", "cds"]).exits(2);
    concord(&folder, &["check", "clean.xml", "--schema", "none.xsd"]).exits(2);
    concord(&folder, &["check", "clean.xml", "--schemas", "none"]).exits(2);
    concord(&folder, &["check", "[.xml"]).exits(2);
    concord(&folder, &["check", "-", "-"]).exits(2);
    concord(&folder, &["check", "missing.xml"]).exits(3);
    fs::write(folder.join("other.xml"), "<other xmlns='urn:x'/>").unwrap();
    let ran = concord(&folder, &["check", "other.xml", "clean.xml"]).exits(2);
    assert!(
        ran.err
            .contains("no standard that is known begins with `other`"),
        "{}",
        ran.err
    );
    assert!(
        ran.out.contains("clean.xml: accepted"),
        "the others are checked: {}",
        ran.out
    );
    fs::write(folder.join("no.json"), "{\"a\": 1}").unwrap();
    concord(&folder, &["check", "no.json"]).exits(1);
    fs::write(folder.join("empty.xml"), "").unwrap();
    assert_ne!(concord(&folder, &["check", "empty.xml"]).code, 0);
}

#[test]
fn a_submission_cut_off_is_never_accepted() {
    let folder = samples("cut", "cds@6-2-3");
    let whole = fs::read(folder.join("clean.xml")).unwrap();
    for part in 1..10 {
        let cut = whole.len() * part / 10;
        fs::write(folder.join("cut.xml"), &whole[..cut]).unwrap();
        let ran = concord(&folder, &["check", "cut.xml", "--format", "ndjson"]);
        assert!(ran.code == 1 || ran.code == 3, "cut at {cut}: {}", ran.code);
        let last = lines(&ran.out).pop().unwrap();
        assert_ne!(
            last["summary"]["files"][0]["verdict"], "accepted",
            "cut at {cut}"
        );
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&whole).unwrap();
    let gzip = gzip.finish().unwrap();
    fs::write(folder.join("cut.gz"), &gzip[..gzip.len() - 5]).unwrap();
    let ran = concord(&folder, &["check", "cut.gz"]).exits(3);
    assert!(
        ran.err.contains("the gzip stream is cut off"),
        "{}",
        ran.err
    );
}

#[test]
fn every_wrapping_and_encoding_gives_the_same_verdict() {
    let folder = samples("wrapped", "cds@6-2-3");
    let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
    let inputs = folder.join("inputs");
    fs::create_dir(&inputs).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    fs::write(inputs.join("a.gz"), gzip.finish().unwrap()).unwrap();
    fs::write(
        inputs.join("b.zst"),
        zstd::encode_all(text.as_bytes(), 1).unwrap(),
    )
    .unwrap();
    let mut zip = zip::ZipWriter::new(fs::File::create(inputs.join("c.zip")).unwrap());
    for name in ["one.xml", "two/three.xml"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let start = text.find("?>").map_or(0, |end| end + 2);
    let wide: Vec<u8> = format!("\u{feff}{}", &text[start..])
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(inputs.join("d.xml"), wide).unwrap();
    let latin = format!(
        "<?xml version='1.0' encoding='windows-1252'?>{}",
        &text[start..]
    );
    let latin: Option<Vec<u8>> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    fs::write(
        inputs.join("e.xml"),
        latin.expect("the sample is in Latin-1"),
    )
    .unwrap();
    let mut names = Vec::new();
    for path in ["inputs", "inputs/*.*"] {
        let ran = concord(
            &folder,
            &["check", path, "--format", "ndjson", "--fail-on", "warn"],
        );
        let summary = lines(&ran.out).pop().unwrap();
        names = Vec::new();
        for file in summary["summary"]["files"].as_array().unwrap() {
            assert_eq!(file["verdict"], "accepted", "{}", ran.out);
            assert_eq!(file["records"]["records"], 40);
            names.push(file["file"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(
        names,
        [
            "a.gz",
            "b.zst",
            "c.zip/one.xml",
            "c.zip/two/three.xml",
            "d.xml",
            "e.xml"
        ]
        .map(|name| format!("inputs/{name}"))
    );
    let mut child = command(&folder, &["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let ran = ran(child.wait_with_output().unwrap()).exits(0);
    assert!(ran.out.contains("-: accepted"), "{}", ran.out);
}

#[test]
fn the_report_is_the_same_for_every_number_of_threads() {
    let folder = samples("threads", "cds@6-3-1");
    let without_time = |threads: &str| {
        let ran = concord(
            &folder,
            &[
                "check",
                "faulty.xml",
                "clean.xml",
                "--format",
                "ndjson",
                "--threads",
                threads,
            ],
        );
        let mut all = lines(&ran.exits(1).out);
        all.last_mut().unwrap()["summary"]["seconds"] = 0.into();
        all
    };
    let one = without_time("1");
    assert!(one.len() > 100);
    for threads in ["2", "3", "8"] {
        assert!(one == without_time(threads), "{threads} threads");
    }
}

#[test]
fn labelled_faults_are_found_and_nothing_else() {
    for standard in ["cds@6-2-2", "cds@6-2-3", "cds@6-3-1"] {
        let folder = samples(&format!("faults-{standard}"), standard);
        let clean = concord(
            &folder,
            &[
                "check",
                "clean.xml",
                "--format",
                "ndjson",
                "--fail-on",
                "warn",
            ],
        );
        assert_eq!(lines(&clean.out).len(), 1, "{}", clean.out);
        let faults = labelled_and_found(&folder, standard);
        assert!(faults > 100, "{standard}: {faults} faults");
        let bulk = [
            "sample",
            standard,
            "-n",
            "300",
            "--seed",
            "4",
            "--protocol",
            "bulk",
            "--faults",
            "0.5",
            "--labels",
            "labels.csv",
            "-o",
            "faulty.xml",
        ];
        concord(&folder, &bulk).exits(0);
        let faults = labelled_and_found(&folder, standard);
        assert!(faults > 100, "{standard}, bulk: {faults} faults");
    }
}

/// Asserts that what is found in `faulty.xml` is what `labels.csv` says, by rule and record; how many there are.
#[track_caller]
fn labelled_and_found(folder: &Path, standard: &str) -> usize {
    let arguments = [
        "check",
        "faulty.xml",
        "--standard",
        standard,
        "--format",
        "ndjson",
    ];
    let ran = concord(folder, &arguments);
    let found: BTreeSet<(String, u64)> = lines(&ran.out)
        .iter()
        .filter(|line| line.get("rule").is_some())
        .map(|line| {
            let rule = line["rule"].as_str().unwrap().to_owned();
            (rule, line["record"].as_u64().unwrap_or(0))
        })
        .collect();
    let labels = fs::read_to_string(folder.join("labels.csv")).unwrap();
    let wanted: BTreeSet<(String, u64)> = labels
        .lines()
        .skip(1)
        .map(|label| {
            let mut fields = label.split(',');
            let rule = fields.next().unwrap().to_owned();
            (rule, fields.next().unwrap().parse().unwrap())
        })
        .collect();
    let missed: Vec<_> = wanted.difference(&found).collect();
    let false_alarms: Vec<_> = found.difference(&wanted).collect();
    assert!(
        missed.is_empty() && false_alarms.is_empty(),
        "{standard}: missed {missed:?}; false alarms {false_alarms:?}"
    );
    wanted.len()
}

#[test]
fn faults_of_the_carrier_are_found_and_nothing_else() {
    let rules = [
        "XML-EMPTY",
        "XML-NOT-XML",
        "XML-DTD",
        "STRUCTURE-ROOT",
        "XML-TRUNCATED",
        "XML-NOT-WELL-FORMED,XML-ENCODING,LIMIT-DEPTH,LIMIT-ATTRIBUTES",
        "LIMIT-TEXT",
        "LIMIT-RECORD",
    ];
    for standard in ["cds@6-2-2", "cds@6-3-1"] {
        let folder = folder(&format!("carrier-{standard}"));
        for rules in rules {
            let large = rules.starts_with("LIMIT-");
            let (records, rate) = if large { ("6", "0.3") } else { ("30", "0.4") };
            let sample = [
                "sample",
                standard,
                "-n",
                records,
                "--seed",
                "5",
                "--faults",
                rate,
                "--fault-rules",
                rules,
                "--labels",
                "labels.csv",
                "-o",
                "faulty.xml",
            ];
            concord(&folder, &sample).exits(0);
            let wanted = rules.split(',').count();
            let faults = labelled_and_found(&folder, standard);
            assert!(faults >= wanted, "{standard} {rules}: {faults} faults");
        }
    }
}

#[test]
fn accounts_add_up() {
    let folder = samples("accounts", "cds@6-3-1");
    let ran = concord(
        &folder,
        &[
            "check",
            "faulty.xml",
            "--format",
            "json",
            "--max-findings",
            "5",
        ],
    );
    let report: Value = serde_json::from_str(&ran.exits(1).out).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 5);
    let file = &report["summary"]["files"][0];
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(
        number(&file["size"]),
        fs::metadata(folder.join("faulty.xml")).unwrap().len()
    );
    assert_eq!(file["size"], file["bytes"]);
    let records = &file["records"];
    assert_eq!(number(&records["records"]), 400);
    assert_eq!(
        number(&records["accepted"]) + number(&records["rejected"]),
        400
    );
    let by_effect: u64 = file["findings"]
        .as_object()
        .unwrap()
        .values()
        .map(number)
        .sum();
    let by_rule: u64 = report["summary"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| number(&rule["findings"]))
        .sum();
    assert_eq!(by_effect, by_rule);
    assert_eq!(number(&report["summary"]["not_shown"]), by_rule - 5);
}

#[test]
fn nobody_can_be_recognised_in_any_output() {
    let folder = samples("masked", "cds@6-3-1");
    let text = fs::read_to_string(folder.join("faulty.xml")).unwrap();
    let mut personal = BTreeSet::new();
    for element in [
        "NHSNumber",
        "PersonFullName",
        "PersonGivenName",
        "PersonFamilyName",
        "PostcodeOfUsualAddress",
    ] {
        let tag = format!("<{element}>");
        for rest in text.split(&tag).skip(1) {
            let value = rest.split('<').next().unwrap();
            // Fillers such as 0000000000 identify nobody, and help texts name them.
            let filler = value.chars().all(|character| value.starts_with(character));
            if value.len() > 5 && !filler {
                personal.insert(value.to_owned());
            }
        }
    }
    assert!(personal.len() > 100, "{} values", personal.len());
    for format in FORMATS {
        let ran = concord(&folder, &["check", "faulty.xml", "--format", format]).exits(1);
        for value in &personal {
            assert!(!ran.out.contains(value), "{format} shows {value}");
        }
    }
    let shown = concord(
        &folder,
        &["check", "faulty.xml", "--format", "ndjson", "--show-values"],
    )
    .exits(1);
    assert!(
        personal.iter().any(|value| shown.out.contains(value)),
        "--show-values shows values"
    );
}

#[test]
fn a_name_that_somebody_asks_to_be_called_is_masked() {
    const NAME: &str = "Ysolde-Marguerite Wetherby-Testcase";
    let folder = samples("requested", "cds@6-2-3");
    let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
    let (before, rest) = text.split_once("<PersonFullName>").unwrap();
    let (_, behind) = rest.split_once("</PersonFullName>").unwrap();
    let name = format!("{NAME} {NAME} {NAME}");
    let long = format!("{before}<PersonRequestedName>{name}</PersonRequestedName>{behind}");
    fs::write(folder.join("long.xml"), long).unwrap();
    for format in FORMATS {
        let arguments = ["check", "long.xml", "--format", format];
        let ran = concord(&folder, &arguments).exits(1);
        assert!(ran.out.contains("VALUE-LENGTH"), "{}", ran.out);
        assert!(!ran.out.contains(NAME), "{format} shows the name");
        let shown = concord(&folder, &[&arguments[..], &["--show-values"]].concat()).exits(1);
        assert!(
            shown.out.contains(NAME),
            "{format} can show the name: {}",
            shown.out
        );
    }
}

#[test]
fn a_record_is_not_named_by_a_key_that_holds_who_it_is_about() {
    let folder = samples("named", "cds@6-3-1");
    let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
    let (_, behind) = text.split_once("<NHSNumber>").unwrap();
    let (number, _) = behind.split_once('<').unwrap();
    let key = "<CDSUniqueIdentifier>";
    for identifier in [number.to_owned(), format!("RXX/{number}")] {
        let (before, rest) = text.split_once(key).unwrap();
        let (_, rest) = rest.split_once('<').unwrap();
        // The second record has the same key, which holds nothing of its own person, and the first another fault.
        let (between, last) = rest.split_once(key).unwrap();
        let (_, last) = last.split_once('<').unwrap();
        let between = between.replacen("<CDSUpdateType>9", "<CDSUpdateType>1", 1);
        let named = format!("{before}{key}{identifier}<{between}{key}{identifier}<{last}");
        fs::write(folder.join("named.xml"), named).unwrap();
        for format in FORMATS {
            let ran = concord(&folder, &["check", "named.xml", "--format", format]).exits(0);
            assert!(!ran.out.contains(number), "{format} shows it:\n{}", ran.out);
        }
    }
}

/// The findings about a text, which is put into a file of the folder: rule, path, line and column, message.
fn found_in(folder: &Path, text: &str) -> Vec<[String; 4]> {
    fs::write(folder.join("edited.xml"), text).unwrap();
    let ran = concord(folder, &["check", "edited.xml", "--format", "ndjson"]);
    let findings = lines(&ran.out)
        .into_iter()
        .filter(|line| line.get("rule").is_some());
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    findings
        .map(|line| {
            let place = format!("{}:{}", line["line"], line["column"]);
            let [rule, path, message] = ["rule", "path", "message"].map(|name| text(&line, name));
            [rule, path, place, message]
        })
        .collect()
}

/// Line and column of a place in a text.
fn line_and_column(text: &str, offset: usize) -> String {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = offset - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    format!("{line}:{column}")
}

#[test]
fn rules_say_nothing_of_values_that_are_refused() {
    let folder = samples("refused", "cds@6-3-1");
    let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
    let (before, code) = text.split_once("<CDSTypeCode>").unwrap();
    for space in [" ", "&#32;", "<![CDATA[ ]]>"] {
        let wrong = format!("{before}<CDSTypeCode>{space}{code}");
        let found = found_in(&folder, &wrong);
        let rules: Vec<&str> = found.iter().map(|[rule, ..]| rule.as_str()).collect();
        assert_eq!(rules, ["VALUE-LENGTH"], "{space}");
    }
    // In the header, which has gone by when it is compared with the trailer.
    let sender = "<CDSInterchangeSenderIdentity>";
    let wrong = text.replacen(sender, &format!("{sender}1234567890123456"), 1);
    let found = found_in(&folder, &wrong);
    let rules: Vec<&str> = found.iter().map(|[rule, ..]| rule.as_str()).collect();
    assert_eq!(rules, ["VALUE-LENGTH"]);
    // What rejects nothing takes nothing away.
    fs::write(
        folder.join("concord.toml"),
        "[rules]\n\"VALUE-LENGTH\" = \"note\"\n",
    )
    .unwrap();
    let wrong = format!("{before}<CDSTypeCode> {code}");
    let found = found_in(&folder, &wrong);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn what_rules_find_has_its_own_place_however_it_is_written() {
    let folder = samples("places", "cds@6-3-1");
    let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
    let name = "ProviderReferenceIdentifier";
    let start = text.find(&format!("<{name}>")).unwrap();
    let end = start + text[start..].find(&format!("</{name}>")).unwrap() + name.len() + 3;
    let comment = "<!-- </x> <y> <!z ' -->";
    for (empty, at) in [
        ("<|></|>", 2),
        ("<|/>", 0),
        ("<|><!-- <a> --></|>", 14),
        ("<|><![CDATA[]]></|>", 2),
    ] {
        let written = empty.replace('|', name);
        let wrong = format!("{}{comment}{written}{}", &text[..start], &text[end..]);
        let at = start + comment.len() + at + if at == 0 { 0 } else { name.len() };
        let [[rule, path, place, message]] = &found_in(&folder, &wrong)[..] else {
            panic!("{empty}: {:?}", found_in(&folder, &wrong));
        };
        assert_eq!(rule, "CDS-EMPTY", "{empty}");
        assert!(path.ends_with(&format!("/{name}")), "{empty}: {path}");
        assert_eq!(*place, line_and_column(&wrong, at), "{empty}");
        assert_eq!(message, "PROVIDER REFERENCE IDENTIFIER is empty");
    }
    let number = "<NHSNumber>";
    let start = text.find(number).unwrap() + number.len();
    for written in ["<![CDATA[9990000009]]>", "999&#48;000009", "9990000009"] {
        let (before, behind) = (&text[..start - number.len()], &text[start + 10..]);
        let wrong = format!("{before}{comment}{number}{written}{behind}");
        let found = found_in(&folder, &wrong);
        let mut found = found.iter().filter(|[rule, ..]| rule == "CDS-NHS-CHECK");
        let [_, path, place, _] = found.next().expect("its check digit is wrong");
        assert!(path.ends_with("/NHSNumber"), "{written}: {path}");
        assert_eq!(
            *place,
            line_and_column(&wrong, start + comment.len()),
            "{written}"
        );
    }
}

#[test]
fn an_organisation_has_a_code_in_every_version() {
    for (standard, element) in [
        ("cds@6-2-2", "OrganisationCode_CDSSenderIdentity"),
        ("cds@6-2-3", "OrganisationIdentifier_CDSSender"),
    ] {
        let folder = samples(&format!("organisation-{standard}"), standard);
        let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
        let (before, rest) = text.split_once(&format!("<{element}>")).unwrap();
        let (code, behind) = rest.split_once('<').unwrap();
        let wrong = format!("{before}<{element}>{}<{behind}", code.to_lowercase());
        let found = found_in(&folder, &wrong);
        assert!(
            found.iter().any(|[rule, ..]| rule == "CDS-ODS"),
            "{found:?}"
        );
    }
}

#[test]
fn a_standard_is_recognised_whatever_stands_before_and_in_the_root() {
    let folder = samples("recognised", "cds@6-3-1");
    let text = fs::read_to_string(folder.join("clean.xml")).unwrap();
    let root = text.find("<CDS-XMLInterchange").unwrap();
    let comment = format!("<!-- {} -->", "a long history > ".repeat(20_000));
    let long = format!("{}{comment}{}", &text[..root], &text[root..]);
    assert_eq!(found_in(&folder, &long), Vec::<[String; 4]>::new());
    let blank = text.replacen("SchemaVersion=\"6-3-1\"", "SchemaVersion=\" 6-3-1\n\"", 1);
    assert_ne!(blank, text);
    assert_eq!(found_in(&folder, &blank), Vec::<[String; 4]>::new());
    let more = text.replacen(" SchemaVersion", " note=\"1 > 0\" SchemaVersion", 1);
    let found = found_in(&folder, &more);
    let rules: Vec<&str> = found.iter().map(|[rule, ..]| rule.as_str()).collect();
    assert_eq!(rules, ["ATTRIBUTE-UNKNOWN"]);
}

#[test]
fn reports_to_files_appear_whole_or_not_at_all() {
    let folder = samples("written", "cds@6-2-3");
    let ran = concord(&folder, &["check", "faulty.xml", "-o", "report.txt"]).exits(1);
    assert_eq!(ran.out, "");
    let report = fs::read_to_string(folder.join("report.txt")).unwrap();
    assert!(
        report.contains("faulty.xml: partly accepted") || report.contains("faulty.xml: rejected"),
        "{report}"
    );
    assert!(!report.contains('\u{1b}'), "no colours in files");
    concord(&folder, &["check", "faulty.xml", "-o", "none/report.txt"]).exits(3);
    concord(
        &folder,
        &["sample", "cds@6-2-3", "-n", "0", "-o", "none.xml"],
    )
    .exits(2);
    let names: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = ["clean.xml", "faulty.xml", "labels.csv", "report.txt"].map(str::to_owned);
    assert_eq!(names, BTreeSet::from(expected), "nothing half-made is left");
}

#[test]
fn samples_are_the_same_for_the_same_seed() {
    let folder = folder("seed");
    let made = |seed: &str| {
        concord(&folder, &["sample", "cds@6-3-1", "-n", "5", "--seed", seed])
            .exits(0)
            .out
    };
    assert_eq!(made("5"), made("5"));
    assert_ne!(made("5"), made("6"));
    let bulk = [
        "sample",
        "cds@6-3-1",
        "-n",
        "5",
        "--type",
        "130",
        "--protocol",
        "bulk",
    ];
    assert!(
        concord(&folder, &bulk)
            .exits(0)
            .out
            .contains("CDSBulkGroup-010-Message")
    );
    let ran = concord(&folder, &["sample", "cds@6-3-1", "--type", "999"]).exits(2);
    assert!(ran.err.contains("130"), "{}", ran.err);
    concord(
        &folder,
        &["sample", "cds@6-3-1", "--faults", "2", "--labels", "l.csv"],
    )
    .exits(2);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = folder("pipe");
    let mut child = command(&folder, &["sample", "cds@6-3-1", "-n", "20000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = ran(child.wait_with_output().unwrap()).exits(0);
    assert_eq!(ran.err, "");
}

#[test]
fn the_offline_reference() {
    let folder = folder("reference");
    let list = concord(&folder, &["standards"]).exits(0).out;
    for name in ["cds@6-2-2", "cds@6-2-3", "cds@6-3-1"] {
        assert!(list.contains(name), "{list}");
    }
    let show = concord(&folder, &["standards", "show", "cds@6-3-1"])
        .exits(0)
        .out;
    assert!(show.contains("CDSInterchangeHeader"), "{show}");
    let show = concord(
        &folder,
        &[
            "standards",
            "show",
            "cds@6-3-1",
            "VerifiedIdentity_Structure/NHSNumber",
        ],
    )
    .exits(0)
    .out;
    assert!(
        show.contains("NHS NUMBER") && show.contains("personal: yes"),
        "{show}"
    );
    let ran = concord(&folder, &["standards", "show", "cds@6-3-1", "NhsNumbr"]).exits(2);
    assert!(ran.err.contains("has no element"), "{}", ran.err);
    let explain = concord(&folder, &["standards", "explain", "cds-e2"])
        .exits(0)
        .out;
    assert!(
        explain.contains("CDS-E2") && explain.contains("reject-file"),
        "{explain}"
    );
    assert!(
        concord(&folder, &["standards", "explain", "XML-DTD"])
            .exits(0)
            .out
            .contains("DOCTYPE")
    );
    concord(&folder, &["standards", "explain", "CDS-XYZ"]).exits(2);
    let codes = concord(&folder, &["standards", "codes", "cds-type"])
        .exits(0)
        .out;
    assert!(codes.contains("130"), "{codes}");
    concord(&folder, &["standards", "codes", "cds-type", "zzz"]).exits(2);
    concord(&folder, &["standards", "lint"]).exits(0);
    concord(&folder, &["standards", "test"]).exits(0);
}

#[test]
fn a_definition_of_ones_own_can_be_checked_against() {
    let folder = folder("own");
    fs::write(
        folder.join("visits.xsd"),
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="visits"><xs:complexType><xs:sequence>
    <xs:element name="visit" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="day" type="xs:date"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"#,
    )
    .unwrap();
    fs::write(
        folder.join("good.xml"),
        "<visits><visit><day>2026-05-01</day></visit></visits>",
    )
    .unwrap();
    fs::write(
        folder.join("bad.xml"),
        "<visits><visit><day>1 May</day></visit></visits>",
    )
    .unwrap();
    concord(
        &folder,
        &[
            "standards",
            "import",
            "visits.xsd",
            "-o",
            "mine",
            "--as",
            "visits@1",
        ],
    )
    .exits(0);
    for how in [["--schema", "visits.xsd"], ["--schemas", "mine"]] {
        concord(&folder, &["check", "good.xml", how[0], how[1]]).exits(0);
        let ran = concord(
            &folder,
            &["check", "bad.xml", how[0], how[1], "--format", "concise"],
        )
        .exits(1);
        assert!(ran.out.starts_with("bad.xml:1:21: reject-"), "{}", ran.out);
    }
    let ran = concord(&folder, &["standards", "import", "good.xml", "-o", "mine"]).exits(2);
    assert!(ran.err.contains("good.xml:1"), "{}", ran.err);
    fs::create_dir_all(folder.join("broken/a/1")).unwrap();
    fs::write(
        folder.join("broken/a/1/standard.toml"),
        "id = \"a\"\nverson = \"1\"\n",
    )
    .unwrap();
    let ran = concord(&folder, &["standards", "list", "--schemas", "broken"]).exits(2);
    assert!(
        ran.err.contains("verson") && ran.err.contains("standard.toml:2:1"),
        "{}",
        ran.err
    );
}

/// The verdicts of libxml2 on one-change mutants that stand beside the checkout.
#[test]
fn verdicts_agree_with_libxml2_on_known_mutants() {
    let reference = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let edge = reference.join("cds/edge");
    let Ok(verdicts) = fs::read_to_string(edge.join("verdicts.csv")) else {
        eprintln!("skipped: {} is not there", edge.display());
        return;
    };
    let xsd = reference.join("cds/xsd/V6-2-3/CDS-XML_Message_Root-V6-2-3.xsd");
    let xsd = xsd.to_str().unwrap();
    let mut compared = 0;
    for line in verdicts.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        // XML Schema part 2, 4.3.6: white space of a date collapses, so the value is valid.
        let expected = if fields[1] == "prep_date_ws.xml" {
            "valid"
        } else {
            fields[2]
        };
        let ran = concord(
            &edge,
            &["check", fields[1], "--schema", xsd, "--format", "concise"],
        );
        let verdict = if ran.code == 0 { "valid" } else { "invalid" };
        assert_eq!(verdict, expected, "{}: {}", fields[1], ran.out);
        compared += 1;
    }
    assert!(compared > 50);
}
