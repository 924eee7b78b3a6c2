//! TOML to settings. What is wrong is told with its place; a key that is not known is wrong.

use std::ops::Range;
use std::sync::Arc;

use concord_finding::{Effect, Grade, Waived};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::day::Day;
use crate::feed::FeedTable;
use crate::gate::{Category, Exception, GateSettings, GuardedSubject};
use crate::problem::{Problem, SettingsErrors};
use crate::settings::{CheckSettings, FailOn, Regrade, Said, Settings};
use crate::waivers::{Scope, Waiver};

const OFF: &str = "off";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    check: Check,
    #[serde(default)]
    rules: RuleGrades,
    #[serde(default)]
    waiver: Vec<Spanned<WaiverTable>>,
    gate: Option<Gate>,
    feed: Option<FeedTable>,
}

/// A table in the order of the text: `toml` hands keys over in that order, and a map would lose it.
#[derive(Default)]
struct RuleGrades(Vec<(Spanned<String>, Spanned<String>)>);

impl<'de> Deserialize<'de> for RuleGrades {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = RuleGrades;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of rules and their effects")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<RuleGrades, A::Error> {
                let mut rules = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    rules.push(entry);
                }
                Ok(RuleGrades(rules))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Check {
    standard: Option<String>,
    schemas: Option<String>,
    reference: Option<String>,
    fail_on: Option<Spanned<String>>,
    max_rate: Option<Spanned<String>>,
    baseline: Option<String>,
    max_findings: Option<Spanned<i64>>,
    threads: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverTable {
    rule: Spanned<String>,
    element: Option<String>,
    provider: Option<String>,
    file: Option<Spanned<String>>,
    record: Option<String>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    expires: Spanned<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Gate {
    fail: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    off: Vec<Spanned<String>>,
    notice_days: Option<Spanned<i64>>,
    published: Option<Spanned<Datetime>>,
    #[serde(default)]
    subject: Vec<SubjectTable>,
    #[serde(default)]
    exception: Vec<Spanned<ExceptionTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectTable {
    path: Spanned<String>,
    against: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionTable {
    rule: Spanned<String>,
    place: Option<String>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    expires: Spanned<Datetime>,
}

impl Settings {
    /// Reads the text of a `concord.toml`.
    ///
    /// # Errors
    /// What is wrong with it, each problem at its place: text that is no TOML, keys that are not known, values that mean
    /// nothing, waivers without owner, reason and expiry.
    pub fn read(text: &str) -> Result<Self, SettingsErrors> {
        let document: Document = toml::from_str(text).map_err(|error| SettingsErrors {
            problems: vec![syntax(&error)],
        })?;
        let mut reading = Reading::default();
        let settings = reading.settings(document);
        if reading.problems.is_empty() {
            return Ok(settings);
        }
        reading.problems.sort_by_key(|problem| problem.span.start);
        Err(SettingsErrors {
            problems: reading.problems,
        })
    }
}

fn syntax(error: &toml::de::Error) -> Problem {
    let problem = Problem::new(error.span().unwrap_or_default(), error.message().trim_end());
    if error.message().contains("expires") || error.message().contains("a TOML datetime") {
        return problem.with_help("a day is written without quotes: expires = 2027-03-31");
    }
    problem
}

/// Reads values, and collects what is wrong with them.
#[derive(Default)]
pub(crate) struct Reading {
    problems: Vec<Problem>,
}

impl Reading {
    fn settings(&mut self, document: Document) -> Settings {
        Settings {
            check: self.check(document.check),
            rules: self.rules(document.rules),
            waivers: document
                .waiver
                .into_iter()
                .filter_map(|waiver| self.waiver(waiver))
                .collect(),
            gate: document.gate.map(|gate| self.gate(gate)),
            feed: document
                .feed
                .map(|feed| self.feed(feed))
                .unwrap_or_default(),
        }
    }

    pub(crate) fn wrong(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems
            .push(Problem::new(span, message).with_help(help));
    }

    fn check(&mut self, said: Check) -> CheckSettings {
        let fail_on = said.fail_on.and_then(|word| {
            self.word(
                &word,
                "fail-on",
                FailOn::ALL.map(|known| (known.as_str(), known)),
            )
        });
        let max_rate = said.max_rate.and_then(|text| match text.get_ref().parse() {
            Ok(rate) => Some(rate),
            Err(error) => {
                let error: crate::ParseRateError = error;
                self.problems
                    .push(Problem::new(text.span(), error.to_string()));
                None
            }
        });
        CheckSettings {
            standard: said.standard,
            schemas: said.schemas,
            reference: said.reference,
            fail_on,
            max_rate,
            baseline: said.baseline,
            max_findings: said
                .max_findings
                .and_then(|number| self.number(&number, 0, i64::MAX)),
            threads: said
                .threads
                .and_then(|number| self.number(&number, 1, 1024)),
        }
    }

    fn word<T: Copy, const N: usize>(
        &mut self,
        said: &Spanned<String>,
        what: &str,
        known: [(&str, T); N],
    ) -> Option<T> {
        let found = known.iter().find(|(word, _)| word == said.get_ref());
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.wrong(
                said.span(),
                format!("`{}` is no value of `{what}`", said.get_ref()),
                format!("expected one of {}", words.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    pub(crate) fn number<T: TryFrom<i64>>(
        &mut self,
        said: &Spanned<i64>,
        least: i64,
        most: i64,
    ) -> Option<T> {
        let number = *said.get_ref();
        let read = (least..=most)
            .contains(&number)
            .then(|| T::try_from(number).ok())
            .flatten();
        if read.is_none() {
            let most = if most == i64::MAX {
                "on".to_owned()
            } else {
                format!("to {most}")
            };
            self.wrong(
                said.span(),
                format!("{number} cannot be used here"),
                format!("expected a whole number from {least} {most}"),
            );
        }
        read
    }

    fn rules(&mut self, said: RuleGrades) -> Vec<Regrade> {
        let rules = said.0.into_iter().filter_map(|(rule, grade)| {
            let grades = Effect::ALL.map(|effect| (effect.as_str(), Grade::Effect(effect)));
            let [file, record, group, warn, note] = grades;
            let known = [file, record, group, warn, note, (OFF, Grade::Off)];
            let grade = self.word(&grade, "rules", known)?;
            self.filled(&rule, "the name of a rule")?;
            Some(Regrade {
                rule: rule.get_ref().as_str().into(),
                grade,
                span: rule.span(),
            })
        });
        rules.collect()
    }

    /// A text in which something stands.
    fn filled(&mut self, said: &Spanned<String>, what: &str) -> Option<String> {
        let text = said.get_ref().trim();
        if text.is_empty() {
            self.problems
                .push(Problem::new(said.span(), format!("{what} is empty")));
            return None;
        }
        Some(text.to_owned())
    }

    fn day(&mut self, said: &Spanned<Datetime>) -> Option<Day> {
        let whole = said.get_ref();
        let day = whole
            .date
            .filter(|_| whole.time.is_none() && whole.offset.is_none())
            .and_then(|date| Day::new(date.year, date.month, date.day));
        if day.is_none() {
            self.wrong(
                said.span(),
                format!("`{whole}` is not a day"),
                "write a day such as 2027-03-31",
            );
        }
        day
    }

    fn waiver(&mut self, said: Spanned<WaiverTable>) -> Option<Waiver> {
        let span = said.span();
        let table = said.into_inner();
        let (rule, rule_span) = (self.filled(&table.rule, "the rule"), table.rule.span());
        let owner = self.filled(&table.owner, "the owner of a waiver");
        let reason = self.filled(&table.reason, "the reason of a waiver");
        let expires = self.day(&table.expires);
        let file = match &table.file {
            None => None,
            Some(pattern) => match crate::waivers::FilePattern::new(pattern.get_ref()) {
                Ok(read) => Some(read),
                Err(reason) => {
                    self.problems.push(Problem::new(
                        pattern.span(),
                        format!(
                            "`{}` is no pattern of file names: {reason}",
                            pattern.get_ref()
                        ),
                    ));
                    return None;
                }
            },
        };
        let (owner, reason, expires) = (owner?, reason?, expires?);
        Some(Waiver {
            scope: Scope {
                rule: rule?.as_str().into(),
                element: table.element,
                provider: table.provider,
                file,
                record: table.record,
            },
            expires,
            waived: Arc::new(Waived {
                owner,
                reason,
                expires: expires.to_string(),
            }),
            rule_span,
            span,
        })
    }

    fn gate(&mut self, said: Gate) -> GateSettings {
        let fail = said.fail.map(|words| {
            let known = Category::ALL.map(|category| (category.as_str(), category));
            let categories = words
                .iter()
                .filter_map(|word| self.word(word, "fail", known));
            categories.collect()
        });
        let text = |said: Spanned<String>| Said {
            span: said.span(),
            value: said.into_inner(),
        };
        GateSettings {
            fail,
            off: said.off.into_iter().map(text).collect(),
            notice_days: said
                .notice_days
                .and_then(|days| self.number(&days, 0, 3660)),
            published: said.published.and_then(|day| self.day(&day)),
            subjects: said
                .subject
                .into_iter()
                .map(|subject| GuardedSubject {
                    path: text(subject.path),
                    against: subject.against.map(text),
                })
                .collect(),
            exceptions: said
                .exception
                .into_iter()
                .filter_map(|exception| self.exception(exception))
                .collect(),
        }
    }

    fn exception(&mut self, said: Spanned<ExceptionTable>) -> Option<Exception> {
        let span = said.span();
        let table = said.into_inner();
        let rule = self.filled(&table.rule, "the rule");
        let owner = self.filled(&table.owner, "the owner of an exception");
        let reason = self.filled(&table.reason, "the reason of an exception");
        let expires = self.day(&table.expires);
        Some(Exception {
            rule: Said {
                value: rule?,
                span: table.rule.span(),
            },
            place: table.place,
            owner: owner?,
            reason: reason?,
            expires: expires?,
            span,
        })
    }
}
