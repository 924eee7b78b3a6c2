//! The beginning of a document: XML declaration, root element, and everything before the first record.

use std::sync::Arc;

use concord_finding::{Fact, FileSummary, Verdict};

use crate::catalogue::BuiltinRule;
use crate::exact::{Ended, Exact, Root};
use crate::lexical;
use crate::output::Output;
use crate::paths::tag_end;
use crate::plan::Plan;

/// What stands before the first record.
#[derive(Debug)]
pub(crate) struct Head {
    /// The root element; without one nothing can be checked.
    pub(crate) root: Option<Root>,
    /// Where the records begin.
    pub(crate) end: usize,
    /// Findings and values of the head.
    pub(crate) out: Output,
    /// Whether it is not well-formed, from before [`Head::end`] on.
    pub(crate) fatal: bool,
    /// Whether the bytes end before the head does: with more of them it should be read again.
    pub(crate) unfinished: bool,
}

/// The root element's start tag, as far as it tells which standard a document follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootTag {
    /// Local name.
    pub local: String,
    /// Namespace, empty for none.
    pub namespace: String,
    /// Attributes without prefix, in their order.
    pub attributes: Vec<(String, String)>,
}

/// Reads the root element's start tag out of the first bytes of a document.
///
/// `None` when there is no complete start tag in them; checking then says what there is instead.
pub fn root_tag(bytes: &[u8]) -> Option<RootTag> {
    match written_root(bytes) {
        WrittenRoot::Here(tag) => read_root(tag),
        WrittenRoot::Further | WrittenRoot::None => None,
    }
}

/// Whether a document begins with these bytes whose root element's start tag ends behind them.
pub fn root_is_further_on(bytes: &[u8]) -> bool {
    matches!(written_root(bytes), WrittenRoot::Further)
}

/// Where the root element's start tag is.
enum WrittenRoot<'t> {
    /// Here, without `<` and `>`.
    Here(&'t str),
    /// Behind what was looked at, or it ends there.
    Further,
    /// It is no document, or none that is read.
    None,
}

fn written_root(bytes: &[u8]) -> WrittenRoot<'_> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut rest = text.trim_start_matches('\u{FEFF}');
    if !rest.trim_start().starts_with('<') {
        return WrittenRoot::None;
    }
    while let Some(open) = rest.find('<') {
        rest = &rest[open..];
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!") {
            return WrittenRoot::None;
        } else {
            return match tag_end(rest.as_bytes()) {
                Some(close) => WrittenRoot::Here(&rest[1..close]),
                None => WrittenRoot::Further,
            };
        };
        let Some(close) = rest.find(end) else {
            return WrittenRoot::Further;
        };
        rest = &rest[close + end.len()..];
    }
    WrittenRoot::Further
}

fn read_root(tag: &str) -> Option<RootTag> {
    let tag = tag.strip_suffix('/').unwrap_or(tag);
    let name_end = tag.bytes().position(lexical::is_space).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at(name_end);
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let declaration = match prefix {
        "" => "xmlns".to_owned(),
        prefix => format!("xmlns:{prefix}"),
    };
    let mut root = RootTag {
        local: local.to_owned(),
        namespace: String::new(),
        attributes: Vec::new(),
    };
    for attribute in lexical::attributes(attributes, 256).ok()? {
        let value = lexical::decode_attribute(attribute.value)
            .ok()?
            .into_owned();
        if attribute.name == declaration {
            root.namespace = value;
        } else if !attribute.name.contains(':') && attribute.name != "xmlns" {
            root.attributes.push((attribute.name.to_owned(), value));
        }
    }
    Some(root)
}

/// Reads the head out of the first chunk; `last` says that the chunk is the whole document.
pub(crate) fn read(plan: &Plan, file: &Arc<str>, bytes: &[u8], last: bool) -> Head {
    read_until(plan, file, bytes, last, usize::MAX)
}

