//! A maker of messages that reads nothing but a standard's definition, and what its examples write where a definition has any text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use concord_read::edifact::{Service, write_segment};

/// What is written where a definition leaves it open, by segment, element and component.
const USUAL: [(&str, &str); 23] = [
    ("BGM-3.1", "507"),
    ("NAD+FHS-2.2", "954"),
    ("NAD+GP-2.2", "900"),
    ("NAD+RIC-2.2", "956"),
    ("NAD+PFH-2.2", "954"),
    ("NAD+NFH-2.2", "954"),
    ("HEA+ACD-2.2", "ZZZ"),
    ("HEA+ATP-2.2", "ZZZ"),
    ("HEA+DM-2.1", "Y"),
    ("HEA+DM-2.2", "ZZZ"),
    ("HEA+FRN-2.2", "ZZZ"),
    ("GIS-1.2", "ZZZ"),
    ("PNA+PAT-2.2", "OPI"),
    ("PNA+PER-2.2", "API"),
    ("S01-1.1", "1"),
    ("S02-1.1", "2"),
    ("GIS-1.1", "N"),
    ("ADR-2.1", "US"),
    ("RND-1.1", "U"),
    ("CIN-1.1", "UN"),
    ("QTY-1.1", "SVO"),
    ("SPC+TSP-2.2", "920"),
    ("SEQ-2.1", "@"),
];

/// Numbers that decide what is made: drawn one after the other, and nought when there are no more, which makes the least.
pub(crate) struct Choices<'c> {
    drawn: &'c [u16],
    at: usize,
}

impl<'c> Choices<'c> {
    pub(crate) fn new(drawn: &'c [u16]) -> Self {
        Self { drawn, at: 0 }
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let drawn = self.drawn.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(drawn) % end.max(1)
    }
}

struct Field {
    position: usize,
    name: String,
    required: bool,
    data_type: String,
    code_list: String,
}

struct Component {
    position: usize,
    name: String,
    required: bool,
    data_type: String,
    code_list: String,
}

/// A standard's definition, as its files have it.
pub(crate) struct Definition {
    groups: toml::Table,
    fields: BTreeMap<String, Vec<Field>>,
    types: BTreeMap<String, Vec<Component>>,
    codes: BTreeMap<String, Vec<String>>,
}

/// A segment: its name, and its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) elements: Vec<Vec<String>>,
}

impl Segment {
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        write_segment(
            &mut out,
            &Service::default(),
            &self.name[..3],
            &self.elements,
        );
        out
    }
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("the definition is there");
    let rows = reader.deserialize();
    rows.map(|row| row.expect("it can be read")).collect()
}

/// The codes of all lists that elements and components name.
fn codes(
    folder: &Path,
    fields: &BTreeMap<String, Vec<Field>>,
    types: &BTreeMap<String, Vec<Component>>,
) -> BTreeMap<String, Vec<String>> {
    let fields = fields.values().flatten().map(|field| &field.code_list);
    let parts = types.values().flatten().map(|part| &part.code_list);
    let lists = fields.chain(parts).filter(|list| !list.is_empty());
    let read = |list: &String| {
        let rows = rows(&folder.join(format!("{list}.csv")));
        let codes = rows
            .into_iter()
            .map(|mut row| row.remove("code").expect("a code"));
        (list.clone(), codes.collect())
    };
    lists.map(read).collect()
}

impl Definition {
    /// The definition in a folder of the shipped ones.
    pub(crate) fn load(folder: &str) -> Self {
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
        let own = schemas.join(folder);
        let text = fs::read_to_string(own.join("structure.toml")).expect("it is there");
        let structure: toml::Table = text.parse().expect("it can be read");
        let position = |row: &BTreeMap<String, String>| row["position"].parse().expect("a number");
        let mut fields: BTreeMap<String, Vec<Field>> = BTreeMap::new();
        for row in rows(&own.join("fields.csv")) {
            fields.entry(row["table"].clone()).or_default().push(Field {
                position: position(&row),
                name: row["element"].clone(),
                required: row["usage"] == "R",
                data_type: row["data_type"].clone(),
                code_list: row["code_list"].clone(),
            });
        }
        let mut types: BTreeMap<String, Vec<Component>> = BTreeMap::new();
        for row in rows(&own.join("datatypes.csv")) {
            types
                .entry(row["type"].clone())
                .or_default()
                .push(Component {
                    position: position(&row),
                    name: row["name"].clone(),
                    required: row["usage"] == "R",
                    data_type: row["data_type"].clone(),
                    code_list: row["code_list"].clone(),
                });
        }
        let groups = structure["group"].as_table().expect("it has groups");
        Self {
            groups: groups.clone(),
            codes: codes(&schemas.join("codes"), &fields, &types),
            fields,
            types,
        }
    }

