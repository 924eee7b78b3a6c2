use std::collections::BTreeMap;

use super::*;

const STANDARD: &str = r#"
id = "thing"
version = "1"
title = "Things"
publisher = "us"
status = "current"
carrier = "xml"
source = "made up"
provenance = "made up"
[recognise]
root = "a"
[record]
elements = ["b"]
"#;

fn source(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut source: BTreeMap<String, String> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    source.insert("thing/1/standard.toml".to_owned(), STANDARD.to_owned());
    source
}

fn load(files: &[(&str, &str)]) -> Mapping {
    let mapping =
        Mapping::load(&source(files), "thing/1").unwrap_or_else(|errors| panic!("{errors}"));
    mapping.expect("there is one")
}

#[track_caller]
fn refused(files: &[(&str, &str)], expected: &str) {
    let errors = Mapping::load(&source(files), "thing/1").expect_err("it is wrong");
    assert_eq!(errors.to_string(), expected);
}

#[test]
fn a_standard_may_have_none() {
    let mapping = Mapping::load(&source(&[]), "thing/1").expect("nothing is wrong");
    assert!(mapping.is_none());
}

#[test]
fn rows_say_entity_place_constants_and_fields() {
    let mapping = load(&[(
        "thing/1/mapping.toml",
        r#"
interchange = "Header/Reference"
[[row]]
entity = "diagnosis"
at = ["Primary", "First"]
set = { role = "primary" }
[row.fields]
code = "Code"
qualifier = ["A", "B"]
diagnosis_scheme_in_use = { from = "Scheme", also = "@Scheme" }
[[unmapped]]
elements = "Filler"
why = "it says nothing"
"#,
    )]);
    assert_eq!(
        mapping.interchange.as_ref().map(|at| &*at.text),
        Some("Header/Reference")
    );
    let [row] = mapping.rows.as_slice() else {
        panic!("one row");
    };
    assert_eq!(row.entity.name, "diagnosis");
    assert_eq!(row.at.written(), ["Primary", "First"]);
    assert_eq!(&*row.set[0].value, "primary");
    let names: Vec<&str> = row.fields.iter().map(|field| field.field.name).collect();
    assert_eq!(names, ["code", "qualifier", "diagnosis_scheme_in_use"]);
    assert_eq!(row.fields[1].from.len(), 2);
    assert_eq!(&*row.fields[2].also[0].text, "@Scheme");
    assert_eq!(row.fields[1].from[1].origin.line, 9);
    assert_eq!(&*mapping.unmapped[0].why, "it says nothing");
    assert_eq!(mapping.lint(), []);
}

#[test]
fn backwards_rows_that_say_any_of_several_values_go_here() {
    let mapping = load(&[(
        "thing/1/mapping.toml",
        "[[row]]\nentity = \"record_recipient\"\nat = \"R\"\nset = { role = [\"recipient\", \"prime\"] }\n",
    )]);
    let [set] = mapping.rows[0].set.as_slice() else {
        panic!("one constant");
    };
    assert_eq!(&*set.value, "recipient");
    assert_eq!(set.others, ["prime".into()]);
    assert_eq!(mapping.lint(), []);
}

#[test]
fn a_file_adds_to_those_it_inherits() {
    let mapping = load(&[
        (
            "thing/1/mapping.toml",
            r#"
inherit = "../mapping.toml"
[[row]]
entity = "contract_line"
at = "record"
set = { kind = "drug" }
[row.fields]
total_cost = "COST"
"#,
        ),
        (
            "thing/mapping.toml",
            r#"
[[row]]
for = ["other"]
entity = "plan_line"
at = "record"
[row.fields]
financial_year = "YEAR"
[[row]]
for = ["thing"]
entity = "contract_line"
at = "record"
[row.fields]
financial_year = "YEAR"
total_cost = "TOTAL"
"#,
        ),
    ]);
    let [row] = mapping.rows.as_slice() else {
        panic!("one row");
    };
    assert!(!row.shared);
    assert_eq!(&*row.set[0].value, "drug");
    let from: Vec<(&str, bool)> = row
        .fields
        .iter()
        .map(|field| (&*field.from[0].text, field.from[0].shared))
        .collect();
    assert_eq!(from, [("YEAR", true), ("COST", false)]);
}

