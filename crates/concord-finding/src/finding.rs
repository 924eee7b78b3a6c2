//! One rule broken at one place.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{Effect, Fact, Masking, Rule};

/// The name of the fact that says who provided what a finding is about.
pub const PROVIDER: &str = "provider";

/// Where in the input something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Bytes from the start of the input, after decompression and decoding to UTF-8.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

/// A few lines of the input around a finding, already free of values that the finding is not about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the first line shown.
    pub first_line: u64,
    /// The lines, without the last line feed. Every text and attribute value other than the marked one is masked.
    pub text: String,
    /// Byte offset in `text` of what the finding is about.
    pub start: usize,
    /// Length in bytes of what the finding is about; 0 marks a point.
    pub length: usize,
}

/// A replacement of the text at a finding's place that puts it right and loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is done, in a few words: `blanks are taken out`.
    pub action: Cow<'static, str>,
    /// Bytes that are replaced, from the finding's place on.
    pub length: u64,
    /// Characters that these bytes are.
    pub characters: u64,
    /// What stands there afterwards.
    pub replacement: Fact,
}

/// Who lives with a finding, why, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// Who answers for it.
    pub owner: String,
    /// Why the finding is accepted.
    pub reason: String,
    /// The last day on which it is (`CCYY-MM-DD`).
    pub expires: String,
}

/// One rule broken at one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Arc<Rule>,
    /// What the receiver will do, after any re-grading by configuration.
    pub effect: Effect,
    /// The standard and version that say so, such as `cds@6-3-1`; `None` when none was recognised.
    pub standard: Option<Arc<str>>,
    /// The standard as its source names it, when the rule's own source is only the carrier's: `cds@6-3-1, DAPB0092`.
    pub authority: Option<Arc<str>>,
    /// The input's name as the user gave it.
    pub file: Arc<str>,
    /// Where it stands; `None` when it concerns the input as a whole.
    pub place: Option<Place>,
    /// The path of the element or attribute, in the carrier's own notation.
    pub path: Option<Arc<str>>,
    /// The record's number in its file, from 1; `None` outside records.
    pub record: Option<u64>,
    /// What identifies the record to its owner (for CDS the CDS UNIQUE IDENTIFIER).
    pub record_key: Option<Fact>,
    /// The Data Dictionary's name of the element.
    pub element: Option<Arc<str>>,
    /// The value that stood there.
    pub value: Option<Fact>,
    /// What should have stood there.
    pub expected: Option<Fact>,
    /// Further facts by name, for the message and for programs.
    pub facts: Vec<(Cow<'static, str>, Fact)>,
    /// Lines around the place, for the first findings of each rule.
    pub excerpt: Option<Excerpt>,
    /// What would put it right, where that was asked for and is beyond doubt.
    pub fix: Option<Fix>,
    /// The waiver that the user's settings hold for it. The receiver does what the effect says all the same.
    pub waived: Option<Arc<Waived>>,
}

impl Finding {
    /// A finding of `rule` with its own effect, about the whole of `file`; fill in what is known.
    pub fn new(rule: Arc<Rule>, file: Arc<str>) -> Self {
        let effect = rule.effect;
        Self {
            rule,
            effect,
            standard: None,
            authority: None,
            file,
            place: None,
            path: None,
            record: None,
            record_key: None,
            element: None,
            value: None,
            expected: None,
            facts: Vec::new(),
            excerpt: None,
            fix: None,
            waived: None,
        }
    }

