//! What two simple types say of their values, held against each other facet by facet, in words.

use concord_standards::schema::{Facets, Schema, SimpleType, SimpleTypeId, Variety, WhiteSpace};

/// The name of the facet that lists permitted values.
pub(super) const CODES: &str = "permitted values";

/// A facet that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) name: &'static str,
    old: Option<String>,
    new: Option<String>,
}

impl Difference {
    /// `greatest length 12, before 20`
    pub(super) fn in_words(&self) -> String {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("{} {new} now, {old} before", self.name),
            (None, Some(new)) => format!("{} {new} now, open before", self.name),
            (Some(old), None) => format!("{} open now, {old} before", self.name),
            (None, None) => self.name.to_owned(),
        }
    }

    /// `20 → 12`
    pub(super) fn change(&self) -> String {
        let word = |side: &Option<String>| side.clone().unwrap_or_else(|| "open".to_owned());
        format!("{} → {}", word(&self.old), word(&self.new))
    }
}

/// The facets that differ, the enumerations by their number of values.
pub(super) fn difference(
    (old_schema, old): (&Schema, &SimpleType),
    (new_schema, new): (&Schema, &SimpleType),
) -> Vec<Difference> {
    let (mine, theirs) = (said(old_schema, old), said(new_schema, new));
    let differs = mine
        .into_iter()
        .zip(theirs)
        .filter(|((_, old), (_, new))| old != new);
    differs
        .map(|((name, old), (_, new))| Difference { name, old, new })
        .collect()
}

/// The permitted values that a type lists; those of the last step that lists any, in its order.
pub(super) fn codes(simple: &SimpleType) -> Vec<String> {
    let last = simple
        .steps
        .iter()
        .rev()
        .find(|step| !step.enumeration.is_empty());
    last.map(|step| step.enumeration.clone())
        .unwrap_or_default()
}

/// A type in a few words: its format in dictionary notation, or its name, or what it is made of.
pub(super) fn notation(simple: &SimpleType) -> String {
    match &simple.format {
        Some(format) => format.to_string(),
        None => named(simple),
    }
}

/// A type by its name, or what it is made of.
pub(super) fn named(simple: &SimpleType) -> String {
    if let Some(name) = &simple.name {
        return name.to_string();
    }
    match &simple.variety {
        Variety::Atomic(builtin) => builtin.name().to_owned(),
        Variety::List(_) => "a list".to_owned(),
        Variety::Union(_) => "one of several types".to_owned(),
    }
}

/// Every facet of a type, in a fixed order.
fn said(schema: &Schema, simple: &SimpleType) -> Vec<(&'static str, Option<String>)> {
    let steps = &simple.steps;
    let number = |facet: fn(&Facets) -> Option<u64>, least: bool| {
        let all = steps.iter().filter_map(facet);
        let tightest = if least { all.max() } else { all.min() };
        tightest.map(|number| number.to_string())
    };
    let last = |facet: fn(&Facets) -> Option<&String>| {
        let found = steps.iter().rev().find_map(facet);
        found.cloned()
    };
    let values = codes(simple);
    let mut patterns: Vec<String> = steps
        .iter()
        .filter(|step| !step.patterns.is_empty())
        .map(|step| step.patterns.join(" | "))
        .collect();
    patterns.sort_unstable();
    patterns.dedup();
    vec![
        ("type", Some(kind(schema, simple))),
        ("length", number(|facets| facets.length, true)),
        ("least length", number(|facets| facets.min_length, true)),
        ("greatest length", number(|facets| facets.max_length, false)),
        (
            "pattern",
            Some(patterns.join(" and ")).filter(|text| !text.is_empty()),
        ),
        ("least value", last(|facets| facets.min_inclusive.as_ref())),
        ("more than", last(|facets| facets.min_exclusive.as_ref())),
        (
            "greatest value",
            last(|facets| facets.max_inclusive.as_ref()),
        ),
        ("less than", last(|facets| facets.max_exclusive.as_ref())),
        (
            "digits",
            number(|facets| facets.total_digits.map(u64::from), false),
        ),
        (
            "decimals",
            number(|facets| facets.fraction_digits.map(u64::from), false),
        ),
        (
            "white space",
            steps
                .iter()
                .rev()
                .find_map(|facets| facets.white_space)
                .map(|white_space| {
                    let word = match white_space {
                        WhiteSpace::Preserve => "kept",
                        WhiteSpace::Replace => "replaced",
                        WhiteSpace::Collapse => "collapsed",
                    };
                    word.to_owned()
                }),
        ),
        (
            CODES,
            Some(values.len())
                .filter(|count| *count > 0)
                .map(|count| format!("{count}")),
        ),
    ]
}

fn kind(schema: &Schema, simple: &SimpleType) -> String {
    let inner = |id: &SimpleTypeId| notation(schema.simple_type(*id));
    match &simple.variety {
        Variety::Atomic(builtin) => format!("xs:{}", builtin.name()),
        Variety::List(item) => format!("a list of {}", inner(item)),
        Variety::Union(members) => {
            let members: Vec<String> = members.iter().map(inner).collect();
            format!("one of {}", members.join(", "))
        }
    }
}
