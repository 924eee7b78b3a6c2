//! What resources hold as bytes: the content of a `Binary`, the data of an attachment.
//!
//! Bytes that are resources themselves, of whatever release, are records of their own; who reads files opens them ([`open`])
//! and has them checked. Of others, a letter as PDF for instance, it is told what they are, how many and which: their SHA-256
//! digest tells them from others, and says nothing of what is in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::hexadecimal::hexadecimal;

/// How deep resources are opened in one another.
pub const DEEPEST: usize = 4;
/// Most bytes that are opened of one resource.
pub const MOST: usize = 64 << 20;

/// Media types that resources have, and those under which they may be found.
const MEDIA: [&str; 8] = [
    "application/fhir+json",
    "application/fhir+xml",
    "application/json+fhir",
    "application/xml+fhir",
    "application/json",
    "application/xml",
    "text/json",
    "text/xml",
];

/// A resource that another one holds as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// Where it stands: `Bundle.entry[2].resource`.
    pub path: String,
    /// JSON or XML.
    pub bytes: Vec<u8>,
}

/// Takes the resources that a resource holds as bytes out of it, in their order. What is no resource stays, and so does what is
/// no base64, or larger than [`MOST`].
pub fn open(resource: &mut Value) -> Vec<Enclosed> {
    let kind = resource.get("resourceType").and_then(Value::as_str);
    let path = kind.unwrap_or("resource").to_owned();
    let mut out = Vec::new();
    walk(resource, &path, &mut out);
    out
}

/// Goes through a value; how deep it is, its reader limits.
fn walk(value: &mut Value, path: &str, out: &mut Vec<Enclosed>) {
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{path}[{number}]"), out);
            }
        }
        Value::Object(members) => {
            if let Some(bytes) = resource_of(members) {
                members.retain(|name, _| !is_about_bytes(name));
                let path = path.to_owned();
                out.push(Enclosed { path, bytes });
                return;
            }
            for (name, inner) in members {
                if !inner.is_string() {
                    walk(inner, &format!("{path}.{name}"), out);
                }
            }
        }
        _ => {}
    }
}

/// Whether an element of a `Binary` or an attachment only says what its bytes are. R4 calls them `data`, STU3 `content`.
fn is_about_bytes(name: &str) -> bool {
    matches!(name, "data" | "content" | "contentType" | "size" | "hash")
}

/// The bytes that a `Binary` or an attachment has, as base64.
fn bytes_of(members: &Map<String, Value>) -> Option<&str> {
    let text = |name| members.get(name).and_then(Value::as_str);
    text("contentType")?;
    text("data").or_else(|| text("content"))
}

/// The media type of a content type, without its parameters.
fn media(members: &Map<String, Value>) -> String {
    let kind = members.get("contentType").and_then(Value::as_str);
    let media = kind.and_then(|kind| kind.split(';').next());
    media.unwrap_or_default().trim().to_ascii_lowercase()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    if text.len() / 4 * 3 > MOST {
        return None;
    }
    let mut plain = text.as_bytes().to_vec();
    plain.retain(|byte| !byte.is_ascii_whitespace());
    STANDARD.decode(plain).ok()
}

fn resource_of(members: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = bytes_of(members)?;
    if !MEDIA.contains(&&*media(members)) {
        return None;
    }
    decoded(text).filter(|bytes| looks_like_resource(bytes))
}

/// Whether bytes are an object that names its type, or XML of the namespace of FHIR.
fn looks_like_resource(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let holds = |wanted: &[u8]| memchr::memmem::find(bytes, wanted).is_some();
    match bytes.trim_ascii_start().first() {
        Some(b'{') => holds(b"\"resourceType\""),
        Some(b'<') => holds(b"\"http://hl7.org/fhir\"") || holds(b"'http://hl7.org/fhir'"),
        _ => false,
    }
}

/// What is told of bytes that are not opened: `application/pdf, 12345 bytes, SHA-256 …`.
pub(super) fn told(members: &Map<String, Value>) -> Option<String> {
    let text = bytes_of(members)?;
    let media = media(members);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+.-".contains(&byte);
    let media = if media.len() < 60 && media.bytes().all(plain) {
        media
    } else {
        "of an unusual type".to_owned()
    };
    Some(match decoded(text) {
        Some(bytes) => {
            let digest = hexadecimal(&Sha256::digest(&bytes));
            format!("{media}, {} bytes, SHA-256 {digest}", bytes.len())
        }
        None if text.len() / 4 * 3 > MOST => format!("{media}, more than {} MB", MOST >> 20),
        None => format!("{media}, no base64"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_are_opened_and_others_told() {
        let patient = STANDARD.encode(r#"{"resourceType": "Patient"}"#);
        let letter = STANDARD.encode("%PDF-1.4");
        let mut bundle = json!({"resourceType": "Bundle", "entry": [
            {"resource": {"resourceType": "Binary", "contentType": "application/fhir+json; fhirVersion=3.0", "content": patient}},
            {"resource": {"resourceType": "Binary", "contentType": "application/pdf", "data": letter}},
            {"resource": {"resourceType": "DocumentReference", "content": [
                {"attachment": {"contentType": "text/json", "data": format!("{patient}\n"), "title": "A"}},
                {"attachment": {"contentType": "application/json", "data": STANDARD.encode("[1]")}},
            ]}},
        ]});
        let opened = open(&mut bundle);
        let paths: Vec<&str> = opened.iter().map(|one| one.path.as_str()).collect();
        let expected = [
            "Bundle.entry[0].resource",
            "Bundle.entry[2].resource.content[0].attachment",
        ];
        assert_eq!(paths, expected);
        assert_eq!(opened[1].bytes, br#"{"resourceType": "Patient"}"#);
        assert_eq!(
            bundle["entry"][0]["resource"],
            json!({"resourceType": "Binary"})
        );
        assert_eq!(
            bundle["entry"][2]["resource"]["content"][0]["attachment"],
            json!({"title": "A"})
        );
        let members = bundle["entry"][1]["resource"]
            .as_object()
            .expect("an object");
        // As `printf '%%PDF-1.4' | sha256sum` says.
        let expected = "application/pdf, 8 bytes, SHA-256 e16fa5d9b51928755db85b917f0297babaf22c7a47e97d9212adab56e61ba04e";
        assert_eq!(told(members).as_deref(), Some(expected));
        assert!(open(&mut bundle).is_empty());
    }

    #[test]
    fn what_cannot_be_opened_stays() {
        let bad = json!({"resourceType": "Binary", "contentType": "text/xml", "data": "<a/>"});
        let mut same = bad.clone();
        assert!(open(&mut same).is_empty());
        assert_eq!(same, bad);
        assert_eq!(
            told(bad.as_object().expect("an object")).as_deref(),
            Some("text/xml, no base64")
        );
        let odd = json!({"contentType": "Mr Smith of Leeds", "data": ""});
        let told = told(odd.as_object().expect("an object")).expect("it has bytes");
        assert!(told.starts_with("of an unusual type, 0 bytes"), "{told}");
    }
}
