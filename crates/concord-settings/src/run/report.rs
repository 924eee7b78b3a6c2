//! Reports read piece by piece: no more than one finding is held at a time.

use std::fmt;
use std::io::{BufReader, Read};

use concord_finding::Effect;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::RunError;

/// A finding of a report, as far as runs are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule.
    pub rule: String,
    /// What the receiver does.
    pub effect: Effect,
    /// What names it across runs.
    pub fingerprint: u64,
    /// Who provided what it is about.
    pub provider: Option<String>,
    /// The input.
    pub file: String,
    /// Where in it.
    pub line: Option<u64>,
    /// What is wrong, masked as the report masks it.
    pub message: String,
}

/// Reads a report and hands each finding on.
///
/// # Errors
/// When it is no report, not whole, or leaves findings out.
pub fn read(report: impl Read, mut take: impl FnMut(Entry)) -> Result<(), RunError> {
    let mut values =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, report));
    let mut end: Option<End> = None;
    let part = |error: serde_json::Error| match error.io_error_kind() {
        Some(_) => RunError::Io(error.into()),
        None if error.is_eof() => RunError::CutShort,
        None => RunError::NotAReport {
            line: error.line(),
            column: error.column(),
            reason: reason(&error),
        },
    };
    loop {
        if values.end().is_ok() {
            break;
        }
        let whole = Whole {
            take: &mut take,
            end: &mut end,
        };
        whole.deserialize(&mut values).map_err(part)?;
    }
    match end {
        None => Err(RunError::CutShort),
        Some(end) => match end.left_out() {
            0 => Ok(()),
            left_out => Err(RunError::LeftOut(left_out)),
        },
    }
}

/// The reason alone: the place stands beside it.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_owned()
}

/// What the summary says about findings that are not in the report.
#[derive(Deserialize)]
struct End {
    not_shown: u64,
    baseline: Option<Compared>,
}

#[derive(Deserialize)]
struct Compared {
    persisting: u64,
}

impl End {
    fn left_out(&self) -> u64 {
        let persisting = self
            .baseline
            .as_ref()
            .map_or(0, |compared| compared.persisting);
        self.not_shown.saturating_add(persisting)
    }
}

/// A line of `ndjson`, or the whole of `json`.
struct Whole<'t, T> {
    take: &'t mut T,
    end: &'t mut Option<End>,
}

#[derive(Default)]
struct Parts {
    rule: Option<String>,
    effect: Option<Effect>,
    fingerprint: Option<u64>,
    facts: Facts,
    file: Option<String>,
    line: Option<u64>,
    message: Option<String>,
}

#[derive(Deserialize, Default)]
struct Facts {
    provider: Option<String>,
}

/// Sixteen hexadecimal digits.
struct Fingerprint(u64);

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = plain.then(|| u64::from_str_radix(&text, 16).ok()).flatten();
        number
            .map(Self)
            .ok_or_else(|| D::Error::custom("a fingerprint has sixteen hexadecimal digits"))
    }
}

impl Parts {
    /// Takes a field; whether it is one of a finding's.
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "rule" => self.rule = Some(map.next_value()?),
            "effect" => self.effect = Some(map.next_value()?),
            "fingerprint" => self.fingerprint = Some(map.next_value::<Fingerprint>()?.0),
            "facts" => self.facts = map.next_value()?,
            "file" => self.file = Some(map.next_value()?),
            "line" => self.line = map.next_value()?,
            "message" => self.message = Some(map.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn is_empty(&self) -> bool {
        self.rule.is_none() && self.effect.is_none() && self.fingerprint.is_none()
    }

    fn entry<E: serde::de::Error>(self) -> Result<Entry, E> {
        Ok(Entry {
            rule: self.rule.ok_or_else(|| E::missing_field("rule"))?,
            effect: self.effect.ok_or_else(|| E::missing_field("effect"))?,
            fingerprint: self
                .fingerprint
                .ok_or_else(|| E::missing_field("fingerprint"))?,
            provider: self.facts.provider,
            file: self.file.unwrap_or_default(),
            line: self.line,
            message: self.message.unwrap_or_default(),
        })
    }
}

impl<'de, T: FnMut(Entry)> DeserializeSeed<'de> for Whole<'_, T> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: FnMut(Entry)> Visitor<'de> for Whole<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report of `concord check`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut parts = Parts::default();
        let mut known = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "findings" => {
                    known = true;
                    map.next_value_seed(List {
                        take: &mut *self.take,
                    })?;
                }
                "summary" => {
                    known = true;
                    *self.end = Some(map.next_value()?);
                }
                "record_verdict" => {
                    known = true;
                    map.next_value::<IgnoredAny>()?;
                }
                key => {
                    if !parts.take(key, &mut map)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
        }
        if !parts.is_empty() {
            (self.take)(parts.entry()?);
        } else if !known {
            return Err(A::Error::custom("this is no report of `concord check`"));
        }
        Ok(())
    }
}

/// The findings of a `json` report.
struct List<'t, T> {
    take: &'t mut T,
}

impl<'de, T: FnMut(Entry)> DeserializeSeed<'de> for List<'_, T> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: FnMut(Entry)> Visitor<'de> for List<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element()? {
            (self.take)(entry);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Entry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a finding")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut parts = Parts::default();
                while let Some(key) = map.next_key::<String>()? {
                    if !parts.take(&key, &mut map)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                parts.entry()
            }
        }
        deserializer.deserialize_map(One)
    }
}
