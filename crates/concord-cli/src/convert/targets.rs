//! What canonical records become when it is not Parquet.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_convert::Losses;
use concord_convert::document::{DocumentPlan, DocumentWriter, Envelope};
use concord_convert::fhir::{FhirForm, FhirMapping, FhirWriter, FhirWritten, Once};
use concord_convert::json_lines::JsonLinesWriter;
use concord_convert::lake::LakeReader;
use concord_convert::records::{RecordSource as _, RecordWriter, Records};
use concord_convert::standing::{Looking, Standing};
use concord_convert::tables_out::aggregate::Aggregating;
use concord_convert::tables_out::priced::{PricedWriter, Pricing};
use concord_convert::tables_out::{ExtractLayout, TableOutError, TableWriter};
use concord_standards::definition::{Definition, Mapping};
use concord_standards::registry::Registry;
use rayon::prelude::*;

use super::account::Written;
use super::files::{OutFile, create, kept, remove, unwritten};
use super::since;
use crate::arguments::ConvertTo;
use crate::failure::Failure;
use crate::prepare::mapping;

/// Entity of what patients' lines add up to, and of the lines.
const AGGREGATE: &str = "contract_aggregate";
const LINES: &str = "contract_line";

/// Entity of stays in hospital.
const SPELLS: &str = "hospital_spell";

/// Where a mapping to FHIR stands.
const FHIR: &str = "fhir/r4-uk-core";

/// What is to be written.
pub(super) enum Target {
    /// The lake itself.
    Parquet,
    /// Resources of FHIR.
    Fhir(Arc<FhirMapping>, FhirForm),
    /// A line of JSON for each spell or other record; what changed since an earlier output, when one is named.
    JsonLines(Option<PathBuf>),
    /// Documents that follow a standard.
    Documents(Box<(Definition, Mapping)>, Documents),
    /// Tables that follow a standard.
    Tables(Box<(Definition, Mapping)>),
    /// A table of activity with its prices, or of what it adds up to.
    Priced(Box<(Definition, Mapping)>, Box<Pricing>),
    /// An extract that no standard describes.
    Extract(Box<ExtractLayout>),
}

/// How documents are written.
#[derive(Default)]
pub(super) struct Documents {
    /// What their envelope says.
    pub(super) envelope: Envelope,
    /// Whether records that lack something are written as drafts.
    pub(super) draft: bool,
}

/// What was written of some parts.
#[derive(Default)]
pub(super) struct Done {
    pub(super) counts: Written,
    pub(super) losses: Losses,
    /// Records that are as they were, and were not written.
    pub(super) unchanged: u64,
    /// Records read, by lake.
    pub(super) read: BTreeMap<PathBuf, u64>,
}

impl Done {
    fn of(part: &Part, read: u64, counts: Written, losses: Losses) -> Self {
        Self {
            counts,
            losses,
            unchanged: 0,
            read: BTreeMap::from([(part.lake.clone(), read)]),
        }
    }