    /// The segments of a group, which may be a message.
    pub(crate) fn group(&self, name: &str, choices: &mut Choices<'_>, out: &mut Vec<Segment>) {
        let content = self.groups[name]["content"]
            .as_array()
            .expect("a group has content");
        for item in content {
            let item = item.as_table().expect("an item is a table");
            let occurs = item
                .get("occurs")
                .and_then(toml::Value::as_str)
                .unwrap_or("1..1");
            let (least, most) = occurs.split_once("..").expect("how often it can stand");
            let least: usize = least.parse().expect("a number");
            let most = most.parse().unwrap_or(3).min(3);
            let times = least + choices.below(most - least + 1);
            for _ in 0..times {
                let alternatives = item.get("choice").and_then(toml::Value::as_array);
                let item = match alternatives {
                    Some(all) => all[choices.below(all.len())].as_table().expect("a table"),
                    None => item,
                };
                let text = |key: &str| item.get(key).and_then(toml::Value::as_str);
                match (text("ref"), text("group")) {
                    (Some(segment), _) => out.push(self.segment(segment, choices)),
                    (None, Some(group)) => self.group(group, choices, out),
                    (None, None) => panic!("an item of {name} is neither a segment nor a group"),
                }
            }
        }
    }

    /// A segment with some of its elements.
    pub(crate) fn segment(&self, name: &str, choices: &mut Choices<'_>) -> Segment {
        let qualifier = name.split_once('+').map(|(_, qualifier)| qualifier);
        let mut elements: Vec<Vec<String>> = Vec::new();
        for field in &self.fields[name] {
            let used = field.required || !field.name.is_empty() && choices.below(3) > 0;
            let place = format!("{name}-{}", field.position);
            let first = qualifier.filter(|_| field.position == 1);
            let element = if used {
                self.element(field, &place, first, choices)
            } else {
                Vec::new()
            };
            elements.push(element);
        }
        Segment {
            name: name.to_owned(),
            elements,
        }
    }

    fn element(
        &self,
        field: &Field,
        place: &str,
        qualifier: Option<&str>,
        choices: &mut Choices<'_>,
    ) -> Vec<String> {
        let parts = &self.types[&field.data_type];
        if let [Component { position: 0, .. }] = parts[..] {
            return vec![match qualifier {
                Some(qualifier) => qualifier.to_owned(),
                None => self.value(
                    &field.data_type,
                    &field.code_list,
                    &format!("{place}.1"),
                    choices,
                ),
            }];
        }
        let mut out: Vec<String> = Vec::new();
        for part in parts {
            let at = format!("{place}.{}", part.position);
            let usual = USUAL.iter().find(|(known, _)| *known == at);
            let text = match (qualifier, part.position) {
                (Some(qualifier), 1) => qualifier.to_owned(),
                // What lists and agencies are called is written where examples do, and the lines of a text are one.
                _ if part.name == "Code list" && usual.is_none() && part.code_list.is_empty() => {
                    String::new()
                }
                _ if part.name == "Agency" || part.name == "Not used" => String::new(),
                _ if part.name.starts_with("Text, ") || part.name == "Code of the unit" => {
                    String::new()
                }
                _ if !part.required && usual.is_none() && choices.below(3) == 0 => String::new(),
                _ => self.value(&part.data_type, &part.code_list, &at, choices),
            };
            out.push(text);
        }
        // The format of a time is that of what stands before it; a code has a list, and a list a code.
        match &field.data_type[..] {
            "C507 stamp" | "C507 day" | "C507 when" => {
                let format = match out[1].len() {
                    4 => "602",
                    6 => "610",
                    8 => "102",
                    _ => "203",
                };
                format.clone_into(&mut out[2]);
            }
            "C847" | "C832" if out[0].is_empty() => out[1].clear(),
            "CODED" if out[2].is_empty() => out[3].clear(),
            _ => {}
        }
        out
    }

    fn value(
        &self,
        data_type: &str,
        codes: &str,
        place: &str,
        choices: &mut Choices<'_>,
    ) -> String {
        if let Some((_, usual)) = USUAL.iter().find(|(known, _)| *known == place) {
            return (*usual).to_owned();
        }
        if !codes.is_empty() {
            let codes = &self.codes[codes];
            return codes[choices.below(codes.len())].clone();
        }
        let mut pick = |from: &[&str]| from[choices.below(from.len())].to_owned();
        match data_type {
            "NU" => pick(&["1", "20", "300"]),
            "DEC" => pick(&["7", "0.5", "-12.50", "100", "0", "20.0"]),
            "DAY" => pick(&["19920125", "20000229", "20261231", "19000101"]),
            "STAMP" => pick(&["202603311015", "202601010000", "199912312359"]),
            "WHEN" => pick(&["20260331", "202603311015", "202603", "2026", "202610250130"]),
            _ => pick(&[
                "A",
                "NAME",
                "O'NEILL-SMITH",
                "1 HIGH STREET",
                "WHAT? YES",
                "A+B",
                "99-1.5%",
                "X (Y) Z",
            ]),
        }
    }
}
