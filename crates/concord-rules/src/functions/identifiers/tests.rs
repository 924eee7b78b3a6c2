//! What the functions of identifiers give.

use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::{DataType, Field};
use datafusion_common::config::ConfigOptions;
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs};

use super::*;

/// What the function gives for columns of texts.
pub(super) fn call(name: &str, columns: &[&[Option<&str>]]) -> ArrayRef {
    let function = functions()
        .into_iter()
        .find(|function| function.name() == name)
        .unwrap_or_else(|| panic!("no function {name}"));
    let arrays: Vec<ColumnarValue> = columns
        .iter()
        .map(
            |column| ColumnarValue::Array(Arc::new(StringArray::from(column.to_vec())) as ArrayRef),
        )
        .collect();
    let types = vec![DataType::Utf8; columns.len()];
    let return_type = function.return_type(&types).expect("a type");
    let fields = types
        .iter()
        .map(|data_type| Arc::new(Field::new("", data_type.clone(), true)))
        .collect();
    let arguments = ScalarFunctionArgs {
        args: arrays,
        arg_fields: fields,
        number_rows: columns[0].len(),
        return_field: Arc::new(Field::new("", return_type.clone(), true)),
        config_options: Arc::new(ConfigOptions::default()),
    };
    let answer = function
        .invoke_with_args(arguments)
        .expect("an answer")
        .to_array(columns[0].len())
        .expect("an array");
    assert_eq!(answer.data_type(), &return_type);
    answer
}

#[track_caller]
fn tests(name: &str, right: &[&str], wrong: &[&str]) {
    let column: Vec<_> = right.iter().chain(wrong).map(|&text| Some(text)).collect();
    let answer = call(name, &[&[column, vec![None]].concat()]);
    let answer = answer.as_boolean();
    for (index, text) in right.iter().chain(wrong).enumerate() {
        assert_eq!(answer.value(index), index < right.len(), "{name}({text:?})");
    }
    assert!(answer.is_null(answer.len() - 1), "{name}(NULL)");
}

#[track_caller]
fn gives(name: &str, text: &str, expected: Option<&str>) {
    let answer = call(name, &[&[Some(text), None]]);
    let answer = answer.as_string::<i32>();
    let given = answer.is_valid(0).then(|| answer.value(0));
    assert_eq!(given, expected, "{name}({text:?})");
    assert!(answer.is_null(1), "{name}(NULL)");
}

