//! Points of delivery by the rules of a file.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::facts::{ACTIVITIES, FACTS, Facts};
use super::lookup::Lists;

/// Rules that say which point of delivery an activity is of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsOfDelivery {
    /// Id of the rules, which lines name.
    pub id: String,
    /// What they are, for people.
    pub title: String,
    /// Where they come from.
    pub source: String,
    /// How sure it is that they hold.
    pub confidence: String,
    #[serde(rename = "rule")]
    rules: Vec<PointRule>,
}

/// Why rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rules of points of delivery cannot be used: {0}")]
pub struct PointError(String);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PointRule {
    pub(super) id: String,
    activity: String,
    /// The point of delivery; empty where there is none.
    #[serde(default)]
    pub(super) code: String,
    /// Why the activity is not counted.
    none: Option<String>,
    when: BTreeMap<String, Condition>,
    #[allow(dead_code)] // for those who read the file
    source: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Condition {
    OneOf(Vec<String>),
    Detailed(Detailed),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Detailed {
    at_least: Option<i64>,
    at_most: Option<i64>,
    /// Patterns of which one fits: `?` is any character, `*` at the end any characters.
    like: Option<Vec<String>>,
    /// Patterns of which none fits.
    unlike: Option<Vec<String>>,
    /// A list that holds it.
    list: Option<String>,
}

/// Which point of delivery an activity is of.
pub(super) enum Point<'p> {
    Is(&'p PointRule),
    /// None: why it does not count.
    None(&'p str),
    /// It cannot be told without this list.
    Lacks(&'p str),
    /// No rule takes it.
    NoRule,
}

enum Holds<'p> {
    Yes,
    No,
    Lacks(&'p str),
}

impl PointsOfDelivery {
    /// Reads rules.
    ///
    /// # Errors
    /// [`PointError`] when they are not written as they should be, or ask for what records do not say.
    pub fn read(text: &str) -> Result<Self, PointError> {
        let read: Self = toml::from_str(text).map_err(|error| PointError(error.to_string()))?;
        for rule in &read.rules {
            let wrong = |what: String| Err(PointError(format!("rule {}: {what}", rule.id)));
            if !ACTIVITIES.contains(&&*rule.activity) {
                return wrong(format!("`{}` is no activity", rule.activity));
            }
            if rule.code.is_empty() != rule.none.is_some() {
                return wrong("it must say either `code` or `none`".to_owned());
            }
            if let Some(fact) = rule
                .when
                .keys()
                .find(|fact| !FACTS.contains(&fact.as_str()))
            {
                return wrong(format!("records do not say `{fact}`"));
            }
        }
        Ok(read)
    }

    /// Whether a rule for an activity asks for a fact.
    pub(super) fn ask(&self, activity: &str, fact: &str) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| rule.activity == activity && rule.when.contains_key(fact))
    }

    /// The first rule that takes an activity.
    pub(super) fn of<'p>(&'p self, facts: &Facts, lists: &Lists) -> Point<'p> {
        for rule in self
            .rules
            .iter()
            .filter(|rule| rule.activity == facts.activity)
        {
            match rule.holds(facts, lists) {
                Holds::No => {}
                Holds::Lacks(list) => return Point::Lacks(list),
                Holds::Yes => {
                    return rule.none.as_deref().map_or(Point::Is(rule), Point::None);
                }
            }
        }
        Point::NoRule
    }
}

impl PointRule {
    fn holds(&self, facts: &Facts, lists: &Lists) -> Holds<'_> {
        let mut lacks = None;
        for (fact, condition) in &self.when {
            match condition.holds(fact, facts, lists) {
                Holds::Yes => {}
                Holds::No => return Holds::No,
                Holds::Lacks(list) => lacks = Some(list),
            }
        }
        lacks.map_or(Holds::Yes, Holds::Lacks)
    }
}

impl Condition {
    fn holds(&self, fact: &str, facts: &Facts, lists: &Lists) -> Holds<'_> {
        let text = facts.text(fact);
        let detailed = match self {
            Self::OneOf(codes) => {
                return yes(text.is_some_and(|text| codes.iter().any(|code| code == text)));
            }
            Self::Detailed(detailed) => detailed,
        };
        let Detailed {
            at_least,
            at_most,
            like,
            unlike,
            list,
        } = detailed;
        if at_least.is_some() || at_most.is_some() {
            let within = facts.number(fact).is_some_and(|number| {
                at_least.is_none_or(|least| number >= least)
                    && at_most.is_none_or(|most| number <= most)
            });
            if !within {
                return Holds::No;
            }
        }
        let fits = |patterns: &Vec<String>| {
            text.map(|text| patterns.iter().any(|pattern| is_like(text, pattern)))
        };
        if like
            .as_ref()
            .is_some_and(|patterns| fits(patterns) != Some(true))
            || unlike
                .as_ref()
                .is_some_and(|patterns| fits(patterns) != Some(false))
        {
            return Holds::No;
        }
        match (list, text) {
            (None, _) => Holds::Yes,
            (Some(_), None) => Holds::No,
            (Some(list), Some(text)) => lists.holds(list, text).map_or(Holds::Lacks(list), yes),
        }
    }
}

fn yes<'p>(holds: bool) -> Holds<'p> {
    if holds { Holds::Yes } else { Holds::No }
}

/// Whether a pattern fits: `?` is any character, `*` at the end any characters.
fn is_like(text: &str, pattern: &str) -> bool {
    let (pattern, open) = pattern
        .strip_suffix('*')
        .map_or((pattern, false), |start| (start, true));
    let mut rest = text.chars();
    let fits = pattern.chars().all(|wanted| {
        rest.next()
            .is_some_and(|found| wanted == '?' || wanted == found)
    });
    fits && (open || rest.next().is_none())
}
