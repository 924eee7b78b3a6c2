//! Waivers: findings that somebody answers for, until a day.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use concord_finding::{Fact, Finding, RuleId, Waived};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::day::Day;

/// Findings that somebody answers for.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Which findings.
    pub scope: Scope,
    /// The last day on which it holds.
    pub expires: Day,
    /// Who answers for them, why, and until when.
    pub waived: Arc<Waived>,
    /// The bytes of the text that name the rule.
    pub rule_span: Range<usize>,
    /// The bytes of the text that say all of it.
    pub span: Range<usize>,
}

impl Waiver {
    /// Whether it holds no more on a day.
    pub fn is_expired(&self, today: Day) -> bool {
        self.expires < today
    }
}

/// Which findings a waiver is about: those of its rule for which all that is said holds.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The rule.
    pub rule: RuleId,
    /// The Data Dictionary's name of the element, or the name at the end of the path: a column, an XML element.
    pub element: Option<String>,
    /// Who provided the record.
    pub provider: Option<String>,
    /// The input's name.
    pub file: Option<FilePattern>,
    /// What identifies the record to its owner, where that identifies no person.
    pub record: Option<String>,
}

/// A pattern of file names. It matches the whole name or the end of it behind a `/`; `*` stands for anything but `/`, `**`
/// for any number of folders.
#[derive(Debug, Clone)]
pub struct FilePattern {
    text: String,
    set: GlobSet,
}

impl FilePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in [text.to_owned(), format!("**/{text}")] {
            let glob = GlobBuilder::new(&pattern)
                .literal_separator(true)
                .backslash_escape(true)
                .build();
            set.add(glob.map_err(|error| error.kind().to_string())?);
        }
        Ok(Self {
            text: text.to_owned(),
            set: set.build().map_err(|error| error.kind().to_string())?,
        })
    }

    /// Whether an input of this name is meant.
    pub fn matches(&self, name: &str) -> bool {
        self.set.is_match(name)
    }
}

impl fmt::Display for FilePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scope {
    /// Whether a finding is meant.
    pub fn covers(&self, finding: &Finding) -> bool {
        let said =
            |said: &Option<String>, holds: &dyn Fn(&str) -> bool| said.as_deref().is_none_or(holds);
        self.rule == finding.rule.id
            && said(&self.element, &|element| is_about(finding, element))
            && said(&self.provider, &|provider| {
                finding.provider() == Some(provider)
            })
            && said(
                &self.record,
                &|record| matches!(&finding.record_key, Some(Fact::Plain(key)) if key == record),
            )
            && self
                .file
                .as_ref()
                .is_none_or(|pattern| pattern.matches(&finding.file))
    }
}

fn is_about(finding: &Finding, element: &str) -> bool {
    let last = finding
        .path
        .as_deref()
        .and_then(|path| path.rsplit('/').next());
    [finding.element.as_deref(), last]
        .into_iter()
        .flatten()
        .any(|name| name.eq_ignore_ascii_case(element))
}

/// Why a waiver covered nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// No finding was as it says.
    NothingFound,
    /// It names a provider, and findings of its rule did not say who provided their records.
    NoProvider,
}

/// The waivers that hold on a day, and which of them have been used.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    all: Vec<Waiver>,
    /// Those of each rule that have not expired.
    by_rule: BTreeMap<RuleId, Vec<usize>>,
    used: Vec<u64>,
    /// Those that a finding would have been covered by if it said who provided its record.
    unprovided: Vec<bool>,
    expired: Vec<usize>,
}

impl Waivers {
    /// The waivers of settings, as they are on a day.
    pub fn new(waivers: &[Waiver], today: Day) -> Self {
        let mut all = Self {
            used: vec![0; waivers.len()],
            unprovided: vec![false; waivers.len()],
            all: waivers.to_vec(),
            ..Self::default()
        };
        for (number, waiver) in waivers.iter().enumerate() {
            if waiver.is_expired(today) {
                all.expired.push(number);
            } else {
                let rule = RuleId::clone(&waiver.scope.rule);
                all.by_rule.entry(rule).or_default().push(number);
            }
        }
        all
    }

    /// The waiver for a finding: the first that covers it. It counts as used.
    pub fn of(&mut self, finding: &Finding) -> Option<&Arc<Waived>> {
        let numbers = self.by_rule.get(&finding.rule.id)?;
        let covers = |number: &&usize| self.all[**number].scope.covers(finding);
        let Some(number) = numbers.iter().find(covers).copied() else {
            if finding.provider().is_none() {
                for number in numbers {
                    self.unprovided[*number] |= self.all[*number].scope.provider.is_some();
                }
            }
            return None;
        };
        self.used[number] += 1;
        Some(&self.all[number].waived)
    }

    /// Those that hold no more, in the order of the text.
    pub fn expired(&self) -> impl Iterator<Item = &Waiver> {
        self.expired.iter().map(|number| &self.all[*number])
    }

    /// Those that hold and covered nothing, in the order of the text, and why if that is known.
    pub fn unused(&self) -> impl Iterator<Item = (&Waiver, Unused)> {
        let numbered = self.all.iter().enumerate();
        let unused = numbered
            .filter(|(number, _)| self.used[*number] == 0 && !self.expired.contains(number));
        unused.map(|(number, waiver)| {
            let why = if self.unprovided[number] {
                Unused::NoProvider
            } else {
                Unused::NothingFound
            };
            (waiver, why)
        })
    }
}
