//! The official XSDs of two versions of CDS type 011 compared, held against what a plain walk over the tags of the same files
//! finds. The walk knows nothing of this crate: it takes the tags with a dozen lines of code and follows names.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_gate::change::Comparison;
use concord_gate::subject::{Subject, SubjectKind};
use concord_standards::xsd;
use support::{compared, files_below, lines, load, reference, shipped};

/// A tag, with what stands in it.
#[derive(Debug, Clone, Default)]
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    inner: Vec<Tag>,
}

impl Tag {
    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// The tags of a text without comments.
fn tags(text: &str) -> Tag {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        plain.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let mut open = vec![Tag::default()];
    for piece in plain.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("tags end");
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            let done = open.pop().expect("was opened");
            open.last_mut().expect("the document").inner.push(done);
            continue;
        }
        let (name, said) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut found = Tag {
            name: name
                .trim_end_matches('/')
                .trim_start_matches("xs:")
                .to_owned(),
            ..Tag::default()
        };
        let mut quoted = said.split('"');
        while let (Some(name), Some(value)) = (quoted.next(), quoted.next()) {
            let name = name.trim().trim_end_matches('=').trim().to_owned();
            found.attributes.insert(name, value.to_owned());
        }
        if tag.ends_with('/') {
            open.last_mut().expect("the document").inner.push(found);
        } else {
            open.push(found);
        }
    }
    open.pop().expect("the document")
}

/// What a version says, by following names from the root.
#[derive(Default)]
struct Version {
    types: BTreeMap<String, Tag>,
    /// Elements by the types and elements that they stand in: occurrence and type.
    elements: BTreeMap<(String, String), (String, String)>,
    /// Attributes likewise: use, fixed value and type.
    attributes: BTreeMap<(String, String), (String, String)>,
    walked: BTreeSet<String>,
}

impl Version {
    fn read(folder: &Path) -> Self {
        let mut version = Self::default();
        let mut root = None;
        for text in files_below(folder).values() {
            for tag in &tags(text).inner[0].inner {
                match tag.name.as_str() {
                    "simpleType" | "complexType" => {
                        version
                            .types
                            .insert(tag.get("name").to_owned(), tag.clone());
                    }
                    "element" => root = Some(tag.clone()),
                    _ => {}
                }
            }
        }
        version.element("", &root.expect("a root"));
        version
    }

    fn element(&mut self, within: &str, tag: &Tag) {
        let name = tag.get("name").to_owned();
        let local = tag.get("type").trim_start_matches("ns:").to_owned();
        let or_one = |text: &str| {
            if text.is_empty() {
                "1".to_owned()
            } else {
                text.to_owned()
            }
        };
        let occurs = format!(
            "{}..{}",
            or_one(tag.get("minOccurs")),
            or_one(tag.get("maxOccurs"))
        );
        let here = format!("{within}/{name}");
        self.elements
            .insert((within.to_owned(), name), (occurs, local.clone()));
        if local.is_empty() {
            self.below(&here, tag);
        } else {
            self.named(&local);
        }
    }

    /// A named type is a context of its own, looked into once.
    fn named(&mut self, name: &str) {
        if let Some(tag) = self.types.get(name).cloned()
            && self.walked.insert(name.to_owned())
        {
            self.below(name, &tag);
        }
    }

    fn below(&mut self, within: &str, tag: &Tag) {
        for inner in &tag.inner {
            match inner.name.as_str() {
                "element" => self.element(within, inner),
                "attribute" => {
                    let local = inner.get("type").trim_start_matches("ns:").to_owned();
                    let said = format!("{} {}", inner.get("use"), inner.get("fixed"));
                    let key = (within.to_owned(), inner.get("name").to_owned());
                    self.attributes.insert(key, (said, local.clone()));
                    self.named(&local);
                }
                "extension" | "restriction" => {
                    let base = inner.get("base").trim_start_matches("ns:").to_owned();
                    self.named(&base);
                    self.below(within, inner);
                }
                _ => self.below(within, inner),
            }
        }
    }

