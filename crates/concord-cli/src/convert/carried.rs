//! Records that come as canonical rows already, put into a lake.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Cursor, Read as _};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use concord_check::resource::{is_xml, json_of_xml};

use concord_convert::fhir::enclosed::DEEPEST;
use concord_convert::fhir::{FhirMapping, FhirSource, KnownRecords, ResourceFile};
use concord_convert::lake::{How, Lake, LakeError, LakeInput};
use concord_convert::records::RecordSource as _;
use concord_convert::rejects::Reject;
use concord_convert::{Conversion, Converted, LossReason, Losses, OnReject, OutTable, Target};
use concord_finding::{Effect, Finding, RecordCounts, Summary, Verdict};
use concord_model::entities::ENTITIES;
use concord_read::json::Form;
use concord_read::{Input, Limits};

use super::account::{InputAccount, Kind};
use super::checked::{Checked, Done};
use super::enclosed;
use super::settings::personal_partition;
use super::targets;
use crate::failure::Failure;
use crate::prepare::{Prepare, Prepared, Whole};

/// A resource that another one holds as bytes, among what could not be carried.
const ENCLOSED: &str = "resource held as bytes";

/// What all places with resources of FHIR share.
pub(super) struct Resources<'r> {
    pub(super) limits: &'r Limits,
    pub(super) lake: &'r Lake,
    pub(super) how: &'r How,
    /// What they are checked with on the way.
    pub(super) checked: &'r Checked<'r>,
    /// By the standard that the resources follow.
    mappings: Mutex<BTreeMap<Option<Arc<str>>, Arc<FhirMapping>>>,
}

/// Files that follow the same standard.
struct Group {
    mapping: Arc<FhirMapping>,
    standard: Option<Arc<str>>,
    /// Whether none of them is held by another file.
    outer: bool,
    files: Vec<ResourceFile>,
}

impl<'r> Resources<'r> {
    pub(super) fn new(limits: &'r Limits, lake: &'r Lake, checked: &'r Checked<'r>) -> Self {
        Self {
            limits,
            lake,
            how: &checked.how,
            checked,
            mappings: Mutex::default(),
        }
    }

    /// The mapping and the standard of the resources that an input begins with, read when the first of them comes.
    fn standard(&self, first: &[u8]) -> Result<(Arc<FhirMapping>, Option<Arc<Prepared>>), Failure> {
        let standards = &self.checked.standards;
        let mut standards = standards.lock().unwrap_or_else(PoisonError::into_inner);
        let prepared = standards.resources(first)?;
        let name = prepared
            .as_ref()
            .and_then(|prepared| prepared.plan.standard().cloned());
        let mut mappings = self.mappings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = mappings.get(&name) {
            return Ok((Arc::clone(known), prepared));
        }
        let mapping = targets::fhir_mapping_of(standards.registry(), name.as_deref())?;
        mappings.insert(name, Arc::clone(&mapping));
        Ok((mapping, prepared))
    }

    /// Puts the resources of one place into the lake.
    pub(super) fn input(
        &self,
        number: usize,
        place: &str,
        inputs: &[Input],
    ) -> Result<Done, Failure> {
        let everything = everything();
        let target = LakeInput::new(
            self.lake,
            number,
            (&place.into(), None),
            &everything,
            self.how,
        )
        .map_err(|column| personal_partition(&column))?;
        let mut judged = Judged::default();
        let mut standard = None;
        let done = self
            .files(inputs, &target, &mut judged)?
            .and_then(|groups| {
                let mut outer = groups.iter().filter(|group| group.outer);
                if let (Some(only), None) = (outer.next(), outer.next()) {
                    standard.clone_from(&only.standard);
                }
                let mut all = Carried::default();
                for group in groups {
                    all.add(carry(group.files, group.mapping, &target)?);
                }
                Ok(all)
            });
        let account = InputAccount {
            file: place.to_owned(),
            kind: Kind::Resources,
            standard: standard.map(|standard| standard.to_string()),
            ..InputAccount::default()
        };
        let Carried {
            records,
            mut losses,
        } = match done {
            Ok(carried) => carried,
            Err(reason) => {
                target.abandon()?;
                return Ok(Done::of(InputAccount {
                    unreadable: Some(reason),
                    ..account
                }));
            }
        };
        let written = target.complete(&Converted::default(), self.checked.on_reject, None)?;
        let left_out = if self.leaves_out() {
            judged.rejected
        } else {
            0
        };
        losses.add(&"record".into(), LossReason::Rejected, left_out);
        losses.merge(judged.losses);
        losses.merge(written.losses);
        Ok(Done {
            losses,
            rules: judged.rules,
            ..Done::of(InputAccount {
                verdict: judged.verdict,
                bytes: judged.bytes,
                findings: judged.findings,
                records: RecordCounts {
                    records: records + left_out,
                    accepted: records,
                    rejected: left_out,
                },
                rows: written.rows.into_iter().collect(),
                ..account
            })
        })
    }

