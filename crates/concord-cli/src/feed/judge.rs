//! Messages and resources of a feed judged by standards: each compiled once, with memory that is used again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use concord_check::BuiltinRule;
use concord_check::message::{MessageMemory, MessagePlan, check_message};
use concord_check::resource::check_resource;
use concord_feed::{Broken, Carrier, Header, Identity, Judge, Outcome, Place, Resource, Verdict};
use concord_finding::{Fact, Finding, Grades, Masking};
use concord_rules::RuleSet;

use super::arguments::JudgeArguments;
use super::known::{For, Known};
use super::place::place;
use crate::failure::Failure;
use crate::prepare::{Prepare, Prepared};

/// What findings say that they are about.
const FILE: &str = "message";

/// Memory that no thread uses at the moment: there is one for each that judges at the same time.
type Idle = Mutex<Vec<MessageMemory<RuleSet>>>;

/// Judges messages by the standard that was named, or by the one that each of them says it follows; resources by the one of
/// resources.
pub(crate) struct StandardJudge {
    known: Known,
    idle: BTreeMap<String, Idle>,
    processing: Vec<String>,
    grades: Arc<Grades>,
    file: Arc<str>,
}

/// A standard of messages, if that is what was prepared.
pub(super) fn of_messages(prepared: &Prepared) -> Option<(&MessagePlan, &RuleSet)> {
    match (&prepared.plan, &prepared.rules) {
        (Prepare::Messages(plan), Some(rules)) => Some((plan, rules)),
        _ => None,
    }
}

impl StandardJudge {
    /// Compiles the standards of messages and of resources: the one that is named, or all. Rules are graded by `grades`.
    ///
    /// # Errors
    /// When the one that is named is not known or of neither, and when definitions are wrong.
    pub(crate) fn new(arguments: &JudgeArguments, grades: &Arc<Grades>) -> Result<Self, Failure> {
        let known = Known::new(arguments, grades, For::Judging)?;
        let idle = known
            .all()
            .map(|(name, _)| (name.to_owned(), Idle::default()));
        Ok(Self {
            idle: idle.collect(),
            known,
            processing: arguments.processing.clone(),
            grades: Arc::clone(grades),
            file: FILE.into(),
        })
    }

    /// The verdict on something that begins as JSON does.
    fn resource(&self, message: &[u8], identity: Identity) -> Verdict {
        let mut verdict = accepted(identity);
        let prepared = self.known.of_resource();
        let Some(Prepare::Resources(plan)) = prepared.map(|prepared| &prepared.plan) else {
            let said = "a resource of FHIR".to_owned();
            let finding = self.own(BuiltinRule::FeedStandard, said, None);
            self.add(&mut verdict, finding);
            return verdict;
        };
        for finding in check_resource(plan, &self.file, message).findings {
            take(&mut verdict, &finding);
        }
        verdict
    }

    /// Whether the processing id of a message is one that is taken.
    fn processing(&self, said: &str, verdict: &mut Verdict) {
        // MSH-11 may say a mode behind the id.
        let id: String = said
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if self.processing.is_empty() || self.processing.contains(&id) {
            return;
        }
        let value = if id.is_empty() {
            "nothing".to_owned()
        } else {
            id
        };
        let expected = self.processing.join(", ");
        let mut finding = self.own(BuiltinRule::FeedProcessing, value, Some(expected));
        finding.path = Some("MSH-11".into());
        self.add(verdict, finding);
    }

    /// What the feed itself has to say of a message.
    fn own(&self, rule: BuiltinRule, value: String, expected: Option<String>) -> Finding {
        let mut finding = Finding::new(Arc::clone(rule.rule()), Arc::clone(&self.file));
        finding.value = Some(Fact::Plain(value));
        finding.expected = expected.map(Fact::Plain);
        finding
    }

    /// Adds what is wrong with a message, unless the user's settings have it off.
    fn add(&self, verdict: &mut Verdict, mut finding: Finding) {
        if self.grades.apply(&mut finding) {
            take(verdict, &finding);
        }
    }
}

fn accepted(identity: Identity) -> Verdict {
    Verdict {
        outcome: Outcome::Accept,
        identity,
        findings: Vec::new(),
    }
}

/// Adds a finding to a verdict, which it may change.
fn take(verdict: &mut Verdict, finding: &Finding) {
    let rejects = finding.effect.rejects_record();
    if rejects {
        verdict.outcome = verdict.outcome.max(outcome(&finding.rule.id));
    }
    let path = finding.path.as_deref();
    let place = match verdict.identity.carrier {
        Carrier::Message => path.and_then(place),
        Carrier::Resource => path.map(|path| Place {
            segment: path.to_owned(),
            sequence: 1,
            ..Place::default()
        }),
    };
    verdict.findings.push(Broken {
        rule: finding.rule.id.to_string(),
        text: finding.message(Masking::Masked),
        place,
        warning: !rejects,
    });
}

/// What breaking a rule that rejects a message makes of it: its type, version or processing id is not taken, or its content
/// is wrong (HL7 v2.4, 2.9.2.2).
fn outcome(rule: &str) -> Outcome {
    let not_taken = [
        BuiltinRule::MessageType,
        BuiltinRule::MessageVersion,
        BuiltinRule::MessageHeader,
        BuiltinRule::FeedStandard,
        BuiltinRule::FeedProcessing,
    ];
    if not_taken.iter().any(|known| *known.rule().id == *rule) {
        Outcome::Reject
    } else {
        Outcome::Error
    }
}

impl Judge for StandardJudge {
    fn judge(&self, message: &[u8]) -> Verdict {
        if let Some(resource) = Resource::read(message) {
            return self.resource(message, resource.identity);
        }
        let header = Header::read(message);
        let said = header.as_ref().map(|header| header.processing.clone());
        let mut verdict = accepted(header.map(|header| header.identity).unwrap_or_default());
        self.processing(&said.unwrap_or_default(), &mut verdict);
        let (name, prepared) = match self.known.of_message(message) {
            Ok(known) => known,
            Err(said) => {
                let mut finding = self.own(BuiltinRule::FeedStandard, said, None);
                finding.path = Some("MSH-12".into());
                self.add(&mut verdict, finding);
                return verdict;
            }
        };
        let (Some((plan, rules)), Some(idle)) = (of_messages(prepared), self.idle.get(name)) else {
            return verdict;
        };
        let idle = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        let before = idle().pop();
        let mut memory =
            before.unwrap_or_else(|| MessageMemory::new(plan, rules, Arc::clone(&self.file)));
        let messages = check_message(message, plan, rules, &mut memory, |finding| {
            take(&mut verdict, &finding);
        });
        idle().push(memory);
        if messages > 1 {
            let finding = self.own(BuiltinRule::FeedSeveral, messages.to_string(), None);
            self.add(&mut verdict, finding);
        }
        verdict
    }
}
