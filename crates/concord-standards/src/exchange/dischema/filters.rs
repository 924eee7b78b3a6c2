//! Filters as rules, and the few transformations that a check can stand for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Reading, Rule, Table};
use crate::definition::{column_id, list, quoted};

/// A column that a transformation makes.
enum Derived {
    /// How many records share the values of these columns.
    Count(Vec<String>),
    /// What stands in a column of reference data, found by another value.
    Lookup {
        element: String,
        table: String,
        column: String,
    },
    /// Anything else.
    Other,
}

/// The columns that transformations make: by data set and name, with the transformation's number.
type Made = BTreeMap<(String, String), (usize, Derived)>;

impl Reading<'_> {
    pub(super) fn filters(&mut self) {
        let transformations = self.transformations;
        let part = |key: &str| {
            let items = transformations.get(key).and_then(Value::as_array);
            items.map_or(&[][..], Vec::as_slice)
        };
        let steps = part("rules");
        let made = self.made(steps);
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for filter in part("filters") {
            self.filter(filter, &made, &mut used);
        }
        for (index, step) in steps.iter().enumerate() {
            if !used.contains(&index) {
                let place = format!("transformations/rules/{}", name_of(step));
                self.lose(place, "a transformation that no filter carried over needs");
            }
        }
        for step in part("post_filter_rules") {
            let entity = text(step, "entity");
            let column = text(step, "column_name");
            if !made.contains_key(&(entity.to_owned(), column.to_owned())) {
                let place = format!("transformations/post_filter_rules/{}", name_of(step));
                self.lose(place, "data are checked, not changed");
            }
        }
    }

    fn made(&self, steps: &[Value]) -> Made {
        let mut made = Made::new();
        for (index, step) in steps.iter().enumerate() {
            let entity = text(step, "entity").to_owned();
            let Some(table) = self.tables.iter().find(|table| table.entity == entity) else {
                continue;
            };
            let column = text(step, "column_name");
            if !column.is_empty() {
                let derived = count(table, text(step, "expression")).unwrap_or(Derived::Other);
                made.insert((entity.clone(), column.to_owned()), (index, derived));
            }
            let new = step.get("new_columns").and_then(Value::as_object);
            for (from, name) in new.into_iter().flatten() {
                if let Some(name) = name.as_str() {
                    let derived = lookup(table, step, from).unwrap_or(Derived::Other);
                    made.insert((entity.clone(), name.to_owned()), (index, derived));
                }
            }
        }
        made
    }

    fn filter(&mut self, filter: &Value, made: &Made, used: &mut BTreeSet<usize>) {
        let place = format!("transformations/filters/{}", name_of(filter));
        let entity = text(filter, "entity");
        let Some(table) = self.tables.iter().find(|table| table.entity == entity) else {
            return self.lose(
                place,
                format!("`{entity}` is not a table that was carried over"),
            );
        };
        let expression = self.templates(text(filter, "expression"));
        let (check, own_place) = match check(table, &expression, made, used) {
            Ok(found) => found,
            Err(reason) => return self.lose(place, reason),
        };
        let reporting = filter.get("reporting_field").and_then(Value::as_str);
        let informational = filter.get("is_informational").and_then(Value::as_bool) == Some(true);
        let code = text(filter, "error_code");
        let id = column_id(if code.is_empty() {
            name_of(filter)
        } else {
            code
        })
        .replace('_', "-");
        let (message, unknown) = message(table, &self.templates(text(filter, "failure_message")));
        let rule = Rule {
            id: if id.is_empty() { "RULE".to_owned() } else { id },
            title: name_of(filter).replace('_', " "),
            table: table.name.clone(),
            effect: match (informational, text(filter, "failure_type")) {
                (true, _) => "warn",
                (false, "record") => "reject-record",
                (false, _) => "reject-file",
            },
            check,
            message,
            place: reporting
                .map(column_id)
                .filter(|id| table.columns.iter().any(|column| column.id == *id))
                .or(own_place),
            source: place.clone(),
        };
        self.rules.push(rule);
        for name in unknown {
            let reason = format!("`{name}` in its message is no column: the name is shown");
            self.lose(place.clone(), reason);
        }
    }

    /// A text with the parameters of the contract in the place of their names.
    fn templates(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let parameters = self
            .transformations
            .get("parameters")
            .and_then(Value::as_object);
        for (name, value) in parameters.into_iter().flatten() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            for written in [format!("{{{{ {name} }}}}"), format!("{{{{{name}}}}}")] {
                text = text.replace(&written, &value);
            }
        }
        text
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn name_of(step: &Value) -> &str {
    match text(step, "name") {
        "" => text(step, "operation"),
        name => name,
    }
}

