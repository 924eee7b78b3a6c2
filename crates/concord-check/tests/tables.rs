//! Tables: what is found, where, and that neither threads nor cuts change it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::table::{FieldRules, TableInput, TablePlan, check_table};
use concord_check::{CheckedFile, NoRules, Options};
use concord_finding::{Finding, Masking, Verdict};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;

const STANDARD: &str = r#"
id = "stays"
version = "1"
title = "Ward stays"
publisher = "written for this test"
carrier = "CARRIER"
source = "written for this test"
[recognise]
header = true
[record]
key = ["STAY_IDENTIFIER"]
[[table]]
name = "stay"
title = "Ward stay"
header = "HEADER"
delimiters = [","]
"#;

const FIELDS: &str = "\
table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence
stay,1,STAY_IDENTIFIER,STAY IDENTIFIER,,M,max an12,,,,,,,,
stay,2,FINANCIAL_YEAR,FINANCIAL YEAR,,M,an6,,,,,,,,
stay,3,ADMISSION_DATE,ADMISSION DATE,,M,an10 CCYY-MM-DD,,,,,,,,
stay,4,WARD_NAME,WARD NAME,,R,max an30,,,,,,,,
stay,5,NHS_NUMBER,NHS NUMBER,,R,n10,,,,,,,,
stay,6,COST,COST,,M,max s8.max n2,,,,,,,,
stay,7,METHOD,METHOD,,O,an2,methods,,,,,,,
";

const CODES: &str = "code,meaning,valid_from,valid_to,source\n11,planned,,,x\n21,emergency,,,x\n";

const HEADER: &str =
    "STAY_IDENTIFIER,FINANCIAL_YEAR,ADMISSION_DATE,WARD_NAME,NHS_NUMBER,COST,METHOD";

fn plan(carrier: &str, header: &str, fields: &str) -> TablePlan {
    let mut files = BTreeMap::new();
    let mut standard = STANDARD
        .replace("CARRIER", carrier)
        .replace("HEADER", header);
    if carrier == "fixed-width" {
        standard.truncate(standard.find("header = \"").unwrap());
        standard = standard.replace("header = true\n", "");
    }
    let elements = "name,xml_names,format,code_list,personal,source\nNHS NUMBER,,n10,,yes,x\n";
    files.insert("stays/1/standard.toml".to_owned(), standard);
    files.insert("stays/1/fields.csv".to_owned(), fields.to_owned());
    files.insert("codes/methods.csv".to_owned(), CODES.to_owned());
    files.insert("elements.csv".to_owned(), elements.to_owned());
    let definition = Definition::load(&files, "stays/1").unwrap();
    let compiled = Arc::new(CompiledSchema::compile(Arc::new(definition.schema)).unwrap());
    TablePlan::new(
        Arc::new(definition.layout.unwrap()),
        0,
        compiled,
        CapturePlan::default(),
        &FieldRules::default(),
        &definition.standard.record.key,
    )
}

fn check(plan: &TablePlan, bytes: &[u8], threads: usize) -> (CheckedFile, Vec<Finding>) {
    let mut findings = Vec::new();
    let file = Arc::from("stays.csv");
    let input = TableInput {
        bytes: Cursor::new(bytes),
        file: &file,
        size: Some(bytes.len() as u64),
        guessed_encoding: None,
    };
    let options = Options {
        threads,
        ..Options::default()
    };
    let checked = check_table(input, plan, &NoRules, options, &mut |finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    });
    (checked, findings)
}

/// `line:column RULE message`
fn told(finding: &Finding) -> String {
    let place = finding.place.map_or_else(String::new, |place| {
        format!("{}:{} ", place.line, place.column)
    });
    let record = finding
        .record
        .map_or_else(String::new, |record| format!(" [{record}]"));
    format!(
        "{place}{} {}{record}",
        finding.rule.id,
        finding.message(Masking::Masked)
    )
}

fn found(rows: &str) -> Vec<String> {
    let text = format!("{HEADER}\n{rows}");
    let (_, findings) = check(&plan("delimited", "required", FIELDS), text.as_bytes(), 1);
    findings.iter().map(told).collect()
}

const GOOD: &str = "S1,202526,2025-04-01,Ward A,9990000018,10.50,11\n";

#[test]
fn a_good_row_is_silent() {
    assert_eq!(found(GOOD), Vec::<String>::new());
    assert_eq!(found("S1,202526,2025-04-01,,,-3,\n"), Vec::<String>::new());
}

#[test]
fn values_are_told_where_they_stand() {
    assert_eq!(
        found("S1,202526,2025-02-30,Ward A,999000001X,10.50,12\n"),
        [
            "2:11 VALUE-TYPE 2025-02-30 is not a date (CCYY-MM-DD) [1]",
            "2:29 VALUE-FORMAT 9••••••••• does not have the format n10 [1]",
            "2:46 VALUE-CODE 12 is not a code of METHOD [1]",
        ]
    );
    assert_eq!(
        found(",202526,2025-04-01,,,1,\n"),
        ["2:1 VALUE-MISSING STAY IDENTIFIER is blank; it must be filled [1]"]
    );
}

