//! `concord check --fix`: what is beyond doubt is put right, everything else stays to the byte, and what is left is told.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::format_collect)] // a few rows

mod ran;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ran::{Ran, concord};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fix")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A small standard of visits, and the header of its table.
fn visits(folder: &Path) {
    let files = [
        (
            "schemas/visits/1/standard.toml",
            "id = \"visits\"\nversion = \"1\"\ntitle = \"Visits\"\npublisher = \"test\"\ncarrier = \"delimited\"\nsource = \"test\"\n\n\
             [recognise]\nheader = true\n\n[record]\nkey = [\"ID\"]\n\n[[table]]\nname = \"visits\"\ndelimiters = [\",\", \"|\"]\n",
        ),
        (
            "schemas/visits/1/fields.csv",
            "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
             visits,1,ID,ID,,M,max an10,,,,,,,test,\n\
             visits,2,NHS_NUMBER,NHS NUMBER,,O,n10,,,,,,,test,\n\
             visits,3,POSTCODE,POSTCODE,,O,max an8,,,,,,,test,\n\
             visits,4,SEEN,SEEN,,O,an10 CCYY-MM-DD,,,,,,,test,\n\
             visits,5,KIND,KIND,,O,max an5,kinds,,,,,,test,\n\
             visits,6,NOTE,NOTE,,O,max an40,,,,,,,test,\n",
        ),
        (
            "schemas/visits/1/rules.toml",
            "[[rule]]\nid = \"V-POSTCODE\"\ntitle = \"a postcode\"\nat = \"record\"\neffect = \"warn\"\ncheck = \"postcode_is_well_formed(POSTCODE)\"\n\
             place = \"POSTCODE\"\nmessage = \"'{value}' is no postcode\"\nsource = \"test\"\nsince = \"0.1.0\"\n\
             pass = [{ POSTCODE = \"UA1 1AA\" }]\nfail = [{ POSTCODE = \"UA11AA\" }]\n\n\
             [[rule]]\nid = \"V-ONCE\"\ntitle = \"once\"\nat = \"record\"\neffect = \"reject-record\"\nunique = { elements = [\"KIND\", \"NHS_NUMBER\"] }\n\
             message = \"twice\"\nsource = \"test\"\nsince = \"0.1.0\"\n\
             pass = [{ record = [{ KIND = \"OP\", NHS_NUMBER = \"1\" }, { KIND = \"DC\", NHS_NUMBER = \"1\" }] }]\n\
             fail = [{ record = [{ KIND = \"OP\", NHS_NUMBER = \"1\" }, { KIND = \"OP\", NHS_NUMBER = \"1\" }] }]\n",
        ),
        (
            "schemas/codes/kinds.csv",
            "code,meaning,valid_from,valid_to,source\nOP,Outpatient,,,test\nDC,Day case,,,test\nab,small,,,test\nAB,large,,,test\n",
        ),
        (
            "schemas/elements.csv",
            "name,xml_names,format,code_list,personal,source\nID,,,,no,test\nKIND,,,,no,test\nNHS NUMBER,,n10,,yes,test\nNOTE,,,,no,test\n\
             POSTCODE,,,,yes,test\nSEEN,,,,no,test\n",
        ),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const HEADER: &str = "ID,NHS_NUMBER,POSTCODE,SEEN,KIND,NOTE\n";

/// Fixes `in.csv` of the visits into `out.csv`.
fn fix_visits(folder: &Path, further: &[&str]) -> Ran {
    let fixed = [
        "check",
        "--fix",
        "in.csv",
        "-o",
        "out.csv",
        "--schemas",
        "schemas",
        "--standard",
        "visits@1",
    ];
    concord(folder, &[&fixed, further].concat())
}

/// What is fixed of a file, and the lines of the log.
fn fixed(folder: &Path, input: &[u8]) -> (Vec<u8>, Vec<Value>) {
    fs::write(folder.join("in.csv"), input).unwrap();
    fix_visits(folder, &["--fail-on", "never", "--show-values"]).exits(0);
    let log = fs::read_to_string(folder.join("out.csv.fixes.ndjson")).unwrap();
    let log = log.lines().map(|line| serde_json::from_str(line).unwrap());
    (fs::read(folder.join("out.csv")).unwrap(), log.collect())
}

#[test]
fn what_is_beyond_doubt_is_put_right_and_what_is_not_stays() {
    let folder = folder("table");
    visits(&folder);
    let rows = [
        // in, out
        (
            "1,999 000 0018,UA11AA,13/04/2025,op,x",
            "1,9990000018,UA1 1AA,2025-04-13,OP,x",
        ),
        (
            "2,999-000-0026,ua1  1aa,13-Apr-2025, DC ,x",
            "2,9990000026,UA1 1AA,2025-04-13,DC,x",
        ),
        // Wrong check digit; ambiguous day; two codes of this spelling; a postcode that is none.
        (
            "3,999 000 0019,LONDON,05/04/2025,aB,x",
            "3,999 000 0019,LONDON,05/04/2025,aB,x",
        ),
        // What a spreadsheet did; a year of two digits; a time that would be lost.
        ("4,9.99E+09,,45750,,x", "4,9.99E+09,,45750,,x"),
        ("5,9990000034.0,,13/04/25,,x", "5,9990000034.0,,13/04/25,,x"),
        ("6,,,13/04/2025 10:00,,x", "6,,,13/04/2025 10:00,,x"),
        // Quotes stay, and so do cells that are right.
        (
            "7,\"999 000 0042\",\"UA1 1AA\",\"13/04/2025\",\"dc\",\"a, \"\"b\"\"\"",
            "7,\"9990000042\",\"UA1 1AA\",\"2025-04-13\",\"DC\",\"a, \"\"b\"\"\"",
        ),
        // Blanks and nothing else, where a cell may be empty.
        ("8,,,   ,,  a note\u{a0}", "8,,,,,a note"),
        // Quotes inside, and a cell that would begin with one.
        ("9,,,,,\" a \"\"b\"\"\"", "9,,,,,\" a \"\"b\"\"\""),
        ("10,,,,, \"b\"", "10,,,,, \"b\""),
    ];
    let input: String = rows.iter().map(|(row, _)| format!("{row}\r\n")).collect();
    let expected: String = rows.iter().map(|(_, row)| format!("{row}\r\n")).collect();
    let (out, log) = fixed(&folder, format!("{HEADER}{input}").as_bytes());
    assert_eq!(
        String::from_utf8(out.clone()).unwrap(),
        format!("{HEADER}{expected}")
    );
    let first = &log[0];
    assert_eq!(
        (
            &first["line"],
            &first["column"],
            &first["element"],
            &first["old"],
            &first["new"],
            &first["record"]
        ),
        (
            &2.into(),
            &3.into(),
            &"NHS NUMBER".into(),
            &"999 000 0018".into(),
            &"9990000018".into(),
            &1.into()
        )
    );
    assert_eq!(log.len(), 13, "{log:#?}");
    let (again, log) = fixed(&folder, &out);
    assert_eq!(again, out);
    assert!(log.is_empty());
}

#[test]
fn a_fix_that_would_break_another_rule_is_taken_back() {
    let folder = folder("taken_back");
    visits(&folder);
    // `op` is no code, so that no rule compares it; `OP` stands twice then. The first of them has a fix of its own, which stays.
    let input = format!(
        "{HEADER}1,9990000018,,13/04/2025,OP,x\n2,9990000018,,13/04/2025,op,x\n3,9990000026,,,dc,x\n"
    );
    fs::write(folder.join("in.csv"), &input).unwrap();
    let ran = fix_visits(&folder, &["--format", "ndjson"]).exits(1);
    assert!(!ran.out.contains("V-ONCE"), "{}", ran.out);
    assert!(
        ran.told().contains("2 values left as they were"),
        "{}",
        ran.err
    );
    let out = fs::read_to_string(folder.join("out.csv")).unwrap();
    let expected = format!(
        "{HEADER}1,9990000018,,2025-04-13,OP,x\n2,9990000018,,13/04/2025,op,x\n3,9990000026,,,DC,x\n"
    );
    assert_eq!(out, expected);
}

#[test]
fn marks_other_delimiters_and_stray_bytes_stay() {
    let folder = folder("bytes");
    visits(&folder);
    let (out, log) = fixed(
        &folder,
        "\u{feff}sep=|\nID|NHS_NUMBER|POSTCODE|SEEN|KIND|NOTE\n1|||13/04/2025|op|né\n".as_bytes(),
    );
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "\u{feff}sep=|\nID|NHS_NUMBER|POSTCODE|SEEN|KIND|NOTE\n1|||2025-04-13|OP|né\n"
    );
    assert_eq!(log.len(), 2);
    // One cell in another encoding: offsets are those of the bytes, and the cell is not touched.
    let mut input = format!("{HEADER}1,,,13/04/2025,,caf").into_bytes();
    input.extend(b"\xe9 \n2,,,,op,x\n");
    let (out, _) = fixed(&folder, &input);
    let mut expected = format!("{HEADER}1,,,2025-04-13,,caf").into_bytes();
    expected.extend(b"\xe9 \n2,,,,OP,x\n");
    assert_eq!(out, expected);
}

#[test]
fn utf_16_becomes_utf_8_and_says_so() {
    let folder = folder("utf16");
    visits(&folder);
    let text = format!("\u{feff}{HEADER}1,,,13/04/2025,op,né\n");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.join("in.csv"), wide).unwrap();
    let ran = fix_visits(&folder, &[]).exits(0);
    assert!(
        ran.told().contains("it was UTF-16LE and is now UTF-8"),
        "{}",
        ran.err
    );
    let out = fs::read_to_string(folder.join("out.csv")).unwrap();
    assert_eq!(out, format!("{HEADER}1,,,2025-04-13,OP,né\n"));
}

