//! What canonical records become when it is not Parquet.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_convert::document::{DocumentPlan, DocumentWriter, Envelope};
use concord_convert::fhir::{FhirForm, FhirMapping, FhirWriter};
use concord_convert::json_lines::JsonLinesWriter;
use concord_convert::lake::LakeReader;
use concord_convert::records::{RecordSource as _, RecordWriter, Records};
use concord_convert::tables_out::aggregate::{Aggregating, dimensions};
use concord_convert::tables_out::TableWriter;
use concord_convert::Losses;
use concord_standards::definition::{Definition, Mapping};
use concord_standards::registry::Registry;
use rayon::prelude::*;

use crate::arguments::ConvertTo;
use crate::failure::Failure;
use crate::prepare::mapping;

/// Entity of what patients' lines add up to, and of the lines.
const AGGREGATE: &str = "contract_aggregate";
const LINES: &str = "contract_line";

/// Where a mapping to FHIR stands.
const FHIR: &str = "fhir/r4-uk-core";

/// What is to be written.
pub(super) enum Target {
    /// The lake itself.
    Parquet,
    /// Resources of FHIR.
    Fhir(Arc<FhirMapping>, FhirForm),
    /// A line of JSON for each record.
    JsonLines,
    /// A submission that follows a standard.
    Standard(Box<(Definition, Mapping)>),
}

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    /// Records, rows or resources by the folder that they stand in.
    pub(super) counts: Vec<(String, u64)>,
    pub(super) losses: Losses,
}

/// A part of a lake that is to be written.
pub(super) struct Part {
    pub(super) lake: PathBuf,
    pub(super) name: String,
}

impl Target {
    /// Makes ready what the user named.
    pub(super) fn new(to: &ConvertTo, registry: &Registry) -> Result<Self, Failure> {
        Ok(match to {
            ConvertTo::Parquet => Self::Parquet,
            ConvertTo::Fhir => Self::Fhir(fhir(registry)?, FhirForm::Ndjson),
            ConvertTo::FhirBundles => Self::Fhir(fhir(registry)?, FhirForm::Bundles),
            ConvertTo::JsonLines => Self::JsonLines,
            ConvertTo::Standard(name) => {
                let definition = registry.load(name)?;
                let mapping = mapping(&definition, registry)?;
                Self::Standard(Box::new((definition, mapping)))
            }
        })
    }

    /// Writes the parts of lakes into a folder.
    pub(super) fn write(
        &self,
        folder: &Path,
        parts: &[Part],
        envelope: &Envelope,
    ) -> Result<Written, Failure> {
        match self {
            Self::Parquet => Ok(Written::default()),
            Self::Fhir(mapping, form) => each(parts, |number, part| {
                let folder = folder.join("fhir").join(format!("part-{number:05}"));
                let mut writer = FhirWriter::create(&folder, Arc::clone(mapping), *form)
                    .map_err(|error| unwritten(&error))?;
                feed(part, &mut writer)?;
                let done = writer.finish().map_err(|error| unwritten(&error))?;
                let counts = done.resources.into_iter();
                Ok(Written {
                    counts: counts.map(|(kind, count)| (format!("fhir/…/{kind}"), count)).collect(),
                    losses: done.losses,
                })
            }),
            Self::JsonLines => each(parts, |number, part| {
                let path = folder.join("records").join(format!("part-{number:05}.jsonl"));
                let mut writer = JsonLinesWriter::new(create(&path)?);
                feed(part, &mut writer)?;
                let (done, out) = writer.finish().map_err(|error| unwritten(&error))?;
                synced(&path, out)?;
                Ok(Written {
                    counts: vec![("records".to_owned(), done.inserts + done.deletes + done.patches)],
                    losses: done.losses,
                })
            }),
            Self::Standard(standard) => {
                let (definition, mapping) = &**standard;
                let folder = folder.join(definition.standard.name());
                if definition.layout.is_none() {
                    documents(definition, mapping, &folder, parts, envelope)
                } else if adds_up(mapping, parts) {
                    aggregates(definition, mapping, &folder, parts)
                } else {
                    let name = definition.standard.name();
                    each(parts, |number, part| {
                        let path = folder.join(format!("part-{number:05}.csv"));
                        let mut writer = TableWriter::new(definition, mapping, create(&path)?)
                            .map_err(|error| unwritten(&error))?;
                        feed(part, &mut writer)?;
                        table_done(&name, &path, writer)
                    })
                }
            }
        }
    }
}

fn fhir(registry: &Registry) -> Result<Arc<FhirMapping>, Failure> {
    Ok(Arc::new(FhirMapping::load(registry.source(), FHIR)?))
}

