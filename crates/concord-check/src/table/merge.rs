//! Chunks of a table put together in order: lines, row numbers, the account.

use concord_finding::{Fact, FileSummary, Finding, Place};
use concord_read::delimited::Chunk;
use concord_standards::layout::{HeaderUse, Letters};

use super::chunk::{Encodings, Found, TableOutput, finish};
use super::form::Form;
use super::row::Table;
use super::rows_index::RowsIndex;
use crate::catalogue::BuiltinRule;
use crate::delivery::{Read, Sated, Sink};
use crate::ledger::Ledger;
use crate::lines::Advance;
use crate::output::{Draft, Relative};
use crate::rules::{Part, RecordStarts, Rules};

/// A checked chunk.
pub(crate) struct Outcome<R: Rules> {
    pub(crate) chunk: Chunk,
    pub(crate) out: TableOutput,
    /// Findings with places relative to the chunk, in the order of their offsets.
    pub(crate) findings: Vec<Relative>,
    pub(crate) summary: R::Summary,
    pub(crate) advance: Advance,
}

/// What has been put together so far.
pub(crate) struct Merge<'m, R: Rules> {
    table: Table<'m>,
    form: &'m Form,
    rules: &'m R,
    ledger: Ledger<'m>,
    sated: &'m Sated,
    state: Option<R::State>,
    header: Option<R::Header>,
    /// Whether excerpts show every value.
    reveal: bool,
    /// Whether the whole input was in another encoding, which has been told.
    told_encoding: bool,
    /// What will be told of rows that are not UTF-8 when all have been seen.
    encoding: Option<Finding>,
    encodings: Encodings,
    position: Advance,
    bytes: u64,
    index: RowsIndex,
    /// What the rules know at the end.
    pub(crate) outcome: Option<R::Outcome>,
}

impl<'m, R: Rules> Merge<'m, R> {
    pub(crate) fn new(
        table: Table<'m>,
        form: &'m Form,
        rules: &'m R,
        header: R::Header,
        sink: &'m mut Sink<'m>,
        sated: &'m Sated,
        reveal: bool,
    ) -> Self {
        Self {
            table,
            form,
            rules,
            ledger: Ledger::new(sink, sated, &table.plan.grades),
            sated,
            state: Some(rules.start()),
            header: Some(header),
            reveal,
            told_encoding: false,
            encoding: None,
            encodings: Encodings::default(),
            position: Advance::default(),
            bytes: 0,
            index: RowsIndex::default(),
            outcome: None,
        }
    }

    /// Delivers what is wrong with the header and with the input as a whole; `bytes` are its first ones.
    pub(crate) fn head(&mut self, bytes: &[u8], decoded: Option<&str>, mut drafts: Vec<Draft>) {
        if let Some(encoding) = decoded {
            self.told_encoding = true;
            let reason = format!("the file is not UTF-8 and was read as {encoding}");
            drafts.push(self.not_utf8(encoding, 0, reason));
        }
        let findings = self.finished(TableOutput::default().found(bytes), &mut drafts);
        self.emit(findings, 0);
    }

    /// Adds the next chunk and gives its memory back.
    pub(crate) fn chunk(&mut self, outcome: Outcome<R>) -> (Chunk, TableOutput) {
        let Outcome {
            chunk,
            out,
            mut findings,
            summary,
            advance,
        } = outcome;
        let bytes = chunk.content();
        let mut drafts = Vec::new();
        self.encodings(&chunk, &out);
        let part = part(self.table, &chunk, &out, self.ledger.records());
        if let Some(state) = self.state.as_mut() {
            self.rules.fold(state, summary, &part, &mut drafts);
        }
        let mut late = Vec::new();
        if chunk.last
            && let (Some(state), Some(header)) = (self.state.take(), self.header.take())
        {
            self.outcome = Some(self.rules.finish(state, header, &part, &mut late));
        }
        if !drafts.is_empty() {
            findings.extend(self.finished(out.found(bytes), &mut drafts));
            findings.sort_by_key(|relative| relative.finding.place.map(|place| place.offset));
        }
        self.index
            .append(&out.index, self.ledger.records(), self.position.lines + 1);
        let first = self.ledger.records();
        self.ledger.add(out.records.len() as u64);
        self.bytes = chunk.offset + chunk.length as u64;
        self.emit_from(findings, chunk.offset, first);
        self.position = self.position.then(advance);
        if chunk.last {
            self.tell_encoding();
        }
        for (draft, offset) in late {
            self.late(draft, offset);
        }
        if chunk.last && self.ledger.records() == 0 && !self.table.plan.may_be_empty {
            let rule = match self.table.plan.layout().header {
                HeaderUse::None => BuiltinRule::TableEmpty,
                HeaderUse::Required | HeaderUse::Optional => BuiltinRule::TableNoRows,
            };
            let mut drafts = vec![self.table.about_table(rule.rule(), 0)];
            let findings = self.finished(TableOutput::default().found(&[]), &mut drafts);
            self.emit(findings, self.bytes);
        }
        (chunk, out)
    }

