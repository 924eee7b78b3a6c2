//! One message at a time, as a feed brings them: everything is compiled once, and memory is used again.

use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::Finding;
use concord_read::hl7::Chunk;
use concord_read::xml::PADDING;

use super::carrier::Carrier;
use super::chunk::MessageOutput;
use super::merge::Merge;
use super::pipeline::{head_part, worked};
use super::plan::MessagePlan;
use crate::delivery::Sated;
use crate::rules::Rules;

/// Memory that messages are checked in one after the other: one for each thread.
pub struct MessageMemory<R: Rules> {
    file: Arc<str>,
    chunk: Chunk,
    out: MessageOutput,
    scratch: R::Scratch,
    header: R::Header,
    /// Rules whose findings have had the excerpts that they get.
    sated: Sated,
}

impl<R: Rules> MessageMemory<R> {
    /// Memory for messages of a plan; findings say that they are about `file`.
    pub fn new(plan: &MessagePlan, rules: &R, file: Arc<str>) -> Self {
        Self {
            header: head_part(plan, &file, |part| rules.header(part)),
            file,
            chunk: Chunk::default(),
            out: MessageOutput::new(plan),
            scratch: rules.scratch(),
            sated: Sated::default(),
        }
    }
}

/// Checks the bytes of one message against a plan and rules, and says how many messages there are in them.
///
/// The findings are those of [`check_messages`](super::check_messages) for an input that holds this message alone, and go
/// to `sink` in the same order: rules that compare messages with each other have nothing to compare. Who brings a message
/// knows where it ends, so that nothing needs to end its last segment.
pub fn check_message<R: Rules>(
    message: &[u8],
    plan: &MessagePlan,
    rules: &R,
    memory: &mut MessageMemory<R>,
    mut sink: impl FnMut(Finding) + Send,
) -> u64 {
    let MessageMemory {
        file,
        chunk,
        out,
        scratch,
        header,
        sated,
    } = memory;
    chunk.bytes.clear();
    chunk.bytes.extend_from_slice(message);
    chunk.bytes.resize(message.len() + PADDING, 0);
    chunk.length = message.len();
    chunk.last = true;
    out.clear();
    out.delimited = true;
    let mut deliver = |finding| {
        sink(finding);
        ControlFlow::Continue(())
    };
    let mut merge = Merge::new(
        (plan, Carrier::Hl7, file),
        rules,
        header.clone(),
        &mut deliver,
        sated,
        false,
    );
    let outcome = worked(
        (plan, Carrier::Hl7, file),
        (rules, header),
        (std::mem::take(chunk), std::mem::take(out)),
        scratch,
        false,
        sated,
    );
    (*chunk, *out) = merge.chunk(outcome);
    merge.records()
}
