use proptest::prelude::*;

use super::*;
use crate::compile::CompiledSchema;
use crate::definition::{Code, Elements, Severity, lint};
use crate::layout::value_problem;

fn naming() -> Naming {
    Naming::new("clinic", "1", "clinic.csv")
}

fn known() -> Known {
    let element = |name: &str, code_list: &str, personal| crate::definition::DictionaryElement {
        name: name.into(),
        xml_names: Vec::new(),
        format: "".into(),
        code_list: code_list.into(),
        personal,
        source: "NHS Data Dictionary".into(),
    };
    let codes = ["1", "2", "9", "X"].map(|code| Code {
        code: code.into(),
        meaning: "".into(),
        valid_from: "".into(),
        valid_to: "".into(),
        source: "".into(),
        line: 0,
    });
    let list = CodeList {
        id: "sex".into(),
        codes: codes.to_vec(),
    };
    Known {
        elements: Arc::new(Elements::new(vec![
            element("LOCAL PATIENT IDENTIFIER (EXTENDED)", "", true),
            element("PERSON STATED GENDER CODE", "sex", false),
            element("SECONDARY DIAGNOSIS (ICD)", "", false),
            element("NHS NUMBER STATUS INDICATOR CODE", "sex", false),
        ])),
        code_lists: [("sex".into(), Arc::new(list))].into(),
    }
}

fn table(header: &[&str], rows: &[&[&str]]) -> InferredTable {
    let mut table = TableInference::new(header).expect("the header has names");
    for row in rows {
        table.row(*row);
    }
    table.finish()
}

fn problems(table: &InferredTable, known: &Known) -> Vec<String> {
    let definition = table.definition(&naming(), known).expect("it can be read");
    lint(&definition).iter().map(ToString::to_string).collect()
}

