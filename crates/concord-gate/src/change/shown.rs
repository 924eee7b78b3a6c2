//! A change as people and programs are told of it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};

use super::{Certainty, Change, ChangePlace, ChangeRule, Side, Whom};

/// A path as it is shown: `CDSInterchange/CDSMessage`, `CDSMessage/@CDSTypeCode`, `acm.FINANCIAL_MONTH`,
/// `ethnic-category A`.
impl fmt::Display for ChangePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard(name)
            | Self::Element(name)
            | Self::Table(name)
            | Self::Code(name, None)
            | Self::Rule(name)
            | Self::Stored(name, None) => f.write_str(name),
            Self::Attribute(path, name) => write!(f, "{path}/@{name}"),
            Self::Column(table, column) | Self::Stored(table, Some(column)) => {
                write!(f, "{table}.{column}")
            }
            Self::Code(list, Some(code)) => write!(f, "{list} {code}"),
        }
    }
}

impl ChangePlace {
    /// The part of the standard that it belongs to, for grouping: the group, the table, the code list. Empty for the standard
    /// as a whole.
    pub fn within(&self) -> &str {
        match self {
            Self::Standard(_) | Self::Rule(_) => "",
            Self::Element(path) => path.rsplit_once('/').map_or("", |(group, _)| group),
            Self::Attribute(path, _) => path,
            Self::Table(table) | Self::Column(table, _) | Self::Stored(table, _) => table,
            Self::Code(list, _) => list,
        }
    }
}

impl Whom {
    /// All, the worst first.
    pub const ALL: [Self; 4] = [
        Self::Submitter,
        Self::Receiver,
        Self::Storage,
        Self::Meaning,
    ];

    /// The word used in options, configuration and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitter => "submitter",
            Self::Receiver => "receiver",
            Self::Storage => "storage",
            Self::Meaning => "meaning",
        }
    }

    /// The category behind a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|whom| whom.as_str() == word)
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Certainty {
    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Decided => "decided",
            Self::Proved => "proved",
        }
    }
}

impl Side {
    /// The word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

impl Change {
    /// The fact called `name`: `place`, `old`, `new`, or one of [`Change::facts`].
    pub fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "place" => Some(Cow::Owned(self.place.to_string())),
            "old" => self.old.as_deref().map(Cow::Borrowed),
            "new" => self.new.as_deref().map(Cow::Borrowed),
            _ => self
                .facts
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, fact)| Cow::Borrowed(fact.as_str())),
        }
    }

    /// The rule's message with the facts filled in. A fact that the change does not have is shown as `nothing`.
    pub fn message(&self) -> String {
        let mut text = String::with_capacity(self.rule.message.len() + 64);
        let mut rest = self.rule.message.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                text.push('{');
                rest = after;
                continue;
            };
            text.push_str(self.fact(name).as_deref().unwrap_or("nothing"));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    /// A number that names this change and stays the same when it is compared again, or lines of a definition move.
    ///
    /// It is made of the rule, the place, and what is said before and after. FNV-1a, 64 bits.
    pub fn fingerprint(&self) -> String {
        let place = self.place.to_string();
        let parts = [
            &*self.rule.id,
            self.place.kind(),
            &place,
            self.old.as_deref().unwrap_or("\u{0}"),
            self.new.as_deref().unwrap_or("\u{0}"),
        ];
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in parts.iter().flat_map(|part| part.bytes().chain([0xff])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{hash:016x}")
    }

    /// The sort of change as a rule, so that a change can be shown as a finding.
    ///
    /// Its message has the facts of the change in braces; its effect is `warn` where the change breaks somebody and `note`
    /// where it is safe. Whoever gates puts the effect of a finding higher.
    pub fn as_rule(&self) -> Rule {
        let effect = if self.breaks.is_empty() {
            Effect::Note
        } else {
            Effect::Warn
        };
        self.rule.as_rule(effect)
    }
}

impl ChangePlace {
    /// What sort of place it is, in a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Standard(_) => "standard",
            Self::Element(_) => "element",
            Self::Attribute(..) => "attribute",
            Self::Table(_) => "table",
            Self::Column(..) => "column",
            Self::Code(..) => "code",
            Self::Rule(_) => "rule",
            Self::Stored(..) => "stored",
        }
    }
}

impl ChangeRule {
    /// The sort of change as a rule of the given effect.
    pub fn as_rule(&self, effect: Effect) -> Rule {
        Rule {
            id: Arc::clone(&self.id),
            title: self.title.clone(),
            effect,
            message: self.message.clone(),
            label: None,
            help: Some(self.when.clone()).filter(|when| !when.is_empty()),
            source: "Concord: the catalogue of changes".to_owned(),
            provenance: Provenance::Inferred,
            class: RuleClass::Business,
            status: RuleStatus::Stable,
            since: self.since.clone(),
        }
    }
}
