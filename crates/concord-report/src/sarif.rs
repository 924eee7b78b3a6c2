//! Static Analysis Results Interchange Format 2.1.0 (OASIS, 27 March 2020), written as findings come: results stand before
//! the rules that they name by number.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding, Fix, Masking, Rule, RuleId, Summary};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::output::Output;
use crate::shown::Shown;
use crate::{Options, Reporter, line, tally, uri};

/// The base of relative references: the folder in which the program ran.
const BASE: &str = "%SRCROOT%";

pub(crate) struct Sarif {
    options: Options,
    out: Output,
    /// Rules in the order in which they were first broken, and the number of each.
    rules: Vec<Arc<Rule>>,
    numbers: BTreeMap<RuleId, usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Value; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
    properties: Map<String, Value>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "concord/v1")]
    concord: String,
}

impl Sarif {
    pub(crate) fn new(options: Options, out: Output) -> Self {
        Self {
            options,
            out,
            rules: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        self.out.write_all(
            b"{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\
              \"version\":\"2.1.0\",\"runs\":[{\"results\":[",
        )
    }

    fn number(&mut self, rule: &Arc<Rule>) -> usize {
        if let Some(number) = self.numbers.get(&rule.id) {
            return *number;
        }
        let number = self.rules.len();
        self.rules.push(Arc::clone(rule));
        self.numbers.insert(RuleId::clone(&rule.id), number);
        number
    }
}

impl Reporter for Sarif {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.out.take() {
            return Ok(());
        }
        if self.out.shown() == 1 {
            self.begin()?;
        } else {
            self.out.write_all(b",")?;
        }
        let rule_index = self.number(&finding.rule);
        let masking = self.options.masking;
        let shown = Shown::new(finding, masking);
        let result = SarifResult {
            rule_id: &finding.rule.id,
            rule_index,
            level: level(finding.effect),
            message: text(&shown.message()),
            locations: [location(&shown)],
            partial_fingerprints: Fingerprints {
                concord: finding.fingerprint(),
            },
            baseline_state: self.options.only_new.then_some("new"),
            suppressions: suppressions(finding),
            fixes: finding
                .fix
                .iter()
                .filter_map(|fix| fixed(finding, fix, masking))
                .collect(),
            properties: properties(&shown),
        };
        self.out.write_all(b"\n")?;
        self.out.piece(|out| line::value(out, &result))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.out.shown() == 0 {
            self.begin()?;
        }
        let summary = self.out.account(summary);
        self.out.write_all(b"],\n\"tool\":")?;
        let rules: Vec<Value> = self.rules.iter().map(|rule| descriptor(rule)).collect();
        let tool = json!({"driver": {
            "name": "Concord",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }});
        line::value(&mut self.out, &tool)?;
        self.out
            .write_all(b",\n\"columnKind\":\"unicodeCodePoints\",\n\"originalUriBaseIds\":")?;
        let base = json!({BASE: {"description": {"text": "The folder in which the check ran."}}});
        line::value(&mut self.out, &base)?;
        self.out.write_all(b",\n\"artifacts\":")?;
        let artifacts: Vec<Value> = summary
            .files
            .iter()
            .map(|file| json!({"location": artifact(&file.file), "roles": ["analysisTarget"]}))
            .collect();
        line::value(&mut self.out, &artifacts)?;
        self.out.write_all(b",\n\"invocations\":")?;
        line::value(&mut self.out, &json!([invocation(&summary)]))?;
        self.out.write_all(b",\n\"properties\":")?;
        line::value(&mut self.out, &json!({"summary": &summary}))?;
        self.out.write_all(b"}]}\n")?;
        self.out.flush()
    }
}

fn level(effect: Effect) -> &'static str {
    match effect {
        Effect::Note => "note",
        Effect::Warn => "warning",
        Effect::RejectGroup | Effect::RejectRecord | Effect::RejectFile => "error",
    }
}

/// A message. Braces are for placeholders and are doubled where they are text (3.11.5); square brackets before a round one
/// would be a link (3.11.6).
fn text(message: &str) -> Text {
    let mut text = message.replace('{', "{{").replace('}', "}}");
    if text.contains("](") {
        text = text.replace('[', "\\[").replace(']', "\\]");
    }
    Text { text }
}

/// The words of a rule, whose facts stand in braces.
fn template(message: &str) -> Value {
    json!(text(&message.replace('{', "‹").replace('}', "›")))
}

fn artifact(file: &str) -> Value {
    let uri = uri::reference(file);
    if uri::is_relative(&uri) {
        json!({"uri": uri, "uriBaseId": BASE})
    } else {
        json!({"uri": uri})
    }
}

