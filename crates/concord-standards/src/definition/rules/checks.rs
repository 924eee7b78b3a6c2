//! The kinds of check that a rule may be.

use super::super::table::Table;
use super::CHECKS;
use crate::rules::{CarrierCheck, Check, FieldCheck, Keep};

/// What a rule checks. Exactly one of [`CHECKS`] must be said.
pub(super) fn check(rule: &Table<'_>) -> Option<Check> {
    let key = kind(rule)?;
    match key {
        "check" => Some(Check::Sql(text(rule, key)?)),
        "query" => Some(Check::Query(text(rule, key)?)),
        "field" => field(rule).map(Check::Field),
        "carrier" => carrier(rule).map(Check::Carrier),
        "order" => order(rule),
        // A list alone, or a table with a condition.
        "one_of"
            if rule
                .value(key)
                .is_some_and(|value| value.get_ref().is_array()) =>
        {
            Some(Check::OneOf {
                columns: list(rule, key)?,
                when: None,
            })
        }
        _ => of_table(key, &rule.table(key)?),
    }
}

/// The key that says what is checked.
fn kind(rule: &Table<'_>) -> Option<&'static str> {
    let said: Vec<&str> = CHECKS.iter().copied().filter(|key| rule.has(key)).collect();
    if let [key] = said[..] {
        return Some(key);
    }
    let message = match said.get(1) {
        None => "a rule must say what it checks".to_owned(),
        Some(second) => format!(
            "a rule checks one thing: both `{}` and `{second}` are said",
            said[0]
        ),
    };
    let help = format!("write one of: {}", CHECKS.join(", "));
    let span = said
        .get(1)
        .map_or_else(|| rule.head(), |key| rule.span_of(key));
    rule.reading.error_with_help(span, message, help);
    None
}

/// A check that is a table of its own.
fn of_table(key: &str, said: &Table<'_>) -> Option<Check> {
    said.only(key, keys(key));
    let optional = |name: &str| said.text(name).map(|spot| spot.text.to_owned());
    let required = |name: &str| said.required(key, name).map(|spot| spot.text.to_owned());
    let when = optional("when");
    Some(match key {
        "required" => Check::Required {
            columns: list(said, "columns")?,
            when,
        },
        "one_of" => Check::OneOf {
            columns: list(said, "columns")?,
            when,
        },
        "blank" => Check::Blank {
            columns: list(said, "columns")?,
            when,
        },
        "window" => window(said)?,
        "code" => Check::Code {
            element: required("element")?,
            list: required("list")?,
            as_at: optional("as_at"),
            when,
        },
        "exists" => exists(said)?,
        "consistent" => Check::Consistent {
            element: required("element")?,
            per: some(said, "per")?,
        },
        "unique" => unique(said)?,
        "reconcile" => Check::Reconcile {
            left: required("left")?,
            right: required("right")?,
            only: some(said, "only")?,
            except: some(said, "except")?,
        },
        "equal" => Check::Equal {
            left: required("left")?,
            right: required("right")?,
        },
        "count" => Check::RecordCount {
            element: required("element")?,
        },
        "sequence" => Check::Sequence {
            element: required("element")?,
            greatest: greatest(key, said)?,
        },
        "submission_sequence" => Check::SubmissionSequence {
            element: required("element")?,
            per: list(said, "per")?,
            greatest: greatest(key, said)?,
        },
        // `leak`, the last of `CHECKS`.
        _ => Check::Leak {
            of: list(said, "of")?,
            into: list(said, "into")?,
        },
    })
}

/// What the table of a kind of check may say.
fn keys(key: &str) -> &'static [&'static str] {
    match key {
        "required" | "one_of" | "blank" => &["columns", "when"],
        "window" => &["element", "from", "to"],
        "code" => &["element", "list", "as_at", "when"],
        "exists" => &["elements", "table", "columns", "as_at", "when"],
        "consistent" => &["element", "per"],
        "unique" => &["element", "elements", "when", "keep"],
        "reconcile" => &["left", "right", "only", "except"],
        "equal" => &["left", "right"],
        "count" => &["element"],
        "sequence" => &["element", "greatest"],
        "submission_sequence" => &["element", "per", "greatest"],
        _ => &["of", "into"],
    }
}