fn column_of(table: &Table, field: &str) -> Option<String> {
    let found = table
        .columns
        .iter()
        .find(|column| column.field.eq_ignore_ascii_case(field.trim()));
    found.map(|column| column.id.clone())
}

/// `count(*) OVER (PARTITION BY a, b)`.
fn count(table: &Table, expression: &str) -> Option<Derived> {
    let plain: String = expression
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    let rest = plain
        .strip_prefix("count(*)")
        .or_else(|| plain.strip_prefix("count(1)"))?;
    let by = rest
        .trim_start()
        .strip_prefix("over")?
        .trim_start()
        .strip_prefix('(')?
        .trim_start()
        .strip_prefix("partition by")?
        .strip_suffix(')')?;
    let columns: Option<Vec<String>> = by.split(',').map(|field| column_of(table, field)).collect();
    columns.map(Derived::Count)
}

/// A left join to reference data by one column of each.
fn lookup(table: &Table, step: &Value, from: &str) -> Option<Derived> {
    if text(step, "operation") != "left_join" {
        return None;
    }
    let target = text(step, "target");
    let condition = text(step, "join_condition");
    let (left, right) = ["<=>", "==", "="]
        .iter()
        .find_map(|operator| condition.split_once(operator))?;
    let own = format!("{}.", table.entity);
    let theirs = format!("{target}.");
    let (left, right) = (left.trim(), right.trim());
    let (mine, column) = match (left.strip_prefix(&own), right.strip_prefix(&theirs)) {
        (Some(mine), Some(column)) => (mine, column),
        _ => (right.strip_prefix(&own)?, left.strip_prefix(&theirs)?),
    };
    // What is looked at afterwards must be the value that was found by.
    if from.strip_prefix(&theirs) != Some(column) {
        return None;
    }
    Some(Derived::Lookup {
        element: column_of(table, mine)?,
        table: target.strip_prefix("refdata_").unwrap_or(target).to_owned(),
        column: column.to_owned(),
    })
}

/// The check that a filter makes, and the place that it has by itself.
fn check(
    table: &Table,
    expression: &str,
    made: &Made,
    used: &mut BTreeSet<usize>,
) -> Result<(String, Option<String>), String> {
    if expression.contains("{{") {
        return Err("it holds a parameter that the contract does not say".to_owned());
    }
    let of_table = made
        .iter()
        .filter(|((entity, _), _)| *entity == table.entity)
        .map(|((_, column), derived)| (column, derived));
    for (column, (step, derived)) in of_table {
        if !words(expression).any(|word| word == column) {
            continue;
        }
        let plain = expression.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = match derived {
            Derived::Count(columns)
                if [
                    format!("{column} = 1"),
                    format!("{column} == 1"),
                    format!("{column} < 2"),
                ]
                .contains(&plain) =>
            {
                let columns_text = list(columns);
                let check = format!("unique = {{ elements = {columns_text}, keep = \"none\" }}");
                (check, columns.first().cloned())
            }
            Derived::Lookup {
                element,
                table,
                column: theirs,
            } if plain.eq_ignore_ascii_case(&format!("{column} IS NOT NULL")) => {
                let check = format!(
                    "exists = {{ elements = [{}], table = {}, columns = [{}] }}",
                    quoted(element),
                    quoted(table),
                    quoted(theirs)
                );
                (check, Some(element.clone()))
            }
            _ => {
                return Err(format!(
                    "it looks at `{column}`, which a transformation makes; write it as a query"
                ));
            }
        };
        used.insert(*step);
        return Ok(found);
    }
    Ok((format!("check = {}", quoted(&sql(table, expression))), None))
}

