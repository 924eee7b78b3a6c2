//! Messages of a feed judged by standards: each compiled once, with memory that is used again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use concord_check::BuiltinRule;
use concord_check::message::{MessageMemory, MessagePlan, check_message, message_head};
use concord_feed::{Broken, Header, Judge, Outcome, Verdict};
use concord_finding::{Fact, Finding, Grades, Masking};
use concord_read::Limits;
use concord_rules::RuleSet;
use concord_standards::definition::StandardInfo;
use concord_standards::registry::Recognition;

use super::arguments::JudgeArguments;
use super::place::place;
use crate::failure::Failure;
use crate::prepare::{Ask, Prepare, Prepared, Standards};
use crate::settings;

/// What findings say that they are about.
const FILE: &str = "message";

/// Judges messages by the standard that was named, or by the one that each of them says it follows.
pub(crate) struct StandardJudge {
    standards: Standards,
    /// Those of messages, by name.
    ready: BTreeMap<String, Ready>,
    /// The one that was named.
    named: Option<String>,
    processing: Vec<String>,
    grades: Arc<Grades>,
    file: Arc<str>,
}

/// A standard that is compiled.
struct Ready {
    prepared: Arc<Prepared>,
    /// Memory that no thread uses at the moment: there is one for each that judges at the same time.
    idle: Mutex<Vec<MessageMemory<RuleSet>>>,
}

impl Ready {
    fn parts(&self) -> Option<(&MessagePlan, &RuleSet)> {
        match (&self.prepared.plan, &self.prepared.rules) {
            (Prepare::Messages(plan), Some(rules)) => Some((plan, rules)),
            _ => None,
        }
    }
}

impl StandardJudge {
    /// Compiles the standards of messages: the one that is named, or all.
    ///
    /// # Errors
    /// When the one that is named is not known or not of messages, and when definitions or settings are wrong.
    pub(crate) fn new(arguments: &JudgeArguments) -> Result<Self, Failure> {
        let loaded = settings::load(&arguments.config, &[PathBuf::from(".")])?;
        let grades = Arc::new(loaded.settings.grades());
        let ask = Ask {
            schemas: arguments.schemas.schemas.as_deref(),
            reference: arguments.reference.reference.as_deref(),
            grades: Arc::clone(&grades),
            ..Ask::default()
        };
        let mut standards = Standards::new(ask, &Limits::default())?;
        let registry = standards.registry();
        let (named, names) = match &arguments.standard {
            None => {
                let infos = registry.list().iter().filter(|info| info.is_messages());
                (None, infos.map(StandardInfo::name).collect())
            }
            Some(name) => {
                let info = registry.find(name)?;
                if !info.is_messages() {
                    return Err(Failure::usage(
                        format!("{} is no standard of messages", info.name()),
                        "`concord standards list` shows which there are: hl7@2.4 and profiles of it",
                    ));
                }
                (Some(info.name()), vec![info.name()])
            }
        };
        let mut ready = BTreeMap::new();
        for name in names {
            let prepared = standards.load(&name)?;
            let idle = Mutex::default();
            ready.insert(name, Ready { prepared, idle });
        }
        Ok(Self {
            standards,
            ready,
            named,
            processing: arguments.processing.clone(),
            grades,
            file: FILE.into(),
        })
    }

    /// The standard of a message; what it says of itself where there is none.
    fn standard(&self, message: &[u8]) -> Result<&Ready, String> {
        if let Some(named) = &self.named {
            return self.ready.get(named).ok_or_else(|| named.clone());
        }
        let Some(head) = message_head(message) else {
            return Err("it begins with no MSH".to_owned());
        };
        let profiles: Vec<&str> = head.profiles.iter().map(String::as_str).collect();
        let registry = self.standards.registry();
        let known = match registry.recognise_message(head.version.trim(), &profiles) {
            Recognition::Recognised(info) => self.ready.get(&info.name()),
            Recognition::Ambiguous(_) | Recognition::Unknown { .. } => None,
        };
        known.ok_or_else(|| {
            let cut = |text: &str| text.chars().take(40).collect::<String>();
            match head.version.trim() {
                "" => "it names no version".to_owned(),
                version => format!("version {}", cut(version)),
            }
        })
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

/// Adds a finding to a verdict, which it may change.
fn take(verdict: &mut Verdict, finding: &Finding) {
    let rejects = finding.effect.rejects_record();
    if rejects {
        verdict.outcome = verdict.outcome.max(outcome(&finding.rule.id));
    }
    verdict.findings.push(Broken {
        rule: finding.rule.id.to_string(),
        text: finding.message(Masking::Masked),
        place: finding.path.as_deref().and_then(place),
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
        let header = Header::read(message);
        let processing = header.as_ref().map(|header| header.processing.clone());
        let mut verdict = Verdict {
            outcome: Outcome::Accept,
            identity: header.map(|header| header.identity).unwrap_or_default(),
            findings: Vec::new(),
        };
        if !self.processing.is_empty() {
            let said = processing.unwrap_or_default();
            // MSH-11 may say a mode behind the id.
            let id: String = said
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if !self.processing.contains(&id) {
                let value = if id.is_empty() {
                    "nothing".to_owned()
                } else {
                    id
                };
                let expected = self.processing.join(", ");
                let mut finding = self.own(BuiltinRule::FeedProcessing, value, Some(expected));
                finding.path = Some("MSH-11".into());
                self.add(&mut verdict, finding);
            }
        }
        let standard = match self.standard(message) {
            Ok(standard) => standard,
            Err(said) => {
                let mut finding = self.own(BuiltinRule::FeedStandard, said, None);
                finding.path = Some("MSH-12".into());
                self.add(&mut verdict, finding);
                return verdict;
            }
        };
        let Some((plan, rules)) = standard.parts() else {
            return verdict;
        };
        let idle = || standard.idle.lock().unwrap_or_else(PoisonError::into_inner);
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
