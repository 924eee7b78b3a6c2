//! Synthetic FHIR resources: patients and their encounters, one a line, that break no rule of R4, or with labelled faults.
//!
//! Every fifth resource is a patient; the encounters behind it are of that patient, and faults are theirs, one each at most.
//! People are made up; NHS numbers are of the 999 range, which is never issued.

use std::io::{self, Write};

use crate::Dice;
use crate::cds::people::nhs_number;
use crate::faults::{LABEL_HEADER, Label};

/// What to write.
#[derive(Debug, Clone)]
pub struct Request {
    /// How many resources.
    pub resources: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Share of the encounters that break a rule, from 0 to 1; none when not given.
    pub faults: Option<f64>,
    /// Rules to break; all when none is named.
    pub fault_rules: Vec<String>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Resources.
    pub resources: u64,
    /// Labels.
    pub faults: u64,
}

/// Encounters behind each patient.
const ENCOUNTERS: u64 = 4;

/// Members of an object, in their order: names and values as they are written.
type Members = Vec<(String, String)>;

/// A fault: the rule that it breaks, the member that it is made in, what is done to that.
struct Fault {
    rule: &'static str,
    member: &'static str,
    done: &'static str,
    make: fn(&mut Members, usize),
}

const FAULTS: &[Fault] = &[
    Fault {
        rule: "VALUE-CODE",
        member: "status",
        done: "a code that is not on the list",
        make: |members, at| "\"discharged\"".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "VALUE-RANGE",
        member: "period",
        done: "a day that there is not",
        make: |members, at| "{\"start\":\"2024-02-30\"}".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "VALUE-FORMAT",
        member: "period",
        done: "a day written in another way",
        make: |members, at| "{\"start\":\"29/02/2024\"}".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "RESOURCE-MISSING",
        member: "status",
        done: "left out",
        make: |members, at| drop(members.remove(at)),
    },
    Fault {
        rule: "RESOURCE-UNKNOWN",
        member: "serviceProvider",
        done: "under another name",
        make: |members, at| "provider".clone_into(&mut members[at].0),
    },
    Fault {
        rule: "RESOURCE-KIND",
        member: "type",
        done: "an object where an array is due",
        make: |members, at| "{\"text\":\"Review\"}".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "RESOURCE-EMPTY",
        member: "type",
        done: "an empty array",
        make: |members, at| "[]".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "RESOURCE-CONTAINED",
        member: "location",
        done: "left out, so that nothing refers to the contained resource",
        make: |members, at| drop(members.remove(at)),
    },
    Fault {
        rule: "REFERENCE-UNRESOLVED",
        member: "partOf",
        done: "a reference to a contained resource that there is not",
        make: |members, at| "{\"reference\":\"#whole\"}".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "REFERENCE-TARGET",
        member: "partOf",
        done: "a reference to another type of resource",
        make: |members, at| "{\"reference\":\"Location/a\"}".clone_into(&mut members[at].1),
    },
    Fault {
        rule: "JSON-DUPLICATE",
        member: "status",
        done: "twice",
        make: |members, at| {
            let again = members[at].clone();
            members.push(again);
        },
    },
    Fault {
        rule: "JSON-NOT-WELL-FORMED",
        member: "status",
        done: "without its quotes",
        make: |members, at| "finished".clone_into(&mut members[at].1),
    },
];

/// The rules that faults break.
pub fn rules() -> Vec<&'static str> {
    FAULTS.iter().map(|fault| fault.rule).collect()
}

