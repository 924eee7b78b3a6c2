//! What a resource of FHIR says of itself: what is needed to know it again, and whom it is about.

use concord_read::json::{Fault, Kind, Reader};
use jiff::Timestamp;

use crate::judge::{Carrier, Identity};

/// Longest text that is taken; what is longer is cut.
const LONGEST: usize = 200;
/// Objects and arrays inside one another that are passed over; judging says that they are too many.
const DEEPEST: usize = 256;
/// Elements that say whom a resource is about (FHIR R4, the patient compartment; `for` is a task's).
const ABOUT: [&str; 4] = ["subject", "patient", "beneficiary", "for"];

/// Whether bytes begin as JSON does, so that they are a resource of FHIR if they are anything.
///
/// ```
/// use concord_feed::is_resource;
///
/// assert!(is_resource(b" {\"resourceType\": \"Patient\"}"));
/// assert!(!is_resource(b"MSH|^~\\&|PAS|RXX\r"));
/// ```
pub fn is_resource(message: &[u8]) -> bool {
    matches!(message.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// What a resource of FHIR in JSON says of itself, as far as a feed needs it.
///
/// It is named by type and id, and by `meta.versionId` or, without one, `meta.lastUpdated`: a resource that changes keeps its
/// id. Its sender is `meta.source`, without what stands behind `?` or `#`.
///
/// ```
/// let bytes = br#"{"resourceType": "Encounter", "id": "e7", "meta": {"versionId": "2", "source": "http://pas.example#12"},
///     "subject": {"reference": "Patient/p1"}}"#;
/// let resource = concord_feed::Resource::read(bytes).unwrap();
/// assert_eq!(resource.identity.control_id, "Encounter/e7/_history/2");
/// assert_eq!(resource.identity.application, "http://pas.example");
/// assert_eq!(resource.patient.as_deref(), Some("Patient/p1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Which one it is, and from where.
    pub identity: Identity,
    /// When it was made: of a bundle its `timestamp`, else `meta.lastUpdated`.
    pub made: Option<Timestamp>,
    /// Whom it is about: a patient's type and id, or however else the patient is referred to. Of a bundle the first patient in
    /// it, or whom its first resource with a subject is about.
    pub patient: Option<String>,
}

impl Resource {
    /// Reads what a resource says of itself, as far as it can be read; `None` when the bytes do not begin as JSON does.
    pub fn read(message: &[u8]) -> Option<Self> {
        if !is_resource(message) {
            return None;
        }
        let mut said = Said::default();
        let mut reading = Reading(Reader::new(message, 0));
        // What cannot be read further says no more; judging tells why.
        let _ = reading.resource(&mut said, true);
        let known = |text: &str| !text.is_empty();
        let mut control_id = String::new();
        if known(&said.kind) && known(&said.id) {
            control_id = format!("{}/{}", said.kind, said.id);
            if known(&said.version) {
                control_id.extend([VERSION, &said.version]);
            } else if known(&said.updated) {
                control_id.extend([CHANGED, &said.updated]);
            }
        }
        let made = [&said.timestamp, &said.updated];
        Some(Self {
            made: made.into_iter().find_map(|text| text.parse().ok()),
            patient: said.patient(),
            identity: Identity {
                carrier: Carrier::Resource,
                application: before(&said.source, &['?', '#']).to_owned(),
                facility: String::new(),
                control_id,
                kind: said.kind,
            },
        })
    }
}

/// Stands between a resource's id and its version.
pub(crate) const VERSION: &str = "/_history/";
/// Stands between a resource's id and the time of its last change.
pub(crate) const CHANGED: &str = "@";

#[derive(Default)]
struct Said {
    kind: String,
    id: String,
    version: String,
    updated: String,
    source: String,
    timestamp: String,
    about: Option<String>,
    /// The first patient among the entries, else whom the first entry with a subject is about.
    inside: Option<String>,
    inside_is_patient: bool,
}

impl Said {
    fn patient(&self) -> Option<String> {
        if self.kind == "Patient" && !self.id.is_empty() {
            return Some(format!("Patient/{}", self.id));
        }
        self.about.clone().or_else(|| self.inside.clone())
    }
}

struct Reading<'b>(Reader<'b>);

