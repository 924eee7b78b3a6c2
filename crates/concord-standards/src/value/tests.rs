//! What the comparison with libxml2 cannot decide, and that nothing panics.

use proptest::prelude::*;

use super::*;
use crate::schema::{
    Builtin, Facets, Origin, Schema, SimpleType, SimpleTypeId, Variety, WhiteSpace,
};

fn schema(types: Vec<(Variety, Vec<Facets>)>) -> Schema {
    let simple_types = types
        .into_iter()
        .map(|(variety, steps)| SimpleType {
            name: None,
            variety,
            steps,
            base: None,
            code_list: None,
            format: None,
            origin: Origin {
                file: "types.xsd".into(),
                line: 7,
            },
        })
        .collect();
    Schema {
        simple_types,
        ..Schema::default()
    }
}

fn compile(builtin: Builtin, steps: Vec<Facets>) -> Result<ValueChecker, ValueError> {
    ValueChecker::compile(
        &schema(vec![(Variety::Atomic(builtin), steps)]),
        SimpleTypeId(0),
    )
}

fn plain(builtin: Builtin) -> ValueChecker {
    compile(builtin, vec![]).expect("a type without facets")
}

fn minimum(bound: &str) -> Facets {
    Facets {
        min_inclusive: Some(bound.into()),
        ..Facets::default()
    }
}

#[test]
fn white_space_is_treated_before_anything_else() {
    assert_eq!(plain(Builtin::Date).check(" 2023-05-02\n"), Ok(()));
    assert_eq!(plain(Builtin::Byte).check("\t12 "), Ok(()));
    let fixed_length = Facets {
        length: Some(2),
        ..Facets::default()
    };
    let text = compile(Builtin::String, vec![fixed_length.clone()]).expect("a type");
    assert_eq!(
        text.check("ab "),
        Err(ValueFault::Length {
            expected: 2,
            actual: 3
        })
    );
    let token = compile(Builtin::Token, vec![fixed_length]).expect("a type");
    assert_eq!(token.check(" ab "), Ok(()));
    assert_eq!(token.white_space(), WhiteSpace::Collapse);
}

#[test]
fn a_bound_and_a_value_of_unknown_zone_may_not_be_comparable() {
    let date = compile(Builtin::Date, vec![minimum("1900-01-01")]).expect("a type");
    assert_eq!(date.check("1900-01-01"), Ok(()));
    for (text, valid) in [
        ("1900-01-01Z", false),
        ("1900-01-02Z", true),
        ("1900-01-01-14:00", false),
        ("1900-01-02+09:00", true),
        ("1900-01-02+10:00", false),
    ] {
        assert_eq!(date.check(text).is_ok(), valid, "{text}");
    }
}

#[test]
fn midnight_at_the_end_of_a_day_starts_the_next() {
    let moment = plain(Builtin::DateTime);
    assert!(moment.same_value("2023-12-31T24:00:00", "2024-01-01T00:00:00"));
    assert!(moment.same_value("2023-05-02T10:00:00+01:00", "2023-05-02T09:00:00.000Z"));
    assert!(!moment.same_value("2023-05-02T10:00:00Z", "2023-05-02T10:00:00"));
    assert!(plain(Builtin::Time).same_value("24:00:00", "00:00:00"));
}

#[test]
fn equality_is_in_the_value_space() {
    for (builtin, left, right, same) in [
        (Builtin::Decimal, "01.0", "1", true),
        (Builtin::Decimal, "-0", "0.00", true),
        (Builtin::Decimal, "x", "x", false),
        (Builtin::String, "a ", "a", false),
        (Builtin::Token, " a ", "a", true),
        (Builtin::Boolean, "1", "true", true),
        (Builtin::HexBinary, "0fb7", "0FB7", true),
        (Builtin::Base64Binary, "AA AA", "AAAA", true),
        (Builtin::Float, "NaN", "NaN", true),
        (Builtin::Float, "-0", "0", true),
        (Builtin::Float, "16777217", "16777216", true),
        (Builtin::Double, "16777217", "16777216", false),
        (Builtin::Duration, "P1Y", "P12M", true),
        (Builtin::Duration, "PT36H", "P1DT12H", true),
        (Builtin::Duration, "P1M", "P30D", false),
        (Builtin::NmTokens, "a  b", "a b", true),
        (Builtin::Date, "2012-05-11", "2012-05-11Z", false),
    ] {
        assert_eq!(
            plain(builtin).same_value(left, right),
            same,
            "{builtin:?} {left:?} {right:?}"
        );
    }
}

