//! The Talking Therapies definitions against the national pipeline's own tables, keys and rules, where these are at hand.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_standards::definition::Definition;
use concord_standards::submission::{Check, Operand, Submission};
use support::{reference, shipped};

/// The rows of a CSV file, by the names of their columns.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let names = reader.headers().expect("a header").clone();
    reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            let cells = names.iter().zip(&row);
            cells
                .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
                .collect()
        })
        .collect()
}

fn submission(version: &str) -> Submission {
    let definition = Definition::load(&shipped(), &format!("iapt/{version}"));
    let definition = definition.unwrap_or_else(|errors| panic!("{errors}"));
    definition.submission.expect("tables")
}

fn facts() -> Option<std::path::PathBuf> {
    Some(reference()?.join("sdcs/facts"))
}

#[test]
fn tables_columns_and_keys_are_those_of_the_pipeline() {
    let Some(facts) = facts() else { return };
    for (version, file) in [("2-0", "2.0"), ("2-1", "2.1")] {
        let submission = submission(version);
        let mut expected = Vec::new();
        for row in rows(&facts.join(format!("IAPT_v{file}_fields.csv"))) {
            let mandation = match &*row["mandation_MRO"] {
                "" => "O".to_owned(),
                letter => letter.to_owned(),
            };
            let key = row["primary_key"] == "Y";
            let name = row["data_dictionary_name"].clone();
            expected.push((
                row["table"].clone(),
                row["field"].clone(),
                row["uid"].clone(),
                name,
                mandation,
                key,
            ));
        }
        let mut found = Vec::new();
        for table in &submission.tables {
            for column in &table.columns {
                let (name, uid) = (column.name.to_string(), column.uid.to_string());
                let letter = column.mandation.letter().to_owned();
                found.push((
                    table.name.to_string(),
                    name,
                    uid,
                    column.element.to_string(),
                    letter,
                    column.key,
                ));
            }
        }
        assert_eq!(found, expected, "{version}");
        let expected: BTreeSet<[String; 4]> =
            rows(&facts.join(format!("IAPT_v{file}_foreign_keys.csv")))
                .iter()
                .map(|row| {
                    ["child_table", "child_field", "parent_table", "parent_field"]
                        .map(|name| row[name].clone())
                })
                .collect();
        let mut found = BTreeSet::new();
        for table in &submission.tables {
            for link in &table.links {
                let other = &submission.tables[link.table];
                for (own, theirs) in &link.columns {
                    let (own, theirs) = (&table.columns[*own].name, &other.columns[*theirs].name);
                    found.insert([&table.name, own, &other.name, theirs].map(ToString::to_string));
                }
            }
        }
        assert_eq!(found, expected, "{version}");
    }
}

