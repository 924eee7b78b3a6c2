//! The way read aloud.

use concord_finding::Masking;

use super::outcome::{Answer, Outcome};

/// One sentence for each box on the way and one for the end, in plain English.
pub fn explain(outcome: &Outcome, masking: Masking) -> Vec<String> {
    let mut sentences: Vec<String> = outcome
        .steps
        .iter()
        .map(|step| {
            format!(
                "{}: {} {}, because {}.",
                step.id,
                step.question,
                match step.answer {
                    Answer::Yes => "Yes",
                    Answer::No => "No",
                },
                step.because.shown(masking)
            )
        })
        .collect();
    if let Some(outside) = &outcome.outside {
        sentences.push(format!(
            "The method does not say who pays: {}.",
            outside.shown(masking)
        ));
    }
    if let Some(missing) = &outcome.undetermined {
        sentences.push(format!(
            "{}: who pays cannot be said without {}.",
            missing.at,
            missing.what.shown(masking)
        ));
    }
    if let (Some(code), Some(title)) = (&outcome.commissioner, &outcome.title) {
        sentences.push(format!("So {code} pays: {title}."));
    } else if let (Some(title), None) = (&outcome.title, &outcome.undetermined) {
        sentences.push(format!("So it is {title}."));
    }
    if let Some(reason) = &outcome.reason_code {
        let category = outcome
            .service_category
            .as_deref()
            .map_or_else(String::new, |category| {
                format!(", with service category {category}")
            });
        sentences.push(format!("The published reason code is {reason}{category}."));
    }
    if let Some(submitted) = &outcome.submitted {
        sentences.push(match outcome.agrees() {
            Some(true) => format!("{submitted} was submitted, which agrees."),
            Some(false) => format!("{submitted} was submitted, which differs."),
            None => format!("{submitted} was submitted."),
        });
    }
    sentences
}