#[test]
fn rows_of_other_versions_may_go_to_a_group_and_a_group_may_ask_for_a_row() {
    let mapping = load(&[(
        "thing/1/mapping.toml",
        r#"
[[row]]
entity = "record_recipient"
at = "To"
set = { role = ["recipient", "prime"] }
fields.organisation_identifier_cds_recipient = "To"
[[row]]
entity = "activity_record"
at = "Delete"
set = { cds_update_type = "1" }
"#,
    )]);
    let role = &mapping.rows[0].set[0];
    assert_eq!((&*role.value, role.others.len()), ("recipient", 1));
    assert!(mapping.rows[1].fields.is_empty());
    assert_eq!(mapping.lint(), []);
}

#[test]
fn codes_go_through_maps() {
    let mapping = load(&[
        (
            "thing/1/mapping.toml",
            "[[row]]\nentity = \"diagnosis\"\nat = \"record\"\nfields.code = { from = \"C\", codes = \"maps/c.csv\" }\n",
        ),
        (
            "maps/c.csv",
            "from,to,source,note\n1,a,the list,\n2,a,,\n3,,the list,\n",
        ),
    ]);
    let codes = mapping.rows[0].fields[0].codes.as_ref().expect("a map");
    assert_eq!(codes.to_model("2"), Some("a"));
    assert_eq!(codes.to_model("3"), None);
    assert_eq!(codes.from_model("a"), Some("1"));
    let said: Vec<String> = mapping.lint().iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "maps/c.csv:3:1: error: nothing says that `2` is `a`\n  help: name what says so under `source`"
        ]
    );
}

#[test]
fn mistakes_are_told_with_their_place() {
    refused(
        &[(
            "thing/1/mapping.toml",
            r#"
inherit = "../none.toml"
[[row]]
entity = "diagnoses"
at = "record"
[[row]]
entity = "diagnosis"
at = ["Primary"]
set = { role = "primary", coded = "x", coded_diagnosis_timestamp = "x", code = "x" }
[row.fields]
code = "A//B"
qualifyer = "B"
present_on_admission_indicator = { form = "B" }
[[row]]
entity = "diagnosis"
at = "Primary"
[[unmapped]]
elements = ["Filler"]
"#,
        )],
        "\
thing/1/mapping.toml:4:10: error: there is no entity `diagnoses`
  help: did you mean `diagnosis`?
thing/1/mapping.toml:9:27: error: there is no field of diagnosis `coded`
  help: did you mean `code`?
thing/1/mapping.toml:9:68: error: `coded_diagnosis_timestamp` is a moment, not a text
thing/1/mapping.toml:11:8: error: `A//B` is not a reference to an element
  help: a reference is a name, @name for an attribute, or names with `/` between them
thing/1/mapping.toml:11:1: error: `code` must say where its value comes `from`
thing/1/mapping.toml:13:36: error: `form` means nothing in a field
  help: did you mean `from`?
thing/1/mapping.toml:13:1: error: `present_on_admission_indicator` must say where its value comes `from`
thing/1/mapping.toml:12:1: error: there is no field of diagnosis `qualifyer`
  help: did you mean `qualifier`?
thing/1/mapping.toml:9:7: error: `code` is set, and mapped too
thing/1/mapping.toml:14:1: error: a row must have `fields`, or `set` something
thing/1/mapping.toml:14:1: error: rows of `diagnosis` at this place are said already, in line 6
thing/1/mapping.toml:17:1: error: what is not mapped must say its `why`
thing/1/mapping.toml:2:11: error: there is no file thing/none.toml",
    );
}