#[test]
fn rules_effects_and_their_order_are_those_of_the_pipeline() {
    let Some(facts) = facts() else { return };
    let submission = submission("2-0");
    let published = rows(&facts.join("IAPT_v2.0_rules_executable.csv"));
    let effect = |severity: &str| match severity {
        "warning" => "warn".to_owned(),
        other => other.replace('_', "-"),
    };
    let expected: BTreeMap<String, String> = published
        .iter()
        .map(|row| (row["rule_id"].clone(), effect(&row["severity"])))
        .collect();
    assert_eq!(expected.len(), 380);
    let found: BTreeMap<String, String> = submission
        .rules
        .iter()
        .map(|rule| (rule.rule.id.to_string(), rule.rule.effect.to_string()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(submission.rules.len(), 380);
    let referential: Vec<&str> = published
        .iter()
        .filter(|row| row["list"] == "RI")
        .map(|row| &*row["rule_id"])
        .collect();
    let needs = submission
        .rules
        .iter()
        .filter(|rule| matches!(rule.check, Check::Needs { .. }));
    let needs: Vec<&str> = needs.map(|rule| &*rule.rule.id).collect();
    assert_eq!(needs, referential);
    // What each rule is about: the kind of its check, and its table.
    for row in &published {
        let rule = submission
            .rules
            .iter()
            .find(|rule| *rule.rule.id == *row["rule_id"])
            .expect("it is there");
        let kinds: &[&str] = match &*row["rule_function"] {
            "column_not_blank_rule" => &["required"],
            "column_is_alphanumeric_rule"
            | "column_is_numeric_rule"
            | "column_format_rule"
            | "column_not_in_format_rule" => &["form"],
            "column_value_in_set_rule" => &["code"],
            "uniqueness_rule"
            | "uniqueness_with_condition_rule"
            | "uniqueness_rule_iapt_carecontact" => &["unique"],
            "referential_integrity_rule" => &["needs"],
            "iapt_date_on_or_after_date_rule"
            | "onset_date_is_after_birth_date_rule"
            | "date_before_specified_date" => &["on_or_after"],
            "iapt_date_before_or_on_date_rule" => &["on_or_before"],
            "values_are_equal_rule" => &["equal"],
            _ => continue,
        };
        assert!(
            kinds.contains(&rule.check.kind()),
            "{}: {}",
            rule.rule.id,
            rule.check.kind()
        );
        let table = &submission.tables[rule.table];
        assert!(
            row["arguments"].contains(&*table.code),
            "{}: {}",
            rule.rule.id,
            table.name
        );
        if let Check::Code { codes, .. } = &rule.check
            && let Some((_, list)) = row["arguments"].split_once('{')
            && !row["arguments"].contains("ISO639")
        {
            let expected: BTreeSet<&str> = list.split('\'').skip(1).step_by(2).collect();
            let found: BTreeSet<&str> = codes.all().collect();
            assert_eq!(found, expected, "{}", rule.rule.id);
        }
        if let Check::Unique { columns, .. } = &rule.check {
            let arguments = row["arguments"]
                .split_once('|')
                .map_or("", |(_, columns)| columns);
            for column in columns {
                let quoted = format!("'{}'", table.columns[*column].name);
                assert!(arguments.contains(&quoted), "{}: {quoted}", rule.rule.id);
            }
        }
    }
}

/// What the national report names of a finding, ours names too: of its row, of the rows that it leads to, and of the header.
#[test]
fn findings_name_what_the_national_report_names() {
    let Some(facts) = facts() else { return };
    let submission = submission("2-0");
    let code = |table: usize| submission.tables[table].code.to_string();
    let name = |table: usize, column: usize| {
        let column = submission.tables[table].columns[column].name.to_string();
        (code(table), column)
    };
    let mut missing = Vec::new();
    let mut looked_at = 0;
    for row in rows(&facts.join("IAPT_v2.0_rules_executable.csv")) {
        let reported = row["reported_fields"].split(';').filter_map(|field| {
            let (table, column) = field.trim().split_once('[')?;
            let column = column.trim_matches(['[', ']', '\'']);
            Some((table.to_owned(), column.to_owned()))
        });
        let reported: BTreeSet<(String, String)> = reported.collect();
        for rule in &submission.rules {
            if *rule.rule.id != *row["rule_id"] || reported.is_empty() {
                continue;
            }
            looked_at += 1;
            let table = &submission.tables[rule.table];
            let columns = table.tell.iter().copied().chain(rule.check.columns());
            let mut named: BTreeSet<(String, String)> = columns
                .chain(rule.place)
                .map(|column| name(rule.table, column))
                .collect();
            if rule.check.is_of_file() {
                let (from, to) = submission.period.expect("a period");
                named.extend([from, to].map(|column| name(submission.header, column)));
            }
            let told = table.tell_beyond.iter().chain(&rule.tell);
            for operand in told.chain(rule.check.operands()) {
                match operand {
                    Operand::Own(column) => named.insert(name(rule.table, *column)),
                    Operand::Header(column) => named.insert(name(submission.header, *column)),
                    Operand::Ancestor { path, column } => {
                        named.insert(name(submission.end_of(rule.table, path), *column))
                    }
                    Operand::Parameter(_) | Operand::Day(_) => false,
                };
            }
            let lacks: Vec<String> = reported
                .difference(&named)
                .map(|(table, column)| format!("{table}.{column}"))
                .collect();
            if !lacks.is_empty() {
                missing.push(format!("{}: {}", row["rule_id"], lacks.join(", ")));
            }
        }
    }
    assert!(looked_at > 300, "{looked_at}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Which columns are compared, in which order, and by how much one may be beyond the other; and which columns tell rows apart.
#[test]
fn comparisons_and_doubles_are_those_of_the_pipeline() {
    let Some(facts) = facts() else { return };
    let submission = submission("2-0");
    let mut looked_at = 0;
    for row in rows(&facts.join("IAPT_v2.0_rules_executable.csv")) {
        let (id, arguments) = (&*row["rule_id"], &*row["arguments"]);
        let rule = submission.rules.iter().find(|rule| *rule.rule.id == *id);
        let rule = rule.expect("it is there");
        let of = &submission.tables[rule.table];
        match &rule.check {
            Check::Order {
                column,
                limit,
                offset,
                ..
            } if arguments.contains("['") => {
                let own = format!("{}['{}']", of.code, of.columns[*column].name);
                let named = |table: usize, column: usize| {
                    let table = &submission.tables[table];
                    format!("{}['{}']", table.code, table.columns[column].name)
                };
                let limit = match limit {
                    Operand::Own(other) => named(rule.table, *other),
                    Operand::Header(other) => named(submission.header, *other),
                    Operand::Ancestor { path, column } => {
                        named(submission.end_of(rule.table, path), *column)
                    }
                    Operand::Parameter(_) => "Metadata['SubmittedTimestamp']".to_owned(),
                    Operand::Day(day) => format!("'{day}'"),
                };
                let beyond = match (offset.months, offset.days) {
                    (0, 0) => String::new(),
                    (0, days) => format!(" | offset=DateDelta(days={days})"),
                    (months, _) => format!(" | offset=DateDelta(years={})", months / 12),
                };
                let (before, after) = arguments.split_once(" | ").expect("two sides");
                let said = if before.contains(&own) {
                    after
                } else {
                    // The table stands by itself in front.
                    after.split_once(" | ").map_or("", |(_, after)| after)
                };
                assert_eq!(said, format!("{limit}{beyond}"), "{id}: {arguments}");
                looked_at += 1;
            }
            Check::Unique { columns, .. } => {
                let ours: BTreeSet<&str> = columns
                    .iter()
                    .map(|column| &*of.columns[*column].name)
                    .collect();
                let (_, said) = arguments.split_once(" | ").expect("columns");
                let mut said: BTreeSet<&str> = said
                    .split('\'')
                    .skip(1)
                    .step_by(2)
                    .filter(|name| of.columns.iter().any(|column| *column.name == **name))
                    .collect();
                if row["rule_function"] == "uniqueness_rule_iapt_carecontact" {
                    // This one says which rows are counted.
                    said.remove("AttendOrDNACode");
                }
                assert_eq!(ours, said, "{id}: {arguments}");
                looked_at += 1;
            }
            _ => {}
        }
    }
    assert!(looked_at > 65, "{looked_at}");
}

#[test]
fn scales_are_those_of_the_pipeline() {
    let Some(facts) = facts() else { return };
    for version in ["2-0", "2-1"] {
        let submission = submission(version);
        let published = rows(&facts.join("IAPT_v2.0_assessment_scales.csv"));
        assert_eq!(submission.scales.len(), published.len());
        for row in &published {
            let (tool, said) = (&*row["snomed_concept"], &*row["validator"]);
            let scale = &submission.scales[tool];
            let after = |key: &str| {
                let (_, rest) = said.split_once(key)?;
                rest.split([',', ')']).next()
            };
            let number = |key: &str| after(key)?.parse::<f64>().ok();
            let range = number("lower_bound=").zip(number("upper_bound="));
            assert_eq!(scale.range, range, "{tool}");
            let values = said
                .split_once('{')
                .and_then(|(_, rest)| rest.split_once('}'));
            let values: BTreeSet<&str> = values.map_or_else(BTreeSet::new, |(values, _)| {
                values.split('\'').skip(1).step_by(2).collect()
            });
            let ours: BTreeSet<&str> = scale.values.iter().map(|value| &**value).collect();
            assert_eq!(ours, values, "{tool}");
            // The facts name the patterns of scores; the library says what they are (validations, assessment scales).
            let (right, wrong): (&[&str], &[&str]) = match after("format_pattern=") {
                Some("_MAX_N1_REGEX") => (&["4"], &["10", "4.0", "Y"]),
                Some("_MAX_N2_REGEX") => (&["4", "10"], &["100", "4.0", "Y"]),
                Some("_MAX_N3_REGEX") => (&["4", "100"], &["1000", "4.0", "Y"]),
                Some("_MAX_A1_REGEX") => (&["Y", "n"], &["1", "NA", "?"]),
                Some("_MAX_A2_REGEX") => (&["Y", "NA"], &["1", "N1", "YES"]),
                Some("_N1_MAX_N2_REGEX") => (&["4.0", "0.25"], &["4", "4.", "0.125", "10.0"]),
                other => panic!("{tool}: {other:?}"),
            };
            for (scores, takes) in [(right, true), (wrong, false)] {
                for score in scores {
                    assert_eq!(scale.has_form(score), takes, "{version} {tool} {score}");
                }
            }
        }
    }
}
