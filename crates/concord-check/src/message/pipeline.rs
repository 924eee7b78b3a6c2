//! The whole of it: chunks of messages read one after the other, checked side by side, put together in order.

use std::io::Read;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::Finding;
use concord_read::ReadError;
use concord_read::hl7::Chunk;
use concord_read::{edifact, hl7};
use concord_standards::messages::Syntax;

use super::carrier::Carrier;
use super::chunk::{self, MessageOutput};
use super::finish::finish;
use super::lines::advance;
use super::merge::{Merge, Outcome, part};
use super::plan::MessagePlan;
use crate::capture::Captured;
use crate::delivery::Sated;
use crate::ordered::{self, Line};
use crate::pipeline::{CheckedFile, Options, grade};
use crate::plan::NOTHING;
use crate::rules::{Part, RecordStarts, Rules};

/// Bytes of a chunk: rules look at the messages of a chunk together, and more would not stay in the cache of a core.
const CHUNK: usize = 1 << 19;

/// An input that holds messages.
pub struct MessageInput<'i, S> {
    /// Its bytes.
    pub bytes: S,
    /// Its name.
    pub file: &'i Arc<str>,
    /// Its size as stored, when known.
    pub size: Option<u64>,
}

/// Checks the messages of an input against a plan and rules.
///
/// Findings go to `sink` in the order of the input, the same whatever the number of threads; those that are known only
/// when every message has been seen come last. The sink can say stop; then checking ends, and the account covers what was
/// checked.
pub fn check_messages<S: Read + Send, R: Rules>(
    input: MessageInput<'_, S>,
    plan: &MessagePlan,
    rules: &R,
    options: Options,
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile<R::Outcome> {
    let MessageInput { bytes, file, size } = input;
    let largest = plan.document.limits.record_size;
    let (chunks, carrier, error) = Chunks::new(plan, bytes, file, largest);
    let header = head_part(plan, file, |part| rules.header(part));
    let sated = Sated::default();
    let merge = Merge::new(
        (plan, carrier, file),
        rules,
        header.clone(),
        sink,
        &sated,
        options.reveal,
    );
    let messages = Messages {
        plan,
        carrier,
        file,
        rules,
        header: &header,
        reveal: options.reveal,
        sated: &sated,
        of: PhantomData,
    };
    let source = Source { chunks, error };
    let (source, mut merge) = ordered::run(&messages, options.threads, source, merge);
    let reason = source.error.as_ref().map(ToString::to_string);
    let outcome = merge.outcome.take();
    CheckedFile {
        summary: merge.account(size, reason),
        error: source.error,
        outcome,
    }
}

/// What stands before the first message, as rules see it: nothing.
pub(super) fn head_part<T>(
    plan: &MessagePlan,
    file: &Arc<str>,
    take: impl FnOnce(&Part<'_>) -> T,
) -> T {
    take(&Part {
        file,
        standard: plan.document.standard.as_ref(),
        chunk: &[],
        offset: 0,
        captured: &submission(plan),
        records: RecordStarts::NONE,
        first_record: 0,
    })
}

/// Checks the messages of a chunk, and evaluates the rules that look at one message at a time.
pub(super) fn worked<R: Rules>(
    (plan, carrier, file): (&MessagePlan, Carrier, &Arc<str>),
    (rules, header): (&R, &R::Header),
    (chunk, mut out): (Chunk, MessageOutput),
    scratch: &mut R::Scratch,
    reveal: bool,
    sated: &Sated,
) -> Outcome<R> {
    chunk::check((plan, carrier), file, &chunk, &mut out);
    let mut drafts = std::mem::take(&mut out.output.drafts);
    grade(&plan.document.grades, &mut drafts);
    let summary = {
        let part = part(plan, file, &chunk, &out, 0);
        rules.evaluate(&part, header, scratch, &mut drafts)
    };
    let bytes = chunk.content();
    let findings = finish((plan, carrier), bytes, &out, &mut drafts, reveal, sated);
    out.output.drafts = drafts;
    Outcome {
        advance: advance(bytes),
        chunk,
        out,
        findings,
        summary,
    }
}

/// A row for the submission, where rules look at it.
fn submission(plan: &MessagePlan) -> Captured {
    let mut captured = Captured::new(&plan.document.capture);
    if plan.root != NOTHING {
        for group in &plan.document.nodes[plan.root as usize].rows {
            captured.add_row(*group as usize, 0, 0, 0);
        }
    }
    captured
}

struct Source<S> {
    chunks: Option<Chunks<S>>,
    error: Option<ReadError>,
}

/// An input cut as its carrier wants it.
enum Chunks<S> {
    Hl7(hl7::Chunks<S>),
    Edifact(edifact::Chunks<S>),
}

impl<S: Read> Chunks<S> {
    /// The chunks of an input, and how its messages are written; no chunks, and why, where its beginning cannot be read.
    fn new(
        plan: &MessagePlan,
        bytes: S,
        file: &Arc<str>,
        largest: usize,
    ) -> (Option<Self>, Carrier, Option<ReadError>) {
        let name = Arc::clone(file);
        match plan.messages.syntax {
            Syntax::Hl7 => {
                let chunks = hl7::Chunks::new(bytes, name, CHUNK, largest);
                (Some(Self::Hl7(chunks)), Carrier::Hl7, None)
            }
            Syntax::Edifact => match edifact::Chunks::new(bytes, name, CHUNK, largest) {
                Ok(chunks) => {
                    let carrier = Carrier::Edifact(chunks.service());
                    (Some(Self::Edifact(chunks)), carrier, None)
                }
                Err(error) => {
                    let usual = Carrier::Edifact(edifact::Service::default());
                    (None, usual, Some(error))
                }
            },
        }
    }

    fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        match self {
            Self::Hl7(chunks) => chunks.next(old),
            Self::Edifact(chunks) => chunks.next(old),
        }
    }
}

/// The messages of an input, chunk by chunk.
struct Messages<'m, S, R: Rules> {
    plan: &'m MessagePlan,
    carrier: Carrier,
    file: &'m Arc<str>,
    rules: &'m R,
    header: &'m R::Header,
    /// Whether excerpts show every value.
    reveal: bool,
    sated: &'m Sated,
    of: PhantomData<fn() -> S>,
}