    /// Puts the resources of an input into the lake that can be read once only. They are read twice, and so from a copy.
    pub(super) fn copied(&self, number: usize, whole: Whole<'_>) -> Result<Done, Failure> {
        let path = self.lake.folder().join(format!(".resources-{number}"));
        let name = Arc::clone(whole.name);
        let copied = File::create(&path).and_then(|mut copy| {
            io::copy(&mut Cursor::new(whole.first).chain(whole.opened), &mut copy)
        });
        let done = match copied {
            Ok(_) => {
                let input = Input::file(&path).called(Arc::clone(&name));
                self.input(number, &name, &[input])
            }
            Err(error) => Ok(Done::of(InputAccount {
                file: name.to_string(),
                kind: Kind::Resources,
                unreadable: Some(error.to_string()),
                ..InputAccount::default()
            })),
        };
        fs::remove_file(&path).map_err(|source| LakeError::Io { path, source })?;
        done
    }

    /// Whether rejected resources are left out.
    fn leaves_out(&self) -> bool {
        self.checked.on_reject != OnReject::Keep
    }

    /// Checks the inputs of a place as `concord check` does, and opens them again with what is known of them, by the standards
    /// that they follow; but for those that are rejected as a whole and left out. Why one cannot be read to its end, if one
    /// cannot.
    fn files(
        &self,
        inputs: &[Input],
        target: &LakeInput,
        judged: &mut Judged,
    ) -> Result<Result<Vec<Group>, String>, Failure> {
        let mut groups: Vec<Group> = Vec::new();
        let outer = inputs.iter().rev().map(|input| (Cow::Borrowed(input), 0));
        let mut waiting: Vec<(Cow<'_, Input>, usize)> = outer.collect();
        while let Some((input, depth)) = waiting.pop() {
            let whole = match Whole::open(&input, self.limits) {
                Ok(whole) => whole,
                Err(error) => return Ok(Err(error.to_string())),
            };
            let (mapping, prepared) = self.standard(&whole.first)?;
            let prepared = prepared.as_deref();
            let bytes = judged.bytes;
            let seen = whole.may_hold.clone();
            let file = match self.file(&input, whole, prepared, target, judged) {
                Ok(file) => file,
                // What another one holds does not keep that from being taken.
                Err(reason) if depth > 0 => {
                    let reason = Some(&*reason);
                    judged
                        .losses
                        .add_detail(&ENCLOSED.into(), LossReason::NotOfItsForm, reason, 1);
                    None
                }
                Err(reason) => return Ok(Err(reason)),
            };
            if depth > 0 {
                // They were counted with those of what holds it.
                judged.bytes = bytes;
            }
            let Some(file) = file else {
                continue;
            };
            let inner =
                (depth < DEEPEST).then(|| enclosed::of(&input, self.limits, prepared, &seen));
            let inner = inner.flatten();
            let same = |group: &Group| Arc::ptr_eq(&group.mapping, &mapping);
            let group = groups.iter().position(same).unwrap_or_else(|| {
                groups.push(Group {
                    mapping: Arc::clone(&mapping),
                    standard: prepared.and_then(|prepared| prepared.plan.standard().cloned()),
                    outer: false,
                    files: Vec::new(),
                });
                groups.len() - 1
            });
            groups[group].outer |= depth == 0;
            groups[group].files.push(file.opened(inner.is_some()));
            let inner = inner.into_iter().flatten().rev();
            waiting.extend(inner.map(|input| (Cow::Owned(input), depth + 1)));
        }
        Ok(Ok(groups))
    }

    /// Checks an input and opens it again; nothing where it is rejected as a whole and left out.
    fn file(
        &self,
        input: &Input,
        whole: Whole<'_>,
        prepared: Option<&Prepared>,
        target: &LakeInput,
        judged: &mut Judged,
    ) -> Result<Option<ResourceFile>, String> {
        let mut known = KnownRecords::new(self.checked.on_reject);
        let mut refused: Vec<Arc<str>> = Vec::new();
        if let Some(prepared) = prepared {
            let mut sink = |finding: Finding| {
                judged.rules.count(&finding);
                let rule = &finding.rule.id;
                if finding.effect == Effect::RejectFile && !refused.contains(rule) {
                    refused.push(Arc::clone(rule));
                }
                known.take(&finding);
                target.finding(&finding);
                ControlFlow::Continue(())
            };
            let options = self.checked.options;
            let (summary, error) = whole.checked(prepared, self.limits, options, &mut sink);
            let unreadable = error.map(|error| error.to_string());
            if let Some(reason) = unreadable.or(summary.unreadable) {
                return Err(reason);
            }
            judged.verdict = judged.verdict.max(Some(summary.verdict));
            judged.bytes += summary.bytes;
            judged.rejected += if refused.is_empty() {
                summary.records.rejected
            } else {
                summary.records.records
            };
            for (effect, count) in summary.findings {
                *judged.findings.entry(effect).or_default() += count;
            }
        }
        if !refused.is_empty() && self.leaves_out() {
            if self.checked.on_reject == OnReject::Split {
                let whole = Reject {
                    record: 0,
                    effect: Effect::RejectFile,
                    rules: refused,
                    raw: None,
                };
                target.rejects_of(input.name(), vec![whole]);
            }
            return Ok(None);
        }
        let again = Whole::open(input, self.limits).map_err(|error| error.to_string())?;
        let Whole {
            name,
            first,
            opened,
            ..
        } = again;
        let lines = Form::of(name, &first) == Form::Lines;
        let is_xml = !lines && is_xml(&first);
        let bytes = Cursor::new(first).chain(opened);
        let file = if is_xml {
            ResourceFile::new(Arc::clone(name), Cursor::new(as_json(bytes, prepared)?))
        } else {
            ResourceFile::new(Arc::clone(name), bytes)
        };
        Ok(Some(file.checked(lines, known)))
    }
}

/// What checking the inputs of one place gave.
#[derive(Default)]
struct Judged {
    rules: Summary,
    verdict: Option<Verdict>,
    findings: BTreeMap<&'static str, u64>,
    bytes: u64,
    /// Resources that are rejected.
    rejected: u64,
    losses: Losses,
}

/// Records that were put into a lake.
#[derive(Default)]
struct Carried {
    records: u64,
    losses: Losses,
}

impl Carried {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.losses.merge(other.losses);
    }
}

