//! `cargo xtask coverage rules`: how every rule of every standard is proved.
//!
//! A rule is proved by its own examples, which `concord standards test` runs, and by labelled faults, which the product's
//! tests look for. What has neither is listed with the reason.

mod extracts;
mod submissions;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use clap::Subcommand;
use concord_check::BuiltinRule;
use concord_finding::RuleStatus;
use concord_sample::tables::coverage::{Coverage, kind, rules};
use concord_sample::{imaging, interchanges, practice};
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;

use crate::Failed;
use crate::oracle::Folder;

#[derive(Debug, Subcommand)]
pub(crate) enum Covered {
    /// Every rule of every standard by kind: covered by examples, by labelled faults, or not.
    Rules,
}

/// What is known of a rule in one standard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Proof {
    examples: bool,
    faults: bool,
    /// Why there are no faults, or what else must be said of them.
    reason: String,
}

/// Rules by kind and id, each proof with the standards that it holds for.
type Proofs = BTreeMap<&'static str, BTreeMap<String, BTreeMap<Proof, Vec<String>>>>;

/// A rule of one standard: its kind, its id, how it is proved.
type Found = (&'static str, String, Proof);

/// Prints how rules are proved; false when one is proved by nothing and no reason is given.
pub(crate) fn run(_: &Covered, root: &Path, out: &mut dyn Write) -> Result<bool, Failed> {
    let registry = Registry::new(vec![Box::new(Folder(root.join("schemas")))])?;
    let mut proofs = Proofs::new();
    for info in registry.list() {
        let definition = registry.load(&info.name())?;
        let found = if let Some(submission) = &definition.submission {
            submissions::found(&definition, submission)
        } else if practice::is_known(&definition) {
            extracts::found(&definition)?
        } else if definition.layout.is_some() {
            tabular(&definition)?
        } else {
            interchange(&definition)
        };
        for (kind, rule, proof) in found {
            let rules = proofs.entry(kind).or_default();
            let standards = rules.entry(rule).or_default().entry(proof).or_default();
            if standards.last() != Some(&info.name()) {
                standards.push(info.name());
            }
        }
    }
    print(&proofs, out)
}

/// Rules of the catalogue that an input of a carrier can break.
fn catalogue(tables: bool) -> impl Iterator<Item = &'static str> {
    BuiltinRule::ALL.iter().filter_map(move |rule| {
        let rule = rule.rule();
        let of_tables = rule.id.starts_with("TABLE-");
        let of_both = [
            "VALUE-CODE",
            "VALUE-FORMAT",
            "VALUE-LENGTH",
            "VALUE-RANGE",
            "VALUE-DIGITS",
            "VALUE-TYPE",
            "LIMIT-RECORD",
        ];
        let of_tables_only = of_tables
            || [
                "VALUE-MISSING",
                "VALUE-NOT-USED",
                "VALUE-UNCLEAN",
                "VALUE-DAMAGED",
            ]
            .contains(&&*rule.id);
        let wanted = of_tables_only == tables || of_both.contains(&&*rule.id);
        wanted.then_some(&*rule.id)
    })
}

fn tabular(definition: &Definition) -> Result<Vec<Found>, Failed> {
    let general: Vec<&str> = catalogue(true).collect();
    let imaging = if imaging::is_known(definition) {
        imaging::breakable(definition)
    } else {
        Vec::new()
    };
    let found = rules(definition, &general)?.into_iter().map(|covered| {
        let breakable = imaging.iter().find(|known| known.rule == covered.rule);
        let (faults, reason) = match (breakable, covered.coverage) {
            (Some(breakable), _) => {
                let needs = breakable.needs.as_ref();
                let needs = needs.map(|needs| format!("with {needs}"));
                (true, needs.unwrap_or_default())
            }
            (None, Coverage::Not(reason)) => (false, reason.to_owned()),
            (None, Coverage::Faults | Coverage::Set) => (true, String::new()),
        };
        let proof = Proof {
            examples: covered.examples,
            faults,
            reason,
        };
        (covered.kind, covered.rule, proof)
    });
    Ok(found.collect())
}