#[test]
fn every_function_has_one_name_and_is_described() {
    let names: Vec<_> = functions().iter().map(|f| f.name().to_owned()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let described = [
        include_str!("../identifiers.rs"),
        include_str!("financial.rs"),
    ]
    .concat();
    let described: String = described
        .lines()
        .filter(|line| line.starts_with("//!"))
        .collect();
    for name in names {
        assert!(described.contains(&format!("`{name}")), "{name}");
    }
}

#[test]
fn people() {
    tests(
        "nhs_number_is_valid",
        &["9990000018", "9434765919"],
        &[
            "0000000000",
            "9990000019",
            "٩٩٩٠٠٠٠٠١٨",
            "943 476 5919",
            "9.43477E+09",
            "",
        ],
    );
    tests(
        "nhs_number_is_placeholder",
        &["0000000000", "4444444444"],
        &["9990000018"],
    );
    tests(
        "nhs_number_is_test",
        &["9990000018"],
        &["9990000019", "9999999999"],
    );
    tests("holds_nhs_number", &["RXX9990000018"], &["RXX999000001"]);
    tests(
        "consultant_code_is_well_formed",
        &["C1234567", "CD123456"],
        &["G1234567", ""],
    );
    tests(
        "practitioner_code_is_well_formed",
        &["G1234568", "S1234567"],
        &["C1234567"],
    );
    tests(
        "practitioner_code_is_valid",
        &["G1234569", "G9999998", "G7123456", "S1234567"],
        &["G1234568", "C1234567"],
    );
    tests(
        "dental_practitioner_code_is_well_formed",
        &["D1234567"],
        &["G1234567"],
    );
}

#[test]
fn organisations_and_places() {
    tests(
        "ods_code_is_well_formed",
        &["RXX", "A81001"],
        &["rxx", "R X"],
    );
    tests("ods_code_has_known_frame", &["RXX", "S1Y5D"], &["A-1"]);
    tests("ods_code_is_default", &["V81999", "89999"], &["RXX"]);
    tests("ods_code_is_padded", &["RXX00"], &["VPP00", "RXX", "RXX01"]);
    tests("ods_site_code_is_well_formed", &["RXX01"], &["RXX"]);
    tests(
        "practice_code_is_well_formed",
        &["A81001", "V81997", "Y00001"],
        &["A8100", "S1Y5D"],
    );
    gives("ods_code_without_padding", "RXX00", Some("RXX"));
    tests(
        "postcode_is_well_formed",
        &["LS1 4AB", "UA1 1AA", "ZZ99 3VZ"],
        &["LS14AB", "QQ1 1AA"],
    );
    tests(
        "postcode_is_valid",
        &["LS1 4AB", "GIR 0AA", "BF1 3AA", "ZZ99 3VZ", "M1   1AE"],
        &["QQ1 1AA", "UA1 1AA", "LS14AB"],
    );
    tests("postcode_is_pseudo", &["ZZ99 3VZ"], &["LS1 4AB"]);
    tests("postcode_is_forces", &["BF1 3AA"], &["LS1 4AB"]);
    gives("postcode_area", "W1A 0AX", Some("W"));
    gives("postcode_area", "W", None);
    tests(
        "lsoa_is_well_formed",
        &["E01000001", "W01000001"],
        &["E02000001", "E0100001"],
    );
}

#[test]
fn clinical_codes_and_activity() {
    tests("snomed_is_valid", &["22298006"], &["22298007", "022298006"]);
    tests("snomed_is_concept", &["22298006"], &["22298007"]);
    tests(
        "icd10_is_well_formed",
        &["I10X", "A170-D"],
        &["I10", "A17.0"],
    );
    tests("opcs4_is_well_formed", &["W371"], &["W37.1", "W371A"]);
    gives("opcs4_without_local_character", "W371A", Some("W371"));
    gives("opcs4_without_local_character", "W371", None);
    tests("hrg_is_well_formed", &["AA22C"], &["AA22", "DOA"]);
    gives("hrg_at_start_of", "AA22C-EL", Some("AA22C"));
    gives("hrg_at_start_of", "LOCAL", None);
    tests(
        "booking_reference_is_well_formed",
        &["000049736351"],
        &["49736351"],
    );
    tests(
        "pathway_identifier_is_well_formed",
        &["00000000000049736351"],
        &["49736351"],
    );
    gives(
        "booking_reference_of_pathway",
        "00000000000049736351",
        Some("000049736351"),
    );
    tests(
        "commissioning_serial_number_is_well_formed",
        &["OAT123", "00012="],
        &["OAT"],
    );
}

#[test]
fn damage_is_told() {
    use concord_model::repair::Damage;
    for (name, damaged, sound, expected) in [
        ("text_damage", "RXX\u{a0}", "RXX", Damage::NoBreakSpace),
        ("digits_damage", "9.43477E+09", "0123", Damage::DigitsLost),
        (
            "whole_number_damage",
            "12.0",
            "12",
            Damage::TrailingZeroFraction,
        ),
        (
            "number_damage",
            "1,234",
            "1234",
            Damage::ThousandsSeparators,
        ),
        (
            "money_damage",
            "(1.23)",
            "-1.23",
            Damage::AccountingNegative,
        ),
        (
            "date_damage",
            "45748",
            "2025-04-01",
            Damage::SpreadsheetDate,
        ),
        (
            "date_time_damage",
            "1/4/2025 1:00:00 AM",
            "2025-04-01T10:15:30",
            Damage::AmericanDate,
        ),
        (
            "financial_year_damage",
            "2025/26",
            "202526",
            Damage::FinancialYearSpelling,
        ),
        (
            "financial_month_damage",
            "M1",
            "1",
            Damage::FinancialMonthSpelling,
        ),
    ] {
        gives(name, damaged, Some(expected.description()));
        gives(name, sound, None);
    }
}
