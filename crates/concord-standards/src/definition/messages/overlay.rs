//! `overlays/NAME.toml`: what is agreed with a sender of messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::load::Loading;
use crate::definition::mapping::CodeMap;
use crate::definition::problem::{Problem, Text};
use crate::definition::rules::{self, Wanted};
use crate::definition::standard::{StandardInfo, effect_of};
use crate::definition::table::{Reading, Spot, Table};
use crate::messages::{Messages, Overlay, OverlayField, OverlaySegment, Usage};
use crate::rules::{Check, RuleDefinition};
use crate::schema::{Schema, TypeId};

const KEYS: &[&str] = &[
    "standard", "title", "reason", "owner", "sender", "effects", "field", "segment", "rule",
];

/// Where overlays are.
const FOLDER: &str = "overlays";

/// The overlays of a standard, by name.
pub(super) fn read_all(
    info: &StandardInfo,
    messages: &Messages,
    schema: &Schema,
    loading: &mut Loading<'_>,
) -> Vec<Overlay> {
    let mut overlays = Vec::new();
    for text in texts(info, loading) {
        let reading = Reading::new(&text);
        let (document, _) = reading.parse();
        let overlay = {
            let mut overlay = Reader {
                table: Table::new(&reading, &document),
                messages,
                schema,
                loading,
            };
            overlay.read()
        };
        drop(document);
        loading.problems.extend(reading.into_problems());
        overlays.push(overlay);
    }
    overlays
}

/// The rules of the overlays of a standard, each looking at messages of its sender only.
pub(super) fn rules(info: &StandardInfo, loading: &mut Loading<'_>) -> Vec<RuleDefinition> {
    let mut found = Vec::new();
    for text in texts(info, loading) {
        let reading = Reading::new(&text);
        let (document, _) = reading.parse();
        {
            let table = Table::new(&reading, &document);
            let sender = condition(&table);
            let wanted = Wanted {
                id: &info.id,
                version: &info.version,
            };
            for said in table.tables("rule") {
                let Some(mut rule) = rules::read_rule(&said, wanted) else {
                    continue;
                };
                if of_sender(&mut rule.check, &sender) {
                    found.push(rule);
                } else {
                    let message = "a rule of an overlay is a `check`, or has a `when`";
                    reading.error(said.head(), message.to_owned());
                }
            }
        }
        drop(document);
        // What is wrong with the rest of the file is told by those who read it.
        let problems = reading.into_problems();
        for problem in problems {
            if !loading.problems.contains(&problem) {
                loading.problems.push(problem);
            }
        }
    }
    found
}

/// The overlay files that name a standard.
fn texts(info: &StandardInfo, loading: &mut Loading<'_>) -> Vec<Text> {
    let name = info.name();
    let mut found = Vec::new();
    for path in loading.source().list(FOLDER) {
        let toml = path
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ending == "toml");
        if !toml {
            continue;
        }
        let Some(text) = loading.open(&path) else {
            continue;
        };
        // A file that cannot be read as TOML is told of whatever standard it is for.
        let said = match text.content.parse::<toml::Table>() {
            Ok(table) => table
                .get("standard")
                .and_then(|said| said.as_str().map(str::to_owned)),
            Err(_) => Some(name.clone()),
        };
        if said.is_none_or(|said| said == name || said == *info.id) {
            found.push(text);
        } else {
            loading.forget(&path);
        }
    }
    found
}

/// SQL that is true of messages of the sender.
fn condition(table: &Table<'_>) -> String {
    let Some(sender) = table.table("sender") else {
        return "true".to_owned();
    };
    let one_of = |key: &str, element: &str| {
        let spots = sender.texts(key).unwrap_or_default();
        let conditions: Vec<String> = spots
            .iter()
            .map(|spot| {
                let text = spot.text.replace('\'', "''");
                match text.strip_suffix('*') {
                    Some(start) => format!("\"{element}\" LIKE '{start}%'"),
                    None => format!("\"{element}\" = '{text}'"),
                }
            })
            .collect();
        (!conditions.is_empty()).then(|| format!("({})", conditions.join(" OR ")))
    };
    let parts = [
        one_of("application", "MSH.3/HD.1"),
        one_of("facility", "MSH.4/HD.1"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "true".to_owned()
    } else {
        parts.join(" AND ")
    }
}

/// Lets a check look at messages of the sender only; whether that is possible.
fn of_sender(check: &mut Check, sender: &str) -> bool {
    match check {
        Check::Sql(sql) => *sql = format!("NOT ({sender}) OR ({sql})"),
        Check::Unique { when, .. }
        | Check::Required { when, .. }
        | Check::OneOf { when, .. }
        | Check::Blank { when, .. }
        | Check::Code { when, .. }
        | Check::Exists { when, .. } => {
            *when = Some(match when.take() {
                Some(own) => format!("({sender}) AND ({own})"),
                None => sender.to_owned(),
            });
        }
        _ => return false,
    }
    true
}

struct Reader<'r, 'a, 's> {
    table: Table<'a>,
    messages: &'r Messages,
    schema: &'r Schema,
    loading: &'r mut Loading<'s>,
}

