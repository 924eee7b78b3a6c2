//! Resources of a reader: one a line, or one document over any number of lines. Which of both, its beginning says.

use std::io::{self, Read};

use concord_read::json::Reader;

/// Bytes that are asked for at a time.
const PIECE: usize = 64 << 10;
/// Objects and arrays inside one another in a line that is taken for a whole resource.
const DEEPEST: usize = 256;
/// The mark that some programs put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What an input holds, and what of it has been read to find out.
#[derive(Debug)]
pub(super) enum Beginning {
    /// Messages, or nothing that is known.
    Messages(Vec<u8>),
    /// Resources, one a line.
    Lines(Vec<u8>),
    /// One resource.
    Document(Vec<u8>),
}

/// Reads the beginning of an input called `name`, as far as it must be known: not more than a line and the beginning of the
/// next, so that what comes slowly is taken as it comes.
pub(super) fn beginning(
    reader: &mut impl Read,
    name: &str,
    largest: usize,
) -> io::Result<Beginning> {
    let mut first = Vec::new();
    loop {
        let ended = more(reader, &mut first)? == 0;
        if let Some(form) = form(&first, name, ended || first.len() > largest) {
            return Ok(match form {
                Form::Messages => Beginning::Messages(first),
                Form::Lines => Beginning::Lines(first),
                Form::Document => Beginning::Document(first),
            });
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Messages,
    Lines,
    Document,
}

/// What some bytes are the beginning of; `None` when more of them must be known, which there is unless they are `all`.
fn form(first: &[u8], name: &str, all: bool) -> Option<Form> {
    if first.len() < MARK.len() && MARK.starts_with(first) && !all {
        return None;
    }
    let text = first.strip_prefix(MARK).unwrap_or(first);
    let text = text.trim_ascii_start();
    match text.first() {
        Some(b'{' | b'[') => {}
        None if !all => return None,
        _ => return Some(Form::Messages),
    }
    let name = name.to_ascii_lowercase();
    if [".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end)) {
        return Some(Form::Lines);
    }
    let Some(end) = memchr::memchr(b'\n', text) else {
        // One line, or the beginning of one that is too large: behind it others may come.
        return all.then_some(Form::Lines);
    };
    let mut line = Reader::new(&text[..end], 0);
    if line.skip(DEEPEST).and_then(|_| line.end()).is_ok() {
        return Some(Form::Lines);
    }
    // A resource that is written over several lines goes on with something else than another one.
    match text[end..].trim_ascii_start().first() {
        Some(b'{') if end > 1 => Some(Form::Lines),
        None if !all => None,
        _ => Some(Form::Document),
    }
}

/// Reads a piece more, and says how large it was.
fn more(reader: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let filled = bytes.len();
    bytes.resize(filled + PIECE, 0);
    loop {
        match reader.read(&mut bytes[filled..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => {
                bytes.truncate(filled + *read.as_ref().unwrap_or(&0));
                return read;
            }
        }
    }
}

/// What was found in an input.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Resources.
    pub(super) resources: Vec<Vec<u8>>,
    /// How many were too large, and are left out.
    pub(super) too_large: usize,
}

/// Takes the one resource of an input that began with `first`.
pub(super) fn document(
    reader: &mut impl Read,
    first: Vec<u8>,
    largest: usize,
) -> io::Result<Found> {
    let mut bytes = without_mark(first);
    while bytes.len() <= largest && more(reader, &mut bytes)? > 0 {}
    let fits = bytes.len() <= largest;
    Ok(Found {
        resources: if fits { vec![bytes] } else { Vec::new() },
        too_large: usize::from(!fits),
    })
}

/// Takes the resources of an input that began with `first`, and hands them over as they come, until nobody wants more.
pub(super) fn lines(
    reader: &mut impl Read,
    first: Vec<u8>,
    largest: usize,
    mut give: impl FnMut(Found) -> bool,
) -> io::Result<()> {
    let mut bytes = without_mark(first);
    // Whether the beginning of the line was too large and is gone.
    let mut beyond = false;
    loop {
        let mut found = Found::default();
        let mut at = 0;
        while let Some(end) = memchr::memchr(b'\n', &bytes[at..]) {
            take(&bytes[at..at + end], largest, beyond, &mut found);
            beyond = false;
            at += end + 1;
        }
        bytes.drain(..at);
        if bytes.len() > largest {
            bytes.clear();
            found.too_large += usize::from(!beyond);
            beyond = true;
        }
        if found != Found::default() && !give(found) {
            return Ok(());
        }
        if more(reader, &mut bytes)? == 0 {
            let mut found = Found::default();
            take(&bytes, largest, beyond, &mut found);
            if found != Found::default() {
                give(found);
            }
            return Ok(());
        }
    }
}

fn take(line: &[u8], largest: usize, beyond: bool, found: &mut Found) {
    let line = line.trim_ascii();
    if line.is_empty() || beyond {
        return;
    }
    if line.len() > largest {
        found.too_large += 1;
    } else {
        found.resources.push(line.to_vec());
    }
}

fn without_mark(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.strip_prefix(MARK) {
        Some(rest) => rest.to_vec(),
        None => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn all(bytes: &[u8], name: &str, largest: usize, step: usize) -> (Form, Found) {
        let mut reader = Slow(bytes, step);
        let mut found = Found::default();
        let form = match beginning(&mut reader, name, largest).expect("bytes can be read") {
            Beginning::Messages(_) => Form::Messages,
            Beginning::Document(first) => {
                found = document(&mut reader, first, largest).expect("bytes can be read");
                Form::Document
            }
            Beginning::Lines(first) => {
                let give = |more: Found| {
                    found.resources.extend(more.resources);
                    found.too_large += more.too_large;
                    true
                };
                lines(&mut reader, first, largest, give).expect("bytes can be read");
                Form::Lines
            }
        };
        (form, found)
    }

    #[track_caller]
    fn is(bytes: &str, name: &str, form: Form, resources: &[&str], too_large: usize) {
        for step in [1, 2, 3, 7, 1_000] {
            let (found_form, found) = all(bytes.as_bytes(), name, 20, step);
            let texts: Vec<String> = found
                .resources
                .into_iter()
                .map(|bytes| String::from_utf8(bytes).expect("it was text"))
                .collect();
            assert_eq!(found_form, form, "{bytes:?} in steps of {step}");
            assert_eq!(texts, resources, "{bytes:?} in steps of {step}");
            assert_eq!(found.too_large, too_large, "{bytes:?} in steps of {step}");
        }
    }

    #[test]
    fn lines_are_told_from_documents_and_messages() {
        let (lines, document) = (Form::Lines, Form::Document);
        is(
            "{\"a\":1}\n{\"a\":2}\n",
            "-",
            lines,
            &["{\"a\":1}", "{\"a\":2}"],
            0,
        );
        is(
            "\u{feff}{\"a\":1}\n\n {}",
            "-",
            lines,
            &["{\"a\":1}", "{}"],
            0,
        );
        is(
            "{\n \"a\": 1\n}\n",
            "-",
            document,
            &["{\n \"a\": 1\n}\n"],
            0,
        );
        is("\u{feff}{\"a\":1}", "-", lines, &["{\"a\":1}"], 0);
        // The first line is no resource, and the second begins as one.
        is("{\"a\n{\"b\":1}\n", "-", lines, &["{\"a", "{\"b\":1}"], 0);
        is("{\n}", "a.NDJSON", lines, &["{", "}"], 0);
        is("{\n{\n", "-", document, &["{\n{\n"], 0);
        for none in ["", " \n", "MSH|^~\\&|", "\u{feff}MSH|", "\u{b}MSH"] {
            is(none, "a.json", Form::Messages, &[], 0);
        }
    }

    #[test]
    fn what_is_too_large_is_left_out_and_counted_once() {
        let large = format!("{{\"a\": \"{}\"}}", "x".repeat(300));
        is(
            &format!("{{}}\n{large}\n{{}}\n"),
            "-",
            Form::Lines,
            &["{}", "{}"],
            1,
        );
        is(&format!("{{}}\n{large}"), "-", Form::Lines, &["{}"], 1);
        is(&large.replace(' ', "\n"), "-", Form::Document, &[], 1);
        is(&format!("{large}\n{{}}"), "-", Form::Lines, &["{}"], 1);
    }
}
