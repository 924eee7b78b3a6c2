//! Every simple type of the official schemas compiles, and behaves as the specification's prose says.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use concord_standards::schema::SimpleTypeId;
use concord_standards::value::ValueChecker;
use concord_standards::xsd;

#[test]
fn all_simple_types_of_the_commissioning_data_set_compile() {
    let reference = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../../shared/reference"
            ))
        },
        PathBuf::from,
    );
    for version in ["V6-2-2", "V6-2-3", "V6-3-1"] {
        let folder = reference.join("cds/xsd").join(version);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            eprintln!("SKIPPED: {} is not there", folder.display());
            continue;
        };
        let files: BTreeMap<String, String> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "xsd"))
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).unwrap())
            })
            .collect();
        let root = files
            .keys()
            .find(|name| name.contains("Root") || name.contains("Interchange"))
            .cloned();
        let root = root.unwrap_or_else(|| panic!("no root schema among {:?}", files.keys()));
        let schema = xsd::import(&files, &root).unwrap();
        let mut checkers = BTreeMap::new();
        for (index, simple_type) in schema.simple_types.iter().enumerate() {
            let checker = ValueChecker::compile(&schema, SimpleTypeId(index as u32)).unwrap();
            if let Some(name) = &simple_type.name {
                checkers.insert(name.local.to_string(), checker);
            }
        }
        assert!(
            checkers.len() > 200,
            "{version} has {} named simple types",
            checkers.len()
        );
        let valid = |name: &str, text: &str| checkers[name].check(text).is_ok();
        assert!(
            valid("Time_Type", "07:30:00")
                && !valid("Time_Type", "7:30:00")
                && !valid("Time_Type", "07:30:00Z")
        );
        assert!(
            valid("Date_Type", "1900-01-01")
                && !valid("Date_Type", "1899-12-31")
                && !valid("Date_Type", "1900-01-01Z")
        );
        assert!(valid("Date_Type", " 2023-05-02\n") && valid("Date_Type", "2023-05-02Z"));
    }
}
