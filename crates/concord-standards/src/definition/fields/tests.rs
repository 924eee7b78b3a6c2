use std::collections::BTreeMap;

use proptest::prelude::*;

use super::column_id;
use crate::definition::{Definition, lint};
use crate::layout::{HeaderUse, Mandation};
use crate::schema::{Builtin, Content, Term, TypeId, Variety};
use crate::value::ValueChecker;

const STANDARD: &str = r#"
id = "example"
version = "1"
title = "Example"
publisher = "nobody"
status = "provisional"
carrier = "delimited"
aliases = ["../../aliases.csv"]
source = "a test"
[recognise]
header = true
[record]
key = ["ID"]
[[table]]
name = "rows"
delimiters = [",", "|"]
"#;

const HEAD: &str = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n";

const FIELDS: &str = "rows,1,ID,ID,HEAD,M,n10,,,,X-P,X-F,,s,\n\
    rows,2,KIND,KIND,HEAD,M,an1,kinds,,,,,X-C,s,\n\
    rows,3,PRICE,PRICE,MONEY,R,max s18.max n8,,,,,,,s,\n\
    rows,4,COUNT,COUNT,MONEY,O,max n4,,,,,,,s,inferred\n\
    rows,5,\"DAY\",DAY,MONEY,O,an10 CCYY-MM-DD,,,,,,,s,\n";

const RULES: &str = r#"
[[rule]]
id = "X-P"
title = "t"
effect = "warn"
message = "m"
source = "s"
since = "0.1.0"
field = "presence"
pass = [{ ID = "1" }]
fail = [{}]

[[rule]]
id = "X-F"
title = "t"
effect = "warn"
message = "m"
source = "s"
since = "0.1.0"
field = "format"
pass = [{ ID = "1234567890" }]
fail = [{ ID = "1" }]

[[rule]]
id = "X-C"
title = "t"
effect = "warn"
message = "m"
source = "s"
since = "0.1.0"
field = "code"
for = ["example", "other@2"]
pass = [{ KIND = "A" }]
fail = [{ KIND = "Z" }]

[[rule]]
id = "X-OTHER"
title = "t"
effect = "warn"
message = "m"
source = "s"
since = "0.1.0"
field = "code"
for = ["example@2", "other"]
"#;

const ELEMENTS: &str = "name,xml_names,format,code_list,personal,source\n\
    ID,,,,yes,s\nKIND,,,,no,s\nPRICE,,,,no,s\nCOUNT,,,,no,s\nDAY,,,,no,s\n";

const ALIASES: &str =
    "header,column,feed,source\nRow Number,ID,f,s\nold day,ELSEWHERE,f,s\nprice,COUNT,f,s\n";

const CODES: &str = "code,meaning,valid_from,valid_to,source\nA,Alpha,,,s\nB,Beta,,,s\n";

