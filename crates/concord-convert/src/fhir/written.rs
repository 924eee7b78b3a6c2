//! `mapping.toml` as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use toml::Spanned;

/// A text and where it stands.
pub(super) type Spot = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) standard: Spot,
    /// What the facts are taken from, for readers.
    #[serde(rename = "source")]
    _source: String,
    pub(super) resource: Vec<Spanned<Resource>>,
    #[serde(default)]
    pub(super) rows: Vec<Spanned<Rows>>,
    #[serde(default)]
    pub(super) target: Vec<Spanned<Target>>,
    #[serde(default)]
    pub(super) refuse: Vec<Refuse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refuse {
    pub(super) types: Vec<Spot>,
    #[serde(default, rename = "match")]
    pub(super) matches: Vec<Spot>,
    pub(super) when: Vec<Spot>,
    /// Why it is so, for readers.
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    pub(super) name: Spot,
    #[serde(rename = "type")]
    pub(super) kind: Spot,
    pub(super) profile: Option<Spot>,
    pub(super) from: Spot,
    #[serde(default)]
    pub(super) only: BTreeMap<Spot, Spot>,
    #[serde(default, rename = "match")]
    pub(super) matches: Vec<Spot>,
    #[serde(default)]
    pub(super) needs: Vec<Spot>,
    #[serde(default)]
    pub(super) inside: Vec<Spot>,
    #[serde(default, rename = "for")]
    pub(super) made_for: Vec<Spot>,
    #[serde(default)]
    pub(super) read: bool,
    #[serde(default)]
    pub(super) one: BTreeMap<String, Vec<Spot>>,
    #[serde(default)]
    pub(super) rule: Vec<Rule>,
    #[serde(default)]
    pub(super) references: BTreeMap<Spot, Texts>,
    pub(super) listed: Option<Listed>,
    #[serde(default)]
    pub(super) fields: BTreeMap<Spot, Spanned<Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) path: Spot,
    #[serde(default)]
    pub(super) by: BTreeMap<Spot, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) has: BTreeMap<Spot, String>,
    #[serde(rename = "else")]
    pub(super) otherwise: Option<String>,
    /// Why it is so, for readers.
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    #[serde(rename = "in")]
    pub(super) within: Vec<Spot>,
    pub(super) at: Spot,
    pub(super) reference: Spot,
    pub(super) rank: Option<Spot>,
    #[serde(default)]
    pub(super) fields: BTreeMap<Spot, Spanned<Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    pub(super) entity: Spot,
    #[serde(default)]
    pub(super) only: BTreeMap<Spot, Spot>,
    #[serde(rename = "in")]
    pub(super) within: Vec<Spot>,
    pub(super) at: Spot,
    #[serde(default)]
    pub(super) once: bool,
    pub(super) fields: BTreeMap<Spot, Spanned<Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) name: Spot,
    #[serde(rename = "type")]
    pub(super) kind: Spot,
    pub(super) profile: Option<Spot>,
    pub(super) identifier: Option<Spot>,
}

/// Where a field stands: a place, or more about it.
pub(super) enum Field {
    Place,
    Details(Box<Details>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details {
    pub(super) to: Spot,
    pub(super) beside: Option<Spot>,
    pub(super) otherwise: Option<Spot>,
    #[serde(default)]
    pub(super) also: Vec<Spot>,
    pub(super) codes: Option<Spot>,
    pub(super) part: Option<Spot>,
    pub(super) refers: Option<Spot>,
    pub(super) with: Option<Spot>,
    #[serde(rename = "as")]
    pub(super) form: Option<Spot>,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a place in quotes, or a table with `to`")
            }

            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Field, E> {
                Ok(Field::Place)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                Details::deserialize(MapAccessDeserializer::new(map))
                    .map(|details| Field::Details(Box::new(details)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// One name or several.
pub(super) struct Texts(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name in quotes or a list of names")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