/// A list that must not be empty.
pub(super) fn list(table: &Table<'_>, key: &str) -> Option<Vec<String>> {
    if !table.has(key) {
        table
            .reading
            .error(table.head(), format!("`{key}` is missing"));
    }
    let texts = table.texts(key)?;
    if texts.is_empty() {
        table.error(key, format!("`{key}` names nothing"));
        return None;
    }
    Some(texts.iter().map(|spot| spot.text.to_owned()).collect())
}

/// A list that may be left out.
fn some(table: &Table<'_>, key: &str) -> Option<Vec<String>> {
    if table.has(key) {
        list(table, key)
    } else {
        Some(Vec::new())
    }
}

fn text(rule: &Table<'_>, key: &str) -> Option<String> {
    rule.text(key).map(|spot| spot.text.to_owned())
}

fn greatest(key: &str, said: &Table<'_>) -> Option<u64> {
    if !said.has("greatest") {
        said.error(key, format!("`{key}` must say its `greatest` number"));
    }
    said.number("greatest")
}

fn field(rule: &Table<'_>) -> Option<FieldCheck> {
    let said = rule.text("field")?;
    let kind = FieldCheck::ALL
        .into_iter()
        .find(|kind| kind.as_str() == said.text);
    if kind.is_none() {
        let words = FieldCheck::ALL.map(FieldCheck::as_str);
        rule.reading.unknown(&said, "kind of field rule", words);
    }
    kind
}

fn carrier(rule: &Table<'_>) -> Option<CarrierCheck> {
    let said = rule.text("carrier")?;
    let kind = CarrierCheck::ALL
        .into_iter()
        .find(|kind| kind.as_str() == said.text);
    if kind.is_none() {
        let words = CarrierCheck::ALL.map(CarrierCheck::as_str);
        rule.reading.unknown(&said, "kind of carrier rule", words);
    }
    kind
}

fn order(rule: &Table<'_>) -> Option<Check> {
    let elements = list(rule, "order")?;
    if elements.len() < 2 {
        rule.error("order", "`order` names two elements or more".to_owned());
        return None;
    }
    Some(Check::Order { elements })
}

fn window(said: &Table<'_>) -> Option<Check> {
    let limit = |name: &str| said.text(name).map(|spot| spot.text.to_owned());
    let element = said.required("window", "element");
    let (from, to) = (limit("from"), limit("to"));
    if from.is_none() && to.is_none() {
        let message = "`window` must say `from` or `to`";
        said.reading.error(said.head(), message.to_owned());
        return None;
    }
    Some(Check::Window {
        element: element?.text.to_owned(),
        from,
        to,
    })
}

/// `element` says one, `elements` says several that belong together.
fn unique(said: &Table<'_>) -> Option<Check> {
    let elements = match (said.has("element"), said.has("elements")) {
        (true, false) => vec![text(said, "element")?],
        (true, true) => {
            let message = "`unique` names one `element` or several `elements`, not both";
            said.error("elements", message.to_owned());
            return None;
        }
        (false, _) => list(said, "elements")?,
    };
    let keep = match said.text("keep") {
        None => Keep::First,
        Some(spot) => match spot.text {
            "first" => Keep::First,
            "none" => Keep::None,
            _ => {
                let words = ["first", "none"];
                said.reading.unknown(&spot, "way to keep records", words);
                return None;
            }
        },
    };
    Some(Check::Unique {
        elements,
        when: text(said, "when"),
        keep,
    })
}

fn exists(said: &Table<'_>) -> Option<Check> {
    let elements = list(said, "elements")?;
    let table = said.required("exists", "table")?;
    let columns = list(said, "columns")?;
    if elements.len() != columns.len() {
        let message = format!(
            "{} elements are looked for in {} columns",
            elements.len(),
            columns.len()
        );
        said.error("columns", message);
        return None;
    }
    Some(Check::Exists {
        elements,
        table: table.text.to_owned(),
        columns,
        as_at: text(said, "as_at"),
        when: text(said, "when"),
    })
}
