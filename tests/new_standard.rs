//! `concord standards new`: what is inferred of samples can be read, and the samples follow it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ran::concord;

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("new")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Lint and tests are content with a definition.
#[track_caller]
fn sound(folder: &Path, name: &str) {
    let lint = concord(folder, &["standards", "lint", "--schemas", "schemas", name]).exits(0);
    assert!(lint.out.contains("0 warnings"), "{}", lint.out);
    let test = concord(folder, &["standards", "test", "--schemas", "schemas", name]).exits(0);
    assert!(
        test.out.contains(" 0 wrong") && !test.out.contains(" 0 examples"),
        "{}",
        test.out
    );
}

/// Infers a standard of files and holds it against them.
#[track_caller]
fn inferred(folder: &Path, name: &str, files: &[&str]) -> String {
    let mut all = vec!["standards", "new", name, "--from"];
    all.extend(files);
    let made = concord(folder, &all).exits(0);
    assert!(made.out.contains("no findings"), "{}", made.out);
    sound(folder, name);
    let mut check = vec![
        "check",
        "--schemas",
        "schemas",
        "--standard",
        name,
        "--fail-on",
        "never",
    ];
    check.extend(files);
    let checked = concord(folder, &check).exits(0);
    assert!(checked.out.contains("no findings"), "{}", checked.out);
    made.out
}

#[test]
fn every_sample_of_a_table_follows_what_is_inferred_of_it() {
    let standards = [
        "acm@2",
        "acm@2025",
        "plcm@2",
        "plcm@2025",
        "drplcm@2",
        "drplcm@3",
        "deplcm@2",
        "deplcm@2025",
        "iap@2026",
        "local-prices@2026",
    ];
    for (number, standard) in standards.iter().enumerate() {
        let folder = folder(&standard.replace('@', "-"));
        for (seed, rows) in [("1", "60"), ("2", "9")] {
            let file = format!("sample{seed}.csv");
            concord(
                &folder,
                &["sample", standard, "-n", rows, "--seed", seed, "-o", &file],
            )
            .exits(0);
        }
        // Of one file, or of two, the second with columns that are filled less often.
        let files: &[&str] = if number % 2 == 0 {
            &["sample1.csv"]
        } else {
            &["sample2.csv", "sample1.csv"]
        };
        inferred(&folder, &format!("mine-{number}@2025-26"), files);
    }
}

#[test]
fn every_sample_of_documents_follows_what_is_inferred_of_it() {
    let folder = folder("documents");
    for (number, (standard, seed)) in [("cds@6-3-1", "1"), ("cds@6-2-3", "2"), ("cds@6-2-2", "3")]
        .into_iter()
        .enumerate()
    {
        let file = format!("{number}.xml");
        concord(
            &folder,
            &["sample", standard, "-n", "40", "--seed", seed, "-o", &file],
        )
        .exits(0);
        inferred(&folder, &format!("mine-{number}@1"), &[&file]);
    }
    // Several documents make one structure.
    for (seed, rows) in [("4", "3"), ("5", "30")] {
        concord(
            &folder,
            &[
                "sample",
                "cds@6-3-1",
                "--protocol",
                "bulk",
                "-n",
                rows,
                "--seed",
                seed,
                "-o",
                &format!("bulk{seed}.xml"),
            ],
        )
        .exits(0);
    }
    inferred(&folder, "bulk@1", &["bulk4.xml", "bulk5.xml"]);
    // What was seen is recognised by its root, and by the version on it.
    let standard = fs::read_to_string(folder.join("schemas/bulk/1/standard.toml")).unwrap();
    assert!(
        standard.contains("attributes = { SchemaVersion = \"6-3-1\" }"),
        "{standard}"
    );
}

