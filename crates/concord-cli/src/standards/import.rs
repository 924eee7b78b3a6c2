//! `concord standards import`: the definition of an official XSD, written to the user's own folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{
    Effects, Known, Recognise, RecordShape, StandardInfo, StandardStatus, add_formats,
    without_unused, write,
};
use concord_standards::registry::Registry;
use concord_standards::schema::{Element, Schema, TypeId, ValueConstraint};
use concord_standards::xsd;

use crate::arguments::ImportArguments;
use crate::failure::Failure;
use crate::output::write_file;
use crate::source::SchemaFolder;

/// An XSD on disk.
pub(crate) fn read_xsd(path: &Path) -> Result<Schema, Failure> {
    let (folder, name) = SchemaFolder::of(path);
    Ok(xsd::import(&folder, &name)?)
}

pub(super) fn import(registry: &Registry, arguments: &ImportArguments) -> Result<String, Failure> {
    let schema = read_xsd(&arguments.file)?;
    CompiledSchema::compile(Arc::new(schema.clone())).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "the XSD itself breaks this constraint of XML Schema; its publisher must mend it",
        )
    })?;
    let mut schema = without_unused(&schema);
    add_formats(&mut schema);
    let (id, version) = new_name(arguments)?;
    let info = describe(&schema, &arguments.file, (&id, &version))?;
    let known = known(registry)?;
    let files = write(&schema, &info, &known);
    let mut text = write_files(&arguments.output, &files)?;
    // Writing to a `String` does not fail.
    let _ = writeln!(
        text,
        "\nNow `concord check --schemas {} --standard {} FILE` checks against it.",
        arguments.output.display(),
        info.name()
    );
    Ok(text)
}

/// Writes files below a folder; their paths, one on a line.
pub(super) fn write_files(
    output: &Path,
    files: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let mut text = String::new();
    for (path, content) in files {
        let target = output.join(path);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::unreadable(format!("{} cannot be made: {error}", folder.display()))
            })?;
        }
        write_file(&target, content)?;
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{}", target.display());
    }
    Ok(text)
}

/// What is known of elements and code lists from the standards there are.
pub(super) fn known(registry: &Registry) -> Result<Known, Failure> {
    let mut known = Known::default();
    for name in registry.list().iter().map(StandardInfo::name) {
        let definition = registry.load(&name)?;
        known.elements = definition.elements;
        known.code_lists.extend(definition.code_lists);
    }
    Ok(known)
}

/// The id and version of the standard that is written: as asked for, else made of the file's name.
pub(super) fn new_name(arguments: &ImportArguments) -> Result<(String, String), Failure> {
    let stem = arguments
        .file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let stem = stem.trim_end_matches(".dischema");
    let name = arguments
        .name
        .clone()
        .unwrap_or_else(|| format!("{}@1", plain(stem)));
    standard_name(&name)
}

/// The id and version of a new standard, taken apart.
pub(super) fn standard_name(name: &str) -> Result<(String, String), Failure> {
    let Some((id, version)) = name.split_once('@') else {
        return Err(Failure::usage(
            format!("`{name}` is not the name of a standard"),
            "a name is ID@VERSION, such as cds@6-3-1",
        ));
    };
    if plain(id) != id || plain(version) != version || id.is_empty() || version.is_empty() {
        return Err(Failure::usage(
            format!("`{name}` is not the name of a standard"),
            "id and version are made of small letters, digits and hyphens, such as cds@6-3-1",
        ));
    }
    Ok((id.to_owned(), version.to_owned()))
}

/// How content is recognised that begins with `root`: by its name and the attributes whose values are fixed.
pub(crate) fn recognise(schema: &Schema, root: &Element) -> Recognise {
    let mut recognise = Recognise {
        root: root.name.local.clone(),
        namespace: root.name.namespace.clone(),
        ..Recognise::default()
    };
    if let TypeId::Complex(id) = root.content {
        for usage in &schema.complex_type(id).attributes {
            if let Some(ValueConstraint::Fixed(value)) = &usage.attribute.constraint {
                let name = usage.attribute.name.local.to_string();
                recognise.attributes.insert(name, value.clone());
            }
        }
    }
    recognise
}

/// What is known of a standard from the XSD in `file` alone.
pub(super) fn describe(
    schema: &Schema,
    file: &Path,
    (id, version): (&str, &str),
) -> Result<StandardInfo, Failure> {
    let Some(root) = schema.roots.first().map(|root| schema.element(*root)) else {
        return Err(Failure::usage(
            format!("{} declares no global element", file.display()),
            "give the XSD that declares the root element; it includes the others",
        ));
    };
    let recognise = recognise(schema, root);
    Ok(StandardInfo {
        id: id.into(),
        version: version.into(),
        title: format!("Imported from {}", file_name(file)),
        number: None,
        publisher: "unknown".to_owned(),
        status: StandardStatus::Draft,
        effective_from: None,
        effective_to: None,
        carrier: "xml".to_owned(),
        namespace: schema.namespace.clone(),
        recognise,
        record: RecordShape::default(),
        tables: Vec::new(),
        messages: None,
        aliases: Vec::new(),
        reconcile: None,
        effects: Effects::default(),
        covers: None,
        source: format!("{}, read by `concord standards import`", file_name(file)),
        provenance: None,
        folder: format!("{id}/{version}"),
    })
}

pub(super) fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// Small letters, digits and hyphens.
fn plain(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_ascii_lowercase() || character.is_ascii_digit() {
                character
            } else {
                '-'
            }
        })
        .collect()
}