#[test]
fn decimals_have_no_limit_of_precision() {
    let digits = "9".repeat(1_000);
    let number = compile(Builtin::Decimal, vec![minimum(&digits)]).expect("a type");
    assert!(number.check(&digits).is_ok());
    assert!(number.check(&format!("{digits}.{digits}")).is_ok());
    assert!(matches!(
        number.check(&format!("{}8", "9".repeat(999))),
        Err(ValueFault::BelowMinimum { .. })
    ));
}

#[test]
fn not_a_number_satisfies_only_itself() {
    assert!(
        compile(Builtin::Double, vec![minimum("1")])
            .expect("a type")
            .check("NaN")
            .is_err()
    );
    let nothing_else = compile(Builtin::Double, vec![minimum("NaN")]).expect("a type");
    assert!(nothing_else.check("NaN").is_ok() && nothing_else.check("1").is_err());
}

#[test]
fn durations_are_partly_ordered() {
    let month = compile(Builtin::Duration, vec![minimum("P1M")]).expect("a type");
    for (text, valid) in [
        ("P1M", true),
        ("P27D", false),
        ("P28D", false),
        ("P30D", false),
        ("P31D", false),
        ("P32D", true),
    ] {
        assert_eq!(month.check(text).is_ok(), valid, "{text}");
    }
}

#[test]
fn types_that_make_no_sense_are_refused_with_their_place() {
    let error = compile(Builtin::Date, vec![minimum("1900-02-29")]).expect_err("not a date");
    assert_eq!((&*error.origin.file, error.origin.line), ("types.xsd", 7));
    assert!(matches!(
        *error.kind,
        ValueErrorKind::NotAValue {
            facet: "minInclusive",
            ..
        }
    ));
    let error = compile(Builtin::Id, vec![]).expect_err("not supported");
    assert_eq!(
        *error.kind,
        ValueErrorKind::Unsupported {
            builtin: Builtin::Id
        }
    );
    let length = Facets {
        length: Some(1),
        ..Facets::default()
    };
    let error = compile(Builtin::Date, vec![length]).expect_err("dates have no length");
    assert_eq!(error.to_string(), "`length` does not apply to `date`");
    let bad = Facets {
        patterns: vec!["[a".into()],
        ..Facets::default()
    };
    let error = compile(Builtin::String, vec![bad]).expect_err("a bad pattern");
    assert_eq!(error.to_string(), "pattern `[a`: it ends too early");
}

#[test]
fn types_that_contain_themselves_or_explode_are_refused() {
    let itself = schema(vec![(Variety::Union(vec![SimpleTypeId(0)]), vec![])]);
    let error = ValueChecker::compile(&itself, SimpleTypeId(0)).expect_err("contains itself");
    assert_eq!(*error.kind, ValueErrorKind::TooDeep);
    let doubling = (0..30)
        .map(|index| (Variety::Union(vec![SimpleTypeId(index + 1); 2]), vec![]))
        .chain([(Variety::Atomic(Builtin::String), vec![])])
        .collect();
    assert!(ValueChecker::compile(&schema(doubling), SimpleTypeId(0)).is_err());
    assert!(ValueChecker::compile(&schema(vec![]), SimpleTypeId(0)).is_err());
}

#[test]
fn faults_of_items_say_which() {
    let types = vec![
        (Variety::Atomic(Builtin::Byte), vec![]),
        (Variety::List(SimpleTypeId(0)), vec![]),
        (Variety::List(SimpleTypeId(1)), vec![]),
    ];
    let schema = schema(types);
    let list = ValueChecker::compile(&schema, SimpleTypeId(1)).expect("a list");
    let fault = list.check(" 1 2  300").expect_err("300 is no byte");
    assert!(matches!(fault, ValueFault::ListItem { index: 2, .. }));
    assert!(ValueChecker::compile(&schema, SimpleTypeId(2)).is_err());
}

#[test]
fn checkers_are_shared_by_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<ValueChecker>();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "([0-9PTYMDHSZINFae:.+ =/%#é-]{0,24}|.{0,40})") {
        for &builtin in Builtin::ALL {
            if let Ok(checker) = compile(builtin, vec![]) {
                let valid = checker.check(&text).is_ok();
                prop_assert_eq!(checker.same_value(&text, &text), valid);
            }
        }
    }

    #[test]
    fn any_value_may_be_a_bound(bound in "-?[0-9]{4,20}-[01][0-9]", text in "-?[0-9]{4,20}-[01][0-9]") {
        if let Ok(checker) = compile(Builtin::GYearMonth, vec![minimum(&bound)]) {
            prop_assert!(checker.check(&bound).is_ok());
            let _ = checker.check(&text);
        }
    }
}
