//! Resources inside a resource, and references to them (FHIR R4: 2.3.0.2 and dom-2 to dom-5).

use concord_finding::{Effect, Fact};
use concord_read::json::Span;
use concord_standards::resources::{Form, TypeNumber};

use super::plan::{Hook, Side};
use super::target;
use super::tell;
use super::walk::{Walker, Within};
use crate::catalogue::BuiltinRule;
use crate::output::Draft;

/// A resource that is open.
#[derive(Debug)]
pub(super) struct Container {
    of: TypeNumber,
    start: usize,
    /// Where it stands in another one.
    hook: Option<Hook>,
    id: Option<String>,
    version: Option<String>,
    /// Where the id stands, and the form that the profiles it claims want of it.
    id_at: Span,
    id_form: Option<Form>,
    /// Whether a profile that it claims is of a service that sends versions of contained resources too.
    versioned: bool,
    /// Ids of the resources contained in it, and where they begin.
    contained: Vec<(String, usize)>,
    /// What references in it to resources contained in it point to, without the `#`, and where they stand.
    used: Vec<(String, Span, Wanted)>,
}

/// What something that points to a contained resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A reference, which must lead somewhere.
    Reference,
    /// A URI, which may mean something else.
    Uri,
}

impl Container {
    pub(super) fn new(of: TypeNumber, start: usize, hook: Option<Hook>) -> Self {
        Self {
            of,
            start,
            hook,
            id: None,
            version: None,
            id_at: Span::default(),
            id_form: None,
            versioned: false,
            contained: Vec::new(),
            used: Vec::new(),
        }
    }

    pub(super) fn of(&self) -> TypeNumber {
        self.of
    }
}

