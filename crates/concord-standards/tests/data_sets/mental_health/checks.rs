//! What each rule asks, class by class.

use std::collections::BTreeSet;

use concord_standards::submission::form::Form;
use concord_standards::submission::{Check, Offset, Operand, Submission, TableRule};

use super::{Fact, TWICE, by_id, names, quoted, rules};

/// Rules of the facts with some function that are implemented, each with its definition.
fn of(function: &str, look: impl Fn(&Submission, &str, &Fact, &TableRule)) -> usize {
    let Some((submission, facts)) = rules() else {
        return 0;
    };
    let found = by_id(&submission);
    let facts = facts
        .iter()
        .filter(|fact| fact["rule_function"] == function && !TWICE.contains(&&*fact["rule_id"]));
    let mut count = 0;
    for fact in facts {
        let id = &*fact["rule_id"];
        look(&submission, id, fact, super::leading(&found[id]));
        count += 1;
    }
    assert!(count > 0, "no rule is a {function}");
    count
}

/// The column that an argument of a rule names: `MHS001['X']`, or a bare `'X'`.
fn column(argument: &str) -> &str {
    quoted(argument).last().copied().unwrap_or_default()
}

fn number(arguments: &str, key: &str) -> usize {
    let (_, rest) = arguments
        .split_once(&format!("{key}="))
        .expect("the facts keep to their form");
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next();
    digits
        .expect("the facts keep to their form")
        .parse()
        .expect("the facts keep to their form")
}

fn name(submission: &Submission, rule: &TableRule, column: usize) -> String {
    submission.tables[rule.table].columns[column]
        .name
        .to_string()
}

#[test]
fn mandatory_columns_are_filled() {
    of("column_not_blank_rule", |submission, id, fact, rule| {
        let Check::Required { columns, when } = &rule.check else {
            panic!("{id} does not ask for a value");
        };
        let argument = fact["arguments"]
            .split(" | ")
            .nth(1)
            .expect("the facts keep to their form");
        let table = &submission.tables[rule.table];
        assert_eq!(names(table, columns), [column(argument)], "{id}");
        assert!(when.is_empty(), "{id}");
    });
}

/// The form of the column that the second argument names.
fn has_form(function: &str, expected: impl Fn(&str) -> Form) {
    of(function, |submission, id, fact, rule| {
        let Check::Form {
            column: at,
            form,
            not,
            blank_fails,
        } = &rule.check
        else {
            panic!("{id} does not ask for a form");
        };
        let arguments = &*fact["arguments"];
        let argument = arguments
            .split(" | ")
            .nth(1)
            .expect("the facts keep to their form");
        assert_eq!(name(submission, rule, *at), column(argument), "{id}");
        let expected = expected(arguments);
        assert_eq!(format!("{form:?}"), format!("{expected:?}"), "{id}");
        assert_eq!(
            (*not, *blank_fails),
            (false, arguments.contains("allow_nulls=False")),
            "{id}"
        );
    });
}

#[test]
fn values_have_the_lengths_and_forms_of_the_pipeline() {
    let ends = |arguments: &str| (number(arguments, "min_len"), number(arguments, "max_len"));
    has_form("column_is_alphanumeric_rule", |arguments| {
        let (least, most) = ends(arguments);
        Form::Characters(least, most)
    });
    has_form("column_is_numeric_rule", |arguments| {
        let (least, most) = ends(arguments);
        Form::Digits(least, most)
    });
    has_form("column_is_decimal_specified_rule", |arguments| {
        let part = |of: &str| {
            let end = |end: &str| number(arguments, &format!("{of}_{end}_digits"));
            (end("min"), end("max"))
        };
        Form::Decimal(part("integer"), part("fraction"))
    });
    has_form("is_valid_date_column_rule", |_| Form::Day);
    has_form("is_valid_time_column_rule", |_| Form::Time);
    has_form("column_format_rule", |_| Form::Postcode);
    has_form("is_valid_snomed_ct_rule", |_| Form::Snomed(56));
    has_form("column_value_valid_nhs_number_rule", |_| Form::NhsNumber);
    has_form("is_valid_datetime_column_rule", |arguments| {
        if arguments.contains("check_timestamp_regex=False") {
            Form::Moment
        } else {
            Form::OffsetMoment
        }
    });
}

#[test]
fn codes_are_those_of_the_pipeline() {
    of("column_value_in_set_rule", |submission, id, fact, rule| {
        let Check::Code {
            column: at,
            codes,
            not: false,
            blank_fails: false,
            when,
        } = &rule.check
        else {
            panic!("{id} does not ask for a code");
        };
        assert!(when.is_empty(), "{id}");
        let mut arguments = fact["arguments"].splitn(3, " | ").skip(1);
        let (argument, said) = (
            arguments.next().expect("the facts keep to their form"),
            arguments.next().expect("the facts keep to their form"),
        );
        assert_eq!(name(submission, rule, *at), column(argument), "{id}");
        let ours: BTreeSet<&str> = codes.all().collect();
        let theirs: BTreeSet<&str> = quoted(said).into_iter().collect();
        match said {
            // The lists themselves are not among the facts, but for what is added to them.
            _ if said.starts_with("ISO639") => {
                assert!(ours.is_superset(&theirs) && ours.contains("cy"), "{id}");
                assert!(ours.iter().all(|code| code.len() == 2), "{id}");
            }
            "SPECIALISED_MH_SERVICE_CAT_CODES" => {
                assert!(ours.len() > 100 && ours.iter().all(|code| code.starts_with("NCBPS")));
            }
            _ => assert_eq!(ours, theirs, "{id}"),
        }
    });
}