#[test]
fn any_document_that_is_well_formed_can_be_learnt_from() {
    let folder = folder("odd");
    let text = "<?xml version='1.0'?>\n<!-- made up -->\n<c:clinic xmlns:c='urn:c' xmlns='urn:other' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='urn:c c.xsd'>\n\
        <visit id='1' c:kind='x'><who xsi:nil='true'/><c:seen>2025-04-01</c:seen>a &amp; b<note/></visit>\n\
        <visit id='2'><c:seen> 2025-04-02\r\n</c:seen><note>first<note>second</note></note><note><![CDATA[<]]></note><who>X</who></visit>\n\
        <visit id='3'><group><a/><b>1</b></group><group><b/><a>x</a></group></visit>\n</c:clinic>";
    fs::write(folder.join("odd.xml"), text).unwrap();
    inferred(&folder, "odd@1", &["odd.xml"]);
    for (name, text) in [
        ("flat", "<a><b>x</b></a>"),
        ("single", "<a><h>1</h><b><c>x</c></b></a>"),
        ("text", "<a>x</a>"),
        ("none", "<a/>"),
        ("itself", "<a><a><a>x</a></a></a>"),
        ("dotted", "<x.y><b-c.d>x</b-c.d></x.y>"),
    ] {
        let file = format!("{name}.xml");
        fs::write(folder.join(&file), text).unwrap();
        let made = concord(
            &folder,
            &["standards", "new", &format!("{name}@1"), "--from", &file],
        )
        .exits(0);
        assert!(made.out.contains("no findings"), "{}", made.out);
        concord(
            &folder,
            &[
                "standards",
                "lint",
                "--schemas",
                "schemas",
                &format!("{name}@1"),
            ],
        )
        .exits(0);
        concord(
            &folder,
            &[
                "standards",
                "test",
                "--schemas",
                "schemas",
                &format!("{name}@1"),
            ],
        )
        .exits(0);
    }
    for (name, text, reason) in [
        ("cut", "<a><b>1</b>", "it ends before its root element does"),
        (
            "entity",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "document type declarations are refused",
        ),
        (
            "type",
            "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><b xsi:type='c'/></a>",
            "is chosen by xsi:type",
        ),
        ("prefix", "<x:a/>", "is not declared"),
    ] {
        let file = format!("{name}.xml");
        fs::write(folder.join(&file), text).unwrap();
        let ran = concord(
            &folder,
            &["standards", "new", &format!("{name}@1"), "--from", &file],
        );
        assert!(
            ran.code >= 2 && ran.told().contains(reason),
            "{} {}",
            ran.code,
            ran.err
        );
        assert!(!folder.join("schemas").join(name).exists());
    }
}

#[test]
fn a_table_is_learnt_from_whatever_its_names() {
    let folder = folder("names");
    let mut text = "2nd Code;Größe;order;NHSNumber;Select;DATE;x\n".to_owned();
    for row in 0..30 {
        let day = row % 28 + 1;
        let number = ["9990000018", "9990000026", "9990000034"][row % 3];
        writeln!(
            text,
            "{};{}.5;{row};{number};{};2025-04-{day:02};\"a; b\"",
            ["A", "B"][row % 2],
            row * 3,
            ["yes", "no"][row % 2]
        )
        .unwrap();
    }
    fs::write(folder.join("names.csv"), &text).unwrap();
    let told = inferred(&folder, "names@1", &["names.csv"]);
    assert!(
        told.contains("SELECT") && told.contains("names-select"),
        "{told}"
    );
    // No value of a person is anywhere in what was written.
    for file in [
        "schemas/names/1/fields.csv",
        "schemas/names/1/rules.toml",
        "schemas/elements.csv",
    ] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(!text.contains("9990000026"), "{text}");
    }
    let rules = fs::read_to_string(folder.join("schemas/names/1/rules.toml")).unwrap();
    assert!(
        rules.contains("NAMES-NHS-NUMBER") && rules.contains("elements = [\"ORDER\"]"),
        "{rules}"
    );
    // What departs from the sample is found.
    let worse = text
        .replacen("9990000026", "9990000027", 1)
        .replacen(";yes;", ";maybe;", 1)
        .replacen("A;", ";", 1);
    fs::write(folder.join("worse.csv"), worse).unwrap();
    let found = concord(
        &folder,
        &[
            "check",
            "--schemas",
            "schemas",
            "--standard",
            "names@1",
            "--format",
            "concise",
            "worse.csv",
        ],
    )
    .exits(1);
    for rule in ["VALUE-MISSING", "NAMES-CODE", "NAMES-NHS-NUMBER"] {
        assert!(found.out.contains(rule), "{}", found.out);
    }
    assert!(!found.out.contains("9990000027"), "{}", found.out);
}

