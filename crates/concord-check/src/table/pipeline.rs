//! The whole of it: chunks of rows read one after the other, checked side by side, put together in order.

use std::io::Read;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::{FileSummary, Finding, Verdict};
use concord_read::ReadError;
use concord_read::delimited::Chunk;
use concord_read::{delimited, fixed, lines};
use concord_standards::layout::HeaderUse;

use super::chunk::{self, TableOutput};
use super::form::{Chunks, Form};
use super::header::{self, Columns};
use super::merge::{Merge, Outcome, part};
use super::plan::TablePlan;
use super::row::Table;
use crate::capture::Captured;
use crate::catalogue::BuiltinRule;
use crate::delivery::Sated;
use crate::lines::advance;
use crate::ordered::{self, Line};
use crate::output::Draft;
use crate::pipeline::{CheckedFile, Options, grade};
use crate::rules::{Part, RecordStarts, Rules};

/// Bytes of a chunk: rules look at the rows of a chunk together, so that many rows share what a look costs; more would not
/// stay in the cache of a core while column after column is looked at.
const CHUNK: usize = 1 << 20;

/// An input that holds a table.
pub struct TableInput<'i, S> {
    /// Its bytes.
    pub bytes: S,
    /// Its name.
    pub file: &'i Arc<str>,
    /// Its size as stored, when known.
    pub size: Option<u64>,
    /// The encoding that it was decoded from, where that was guessed and not said.
    pub guessed_encoding: Option<&'i str>,
}