fn interchange(definition: &Definition) -> Vec<Found> {
    let made: BTreeSet<&str> = if interchanges::is_known(definition) {
        interchanges::rules().into_iter().collect()
    } else {
        concord_sample::faults::rules().into_iter().collect()
    };
    let proof = |id: &str, examples: bool| Proof {
        examples,
        faults: made.contains(id),
        reason: match id {
            _ if made.contains(id) => String::new(),
            "CDS-E1" => "it is about two interchanges of a sender".to_owned(),
            _ if examples => "no fault of it is made for samples".to_owned(),
            _ => unmade(id).to_owned(),
        },
    };
    let own = definition
        .rules
        .iter()
        .filter(|rule| rule.rule.status != RuleStatus::Retired)
        .map(|rule| {
            let examples = !rule.pass.is_empty() && !rule.fail.is_empty();
            let id = &rule.rule.id;
            (kind(&rule.check), id.to_string(), proof(id, examples))
        });
    let general =
        catalogue(false).map(|id| ("of every interchange", id.to_owned(), proof(id, false)));
    own.chain(general).collect()
}

/// Why the CDS samples have no fault for a rule of the catalogue. Mutants of instances and the checker's own tests prove
/// these.
fn unmade(id: &str) -> &'static str {
    match id {
        "LIMIT-RECORD" | "LIMIT-TEXT" | "LIMIT-ATTRIBUTES" | "LIMIT-DEPTH" => {
            "it takes an input of a size that no sample has; the checker's tests of hostile input break it"
        }
        "XML-NOT-XML" | "XML-EMPTY" => {
            "it is about an input that is no sample; the product's tests break it"
        }
        "STRUCTURE-NIL" | "STRUCTURE-ABSTRACT" | "STRUCTURE-TYPE" | "VALUE-FIXED" => {
            "no CDS interchange has a place for it; mutants of other schemas break it"
        }
        _ => "no CDS interchange has a place for it; the checker's tests break it",
    }
}

fn print(proofs: &Proofs, out: &mut dyn Write) -> Result<bool, Failed> {
    let (mut by_faults, mut by_examples, mut reasoned, mut not) =
        (0_usize, 0_usize, 0_usize, 0_usize);
    for (kind, rules) in proofs {
        writeln!(out, "{kind}")?;
        for (rule, ways) in rules {
            // Reasons that hold for some standards only are told when nothing proves the rule elsewhere.
            let anywhere = ways.keys().any(|proof| proof.faults);
            for (proof, standards) in ways {
                let more = match &*proof.reason {
                    "" => String::new(),
                    reason => format!(" {reason}"),
                };
                let said = match (proof.faults, proof.examples) {
                    (true, true) => format!("examples and faults{more}"),
                    (true, false) => format!("faults{more}"),
                    (false, true) => format!("examples; no faults: {}", proof.reason),
                    (false, false) if anywhere => continue,
                    (false, false) => format!("not covered: {}", proof.reason),
                };
                writeln!(out, "  {rule:24} {said} ({})", shortened(standards))?;
                match (proof.faults, proof.examples) {
                    (true, _) => by_faults += 1,
                    (false, true) => by_examples += 1,
                    (false, false) if proof.reason.is_empty() => not += 1,
                    (false, false) => reasoned += 1,
                }
            }
        }
    }
    writeln!(
        out,
        "\n{by_faults} by labelled faults, {by_examples} by examples alone, {reasoned} not covered for a reason, {not} not covered"
    )?;
    Ok(not == 0)
}

fn shortened(standards: &[String]) -> String {
    if standards.len() > 3 {
        return format!("{} standards", standards.len());
    }
    standards.join(", ")
}
