//! The gate agrees with the checker: random edits of definitions, and what both say of records that one side takes.

use std::collections::{BTreeMap, BTreeSet};

use concord_gate::change::{Certainty, ChangePlace, Comparison, Side, Whom};
use concord_gate::proof::{Checker, ProofOptions, prove};
use concord_gate::subject::Subject;
use concord_gate::{CompareOptions, compare};
use concord_sample::Dice;
use concord_sample::instance::Generator;
use concord_sample::mutate::{MutantKind, mutate};
use concord_sample::tables::sheet::Sheets;
use concord_sample::tree::Layout;
use concord_sample::value::{Extent, Values};

use crate::edits::{Document, Table};
use crate::support::Light;

/// Cases of each kind; more with `CONCORD_EDITS`.
fn cases(usual: u64) -> u64 {
    std::env::var("CONCORD_EDITS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// The first seed, so that another part of the cases can be looked at.
fn first() -> u64 {
    std::env::var("CONCORD_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// Documents, most of which the definition takes.
fn documents(subject: &Subject, dice: &mut Dice) -> Vec<Vec<u8>> {
    let schema = &subject.definition.schema;
    let mut generator = Generator::new(schema);
    let mut trees = Vec::new();
    let extents = [
        Extent::Smallest,
        Extent::Largest,
        Extent::Random,
        Extent::Random,
        Extent::Random,
    ];
    for extent in extents {
        trees.extend(generator.instance(schema.roots[0], extent, dice));
    }
    for _ in 0..25 {
        if generator.uncovered() > 0 {
            trees.extend(generator.covering(dice));
        }
    }
    let layout = Layout::default();
    let mut all: Vec<Vec<u8>> = Vec::new();
    for tree in trees {
        all.push(layout.write(&tree).into_bytes());
        // One change away from what is valid stands much that is just valid still.
        for _ in 0..6 {
            let kind = MutantKind::ALL[dice.index(MutantKind::ALL.len())];
            all.extend(mutate(kind, schema, &tree, &layout, dice).map(|mutant| mutant.bytes));
        }
    }
    all
}

/// Files, most of which the definition takes.
fn files(subject: &Subject, dice: &mut Dice) -> Vec<Vec<u8>> {
    let definition = &subject.definition;
    let table = &definition.layout.as_ref().expect("a layout").tables[0];
    let mut sheets = Sheets::new(definition, table).expect("sheets");
    let mut values = Values::new(&definition.schema);
    let mut all = Vec::new();
    for number in 0..12 {
        let mut sheet = sheets.valid(number, 1);
        if number > 1 {
            for (at, field) in table.fields.iter().enumerate() {
                let extent = [Extent::Smallest, Extent::Largest, Extent::Random][dice.index(3)];
                let made = match dice.below(4) {
                    0 => continue,
                    1 => String::new(),
                    _ => values.make(field.value, extent, dice).unwrap_or_default(),
                };
                if sheets.takes(&field.column, &made) == Some(true) {
                    sheet.rows[0][at] = made;
                }
            }
        }
        all.push(sheet.write());
        for field in &table.fields {
            if number == 0 && dice.percent(30) {
                let mut less = sheet.clone();
                less.leave_out(&field.column);
                all.push(less.write());
            }
        }
    }
    all
}

fn breaks(comparison: &Comparison, whom: Whom) -> bool {
    comparison.changes.iter().any(|change| change.breaks(whom))
}

fn told(comparison: &Comparison) -> String {
    let lines = comparison.changes.iter().map(|change| {
        let breaks: Vec<String> = change
            .breaks
            .iter()
            .map(|breaks| format!("{:?} {:?}: {}", breaks.whom, breaks.certainty, breaks.why))
            .collect();
        format!(
            "  {} {:?} [{}] lead {:?}",
            change.rule.id,
            change.place,
            breaks.join("; "),
            change.lead
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether the mistakes of a class are refused by a standard.
fn refuses_already(subject: &Subject, place: &ChangePlace) -> bool {
    let effects = subject.definition.standard.effects;
    let effect = match place {
        ChangePlace::Standard(fact) => match &**fact {
            "effects.structure" => effects.structure,
            "effects.value" => effects.value,
            _ => effects.envelope,
        },
        _ => return false,
    };
    effect.is_reject()
}

/// What is counted over all cases.
#[derive(Debug, Default)]
struct Tally {
    /// Edits after which there is no definition.
    senseless: u64,
    cases: u64,
    different: u64,
    records: u64,
    refused: u64,
    safe: u64,
    proved: u64,
    /// What is decided without a witness.
    open: u64,
    unknown: BTreeMap<String, u64>,
}

/// Says of one pair where the gate and the checker differ.
fn judge(
    old: &Subject,
    new: &Subject,
    records: [Vec<Vec<u8>>; 2],
    tally: &mut Tally,
) -> Vec<String> {
    let checker = Light::new(old, new);
    let mut comparison = compare(old, new, &CompareOptions::default());
    tally.cases += 1;
    tally.different += u64::from(!comparison.changes.is_empty());
    let mut wrong = Vec::new();
    let sides = [
        (Side::Old, Side::New, Whom::Submitter),
        (Side::New, Side::Old, Whom::Receiver),
    ];
    for ((own, other, whom), records) in sides.into_iter().zip(records) {
        let said = breaks(&comparison, whom);
        tally.safe += u64::from(!said);
        let mut seen = BTreeSet::new();
        for record in records {
            if !seen.insert(record.clone()) || !checker.check(own, &record).accepted {
                continue;
            }
            tally.records += 1;
            let verdict = checker.check(other, &record);
            if verdict.accepted {
                continue;
            }
            tally.refused += 1;
            if !said {
                wrong.push(format!(
                    "safe for {whom:?}, but {other:?} refuses:\n{}\n{:?}",
                    String::from_utf8_lossy(&record),
                    verdict.findings
                ));
                break;
            }
        }
    }
    prove(
        &mut comparison,
        old,
        new,
        &checker,
        &ProofOptions::default(),
    );
    for change in &comparison.changes {
        if let Some(witness) = &change.witness {
            tally.proved += 1;
            let submission = witness.submission.as_bytes();
            let other = match witness.taken_by {
                Side::Old => Side::New,
                Side::New => Side::Old,
            };
            if !checker.check(witness.taken_by, submission).accepted
                || checker.check(other, submission).accepted
            {
                wrong.push(format!(
                    "{}: no witness: {}",
                    change.rule.id, witness.submission
                ));
            }
            continue;
        }
        for breaks in &change.breaks {
            // A lead shows one of them; submitters go first.
            if breaks.whom == Whom::Submitter {
                let reason = breaks.why.rsplit("; ").next().unwrap_or("");
                let key = format!("{} {:?}: {reason}", change.rule.id, breaks.certainty);
                // A mistake that was refused with its record and is now refused with its file shows in the record beside it.
                let beside =
                    &*change.rule.id == "EFFECTS-RAISED" && refuses_already(old, &change.place);
                if breaks.certainty == Certainty::Decided && !beside {
                    tally.open += 1;
                    assert!(
                        breaks.why.contains("not proved: "),
                        "{}: {}",
                        change.rule.id,
                        breaks.why
                    );
                }
                if breaks.why.contains("contradicted: ") {
                    wrong.push(format!(
                        "{}: {:?} without a witness: {}",
                        change.rule.id, breaks.certainty, breaks.why
                    ));
                }
                *tally.unknown.entry(key).or_default() += 1;
            }
        }
    }
    if !wrong.is_empty() {
        wrong.push(format!("told:\n{}", told(&comparison)));
    }
    wrong
}

fn report(tally: &Tally, wrong: &[String]) {
    eprintln!("{tally:#?}");
    let shown: Vec<&str> = wrong.iter().take(6).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        tally.cases,
        shown.join("\n\n")
    );
}

/// One pair: the definition before and after, and what was edited.
type Pair = (Option<Subject>, Option<Subject>, Vec<String>);

/// Judges pairs, each drawn by a seed of its own, with records of both sides.
fn edited(
    stream: u64,
    draw: impl Fn(&mut Dice) -> Pair,
    records: impl Fn(&Subject, &mut Dice) -> Vec<Vec<u8>>,
) {
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for seed in first()..first() + cases(300) {
        let mut dice = Dice::part(stream, seed);
        let (before, after, edits) = draw(&mut dice);
        let (Some(old), Some(new)) = (before, after) else {
            tally.senseless += 1;
            continue;
        };
        let records = [records(&old, &mut dice), records(&new, &mut dice)];
        let said = judge(&old, &new, records, &mut tally);
        if !said.is_empty() {
            wrong.push(format!("seed {seed}: {edits:#?}\n{}", said.join("\n")));
        }
    }
    report(&tally, &wrong);
    assert!(tally.proved > tally.cases / 4 && tally.safe > tally.cases / 10);
    assert!(tally.senseless < tally.cases / 10);
    assert!(
        tally.open * 200 <= tally.proved,
        "{} of {}",
        tally.open,
        tally.proved
    );
}

#[test]
fn random_edits_of_documents() {
    let draw = |dice: &mut Dice| {
        let before = Document::random(dice).linked();
        let mut after = before.clone();
        let edits = (0..=dice.below(3)).map(|_| after.edit(dice)).collect();
        (before.subject("1"), after.subject("2"), edits)
    };
    edited(11, draw, documents);
}

#[test]
fn random_edits_of_tables() {
    let draw = |dice: &mut Dice| {
        let before = Table::random(dice);
        let mut after = before.clone();
        let edits = (0..=dice.below(3)).map(|_| after.edit(dice)).collect();
        (before.subject("1"), after.subject("2"), edits)
    };
    edited(12, draw, files);
}
