//! Code lists: the codes of all versions with what they mean.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use concord_standards::definition::{Code, CodeList};
use concord_standards::schema::Schema;

use super::dictionary::{Dictionary, printed};
use super::names::{NameTable, version_of};
use super::{Failed, letters, rows};

/// Longest meaning that is stated.
const LONGEST: usize = 90;

/// Meanings that follow from what a code is, or are facts of the message itself.
const OWN: &[(&str, &str, &str)] = &[
    ("yes-no", "Y", "Yes"),
    ("yes-no", "N", "No"),
    (
        "cds-message-type",
        "NHSCDS",
        "Commissioning Data Set message",
    ),
    ("cds-message-version-number", "CDS062", "CDS version 6-2"),
    ("cds-message-version-number", "CDS063", "CDS version 6-3"),
];

/// Places to look first, for lists whose own name leads nowhere or to an earlier edition: owners of meanings in the
/// dictionary, and names of the reference's code files.
const FIRST: &[(&str, &str)] = &[
    ("source-of-admission", "admission_source_cds63_PARTIAL"),
    ("discharge-destination", "destination_of_discharge_cds63"),
    ("critical-care-level", "attribute_critical_care_level"),
    ("organ-system-supported", "attribute_organ_system_supported"),
    (
        "multi-professional-or-multi-disciplinary-indication",
        "multi_professional_or_multi_disciplinary_indication_code_payment_by_results",
    ),
    ("person-phenotypic-sex", "element_person_phenotypic_sex"),
    ("person-stated-gender", "element_person_stated_gender_code"),
];

/// Meanings in our own short words, where the dictionary has a sentence.
const SHORT: &str = include_str!("meanings.csv");

/// A place where meanings stand.
struct Meanings {
    source: String,
    by_code: BTreeMap<String, Meaning>,
}

#[derive(Clone, Default)]
struct Meaning {
    text: String,
    valid_from: String,
    valid_to: String,
}

pub(super) fn lists(
    schemas: &[&Schema],
    dictionary: &Dictionary,
    names: &NameTable,
    reference: &Path,
    notes: &mut Vec<String>,
) -> Result<Vec<CodeList>, Failed> {
    let mut codes: BTreeMap<Arc<str>, Vec<Vec<String>>> = BTreeMap::new();
    let mut versions: BTreeMap<(Arc<str>, String), BTreeSet<String>> = BTreeMap::new();
    let mut users: BTreeMap<Arc<str>, BTreeSet<String>> = BTreeMap::new();
    for schema in schemas {
        let version = version_of(schema);
        for simple in &schema.simple_types {
            let (Some(list), Some(facets)) = (&simple.code_list, simple.steps.last()) else {
                continue;
            };
            codes
                .entry(Arc::clone(list))
                .or_default()
                .push(facets.enumeration.clone());
            for code in &facets.enumeration {
                let place = versions
                    .entry((Arc::clone(list), code.clone()))
                    .or_default();
                place.insert(version.clone());
            }
        }
        for element in &schema.elements {
            let list = schema
                .text_type(element.content)
                .and_then(|value| schema.simple_type(value).code_list.clone());
            if let Some(list) = list {
                let users = users.entry(list).or_default();
                users.insert(element.name.local.to_string());
                users.extend(names.name(&element.name.local).map(str::to_owned));
            }
        }
    }
    let files = files(reference)?;
    let ours = ours()?;
    let mut lists = Vec::new();
    for (id, enumerations) in codes {
        let users = users.remove(&id).unwrap_or_default();
        let sources = sources(&id, &users, dictionary, &files);
        let order = merged(enumerations);
        let mut list = CodeList {
            id: Arc::clone(&id),
            codes: Vec::new(),
        };
        for code in order {
            let yes_or_no = if id.ends_with("-indicator") || id.contains("-indicator-at-") {
                "yes-no"
            } else {
                &*id
            };
            let own = OWN
                .iter()
                .find(|(list, own, _)| *list == yes_or_no && *own == code);
            let found = sources
                .iter()
                .find_map(|meanings| Some((&meanings.source, meanings.by_code.get(&code)?)));
            let place = &versions[&(Arc::clone(&id), code.clone())];
            let versions: Vec<&str> = place.iter().map(String::as_str).collect();
            let schemas = format!("CDS {} XML schema", versions.join(", "));
            let number = (*id == *"gestation-length")
                .then(|| code.parse::<u8>().ok())
                .flatten();
            let (meaning, source) = match (own, found, number) {
                (Some((_, _, text)), _, _) => (
                    Meaning {
                        text: (*text).to_owned(),
                        ..Meaning::default()
                    },
                    schemas,
                ),
                (None, Some((source, meaning)), _) => (meaning.clone(), source.clone()),
                (None, None, Some(weeks)) if weeks < 99 => (
                    Meaning {
                        text: format!("{weeks} weeks"),
                        ..Meaning::default()
                    },
                    schemas,
                ),
                (None, None, _) => {
                    notes.push(format!("{id}: no meaning for {code}"));
                    (Meaning::default(), format!("{schemas}; meaning not found"))
                }
            };
            let words = ours.get(&(id.to_string(), code.clone()));
            list.codes.push(Code {
                code: code.into(),
                meaning: words
                    .cloned()
                    .unwrap_or_else(|| short(&meaning.text))
                    .into(),
                valid_from: meaning.valid_from.into(),
                valid_to: meaning.valid_to.into(),
                source: source.into(),
                line: 0,
            });
        }
        lists.push(list);
    }
    Ok(lists)
}

