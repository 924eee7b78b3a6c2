//! The Data Dictionary's elements and code meanings, from the reference folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Failed, letters, rows};

/// What the dictionary says of an element.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) format: String,
    attributes: Vec<String>,
}

pub(super) struct Dictionary {
    /// By the letters of the name.
    elements: BTreeMap<String, Entry>,
    /// Meanings by owner and code.
    meanings: BTreeMap<String, BTreeMap<String, String>>,
}

impl Dictionary {
    pub(super) fn read(reference: &Path) -> Result<Self, Failed> {
        let mut elements = BTreeMap::new();
        for row in rows(&reference.join("dictionary/elements.csv"))? {
            let key = row["element_key"].trim_start_matches("element_").to_owned();
            let format = tidy_format(&row["format_length"]);
            let attributes = row["attribute_keys"]
                .split([';', ' ', '|'])
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect();
            elements.insert(
                letters(&key),
                Entry {
                    key,
                    format,
                    attributes,
                },
            );
        }
        let mut meanings: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for row in rows(&reference.join("dictionary/codes.csv"))? {
            let owner = meanings.entry(row["owner_key"].clone()).or_default();
            owner
                .entry(row["code"].clone())
                .or_insert_with(|| row["description"].clone());
        }
        Ok(Self { elements, meanings })
    }

    pub(super) fn element(&self, name: &str) -> Option<&Entry> {
        self.elements.get(&letters(name))
    }

    /// The meanings that an owner (`attribute_…`, `element_…`) states.
    pub(super) fn owned(&self, owner: &str) -> Option<&BTreeMap<String, String>> {
        self.meanings.get(owner)
    }

    /// The meanings that belong to an element: its own, then those of its attribute.
    pub(super) fn meanings(&self, name: &str) -> Vec<(String, &BTreeMap<String, String>)> {
        let Some(entry) = self.element(name) else {
            return Vec::new();
        };
        let own = format!("element_{}", entry.key);
        std::iter::once(&own)
            .chain(&entry.attributes)
            .filter_map(|owner| Some((owner.clone(), self.meanings.get(owner)?)))
            .collect()
    }
}

/// A dictionary key as the dictionary prints the name: `a__b_` is `A (B)`.
pub(super) fn printed(key: &str) -> String {
    let stem = key.trim_end_matches('_');
    let name = stem.replace("__", " (").replace('_', " ").to_uppercase();
    let open = name.matches('(').count();
    format!("{name}{}", ")".repeat(open))
}

/// Notation as the loader reads it: `max an 4000` is `max an4000`.
pub(super) fn tidy_format(format: &str) -> String {
    let words: Vec<&str> = format.split_whitespace().collect();
    let mut tidy: Vec<String> = Vec::new();
    for word in words {
        match tidy.last_mut() {
            Some(last)
                if matches!(last.as_str(), "an" | "n" | "a")
                    && word.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                last.push_str(word);
            }
            _ => tidy.push(word.to_owned()),
        }
    }
    tidy.join(" ")
}
