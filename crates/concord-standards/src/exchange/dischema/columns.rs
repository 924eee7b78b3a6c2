//! Fields and their types.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Column, Reading, Rule, Table};
use crate::definition::{Elements, column_id, quoted};
use crate::layout::normalised_header;

/// Types that lead to one another, at most.
const DEEPEST_TYPE: usize = 16;

/// Parts of names of fields whose values identify people. What is masked without need does no harm.
const PERSONAL: [&str; 13] = [
    "NHSNUMBER",
    "NHSNO",
    "BIRTH",
    "DOB",
    "POSTCODE",
    "SURNAME",
    "FORENAME",
    "FAMILYNAME",
    "GIVENNAME",
    "PERSONNAME",
    "ADDRESS",
    "PATIENTID",
    "PATIENTIDENTIFIER",
];

/// A type of the contract as a format, and what the format does not say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mapped {
    format: String,
    /// Conditions in SQL that are true of a right value (`{}` is the column), and what they ask for.
    conditions: Vec<(String, &'static str)>,
    personal: bool,
    /// What of the type is not carried over.
    lost: Vec<String>,
}

impl Mapped {
    fn format(format: impl Into<String>) -> Self {
        Self {
            format: format.into(),
            ..Self::default()
        }
    }

    fn with(mut self, condition: impl Into<String>, what: &'static str) -> Self {
        self.conditions.push((condition.into(), what));
        self
    }

    fn lost(mut self, reason: impl Into<String>) -> Self {
        self.lost.push(reason.into());
        self
    }
}

impl Reading<'_> {
    pub(super) fn column(
        &mut self,
        table: &mut Table,
        field: &str,
        spec: &Value,
        place: &str,
        mandatory: bool,
    ) {
        let id = column_id(field);
        if !id.starts_with(|first: char| first.is_ascii_uppercase()) {
            return self.lose(
                place,
                "a column is named by a letter and more letters and digits",
            );
        }
        let normalised = normalised_header(&id);
        if table
            .columns
            .iter()
            .any(|known| normalised_header(&known.id) == normalised)
        {
            return self.lose(
                place,
                "another field has the same name but for case and punctuation",
            );
        }
        let mapped = self.mapped(spec, 0);
        for reason in &mapped.lost {
            self.lose(place, reason.clone());
        }
        let known = known_element(self.elements, &normalised);
        for (condition, what) in &mapped.conditions {
            self.rules.push(Rule {
                id: format!("{}-{}", table.name, id)
                    .replace('_', "-")
                    .to_ascii_uppercase(),
                title: format!("{field} {what}"),
                table: table.name.clone(),
                effect: "reject-record",
                check: format!("check = {}", quoted(&condition.replace("{}", &id))),
                message: format!("{field} is {{value}}; a right one {what}"),
                place: Some(id.clone()),
                source: place.to_owned(),
            });
        }
        table.columns.push(Column {
            field: field.to_owned(),
            element: known
                .as_ref()
                .map_or_else(|| id.replace('_', " "), |(name, _)| name.clone()),
            personal: mapped.personal
                || known.is_some_and(|(_, personal)| personal)
                || PERSONAL.iter().any(|part| normalised.contains(part)),
            id,
            format: mapped.format,
            mandatory,
            place: place.to_owned(),
        });
    }

    /// A type by name, or an object that says what it is.
    fn mapped(&self, spec: &Value, depth: usize) -> Mapped {
        let own = Map::new();
        let (name, constraints) = match spec {
            Value::String(name) => (name.as_str(), &own),
            Value::Object(spec) => {
                if spec.contains_key("model") {
                    return Mapped::default().lost("a record inside a record: read as text");
                }
                if spec.get("is_array").and_then(Value::as_bool) == Some(true) {
                    return Mapped::default().lost("a list of values: read as text");
                }
                let name = ["callable", "type"]
                    .iter()
                    .find_map(|key| spec.get(*key)?.as_str());
                let constraints = spec.get("constraints").and_then(Value::as_object);
                (name.unwrap_or_default(), constraints.unwrap_or(&own))
            }
            _ => ("", &own),
        };
        let defined = self.contract.get("types").and_then(|types| types.get(name));
        match defined {
            Some(defined) if depth < DEEPEST_TYPE => self.mapped(defined, depth + 1),
            Some(_) => Mapped::default().lost(format!("the type `{name}` is made of itself")),
            None => of_type(name, constraints),
        }
    }
}

