//! The handbook's page about settings says what is true.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use concord_settings::Settings;
use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/settings.md");
const FEEDS: &str = include_str!("../../../docs/feeds.md");

fn examples() -> Vec<&'static str> {
    let blocks = PAGE.split("```toml\n").skip(1);
    let blocks = blocks.chain(FEEDS.split("```toml\n").skip(1));
    blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn every_example_can_be_read() {
    assert!(examples().len() >= 4);
    for example in examples() {
        Settings::read(example).unwrap_or_else(|errors| panic!("{errors}:\n{example}"));
    }
}

#[test]
fn the_whole_example_has_every_key() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/meta/settings.schema.json")).unwrap();
    let example: toml::Table = toml::from_str(examples()[0]).unwrap();
    for (table, entry) in schema["properties"].as_object().unwrap() {
        let said = &example[table];
        let (said, entry) = match said.as_array() {
            Some(list) => (&list[0], &entry["items"]),
            None => (said, entry),
        };
        let known = entry["properties"].as_object();
        for key in known.into_iter().flatten().map(|(key, _)| key) {
            assert!(
                said.get(key).is_some(),
                "the page does not show `{table}.{key}`"
            );
        }
    }
}