/// Checks a table of delimited text, or of fixed width where the layout says where the columns stand, against a plan and
/// rules.
///
/// Findings go to `sink` in the order of the input, the same whatever the number of threads; those that are known only
/// when every row has been seen come last. The sink can say stop; then checking ends, and the account covers what was
/// checked.
pub fn check_table<S: Read + Send, R: Rules>(
    input: TableInput<'_, S>,
    plan: &TablePlan,
    rules: &R,
    options: Options,
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile<R::Outcome> {
    let TableInput {
        bytes,
        file,
        size,
        guessed_encoding,
    } = input;
    let (name, largest) = (Arc::clone(file), plan.limits.record_size);
    let read = if plan.is_fixed_width() {
        fixed_width(bytes, name, plan)
    } else {
        delimited_text(
            delimited::Chunks::new(bytes, name, CHUNK, largest),
            plan,
            file,
        )
    };
    let (chunks, head) = match read {
        Ok((chunks, Some(head))) => (chunks, head),
        Ok((chunks, None)) => return empty(file, plan, size, chunks, sink),
        Err(error) => return unread(file, plan, size, error),
    };
    let table = Table {
        plan,
        columns: &head.columns,
        file,
    };
    let header = rules.header(&Part {
        file,
        standard: plan.standard.as_ref(),
        chunk: &[],
        offset: 0,
        captured: &submission(plan),
        records: RecordStarts::NONE,
        first_record: 0,
    });
    let sated = Sated::default();
    let mut merge = Merge::new(
        table,
        &head.form,
        rules,
        header.clone(),
        sink,
        &sated,
        options.reveal,
    );
    merge.head(&head.first, guessed_encoding, head.drafts);
    let rows = TableRows {
        table,
        form: &head.form,
        rules,
        header: &header,
        reveal: options.reveal,
        sated: &sated,
        of: PhantomData,
    };
    let source = Source {
        chunks,
        error: None,
    };
    let (source, mut merge) = ordered::run(&rows, options.threads, source, merge);
    let reason = source.error.as_ref().map(ToString::to_string);
    let outcome = merge.outcome.take();
    CheckedFile {
        summary: merge.account(size, reason),
        error: source.error,
        outcome,
    }
}

/// What is known before the first row of data.
struct Head {
    form: Form,
    columns: Columns,
    drafts: Vec<Draft>,
    /// The first bytes of the input.
    first: Vec<u8>,
}

/// The chunks of an input, and what is known before its first row; `None` when it has none.
type Begun<S> = (Chunks<S>, Option<Head>);

fn fixed_width<S: Read>(bytes: S, name: Arc<str>, plan: &TablePlan) -> Result<Begun<S>, ReadError> {
    let (form, largest) = (Form::fixed(plan), plan.limits.record_size);
    let mut chunks = match &form {
        Form::Lines(form) => {
            let form = Arc::clone(form);
            Chunks::Lines(lines::Chunks::new(bytes, name, CHUNK, largest, form))
        }
        _ => Chunks::Fixed(fixed::Chunks::new(bytes, name, CHUNK, largest)),
    };
    let first = chunks.peek()?.to_vec();
    let head = (!first.is_empty()).then(|| Head {
        form,
        columns: Columns::by_position(plan, 0),
        drafts: Vec::new(),
        first,
    });
    Ok((chunks, head))
}

fn delimited_text<S: Read>(
    mut chunks: delimited::Chunks<S>,
    plan: &TablePlan,
    file: &Arc<str>,
) -> Result<Begun<S>, ReadError> {
    let first = chunks.peek()?.to_vec();
    let Some(row) = header::header_row(&first, &plan.layout().delimiters) else {
        return Ok((Chunks::Delimited(chunks), None));
    };
    chunks.set_dialect(row.detected.dialect);
    let mut drafts = Vec::new();
    let columns = header::columns(plan, file, &row, &mut drafts);
    let head = Head {
        form: Form::Delimited(row.detected.dialect),
        columns,
        drafts,
        first,
    };
    Ok((Chunks::Delimited(chunks), Some(head)))
}

/// A row for the submission in every group that stands for it.
fn submission(plan: &TablePlan) -> Captured {
    let mut captured = Captured::new(&plan.capture);
    for (number, group) in plan.capture.groups.iter().enumerate() {
        if group.paths.iter().any(|path| path.len() == 1) {
            captured.add_row(number, 0, 0, 0);
        }
    }
    captured
}

pub(super) fn account(
    file: &Arc<str>,
    plan: &TablePlan,
    size: Option<u64>,
    verdict: Verdict,
    unreadable: Option<String>,
) -> FileSummary {
    FileSummary {
        standard: plan.standard.as_deref().map(str::to_owned),
        size,
        unreadable,
        ..FileSummary::without_records(&**file, verdict)
    }
}

fn unread<O>(
    file: &Arc<str>,
    plan: &TablePlan,
    size: Option<u64>,
    error: ReadError,
) -> CheckedFile<O> {
    CheckedFile {
        summary: account(
            file,
            plan,
            size,
            Verdict::Unreadable,
            Some(error.to_string()),
        ),
        error: Some(error),
        outcome: None,
    }
}

/// An input without a row: nothing, or nothing but blanks.
fn empty<S: Read, O>(
    file: &Arc<str>,
    plan: &TablePlan,
    size: Option<u64>,
    mut chunks: Chunks<S>,
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile<O> {
    let is_right = plan.may_be_empty && plan.layout().header != HeaderUse::Required;
    let verdict = if is_right {
        Verdict::Accepted
    } else {
        Verdict::Rejected
    };
    let mut summary = account(file, plan, size, verdict, None);
    let rule = Arc::clone(BuiltinRule::TableEmpty.rule());
    let mut finding = Finding::new(rule, Arc::clone(file));
    finding.standard.clone_from(&plan.standard);
    finding.authority.clone_from(&plan.authority);
    if !is_right && plan.grades.apply(&mut finding) {
        *summary.findings.entry(finding.effect.as_str()).or_default() += 1;
        // Whether anything more was wanted does not matter: this is all there is.
        let _ = sink(finding);
    }
    let mut spare = Chunk::default();
    let error = loop {
        match chunks.next(spare) {
            Ok(Some(chunk)) => {
                summary.bytes = chunk.offset + chunk.length as u64;
                spare = chunk;
            }
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    summary.unreadable = error.as_ref().map(ToString::to_string);
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

/// The rows of a table, chunk by chunk.
struct TableRows<'t, S, R: Rules> {
    table: Table<'t>,
    form: &'t Form,
    rules: &'t R,
    header: &'t R::Header,
    /// Whether excerpts show every value.
    reveal: bool,
    sated: &'t Sated,
    of: PhantomData<fn() -> S>,
}

impl<'t, S: Read + Send, R: Rules> Line for TableRows<'t, S, R> {
    type Piece = (Chunk, TableOutput);
    type Done = Outcome<R>;
    type Spare = (Chunk, TableOutput);
    type Source = Source<S>;
    type Merge = Merge<'t, R>;
    type Local = R::Scratch;

    fn local(&self) -> R::Scratch {
        self.rules.scratch()
    }

    fn read(
        &self,
        source: &mut Source<S>,
        spare: Option<(Chunk, TableOutput)>,
    ) -> Option<(u64, (Chunk, TableOutput))> {
        let (chunk, mut out) = spare.unwrap_or_else(|| {
            let captured = Captured::new(&self.table.plan.capture);
            (Chunk::default(), TableOutput::new(captured))
        });
        out.clear();
        match source.chunks.next(chunk) {
            Ok(chunk) => chunk.map(|chunk| (chunk.number, (chunk, out))),
            Err(error) => {
                source.error = Some(error);
                None
            }
        }
    }

    fn work(&self, (chunk, mut out): (Chunk, TableOutput), scratch: &mut R::Scratch) -> Outcome<R> {
        let from = if chunk.number == 0 {
            self.table.columns.data
        } else {
            0
        };
        chunk::check(&self.table, &chunk, self.form, from, &mut out);
        let mut drafts = std::mem::take(&mut out.drafts);
        grade(&self.table.plan.grades, &mut drafts);
        let summary = {
            let part = part(self.table, &chunk, &out, 0);
            self.rules
                .evaluate(&part, self.header, scratch, &mut drafts)
        };
        let columns = self.table.columns;
        if !columns.missing.is_empty() {
            drafts.retain(|draft| !columns.repeats_missing(&draft.finding));
        }
        let bytes = chunk.content();
        let findings = chunk::finish(
            &self.table,
            self.form,
            out.found(bytes),
            &mut drafts,
            self.reveal,
            self.sated,
        );
        out.drafts = drafts;
        Outcome {
            advance: advance(bytes),
            chunk,
            out,
            findings,
            summary,
        }
    }

    fn merge(
        &self,
        merge: &mut Merge<'t, R>,
        outcome: Outcome<R>,
        _: &mut R::Scratch,
    ) -> Option<(Chunk, TableOutput)> {
        Some(merge.chunk(outcome))
    }

    fn between(&self) {
        self.rules.between();
    }

    fn stopped(&self, merge: &Merge<'t, R>) -> bool {
        merge.stopped() || self.rules.stopped()
    }
}
