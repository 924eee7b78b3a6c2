//! Messages put together, as the tests look at them.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use concord_check::message::{MessageInput, MessagePlan, check_messages};
use concord_check::{NoRules, Options, Plan};
use concord_convert::lake::{How, Lake, LakeInput};
use concord_convert::records::{Record, Records};
use concord_convert::stays::{Stays, Taking};
use concord_convert::{Conversion, Converting, Losses, OnReject, mapped};
use concord_finding::Finding;
use concord_model::entities::entity;
use concord_standards::compile::CompiledSchema;

use crate::support::{Standard, shipped};

static FILES: LazyLock<BTreeMap<String, String>> = LazyLock::new(shipped);

/// The shipped definitions.
pub(crate) fn files() -> &'static BTreeMap<String, String> {
    &FILES
}

/// A standard of messages, ready.
struct Ready {
    plan: MessagePlan,
    conversion: Conversion,
}

static READY: LazyLock<Ready> = LazyLock::new(|| {
    let standard = Standard::load(files(), "itk-adt/1-0");
    let conversion = mapped(&standard.definition, &standard.mapping)
        .unwrap()
        .staged();
    let mut definition = standard.definition;
    let messages = definition.messages.take().unwrap();
    let records = definition.standard.record.elements.clone();
    let capture = Arc::new(conversion.capture.clone());
    let compiled = Arc::new(CompiledSchema::compile(Arc::new(definition.schema)).unwrap());
    let mut plan = Plan::new(compiled, records, capture, Vec::new());
    plan.standard = Some("itk-adt@1.0".into());
    let effects = &definition.standard.effects;
    plan.effects.structure = Some(effects.structure);
    plan.effects.value = Some(effects.value);
    Ready {
        plan: MessagePlan::new(plan, Arc::new(messages)),
        conversion,
    }
});

/// What a record says: the rows of each entity, by field.
pub(crate) type Said = BTreeMap<String, Vec<BTreeMap<String, String>>>;

/// Records made of messages.
pub(crate) struct Together {
    /// With the number of the input that each stands in.
    pub(crate) records: Vec<(usize, Records)>,
    pub(crate) losses: Losses,
    /// Messages that were read.
    pub(crate) messages: u64,
}

impl Together {
    /// What each record says, in order.
    pub(crate) fn said(&self) -> Vec<Said> {
        let records = self
            .records
            .iter()
            .flat_map(|(_, records)| records.records());
        records.map(|record| said(&record)).collect()
    }

    /// The only record.
    #[track_caller]
    pub(crate) fn only(&self) -> Said {
        let mut said = self.said();
        assert_eq!(said.len(), 1, "{said:#?}");
        said.remove(0)
    }

    /// What was lost of an element: reasons and counts.
    pub(crate) fn lost(&self, element: &str) -> Vec<(String, u64)> {
        let losses = self.losses.list();
        let own = losses.iter().filter(|loss| loss.element == element);
        own.map(|loss| (format!("{:?}", loss.reason), loss.count))
            .collect()
    }
}

/// Puts the messages of inputs together.
pub(crate) fn together(inputs: &[&[u8]]) -> Together {
    together_with(inputs, usize::MAX, 2)
}

/// The same with so many bytes of memory, and threads.
pub(crate) fn together_with(inputs: &[&[u8]], memory: usize, threads: usize) -> Together {
    let Ready { plan, conversion } = &*READY;
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::create(&folder.path().join("lake")).unwrap();
    let stays = Stays::new(&lake.folder().join(".stays")).with_memory(memory);
    let mut losses = Losses::default();
    let mut messages = 0;
    for (number, bytes) in inputs.iter().enumerate() {
        let file: Arc<str> = format!("{number}.hl7").into();
        let standard = plan.document.standard.as_ref();
        let from = (&file, standard);
        let input = LakeInput::new(&lake, number, from, conversion, &How::default()).unwrap();
        let taking = Taking::Stays(stays.input(number, standard, conversion, &input));
        let converting = Converting::new(&NoRules, conversion, OnReject::Split, &taking);
        let message_input = MessageInput {
            bytes: Cursor::new(bytes),
            file: &file,
            size: Some(bytes.len() as u64),
        };
        let options = Options {
            threads,
            ..Options::default()
        };
        let mut sink = |_: Finding| ControlFlow::Continue(());
        let checked = check_messages(message_input, plan, &converting, options, &mut sink);
        assert!(checked.error.is_none());
        messages += checked.summary.records.records;
        let ((), converted) = checked.outcome.unwrap();
        drop(taking);
        stays.leave_out(number, &converted, OnReject::Split, false);
        losses.merge(converted.losses.clone());
        input.complete(&converted, OnReject::Split, None).unwrap();
    }
    let mut merged = stays.merge().unwrap();
    let mut records = Vec::new();
    while let Some(part) = merged.records().unwrap() {
        assert_eq!(part.records.records().count() as u64, part.count);
        records.push((part.number, part.records));
    }
    losses.merge(merged.finish().unwrap());
    assert!(!lake.folder().join(".stays").exists());
    Together {
        records,
        losses,
        messages,
    }
}

fn said(record: &Record<'_>) -> Said {
    let entities = record.entities().filter_map(entity);
    let rows = entities.map(|entity| {
        let rows = record.rows(entity.name).map(|row| {
            let fields = entity.fields.iter().filter_map(|field| {
                let text = row.text(field.name)?;
                Some((field.name.to_owned(), text.into_owned()))
            });
            fields.collect()
        });
        (entity.name.to_owned(), rows.collect())
    });
    rows.collect()
}

/// What the first row of an entity says in a field.
pub(crate) fn value<'s>(said: &'s Said, entity: &str, field: &str) -> Option<&'s str> {
    said.get(entity)?.first()?.get(field).map(String::as_str)
}

/// A message about one stay of one patient: the event, when it happened, and the segments behind EVN.
pub(crate) fn message(event: &str, occurred: &str, behind: &str) -> String {
    let structure = match event {
        "A01" | "A04" | "A08" | "A13" => "ADT_A01",
        "A05" | "A28" | "A31" => "ADT_A05",
        "A11" | "A12" => "ADT_A09",
        "A40" => "ADT_A39",
        "A21" | "A22" => "ADT_A21",
        "A52" | "A53" => "ADT_A52",
        other => &format!("ADT_{other}"),
    };
    let control = format!("{event}{occurred}");
    format!(
        "MSH|^~\\&|PAS|RXX|ROUTE|ROUTE|{occurred}||ADT^{event}^{structure}|{control}|P|2.4|||||GBR||en||ITKv1.0\n\
         EVN||{occurred}||||{occurred}\n{behind}\n"
    )
    .replace('\n', "\r")
}

/// Who the messages of tests are about.
pub(crate) const PATIENT: &str = "PID|1||9990000018^^^NHS~L0000001^^^RXX||Trialby^Ulric^^^Mr^^L||19330215|1|||\
    17 Sample Road^^Mockridge^Fauxshire^WX18 4ZZ^GBR^H|||||M||||||A||||||||||NSTS01";

/// PV1 of a stay: the place, and what stands from PV1-36 on.
pub(crate) fn stay(place: &str, from_36: &str) -> String {
    let blank = "|".repeat(16);
    format!(
        "PV1|1|I|{place}|21|||C3456789^Darwin^Quill^^^Dr^^^GMC|||300||||19|||||V17^^^RXX^VN{blank}|{from_36}"
    )
}

/// The folder with reference material, where there is one; that there is none is said.
pub(crate) fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no reference material at {}", folder.display());
    None
}