    /// The fact called `name`: `value`, `expected`, `element`, `path`, or one of [`Finding::facts`].
    pub fn fact(&self, name: &str) -> Option<Cow<'_, Fact>> {
        match name {
            "value" => self.value.as_ref().map(Cow::Borrowed),
            "expected" => self.expected.as_ref().map(Cow::Borrowed),
            "element" => self
                .element
                .as_ref()
                .map(|name| Cow::Owned(Fact::Plain(name.to_string()))),
            "path" => self
                .path
                .as_ref()
                .map(|path| Cow::Owned(Fact::Plain(path.to_string()))),
            _ => self
                .facts
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, fact)| Cow::Borrowed(fact)),
        }
    }

    /// Who provided what the finding is about, where the standard says which element tells.
    pub fn provider(&self) -> Option<&str> {
        let mut facts = self.facts.iter();
        match facts.find(|(name, _)| name == PROVIDER) {
            Some((_, Fact::Plain(provider))) => Some(provider),
            _ => None,
        }
    }

    /// The rule's message with the facts filled in.
    pub fn message(&self, masking: Masking) -> String {
        let mut text = String::new();
        self.write_message(masking, &mut text);
        text
    }

    /// Puts the rule's message with the facts filled in behind a text.
    pub fn write_message(&self, masking: Masking, text: &mut String) {
        self.fill(&self.rule.message, masking, text);
    }

    /// The words under the marked place with the facts filled in; `None` when the rule has none.
    pub fn label(&self, masking: Masking) -> Option<String> {
        self.rule
            .label
            .as_ref()
            .map(|label| self.filled(label, masking))
    }

    /// The published texts that say so: the standard, when it is known and the rule does not name it, then the rule's
    /// source.
    pub fn source(&self) -> Cow<'_, str> {
        match &self.authority {
            None => Cow::Borrowed(&self.rule.source),
            Some(authority) => Cow::Owned(format!("{authority}; {}", self.rule.source)),
        }
    }

    /// The rule's help with the facts filled in.
    pub fn help(&self, masking: Masking) -> Option<String> {
        self.rule
            .help
            .as_ref()
            .map(|help| self.filled(help, masking))
    }

    /// A number that names this finding and stays the same when the run is repeated or lines move.
    ///
    /// It is made of the rule, the standard, the path, the record's key (or number) and the facts that are not
    /// personal: no personal value goes into it, because a short hash of one could be undone by trying them all.
    /// FNV-1a, 64 bits, as sixteen hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.fingerprint_number())
    }

    /// The number that [`Finding::fingerprint`] writes.
    pub fn fingerprint_number(&self) -> u64 {
        self.fingerprint_number_from(self.fingerprint_start())
    }

    /// What the numbers of all findings of the same rule, standard and path begin with.
    pub fn fingerprint_start(&self) -> FingerprintStart {
        let mut hash = Fnv::new();
        hash.add(&self.rule.id);
        hash.add(self.standard.as_deref().unwrap_or(""));
        hash.add(self.path.as_deref().unwrap_or(""));
        FingerprintStart(hash)
    }

    /// As [`Finding::fingerprint_number`], when `start` is that of a finding of the same rule, standard and path.
    pub fn fingerprint_number_from(&self, start: FingerprintStart) -> u64 {
        let mut hash = start.0;
        match (&self.record_key, self.record) {
            (Some(Fact::Plain(key)), _) => hash.add(key),
            (_, Some(record)) => hash.add(&record.to_string()),
            _ => hash.add(&self.file),
        }
        for fact in [&self.value, &self.expected].into_iter().flatten() {
            if !matches!(fact, Fact::Personal(_)) {
                hash.add(&fact.text(Masking::Masked));
            }
        }
        hash.0
    }

    fn filled(&self, template: &str, masking: Masking) -> String {
        let mut text = String::new();
        self.fill(template, masking, &mut text);
        text
    }

    fn fill(&self, template: &str, masking: Masking, text: &mut String) {
        text.reserve(template.len() + 32);
        let begins = text.len();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            text.push_str(&rest[..open]);
            rest = &rest[open + 1..];
            let Some(close) = rest.find('}') else {
                text.push('{');
                break;
            };
            match self.fact(&rest[..close]) {
                Some(fact) => text.push_str(&fact.words(masking)),
                None => text.push_str("(none)"),
            }
            if text.len() == begins {
                // A sentence does not begin with nothing.
                text.push_str("an empty value");
            }
            rest = &rest[close + 1..];
        }
        text.push_str(rest);
    }
}

/// The beginning of a fingerprint, which many findings have in common.
#[derive(Debug, Clone, Copy)]
pub struct FingerprintStart(Fnv);

#[derive(Debug, Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Provenance, RuleClass, RuleStatus};

    fn finding() -> Finding {
        let rule = Rule {
            id: "CDS-E2".into(),
            title: "control count".into(),
            effect: Effect::RejectFile,
            message: "the trailer counts {value} messages; the file holds {expected}".into(),
            label: None,
            help: None,
            source: String::new(),
            provenance: Provenance::Published,
            class: RuleClass::Business,
            status: RuleStatus::Stable,
            since: "0.1.0".into(),
        };
        let mut finding = Finding::new(Arc::new(rule), "may.xml".into());
        finding.value = Some(Fact::Number(1200));
        finding.expected = Some(Fact::Number(1199));
        finding
    }

    #[test]
    fn message_is_filled_in() {
        assert_eq!(
            finding().message(Masking::Masked),
            "the trailer counts 1,200 messages; the file holds 1,199"
        );
    }

    #[test]
    fn personal_values_are_masked_in_messages() {
        let mut finding = finding();
        finding.value = Some(Fact::Personal("9990000019".into()));
        assert!(finding.message(Masking::Masked).contains("999•••••19"));
        assert!(!finding.message(Masking::Masked).contains("9990000019"));
    }

    #[test]
    fn a_sentence_that_would_begin_with_nothing_says_so() {
        let mut finding = finding();
        let mut rule = Rule::clone(&finding.rule);
        rule.message = "{value} has not the form of '{value}'".into();
        finding.rule = Arc::new(rule);
        finding.value = Some(Fact::Plain(String::new()));
        let message = finding.message(Masking::Masked);
        assert_eq!(message, "an empty value has not the form of ''");
    }

    #[test]
    fn fingerprint_ignores_place_and_personal_values() {
        let first = finding();
        let mut second = finding();
        second.place = Some(Place {
            offset: 9,
            line: 2,
            column: 3,
        });
        assert_eq!(first.fingerprint(), second.fingerprint());
        second.path = Some("/a".into());
        assert_ne!(first.fingerprint(), second.fingerprint());
    }
}