impl<'m, S: Read + Send, R: Rules> Line for Messages<'m, S, R> {
    type Piece = (Chunk, MessageOutput);
    type Done = Outcome<R>;
    type Spare = (Chunk, MessageOutput);
    type Source = Source<S>;
    type Merge = Merge<'m, R>;
    type Local = R::Scratch;

    fn local(&self) -> R::Scratch {
        self.rules.scratch()
    }

    fn read(
        &self,
        source: &mut Source<S>,
        spare: Option<(Chunk, MessageOutput)>,
    ) -> Option<(u64, (Chunk, MessageOutput))> {
        let (chunk, mut out) =
            spare.unwrap_or_else(|| (Chunk::default(), MessageOutput::new(self.plan)));
        out.clear();
        match source.chunks.as_mut()?.next(chunk) {
            Ok(chunk) => chunk.map(|chunk| (chunk.number, (chunk, out))),
            Err(error) => {
                source.error = Some(error);
                None
            }
        }
    }

    fn work(&self, piece: (Chunk, MessageOutput), scratch: &mut R::Scratch) -> Outcome<R> {
        worked(
            (self.plan, self.carrier, self.file),
            (self.rules, self.header),
            piece,
            scratch,
            self.reveal,
            self.sated,
        )
    }

    fn merge(
        &self,
        merge: &mut Merge<'m, R>,
        outcome: Outcome<R>,
        _: &mut R::Scratch,
    ) -> Option<(Chunk, MessageOutput)> {
        Some(merge.chunk(outcome))
    }

    fn between(&self) {
        self.rules.between();
    }

    fn stopped(&self, merge: &Merge<'m, R>) -> bool {
        merge.stopped() || self.rules.stopped()
    }
}