fn files() -> BTreeMap<String, String> {
    [
        ("example/1/standard.toml", STANDARD.to_owned()),
        ("example/1/fields.csv", format!("{HEAD}{FIELDS}")),
        ("example/1/rules.toml", RULES.to_owned()),
        ("elements.csv", ELEMENTS.to_owned()),
        ("aliases.csv", ALIASES.to_owned()),
        ("codes/kinds.csv", CODES.to_owned()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .into()
}

/// Everything said when `from` is replaced by `to` in one of the files: `line:column: message` each.
fn said(file: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = files();
    if !file.is_empty() {
        let text = files.get_mut(file).expect("a file of the example");
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    }
    let problems = match Definition::load(&files, "example/1") {
        Ok(definition) => lint(&definition),
        Err(errors) => errors.problems,
    };
    problems
        .iter()
        .map(|problem| format!("{}:{}: {}", problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn columns_become_a_layout_and_a_structure() {
    let definition = Definition::load(&files(), "example/1").expect("a definition");
    let layout = definition.layout.as_ref().expect("tabular");
    let table = &layout.tables[0];
    assert_eq!(table.header, HeaderUse::Required);
    assert_eq!(table.delimiters, b",|");
    assert_eq!(definition.standard.record.elements, ["rows".into()]);
    let first = &table.fields[0];
    assert_eq!(
        (
            &*first.column,
            &*first.element,
            first.mandation,
            first.personal,
            first.position
        ),
        ("ID", "ID", Mandation::Mandatory, true, 1)
    );
    assert_eq!(first.presence_rule.as_deref(), Some("X-P"));
    // A further spelling of a column of another standard, or one that is a name here, is none.
    let aliases: Vec<_> = layout
        .aliases
        .iter()
        .map(|(header, column)| (header.as_str(), &**column))
        .collect();
    assert_eq!(aliases, [("ROWNUMBER", "ID")]);

    let schema = &definition.schema;
    let [root] = schema.roots[..] else {
        panic!("one root");
    };
    assert_eq!(&*schema.element(root).name.local, "submission");
    let TypeId::Complex(record) = schema.element(table.record).content else {
        panic!("a record has columns");
    };
    let Content::Children { particle, .. } = &schema.complex_type(record).content else {
        panic!("a record has columns");
    };
    let Term::Sequence(columns) = &particle.term else {
        panic!("in their order");
    };
    assert_eq!(columns.len(), 5);
    assert!(
        columns
            .iter()
            .all(|column| (column.min, column.max) == (0, Some(1)))
    );
    // What is not for this standard is left out.
    assert!(
        definition
            .rules
            .iter()
            .all(|rule| &*rule.rule.id != "X-OTHER")
    );
}

#[test]
fn formats_restrict_values() {
    let definition = Definition::load(&files(), "example/1").expect("a definition");
    let layout = definition.layout.as_ref().expect("tabular");
    let check = |column: &str, value: &str| {
        let (_, field) = layout.tables[0].field(column).expect("a column");
        ValueChecker::compile(&definition.schema, field.value)
            .expect("a type")
            .check(value)
            .is_ok()
    };
    for (column, right, wrong) in [
        (
            "ID",
            &["0123456789"][..],
            &["123456789", "12345678901", "12345 7890", "\u{661}234567890"][..],
        ),
        ("KIND", &["A", "B"], &["C", "a", "AB"]),
        (
            "PRICE",
            &["0", "-0.50", "123456789012345678.12345678", "007"],
            &[
                "+1",
                "1.",
                ".5",
                "1,000",
                "1e3",
                "1234567890123456789",
                "0.123456789",
                "£1",
            ],
        ),
        ("COUNT", &["0", "9999", "0001"], &["10000", "-1", "1.0"]),
        (
            "DAY",
            &["2024-02-29"],
            &["2023-02-29", "2024-02-29Z", "29/02/2024", "12024-02-29"],
        ),
    ] {
        for value in right {
            assert!(check(column, value), "{column} takes {value}");
        }
        for value in wrong {
            assert!(!check(column, value), "{column} does not take {value}");
        }
    }
    let builtin = |column: &str| {
        let (_, field) = layout.tables[0].field(column).expect("a column");
        definition.schema.simple_type(field.value).variety.clone()
    };
    assert_eq!(builtin("ID"), Variety::Atomic(Builtin::String));
    assert_eq!(builtin("PRICE"), Variety::Atomic(Builtin::Decimal));
    assert_eq!(builtin("COUNT"), Variety::Atomic(Builtin::Integer));
    assert_eq!(builtin("DAY"), Variety::Atomic(Builtin::Date));
}

#[test]
fn a_right_definition_gets_no_word() {
    assert_eq!(said("", "", ""), [""; 0]);
}

#[test]
fn mistakes_are_told_at_their_cell() {
    let fields = "example/1/fields.csv";
    let standard = "example/1/standard.toml";
    for (file, from, to, expected) in [
        (fields, "rows,2", "raws,2", "3:1: there is no table `raws`"),
        (
            fields,
            "rows,2",
            "rows,3",
            "3:6: the position is `3`; this is column 2",
        ),
        (
            fields,
            ",KIND,KIND",
            ",ID,KIND",
            "3:8: the column `ID` stands twice",
        ),
        (
            fields,
            ",KIND,KIND",
            ",Kind,KIND",
            "3:8: `Kind` is not the id of a column",
        ),
        (
            fields,
            ",KIND,KIND",
            ",KIND,KIN",
            "3:13: `KIN` is not in elements.csv",
        ),
        (
            fields,
            "MONEY,R",
            "MONEY,Q",
            "4:26: there is no mandation `Q`",
        ),
        (
            fields,
            "an1,kinds",
            "an1,kind",
            "3:29: there is no code list `kind`",
        ),
        (
            fields,
            "max n4",
            "max n4 assumed",
            "5:28: the format `max n4 assumed` is not in",
        ),
        (
            fields,
            "max n4,,,",
            "max n4,,1,2",
            "only columns of a fixed-width table",
        ),
        (
            fields,
            "X-P,X-F",
            "X-F,X-F",
            "the rule `X-F` is about the format of columns",
        ),
        (fields, "X-F", "X-G", "2:32: there is no rule `X-G`"),
        (
            fields,
            ",X-C,",
            ",,",
            "no column of example@1 cites the rule `X-C`",
        ),
        (
            fields,
            "R,max s18.max n8,,,,,,",
            "R,,,,,,X-F,",
            "nothing that `X-F` could report: it has no format",
        ),
        (
            fields,
            "\"DAY\",DAY",
            "\"DATE\",DAY",
            "6:8: `DATE` is not the id of `DAY`",
        ),
        (
            standard,
            "delimiters = [\",\", ",
            "delimiters = [\"ab\", ",
            "`ab` cannot stand between cells",
        ),
        (
            standard,
            "header = true",
            "headers = true",
            "`headers` means nothing in [recognise]",
        ),
        (
            standard,
            "name = \"rows\"",
            "name = \"Rows\"",
            "`Rows` cannot be the name of a table",
        ),
        (
            standard,
            "key = [\"ID\"]",
            "key = [\"IX\"]",
            "the key `IX` leads to nothing",
        ),
        (
            standard,
            "\"delimited\"",
            "\"delimitd\"",
            "there is no carrier `delimitd`",
        ),
        (
            "aliases.csv",
            "Row Number",
            "i_d",
            "`i_d` says nothing new of its column",
        ),
        (
            "example/1/rules.toml",
            "{ ID = \"1\" }]\n\n[[rule]]\nid = \"X-C\"",
            "{ KIND = \"1\" }]\n\n[[rule]]\nid = \"X-C\"",
            "an example of `X-F` names no column that cites it",
        ),
    ] {
        let said = said(file, from, to);
        assert!(
            said.iter().any(|said| said.contains(expected)),
            "{from} -> {to}: expected {expected}, said {said:#?}"
        );
    }
}

#[test]
fn fixed_width_columns_stand_side_by_side() {
    let load = |record_length: u32, first: &str, second: &str| {
        let files: BTreeMap<String, String> = [
            (
                "f/1/standard.toml",
                format!(
                    "id = \"f\"\nversion = \"1\"\ntitle = \"F\"\npublisher = \"p\"\ncarrier = \"fixed-width\"\nsource = \"s\"\n[[table]]\nname = \"lines\"\nrecord_length = {record_length}\n"
                ),
            ),
            (
                "f/1/fields.csv",
                format!("{HEAD},1,A,,,M,an3,,{first},,,,s,\n,2,B,,,O,max an5,,{second},,,,s,\n"),
            ),
        ]
        .map(|(path, text)| (path.to_owned(), text))
        .into();
        Definition::load(&files, "f/1").map_err(|errors| errors.problems[0].message.clone())
    };
    let definition = load(8, "1,3", "4,5").expect("a definition");
    let layout = definition.layout.expect("tabular");
    let spans: Vec<_> = layout.tables[0]
        .fields
        .iter()
        .map(|field| field.span)
        .collect();
    assert_eq!(spans, [Some((0, 3)), Some((3, 5))]);
    let wrong = |first: &str, second: &str| load(8, first, second).err().unwrap_or_default();
    assert_eq!(
        wrong("1,3", "3,5"),
        "the column before this one ends with character 3"
    );
    assert_eq!(
        wrong("1,3", "4,6"),
        "the column ends with character 9, after the end of the line"
    );
    assert!(wrong("0,3", "4,5").starts_with("a column of a fixed-width table has a `start`"));
    assert!(wrong("1,3", ",").starts_with("a column of a fixed-width table has a `start`"));
    // The greatest numbers there are.
    assert!(wrong("1,3", "4294967295,4294967295").contains("after the end of the line"));
}

#[test]
fn columns_of_records_of_several_lines_say_their_line() {
    let load = |lines: &str, places: [&str; 3]| {
        let row = |number: usize, name: char| {
            let place = places[number - 1];
            format!(",{number},{name},,,O,max an5,,{place},,,,s,\n")
        };
        let rows: String = (1..)
            .zip(['A', 'B', 'C'])
            .map(|(number, name)| row(number, name))
            .collect();
        let files: BTreeMap<String, String> = [
            (
                "f/1/standard.toml",
                format!(
                    "id = \"f\"\nversion = \"1\"\ntitle = \"F\"\npublisher = \"p\"\ncarrier = \"fixed-width\"\nsource = \"s\"\n[[table]]\nname = \"lines\"\n[table.lines]\n{lines}"
                ),
            ),
            ("f/1/fields.csv", format!("{HEAD}{rows}")),
        ]
        .map(|(path, text)| (path.to_owned(), text))
        .into();
        Definition::load(&files, "f/1").map_err(|errors| errors.problems[0].message.clone())
    };
    let form =
        "first = \"01\"\nshared = { start = 3, width = 4 }\nnumber = { start = 7, width = 2 }\n";
    let definition = load(form, ["01:3,5", "07/2/14:9,5", "*:1,2"]).expect("a definition");
    let layout = definition.layout.expect("tabular");
    let table = &layout.tables[0];
    let lines = table.lines.as_ref().expect("it has several lines");
    assert_eq!((lines.shared, lines.numbers), ((2, 4), (6, 2)));
    let places: Vec<_> = table
        .fields
        .iter()
        .map(|field| (field.line.as_ref().map(ToString::to_string), field.span))
        .collect();
    assert_eq!(
        places,
        [
            (Some("01".to_owned()), Some((2, 5))),
            (Some("07/2/14".to_owned()), Some((8, 5))),
            (None, Some((0, 2)))
        ]
    );
    assert!(
        load(form, ["01:3,5", "*:1,2", "*:1,2"]).is_ok(),
        "lines without a place are several"
    );
    assert_eq!(
        load(form, ["01:3,5", "02:3,5", "03:3,5"]).err().as_deref(),
        Some("the table `lines` has no column for a line without a place (`*:1`)")
    );
    for (second, expected) in [
        ("9,5", "the column `B` stands in no line of its record"),
        ("/1:9,5", "`/1` is no line of a record"),
        ("07/0:9,5", "`07/0` is no line of a record"),
        ("01:4,5", "the column before this one ends with character 7"),
        ("01/1:9,5", "the lines `01/1` and `01` cannot be told apart"),
        ("0:9,5", "the lines `0` and `01` cannot be told apart"),
    ] {
        let said = load(form, ["01:3,5", second, "*:1,2"])
            .err()
            .unwrap_or_default();
        assert_eq!(said, expected, "{second}");
    }
    for (lines, expected) in [
        (
            form.replace("\"01\"", "\"\""),
            "`` cannot be the code of a line",
        ),
        (
            form.replace("start = 3", "start = 0"),
            "`shared` has a `start` from 1 and a `width`",
        ),
        (
            "first = \"01\"\nnumber = { start = 7, width = 2 }\n".to_owned(),
            "`shared` says no characters of the line",
        ),
    ] {
        let said = load(&lines, ["01:3,5", "01:9,5", "*:1,2"])
            .err()
            .unwrap_or_default();
        assert_eq!(said, expected, "{lines}");
    }
}

#[test]
fn ids_are_made_of_names() {
    assert_eq!(
        column_id("ORGANISATION IDENTIFIER (CODE OF PROVIDER)"),
        "ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER"
    );
    assert_eq!(column_id("DM+D code"), "DM_D_CODE");
}

fn number() -> impl Strategy<Value = u32> {
    1_u32..40
}

fn notation() -> impl Strategy<Value = String> {
    let letters = prop_oneof![Just("an"), Just("a"), Just("n"), Just("s")];
    prop_oneof![
        (letters.clone(), number()).prop_map(|(letters, most)| format!("{letters}{most}")),
        (letters.clone(), number()).prop_map(|(letters, most)| format!("max {letters}{most}")),
        (letters, number(), number()).prop_map(|(letters, least, more)| format!(
            "min {letters}{least} max {letters}{}",
            least + more
        )),
        (prop_oneof![Just("n"), Just("s")], number(), number())
            .prop_map(|(letters, whole, fraction)| format!("max {letters}{whole}.max n{fraction}")),
        (prop_oneof![Just("n"), Just("s")], number(), number())
            .prop_map(|(letters, whole, fraction)| format!("max {letters}{whole}.n{fraction}")),
        Just("an10 CCYY-MM-DD".to_owned()),
        Just("an19 CCYY-MM-DDThh:mm:ss".to_owned()),
        Just("an8 hh:mm:ss".to_owned()),
    ]
}

proptest! {
    /// Every notation makes a type that compiles, alone and with a code list.
    #[test]
    fn any_notation_makes_a_type(format in notation(), codes in any::<bool>()) {
        let list = if codes { "kinds" } else { "" };
        let mut files = files();
        files.remove("example/1/rules.toml");
        files.insert(
            "example/1/fields.csv".to_owned(),
            format!("{HEAD}rows,1,ID,,,O,{format},{list},,,,,,s,\n"),
        );
        let definition = Definition::load(&files, "example/1").map_err(|errors| {
            TestCaseError::fail(errors.to_string())
        })?;
        let layout = definition.layout.as_ref().expect("tabular");
        let value = layout.tables[0].fields[0].value;
        let checker = ValueChecker::compile(&definition.schema, value);
        prop_assert!(checker.is_ok(), "{}: {:?}", format, checker.err());
    }

    /// No text in the files makes reading panic.
    #[test]
    fn any_fields_are_read_or_refused(text in "[a-zA-Z0-9 ,\"\n\r.é]{0,200}", whole in any::<bool>()) {
        let mut files = files();
        let fields = if whole { text } else { format!("{HEAD}{text}") };
        files.insert("example/1/fields.csv".to_owned(), fields);
        if let Ok(definition) = Definition::load(&files, "example/1") {
            lint(&definition);
        }
    }
}