    fn not_utf8(&self, encoding: &str, at: u32, reason: String) -> Draft {
        let mut draft = self
            .table
            .about_table(BuiltinRule::TableEncoding.rule(), at);
        draft.finding.value = Some(Fact::Plain(encoding.to_owned()));
        draft.plain("reason", reason);
        draft
    }

    /// Takes note of rows that are not UTF-8. Whether they are all or some is known when every row has been seen.
    fn encodings(&mut self, chunk: &Chunk, out: &TableOutput) {
        self.encodings.other += out.encodings.other;
        self.encodings.utf8 |= out.encodings.utf8;
        let Some(at) = out.encodings.first else {
            return;
        };
        if std::mem::replace(&mut self.told_encoding, true) {
            return;
        }
        let mut drafts = vec![self.not_utf8("Windows-1252", at, String::new())];
        let found = self.finished(out.found(chunk.content()), &mut drafts);
        self.encoding = found.into_iter().next().map(|relative| {
            let mut finding = relative.finding;
            finding.place = finding
                .place
                .map(|place| self.position.absolute(place, chunk.offset));
            finding
        });
    }

    /// Tells of rows that are not UTF-8, how many they are, and whether others are.
    fn tell_encoding(&mut self) {
        let Some(mut finding) = self.encoding.take() else {
            return;
        };
        // Where the standard has it so, only a mixture is wrong.
        if self.table.plan.layout().encoding == Letters::Windows1252 && !self.encodings.utf8 {
            return;
        }
        let rows = match self.encodings.other {
            1 => "1 row is not UTF-8 and was".to_owned(),
            several => format!("{several} rows are not UTF-8 and were"),
        };
        let others = if self.encodings.utf8 {
            "; others are UTF-8, so the file mixes two encodings"
        } else {
            ""
        };
        let reason = Fact::Plain(format!("{rows} read as Windows-1252{others}"));
        for (name, fact) in &mut finding.facts {
            if &**name == "reason" {
                *fact = reason.clone();
            }
        }
        self.ledger.deliver(finding, None);
    }

    fn finished(&self, found: Found<'_>, drafts: &mut Vec<Draft>) -> Vec<Relative> {
        finish(
            &self.table,
            self.form,
            found,
            drafts,
            self.reveal,
            self.sated,
        )
    }

    /// A finding that was known only at the end. It knows the number of its record.
    fn late(&mut self, draft: Draft, offset: Option<u64>) {
        let mut finding = draft.finding;
        crate::bounds::bound(&mut finding);
        let record = finding.record.and_then(|record| record.checked_sub(1));
        finding.place = record
            .and_then(|record| self.index.line(record))
            .map(|line| Place {
                offset: offset.unwrap_or(0),
                line,
                column: 1,
            });
        finding
            .path
            .get_or_insert_with(|| self.table.plan.layout().name.clone());
        self.ledger.deliver(finding, record);
    }

    /// Delivers findings about no row.
    fn emit(&mut self, findings: Vec<Relative>, offset: u64) {
        self.emit_from(findings, offset, 0);
    }

    /// Delivers the findings of a chunk at `offset` whose first row is `first`.
    fn emit_from(&mut self, findings: Vec<Relative>, offset: u64, first: u64) {
        self.ledger
            .deliver_all(findings, &self.position, offset, first);
    }

    /// Whether who is given the findings wants no more.
    pub(crate) fn stopped(&self) -> bool {
        self.ledger.stopped()
    }

    /// The account of the input.
    pub(crate) fn account(self, size: Option<u64>, unreadable: Option<String>) -> FileSummary {
        let read = Read {
            size,
            bytes: self.bytes,
            unreadable,
        };
        let standard = self.table.plan.standard.as_deref();
        self.ledger.account(self.table.file, standard, read)
    }
}

/// A chunk as rules see it.
pub(crate) fn part<'p>(
    table: Table<'p>,
    chunk: &'p Chunk,
    out: &'p TableOutput,
    first_record: u64,
) -> Part<'p> {
    Part {
        file: table.file,
        standard: table.plan.standard.as_ref(),
        chunk: chunk.content(),
        offset: chunk.offset,
        captured: &out.captured,
        records: RecordStarts::Rows(&out.records),
        first_record,
    }
}