#[test]
fn a_table_becomes_a_definition_that_lint_is_content_with() {
    let rows: Vec<[String; 7]> = (0..40)
        .map(|row| {
            [
                format!("A{row:03}"),
                ["9990000018", "9990000026"][row % 2].to_owned(),
                ["1", "2"][row % 2].to_owned(),
                ["DC", "EL", "NEL"][row % 3].to_owned(),
                format!("2025-04-{:02}", row % 28 + 1),
                if row % 5 == 0 {
                    String::new()
                } else {
                    format!("{}.50", row * 7)
                },
                "E119".to_owned(),
            ]
        })
        .collect();
    let header = [
        "Row ID",
        "NHS Number",
        "PersonStatedGenderCode",
        "POD code",
        "Seen",
        "Price",
        "Secondary diagnosis (ICD) 2",
    ];
    let mut table = TableInference::new(&header).expect("the header has names");
    for row in &rows {
        table.row(row);
    }
    let table = table.finish();
    let known = known();
    assert_eq!(problems(&table, &known), Vec::<String>::new());
    let columns = table.columns(&naming(), &known);
    let shown: Vec<String> = columns
        .iter()
        .map(|column| {
            let list = column.code_list.as_ref().map_or("-", |list| &list.id);
            let personal = if column.personal.is_some() {
                "personal"
            } else {
                ""
            };
            format!(
                "{} {} {} {list} {personal}",
                column.column,
                column.mandation.letter(),
                column.format
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "ROW_ID M an4 - ",
            "NHS_NUMBER M n10 - personal",
            "PERSON_STATED_GENDER_CODE M an1 sex ",
            "POD_CODE M min an2 max an3 clinic-pod-code ",
            "SEEN M an10 CCYY-MM-DD - ",
            "PRICE O max n3.max n2 - ",
            "SECONDARY_DIAGNOSIS_ICD_2 M an4 clinic-secondary-diagnosis-icd-2 ",
        ]
    );
    let files = table.files(&naming(), &known);
    let rules = &files["clinic/1/rules.toml"];
    for id in ["CLINIC-CODE", "CLINIC-UNIQUE", "CLINIC-NHS-NUMBER"] {
        assert!(rules.contains(id), "{rules}");
    }
    assert!(files["clinic/1/standard.toml"].contains("key = [\"ROW_ID\"]"));
    assert!(
        !files["clinic/1/rules.toml"].contains("9990000026"),
        "no value of a person is in an example"
    );
}

#[test]
fn headers_that_no_column_can_have_are_further_spellings() {
    let table = table(
        &["2nd code", "COLUMN 2ND CODE", "Größe"],
        &[&["a", "b", "c"]],
    );
    let files = table.files(&naming(), &Known::default());
    assert_eq!(
        files["clinic/1/aliases.csv"],
        "header,column,feed,source\n2nd code,COLUMN_2ND_CODE_2,clinic,clinic.csv\n"
    );
    assert_eq!(problems(&table, &Known::default()), Vec::<String>::new());
    let definition = table
        .definition(&naming(), &Known::default())
        .expect("it can be read");
    let matched = definition.layout.expect("is a table").match_header(&[
        "2nd code",
        "COLUMN 2ND CODE",
        "Größe",
    ]);
    assert_eq!(matched.columns, [Some(0), Some(1), Some(2)]);
}

#[test]
fn headers_that_say_nothing_or_the_same_are_refused() {
    assert_eq!(
        TableInference::new(&["A", "", "B"]).err(),
        Some(InferError::Nameless {
            column: 2,
            header: String::new()
        })
    );
    assert_eq!(
        TableInference::new(&["NHS Number", "A", "nhs_number"]).err(),
        Some(InferError::Repeated {
            first: 1,
            second: 3,
            header: "nhs_number".to_owned()
        })
    );
    assert_eq!(
        TableInference::new::<&str>(&[]).err(),
        Some(InferError::NoColumns)
    );
}

#[test]
fn a_shipped_code_list_is_not_written_over() {
    let known = known();
    let mut table = TableInference::without_header(1).expect("one column");
    for row in 0..40 {
        table.row([["A", "B"][row % 2]]);
    }
    let naming = Naming::new("sex", "1", "x.csv");
    let mut known_too = known.clone();
    known_too
        .code_lists
        .insert("sex-column-1".into(), Arc::clone(&known.code_lists["sex"]));
    let files = table.finish().files(&naming, &known_too);
    assert!(
        files.contains_key("codes/sex-column-1-seen.csv"),
        "{:?}",
        files.keys()
    );
}

#[test]
fn codes_named_like_what_identifies_a_person_are_codes() {
    let rows = vec![&["1"][..]; 40];
    let table = table(&["NHS_NUMBER_STATUS_INDICATOR_CODE"], &rows);
    let column = &table.columns(&naming(), &known())[0];
    assert_eq!(column.personal, None);
    assert!(column.code_list.is_some() && !column.own_list);
}

#[test]
fn header_alone_is_enough() {
    let definition = definition_of(
        &["A", "Order"],
        Vec::<[&str; 2]>::new(),
        &naming(),
        &Known::default(),
    )
    .expect("it can be read");
    assert!(
        lint(&definition)
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
    );
    assert_eq!(
        definition.layout.expect("is a table").tables[0]
            .fields
            .len(),
        2
    );
}

/// Columns of values of one sort each.
fn columns() -> impl Strategy<Value = Vec<Vec<String>>> {
    let sort = prop_oneof![
        Just("[0-9]{1,3}"),
        Just("-?[0-9]{1,3}"),
        Just("0?[0-9]{1,2}"),
        Just("-?[0-9]{1,3}(\\.[0-9]{1,3})?"),
        Just("[+-]?[0-9]{0,2}\\.?[0-9]{0,2}"),
        Just("20(24|25)-(01|02|12)-(01|28|29|31)"),
        Just("20(24|25)(01|02|12)(01|28|29|31)"),
        Just("2025-01-01[T ](00|12|24):00:0[0-2]"),
        Just("(00|12|24):00:0[0-2]"),
        Just("[A-C]{1,2}|"),
        Just("[A-C]"),
        Just("(01|02|1|2)"),
        Just("[ \u{a0}]?[a-zé \"',]{0,6}[ ]?"),
        Just("999000001[0-9]"),
        Just("[A-Z]{1,2}[0-9] ?[0-9][A-Z]{2}"),
        Just("[0-9]{28,33}"),
        Just("|true|TBC|#N/A|1E\\+05|="),
        Just("\\PC{0,5}"),
    ];
    (1..40_usize).prop_flat_map(move |rows| {
        let column = sort.clone().prop_flat_map(move |sort| {
            let value = proptest::string::string_regex(sort).expect("is a pattern");
            prop::collection::vec(value, rows)
        });
        prop::collection::vec(column, 1..5)
    })
}

proptest! {
    // Lint compiles the JSON Schemas each time.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Every value that was seen is right under the definition that was made of it, but for blanks around it and characters
    /// that nobody sees; lint finds no error in the definition.
    #[test]
    fn every_value_seen_is_right(columns in columns(), names in prop::collection::vec("(Code|Price|NHS Number|Postcode|Date|Note|Sex)", 5)) {
        let header: Vec<String> = (0..columns.len()).map(|column| format!("{} {column}", names[column])).collect();
        let mut table = TableInference::new(&header).expect("the names differ");
        for row in 0..columns[0].len() {
            table.row(columns.iter().map(|column| &column[row]));
        }
        let definition = table.finish().definition(&naming(), &known()).expect("it can be read");
        for problem in lint(&definition) {
            prop_assert_eq!(problem.severity, Severity::Warning, "{}", problem);
        }
        let compiled = CompiledSchema::compile(Arc::new(definition.schema.clone())).expect("it can be compiled");
        let fields = &definition.layout.as_ref().expect("is a table").tables[0].fields;
        for (field, values) in fields.iter().zip(&columns) {
            let (checker, kind) = (compiled.value(field.value), field.kind(&definition.schema));
            for value in values {
                if value.is_empty() {
                    prop_assert_ne!(field.mandation, Mandation::Mandatory);
                } else if concord_model::repair::Kind::Text.is_sound(value.as_bytes()) {
                    let problem = value_problem(checker, kind, value);
                    prop_assert!(problem.is_none(), "{} {} {value:?}: {problem:?}", field.column, field.format);
                }
            }
        }
    }
}
