//! Values in the form of their columns: what fits, what is left out to make it fit, and what does not.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeMap;

use concord_convert::LossReason;
use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::records::RecordWriter as _;
use concord_convert::tables_out::{TableOutError, TableWriter, TableWritten};
use support::{Standard, cells};

const STANDARD: &str = r#"
id = "lines"
version = "1"
title = "Lines"
publisher = "written for this test"
carrier = "delimited"
source = "written for this test"
[recognise]
header = true
[record]
key = ["LINE"]
[[table]]
name = "lines"
title = "Lines"
header = "required"
delimiters = [";"]
"#;

const FIELDS: &str = "\
table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence
lines,1,LINE,LINE,,M,max an10,,,,,,,,
lines,2,MADE,MADE,,O,an19 CCYY-MM-DDThh:mm:ss,,,,,,,,
lines,3,AGE,AGE,,O,n3,,,,,,,,
lines,4,QUANTITY,QUANTITY,,O,max n2.max n2,,,,,,,,
lines,5,KIND,KIND,,O,an1,kinds,,,,,,,
lines,6,MONTH,MONTH,,O,max an2,months,,,,,MONTH-CODE,,
lines,7,NHS_NUMBER,NHS NUMBER,,O,n10,,,,,,,,
lines,8,OLD,OLD,,X,max an10,,,,,,,,
lines,9,TARIFF,TARIFF,,O,max an5,,,,,,,,
lines,10,TARIFF_AGAIN,TARIFF AGAIN,,O,max an5,,,,,,,,
";

const RULES: &str = r#"
[[rule]]
id = "MONTH-CODE"
title = "months are on the list"
at = "record"
effect = "warn"
field = "code"
message = "{value} is no month"
source = "written for this test"
provenance = "published"
since = "0.1.0"
"#;

const MAPPING: &str = r#"
[[row]]
entity = "contract_line"
at = "record"
set = { kind = "activity" }
[row.fields]
record_identifier = "LINE"
date_and_time_data_set_created = "MADE"
age_at_activity_date_contract_monitoring = "AGE"
activity_count_point_of_delivery = "QUANTITY"
withheld_identity_reason = { from = "KIND", codes = "maps/kinds.csv" }
financial_month = "MONTH"
nhs_number = "NHS_NUMBER"
local_contract_code = "OLD"
tariff_code = { from = ["TARIFF_OF_ANOTHER_VERSION", "TARIFF"], also = "TARIFF_AGAIN" }
"#;

