//! Checking one document in every way there is, and what must hold whatever the document.
//!
//! Also used by the fuzz targets, so it knows nothing of the test harness.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use concord_check::capture::{CaptureColumn, CaptureGroup, CapturePath, CapturePlan};
use concord_check::{CHUNK, CheckedFile, Options, Part, Plan, Rules, check};
use concord_finding::{Effect, Finding, Masking, Verdict};
use concord_read::xml::Chunks;
use concord_standards::compile::CompiledSchema;

/// A structure with every construction that the checker handles.
pub const BATCH_XSD: &str = include_str!("../../../../fixtures/hostile/batch.xsd");
/// A valid document of it.
pub const BATCH: &str = include_str!("../../../../fixtures/hostile/batch.xml");
/// A structure of the shape of a Commissioning Data Set interchange.
pub const INTERCHANGE_XSD: &str = include_str!("../../../../fixtures/hostile/interchange.xsd");
/// A valid document of it.
pub const INTERCHANGE: &str = include_str!("../../../../fixtures/hostile/interchange.xml");

/// Compiles an XSD given as text.
pub fn compiled(xsd: &str) -> Arc<CompiledSchema> {
    let files = BTreeMap::from([("test.xsd".to_owned(), xsd.to_owned())]);
    let schema = concord_standards::xsd::import(&files, "test.xsd").expect("the XSD is understood");
    Arc::new(
        CompiledSchema::compile(Arc::new(schema)).expect("its content models are deterministic"),
    )
}

fn path(text: &str) -> CapturePath {
    text.split('/').map(Arc::from).collect()
}

fn group(parent: Option<usize>, rows: &[&str], columns: &[&[&str]]) -> CaptureGroup {
    CaptureGroup {
        parent,
        paths: rows.iter().map(|text| path(text)).collect(),
        columns: columns
            .iter()
            .map(|paths| CaptureColumn {
                name: paths[0].to_owned(),
                paths: paths.iter().map(|text| path(text)).collect(),
            })
            .collect(),
    }
}

/// The plan for [`BATCH_XSD`], with values captured in records of both kinds.
pub fn batch() -> Plan {
    let person = group(
        None,
        &["Batch/Person", "Batch/Visit"],
        &[
            &["Batch/Person/@id"],
            &[
                "Batch/Person/Identity/Number",
                "Batch/Person/Identity/Withheld",
            ],
            &["Batch/Person/Born"],
            &["Batch/Person/Weight"],
            &["Batch/Person/Weight/@unit"],
            &["Batch/Visit/Story"],
        ],
    );
    let contact = group(
        Some(0),
        &["Batch/Person/Contact"],
        &[
            &["Batch/Person/Contact/Kind"],
            &["Batch/Person/Contact/Preset"],
            &["Batch/Person/Contact/Fixed"],
        ],
    );
    let event = group(
        Some(0),
        &["Batch/Visit/Event", "Batch/Visit/Operation"],
        &[
            &["Batch/Visit/Event/Place", "Batch/Visit/Operation/Place"],
            &["Batch/Visit/Event/Ward", "Batch/Visit/Operation/Ward"],
        ],
    );
    let capture = CapturePlan {
        groups: vec![person, contact, event],
    };
    Plan::new(
        compiled(BATCH_XSD),
        Vec::new(),
        capture,
        vec![path("Batch/Person/Identity/Number")],
    )
}

/// The plan for [`INTERCHANGE_XSD`], with values captured and a key for each record.
pub fn interchange() -> Plan {
    let message = group(
        None,
        &["Interchange/Message"],
        &[
            &["Interchange/Message/MessageHeader/UniqueIdentifier"],
            &["Interchange/Message/MessageHeader/@Type"],
            &["Interchange/Message/Attendance/Patient/BirthDate"],
            &[
                "Interchange/Message/Attendance/Arrival",
                "Interchange/Message/Removal/RemovedOn",
            ],
        ],
    );
    let diagnosis = group(
        Some(0),
        &["Interchange/Message/Attendance/Diagnosis"],
        &[
            &["Interchange/Message/Attendance/Diagnosis/DiagnosisCode"],
            &["Interchange/Message/Attendance/Diagnosis/PresentOnAdmission"],
        ],
    );
    let capture = CapturePlan {
        groups: vec![message, diagnosis],
    };
    let keys = vec![path("Interchange/Message/MessageHeader/UniqueIdentifier")];
    Plan::new(
        compiled(INTERCHANGE_XSD),
        vec!["Message".into()],
        capture,
        keys,
    )
}

