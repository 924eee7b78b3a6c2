//! Checks in words, for people who do not read SQL.

use super::{Check, FieldCheck};

impl Check {
    /// What must hold, in words; SQL stands on one line.
    pub fn in_words(&self) -> String {
        let when = |when: &Option<String>| {
            when.as_ref()
                .map_or_else(String::new, |sql| format!(", when {}", one_line(sql)))
        };
        let on = |as_at: &Option<String>| {
            as_at
                .as_ref()
                .map_or_else(String::new, |day| format!(", on the day in {day}"))
        };
        match self {
            Self::Sql(sql) => one_line(sql),
            Self::Query(sql) => format!("no rows from: {}", one_line(sql)),
            Self::Field(FieldCheck::Presence) => {
                "each column that cites it is filled, or left blank, as its mandation says"
                    .to_owned()
            }
            Self::Field(FieldCheck::Format) => {
                "each column that cites it has its format".to_owned()
            }
            Self::Field(FieldCheck::Code) => {
                "each column that cites it holds a code of its list".to_owned()
            }
            Self::Carrier(kind) => format!("as the file is read: {}", kind.as_str()),
            Self::Required {
                columns,
                when: if_so,
            } => {
                format!("{} filled{}", columns.join(" and "), when(if_so))
            }
            Self::OneOf {
                columns,
                when: if_so,
            } => {
                format!("{} filled{}", columns.join(" or "), when(if_so))
            }
            Self::Blank {
                columns,
                when: if_so,
            } => {
                format!("{} left blank{}", columns.join(" and "), when(if_so))
            }
            Self::Order { elements } => format!("in this order: {}", elements.join(", ")),
            Self::Window { element, from, to } => {
                let limit = |word: &str, sql: &Option<String>| {
                    sql.as_ref()
                        .map_or_else(String::new, |sql| format!(" {word} {}", one_line(sql)))
                };
                format!(
                    "{element} is a day{}{}",
                    limit("from", from),
                    limit("to", to)
                )
            }
            Self::Code {
                element,
                list,
                as_at,
                when: if_so,
            } => format!(
                "{element} is on the code list {list}{}{}",
                on(as_at),
                when(if_so)
            ),
            Self::Exists {
                elements,
                table,
                columns,
                as_at,
                when: if_so,
            } => format!(
                "{} stands in {table} as {}{}{}",
                elements.join(" with "),
                columns.join(" with "),
                on(as_at),
                when(if_so)
            ),
            Self::Consistent { element, per } if per.is_empty() => {
                format!("{element} is the same in every record")
            }
            Self::Consistent { element, per } => {
                format!("{element} is the same wherever {} is", per.join(" and "))
            }
            Self::Reconcile {
                left,
                right,
                only,
                except,
            } => {
                let codes = |word: &str, codes: &[String]| match codes {
                    [] => String::new(),
                    codes => format!(", {word} {}", codes.join(", ")),
                };
                format!(
                    "the totals of {left} and {right} agree{}{}",
                    codes("only", only),
                    codes("without", except)
                )
            }
            Self::Equal { left, right } => format!("{left} equals {right}"),
            Self::RecordCount { element } => format!("{element} is the number of records"),
            Self::Sequence { element, greatest } => {
                format!(
                    "{element} goes up by one from record to record, and back to 1 after {greatest}"
                )
            }
            Self::Unique {
                elements,
                when: if_so,
                ..
            } => format!(
                "no two records have the same {}{}",
                elements.join(" with "),
                when(if_so)
            ),
            Self::SubmissionSequence {
                element,
                per,
                greatest,
            } => format!(
                "{element} goes up by one from submission to submission of the same {}, and back to 1 after {greatest}",
                per.join(" and ")
            ),
            Self::Leak { of, into } => {
                format!(
                    "values of {} stand nowhere in {}",
                    of.join(", "),
                    into.join(", ")
                )
            }
        }
    }
}

/// SQL on one line.
fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
