//! An input, checked from its first byte on.

use std::io::{self, Cursor, Read as _};
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::message::{MessageInput, check_messages};
use concord_check::resource::{ResourceInput, check_resources, is_xml};
use concord_check::table::{TableInput, check_document, check_table};
use concord_check::{CheckedFile, NoRules, Options, Rules, root_is_further_on};
use concord_finding::FileSummary;
use concord_read::json::Form;
use concord_read::{Detection, Input, Limits, Opened, ReadError, open, xml};

use super::watched::MayHold;
use super::which_table::table_of;
use super::{Prepare, Prepared};

/// Bytes that are read to tell what an input is.
pub(super) const FIRST: u64 = 64 * 1024;

/// Bytes of a chunk of a document that is converted: each chunk makes columns of every entity, and what a column costs
/// whatever its length is shared by more rows.
const CONVERTED_CHUNK: usize = 8 * concord_check::CHUNK;

/// The first bytes of an input, so many or all it has; `None` where it cannot be read, which whoever reads all of it tells.
pub(crate) fn beginning(input: &Input, limits: &Limits, bytes: u64) -> Option<Vec<u8>> {
    let mut first = Vec::new();
    let opened = open(input, limits).ok()?;
    opened.take(bytes).read_to_end(&mut first).ok()?;
    Some(first)
}

/// The first bytes of an input: [`FIRST`], or as many as it takes to see the root of a document, which comments may stand
/// before.
pub(super) fn first(opened: &mut Opened, limits: &Limits) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    let mut wanted = FIRST;
    loop {
        let more = wanted - first.len() as u64;
        opened.by_ref().take(more).read_to_end(&mut first)?;
        let all = first.len() as u64 == wanted;
        if !all || wanted >= limits.record_size as u64 || !root_is_further_on(&first) {
            return Ok(first);
        }
        wanted *= 2;
    }
}

/// An input whose first bytes have been looked at.
pub(crate) struct Whole<'i> {
    pub(crate) name: &'i Arc<str>,
    pub(crate) first: Vec<u8>,
    pub(crate) opened: Opened,
    /// Whether its resources may hold others as bytes, which is known once it has been checked.
    pub(crate) may_hold: MayHold,
}

impl<'i> Whole<'i> {
    /// Opens an input and looks at its first bytes.
    pub(crate) fn open(input: &'i Input, limits: &Limits) -> Result<Self, ReadError> {
        let mut opened = open(input, limits)?;
        let first =
            first(&mut opened, limits).map_err(|error| ReadError::from_io(error, input.name()))?;
        Ok(Self {
            name: input.name(),
            first,
            opened,
            may_hold: MayHold::default(),
        })
    }

    /// Checks it from its first byte on, with the rules there are: its account, and why reading it stopped before its end, if
    /// it did.
    pub(crate) fn checked(
        self,
        prepared: &Prepared,
        limits: &Limits,
        options: Options,
        sink: &mut (dyn FnMut(concord_finding::Finding) -> ControlFlow<()> + Send),
    ) -> (FileSummary, Option<ReadError>) {
        if let Some(rules) = &prepared.rules {
            let checked = self.check(prepared, rules, limits, options, sink);
            (checked.summary, checked.error)
        } else {
            let checked = self.check(prepared, &NoRules, limits, options, sink);
            (checked.summary, checked.error)
        }
    }

    /// Checks it from its first byte on.
    pub(crate) fn check<R: Rules>(
        self,
        prepared: &Prepared,
        rules: &R,
        limits: &Limits,
        options: Options,
        sink: &mut (dyn FnMut(concord_finding::Finding) -> ControlFlow<()> + Send),
    ) -> CheckedFile<R::Outcome> {
        let (size, name) = (self.opened.size(), self.name);
        let detection = self.opened.detection();
        let guessed = matches!(detection, Detection::Assumed | Detection::Pattern);
        let encoding = self.opened.encoding().to_string();
        let first = self.first;
        let bytes = Cursor::new(first.as_slice()).chain(self.opened);
        match &prepared.plan {
            Prepare::Document(plan) => {
                let target = match &prepared.conversion {
                    Some(_) => CONVERTED_CHUNK,
                    None => concord_check::CHUNK,
                };
                let largest = limits.record_size;
                let chunks = xml::Chunks::new(bytes, name.clone(), target, largest);
                concord_check::check(chunks, name, size, plan, rules, options, sink)
            }
            Prepare::Tables(plans) => {
                let plan = table_of(plans, name, &first);
                let is_document = plan.layout().document.is_some() && is_xml(&first);
                let input = TableInput {
                    bytes,
                    file: name,
                    size,
                    guessed_encoding: (guessed && encoding != "UTF-8").then_some(&*encoding),
                };
                if is_document {
                    check_document(input, plan, rules, options, sink)
                } else {
                    check_table(input, plan, rules, options, sink)
                }
            }
            Prepare::Messages(plan) => {
                let input = MessageInput {
                    bytes,
                    file: name,
                    size,
                };
                check_messages(input, plan, rules, options, sink)
            }
            Prepare::Resources(plan) => {
                let input = ResourceInput {
                    form: Form::of(name, &first),
                    bytes: self.may_hold.watch(bytes),
                    file: name,
                    size,
                };
                let checked = check_resources(input, plan, options, sink);
                CheckedFile {
                    summary: checked.summary,
                    error: checked.error,
                    outcome: None,
                }
            }
        }
    }
}
