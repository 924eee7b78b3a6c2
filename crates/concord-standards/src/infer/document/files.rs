//! The files of a definition that was inferred of documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::schema::{Built, build};
use super::{InferredDocument, Name, rules};
use crate::definition::{
    Definition, DefinitionErrors, DictionaryElement, Effects, Elements, Known, Recognise,
    RecordShape, StandardInfo, StandardStatus, code_list, elements, write,
};
use crate::infer::{Naming, meaning};
use crate::schema::QName;

impl InferredDocument {
    /// The files of the definition by path: `ID/VERSION/standard.toml`, `structure.toml`, `rules.toml`, `codes/NAME.csv` for
    /// each code list of values seen, and `elements.csv`, those known included.
    pub fn files(&self, naming: &Naming, known: &Known) -> BTreeMap<String, String> {
        let built = build(self, naming, known);
        let dictionary = self.dictionary(&built, naming, known);
        let known_now = Known {
            elements: Arc::new(Elements::new(dictionary.clone())),
            code_lists: known.code_lists.clone(),
        };
        let info = self.standard(naming);
        let mut files = write(&built.schema, &info, &known_now);
        for list in built.lists.values() {
            files.insert(format!("codes/{}.csv", list.id), code_list(list));
        }
        let structure = format!("{}/structure.toml", naming.folder());
        if let Some(text) = files.get_mut(&structure) {
            *text = self.with_counts(text);
        }
        let rules = rules::rules(self, &built, &info, naming);
        files.insert(format!("{}/rules.toml", naming.folder()), rules);
        files.insert("elements.csv".to_owned(), elements(&dictionary));
        files
    }

    /// The definition, read back from its files.
    ///
    /// # Errors
    /// [`DefinitionErrors`] when the names in `naming` are not permitted.
    pub fn definition(
        &self,
        naming: &Naming,
        known: &Known,
    ) -> Result<Definition, DefinitionErrors> {
        let mut files = self.files(naming, known);
        for (id, list) in &known.code_lists {
            files
                .entry(format!("codes/{id}.csv"))
                .or_insert_with(|| code_list(list));
        }
        Definition::load(&files, &naming.folder())
    }

    fn standard(&self, naming: &Naming) -> StandardInfo {
        let root = self.name(self.root);
        let records = self.records();
        let key = self.key(&records);
        let documents = match self.documents() {
            1 => "1 document".to_owned(),
            several => format!("{several} documents"),
        };
        StandardInfo {
            id: naming.id.as_str().into(),
            version: naming.version.as_str().into(),
            title: format!("Inferred from {}", naming.from),
            number: None,
            publisher: "unknown".to_owned(),
            status: StandardStatus::Draft,
            effective_from: None,
            effective_to: None,
            carrier: "xml".to_owned(),
            namespace: root.namespace.clone(),
            recognise: Recognise {
                root: root.local.clone(),
                namespace: root.namespace.clone(),
                attributes: self.versions(),
                ..Recognise::default()
            },
            record: RecordShape {
                elements: records
                    .iter()
                    .map(|record| self.name(*record).local.clone())
                    .collect(),
                key: key.into_iter().collect(),
                ..RecordShape::default()
            },
            tables: Vec::new(),
            messages: None,
            reconcile: None,
            aliases: Vec::new(),
            effects: Effects::default(),
            covers: None,
            source: format!("inferred from {} ({documents})", naming.from),
            provenance: Some(
                "Order, occurrence, choices, formats and codes are those of the documents seen. Nothing here was \
                 published: hold it against the specification, then say so here and take the words about what was seen away."
                    .to_owned(),
            ),
            folder: naming.folder(),
        }
    }

    /// Says of each group how often it was seen.
    fn with_counts(&self, text: &str) -> String {
        let mut counted = String::with_capacity(text.len() + 64);
        for line in text.lines() {
            counted.push_str(line);
            counted.push('\n');
            let name = line
                .strip_prefix("[group.")
                .and_then(|rest| rest.strip_suffix("_Structure]"));
            if let Some(number) = name.and_then(|name| self.number_of(name)) {
                let times = match self.element(number).count {
                    1 => "once".to_owned(),
                    several => format!("{several} times"),
                };
                // Writing to a `String` does not fail.
                let _ = writeln!(counted, "# Inferred: seen {times}.");
            }
        }
        counted
    }

    /// The one element of a local name.
    fn number_of(&self, local: &str) -> Option<Name> {
        let named = |name: &QName| *name.local == *local;
        let mut found = (0..).zip(&self.seen.names).filter(|(_, name)| named(name));
        let (number, _) = found.next()?;
        found.next().is_none().then_some(number)
    }

    /// The elements that were known, and those of the documents that hold values.
    fn dictionary(&self, built: &Built, naming: &Naming, known: &Known) -> Vec<DictionaryElement> {
        let mut all: Vec<DictionaryElement> = known.elements.list.clone();
        let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for (place, element) in all.iter().enumerate() {
            places.entry(Arc::clone(&element.name)).or_insert(place);
        }
        let mut told: BTreeSet<Arc<str>> = BTreeSet::new();
        for (number, name) in (0..).zip(&self.seen.names) {
            let seen = self.element(number);
            if seen.has_children
                || known.elements.by_xml_name(&name.local).is_some()
                || !told.insert(Arc::clone(&name.local))
            {
                continue;
            }
            let personal = built.personal.get(&number);
            let words: Arc<str> = meaning::words(&name.local).join(" ").into();
            let words = if words.is_empty() {
                Arc::clone(&name.local)
            } else {
                words
            };
            if let Some(place) = places.get(&words) {
                let element = &mut all[*place];
                element.xml_names.push(Arc::clone(&name.local));
                element.personal |= personal.is_some();
                continue;
            }
            let why = personal.map_or_else(String::new, |why| format!("; personal: {why}"));
            let values = &seen.text;
            let seen = format!(
                "inferred from {}: seen {} times, filled {} times{why}",
                naming.from, seen.count, values.filled
            );
            places.insert(Arc::clone(&words), all.len());
            all.push(DictionaryElement {
                name: words,
                xml_names: vec![Arc::clone(&name.local)],
                format: "".into(),
                code_list: "".into(),
                personal: personal.is_some(),
                source: seen.into(),
            });
        }
        all.sort_by(|left, right| left.name.cmp(&right.name));
        all
    }
}
