//! FHIR resources: which standard an input of them follows, and a plan to check them with.

use std::path::Path;
use std::sync::Arc;

use concord_check::resource::{NAMESPACE, OwnSchema, ResourcePlan, is_xml};
use concord_check::root_tag;
use concord_read::Limits;
use concord_standards::definition::StandardInfo;
use concord_standards::registry::Recognition;
use concord_standards::resources::Resources;

use super::ready::{authority, effects};
use super::recognise::names;
use super::{Prepare, Prepared, Standards, Which};
use crate::failure::Failure;

impl Standards {
    /// What the resources that an input begins with are held against: what the user named, else the standard of resources that
    /// they are recognised by, where there is one and no more.
    pub(crate) fn resources(&mut self, first: &[u8]) -> Result<Option<Arc<Prepared>>, Failure> {
        if let Some(named) = &self.named
            && matches!(named.plan, Prepare::Resources(_))
        {
            return Ok(Some(Arc::clone(named)));
        }
        let Recognition::Recognised(info) = self.registry().recognise_resources_in(first) else {
            return Ok(None);
        };
        let name = info.name();
        self.load(&name).map(Some)
    }

    /// The standard of an input that is JSON or XML; `None` when it is neither, or does not look like resources.
    pub(super) fn of_resources(
        &mut self,
        name: &str,
        first: &[u8],
    ) -> Result<Option<Which>, Failure> {
        if !looks_like_resources(name, first) {
            return Ok(None);
        }
        let name = match self.registry().recognise_resources_in(first) {
            Recognition::Recognised(info) => info.name(),
            Recognition::Ambiguous(infos) => {
                return Ok(Some(Which::Unknown(
                    "several releases of FHIR have resources that stand here".to_owned(),
                    format!("name one of {} with --standard", names(&infos)),
                )));
            }
            Recognition::Unknown { .. } => return Ok(None),
        };
        self.load(&name).map(Which::This).map(Some)
    }
}

/// Whether something is a resource or resources by its first bytes; without any that say so, by its name.
fn looks_like_resources(name: &str, first: &[u8]) -> bool {
    let begins = first.trim_ascii_start();
    if is_xml_of_resources(first) {
        return true;
    }
    let is_object = begins.starts_with(b"{");
    let says = || memchr::memmem::find(begins, b"\"resourceType\"").is_some();
    is_object && says() || (is_object || begins.is_empty()) && is_json(name)
}

/// Whether something is XML whose first element is of the namespace of FHIR.
pub(crate) fn is_xml_of_resources(first: &[u8]) -> bool {
    is_xml(first) && root_tag(first).is_some_and(|root| root.namespace == NAMESPACE)
}

/// Whether an input's name says that it holds JSON.
fn is_json(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| {
        ["json", "ndjson", "jsonl"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// A JSON Schema of the user's own.
pub(super) fn own(path: &Path, limits: &Limits) -> Result<Prepared, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("{} cannot be read: {error}", path.display()),
            "name a JSON Schema with --schema",
        )
    })?;
    let own = OwnSchema::compile(&text).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", path.display()),
            "--schema takes a JSON Schema that holds all that it refers to",
        )
    })?;
    let mut plan = ResourcePlan::new(Arc::default());
    plan.limits = limits.clone();
    plan.own = Some(own);
    Ok(Prepared::without_rules(Prepare::Resources(plan)))
}

/// A plan for the resources of a standard.
pub(super) fn plan(info: &StandardInfo, resources: Resources, limits: &Limits) -> ResourcePlan {
    let mut plan = ResourcePlan::new(Arc::new(resources));
    plan.standard = Some(info.name().into());
    plan.authority = Some(authority(info).into());
    plan.limits = limits.clone();
    plan.effects = effects(info);
    plan
}