#[test]
fn what_cannot_be_learnt_from_is_told_and_nothing_is_written() {
    let folder = folder("refused");
    for (name, text, reason) in [
        (
            "repeated",
            "A,b,a\n1,2,3\n",
            "the columns 1 and 3 have the same name",
        ),
        ("nameless", "A,,B\n1,2,3\n", "column 2 has no name"),
        (
            "headless",
            "x,y,9990000018\n",
            "names no columns: one of its cells is `999•••••18`",
        ),
        ("empty", "\n\n", "there is no row"),
    ] {
        let file = format!("{name}.csv");
        fs::write(folder.join(&file), text).unwrap();
        let ran = concord(
            &folder,
            &["standards", "new", &format!("{name}@1"), "--from", &file],
        )
        .exits(2);
        assert!(ran.told().contains(reason), "{}", ran.err);
    }
    assert!(!folder.join("schemas").exists());
    fs::write(folder.join("one.csv"), "A,B\nx,y\n").unwrap();
    fs::write(folder.join("two.csv"), "A,C\nx,y\n").unwrap();
    let ran = concord(
        &folder,
        &["standards", "new", "two@1", "--from", "one.csv", "two.csv"],
    )
    .exits(2);
    assert!(
        ran.told().contains("two.csv has other columns"),
        "{}",
        ran.err
    );
    concord(&folder, &["standards", "new", "one@1", "--from", "one.csv"]).exits(0);
    let ran = concord(&folder, &["standards", "new", "one@1", "--from", "one.csv"]).exits(2);
    assert!(ran.told().contains("is there already"), "{}", ran.err);
    concord(&folder, &["standards", "new", "One@1"]).exits(2);
    // Mistakes of the carrier are none that a definition takes away.
    fs::write(folder.join("ragged.csv"), "A,B\nx,y\nx\nx, y\n").unwrap();
    let ran = concord(
        &folder,
        &["standards", "new", "ragged@1", "--from", "ragged.csv"],
    )
    .exits(1);
    assert!(
        ran.out.contains("TABLE-RAGGED once") && ran.out.contains("VALUE-UNCLEAN once"),
        "{}",
        ran.out
    );
}

#[test]
fn without_a_header_columns_have_numbers() {
    let folder = folder("headless");
    fs::write(
        folder.join("rows.csv"),
        "1|A|2025-04-01\n2|B|2025-04-02\n3|A|2025-04-03\n",
    )
    .unwrap();
    concord(
        &folder,
        &[
            "standards",
            "new",
            "rows@1",
            "--no-header",
            "--from",
            "rows.csv",
        ],
    )
    .exits(0);
    sound(&folder, "rows@1");
    let fields = fs::read_to_string(folder.join("schemas/rows/1/fields.csv")).unwrap();
    assert!(
        fields.contains("rows,3,COLUMN_3,COLUMN 3,,M,an10 CCYY-MM-DD,"),
        "{fields}"
    );
}

#[test]
fn an_empty_standard_is_sound_and_can_be_checked_with() {
    let folder = folder("empty");
    concord(&folder, &["standards", "new", "plain@1"]).exits(0);
    concord(&folder, &["standards", "new", "tree@1", "--carrier", "xml"]).exits(0);
    sound(&folder, "plain@1");
    sound(&folder, "tree@1");
    fs::write(folder.join("plain.csv"), "Record identifier\nA1\n").unwrap();
    fs::write(
        folder.join("tree.xml"),
        "<Submission><Record><RecordIdentifier>A1</RecordIdentifier></Record></Submission>",
    )
    .unwrap();
    let ran = concord(
        &folder,
        &["check", "--schemas", "schemas", "plain.csv", "tree.xml"],
    )
    .exits(0);
    assert!(
        ran.out.contains("plain@1") && ran.out.contains("tree@1"),
        "{}",
        ran.out
    );
}