/// The names in a piece of SQL, texts in quotes left out.
fn words(sql: &str) -> impl Iterator<Item = &str> {
    sql.split('\'')
        .step_by(2)
        .flat_map(|part| {
            part.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        })
        .filter(|word| !word.is_empty())
}

/// SQL of the engine as ours: columns by their ids, `==` as `=`, `RLIKE` as `~`, and functions that are called otherwise. What
/// else differs cannot be compiled.
fn sql(table: &Table, expression: &str) -> String {
    let expression = days_between(expression);
    let mut out = String::with_capacity(expression.len());
    for (index, part) in expression.split('\'').enumerate() {
        if index > 0 {
            out.push('\'');
        }
        if index % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut word = String::new();
        for character in part.chars().chain(std::iter::once('\0')) {
            if character.is_alphanumeric() || character == '_' {
                word.push(character);
                continue;
            }
            if character == '.' && word.eq_ignore_ascii_case(&table.entity) {
                word.clear();
                continue;
            }
            match column_of(table, &word) {
                Some(id) => out.push_str(&id),
                None if word.eq_ignore_ascii_case("rlike") => out.push('~'),
                // A part of the text is enough for both.
                None if word.eq_ignore_ascii_case("regexp_matches") => out.push_str("regexp_like"),
                None => out.push_str(&word),
            }
            word.clear();
            if character != '\0' && !(character == '=' && out.ends_with('=')) {
                out.push(character);
            }
        }
    }
    out.trim().to_owned()
}

/// `date_diff('day', a, b)` as `days_between(a, b)`. Of other parts the engine counts borders, which is not the same as whole ones.
fn days_between(expression: &str) -> String {
    const CALLS: [&str; 2] = ["date_diff", "datediff"];
    let mut out = String::new();
    let mut rest = expression;
    while let Some(word) = rest.find(|first: char| first.is_alphabetic() || first == '_') {
        let (before, from) = rest.split_at(word);
        out.push_str(before);
        let end = from.find(|other: char| !(other.is_alphanumeric() || other == '_'));
        let (name, behind) = from.split_at(end.unwrap_or(from.len()));
        rest = behind;
        let is_call = CALLS.iter().any(|call| name.eq_ignore_ascii_case(call));
        match of_days(behind).filter(|_| is_call) {
            Some(dates) => {
                out.push_str("days_between(");
                rest = dates;
            }
            None => out.push_str(name),
        }
    }
    out + rest
}

/// What stands behind `('day', `.
fn of_days(arguments: &str) -> Option<&str> {
    let part = arguments.trim_start().strip_prefix('(')?.trim_start();
    let (part, dates) = part.strip_prefix('\'')?.split_once('\'')?;
    let dates = dates.trim_start().strip_prefix(',')?;
    part.eq_ignore_ascii_case("day").then(|| dates.trim_start())
}

/// A message, with the columns that it shows in braces as ours has them, and the names in braces that are no columns.
fn message(table: &Table, text: &str) -> (String, Vec<String>) {
    if text.is_empty() {
        return ("the record breaks this rule".to_owned(), Vec::new());
    }
    let (mut message, mut unknown) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        message.push_str(before);
        let (name, behind) = match behind.strip_prefix('{') {
            Some(behind) => behind.split_once("}}").unwrap_or((behind, "")),
            None => behind.split_once('}').unwrap_or((behind, "")),
        };
        if let Some(id) = column_of(table, name) {
            message.extend(["{", &id, "}"]);
        } else {
            message.push_str(name.trim());
            unknown.push(name.trim().to_owned());
        }
        rest = behind;
    }
    message.push_str(rest);
    (message, unknown)
}