/// As [`read`], but not beyond `stop`.
fn read_until(plan: &Plan, file: &Arc<str>, bytes: &[u8], last: bool, stop: usize) -> Head {
    let mut head = Head {
        root: None,
        end: 0,
        out: Output::new(plan),
        fatal: true,
        unfinished: false,
    };
    // A head that is not UTF-8 is read as far as it is.
    let (text, broken) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = error.valid_up_to();
            let cut_off = error.error_len().is_none() && !last;
            let text = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
            (text, (!cut_off).then_some(valid))
        }
    };
    let mut at = 0;
    if !not_xml(plan, file, text, broken.is_some(), &mut head.out) {
        head.unfinished = !last && broken.is_none() && text.bytes().all(lexical::is_space);
        return head;
    }
    match declaration(text) {
        Ok(end) => at = end.unwrap_or(at),
        Err(_) if !text.contains("?>") => {
            head.unfinished = !last && broken.is_none();
            let draft = head
                .out
                .draft(file, plan, BuiltinRule::Truncated, text.len(), 0);
            head.out.drafts[draft].plain("parent", "the XML declaration");
            return head;
        }
        Err(malformed) => {
            let draft = head
                .out
                .draft(file, plan, BuiltinRule::NotWellFormed, malformed.offset, 0);
            head.out.drafts[draft].plain("reason", malformed.reason);
            return head;
        }
    }
    loop {
        let mut exact = Exact::new(plan, head.root.as_ref(), file, text, &mut head.out);
        // With a broken character further on, the text ends before the document does.
        let ended = exact.read(at, last && broken.is_none());
        let opened = exact.opened.take();
        if let Some(record) = head.out.records.first() {
            // A record by another name, or one without a start tag: it is counted with those that follow.
            let begins = record.start as usize;
            return read_until(plan, file, bytes, last, begins);
        }
        match ended {
            // Nothing was taken over, so nothing is handed back.
            Ended::At(end) | Ended::HandBack(end) => at = end,
            Ended::Unfinished => {
                head.unfinished = !last && broken.is_none();
                unfinished(plan, file, &mut head, at, broken);
                return head;
            }
            Ended::Fatal(offset) => {
                // Records may follow. What is well-formed before this has been read, and is not read again.
                head.end = (offset + 1).min(bytes.len());
                while !text.is_char_boundary(head.end.min(text.len())) {
                    head.end += 1;
                }
                return head;
            }
        }
        if let Some(root) = opened {
            head.root = Some(root);
        }
        if head.root.is_some() {
            head.end = at;
            if at >= stop {
                head.fatal = false;
                return head;
            }
            let next = next_name(&text[at..]);
            head.unfinished = next.is_none() && !last && broken.is_none();
            // With an end tag whose start tag is lost, what stands before it is one mistake.
            let strays = head.out.strays.is_some();
            let ends = next.is_none_or(|name| match name.strip_prefix('/') {
                Some(name) => !strays || head.root.as_ref().is_some_and(|root| *root.name == *name),
                None => plan.is_record(name.rsplit(':').next().unwrap_or(name)),
            });
            if ends {
                head.fatal = false;
                return head;
            }
        } else if at >= text.len() {
            head.unfinished = !last && broken.is_none();
            head.out.draft(file, plan, BuiltinRule::Empty, at, 0);
            return head;
        }
    }
}

fn unfinished(plan: &Plan, file: &Arc<str>, head: &mut Head, at: usize, broken: Option<usize>) {
    if head.root.is_some() {
        // What begins before the first record and does not end in the first chunk is read with the chunks.
        head.end = at;
        head.fatal = false;
    } else if let Some(offset) = broken {
        let draft = head.out.draft(file, plan, BuiltinRule::Encoding, offset, 1);
        head.out.drafts[draft].plain("reason", encoding_reason());
    } else {
        let draft = head.out.draft(file, plan, BuiltinRule::RecordSize, at, 0);
        head.out.drafts[draft].finding.expected =
            Some(Fact::Number(plan.limits.record_size as u64));
    }
}

/// The account of an input of which nothing but its beginning could be looked at.
pub(crate) fn no_account(
    file: &Arc<str>,
    plan: &Plan,
    size: Option<u64>,
    bytes: u64,
    unreadable: Option<String>,
) -> FileSummary {
    let verdict = if unreadable.is_some() {
        Verdict::Unreadable
    } else {
        Verdict::Rejected
    };
    FileSummary {
        standard: plan.standard.as_deref().map(str::to_owned),
        size,
        bytes,
        unreadable,
        ..FileSummary::without_records(&**file, verdict)
    }
}

/// What is said of bytes that are not UTF-8.
pub(crate) fn encoding_reason() -> String {
    "these bytes are not UTF-8, which the file says or is taken to be in".to_owned()
}

/// The name of the next tag, with `/` before that of an end tag; `None` at the end.
fn next_name(text: &str) -> Option<&str> {
    let open = text.find('<')?;
    let rest = &text[open + 1..];
    let end = rest
        .bytes()
        .skip(1)
        .position(|byte| lexical::is_space(byte) || matches!(byte, b'>' | b'/'))?;
    Some(&rest[..=end])
}

/// Whether the text begins as XML does; otherwise makes the finding.
fn not_xml(plan: &Plan, file: &Arc<str>, text: &str, broken: bool, out: &mut Output) -> bool {
    let trimmed = text.trim_start_matches([' ', '\t', '\r', '\n']);
    let offset = text.len() - trimmed.len();
    let Some(first) = trimmed.chars().next() else {
        let rule = if broken {
            BuiltinRule::Encoding
        } else {
            BuiltinRule::Empty
        };
        let draft = out.draft(file, plan, rule, offset, 0);
        if broken {
            out.drafts[draft].plain("reason", encoding_reason());
        }
        return false;
    };
    if first == '<' {
        return true;
    }
    let draft = out.draft(file, plan, BuiltinRule::NotXml, offset, 0);
    out.drafts[draft].plain("found", looks_like(first, trimmed));
    false
}

