//! `concord model`: the canonical model as a data dictionary.

use std::fmt::Write as _;
use std::process::ExitCode;

use concord_model::entities::{self, Area, ENTITIES, Entity, Field, Kind, PROVENANCE};
use serde_json::{Value, json};

use crate::arguments::{ModelArguments, ModelCommand, ModelFormat};
use crate::failure::Failure;
use crate::output;
use crate::standards::table;

pub(crate) fn run(arguments: &ModelArguments) -> Result<ExitCode, Failure> {
    let (entity, format) = match &arguments.command {
        Some(ModelCommand::Show { entity, format }) => (entity.as_deref(), *format),
        None => (None, ModelFormat::Human),
    };
    let entity = entity.map(find).transpose()?;
    let text = match (format, entity) {
        (ModelFormat::Human, None) => list(),
        (ModelFormat::Human, Some(entity)) => fields(entity),
        (ModelFormat::Json, None) => {
            let model = json!({
                "provenance": PROVENANCE.iter().map(field_value).collect::<Vec<_>>(),
                "entities": ENTITIES.iter().copied().map(entity_value).collect::<Vec<_>>(),
            });
            pretty(&model)
        }
        (ModelFormat::Json, Some(entity)) => pretty(&entity_value(entity)),
        (ModelFormat::Mermaid, None) => entities::diagram(),
        (ModelFormat::Mermaid, Some(_)) => {
            return Err(Failure::usage(
                "the diagram is of all entities",
                "leave the entity out, or choose another --format",
            ));
        }
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> Result<&'static Entity, Failure> {
    entities::entity(name).ok_or_else(|| {
        let wanted = name.to_lowercase();
        let like: Vec<&str> = ENTITIES
            .iter()
            .map(|entity| entity.name)
            .filter(|known| known.contains(&wanted) || wanted.contains(known))
            .collect();
        let help = match like.as_slice() {
            [] => "`concord model show` shows every entity".to_owned(),
            like => format!("did you mean {}?", like.join(", ")),
        };
        Failure::usage(format!("the model has no entity `{name}`"), help)
    })
}

/// Every entity, part by part.
fn list() -> String {
    let mut rows = Vec::new();
    for area in Area::ALL {
        let of_area = ENTITIES.iter().filter(|entity| entity.area == area);
        for (index, entity) in of_area.enumerate() {
            rows.push([
                if index == 0 { area.title() } else { "" }.to_owned(),
                entity.name.to_owned(),
                entity.parent.unwrap_or_default().to_owned(),
                entity.fields.len().to_string(),
                entity.grain.to_owned(),
            ]);
        }
    }
    let mut text = table(["", "entity", "lies in", "fields", "one row is"], &rows);
    text.push_str(
        "\n`concord model show ENTITY` shows its fields; --format json and --format mermaid are for other tools.\n",
    );
    text
}

/// The fields of an entity, those of provenance first.
fn fields(entity: &Entity) -> String {
    let rows: Vec<_> = entity
        .columns()
        .map(|field| {
            [
                field.name.to_owned(),
                kind(field.kind),
                if field.personal { "personal" } else { "" }.to_owned(),
                field.meaning.to_owned(),
            ]
        })
        .collect();
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = writeln!(
        text,
        "{}\n{}.\nOne row is {}.",
        entity.title, entity.meaning, entity.grain
    );
    if let Some(parent) = entity.parent {
        let _ = writeln!(
            text,
            "Its rows lie in those of {parent}, by parent_sequence."
        );
    }
    text.push('\n');
    text.push_str(&table(["field", "kind", "", "meaning"], &rows));
    let children: Vec<&str> = ENTITIES
        .iter()
        .filter(|child| child.parent == Some(entity.name))
        .map(|child| child.name)
        .collect();
    if !children.is_empty() {
        let _ = writeln!(text, "\nIn its rows lie those of {}.", children.join(", "));
    }
    text
}

/// A kind with what belongs to it.
fn kind(kind: Kind) -> String {
    match kind {
        Kind::Code { list } if !list.is_empty() => format!("code of {list}"),
        Kind::Decimal { precision, scale } => format!("decimal {precision},{scale}"),
        other => other.name().to_owned(),
    }
}

fn entity_value(entity: &Entity) -> Value {
    json!({
        "name": entity.name,
        "title": entity.title,
        "area": entity.area.title(),
        "meaning": entity.meaning,
        "grain": entity.grain,
        "parent": entity.parent,
        "fields": entity.fields.iter().map(field_value).collect::<Vec<_>>(),
    })
}

fn field_value(field: &Field) -> Value {
    let mut value = json!({
        "name": field.name,
        "kind": field.kind.name(),
        "personal": field.personal,
        "meaning": field.meaning,
        "columns": field
            .arrow_fields()
            .map(|column| json!({ "name": column.name(), "type": column.data_type().to_string() }))
            .collect::<Vec<_>>(),
    });
    if !field.title.is_empty() {
        value["element"] = field.title.into();
    }
    match field.kind {
        Kind::Code { list } if !list.is_empty() => value["code_list"] = list.into(),
        Kind::Decimal { precision, scale } => {
            value["precision"] = precision.into();
            value["scale"] = scale.into();
        }
        _ => {}
    }
    value
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