/// The mapping by which resources of FHIR are read and written.
pub(super) fn fhir_mapping(registry: &Registry) -> Result<Arc<FhirMapping>, Failure> {
    fhir(registry)
}

/// Whether the standard holds sums of what the lakes hold as lines.
fn adds_up(mapping: &Mapping, parts: &[Part]) -> bool {
    let has = |entity: &str| {
        parts.iter().any(|part| part.lake.join(entity).join(&part.name).is_file())
    };
    mapping.rows.iter().any(|row| row.entity.name == AGGREGATE) && has(LINES) && !has(AGGREGATE)
}

fn documents(
    definition: &Definition,
    mapping: &Mapping,
    folder: &Path,
    parts: &[Part],
    envelope: &Envelope,
) -> Result<Written, Failure> {
    let plan = DocumentPlan::new(definition, mapping)
        .map_err(|error| Failure::usage(error.to_string(), "`concord standards lint` shows more"))?;
    let name = definition.standard.name();
    each(parts, |number, part| {
        let path = folder.join(format!("part-{number:05}.xml"));
        let mut writer = DocumentWriter::new(&plan, envelope.clone(), create(&path)?);
        feed(part, &mut writer)?;
        let done = writer.finish().map_err(|error| unwritten(&error))?;
        if done.records == 0 {
            drop(done.out);
            fs::remove_file(&path).map_err(|error| unwritten(&error))?;
        } else {
            synced(&path, done.out)?;
        }
        Ok(Written {
            counts: vec![(name.clone(), done.records)],
            losses: done.losses,
        })
    })
}

/// One table of what the lines of all the lakes add up to.
fn aggregates(
    definition: &Definition,
    mapping: &Mapping,
    folder: &Path,
    parts: &[Part],
) -> Result<Written, Failure> {
    let mut sums = Aggregating::new(dimensions(definition, mapping));
    for part in parts {
        feed(part, &mut sums)?;
    }
    let (records, losses) = sums.finish().map_err(|error| unwritten(&error))?;
    let path = folder.join("part-00000.csv");
    let mut writer = TableWriter::new(definition, mapping, create(&path)?)
        .map_err(|error| unwritten(&error))?;
    hand(&records, &mut writer)?;
    let mut written = table_done(&definition.standard.name(), &path, writer)?;
    written.losses.merge(losses);
    Ok(written)
}

fn table_done(
    name: &str,
    path: &Path,
    writer: TableWriter<BufWriter<File>>,
) -> Result<Written, Failure> {
    let (done, out) = writer.finish().map_err(|error| unwritten(&error))?;
    if done.rows == 0 {
        drop(out);
        fs::remove_file(path).map_err(|error| unwritten(&error))?;
    } else {
        synced(path, out)?;
    }
    Ok(Written {
        counts: vec![(name.to_owned(), done.rows)],
        losses: done.losses,
    })
}

/// Writes every part, side by side, and puts together what was written.
fn each(
    parts: &[Part],
    write: impl Fn(usize, &Part) -> Result<Written, Failure> + Sync,
) -> Result<Written, Failure> {
    let written: Vec<Result<Written, Failure>> = parts
        .par_iter()
        .enumerate()
        .map(|(number, part)| write(number, part))
        .collect();
    let mut all = Written::default();
    for one in written {
        let one = one?;
        all.losses.merge(one.losses);
        for (name, count) in one.counts {
            match all.counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += count,
                None => all.counts.push((name, count)),
            }
        }
    }
    Ok(all)
}

/// Hands the records of a part to a writer.
fn feed(part: &Part, writer: &mut dyn RecordWriter) -> Result<(), Failure> {
    let mut reader = LakeReader::part(&part.lake, &part.name)?;
    while let Some(records) = reader.next().map_err(|reason| unwritten(&reason))? {
        hand(&records, writer)?;
    }
    Ok(())
}

fn hand(records: &Records, writer: &mut dyn RecordWriter) -> Result<(), Failure> {
    writer.write(records).map_err(|reason| unwritten(&reason))
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    let file = made.and_then(|()| File::create_new(path));
    file.map(BufWriter::new)
        .map_err(|error| unwritten(&format!("{}: {error}", path.display())))
}

fn synced(path: &Path, out: BufWriter<File>) -> Result<(), Failure> {
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error);
    file.and_then(|file| file.sync_data())
        .map_err(|error| unwritten(&format!("{}: {error}", path.display())))
}

fn unwritten(error: &dyn std::fmt::Display) -> Failure {
    Failure::unreadable(format!("the output cannot be written: {error}"))
}
