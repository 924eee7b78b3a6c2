//! The whole of it: chunks of resources read one after the other, checked side by side, put together in order.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::{FileSummary, Finding};
use concord_read::json::{Chunks, Form};
use concord_read::{Chunk, ReadError};

use super::finish::{Seen, finish};
use super::plan::ResourcePlan;
use super::records::{self, ResourceOutput};
use super::tell::Teller;
use super::xml;
use crate::catalogue::BuiltinRule;
use crate::delivery::{self, Sated, Sink};
use crate::ledger::Ledger;
use crate::lines::{Advance, advance};
use crate::ordered::{self, Line};
use crate::output::Relative;
use crate::pipeline::{CheckedFile, Options};

/// Bytes of a chunk of lines.
const CHUNK: usize = 1 << 19;

/// An input that holds resources.
pub struct ResourceInput<'i, S> {
    /// Its bytes.
    pub bytes: S,
    /// Its name.
    pub file: &'i Arc<str>,
    /// Its size as stored, when known.
    pub size: Option<u64>,
    /// Whether it holds a resource a line, or is one.
    pub form: Form,
}

/// Checks the resources of an input against a plan: JSON, or a document of XML.
///
/// A record is a resource; of a document that is a bundle, each entry. Findings go to `sink` in the order of the input, the
/// same whatever the number of threads. The sink can say stop; then checking ends, and the account covers what was checked.
/// An input that ends inside a resource is unreadable, which the account says.
pub fn check_resources<S: Read + Send>(
    input: ResourceInput<'_, S>,
    plan: &ResourcePlan,
    options: Options,
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile {
    let ResourceInput {
        bytes,
        file,
        size,
        form,
    } = input;
    let largest = plan.limits.record_size;
    let chunks = Chunks::new(bytes, Arc::clone(file), form, CHUNK, largest);
    let sated = Sated::default();
    let line = Resources {
        teller: Teller { plan, file },
        form,
        reveal: options.reveal,
        sated: &sated,
        of: std::marker::PhantomData,
    };
    let source = Source {
        chunks,
        error: None,
    };
    let merge = Merge::new(line.teller, sink, &sated);
    let (source, merge) = ordered::run(&line, options.threads, source, merge);
    let reason = source.error.as_ref().map(ToString::to_string);
    CheckedFile {
        summary: merge.account(size, reason),
        error: source.error,
        outcome: None,
    }
}

struct Source<S> {
    chunks: Chunks<S>,
    error: Option<ReadError>,
}

/// A checked chunk.
struct Outcome {
    chunk: Chunk,
    out: ResourceOutput,
    findings: Vec<Relative>,
    advance: Advance,
}

/// The resources of an input, chunk by chunk.
struct Resources<'r, S> {
    teller: Teller<'r>,
    form: Form,
    /// Whether excerpts show every value.
    reveal: bool,
    sated: &'r Sated,
    of: std::marker::PhantomData<fn() -> S>,
}

impl<'r, S: Read + Send> Line for Resources<'r, S> {
    type Piece = (Chunk, ResourceOutput);
    type Done = Outcome;
    type Spare = (Chunk, ResourceOutput);
    type Source = Source<S>;
    type Merge = Merge<'r>;
    type Local = ();

    fn local(&self) {}

    fn read(
        &self,
        source: &mut Source<S>,
        spare: Option<(Chunk, ResourceOutput)>,
    ) -> Option<(u64, (Chunk, ResourceOutput))> {
        let (chunk, mut out) = spare.unwrap_or_default();
        out.clear();
        match source.chunks.next(chunk) {
            Ok(chunk) => chunk.map(|chunk| (chunk.number, (chunk, out))),
            Err(error) => {
                source.error = Some(error);
                None
            }
        }
    }

    fn work(&self, (chunk, mut out): (Chunk, ResourceOutput), (): &mut ()) -> Outcome {
        let bytes = chunk.content();
        let is_xml = self.form == Form::Document && self.teller.plan.own.is_none();
        let xml = (is_xml && !chunk.oversized && xml::is_xml(bytes))
            .then(|| xml::document(self.teller, bytes, &mut out));
        if xml.is_none() {
            records::check(self.teller, &chunk, self.form, &mut out);
        }
        let seen = Seen {
            bytes,
            form: self.form,
            xml,
        };
        let findings = finish(seen, &mut out, self.reveal, self.sated);
        Outcome {
            advance: advance(bytes),
            chunk,
            out,
            findings,
        }
    }

    fn merge(
        &self,
        merge: &mut Merge<'r>,
        outcome: Outcome,
        (): &mut (),
    ) -> Option<(Chunk, ResourceOutput)> {
        Some(merge.chunk(outcome))
    }

    fn stopped(&self, merge: &Merge<'r>) -> bool {
        merge.ledger.stopped()
    }
}

/// What has been put together so far.
struct Merge<'r> {
    teller: Teller<'r>,
    ledger: Ledger<'r>,
    position: Advance,
    bytes: u64,
    /// Whether the input ends inside a resource.
    cut: bool,
}

impl<'r> Merge<'r> {
    fn new(teller: Teller<'r>, sink: &'r mut Sink<'r>, sated: &'r Sated) -> Self {
        Self {
            teller,
            ledger: Ledger::new(sink, sated, &teller.plan.grades),
            position: Advance::default(),
            bytes: 0,
            cut: false,
        }
    }

    /// Adds the next chunk and gives its memory back.
    fn chunk(&mut self, outcome: Outcome) -> (Chunk, ResourceOutput) {
        let Outcome {
            chunk,
            out,
            findings,
            advance,
        } = outcome;
        let first = self.ledger.records();
        self.ledger.add(out.records.len() as u64);
        self.bytes = chunk.offset + chunk.length as u64;
        self.cut |= out.cut;
        let told = !findings.is_empty();
        self.ledger
            .deliver_all(findings, &self.position, chunk.offset, first);
        self.position = self.position.then(advance);
        if chunk.last && self.ledger.records() == 0 && !told {
            self.nothing();
        }
        (chunk, out)
    }

    /// Tells that there is no resource at all.
    fn nothing(&mut self) {
        let mut found = super::tell::Found::default();
        found.tell(
            self.teller,
            BuiltinRule::JsonEmpty,
            concord_read::json::Span::default(),
        );
        for draft in found.drafts {
            self.ledger.deliver(draft.finding, None);
        }
    }

    fn account(self, size: Option<u64>, unreadable: Option<String>) -> FileSummary {
        let cut = || {
            let reason = BuiltinRule::JsonTruncated.rule().message.clone();
            self.cut.then_some(reason)
        };
        let read = delivery::Read {
            size,
            bytes: self.bytes,
            unreadable: unreadable.or_else(cut),
        };
        let Teller { plan, file } = self.teller;
        self.ledger.account(file, plan.standard.as_deref(), read)
    }
}
