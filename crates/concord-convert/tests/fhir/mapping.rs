//! The mapping as a file: errors point at their lines, and what is shipped names what is published.

use std::collections::BTreeMap;

use concord_convert::fhir::FhirMapping;

use crate::oracle::Oracle;
use crate::support::shipped;

fn with(change: (&str, &str)) -> String {
    let mut files = shipped();
    let path = "fhir/r4-uk-core/mapping.toml";
    let text = files[path].clone();
    assert!(text.contains(change.0), "{}", change.0);
    let changed = text.replacen(change.0, change.1, 1);
    files.insert(path.to_owned(), changed);
    FhirMapping::load(&files, "fhir/r4-uk-core")
        .unwrap_err()
        .to_string()
}

#[test]
fn errors_point_at_their_lines() {
    let cases = [
        (
            (
                "person_birth_date = \"birthDate\"",
                "person_birth_date = \"birth Date\"",
            ),
            "`person_birth_date`",
            "cannot stand here",
        ),
        (
            ("person_birth_date =", "person_birthday ="),
            "",
            "person has no field `person_birthday`",
        ),
        (
            ("refers = \"organisation\"", "refers = \"nobody\""),
            "",
            "there is no target `nobody`",
        ),
        (
            ("maps/fhir-gender.csv", "maps/none.csv"),
            "",
            "the code map maps/none.csv cannot be used",
        ),
        (
            ("partOf = \"spell\"", "partOf = \"stay\""),
            "",
            "there is no resource `stay`",
        ),
        (
            ("part = \"time\"", "part = \"day\""),
            "",
            "`part` is \"time\"",
        ),
        (
            ("from = \"person\"", "from = \"persons\""),
            "",
            "there is no entity `persons`",
        ),
        (
            ("at = \"location[]\"", "at = \"location\""),
            "",
            "this is no list",
        ),
        (
            ("->place.identifier", "->plaice.identifier"),
            "",
            "there is no target `plaice`",
        ),
        (
            ("standard = ", "standing = "),
            "",
            "unknown field `standing`",
        ),
    ];
    for (change, _, message) in cases {
        let told = with(change);
        assert!(told.contains(message), "{change:?}: {told}");
        let line = told.split(':').nth(1).unwrap();
        let number: usize = line.parse().unwrap_or(0);
        let text = shipped()["fhir/r4-uk-core/mapping.toml"].replacen(change.0, change.1, 1);
        let shown = text.lines().nth(number - 1).unwrap();
        let changed = change.1.lines().next().unwrap();
        assert!(shown.contains(changed), "{told} points at: {shown}");
    }
}

#[test]
fn a_place_is_wrong_at_its_character() {
    let told = with((
        "person_birth_date = \"birthDate\"",
        "person_birth_date = \"birth Date\"",
    ));
    assert!(told.contains(":27: error:"), "{told}");
}

#[test]
fn without_a_file_there_is_an_error() {
    let errors = FhirMapping::load(&BTreeMap::new(), "fhir/none").unwrap_err();
    assert!(
        errors.to_string().contains("fhir/none/mapping.toml"),
        "{errors}"
    );
}

#[test]
fn the_file_is_of_its_schema() {
    let files = shipped();
    let schema: serde_json::Value =
        serde_json::from_str(&files["meta/fhir-mapping.schema.json"]).unwrap();
    let mapping: serde_json::Value =
        toml::from_str(&files["fhir/r4-uk-core/mapping.toml"]).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&mapping)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// Profiles, extensions and code systems of UK Core that the mapping and its code maps name are in the published package.
#[test]
fn what_is_named_is_published() {
    let Some(oracle) = Oracle::open() else {
        return;
    };
    let files = shipped();
    let texts = files
        .iter()
        .filter(|(path, _)| path.starts_with("fhir/r4-uk-core/") || path.starts_with("maps/fhir-"));
    let mut seen = 0;
    for (path, text) in texts {
        for start in [
            "https://fhir.hl7.org.uk/StructureDefinition/",
            "https://fhir.hl7.org.uk/CodeSystem/UKCore-",
        ] {
            for (at, _) in text.match_indices(start) {
                let end =
                    text[at..].find(|c: char| !(c.is_ascii_alphanumeric() || ":/.-".contains(c)));
                let url = &text[at..end.map_or(text.len(), |end| at + end)];
                assert!(oracle.knows(url), "{path}: {url}");
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}
