//! The standards that the messages and resources of a feed can follow, compiled once.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::message::message_head;
use concord_finding::Grades;
use concord_read::Limits;
use concord_standards::definition::{Mapping, StandardInfo};
use concord_standards::messages::Syntax;
use concord_standards::registry::{Recognition, Registry};

use super::arguments::JudgeArguments;
use crate::failure::Failure;
use crate::prepare::{Ask, Prepared, Standards, to_canonical};

/// What they are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// Judging.
    Judging,
    /// Making rows of the canonical model: only of messages, whose standards have a mapping.
    Rows,
}

/// Standards of messages and resources: the one that was named, or all.
pub(super) struct Known {
    standards: Standards,
    ready: BTreeMap<String, Arc<Prepared>>,
    /// The one that was named.
    named: Option<String>,
    /// The one of resources, if they are taken.
    of_resources: Option<String>,
}

impl Known {
    /// Compiles them.
    ///
    /// # Errors
    /// When the one that is named is not known or of neither, and when definitions are wrong.
    pub(super) fn new(
        arguments: &JudgeArguments,
        grades: &Arc<Grades>,
        what_for: For,
    ) -> Result<Self, Failure> {
        let ask = Ask {
            schemas: arguments.schemas.schemas.as_deref(),
            reference: arguments.reference.reference.as_deref(),
            grades: Arc::clone(grades),
            converts: (what_for == For::Rows).then(|| Box::new(to_canonical) as _),
            ..Ask::default()
        };
        let mut standards = Standards::new(ask, &Limits::default())?;
        let registry = standards.registry();
        let named = named(arguments, registry)?;
        let of_resources = match named {
            Some(info) => Some(info).filter(|info| info.is_resources()),
            None => match registry.recognise_resources() {
                Recognition::Recognised(info) => Some(info),
                Recognition::Ambiguous(_) | Recognition::Unknown { .. } => None,
            },
        };
        let of_messages = registry
            .list()
            .iter()
            .filter(|info| info.syntax() == Some(Syntax::Hl7));
        let of_messages = of_messages.filter(|info| named.is_none_or(|named| named == *info));
        let mut names = Vec::new();
        for info in of_messages {
            if what_for == For::Judging || has_mapping(registry, info)? {
                names.push(info.name());
            }
        }
        let named = named.map(StandardInfo::name);
        let of_resources = of_resources.map(StandardInfo::name);
        if what_for == For::Judging {
            names.extend(of_resources.clone());
        }
        let mut ready = BTreeMap::new();
        for name in names {
            let prepared = standards.load(&name)?;
            ready.insert(name, prepared);
        }
        Ok(Self {
            standards,
            ready,
            named,
            of_resources,
        })
    }

    /// The definitions that they come from.
    pub(super) fn registry(&self) -> &Registry {
        self.standards.registry()
    }

    /// All of them that are compiled, by name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Arc<Prepared>)> {
        self.ready
            .iter()
            .map(|(name, prepared)| (&**name, prepared))
    }

    /// The standard of a message, and its name; what the message says of itself where there is none.
    pub(super) fn of_message(&self, message: &[u8]) -> Result<(&str, &Arc<Prepared>), String> {
        if let Some(named) = &self.named {
            let found = self.ready.get_key_value(named);
            return match found {
                Some((name, prepared)) if self.of_resources.as_ref() != Some(named) => {
                    Ok((name, prepared))
                }
                _ => Err("a message of HL7 v2".to_owned()),
            };
        }
        let Some(head) = message_head(message) else {
            return Err("it begins with no MSH".to_owned());
        };
        let profiles: Vec<&str> = head.profiles.iter().map(String::as_str).collect();
        let known = match self
            .registry()
            .recognise_message(head.version.trim(), &profiles)
        {
            Recognition::Recognised(info) => self.ready.get_key_value(&info.name()),
            Recognition::Ambiguous(_) | Recognition::Unknown { .. } => None,
        };
        let known = known.map(|(name, prepared)| (&**name, prepared));
        known.ok_or_else(|| {
            let cut = |text: &str| text.chars().take(40).collect::<String>();
            match head.version.trim() {
                "" => "it names no version".to_owned(),
                version => format!("version {}", cut(version)),
            }
        })
    }

    /// A standard by its name.
    pub(super) fn of_name(&self, name: &str) -> Option<&Arc<Prepared>> {
        self.ready.get(name)
    }

    /// The standard of resources, if they are taken.
    pub(super) fn of_resource(&self) -> Option<&Arc<Prepared>> {
        self.of_name(self.of_resources.as_ref()?)
    }

    /// The name of the standard of resources, if they are taken.
    pub(super) fn resources(&self) -> Option<&str> {
        self.of_resources.as_deref()
    }
}

fn named<'r>(
    arguments: &JudgeArguments,
    registry: &'r Registry,
) -> Result<Option<&'r StandardInfo>, Failure> {
    let Some(name) = &arguments.standard else {
        return Ok(None);
    };
    let info = registry.find(name)?;
    if info.syntax() != Some(Syntax::Hl7) && !info.is_resources() {
        return Err(Failure::usage(
            format!("{} is no standard of messages or resources", info.name()),
            "`concord standards list` shows which there are: hl7@2.4, profiles of it, and fhir@4.0.1",
        ));
    }
    Ok(Some(info))
}

fn has_mapping(registry: &Registry, info: &StandardInfo) -> Result<bool, Failure> {
    Ok(Mapping::load(registry.source(), &info.folder)?.is_some())
}
