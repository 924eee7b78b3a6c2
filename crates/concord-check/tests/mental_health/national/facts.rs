//! The public facts of columns, keys and rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A row of the facts.
pub(super) type Fact = BTreeMap<String, String>;

/// The public facts.
pub(crate) struct Facts {
    /// Columns by table.
    pub(crate) tables: BTreeMap<String, Vec<Field>>,
    /// Rules that the pipeline runs.
    pub(super) rules: Vec<Fact>,
    /// Child table, child column, parent table, parent column.
    keys: Vec<[String; 4]>,
}

/// What the facts say of a column.
pub(crate) struct Field {
    pub(crate) name: String,
    /// `date`, `time`, `moment`, `postcode`, `digits` or nothing.
    pub(crate) form: String,
    pub(crate) ends: (usize, usize),
    pub(crate) codes: Vec<String>,
    pub(crate) snomed: bool,
    pub(crate) looked_up: bool,
}

impl Facts {
    /// The facts, or a visible word that there are none.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub(crate) fn read() -> Option<Self> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
        let folder = std::env::var_os("CONCORD_REFERENCE").map_or(beside, PathBuf::from);
        let folder = folder.join("sdcs/facts");
        if !folder.is_dir() {
            eprintln!("SKIPPED: no reference folder at {}", folder.display());
            return None;
        }
        let read = |file: &str| -> Vec<Fact> {
            let mut reader =
                csv::Reader::from_path(folder.join(file)).expect("the facts are there");
            let rows = reader.deserialize().collect::<Result<_, _>>();
            rows.expect("the facts are a table")
        };
        let mut rules = read("MHSDS_v6.0_rules_merged.csv");
        rules.retain(|rule| rule["in_code_rules"] == "Y");
        let mut tables: BTreeMap<String, Vec<Field>> = BTreeMap::new();
        for field in read("MHSDS_v6.0_fields.csv") {
            let of: Vec<&Fact> = rules
                .iter()
                .filter(|rule| rule["rule_id"].starts_with(&field["table_code"]))
                .filter(|rule| subject(rule).is_some_and(|column| column == field["field"]))
                .collect();
            tables
                .entry(field["table_code"].clone())
                .or_default()
                .push(Field::new(&field["field"], &of));
        }
        let keys = read("MHSDS_v6.0_foreign_keys.csv").into_iter().map(|key| {
            let table = |of: &str| key[of][..6].to_owned();
            [
                table("child_table"),
                key["child_field"].clone(),
                table("parent_table"),
                key["parent_field"].clone(),
            ]
        });
        Some(Self {
            tables,
            rules,
            keys: keys.collect(),
        })
    }

    /// Ids of the rules about rows.
    pub(crate) fn row_rules(&self) -> impl Iterator<Item = &str> {
        let rules = self
            .rules
            .iter()
            .filter(|rule| rule["rule_function"] != "placeholder_rule");
        rules.map(|rule| &*rule["rule_id"])
    }

    /// Columns by which rows of two tables belong together, whichever of them leads to the other.
    pub(super) fn pairs(&self, own: &str, other: &str) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        for [child, column, parent, key] in &self.keys {
            if (&**child, &**parent) == (own, other) {
                pairs.push((&**column, &**key));
            }
        }
        if pairs.is_empty() && own != other {
            let back = self
                .keys
                .iter()
                .filter(|key| (&*key[0], &*key[2]) == (other, own));
            pairs.extend(back.map(|key| (&*key[3], &*key[1])));
        }
        assert!(
            !pairs.is_empty(),
            "{own} and {other} have nothing to do with each other"
        );
        pairs
    }
}

impl Field {
    fn new(name: &str, rules: &[&Fact]) -> Self {
        let called = |function: &str| rules.iter().find(|rule| rule["rule_function"] == function);
        let is = |function: &str| called(function).is_some();
        let form = [
            ("is_valid_date_column_rule", "date"),
            ("is_valid_time_column_rule", "time"),
            ("is_valid_datetime_column_rule", "moment"),
            ("column_format_rule", "postcode"),
            ("column_is_numeric_rule", "digits"),
        ];
        let form = form
            .iter()
            .find(|(function, _)| is(function))
            .map_or("", |(_, form)| form);
        let counted =
            called("column_is_alphanumeric_rule").or_else(|| called("column_is_numeric_rule"));
        let codes = called("column_value_in_set_rule")
            .map(|rule| codes(rule))
            .unwrap_or_default();
        Self {
            name: name.to_owned(),
            form: form.to_owned(),
            ends: counted.map_or((0, 0), |rule| ends(&rule["arguments"])),
            codes,
            snomed: is("is_valid_snomed_ct_rule"),
            looked_up: rules
                .iter()
                .any(|rule| rule["class"].starts_with("reference_at_date")),
        }
    }
}

/// The quoted words of a text.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    text.split('\'').skip(1).step_by(2).collect()
}

/// The column that a rule about one column is about.
pub(super) fn subject(rule: &Fact) -> Option<&str> {
    let about_row = ["column_", "is_valid_"]
        .iter()
        .any(|start| rule["rule_function"].starts_with(start));
    if !about_row || rule["rule_function"].starts_with("column_comparison") {
        return None;
    }
    let function = &*rule["rule_function"];
    let mut arguments = rule["arguments"].split(" | ");
    let first = arguments.next()?;
    let whole =
        first.contains("['") || (function.ends_with("_rule") && function.contains("_or_null"));
    let argument = if whole { first } else { arguments.next()? };
    quoted(argument).last().copied()
}

fn codes(rule: &Fact) -> Vec<String> {
    let said = rule["arguments"]
        .splitn(3, " | ")
        .last()
        .unwrap_or_default();
    if said.starts_with(['[', '{']) {
        quoted(said).into_iter().map(str::to_owned).collect()
    } else {
        Vec::new()
    }
}

fn number(arguments: &str, key: &str) -> usize {
    let (_, rest) = arguments
        .split_once(&format!("{key}="))
        .unwrap_or_else(|| panic!("{arguments} has no {key}"));
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next();
    digits
        .and_then(|digits| digits.parse().ok())
        .expect("a number")
}

pub(super) fn ends(arguments: &str) -> (usize, usize) {
    (number(arguments, "min_len"), number(arguments, "max_len"))
}
