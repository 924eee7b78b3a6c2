//! Texts, numbers and truth values as simple types.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::schema::{Builtin, Facets, QName, SimpleType, SimpleTypeId, Variety};

use super::build::Builder;
use super::conjunction::{Conjunction, Kind};
use super::keywords::count;
use super::number::{compare, plain, whole};
use super::pattern;
use super::tree::{Json, Node};

/// Formats that a pattern can say: RFC 3339 section 5.6 and RFC 4122 section 3.
const FORMATS: &[(&str, &str)] = &[
    ("date", "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    (
        "time",
        r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+\-]([01][0-9]|2[0-3]):[0-5][0-9])",
    ),
    (
        "date-time",
        r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+\-]([01][0-9]|2[0-3]):[0-5][0-9])",
    ),
    (
        "uuid",
        "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    ),
];

impl<'t> Builder<'t> {
    /// The type of a text, number or truth value.
    pub(super) fn scalar(&mut self, conjunction: &Conjunction<'t>, kind: Kind) -> SimpleTypeId {
        let (builtin, steps) = match kind {
            Kind::Boolean => (Builtin::Boolean, self.boolean(conjunction)),
            Kind::Integer => (Builtin::Integer, self.numeric(conjunction, true)),
            Kind::Number => {
                // A number that goes up by a whole one is an integer.
                let is_whole = |step: &Node<'_>| matches!(step.value, Json::Number(step) if plain(step).as_deref() == Some("1"));
                let whole = conjunction
                    .all("multipleOf")
                    .iter()
                    .any(|step| is_whole(step));
                let builtin = if whole {
                    Builtin::Integer
                } else {
                    Builtin::Decimal
                };
                (builtin, self.numeric(conjunction, whole))
            }
            _ => (Builtin::String, self.text(conjunction)),
        };
        let origin = self.reading.origin(conjunction.start());
        self.simple(SimpleType {
            name: conjunction.name.as_deref().map(|name| QName::new("", name)),
            variety: Variety::Atomic(builtin),
            steps: steps
                .into_iter()
                .filter(|step| *step != Facets::default())
                .collect(),
            base: None,
            code_list: None,
            format: None,
            origin,
        })
    }

