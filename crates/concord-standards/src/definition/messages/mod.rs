//! Standards whose carrier is HL7 v2 or EDIFACT: `fields.csv` and `datatypes.csv` beside `structure.toml`, and `overlays/`.
//!
//! ```text
//! hl7/2-4/standard.toml       carrier = "hl7"; [recognise] versions = ["2.4", …], profiles = ["ITKv1*"]; inherits = "../../hl7/2-4"
//! hl7/2-4/structure.toml      [element.ADT_A01] group = "ADT_A01", messages = ["ADT^A01", "ADT^A04"]; parts are { ref = "PID" }
//! hl7/2-4/fields.csv          one row for each field of a segment
//! hl7/2-4/datatypes.csv       one row for each component of a data type; position 0 is a type without components
//! overlays/NAME.toml          what is agreed with a sender
//!
//! gp-links/…/standard.toml    carrier = "edifact"; [recognise] types = ["FHSREG:0:1:FH:FHS001"], transaction = "RFF+950"
//! gp-links/…/structure.toml   [element.APPROVAL] messages = ["FHSREG:0:1:FH:FHS001^F4"]; parts are { ref = "NAD+GP" }
//! ```
//!
//! A standard that `inherits` takes over the segments and data types of another. Its own rows narrow those of the same
//! segment and position cell by cell: what a cell does not say stays as it is inherited, but for lengths. A data type that it describes
//! replaces the inherited one of that name; `CX patient` is a `CX` that single fields name.

mod data_types;
mod overlay;
mod rows;
mod segments;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::elements::Elements;
use super::load::{Loading, join};
use super::problem::{Problem, Severity, Text};
use super::standard::{self, MessageInfo, SUBMISSION, StandardInfo};
use super::structure::{self, SaidMessages};
use super::table::Table;
use super::tabular;
use crate::messages::{MessageKind, Messages, Syntax};
use crate::rules::RuleDefinition;
use crate::schema::{ElementId, Origin, Particle, Schema, Term};
use rows::Rows;
use segments::Segments;

/// Standards that may build on one another.
const MOST_INHERITED: usize = 8;

/// Reads what `standard.toml` says of messages.
pub(super) fn read(table: &Table<'_>, folder: &str, syntax: Option<Syntax>) -> Option<MessageInfo> {
    let syntax = match syntax {
        Some(Syntax::Edifact) => return read_edifact(table, folder),
        Some(syntax) => syntax,
        None => {
            if table.has("inherits") {
                let message = "only a standard of HL7 v2 or EDIFACT messages has `inherits`";
                table.error("inherits", message.to_owned());
            }
            return None;
        }
    };
    let mut info = MessageInfo {
        syntax,
        inherits: table.text("inherits").map(|spot| join(folder, spot.text)),
        ..MessageInfo::default()
    };
    let Some(recognise) = table.table("recognise") else {
        let message =
            "a standard of HL7 v2 messages must say its versions: [recognise] versions = [\"2.4\"]";
        table.reading.error(table.head(), message.to_owned());
        return None;
    };
    recognise.only("[recognise]", &["versions", "profiles"]);
    let texts = |key: &str| -> Vec<String> {
        let spots = recognise.texts(key).unwrap_or_default().into_iter();
        spots.map(|spot| spot.text.to_owned()).collect()
    };
    info.versions = texts("versions");
    info.profiles = texts("profiles");
    if info.versions.is_empty() {
        let message = "a standard of HL7 v2 messages must say which `versions` (MSH-12) it takes";
        recognise
            .reading
            .error(recognise.head(), message.to_owned());
    }
    Some(info)
}

/// Reads what `standard.toml` says of EDIFACT messages.
fn read_edifact(table: &Table<'_>, folder: &str) -> Option<MessageInfo> {
    let Some(recognise) = table.table("recognise") else {
        let message = "a standard of EDIFACT messages must say their types: [recognise] types = [\"MEDRPT:0:1:RT:NHS003\"]";
        table.reading.error(table.head(), message.to_owned());
        return None;
    };
    recognise.only("[recognise]", &["types", "transaction"]);
    let types = recognise.texts("types").unwrap_or_default().into_iter();
    let versions: Vec<String> = types.map(|spot| spot.text.to_owned()).collect();
    if versions.is_empty() {
        let message = "a standard of EDIFACT messages must say which `types` (UNH-2) it takes";
        recognise
            .reading
            .error(recognise.head(), message.to_owned());
    }
    let transaction = recognise.text("transaction");
    if let Some(spot) = transaction.filter(|spot| !rows::is_segment(spot.text)) {
        let message = format!("`{}` is no segment: write RFF+950", spot.text);
        recognise.reading.error(spot.span, message);
    }
    Some(MessageInfo {
        syntax: Syntax::Edifact,
        inherits: table.text("inherits").map(|spot| join(folder, spot.text)),
        transaction: recognise
            .text("transaction")
            .map(|spot| spot.text.to_owned()),
        versions,
        ..MessageInfo::default()
    })
}