#[test]
fn damage_is_told_with_what_it_was() {
    let findings = found("S1,2025/26,2025-04-01,Ward A,9.43477E+09,\"£1,234.50\",11\n");
    assert_eq!(findings.len(), 3, "{findings:#?}");
    assert!(
        findings
            .iter()
            .all(|finding| finding.contains("VALUE-DAMAGED")),
        "{findings:#?}"
    );
    let findings = found("S1,202526,2025-04-01, Ward A\u{a0},٩٩٩٠٠٠٠٠١٨,10.50,11\n");
    assert!(findings[0].contains("VALUE-UNCLEAN"), "{findings:#?}");
    assert!(findings[1].contains("VALUE-DAMAGED"), "{findings:#?}");
}

#[test]
fn a_row_that_is_none_is_one_finding() {
    let rows = [
        format!("{HEADER}\n"),
        "Total,,,,,123.45,\n".to_owned(),
        "S1,202526,2025-04-01,Ward A,9990000018,10.50\n".to_owned(),
        "S1,X,202526,2025-04-01,Ward A,9990000018,10.50\n".to_owned(),
        "S1,\"202526,2025-04-01,Ward A,9990000018,10.50,11\n".to_owned(),
        "S1,202526,2025-04-01,Wa\0rd A,9990000018,10.50,11\n".to_owned(),
    ];
    let rules = [
        "TABLE-HEADER-REPEATED",
        "TABLE-TOTALS",
        "TABLE-RAGGED",
        "TABLE-MOVED",
        "TABLE-QUOTE",
        "TABLE-NUL",
    ];
    for (row, rule) in rows.iter().zip(rules) {
        let findings = found(&format!("{GOOD}{row}{GOOD}"));
        assert_eq!(findings.len(), 1, "{rule}: {findings:#?}");
        assert!(findings[0].starts_with("3:"), "{findings:#?}");
        assert!(findings[0].contains(rule), "{findings:#?}");
    }
}

#[test]
fn totals_need_no_word() {
    let findings = found(&format!("{GOOD},,,,,\"1,123.45\",\n{GOOD}"));
    assert!(
        findings.len() > 1,
        "one amount may be a slip: {findings:#?}"
    );
    let fields = FIELDS.to_owned() + "stay,8,PRICE,PRICE,,M,max s8.max n2,,,,,,,,\n";
    let text = format!(
        "{HEADER},PRICE\n{}1\n,,,,,\"1,123.45\",,1\n",
        GOOD.replace('\n', ",")
    );
    let (_, findings) = check(&plan("delimited", "required", &fields), text.as_bytes(), 1);
    assert_eq!(
        findings.iter().map(told).collect::<Vec<_>>(),
        ["3:1 TABLE-TOTALS this row holds totals (numbers and nothing else) and no record [2]"]
    );
}

#[test]
fn a_file_behind_another_is_one_finding() {
    let findings = found(&format!("{GOOD}\u{feff}{HEADER}\n{GOOD}"));
    assert_eq!(
        findings,
        ["3:1 TABLE-HEADER-REPEATED this row repeats the names of the columns [2]"]
    );
}

#[test]
fn rows_in_another_encoding_are_counted() {
    let plan = plan("delimited", "required", FIELDS);
    let latin = GOOD.replace("Ward A", "Caf_").into_bytes();
    let latin: Vec<u8> = latin
        .iter()
        .map(|byte| if *byte == b'_' { 0xe9 } else { *byte })
        .collect();
    let utf8 = GOOD.replace("Ward A", "Café").into_bytes();
    let header = format!("{HEADER}\n").into_bytes();
    let two = [&header[..], &latin, GOOD.as_bytes(), &latin].concat();
    let mixed = [&header[..], &latin, &utf8].concat();
    for (bytes, expected) in [
        (
            two,
            "2:25 TABLE-ENCODING 2 rows are not UTF-8 and were read as Windows-1252",
        ),
        (
            mixed,
            "2:25 TABLE-ENCODING 1 row is not UTF-8 and was read as Windows-1252; others are UTF-8, so the file mixes two encodings",
        ),
    ] {
        let (_, findings) = check(&plan, &bytes, 1);
        assert_eq!(findings.iter().map(told).collect::<Vec<_>>(), [expected]);
        assert!(findings[0].excerpt.is_some());
    }
}