fn ours() -> Result<BTreeMap<(String, String), String>, Failed> {
    let mut ours = BTreeMap::new();
    for row in csv::Reader::from_reader(SHORT.as_bytes()).into_deserialize() {
        let (list, code, meaning): (String, String, String) = row?;
        ours.insert((list, code), meaning);
    }
    Ok(ours)
}

/// Where the meanings of a list are looked for, the best place first: the one that knows most, by name.
fn sources(
    id: &str,
    users: &BTreeSet<String>,
    dictionary: &Dictionary,
    files: &BTreeMap<String, Meanings>,
) -> Vec<Meanings> {
    let mut found = Vec::new();
    for (_, place) in FIRST.iter().filter(|(list, _)| *list == id) {
        if let Some(file) = files.get(&stem(place)) {
            found.push(Meanings {
                source: file.source.clone(),
                by_code: file.by_code.clone(),
            });
        }
        found.extend(
            dictionary
                .owned(place)
                .map(|meanings| of_owner(place, meanings)),
        );
    }
    let mut wanted: Vec<String> = vec![id.to_owned(), format!("{id}-code")];
    wanted.extend(users.iter().cloned());
    for name in &wanted {
        for (owner, meanings) in dictionary.meanings(name) {
            found.push(of_owner(&owner, meanings));
        }
        if let Some(file) = files.get(&stem(name)) {
            found.push(Meanings {
                source: file.source.clone(),
                by_code: file.by_code.clone(),
            });
        }
    }
    found
}

/// The meanings of an element or attribute of the dictionary.
fn of_owner(owner: &str, meanings: &BTreeMap<String, String>) -> Meanings {
    let key = owner
        .trim_start_matches("element_")
        .trim_start_matches("attribute_");
    let by_code = meanings.iter().map(|(code, text)| {
        let text = text.clone();
        (
            code.clone(),
            Meaning {
                text,
                ..Meaning::default()
            },
        )
    });
    Meanings {
        source: format!("NHS Data Dictionary: {}", printed(key)),
        by_code: by_code.collect(),
    }
}

/// The letters of a name, without what the same list is called with or without.
fn stem(name: &str) -> String {
    letters(name)
        .trim_end_matches("commissioningdataset")
        .trim_end_matches("hospitalproviderspell")
        .trim_end_matches("code")
        .to_owned()
}

/// The reference's own code files, by the letters of their names.
fn files(reference: &Path) -> Result<BTreeMap<String, Meanings>, Failed> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(reference.join("codes"))? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let mut by_code = BTreeMap::new();
        for row in rows(&path)? {
            let (Some(code), Some(text)) = (row.get("code"), row.get("description")) else {
                continue;
            };
            let day = |column: &str| row.get(column).cloned().unwrap_or_default();
            let meaning = Meaning {
                text: text.clone(),
                valid_from: day("valid_from"),
                valid_to: day("valid_to"),
            };
            by_code.entry(code.clone()).or_insert(meaning);
        }
        let name_there = name.trim_end_matches("_PARTIAL").trim_end_matches("_cds63");
        let source = format!("NHS Data Dictionary: {}", printed(name_there));
        files.insert(stem(name), Meanings { source, by_code });
    }
    Ok(files)
}

/// All codes, keeping the order of each enumeration as far as they agree: the longest first, others where they belong.
fn merged(mut enumerations: Vec<Vec<String>>) -> Vec<String> {
    enumerations.sort_by_key(|codes| std::cmp::Reverse(codes.len()));
    let mut all: Vec<String> = Vec::new();
    for codes in enumerations {
        // Codes that follow none of those known stand after all of them.
        let mut after = all.len();
        for code in codes {
            let known = all.iter().position(|known| *known == code);
            let at = known.unwrap_or(after);
            if known.is_none() {
                all.insert(at, code);
            }
            after = at + 1;
        }
    }
    all
}

/// A meaning in few words: what stands before a bracket, an explanation or a full stop, cut between words.
fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short = text.as_str();
    if short.len() > 60 {
        for stop in [
            ". ",
            " (",
            "; ",
            ", including ",
            ", one who ",
            " - to be used",
            ", one for whom ",
        ] {
            if let Some((before, _)) = short.split_once(stop)
                && before.len() >= 8
            {
                short = before;
            }
        }
    }
    for start in [
        "To indicate a ",
        "To indicate an ",
        "To indicate the ",
        "To indicate ",
    ] {
        short = short.strip_prefix(start).unwrap_or(short);
    }
    let mut short = short.trim_end_matches(['.', ':', ',', ' ']).to_owned();
    if short.chars().count() > LONGEST {
        let cut: String = short.chars().take(LONGEST).collect();
        let end = cut.rfind(' ').unwrap_or(cut.len());
        short = format!("{}…", cut[..end].trim_end_matches([',', ';']));
    }
    short
}
