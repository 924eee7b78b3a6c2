//! The rules of a definition that was inferred of documents.

use super::schema::Built;
use super::{InferredDocument, Name};
use crate::definition::{StandardInfo, list, quoted};
use crate::infer::Naming;
use crate::infer::column::Form;
use crate::infer::rule::{self, Inferred};

/// `rules.toml`.
pub(super) fn rules(
    document: &InferredDocument,
    built: &Built,
    info: &StandardInfo,
    naming: &Naming,
) -> String {
    let rules = [unique(info, naming), of_values(document, built, naming)];
    rule::file(rules.into_iter().flatten(), naming)
}

/// What identifies a record stands once.
fn unique(info: &StandardInfo, naming: &Naming) -> Option<Inferred> {
    let key = info.record.key.first()?;
    let record = info.record.elements.first()?;
    let rows = |values: &[&str]| {
        let rows: Vec<String> = values
            .iter()
            .map(|value| format!("{{ {} = \"{value}\" }}", quoted(key)))
            .collect();
        format!("[{{ record = [{}] }}]", rows.join(", "))
    };
    Some(Inferred {
        id: naming.rule("UNIQUE"),
        title: format!("{key} of {record} stands once"),
        at: "at = \"record\"".to_owned(),
        effect: "warn",
        check: format!("unique = {{ elements = {} }}", list(&[key])),
        message: "{value} was used by an earlier record".to_owned(),
        help: "every value seen was another one: if it may stand twice, take this rule away",
        pass: rows(&["1", "2"]),
        fail: rows(&["1", "2", "1"]),
    })
}

/// Something that SQL says of a value, to show how it is done: of one inside records, else of one below the root.
fn of_values(document: &InferredDocument, built: &Built, naming: &Naming) -> Option<Inferred> {
    let root = &document.element(document.root).children;
    let inside = document.below(&document.records());
    let leaves = || {
        let names = (0..).zip(&document.seen.elements);
        names.filter(|(_, seen)| !seen.has_children && !seen.long && seen.text.filled > 0)
    };
    let each = |name: Name| format!("each = {}", list(&[&document.name(name).local]));
    let number = leaves().find(|(name, seen)| {
        inside.contains(name) && seen.text.identifiers.nhs_number == seen.text.filled
    });
    if let Some((name, _)) = number {
        return Some(Inferred {
            at: each(name),
            ..rule::nhs_number(naming)
        });
    }
    let forms = [Form::Decimal, Form::Date, Form::DateTime, Form::Time];
    let texts = || {
        leaves().filter(|(name, seen)| {
            let text = !forms.iter().any(|form| seen.text.is(*form));
            text && !built.personal.contains_key(name)
        })
    };
    let in_record = texts().find(|(name, _)| inside.contains(name));
    let in_root = || texts().find(|(name, _)| root.is_single(*name));
    let (name, seen) = in_record.or_else(in_root)?;
    let (local, longest) = (&document.name(name).local, seen.text.longest);
    let long = "x".repeat(
        usize::try_from(longest)
            .unwrap_or(usize::MAX)
            .saturating_add(1),
    );
    // Inside records a rule sits at each occurrence; the submission has the one below the root.
    let (at, sql, fact) = if in_record.is_some() {
        (each(name), "value".to_owned(), "value".to_owned())
    } else {
        let sql = format!("\"{local}\"");
        ("at = \"submission\"".to_owned(), sql, local.to_string())
    };
    let example = |text: &str| format!("[{{ {} = {} }}]", quoted(&fact), quoted(text));
    Some(Inferred {
        id: naming.rule("LENGTH"),
        title: format!("{local} is no longer than any that was seen"),
        at,
        effect: "note",
        check: format!(
            "check = {}",
            quoted(&format!("char_length({sql}) <= {longest}"))
        ),
        message: format!("{{{fact}}} has more than {longest} characters"),
        help: "write a rule that says more than this one",
        pass: example("x"),
        fail: example(&long),
    })
}