#[test]
fn a_line_that_declares_the_delimiter_is_no_header() {
    let plan = plan("delimited", "required", FIELDS);
    for (delimiter, expected) in [
        (
            ",",
            "1:1 TABLE-HEADER-MISSING the first row does not name the columns",
        ),
        (
            ";",
            "1:1 TABLE-DELIMITER the cells are separated by a semicolon, where a comma is wanted (its first line says so)",
        ),
    ] {
        let text = format!(
            "sep={delimiter}\n{}",
            format!("{HEADER}\n{GOOD}").replace(',', delimiter)
        );
        let (_, findings) = check(&plan, text.as_bytes(), 1);
        assert_eq!(findings.iter().map(told).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn a_misspelt_column_is_checked_as_what_it_is() {
    let plan = plan("delimited", "required", FIELDS);
    let text = format!(
        "{}\n{}",
        HEADER.replace("METHOD", "METOHD"),
        GOOD.replace("11\n", "12\n")
    );
    let (_, findings) = check(&plan, text.as_bytes(), 1);
    assert_eq!(
        findings.iter().map(told).collect::<Vec<_>>(),
        [
            "1:73 TABLE-COLUMN-NAME METOHD is no column of this standard; METHOD is missing (optional)",
            "2:46 VALUE-CODE 12 is not a code of METHOD [1]",
        ]
    );
}

#[test]
fn columns_are_taken_by_name() {
    let plan = plan("delimited", "required", FIELDS);
    let text = "Cost;METHOD;financial year;NHS NUMBER;WARD_NAM;STAY_IDENTIFIER;ADMISSION DATE;EXTRA\n\
                10.50;11;202526;9990000018;Ward A;S1;2025-04-01;x\n";
    let (checked, findings) = check(&plan, text.as_bytes(), 1);
    let told: Vec<String> = findings.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "1:1 TABLE-DELIMITER the cells are separated by a semicolon, where a comma is wanted (it divides the rows evenly)",
            "1:39 TABLE-COLUMN-NAME WARD_NAM is no column of this standard; WARD_NAME is missing (required where it applies)",
            "1:79 TABLE-COLUMN-UNKNOWN 1 column(s) are not of this standard: EXTRA",
        ]
    );
    assert_eq!(checked.summary.records.records, 1);
}

#[test]
fn nothing_and_nearly_nothing() {
    let plan = plan("delimited", "required", FIELDS);
    for (text, rule, verdict) in [
        ("", "TABLE-EMPTY", Verdict::Rejected),
        ("\n\n  \n", "TABLE-EMPTY", Verdict::Rejected),
        (HEADER, "TABLE-NO-ROWS", Verdict::Accepted),
    ] {
        let (checked, findings) = check(&plan, text.as_bytes(), 2);
        assert_eq!(findings.len(), 1, "{text:?}");
        assert_eq!(&*findings[0].rule.id, rule);
        assert_eq!(checked.summary.verdict, verdict, "{text:?}");
        assert_eq!(checked.summary.bytes, text.len() as u64, "{text:?}");
    }
}

#[test]
fn files_that_are_always_sent_may_be_empty() {
    for (header, text, rules) in [
        ("none", "", &[][..]),
        ("required", HEADER, &[]),
        // Its columns must be named all the same.
        ("required", "", &["TABLE-EMPTY"]),
    ] {
        let mut plan = plan("delimited", header, FIELDS);
        plan.may_be_empty = true;
        let (checked, findings) = check(&plan, text.as_bytes(), 2);
        let found: Vec<&str> = findings.iter().map(|finding| &*finding.rule.id).collect();
        assert_eq!(found, rules, "{header} {text:?}");
        let accepted = checked.summary.verdict == Verdict::Accepted;
        assert_eq!(accepted, rules.is_empty(), "{header} {text:?}");
        assert_eq!(
            checked.summary.bytes,
            text.len() as u64,
            "{header} {text:?}"
        );
    }
}

#[test]
fn fixed_width_follows_the_same_definition() {
    let fields = FIELDS
        .replace(",max an12,,,,", ",max an12,,1,4,")
        .replace("an6,,,,", "an6,,5,6,")
        .replace("CCYY-MM-DD,,,,", "CCYY-MM-DD,,11,10,")
        .replace("max an30,,,,", "max an30,,21,10,")
        .replace("n10,,,,", "n10,,31,10,")
        .replace("max n2,,,,", "max n2,,41,8,")
        .replace("methods,,,", "methods,49,2,");
    let plan = plan("fixed-width", "none", &fields);
    let good = "S1  2025262025-04-01Ward A    999000001810.50   11\n";
    let bad = "S2  2025262025-02-30Ward B    9990000018x       12\n";
    let (checked, findings) = check(&plan, format!("{good}{bad}").as_bytes(), 1);
    let told: Vec<String> = findings.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "2:11 VALUE-TYPE 2025-02-30 is not a date (CCYY-MM-DD) [2]",
            "2:41 VALUE-TYPE x is not a number [2]",
            "2:49 VALUE-CODE 12 is not a code of METHOD [2]",
        ]
    );
    assert_eq!(checked.summary.records.accepted, 1);

    for (blank, rules) in [
        ("", &["TABLE-EMPTY"][..]),
        ("\n\n", &["TABLE-BLANK", "TABLE-EMPTY"]),
    ] {
        let (checked, findings) = check(&plan, blank.as_bytes(), 1);
        let found: Vec<&str> = findings.iter().map(|finding| &*finding.rule.id).collect();
        assert_eq!(found, rules, "{blank:?}");
        assert_eq!(checked.summary.verdict, Verdict::Rejected, "{blank:?}");
    }
}

