//! Messages of HL7 v2 and EDIFACT: which standard an input of them follows, and a plan to check them with.

use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::message::{MessageHead, MessagePlan, interchange_head, message_head};
use concord_read::Limits;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::StandardInfo;
use concord_standards::messages::Messages;
use concord_standards::registry::Recognition;

use super::ready::document;
use super::recognise::names;
use super::{Standards, Which};
use crate::failure::Failure;

impl Standards {
    /// The standard of an input that begins with a message; `None` when it does not.
    pub(super) fn of_messages(&mut self, first: &[u8]) -> Result<Option<Which>, Failure> {
        let Some(head) = message_head(first) else {
            return self.of_interchange(first);
        };
        let profiles: Vec<&str> = head.profiles.iter().map(String::as_str).collect();
        let name = match self
            .registry()
            .recognise_message(head.version.trim(), &profiles)
        {
            Recognition::Recognised(info) => info.name(),
            Recognition::Ambiguous(infos) => {
                return Ok(Some(Which::Unknown(
                    format!(
                        "several standards are for messages like this: {}",
                        shown(&head)
                    ),
                    format!("name one of {} with --standard", names(&infos)),
                )));
            }
            Recognition::Unknown { nearest } => {
                return Ok(Some(Which::Unknown(
                    format!(
                        "no standard that is known is for messages like this: {}",
                        shown(&head)
                    ),
                    format!("name one of {} with --standard", names(&nearest)),
                )));
            }
        };
        self.load(&name).map(Which::This).map(Some)
    }

    /// The standard of an input that begins with an interchange; `None` when it does not.
    fn of_interchange(&mut self, first: &[u8]) -> Result<Option<Which>, Failure> {
        let Some(kind) = interchange_head(first) else {
            return Ok(None);
        };
        let said: String = kind.chars().take(60).collect();
        let (reason, among) = match self.registry().recognise_interchange(&kind) {
            Recognition::Recognised(info) => {
                let name = info.name();
                return self.load(&name).map(Which::This).map(Some);
            }
            Recognition::Ambiguous(infos) => (
                format!("several standards are for EDIFACT messages like this: {said}"),
                names(&infos),
            ),
            Recognition::Unknown { nearest } if said.is_empty() => (
                "no EDIFACT message begins in the first bytes that says of what type it is (UNH-2)"
                    .to_owned(),
                names(&nearest),
            ),
            Recognition::Unknown { nearest } => (
                format!("no standard that is known is for EDIFACT messages like this: {said}"),
                names(&nearest),
            ),
        };
        let help = format!("name one of {among} with --standard");
        Ok(Some(Which::Unknown(reason, help)))
    }
}

/// What a header says, as far as it decides.
fn shown(head: &MessageHead) -> String {
    let cut = |text: &str| text.chars().take(40).collect::<String>();
    let version = match head.version.as_str() {
        "" => "it names no version (MSH-12)".to_owned(),
        version => format!("version {}", cut(version)),
    };
    format!("{}, {version}", cut(&head.kind))
}

/// A plan for the messages of a standard.
pub(super) fn plan(
    info: &StandardInfo,
    messages: Messages,
    compiled: Arc<CompiledSchema>,
    capture: Arc<CapturePlan>,
    limits: &Limits,
) -> MessagePlan {
    MessagePlan::new(
        document(info, compiled, capture, limits),
        Arc::new(messages),
    )
}
