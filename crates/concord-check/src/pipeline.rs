//! The whole of it: chunks read one after the other, checked side by side, put together in order.

use std::io::Read;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::{FileSummary, Finding, Grades};
use concord_read::ReadError;
use concord_read::xml::{Chunk, Chunks};

use crate::chunk::{self, Begins, Document};
use crate::delivery::Sated;
use crate::exact::Root;
use crate::fast::{Runner, Tables};
use crate::head::{self, Head};
use crate::merge::{Merge, Outcome, chunk_advance, finish_drafts, part};
use crate::ordered::{self, Line};
use crate::output::{Draft, Output};
use crate::plan::Plan;
use crate::rules::{Part, RecordStarts, Rules};

/// Bytes of a chunk: small enough for a core's cache, large enough that rules are evaluated over many rows at once.
pub const CHUNK: usize = 1 << 19;

/// Fewer bytes than this do not tell what a document begins with.
const FEW: usize = 4096;

/// How to check.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Threads that check side by side; 0 and 1 both mean one.
    pub threads: usize,
    /// Whether the fast path is used. Without it every record takes the exact path: slower, with the same findings.
    pub fast: bool,
    /// Whether excerpts show every value, personal or not. Otherwise they show the value that a finding is about,
    /// when it is not personal, and nothing else.
    pub reveal: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 1,
            fast: true,
            reveal: false,
        }
    }
}

/// What came of checking one input; `O` is what the rules know at its end.
#[derive(Debug)]
pub struct CheckedFile<O = ()> {
    /// The account.
    pub summary: FileSummary,
    /// Why reading stopped before the end, if it did.
    pub error: Option<ReadError>,
    /// What the rules know at the end, when it was reached.
    pub outcome: Option<O>,
}