    /// What a simple type asks for, its bases included: facets and values.
    fn asks(&self, name: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut next = name.to_owned();
        while let Some(tag) = self.types.get(&next) {
            let restriction = tag.inner.iter().find(|inner| inner.name == "restriction");
            let Some(restriction) = restriction else {
                break;
            };
            let mut values = BTreeSet::new();
            for facet in &restriction.inner {
                if facet.name == "enumeration" {
                    values.insert(facet.get("value").to_owned());
                } else if facet.name != "annotation" {
                    all.insert(format!("{} {}", facet.name, facet.get("value")));
                }
            }
            if !values.is_empty() && !all.iter().any(|said| said.starts_with("values")) {
                all.insert(format!("values {values:?}"));
            }
            next = restriction.get("base").trim_start_matches("ns:").to_owned();
        }
        all.insert(format!(
            "base {}",
            if next.starts_with("xs:") { &next } else { name }
        ));
        all
    }
}

fn names<'n>(keys: impl Iterator<Item = &'n (String, String)>) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for (_, name) in keys {
        *all.entry(name.clone()).or_default() += 1;
    }
    all
}

/// Names of elements, with how many changes say so.
fn told(comparison: &Comparison, sides: &[(&str, bool)]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for change in &comparison.changes {
        for (rule, old) in sides {
            if &*change.rule.id == *rule {
                let renamed = matches!(*rule, "ELEMENT-RENAMED" | "ELEMENT-MOVED-GROUP");
                let place = match (renamed, old) {
                    (true, true) => change.old.clone().expect("said"),
                    (true, false) => change.new.clone().expect("said"),
                    _ => change.place.to_string(),
                };
                let name = place.rsplit('/').next().expect("a name").to_owned();
                *all.entry(name).or_default() += 1;
            }
        }
    }
    all
}