#[test]
fn numbered_places_make_a_row_of_each_number() {
    let mapping = load(&[(
        "thing/1/mapping.toml",
        r#"
[[row]]
entity = "diagnosis"
at = "record"
set = { role = "primary" }
[row.fields]
code = "First"
diagnosis_scheme_in_use = { from = "Scheme", own = false }
[[row]]
entity = "diagnosis"
at = "record"
set = { role = "secondary" }
repeat = "2..4"
[row.fields]
code = "Code{n}"
diagnosis_scheme_in_use = "Scheme"
[[row]]
entity = "critical_care_activity"
at = "record"
repeat = ["1..2", "1..3"]
[row.fields]
critical_care_activity_code = "Activity_{n}_{m}"
[[row]]
entity = "treatment"
at = "record"
repeat = ["1..2", "1..3", "1..4"]
when = { "Scheme_{n}" = "01" }
[row.fields]
code = "Treatment_{n}_{m}_{k}"
[[unmapped]]
elements = ["Filler{n}", "Other"]
repeat = "1..2"
why = "it says nothing"
"#,
    )]);
    let codes = |entity: &str| -> Vec<String> {
        let rows = mapping.rows.iter().filter(|row| row.entity.name == entity);
        let first = rows.map(|row| format!("{:?} {}", row.numbers, row.fields[0].from[0].text));
        first.collect()
    };
    assert_eq!(
        codes("diagnosis"),
        ["[] First", "[2] Code2", "[3] Code3", "[4] Code4"]
    );
    assert_eq!(codes("critical_care_activity")[5], "[2, 3] Activity_2_3");
    assert_eq!(codes("treatment")[23], "[2, 3, 4] Treatment_2_3_4");
    let mut treatments = mapping.rows.iter().rev();
    let last = treatments.find(|row| row.entity.name == "treatment");
    let asked = last.map(|row| &*row.when.when[0][0].element.text);
    assert_eq!(asked, Some("Scheme_2"), "conditions are numbered too");
    for row in mapping
        .rows
        .iter()
        .filter(|row| row.entity.name == "diagnosis")
    {
        let own: Vec<bool> = row.fields.iter().map(|field| field.own).collect();
        assert_eq!(own, [true, false], "the scheme is said of all");
    }
    let unmapped: Vec<&str> = mapping.unmapped[0]
        .elements
        .iter()
        .map(|element| &*element.text)
        .collect();
    assert_eq!(unmapped, ["Filler1", "Filler2", "Other"]);
}

#[test]
fn numbers_are_counted_and_stand_somewhere() {
    let row = |repeat: &str, code: &str| {
        format!(
            "[[row]]\nentity = \"diagnosis\"\nat = \"record\"\n{repeat}\n[row.fields]\ncode = \"{code}\"\n"
        )
    };
    for (repeat, code, expected) in [
        (
            "",
            "Code{n}",
            "`Code{n}` has a number that no `repeat` counts",
        ),
        (
            "repeat = \"1..9\"",
            "Code{m}",
            "`Code{m}` has a number that no `repeat` counts",
        ),
        ("repeat = \"1..9\"", "Code", "{n} stands in no reference"),
        (
            "repeat = \"9..1\"",
            "Code",
            "`9..1` is not a range of numbers",
        ),
        (
            "repeat = \"+1..9\"",
            "Code",
            "`+1..9` is not a range of numbers",
        ),
        (
            "repeat = [\"1..9999\", \"1..9999\"]",
            "Code",
            "`repeat` names up to 3 ranges, and 10000 numbers",
        ),
    ] {
        let text = row(repeat, code);
        let errors = Mapping::load(&source(&[("thing/1/mapping.toml", &text)]), "thing/1");
        let errors = errors.expect_err("it is wrong").to_string();
        assert!(errors.contains(expected), "{repeat} {code}: {errors}");
    }
}

#[test]
fn at_the_record_rows_are_told_apart_by_what_they_set() {
    let mapping = load(&[
        (
            "thing/mapping.toml",
            "[[row]]\nentity = \"person\"\nat = \"record\"\nset = { role = \"patient\" }\n[row.fields]\nnhs_number = \"Number\"\n",
        ),
        (
            "thing/1/mapping.toml",
            r#"
inherit = ["../mapping.toml"]
[[row]]
entity = "person"
at = "record"
set = { role = "mother" }
[row.fields]
nhs_number = "NumberOfMother"
[[row]]
entity = "person"
at = "record"
set = { role = "patient" }
[row.fields]
ethnic_category = "Category"
"#,
        ),
    ]);
    let rows: Vec<(&str, usize)> = mapping
        .rows
        .iter()
        .map(|row| (&*row.set[0].value, row.fields.len()))
        .collect();
    assert_eq!(rows, [("patient", 2), ("mother", 1)]);
}

