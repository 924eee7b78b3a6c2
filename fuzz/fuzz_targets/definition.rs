//! Any bytes as a standard's definition: problems or a definition, in bounded memory and time, and no panic.
//!
//! Files are separated by form feeds and stand in the order of `FILES`.
#![no_main]

use std::collections::BTreeMap;

use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 5] = [
    "test/1/structure.toml",
    "test/1/standard.toml",
    "test/1/rules.toml",
    "codes/code.csv",
    "elements.csv",
];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let files: BTreeMap<String, String> = FILES
        .iter()
        .zip(text.split('\u{c}'))
        .map(|(name, text)| ((*name).to_owned(), text.to_owned()))
        .collect();
    if let Ok(definition) = Definition::load(&files, "test/1") {
        let _ = CompiledSchema::compile(definition.schema.into());
    }
});