/// Reads the structure of a standard of messages. Problems go to `loading`.
pub(super) fn load(
    info: &StandardInfo,
    elements: &Elements,
    loading: &mut Loading<'_>,
) -> (Schema, Messages) {
    let mut rows = Rows::default();
    for folder in folders(info, loading) {
        rows.read(&folder, loading);
    }
    let mut segments = Segments::new(&rows, loading);
    let path = join(&info.folder, "structure.toml");
    let Some(text) = loading.open(&path) else {
        return (Schema::default(), Messages::default());
    };
    let (mut schema, said, problems) =
        structure::read_with(&text, elements, loading, Some(&mut segments));
    loading.problems.extend(problems);
    let (segments, unless, problems) = segments.finish();
    loading.problems.extend(problems);
    let said_of = info.messages.as_ref();
    let mut messages = Messages {
        syntax: said_of.map_or(Syntax::Hl7, |info| info.syntax),
        transaction: said_of
            .and_then(|info| info.transaction.as_deref())
            .map(Arc::from),
        versions: info
            .messages
            .as_ref()
            .map_or_else(Vec::new, |info| info.versions.clone()),
        kinds: kinds(&text, &said, &schema, loading),
        segments,
        unless,
        overlays: Vec::new(),
    };
    submission(&mut schema, &said, &text);
    messages.overlays = overlay::read_all(info, &messages, &schema, loading);
    (schema, messages)
}

/// The rules that overlays add to those of the standard, each for its own sender.
pub(super) fn rules(info: &StandardInfo, loading: &mut Loading<'_>) -> Vec<RuleDefinition> {
    overlay::rules(info, loading)
}

/// The folders that a standard is made of, the one that all others build on first.
fn folders(info: &StandardInfo, loading: &mut Loading<'_>) -> Vec<String> {
    let mut folders = vec![info.folder.clone()];
    let mut next = inherits(info);
    while let Some(folder) = next {
        if folders.contains(&folder) || folders.len() >= MOST_INHERITED {
            let path = join(&info.folder, "standard.toml");
            loading.problems.push(Problem {
                severity: Severity::Error,
                file: path.into(),
                line: 0,
                column: 0,
                span: 0..0,
                message: format!("{folder} is inherited already"),
                help: None,
            });
            break;
        }
        let Some(text) = loading.open(&join(&folder, "standard.toml")) else {
            break;
        };
        let (above, problems) = standard::read(&text, &folder);
        loading.problems.extend(problems);
        folders.push(folder);
        next = above.as_ref().and_then(inherits);
    }
    folders.reverse();
    folders
}

fn inherits(info: &StandardInfo) -> Option<String> {
    info.messages.as_ref()?.inherits.clone()
}

/// Which messages there are.
fn kinds(
    text: &Text,
    said: &[SaidMessages],
    schema: &Schema,
    loading: &mut Loading<'_>,
) -> Vec<MessageKind> {
    let mut kinds: Vec<MessageKind> = Vec::new();
    for element in said {
        let name = &schema.element(element.element).name.local;
        for (message, span) in &element.messages {
            let (code, event) = message.split_once('^').unwrap_or((message, ""));
            let event = if event == "*" { "" } else { event };
            let known = kinds
                .iter()
                .any(|kind| &*kind.code == code && &*kind.event == event);
            if known || code.is_empty() {
                let message = format!("the message `{message}` stands twice, or has no code");
                let problem = text.problem(Severity::Error, span.clone(), message, None);
                loading.problems.push(problem);
            }
            kinds.push(MessageKind {
                code: code.into(),
                event: event.into(),
                structure: element
                    .structure
                    .clone()
                    .unwrap_or_else(|| Arc::clone(name)),
                record: element.element,
            });
        }
    }
    kinds
}

/// Puts the messages below one root, in any order and number.
fn submission(schema: &mut Schema, said: &[SaidMessages], text: &Text) {
    let origin = Origin {
        file: Arc::clone(&text.name),
        line: 1,
    };
    let records = said
        .iter()
        .map(|said| once(said.element, &origin))
        .collect();
    let root = tabular::declare(schema, SUBMISSION, &origin);
    let content = Particle {
        min: 0,
        max: None,
        term: Term::Choice(records),
        origin: origin.clone(),
    };
    tabular::group(schema, root, content, &origin);
    schema.roots = vec![root];
}

fn once(element: ElementId, origin: &Origin) -> Particle {
    Particle {
        min: 1,
        max: Some(1),
        term: Term::Element(element),
        origin: origin.clone(),
    }
}
