//! `xs:any` and `xs:anyAttribute`: which namespaces they let through (part 1, 3.10).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::builder::Builder;
use super::names::is_white;
use super::site::Site;
use crate::schema::{NamespaceSet, ProcessContents, Wildcard};

impl Builder<'_> {
    /// The wildcard that an `xs:any` or `xs:anyAttribute` says.
    pub(super) fn wildcard(&mut self, site: Site<'_>) -> Option<Wildcard> {
        let process = match site.node.get("processContents") {
            Some("lax") => ProcessContents::Lax,
            Some("skip") => ProcessContents::Skip,
            _ => ProcessContents::Strict,
        };
        let here = &site.document.namespace;
        let namespaces = match site.node.get("namespace").unwrap_or("##any") {
            "##any" => NamespaceSet::Any,
            "##other" => NamespaceSet::Other(Arc::clone(here)),
            list => {
                let mut these = BTreeSet::new();
                for word in list.split(is_white).filter(|word| !word.is_empty()) {
                    match word {
                        "##targetNamespace" => these.insert(Arc::clone(here)),
                        "##local" => these.insert(Arc::from("")),
                        word if word.starts_with("##") => {
                            return self.fail(
                                site,
                                format!(
                                    "namespace=\"{list}\": {word} must stand alone or is not known"
                                ),
                            );
                        }
                        word => these.insert(Arc::from(word)),
                    };
                }
                NamespaceSet::These(these.into_iter().collect())
            }
        };
        Some(Wildcard {
            namespaces,
            process,
        })
    }

    /// The first wildcard narrowed to what the second lets through too.
    pub(super) fn narrow(
        &mut self,
        site: Site<'_>,
        first: &Wildcard,
        second: &Wildcard,
    ) -> Option<Wildcard> {
        match intersection(&first.namespaces, &second.namespaces) {
            Some(namespaces) => Some(Wildcard {
                namespaces,
                process: first.process,
            }),
            None => self.fail(
                site,
                "what these xs:anyAttribute let through together cannot be expressed",
            ),
        }
    }

    /// The first wildcard widened to what the second lets through too.
    pub(super) fn widen(
        &mut self,
        site: Site<'_>,
        first: &Wildcard,
        second: &Wildcard,
    ) -> Option<Wildcard> {
        match union(&first.namespaces, &second.namespaces) {
            Some(namespaces) => Some(Wildcard {
                namespaces,
                process: first.process,
            }),
            None => self.fail(
                site,
                "what these xs:anyAttribute let through together cannot be expressed",
            ),
        }
    }
}

/// Whether a wildcard lets a namespace through (part 1, 3.10.4).
pub(super) fn lets_through(set: &NamespaceSet, namespace: &str) -> bool {
    match set {
        NamespaceSet::Any => true,
        NamespaceSet::Other(not) => !namespace.is_empty() && **not != *namespace,
        NamespaceSet::These(these) => these.iter().any(|one| **one == *namespace),
    }
}

/// Whether everything that `inner` lets through, `outer` lets through as well (part 1, 3.10.6, `cos-ns-subset`).
pub(super) fn is_subset(inner: &NamespaceSet, outer: &NamespaceSet) -> bool {
    match (inner, outer) {
        (_, NamespaceSet::Any) => true,
        (NamespaceSet::Any, _) | (NamespaceSet::Other(_), NamespaceSet::These(_)) => false,
        (NamespaceSet::These(these), outer) => these.iter().all(|one| lets_through(outer, one)),
        // The empty name is let through by no `Other`, so `Other("")` is the widest.
        (NamespaceSet::Other(inner), NamespaceSet::Other(outer)) => {
            inner == outer || outer.is_empty()
        }
    }
}

fn intersection(first: &NamespaceSet, second: &NamespaceSet) -> Option<NamespaceSet> {
    Some(match (first, second) {
        (NamespaceSet::Any, other) | (other, NamespaceSet::Any) => other.clone(),
        (NamespaceSet::These(these), other) | (other, NamespaceSet::These(these)) => {
            NamespaceSet::These(
                these
                    .iter()
                    .filter(|one| lets_through(other, one))
                    .cloned()
                    .collect(),
            )
        }
        (NamespaceSet::Other(one), NamespaceSet::Other(other)) => {
            if one == other || other.is_empty() {
                NamespaceSet::Other(Arc::clone(one))
            } else if one.is_empty() {
                NamespaceSet::Other(Arc::clone(other))
            } else {
                return None;
            }
        }
    })
}

fn union(first: &NamespaceSet, second: &NamespaceSet) -> Option<NamespaceSet> {
    Some(match (first, second) {
        (NamespaceSet::Any, _) | (_, NamespaceSet::Any) => NamespaceSet::Any,
        (NamespaceSet::These(one), NamespaceSet::These(other)) => {
            let all: BTreeSet<Arc<str>> = one.iter().chain(other).cloned().collect();
            NamespaceSet::These(all.into_iter().collect())
        }
        (NamespaceSet::Other(one), NamespaceSet::Other(other)) => {
            if one == other {
                NamespaceSet::Other(Arc::clone(one))
            } else {
                NamespaceSet::Other(Arc::from(""))
            }
        }
        (NamespaceSet::Other(not), NamespaceSet::These(these))
        | (NamespaceSet::These(these), NamespaceSet::Other(not)) => {
            let named = these.contains(not);
            let none = these.iter().any(|one| one.is_empty());
            match (named, none) {
                (true, true) => NamespaceSet::Any,
                (true, false) => NamespaceSet::Other(Arc::from("")),
                (false, true) => return None,
                (false, false) => NamespaceSet::Other(Arc::clone(not)),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn these(names: &[&str]) -> NamespaceSet {
        NamespaceSet::These(names.iter().map(|name| Arc::from(*name)).collect())
    }

    fn other(name: &str) -> NamespaceSet {
        NamespaceSet::Other(Arc::from(name))
    }

    #[test]
    fn sets_of_namespaces_agree_with_membership() {
        let sets = [
            NamespaceSet::Any,
            other("a"),
            other("b"),
            other(""),
            these(&[]),
            these(&["a"]),
            these(&["", "a"]),
            these(&["", "b"]),
            these(&[""]),
            these(&["a", "b"]),
        ];
        let names = ["", "a", "b", "c"];
        for one in &sets {
            for two in &sets {
                for name in names {
                    let (left, right) = (lets_through(one, name), lets_through(two, name));
                    if let Some(both) = intersection(one, two) {
                        assert_eq!(
                            lets_through(&both, name),
                            left && right,
                            "{one:?} and {two:?}: {name}"
                        );
                    }
                    if let Some(either) = union(one, two) {
                        assert_eq!(
                            lets_through(&either, name),
                            left || right,
                            "{one:?} or {two:?}: {name}"
                        );
                    }
                    if is_subset(one, two) && left {
                        assert!(right, "{one:?} in {two:?}: {name}");
                    }
                }
            }
        }
    }
}
