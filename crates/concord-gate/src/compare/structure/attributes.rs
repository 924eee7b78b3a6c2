//! Attributes of two types compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::schema::{
    AttributeUse, NamespaceSet, Origin, ProcessContents, Use, Wildcard,
};

use super::Walk;
use super::element::is_fixed;
use super::roster::Name;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};
use crate::compare::draft::shown;
use crate::compare::facts;
use crate::compare::side::Half;
use crate::compare::value::At;

impl Walk<'_, '_> {
    pub(super) fn attributes(&mut self, old: &[AttributeUse], new: &[AttributeUse]) {
        let names = |half: &Half<'_>, uses: &[AttributeUse]| -> BTreeMap<Name, usize> {
            let may_stand = uses
                .iter()
                .enumerate()
                .filter(|(_, usage)| usage.usage != Use::Prohibited);
            may_stand
                .map(|(index, usage)| (half.plain(&usage.attribute.name), index))
                .collect()
        };
        let (mine, theirs) = (names(&self.pair.old, old), names(&self.pair.new, new));
        // In the order of the new side, which is not that of the names.
        let mut order: Vec<usize> = theirs.values().copied().collect();
        order.sort_unstable();
        for index in order {
            let usage = &new[index];
            match mine.get(&self.pair.new.plain(&usage.attribute.name)) {
                Some(before) => self.attribute(&old[*before], usage),
                None => self.attribute_added(usage),
            }
        }
        let mut gone: Vec<usize> = mine
            .iter()
            .filter(|(name, _)| !theirs.contains_key(*name))
            .map(|(_, index)| *index)
            .collect();
        gone.sort_unstable();
        for index in gone {
            self.attribute_removed(&old[index]);
        }
    }

    fn of_attribute(&self, kind: Kind, usage: &AttributeUse) -> Change {
        let name = Arc::clone(&usage.attribute.name.local);
        Change::draft(kind, ChangePlace::Attribute(shown(&self.new_path), name))
    }

    fn attribute_lead(&self, side: Side, usage: &AttributeUse) -> Vec<Arc<str>> {
        self.lead_to(side, &format!("@{}", usage.attribute.name.local))
    }

    fn attribute_added(&mut self, usage: &AttributeUse) {
        let mandatory = usage.usage == Use::Required;
        let kind = if mandatory {
            Kind::AttributeAddedMandatory
        } else {
            Kind::AttributeAdded
        };
        let change = self
            .of_attribute(kind, usage)
            .at(None, Some(&usage.attribute.origin));
        let change = self.hits_submitter(change, mandatory, "nobody sends it yet");
        let change = self.hits_receiver(change, true, "it was refused");
        let (element, path) = (
            self.present(Side::Old),
            self.attribute_lead(Side::New, usage),
        );
        let change = change
            .led_if_breaking(Side::Old, element)
            .led_if_breaking(Side::New, LeadKind::Present(path));
        self.tell(change);
    }

    fn attribute_removed(&mut self, usage: &AttributeUse) {
        let change = self
            .of_attribute(Kind::AttributeRemoved, usage)
            .at(Some(&usage.attribute.origin), None);
        let change = self.hits_submitter(change, true, "it is refused");
        let mandatory = usage.usage == Use::Required;
        let change = self.hits_receiver(change, mandatory, "elements without it arrive");
        let (path, element) = (
            self.attribute_lead(Side::Old, usage),
            self.present(Side::New),
        );
        let change = change
            .led_if_breaking(Side::Old, LeadKind::Present(path))
            .led_if_breaking(Side::New, element);
        self.tell(change);
    }

    fn attribute(&mut self, old: &AttributeUse, new: &AttributeUse) {
        let origins = (Some(&old.attribute.origin), Some(&new.attribute.origin));
        match (old.usage, new.usage) {
            (Use::Optional, Use::Required) => {
                let change = self.of_attribute(Kind::AttributeMadeMandatory, new);
                let change = change.at(origins.0, origins.1);
                let change = self.hits_submitter(change, true, "elements without it are refused");
                let path = self.attribute_lead(Side::Old, old);
                self.tell(change.led_if_breaking(Side::Old, LeadKind::Absent(path)));
            }
            (Use::Required, Use::Optional) => {
                let change = self.of_attribute(Kind::AttributeMadeOptional, new);
                let change = change.at(origins.0, origins.1);
                let change = self.hits_receiver(change, true, "elements without it arrive");
                let path = self.attribute_lead(Side::New, new);
                self.tell(change.led_if_breaking(Side::New, LeadKind::Absent(path)));
            }
            _ => {}
        }
        let place =
            ChangePlace::Attribute(shown(&self.new_path), Arc::clone(&new.attribute.name.local));
        let at = At::Path {
            old: self.attribute_lead(Side::Old, old),
            new: self.attribute_lead(Side::New, new),
            place: place.clone(),
        };
        let constraint = self.constraint(
            old.attribute.constraint.as_ref(),
            new.attribute.constraint.as_ref(),
            (old.attribute.content, new.attribute.content),
            &at,
        );
        if let Some(change) = constraint {
            self.tell(change.at(origins.0, origins.1));
        }
        let told = facts::compare(
            self.pair,
            (&old.attribute.facts, &old.attribute.origin),
            (&new.attribute.facts, &new.attribute.origin),
            &place,
        );
        for change in told {
            self.tell(change);
        }
        if !is_fixed(
            old.attribute.constraint.as_ref(),
            new.attribute.constraint.as_ref(),
        ) {
            self.simple(old.attribute.content, new.attribute.content, at);
        }
    }

    /// Attributes that nothing names.
    pub(super) fn any_attribute(
        &mut self,
        old: Option<&Wildcard>,
        new: Option<&Wildcard>,
        origin: &Origin,
    ) {
        if old == new {
            return;
        }
        let change = Change::draft(Kind::AnyAttributeChanged, self.here())
            .was(old.map_or_else(|| "none".to_owned(), lets_through))
            .is(new.map_or_else(|| "none".to_owned(), lets_through))
            .at(None, Some(origin));
        let certainty = match (old, new) {
            (Some(_), Some(_)) => Certainty::Unknown,
            _ => Certainty::Decided,
        };
        let mut change = change;
        if old.is_some() && self.refuses_structure(Side::New) {
            change.break_for(
                Whom::Submitter,
                certainty,
                "an attribute that was let through is refused",
            );
        }
        if new.is_some() && self.refuses_structure(Side::Old) {
            change.break_for(
                Whom::Receiver,
                certainty,
                "an attribute arrives that was refused",
            );
        }
        self.tell(change);
    }
}

/// `any namespace, not checked`
fn lets_through(wildcard: &Wildcard) -> String {
    let namespaces = match &wildcard.namespaces {
        NamespaceSet::Any => "any namespace".to_owned(),
        NamespaceSet::Other(_) => "any other namespace".to_owned(),
        NamespaceSet::These(names) => {
            let names: Vec<&str> = names
                .iter()
                .map(|name| if name.is_empty() { "none" } else { &**name })
                .collect();
            format!("the namespaces {}", names.join(", "))
        }
    };
    let checked = match wildcard.process {
        ProcessContents::Strict => "checked",
        ProcessContents::Lax => "checked where known",
        ProcessContents::Skip => "not checked",
    };
    format!("{namespaces}, {checked}")
}