/// Several chunks, with values over several lines, and the line of every fault known beforehand.
#[test]
fn neither_threads_nor_cuts_change_what_is_found() {
    let plan = plan("delimited", "required", FIELDS);
    let mut text = format!("{HEADER}\r\n");
    let mut line = 2;
    let mut expected = Vec::new();
    for row in 1..=60_000_u64 {
        let ward = match row % 97 {
            0 => "\"Ward\r\nof \"\"two\"\" lines\"",
            50 => "\"Ward, with a comma\"",
            _ => "Ward A",
        };
        let method = if row % 1013 == 0 { "99" } else { "11" };
        write!(
            text,
            "S{row},202526,2025-04-01,{ward},9990000018,10.50,{method}\r\n"
        )
        .unwrap();
        line += u64::from(row % 97 == 0);
        if row % 1013 == 0 {
            expected.push((row, line));
        }
        line += 1;
    }
    assert!(text.len() > 3 * concord_check::CHUNK);
    let (alone, one) = check(&plan, text.as_bytes(), 1);
    for threads in [2, 5] {
        let (beside, several) = check(&plan, text.as_bytes(), threads);
        assert_eq!(alone.summary, beside.summary);
        let told = |findings: &[Finding]| -> Vec<String> { findings.iter().map(told).collect() };
        assert_eq!(told(&one), told(&several));
    }
    let found: Vec<(u64, u64)> = one
        .iter()
        .map(|finding| (finding.record.unwrap(), finding.place.unwrap().line))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(alone.summary.records.records, 60_000);
    assert_eq!(alone.summary.records.rejected, expected.len() as u64);
    assert_eq!(alone.summary.bytes, text.len() as u64);
}

#[test]
fn windows_1252_is_right_where_the_standard_has_it() {
    let plan = plan("delimited", "required\"\nencoding = \"windows-1252", FIELDS);
    let row = |letters: &[u8]| {
        [
            b"s1,202526,2025-04-01,".as_slice(),
            letters,
            b",9990000018,1.00,11\n",
        ]
        .concat()
    };
    for (rows, told) in [
        (vec![row(b"Zo\xeb")], false),
        (vec![row("Zoë".as_bytes())], false),
        (vec![row(b"Zo\xeb"), row("Zoë".as_bytes())], true),
    ] {
        let bytes = [HEADER.as_bytes(), b"\n", &rows.concat()].concat();
        let (_, findings) = check(&plan, &bytes, 1);
        let found = findings
            .iter()
            .any(|finding| &*finding.rule.id == "TABLE-ENCODING");
        assert_eq!(found, told, "{rows:?}");
    }
}

/// A finding about the file as a whole may point into anybody's row.
#[test]
fn what_is_said_of_a_whole_file_shows_nobodys_row() {
    let mut bytes = format!("{HEADER}\n").into_bytes();
    for rows in [
        &b"s1,202526,2025-04-01,Zo\xeb,9990000018,1.00,11\n"[..],
        b"\xef\xbb\xbfs2,202526,2025-04-01,East,9990000026,1.00,11\n",
    ] {
        bytes.extend_from_slice(rows);
    }
    let (_, findings) = check(&plan("delimited", "required", FIELDS), &bytes, 1);
    let rules: Vec<&str> = findings.iter().map(|finding| &*finding.rule.id).collect();
    assert!(
        rules.contains(&"TABLE-ENCODING") && rules.contains(&"TABLE-MARK"),
        "{rules:?}"
    );
    for finding in &findings {
        let shown = finding.excerpt.as_ref().map_or("", |excerpt| &excerpt.text);
        assert!(
            !shown.contains("99900000"),
            "{} shows {shown}",
            finding.rule.id
        );
    }
    // The names of columns are nobody's, and help to see what is meant.
    let text = format!("{HEADER},LOCAL\ns1,202526,2025-04-01,East,9990000018,1.00,11,x\n");
    let (_, findings) = check(&plan("delimited", "required", FIELDS), text.as_bytes(), 1);
    let shown = findings[0]
        .excerpt
        .as_ref()
        .map_or("", |excerpt| &excerpt.text);
    assert!(shown.contains("WARD_NAME"), "{shown}");
}