impl Walker<'_> {
    /// A value that means something to the carrier itself.
    pub(super) fn hooked(&mut self, within: Within, hook: Hook, written: &str, span: Span) {
        match hook {
            Hook::Id => {
                if let Some(container) = self.containers.last_mut() {
                    container.id = Some(written.to_owned());
                    container.id_at = span;
                }
            }
            Hook::Version => {
                if let Some(container) = self.containers.last_mut() {
                    container.version = Some(written.to_owned());
                }
            }
            Hook::Reference => self.reference(within, written, span),
            Hook::Profile => {
                let systems = &self.plan.resources.systems;
                if let Some(container) = self.containers.last_mut() {
                    let form = systems.ids.get(written).copied();
                    container.id_form = form.or(container.id_form);
                    container.versioned |=
                        systems.versioned.iter().any(|known| **known == *written);
                }
                self.uri(written, span);
            }
            Hook::Said(side) => {
                self.say(side, span);
                if side == Side::System {
                    self.uri(written, span);
                }
            }
            Hook::Uri => self.uri(written, span),
            Hook::Narrative => {
                if let Err(reason) = super::narrative::check(written) {
                    self.found
                        .tell(self.teller, BuiltinRule::ResourceNarrative, span)
                        .plain("reason", reason.to_string());
                }
            }
            Hook::BundleType | Hook::FullUrl | Hook::Part(_) => {
                if let Some(bundle) = self.bundles.last_mut() {
                    bundle.take(hook, written, span);
                }
            }
            Hook::Nothing | Hook::Contained | Hook::EntryResource => {}
        }
    }

    /// A URI, which may be that of a contained resource.
    fn uri(&mut self, written: &str, span: Span) {
        if let Some(local) = written.strip_prefix('#') {
            self.points(local, span, Wanted::Uri);
        }
    }

    /// A reference: what it may refer to, and where that should be.
    fn reference(&mut self, within: Within, written: &str, span: Span) {
        if let Some(local) = written.strip_prefix('#') {
            self.points(local, span, Wanted::Reference);
            return;
        }
        let named = target::type_of(written).and_then(|name| self.plan.resource(name));
        if let (Some(named), Some((of, element))) = (named, within.from) {
            let element = self.plan.element(of, element);
            if !element.targets.is_empty() && !element.targets.contains(&named) {
                let name = |of: &TypeNumber| self.plan.resources.types[*of].name.to_string();
                let expected = element.targets.iter().map(name).collect();
                let found = name(&named);
                let path = element.path.clone();
                let draft = self
                    .found
                    .tell(self.teller, BuiltinRule::ReferenceTarget, span);
                draft.finding.element = Some(path);
                draft.finding.expected = Some(Fact::List(expected));
                draft.plain("found", found);
            }
        }
        let record = self.found.record;
        if let Some(bundle) = self.bundles.last_mut() {
            bundle.refers(written, span, record);
        }
    }

    fn points(&mut self, to: &str, span: Span, wanted: Wanted) {
        if let Some(container) = self.containers.last_mut() {
            container.used.push((to.to_owned(), span, wanted));
        }
    }

    /// Says what is wrong with the contained resources of a resource that has ended, and hands on what only others know.
    pub(super) fn end_container(&mut self, container: Container) {
        let Container {
            of,
            start,
            hook,
            id,
            version,
            id_at,
            id_form,
            versioned,
            contained,
            used,
        } = container;
        if let (Some(form), Some(id)) = (id_form, &id) {
            self.id_of_form(form, id, id_at);
        }
        if hook == Some(Hook::Contained) {
            let span = Span {
                start,
                end: start + 1,
            };
            if !contained.is_empty() {
                self.wrong(
                    span,
                    "a contained resource contains another one",
                    "put it beside the other one, where both are contained in the same resource",
                );
            }
            if version.is_some() {
                let draft = self.wrong(
                    span,
                    "a contained resource has a version (meta.versionId)",
                    "a contained resource has no life of its own: leave out its version",
                );
                // What the national service sends is not refused for it.
                if versioned {
                    draft.finding.effect = Effect::Note;
                }
            }
            let Some(above) = self.containers.last_mut() else {
                return;
            };
            above.used.extend(used);
            match id {
                Some(id) => {
                    let twice = above.contained.iter().any(|(known, _)| *known == id);
                    above.contained.push((id, start));
                    if twice {
                        self.wrong(
                            span,
                            "two contained resources have the same id",
                            "references could mean either: give each an id of its own",
                        );
                    }
                }
                None => {
                    self.wrong(
                        span,
                        "a contained resource has no id, so that nothing can refer to it",
                        "give it an id, and refer to it with # before that",
                    );
                }
            }
            return;
        }
        self.resolve(&contained, &used);
        let name = self.plan.resources.types[of].name.to_string();
        let key = id.as_ref().map(|id| record_key(&name, id));
        match hook {
            Some(Hook::EntryResource) => {
                if let Some(bundle) = self.bundles.last_mut() {
                    bundle.holds(name, id, version);
                }
                if self.bundles.len() == 1 && self.is_record_of_its_own() {
                    self.identify(key);
                }
            }
            None if self.found.record.is_some() => self.identify(key),
            _ => {}
        }
    }

    fn identify(&mut self, key: Option<Fact>) {
        if let Some(record) = self.found.record
            && let Some(record) = self.records.get_mut(record as usize)
        {
            record.key = key;
        }
    }

    /// References to contained resources lead to one, and each of those is referred to.
    fn resolve(&mut self, contained: &[(String, usize)], used: &[(String, Span, Wanted)]) {
        for (to, span, wanted) in used {
            let there = to.is_empty() || contained.iter().any(|(id, _)| id == to);
            if there || *wanted == Wanted::Uri {
                continue;
            }
            let draft = self
                .found
                .tell(self.teller, BuiltinRule::ReferenceUnresolved, *span);
            draft
                .plain(
                    "reason",
                    "no contained resource has the id that this reference names",
                )
                .plain(
                    "hint",
                    "what is referred to with # stands in `contained` of the same resource",
                );
        }
        for (id, start) in contained {
            let referred = used.iter().any(|(to, ..)| to == id || to.is_empty());
            if !referred {
                let span = Span {
                    start: *start,
                    end: start + 1,
                };
                self.wrong(
                    span,
                    "nothing refers to this contained resource",
                    "refer to it with # and its id, or take it out",
                );
            }
        }
    }

    fn wrong(&mut self, span: Span, reason: &str, hint: &str) -> &mut Draft {
        self.found
            .tell(self.teller, BuiltinRule::ResourceContained, span)
            .plain("reason", reason)
            .plain("hint", hint)
    }
}

/// What identifies a resource to its owner. The id of a person can be the number of that person.
fn record_key(name: &str, id: &str) -> Fact {
    const PEOPLE: [&str; 3] = ["Patient", "Person", "RelatedPerson"];
    let key = format!("{name}/{id}");
    if PEOPLE.contains(&name) || tell::has_number(id) {
        Fact::Personal(key)
    } else {
        Fact::Plain(key)
    }
}
