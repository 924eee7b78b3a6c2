//! `concord standards codes`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use concord_standards::definition::{CodeList, StandardInfo};
use concord_standards::registry::Registry;

use crate::failure::Failure;
use crate::standards::table;

pub(super) fn codes(
    registry: &Registry,
    name: Option<&str>,
    code: Option<&str>,
) -> Result<String, Failure> {
    let lists = lists(registry)?;
    let Some(name) = name else {
        let rows: Vec<_> = lists
            .values()
            .map(|(list, users)| {
                [
                    list.id.to_string(),
                    list.codes.len().to_string(),
                    users.join(", "),
                ]
            })
            .collect();
        return Ok(table(["code list", "codes", "used by"], &rows));
    };
    let (list, users) = lists.get(name).ok_or_else(|| {
        Failure::usage(
            format!("there is no code list `{name}`"),
            "`concord standards codes` shows every code list",
        )
    })?;
    let shown: Vec<_> = list
        .codes
        .iter()
        .filter(|known| code.is_none_or(|code| &*known.code == code))
        .collect();
    if let (Some(code), []) = (code, &shown[..]) {
        return Err(Failure::usage(
            format!("`{code}` is not on the code list {name}"),
            format!("`concord standards codes {name}` shows every code on it"),
        ));
    }
    let rows: Vec<_> = shown
        .iter()
        .map(|code| {
            [
                code.code.to_string(),
                code.valid_from.to_string(),
                code.valid_to.to_string(),
                meaning(&code.meaning),
            ]
        })
        .collect();
    let mut text = table(["code", "from", "to", "meaning"], &rows);
    // Writing to a `String` does not fail.
    let _ = writeln!(text, "\n{name}, used by {}", users.join(", "));
    let mut sources: Vec<&str> = shown.iter().map(|code| &*code.source).collect();
    sources.sort_unstable();
    sources.dedup();
    for source in sources.into_iter().filter(|source| !source.is_empty()) {
        let _ = writeln!(text, "from: {source}");
    }
    Ok(text)
}

/// What a code means; that it is permitted is known even where its meaning is not.
fn meaning(published: &str) -> String {
    match published {
        "" => "(meaning not found in the published sources)".to_owned(),
        meaning => meaning.to_owned(),
    }
}

/// Every code list that a standard uses, and which standards do.
type Lists = BTreeMap<Arc<str>, (Arc<CodeList>, Vec<String>)>;

fn lists(registry: &Registry) -> Result<Lists, Failure> {
    let mut lists = Lists::new();
    for name in registry.list().iter().map(StandardInfo::name) {
        for (id, list) in registry.load(&name)?.code_lists {
            lists
                .entry(id)
                .or_insert_with(|| (list, Vec::new()))
                .1
                .push(name.clone());
        }
    }
    Ok(lists)
}