/// The element of the dictionary that a column is called like, and whether it identifies people.
fn known_element(elements: &Elements, normalised: &str) -> Option<(String, bool)> {
    let found = elements
        .list
        .iter()
        .find(|element| normalised_header(&element.name) == normalised)?;
    Some((found.name.to_string(), found.personal))
}

/// The constraints of a type, which remember what was asked for: the others are not applied.
struct Constraints<'c> {
    all: &'c Map<String, Value>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'c> Constraints<'c> {
    fn get(&self, key: &'static str) -> Option<&'c Value> {
        self.asked.borrow_mut().insert(key);
        self.all.get(key)
    }

    fn number(&self, key: &'static str) -> Option<u64> {
        self.get(key)?.as_u64()
    }

    fn text(&self, key: &'static str) -> Option<&'c str> {
        self.get(key)?.as_str()
    }

    /// Those that nobody asked for.
    fn others(&self) -> Vec<&'c str> {
        let asked = self.asked.borrow();
        let keys = self.all.keys().map(String::as_str);
        keys.filter(|key| !asked.contains(key)).collect()
    }
}

/// A built-in type, and which of its constraints are not applied.
fn of_type(name: &str, constraints: &Map<String, Value>) -> Mapped {
    let constraints = Constraints {
        all: constraints,
        // Cells are texts: there is nothing that could be taken for a value without being one.
        asked: RefCell::new(BTreeSet::from(["strict"])),
    };
    let mapped = built_in(name, &constraints);
    let others = constraints.others().into_iter();
    others.fold(mapped, |mapped, other| {
        mapped.lost(format!("`{other}` is not applied"))
    })
}

/// The built-in types of the engine and of pydantic, by name without case and underscores.
fn built_in(name: &str, constraints: &Constraints<'_>) -> Mapped {
    let floating = |form: &str| {
        Mapped::format(form)
            .lost("numbers of more than 18 digits, or 8 places, or with exponents are refused")
    };
    match name.to_ascii_lowercase().replace('_', "").as_str() {
        "str" | "string" => Mapped::default(),
        "constr" => text(constraints),
        "int" | "conint" => bounds(Mapped::format("max s18"), constraints),
        "nonnegativeint" => Mapped::format("max n18"),
        "positiveint" => Mapped::format("max n18").with("{} > 0", "is above zero"),
        "float" | "confloat" | "decimal" => bounds(floating("max s18.max n8"), constraints),
        "nonnegativefloat" => floating("max n18.max n8"),
        "positivefloat" => floating("max n18.max n8").with("{} > 0", "is above zero"),
        "condecimal" => {
            let places = constraints.number("decimal_places").unwrap_or(8);
            let whole = constraints
                .number("max_digits")
                .map_or(18, |digits| digits.saturating_sub(places).max(1));
            let format = if places == 0 {
                format!("max s{whole}")
            } else {
                format!("max s{whole}.max n{places}")
            };
            bounds(Mapped::format(format), constraints)
        }
        "date" => Mapped::format("an10 CCYY-MM-DD"),
        "conformatteddate"
        | "condate"
        | "reportingperiod"
        | "reportingperiodstart"
        | "reportingperiodend" => day(name, constraints),
        "datetime" => Mapped::format("an19 CCYY-MM-DDThh:mm:ss"),
        "formatteddatetime" | "formattedtime" => moment(constraints),
        "alphanumeric" => {
            digits(constraints).with("regexp_like({}, '^[A-Za-z0-9]+$')", "is letters and digits")
        }
        "identifier" => {
            digits(constraints).lost("which characters an identifier takes is not checked")
        }
        "nhsnumber" => nhs_number(),
        "permissivenhsnumber" | "permissivenhsno" => {
            nhs_number().lost("numbers from the test range are not told")
        }
        "postcode" => Mapped {
            personal: true,
            ..Mapped::format("max an8").with("postcode_is_well_formed({})", "is a postcode")
        },
        "orgid" => Mapped::format("min an3 max an9")
            .lost("only the length of an organisation code is checked"),
        "bool" | "boolean" => Mapped::default().lost("the words for yes and no are not checked"),
        "" => Mapped::default().lost("its type is not said: read as text"),
        _ => Mapped::default().lost(format!("the type `{name}` is not known: read as text")),
    }
}