/// Writes resources, one a line. They break no rule of FHIR R4, but for the faults that were asked for, each of which is
/// labelled.
///
/// # Errors
/// When writing fails.
pub fn write(
    request: &Request,
    out: &mut dyn Write,
    mut labels: Option<&mut dyn Write>,
) -> io::Result<Written> {
    if let (Some(labels), Some(_)) = (labels.as_deref_mut(), request.faults) {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let named = |fault: &&Fault| {
        let mut named = request.fault_rules.iter();
        request.fault_rules.is_empty() || named.any(|rule| rule == fault.rule)
    };
    let wanted: Vec<&Fault> = FAULTS.iter().filter(named).collect();
    let share = request.faults.unwrap_or(0.0);
    let mut written = Written::default();
    for number in 0..request.resources {
        let mut dice = Dice::part(request.seed, number);
        let own = number % (ENCOUNTERS + 1);
        let mut members = if own == 0 {
            patient(number, &mut dice)
        } else {
            encounter(number - own, number, &mut dice)
        };
        if own > 0
            && (dice.below(1_000_000) as f64) < share * 1e6
            && let Some(fault) = dice.pick(&wanted)
            && let Some(at) = members.iter().position(|(name, _)| name == fault.member)
        {
            (fault.make)(&mut members, at);
            written.faults += 1;
            if let Some(labels) = labels.as_deref_mut() {
                let label = Label {
                    rule: fault.rule,
                    record: number + 1,
                    line: number + 1,
                    element: format!("Encounter.{}", fault.member),
                    description: fault.done.to_owned(),
                };
                label.write(labels)?;
            }
        }
        let members: Vec<String> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        writeln!(out, "{{{}}}", members.join(","))?;
        written.resources += 1;
    }
    Ok(written)
}

fn members<const N: usize>(members: [(&str, String); N]) -> Members {
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn patient(number: u64, dice: &mut Dice) -> Members {
    const FAMILIES: [&str; 6] = ["Abara", "Brook", "Castell", "Dhillon", "Eriksen", "Fenn"];
    const GIVEN: [&str; 6] = ["Alex", "Bo", "Charlie", "Devi", "Eden", "Finley"];
    let family = FAMILIES[dice.index(FAMILIES.len())];
    let given = GIVEN[dice.index(GIVEN.len())];
    let gender = ["female", "male", "unknown"][dice.index(3)];
    members([
        ("resourceType", quoted("Patient")),
        ("id", quoted(&format!("p{number}"))),
        (
            "identifier",
            format!(
                "[{{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"{}\"}}]",
                nhs_number(dice)
            ),
        ),
        (
            "name",
            format!("[{{\"use\":\"official\",\"family\":\"{family}\",\"given\":[\"{given}\"]}}]"),
        ),
        ("gender", quoted(gender)),
        (
            "birthDate",
            quoted(&format!(
                "{}-{:02}-{:02}",
                dice.between(1930, 2010),
                dice.between(1, 12),
                dice.between(1, 28)
            )),
        ),
    ])
}

fn encounter(patient: u64, number: u64, dice: &mut Dice) -> Members {
    let (month, day) = (dice.between(1, 12), dice.between(1, 27));
    let hour = dice.between(0, 22);
    let class = ["IMP", "AMB", "EMER"][dice.index(3)];
    let days = dice.between(0, 99);
    members([
        ("resourceType", quoted("Encounter")),
        ("id", quoted(&format!("e{number}"))),
        (
            "contained",
            format!("[{{\"resourceType\":\"Location\",\"id\":\"ward\",\"name\":\"Ward {days}\"}}]"),
        ),
        (
            "identifier",
            format!("[{{\"system\":\"https://example.nhs.uk/encounter\",\"value\":\"{number}\"}}]"),
        ),
        ("status", quoted("finished")),
        (
            "class",
            format!(
                "{{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":\"{class}\"}}"
            ),
        ),
        ("type", "[{\"text\":\"Review\"}]".to_owned()),
        (
            "subject",
            format!("{{\"reference\":\"Patient/p{patient}\"}}"),
        ),
        (
            "period",
            format!(
                "{{\"start\":\"2024-{month:02}-{day:02}T{hour:02}:00:00Z\",\"end\":\"2024-{month:02}-{:02}T{hour:02}:30:00Z\"}}",
                day + 1
            ),
        ),
        (
            "length",
            format!(
                "{{\"value\":{days}.50,\"unit\":\"h\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"h\"}}"
            ),
        ),
        (
            "location",
            "[{\"location\":{\"reference\":\"#ward\"}}]".to_owned(),
        ),
        (
            "serviceProvider",
            "{\"reference\":\"Organization/RZ9\"}".to_owned(),
        ),
        ("partOf", "{\"reference\":\"Encounter/whole\"}".to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(faults: Option<f64>, seed: u64) -> (String, String, Written) {
        let request = Request {
            resources: 1000,
            seed,
            faults,
            fault_rules: Vec::new(),
        };
        let (mut out, mut labels) = (Vec::new(), Vec::new());
        let written = write(&request, &mut out, Some(&mut labels)).expect("memory takes all");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(out), text(labels), written)
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (first, labels, written) = made(None, 1);
        assert_eq!(first, made(None, 1).0);
        assert_ne!(first, made(None, 2).0);
        assert_eq!(
            (first.lines().count(), &*labels, written.faults),
            (1000, "", 0)
        );
    }

    #[test]
    fn every_fault_is_made_and_labelled() {
        let (clean, ..) = made(None, 1);
        let (faulty, labels, written) = made(Some(0.5), 1);
        assert_eq!(labels.lines().count() as u64, written.faults + 1);
        for rule in rules() {
            assert!(labels.contains(rule), "{rule}");
        }
        let labelled = |line: usize| labels.contains(&format!(",{line},{line},"));
        for (number, (clean, faulty)) in clean.lines().zip(faulty.lines()).enumerate() {
            assert_eq!(clean != faulty, labelled(number + 1), "{number}");
        }
    }
}
