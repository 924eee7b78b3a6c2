//! The mapping as a file: errors point at their lines, and what is shipped names what is published.

use std::collections::BTreeMap;

use concord_convert::fhir::FhirMapping;

use crate::support::shipped;

fn with(change: (&str, &str)) -> String {
    let mut files = shipped();
    let path = "fhir/r4-uk-core/mapping.toml";
    let text = files[path].clone();
    assert!(text.contains(change.0), "{}", change.0);
    let changed = text.replacen(change.0, change.1, 1);
    files.insert(path.to_owned(), changed);
    FhirMapping::load(&files, "fhir/r4-uk-core").unwrap_err().to_string()
}

#[test]
fn errors_point_at_their_lines() {
    let cases = [
        (("person_birth_date = \"birthDate\"", "person_birth_date = \"birth Date\""), "`person_birth_date`", "cannot stand here"),
        (("person_birth_date =", "person_birthday ="), "", "person has no field `person_birthday`"),
        (("refers = \"organisation\"", "refers = \"nobody\""), "", "there is no target `nobody`"),
        (("maps/fhir-gender.csv", "maps/none.csv"), "", "the code map maps/none.csv cannot be used"),
        (("partOf = \"spell\"", "partOf = \"stay\""), "", "there is no resource `stay`"),
        (("part = \"time\"", "part = \"day\""), "", "`part` is \"time\""),
        (("from = \"person\"", "from = \"persons\""), "", "there is no entity `persons`"),
        (("at = \"location[]\"", "at = \"location\""), "", "this is no list"),
        (("->place.identifier", "->plaice.identifier"), "", "there is no target `plaice`"),
        (("standard = ", "standing = "), "", "unknown field `standing`"),
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
    let told = with(("person_birth_date = \"birthDate\"", "person_birth_date = \"birth Date\""));
    assert!(told.contains(":27: error:"), "{told}");
}

#[test]
fn without_a_file_there_is_an_error() {
    let errors = FhirMapping::load(&BTreeMap::new(), "fhir/none").unwrap_err();
    assert!(errors.to_string().contains("fhir/none/mapping.toml"), "{errors}");
}
