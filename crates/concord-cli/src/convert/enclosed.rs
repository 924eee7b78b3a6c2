//! Resources that resources hold as bytes, as inputs of their own.

use std::io::{BufRead as _, BufReader, Cursor, Read as _};

use concord_check::resource::is_xml;
use concord_convert::fhir::enclosed::{MOST, open};
use concord_read::json::Form;
use concord_read::{Input, Limits};
use serde_json::Value;

use super::carried::as_json;
use crate::prepare::{MayHold, Prepare, Prepared, Whole, may_hold};

/// The resources that those of an input hold as bytes, named after it and where they stand. `None` where they are not opened:
/// the input cannot be read again, it or what it holds is larger than [`MOST`]. One that was checked, and that `seen` says to hold
/// nothing, is not read again.
pub(super) fn of(
    input: &Input,
    limits: &Limits,
    prepared: Option<&Prepared>,
    seen: &MayHold,
) -> Option<Vec<Input>> {
    if prepared.is_some() && !seen.is_so() {
        return Some(Vec::new());
    }
    let Whole {
        name,
        first,
        opened,
        ..
    } = Whole::open(input, limits).ok()?;
    let lines = Form::of(name, &first) == Form::Lines;
    let is_xml = !lines && is_xml(&first);
    let mut bytes = BufReader::new(Cursor::new(first).chain(opened));
    let mut out = Found {
        inputs: Vec::new(),
        bytes: 0,
    };
    let mut text = Vec::new();
    if !lines {
        let mut limited = bytes.take(MOST as u64 + 1);
        limited.read_to_end(&mut text).ok()?;
        if text.len() > MOST {
            return None;
        }
        if is_xml && may_hold(&text) {
            text = as_json(Cursor::new(text), prepared).ok()?;
        }
        out.add(name, &text)?;
        return Some(out.inputs);
    }
    for number in 1_u64.. {
        text.clear();
        let mut limited = bytes.by_ref().take(MOST as u64 + 1);
        if limited.read_until(b'\n', &mut text).ok()? == 0 {
            break;
        }
        if text.len() > MOST {
            return None;
        }
        out.add(&format!("{name}!{number}"), &text)?;
    }
    Some(out.inputs)
}

/// The same for an input that was checked by a standard of resources; nothing where it was not, or they are not opened.
pub(crate) fn of_resources(
    input: &Input,
    limits: &Limits,
    prepared: &Prepared,
    seen: &MayHold,
) -> Vec<Input> {
    match &prepared.plan {
        Prepare::Resources(plan) if plan.own.is_none() => of(input, limits, Some(prepared), seen),
        _ => None,
    }
    .unwrap_or_default()
}

struct Found {
    inputs: Vec<Input>,
    /// Their bytes so far.
    bytes: usize,
}

impl Found {
    /// Adds what a document or line holds; nothing when that is too much.
    fn add(&mut self, name: &str, text: &[u8]) -> Option<()> {
        if !may_hold(text) {
            return Some(());
        }
        // What is no JSON was told of when it was checked.
        let Ok(mut value) = serde_json::from_slice::<Value>(text) else {
            return Some(());
        };
        for enclosed in open(&mut value) {
            self.bytes += enclosed.bytes.len();
            if self.bytes > MOST {
                return None;
            }
            let name = format!("{name}!{}", enclosed.path);
            self.inputs.push(Input::bytes(name, enclosed.bytes));
        }
        Some(())
    }
}
