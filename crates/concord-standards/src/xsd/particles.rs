//! Content models: particles, model groups, and named groups (part 1, 3.7 to 3.9).

use super::budget::Budget;
use super::builder::{Builder, Progress};
use super::site::Site;
use crate::schema::{Particle, QName, Term};

/// Content models nested deeper than this after groups and base types are put in are refused.
const MAX_DEPTH: usize = 200;

/// The names of model groups in XSD.
pub(super) const MODEL_GROUPS: &[&str] = &["group", "all", "choice", "sequence"];

impl<'a> Builder<'a> {
    /// The particle at the top of a complex type's content, where `xs:all` may stand.
    pub(super) fn top_particle(&mut self, site: Site<'a>) -> Option<Particle> {
        self.particle(site, true)
    }

    /// The particle of an element, wildcard, model group or group reference. Nothing when it occurs at most 0 times,
    /// or when it is wrong, which is then told.
    fn particle(&mut self, site: Site<'a>, top: bool) -> Option<Particle> {
        self.descend(site, |builder| {
            let (min, max) = builder.occurrence(site)?;
            let absent = max == Some(0);
            let term = match site.kind() {
                "element" => builder.element_particle(site)?,
                "any" => Term::Any(builder.wildcard(site)?),
                "group" => {
                    let term = builder.group_reference(site)?;
                    if matches!(term, Term::All(_)) && !(top && max == Some(1)) {
                        return builder.fail(
                            site,
                            "this group is an xs:all, which must be the whole content and occur once",
                        );
                    }
                    term
                }
                _ => builder.model_group(site),
            };
            let origin = site.origin();
            (!absent).then_some(Particle { min, max, term, origin })
        })
    }

    /// `minOccurs` and `maxOccurs`.
    fn occurrence(&mut self, site: Site<'_>) -> Option<(u32, Option<u32>)> {
        let mut number = |name: &str| -> Option<u32> {
            match site.node.get(name) {
                None => Some(1),
                Some(written) => match written.trim_start_matches('+').parse() {
                    Ok(number) => Some(number),
                    Err(_) => self.fail(
                        site,
                        format!(
                            "{name}=\"{written}\" is greater than what is supported: use unbounded"
                        ),
                    ),
                },
            }
        };
        let min = number("minOccurs")?;
        let max = match site.node.get("maxOccurs") {
            Some("unbounded") => None,
            _ => Some(number("maxOccurs")?),
        };
        match max {
            Some(max) if min > max => self.fail(
                site,
                format!("minOccurs {min} is greater than maxOccurs {max}"),
            ),
            _ => Some((min, max)),
        }
    }

    fn model_group(&mut self, site: Site<'a>) -> Term {
        let children = site
            .parts()
            .filter_map(|part| self.particle(part, false))
            .collect();
        match site.kind() {
            "choice" => Term::Choice(children),
            "all" => Term::All(children),
            _ => Term::Sequence(children),
        }
    }

    fn group_reference(&mut self, site: Site<'a>) -> Option<Term> {
        let written = site.node.get("ref")?;
        let name = match site.refers(written) {
            Ok(name) => name,
            Err(message) => return self.fail(site, message),
        };
        let symbols = self.symbols;
        match symbols.groups.get(&name) {
            Some(definition) => self.named_group(&name, *definition, site),
            None => self.unresolved(site, "group", written, &name),
        }
    }

    /// The model of the group defined at `definition`, needed at `site`.
    pub(super) fn named_group(
        &mut self,
        name: &QName,
        definition: Site<'a>,
        site: Site<'a>,
    ) -> Option<Term> {
        match self.groups.get(name) {
            Some(Progress::Done(_)) => {}
            Some(Progress::Failed) => return None,
            Some(Progress::Busy) => {
                return self.fail(site, format!("the group `{name}` holds itself"));
            }
            None => {
                self.groups.insert(name.clone(), Progress::Busy);
                let made = definition
                    .child(&["all", "choice", "sequence"])
                    .and_then(|model| self.particle(model, true));
                let progress = made.map_or(Progress::Failed, Progress::Done);
                self.groups.insert(name.clone(), progress);
            }
        }
        match self.groups.get(name) {
            Some(Progress::Done(particle)) => {
                let (copies, depth) = weigh(particle);
                if depth > MAX_DEPTH || !self.budget.spend(copies) {
                    return self.fail(site, Budget::MESSAGE);
                }
                match self.groups.get(name) {
                    Some(Progress::Done(particle)) => Some(particle.term.clone()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A copy of a base type's particle, when the schema does not grow too large by it.
    pub(super) fn copy_of(&mut self, particle: &Particle, site: Site<'_>) -> Option<Particle> {
        let (copies, depth) = weigh(particle);
        if depth > MAX_DEPTH || !self.budget.spend(copies) {
            return self.fail(site, Budget::MESSAGE);
        }
        Some(particle.clone())
    }
}

/// How many particles there are in a particle, itself included, and how deep they are nested.
fn weigh(particle: &Particle) -> (usize, usize) {
    let (mut copies, mut deepest) = (0, 0);
    let mut waiting = vec![(particle, 1)];
    while let Some((particle, depth)) = waiting.pop() {
        copies += 1;
        deepest = deepest.max(depth);
        if let Some(children) = children(particle) {
            waiting.extend(children.iter().map(|child| (child, depth + 1)));
        }
    }
    (copies, deepest)
}

/// The particles directly inside a particle.
pub(super) fn children(particle: &Particle) -> Option<&[Particle]> {
    match &particle.term {
        Term::Sequence(children) | Term::Choice(children) | Term::All(children) => Some(children),
        Term::Element(_) | Term::Any(_) => None,
    }
}

/// Whether nothing at all fits a particle (part 1, 3.9.6, `cos-group-emptiable`).
// Recursion is bounded by the depth that particles may have.
pub(super) fn is_emptiable(particle: &Particle) -> bool {
    particle.min == 0
        || match &particle.term {
            Term::Element(_) | Term::Any(_) => false,
            Term::Sequence(children) | Term::All(children) => children.iter().all(is_emptiable),
            Term::Choice(children) => children.iter().any(is_emptiable),
        }
}
