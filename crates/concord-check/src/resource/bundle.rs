//! Entries of a bundle, their addresses, and references between them (FHIR R4, 2.36: bdl-1 to bdl-12).

use std::collections::BTreeSet;

use concord_read::json::Span;

use super::plan::{Hook, Part};
use super::target;
use super::walk::Walker;
use crate::catalogue::BuiltinRule;

/// A bundle that is open.
#[derive(Debug)]
pub(super) struct Bundle {
    start: usize,
    /// What kind of bundle it says it is.
    kind: String,
    /// Parts of the bundle itself that are there, a bit each.
    parts: u8,
    entries: Vec<Entry>,
    /// Whether the last entry is open.
    open: bool,
    /// References in it that lead out of their resource: to what, where, and in which record.
    references: Vec<(String, Span, Option<u32>)>,
}

/// An entry of a bundle.
#[derive(Debug, Default)]
struct Entry {
    start: usize,
    record: Option<u32>,
    address: Option<(String, Span)>,
    parts: u8,
    /// Name, id and version of its resource.
    resource: Option<(String, Option<String>, Option<String>)>,
    /// Whether a resource stands in it, known or not.
    holds: bool,
}

impl Bundle {
    pub(super) fn new(start: usize) -> Self {
        Self {
            start,
            kind: String::new(),
            parts: 0,
            entries: Vec::new(),
            open: false,
            references: Vec::new(),
        }
    }

    /// A part of the bundle, or of its entry that is open, is there.
    pub(super) fn part(&mut self, part: Part) {
        match self.entries.last_mut() {
            Some(entry) if self.open => entry.parts |= part as u8,
            _ => self.parts |= part as u8,
        }
    }

    /// Takes a value that says something of the bundle, or of its entry that is open.
    pub(super) fn take(&mut self, hook: Hook, written: &str, span: Span) {
        match (hook, self.entries.last_mut()) {
            (Hook::BundleType, _) => written.clone_into(&mut self.kind),
            (Hook::FullUrl, Some(entry)) => entry.address = Some((written.to_owned(), span)),
            (Hook::Part(part), _) => self.part(part),
            _ => {}
        }
    }

    /// Its entry holds a resource of which nothing is known yet.
    pub(super) fn fills(&mut self) {
        if let Some(entry) = self.entries.last_mut() {
            entry.holds = true;
        }
    }

    /// What the resource of its entry is.
    pub(super) fn holds(&mut self, name: String, id: Option<String>, version: Option<String>) {
        if let Some(entry) = self.entries.last_mut() {
            entry.resource = Some((name, id, version));
        }
    }

    /// Something in it refers to what is not contained in the same resource.
    pub(super) fn refers(&mut self, to: &str, span: Span, record: Option<u32>) {
        self.references.push((to.to_owned(), span, record));
    }
}

/// What a kind of bundle wants of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Must,
    May,
    MustNot,
}

impl Wants {
    fn of(must: bool) -> Self {
        if must { Self::Must } else { Self::MustNot }
    }

    /// What is wanted of something that releases before R4 allow where that asks for it.
    fn since_r4(must: bool, r4: bool) -> Self {
        match Self::of(must) {
            Self::Must if !r4 => Self::May,
            wants => wants,
        }
    }

    fn broken(self, there: bool) -> Option<&'static str> {
        match (self, there) {
            (Self::Must, false) => Some("must have"),
            (Self::MustNot, true) => Some("must not have"),
            _ => None,
        }
    }
}

