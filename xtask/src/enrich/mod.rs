//! `cargo xtask enrich cds`: our written form of the Commissioning Data Sets from the official XSDs and our own tables of
//! facts.
//!
//! The reference folder (`CONCORD_REFERENCE`, or `../shared/reference` beside the checkout) holds the XSDs, the facts that were
//! gathered from the published specifications, and code meanings; it is not part of this repository. The result is
//! checked in and may be edited by hand; running this again overwrites `schemas/cds/*/standard.toml`,
//! `schemas/cds/*/structure.toml`, `schemas/elements.csv` and the code lists it makes. It never touches `rules.toml`.

mod codes;
mod dictionary;
mod lists;
mod names;
mod statuses;
mod versions;
mod walk;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_standards::definition::{
    Elements, Known, add_formats, code_list, elements, format_fits, without_unused, write,
};
use concord_standards::schema::{Schema, SimpleTypeId};
use concord_standards::xsd;

use crate::oracle::Folder;
use dictionary::Dictionary;
use names::NameTable;
use versions::Version;

/// Makes shipped definitions from the reference folder.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Enrich {
    /// The Commissioning Data Sets: overwrites their structures, the elements and the code lists
    Cds {
        /// The reference folder; beside the checkout when not given
        #[arg(long, value_name = "DIR")]
        reference: Option<PathBuf>,
    },
}

/// Makes what is asked for in the repository at `root`, and tells what was doubtful.
pub(crate) fn run(enrich: &Enrich, root: &Path, out: &mut dyn Write) -> Result<bool, Failed> {
    let Enrich::Cds { reference } = enrich;
    let beside = || root.join("../shared/reference");
    let reference = reference
        .clone()
        .or_else(|| std::env::var_os("CONCORD_REFERENCE").map(PathBuf::from))
        .unwrap_or_else(beside);
    for note in cds(&reference, &root.join("schemas"))? {
        writeln!(out, "{note}")?;
    }
    Ok(true)
}

/// Why nothing could be made.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// A structure on its way to being written.
struct Work {
    version: Version,
    schema: Schema,
    /// Formats that the specification gives for elements of a value.
    formats: BTreeMap<SimpleTypeId, Vec<String>>,
}

/// Makes the definitions of all versions in `schemas`, and says what was doubtful.
fn cds(reference: &Path, schemas: &Path) -> Result<Vec<String>, Failed> {
    let mut notes = Vec::new();
    let dictionary = Dictionary::read(reference)?;
    let mut names = NameTable::default();
    let mut works = Vec::new();
    for version in versions::all() {
        let folder = Folder(reference.join(format!("cds/xsd/V{}", version.info.version)));
        let root = format!("CDS-XML_Message_Root-V{}.xsd", version.info.version);
        let schema = without_unused(&xsd::import(&folder, &root)?);
        let mut work = Work {
            version,
            schema,
            formats: BTreeMap::new(),
        };
        statuses::add(&mut work, reference, &mut names, &mut notes)?;
        works.push(work);
    }
    let (directory, lists) = {
        for work in &mut works {
            choose_formats(work);
            lists::assign(&mut work.schema, &mut notes);
        }
        let schemas: Vec<&Schema> = works.iter().map(|work| &work.schema).collect();
        let lists = codes::lists(&schemas, &dictionary, &names, reference, &mut notes)?;
        (names.elements(&schemas, &dictionary), lists)
    };
    let known = Known {
        elements: Arc::new(Elements::new(directory.clone())),
        code_lists: lists
            .iter()
            .map(|list| (Arc::clone(&list.id), Arc::new(list.clone())))
            .collect(),
    };
    save(schemas, "elements.csv", &elements(&directory))?;
    for list in &lists {
        save(schemas, &format!("codes/{}.csv", list.id), &code_list(list))?;
    }
    for work in &mut works {
        names.apply(&mut work.schema, &known.elements);
        for (path, text) in write(&work.schema, &work.version.info, &known) {
            save(schemas, &path, &text)?;
        }
    }
    Ok(notes)
}

/// The format that the specification gives, where the facets say it too; else one that the facets imply.
fn choose_formats(work: &mut Work) {
    for (id, formats) in &work.formats {
        let chosen = formats
            .first()
            .filter(|first| formats.iter().all(|format| format == *first));
        if let Some(format) = chosen
            && format_fits(&work.schema, *id, format)
        {
            work.schema.simple_types[id.0 as usize].format = Some(format.as_str().into());
        }
    }
    add_formats(&mut work.schema);
    for (id, formats) in &work.formats {
        let simple = &mut work.schema.simple_types[id.0 as usize];
        let builtin = simple.base.is_none();
        if simple.format.is_none() && !builtin && formats.iter().all(|format| *format == formats[0])
        {
            simple.format = Some(formats[0].as_str().into());
        }
    }
}

fn save(folder: &Path, path: &str, text: &str) -> Result<(), Failed> {
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(path, text)?)
}

/// Rows of a CSV file by column name.
fn rows(path: &Path) -> Result<Vec<BTreeMap<String, String>>, Failed> {
    let mut reader =
        csv::Reader::from_path(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rows = reader.deserialize().collect::<Result<_, _>>();
    Ok(rows.map_err(|error| format!("{}: {error}", path.display()))?)
}

/// Letters and digits only, small: how names of different notations are compared.
fn letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect()
}
