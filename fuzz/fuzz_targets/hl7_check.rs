//! Any bytes as HL7 v2 messages: findings, in bounded memory and time, and no panic; the same for any size of chunk.
#![no_main]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use concord_check::capture::CapturePlan;
use concord_check::message::{MessageInput, MessagePlan, check_messages, message_head};
use concord_check::{NoRules, Options, Plan};
use concord_read::hl7::Message;
use concord_standards::compile::CompiledSchema;
use concord_standards::registry::Registry;
use libfuzzer_sys::fuzz_target;

/// The profile and the base, as shipped.
static PLANS: LazyLock<Vec<MessagePlan>> = LazyLock::new(|| {
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
    let registry = Registry::new(vec![Box::new(files)]).expect("the definitions are right");
    ["itk-adt@1.0", "hl7@2.4"]
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

fuzz_target!(|data: &[u8]| {
    let _ = message_head(data);
    if let Ok(message) = Message::read(data) {
        let written = message.write();
        let again = Message::read(&written).expect("it was read before");
        assert_eq!(again.write(), written);
    }
    let file: Arc<str> = "fuzz.hl7".into();
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
});
