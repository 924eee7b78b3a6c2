//! A JSON object written field by field: what is written once for each finding, of which there can be millions.
//!
//! It gives the bytes that [`line::value`](crate::line::value) gives of the same fields.

use std::io;

use crate::escape::steers;
use crate::line;

/// The name of a field as it stands in an object. Names are letters and `_`, of which nothing is escaped.
macro_rules! name {
    ($name:literal) => {
        concat!("\"", $name, "\":").as_bytes()
    };
}
pub(crate) use name;

/// An object that is being written. Names of fields come from [`name!`].
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Goes on with an object that has fields.
    pub(crate) fn continued(out: &'o mut Vec<u8>) -> Self {
        Self { out, empty: false }
    }

    /// Ends it.
    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// A field that is an object itself.
    pub(crate) fn object(&mut self, name: &[u8]) -> Object<'_> {
        self.name(name);
        Object::new(self.out)
    }

    /// A field of text.
    pub(crate) fn text(&mut self, name: &[u8], text: &str) -> io::Result<()> {
        self.name(name);
        string(self.out, text)
    }

    /// A field of text whose name is not known beforehand.
    pub(crate) fn text_of(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.name(&[]);
        string(self.out, name)?;
        self.out.push(b':');
        string(self.out, text)
    }

    /// A field of text, or `null`.
    pub(crate) fn text_or_null(&mut self, name: &[u8], text: Option<&str>) -> io::Result<()> {
        self.name(name);
        string_or_null(self.out, text)
    }

    /// A field that is a number, or `null`.
    pub(crate) fn number_or_null(&mut self, name: &[u8], number: Option<u64>) {
        self.name(name);
        match number {
            Some(number) => digits(self.out, number),
            None => self.out.extend_from_slice(b"null"),
        }
    }

    /// A field that is `true` or `false`.
    pub(crate) fn truth(&mut self, name: &[u8], is: bool) {
        self.name(name);
        let word: &[u8] = if is { b"true" } else { b"false" };
        self.out.extend_from_slice(word);
    }

    /// A field whose value is written already.
    pub(crate) fn written(&mut self, name: &[u8], value: &[u8]) {
        self.name(name);
        self.out.extend_from_slice(value);
    }

    #[inline]
    fn name(&mut self, name: &[u8]) {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
        self.out.extend_from_slice(name);
    }
}

/// Writes a text as a string, or `null`.
pub(crate) fn string_or_null(out: &mut Vec<u8>, text: Option<&str>) -> io::Result<()> {
    if let Some(text) = text {
        return string(out, text);
    }
    out.extend_from_slice(b"null");
    Ok(())
}

/// Writes a text as a string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) -> io::Result<()> {
    if !stands_for_itself(text) {
        return line::value(out, &text);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

/// Whether nothing of a text is escaped.
fn stands_for_itself(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [b' '; 8];
    for (last, byte) in last.iter_mut().zip(rest) {
        *last = *byte;
    }
    let words = words.iter().chain([&last]);
    let found = words.fold(0, |found, word| found | marked(u64::from_le_bytes(*word)));
    found == 0 || found & ESCAPED == 0 && !steers(text)
}

/// The highest bit of each byte.
const WIDE: u64 = 0x8080_8080_8080_8080;
/// The lowest bit of each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// What [`marked`] says of a byte that is escaped.
const ESCAPED: u64 = ONES;

/// Marks a byte among eight: with its lowest bit when it is escaped, with its highest when it is 7F or beyond.
///
/// Bytes are looked at as <https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord> does it. Above an escaped byte
/// another may be marked in vain, and above FF one as wide.
#[inline]
fn marked(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let escaped = (control | zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c))) & WIDE;
    let wide = (word | word.wrapping_add(ONES)) & WIDE;
    escaped >> 7 | wide
}

/// Writes a number.
fn digits(out: &mut Vec<u8>, number: u64) {
    let mut text = [0; 20];
    let (mut at, mut rest) = (text.len(), number);
    // Two digits at a time, for each division waits for the one before.
    while rest >= 100 {
        at -= 2;
        let pair = (rest % 100) as u8;
        (text[at], text[at + 1]) = (b'0' + pair / 10, b'0' + pair % 10);
        rest /= 100;
    }
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_any_other_value_is() {
        let texts = [
            "",
            "plain",
            "seven b",
            "eight by",
            "eight by\t",
            "eight \u{1}y and more",
            "more than eight b\\y",
            "more than eight by\u{7f}",
            "more than eight bytes é\u{1f}!",
            "a \"b\" \\c",
            "line\nend\u{7f}",
            "Zoë 999•••••19",
            "\u{1b}[2J\u{9b}\u{202e}",
            "\u{10ffff}",
        ];
        for text in texts {
            for number in [0, 7, 10, 9_876_543_210, u64::MAX] {
                let mut out = Vec::new();
                let mut object = Object::new(&mut out);
                object.text(name!("t"), text).expect("memory");
                object.text_of(text, text).expect("memory");
                object.text_or_null(name!("v"), None).expect("memory");
                let some = Some(text);
                object.text_or_null(name!("u"), some).expect("memory");
                object.number_or_null(name!("n"), Some(number));
                object.number_or_null(name!("m"), None);
                object.truth(name!("yes"), number > 7);
                object.written(name!("w"), b"[]");
                object.object(name!("none")).end();
                object.end();
                let mut written = Vec::new();
                line::value(&mut written, &text).expect("memory");
                let text = String::from_utf8_lossy(&written);
                let yes = number > 7;
                let expected = format!(
                    "{{\"t\":{text},{text}:{text},\"v\":null,\"u\":{text},\"n\":{number},\"m\":null,\"yes\":{yes},\"w\":[],\"none\":{{}}}}",
                );
                assert_eq!(String::from_utf8_lossy(&out), expected);
            }
        }
    }
}