/// What a text that does not begin with `<` seems to be.
fn looks_like(first: char, text: &str) -> &'static str {
    let line = text.lines().next().unwrap_or_default();
    let cells = |delimiter| line.matches(delimiter).count() >= 2;
    match first {
        '{' | '[' => "JSON",
        'U' if text.starts_with("UNA") || text.starts_with("UNB+") => "an EDIFACT interchange",
        'M' if text.starts_with("MSH|") => "an HL7 v2 message",
        'P' if text.starts_with("PK") => "a zip archive",
        '%' if text.starts_with("%PDF") => "a PDF document",
        '#' if line.starts_with("# ") => "Markdown",
        _ if cells('|') => "text in columns, set apart by |",
        _ if cells('\t') => "text in columns, set apart by tabs",
        _ if cells(',') || cells(';') => "CSV",
        _ => "plain text",
    }
}

/// Reads the XML declaration and returns where it ends. XML 1.0, 2.8.
fn declaration(text: &str) -> Result<Option<usize>, lexical::Malformed> {
    let malformed = |offset, reason: &'static str| lexical::Malformed {
        offset,
        reason: reason.into(),
    };
    let Some(rest) = text.strip_prefix("<?xml") else {
        return Ok(None);
    };
    if !rest.bytes().next().is_some_and(lexical::is_space) {
        return Ok(None);
    }
    let Some(end) = rest.find("?>") else {
        return Err(malformed(0, "the XML declaration does not end"));
    };
    let attributes = lexical::attributes(&rest[..end], 3)
        .map_err(|_| malformed(0, "this is not an XML declaration"))?;
    let order = ["version", "encoding", "standalone"];
    let mut least = 0;
    for (index, attribute) in attributes.iter().enumerate() {
        let place = order.iter().position(|name| *name == attribute.name);
        let value = attribute.value;
        let right = match attribute.name {
            "version" => value.strip_prefix("1.").is_some_and(|minor| {
                !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
            }),
            "encoding" => {
                value
                    .bytes()
                    .next()
                    .is_some_and(|byte| byte.is_ascii_alphabetic())
                    && value.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
                    })
            }
            "standalone" => matches!(value, "yes" | "no"),
            _ => false,
        };
        match place {
            Some(place) if right && place >= least && (index > 0 || place == 0) => {
                least = place + 1;
            }
            _ => {
                return Err(malformed(
                    5 + attribute.offset,
                    "this does not belong into an XML declaration",
                ));
            }
        }
    }
    if attributes.is_empty() {
        return Err(malformed(0, "the XML declaration has no version"));
    }
    Ok(Some(5 + end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_tag_is_found() {
        let root = root_tag(
            b"<?xml version='1.0'?><!-- > --><c:A xmlns:c='urn:x' Version=\"6-3-1\" c:other='1'>",
        )
        .expect("there is one");
        assert_eq!(
            (root.local.as_str(), root.namespace.as_str()),
            ("A", "urn:x")
        );
        assert_eq!(
            root.attributes,
            [("Version".to_owned(), "6-3-1".to_owned())]
        );
        assert_eq!(root_tag(b"{\"a\": 1}"), None);
        assert_eq!(root_tag(b"# A page\n\nWith <b>a tag</b> in it.\n"), None);
        assert_eq!(
            root_tag("\u{FEFF} <a/>".as_bytes()).map(|root| root.local),
            Some("a".to_owned())
        );
        assert_eq!(root_tag(b"<!DOCTYPE a><a/>"), None);
        assert_eq!(root_tag(b"<a "), None);
        let quoted = root_tag(b"<a note='1 > 0 \"' Version='2'>").expect("there is one");
        assert_eq!(quoted.attributes.len(), 2);
    }

    #[test]
    fn a_root_may_be_further_on() {
        for text in [
            "<?xml version='1.0'?> <!-- ",
            "<!-- x --> ",
            "<a b='>",
            "<a",
        ] {
            assert!(root_is_further_on(text.as_bytes()), "{text}");
        }
        for text in ["<a>", "", "a,b", "{", "<!DOCTYPE a", "<!-- x --><a/>"] {
            assert!(!root_is_further_on(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn other_carriers_are_named() {
        for (text, expected) in [
            ("{\"resourceType\": 1}", "JSON"),
            ("MSH|^~\\&|A", "an HL7 v2 message"),
            ("UNB+UNOA:1+A", "an EDIFACT interchange"),
            ("a,b,c\n1,2,3", "CSV"),
            ("a|b|c", "text in columns, set apart by |"),
            ("# Title\n<a>", "Markdown"),
            ("UNDER", "plain text"),
        ] {
            let first = text.chars().next().expect("a character");
            assert_eq!(looks_like(first, text), expected, "{text}");
        }
    }

    #[test]
    fn declarations() {
        assert_eq!(declaration("<a/>"), Ok(None));
        assert_eq!(declaration("<?xml-stylesheet?>"), Ok(None));
        assert_eq!(
            declaration("<?xml version='1.0' encoding='UTF-8'?><a/>"),
            Ok(Some(38))
        );
        for bad in [
            "<?xml ?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='2.0'?>",
            "<?xml version='1.0' x='1'?>",
            "<?xml version='1.0' standalone='maybe'?>",
            "<?xml version='1.0' standalone='no' encoding='UTF-8'?>",
        ] {
            assert!(declaration(bad).is_err(), "{bad}");
        }
    }
}
