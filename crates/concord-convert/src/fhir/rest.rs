//! What nothing has read of a resource.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::enclosed;
use super::mapping::FhirMapping;
use super::path::Used;
use crate::loss::{LossReason, Losses};

/// Most elements that are told apart. Others are told by the type of their resource, so that what somebody else named does not
/// fill the memory.
const MOST_NAMES: usize = 5_000;

/// Names of elements that were told.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<Arc<str>>);

impl Names {
    /// The name if it can be told, else that of all others.
    fn told(&mut self, name: &str, others: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        if self.0.len() >= MOST_NAMES {
            return others.into();
        }
        let name: Arc<str> = name.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}

/// Counts the values of a resource that nothing has read; a resource of a type that is not mapped is one.
pub(super) fn count(
    mapping: &FhirMapping,
    resource: &Value,
    used: &Used,
    names: &mut Names,
    losses: &mut Losses,
) {
    let kind = resource.get("resourceType").and_then(Value::as_str);
    let known = kind.is_some_and(|kind| mapping.types().contains(&kind));
    let Some(kind) = kind.filter(|_| known) else {
        // Names that are no type of resource are not told: they may be anything.
        let is_name =
            |kind: &&str| kind.len() < 40 && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
        let element = names.told(kind.filter(is_name).unwrap_or("resource"), "resource");
        let bytes = resource.as_object().and_then(enclosed::told);
        losses.add_detail(&element, LossReason::NoPlace, bytes.as_deref(), 1);
        return;
    };
    let mut counting = Counting {
        kind,
        used,
        names,
        losses,
    };
    if let Some(elements) = resource.as_object() {
        for (name, value) in elements {
            if !matches!(name.as_str(), "resourceType" | "id" | "meta") {
                counting.element(&format!("{kind}.{name}"), value);
            }
        }
    }
}

struct Counting<'c> {
    kind: &'c str,
    used: &'c Used,
    names: &'c mut Names,
    losses: &'c mut Losses,
}

impl Counting<'_> {
    /// Counts values below an element. Depth is limited by the reader of JSON.
    fn element(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.element(name, item);
                }
            }
            Value::Object(elements) => {
                let url = elements.get("url").and_then(Value::as_str);
                let is_extension = name.ends_with("xtension");
                let name = match url.filter(|_| is_extension) {
                    Some(url) => format!("{name}[{url}]"),
                    None => name.to_owned(),
                };
                for (element, value) in elements {
                    let name = format!("{name}.{element}");
                    match enclosed::told(elements).filter(|_| element == "data") {
                        Some(bytes) => {
                            let name = self.names.told(&name, self.kind);
                            let detail = Some(&*bytes);
                            self.losses
                                .add_detail(&name, LossReason::NoPlace, detail, 1);
                        }
                        None if is_extension && element == "url" => {}
                        None => self.element(&name, value),
                    }
                }
            }
            leaf => {
                if !self.used.has(leaf) {
                    let name = self.names.told(name, self.kind);
                    self.losses.add(&name, LossReason::NoPlace, 1);
                }
            }
        }
    }
}