    /// The literals of `enum` and `const` that `keep` takes, those of several schemas only where all have them; `None` when
    /// there is no such keyword.
    fn literals(
        &mut self,
        conjunction: &Conjunction<'t>,
        keep: impl Fn(&Node<'_>) -> Option<String>,
    ) -> Option<Vec<String>> {
        let lists = conjunction.all("enum").into_iter();
        let lists = lists.map(|list| list.items().iter().collect::<Vec<_>>());
        let constants = conjunction.all("const").into_iter();
        let all: Vec<Vec<&Node<'_>>> = lists
            .chain(constants.map(|constant| vec![constant]))
            .collect();
        let mut known: Option<Vec<String>> = None;
        for list in all {
            let mut seen = BTreeSet::new();
            let mut own: Vec<String> = list.into_iter().filter_map(&keep).collect();
            own.retain(|literal| seen.insert(literal.clone()));
            known = Some(match known {
                Some(known) => known
                    .into_iter()
                    .filter(|literal| seen.contains(literal))
                    .collect(),
                None => own,
            });
        }
        if known.as_ref().is_some_and(Vec::is_empty) {
            self.contradiction(conjunction);
            return None;
        }
        known
    }

    /// Tells that no value fits, which no type says.
    pub(super) fn contradiction(&mut self, conjunction: &Conjunction<'t>) {
        let what = "that no value fits: its keywords contradict one another".to_owned();
        self.reading.not_represented(conjunction.start(), what);
    }

    fn boolean(&mut self, conjunction: &Conjunction<'t>) -> Vec<Facets> {
        let literals = self.literals(conjunction, |literal| match literal.value {
            Json::Bool(said) => Some(said.to_string()),
            _ => None,
        });
        // JSON has these two words only, XML Schema `0` and `1` too.
        let patterns = literals.unwrap_or_else(|| vec!["true".to_owned(), "false".to_owned()]);
        vec![Facets {
            patterns,
            ..Facets::default()
        }]
    }

    fn text(&mut self, conjunction: &Conjunction<'t>) -> Vec<Facets> {
        let counts = |keyword: &str| {
            let said = conjunction.all(keyword);
            said.iter()
                .filter_map(|said| count(said))
                .collect::<Vec<_>>()
        };
        let mut first = Facets {
            min_length: counts("minLength")
                .into_iter()
                .max()
                .filter(|least| *least > 0),
            max_length: counts("maxLength").into_iter().min(),
            ..Facets::default()
        };
        if let (Some(least), Some(most)) = (first.min_length, first.max_length)
            && least > most
        {
            self.contradiction(conjunction);
            (first.min_length, first.max_length) = (None, None);
        }
        let literals = self.literals(conjunction, |literal| literal.text().map(str::to_owned));
        first.enumeration = literals.unwrap_or_default();
        let mut steps = vec![first];
        for said in conjunction.all("pattern") {
            let translated = said.text().and_then(pattern::translate);
            if let Some(pattern) = translated {
                steps.push(of_pattern(pattern));
            } else {
                let what = "a pattern that XML Schema cannot say".to_owned();
                self.reading.not_represented(said.start, what);
            }
        }
        for said in conjunction.all("format") {
            let Some(format) = said.text() else {
                continue;
            };
            if let Some((_, pattern)) = FORMATS.iter().find(|(name, _)| *name == format) {
                steps.push(of_pattern((*pattern).to_owned()));
            } else {
                let what = format!("the format `{format}`");
                self.reading.not_represented(said.start, what);
            }
        }
        steps.dedup();
        steps
    }

    fn numeric(&mut self, conjunction: &Conjunction<'t>, is_whole: bool) -> Vec<Facets> {
        let mut facets = Facets::default();
        let lower = self.limit(conjunction, is_whole, Ordering::Greater);
        let upper = self.limit(conjunction, is_whole, Ordering::Less);
        if let (Some(lower), Some(upper)) = (&lower, &upper) {
            let contradicts = match compare(&lower.number, &upper.number) {
                Ordering::Greater => true,
                Ordering::Equal => lower.excluded || upper.excluded,
                Ordering::Less => false,
            };
            if contradicts {
                self.contradiction(conjunction);
                return Vec::new();
            }
        }
        match lower {
            Some(Limit {
                number,
                excluded: true,
            }) => facets.min_exclusive = Some(number),
            Some(Limit { number, .. }) => facets.min_inclusive = Some(number),
            None => {}
        }
        match upper {
            Some(Limit {
                number,
                excluded: true,
            }) => facets.max_exclusive = Some(number),
            Some(Limit { number, .. }) => facets.max_inclusive = Some(number),
            None => {}
        }
        for said in conjunction.all("multipleOf") {
            let Json::Number(step) = said.value else {
                continue;
            };
            match decimal_places(step) {
                Some(0) if is_whole => {}
                Some(places) if places > 0 && !is_whole => {
                    let known = facets.fraction_digits.unwrap_or(places);
                    facets.fraction_digits = Some(known.min(places));
                }
                Some(places) if places > 0 => {}
                _ => {
                    let what = format!("that numbers are multiples of {step} (`multipleOf`)");
                    self.reading.not_represented(said.start, what);
                }
            }
        }
        let within = |number: &str| {
            let above = |limit: &Option<String>, strictly: bool| {
                limit
                    .as_ref()
                    .is_none_or(|limit| match compare(number, limit) {
                        Ordering::Greater => true,
                        Ordering::Equal => !strictly,
                        Ordering::Less => false,
                    })
            };
            let below = |limit: &Option<String>, strictly: bool| {
                limit
                    .as_ref()
                    .is_none_or(|limit| match compare(number, limit) {
                        Ordering::Less => true,
                        Ordering::Equal => !strictly,
                        Ordering::Greater => false,
                    })
            };
            above(&facets.min_inclusive, false)
                && above(&facets.min_exclusive, true)
                && below(&facets.max_inclusive, false)
                && below(&facets.max_exclusive, true)
        };
        let literals = self.literals(conjunction, |literal| match literal.value {
            Json::Number(number) => {
                plain(number).filter(|number| within(number) && !(is_whole && number.contains('.')))
            }
            _ => None,
        });
        match literals {
            Some(enumeration) => vec![Facets {
                enumeration,
                ..Facets::default()
            }],
            None => vec![facets],
        }
    }

    /// The tightest limit: the lower one when the tighter is the greater.
    fn limit(
        &mut self,
        conjunction: &Conjunction<'t>,
        is_whole: bool,
        tighter: Ordering,
    ) -> Option<Limit> {
        let lower = tighter == Ordering::Greater;
        let (included, excluded) = if lower {
            ("minimum", "exclusiveMinimum")
        } else {
            ("maximum", "exclusiveMaximum")
        };
        let mut limits = Vec::new();
        for part in &conjunction.parts {
            // In draft 4 the exclusive one is a word about the other one.
            let excludes = matches!(
                part.get(excluded).map(|said| &said.value),
                Some(Json::Bool(true))
            );
            for (keyword, excluded) in [(included, excludes), (excluded, true)] {
                let Some(Node {
                    value: Json::Number(number),
                    start,
                    ..
                }) = part.get(keyword)
                else {
                    continue;
                };
                if let Some(number) = plain(number) {
                    limits.push(Limit { number, excluded });
                } else {
                    let what = format!("a limit of {number}");
                    self.reading.not_represented(*start, what);
                }
            }
        }
        if is_whole {
            for limit in &mut limits {
                let rounded = whole(&limit.number, lower);
                if rounded != limit.number {
                    limit.number = rounded;
                    limit.excluded = false;
                }
            }
        }
        limits
            .into_iter()
            .reduce(|known, other| match compare(&other.number, &known.number) {
                order if order == tighter => other,
                Ordering::Equal if other.excluded => other,
                _ => known,
            })
    }
}

/// A least or greatest number.
struct Limit {
    number: String,
    excluded: bool,
}

fn of_pattern(pattern: String) -> Facets {
    Facets {
        patterns: vec![pattern],
        ..Facets::default()
    }
}

/// Places behind the point, of a step that is 1, 0.1, 0.01 and so on.
fn decimal_places(step: &str) -> Option<u32> {
    let plain = plain(step)?;
    if plain == "1" {
        return Some(0);
    }
    let places = plain.strip_prefix("0.")?;
    let zeros = places.strip_suffix('1')?;
    zeros
        .bytes()
        .all(|digit| digit == b'0')
        .then(|| u32::try_from(places.len()).unwrap_or(u32::MAX))
}