fn standard(fields: &str, mapping: &str) -> Standard {
    let files: BTreeMap<String, String> = [
        ("lines/1/standard.toml", STANDARD),
        ("lines/1/fields.csv", fields),
        ("lines/1/rules.toml", RULES),
        ("lines/1/mapping.toml", mapping),
        (
            "codes/kinds.csv",
            "code,meaning,valid_from,valid_to,source\nA,a,,,x\nB,b,,,x\n",
        ),
        (
            "codes/months.csv",
            "code,meaning,valid_from,valid_to,source\n1,April,,,x\n",
        ),
        ("maps/kinds.csv", "from,to,source,note\nA,01,x,\nC,02,x,\n"),
        (
            "elements.csv",
            "name,xml_names,format,code_list,personal,source\nNHS NUMBER,,n10,,yes,x\n",
        ),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect();
    Standard::load(&files, "lines/1")
}

type Values<'v> = &'v [(&'v str, &'v str)];

fn written(lines: &[Values<'_>]) -> (Vec<Vec<String>>, TableWritten) {
    let standard = standard(FIELDS, MAPPING);
    let mut builder = RecordsBuilder::new(Origin::default());
    for (number, line) in (1..).zip(lines) {
        builder.add("contract_line", number, None, line);
    }
    let (records, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    let mut writer = TableWriter::new(&standard.definition, &standard.mapping, Vec::new()).unwrap();
    writer.write(&records).unwrap();
    let (written, bytes) = writer.finish().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.lines().all(|line| line.matches(';').count() == 9),
        "{text}"
    );
    (cells(text.replace(';', ",").as_bytes()), written)
}

/// What stands in a column when one value is given, and what is told of it.
#[track_caller]
fn one(
    field: &str,
    value: &str,
    column: &str,
    expected: &str,
    told: &[(&str, LossReason, Option<&str>)],
) {
    let (rows, written) = written(&[&[
        ("kind", "activity"),
        ("record_identifier", "L1"),
        (field, value),
    ]]);
    let place = rows[0].iter().position(|header| header == column).unwrap();
    assert_eq!(rows[1][place], expected);
    let losses = written.losses.list();
    let losses: Vec<(&str, LossReason, Option<&str>)> = losses
        .iter()
        .map(|loss| (&*loss.element, loss.reason, loss.detail.as_deref()))
        .collect();
    assert_eq!(losses, told);
}

#[test]
fn moments_lose_what_their_column_does_not_hold() {
    let field = "date_and_time_data_set_created";
    one(
        field,
        "2025-05-12T09:30:00",
        "MADE",
        "2025-05-12T09:30:00",
        &[],
    );
    let zone = [("MADE", LossReason::Zone, None)];
    one(
        field,
        "2025-05-12T09:30:00+01:00",
        "MADE",
        "2025-05-12T09:30:00",
        &zone,
    );
    let precision = [("MADE", LossReason::Precision, None)];
    one(
        field,
        "2025-05-12T09:30:00.25",
        "MADE",
        "2025-05-12T09:30:00",
        &precision,
    );
}

#[test]
fn numbers_fill_their_columns() {
    one(
        "age_at_activity_date_contract_monitoring",
        "7",
        "AGE",
        "007",
        &[],
    );
    let no_form = [("AGE", LossReason::NotOfItsForm, None)];
    one(
        "age_at_activity_date_contract_monitoring",
        "1000",
        "AGE",
        "",
        &no_form,
    );
    let field = "activity_count_point_of_delivery";
    one(field, "12.50", "QUANTITY", "12.5", &[]);
    let precision = [("QUANTITY", LossReason::Precision, None)];
    one(field, "12.345", "QUANTITY", "12.34", &precision);
    let no_form = [("QUANTITY", LossReason::NotOfItsForm, None)];
    one(field, "123.5", "QUANTITY", "", &no_form);
}

#[test]
fn codes_go_back_through_their_map_and_must_be_on_the_list() {
    let field = "withheld_identity_reason";
    one(field, "01", "KIND", "A", &[]);
    one(
        field,
        "03",
        "KIND",
        "",
        &[("KIND", LossReason::NoEquivalentCode, Some("03"))],
    );
    let not_listed = [("KIND", LossReason::NoEquivalentCode, Some("C"))];
    one(field, "02", "KIND", "", &not_listed);
    one("financial_month", "13", "MONTH", "13", &[]);
}

#[test]
fn personal_values_are_not_told() {
    let told = [("NHS NUMBER", LossReason::NotOfItsForm, None)];
    one("nhs_number", "99900000", "NHS_NUMBER", "", &told);
}

#[test]
fn a_column_that_is_not_used_stays_blank_and_a_field_without_one_is_told() {
    one(
        "local_contract_code",
        "X",
        "OLD",
        "",
        &[("OLD", LossReason::NoPlace, None)],
    );
    one(
        "ethnic_category",
        "A",
        "OLD",
        "",
        &[("ETHNIC CATEGORY", LossReason::NoPlace, None)],
    );
    one("tariff_code", "AA01Z", "TARIFF", "AA01Z", &[]);
    one("tariff_code", "AA01Z", "TARIFF_AGAIN", "AA01Z", &[]);
}

#[test]
fn rows_that_lack_something_or_go_elsewhere_are_left_out_and_told() {
    let (rows, written) = written(&[
        &[("kind", "activity"), ("record_identifier", "L1")],
        &[("kind", "activity"), ("tariff_code", "AA01Z")],
        &[("kind", "drug"), ("record_identifier", "L3")],
        &[("kind", "activity"), ("record_identifier", "L4")],
    ]);
    let first: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(first, ["L1", "L4"]);
    assert_eq!((written.rows, written.left_out), (2, 1));
    let losses = written.losses.list();
    let told: Vec<(&str, LossReason, u64)> = losses
        .iter()
        .map(|loss| (&*loss.element, loss.reason, loss.count))
        .collect();
    assert_eq!(
        told,
        [
            ("Contract line", LossReason::NoPlace, 1),
            // The column that it lacks, and the line.
            ("LINE", LossReason::Incomplete, 1),
            ("line", LossReason::Incomplete, 1)
        ]
    );
}

#[test]
fn cells_are_quoted_and_formulas_are_data() {
    let standard = standard(FIELDS, MAPPING);
    let mut builder = RecordsBuilder::new(Origin::default());
    for (record, line) in [(1, "=1+2"), (2, "a;\"b\""), (3, "c\r\nd")] {
        builder.add(
            "contract_line",
            record,
            None,
            &[("kind", "activity"), ("record_identifier", line)],
        );
    }
    let (records, _) = builder.finish().unwrap();
    let mut writer = TableWriter::new(&standard.definition, &standard.mapping, Vec::new()).unwrap();
    writer.write(&records).unwrap();
    let (_, bytes) = writer.finish().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (_, rows) = text.split_once("\r\n").unwrap();
    assert_eq!(
        rows,
        "=1+2;;;;;;;;;\r\n\"a;\"\"b\"\"\";;;;;;;;;\r\n\"c\r\nd\";;;;;;;;;\r\n"
    );
}

#[test]
fn what_cannot_be_written_says_why() {
    let nothing = standard(FIELDS, "[[unmapped]]\nelements = [\"OLD\"]\nwhy = \"x\"\n");
    let error = TableWriter::new(&nothing.definition, &nothing.mapping, Vec::new()).unwrap_err();
    assert!(matches!(error, TableOutError::Nothing(_)), "{error}");
    let mut none = standard(FIELDS, MAPPING);
    none.definition.layout = None;
    let error = TableWriter::new(&none.definition, &none.mapping, Vec::new()).unwrap_err();
    assert!(matches!(error, TableOutError::NotTabular(_)), "{error}");
}

/// A target that is full.
#[derive(Debug)]
struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let standard = standard(FIELDS, MAPPING);
    let writer = TableWriter::new(&standard.definition, &standard.mapping, Full);
    let failed = writer.and_then(|writer| writer.finish().map(|_| ()));
    assert!(matches!(failed, Err(TableOutError::Write(_))), "{failed:?}");
}