#[test]
fn an_xsd_becomes_a_standard_with_a_rule() {
    let folder = folder("xsd");
    let xsd = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\
        <xs:element name='a'><xs:complexType><xs:sequence><xs:element name='b' maxOccurs='9'><xs:complexType><xs:sequence><xs:element name='c' type='xs:string'/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>\
        </xs:schema>";
    fs::write(folder.join("a.xsd"), xsd).unwrap();
    concord(&folder, &["standards", "new", "a@1", "--from", "a.xsd"]).exits(0);
    sound(&folder, "a@1");
    let structure = fs::read_to_string(folder.join("schemas/a/1/structure.toml")).unwrap();
    assert!(structure.contains("occurs = \"1..9\""), "{structure}");
}

/// A page of the handbook.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_handbook_shows_what_is_printed_and_its_gate_guards() {
    let folder = folder("handbook");
    let file = |name: &str, rows: std::ops::Range<usize>| {
        let mut text = "Row ID,NHS no,Kind,Seen,Price\n".to_owned();
        for row in rows {
            let number = ["9990000018", "9990000026", "9990000034"][row % 3];
            let kind = ["DC", "EL", "NEL"][row % 3];
            let price = if row % 5 == 0 {
                String::new()
            } else {
                format!("{}.{:02}", row * 21 + 3, row)
            };
            writeln!(
                text,
                "A{row:03},{number},{kind},2025-04-{:02},{price}",
                row % 28 + 1
            )
            .unwrap();
        }
        fs::write(folder.join(name), text).unwrap();
    };
    file("april.csv", 0..20);
    file("may.csv", 20..40);
    let page = page("new-standard.md");
    let command = page
        .lines()
        .find_map(|line| line.strip_prefix("    concord standards new clinic@1 --from"))
        .unwrap();
    let mut arguments = vec!["standards", "new", "clinic@1", "--from"];
    arguments.extend(command.split_whitespace());
    let made = concord(&folder, &arguments).exits(0);
    for line in made
        .out
        .lines()
        .take_while(|line| !line.starts_with("schemas"))
    {
        assert!(page.contains(line.trim_end()), "{line}\n{}", made.out);
    }
    assert!(page.contains("The samples follow it: 40 records, no findings."));
    let settings = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    fs::write(folder.join("concord.toml"), settings).unwrap();
    let git = |arguments: &[&str]| {
        let mut all = vec![
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ];
        all.extend(arguments);
        let status = std::process::Command::new("git")
            .current_dir(&folder)
            .args(all)
            .status()
            .unwrap();
        assert!(status.success());
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    concord(&folder, &["gate"]).exits(0);
    let fields = folder.join("schemas/clinic/1/fields.csv");
    let text = fs::read_to_string(&fields).unwrap();
    fs::write(&fields, text.replace("PRICE,PRICE,,O", "PRICE,PRICE,,M")).unwrap();
    concord(&folder, &["gate"]).exits(1);
}

