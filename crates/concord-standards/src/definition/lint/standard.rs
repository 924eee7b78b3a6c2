//! `standard.toml` against the structure: the root, its attributes, the records and their keys.

use super::Linting;
use crate::definition::problem::nearest;
use crate::schema::{Content, ElementId, Particle, Schema, Term, TypeId};

const FILE: &str = "standard.toml";

pub(super) fn check(linting: &mut Linting<'_>) {
    let definition = linting.definition;
    if definition.resources.is_some() {
        // It has no structure of elements, and says nothing that is about one.
        return;
    }
    let info = &definition.standard;
    let schema = &definition.schema;
    let root = schema.roots.iter().copied().find(|id| {
        let name = &schema.element(*id).name;
        name.local == info.recognise.root && name.namespace == info.recognise.namespace
    });
    let Some(root) = root else {
        let message = format!(
            "no element `{}` of the structure may stand at the root",
            info.recognise.root
        );
        let origin = linting.find(FILE, "[recognise]");
        let roots = schema
            .roots
            .iter()
            .map(|id| &*schema.element(*id).name.local);
        let help =
            nearest(&info.recognise.root, roots).map(|name| format!("did you mean `{name}`?"));
        linting.error(&origin, message, help);
        return;
    };
    if let TypeId::Complex(group) = schema.element(root).content {
        let uses = &schema.complex_type(group).attributes;
        for name in info.recognise.attributes.keys() {
            if !uses
                .iter()
                .any(|usage| *usage.attribute.name.local == **name)
            {
                let message = format!("the root has no attribute `{name}`");
                let origin = linting.find(FILE, name);
                linting.error(&origin, message, None);
            }
        }
    }
    records(linting, root);
    if let (Some(from), Some(to)) = (&info.effective_from, &info.effective_to)
        && to < from
    {
        let origin = linting.find(FILE, "effective_to");
        linting.error(
            &origin,
            format!("the standard ends on {to}, before it begins on {from}"),
            None,
        );
    }
}

fn records(linting: &mut Linting<'_>, root: ElementId) {
    let definition = linting.definition;
    let schema = &definition.schema;
    let below = children(schema, root);
    let mut found = Vec::new();
    for name in &definition.standard.record.elements {
        if let Some(id) = below
            .iter()
            .find(|id| schema.element(**id).name.local == *name)
        {
            found.push(*id);
            continue;
        }
        let origin = linting.find(FILE, name);
        let known = below.iter().map(|id| &*schema.element(*id).name.local);
        let help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        linting.error(&origin, format!("the root has no child `{name}`"), help);
    }
    for path in &definition.standard.record.key {
        if !found.is_empty() && !found.iter().any(|record| leads(schema, *record, path)) {
            let origin = linting.find(FILE, path);
            linting.error(
                &origin,
                format!("the key `{path}` leads to nothing below a record"),
                None,
            );
        }
    }
    for name in &definition.standard.record.provider {
        let mut elements = schema.elements.iter();
        if !elements.any(|element| *element.name.local == **name) {
            let origin = linting.find(FILE, name);
            let known = schema.elements.iter().map(|element| &*element.name.local);
            let help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
            let message =
                format!("no element is called `{name}`, which is to say who provided a record");
            linting.error(&origin, message, help);
        }
    }
    for record in &found {
        let keys = &definition.standard.record.key;
        if !keys.is_empty() && !keys.iter().any(|path| leads(schema, *record, path)) {
            let name = &schema.element(*record).name;
            let origin = linting.find(FILE, &name.local);
            linting.warning(
                &origin,
                format!("no key leads to anything below `{name}`"),
                None,
            );
        }
    }
}

fn leads(schema: &Schema, record: ElementId, path: &str) -> bool {
    let mut at = record;
    for part in path.split('/') {
        if let Some(attribute) = part.strip_prefix('@') {
            return match schema.element(at).content {
                TypeId::Complex(group) => {
                    let mut uses = schema.complex_type(group).attributes.iter();
                    uses.any(|usage| *usage.attribute.name.local == *attribute)
                }
                _ => false,
            };
        }
        let found = children(schema, at)
            .into_iter()
            .find(|id| *schema.element(*id).name.local == *part);
        match found {
            Some(id) => at = id,
            None => return false,
        }
    }
    true
}

fn children(schema: &Schema, parent: ElementId) -> Vec<ElementId> {
    let mut found = Vec::new();
    if let TypeId::Complex(group) = schema.element(parent).content
        && let Content::Children { particle, .. } = &schema.complex_type(group).content
    {
        collect(particle, &mut found);
    }
    found
}

fn collect(particle: &Particle, found: &mut Vec<ElementId>) {
    match &particle.term {
        Term::Element(id) => found.push(*id),
        Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
            for part in parts {
                collect(part, found);
            }
        }
        Term::Any(_) => {}
    }
}
