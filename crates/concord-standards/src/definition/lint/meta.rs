//! The files against their JSON Schemas: those that editors complete from say no other than what is read.

use serde_json::Value;

use super::Linting;
use crate::definition::problem::Severity;

const SCHEMAS: [(&str, &str); 3] = [
    (
        "standard.toml",
        include_str!("../../../../../schemas/meta/standard.schema.json"),
    ),
    (
        "structure.toml",
        include_str!("../../../../../schemas/meta/structure.schema.json"),
    ),
    (
        "rules.toml",
        include_str!("../../../../../schemas/meta/rules.schema.json"),
    ),
];

/// Errors told for one file: the first ones say what is wrong.
const MOST_ERRORS: usize = 5;

pub(super) fn check(linting: &mut Linting<'_>) {
    for (name, schema) in SCHEMAS {
        let Some(validator) = validator(schema) else {
            continue;
        };
        let files: Vec<_> = linting
            .texts
            .values()
            .filter(|text| text.name.rsplit('/').next() == Some(name))
            .filter_map(|text| {
                let table: toml::Table = text.content.parse().ok()?;
                Some((text.name.clone(), serde_json::to_value(table).ok()?))
            })
            .collect();
        for (file, value) in files {
            for error in validator.iter_errors(&value).take(MOST_ERRORS) {
                let message = format!("{}: {}", error.instance_path(), error.masked());
                let Some(text) = linting.texts.get(&file) else {
                    continue;
                };
                let help = format!(
                    "schemas/meta/{} says so",
                    name.replace(".toml", ".schema.json")
                );
                let problem = text.problem(Severity::Error, 0..0, message, Some(help));
                linting.problems.push(problem);
            }
        }
    }
}

fn validator(schema: &str) -> Option<jsonschema::Validator> {
    let schema: Value = serde_json::from_str(schema).ok()?;
    jsonschema::validator_for(&schema).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_schemas_are_json_schemas() {
        for (name, schema) in SCHEMAS {
            let schema: Value = serde_json::from_str(schema).expect("JSON");
            assert!(jsonschema::meta::is_valid(&schema), "{name}");
            assert!(jsonschema::validator_for(&schema).is_ok(), "{name}");
        }
    }
}