#[test]
fn the_handbook_says_what_is_fixed() {
    let folder = folder("fixing");
    let page = page("fixing.md");
    // Every value of the table of what is fixed becomes what stands beside it.
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| what | from | to"))
        .skip(2);
    let spans = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(|text| text.trim_matches('"').to_owned())
            .collect()
    };
    let mut seen = 0;
    concord(&folder, &["standards", "new", "plain@1"]).exits(0);
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').collect();
        let to = spans(cells[3]).swap_remove(0);
        for from in spans(cells[2]) {
            let format = match cells[1].trim() {
                what if what.starts_with("a day") => "an10 CCYY-MM-DD",
                what if what.starts_with("a moment") => "an19 CCYY-MM-DDThh:mm:ss",
                what if what.starts_with("an NHS") => "n10",
                what if what.starts_with("a postcode") => "min an7 max an8",
                _ => "min an2 max an3",
            };
            let code = if cells[1].contains("code of which") {
                "op"
            } else {
                ""
            };
            let fields = format!(
                "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
                 plain,1,RECORD_IDENTIFIER,RECORD IDENTIFIER,,M,max an20,,,,,,,s,\nplain,2,NHS_NUMBER_POSTCODE,NHS NUMBER POSTCODE,,O,{format},{code},,,,,,s,\n"
            );
            fs::write(folder.join("schemas/plain/1/fields.csv"), fields).unwrap();
            fs::create_dir_all(folder.join("schemas/codes")).unwrap();
            fs::write(
                folder.join("schemas/codes/op.csv"),
                "code,meaning,valid_from,valid_to,source\nOP,,,,s\nDC,,,,s\n",
            )
            .unwrap();
            fs::write(folder.join("schemas/elements.csv"), "name,xml_names,format,code_list,personal,source\nNHS NUMBER POSTCODE,,,,no,s\nRECORD IDENTIFIER,,,,no,s\n").unwrap();
            fs::write(
                folder.join("in.csv"),
                format!("RECORD_IDENTIFIER,NHS_NUMBER_POSTCODE\nA1,{from}\n"),
            )
            .unwrap();
            concord(
                &folder,
                &[
                    "check",
                    "--fix",
                    "in.csv",
                    "-o",
                    "out.csv",
                    "--schemas",
                    "schemas",
                    "--standard",
                    "plain@1",
                ],
            )
            .exits(0);
            let out = fs::read_to_string(folder.join("out.csv")).unwrap();
            assert_eq!(
                out,
                format!("RECORD_IDENTIFIER,NHS_NUMBER_POSTCODE\nA1,{to}\n"),
                "{row}"
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}

/// A number below `faces`.
fn roll(dice: &mut u64, faces: u64) -> usize {
    *dice = dice
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*dice >> 33) % faces).unwrap()
}

/// A document of elements called a to e, in random order and depth, with random texts and attributes.
fn grow(dice: &mut u64, depth: u32, text: &mut String) {
    let name = ["a", "b", "c", "d", "e"][roll(dice, 5)];
    write!(text, "<{name}").unwrap();
    if roll(dice, 3) == 0 {
        write!(text, " k='{}'", ["1", "02", "x y", "", " "][roll(dice, 5)]).unwrap();
    }
    text.push('>');
    let children = if depth == 0 { 0 } else { roll(dice, 4) };
    let values = [
        "",
        "1",
        "-2.50",
        "2025-04-01",
        "x&amp;y",
        " ",
        "a\u{e9} b",
        "10:00:00",
        "0012345",
    ];
    if children == 0 || roll(dice, 8) == 0 {
        text.push_str(values[roll(dice, values.len() as u64)]);
    }
    for _ in 0..children {
        grow(dice, depth - 1, text);
        if roll(dice, 4) == 0 {
            text.push_str("\n  ");
        }
    }
    write!(text, "</{name}>").unwrap();
}

#[test]
fn whatever_documents_hold_they_follow_what_is_inferred_of_them() {
    let folder = folder("random");
    for seed in 0..12_u64 {
        let mut dice = seed * 7_919 + 1;
        let mut files = Vec::new();
        for number in 0..=seed % 3 {
            let mut text = "<root>".to_owned();
            for _ in 0..=seed % 7 {
                grow(&mut dice, 4, &mut text);
            }
            text.push_str("</root>");
            let file = format!("{seed}-{number}.xml");
            fs::write(folder.join(&file), text).unwrap();
            files.push(file);
        }
        let name = format!("random-{seed}@1");
        let mut arguments = vec!["standards", "new", &name, "--from"];
        arguments.extend(files.iter().map(String::as_str));
        let made = concord(&folder, &arguments).exits(0);
        assert!(made.out.contains("no findings"), "{seed}: {}", made.out);
        concord(
            &folder,
            &["standards", "lint", "--schemas", "schemas", &name],
        )
        .exits(0);
        concord(
            &folder,
            &["standards", "test", "--schemas", "schemas", &name],
        )
        .exits(0);
    }
}