/// Checks an XML document against a plan and rules.
///
/// Findings go to `sink` in the order of the input, the same whatever the number of threads. The sink can say stop;
/// then checking ends, and the account covers what was checked.
pub fn check<S: Read + Send, R: Rules>(
    mut chunks: Chunks<S>,
    file: &Arc<str>,
    size: Option<u64>,
    plan: &Plan,
    rules: &R,
    options: Options,
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile<R::Outcome> {
    let (first, mut head) = match read_head(&mut chunks, plan, file) {
        Ok(read) => read,
        Err(error) => return unreadable(file, plan, size, error),
    };
    let Some(root) = head.root.take() else {
        return without_root(plan, file, size, &mut chunks, head.out, &first, sink);
    };
    let document = Document::new(plan, &root, file, head.fatal);
    let prefix = root.name.strip_suffix(&*root.local).unwrap_or("");
    chunks.cut_behind(head.end);
    chunks.set_records(plan.records.iter().map(|name| format!("{prefix}{name}")));
    let head_bytes = first[..head.end].to_vec();
    let header = rules.header(&Part {
        file,
        standard: plan.standard.as_ref(),
        chunk: &head_bytes,
        offset: 0,
        captured: &head.out.captured,
        records: RecordStarts::NONE,
        first_record: 0,
    });
    drop(first);
    let sated = Sated::default();
    let mut merge = Merge::new(
        &document,
        rules,
        sink,
        &sated,
        Some(header.clone()),
        head_bytes.clone(),
        options.reveal,
    );
    merge.head(&mut head.out, &head_bytes);
    let records = Records {
        document: &document,
        rules,
        header: &header,
        tables: options.fast.then(|| Arc::new(tables(plan, &root))),
        first_record_at: head.end,
        reveal: options.reveal,
        sated: &sated,
        of: PhantomData,
    };
    let source = Source {
        chunks,
        error: None,
    };
    let (source, mut merge) = ordered::run(&records, options.threads, source, merge);
    let reason = source.error.as_ref().map(ToString::to_string);
    let outcome = merge.outcome.take();
    CheckedFile {
        summary: merge.account(size, reason),
        error: source.error,
        outcome,
    }
}

/// The head, out of as many of the first bytes as it takes.
fn read_head<S: Read>(
    chunks: &mut Chunks<S>,
    plan: &Plan,
    file: &Arc<str>,
) -> Result<(Vec<u8>, Head), ReadError> {
    let mut first = chunks.peek()?.to_vec();
    loop {
        let head = head::read(plan, file, &first, chunks.is_whole());
        // What a few bytes look like can be due to where they end.
        if !head.unfinished && (head.root.is_some() || first.len() >= FEW) {
            return Ok((first, head));
        }
        if let Some(further) = chunks.peek_further()? {
            first = further.to_vec();
        } else if chunks.is_whole() {
            let head = head::read(plan, file, &first, true);
            return Ok((first, head));
        } else {
            return Ok((first, head));
        }
    }
}

fn tables(plan: &Plan, root: &Root) -> Tables {
    let prefix = root.name.strip_suffix(&*root.local).unwrap_or("");
    let prefix = prefix.strip_suffix(':').unwrap_or(prefix);
    let namespace = root.namespaces.resolve(prefix).unwrap_or_default();
    Tables::new(plan, prefix, &namespace, root.content)
}

fn unreadable<O>(
    file: &Arc<str>,
    plan: &Plan,
    size: Option<u64>,
    error: ReadError,
) -> CheckedFile<O> {
    CheckedFile {
        summary: head::no_account(file, plan, size, 0, Some(error.to_string())),
        error: Some(error),
        outcome: None,
    }
}

/// Grades drafts as the user wants it, before anybody decides by their effects what becomes of a record.
pub(crate) fn grade(grades: &Grades, drafts: &mut Vec<Draft>) {
    if !grades.is_empty() {
        drafts.retain_mut(|draft| grades.apply(&mut draft.finding));
    }
}

/// A document whose root could not be read: its findings, and the rest of its bytes read for the account.
fn without_root<S: Read, O>(
    plan: &Plan,
    file: &Arc<str>,
    size: Option<u64>,
    chunks: &mut Chunks<S>,
    mut out: Output,
    first: &[u8],
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile<O> {
    let mut drafts = std::mem::take(&mut out.drafts);
    let truncated = drafts
        .iter()
        .any(|draft| *draft.finding.rule.id == *crate::BuiltinRule::Truncated.rule().id);
    let start = crate::lines::Advance::default();
    let mut effects = head::no_account(file, plan, size, 0, None);
    for relative in finish_drafts(
        plan,
        "",
        first,
        &mut out,
        &mut drafts,
        false,
        &Sated::default(),
    ) {
        let mut finding = relative.finding;
        finding.place = finding.place.map(|place| start.absolute(place, 0));
        if !plan.grades.apply(&mut finding) {
            continue;
        }
        *effects.findings.entry(finding.effect.as_str()).or_default() += 1;
        if sink(finding).is_break() {
            break;
        }
    }
    let mut bytes = 0;
    let mut spare = Chunk::default();
    let error = loop {
        match chunks.next(spare) {
            Ok(Some(chunk)) => {
                bytes = chunk.offset + chunk.length as u64;
                spare = chunk;
            }
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let mut reason = error.as_ref().map(ToString::to_string);
    if truncated {
        reason = reason.or_else(|| Some("it ends before its root element begins".to_owned()));
    }
    let mut summary = head::no_account(file, plan, size, bytes, reason);
    summary.findings = effects.findings;
    CheckedFile {
        summary,
        error,
        outcome: None,
    }
}

struct Source<S> {
    chunks: Chunks<S>,
    error: Option<ReadError>,
}

/// The records of a document, chunk by chunk.
struct Records<'s, S, R: Rules> {
    document: &'s Document<'s>,
    rules: &'s R,
    header: &'s R::Header,
    tables: Option<Arc<Tables>>,
    /// Where in the first chunk the records begin.
    first_record_at: usize,
    /// Whether excerpts show every value.
    reveal: bool,
    sated: &'s Sated,
    of: PhantomData<fn() -> S>,
}

/// What one thread keeps.
struct Worker<R: Rules> {
    runner: Option<Runner>,
    scratch: R::Scratch,
}

impl<'s, S: Read + Send, R: Rules> Line for Records<'s, S, R> {
    type Piece = (Chunk, Output);
    type Done = Outcome<R>;
    type Spare = (Chunk, Output);
    type Source = Source<S>;
    type Merge = Merge<'s, R>;
    type Local = Worker<R>;

    fn local(&self) -> Worker<R> {
        Worker {
            runner: self.tables.clone().map(Runner::new),
            scratch: self.rules.scratch(),
        }
    }

    fn read(
        &self,
        source: &mut Source<S>,
        spare: Option<(Chunk, Output)>,
    ) -> Option<(u64, (Chunk, Output))> {
        let (chunk, mut out) =
            spare.unwrap_or_else(|| (Chunk::default(), Output::new(self.document.plan)));
        out.clear();
        match source.chunks.next(chunk) {
            Ok(chunk) => chunk.map(|chunk| (chunk.number, (chunk, out))),
            Err(error) => {
                source.error = Some(error);
                None
            }
        }
    }

    fn work(&self, (chunk, out): (Chunk, Output), worker: &mut Worker<R>) -> Outcome<R> {
        let begins = Begins {
            lost: chunk.follows_oversized || (chunk.number == 0 && self.document.broken_head),
            ..Begins::default()
        };
        self.check(chunk, begins, out, worker)
    }

    fn merge(
        &self,
        merge: &mut Merge<'s, R>,
        outcome: Outcome<R>,
        worker: &mut Worker<R>,
    ) -> Option<(Chunk, Output)> {
        let mut outcome = self.joined(merge, outcome, worker);
        merge.chunk(&mut outcome);
        merge.held = outcome.rest();
        Some((outcome.chunk, outcome.out))
    }

    fn between(&self) {
        self.rules.between();
    }

    fn stopped(&self, merge: &Merge<'s, R>) -> bool {
        merge.stopped() || self.rules.stopped()
    }
}

impl<S, R: Rules> Records<'_, S, R> {
    fn check(
        &self,
        mut chunk: Chunk,
        begins: Begins,
        mut out: Output,
        worker: &mut Worker<R>,
    ) -> Outcome<R> {
        let document = self.document;
        let from = if chunk.offset == 0 {
            self.first_record_at.min(chunk.length)
        } else {
            0
        };
        chunk::check(
            document,
            &chunk,
            from,
            begins,
            worker.runner.as_mut(),
            &mut out,
        );
        // What does not end in it is left for the next one.
        let whole = chunk.length;
        chunk.length = out.unfinished.map_or(whole, |start| start as usize);
        let mut drafts: Vec<Draft> = std::mem::take(&mut out.drafts);
        grade(&document.plan.grades, &mut drafts);
        let summary = self.rules.evaluate(
            &part(document, &chunk, &out, 0),
            self.header,
            &mut worker.scratch,
            &mut drafts,
        );
        let findings = finish_drafts(
            document.plan,
            &document.root.local,
            &chunk.bytes[..chunk.length],
            &mut out,
            &mut drafts,
            self.reveal,
            self.sated,
        );
        // Their memory goes on being used.
        out.drafts = drafts;
        let advance = chunk_advance(&chunk);
        Outcome {
            behind: whole - chunk.length,
            chunk,
            begins,
            out,
            findings,
            summary: Some(summary),
            advance,
        }
    }

    /// A chunk that begins inside something the chunk before did not end is checked again together with that. So is one that
    /// begins elsewhere than was guessed.
    fn joined(
        &self,
        merge: &mut Merge<'_, R>,
        outcome: Outcome<R>,
        worker: &mut Worker<R>,
    ) -> Outcome<R> {
        let begins = merge.begins;
        let held = merge.held.take();
        if held.is_none() && outcome.begins == begins {
            return outcome;
        }
        let mut chunk = outcome.chunk;
        chunk.length += outcome.behind;
        if let Some(held) = held {
            chunk = together(held, &chunk, self.document.plan.limits.record_size);
        }
        let mut out = outcome.out;
        out.clear();
        self.check(chunk, begins, out, worker)
    }
}

impl<R: Rules> Outcome<R> {
    /// What begins in the chunk and does not end there, to be checked together with the next one.
    fn rest(&self) -> Option<Chunk> {
        let from = self.chunk.length;
        let bytes = &self.chunk.bytes[from..from + self.behind];
        (!bytes.is_empty()).then(|| Chunk {
            bytes: bytes.to_vec(),
            length: bytes.len(),
            offset: self.chunk.offset + from as u64,
            ..Chunk::default()
        })
    }
}

/// What one chunk does not end, and the next chunk, as one. Beyond the largest record it counts as oversized, and nothing more
/// is added to it.
fn together(mut held: Chunk, next: &Chunk, largest: usize) -> Chunk {
    use concord_read::xml::PADDING;
    held.bytes.truncate(held.length);
    held.bytes.extend_from_slice(&next.bytes[..next.length]);
    held.length = held.bytes.len();
    held.bytes.resize(held.length + PADDING, 0);
    held.last = next.last;
    held.oversized |= next.oversized || held.length > largest + CHUNK;
    held
}
