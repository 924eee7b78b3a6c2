//! The page of the canonical model, in Markdown.

use std::fmt::Write as _;

use concord_model::entities::{Area, ENTITIES, Entity, Field, Kind, PROVENANCE, diagram};

use super::page::cell;

// Writing to a `String` does not fail, so its results are dropped.

/// The page.
pub(super) fn page() -> String {
    let mut text = String::from(
        "# The canonical model\n\nWhat every format is read into and written from. Each entity is a table, and a dataset of its own in \
         Parquet. This page is written by `cargo xtask docs`; `concord model show` shows the same in a terminal.\n\n\
         Names of fields are those of the NHS Data Dictionary, in lower case with underscores. A code is kept as it was sent: its \
         list stands beside it here, and the version of the list is that of `source_standard`. A moment keeps the clock's time as \
         it was written, with the distance from universal time in a column `…_zone`; a partial date comes with a column \
         `…_precision`. Money is decimal. What identifies a person is marked.\n\n\
         ## How the entities hang together\n\n\
         All rows of one record have the same `source_file` and `source_record`. A row that lies in another one names it by \
         `parent_sequence`, which is the `sequence` of that row; it is empty where the row lies in none, and may be where a record can have only one.\n\n```mermaid\n",
    );
    text.push_str(&diagram());
    text.push_str("```\n\n## Columns of every entity\n\n");
    table(&mut text, PROVENANCE);
    for area in Area::ALL {
        let _ = write!(text, "\n## {}\n", area.title());
        for entity in ENTITIES.iter().filter(|entity| entity.area == area) {
            section(&mut text, entity);
        }
    }
    text
}

fn section(text: &mut String, entity: &Entity) {
    let _ = write!(text, "\n### {}\n\n", entity.name);
    let _ = write!(
        text,
        "{}. {}. One row is {}.",
        entity.title, entity.meaning, entity.grain
    );
    if let Some(parent) = entity.parent {
        let _ = write!(text, " Its rows lie in those of [{parent}](#{parent}).");
    }
    text.push_str("\n\n");
    table(text, entity.fields);
}

fn table(text: &mut String, fields: &[Field]) {
    text.push_str("| field | kind | meaning | Data Dictionary |\n|---|---|---|---|\n");
    for field in fields {
        let personal = if field.personal { "; personal" } else { "" };
        let _ = writeln!(
            text,
            "| `{}` | {}{personal} | {} | {} |",
            field.name,
            kind(field.kind),
            cell(field.meaning),
            cell(field.title),
        );
    }
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Code { list } if !list.is_empty() => format!("code of `{list}`"),
        Kind::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        other => other.name().to_owned(),
    }
}
