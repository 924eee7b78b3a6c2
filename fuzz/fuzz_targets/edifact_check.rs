//! Any bytes as EDIFACT: findings, in bounded memory and time, and no panic; documents of what is read, and interchanges of
//! those.
#![no_main]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use concord_check::capture::CapturePlan;
use concord_check::message::{MessageInput, MessagePlan, check_messages, interchange_head};
use concord_check::{NoRules, Options, Plan};
use concord_interchange::{Envelope, Mapping, Translation};
use concord_standards::compile::CompiledSchema;
use concord_standards::registry::Registry;
use concord_standards::{Source, SourceError};
use libfuzzer_sys::fuzz_target;

/// The files of `schemas/`.
#[derive(Clone)]
struct Shipped(BTreeMap<String, String>);

impl Source for Shipped {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let text = self.0.get(path).ok_or_else(|| SourceError::missing(path))?;
        Ok(Cow::Borrowed(text))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let below = self.0.keys().filter(|name| name.starts_with(path));
        below.cloned().collect()
    }
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the definitions are there") {
            let path = entry.expect("the definitions are there").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(&root).expect("it is below the root");
                files.insert(name.to_string_lossy().into_owned(), text);
            }
        }
    }
    Shipped(files)
});

static PLANS: LazyLock<Vec<MessagePlan>> = LazyLock::new(|| {
    let registry = Registry::new(vec![Box::new(SHIPPED.clone())]).expect("the definitions are right");
    ["gp-links@1.4", "medrpt@1", "nhsrsr@1"]
        .into_iter()
        .map(|name| {
            let definition = registry.load(name).expect("the definition is right");
            let records = definition.standard.record.elements.clone();
            let compiled = CompiledSchema::compile(definition.schema.into()).expect("it compiles");
            let plan = Plan::new(compiled.into(), records, CapturePlan::default(), Vec::new());
            let messages = definition.messages.expect("it has messages");
            MessagePlan::new(plan, messages.into())
        })
        .collect()
});

static TRANSLATIONS: LazyLock<Vec<Translation>> = LazyLock::new(|| {
    ["gp-links/1-4", "medrpt/1"]
        .into_iter()
        .map(|folder| Translation::new(Mapping::load(&*SHIPPED, folder).expect("it is right")))
        .collect()
});

fuzz_target!(|data: &[u8]| {
    let _ = interchange_head(data);
    let file: Arc<str> = "fuzz.edi".into();
    for plan in PLANS.iter() {
        let input = MessageInput {
            bytes: data,
            file: &file,
            size: None,
        };
        let checked = check_messages(input, plan, &NoRules, Options::default(), &mut |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(checked.summary.bytes, data.len() as u64);
    }
    let facts = [("sender", "A"), ("recipient", "B")];
    let envelope = Envelope {
        facts: facts.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        moment: None,
    };
    for translation in TRANSLATIONS.iter() {
        for document in translation.to_fhir(data, &envelope, &|_| None).documents {
            let _ = translation.to_edifact(&document.json, &envelope);
        }
    }
});
