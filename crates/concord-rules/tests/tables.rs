//! The rules of every tabular standard in the repository, on their own examples.

mod support;

use concord_rules::Compiler;

use support::{definition, schemas};

#[test]
fn rules_of_tabular_standards_do_as_their_examples_say() {
    let mut folders: Vec<String> = Vec::new();
    for standard in std::fs::read_dir(schemas()).expect("a folder") {
        let standard = standard.expect("an entry").path();
        let Ok(versions) = std::fs::read_dir(&standard) else {
            continue;
        };
        for version in versions {
            let version = version.expect("an entry").path();
            if version.join("fields.csv").exists() {
                let folder = version.strip_prefix(schemas()).expect("a folder inside");
                folders.push(folder.to_string_lossy().into_owned());
            }
        }
    }
    folders.sort();
    assert!(!folders.is_empty());
    let mut wrong: Vec<String> = Vec::new();
    for folder in folders {
        let definition = definition(&folder);
        if definition.messages.is_some() || definition.submission.is_some() {
            // What stands in the segments of messages, and the columns of many tables, are written in a file of that name too.
            continue;
        }
        assert!(definition.layout.is_some(), "{folder}");
        let compiler = Compiler::new(&definition);
        if let Err(errors) = compiler.compile(&definition.rules) {
            wrong.extend(
                errors
                    .iter()
                    .map(|error| format!("{folder} {error}: `{}` {:?}", error.text, error.help)),
            );
        }
        for outcome in compiler.run_examples(&definition.rules) {
            if let Some(problem) = outcome.problem {
                let place = outcome.origin;
                wrong.push(format!("{folder} {} {place:?}: {problem}", outcome.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
