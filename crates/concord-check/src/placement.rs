//! What to say of an element that does not stand where it may.

use concord_finding::Fact;
use concord_standards::compile::{Label, Model};
use concord_standards::schema::{ElementId, Schema};

use crate::catalogue::BuiltinRule;
use crate::cursor::{Cursor, OneOf, Placed};

/// Alternatives that are named one by one.
const MOST_NAMED: usize = 5;

/// A rule, the facts of its finding and what was expected.
pub(crate) struct Placement {
    pub(crate) rule: BuiltinRule,
    pub(crate) facts: Vec<(&'static str, Fact)>,
    pub(crate) expected: Option<Fact>,
}

/// The finding's parts for a child called `found`; `None` when it fits.
pub(crate) fn describe(
    schema: &Schema,
    model: &Model,
    before: &Cursor,
    placed: &Placed,
    found: &str,
    parent: &str,
) -> Option<Placement> {
    let plain = |text: &str| Fact::Plain(text.to_owned());
    let last = before
        .last
        .map(|label| names(schema, model, &[label]).concat())
        .unwrap_or_default();
    let (rule, extra, expected) = match placed {
        Placed::Fits => return None,
        Placed::After(missing) => (
            BuiltinRule::Missing,
            vec![
                ("missing", lacking(schema, model, missing)),
                (
                    "where",
                    Fact::Plain(format!("it must stand before `{found}`")),
                ),
            ],
            None,
        ),
        Placed::Late => (
            BuiltinRule::Order,
            vec![(
                "where",
                Fact::Plain(format!("`{found}` must stand before `{last}`")),
            )],
            None,
        ),
        Placed::TooMany(most) => (
            BuiltinRule::TooMany,
            Vec::new(),
            Some(Fact::Number(u64::from(*most))),
        ),
        Placed::Excluded => (BuiltinRule::Choice, vec![("other", plain(&last))], None),
    };
    let mut facts = vec![("found", plain(found)), ("parent", plain(parent))];
    facts.extend(extra);
    Some(Placement {
        rule,
        facts,
        expected,
    })
}

/// The facts of a finding about elements that are missing when their parent ends.
pub(crate) fn missing_at_end(
    schema: &Schema,
    model: &Model,
    missing: &[OneOf],
    parent: &str,
) -> Placement {
    Placement {
        rule: BuiltinRule::Missing,
        facts: vec![
            ("missing", lacking(schema, model, missing)),
            ("parent", Fact::Plain(parent.to_owned())),
            (
                "where",
                Fact::Plain(format!("it must stand before the end of `{parent}`")),
            ),
        ],
        expected: None,
    }
}

/// The children of a model.
pub(crate) fn children(model: &Model) -> &[ElementId] {
    match model {
        Model::Ordered { automaton, .. } => &automaton.children,
        Model::All { group, .. } => &group.children,
        Model::Empty | Model::Simple(_) => &[],
    }
}

/// Local names of labels.
pub(crate) fn names(schema: &Schema, model: &Model, labels: &[Label]) -> Vec<String> {
    let children = children(model);
    labels
        .iter()
        .map(|label| match children.get(*label as usize) {
            Some(child) => schema.element(*child).name.to_string(),
            None => "any other element".to_owned(),
        })
        .collect()
}

/// What is missing, by name.
fn lacking(schema: &Schema, model: &Model, missing: &[OneOf]) -> Fact {
    if missing.is_empty() {
        return Fact::Plain("one of no elements".to_owned());
    }
    let each = missing.iter();
    Fact::List(distinct(
        each.map(|labels| one_of(names(schema, model, labels)))
            .collect(),
    ))
}

/// One name, or several of which one is enough.
fn one_of(names: Vec<String>) -> String {
    let mut names = distinct(names);
    if let [only] = &names[..] {
        return only.clone();
    }
    let more = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    let named = names.join(", ");
    match more {
        0 => format!("one of {named}"),
        more => format!("one of {named} and {more} more"),
    }
}

/// Without what is said already: an element may be missing many times over.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    names
        .into_iter()
        .filter(|name| seen.insert(name.clone()))
        .collect()
}

impl Placement {
    /// Puts the facts into a finding whose rule is already set.
    pub(crate) fn fill(self, draft: &mut crate::output::Draft) {
        for (name, fact) in self.facts {
            draft.fact(name, fact);
        }
        draft.finding.expected = self.expected;
    }
}

#[cfg(test)]
mod tests {
    use super::{distinct, one_of};

    #[test]
    fn what_is_missing_many_times_is_named_once() {
        let names = ["b", "c", "b", "c", "a"].map(str::to_owned).into();
        assert_eq!(distinct(names), ["b", "c", "a"]);
    }

    #[test]
    fn alternatives_are_said_to_be_such() {
        let named = |names: &[&str]| one_of(names.iter().map(ToString::to_string).collect());
        assert_eq!(named(&["a"]), "a");
        assert_eq!(named(&["a", "b"]), "one of a, b");
        assert_eq!(
            named(&["a", "b", "c", "d", "e", "f", "g"]),
            "one of a, b, c, d, e and 2 more"
        );
    }
}