impl<'a> Reader<'_, 'a, '_> {
    fn read(&mut self) -> Overlay {
        let table = self.table.clone();
        table.only("an overlay", KEYS);
        let what = "an overlay";
        let own = |key: &str| {
            table
                .required(what, key)
                .map_or_else(String::new, |spot| spot.text.to_owned())
        };
        let path = &table.reading.text.name;
        let stem = path.rsplit('/').next().unwrap_or(path);
        let (title, reason, owner) = (own("title"), own("reason"), own("owner"));
        own("standard");
        let texts = |key: &str| -> Vec<String> {
            let sender = table.table("sender");
            let spots = sender.and_then(|sender| sender.texts(key));
            let spots = spots.unwrap_or_default().into_iter();
            spots.map(|spot| spot.text.to_owned()).collect()
        };
        let (applications, facilities) = (texts("application"), texts("facility"));
        if let Some(sender) = table.table("sender") {
            sender.only("[sender]", &["application", "facility"]);
        }
        if applications.is_empty() && facilities.is_empty() {
            let message = "an overlay must say whose messages it is for: [sender] application = …, facility = …";
            table.reading.error(table.head(), message.to_owned());
        }
        Overlay {
            name: stem.trim_end_matches(".toml").into(),
            title,
            reason,
            owner,
            applications,
            facilities,
            effects: self.effects(),
            fields: table
                .tables("field")
                .iter()
                .filter_map(|said| self.field(said))
                .collect(),
            segments: table
                .tables("segment")
                .iter()
                .filter_map(|said| self.segment(said))
                .collect(),
            origin: table.origin(),
        }
    }

    fn effects(&self) -> BTreeMap<Arc<str>, concord_finding::Effect> {
        let Some(said) = self.table.table("effects") else {
            return BTreeMap::new();
        };
        let keys = said.entries.keys();
        keys.filter_map(|key| {
            let rule = key.get_ref().as_ref();
            Some((Arc::from(rule), effect_of(&said, rule)?))
        })
        .collect()
    }

    /// `PID-3`, `PID-3.4`.
    fn place(&self, spot: &Spot<'_>) -> Option<(Arc<str>, u32, Option<u32>)> {
        let said = spot.text.split_once('-').and_then(|(segment, rest)| {
            let (field, component) = match rest.split_once('.') {
                Some((field, component)) => (field, Some(component.parse().ok()?)),
                None => (rest, None),
            };
            Some((segment, field.parse::<u32>().ok()?, component))
        });
        let known = said.and_then(|(name, field, component)| {
            let segment = self.messages.segment(name)?;
            let known = segment.fields.get(field.checked_sub(1)? as usize)?;
            let composite = matches!(
                self.schema.element(known.element).content,
                TypeId::Complex(_)
            );
            (component.is_none() || composite).then_some((
                Arc::clone(&segment.name),
                field,
                component,
            ))
        });
        if known.is_none() {
            let message = format!("the standard has no field `{}`", spot.text);
            let help = "write the segment, a hyphen and the field, such as PID-3 or PID-3.4";
            self.table
                .reading
                .error_with_help(spot.span.clone(), message, help.to_owned());
        }
        known
    }

    fn field(&mut self, said: &Table<'a>) -> Option<OverlayField> {
        said.only(
            "a field",
            &["field", "usage", "repeats", "length", "any", "codes", "map"],
        );
        let place = said.required("a field", "field")?;
        let (segment, field, component) = self.place(&place)?;
        let usage = said.text("usage").and_then(|spot| {
            let usage = Usage::from_letters(spot.text);
            if usage.is_none() {
                let known = Usage::ALL.map(Usage::letters);
                said.reading.unknown(&spot, "usage", known);
            }
            usage
        });
        let max = said.text("repeats").map(|spot| {
            let most = spot.text.parse().ok();
            if most.is_none() && spot.text != "*" {
                let message = format!("`{}` is no number of repetitions", spot.text);
                said.reading.error(spot.span, message);
            }
            most
        });
        Some(OverlayField {
            segment,
            field,
            component,
            usage,
            max,
            length: said
                .number("length")
                .and_then(|length| u32::try_from(length).ok()),
            any: said.flag("any").unwrap_or(false),
            codes: said
                .texts("codes")
                .unwrap_or_default()
                .iter()
                .map(|spot| spot.text.into())
                .collect(),
            map: self.map(said),
            origin: said.origin(),
        })
    }

    /// A code map by name, or the pairs themselves.
    fn map(&mut self, said: &Table<'a>) -> BTreeMap<Arc<str>, Arc<str>> {
        let Some(value) = said.value("map") else {
            return BTreeMap::new();
        };
        if let Some(pairs) = said.as_table(value) {
            let keys = pairs.entries.keys();
            return keys
                .filter_map(|key| {
                    let from = key.get_ref().as_ref();
                    Some((Arc::from(from), Arc::from(pairs.text(from)?.text)))
                })
                .collect();
        }
        let Some(name) = said.text("map") else {
            return BTreeMap::new();
        };
        let path = format!("maps/{}.csv", name.text);
        match CodeMap::load(self.loading.source(), &path) {
            Ok(map) => map
                .pairs
                .iter()
                .filter(|pair| !pair.to.is_empty())
                .map(|pair| (Arc::clone(&pair.from), Arc::clone(&pair.to)))
                .collect(),
            Err(errors) => {
                let why = errors.problems.first();
                let why = why.map_or_else(String::new, |problem: &Problem| problem.message.clone());
                let message = format!("the code map `{}` cannot be read: {why}", name.text);
                said.reading.error(name.span, message);
                BTreeMap::new()
            }
        }
    }

    fn segment(&self, said: &Table<'a>) -> Option<OverlaySegment> {
        said.only("a segment", &["segment", "after", "repeats"]);
        let name = said.required("a segment", "segment")?;
        if let Some(after) = said.text("after")
            && self.messages.segment(after.text).is_none()
        {
            let known = self.messages.segments.iter().map(|segment| &*segment.name);
            said.reading.unknown(&after, "segment", known);
        }
        Some(OverlaySegment {
            name: name.text.into(),
            after: said.text("after").map(|spot| spot.text.into()),
            max: said
                .text("repeats")
                .map_or(Some(1), |spot| spot.text.parse().ok()),
            origin: said.origin(),
        })
    }
}