    fn add(&mut self, other: Self) {
        self.counts.add(other.counts);
        self.losses.merge(other.losses);
        self.unchanged += other.unchanged;
        for (lake, records) in other.read {
            *self.read.entry(lake).or_default() += records;
        }
    }
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
            ConvertTo::Fhir => Self::Fhir(fhir_mapping(registry)?, FhirForm::Ndjson),
            ConvertTo::FhirBundles => Self::Fhir(fhir_mapping(registry)?, FhirForm::Bundles),
            ConvertTo::JsonLines => Self::JsonLines(None),
            ConvertTo::Extract(name) => Self::Extract(Box::new(extract(name, registry)?)),
            ConvertTo::Standard(name) => {
                let definition = registry.load(name)?;
                if definition.messages.is_some() {
                    return Err(Failure::usage(
                        format!("messages are read, and not written: {name}"),
                        "convert to parquet, fhir, jsonl or a commissioning data set",
                    ));
                }
                if definition.submission.is_some() {
                    return Err(Failure::usage(
                        format!(
                            "submissions of many tables are written from their own tables alone: {name}"
                        ),
                        format!("convert a submission with --standard {name}"),
                    ));
                }
                let mapping = mapping(&definition, registry)?;
                let standard = Box::new((definition, mapping));
                if standard.0.layout.is_none() {
                    Self::Documents(standard, Documents::default())
                } else {
                    Self::Tables(standard)
                }
            }
        })
    }

    /// Writes the parts of lakes into a folder.
    pub(super) fn write(self, folder: &Path, parts: &[Part]) -> Result<Done, Failure> {
        match self {
            Self::Parquet => Ok(Done::default()),
            Self::Fhir(mapping, form) => fhir(&mapping, form, folder, parts),
            Self::JsonLines(None) if has(parts, SPELLS) => {
                // The episodes of a spell may lie in several parts.
                let parts: Vec<&Part> = parts.iter().collect();
                lines(folder, 0, &parts, JsonLinesWriter::new)
            }
            Self::JsonLines(None) => each(parts, |number, part| {
                lines(folder, number, &[part], JsonLinesWriter::new)
            }),
            Self::JsonLines(Some(earlier)) => {
                let previous = since::previous(&earlier, folder)?;
                let parts: Vec<&Part> = parts.iter().collect();
                let done = lines(folder, 0, &parts, |out| {
                    JsonLinesWriter::new(out).since(previous)
                });
                since::forget(folder)?;
                done
            }
            Self::Documents(standard, how) => documents(&standard, &how, folder, parts),
            Self::Tables(standard) => {
                let (definition, mapping) = &*standard;
                if adds_up(mapping, parts) {
                    return aggregates(&standard, folder, parts);
                }
                let name = definition.standard.name();
                each(parts, |number, part| {
                    let mut table = Table::create(folder, &name, number, |out| {
                        TableWriter::new(definition, mapping, out)
                    })?;
                    let read = feed(part, &mut table.writer)?;
                    table.finish(part, read)
                })
            }
            Self::Extract(layout) => {
                let standing = standing(parts)?;
                each(parts, |number, part| {
                    let mut table = Table::create(folder, &layout.id, number, |out| {
                        TableWriter::of_extract(&layout, out)
                    })?;
                    let mut only = standing.only(number, &mut table.writer);
                    let read = feed(part, &mut only)?;
                    let left_out = only.into_losses();
                    let mut done = table.finish(part, read)?;
                    done.losses.merge(left_out);
                    Ok(done)
                })
            }
            Self::Priced(standard, pricing) => priced(&standard, *pricing, folder, parts),
        }
    }
}

/// The mapping by which resources of FHIR are written.
fn fhir_mapping(registry: &Registry) -> Result<Arc<FhirMapping>, Failure> {
    Ok(Arc::new(FhirMapping::load(registry.source(), FHIR)?))
}

/// The mapping by which the resources of a standard are read: its own, where it has one, else the one by which they are
/// written.
pub(crate) fn fhir_mapping_of(
    registry: &Registry,
    standard: Option<&str>,
) -> Result<Arc<FhirMapping>, Failure> {
    if let Some(standard) = standard {
        let folder = &registry.find(standard)?.folder;
        if let Some(own) = FhirMapping::find(registry.source(), folder)? {
            return Ok(Arc::new(own));
        }
    }
    fhir_mapping(registry)
}

/// The layout of an extract, which stands in the folder that its name names: `sus-apc` in `sus/apc`.
fn extract(name: &str, registry: &Registry) -> Result<ExtractLayout, Failure> {
    let folder = name.replacen('-', "/", 1);
    let source = registry.source();
    let is_name = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !name.chars().all(is_name) || source.read(&format!("{folder}/layout.toml")).is_err() {
        return Err(Failure::usage(
            format!("nothing can be converted to `{name}`"),
            "--to takes parquet, fhir, fhir-bundles, jsonl, a standard with its version such as cds@6-3-1, or an extract \
             such as sus-apc",
        ));
    }
    ExtractLayout::load(source, &folder)
        .map_err(|error| Failure::usage(error.to_string(), "mend the layout"))
}

/// Whether the standard holds lines of contracts, or sums of them.
pub(super) fn holds_lines(mapping: &Mapping) -> bool {
    holds_sums(mapping) || mapping.rows.iter().any(|row| row.entity.name == LINES)
}

/// Whether the standard holds sums.
fn holds_sums(mapping: &Mapping) -> bool {
    mapping.rows.iter().any(|row| row.entity.name == AGGREGATE)
}

/// Whether the standard holds sums of what the lakes hold as lines.
fn adds_up(mapping: &Mapping, parts: &[Part]) -> bool {
    holds_sums(mapping) && has(parts, LINES) && !has(parts, AGGREGATE)
}

/// Whether the lakes hold rows of an entity.
fn has(parts: &[Part], entity: &str) -> bool {
    let mut files = parts
        .iter()
        .map(|part| part.lake.join(entity).join(&part.name));
    files.any(|file| file.is_file())
}