impl Walker<'_> {
    /// Whether each entry of the bundle that is open is a record.
    pub(super) fn is_record_of_its_own(&self) -> bool {
        self.bundles.len() == 1 && self.counts_entries()
    }

    pub(super) fn begin_entry(&mut self) {
        let start = self.reader.at();
        if self.is_record_of_its_own() {
            self.record(start);
        }
        let record = self.found.record;
        if let Some(bundle) = self.bundles.last_mut() {
            bundle.open = true;
            bundle.entries.push(Entry {
                start,
                record,
                ..Entry::default()
            });
        }
    }

    pub(super) fn end_entry(&mut self) {
        if self.is_record_of_its_own() {
            self.found.record = None;
        }
        if let Some(bundle) = self.bundles.last_mut() {
            bundle.open = false;
        }
    }

    /// What is wrong with a bundle that has ended.
    pub(super) fn end_bundle(&mut self, bundle: &Bundle) {
        self.parts_of_bundle(bundle);
        self.parts_of_entries(bundle);
        self.addresses(bundle);
        self.unresolved(bundle);
    }

    /// bdl-1, bdl-9 to bdl-12.
    fn parts_of_bundle(&mut self, bundle: &Bundle) {
        let kind = &*bundle.kind;
        if kind.is_empty() {
            return;
        }
        let has = |part: Part| bundle.parts & part as u8 != 0;
        let counts = matches!(kind, "searchset" | "history");
        let document = kind == "document";
        for (part, name, wants) in [
            (
                Part::Total,
                "total",
                if counts { Wants::May } else { Wants::MustNot },
            ),
            (
                Part::Identifier,
                "identifier",
                if document { Wants::Must } else { Wants::May },
            ),
            (
                Part::Timestamp,
                "timestamp",
                if document && self.plan.dated_bundles {
                    Wants::Must
                } else {
                    Wants::May
                },
            ),
        ] {
            if let Some(broken) = wants.broken(has(part)) {
                let reason = format!("a bundle of type {kind} {broken} {name}");
                self.wrong_entry(
                    bundle.start,
                    self.found.record,
                    &reason,
                    "total is for searchset and history; a document has identifier and timestamp",
                );
            }
        }
        let first = match kind {
            "document" => "Composition",
            "message" => "MessageHeader",
            _ => return,
        };
        let entry = bundle.entries.first();
        let found = entry.and_then(|entry| entry.resource.as_ref());
        if found.is_none_or(|(name, ..)| name != first) {
            let (start, record) = entry.map_or((bundle.start, self.found.record), |entry| {
                (entry.start, entry.record)
            });
            let reason = format!("a bundle of type {kind} must begin with a {first}");
            self.wrong_entry(start, record, &reason, "put it first");
        }
    }

    /// bdl-2 to bdl-5.
    fn parts_of_entries(&mut self, bundle: &Bundle) {
        let kind = &*bundle.kind;
        let asks = matches!(kind, "batch" | "transaction" | "history");
        let answers = matches!(kind, "batch-response" | "transaction-response" | "history");
        let searches = kind == "searchset";
        let r4 = self.plan.dated_bundles;
        for entry in &bundle.entries {
            let has = |part: Part| entry.parts & part as u8 != 0;
            if !kind.is_empty() {
                for (part, name, wants) in [
                    (Part::Request, "request", Wants::since_r4(asks, r4)),
                    (Part::Response, "response", Wants::since_r4(answers, r4)),
                    (
                        Part::Search,
                        "search",
                        if searches { Wants::May } else { Wants::MustNot },
                    ),
                ] {
                    if let Some(broken) = wants.broken(has(part)) {
                        let reason = format!("an entry of a bundle of type {kind} {broken} {name}");
                        self.wrong_entry(entry.start, entry.record, &reason, "request: batch, transaction, history; response: their answers, history; search: searchset");
                    }
                }
            }
            if !entry.holds && !has(Part::Request) && !has(Part::Response) {
                self.wrong_entry(
                    entry.start,
                    entry.record,
                    "an entry has neither a resource nor a request or response",
                    "take it out, or put in what is missing",
                );
            }
        }
    }

    fn wrong_entry(&mut self, start: usize, record: Option<u32>, reason: &str, hint: &str) {
        self.wrong_of(
            BuiltinRule::BundleEntry,
            Span {
                start,
                end: start + 1,
            },
            record,
            reason,
            hint,
        );
    }

    fn wrong_of(
        &mut self,
        rule: BuiltinRule,
        span: Span,
        record: Option<u32>,
        reason: &str,
        hint: &str,
    ) {
        self.found
            .tell_of(self.teller, rule, span, record)
            .plain("reason", reason)
            .plain("hint", hint);
    }

    /// bdl-7, bdl-8, and that an address and an id agree.
    fn addresses(&mut self, bundle: &Bundle) {
        let mut known = BTreeSet::new();
        for entry in &bundle.entries {
            let Some((url, span)) = &entry.address else {
                continue;
            };
            let version = entry
                .resource
                .as_ref()
                .and_then(|(.., version)| version.as_deref());
            let rule = BuiltinRule::BundleAddress;
            if bundle.kind != "history" && !known.insert((url.as_str(), version)) {
                self.wrong_of(
                    rule,
                    *span,
                    entry.record,
                    "two entries have the same full URL",
                    "one resource stands in a bundle once, unless its versions differ",
                );
            }
            if url.contains("/_history/") {
                self.wrong_of(
                    rule,
                    *span,
                    entry.record,
                    "a full URL names a version",
                    "the full URL of a resource has no version; meta.versionId says it",
                );
            }
            if !is_absolute(url) {
                self.wrong_of(
                    rule,
                    *span,
                    entry.record,
                    "a full URL is not absolute",
                    "it begins with its scheme: https://, urn:uuid:",
                );
                continue;
            }
            let Some((name, Some(id), _)) = &entry.resource else {
                continue;
            };
            if (url.starts_with("http://") || url.starts_with("https://"))
                && let Some((of, last)) = target::address(url)
                && self.plan.resource(of).is_some()
                && (of != name || last != id)
            {
                self.wrong_of(
                    rule,
                    *span,
                    entry.record,
                    "a full URL and the resource say two things: type and id differ",
                    "a full URL ends with the type and the id of the resource, or is a URN",
                );
            }
        }
    }

    /// URNs that are references have to be found in the bundle, for nothing else says what they are.
    fn unresolved(&mut self, bundle: &Bundle) {
        let addresses = bundle
            .entries
            .iter()
            .filter_map(|entry| entry.address.as_ref());
        let addresses: BTreeSet<&str> = addresses.map(|(url, _)| url.as_str()).collect();
        for (to, span, record) in &bundle.references {
            let whole = to.split('#').next().unwrap_or(to);
            let urn = whole.starts_with("urn:uuid:") || whole.starts_with("urn:oid:");
            if urn && !addresses.contains(whole) {
                self.wrong_of(
                    BuiltinRule::ReferenceUnresolved,
                    *span,
                    *record,
                    "no entry of the bundle has the full URL that this reference names",
                    "what is referred to by a URN stands in the same bundle",
                );
            }
        }
    }
}

/// Whether a URI begins with a scheme (RFC 3986, 3.1).
fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}