/// Rules that break nothing and write down every captured value, in the order of the input.
struct Collect<'p> {
    plan: &'p CapturePlan,
    values: Mutex<Vec<String>>,
}

impl Rules for Collect<'_> {
    type Header = ();
    type Scratch = ();
    type Summary = ();
    type State = ();
    type Outcome = ();

    fn scratch(&self) {}
    fn header(&self, _: &Part<'_>) {}
    fn evaluate(&self, _: &Part<'_>, (): &(), (): &mut (), _: &mut Vec<concord_check::Draft>) {}
    fn start(&self) {}
    fn fold(&self, (): &mut (), (): (), part: &Part<'_>, _: &mut Vec<concord_check::Draft>) {
        let mut values = self.values.lock().expect("no thread that holds it panics");
        for (number, rows) in part.captured.groups.iter().enumerate() {
            for row in 0..rows.len() {
                let group = &self.plan.groups[number];
                // Numbers of rows are counted in the chunk; where the parent stands is the same for every chunk size.
                let parent = group.parent.map(|parent| {
                    let offsets = &part.captured.groups[parent].offsets;
                    part.offset + u64::from(offsets[rows.parents[row] as usize])
                });
                let cells: Vec<Option<&str>> = (0..group.columns.len())
                    .map(|column| part.captured.text(part.chunk, number, row, column))
                    .collect();
                let record = part.first_record + u64::from(rows.records[row]);
                let offset = part.offset + u64::from(rows.offsets[row]);
                values.push(format!(
                    "record {record}, group {number} at {offset} in {parent:?}: {cells:?}"
                ));
            }
        }
    }
    fn finish(
        &self,
        (): (),
        (): (),
        _: &Part<'_>,
        _: &mut Vec<(concord_check::Draft, Option<u64>)>,
    ) {
    }
}

/// How a document is checked.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// With the fast path.
    pub fast: bool,
    /// Threads.
    pub threads: usize,
    /// About how many bytes a chunk has.
    pub target: usize,
}

/// As users have it.
pub const USUAL: Way = Way {
    fast: true,
    threads: 1,
    target: CHUNK,
};
/// The exact path alone.
pub const EXACT: Way = Way {
    fast: false,
    threads: 1,
    target: CHUNK,
};

/// What came of it.
pub struct Checked {
    /// Findings in their order.
    pub findings: Vec<Finding>,
    /// Captured values, sorted.
    pub values: Vec<String>,
    /// The account, and the error if there was one.
    pub file: CheckedFile<()>,
}

impl Checked {
    /// One finding a line: rule, effect, place, path, record, facts.
    pub fn lines(&self) -> Vec<String> {
        self.findings.iter().map(line).collect()
    }

    /// The excerpts.
    pub fn excerpts(&self) -> Vec<String> {
        self.findings
            .iter()
            .map(|finding| format!("{:?}", finding.excerpt))
            .collect()
    }

    /// The rules broken, in the order of the findings.
    pub fn rules(&self) -> Vec<&str> {
        self.findings
            .iter()
            .map(|finding| &*finding.rule.id)
            .collect()
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.file.summary.verdict
    }
}

fn line(finding: &Finding) -> String {
    let place = finding
        .place
        .map(|place| format!("{}:{} (byte {})", place.line, place.column, place.offset));
    let facts: Vec<String> = finding
        .facts
        .iter()
        .map(|(name, fact)| format!("{name}={}", fact.raw(Masking::Revealed)))
        .collect();
    format!(
        "{} {} {} [{}] record {:?} {:?} element {:?} value {:?} expected {:?} facts {facts:?}: {}",
        place.unwrap_or_default(),
        finding.rule.id,
        finding.effect.as_str(),
        finding.path.as_deref().unwrap_or(""),
        finding.record,
        finding.record_key,
        finding.element,
        finding.value,
        finding.expected,
        finding.message(Masking::Revealed),
    )
}

/// Checks bytes one way.
pub fn run(plan: &Plan, bytes: &[u8], way: Way) -> Checked {
    let name: Arc<str> = "test.xml".into();
    let chunks = Chunks::new(bytes, name.clone(), way.target, plan.limits.record_size);
    let rules = Collect {
        plan: &plan.capture,
        values: Mutex::default(),
    };
    let mut findings = Vec::new();
    let options = Options {
        threads: way.threads,
        fast: way.fast,
        ..Options::default()
    };
    let file = check(
        chunks,
        &name,
        Some(bytes.len() as u64),
        plan,
        &rules,
        options,
        &mut |finding| {
            findings.push(finding);
            ControlFlow::Continue(())
        },
    );
    let mut values = rules
        .values
        .into_inner()
        .expect("no thread that held it panicked");
    values.sort();
    Checked {
        findings,
        values,
        file,
    }
}