#[test]
fn days_stand_in_the_order_of_the_pipeline() {
    for (function, later) in [
        ("date_on_or_after_date_rule", true),
        ("date_before_or_on_date_rule", false),
    ] {
        of(function, |submission, id, fact, rule| {
            let Check::Order {
                column: at,
                limit,
                after,
                offset,
                ..
            } = &rule.check
            else {
                panic!("{id} does not compare days");
            };
            assert_eq!(*after, later, "{id}");
            let mut arguments = fact["arguments"].split(" | ");
            let (own, other) = (
                arguments.next().expect("the facts keep to their form"),
                arguments.next().expect("the facts keep to their form"),
            );
            assert_eq!(name(submission, rule, *at), column(own), "{id}");
            let (table, column_there) = match limit {
                Operand::Own(column) => (rule.table, *column),
                Operand::Header(column) => (submission.header, *column),
                Operand::Ancestor { path, column } => {
                    (submission.end_of(rule.table, path), *column)
                }
                _ => panic!("{id} compares with {limit:?}"),
            };
            let table = &submission.tables[table];
            let expected = (&other[..6], column(other));
            assert_eq!(
                (&*table.code, &*table.columns[column_there].name),
                expected,
                "{id}"
            );
            let days = i32::from(fact["arguments"].contains("days=1)"));
            assert_eq!(*offset, Offset { days, months: 0 }, "{id}");
        });
    }
}

#[test]
fn rows_are_unique_in_the_columns_of_the_pipeline() {
    let unique = |conditional: bool| {
        move |submission: &Submission, id: &str, fact: &Fact, rule: &TableRule| {
            let Check::Unique {
                columns,
                when,
                blanks_same,
                counted,
            } = &rule.check
            else {
                panic!("{id} does not ask for unique rows");
            };
            let said = fact["arguments"]
                .split_once(" | ")
                .expect("the facts keep to their form")
                .1;
            let said = said
                .split_once("lambda")
                .map_or(said, |(columns, _)| columns);
            let theirs: BTreeSet<String> = quoted(said).into_iter().map(str::to_owned).collect();
            let ours = names(&submission.tables[rule.table], columns);
            assert_eq!(ours.into_iter().collect::<BTreeSet<_>>(), theirs, "{id}");
            assert_eq!(
                (*blanks_same, when.len()),
                (conditional, usize::from(conditional)),
                "{id}"
            );
            assert!(counted.is_empty(), "{id}");
        }
    };
    of("uniqueness_rule", unique(false));
    of("uniqueness_with_condition_rule", unique(true));
}

#[test]
fn organisations_are_looked_up_as_at_the_first_day_of_the_period() {
    for (function, table) in [
        (
            "is_valid_default_org_or_null_ignoring_succession_rule",
            "organisation_ignoring_succession",
        ),
        (
            "is_valid_organisation_identifier_or_null_ignoring_succession_rule",
            "organisation_ignoring_succession",
        ),
        (
            "is_valid_site_id_or_null_ignoring_succession_rule",
            "site_ignoring_succession",
        ),
        ("is_valid_school_or_null_rule", "school"),
        ("is_valid_postcode_or_null_rule", "postcode"),
    ] {
        of(function, |submission, id, fact, rule| {
            let Check::Live {
                column: at,
                registered,
                at: day,
                also,
            } = &rule.check
            else {
                panic!("{id} looks nothing up");
            };
            assert_eq!(registered.table, table, "{id}");
            let (own, said) = fact["arguments"]
                .split_once(" | ")
                .expect("the facts keep to their form");
            assert_eq!(name(submission, rule, *at), column(own), "{id}");
            let of_header = rule.table == submission.header;
            let day = match day {
                Some(Operand::Header(day)) => day,
                Some(Operand::Own(day)) if of_header => day,
                _ => panic!("{id} is looked up on another day"),
            };
            let header = &submission.tables[submission.header];
            assert_eq!(
                *header.columns[*day].name, *"ReportingPeriodStartDate",
                "{id}"
            );
            let others = said
                .split_once("'ReportingPeriodStartDate'")
                .expect("the facts keep to their form")
                .0;
            let expected = match others.split_once("| [") {
                Some((_, list)) => quoted(list),
                None => Vec::new(),
            };
            let also: Vec<&str> = also.iter().map(|code| &**code).collect();
            assert_eq!(also, expected, "{id}");
        });
    }
}

#[test]
fn codes_fit_their_schemes() {
    for (function, icd, snomed) in [
        ("is_valid_diag_code_rule", "02", "06"),
        ("is_valid_find_code_rule", "01", "04"),
    ] {
        of(function, |submission, id, fact, rule| {
            let Check::Scheme {
                column,
                scheme,
                forms,
            } = &rule.check
            else {
                panic!("{id} does not look at a scheme");
            };
            let expected: Vec<&str> = quoted(&fact["arguments"]);
            let ours = [*scheme, *column].map(|column| name(submission, rule, column));
            assert_eq!(ours, expected[..2], "{id}");
            let forms: Vec<String> = forms
                .iter()
                .map(|(scheme, form)| format!("{scheme} {form:?}"))
                .collect();
            let expected = [
                format!("{icd} {:?}", Form::Characters(4, 6)),
                format!("{snomed} {:?}", Form::Snomed(18)),
            ];
            assert_eq!(forms, expected, "{id}");
        });
    }
}