#[test]
fn values_that_identify_people_are_masked_in_the_log_and_on_standard_error() {
    let folder = folder("masked");
    visits(&folder);
    fs::write(
        folder.join("in.csv"),
        format!("{HEADER}1,999 000 0018,UA11AA,,,x\n"),
    )
    .unwrap();
    let arguments = [
        "check",
        "--fix",
        "in.csv",
        "-o",
        "out.csv",
        "--schemas",
        "schemas",
        "--standard",
        "visits@1",
    ];
    let ran = concord(&folder, &arguments).exits(0);
    let log = fs::read_to_string(folder.join("out.csv.fixes.ndjson")).unwrap();
    for text in [&ran.out, &ran.err, &log] {
        for value in ["9990000018", "999 000 0018", "UA11AA", "UA1 1AA"] {
            assert!(!text.contains(value), "{text}");
        }
    }
    assert!(log.contains("\"new\":\"999•••••18\""), "{log}");
}

#[test]
fn nothing_is_written_over_and_nothing_half_made() {
    let folder = folder("refused");
    visits(&folder);
    let text = format!("{HEADER}1,,,13/04/2025,,x\n");
    fs::write(folder.join("in.csv"), &text).unwrap();
    fs::create_dir(folder.join("more")).unwrap();
    fs::write(folder.join("more/in.csv"), &text).unwrap();
    let fix = |arguments: &[&str]| {
        let mut all = vec![
            "check",
            "--fix",
            "--schemas",
            "schemas",
            "--standard",
            "visits@1",
        ];
        all.extend(arguments);
        concord(&folder, &all)
    };
    assert!(
        fix(&["in.csv", "-o", "in.csv"])
            .exits(2)
            .told()
            .contains("in.csv would be written over")
    );
    assert!(
        fix(&["in.csv", "-o", "./more/../in.csv"])
            .exits(2)
            .told()
            .contains("would be written over")
    );
    assert!(
        fix(&["in.csv", "-o", "."])
            .exits(2)
            .told()
            .contains("would be written over")
    );
    assert!(
        fix(&["in.csv", "more/in.csv", "-o", "out"])
            .exits(2)
            .told()
            .contains("would both be written to")
    );
    assert!(
        fix(&["-", "-o", "out.csv"])
            .exits(2)
            .told()
            .contains("can be read only once")
    );
    fix(&["in.csv"]).exits(2);
    assert_eq!(fs::read_to_string(folder.join("in.csv")).unwrap(), text);
    // A file that is cut off is not fixed; the others are.
    let whole = concord(&folder, &["sample", "cds@6-3-1", "-n", "3"])
        .exits(0)
        .out;
    fs::write(folder.join("cut.xml"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.join("whole.xml"), &whole).unwrap();
    concord(
        &folder,
        &["check", "--fix", "cut.xml", "whole.xml", "-o", "out/"],
    )
    .exits(3);
    assert!(!folder.join("out/cut.xml").exists());
    assert_eq!(
        fs::read_to_string(folder.join("out/whole.xml")).unwrap(),
        whole
    );
    let left: Vec<String> = fs::read_dir(folder.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn documents_are_fixed_in_elements_and_attributes() {
    let folder = folder("document");
    let whole = concord(&folder, &["sample", "cds@6-3-1", "-n", "20"])
        .exits(0)
        .out;
    let number = whole.split("<NHSNumber>").nth(1).unwrap()[..10].to_owned();
    let (a, b, c) = (&number[..3], &number[3..6], &number[6..]);
    let damaged = whole
        .replace(
            &format!("<NHSNumber>{number}<"),
            &format!("<NHSNumber>{a} {b} {c}<"),
        )
        .replacen(
            "NHSNumberStatusIndicatorCode=\"01\"",
            "NHSNumberStatusIndicatorCode=\"01 \"",
            1,
        )
        .replacen(
            "<NHSNumberStatusIndicatorCode>01<",
            "<NHSNumberStatusIndicatorCode>\n01<",
            1,
        )
        .replacen(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<?xml version='1.0' encoding='ISO-8859-1'?>",
            1,
        );
    assert_ne!(damaged, whole);
    fs::write(folder.join("in.xml"), &damaged).unwrap();
    let ran = concord(&folder, &["check", "--fix", "in.xml", "-o", "out.xml"]).exits(0);
    assert!(ran.told().contains("is now UTF-8"), "{}", ran.err);
    let out = fs::read_to_string(folder.join("out.xml")).unwrap();
    let whole = whole.replacen(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<?xml version='1.0' encoding='UTF-8'?>",
        1,
    );
    assert_eq!(out, whole);
}

#[test]
fn values_of_fixed_width_keep_their_width() {
    let folder = folder("fixed_width");
    visits(&folder);
    let edit = |file: &str, from: &str, to: &str| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    let standard = "schemas/visits/1/standard.toml";
    edit(standard, "\"delimited\"", "\"fixed-width\"");
    edit(standard, "[recognise]\nheader = true\n\n", "");
    edit(
        standard,
        "delimiters = [\",\", \"|\"]\n",
        "record_length = 51\n",
    );
    let fields = "schemas/visits/1/fields.csv";
    for (column, start, width) in [
        ("ID,ID,,M,max an10,", 1, 4),
        ("NHS NUMBER,,O,n10,", 5, 12),
        ("POSTCODE,POSTCODE,,O,max an8,", 17, 8),
        ("CCYY-MM-DD,", 25, 10),
        ("max an5,kinds", 35, 5),
        ("max an40,", 40, 12),
    ] {
        edit(
            fields,
            &format!("{column},,"),
            &format!("{column},{start},{width}"),
        );
    }
    let input = "1   999 000 0018UA1 1AA 13/04/2025op   a note      \n2               LS11AA  05/04/2025DC   b           \n";
    fs::write(folder.join("in.txt"), input).unwrap();
    concord(
        &folder,
        &[
            "check",
            "--fix",
            "in.txt",
            "-o",
            "out.txt",
            "--schemas",
            "schemas",
            "--standard",
            "visits@1",
            "--fail-on",
            "never",
        ],
    )
    .exits(0);
    // A number in groups is longer than one without, and a postcode without its blank shorter: they stay.
    let expected = "1   999 000 0018UA1 1AA 2025-04-13OP   a note      \n2               LS11AA  05/04/2025DC   b           \n";
    assert_eq!(
        fs::read_to_string(folder.join("out.txt")).unwrap(),
        expected
    );
}

#[test]
fn sarif_offers_what_can_be_shown() {
    let folder = folder("sarif");
    visits(&folder);
    fs::write(
        folder.join("in.csv"),
        format!("{HEADER}1,999 000 0018,,13/04/2025,,x\n"),
    )
    .unwrap();
    let fixes = |more: &[&str]| {
        let mut all = vec![
            "check",
            "in.csv",
            "--schemas",
            "schemas",
            "--standard",
            "visits@1",
            "--format",
            "sarif",
            "--fail-on",
            "never",
        ];
        all.extend(more);
        let log: Value = serde_json::from_str(&concord(&folder, &all).exits(0).out).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let inserted = results.iter().filter_map(|result| {
            let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
            replacement["insertedContent"]["text"]
                .as_str()
                .map(str::to_owned)
        });
        inserted.collect::<Vec<_>>()
    };
    assert_eq!(fixes(&[]), ["2025-04-13"]);
    assert_eq!(fixes(&["--show-values"]), ["9990000018", "2025-04-13"]);
}

/// What damages a value so that it can be put right, and what so that it cannot.
fn damage(dice: &mut u64, text: &str) -> String {
    let mut roll = |faces: u64| {
        // SplitMix64.
        *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *dice;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % faces
    };
    if text.is_empty() || text.contains(['"', ',', '\n']) || roll(4) > 0 {
        return text.to_owned();
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match (roll(6), text.len()) {
        (0, 10) if digits => format!("{} {} {}", &text[..3], &text[3..6], &text[6..]),
        (0, 10) if text.as_bytes()[4] == b'-' => {
            format!("{}/{}/{}", &text[8..], &text[5..7], &text[..4])
        }
        (0 | 1, _) => format!(" {text}"),
        (2, _) => text.to_lowercase(),
        (3, _) => text.replace(' ', ""),
        (4, _) if digits => format!("{text}.0"),
        (4, _) => format!("{text}\u{a0}"),
        _ => format!("{text}?"),
    }
}

/// Damages cells of a row at random.
fn damaged_row(dice: &mut u64, line: &str) -> String {
    let body = line.trim_end_matches(['\r', '\n']);
    let cells: Vec<String> = body.split(',').map(|cell| damage(dice, cell)).collect();
    cells.join(",") + &line[body.len()..]
}

/// Damages texts between tags at random.
fn damaged_elements(dice: &mut u64, line: &str) -> String {
    let pieces = line.split('<').map(|piece| match piece.split_once('>') {
        Some((tag, text)) if !text.trim().is_empty() => format!("{tag}>{}", damage(dice, text)),
        _ => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("<")
}

/// Damages values of a sample at random, fixes it, and looks what has become of it; how many were fixed.
fn property(standard: &str, seed: u64) -> usize {
    let folder = folder(&format!("property-{}-{seed}", standard.replace('@', "-")));
    let sample = concord(
        &folder,
        &["sample", standard, "-n", "40", "--seed", &seed.to_string()],
    )
    .exits(0)
    .out;
    let mut dice = seed;
    let document = sample.starts_with('<');
    let damaged = if document {
        damaged_elements
    } else {
        damaged_row
    };
    let mut lines = sample.split_inclusive('\n');
    let mut input = lines.next().unwrap().to_owned();
    for line in lines {
        input.push_str(&damaged(&mut dice, line));
    }
    fs::write(folder.join("in.csv"), &input).unwrap();
    let check = |arguments: &[&str]| {
        let mut all = vec![
            "check",
            "--standard",
            standard,
            "--fail-on",
            "never",
            "--format",
            "ndjson",
            "--show-values",
        ];
        all.extend(arguments);
        concord(&folder, &all).exits(0).out
    };
    let before = check(&["in.csv"]);
    let after = check(&["--fix", "in.csv", "-o", "out.csv"]);
    let out = fs::read_to_string(folder.join("out.csv")).unwrap();
    // Whatever is not in the log is the same to the byte.
    let log = fs::read_to_string(folder.join("out.csv.fixes.ndjson")).unwrap();
    let mut rebuilt: Vec<String> = input.split_inclusive('\n').map(str::to_owned).collect();
    let changes: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for change in changes.iter().rev() {
        let line = &mut rebuilt[change["line"].as_u64().unwrap() as usize - 1];
        let column = change["column"].as_u64().unwrap() as usize - 1;
        let start = line.char_indices().nth(column).unwrap().0;
        let rest = &line[start..];
        let length = rest
            .find(if document {
                ['<', '<', '<']
            } else {
                [',', '\r', '\n']
            })
            .unwrap_or(rest.len());
        line.replace_range(start..start + length, change["new"].as_str().unwrap());
    }
    assert_eq!(rebuilt.concat(), out);
    // Nothing is wrong that was not wrong before, and something less is for each change.
    let counted = |report: &str| {
        let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        for line in report.lines() {
            let finding: Value = serde_json::from_str(line).unwrap();
            if finding.get("message").is_some() && finding.get("rule").is_some() {
                let key = ["rule", "record", "path"].map(|name| finding[name].to_string());
                *counts.entry(key.into()).or_default() += 1;
            }
        }
        counts
    };
    let (before, after) = (counted(&before), counted(&after));
    for (about, count) in &after {
        assert!(
            before.get(about).is_some_and(|known| known >= count),
            "{standard} {seed}: {about:?} is new"
        );
    }
    assert!(
        changes.is_empty()
            || before.values().sum::<usize>() - after.values().sum::<usize>() >= changes.len()
    );
    // Fixing what is fixed changes nothing.
    check(&["--fix", "out.csv", "-o", "again.csv"]);
    assert_eq!(fs::read_to_string(folder.join("again.csv")).unwrap(), out);
    changes.len()
}

#[test]
fn whatever_the_damage_nothing_gets_worse_and_twice_is_once() {
    let samples = [
        ("plcm@2", 1),
        ("plcm@2", 2),
        ("drplcm@3", 3),
        ("deplcm@2", 4),
        ("acm@2025", 5),
        ("iap@2026", 6),
        ("cds@6-3-1", 7),
        ("cds@6-2-3", 8),
    ];
    for (standard, seed) in samples {
        assert!(
            property(standard, seed) > 20,
            "{standard} {seed}: hardly anything was fixed"
        );
    }
}

#[test]
fn the_log_and_the_file_are_the_same_for_every_number_of_threads() {
    let folder = folder("threads");
    visits(&folder);
    // Larger than a chunk.
    let rows: String = (0..12_000)
        .map(|row| match row % 20 {
            0 => format!(
                "{row},999 000 0018,UA11AA,13/04/2025,,a note of no more than forty letters\n"
            ),
            _ => format!("{row},,UA1 1AA,2025-04-13,,a note of no more than forty letters\n"),
        })
        .collect();
    fs::write(folder.join("in.csv"), format!("{HEADER}{rows}")).unwrap();
    let run = |threads: &str| {
        fix_visits(
            &folder,
            &[
                "--threads",
                threads,
                "--fail-on",
                "never",
                "--max-findings",
                "3",
            ],
        )
        .exits(0);
        ["out.csv", "out.csv.fixes.ndjson"]
            .map(|file| fs::read_to_string(folder.join(file)).unwrap())
    };
    let one = run("1");
    assert_eq!(one[1].lines().count(), 1_800);
    assert!(one[0].contains("\n11980,9990000018,UA1 1AA,2025-04-13,,a note"));
    assert_eq!(one, run("4"));
}
