//! The table of states and the `regex` crate must agree, and nothing may panic.

use proptest::prelude::*;

use super::{Pattern, ascii, parse, translate};

/// Regular expressions over a small alphabet.
fn expression() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        "[a-c.]",
        Just(r"\d".to_owned()),
        Just(r"\c".to_owned()),
        Just(r"\w".to_owned()),
        Just("[^ab]".to_owned()),
        Just("[a-z-[b]]".to_owned()),
        Just(r"[\p{L}-[c]]".to_owned()),
        Just(r"\p{Po}".to_owned()),
    ];
    atom.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("({})", parts.join("|"))),
            (
                inner,
                prop_oneof![
                    "[?*+]",
                    Just("{2}".into()),
                    Just("{0,2}".into()),
                    Just("{1,}".into())
                ]
            )
                .prop_map(|(inner, quantifier): (String, String)| format!("({inner}){quantifier}")),
        ]
    })
}

proptest! {
    #[test]
    fn table_and_regex_agree(pattern in expression(), text in "[a-d1. ]{0,8}") {
        let node = parse::parse(&pattern).expect("a well-formed pattern");
        let regex = regex::Regex::new(&translate::translate(&node)).expect("a translation");
        if let Some(table) = ascii::Table::build(&node) {
            prop_assert_eq!(table.matches(text.as_bytes()), Some(regex.is_match(&text)), "{}", pattern);
        }
    }

    #[test]
    fn any_pattern_compiles_or_is_refused(pattern in r"[\[\](){}|^$*+?.\\a-cdpIsLi0-3,é-]{0,20}", text in ".{0,10}") {
        if let Ok(pattern) = Pattern::compile(&[&pattern]) {
            pattern.matches(&text);
        }
    }
}

#[test]
fn patterns_of_the_commissioning_data_set_run_on_tables() {
    for pattern in [
        "([0-9]|[0-1][0-9]|[2][0-3]):([0-5][0-9]):([0-5][0-9])",
        r"\d{3}\.\d{3}",
        "[0-9]{10}",
        "[0-9]{12}",
        "[0-9]*",
        "[ABCDEFGHJKLMNPRSZ].",
    ] {
        assert!(
            Pattern::compile(&[pattern])
                .expect("a pattern")
                .table()
                .is_some(),
            "{pattern}"
        );
    }
}

#[test]
fn digits_of_other_scripts_go_to_the_regex() {
    let pattern = Pattern::compile(&[r"\d{2}"]).expect("a pattern");
    assert!(pattern.matches("12") && pattern.matches("1٣") && !pattern.matches("1é"));
}