#[test]
fn conditions_choose_rows_and_the_first_of_what_repeats() {
    let mapping = load(&[(
        "thing/1/mapping.toml",
        r#"
[[row]]
entity = "person"
at = "record"
when = { Kind = ["I", "E"], State = "*" }
unless = [{ Event = "A05" }, { Event = "A14" }]
[row.fields]
nhs_number = { first = "Id", when = { "By/Name" = "NHS" }, from = "Number" }
patient_given_name = { from = "Name", personal = false }

[[row]]
entity = "person"
at = "record"
when = { Kind = "O" }
[row.fields]
nhs_number = "Number"

[[concluded]]
entity = "activity_record"
has = ["hospital_spell", "hospital_spell.discharge_date_hospital_provider_spell"]
lacks = "emergency_attendance"
says = { "episode.completion" = ["finished"] }
set = { cds_type_code = "130" }
"#,
    )]);
    assert_eq!(mapping.lint(), [], "the files keep to their schema");
    assert_eq!(
        mapping.rows.len(),
        2,
        "rows with other conditions are others"
    );
    let row = &mapping.rows[0];
    let shown = |alternatives: &[Vec<Condition>]| -> Vec<String> {
        let each = alternatives.iter().map(|conditions| {
            let each = conditions.iter().map(|condition| {
                let values: Vec<&str> = condition.values.iter().map(AsRef::as_ref).collect();
                format!("{}={}", condition.element.text, values.join("|"))
            });
            each.collect::<Vec<_>>().join("&")
        });
        each.collect()
    };
    assert_eq!(shown(&row.when.when), ["Kind=I|E&State=*"]);
    assert_eq!(shown(&row.when.unless), ["Event=A05", "Event=A14"]);
    let [number, name] = &row.fields[..] else {
        panic!("two fields");
    };
    assert_eq!(number.first.as_ref().map(|first| &*first.text), Some("Id"));
    assert_eq!(shown(&number.when.when), ["By/Name=NHS"]);
    assert!(name.identifies_nobody && !number.identifies_nobody);
    let [concluded] = &mapping.concluded[..] else {
        panic!("one conclusion");
    };
    assert_eq!(concluded.entity.name, "activity_record");
    assert_eq!((concluded.has.len(), concluded.lacks.len()), (2, 1));
    assert_eq!(
        concluded.has[1].field.map(|field| field.name),
        Some("discharge_date_hospital_provider_spell")
    );
    assert_eq!(&*concluded.set[0].value, "130");
}

#[test]
fn conditions_that_say_nothing_are_told() {
    let wrong = |said: &str| {
        let text = format!(
            "[[row]]\nentity = \"person\"\nat = \"record\"\n{said}\n[row.fields]\nnhs_number = \"N\"\n"
        );
        let files = [("thing/1/mapping.toml", &*text)];
        Mapping::load(&source(&files), "thing/1")
            .expect_err("it is wrong")
            .to_string()
    };
    for (said, expected) in [
        ("when = {}", "`when` must name an element and its values"),
        ("when = { Kind = [] }", "`Kind` must say a value"),
        (
            "unless = { Kind = 3 }",
            "`Kind` must be text or a list of texts",
        ),
        ("when = \"Kind\"", "`when` must be a table"),
        (
            "when = { \"a//b\" = \"x\" }",
            "`a//b` is not a reference to an element",
        ),
    ] {
        let told = wrong(said);
        assert!(told.contains(expected), "{said}: {told}");
    }
    let concluded = "[[concluded]]\nentity = \"persons\"\nset = { role = \"x\" }\n";
    let files = [("thing/1/mapping.toml", concluded)];
    let told = Mapping::load(&source(&files), "thing/1").expect_err("it is wrong");
    assert!(told.to_string().contains("persons"), "{told}");
}
