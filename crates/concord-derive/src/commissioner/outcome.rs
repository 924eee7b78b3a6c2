//! What was derived, and why.

use std::fmt::Write as _;
use std::sync::Arc;

use concord_finding::{Fact, Masking};

/// The answer to a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
}

impl Answer {
    /// `yes` or `no`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// A piece of a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words, and codes that identify nobody.
    Words(String),
    /// A value that may identify a person.
    Personal(String),
}

/// Why a box was answered so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Because(pub Vec<Part>);

impl Because {
    /// A reason that names no person's values.
    pub fn of(words: impl Into<String>) -> Self {
        Self(vec![Part::Words(words.into())])
    }

    /// With more words.
    #[must_use]
    pub fn and(mut self, words: impl Into<String>) -> Self {
        self.0.push(Part::Words(words.into()));
        self
    }

    /// With another reason's words behind it.
    #[must_use]
    pub(crate) fn and_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// With a value that may identify a person.
    #[must_use]
    pub fn personal(mut self, value: &str) -> Self {
        self.0.push(Part::Personal(value.to_owned()));
        self
    }

    /// As people read it.
    pub fn shown(&self, masking: Masking) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Words(words) => words.clone(),
                Part::Personal(value) => Fact::Personal(value.as_str().into()).shown(masking),
            })
            .collect()
    }
}

/// One box on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The box's id, such as `C-0a`.
    pub id: Arc<str>,
    /// What it asks.
    pub question: Arc<str>,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub because: Because,
}

/// A fact without which the way cannot be gone to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What kind of fact, in a word: what counts are made by.
    pub key: &'static str,
    /// The box or end that needs it.
    pub at: Arc<str>,
    /// What is missing, as people read it.
    pub what: Because,
}

impl Missing {
    /// What is missing, without what is peculiar to one record: for counts of many.
    pub fn general(&self) -> String {
        let words = match self.key {
            "other-year" => "the boxes of another year (settings: other_years)",
            "postcode" => "a postcode that the postcode directory has",
            "provider" => "where the provider is",
            "practice" => "a practice that decides",
            "sub-icb" => "a sub-ICB location of the place in the look-ups",
            "areas" => {
                "codes of the Organisation Data Service for areas of the postcode directory (settings: files.areas)"
            }
            "responsible-sub-icb" => {
                "a sub-ICB location that is responsible, by practice, residence or provider"
            }
            _ => return self.what.shown(Masking::Masked),
        };
        words.to_owned()
    }
}

/// What was derived for a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Who pays.
    pub commissioner: Option<String>,
    /// The sub-ICB location that is responsible for the patient, whoever pays.
    pub responsible_sub_icb: Option<String>,
    /// The published reason code.
    pub reason_code: Option<String>,
    /// COMMISSIONED SERVICE CATEGORY CODE that goes with it.
    pub service_category: Option<String>,
    /// The boxes on the way.
    pub steps: Vec<Step>,
    /// The id of the end that was reached.
    pub end: Option<Arc<str>>,
    /// Who that is, in words.
    pub title: Option<Arc<str>>,
    /// What is missing, when nobody could be found.
    pub undetermined: Option<Missing>,
    /// Why the record is outside the method.
    pub outside: Option<Because>,
    /// Who was submitted.
    pub submitted: Option<String>,
}

impl Outcome {
    /// Whether the submitted commissioner is the derived one; none when either is not known. SUS fills codes of three
    /// characters with `00`, which makes no difference.
    pub fn agrees(&self) -> Option<bool> {
        let (submitted, derived) = (self.submitted.as_deref()?, self.commissioner.as_deref()?);
        let padded = || {
            derived.len() == 3
                && submitted
                    .strip_suffix("00")
                    .is_some_and(|code| code.eq_ignore_ascii_case(derived))
        };
        Some(submitted.eq_ignore_ascii_case(derived) || padded())
    }

    /// The way in short: `START:no>A:no>…>sub-icb`.
    pub fn path(&self) -> String {
        let mut path = String::with_capacity(self.steps.len() * 8 + 24);
        for step in &self.steps {
            // Writing to a string cannot fail.
            let _ = write!(path, "{}:{}>", step.id, step.answer.as_str());
        }
        match (&self.end, &self.undetermined) {
            (Some(end), _) => path.push_str(end),
            (None, Some(missing)) => {
                let _ = write!(path, "{}:?", missing.at);
            }
            (None, None) => path.push_str("outside"),
        }
        path
    }
}
