//! Documents in a form in which those that say the same are the same.
//!
//! Left aside are: white space between elements, prefixes, the order of attributes, the lexical form of values that the model
//! types (`+0001` is `1`, `003.500` is `3.5`, a day has no zone, `24:00:00` is the next day's midnight), typed values that are
//! empty, groups in which nothing stands, the sender's count of the records, which is made anew, and the addresses of the
//! trailer where they repeat those of the header, which is always done.

use std::collections::BTreeMap;

use concord_model::entities::Kind;
use concord_standards::definition::Mapping;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    fn of(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.expect("an attribute");
            let name = attribute.key.as_ref().to_owned();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            (format!("@{name}"), value.expect("a value").into_owned())
        });
        Self {
            name: start.local_name().as_ref().to_owned(),
            attributes: attributes
                .filter(|(name, _)| !name.starts_with("@xmlns") && !name.starts_with("@xsi:"))
                .collect(),
            ..Self::default()
        }
    }

    /// The element with all that is in it.
    pub(crate) fn read(document: &[u8]) -> Self {
        let text = std::str::from_utf8(document).expect("UTF-8");
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => open.push(Self::of(&start)),
                Event::Empty(start) => {
                    let node = Self::of(&start);
                    open.last_mut().expect("open").children.push(node);
                }
                Event::End(_) => {
                    let node = open.pop().expect("open");
                    open.last_mut().expect("open").children.push(node);
                }
                Event::Text(text) => {
                    let text: &str = &text;
                    let text = text.replace("\r\n", "\n").replace('\r', "\n");
                    open.last_mut().expect("open").text.push_str(&text);
                }
                Event::CData(text) => {
                    let text: &str = &text;
                    open.last_mut().expect("open").text.push_str(text);
                }
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref().expect("a reference") {
                        Some(character) => character.to_string(),
                        None => match &*reference as &str {
                            "amp" => "&".to_owned(),
                            "lt" => "<".to_owned(),
                            "gt" => ">".to_owned(),
                            "quot" => "\"".to_owned(),
                            "apos" => "'".to_owned(),
                            other => panic!("&{other};"),
                        },
                    };
                    open.last_mut().expect("open").text.push_str(&character);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        open.pop().expect("open").children.pop().expect("a root")
    }

    /// Values by path.
    pub(crate) fn values(&self, path: &str, values: &mut BTreeMap<(String, String), i64>, by: i64) {
        let path = format!("{path}/{}", self.name);
        for (name, value) in &self.attributes {
            *values
                .entry((format!("{path}/{name}"), value.clone()))
                .or_default() += by;
        }
        if self.children.is_empty() && self.text.is_empty() && !self.attributes.is_empty() {
            return;
        }
        if self.children.is_empty() {
            *values.entry((path, self.text.clone())).or_default() += by;
            return;
        }
        for child in &self.children {
            child.values(&path, values, by);
        }
    }
}

/// The kinds of the elements that a mapping names.
pub(crate) fn kinds(mapping: &Mapping) -> BTreeMap<String, Kind> {
    let mut kinds = BTreeMap::new();
    for field in mapping.rows.iter().flat_map(|row| &row.fields) {
        for reference in field.from.iter().chain(&field.also) {
            let name = reference
                .text
                .rsplit('/')
                .next()
                .expect("a name")
                .to_owned();
            if let Some(known) = kinds.insert(name.clone(), field.field.kind) {
                let same =
                    std::mem::discriminant(&known) == std::mem::discriminant(&field.field.kind);
                assert!(same, "{name} has several kinds");
            }
        }
    }
    kinds
}

/// A document in its normal form.
pub(crate) fn normal(document: &[u8], kinds: &BTreeMap<String, Kind>, records: &[&str]) -> Node {
    let mut root = Node::read(document);
    let count = root
        .children
        .iter()
        .filter(|child| records.contains(&&*child.name))
        .count();
    normalise(&mut root, kinds, &count.to_string());
    let header: Vec<(String, String)> = root
        .children
        .first()
        .into_iter()
        .flat_map(|header| &header.children)
        .map(|child| (child.name.clone(), child.text.clone()))
        .collect();
    if let Some(trailer) = root.children.last_mut() {
        trailer.children.retain(|child| {
            let repeats = header.contains(&(child.name.clone(), child.text.clone()));
            !(repeats && child.name.ends_with("Identity"))
        });
    }
    root
}

/// Brings an element to its normal form; gives whether anything is left of it.
fn normalise(node: &mut Node, kinds: &BTreeMap<String, Kind>, count: &str) -> bool {
    for (name, value) in &mut node.attributes {
        if let Some(kind) = kinds.get(name) {
            *value = typed(*kind, value);
        }
    }
    if node.children.is_empty() {
        let kind = kinds.get(&node.name);
        if node.name == "CDSInterchangeControlCount" {
            count.clone_into(&mut node.text);
        } else if let Some(kind) = kind {
            node.text = typed(*kind, &node.text);
        }
        let text = matches!(kind, Some(Kind::Text | Kind::Code { .. } | Kind::Time));
        return text || !node.text.is_empty() || !node.attributes.is_empty();
    }
    node.text.clear();
    node.children
        .retain_mut(|child| normalise(child, kinds, count));
    !node.children.is_empty() || !node.attributes.is_empty()
}

/// A value as its kind writes it; as it stands when it is none.
fn typed(kind: Kind, text: &str) -> String {
    if matches!(kind, Kind::Text | Kind::Code { .. } | Kind::Time) {
        return text.to_owned();
    }
    let trimmed = text.trim();
    match kind {
        Kind::Integer => trimmed
            .parse::<i64>()
            .map_or(text.to_owned(), |number| number.to_string()),
        Kind::Decimal { .. } => {
            let (sign, digits) = match trimmed.strip_prefix('-') {
                Some(digits) => ("-", digits),
                None => ("", trimmed.trim_start_matches('+')),
            };
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            let whole = whole.trim_start_matches('0');
            let whole = if whole.is_empty() { "0" } else { whole };
            let fraction = fraction.trim_end_matches('0');
            let sign = if whole == "0" && fraction.is_empty() {
                ""
            } else {
                sign
            };
            let point = if fraction.is_empty() { "" } else { "." };
            format!("{sign}{whole}{point}{fraction}")
        }
        Kind::Date => trimmed.get(..10).unwrap_or(trimmed).to_owned(),
        Kind::Moment => moment(trimmed),
        _ => trimmed.to_owned(),
    }
}

fn moment(text: &str) -> String {
    let Some((day, clock)) = text.split_once('T') else {
        return text.to_owned();
    };
    let at = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(at);
    let clock = match clock.split_once('.') {
        Some((clock, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            format!("{clock}{point}{fraction}")
        }
        None => clock.to_owned(),
    };
    if clock != "24:00:00" {
        return format!("{day}T{clock}{zone}");
    }
    let next: jiff::civil::Date = day.parse().expect("a day");
    format!("{}T00:00:00{zone}", next.tomorrow().expect("a day"))
}
