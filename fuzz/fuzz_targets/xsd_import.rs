//! Any bytes as an XSD: an error or a schema, in bounded memory and time; what is a schema compiles or says why not, and
//! checks a document without a panic.
#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::Plan;
use concord_standards::compile::CompiledSchema;
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../crates/concord-check/tests/robust/support.rs"]
mod support;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // A second schema behind a form feed can be included or imported as `b.xsd`.
    let (first, second) = text.split_once('\u{c}').unwrap_or((text, ""));
    let files = BTreeMap::from([
        ("a.xsd".to_owned(), first.to_owned()),
        ("b.xsd".to_owned(), second.to_owned()),
    ]);
    let Ok(schema) = concord_standards::xsd::import(&files, "a.xsd") else {
        return;
    };
    let Ok(compiled) = CompiledSchema::compile(Arc::new(schema)) else {
        return;
    };
    let plan = Plan::new(
        Arc::new(compiled),
        Vec::new(),
        concord_check::capture::CapturePlan::default(),
        Vec::new(),
    );
    for document in [support::BATCH, support::INTERCHANGE] {
        if let Err(difference) = support::examine(&plan, document.as_bytes(), &[]) {
            panic!("{difference}");
        }
    }
});
