//! Findings and verdicts, each as one line of JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use concord_finding::{Finding, Masking};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::RecordVerdict;
use crate::common::Commons;
use crate::escape::is_steering;
use crate::object::{Object, name, string};
use crate::shown::Shown;

/// Writes findings as JSON, what those of one rule have in common put together once.
pub(crate) struct Findings {
    masking: Masking,
    common: Commons,
    message: String,
}

impl Findings {
    pub(crate) fn new(masking: Masking) -> Self {
        Self {
            masking,
            common: Commons::default(),
            message: String::new(),
        }
    }

    /// Writes a finding as a JSON object without a line end: its fields in the order that DESIGN.md shows. Fields are added,
    /// never renamed.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, finding: &Finding) -> io::Result<()> {
        let common = self.common.of(finding)?;
        let shown = Shown::new(finding, self.masking);
        let place = finding.place;
        out.extend_from_slice(&common.before);
        string(out, &shown.message_in(&mut self.message))?;
        out.extend_from_slice(&common.file);
        let mut object = Object::continued(out);
        object.number_or_null(name!("line"), place.map(|place| place.line));
        object.number_or_null(name!("column"), place.map(|place| place.column));
        object.number_or_null(name!("offset"), place.map(|place| place.offset));
        object.text_or_null(name!("path"), shown.path().as_deref())?;
        object.number_or_null(name!("record"), finding.record);
        let raw = |fact| shown.raw(Option::as_ref(fact));
        object.text_or_null(name!("record_key"), raw(&finding.record_key).as_deref())?;
        object.text_or_null(name!("element"), finding.element.as_deref())?;
        object.text_or_null(name!("value"), raw(&finding.value).as_deref())?;
        object.text_or_null(name!("expected"), raw(&finding.expected).as_deref())?;
        if !finding.facts.is_empty() {
            let mut facts = object.object(name!("facts"));
            for (name, fact) in &finding.facts {
                facts.text_of(name, &shown.raw_fact(fact))?;
            }
            facts.end();
        }
        match (&common.help, shown.help()) {
            // As it is written in the rule, with nothing to be masked.
            (Some(help), Some(Cow::Borrowed(_)) | None) => object.written(name!("help"), help),
            (_, help) => object.text_or_null(name!("help"), help.as_deref())?,
        }
        let number = finding.fingerprint_number_from(common.start(finding));
        object.written(name!("source"), &common.source);
        object.written(name!("fingerprint"), &quoted_digits(number));
        if let Some(fix) = &finding.fix {
            let mut fields = object.object(name!("fix"));
            fields.text(name!("action"), &fix.action)?;
            fields.number_or_null(name!("length"), Some(fix.length));
            let replacement = shown.raw_fact(&fix.replacement);
            fields.text(name!("replacement"), &replacement)?;
            fields.end();
        }
        if let Some(waived) = &finding.waived {
            let mut fields = object.object(name!("waived"));
            fields.text(name!("owner"), &waived.owner)?;
            fields.text(name!("reason"), &waived.reason)?;
            fields.text(name!("expires"), &waived.expires)?;
            fields.end();
        }
        object.end();
        Ok(())
    }
}

/// A number as sixteen hexadecimal digits between quotes.
fn quoted_digits(number: u64) -> [u8; 18] {
    let mut text = [b'"'; 18];
    for (place, digit) in text[1..17].iter_mut().enumerate() {
        let value = (number >> (60 - 4 * place)) & 0xf;
        *digit = b"0123456789abcdef"[value as usize];
    }
    text
}

/// Writes a record's verdict as a JSON object without a line end.
pub(crate) fn record(
    out: &mut Vec<u8>,
    verdict: &RecordVerdict<'_>,
    masking: Masking,
) -> io::Result<()> {
    let mut object = Object::new(out);
    let mut fields = object.object(name!("record_verdict"));
    fields.text(name!("file"), verdict.file)?;
    fields.number_or_null(name!("record"), Some(verdict.record));
    let key = verdict.record_key.map(|key| key.text(masking));
    fields.text_or_null(name!("record_key"), key.as_deref())?;
    fields.truth(name!("accepted"), !verdict.effect.rejects_record());
    fields.text(name!("effect"), verdict.effect.as_str())?;
    fields.number_or_null(name!("findings"), Some(verdict.findings));
    fields.end();
    object.end();
    Ok(())
}

/// Writes any value as JSON in which no character can steer a terminal.
pub(crate) fn value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Harmless);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Compact JSON with steering characters escaped; `serde_json` escapes only those that JSON itself forbids.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Without an early end, so that the compiler makes vector instructions of it.
        let greatest = fragment.bytes().fold(0, u8::max);
        if greatest < 0x7f {
            return writer.write_all(fragment.as_bytes());
        }
        let mut compact = CompactFormatter;
        let mut rest = fragment;
        while let Some((index, character)) =
            rest.char_indices().find(|(_, found)| is_steering(*found))
        {
            compact.write_string_fragment(writer, &rest[..index])?;
            // All steering characters are in the basic plane.
            write!(writer, "\\u{:04x}", u32::from(character))?;
            rest = &rest[index + character.len_utf8()..];
        }
        compact.write_string_fragment(writer, rest)
    }
}
