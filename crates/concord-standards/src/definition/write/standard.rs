//! `standard.toml`.

use super::text::{folded, key, list, quoted};
use crate::definition::standard::{Effects, StandardInfo};

pub(super) fn write(info: &StandardInfo) -> String {
    let mut lines = Vec::new();
    let mut say = |key: &str, value: &str| lines.push(format!("{key} = {}", quoted(value)));
    say("id", &info.id);
    say("version", &info.version);
    say("title", &info.title);
    let mut maybe = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            say(key, value);
        }
    };
    maybe("number", &info.number);
    maybe("covers", &info.covers);
    say("publisher", &info.publisher);
    say("status", info.status.as_str());
    let mut maybe = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            say(key, value);
        }
    };
    maybe("effective_from", &info.effective_from);
    maybe("effective_to", &info.effective_to);
    say("carrier", &info.carrier);
    say("namespace", &info.namespace);
    lines.push(format!("source = {}", folded(&info.source)));
    if let Some(provenance) = &info.provenance {
        lines.push(format!("provenance = {}", folded(provenance)));
    }
    lines.push(String::new());
    lines.push("[recognise]".to_owned());
    lines.push(format!("root = {}", quoted(&info.recognise.root)));
    if info.recognise.namespace != info.namespace {
        let namespace = quoted(&info.recognise.namespace);
        lines.push(format!("namespace = {namespace}"));
    }
    if !info.recognise.attributes.is_empty() {
        let attributes: Vec<String> = info
            .recognise
            .attributes
            .iter()
            .map(|(name, value)| format!("{} = {}", key(name), quoted(value)))
            .collect();
        lines.push(format!("attributes = {{ {} }}", attributes.join(", ")));
    }
    if !info.record.elements.is_empty() {
        lines.push(String::new());
        lines.push("[record]".to_owned());
        lines.push(format!("elements = {}", lines_of(&info.record.elements)));
        if !info.record.key.is_empty() {
            lines.push(format!("key = {}", lines_of(&info.record.key)));
        }
        if !info.record.provider.is_empty() {
            let provider = lines_of(&info.record.provider);
            lines.push(format!("provider = {provider}"));
        }
    }
    if info.effects != Effects::default() {
        lines.push(String::new());
        lines.push("[effects]".to_owned());
        let effects = [
            ("structure", info.effects.structure),
            ("value", info.effects.value),
            ("envelope", info.effects.envelope),
        ];
        for (key, effect) in effects {
            lines.push(format!("{key} = {}", quoted(effect.as_str())));
        }
    }
    lines.join("\n") + "\n"
}

/// A list on one line while it is short, else one line for each item.
fn lines_of<S: AsRef<str>>(items: &[S]) -> String {
    let short = list(items);
    if short.len() <= 80 {
        return short;
    }
    let items: Vec<String> = items
        .iter()
        .map(|item| format!("  {},\n", quoted(item.as_ref())))
        .collect();
    format!("[\n{}]", items.concat())
}