/// Resources of FHIR, for each part in a folder of its own. What says the same in all of them is in the first that has it.
fn fhir(
    mapping: &Arc<FhirMapping>,
    form: FhirForm,
    folder: &Path,
    parts: &[Part],
) -> Result<Done, Failure> {
    let folder_of = |number| folder.join("fhir").join(format!("part-{number:05}"));
    let write = |(number, part)| {
        let mut writer = FhirWriter::create(&folder_of(number), Arc::clone(mapping), form)
            .map_err(|error| unwritten(&error))?;
        let read = feed(part, &mut writer)?;
        Ok((read, writer.finish().map_err(|error| unwritten(&error))?))
    };
    let written: Vec<Result<(u64, FhirWritten), Failure>> =
        parts.par_iter().enumerate().map(write).collect();
    let mut once = Once::default();
    let mut all = Done::default();
    for (number, (part, written)) in parts.iter().zip(written).enumerate() {
        let (read, mut done) = written?;
        once.part(&mut done).map_err(|error| unwritten(&error))?;
        let _ = fs::remove_dir(folder_of(number)); // it is, if it is empty
        let counts = Written {
            resources: done.resources,
            ..Written::default()
        };
        all.add(Done::of(part, read, counts, done.losses));
    }
    Ok(all)
}

/// One file of JSON Lines of some parts.
fn lines<'p>(
    folder: &Path,
    number: usize,
    parts: &[&Part],
    writer: impl FnOnce(OutFile) -> JsonLinesWriter<'p, OutFile>,
) -> Result<Done, Failure> {
    let path = folder
        .join("records")
        .join(format!("part-{number:05}.jsonl"));
    let mut writer = writer(create(&path)?);
    let mut done = feed_all(parts.iter().copied(), &mut writer)?;
    let (written, out) = writer.finish().map_err(|error| unwritten(&error))?;
    let lines = written.inserts + written.deletes + written.patches;
    kept(out, lines)?;
    done.counts.records.insert("records".to_owned(), lines);
    done.unchanged = written.unchanged;
    done.losses = written.losses;
    Ok(done)
}

fn documents(
    standard: &(Definition, Mapping),
    how: &Documents,
    folder: &Path,
    parts: &[Part],
) -> Result<Done, Failure> {
    let (definition, mapping) = standard;
    let plan = DocumentPlan::new(definition, mapping).map_err(|error| {
        Failure::usage(error.to_string(), "`concord standards lint` shows more")
    })?;
    let name = definition.standard.name();
    each(parts, |number, part| {
        let path = folder.join(&name).join(format!("part-{number:05}.xml"));
        let mut writer = DocumentWriter::new(&plan, how.envelope.clone(), create(&path)?);
        let beside = path.with_extension(LACKING);
        if how.draft {
            let lacking = Box::new(create(&beside)?);
            writer = writer.draft(lacking).map_err(|error| unwritten(&error))?;
        }
        let read = feed(part, &mut writer)?;
        let done = writer.finish().map_err(|error| unwritten(&error))?;
        if how.draft && done.lacking == 0 {
            remove(&beside)?;
        }
        kept(done.out, done.records)?;
        let counts = Written {
            records: BTreeMap::from([(name.clone(), done.records)]),
            ..Written::default()
        };
        Ok(Done::of(part, read, counts, done.losses))
    })
}

/// One table of what the lines of all the lakes add up to.
fn aggregates(
    standard: &(Definition, Mapping),
    folder: &Path,
    parts: &[Part],
) -> Result<Done, Failure> {
    let (definition, mapping) = standard;
    let mut sums = Aggregating::for_standard(definition, mapping);
    let mut done = feed_all(parts, &mut sums)?;
    done.add(summed(standard, folder, sums)?);
    Ok(done)
}

/// The table of sums.
fn summed(
    standard: &(Definition, Mapping),
    folder: &Path,
    sums: Aggregating,
) -> Result<Done, Failure> {
    let (definition, mapping) = standard;
    let (records, losses) = sums.finish().map_err(|error| unwritten(&error))?;
    let name = definition.standard.name();
    let mut table = Table::create(folder, &name, 0, |out| {
        TableWriter::new(definition, mapping, out)
    })?;
    hand(&records, &mut table.writer)?;
    let (counts, own) = table.done()?;
    let mut done = Done {
        counts,
        losses,
        ..Done::default()
    };
    done.losses.merge(own);
    Ok(done)
}