/// The JSON of resources in XML, which was checked before; why there is none, if there is none.
pub(super) fn as_json(
    mut xml: impl io::Read,
    prepared: Option<&Prepared>,
) -> Result<Vec<u8>, String> {
    let Some(Prepare::Resources(plan)) = prepared.map(|prepared| &prepared.plan) else {
        return Err("XML is read by a standard of resources, and there is none".to_owned());
    };
    let mut bytes = Vec::new();
    let read = xml.read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    let json = json_of_xml(plan, &bytes);
    json.map(String::into_bytes)
        .ok_or_else(|| "the XML cannot be read to its end".to_owned())
}

/// Puts the records of files into the lake, and counts them; why one could not be read to its end, if one could not.
fn carry(
    files: Vec<ResourceFile>,
    mapping: Arc<FhirMapping>,
    target: &LakeInput,
) -> Result<Carried, String> {
    let mut source = FhirSource::new(files, mapping).map_err(|error| error.to_string())?;
    loop {
        let next = source.next()?;
        for (file, rejects) in source.take_rejects() {
            target.rejects_of(&file, rejects);
        }
        target.found_of(&source.take_found());
        let Some(records) = next else { break };
        for (table, entity) in ENTITIES.iter().enumerate() {
            if let Some(rows) = records.table(entity.name) {
                target.rows(table, rows.clone());
            }
        }
        target.chunk_ends();
        target.between();
    }
    Ok(Carried {
        records: source.taken(),
        losses: source.into_losses(),
    })
}

/// A conversion into every table of the canonical model, for rows that are made already.
pub(super) fn everything() -> Conversion {
    Conversion {
        tables: ENTITIES
            .iter()
            .map(|entity| OutTable::of_entity(entity))
            .collect(),
        ..Conversion::default()
    }
}