fn location(shown: &Shown<'_>) -> Value {
    let finding = shown.finding;
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact(&finding.file));
    if let Some(place) = finding.place {
        let region = json!({"startLine": place.line.max(1), "startColumn": place.column.max(1)});
        physical.insert("region".to_owned(), region);
    }
    let mut location = Map::new();
    location.insert("physicalLocation".to_owned(), physical.into());
    if let Some(path) = shown.path() {
        let logical = json!([{"fullyQualifiedName": path, "kind": "element"}]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    location.into()
}

fn suppressions(finding: &Finding) -> Vec<Value> {
    let waived = finding.waived.iter().map(|waived| {
        json!({
            "kind": "external",
            "status": "accepted",
            "justification": waived.reason,
            "properties": {"owner": waived.owner, "expires": waived.expires},
        })
    });
    waived.collect()
}

/// A replacement; none of a value that must not be seen, because its mask would be written into the data.
fn fixed(finding: &Finding, fix: &Fix, masking: Masking) -> Option<Value> {
    let place = finding.place?;
    if masking == Masking::Masked && matches!(fix.replacement, Fact::Personal(_)) {
        return None;
    }
    // The region below is one of a single line.
    if let Some(Fact::Plain(old) | Fact::Personal(old)) = &finding.value
        && old.contains('\n')
    {
        return None;
    }
    Some(json!({
        "description": text(&fix.action),
        "artifactChanges": [{
            "artifactLocation": artifact(&finding.file),
            "replacements": [{
                "deletedRegion": {
                    "startLine": place.line.max(1),
                    "startColumn": place.column.max(1),
                    "endColumn": place.column.max(1) + fix.characters,
                },
                "insertedContent": {"text": fix.replacement.raw(masking)},
            }],
        }],
    }))
}

fn properties(shown: &Shown<'_>) -> Map<String, Value> {
    let finding = shown.finding;
    let mut properties = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value);
        }
    };
    add("effect", Some(finding.effect.as_str().into()));
    add("standard", finding.standard.as_deref().map(Value::from));
    add("record", finding.record.map(Value::from));
    add(
        "recordKey",
        shown.raw(finding.record_key.as_ref()).map(Value::from),
    );
    add("element", finding.element.as_deref().map(Value::from));
    add("value", shown.raw(finding.value.as_ref()).map(Value::from));
    add(
        "expected",
        shown.raw(finding.expected.as_ref()).map(Value::from),
    );
    add("help", shown.help().map(Value::from));
    add("source", Some(finding.source().into()));
    add("offset", finding.place.map(|place| place.offset.into()));
    if !finding.facts.is_empty() {
        let facts = finding.facts.iter();
        let facts: Map<String, Value> = facts
            .map(|(name, fact)| (name.to_string(), shown.raw_fact(fact).into()))
            .collect();
        properties.insert("facts".to_owned(), facts.into());
    }
    properties
}

fn descriptor(rule: &Rule) -> Value {
    let help = match &rule.help {
        Some(help) if !rule.source.is_empty() => format!("{help}\n\nSource: {}", rule.source),
        Some(help) => help.clone(),
        None if rule.source.is_empty() => rule.title.clone(),
        None => format!("Source: {}", rule.source),
    };
    json!({
        "id": &*rule.id,
        "shortDescription": text(&rule.title),
        "fullDescription": template(&rule.message),
        "help": template(&help),
        "defaultConfiguration": {"level": level(rule.effect)},
        "properties": {
            "effect": rule.effect,
            "class": rule.class,
            "provenance": rule.provenance,
            "source": rule.source,
            "since": rule.since,
        },
    })
}

/// How the run went: what could not be read, what was not run, what is to be said of the settings.
fn invocation(summary: &Summary) -> Value {
    let unreadable: Vec<Value> = summary
        .files
        .iter()
        .filter_map(|file| {
            let reason = file.unreadable.as_ref()?;
            Some(json!({
                "level": "error",
                "message": text(&format!("the input cannot be read to its end: {reason}")),
                "locations": [{"physicalLocation": {"artifactLocation": artifact(&file.file)}}],
            }))
        })
        .collect();
    let notices = summary.notices.iter().map(|notice| {
        json!({
            "level": if notice.kind.fails() { "error" } else { "warning" },
            "message": text(&tally::notice(notice)),
            "descriptor": {"id": notice.kind.as_str()},
        })
    });
    let not_run = summary.not_run.iter().map(|not_run| {
        json!({
            "level": "note",
            "message": text(&format!("{} was not run: {}", not_run.rule, not_run.reason)),
            "descriptor": {"id": "not-run"},
        })
    });
    json!({
        "executionSuccessful": unreadable.is_empty(),
        "toolExecutionNotifications": unreadable,
        "toolConfigurationNotifications": notices.chain(not_run).collect::<Vec<_>>(),
    })
}