impl Reading<'_> {
    /// Reads a resource; of the outermost also what stands in its entries.
    fn resource(&mut self, said: &mut Said, outermost: bool) -> Result<(), Fault> {
        self.members(|reading, name| {
            match name {
                "resourceType" => {
                    let kind = reading.text()?;
                    // It is shown as it is, so that only what can be a type is taken for one.
                    if kind.len() <= 64 && kind.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                        said.kind = kind;
                    }
                }
                "id" => said.id = reading.text()?,
                "timestamp" => said.timestamp = reading.text()?,
                "meta" => reading.members(|reading, name| {
                    match name {
                        "versionId" => said.version = reading.text()?,
                        "lastUpdated" => said.updated = reading.text()?,
                        "source" => said.source = reading.text()?,
                        _ => reading.skip()?,
                    }
                    Ok(())
                })?,
                "entry" if outermost => reading.entries(said)?,
                name if ABOUT.contains(&name) => {
                    let about = reading.reference()?;
                    said.about = said.about.take().or(about);
                }
                _ => reading.skip()?,
            }
            Ok(())
        })
    }

    fn entries(&mut self, said: &mut Said) -> Result<(), Fault> {
        if self.0.kind()? != Kind::Array {
            return self.skip();
        }
        self.0.open_array()?;
        let mut first = true;
        while self.0.item(first)? {
            first = false;
            self.members(|reading, name| {
                if name != "resource" {
                    return reading.skip();
                }
                let mut inside = Said::default();
                reading.resource(&mut inside, false)?;
                let is_patient = inside.kind == "Patient";
                let patient = inside.patient();
                if patient.is_some()
                    && (said.inside.is_none() || is_patient && !said.inside_is_patient)
                {
                    said.inside = patient;
                    said.inside_is_patient = is_patient;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Whom a reference refers to; nothing where that stands in the resource itself.
    fn reference(&mut self) -> Result<Option<String>, Fault> {
        let (mut reference, mut identifier) = (String::new(), String::new());
        self.members(|reading, name| {
            match name {
                "reference" => reference = reading.text()?,
                "identifier" => reading.members(|reading, name| {
                    if name == "value" {
                        identifier = reading.text()?;
                        return Ok(());
                    }
                    reading.skip()
                })?,
                _ => reading.skip()?,
            }
            Ok(())
        })?;
        let known = [target(&reference), &identifier];
        let mut known = known.into_iter().filter(|text| !text.is_empty());
        Ok(known.next().map(str::to_owned))
    }

    /// The members of an object, each of which `take` must take; anything but an object is passed over.
    fn members(
        &mut self,
        mut take: impl FnMut(&mut Self, &str) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.0.kind()? != Kind::Object {
            return self.skip();
        }
        self.0.open_object()?;
        let mut first = true;
        while let Some(name) = self.0.member(first)? {
            first = false;
            let name = name.says(self.0.bytes());
            take(self, &name)?;
        }
        Ok(())
    }

    /// A string without blanks around it; empty where something else stands.
    fn text(&mut self) -> Result<String, Fault> {
        if self.0.kind()? != Kind::String {
            self.skip()?;
            return Ok(String::new());
        }
        let text = self.0.string()?.says(self.0.bytes());
        Ok(text.trim().chars().take(LONGEST).collect())
    }

    fn skip(&mut self) -> Result<(), Fault> {
        self.0.skip(DEEPEST).map(drop)
    }
}

/// Type and id of what a reference leads to, wherever that is; the reference itself where it says no type. What is contained
/// in the resource is known nowhere else.
fn target(reference: &str) -> &str {
    if reference.starts_with('#') {
        return "";
    }
    let reference = before(reference, &['?', '#']);
    let reference = reference.split(VERSION).next().unwrap_or_default();
    let mut ends = reference.rmatch_indices('/').map(|(at, _)| at);
    let (last, above) = (ends.next(), ends.next());
    let start = above.map_or(0, |above| above + 1);
    let is_type = |text: &str| text.starts_with(|first: char| first.is_ascii_uppercase());
    match last {
        Some(_) if is_type(&reference[start..]) => &reference[start..],
        _ => reference,
    }
}

fn before<'t>(text: &'t str, marks: &[char]) -> &'t str {
    text.split(marks).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> String {
        let resource = Resource::read(text.as_bytes()).expect("it begins as JSON does");
        resource.identity.control_id
    }

    fn about(text: &str) -> Option<String> {
        Resource::read(text.as_bytes()).expect(text).patient
    }

    #[test]
    fn resources_are_named_by_what_does_not_change() {
        let with = |meta: &str| {
            named(&format!(
                r#"{{"id": "e7", "meta": {{{meta}}}, "resourceType": "Encounter"}}"#
            ))
        };
        let (version, updated) = (
            r#""versionId": "2""#,
            r#""lastUpdated": "2026-11-22T12:00:00Z""#,
        );
        assert_eq!(with(""), "Encounter/e7");
        assert_eq!(with(version), "Encounter/e7/_history/2");
        assert_eq!(with(updated), "Encounter/e7@2026-11-22T12:00:00Z");
        assert_eq!(
            with(&format!("{updated}, {version}")),
            "Encounter/e7/_history/2"
        );
        assert_eq!(named(r#"{"resourceType": "Encounter"}"#), "");
        assert_eq!(named(r#"{"resourceType": 7, "id": "e7"}"#), "");
        // What cannot be a type is none, and what cannot be read says nothing more.
        assert_eq!(named(r#"{"resourceType": "9990000018", "id": "e"}"#), "");
        assert_eq!(
            named(r#"{"resourceType": "Patient", "id": "a", "#),
            "Patient/a"
        );
        assert_eq!(named("{"), "");
        assert_eq!(named(&"[".repeat(100_000)), "");
        let deep = format!(r#"{{"resourceType":"Basic","x":{}"#, "[".repeat(100_000));
        assert_eq!(named(&deep), "");
        assert_eq!(Resource::read(b"MSH|^~\\&|"), None);
        assert_eq!(Resource::read(b""), None);
    }

    #[test]
    fn the_time_is_that_of_the_bundle_or_of_the_last_change() {
        let made = |text: &str| {
            let resource = Resource::read(text.as_bytes()).expect("it begins as JSON does");
            resource.made.map(|time| time.to_string())
        };
        let bundle = r#"{"resourceType": "Bundle", "timestamp": "2026-11-22T12:00:00.5+01:00",
            "meta": {"lastUpdated": "2026-11-01T00:00:00Z"}}"#;
        assert_eq!(made(bundle).as_deref(), Some("2026-11-22T11:00:00.5Z"));
        let resource = r#"{"meta": {"lastUpdated": "2026-11-01T00:00:00Z"}}"#;
        assert_eq!(made(resource).as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(made(r#"{"meta": {"lastUpdated": "yesterday"}}"#), None);
    }

    #[test]
    fn whom_it_is_about_is_known_however_that_is_said() {
        let subject = |reference: &str| {
            about(&format!(
                r#"{{"resourceType": "Encounter", "subject": {{"reference": "{reference}"}}}}"#
            ))
        };
        for same in [
            "Patient/p1",
            "http://pas.example/fhir/Patient/p1",
            "Patient/p1/_history/4",
        ] {
            assert_eq!(subject(same).as_deref(), Some("Patient/p1"), "{same}");
        }
        assert_eq!(subject("urn:uuid:4").as_deref(), Some("urn:uuid:4"));
        assert_eq!(subject("#p1"), None);
        assert_eq!(subject(""), None);
        let patient = r#"{"resourceType": "Patient", "id": "p1"}"#;
        assert_eq!(about(patient).as_deref(), Some("Patient/p1"));
        let logical = r#"{"patient": {"identifier": {"system": "x", "value": "A12"}}}"#;
        assert_eq!(about(logical).as_deref(), Some("A12"));
        assert_eq!(about(r#"{"subject": "Patient/p1", "patient": []}"#), None);
        let bundle = format!(
            r#"{{"resourceType": "Bundle", "entry": [{{"fullUrl": "x"}}, {{"resource":
            {{"resourceType": "Encounter", "subject": {{"reference": "urn:uuid:4"}}}}}}, {{"resource": {patient}}}]}}"#
        );
        assert_eq!(about(&bundle).as_deref(), Some("Patient/p1"));
        let without = bundle.replace(patient, "{}");
        assert_eq!(about(&without).as_deref(), Some("urn:uuid:4"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_there_does_no_harm(text in r#"[\[{]["a-zA-Z0-9 :,{}\[\]\\#/]{0,60}"#) {
            assert!(Resource::read(text.as_bytes()).is_some());
        }
    }
}