fn nhs_number() -> Mapped {
    Mapped {
        personal: true,
        ..Mapped::format("n10").with(
            "nhs_number_is_valid({})",
            "has the check digit of an NHS number",
        )
    }
}

fn text(constraints: &Constraints<'_>) -> Mapped {
    let (least, most) = (
        constraints.number("min_length"),
        constraints.number("max_length"),
    );
    let mut mapped = Mapped::format(length(least, most));
    if let (Some(least), None) = (least.filter(|least| *least > 1), most) {
        mapped = mapped.with(format!("char_length({{}}) >= {least}"), "is long enough");
    }
    let pattern = ["regex", "pattern"]
        .into_iter()
        .find_map(|key| constraints.text(key));
    if let Some(pattern) = pattern {
        // The engine matches from the start of the text, and to its end only where the pattern says so.
        let anchored = pattern.starts_with('^') && !pattern.contains('|');
        let pattern = if anchored {
            pattern.to_owned()
        } else {
            format!("^(?:{pattern})")
        }
        .replace('\'', "''");
        mapped = mapped.with(
            // A brace pair would be taken for the column.
            format!("regexp_like({{}}, '{}')", pattern.replace("{}", "\\{\\}")),
            "matches the pattern of the contract",
        );
    }
    mapped
}

/// The notation for so many characters.
fn length(least: Option<u64>, most: Option<u64>) -> String {
    match (least, most) {
        (Some(least), Some(most)) if least == most => format!("an{most}"),
        (Some(least), Some(most)) if least > 1 && least < most => {
            format!("min an{least} max an{most}")
        }
        (_, Some(most)) => format!("max an{most}"),
        (_, None) => String::new(),
    }
}

fn digits(constraints: &Constraints<'_>) -> Mapped {
    let number = |key: &'static str| Some(constraints.number(key).unwrap_or(1));
    Mapped::format(length(number("min_digits"), number("max_digits")))
}

/// Numbers and days within limits, and multiples of whole numbers.
fn bounds(mut mapped: Mapped, constraints: &Constraints<'_>) -> Mapped {
    for (key, operator, what) in [
        ("ge", ">=", "is not too small"),
        ("gt", ">", "is not too small"),
        ("le", "<=", "is not too great"),
        ("lt", "<", "is not too great"),
    ] {
        match constraints.get(key) {
            Some(Value::Number(limit)) => {
                mapped = mapped.with(format!("{{}} {operator} {limit}"), what);
            }
            Some(Value::String(day)) if day.parse::<jiff::civil::Date>().is_ok() => {
                mapped = mapped.with(format!("{{}} {operator} DATE '{day}'"), what);
            }
            Some(Value::Null) | None => {}
            Some(_) => mapped = mapped.lost(format!("the limit `{key}` is not applied")),
        }
    }
    match constraints.get("multiple_of").map(Value::as_u64) {
        Some(Some(factor)) if factor > 0 => {
            mapped.with(format!("{{}} % {factor} = 0"), "is a multiple")
        }
        Some(_) => mapped.lost("`multiple_of` is not applied"),
        None => mapped,
    }
}

fn day(name: &str, constraints: &Constraints<'_>) -> Mapped {
    let picture = constraints.text("date_format");
    let mapped = match picture.unwrap_or("%Y-%m-%d") {
        "%Y-%m-%d" => Mapped::format("an10 CCYY-MM-DD"),
        "%Y%m%d" => Mapped::format("n8 CCYYMMDD"),
        "%d/%m/%Y" => Mapped::format("an10 DD/MM/CCYY"),
        other => return Mapped::default().lost(format!("days written as `{other}`: read as text")),
    };
    let mapped = bounds(mapped, constraints);
    if name.to_ascii_lowercase().starts_with("reporting") {
        mapped.lost("the day is not compared with the reporting period")
    } else {
        mapped
    }
}

fn moment(constraints: &Constraints<'_>) -> Mapped {
    let picture = ["date_format", "time_format"]
        .into_iter()
        .find_map(|key| constraints.text(key));
    match picture {
        Some("%Y-%m-%dT%H:%M:%S") => Mapped::format("an19 CCYY-MM-DDThh:mm:ss"),
        Some("%H:%M:%S") => Mapped::format("an8 hh:mm:ss"),
        Some(other) => {
            Mapped::default().lost(format!("moments written as `{other}`: read as text"))
        }
        None => Mapped::default().lost("how its moments are written is not said: read as text"),
    }
}