fn official(folder: &Path, version: &str) -> Subject {
    let schema = xsd::import(
        &files_below(folder),
        &format!("CDS-XML_Message_Root-{version}.xsd"),
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    let mut subject = support::standard(&[("structure.toml", "")]);
    version.clone_into(&mut subject.name);
    subject.kind = SubjectKind::Xsd;
    subject.definition.schema = schema;
    subject
}

#[test]
fn every_difference_of_the_files_is_told_and_none_besides() {
    let Some(folder) = reference("cds/xsd") else {
        return;
    };
    let folders = ["V6-2-2", "V6-2-3"].map(|version| folder.join(version));
    let (old, new) = (Version::read(&folders[0]), Version::read(&folders[1]));
    let comparison = compared(
        &official(&folders[0], "V6-2-2"),
        &official(&folders[1], "V6-2-3"),
    );
    let shown = lines(&comparison);

    // Elements that came and went, in contexts that both versions have.
    let contexts = |version: &Version| -> BTreeSet<String> {
        version
            .elements
            .keys()
            .map(|(within, _)| within.clone())
            .collect()
    };
    let (mine, theirs) = (contexts(&old), contexts(&new));
    let alone = |one: &Version, other: &Version| {
        let keys = one.elements.keys().filter(|key| {
            !other.elements.contains_key(*key) && mine.contains(&key.0) && theirs.contains(&key.0)
        });
        names(keys)
    };
    let added = [
        ("ELEMENT-ADDED", false),
        ("ELEMENT-ADDED-MANDATORY", false),
        ("ELEMENT-RENAMED", false),
        ("ELEMENT-MOVED-GROUP", false),
    ];
    let removed = [
        ("ELEMENT-REMOVED", true),
        ("ELEMENT-RENAMED", true),
        ("ELEMENT-MOVED-GROUP", true),
    ];
    let (come, gone) = (alone(&new, &old), alone(&old, &new));
    assert!(come.len() > 10 && gone.len() > 5, "{come:?} {gone:?}");
    assert_eq!(told(&comparison, &added), come, "{shown:#?}");
    assert_eq!(told(&comparison, &removed), gone, "{shown:#?}");

    // How often elements may stand, in both.
    let shared = old
        .elements
        .iter()
        .filter_map(|(key, before)| Some((key, before, new.elements.get(key)?)));
    let occurs: Vec<_> = shared
        .clone()
        .filter(|(_, before, now)| before.0 != now.0)
        .collect();
    assert!(occurs.is_empty(), "{occurs:?}");
    let occurrence = [
        "OCCURRENCE-NARROWED",
        "OCCURRENCE-WIDENED",
        "ELEMENT-MADE-MANDATORY",
        "ELEMENT-MADE-OPTIONAL",
    ];
    assert!(
        told(&comparison, &occurrence.map(|rule| (rule, false))).is_empty(),
        "{shown:#?}"
    );

    // What values are asked for.
    let attributes = old
        .attributes
        .iter()
        .filter_map(|(key, before)| Some((key, before, new.attributes.get(key)?)));
    let fixed: BTreeSet<String> = attributes
        .clone()
        .filter(|(_, before, now)| before.0 != now.0)
        .map(|(key, ..)| key.1.clone())
        .collect();
    assert_eq!(fixed, BTreeSet::from(["SchemaVersion".to_owned()]));
    assert_eq!(
        told(
            &comparison,
            &[("VERSION-STAMP-CHANGED", false), ("FIXED-CHANGED", false)]
        ),
        BTreeMap::from([("@SchemaVersion".to_owned(), 1)])
    );
    let is_fixed = |said: &(String, String)| {
        said.0
            .split_once(' ')
            .is_some_and(|(_, fixed)| !fixed.is_empty())
    };
    let types: BTreeSet<String> = shared
        .map(|(_, before, now)| (before, now))
        .chain(
            attributes
                .filter(|(_, before, _)| !is_fixed(before))
                .map(|(_, before, now)| (before, now)),
        )
        .filter(|(before, now)| old.asks(&before.1) != new.asks(&now.1))
        .map(|(_, now)| now.1.clone())
        .filter(|name| {
            new.types
                .get(name)
                .is_some_and(|tag| tag.name == "simpleType")
        })
        .collect();
    let values = [
        "FORMAT-NARROWED",
        "FORMAT-WIDENED",
        "FORMAT-CHANGED",
        "VALUES-ADDED",
        "VALUES-WITHDRAWN",
    ];
    let found: BTreeSet<String> = comparison
        .changes
        .iter()
        .filter(|change| values.contains(&&*change.rule.id))
        .map(|change| change.fact("type").expect("a type").into_owned())
        .collect();
    assert_eq!(found, types, "{shown:#?}");

    // And nothing of any other sort.
    let known: BTreeSet<&str> = added
        .iter()
        .chain(&removed)
        .map(|(rule, _)| *rule)
        .chain(values)
        .chain(["VERSION-STAMP-CHANGED"])
        .collect();
    let other: Vec<&String> = shown
        .iter()
        .filter(|line| !known.contains(line.split(' ').next().expect("a rule")))
        .collect();
    assert!(other.is_empty(), "{other:#?}");
}

#[test]
fn an_official_file_is_itself() {
    let Some(folder) = reference("cds/xsd") else {
        return;
    };
    for version in ["V6-2-2", "V6-2-3", "V6-3-1"] {
        let folder = folder.join(version);
        let comparison = compared(&official(&folder, version), &official(&folder, version));
        assert!(comparison.is_empty(), "{:#?}", lines(&comparison));
    }
}

/// The shipped definitions state what the official files do.
#[test]
fn a_definition_and_the_official_file_that_it_states_say_the_same() {
    let Some(folder) = reference("cds/xsd") else {
        return;
    };
    let files = shipped();
    for (version, path) in [
        ("V6-2-2", "cds/6-2-2"),
        ("V6-2-3", "cds/6-2-3"),
        ("V6-3-1", "cds/6-3-1"),
    ] {
        let (xsd, definition) = (official(&folder.join(version), version), load(&files, path));
        for (old, new) in [(&xsd, &definition), (&definition, &xsd)] {
            let comparison = compared(old, new);
            assert!(comparison.is_empty(), "{:#?}", lines(&comparison));
        }
    }
}