/// What must hold of every document that can be read: records and bytes add up, places are where they say, counts are
/// those of the findings, and the verdict follows from them.
pub fn account(bytes: &[u8], checked: &Checked) -> Result<(), String> {
    let summary = &checked.file.summary;
    let ensure = |holds: bool, what: &str| {
        if holds {
            Ok(())
        } else {
            Err(format!("{what}: {summary:?}\n{:#?}", checked.lines()))
        }
    };
    let records = summary.records;
    ensure(
        records.records == records.accepted + records.rejected,
        "records in = accepted + rejected",
    )?;
    ensure(
        checked.file.error.is_some() || summary.bytes == bytes.len() as u64,
        "bytes read = size",
    )?;
    ensure(
        summary.findings.values().sum::<u64>() == checked.findings.len() as u64,
        "findings are counted",
    )?;
    let gravest = checked.findings.iter().map(|finding| finding.effect).max();
    let truncated = checked.rules().contains(&"XML-TRUNCATED");
    ensure(
        !truncated || summary.verdict == Verdict::Unreadable,
        "a truncated file is unreadable",
    )?;
    let passes = summary.verdict == Verdict::Accepted;
    ensure(
        !passes || gravest.is_none_or(|effect| effect < Effect::RejectRecord),
        "accepted without such a finding",
    )?;
    if gravest == Some(Effect::RejectFile) {
        ensure(
            matches!(summary.verdict, Verdict::Rejected | Verdict::Unreadable),
            "a rejected file is not accepted",
        )?;
    }
    let mut last = 0;
    for finding in &checked.findings {
        let Some(place) = finding.place else { continue };
        ensure(place.offset <= bytes.len() as u64, "places lie in the file")?;
        let before = &bytes[..place.offset as usize];
        let line = before.split(|byte| *byte == b'\n').count() as u64;
        let in_line = before
            .rsplit(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let characters = in_line
            .iter()
            .filter(|byte| !(0x80..0xC0).contains(*byte))
            .count() as u64;
        ensure(
            (place.line, place.column) == (line, characters + 1),
            "line and column follow from the offset",
        )?;
        ensure(
            place.offset >= last,
            "findings come in the order of the input",
        )?;
        last = place.offset;
        if let Some(excerpt) = &finding.excerpt {
            let end = excerpt.start + excerpt.length;
            ensure(
                excerpt.text.get(excerpt.start..end).is_some(),
                "an excerpt marks a part of itself",
            )?;
        }
    }
    Ok(())
}

/// That two ways of checking give the same; `excerpts` says whether excerpts are compared.
pub fn same(
    first: (&str, &Checked),
    second: (&str, &Checked),
    excerpts: bool,
) -> Result<(), String> {
    let differ = |what: &str, first_is: String, second_is: String| {
        Err(format!(
            "{what} differ\n{}:\n{first_is}\n{}:\n{second_is}",
            first.0, second.0
        ))
    };
    let (a, b) = (first.1, second.1);
    if a.lines() != b.lines() {
        return differ("findings", a.lines().join("\n"), b.lines().join("\n"));
    }
    if a.values != b.values {
        return differ("captured values", a.values.join("\n"), b.values.join("\n"));
    }
    if a.file.summary != b.file.summary {
        return differ(
            "accounts",
            format!("{:?}", a.file.summary),
            format!("{:?}", b.file.summary),
        );
    }
    if excerpts && a.excerpts() != b.excerpts() {
        return differ("excerpts", a.excerpts().join("\n"), b.excerpts().join("\n"));
    }
    Ok(())
}

/// Checks a document with both paths, several sizes of chunk and two threads; all must give the same, and it must add up.
pub fn examine(plan: &Plan, bytes: &[u8], targets: &[usize]) -> Result<Checked, String> {
    let usual = run(plan, bytes, USUAL);
    account(bytes, &usual)?;
    let exact = run(plan, bytes, EXACT);
    same(("exact path", &exact), ("fast path", &usual), true)?;
    for target in targets {
        for threads in [1, 2] {
            let way = Way {
                fast: true,
                threads,
                target: *target,
            };
            let other = run(plan, bytes, way);
            let name = format!("chunks of {target}, {threads} thread(s)");
            same(("one chunk", &usual), (&name, &other), false)?;
        }
    }
    Ok(usual)
}