/// One table of the activity in all the lakes with its prices, or of what that adds up to.
fn priced(
    standard: &(Definition, Mapping),
    pricing: Pricing,
    folder: &Path,
    parts: &[Part],
) -> Result<Done, Failure> {
    let (definition, mapping) = standard;
    if holds_sums(mapping) {
        let sums = Aggregating::for_standard(definition, mapping);
        let mut writer = PricedWriter::new(pricing, standing(parts)?, sums);
        let mut done = feed_all(parts, &mut writer)?;
        let (sums, _, losses) = writer.into_writer();
        done.losses.merge(losses);
        done.add(summed(standard, folder, sums)?);
        return Ok(done);
    }
    let name = definition.standard.name();
    let table = Table::create(folder, &name, 0, |out| {
        TableWriter::new(definition, mapping, out)
    })?;
    let Table { name, writer } = table;
    let mut writer = PricedWriter::new(pricing, standing(parts)?, writer);
    let mut done = feed_all(parts, &mut writer)?;
    let (writer, _, losses) = writer.into_writer();
    done.losses.merge(losses);
    let (counts, own) = Table { name, writer }.done()?;
    done.counts.add(counts);
    done.losses.merge(own);
    Ok(done)
}

/// The ending of the list of what the records of a draft lack.
pub(super) const LACKING: &str = "missing.csv";

/// A table that is being written.
struct Table {
    name: String,
    writer: TableWriter<OutFile>,
}

impl Table {
    fn create(
        folder: &Path,
        name: &str,
        number: usize,
        writer: impl FnOnce(OutFile) -> Result<TableWriter<OutFile>, TableOutError>,
    ) -> Result<Self, Failure> {
        let path = folder.join(name).join(format!("part-{number:05}.csv"));
        let writer = writer(create(&path)?).map_err(|error| unwritten(&error))?;
        Ok(Self {
            name: name.to_owned(),
            writer,
        })
    }

    fn finish(self, part: &Part, read: u64) -> Result<Done, Failure> {
        let (counts, losses) = self.done()?;
        Ok(Done::of(part, read, counts, losses))
    }

    fn done(self) -> Result<(Written, Losses), Failure> {
        let (done, out) = self.writer.finish().map_err(|error| unwritten(&error))?;
        kept(out, done.rows)?;
        let counts = Written {
            rows: BTreeMap::from([(self.name, done.rows)]),
            ..Written::default()
        };
        Ok((counts, done.losses))
    }
}

/// Writes every part, side by side, and puts together what was written.
fn each(
    parts: &[Part],
    write: impl Fn(usize, &Part) -> Result<Done, Failure> + Sync,
) -> Result<Done, Failure> {
    let written: Vec<Result<Done, Failure>> = parts
        .par_iter()
        .enumerate()
        .map(|(number, part)| write(number, part))
        .collect();
    let mut all = Done::default();
    for one in written {
        all.add(one?);
    }
    Ok(all)
}

/// Which of the records of all parts still stand.
fn standing(parts: &[Part]) -> Result<Standing, Failure> {
    let mut looking = Looking::default();
    for part in parts {
        looking.begin();
        let mut reader = LakeReader::part(&part.lake, &part.name)?;
        while let Some(records) = reader.next().map_err(Failure::unreadable)? {
            looking.take(&records);
        }
    }
    Ok(looking.finish())
}

/// Hands the records of a part to a writer; how many there were.
fn feed(part: &Part, writer: &mut dyn RecordWriter) -> Result<u64, Failure> {
    let mut reader = LakeReader::part(&part.lake, &part.name)?;
    let mut read = 0;
    while let Some(records) = reader.next().map_err(Failure::unreadable)? {
        read += records.records().count() as u64;
        hand(&records, writer)?;
    }
    Ok(read)
}

/// Hands the records of parts to one writer, in their order.
fn feed_all<'p>(
    parts: impl IntoIterator<Item = &'p Part>,
    writer: &mut dyn RecordWriter,
) -> Result<Done, Failure> {
    let mut done = Done::default();
    for part in parts {
        let read = feed(part, writer)?;
        done.add(Done::of(part, read, Written::default(), Losses::default()));
    }
    Ok(done)
}

fn hand(records: &Records, writer: &mut dyn RecordWriter) -> Result<(), Failure> {
    writer.write(records).map_err(|reason| unwritten(&reason))
}
