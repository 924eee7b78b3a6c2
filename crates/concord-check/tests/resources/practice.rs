//! What practices and the e-Referral Service send: our own fixtures, and every sample of the reference.

use concord_read::json::Form;

use crate::support::{R4, STU3, check_by, files, told};

/// `LINE:COLUMN effect RULE path: message` of what is found in a fixture.
fn found(name: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/fhir/practice")
        .join(name);
    let bytes = std::fs::read(path).unwrap();
    let r4 = ["service-requests", "search-of", "document-in"];
    let plan = if r4.iter().any(|start| name.starts_with(start)) {
        &R4
    } else {
        &STU3
    };
    let (checked, findings) = check_by(plan, &bytes, Form::Document, 1);
    assert_eq!(checked.error.map(|error| error.to_string()), None, "{name}");
    let findings = findings.iter().map(|finding| {
        let place = finding.place.unwrap();
        let effect = finding.effect.as_str();
        format!("{}:{} {effect} {}", place.line, place.column, told(finding))
    });
    findings.collect()
}

#[test]
fn clean_fixtures_have_no_mistakes() {
    for name in [
        "worklist.json",
        "service-requests.json",
        "search-of-two.json",
        "document-in-message.json",
        "send-document.xml",
    ] {
        assert_eq!(found(name), Vec::<String>::new(), "{name}");
    }
    // What the service sends is told of and not refused.
    assert_eq!(
        found("e-referral.json"),
        [
            "11:5 note RESOURCE-CONTAINED ReferralRequest.contained[0]: a contained resource has a version (meta.versionId)"
        ]
    );
}

#[test]
fn a_broken_referral_is_told_mistake_by_mistake() {
    let expected = include_str!("broken-referral.txt");
    assert_eq!(found("e-referral-broken.json").join("\n") + "\n", expected);
}

#[test]
fn a_broken_message_is_told_mistake_by_mistake() {
    let expected = include_str!("broken-message.txt");
    assert_eq!(
        found("send-document-broken.xml").join("\n") + "\n",
        expected
    );
}

/// Each sample with the release that it is of, and the rules that it breaks: published samples are not all right.
const SAMPLES: [(&str, &str, &str); 25] = [
    (
        "ers/cancelReferral_responses_CancelledBookedReferralReferrerCancellation.json",
        "3",
        "RESOURCE-CONTAINED RESOURCE-EMPTY RESOURCE-KIND",
    ),
    (
        "ers/createReferral_responses_ReferralRequest.json",
        "3",
        "RESOURCE-EMPTY",
    ),
    (
        "ers/getCodeSystem_responses_ClinicTypeCodeSystem.json",
        "3",
        "",
    ),
    (
        "ers/getCodeSystem_responses_PriorityCodeSystem.json",
        "3",
        "",
    ),
    (
        "ers/getCodeSystem_responses_ReferralCancellationReasonCodeSystem.json",
        "3",
        "",
    ),
    (
        "ers/getCodeSystem_responses_SpecialtyCodeSystem.json",
        "3",
        "",
    ),
    // Its addresses hold a mark where the address of the server should stand.
    ("ers/r4_searchServiceRequest.json", "4", "BUNDLE-ADDRESS"),
    ("ers/retrieveAppointment_responses_BookedDBS.json", "3", ""),
    // The type of a participant is an object where STU3 has a list.
    (
        "ers/retrieveReferralRequest_responses_BookedDBS.json",
        "3",
        "RESOURCE-CONTAINED RESOURCE-KIND",
    ),
    (
        "ers/retrieveReferralRequest_responses_BookedIBS.json",
        "3",
        "RESOURCE-CONTAINED",
    ),
    (
        "ers/retrieveReferralRequest_responses_ConvertedFromAdviceAndGuidance.json",
        "3",
        "RESOURCE-CONTAINED",
    ),
    (
        "ers/retrieveReferralRequest_responses_Unbooked.json",
        "3",
        "",
    ),
    (
        "ers/retrieveReferralRequest_responses_WithRelatedReferral.json",
        "3",
        "RESOURCE-CONTAINED RESOURCE-KIND",
    ),
    (
        "ers/retrieveWorklist_responses_AppointmentSlotIssues.json",
        "3",
        "",
    ),
    (
        "ers/retrieveWorklist_responses_AwaitingBooking.json",
        "3",
        "",
    ),
    (
        "ers/retrieveWorklist_responses_ReferralsForReview.json",
        "3",
        "",
    ),
    // Templates, with marks where codes of organisations should stand, and a number of no patient.
    ("gpconnect/pharmacy-first-1.xml", "3", "RESOURCE-IDENTIFIER"),
    (
        "gpconnect/send-document-generic.xml",
        "3",
        "RESOURCE-IDENTIFIER",
    ),
    (
        "gpconnect/structured_allergies1.json",
        "3",
        "REFERENCE-TARGET RESOURCE-IDENTIFIER RESOURCE-KIND",
    ),
    // The header is not first, full URLs are no URLs, and the event is still to be confirmed.
    (
        "gpconnect/update-record-cpcs.xml",
        "3",
        "BUNDLE-ADDRESS BUNDLE-ENTRY RESOURCE-IDENTIFIER RESOURCE-SYSTEM",
    ),
    (
        "transfer_of_care/CodeSystem-ITK-MessageEvent-2.xml",
        "3",
        "",
    ),
    (
        "transfer_of_care/CodeSystem-ITK-MessageEvent-2.xml",
        "4",
        "",
    ),
    (
        "transfer_of_care/document-message-TOC.json",
        "4",
        "RESOURCE-IDENTIFIER",
    ),
    // XML, whatever its name says.
    ("bars/REFREQ02.json", "4", "RESOURCE-IDENTIFIER"),
    ("bars/process_message_booking.json", "4", ""),
];

#[test]
fn every_sample_breaks_the_rules_that_are_known_of_it() {
    let samples = files("practice/samples");
    if samples.is_empty() {
        return;
    }
    for (name, release, expected) in SAMPLES {
        let (_, bytes) = samples.iter().find(|(known, _)| known == name).expect(name);
        let plan = if release == "3" { &STU3 } else { &R4 };
        let (checked, findings) = check_by(plan, bytes, Form::Document, 1);
        assert_eq!(checked.summary.unreadable, None, "{name}");
        let mut rules: Vec<&str> = findings.iter().map(|finding| &*finding.rule.id).collect();
        rules.sort_unstable();
        rules.dedup();
        let all: Vec<String> = findings.iter().map(told).collect();
        assert_eq!(rules.join(" "), expected, "{name}\n{}", all.join("\n"));
    }
    let known = |name: &str| SAMPLES.iter().any(|(known, ..)| *known == name);
    let resources = ["ers/", "gpconnect/", "transfer_of_care/", "bars/"];
    let unknown: Vec<&String> = samples
        .iter()
        .map(|(name, _)| name)
        .filter(|name| resources.iter().any(|folder| name.starts_with(folder)))
        .filter(|name| !known(name) && !name.contains("_example."))
        .collect();
    assert_eq!(unknown, Vec::<&String>::new());
}
