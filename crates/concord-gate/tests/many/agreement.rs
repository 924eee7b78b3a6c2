//! The gate agrees with the checker: definitions edited at random, and submissions of one that the other refuses.

use concord_gate::change::{Certainty, Side, Whom};
use concord_gate::proof::{Checker as _, ProofOptions, prove};
use concord_gate::subject::Subject;
use concord_sample::Dice;

use crate::checker::Both;
use crate::edits::Edited;
use crate::support::{compared, lines};

/// Cases; more with `CONCORD_EDITS`.
fn cases(usual: u64) -> u64 {
    let said = std::env::var("CONCORD_EDITS").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The first seed, so that another part of the cases can be looked at.
fn first() -> u64 {
    let said = std::env::var("CONCORD_SEED").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(0)
}

type Files = Vec<(String, String)>;

/// Texts that some format or list takes.
const TEXTS: [&str; 24] = [
    "",
    "1",
    "2",
    "3",
    "9",
    "AA",
    "BB",
    "CC",
    "ZZ",
    "X",
    "A1",
    "12",
    "1234",
    "12345",
    "2024-04-15",
    "2024-04-01",
    "2024-05-20",
    "1999-01-01",
    "1.5",
    "111",
    "222",
    "5",
    "9990000018",
    "720433000",
];

/// Submissions, many of which a definition takes.
fn submissions(subject: &Subject, dice: &mut Dice) -> Vec<Files> {
    let submission = subject.definition.submission.as_ref().expect("tables");
    let mut all = Vec::new();
    for _ in 0..6 {
        let people = dice.index(3);
        let mut files: Vec<(String, Vec<Vec<String>>)> = Vec::new();
        for table in &submission.tables {
            let names = table.columns.iter().map(|column| column.name.to_string());
            let rows = if table.name.starts_with("M000") {
                1
            } else {
                people
            };
            let mut lines = vec![names.collect::<Vec<_>>()];
            for row in 0..rows {
                let cells = table.columns.iter().map(|column| {
                    let link = column.key
                        || table.links.iter().any(|link| {
                            link.columns
                                .iter()
                                .any(|(own, _)| table.columns[*own].name == column.name)
                        });
                    match &*column.name {
                        "Version" => "1.0".to_owned(),
                        "Provider" => "RWK".to_owned(),
                        "Start" => "2024-04-01".to_owned(),
                        "End" => "2024-04-30".to_owned(),
                        "Person" if link => format!("P{row}"),
                        "Referral" if link => format!("R{row}"),
                        "Contact" if link => format!("C{row}"),
                        _ => plausible(column, dice),
                    }
                });
                lines.push(cells.collect());
            }
            files.push((format!("{}.csv", table.name), lines));
        }
        for _ in 0..12 {
            let mut changed = files.clone();
            for _ in 0..dice.index(3) {
                let at = 1 + dice.index(changed.len() - 1);
                let rows = &mut changed[at].1;
                if rows.len() < 2 {
                    continue;
                }
                let row = 1 + dice.index(rows.len() - 1);
                match dice.index(8) {
                    0 => drop(rows.remove(row)),
                    1 => {
                        let again = rows[row].clone();
                        rows.push(again);
                    }
                    _ => {
                        let column = dice.index(rows[row].len());
                        TEXTS[dice.index(TEXTS.len())].clone_into(&mut rows[row][column]);
                    }
                }
            }
            let texts = changed.into_iter().map(|(name, rows)| {
                let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
                (name, rows.join("\n") + "\n")
            });
            all.push(texts.collect());
        }
    }
    all
}

/// A text for a column that its format and its codes take, most of the time.
fn plausible(column: &concord_standards::submission::Column, dice: &mut Dice) -> String {
    if dice.percent(25) && column.mandation.letter() != "M" {
        return String::new();
    }
    let fits = |text: &&&str| {
        let formed = column.form.as_ref().is_none_or(|form| form.takes(text));
        let coded = column
            .codes
            .as_ref()
            .is_none_or(|codes| codes.permits(text, None));
        !text.is_empty() && formed && coded
    };
    let all: Vec<&&str> = TEXTS.iter().filter(fits).collect();
    if all.is_empty() {
        let form = column.form.as_ref();
        let made = form.and_then(|form| form.examples().0.into_iter().next());
        return made.unwrap_or_default();
    }
    (*all[dice.index(all.len())]).to_owned()
}

fn breaks(comparison: &concord_gate::change::Comparison, whom: Whom) -> bool {
    comparison.changes.iter().any(|change| change.breaks(whom))
}

#[test]
fn what_is_safe_is_taken_and_what_breaks_is_shown_or_not_known() {
    let (mut taken, mut refused, mut safe, mut shown, mut unknown) = (0u64, 0u64, 0u64, 0u64, 0u64);
    for seed in first()..first() + cases(120) {
        let mut dice = Dice::new(seed);
        let before = Edited::new(&mut dice);
        let mut after = before.clone();
        for _ in 0..=dice.index(3) {
            after.edit(&mut dice);
        }
        let (Some(old), Some(new)) = (before.subject(), after.subject()) else {
            continue;
        };
        let both = Both::new(&old, &new);
        let mut comparison = compared(&old, &new);
        assert_eq!(
            lines(&comparison),
            lines(&compared(&old, &new)),
            "seed {seed}"
        );
        let itself = compared(&new, &new);
        assert!(itself.is_empty(), "seed {seed}: {:#?}", lines(&itself));
        for (sender, subject, whom) in [
            (Side::Old, &old, Whom::Submitter),
            (Side::New, &new, Whom::Receiver),
        ] {
            let is_safe = !breaks(&comparison, whom);
            safe += u64::from(is_safe);
            for files in submissions(subject, &mut dice) {
                if !both.check_files(sender, &files).accepted {
                    continue;
                }
                taken += 1;
                let said = both.check_files(sender.other(), &files);
                refused += u64::from(!said.accepted);
                assert!(
                    said.accepted || !is_safe,
                    "seed {seed}: safe for {whom}, and refused: {:#?}\n{:#?}\n{files:#?}\n{before:#?}\n{after:#?}",
                    said.findings,
                    lines(&comparison),
                );
            }
        }
        if seed % 5 == 0 {
            prove(
                &mut comparison,
                &old,
                &new,
                &both,
                &ProofOptions {
                    shrinking: 20,
                    ..ProofOptions::default()
                },
            );
            for change in &comparison.changes {
                for breaks in change
                    .breaks
                    .iter()
                    .filter(|breaks| matches!(breaks.whom, Whom::Submitter | Whom::Receiver))
                {
                    match breaks.certainty {
                        Certainty::Proved => shown += 1,
                        Certainty::Unknown => unknown += 1,
                        Certainty::Decided => assert!(
                            change.witness.is_some()
                                || breaks.whom == Whom::Receiver
                                || breaks.why.contains("not proved"),
                            "seed {seed}: {} {}",
                            change.message(),
                            breaks.why
                        ),
                    }
                }
            }
        }
    }
    eprintln!(
        "{taken} taken, {refused} refused by the other side, {safe} safe, {shown} shown, {unknown} not known"
    );
    assert!(
        taken > 100 && refused > 10 && safe > 10 && shown > 5,
        "too little was tried"
    );
}
