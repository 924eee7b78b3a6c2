//! The rules of a definition that was inferred of a table: few, all of them kept by every row seen, to be gone on from.

use super::{InferredColumn, Says, files};
use crate::definition::{list, quoted};
use crate::infer::Naming;
use crate::infer::rule::{self, Inferred, NHS_NUMBER};

/// The id of the rule that tells of codes that were not seen.
pub(super) fn codes(naming: &Naming) -> String {
    naming.rule("CODE")
}

/// `rules.toml`.
pub(super) fn rules(columns: &[InferredColumn], naming: &Naming) -> String {
    let rules = [
        codes_seen(columns, naming),
        unique(columns, naming),
        of_values(columns, naming),
    ];
    rule::file(rules.into_iter().flatten(), naming)
}

/// Codes that were not seen are told of, not refused.
fn codes_seen(columns: &[InferredColumn], naming: &Naming) -> Option<Inferred> {
    let column = columns.iter().find(|column| column.own_list)?;
    let list = column.code_list.as_ref()?;
    let good = list.codes.first()?;
    let name = &column.column;
    let wrong = ["X", "0", "?", "~"]
        .into_iter()
        .map(|sign| sign.repeat(good.code.chars().count().max(1)))
        .find(|code| list.get(code).is_none())?;
    Some(Inferred {
        at: "at = \"record\"".to_owned(),
        id: codes(naming),
        title: "a code is one of those that were seen".to_owned(),
        effect: "warn",
        check: "field = \"code\"".to_owned(),
        message: format!("{{value}} is none of the codes seen in {}", naming.from),
        help: "if it is right, add it to the code list with its meaning",
        pass: format!("[{{ {name} = {} }}]", quoted(&good.code)),
        fail: format!("[{{ {name} = {} }}]", quoted(&wrong)),
    })
}

/// What identifies a row stands once.
fn unique(columns: &[InferredColumn], naming: &Naming) -> Option<Inferred> {
    let column = files::key(columns)?;
    let name = &column.column;
    let rows = |values: &[&str]| {
        let rows: Vec<String> = values
            .iter()
            .map(|value| format!("{{ {name} = \"{value}\" }}"))
            .collect();
        format!("[{{ record = [{}] }}]", rows.join(", "))
    };
    Some(Inferred {
        at: "at = \"record\"".to_owned(),
        id: naming.rule("UNIQUE"),
        title: format!("{name} stands once"),
        effect: "warn",
        check: format!("unique = {{ elements = {} }}", list(&[name])),
        message: "{value} was used by an earlier row".to_owned(),
        help: "every value seen was another one: if it may stand twice, take this rule away",
        pass: rows(&["1", "2"]),
        fail: rows(&["1", "2", "1"]),
    })
}

/// Something that SQL says of a column, to show how it is done.
fn of_values(columns: &[InferredColumn], naming: &Naming) -> Option<Inferred> {
    let of = |wanted: fn(Says) -> bool| columns.iter().find(|column| wanted(column.says));
    let column = of(|says| says == Says::NhsNumber)
        .or_else(|| of(|says| says == Says::Day))
        .or_else(|| of(|says| matches!(says, Says::Text(_))))?;
    let name = &column.column;
    let sql = format!("\"{name}\"");
    let example = |value: &str| format!("[{{ {name} = {} }}]", quoted(value));
    Some(match column.says {
        Says::NhsNumber => Inferred {
            check: format!(
                "check = {}\nplace = {}",
                quoted(&NHS_NUMBER.replace("value", &sql)),
                quoted(name)
            ),
            pass: example("9990000018"),
            fail: example("9990000019"),
            ..rule::nhs_number(naming)
        },
        Says::Day => Inferred {
            at: "at = \"record\"".to_owned(),
            id: naming.rule("DAY"),
            title: format!("{name} is not before 1900"),
            effect: "warn",
            check: format!(
                "check = {}\nplace = {}",
                quoted(&format!("{sql} >= DATE '1900-01-01'")),
                quoted(name)
            ),
            message: "{value} is before 1900".to_owned(),
            help: "write a rule that says what days are possible",
            pass: example("2025-04-01"),
            fail: example("1899-12-31"),
        },
        Says::Text(longest) => Inferred {
            at: "at = \"record\"".to_owned(),
            id: naming.rule("LENGTH"),
            title: format!("{name} is no longer than any that was seen"),
            effect: "note",
            check: format!(
                "check = {}\nplace = {}",
                quoted(&format!("char_length({sql}) <= {longest}")),
                quoted(name)
            ),
            message: format!("{{value}} has more than {longest} characters"),
            help: "write a rule that says more than this one",
            pass: example("x"),
            fail: example(
                &"x".repeat(
                    usize::try_from(longest)
                        .unwrap_or(usize::MAX)
                        .saturating_add(1),
                ),
            ),
        },
        Says::Nothing => return None,
    })
}
